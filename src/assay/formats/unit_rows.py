"""From the rows of a reader to the collector of located labels: blocks of columns, people, texts, repeated answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from assay.annotation.errors import InputError, LimitError
from assay.annotation.layers import ItemState, Layer
from assay.annotation.limits import Limits
from assay.annotation.place import shown

from .annotation_table import NOBODY
from .inputs import PlainFile, ReadRequest, examine
from .located_rows import ContentRow, ImageRow, LocatedRows, Notes, ObjectRow, Work
from .object_columns import ObjectColumns, mark_of
from .objects import KIND_CODES, ObjectBlock, ObjectCollector
from .unit import Unit, UnitRead

_BLOCK = 50_000
_Cell = TypeVar("_Cell", str, float)
_NAN = float("nan")


def read_rows(
    unit: Unit,
    collector: ObjectCollector,
    limits: Limits,
    scratch: Path,
    rows: Callable[[PlainFile, Notes], LocatedRows],
) -> UnitRead:
    """Read a file that ``rows`` turns into rows. Raises :class:`InputError`."""
    file = examine(ReadRequest(unit.path, unit.name, unit.format), scratch=scratch, limits=limits)
    notes = Notes(unit.name)
    default, named = write_unit(unit, collector, limits, notes, rows(file, notes))
    return UnitRead(default, file.sha256, file.bytes, notes.finish(), named=named)


def write_unit(
    unit: Unit, collector: ObjectCollector, limits: Limits, notes: Notes, rows: LocatedRows
) -> tuple[int, bool]:
    """Hand the rows of a unit over; the number of the person for those who are not named, and whether anybody is."""
    writer = _Writer(unit, collector, limits, notes)
    for row in rows:
        writer.row(row)
    writer.finish()
    return writer.default, writer.named


@dataclass
class _Waiting:
    """Objects of one part of a unit that were not handed over yet."""

    images: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    rows: list[ObjectRow] = field(default_factory=list)
    columns: list[ObjectColumns] = field(default_factory=list)
    owners: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class _Writer:
    """Numbers what repeats and hands over blocks."""

    unit: Unit
    collector: ObjectCollector
    limits: Limits
    notes: Notes
    named: bool = False
    _images: dict[str, int] = field(default_factory=dict)
    _labels: dict[str, int] = field(default_factory=dict)
    _people: dict[str, int] = field(default_factory=dict)
    _answers: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _waiting: dict[int, _Waiting] = field(default_factory=dict)
    _worked: dict[tuple[int, ItemState], list[tuple[int, int]]] = field(default_factory=dict)
    _renamed_items: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        self.default = self.collector.new_person(NOBODY)

    def row(self, row: Work | ImageRow | ContentRow) -> None:
        """One row of the reader."""
        if isinstance(row, Work):
            self._work(row)
        elif isinstance(row, ImageRow):
            number = self._image(row.item)
            self.collector.describe_image(
                number,
                self._renamed_items.get(row.item, row.item),
                width=row.width,
                height=row.height,
                path=row.path,
            )
        else:
            self._content(row)

    def finish(self) -> None:
        """Hand over what is left, and the names that people turned out to have."""
        self._flush()
        for old, new in self.notes.renamed.items():
            if old in self._people:
                self.collector.people[self._people[old]] = new

    def _content(self, row: ContentRow) -> None:
        """An item that another file gave another text is another item."""
        item = row.item
        if row.text is not None:
            digest = hashlib.sha256(row.text.encode(errors="surrogatepass")).digest()[:12]
            if self.collector.rows.digests.setdefault(item, digest) != digest:
                item = f"{self.unit.name.rpartition('/')[2]}:{item}"
                self.collector.rows.digests[item] = digest
                self._renamed_items[row.item] = item
                self.notes.count(
                    "item_with_another_text", item, "major",
                    f"{{n}} items of {self.notes.file} have the name of an item of another file and another text; they "
                    "were read as items of their own, named with their file.",
                )  # fmt: skip
        self.collector.rows.content(self._image(row.item), row.text, row.link)

    def _work(self, work: Work) -> None:
        image, person = self._image(work.item), self._person(work)
        if work.layer is not None:
            self._note_unnamed(work)
        number = (
            self.unit.number if work.layer is None else self.collector.rows.part(self.unit.number, work.layer)
        )
        if self._is_repeated(work, (number, image, person)):
            return
        self._worked.setdefault((number, work.state), []).append((image, person))
        count = len(work.objects)
        if count:
            waiting = self._waiting.setdefault(number, _Waiting())
            if isinstance(work.objects, ObjectColumns):
                waiting.columns.append(work.objects)
                waiting.owners.append((image, person))
            else:
                waiting.images += [image] * count
                waiting.people += [person] * count
                waiting.rows += work.objects
        self._count += 1 + count
        if self._count >= _BLOCK:
            self._flush()

    def _note_unnamed(self, work: Work) -> None:
        """A format that says the layer of its annotations names people too, in general."""
        self.named = True
        if work.annotator is None and self.unit.annotator is None:
            self.notes.count(
                "annotator_unnamed", work.item, "major",
                f"{{n}} annotations of {self.notes.file} name no person; they stand under the name {NOBODY}.",
            )  # fmt: skip

    def _is_repeated(self, work: Work, key: tuple[int, int, int]) -> bool:
        """The same answer again counts once; another answer of the same person is refused unless declared."""
        if work.state is ItemState.SKIPPED:
            return False
        mark = mark_of(work.objects)
        if key not in self._answers:
            self._answers[key] = mark
            return False
        if self._answers[key] == mark:
            self.notes.count(
                "same_objects_again", work.item, "minor",
                f"{{n}} times {self.notes.file} repeats what the same person had marked on the same item; it counts "
                "once.",
            )  # fmt: skip
            return True
        if self.unit.duplicates == "refuse":
            raise InputError(
                "one person marked one item twice, and differently", file=self.notes.file,
                place=f"record {work.record}",
                found=f"item {shown(work.item)}, annotator {shown(work.annotator or NOBODY)}",
                expected="one answer, or `duplicates: first` or `duplicates: last` in delivery.yaml",
            )  # fmt: skip
        self.notes.count(
            "different_objects_again", work.item, "major",
            f"{{n}} times one person marked an item of {self.notes.file} again and differently; the "
            f"{self.unit.duplicates} of each counts.",
        )  # fmt: skip
        if self.unit.duplicates == "first":
            return True
        self._answers[key] = mark
        self._flush()
        self.collector.rows.forget(*key)
        return False

    def _image(self, item: str) -> int:
        if item not in self._images:
            self._images[item] = self.collector.new_image(self.unit.number, item)
        number = self._images[item]
        name = self._renamed_items.get(item)
        if name is not None and self.collector.image_names[number] != name:
            self.collector.image_names[number] = name
        return number

    def _person(self, work: Work) -> int:
        is_model = work.layer is Layer.PRELABEL and work.annotator is not None
        if work.annotator is None or (self.unit.annotator is not None and not is_model):
            return self.default
        self.named = True
        if work.annotator not in self._people:
            self._people[work.annotator] = self.collector.new_person(work.annotator)
        return self._people[work.annotator]

    def _label(self, label: str) -> int:
        if label not in self._labels:
            if len(self._labels) >= self.limits.classes:
                raise LimitError("there are too many classes", file=self.notes.file)
            self._labels[label] = self.collector.new_label(label)
        return self._labels[label]

    def _flush(self) -> None:
        for number, waiting in self._waiting.items():
            if waiting.rows:
                self.collector.append(number, self._block(waiting), self.default)
            if waiting.columns:
                self.collector.append(number, self._joined(waiting), self.default)
        for (number, state), pairs in self._worked.items():
            images, people = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
            self.collector.worked(number, images, people, state)
        self._waiting, self._worked, self._count = {}, {}, 0

    def _block(self, waiting: _Waiting) -> ObjectBlock:
        kinds, labels, x, y, w, h, angle, shape, text, attributes, confidence, crowd = zip(
            *waiting.rows, strict=True
        )
        return ObjectBlock(
            np.array(waiting.images, np.int32),
            np.array([self._label(label) for label in labels], np.int32),
            np.array([KIND_CODES[kind] for kind in kinds], np.uint8),
            np.array((x, y, w, h), np.float64).T,
            annotator=np.array(waiting.people, np.int32),
            angle=_numbers(angle),
            shape=shape if any(shape) else None,
            text=text if any(one is not None for one in text) else None,
            attributes=attributes if any(attributes) else None,
            confidence=_numbers(confidence),
            crowd=np.array(crowd, np.bool_) if any(crowd) else None,
        )

    def _joined(self, waiting: _Waiting) -> ObjectBlock:
        """The columns of several answers as one block."""
        parts = waiting.columns
        counts = np.array([len(one) for one in parts])
        owners = np.repeat(np.array(waiting.owners, np.int32), counts, axis=0)
        labels = chain.from_iterable(one.labels for one in parts)
        kinds = chain.from_iterable(one.kinds for one in parts)

        def joined(columns: Sequence[Sequence[_Cell | None] | None]) -> list[_Cell | None] | None:
            if columns.count(None) == len(columns):
                return None
            filled = zip(columns, counts.tolist(), strict=True)
            return list(chain.from_iterable([None] * count if one is None else one for one, count in filled))

        return ObjectBlock(
            owners[:, 0].copy(),
            np.array(
                [self._labels[one] if one in self._labels else self._label(one) for one in labels], np.int32
            ),
            np.array(list(map(KIND_CODES.__getitem__, kinds)), np.uint8),
            np.concatenate([one.box for one in parts]),
            annotator=owners[:, 1].copy(),
            shape=joined([one.shapes for one in parts]),
            text=joined([one.texts for one in parts]),
            confidence=_numbers(joined([one.scores for one in parts]) or ()),
        )


def _numbers(column: Sequence[float | None]) -> npt.NDArray[np.float64] | None:
    """Numbers with NaN for none; None where there is no number at all."""
    if all(one is None for one in column):
        return None
    return np.array([_NAN if one is None else one for one in column], np.float64)
