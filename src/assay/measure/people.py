"""What each person's votes say beside the others': integer sums per annotator and per pair of annotators.

Everything is additive over items, so stretches of a batch may be summed in any order. Fractions are kept as
fixed-point integers (20 binary digits), so sums do not depend on the order of rows either.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .nominal import FIXED_POINT
from .units import Ints, Runs, Units, Votes

LARGEST_FOR_PAIRS = 256
_LOOKUP_CELLS = 8_000_000


@dataclass(frozen=True)
class PeopleState:
    """Sums per annotator (A) and class (K).

    ``labels`` (A, K): votes. ``beside`` (A, K): how often the *others* on the same items gave each class (fixed
    point). ``own`` (A, 2, 3): votes beside others on items outside and inside gold as count, sum and sum of squares of
    the share of other votes that agree. ``paired`` (A, 3): the same for own share less the share among the others.
    """

    labels: Ints
    beside: Ints
    own: Ints
    paired: Ints

    def __add__(self, other: PeopleState) -> PeopleState:
        return PeopleState(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __sub__(self, other: PeopleState) -> PeopleState:
        return PeopleState(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class PairState:
    """Sums per pair of annotators a < b, as (A, A) tables: items shared, agreements, and the marginals.

    ``first`` and ``second`` (A, A, K) count the labels of a and b on shared items. ``mixed`` and ``mixed_agree``
    count items with three or more votes that are not unanimous.
    """

    shared: Ints
    agree: Ints
    first: Ints
    second: Ints
    mixed: Ints
    mixed_agree: Ints
    left_out: int

    def __add__(self, other: PairState) -> PairState:
        return PairState(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __sub__(self, other: PairState) -> PairState:
        return PairState(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class VoteCounts:
    """Per vote: the count of its label in its unit and the unit's size; per unit: agreeing ordered pairs."""

    same: Ints
    size: Ints
    agreeing: Ints


def vote_counts(votes: Votes, units: Units, runs: Runs, classes: int) -> VoteCounts:
    """Look up each vote's own label count among the runs of its unit."""
    code = units.of_vote * classes + votes.label
    if len(units) * classes <= _LOOKUP_CELLS:
        table = np.zeros(len(units) * classes, np.int64)
        table[runs.unit * classes + runs.label] = runs.count
        same = table[code]
    else:
        same = runs.count[np.searchsorted(runs.unit * classes + runs.label, code)]
    agreeing = np.bincount(runs.unit, weights=runs.count * (runs.count - 1), minlength=len(units)).astype(
        np.int64
    )
    return VoteCounts(same, units.size[units.of_vote], agreeing)


def people_state(
    votes: Votes,
    units: Units,
    counts: VoteCounts,
    in_gold: NDArray[np.bool_],
    *,
    annotators: int,
    classes: int,
    runs: Runs,
) -> PeopleState:
    """Sum what each vote says beside the others of its unit. ``in_gold`` is given per unit."""
    person = votes.annotator.astype(np.int64)
    labels = np.bincount(person * classes + votes.label, minlength=annotators * classes)
    beside_others = counts.size >= 2
    who = person[beside_others]
    share = ((counts.same - 1)[beside_others] << FIXED_POINT) // (counts.size[beside_others] - 1)
    side = in_gold[units.of_vote[beside_others]].astype(np.int64)
    own = _sums(who * 2 + side, share, annotators * 2).reshape(annotators, 2, 3)
    others = counts.size >= 3
    size, same = counts.size[others], counts.same[others]
    agreeing = counts.agreeing[units.of_vote[others]] - 2 * (same - 1)
    rest = (agreeing << FIXED_POINT) // ((size - 1) * (size - 2))
    mine = ((same - 1) << FIXED_POINT) // (size - 1)
    paired = _sums(person[others], mine - rest, annotators)
    beside = _beside(votes, units, counts, runs, annotators, classes)
    return PeopleState(labels.reshape(annotators, classes), beside, own, paired)


def _sums(index: Ints, amount: Ints, size: int) -> Ints:
    """Count, sum and sum of squares (all whole numbers) of fixed-point amounts by index."""
    square = (amount * amount) >> FIXED_POINT
    return np.stack(
        [
            np.bincount(index, minlength=size),
            np.bincount(index, weights=amount, minlength=size).astype(np.int64),
            np.bincount(index, weights=square, minlength=size).astype(np.int64),
        ],
        axis=1,
    )


def _beside(
    votes: Votes, units: Units, counts: VoteCounts, runs: Runs, annotators: int, classes: int
) -> Ints:
    """For every vote, the shares of the other votes on its unit that fall on each class, summed per person.

    Only units that are not unanimous need a look: on the others the rest says what the person says.
    """
    several = counts.size >= 2
    table = np.zeros((annotators, classes), np.int64)
    whole = several & (counts.same == counts.size)
    code = votes.annotator[whole].astype(np.int64) * classes + votes.label[whole]
    table += np.bincount(code, minlength=annotators * classes).reshape(table.shape) << FIXED_POINT
    mixed = np.flatnonzero(several & ~whole)
    unit = units.of_vote[mixed]
    length = runs.length[unit]
    repeat = np.repeat(np.arange(len(mixed)), length)
    first = np.cumsum(length) - length
    run = runs.start[unit][repeat] + (np.arange(len(repeat)) - first[repeat])
    vote = mixed[repeat]
    others = runs.count[run] - (runs.label[run] == votes.label[vote])
    share = (others << FIXED_POINT) // (counts.size[vote] - 1)
    code = votes.annotator[vote].astype(np.int64) * classes + runs.label[run]
    summed = np.bincount(code, weights=share, minlength=annotators * classes).astype(np.int64)
    return table + summed.reshape(table.shape)


def pair_state(votes: Votes, units: Units, runs: Runs, *, annotators: int, classes: int) -> PairState:
    """Sum pairs of votes on the same item. Units of more than 256 votes are left out and counted."""
    cells = annotators * annotators
    sums = {name: np.zeros(cells, np.int64) for name in ("shared", "agree", "mixed", "mixed_agree")}
    margins = {name: np.zeros(cells * classes, np.int64) for name in ("first", "second")}
    small = (units.size <= LARGEST_FOR_PAIRS)[units.of_vote]
    is_mixed = ((units.size >= 3) & (runs.length > 1))[units.of_vote]
    largest = int(units.size[units.size <= LARGEST_FOR_PAIRS].max(initial=0))
    for step in range(1, largest):
        left = np.flatnonzero((units.of_vote[step:] == units.of_vote[:-step]) & small[step:])
        right = left + step
        pair = votes.annotator[left].astype(np.int64) * annotators + votes.annotator[right]
        agree = votes.label[left] == votes.label[right]
        mixed = is_mixed[left]
        for name, mask in (
            ("shared", None),
            ("agree", agree),
            ("mixed", mixed),
            ("mixed_agree", mixed & agree),
        ):
            sums[name] += np.bincount(pair if mask is None else pair[mask], minlength=cells)
        margins["first"] += np.bincount(pair * classes + votes.label[left], minlength=cells * classes)
        margins["second"] += np.bincount(pair * classes + votes.label[right], minlength=cells * classes)
    square = (annotators, annotators)
    return PairState(
        sums["shared"].reshape(square),
        sums["agree"].reshape(square),
        margins["first"].reshape(*square, classes),
        margins["second"].reshape(*square, classes),
        sums["mixed"].reshape(square),
        sums["mixed_agree"].reshape(square),
        int((units.size > LARGEST_FOR_PAIRS).sum()),
    )
