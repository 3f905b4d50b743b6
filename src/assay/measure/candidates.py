"""Candidate pairs: which objects of two sides on the same items may correspond, found for many items at once.

A side is one person's objects, or gold. Objects lie in enclosing boxes [x, y, w, h] in pixels, far edge exclusive; a
span is a box of height 1. Candidates come from a sweep along x over all items together: objects sorted by item and left
edge, a range of partners for each, then the exact overlap of what is left. Nothing loops over items.

Overlaps are compared as whole numbers of 2^-40, so that sums are exact, ties are ties, and a pair at the threshold
stays a candidate whatever the last bit of a conversion was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..annotation.errors import LimitError
from .units import Ints

Floats = NDArray[np.float64]
Overlap = Callable[[Ints, Ints], Floats]

ONE = 1 << 40
MOST_CANDIDATES = 10_000_000
MOST_COMPARED = 2_000_000_000
_CHUNK = 1 << 17
_ROOM_PER_OBJECT = 8


@dataclass(frozen=True)
class Objects:
    """One side: item, class and enclosing box of each object, in any order.

    ``detail`` (N, any) holds numbers that tell objects of one enclosing box and class apart (area, a shape's first
    corners). It serves ties only, which thus do not depend on the order of objects.
    """

    item: Ints
    label: Ints
    box: Floats
    detail: Floats | None = None

    def __post_init__(self) -> None:
        size = len(self.item)
        if self.item.shape != (size,) or self.label.shape != (size,) or self.box.shape != (size, 4):
            raise ValueError(
                f"objects need one item, one class and four numbers each, not {self.item.shape}, "
                f"{self.label.shape} and {self.box.shape}"
            )
        if not np.isfinite(self.box).all():
            raise ValueError("a box holds a number that is not finite")
        if size and (self.box[:, 2:] < 0).any():
            raise ValueError("a box has a negative width or height")

    def __len__(self) -> int:
        return len(self.item)

    def take(self, index: Ints | NDArray[np.bool_]) -> Objects:
        """Some of the objects, in the order of the index."""
        detail = None if self.detail is None else self.detail[index]
        return Objects(self.item[index], self.label[index], self.box[index], detail)

    def on(self, item: Ints, index: Ints) -> Objects:
        """Some of the objects, repeated as the index says, on other item numbers."""
        taken = self.take(index)
        return Objects(item, taken.label, taken.box, taken.detail)


@dataclass(frozen=True)
class Candidates:
    """Pairs of objects by their index on both sides, with their overlap from above 0 to 1."""

    left: Ints
    right: Ints
    overlap: Floats

    def __len__(self) -> int:
        return len(self.left)

    def take(self, index: Ints | NDArray[np.bool_]) -> Candidates:
        """Some of the pairs."""
        return Candidates(self.left[index], self.right[index], self.overlap[index])

    def reaching(self, threshold: float) -> Candidates:
        """The pairs whose overlap is at least the threshold."""
        return self.take(fixed(self.overlap) >= fixed_threshold(threshold))


def fixed(overlap: Floats) -> Ints:
    """Overlaps as whole numbers of 2^-40."""
    return np.rint(overlap * ONE).astype(np.int64)


def fixed_threshold(threshold: float) -> int:
    """The smallest whole number of 2^-40 that reaches the threshold; nothing without overlap ever does.

    >>> fixed_threshold(0.5) == ONE // 2
    True
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"a threshold of overlap lies between 0 and 1, not {threshold}")
    return max(round(threshold * ONE), 1)


def neighbours(left: Objects, right: Objects, share: float = 0.0) -> Iterator[tuple[Ints, Ints]]:
    """Chunks of pairs on one item whose enclosing boxes may touch, or may have a box overlap of ``share``.

    Of two boxes with overlap s, their common width is at least s times either width: that bounds the left edge of
    the partner on both sides.
    """
    if not len(left) or not len(right):
        return
    item_left, item_right = _small_numbers(left.item, right.item)
    order, key, scale = _sorted_by_edge(item_right, right.box, left.box)
    x, width = left.box[:, 0], left.box[:, 2]
    slack = 1e-9 * (np.abs(x) + width)
    reach = _widest(item_right, right.box[:, 2], int(item_left.max()) + 1)[item_left]
    if share > 0:
        reach = np.minimum(reach, width / share) * (1 - share)
    low = np.searchsorted(key, scale(item_left, x - reach - slack), "left")
    high = np.searchsorted(key, scale(item_left, x + (1 - share) * width + slack), "right")
    _refuse_more(int((high - low).sum()), MOST_COMPARED, "pairs of objects side by side on one item")
    for first, last, pairs in _stretches(high - low):
        count = high[first:last] - low[first:last]
        start = np.repeat(low[first:last] - np.cumsum(count) + count, count)
        yield np.repeat(np.arange(first, last), count), order[start + np.arange(pairs)]


