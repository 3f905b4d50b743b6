"""Tables of votes as the sorted arrays that states are summed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.measure.figure import Figure
from assay.measure.nominal import NominalFigures, NominalState, nominal_figures, nominal_state
from assay.measure.ordered import (
    OrderedLevel,
    OrderedState,
    metric_of,
    ordered_alpha,
    ordered_columns,
    ordered_state,
)
from assay.measure.people import PairState, PeopleState, pair_state, people_state
from assay.measure.replicates import Design, replicate_sums
from assay.measure.units import Ints, Runs, Units, Votes, runs_of, units_of

Table = Sequence[Sequence[int | None]]
SEED = "tests"


@dataclass(frozen=True)
class Cut:
    """Votes cut into units, with the runs of equal labels; ``people`` and ``classes`` are numbers of codes."""

    votes: Votes
    units: Units
    runs: Runs
    people: int
    classes: int

    @property
    def none(self) -> Ints:
        """A zero for each unit: one block, one row."""
        return np.zeros(len(self.units), np.int64)


def cut(table: Table, classes: int, *, people: int | None = None) -> Cut:
    """Items by annotators, codes or None, as units."""
    cells = [(i, a, x) for i, row in enumerate(table) for a, x in enumerate(row) if x is not None]
    item, annotator, label = (np.array([cell[n] for cell in cells], np.int64) for n in range(3))
    votes = Votes.sorted_from(item, annotator.astype(np.int32), label.astype(np.int32))
    units = units_of(votes)
    runs = runs_of(units.of_vote, votes.label, len(units), classes)
    return Cut(votes, units, runs, people or max(map(len, table), default=1), classes)


def nominal_of(
    table: Table, classes: int, *, rows: int | None = None, largest: int | None = None
) -> NominalState:
    """The nominal state, one replicate row for each item of the table (or ``rows``, taken in turn)."""
    found = cut(table, classes)
    rows = rows or max(len(table), 1)
    return nominal_state(
        found.runs, found.units.size, found.none, found.units.item % rows, classes=classes,
        largest=largest or int(found.units.size.max(initial=1)), blocks=1, rows=rows,
    )  # fmt: skip


def nominal_figures_of(table: Table, classes: int, *, replicates: int = 200) -> NominalFigures:
    """Figures of a table in which every item is resampled by itself."""
    return figures_of(nominal_of(table, classes), classes, replicates=replicates)


def figures_of(state: NominalState, classes: int, *, replicates: int = 200) -> NominalFigures:
    """Figures of a state of one block."""
    used = state.rows[:, -2] > 0
    design = Design.simple(int(used.sum()))
    (sums,) = replicate_sums([state.rows[used]], design, replicates, SEED)
    return nominal_figures(state, sums, np.ones(1), categories=classes)


def ordered_of(table: Table, values: int, *, rows: int | None = None) -> OrderedState:
    """The ordered state, one replicate row for each item."""
    found = cut(table, values)
    rows = rows or max(len(table), 1)
    return ordered_state(
        found.runs, found.units.size, found.none, found.units.item % rows, values=values, blocks=1, rows=rows
    )


def ordered_figure_of(
    state: OrderedState, numbers: Sequence[float], level: OrderedLevel, *, replicates: int = 200
) -> Figure:
    """Alpha of an ordered state of one block."""
    weight = np.ones(1)
    metric = metric_of(state, np.array(numbers, np.float64), level, weight)
    columns = ordered_columns(state, metric)
    used = columns[:, 1:].sum(axis=1) > 0
    (sums,) = replicate_sums([columns[used]], Design.simple(int(used.sum())), replicates, SEED)
    return ordered_alpha(state, metric, sums, weight)


def people_of(
    table: Table, classes: int, *, gold: Sequence[int] = (), people: int | None = None
) -> PeopleState:
    """What each person says beside the others; ``gold`` are the numbers of the gold items."""
    found = cut(table, classes, people=people)
    in_gold = np.isin(found.units.item, gold)
    return people_state(
        found.votes, found.units, found.runs, in_gold, annotators=found.people, classes=classes
    )


def pairs_of(table: Table, classes: int, *, people: int | None = None) -> PairState:
    """What each two people say on the items both labelled."""
    found = cut(table, classes, people=people)
    return pair_state(found.votes, found.units, found.runs, annotators=found.people, classes=classes)
