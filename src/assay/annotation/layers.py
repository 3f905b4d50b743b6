"""The layers of the annotation table and the states of an item. Codes are stored; order is fixed for ever."""

from __future__ import annotations

from enum import IntEnum


class Layer(IntEnum):
    """Where in the life of a label an annotation was made."""

    PRELABEL = 0
    FIRST_PASS = 1
    SELF_CHECK = 2
    REVIEW = 3
    ADJUDICATION = 4
    FINAL = 5
    GOLD = 6

    @property
    def label(self) -> str:
        """The name used in files and reports: ``first_pass``."""
        return self.name.lower()


class ItemState(IntEnum):
    """What one person did with one item."""

    NOT_ANNOTATED = 0
    EMPTY = 1
    ANNOTATED = 2
    SKIPPED = 3

    @property
    def label(self) -> str:
        """The name used in files and reports."""
        return {0: "not_annotated", 1: "annotated_empty", 2: "annotated", 3: "skipped"}[self.value]


LAYER_CODES = {layer.label: layer.value for layer in Layer}
STATE_CODES = {state.label: state.value for state in ItemState}