def _small_numbers(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Item numbers as they are, or numbered anew where they are far apart."""
    room = _ROOM_PER_OBJECT * (len(left) + len(right))
    if min(left.min(), right.min()) >= 0 and max(left.max(), right.max()) <= room:
        return left, right
    _, code = np.unique(np.concatenate([left, right]), return_inverse=True)
    return code[: len(left)], code[len(left) :]


def _sorted_by_edge(
    item: Ints, box: Floats, other: Floats
) -> tuple[Ints, Floats, Callable[[Ints, Floats], Floats]]:
    """Objects by item and left edge, their keys, and how an edge becomes a key; all of it keeps the order."""
    least = min(float(box[:, 0].min()), float(other[:, 0].min()))
    most = max(float(box[:, 0].max()), float((other[:, 0] + other[:, 2]).max()))
    span = 2 * max(most - least, 1e-300)

    def scale(of: Ints, edge: Floats) -> Floats:
        return np.asarray(of + np.clip((edge - least) / span, 0.0, 0.5), np.float64)

    key = scale(item, box[:, 0])
    order = np.argsort(key, kind="stable")
    return order, key[order], scale


def _widest(item: Ints, width: Floats, items: int) -> Floats:
    """The width of the widest object of each item."""
    widest = np.zeros(max(items, int(item.max()) + 1))
    np.maximum.at(widest, item, width)
    return widest


def _refuse_more(number: int, most: int, what: str) -> None:
    if number > most:
        raise LimitError(
            "too many objects lie on each other", found=f"{number:,} {what}", expected=f"at most {most:,}"
        )


def _stretches(count: Ints) -> Iterator[tuple[int, int, int]]:
    """Cut objects into stretches of about as many pairs each: first, last, pairs."""
    total = np.cumsum(count)
    first = done = 0
    while first < len(count):
        last = max(int(np.searchsorted(total, done + _CHUNK, "right")), first + 1)
        pairs = int(total[last - 1]) - done
        if pairs:
            yield first, last, pairs
        done += pairs
        first = last


def candidates(left: Objects, right: Objects, threshold: float, overlap: Overlap | None = None) -> Candidates:
    """All pairs on one item that overlap by at least the threshold.

    ``overlap`` gives the exact overlap of pairs whose enclosing boxes touch; without it the objects are their boxes.
    Raises LimitError where objects lie on each other in such numbers that no comparison of them means anything.
    """
    least = fixed_threshold(threshold)
    boxes = _Edges.of(left.box), _Edges.of(right.box)
    found: list[tuple[Ints, Ints, Floats]] = []
    total, most = 0, MOST_CANDIDATES + _ROOM_PER_OBJECT * (len(left) + len(right))
    for one, other in neighbours(left, right, threshold if overlap is None else 0.0):
        if overlap is None:
            amount = boxes[0].overlap(boxes[1], one, other)
        else:
            near = boxes[0].touch(boxes[1], one, other)
            one, other = one[near], other[near]
            amount = overlap(one, other)
        kept = np.flatnonzero(amount * ONE >= least - 0.5)
        kept = kept[fixed(amount[kept]) >= least]
        total += len(kept)
        _refuse_more(total, most, "pairs of objects that overlap")
        found.append((one[kept], other[kept], amount[kept]))
    if not found:
        nothing = np.zeros(0, np.int64)
        return Candidates(nothing, nothing, np.zeros(0))
    return Candidates(*(np.concatenate(part) for part in zip(*found, strict=True)))


@dataclass(frozen=True)
class _Edges:
    """Boxes as four edges and an area, each a column of its own."""

    x: Floats
    y: Floats
    far_x: Floats
    far_y: Floats
    area: Floats

    @staticmethod
    def of(box: Floats) -> _Edges:
        x, y, w, h = np.ascontiguousarray(box.T, np.float64)
        return _Edges(x, y, x + w, y + h, w * h)

    def overlap(self, other: _Edges, mine: Ints, theirs: Ints) -> Floats:
        """Intersection over union of pairs; 0 where neither has an area."""
        common = np.minimum(self.far_x[mine], other.far_x[theirs])
        common -= np.maximum(self.x[mine], other.x[theirs])
        height = np.minimum(self.far_y[mine], other.far_y[theirs])
        height -= np.maximum(self.y[mine], other.y[theirs])
        np.maximum(common, 0, out=common)
        np.maximum(height, 0, out=height)
        common *= height
        union = self.area[mine]
        union += other.area[theirs]
        union -= common
        return np.divide(common, union, out=np.zeros(len(common)), where=union > 0)

    def touch(self, other: _Edges, mine: Ints, theirs: Ints) -> NDArray[np.bool_]:
        """Whether the boxes have a point in common."""
        wide = np.minimum(self.far_x[mine], other.far_x[theirs]) >= np.maximum(self.x[mine], other.x[theirs])
        tall = np.minimum(self.far_y[mine], other.far_y[theirs]) >= np.maximum(self.y[mine], other.y[theirs])
        return wide & tall
