"""Located labels compared task by task: states for the figures, counts of each task, and what came of every object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assay.measure.candidates import Candidates, Overlap
from assay.measure.comparisons import Comparison
from assay.measure.located import LocatedState, located_state
from assay.measure.located_errors import LOOSE_FROM, ErrorKind, LocatedErrors, located_errors
from assay.measure.matching import class_matches
from assay.measure.units import Ints

from .located_batch import Outcomes
from .located_crowds import Excused
from .located_overlap import MarksOverlap

_Table = TypeVar("_Table", "Tasks", Outcomes)
#: F1 is shown at these overlaps beside the one that the contract names.
SHOWN_AT = (0.5, 0.75)


@dataclass(frozen=True)
class Tasks:
    """The tasks (T) of all comparisons: item, people, and objects matched within classes, extra and missed.

    ``overlap`` is the sum of the overlaps of matches in 2^-20.
    """

    item: Ints
    first: Ints
    second: Ints
    matched: Ints
    extra: Ints
    missed: Ints

    def where(self, kept: NDArray[np.bool_]) -> Tasks:
        """Some of the tasks."""
        return Tasks(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))

    def state(self, row: Ints, rows: int) -> LocatedState:
        """The state of the tasks with all classes in one; ``row`` is the replicate row of each item."""
        at = row[self.item]
        counts = [
            np.bincount(at, weights=part, minlength=rows).astype(np.int64)
            for part in (self.matched, self.extra, self.missed)
        ]
        item, place = np.unique(self.item, return_inverse=True)
        mistaken = np.bincount(place, weights=self.extra + self.missed, minlength=len(item)) > 0
        counts += [
            np.bincount(row[item[kept]], minlength=rows) for kept in (~mistaken, np.ones(len(item), bool))
        ]
        counts += [counts[0] + counts[1]]
        return LocatedState(np.column_stack(counts), np.zeros((rows, 1), np.int64))


@dataclass(frozen=True)
class Compared:
    """Everything that comparing gives: the state at each threshold, the tasks, the outcomes, and the confusion.

    ``confusion`` (K + 1, K + 1): objects by class on the left (rows) and on the right; the last row is extra, the last
    column missed.
    """

    states: tuple[LocatedState, ...]
    tasks: Tasks
    outcomes: Outcomes
    confusion: Ints


def error_counts(outcomes: Outcomes) -> dict[str, int]:
    """How many errors of each kind there are. One split or merge is one error, however many parts it has."""
    counts = {}
    for kind in ErrorKind:
        if kind is ErrorKind.RIGHT:
            continue
        mine = outcomes.take(outcomes.kind == kind)
        if kind is ErrorKind.SPLIT:
            number = len(np.unique(np.column_stack([mine.left, mine.first, mine.second]), axis=0))
        elif kind is ErrorKind.MERGED:
            number = len(np.unique(np.column_stack([mine.right, mine.first, mine.second]), axis=0))
        else:
            number = len(mine)
        counts[kind.name.lower()] = number
    return counts


def compare(
    comparisons: Iterable[Comparison],
    row: Ints,
    thresholds: Sequence[float],
    *,
    classes: int,
    rows: int,
    overlap: Overlap | None,
    excused: Excused,
) -> Compared:
    """Match and count all comparisons. The first threshold is the contract's; ``row`` each item's replicate row.

    ``excused`` objects lie in a crowd region: those without a match do not count.
    """
    states = [LocatedState.empty(classes, rows) for _ in thresholds]
    tasks: list[Tasks] = []
    outcomes: list[Outcomes] = []
    confusion = np.zeros((classes + 1, classes + 1), np.int64)
    for comparison in comparisons:
        near = comparison.near(min(LOOSE_FROM, *thresholds), overlap)
        task_row = row[comparison.item]
        for number, (counted, matched) in enumerate(_matched(comparison, near, thresholds, excused)):
            states[number] += located_state(counted, matched, task_row, classes=classes, rows=rows)
            if number == 0:
                tasks.append(_tasks(counted, matched))
        comparison, near = excused.counted(comparison, near, thresholds[0])
        errors = located_errors(comparison, near, thresholds[0], *_areas(comparison, near, overlap))
        confusion += _confusion(comparison, errors, classes)
        outcomes.append(_outcomes(comparison, errors, near))
    return Compared(tuple(states), _joined(Tasks, tasks), _joined(Outcomes, outcomes), confusion)


def _matched(
    comparison: Comparison, near: Candidates, thresholds: Sequence[float], excused: Excused
) -> Iterator[tuple[Comparison, Candidates]]:
    """What counts at each threshold, and its matches within classes."""
    if not excused:
        for matched in class_matches(comparison.left, comparison.right, near, thresholds):
            yield comparison, matched
        return
    for threshold in thresholds:
        counted, left = excused.counted(comparison, near, threshold)
        (matched,) = class_matches(counted.left, counted.right, left, [threshold])
        yield counted, matched


def _areas(
    comparison: Comparison, near: Candidates, overlap: Overlap | None
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Areas of the objects that overlap others, as their kind has them; None where the boxes are the objects."""
    if not isinstance(overlap, MarksOverlap):
        return None, None
    left, right = np.zeros(len(comparison.left)), np.zeros(len(comparison.right))
    ones, others = np.unique(near.left), np.unique(near.right)
    left[ones] = overlap.left_areas(comparison.left_index[ones])
    right[others] = overlap.right_areas(comparison.right_index[others])
    return left, right


