"""Masks as runs: overlap, Dice and boundary overlap, without ever unpacking more than two masks.

A mask of height h and width w is a list of run lengths down the columns, the first of zeros, as COCO writes it. It is
checked when it is made: runs are whole numbers of at least 0 and fill the image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .candidates import Floats
from .units import Ints

_MOST_PIXELS = 1 << 32
_RUNS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Mask:
    """A mask: image size and run lengths, zeros first."""

    height: int
    width: int
    runs: Ints

    def __post_init__(self) -> None:
        if self.height < 0 or self.width < 0 or self.height * self.width > _MOST_PIXELS:
            raise ValueError(f"a mask has at most {_MOST_PIXELS:,} pixels, not {self.height} x {self.width}")
        runs = np.asarray(self.runs)
        if runs.ndim != 1 or runs.dtype.kind not in "iu" or (len(runs) and int(runs.min()) < 0):
            raise ValueError("runs of a mask are whole numbers of at least 0")
        if (len(runs) and int(runs.max()) > self.height * self.width) or _total(
            runs
        ) != self.height * self.width:
            raise ValueError(f"runs of {_total(runs):,} pixels in an image of {self.height} x {self.width}")
        object.__setattr__(self, "runs", runs.astype(np.int64))

    @staticmethod
    def of_text(text: str | bytes, height: int, width: int) -> Mask:
        """A mask in COCO's compressed text. Raises ValueError for text that is none."""
        return Mask(height, width, decoded_runs(text))

    @staticmethod
    def of_bitmap(bitmap: ArrayLike) -> Mask:
        """The mask of a table of pixels, rows by columns.

        >>> Mask.of_bitmap([[0, 1], [1, 1]]).runs.tolist()
        [1, 3]
        """
        table = np.asarray(bitmap).astype(bool)
        flat = table.ravel(order="F")
        changes = np.flatnonzero(np.diff(flat, prepend=False))
        if table.ndim != 2:
            raise ValueError("a bitmap has rows and columns")
        height, width = table.shape
        return Mask(height, width, np.diff(changes, prepend=0, append=len(flat)))

    @property
    def area(self) -> int:
        """Number of pixels that are set."""
        return int(self.runs[1::2].sum())

    def bitmap(self) -> NDArray[np.bool_]:
        """The pixels, rows by columns."""
        value = np.arange(len(self.runs)) % 2 == 1
        return np.repeat(value, self.runs).reshape((self.height, self.width), order="F")

    def box(self) -> tuple[int, int, int, int]:
        """The enclosing box x, y, w, h; all 0 for an empty mask."""
        end = np.cumsum(self.runs)
        first, last = end[:-1:2], end[1::2] - 1
        kept = last >= first
        if not kept.any():
            return 0, 0, 0, 0
        first, last = first[kept], last[kept]
        left, right = int(first[0]) // self.height, int(last[-1]) // self.height
        if (first // self.height != last // self.height).any():
            top, bottom = 0, self.height - 1
        else:
            top, bottom = int((first % self.height).min()), int((last % self.height).max())
        return left, top, right - left + 1, bottom - top + 1


def _total(runs: Ints) -> int:
    return sum(int(run) for run in runs) if len(runs) < 64 else int(runs.astype(np.float64).sum())


def decoded_runs(text: str | bytes) -> Ints:
    """The run lengths of COCO's compressed text: five bits a character, from the third run on as differences.

    >>> decoded_runs("nn01j1").tolist()
    [990, 1, 58]
    """
    data = text.encode("ascii", "replace") if isinstance(text, str) else text
    code = np.frombuffer(data, np.uint8).astype(np.int64) - 48
    if not len(code):
        return np.zeros(0, np.int64)
    if int(code.min()) < 0 or int(code.max()) > 63:
        raise ValueError("the text of a mask holds a character that it never uses")
    ends = (code & 32) == 0
    if not ends[-1]:
        raise ValueError("the text of a mask ends in the middle of a number")
    number = np.concatenate(([0], np.cumsum(ends)[:-1]))
    first = np.concatenate(([0], np.flatnonzero(ends)[:-1] + 1))
    place = np.arange(len(code)) - first[number]
    if int(place.max()) > 7:
        raise ValueError("the text of a mask holds a number of more than forty bits")
    values = np.zeros(int(ends.sum()), np.int64)
    np.add.at(values, number, (code & 31) << (5 * place))
    negative = (code[ends] & 16) != 0
    values -= np.where(negative, np.int64(1) << (5 * (place[ends] + 1)), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def encoded_runs(runs: ArrayLike) -> str:
    """COCO's compressed text of run lengths.

    >>> encoded_runs([990, 1, 58])
    'nn01j1'
    """
    values = np.asarray(runs, np.int64).tolist()
    text = []
    for place, run in enumerate(values):
        left = run - values[place - 2] if place > 2 else run
        more = True
        while more:
            bits = left & 31
            left >>= 5
            more = left != (-1 if bits & 16 else 0)
            text.append(chr(bits + (32 if more else 0) + 48))
    return "".join(text)


class MaskOverlap:
    """Intersection over union of masks by index, many pairs at a time, for :func:`candidates`."""

    def __init__(self, left: Sequence[Mask], right: Sequence[Mask]) -> None:
        self._left, self._right = _Laid.of(left), _Laid.of(right)

    def common(self, left: Ints, right: Ints) -> Ints:
        """Pixels that both masks of each pair set."""
        one, other = self._left, self._right
        if ((one.height[left] != other.height[right]) | (one.width[left] != other.width[right])).any():
            raise ValueError("two masks of one item have different image sizes")
        cuts = _cuts(one.count[left])
        parts = zip(np.split(left, cuts), np.split(right, cuts), strict=True)
        return np.concatenate([self._common(*part) for part in parts])

    def _common(self, left: Ints, right: Ints) -> Ints:
        one, other = self._left, self._right
        count = one.count[left]
        pair = np.repeat(np.arange(len(left)), count)
        at = np.repeat(one.start[left] - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
        shift = other.offset[right][pair]
        amount = other.before(shift + one.last[at]) - other.before(shift + one.first[at])
        return np.bincount(pair, weights=amount, minlength=len(left)).astype(np.int64)

    def __call__(self, left: Ints, right: Ints) -> Floats:
        """The overlaps of pairs."""
        common = self.common(left, right)
        union = self._left.area[left] + self._right.area[right] - common
        shares = np.zeros(len(common))
        np.divide(common, union, out=shares, where=union > 0)
        return shares


def _cuts(runs: Ints) -> Ints:
    """Where to cut pairs so that each stretch holds about a million runs."""
    stretch = np.cumsum(runs) // _RUNS_AT_ONCE
    return np.asarray(np.flatnonzero(np.diff(stretch)) + 1, np.int64)


@dataclass(frozen=True)
class _Laid:
    """Masks laid end to end: their set runs, the pixels set before each, and where each mask begins."""

    height: Ints
    width: Ints
    area: Ints
    offset: Ints
    start: Ints
    count: Ints
    first: Ints
    last: Ints
    begin: Ints
    filled: Ints

    @staticmethod
    def of(masks: Sequence[Mask]) -> _Laid:
        ends = [np.cumsum(mask.runs) for mask in masks]
        count = np.array([len(mask.runs) // 2 for mask in masks], np.int64)
        none = [np.zeros(0, np.int64)]
        first = np.concatenate(none + [end[:-1:2][: len(end) // 2] for end in ends])
        last = np.concatenate(none + [end[1::2] for end in ends])
        size = np.array([mask.height * mask.width for mask in masks], np.int64)
        offset = np.cumsum(size) - size
        begin = first + np.repeat(offset, count)
        filled = np.concatenate(([0], np.cumsum(last - first)))
        start = np.cumsum(count) - count
        area = filled[start + count] - filled[start]
        height, width = (
            np.array([getattr(m, name) for m in masks], np.int64) for name in ("height", "width")
        )
        return _Laid(height, width, area, offset, start, count, first, last, begin, filled)

    def before(self, pixel: Ints) -> Ints:
        """How many pixels are set before a pixel, over all masks laid end to end."""
        if not len(self.begin):
            return np.zeros(len(pixel), np.int64)
        run = np.searchsorted(self.begin, pixel, "right") - 1
        inside = np.minimum(pixel - self.begin[run], self.filled[run + 1] - self.filled[run])
        return np.asarray(np.where(run >= 0, self.filled[run] + inside, 0), np.int64)


@dataclass(frozen=True)
class MaskCounts:
    """The state of overlap and Dice: pixels in both masks, in one, in the other; added up over images."""

    both: int
    one: int
    other: int

    def __add__(self, more: MaskCounts) -> MaskCounts:
        return MaskCounts(self.both + more.both, self.one + more.one, self.other + more.other)

    @property
    def iou(self) -> float:
        """Intersection over union; 0 where both are empty."""
        union = self.one + self.other - self.both
        return self.both / union if union else 0.0

    @property
    def dice(self) -> float:
        """Twice the intersection over the sum of both areas; 0 where both are empty."""
        return 2 * self.both / (self.one + self.other) if self.one + self.other else 0.0


def mask_counts(one: Mask, other: Mask) -> MaskCounts:
    """Common and own pixels of two masks.

    >>> counts = mask_counts(Mask.of_bitmap([[1, 1], [0, 0]]), Mask.of_bitmap([[1, 0], [1, 0]]))
    >>> round(counts.iou, 4), counts.dice
    (0.3333, 0.5)
    """
    pair = np.zeros(1, np.int64)
    return MaskCounts(int(MaskOverlap([one], [other]).common(pair, pair)[0]), one.area, other.area)


def boundary_width(height: int, width: int, ratio: float = 0.02) -> int:
    """The width of a boundary in pixels: a share of the image's diagonal, at least 1."""
    return max(1, round(ratio * math.hypot(height, width)))


def boundary(mask: Mask, pixels: int) -> Mask:
    """The pixels of a mask within so many steps of its edge, the image's edge included (Cheng et al. 2021)."""
    found = np.zeros((mask.height, mask.width), bool)
    x, y, w, h = mask.box()
    if w:
        inside = mask.bitmap()[y : y + h, x : x + w]
        found[y : y + h, x : x + w] = inside & ~eroded(inside, pixels)
    return Mask.of_bitmap(found)


def eroded(bitmap: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """The pixels all of whose neighbours up to ``pixels`` steps away, also diagonally, are set."""
    size = 2 * pixels + 1
    sums = np.pad(bitmap.astype(np.int64), pixels).cumsum(axis=0).cumsum(axis=1)
    sums = np.pad(sums, ((1, 0), (1, 0)))
    window = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return np.asarray(window == size * size, np.bool_)


def boundary_iou(one: Mask, other: Mask, *, ratio: float = 0.02, pixels: int | None = None) -> float:
    """Intersection over union of two boundaries.

    Source: B. Cheng, R. Girshick, P. Dollár, A. C. Berg & A. Kirillov 2021, CVPR.

    >>> square = Mask.of_bitmap(np.pad(np.ones((6, 6), int), 7))
    >>> boundary_iou(square, square), boundary(square, 1).area
    (1.0, 20)
    """
    wide = boundary_width(one.height, one.width, ratio) if pixels is None else pixels
    return mask_counts(boundary(one, wide), boundary(other, wide)).iou
