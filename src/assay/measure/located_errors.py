"""What is wrong with located objects, by kind: missed, extra, wrong class, loose, split, merged.

Every object of gold and of the delivery gets one kind, in this order:

- *right*, *wrong class*: matched at the threshold, within classes or across them;
- *split*: several delivered objects of the class share one gold object; *merged*: one delivered object covers several;
- *loose*: matched within its class at an overlap below the threshold, but at least .1;
- *missed*, *extra*: nothing of the other side is near.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .candidates import Candidates, Floats, Objects
from .comparisons import Comparison
from .matching import class_matches, match
from .units import Ints

LOOSE_FROM = 0.1
_INSIDE = 0.75
_COVER_AT_MOST = 1.25


class ErrorKind(IntEnum):
    """The kind of an object; ``RIGHT`` is no error."""

    RIGHT = 0
    MISSED = 1
    EXTRA = 2
    WRONG_CLASS = 3
    LOOSE = 4
    SPLIT = 5
    MERGED = 6


@dataclass(frozen=True)
class LocatedErrors:
    """The kind of every object on both sides of a comparison, and its partner's index on the other side or -1.

    The partner of a part is the object it is a part of; that of a split gold object is its largest part.
    """

    left: Ints
    right: Ints
    left_partner: Ints
    right_partner: Ints

    def counts(self, comparison: Comparison, row: Ints, rows: int) -> Ints:
        """Errors per replicate row and kind (R, 7). One split or merge is one error, however many parts it has."""
        table = np.zeros((rows, len(ErrorKind)), np.int64)
        left_row, right_row = row[comparison.left.item], row[comparison.right.item]
        merged = ErrorKind.MERGED
        np.add.at(table, (left_row[self.left != merged], self.left[self.left != merged]), 1)
        for kind in (ErrorKind.EXTRA, merged):
            np.add.at(table, (right_row[self.right == kind], kind), 1)
        return table


def located_errors(
    comparison: Comparison,
    near: Candidates,
    threshold: float,
    left_area: Floats | None = None,
    right_area: Floats | None = None,
) -> LocatedErrors:
    """The kinds of all objects. ``near`` are the candidates from ``LOOSE_FROM`` on; areas are those of the boxes unless
    given for the objects of the comparison."""
    left, right = comparison.left, comparison.right
    found = match(left, right, near, threshold)
    sides = _Kinds.blank(len(left), ErrorKind.MISSED), _Kinds.blank(len(right), ErrorKind.EXTRA)
    kinds = np.where(found.same_class, int(ErrorKind.RIGHT), int(ErrorKind.WRONG_CLASS))
    sides[0].say(found.left, kinds, found.right)
    sides[1].say(found.right, kinds, found.left)
    areas = _area(left, left_area), _area(right, right_area)
    low = near.take(left.label[near.left] == right.label[near.right])
    turned = Candidates(low.right, low.left, low.overlap)
    _say_parts(sides[0], sides[1], low, areas, ErrorKind.SPLIT)
    _say_parts(sides[1], sides[0], turned, areas[::-1], ErrorKind.MERGED)
    open_ = low.take(
        (sides[0].kind[low.left] == ErrorKind.MISSED) & (sides[1].kind[low.right] == ErrorKind.EXTRA)
    )
    (loose,) = class_matches(left, right, open_, [LOOSE_FROM])
    sides[0].say(loose.left, int(ErrorKind.LOOSE), loose.right)
    sides[1].say(loose.right, int(ErrorKind.LOOSE), loose.left)
    return LocatedErrors(sides[0].kind, sides[1].kind, sides[0].partner, sides[1].partner)


@dataclass(frozen=True)
class _Kinds:
    kind: Ints
    partner: Ints

    @staticmethod
    def blank(size: int, kind: ErrorKind) -> _Kinds:
        return _Kinds(np.full(size, int(kind)), np.full(size, -1))

    def say(self, index: Ints, kind: Ints | int, partner: Ints) -> None:
        self.kind[index] = kind
        self.partner[index] = partner


def _area(side: Objects, area: Floats | None) -> Floats:
    return np.asarray(side.box[:, 2] * side.box[:, 3] if area is None else area, np.float64)


def _say_parts(
    whole: _Kinds, part: _Kinds, near: Candidates, areas: tuple[Floats, Floats], kind: ErrorKind
) -> None:
    """Find objects (``near.left``) that two or more of the other side lie in, sharing it rather than repeating it.

    At least one part must lack a match of its own; the whole counts as split even where its largest part reached the
    threshold, for then the rest would be called an extra object.
    """
    own, other = areas[0][near.left], areas[1][near.right]
    common = near.overlap * (own + other) / (1 + near.overlap)
    inside = _mostly_inside(common, other) & ~_matched_elsewhere(part, near)
    ends, place = np.unique(near.left[inside], return_inverse=True)
    if not len(ends):
        return
    parts = np.bincount(place)
    covered = np.bincount(place, weights=common[inside])
    single = part.partner[near.right[inside]] < 0
    several = (parts >= 2) & (covered <= _COVER_AT_MOST * areas[0][ends])
    several &= np.bincount(place, weights=single) > 0
    several &= (whole.partner[ends] < 0) | (np.bincount(place, weights=~single) > 0)
    kept = several[place]
    pairs = near.take(np.flatnonzero(inside)[kept])
    order = np.argsort(pairs.overlap, kind="stable")
    whole.say(pairs.left[order], int(kind), pairs.right[order])
    part.say(pairs.right, int(kind), pairs.left)


def _mostly_inside(common: Floats, area: Floats) -> NDArray[np.bool_]:
    """Whether an object lies mostly inside another, from their common area and its own."""
    return np.asarray((area > 0) & (common >= _INSIDE * area), np.bool_)


def _matched_elsewhere(part: _Kinds, near: Candidates) -> NDArray[np.bool_]:
    partner = part.partner[near.right]
    return np.asarray((partner >= 0) & (partner != near.left), np.bool_)
