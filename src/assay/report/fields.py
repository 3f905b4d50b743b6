"""Reading a report document: what is missing or of another type reads as empty, never as an error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Node = Mapping[str, object]
_EMPTY: Node = {}

#: Counts that stand beside figures of a subject.
COUNTS = ("support", "gold_items")


def child(node: Node, *path: str) -> Node:
    """The object at a path of keys, or an empty one."""
    for key in path:
        inner = node.get(key)
        if not isinstance(inner, Mapping):
            return _EMPTY
        node = inner
    return node


def items(node: Node, key: str) -> list[Node]:
    """The objects of the list under a key."""
    return [entry for entry in sequence(node, key) if isinstance(entry, Mapping)]


def sequence(node: Node, key: str) -> Sequence[object]:
    """The list under a key."""
    found = node.get(key)
    return found if isinstance(found, Sequence) and not isinstance(found, (str, bytes)) else ()


def texts(node: Node, key: str) -> list[str]:
    """The texts of the list under a key; numbers read as their text."""
    return [as_text(entry) for entry in sequence(node, key) if isinstance(entry, (str, int, float))]


def text(node: Node, key: str) -> str:
    """The text under a key; a number reads as its text."""
    return as_text(node.get(key))


def as_text(found: object) -> str:
    """A text or a number as text, anything else as the empty text."""
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        return ""
    return found if isinstance(found, str) else f"{found:g}" if isinstance(found, float) else str(found)


def number(node: Node, key: str) -> float | None:
    """The finite number under a key; a decimal written as text counts."""
    return as_number(node.get(key))


def as_number(found: object) -> float | None:
    """A finite number, or a decimal written as text, else None."""
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        return None
    try:
        value = float(found)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def count(node: Node, key: str) -> int | None:
    """The whole number under a key."""
    found = node.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


@dataclass(frozen=True)
class Reading:
    """A figure of the document: a value with its interval and evidence, or the reason why it has none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    units: int | None = None
    labels: int | None = None
    positives: int | None = None
    method: str = ""
    reason: str = ""

    @property
    def span(self) -> tuple[float, float] | None:
        """The interval, if both ends are known."""
        return (self.low, self.high) if self.low is not None and self.high is not None else None


def reading(found: object) -> Reading | None:
    """The figure an object or a plain number holds, or None where there is none."""
    if not isinstance(found, Mapping):
        value = as_number(found)
        return None if value is None else Reading(value)
    return Reading(
        value=number(found, "value"),
        low=number(found, "low"),
        high=number(found, "high"),
        units=count(found, "units"),
        labels=count(found, "labels"),
        positives=count(found, "positives"),
        method=text(found, "method"),
        reason=text(found, "reason"),
    )
