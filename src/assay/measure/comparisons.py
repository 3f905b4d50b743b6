"""Who is compared with whom on which item: many small matching tasks in one pair of sides.

A task is one item with gold and one person, or with two people. Who took part comes from the source (``Work``): a
person who drew nothing on an item took part, a person without a file did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .candidates import Candidates, Objects, Overlap, candidates
from .units import Ints

GOLD = -1
_OBJECTS = 250_000


@dataclass(frozen=True)
class Work:
    """Which annotator worked on which item, each once, whether or not they drew anything; codes from 0."""

    item: Ints
    annotator: Ints

    def __post_init__(self) -> None:
        if len(self.item) != len(self.annotator):
            raise ValueError("work needs one item and one annotator in each row")
        order = np.lexsort((self.annotator, self.item))
        item, annotator = self.item[order], self.annotator[order]
        if ((item[1:] == item[:-1]) & (annotator[1:] == annotator[:-1])).any():
            raise ValueError("an annotator stands twice on one item")
        object.__setattr__(self, "item", item)
        object.__setattr__(self, "annotator", annotator)

    def __len__(self) -> int:
        return len(self.item)

    def take(self, kept: NDArray[np.bool_]) -> Work:
        """Some of the rows."""
        return Work(self.item[kept], self.annotator[kept])


@dataclass(frozen=True)
class Comparison:
    """Tasks as two sides whose item numbers are task numbers.

    ``left_index`` and ``right_index`` lead back to the objects that were given. ``item``, ``first`` and ``second``
    are each task's item and people; ``first`` is GOLD against gold.
    """

    left: Objects
    right: Objects
    left_index: Ints
    right_index: Ints
    item: Ints
    first: Ints
    second: Ints

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return len(self.item)

    def near(self, threshold: float, overlap: Overlap | None = None) -> Candidates:
        """The candidate pairs of all tasks; ``overlap`` is that of the objects as they were given, else of boxes."""
        return candidates(self.left, self.right, threshold, overlap and self._laid(overlap))

    def _laid(self, overlap: Overlap) -> Overlap:
        return lambda one, other: overlap(self.left_index[one], self.right_index[other])


@dataclass(frozen=True)
class _Stacks:
    """Objects sorted by the row of work (or the item) they belong to: ``start`` and ``size`` of each."""

    objects: Objects
    index: Ints
    start: Ints
    size: Ints

    @staticmethod
    def of(objects: Objects, owner: Ints, owners: int) -> _Stacks:
        order = np.argsort(owner, kind="stable")
        size = np.bincount(owner, minlength=owners)
        return _Stacks(objects, order, np.cumsum(size) - size, size)

    def laid(self, owner: Ints) -> tuple[Objects, Ints]:
        """The objects of some owners, one task each, and their index."""
        count = self.size[owner]
        index = self.index[spread(self.start[owner], count)]
        return self.objects.on(np.repeat(np.arange(len(owner)), count), index), index


def spread(start: Ints, count: Ints) -> Ints:
    """Ranges laid end to end.

    >>> spread(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    offset = np.cumsum(count) - count
    return np.asarray(np.arange(int(count.sum())) + np.repeat(start - offset, count), np.int64)


def between_people(objects: Objects, annotator: Ints, work: Work) -> Iterator[Comparison]:
    """All pairs of people on every item, in stretches of whole items."""
    stacks = _Stacks.of(objects, _row_of_work(objects.item, annotator, work), len(work))
    _, group, people = np.unique(work.item, return_inverse=True, return_counts=True)
    begin = np.cumsum(people) - people
    rest = people[group] - 1 - (np.arange(len(work)) - begin[group])
    reach = np.bincount(group, weights=stacks.size, minlength=len(people)) * (people - 1)
    for low, high in _cuts(reach.astype(np.int64)):
        rows = np.arange(begin[low], begin[high - 1] + people[high - 1])
        first = np.repeat(rows, rest[rows])
        second = spread(rows + 1, rest[rows])
        if len(first):
            yield _comparison(
                stacks, first, stacks, second, work.item[first], work.annotator[first], work, second
            )


def against_gold(
    gold: Objects, gold_items: Ints, objects: Objects, annotator: Ints, work: Work
) -> Iterator[Comparison]:
    """Gold and every person who worked on a gold item. ``gold_items`` may hold items on which gold has no object."""
    items = np.unique(gold_items)
    if not np.isin(gold.item, items).all():
        raise ValueError("gold holds objects on items that are no gold items")
    work = work.take(np.isin(work.item, items))
    kept = np.flatnonzero(np.isin(objects.item, items))
    owner = _row_of_work(objects.item[kept], annotator[kept], work)
    inner = _Stacks.of(objects.take(kept), owner, len(work))
    stacks = _Stacks(objects, kept[inner.index], inner.start, inner.size)
    truth = _Stacks.of(gold, np.searchsorted(items, gold.item), len(items))
    place = np.searchsorted(items, work.item)
    _, group, people = np.unique(work.item, return_inverse=True, return_counts=True)
    begin = np.cumsum(people) - people
    reach = np.bincount(group, weights=stacks.size + truth.size[place], minlength=len(people))
    for low, high in _cuts(reach.astype(np.int64)):
        rows = np.arange(begin[low], begin[high - 1] + people[high - 1])
        nobody = np.full(len(rows), GOLD)
        yield _comparison(truth, place[rows], stacks, rows, work.item[rows], nobody, work, rows)


def two_sides(left: Objects, right: Objects, items: Ints) -> Comparison:
    """Two sides as they stand, on the items that both worked on."""
    items = np.unique(items)
    for side in (left, right):
        if not np.isin(side.item, items).all():
            raise ValueError("a side holds objects on items that are not compared")
    stacks = [_Stacks.of(side, np.searchsorted(items, side.item), len(items)) for side in (left, right)]
    every = np.arange(len(items))
    (one, one_index), (other, other_index) = (stack.laid(every) for stack in stacks)
    nobody = np.full(len(items), GOLD)
    return Comparison(one, other, one_index, other_index, items, nobody, nobody)


def _comparison(
    left: _Stacks, first: Ints, right: _Stacks, second: Ints, item: Ints, person: Ints, work: Work, rows: Ints
) -> Comparison:
    (one, one_index), (other, other_index) = left.laid(first), right.laid(second)
    return Comparison(one, other, one_index, other_index, item, person, work.annotator[rows])


def _row_of_work(item: Ints, annotator: Ints, work: Work) -> Ints:
    people = int(max(annotator.max(initial=-1), work.annotator.max(initial=-1))) + 1
    rows = work.item * people + work.annotator
    wanted = item * people + annotator
    place = np.searchsorted(rows, wanted)
    found = np.append(rows, -1)[place] == wanted if len(rows) else np.zeros(len(wanted), bool)
    if not found.all():
        where = int(np.flatnonzero(~found)[0])
        raise ValueError(
            f"annotator {int(annotator[where])} has objects on item {int(item[where])} without having worked on it"
        )
    return place


def _cuts(size: Ints) -> Iterator[tuple[int, int]]:
    """Stretches of items that hold about so many objects each."""
    total = np.cumsum(size)
    first = 0
    while first < len(size):
        done = int(total[first - 1]) if first else 0
        last = max(int(np.searchsorted(total, done + _OBJECTS, "right")), first + 1)
        yield first, last
        first = last
