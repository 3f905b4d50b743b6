"""States of located objects: matched, extra and missed objects per class, as integers that add and subtract.

F1, precision and recall against gold and ``pairwise_f1`` between people follow from them (``located_figures``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .binary import f1
from .candidates import Candidates, Objects, Overlap
from .comparisons import Comparison, two_sides
from .matching import Matches, class_matches
from .undefined import Undefined
from .units import Ints

FIXED_POINT = 20


@dataclass(frozen=True)
class LocatedState:
    """Integer sums over tasks. K classes, R replicate rows (items or groups of them).

    ``rows`` (R, 3K + 3): matched, extra (right only) and missed (left only) objects per class, then items without a
    mistake, items, objects of the right side. ``overlap`` (R, K): overlaps of matches in 2^-20.
    """

    rows: Ints
    overlap: Ints

    def __add__(self, other: LocatedState) -> LocatedState:
        return LocatedState(self.rows + other.rows, self.overlap + other.overlap)

    def __sub__(self, other: LocatedState) -> LocatedState:
        return LocatedState(self.rows - other.rows, self.overlap - other.overlap)

    @staticmethod
    def empty(classes: int, rows: int) -> LocatedState:
        """The state of nothing, to which others are added."""
        return LocatedState(np.zeros((rows, 3 * classes + 3), np.int64), np.zeros((rows, classes), np.int64))

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return int(self.overlap.shape[1])

    @property
    def matched(self) -> Ints:
        """Matched objects per class."""
        return self._part(0)

    @property
    def extra(self) -> Ints:
        """Objects per class that only the right side (the delivery) holds."""
        return self._part(1)

    @property
    def missed(self) -> Ints:
        """Objects per class that only the left side (gold) holds."""
        return self._part(2)

    @property
    def items(self) -> int:
        """Items that were compared."""
        return int(self.rows[:, 3 * self.classes + 1].sum())

    def pooled(self) -> LocatedState:
        """The state with all classes in one: enough for overall figures, and much smaller."""
        k = self.classes
        parts = [self.rows[:, n * k : (n + 1) * k].sum(axis=1) for n in range(3)]
        return LocatedState(
            np.column_stack([*parts, self.rows[:, 3 * k :]]), self.overlap.sum(axis=1, keepdims=True)
        )

    def f1(self, class_number: int | None = None) -> float | Undefined:
        """2 · matched / objects of both sides, of one class or all."""
        kept = slice(None) if class_number is None else slice(class_number, class_number + 1)
        return f1(*(int(part[kept].sum()) for part in (self.matched, self.extra, self.missed)))

    def _part(self, number: int) -> Ints:
        k = self.classes
        return np.asarray(self.rows[:, number * k : (number + 1) * k].sum(axis=0), np.int64)


def located_state(
    comparison: Comparison, matched: Candidates, row: Ints, *, classes: int, rows: int
) -> LocatedState:
    """Sum the tasks of a comparison. ``matched`` are the matches within classes, ``row`` each task's replicate row.

    Tasks of one item must be together in one comparison, so that items are counted once.
    """
    left, right = comparison.left, comparison.right
    hit_row, hit_class = row[left.item[matched.left]], left.label[matched.left]
    hit = _tally(hit_row, hit_class, rows, classes)
    extra = _tally(row[right.item], right.label, rows, classes) - hit
    missed = _tally(row[left.item], left.label, rows, classes) - hit
    amount = np.rint(matched.overlap * (1 << FIXED_POINT))
    overlap = np.bincount(hit_row * classes + hit_class, weights=amount, minlength=rows * classes)
    objects = np.bincount(left.item, minlength=comparison.tasks) + np.bincount(
        right.item, minlength=comparison.tasks
    )
    found = np.bincount(left.item[matched.left], minlength=comparison.tasks)
    _, first, task = np.unique(comparison.item, return_index=True, return_inverse=True)
    mistaken = np.bincount(task, weights=objects != 2 * found, minlength=len(first)) > 0
    tails = [
        np.bincount(row[first[~mistaken]], minlength=rows),
        np.bincount(row[first], minlength=rows),
        np.bincount(row[right.item], minlength=rows),
    ]
    return LocatedState(
        np.concatenate([hit, extra, missed, np.stack(tails, axis=1)], axis=1),
        overlap.astype(np.int64).reshape(rows, classes),
    )


def _tally(row: Ints, label: Ints, rows: int, classes: int) -> Ints:
    return np.bincount(row * classes + label, minlength=rows * classes).reshape(rows, classes)


def states_at(
    comparison: Comparison,
    row: Ints,
    thresholds: Sequence[float],
    *,
    classes: int,
    rows: int,
    overlap: Overlap | None = None,
) -> tuple[LocatedState, ...]:
    """Match a comparison and sum it at each threshold. ``overlap`` is that of the objects as given, else of boxes."""
    near = comparison.near(min(thresholds), overlap)
    return tuple(
        located_state(comparison, matched, row, classes=classes, rows=rows)
        for matched in class_matches(comparison.left, comparison.right, near, thresholds)
    )


def confusions(comparison: Comparison, matches: Matches, *, classes: int) -> Ints:
    """Objects by class on the left (rows) and right (columns); the last row is extra, the last column missed ones."""
    table = np.zeros((classes + 1, classes + 1), np.int64)
    left, right = comparison.left, comparison.right
    np.add.at(table, (left.label[matches.left], right.label[matches.right]), 1)
    for side, matched, cells in (
        (left, matches.left, table[:, classes]),
        (right, matches.right, table[classes]),
    ):
        single = np.ones(len(side), bool)
        single[matched] = False
        cells[:classes] += np.bincount(side.label[single], minlength=classes)
    return table


def located_f1(
    left: Objects, right: Objects, threshold: float = 0.5, *, overlap: Overlap | None = None
) -> float | Undefined:
    """F1 of two sides on the items of either, at a threshold of overlap, matched within classes.

    >>> boxes = np.array([[0.0, 0, 10, 10], [20.0, 0, 10, 10]])
    >>> one, other = (Objects(np.zeros(2, int), np.array(c), boxes) for c in ([0, 0], [0, 1]))
    >>> located_f1(one, other)
    0.5
    """
    task = two_sides(left, right, np.concatenate([left.item, right.item]))
    near = task.near(threshold, overlap)
    (matched,) = class_matches(task.left, task.right, near, [threshold])
    return f1(len(matched), len(right) - len(matched), len(left) - len(matched))
