"""From a batch to its states: one pass over the stretches, integers only.

The result holds everything that figures, clusters, suspicions and the redo list are made of. Two batch states add up
to the state of their union when their items are disjoint and their codes are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.measure.disagreement import DisagreementState, disagreement_state
from assay.measure.nominal import NominalState, nominal_state
from assay.measure.ordered import OrderedState, ordered_state
from assay.measure.people import PairState, PeopleState, pair_state, people_state
from assay.measure.replicates import hash_items
from assay.measure.units import Ints, Runs, Units, Votes, majority, runs_of, units_of

from .batch import BANDS, UNKNOWN, Batch, ItemFacts, Stretch
from .rows import Plan, Rows, nominal_in_order, ordered_in_order, plan_rows

UNDECIDED = -1
MISSING = -2
PAIR_CELLS = 30_000_000


@dataclass(frozen=True)
class Scored:
    """Scored labels on gold items: position in the gold panel, delivered code, person.

    Codes below zero are -1 undecided, -2 missing, -3 a label that the schema does not have.
    """

    gold: Ints
    given: Ints
    annotator: Ints

    def __add__(self, other: Scored) -> Scored:
        return Scored(
            np.concatenate([self.gold, other.gold]),
            np.concatenate([self.given, other.given]),
            np.concatenate([self.annotator, other.annotator]),
        )


@dataclass(frozen=True)
class Tally:
    """Counts of items and labels: items with a label, items expected and absent, final labels by code."""

    items: int
    unexpected: int
    delivered: int
    labels: Ints
    undecided: int
    settled: int
    by_slice: Ints
    expected_by_slice: Ints
    sizes: Ints

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.items + other.items,
            self.unexpected + other.unexpected,
            self.delivered + other.delivered,
            self.labels + other.labels,
            self.undecided + other.undecided,
            self.settled + other.settled,
            self.by_slice + other.by_slice,
            self.expected_by_slice + other.expected_by_slice,
            _added(self.sizes, other.sizes),
        )


def _added(left: Ints, right: Ints) -> Ints:
    """The sum of two counts by size, of which one may reach further."""
    out = np.zeros(max(len(left), len(right)), np.int64)
    out[: len(left)] += left
    out[: len(right)] += right
    return out


@dataclass(frozen=True)
class BatchState:
    """All states of a batch. ``slices`` has one nominal state per attribute (blocks = value by stratum)."""

    nominal: NominalState
    slices: tuple[NominalState, ...]
    ordered: OrderedState | None
    ordered_slices: tuple[OrderedState, ...]
    people: PeopleState
    pairs: PairState | None
    disagreement: DisagreementState
    final: Scored
    votes: Scored
    tally: Tally

    def __add__(self, other: BatchState) -> BatchState:
        return BatchState(
            self.nominal + other.nominal,
            tuple(a + b for a, b in zip(self.slices, other.slices, strict=True)),
            self.ordered + other.ordered if self.ordered and other.ordered else None,
            tuple(a + b for a, b in zip(self.ordered_slices, other.ordered_slices, strict=True)),
            self.people + other.people,
            self.pairs + other.pairs if self.pairs and other.pairs else None,
            self.disagreement + other.disagreement,
            self.final + other.final,
            self.votes + other.votes,
            self.tally + other.tally,
        )

    def in_order(self, order: Ints) -> BatchState:
        """The same with its replicate rows in another order."""
        return replace(
            self,
            nominal=nominal_in_order(self.nominal, order),
            slices=tuple(nominal_in_order(part, order) for part in self.slices),
            ordered=ordered_in_order(self.ordered, order) if self.ordered else None,
            ordered_slices=tuple(ordered_in_order(part, order) for part in self.ordered_slices),
        )


def measure(
    batch: Batch, seed: str, *, progress: Callable[[int], None] | None = None
) -> tuple[BatchState, Plan]:
    """Measure a whole batch. ``progress`` is told the number of votes done so far."""
    plan = plan_rows(batch, seed)
    rows = Rows(plan)
    total: BatchState | None = None
    done = 0
    for stretch in batch.stretches():
        state = _measure_stretch(batch, stretch, plan, rows)
        total = state if total is None else total + state
        done += len(stretch.votes)
        if progress is not None:
            progress(done)
    if total is None:
        raise ValueError("a batch has at least one stretch")
    order = rows.order()
    return total if order is None else total.in_order(order), plan


def _measure_stretch(batch: Batch, stretch: Stretch, plan: Plan, rows: Rows) -> BatchState:
    votes, items = stretch.votes, stretch.items
    units = units_of(votes)
    place = items.rows_of(units.item)
    codes = len(batch.classes)
    whole = runs_of(units.of_vote, votes.label, len(units), batch.vote_codes)
    labels = whole if batch.sets is None else _tag_runs(votes, units, batch.sets)
    stratum = items.stratum[place]
    hashes = hash_items(items.number, plan.seed)[place]
    row = rows.of(items, place, hashes)
    largest = int(units.size.max(initial=1))
    nominal = nominal_state(
        labels,
        units.size,
        stratum,
        row,
        classes=codes,
        largest=largest,
        blocks=len(batch.strata),
        rows=plan.rows,
    )
    slices = tuple(
        _slice_state(labels, units.size, items.slices[n][place], stratum, row, len(a.values), plan, batch)
        for n, a in enumerate(batch.slices)
    )
    ordered: OrderedState | None = None
    ordered_slices: tuple[OrderedState, ...] = ()
    if batch.level != "nominal" or batch.sets is not None:
        values = batch.vote_codes
        ordered = ordered_state(
            whole, units.size, stratum, row, values=values, blocks=len(batch.strata), rows=plan.rows
        )
        ordered_slices = tuple(
            _ordered_slice(
                whole, units.size, items.slices[n][place], stratum, row, len(a.values), plan, batch
            )
            for n, a in enumerate(batch.slices)
        )
    people, pairs, disagreement = _people(batch, votes, units, whole, items, place, hashes)
    final, votes_on_gold, tally = _finals(batch, stretch, units, whole)
    return BatchState(
        nominal, slices, ordered, ordered_slices, people, pairs, disagreement, final, votes_on_gold, tally
    )


def _slice_state(
    runs: Runs, size: Ints, code: Ints, stratum: Ints, row: Ints, values: int, plan: Plan, batch: Batch
) -> NominalState:
    """The nominal state of one attribute: blocks are (value, stratum), replicate rows are (value, row).

    Units without a stated value fall into one more value at the end, which nobody reads.
    """
    code = np.where(code < 0, values, code)
    strata = len(batch.strata)
    return nominal_state(
        runs,
        size,
        code * strata + stratum,
        code * plan.rows + row,
        classes=len(batch.classes),
        largest=int(size.max(initial=1)),
        blocks=(values + 1) * strata,
        rows=(values + 1) * plan.rows,
        per_class=False,
    )


def _ordered_slice(
    runs: Runs, size: Ints, code: Ints, stratum: Ints, row: Ints, values: int, plan: Plan, batch: Batch
) -> OrderedState:
    """The ordered state of one attribute, laid out as :func:`_slice_state`."""
    code, strata = np.where(code < 0, values, code), len(batch.strata)
    return ordered_state(
        runs,
        size,
        code * strata + stratum,
        code * plan.rows + row,
        values=batch.vote_codes,
        blocks=(values + 1) * strata,
        rows=(values + 1) * plan.rows,
    )


def _tag_runs(votes: Votes, units: Units, sets: NDArray[np.bool_]) -> Runs:
    """Runs of tags: how many people of each unit chose each tag."""
    chosen = sets[votes.label]
    vote, tag = np.nonzero(chosen)
    order = np.argsort(units.of_vote[vote], kind="stable")
    return runs_of(units.of_vote[vote][order], tag[order], len(units), sets.shape[1])


def _people(
    batch: Batch,
    votes: Votes,
    units: Units,
    runs: Runs,
    items: ItemFacts,
    place: Ints,
    hashes: NDArray[np.uint64],
) -> tuple[PeopleState, PairState | None, DisagreementState]:
    codes, people = batch.vote_codes, len(batch.annotators)
    in_gold = _gold_of_unit(batch, units) >= 0
    state = people_state(
        votes, units, runs, in_gold, annotators=people, classes=codes, positions=batch.positions
    )
    pairs = None
    if people * people * codes <= PAIR_CELLS:
        pairs = pair_state(votes, units, runs, annotators=people, classes=codes, positions=batch.positions)
    slices, first = [], 0
    for number, attribute in enumerate(batch.slices):
        slices.append((items.slices[number][place], first, len(attribute.values)))
        first += len(attribute.values)
    met, bands = votes, batch.bands
    if bands is not None:
        codes = BANDS
        met = Votes(votes.item, votes.annotator, bands[votes.label].astype(np.int32))
        runs = runs_of(units.of_vote, met.label, len(units), codes)
    disagreement = disagreement_state(
        met, units, runs, hashes, slices, classes=codes, annotators=people, slice_values=first, shown=votes
    )
    return state, pairs, disagreement


def _finals(batch: Batch, stretch: Stretch, units: Units, runs: Runs) -> tuple[Scored, Scored, Tally]:
    """The final label of every item of the stretch, what of it falls on gold, and the counts."""
    standing = stretch.standing
    if standing is not stretch.votes:
        units = units_of(standing)
        runs = _standing_runs(batch, standing, units)
    key, label = _final_labels(batch, stretch, standing, units, runs)
    votes = _votes_on_gold(batch, standing, units)
    if batch.final == "each vote":
        final = votes + _missing(batch, stretch, np.unique(votes.gold))
    else:
        final = _final_on_gold(batch, stretch, key, label)
    return final, votes, _tally(batch, stretch, units, key, label)


def delivered_labels(batch: Batch) -> tuple[Ints, Ints]:
    """The final label of every delivered item (below zero: undecided or unknown), by ascending key."""
    keys, labels = [], []
    for stretch in batch.stretches():
        standing = stretch.standing
        units = units_of(standing)
        runs = _standing_runs(batch, standing, units)
        key, label = _final_labels(batch, stretch, standing, units, runs)
        keys.append(key)
        labels.append(label)
    return np.concatenate(keys), np.concatenate(labels)


def _standing_runs(batch: Batch, standing: Votes, units: Units) -> Runs:
    """Runs of the labels that decide; those that the schema does not have share one more code at the end."""
    label = np.where(standing.label < 0, batch.vote_codes, standing.label)
    return runs_of(units.of_vote, label, len(units), batch.vote_codes + 1)


def _final_labels(
    batch: Batch, stretch: Stretch, standing: Votes, units: Units, runs: Runs
) -> tuple[Ints, Ints]:
    """Final labels by item key: settled by a later layer, else by the rule of the delivery."""
    if batch.final.startswith("annotator:"):
        person = batch.annotators.index(batch.final.removeprefix("annotator:"))
        mine = standing.annotator == person
        key, label = standing.item[mine], standing.label[mine].astype(np.int64)
    else:
        winner = majority(runs)
        key, label = units.item, np.where(winner == batch.vote_codes, UNKNOWN, winner)
    if len(stretch.settled_key):
        rest = ~np.isin(key, stretch.settled_key)
        key = np.concatenate([key[rest], stretch.settled_key])
        label = np.concatenate([label[rest], stretch.settled_label])
        order = np.argsort(key, kind="stable")
        key, label = key[order], label[order]
    return key, label


def _in_stretch(batch: Batch, stretch: Stretch) -> Ints:
    """Positions in the gold panel of the gold items of this stretch."""
    place = np.minimum(np.searchsorted(stretch.items.key, batch.gold.key), max(len(stretch.items.key) - 1, 0))
    if len(stretch.items.key) == 0:
        return np.zeros(0, np.int64)
    return np.flatnonzero(stretch.items.key[place] == batch.gold.key)


def _final_on_gold(batch: Batch, stretch: Stretch, key: Ints, label: Ints) -> Scored:
    gold = _in_stretch(batch, stretch)
    given = np.full(len(gold), MISSING, np.int64)
    if len(key):
        place = np.minimum(np.searchsorted(key, batch.gold.key[gold]), len(key) - 1)
        found = key[place] == batch.gold.key[gold]
        given[found] = label[place[found]]
    return Scored(gold, given, np.full(len(gold), -1, np.int64))


def _gold_of_unit(batch: Batch, units: Units) -> Ints:
    """The position in the gold panel of each unit's item, -1 where there is no gold."""
    found = np.full(len(units), -1, np.int64)
    if len(units) and len(batch.gold):
        place = np.minimum(np.searchsorted(units.item, batch.gold.key), len(units) - 1)
        here = np.flatnonzero(units.item[place] == batch.gold.key)
        found[place[here]] = here
    return found


