"""Disagreements as counts: which two labels meet on items that are not unanimous, where, and by whom.

An item counts once for each two labels that meet on it, however many people voted. How *much* two labels meet is
the coincidence of Krippendorff's alpha: n_v n_w / (m - 1) for an item with n_v and n_w of m votes, so one stray vote
of ten weighs less than five against five. Tables are additive; coincidences are fixed-point integers.

A fixed sample of disagreeing items (those with the smallest hashes) is kept beside them, so that a cluster can show
real items whatever the size of the batch.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .nominal import FIXED_POINT
from .units import Ints, Runs, Units, Votes

SAMPLE = 10_000
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

    def below(self, bound: np.uint64) -> Sampled:
        """The items whose hash lies below a bound: the others could not enter a full sample."""
        kept = self.hash < bound
        mine = np.isin(self.vote_key, self.key[kept])
        return Sampled(
            self.hash[kept],
            self.key[kept],
            self.vote_key[mine],
            self.vote_annotator[mine],
            self.vote_label[mine],
        )

    def __add__(self, other: Sampled) -> Sampled:
        if len(self.hash) == SAMPLE:
            other = other.below(self.hash.max())
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

    ``units`` U, ``mixed`` the units that are not unanimous. ``pairs`` (K, K), v < w: mixed units that hold both, and
    ``apart`` their coincidences. ``holding`` (K,): units that hold the label; ``votes`` (K,): votes for it. The tables
    that end in ``_slice`` (S, …) are of the units of a slice value. ``person_pairs`` (A, K, K): mixed units where the
    person said v and another w. ``person_says`` (A, K, K): over votes of a person for v on mixed units, the share of
    the other votes that say w; ``person_beside`` (A, K): that share over all votes of the person, unanimous units
    included. Coincidences and shares are fixed-point numbers.
    """

    units: int
    mixed: int
    pairs: Ints
    apart: Ints
    holding: Ints
    votes: Ints
    units_slice: Ints
    mixed_slice: Ints
    pairs_slice: Ints
    apart_slice: Ints
    holding_slice: Ints
    person_pairs: Ints
    person_says: Ints
    person_beside: Ints
    sample: Sampled

    def __add__(self, other: DisagreementState) -> DisagreementState:
        return DisagreementState(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


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
    shown: Votes | None = None,
) -> DisagreementState:
    """Count one stretch. ``slices`` holds per attribute (code per unit or -1, first row in the tables, values).

    ``shown`` are the votes to keep in the sample where those that are counted are coarser.

    Two people on three items, 0 1 | 1 1 | 1 2: the labels 0 and 1 meet once, 1 and 2 once.

    >>> from assay.measure.units import runs_of, units_of
    >>> item, who = np.repeat(np.arange(3), 2), np.tile(np.arange(2, dtype=np.int32), 3)
    >>> votes = Votes(item, who, np.array([0, 1, 1, 1, 1, 2], np.int32))
    >>> units = units_of(votes)
    >>> runs = runs_of(units.of_vote, votes.label, 3, 3)
    >>> state = disagreement_state(
    ...     votes, units, runs, np.arange(3, dtype=np.uint64), [], classes=3, annotators=2, slice_values=0
    ... )
    >>> state.mixed, state.pairs.tolist()
    (2, [[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    """
    several = units.size >= 2
    mixed = several & (runs.length > 1)
    met = _meetings(units, runs, mixed, classes)
    held = several[runs.unit]
    by_slice = [
        np.zeros(slice_values * n, np.int64) for n in (1, 1, classes * classes, classes * classes, classes)
    ]
    for code, first, values in slices:
        _count_slices(by_slice, code, first, values, several, mixed, met, runs, held, classes)
    person_pairs, says, beside = _people(votes, units, runs, mixed, annotators, classes)
    square = (classes, classes)
    return DisagreementState(
        int(several.sum()),
        int(mixed.sum()),
        np.bincount(met.pair, minlength=classes * classes).reshape(square),
        _sums(met.pair, met.apart, classes * classes).reshape(square),
        np.bincount(runs.label[held], minlength=classes),
        _sums(runs.label[held], runs.count[held], classes),
        by_slice[0],
        by_slice[1],
        by_slice[2].reshape(slice_values, *square),
        by_slice[3].reshape(slice_values, *square),
        by_slice[4].reshape(slice_values, classes),
        person_pairs,
        says,
        beside,
        _sampled(votes if shown is None else shown, units, mixed, hashes),
    )