def _tasks(comparison: Comparison, matched: Candidates) -> Tasks:
    left, right = comparison.left, comparison.right
    hit, first, second = (
        np.bincount(item, minlength=comparison.tasks)
        for item in (left.item[matched.left], left.item, right.item)
    )
    return Tasks(comparison.item, comparison.first, comparison.second, hit, second - hit, first - hit)


def _confusion(comparison: Comparison, errors: LocatedErrors, classes: int) -> Ints:
    """Matched objects stand where their classes meet; what has no partner, or a part of one, is missed or extra."""
    table = np.zeros((classes + 1, classes + 1), np.int64)
    paired = np.isin(errors.left, (ErrorKind.RIGHT, ErrorKind.WRONG_CLASS))
    left, right = comparison.left.label, comparison.right.label
    np.add.at(table, (left[paired], right[errors.left_partner[paired]]), 1)
    single = ~np.isin(errors.right, (ErrorKind.RIGHT, ErrorKind.WRONG_CLASS))
    table[:classes, classes] += np.bincount(left[~paired], minlength=classes)
    table[classes, :classes] += np.bincount(right[single], minlength=classes)
    return table


def _outcomes(comparison: Comparison, errors: LocatedErrors, near: Candidates) -> Outcomes:
    merged = errors.left == ErrorKind.MERGED
    told_right = np.isin(errors.right, (ErrorKind.EXTRA, ErrorKind.SPLIT))
    kept_left = errors.left != ErrorKind.SPLIT
    ones, others = np.flatnonzero(kept_left), np.flatnonzero(told_right)
    kind = np.concatenate([errors.left[ones], errors.right[others]])
    left = np.concatenate([ones, errors.right_partner[others]])
    right = np.concatenate([errors.left_partner[ones], others])
    lonely = merged[ones] & (right[: len(ones)] < 0)
    kind[: len(ones)][lonely] = ErrorKind.MISSED
    task = np.where(left >= 0, _at(comparison.left.item, left), _at(comparison.right.item, right))
    return Outcomes(
        kind, comparison.item[task], comparison.first[task], comparison.second[task],
        np.where(left >= 0, _at(comparison.left_index, left), -1),
        np.where(right >= 0, _at(comparison.right_index, right), -1),
        _overlaps(near, left, right, len(comparison.right)),
    )  # fmt: skip


def _at(column: Ints, index: Ints) -> Ints:
    return column[np.maximum(index, 0)] if len(column) else np.zeros(len(index), np.int64)


def _overlaps(near: Candidates, left: Ints, right: Ints, width: int) -> NDArray[np.float64]:
    """The overlap of pairs that are candidates, 0 of all others."""
    if not len(near):
        return np.zeros(len(left))
    code = near.left * width + near.right
    order = np.argsort(code, kind="stable")
    wanted = np.where((left >= 0) & (right >= 0), left * width + right, -1)
    place = np.minimum(np.searchsorted(code[order], wanted), len(code) - 1)
    found = order[place]
    return np.where(code[found] == wanted, near.overlap[found], 0.0)


def _joined(table: type[_Table], parts: Sequence[_Table]) -> _Table:
    names = list(table.__dataclass_fields__)
    if not parts:
        return table(*(np.zeros(0, np.int64) for _ in names))  # type: ignore[arg-type]  # nothing is of any kind
    return table(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