def _votes_on_gold(batch: Batch, votes: Votes, units: Units) -> Scored:
    gold = _gold_of_unit(batch, units)[units.of_vote]
    found = np.flatnonzero(gold >= 0)
    return Scored(gold[found], votes.label[found].astype(np.int64), votes.annotator[found].astype(np.int64))


def _missing(batch: Batch, stretch: Stretch, scored: Ints) -> Scored:
    """Gold items of this stretch that nobody labelled, one missing label each."""
    gold = np.setdiff1d(_in_stretch(batch, stretch), scored)
    return Scored(gold, np.full(len(gold), MISSING, np.int64), np.full(len(gold), -1, np.int64))


def _tally(batch: Batch, stretch: Stretch, units: Units, key: Ints, label: Ints) -> Tally:
    items = stretch.items
    place = items.rows_of(key)
    delivered = np.zeros(len(items.key), bool)
    delivered[place] = True
    by_slice, expected = [], []
    for number, attribute in enumerate(batch.slices):
        code = items.slices[number]
        values = len(attribute.values)
        by_slice.append(np.bincount(code[delivered & (code >= 0)], minlength=values))
        expected.append(np.bincount(code[items.expected & (code >= 0)], minlength=values))
    decided = label >= 0
    return Tally(
        int(items.expected.sum()),
        int((~items.expected).sum()),
        int((delivered & items.expected).sum()),
        np.bincount(label[decided], minlength=batch.vote_codes),
        int((label == UNDECIDED).sum()),
        len(stretch.settled_key),
        np.concatenate(by_slice) if by_slice else np.zeros(0, np.int64),
        np.concatenate(expected) if expected else np.zeros(0, np.int64),
        np.bincount(units.size, minlength=2),
    )
