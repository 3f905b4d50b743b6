"""Votes to units: what the labels on one item say together, as integers.

Votes are three parallel arrays sorted by (item, annotator). A unit is an item with at least one vote. The multiset of
labels of a unit is kept as (unit, label, count) runs, which hold everything that nominal and ordered agreement,
majorities and clusters need, for any number of classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_DENSE_CELLS = 4_000_000


@dataclass(frozen=True)
class Votes:
    """Votes sorted by (item, annotator); ``item`` holds 64-bit item keys, the others small codes."""

    item: Ints
    annotator: NDArray[np.int32]
    label: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.item)

    @staticmethod
    def sorted_from(item: Ints, annotator: NDArray[np.int32], label: NDArray[np.int32]) -> Votes:
        """Votes in canonical order, whatever the order of the rows was."""
        order = np.lexsort((label, annotator, item))
        return Votes(item[order], annotator[order], label[order])


@dataclass(frozen=True)
class Units:
    """Units of a stretch of votes: item keys, first vote and size of each, and each vote's unit."""

    item: Ints
    start: Ints
    size: Ints
    of_vote: Ints

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True)
class Runs:
    """The labels of each unit with their counts, sorted by (unit, label); ``start`` is each unit's first run."""

    unit: Ints
    label: Ints
    count: Ints
    start: Ints
    length: Ints


def units_of(votes: Votes) -> Units:
    """Cut sorted votes into units."""
    total = len(votes)
    if total == 0:
        nothing = np.zeros(0, np.int64)
        return Units(nothing, nothing, nothing, nothing)
    fresh = np.empty(total, bool)
    fresh[0] = True
    np.not_equal(votes.item[1:], votes.item[:-1], out=fresh[1:])
    start = np.flatnonzero(fresh)
    size = np.diff(np.append(start, total))
    return Units(votes.item[start], start, size, np.repeat(np.arange(len(start)), size))


def runs_of(unit: Ints, label: NDArray[np.int32] | Ints, units: int, classes: int) -> Runs:
    """Count equal labels within each unit. ``unit`` is each vote's unit, ascending."""
    if units * classes <= _DENSE_CELLS or classes <= 64:
        code, count = _dense_runs(unit, label, units, classes)
    else:
        code, count = np.unique(unit * classes + label, return_counts=True)
    run_unit, run_label = np.divmod(code, classes)
    length = np.bincount(run_unit, minlength=units)
    start = np.concatenate(([0], np.cumsum(length)[:-1])) if units else np.zeros(0, np.int64)
    return Runs(run_unit, run_label, count, start, length)


def _dense_runs(unit: Ints, label: NDArray[np.int32] | Ints, units: int, classes: int) -> tuple[Ints, Ints]:
    """Runs by counting in a table, a stretch of units at a time."""
    codes, counts = [], []
    stretch = max(1, _DENSE_CELLS // max(classes, 1))
    for first in range(0, units, stretch):
        last = min(first + stretch, units)
        low, high = np.searchsorted(unit, (first, last))
        table = np.bincount(
            (unit[low:high] - first) * classes + label[low:high], minlength=(last - first) * classes
        )
        found = np.flatnonzero(table)
        codes.append(found + first * classes)
        counts.append(table[found])
    if not codes:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(codes), np.concatenate(counts)


def majority(runs: Runs) -> Ints:
    """The label most votes of each unit give, or -1 for a tie (undecided).

    >>> r = runs_of(np.array([0, 0, 0, 1, 1]), np.array([2, 2, 1, 0, 1]), 2, 3)
    >>> majority(r).tolist()
    [2, -1]
    """
    if len(runs.start) == 0:
        return np.zeros(0, np.int64)
    top = np.maximum.reduceat(runs.count, runs.start)
    is_top = runs.count == np.repeat(top, runs.length)
    ties = np.add.reduceat(is_top.astype(np.int64), runs.start)
    winner = np.maximum.reduceat(np.where(is_top, runs.label, -1), runs.start)
    return np.where(ties == 1, winner, -1)


def integer_sums(index: Ints, amounts: Ints, size: int) -> Ints:
    """Exact sums of 64-bit integers by index; ``np.bincount`` alone would round above 2^53."""
    high, low = amounts >> 26, amounts & ((1 << 26) - 1)
    upper = np.bincount(index, weights=high, minlength=size).astype(np.int64)
    lower = np.bincount(index, weights=low, minlength=size).astype(np.int64)
    return (upper << 26) + lower
