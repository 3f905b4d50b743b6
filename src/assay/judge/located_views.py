"""Outcomes seen as trials: what each object was compared with, and what came of it, one row each.

Against gold there are two views: gold objects that a person should have marked, and marked objects that gold should
hold. Between people there are two as well: objects of one that the other should have, and pairs of objects of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.measure.assignment import components
from assay.measure.located_errors import ErrorKind
from assay.measure.units import Ints

from .located_batch import NOBODY, LocatedBatch, Marks, Outcomes

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class View:
    """Rows of trials (N): the object each is about (``mark`` in ``marks``), what came of it, where, and with whom.

    ``left`` and ``right`` are the two objects compared, rows of ``sides``, -1 where there is none. ``person`` is who
    is judged (against gold) or who marked the object; ``other`` whom they are compared with. People are numbered by
    what they did and not by name, -1 for nobody; ``people`` leads to the names.
    """

    marks: Marks
    mark: Ints
    kind: Ints
    item: Ints
    unit: Ints
    person: Ints
    other: Ints
    left: Ints
    right: Ints
    overlap: NDArray[np.float64]
    sides: tuple[Marks, Marks]
    people: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def label(self) -> Ints:
        """The class of the object of each row."""
        return self.marks.objects.label[self.mark]

    def labels(self, side: int) -> Ints:
        """The class on one side (0 left, 1 right) of each row, -1 where that side has no object."""
        index = (self.left, self.right)[side]
        known = np.append(self.sides[side].objects.label, -1)
        return np.asarray(known[index], np.int64)


def gold_views(batch: LocatedBatch, against: Outcomes) -> tuple[View, View]:
    """Gold objects with each person who worked on their item, and marked objects on gold items that were delivered."""
    against = against.take(~np.isin(against.item, batch.absent))
    names = _Names.of(batch, against)
    sides = (batch.gold, batch.final)
    people = len(batch.annotators) + 1
    seen = _single(against, against.left, against.second, people)
    drawn = _single(against, against.right, against.second, people)
    return (
        _view(seen, batch.gold, seen.left, seen.left, seen.second, seen.first, sides, names),
        _view(drawn, batch.final, drawn.right, drawn.right, drawn.second, drawn.first, sides, names),
    )


def pair_views(batch: LocatedBatch, between: Outcomes) -> tuple[View, View]:
    """Objects of a person beside another person's work, and pairs of objects of two people.

    The object that stands for a pair is the larger one, so that it does not depend on how people are named; so it is
    with the person of a pair, who is the one who differs more from everybody.
    """
    names = _Names.of(batch, between)
    sides, people = (batch.marks, batch.marks), len(batch.annotators) + 1
    unit = _units(len(batch.marks), between)
    mine = _single(between, between.left, between.second, people)
    theirs = _single(_turned(between), between.right, between.first, people)
    one = _joined(mine, theirs)
    objects = _view(one, batch.marks, one.left, unit[one.left], one.first, one.second, sides, names)
    both = between.take((between.left >= 0) & (between.right >= 0))
    whole = np.where(both.kind == ErrorKind.MERGED, both.right, both.left)
    both = _single(both, whole, np.where(both.kind == ErrorKind.MERGED, both.first, both.second), people)
    mark = _standing_for(batch.marks, both)
    worse = names.difference[both.first] >= names.difference[both.second]
    person = np.where(worse, both.first, both.second)
    pairs = _view(
        both, batch.marks, mark, unit[mark], person, both.first + both.second - person, sides, names
    )
    return objects, pairs


@dataclass(frozen=True)
class _Names:
    """People by what they did: a number for each code of the batch (the last for nobody), and how much they differ."""

    number: Ints
    difference: NDArray[np.float64]
    names: tuple[str, ...]

    @staticmethod
    def of(batch: LocatedBatch, outcomes: Outcomes) -> _Names:
        people = len(batch.annotators)
        tallies = np.zeros((4, people + 1), np.uint64)
        hashes = batch.facts.number[outcomes.item]
        wrong = outcomes.kind != ErrorKind.RIGHT
        for side in (outcomes.first, outcomes.second):
            code = np.where((side < 0) | (side >= people), people, side)
            np.add.at(tallies[0], code[wrong], np.uint64(1))
            np.add.at(tallies[1], code, np.uint64(1))
            np.add.at(tallies[2], code[wrong], hashes[wrong])
            np.add.at(tallies[3], code, hashes)
        order = np.lexsort(tallies[::-1, :people])[::-1]
        number = np.full(people + 1, NOBODY)
        number[order] = np.arange(people)
        share = tallies[0] / np.maximum(tallies[1], 1) - number * 1e-9
        return _Names(number, share, tuple(batch.annotators[code] for code in order.tolist()))


def _units(size: int, between: Outcomes) -> Ints:
    """A number for each object that it has in common with all objects it was matched with, however indirectly."""
    met = (
        (between.kind == ErrorKind.RIGHT)
        | (between.kind == ErrorKind.WRONG_CLASS)
        | (between.kind == ErrorKind.LOOSE)
    )
    matched, every = between.take(met), np.arange(size)
    if not size:
        return every
    ends = (np.concatenate([side, every]) for side in (matched.left, matched.right))
    return components(*ends)[len(matched) :]


def _turned(outcomes: Outcomes) -> Outcomes:
    """The same seen from the other side."""
    kind = outcomes.kind.copy()
    for one, other in ((ErrorKind.MISSED, ErrorKind.EXTRA), (ErrorKind.SPLIT, ErrorKind.MERGED)):
        kind[outcomes.kind == one], kind[outcomes.kind == other] = other, one
    return Outcomes(
        kind, outcomes.item, outcomes.second, outcomes.first, outcomes.right, outcomes.left, outcomes.overlap
    )


def _joined(one: Outcomes, other: Outcomes) -> Outcomes:
    names: Sequence[str] = tuple(Outcomes.__dataclass_fields__)
    return Outcomes(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))


def _single(outcomes: Outcomes, mark: Ints, beside: Ints, people: int) -> Outcomes:
    """The rows that have an object on a side, each object once beside each person: with its largest part."""
    kept = np.flatnonzero(mark >= 0)
    key = mark[kept] * (people + 1) + beside[kept] + 1
    if len(key) == 0 or np.bincount(mark[kept]).max() == 1:
        return outcomes.take(kept)
    order = np.lexsort((kept, -outcomes.overlap[kept], key))
    first = np.append(True, key[order][1:] != key[order][:-1])
    return outcomes.take(np.sort(kept[order[first]]))


def _standing_for(marks: Marks, both: Outcomes) -> Ints:
    box = marks.objects.box
    left, right = box[both.left], box[both.right]
    areas = left[:, 2] * left[:, 3], right[:, 2] * right[:, 3]
    first = areas[0] > areas[1]
    tie = areas[0] == areas[1]
    first |= tie & ((left[:, 0] < right[:, 0]) | ((left[:, 0] == right[:, 0]) & (left[:, 1] <= right[:, 1])))
    return np.where(first, both.left, both.right)


def _view(
    rows: Outcomes,
    marks: Marks,
    mark: Ints,
    unit: Ints,
    person: Ints,
    other: Ints,
    sides: tuple[Marks, Marks],
    names: _Names,
) -> View:
    return View(
        marks, mark, rows.kind, rows.item, unit, names.number[np.clip(person, -1, len(names.names))],
        names.number[np.clip(other, -1, len(names.names))], rows.left, rows.right, rows.overlap, sides, names.names,
    )  # fmt: skip
