"""Records that map a class to annotators and these to pairs of offsets, as published with crowd-sourced abstracts."""

from __future__ import annotations

from dataclasses import dataclass

from .json_spans import ITEM_KEYS, Record, id_of, offset
from .located_rows import ContentRow, LocatedRows, Notes, Work, work_state
from .span_checks import SpanChecker


@dataclass
class OffsetsReader:
    """``{"docid": …, "Participants": {"ann": [[0, 5]]}}``: the key is the class; an empty list: nothing found."""

    item: str | None
    text: str | None
    notes: Notes
    checker: SpanChecker
    without_text: int = 0

    def rows(self, number: int, record: Record) -> LocatedRows:
        """The spans of every annotator of one record."""
        keys = (self.item,) if self.item is not None else ITEM_KEYS
        item = id_of(record, keys, number)
        found = record.get(self.text or "text")
        text = found if isinstance(found, str) else None
        self.without_text += text is None
        if text is not None:
            yield ContentRow(item, text, None)
        people: dict[str, list[tuple[str, object]]] = {}
        for label, by_annotator in record.items():
            if isinstance(by_annotator, dict) and _is_by_annotator(by_annotator):
                for who, pairs in by_annotator.items():
                    people.setdefault(who, []).append((label, pairs))
        if not people:
            self.notes.count(
                "nobody_answered",
                item,
                "note",
                f"{{n}} items of {self.notes.file} name no annotator: nobody worked on them.",
            )
        for who, answers in people.items():
            objects = [
                self.checker.span(
                    item,
                    text,
                    label,
                    ((offset(pair[0], self.notes.file, number), offset(pair[1], self.notes.file, number)),),
                )
                for label, pairs in answers
                if isinstance(pairs, list)
                for pair in pairs
            ]
            yield Work(item, who, None, work_state(objects), objects, number)

    def finish(self) -> None:
        """Say that offsets could not be checked."""
        if self.without_text:
            text = (
                f"{self.notes.file} holds offsets and no text for {self.without_text:,} items: whether they "
                "point into the text was not checked."
            )
            self.notes.say("text_missing", "note", text, items=self.without_text)


def is_offsets_by_annotator(record: Record) -> bool:
    """Whether a key maps annotators to lists of pairs of offsets, at least one of them with a pair."""
    return any(
        isinstance(value, dict) and _is_by_annotator(value) and any(value.values())
        for value in record.values()
    )


def _is_by_annotator(value: dict[str, object]) -> bool:
    return all(isinstance(pairs, list) and all(map(_is_pair, pairs)) for pairs in value.values())


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)
