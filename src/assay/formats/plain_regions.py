"""Regions of Label Studio that are nothing but boxes, outlines, strokes or marked texts of one class each, as columns.

Most of what is delivered is that. Many results are read together; where one holds anything else, they are read one by
one, and that one is left to the long way, region by region. All ways give the same objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from operator import itemgetter, methodcaller
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import orjson

from .located_rows import ObjectKind
from .object_columns import ObjectColumns
from .region_geometry import Frame, pixels_of_percent
from .stroke_runs import Stroke

Strokes = Mapping[int, Stroke]

_LARGEST = 1e9
_Cell = TypeVar("_Cell", str, float)
_NUMBERS = frozenset({int, float})
_TYPE, _VALUE, _ID = itemgetter("type"), itemgetter("value"), itemgetter("id")
_TURNED, _PARENT = methodcaller("get", "image_rotation"), methodcaller("get", "parentID")
_ROTATED, _CLOSED = methodcaller("get", "rotation"), methodcaller("get", "closed")
_SIDES = itemgetter("x", "y", "width", "height")
_SCORE, _POINTS = methodcaller("get", "score"), itemgetter("points")
_SPAN = itemgetter("start", "end", "text")
#: The controls that are read here, with the keys that their values may have.
_KEYS = {
    "rectanglelabels": frozenset({"x", "y", "width", "height", "rotation", "rectanglelabels"}),
    "polygonlabels": frozenset({"points", "closed", "polygonlabels"}),
    "brushlabels": frozenset({"format", "rle", "brushlabels"}),
    "labels": frozenset({"start", "end", "text", "labels"}),
}  # fmt: skip


@dataclass(frozen=True)
class PlainResult:
    """The regions of one person on one item, the size of its image and its text."""

    entries: Sequence[Mapping[str, object]]
    frame: Frame
    text: str | None


def plain_results(results: Sequence[PlainResult], strokes: Strokes) -> list[ObjectColumns] | None:
    """The objects of each result; None where one region of one of them is more than plain."""
    entries = list(chain.from_iterable(one.entries for one in results))
    try:
        if any(map(_TURNED, entries)) or any(map(_PARENT, entries)):
            return None
        ids = list(map(_ID, entries))
        if not entries or set(map(type, ids)) != {str}:
            return None
        if len(set(ids)) < len(ids) and not all(map(_are_distinct, results)):
            return None
        found = _Plain.of(entries, results, strokes)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    if found is None:
        return None
    ends = np.cumsum([len(one.entries) for one in results]).tolist()
    return found.columns(ends)


def _are_distinct(result: PlainResult) -> bool:
    return len(set(map(_ID, result.entries))) == len(result.entries)


@dataclass(frozen=True)
class _Part:
    """The regions of one tool: where they stand among all, and what they say."""

    places: list[int]
    values: list[Mapping[str, object]]
    results: Sequence[PlainResult]
    owner: npt.NDArray[np.int_]

    @property
    def sizes(self) -> npt.NDArray[np.float64]:
        """Width and height of the image of each region."""
        return np.array([(one.frame.width, one.frame.height) for one in self.results], np.float64)[self.owner]

    @property
    def owners(self) -> list[PlainResult]:
        """The result of each region."""
        return [self.results[at] for at in self.owner.tolist()]

    @property
    def is_sized(self) -> bool:
        """Whether the size of every image is known."""
        return all(one.frame.known for one in self.results) or all(one.frame.known for one in self.owners)


@dataclass
class _Plain:
    """The columns of all regions of some results."""

    kinds: list[ObjectKind]
    labels: list[str]
    box: npt.NDArray[np.float64]
    shapes: list[str | None]
    texts: list[str | None]
    scores: list[float | None]
    strokes: Strokes

    @classmethod
    def of(
        cls, entries: Sequence[Mapping[str, object]], results: Sequence[PlainResult], strokes: Strokes
    ) -> _Plain | None:
        """Read every region with the reader of its tool."""
        count = len(entries)
        tools, values, scores = (
            list(map(_TYPE, entries)),
            list(map(_VALUE, entries)),
            list(map(_SCORE, entries)),
        )
        if set(map(type, values)) != {dict} or set(map(type, tools)) != {str}:
            return None
        if not set(map(type, scores)) <= {float, int, type(None)}:
            return None
        owner = np.repeat(np.arange(len(results)), [len(one.entries) for one in results])
        found = cls(
            ["box"] * count,
            [""] * count,
            np.zeros((count, 4)),
            [None] * count,
            [None] * count,
            scores,
            strokes,
        )
        for tool in set(tools):
            places = list(compress(range(count), map(tool.__eq__, tools)))
            part = _Part(places, list(map(values.__getitem__, places)), results, owner[places])
            read, keys = _READERS.get(tool), _KEYS.get(tool)
            if read is None or keys is None or not keys.issuperset(chain.from_iterable(part.values)):
                return None
            labels = [one for (one,) in map(itemgetter(tool), part.values)]
            if set(map(type, labels)) != {str} or not read(found, part):
                return None
            for at, label in zip(places, labels, strict=True):
                found.labels[at] = label
        return found

    def columns(self, ends: Sequence[int]) -> list[ObjectColumns]:
        """The regions of each result, which end at ``ends``."""
        begins = [0, *ends[:-1]]

        shapes, texts, scores = _filled(self.shapes), _filled(self.texts), _filled(self.scores)
        return [
            ObjectColumns(
                self.kinds[begin:end], self.labels[begin:end], self.box[begin:end], shapes and shapes[begin:end],
                texts and texts[begin:end], scores and scores[begin:end],
            )
            for begin, end in zip(begins, ends, strict=True)
        ]  # fmt: skip

    def put(
        self, part: _Part, kind: ObjectKind, box: npt.NDArray[np.float64], shapes: Sequence[str | None],
        texts: Sequence[str | None] = (),
    ) -> bool:  # fmt: skip
        """Keep what was read of one tool."""
        self.box[part.places] = box
        for at, shape in zip(part.places, shapes, strict=True):
            self.kinds[at], self.shapes[at] = kind, shape
        for at, text in zip(part.places, texts, strict=False):
            self.texts[at] = text
        return True

    def boxes(self, part: _Part) -> bool:
        """Upright boxes."""
        if not part.is_sized or any(map(_ROTATED, part.values)):
            return False
        box = _numbers(list(chain.from_iterable(map(_SIDES, part.values))), 4)
        if box is None or not (box >= 0).all():
            return False
        self.box[part.places] = pixels_of_percent(box, np.tile(part.sizes, 2))
        return True

    def outlines(self, part: _Part) -> bool:
        """Closed outlines."""
        rings = list(map(_POINTS, part.values))
        if not part.is_sized or set(map(type, rings)) != {list} or False in map(_CLOSED, part.values):
            return False
        points: list[list[float]] = list(chain.from_iterable(rings))
        counts = np.array(list(map(len, rings)))
        if not counts.all() or set(map(type, points)) != {list} or set(map(len, points)) != {2}:
            return False
        percent = _numbers(list(chain.from_iterable(points)), 2)
        if percent is None:
            return False
        places = pixels_of_percent(percent, np.repeat(part.sizes, counts, axis=0))
        ends = np.cumsum(counts)
        begins = ends - counts
        least, most = np.minimum.reduceat(places, begins), np.maximum.reduceat(places, begins)
        flat = places.ravel()
        shapes = [
            f'{{"rings":[{_dumped(flat[2 * begin : 2 * end])}],"holes":[]}}'
            for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ]
        return self.put(part, "polygon", np.concatenate((least, most - least), axis=1), shapes)

    def masks(self, part: _Part) -> bool:
        """Strokes that were read before."""
        drawn = [one for value in part.values if (one := self.strokes.get(id(value["rle"]))) is not None]
        if len(drawn) < len(part.values):
            return False
        return self.put(part, "mask", np.array([one.box for one in drawn]), [one.shape for one in drawn])

    def spans(self, part: _Part) -> bool:
        """Marked texts whose offsets count code points and fit their texts exactly."""
        owners = part.owners
        texts = {id(one): one.text for one in owners}
        if not all(text is not None and (text.isascii() or max(text) <= "\uffff") for text in texts.values()):
            return False
        starts, ends, said = zip(*map(_SPAN, part.values), strict=True)
        if set(map(type, starts)) != {int} or set(map(type, ends)) != {int} or min(starts) < 0:
            return False
        covered = [(one.text or "")[start:end] for one, start, end in zip(owners, starts, ends, strict=True)]
        sizes = list(map(len, covered))
        first, size = np.array(starts), np.array(sizes)
        if covered != list(said) or 0 in sizes or (first + size != np.array(ends)).any():
            return False
        box = np.stack((first, np.zeros(len(first)), size, np.ones(len(first))), axis=1)
        shapes = [f'{{"parts":[[{start},{end}]]}}' for start, end in zip(starts, ends, strict=True)]
        return self.put(part, "span", box, shapes, covered)


def _numbers(flat: list[object], width: int) -> npt.NDArray[np.float64] | None:
    """Numbers in rows; None where one is none, or larger than a coordinate can be."""
    if not set(map(type, flat)) <= _NUMBERS:
        return None
    numbers = np.array(flat, np.float64).reshape(-1, width)
    return numbers if (np.abs(numbers) < _LARGEST).all() else None


def _filled(column: list[_Cell | None]) -> list[_Cell | None] | None:
    return None if column.count(None) == len(column) else column


def _dumped(numbers: npt.NDArray[np.float64]) -> str:
    return orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY).decode()


_READERS: Mapping[str, Callable[[_Plain, _Part], bool]] = {
    "rectanglelabels": _Plain.boxes, "polygonlabels": _Plain.outlines, "brushlabels": _Plain.masks,
    "labels": _Plain.spans,
}  # fmt: skip