@dataclass(frozen=True)
class _Meetings:
    """All pairs of labels that meet within mixed units: unit, code of the pair (v < w), coincidence."""

    unit: Ints
    pair: Ints
    apart: Ints


def _meetings(units: Units, runs: Runs, mixed: NDArray[np.bool_], classes: int) -> _Meetings:
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
    unit = runs.unit[left]
    apart = (runs.count[left] * runs.count[right] << FIXED_POINT) // np.maximum(units.size[unit] - 1, 1)
    return _Meetings(unit, runs.label[left] * classes + runs.label[right], apart)


def _count_slices(
    tables: list[Ints],
    code: Ints,
    first: int,
    values: int,
    several: NDArray[np.bool_],
    mixed: NDArray[np.bool_],
    met: _Meetings,
    runs: Runs,
    held: NDArray[np.bool_],
    classes: int,
) -> None:
    known = code >= 0
    cells = classes * classes
    stretch = slice(first, first + values)
    tables[0][stretch] += np.bincount(code[known & several], minlength=values)
    tables[1][stretch] += np.bincount(code[known & mixed], minlength=values)
    ok = known[met.unit]
    place = code[met.unit[ok]] * cells + met.pair[ok]
    stretch = slice(first * cells, (first + values) * cells)
    tables[2][stretch] += np.bincount(place, minlength=values * cells)
    tables[3][stretch] += _sums(place, met.apart[ok], values * cells)
    ok = held & known[runs.unit]
    counted = np.bincount(code[runs.unit[ok]] * classes + runs.label[ok], minlength=values * classes)
    tables[4][first * classes : (first + values) * classes] += counted


def _people(
    votes: Votes, units: Units, runs: Runs, mixed: NDArray[np.bool_], annotators: int, classes: int
) -> tuple[Ints, Ints, Ints]:
    """Per person: units where the own vote is v and another w; the shares of the others that say w, by v and in all.

    Only units that are not unanimous need a look: on the others the rest says what the person says.
    """
    if annotators * classes * classes > CELLS:
        empty = np.zeros((0, classes, classes), np.int64)
        return empty, empty, np.zeros((0, classes), np.int64)
    calm = ((units.size >= 2) & ~mixed)[units.of_vote]
    code = votes.annotator[calm].astype(np.int64) * classes + votes.label[calm]
    beside = np.bincount(code, minlength=annotators * classes).reshape(annotators, classes) << FIXED_POINT
    vote = np.flatnonzero(mixed[units.of_vote])
    unit = units.of_vote[vote]
    length = runs.length[unit]
    repeat = np.repeat(np.arange(len(vote)), length)
    first = np.cumsum(length) - length
    run = runs.start[unit][repeat] + np.arange(len(repeat)) - first[repeat]
    own = votes.label[vote].astype(np.int64)[repeat]
    others = runs.count[run] - (runs.label[run] == own)
    share = (others << FIXED_POINT) // (units.size[unit] - 1)[repeat]
    place = (votes.annotator[vote].astype(np.int64)[repeat] * classes + own) * classes + runs.label[run]
    cells, shape = annotators * classes * classes, (annotators, classes, classes)
    says = _sums(place, share, cells).reshape(shape)
    pairs = np.bincount(place[runs.label[run] != own], minlength=cells).reshape(shape)
    return pairs, says, beside + says.sum(axis=1)


def _sums(index: Ints, amount: Ints, size: int) -> Ints:
    """Sums by index; whole numbers below 2^53, so exact."""
    return np.bincount(index, weights=amount, minlength=size).astype(np.int64)


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
