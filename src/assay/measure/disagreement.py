"""Disagreements as counts: which two labels meet on items that are not unanimous, where, and by whom.

Tables are additive. A fixed sample of disagreeing items (those with the smallest hashes) is kept beside them, so that
a cluster can show real items whatever the size of the batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .units import Ints, Runs, Units, Votes

SAMPLE = 20_000
CELLS = 20_000_000


@dataclass(frozen=True)
class Sampled:
    """Disagreeing items with the smallest hashes: per item hash and key, and all their votes."""

    hash: NDArray[np.uint64]
    key: Ints
    vote_key: Ints
    vote_annotator: Ints
    vote_label: Ints

    @staticmethod
    def empty() -> Sampled:
        """No items yet."""
        nothing = np.zeros(0, np.int64)
        return Sampled(np.zeros(0, np.uint64), nothing, nothing, nothing, nothing)

    def __add__(self, other: Sampled) -> Sampled:
        hashes = np.concatenate([self.hash, other.hash])
        keys = np.concatenate([self.key, other.key])
        best = np.lexsort((keys, hashes))[:SAMPLE]
        kept = np.sort(keys[best])
        vote_key = np.concatenate([self.vote_key, other.vote_key])
        mine = np.isin(vote_key, kept)
        order = np.lexsort(
            (np.concatenate([self.vote_annotator, other.vote_annotator])[mine], vote_key[mine])
        )
        return Sampled(
            hashes[best],
            keys[best],
            vote_key[mine][order],
            np.concatenate([self.vote_annotator, other.vote_annotator])[mine][order],
            np.concatenate([self.vote_label, other.vote_label])[mine][order],
        )


@dataclass(frozen=True)
class DisagreementState:
    """Counts over units with two or more votes. K labels, S slice values (all attributes end to end), A annotators.

    ``units`` U, ``mixed`` the units that are not unanimous. ``pairs`` (K, K), v < w: mixed units that hold both.
    ``holding`` (K,): units that hold the label. The tables end in ``_slice`` (S, …) and ``_person`` (A, …) for units
    of a slice value and units a person voted on. ``person_says`` (A, K, K): the person said v where others said w.
    """

    units: int
    mixed: int
    pairs: Ints
    holding: Ints
    units_slice: Ints
    mixed_slice: Ints
    pairs_slice: Ints
    holding_slice: Ints
    person_says: Ints
    person_beside: Ints
    sample: Sampled

    def __add__(self, other: DisagreementState) -> DisagreementState:
        return DisagreementState(
            self.units + other.units,
            self.mixed + other.mixed,
            self.pairs + other.pairs,
            self.holding + other.holding,
            self.units_slice + other.units_slice,
            self.mixed_slice + other.mixed_slice,
            self.pairs_slice + other.pairs_slice,
            self.holding_slice + other.holding_slice,
            self.person_says + other.person_says,
            self.person_beside + other.person_beside,
            self.sample + other.sample,
        )


def disagreement_state(
    votes: Votes,
    units: Units,
    runs: Runs,
    hashes: NDArray[np.uint64],
    slices: list[tuple[Ints, int, int]],
    *,
    classes: int,
    annotators: int,
    slice_values: int,
) -> DisagreementState:
    """Count one stretch. ``slices`` holds per attribute (code per unit or -1, first row in the tables, values)."""
    several = units.size >= 2
    mixed = several & (runs.length > 1)
    pair_unit, left, right = _pairs_of(runs, mixed)
    pair = runs.label[left] * classes + runs.label[right]
    held = several[runs.unit]
    by_slice = [np.zeros(slice_values * n, np.int64) for n in (1, 1, classes * classes, classes)]
    for code, first, values in slices:
        _count_slices(by_slice, code, first, values, several, mixed, pair_unit, pair, runs, held, classes)
    says, beside = _people(votes, units, runs, mixed, annotators, classes)
    return DisagreementState(
        int(several.sum()),
        int(mixed.sum()),
        np.bincount(pair, minlength=classes * classes).reshape(classes, classes),
        np.bincount(runs.label[held], minlength=classes),
        by_slice[0],
        by_slice[1],
        by_slice[2].reshape(slice_values, classes, classes),
        by_slice[3].reshape(slice_values, classes),
        says,
        beside,
        _sampled(votes, units, mixed, hashes),
    )


def _pairs_of(runs: Runs, mixed: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """All pairs of runs within mixed units: unit, left run, right run (left label < right label)."""
    of_mixed = np.flatnonzero(mixed[runs.unit])
    longest = int(runs.length[mixed].max(initial=1))
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for step in range(1, longest):
        left = of_mixed[: len(of_mixed) - step]
        right = of_mixed[step:]
        same = runs.unit[left] == runs.unit[right]
        lefts.append(left[same])
        rights.append(right[same])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    return runs.unit[left], left, right


def _count_slices(
    tables: list[Ints], code: Ints, first: int, values: int, several: NDArray[np.bool_], mixed: NDArray[np.bool_],
    pair_unit: Ints, pair: Ints, runs: Runs, held: NDArray[np.bool_], classes: int,
) -> None:
    known = code >= 0
    cells = classes * classes
    stretch = slice(first, first + values)
    tables[0][stretch] += np.bincount(code[known & several], minlength=values)
    tables[1][stretch] += np.bincount(code[known & mixed], minlength=values)
    ok = known[pair_unit]
    counted = np.bincount(code[pair_unit[ok]] * cells + pair[ok], minlength=values * cells)
    tables[2][first * cells : (first + values) * cells] += counted
    ok = held & known[runs.unit]
    counted = np.bincount(code[runs.unit[ok]] * classes + runs.label[ok], minlength=values * classes)
    tables[3][first * classes : (first + values) * classes] += counted


def _people(
    votes: Votes, units: Units, runs: Runs, mixed: NDArray[np.bool_], annotators: int, classes: int
) -> tuple[Ints, Ints]:
    """Per person: said v where another said w; and votes beside w at all (any other vote of the unit says w)."""
    if annotators * classes * classes > CELLS:
        empty = np.zeros((0, classes, classes), np.int64)
        return empty, np.zeros((0, classes), np.int64)
    vote = np.flatnonzero(mixed[units.of_vote])
    unit = units.of_vote[vote]
    length = runs.length[unit]
    repeat = np.repeat(np.arange(len(vote)), length)
    first = np.cumsum(length) - length
    run = runs.start[unit][repeat] + np.arange(len(repeat)) - first[repeat]
    person = votes.annotator[vote].astype(np.int64)[repeat]
    own = votes.label[vote].astype(np.int64)[repeat]
    other = runs.label[run]
    unlike = other != own
    code = (person * classes + own) * classes + other
    says = np.bincount(code[unlike], minlength=annotators * classes * classes).reshape(annotators, classes, classes)
    several = (units.size >= 2)[units.of_vote] & ~mixed[units.of_vote]
    calm = votes.annotator[several].astype(np.int64) * classes + votes.label[several]
    beside = np.bincount(calm, minlength=annotators * classes)
    elsewhere = unlike | (runs.count[run] > 1)
    beside = beside + np.bincount((person * classes + other)[elsewhere], minlength=annotators * classes)
    return says, beside.reshape(annotators, classes)


def _sampled(votes: Votes, units: Units, mixed: NDArray[np.bool_], hashes: NDArray[np.uint64]) -> Sampled:
    where = np.flatnonzero(mixed)
    if len(where) > SAMPLE:
        where = where[np.argpartition(hashes[where], SAMPLE)[:SAMPLE]]
        where.sort()
    chosen = np.zeros(len(units), bool)
    chosen[where] = True
    mine = chosen[units.of_vote]
    return Sampled(
        hashes[where],
        units.item[where],
        votes.item[mine],
        votes.annotator[mine].astype(np.int64),
        votes.label[mine].astype(np.int64),
    )
