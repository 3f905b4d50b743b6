"""Records of Prodigy: spans of a text or an image with the answer of one person, who may accept, reject or ignore them.

Records of one person with the same ``_input_hash`` are one item. A rejected suggestion is a negative and no label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState

from .content import looks_like_link
from .json_spans import Record, add_relations, offset, plain_text
from .label_studio_task import OWN_KEY
from .located_rows import ContentRow, ImageRow, LocatedRows, Notes, ObjectRow, Work, work_state
from .records import record_place
from .shapes import Told, box, polygon
from .span_checks import SpanChecker

_PEOPLE = ("_annotator_id", "_session_id")
_HASHES = ("_input_hash", "_task_hash")


@dataclass
class _Answers:
    objects: list[ObjectRow] = field(default_factory=list)
    accepted: bool = False
    first: int = 0


@dataclass
class ProdigyReader:
    """Collects the records of one person on one item, in the order of the file."""

    item: str | None
    annotator_key: str | None
    annotator: str | None
    notes: Notes
    checker: SpanChecker
    _answers: dict[tuple[str, str | None], _Answers] = field(default_factory=dict)
    _content: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    _images: dict[str, ImageRow] = field(default_factory=dict)

    def add(self, number: int, record: Record) -> None:
        """One record."""
        item = self._item(number, record)
        text, image = record.get("text"), record.get("image")
        link = image if isinstance(image, str) and looks_like_link(image) else None
        self._content.setdefault(item, (text if isinstance(text, str) else None, link))
        if isinstance(image, str):
            width, height = (
                one if type(one) is int else None for one in (record.get("width"), record.get("height"))
            )
            self._images.setdefault(item, ImageRow(item, width, height, link))
        held = self._answers.setdefault((item, self._who(record)), _Answers(first=number))
        answer = record.get("answer", "accept")
        if answer == "accept":
            held.accepted = True
            held.objects += self._objects(number, item, record)
        elif answer == "reject":
            self.notes.count(
                "rejected_suggestions", item, "note",
                f"{{n}} records of {self.notes.file} were answered reject: what they hold is known to be "
                "wrong and is no label.",
            )  # fmt: skip
        elif answer != "ignore":
            raise InputError(
                "this answer is not known", file=self.notes.file, place=record_place(number),
                found=str(answer)[:80],
                expected="accept, reject or ignore",
            )  # fmt: skip

    def rows(self) -> LocatedRows:
        """What was collected."""
        for item, (text, link) in self._content.items():
            if text is not None or link is not None:
                yield ContentRow(item, text, link)
        yield from self._images.values()
        for (item, who), held in self._answers.items():
            state = work_state(held.objects) if held.accepted else ItemState.SKIPPED
            yield Work(item, who, None, state, held.objects, held.first)

    def _item(self, number: int, record: Record) -> str:
        for key in (self.item,) if self.item is not None else (OWN_KEY, *_HASHES):
            if (found := plain_text(record.get(key))) is not None:
                return found
        return str(number)

    def _who(self, record: Record) -> str | None:
        if self.annotator is not None:
            return self.annotator
        keys = (self.annotator_key,) if self.annotator_key is not None else _PEOPLE
        return next((name for key in keys if (name := plain_text(record.get(key))) is not None), None)

    def _objects(self, number: int, item: str, record: Record) -> list[ObjectRow]:
        spans = record.get("spans")
        found = [one for one in spans if isinstance(one, dict)] if isinstance(spans, list) else []
        attributes: list[dict[str, str]] = [{} for _ in found]
        places = [f"{one.get('start')}-{one.get('end')}" for one in found]
        for _ in range(add_relations(attributes, places, _relations(record))):
            self.notes.count(
                "relation_lost",
                item,
                "minor",
                "{n} relations lead to a span that is not there; they are not read.",
            )
        return [
            self._object(number, item, record, one, own) for one, own in zip(found, attributes, strict=True)
        ]

    def _object(
        self, number: int, item: str, record: Record, one: Mapping[str, object], attributes: Mapping[str, str]
    ) -> ObjectRow:
        label = plain_text(one.get("label")) or ""
        score = one.get("score")
        told = Told(
            label, attributes=attributes, confidence=float(score) if isinstance(score, (int, float)) else None
        )
        if isinstance(one.get("points"), list):
            return self._shape(number, told, one)
        start, end = (offset(one.get(key), self.notes.file, number) for key in ("start", "end"))
        self._check_tokens(item, record, one, start, end)
        text, covered = record.get("text"), one.get("text")
        return self.checker.span(
            item, text if isinstance(text, str) else None, label, ((start, end),),
            covered=covered if isinstance(covered, str) else None, attributes=attributes, confidence=told.confidence,
        )  # fmt: skip

    def _shape(self, number: int, told: Told, one: Mapping[str, object]) -> ObjectRow:
        points = [_point(point, self.notes.file, number) for point in _list(one.get("points"))]
        if one.get("type", "polygon") == "rect" and points:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            return box(told, min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
        return polygon(told, points)

    def _check_tokens(
        self, item: str, record: Record, one: Mapping[str, object], start: int, end: int
    ) -> None:
        """``token_end`` counts the last token in: the offsets must be those of the first and the last token."""
        tokens, first, last = record.get("tokens"), one.get("token_start"), one.get("token_end")
        if not isinstance(tokens, list) or type(first) is not int or type(last) is not int:
            return
        inside = 0 <= first <= last < len(tokens)
        pair = (tokens[first], tokens[last]) if inside else ({}, {})
        if all(isinstance(token, dict) for token in pair) and (
            pair[0].get("start"), pair[1].get("end")
        ) == (start, end):  # fmt: skip
            return
        self.notes.count(
            "span_tokens_differ", item, "minor",
            f"{{n}} spans of {self.notes.file} have other offsets than their tokens; the offsets count.",
        )  # fmt: skip


def is_prodigy(record: Record) -> bool:
    """Whether a record has the marks of Prodigy: hashes, or an answer beside spans."""
    hashed = any(key in record for key in _HASHES)
    return (hashed or "answer" in record) and ("spans" in record or "tokens" in record)


def _relations(record: Record) -> list[tuple[str, str, str]]:
    found = []
    for one in _list(record.get("relations")):
        if isinstance(one, dict):
            begin, end = one.get("head_span"), one.get("child_span")
            places = [
                f"{span.get('start')}-{span.get('end')}" for span in (begin, end) if isinstance(span, dict)
            ]
            if len(places) == 2:
                found.append((places[0], places[1], plain_text(one.get("label")) or ""))
    return found


def _point(value: object, file: str, number: int) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, (int, float)) for one in value):
        return float(value[0]), float(value[1])
    raise InputError(
        "this is no point", file=file, place=record_place(number), found=str(value)[:80], expected="[x, y]"
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
