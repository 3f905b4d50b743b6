"""The blind votes of a batch as integer tables: per item, per person and per pair of people, from one pass.

They serve coefficients that a report does not carry. Everything is a count, so tables of stretches add up exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assay.analytics.batch import Batch
from assay.measure.coincidence import AgreementState
from assay.measure.people import LARGEST_FOR_PAIRS
from assay.measure.ratings import MISSING, Ratings
from assay.measure.units import Ints, Votes, units_of

MOST_CELLS = 40_000_000
"""Tables of items by classes or people are built up to this size; larger ones are cut or left out."""

_REST = "everything else"


@dataclass(frozen=True)
class VoteTables:
    """Votes on a scale of ``values``; all codes are places in it, -1 is no vote.

    ``state`` holds what any number of people agree on, ``codes`` the labels of each item by the place of the vote,
    ``shares`` how often each person gave each value. ``pair_cells`` lists, ascending, every cell
    (a · people + b) · K² + (label of a) · K + (label of b) that occurs, ``pair_counts`` how often. ``by_person`` has a
    column for each person and is None for a batch too large for it.
    """

    values: tuple[str, ...]
    people: int
    state: AgreementState
    codes: Ints
    shares: Ints
    pair_cells: Ints
    pair_counts: Ints
    by_person: Ints | None

    @property
    def units(self) -> int:
        """Items with two or more votes."""
        return sum(number for m, number in self.state.items.items() if m > 1)

    @property
    def active(self) -> list[int]:
        """The people who gave any vote."""
        return [int(person) for person in np.flatnonzero(self.shares.sum(axis=1))]

    @property
    def positives(self) -> int:
        """Items with two or more votes; of one class against the rest, the votes for it there, in items."""
        if len(self.values) != 2 or self.values[1] != _REST:
            return self.units
        chosen = sum(int(total[0]) for m, total in self.state.totals.items() if m > 1)
        return round(chosen * self.units / max(self.state.pairable(), 1))

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Every two people who share an item."""
        found = np.unique(self.pair_cells // len(self.values) ** 2)
        return [(int(code) // self.people, int(code) % self.people) for code in found]

    def table(self, a: int, b: int) -> Ints:
        """The confusion table of two people a < b over the items both labelled, rows the first."""
        size = len(self.values) ** 2
        first = (a * self.people + b) * size
        low, high = np.searchsorted(self.pair_cells, (first, first + size))
        cells = np.zeros(size, np.int64)
        cells[self.pair_cells[low:high] - first] = self.pair_counts[low:high]
        return cells.reshape(len(self.values), len(self.values))

    def ratings(self, *, told_apart: bool) -> Ratings | None:
        """The votes by item and person, or by item alone; None where the tables behind them would be too large."""
        codes = self.by_person if told_apart else self.codes
        if codes is None or len(codes) * max(codes.shape[1], len(self.values)) > MOST_CELLS:
            return None
        return Ratings(codes, self.values, told_apart)

    def of_pair(self, a: int, b: int) -> VoteTables:
        """The votes of two people on the items that both labelled."""
        table = self.table(a, b)
        ratings = Ratings.from_table(table, values=self.values)
        used = np.flatnonzero(table)
        return VoteTables(
            self.values, 2, AgreementState.of(ratings), ratings.codes,
            np.stack([table.sum(axis=1), table.sum(axis=0)]),
            used + table.size, table.ravel()[used], ratings.codes,
        )  # fmt: skip

    def of_class(self, name: str) -> VoteTables:
        """The same votes with two values: this class and everything else."""
        chosen, size = self.values.index(name), len(self.values)
        pair, cell = np.divmod(self.pair_cells, size * size)
        folded = pair * 4 + (cell // size != chosen) * 2 + (cell % size != chosen)
        own = self.shares[:, chosen]
        state = self.state.against_rest(name)
        return VoteTables(
            (name, _REST), self.people,
            AgreementState((name, _REST), state.items, state.totals, state.pairs),
            _fold(self.codes, chosen), np.stack([own, self.shares.sum(axis=1) - own], axis=1),
            *_summed(folded, self.pair_counts),
            None if self.by_person is None else _fold(self.by_person, chosen),
        )  # fmt: skip


def vote_tables(batch: Batch) -> VoteTables:
    """Count the blind votes of a batch. Items with more than 256 votes enter no pair.

    For sets of labels the values are the sets, named by their codes.
    """
    values = batch.classes if batch.sets is None else tuple(str(code) for code in range(batch.vote_codes))
    size, people = len(values), len(batch.annotators)
    state = AgreementState(values, {}, {}, {})
    shares = np.zeros((people, size), np.int64)
    largest = max(int(units_of(stretch.votes).size.max(initial=1)) for stretch in batch.stretches())
    labels, persons = [np.zeros((0, largest), np.int64)], [np.zeros((0, largest), np.int64)]
    cells, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for stretch in batch.stretches():
        votes = stretch.votes
        code = votes.annotator.astype(np.int64) * size + votes.label
        shares += np.bincount(code, minlength=people * size).reshape(people, size)
        label, person = _by_item(votes, largest)
        for part in _slabs(label, size):
            state += AgreementState.of(Ratings(part, values, told_apart=False))
        labels.append(label)
        persons.append(person)
        met = _pair_cells(label, person, people, size)
        cells, counts = _summed(
            np.concatenate([cells, met]), np.concatenate([counts, np.ones(len(met), np.int64)])
        )
    every = np.concatenate(labels)
    named = _by_person(every, np.concatenate(persons), people) if len(every) * people <= MOST_CELLS else None
    return VoteTables(values, people, state, every, shares, cells, counts, named)


def _by_item(votes: Votes, largest: int) -> tuple[Ints, Ints]:
    """Labels and people of each item, by the place of the vote."""
    units = units_of(votes)
    place = np.arange(len(votes)) - units.start[units.of_vote]
    labels = np.full((len(units), largest), MISSING, np.int64)
    people = labels.copy()
    labels[units.of_vote, place] = votes.label
    people[units.of_vote, place] = votes.annotator
    return labels, people


def _slabs(table: Ints, classes: int) -> Iterator[Ints]:
    step = max(1, MOST_CELLS // max(classes, 1))
    return (table[start : start + step] for start in range(0, len(table), step))


def _pair_cells(labels: Ints, people: Ints, persons: int, classes: int) -> Ints:
    """The cell of every pair of votes on one item; the votes of an item stand in the order of their people."""
    few = (labels != MISSING).sum(axis=1) <= LARGEST_FOR_PAIRS
    labels, people = labels[few], people[few]
    found = [np.zeros(0, np.int64)]
    for step in range(1, labels.shape[1]):
        row, left = np.nonzero(labels[:, step:] != MISSING)
        right = left + step
        pair = people[row, left] * persons + people[row, right]
        found.append((pair * classes + labels[row, left]) * classes + labels[row, right])
    return np.concatenate(found)


def _summed(cells: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Counts of equal cells added up, cells ascending."""
    kept, place = np.unique(cells, return_inverse=True)
    total = np.zeros(len(kept), np.int64)
    np.add.at(total, place, counts)
    return kept, total


def _by_person(labels: Ints, people: Ints, persons: int) -> Ints:
    table = np.full((len(labels), persons), MISSING, np.int64)
    item, place = np.nonzero(labels != MISSING)
    table[item, people[item, place]] = labels[item, place]
    return table


def _fold(codes: Ints, chosen: int) -> Ints:
    return np.where(codes == MISSING, MISSING, (codes != chosen).astype(np.int64))
