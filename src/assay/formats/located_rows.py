"""What a reader of located labels hands out, file order kept: who worked on which item, and the objects they marked.

Readers yield :class:`Work`, :class:`ImageRow` and :class:`ContentRow`; nothing here knows the database. Coordinates
are pixels from the top-left corner with the far edge exclusive, offsets of spans are Unicode code points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import orjson

from assay.annotation.finding import Finding, Severity
from assay.annotation.layers import ItemState, Layer

ObjectKind = Literal["box", "rotated_box", "polygon", "polyline", "mask", "keypoints", "span", "field"]

_SHOWN = 5


class ObjectRow(NamedTuple):
    """One object of one person on one item; ``shape`` and ``attributes`` are compact JSON."""

    kind: ObjectKind
    label: str
    x: float
    y: float
    w: float
    h: float
    angle: float | None = None
    shape: str | None = None
    text: str | None = None
    attributes: str | None = None
    confidence: float | None = None
    crowd: bool = False


class Work(NamedTuple):
    """What one person did with one item in one layer: no row at all where the source does not say they took part.

    ``annotator`` is None where the source names nobody, ``record`` the line or record for people who look it up.
    """

    item: str
    annotator: str | None
    layer: Layer | None
    state: ItemState
    objects: Sequence[ObjectRow]
    record: int


class ImageRow(NamedTuple):
    """The size of an image, where the source says it."""

    item: str
    width: int | None
    height: int | None
    path: str | None


class ContentRow(NamedTuple):
    """The text of an item and where its media lie."""

    item: str
    text: str | None
    link: str | None


LocatedRow = Work | ImageRow | ContentRow
LocatedRows = Iterator[LocatedRow]


@dataclass
class Notes:
    """Findings of one file, counted while it is read; the first few items stand for all."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    #: one person under two names: the first is replaced by the second after reading
    renamed: dict[str, str] = field(default_factory=dict)
    _counted: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _said: dict[str, tuple[Severity, str]] = field(default_factory=dict)

    def say(self, kind: str, severity: Severity, text: str, **evidence: object) -> None:
        """One finding about the file."""
        self.findings.append(Finding(kind, severity, "delivery", text, {"file": self.file, **evidence}))

    def count(self, kind: str, where: str, severity: Severity, text: str) -> None:
        """One more of a kind; ``text`` holds ``{n}`` for how many there are in the end."""
        places = self._counted.setdefault(kind, [])
        if len(places) < _SHOWN and where not in places:
            places.append(where)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        self._said.setdefault(kind, (severity, text))

    def counted(self, kind: str) -> int:
        """How many of a kind were counted so far."""
        return self._counts.get(kind, 0)

    def finish(self) -> list[Finding]:
        """All findings, the counted ones last."""
        for kind, (severity, text) in self._said.items():
            number, places = self._counts[kind], self._counted[kind]
            self.say(kind, severity, text.replace("{n}", f"{number:,}"), count=number, items=places)
        self._said.clear()
        return self.findings


def compact(value: object) -> str:
    """Compact JSON of lists, numbers and texts."""
    return orjson.dumps(value).decode()


def attributes_text(values: Mapping[str, str]) -> str | None:
    """Attributes as they are stored, in the order of their names; None for none."""
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode() if values else None


def work_state(objects: Sequence[ObjectRow]) -> ItemState:
    """The state of an item that someone worked on."""
    return ItemState.ANNOTATED if objects else ItemState.EMPTY


def span(
    label: str,
    parts: Sequence[tuple[int, int]],
    *,
    text: str | None = None,
    attributes: Mapping[str, str] | None = None,
    confidence: float | None = None,
) -> ObjectRow:
    """A span over one or more parts ``(start, end)`` in code points, the end not included."""
    start, end = min(part[0] for part in parts), max(part[1] for part in parts)
    shape = compact({"parts": [[one, other] for one, other in parts]})
    named = attributes_text(attributes) if attributes else None
    return ObjectRow(
        "span", label, float(start), 0.0, float(end - start), 1.0, None, shape, text, named, confidence
    )
