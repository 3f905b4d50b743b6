"""Panoptic quality: segments of things and of stuff in one image, matched where they overlap by more than half."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .undefined import Undefined
from .units import Ints


@dataclass(frozen=True)
class PanopticCounts:
    """The state of one class: the sum of overlaps of matches, and matched, extra and missed segments."""

    overlap: float = 0.0
    matched: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: PanopticCounts) -> PanopticCounts:
        return PanopticCounts(
            self.overlap + other.overlap,
            self.matched + other.matched,
            self.extra + other.extra,
            self.missed + other.missed,
        )

    @property
    def segmentation_quality(self) -> float:
        """Mean overlap of matches; 0 without any."""
        return self.overlap / self.matched if self.matched else 0.0

    @property
    def recognition_quality(self) -> float:
        """F1 of segments; 0 without any match."""
        return 2 * self.matched / (2 * self.matched + self.extra + self.missed) if self.matched else 0.0

    @property
    def quality(self) -> float:
        """The product of both."""
        return self.segmentation_quality * self.recognition_quality

    @property
    def empty(self) -> bool:
        """Whether neither side holds the class."""
        return not (self.matched or self.extra or self.missed)


@dataclass(frozen=True)
class PanopticQuality:
    """PQ, SQ and RQ, each the mean over the classes that occur."""

    pq: float
    sq: float
    rq: float


def panoptic_counts(
    given: ArrayLike, reference: ArrayLike, things: Iterable[int], stuffs: Iterable[int]
) -> dict[Hashable, PanopticCounts]:
    """Per class counts of one image of (class, instance) pixels, rows by columns by 2.

    Stuff is one segment per class. A class that is neither a thing nor stuff is void: its pixels in the reference count
    for no segment, and a segment that lies in void by more than half is no mistake.
    """
    things, stuffs = set(things), set(stuffs)
    if things & stuffs:
        raise ValueError("a class is a thing or stuff, not both")
    sides = [np.asarray(side).reshape(-1, 2) for side in (given, reference)]
    if sides[0].shape != sides[1].shape:
        raise ValueError("both sides need the same pixels")
    mine, truth = (_segments(side, things, stuffs) for side in sides)
    both, count = np.unique(np.column_stack([mine, truth]), axis=0, return_counts=True)
    common = {((a, b), (c, d)): n for (a, b, c, d), n in zip(both.tolist(), count.tolist(), strict=True)}
    return _counted(common, _areas(mine), _areas(truth), sorted(things | stuffs))


_VOID = (-1, -1)
_Segment = tuple[int, int]


def _segments(side: Ints, things: set[int], stuffs: set[int]) -> Ints:
    found = np.full(side.shape, -1, np.int64)
    solid = np.isin(side[:, 0], sorted(stuffs))
    single = np.isin(side[:, 0], sorted(things))
    found[solid, 0], found[solid, 1] = side[solid, 0], 0
    found[single] = side[single]
    return found


def _areas(side: Ints) -> dict[_Segment, int]:
    segments, count = np.unique(side, axis=0, return_counts=True)
    return {(a, b): n for (a, b), n in zip(segments.tolist(), count.tolist(), strict=True)}


def _counted(
    common: Mapping[tuple[_Segment, _Segment], int],
    mine: Mapping[_Segment, int],
    truth: Mapping[_Segment, int],
    classes: list[int],
) -> dict[Hashable, PanopticCounts]:
    matched_mine, matched_truth = set(), set()
    found: dict[Hashable, PanopticCounts] = {label: PanopticCounts() for label in classes}
    for (one, other), pixels in common.items():
        if one == _VOID or other == _VOID or one[0] != other[0]:
            continue
        union = mine[one] - common.get((one, _VOID), 0) + truth[other] - pixels
        if 2 * pixels > union:
            found[one[0]] += PanopticCounts(overlap=pixels / union, matched=1)
            matched_mine.add(one)
            matched_truth.add(other)
    for one, area in mine.items():
        if one != _VOID and one not in matched_mine and 2 * common.get((one, _VOID), 0) <= area:
            found[one[0]] += PanopticCounts(extra=1)
    for other in truth:
        if other != _VOID and other not in matched_truth:
            found[other[0]] += PanopticCounts(missed=1)
    return found


def panoptic_quality(
    given: ArrayLike, reference: ArrayLike, things: Iterable[int], stuffs: Iterable[int]
) -> PanopticQuality | Undefined:
    """PQ, SQ and RQ of one image (or of images of one size stacked along the rows, if instances differ).

    Source: A. Kirillov, K. He, R. Girshick, C. Rother & P. Dollár 2019, CVPR.

    >>> panoptic_quality([[[1, 0], [1, 0]]], [[[1, 5], [2, 0]]], things=[1], stuffs=[2])
    PanopticQuality(pq=0.0, sq=0.0, rq=0.0)
    """
    counts = panoptic_counts(given, reference, things, stuffs).values()
    used = [count for count in counts if not count.empty]
    if not used:
        return Undefined("neither side holds a segment")
    return PanopticQuality(
        sum(count.quality for count in used) / len(used),
        sum(count.segmentation_quality for count in used) / len(used),
        sum(count.recognition_quality for count in used) / len(used),
    )
