"""What each person's votes say beside the others': integer sums per annotator and per pair of annotators.

Everything is additive over items, so stretches of a batch may be summed in any order. Fractions are kept as
fixed-point integers (20 binary digits), so sums do not depend on the order of rows either.

Two votes agree by 1 or 0; two ratings by one less their distance as a share of the scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .nominal import FIXED_POINT
from .units import Ints, Runs, Units, Votes, integer_sums, majority

LARGEST_FOR_PAIRS = 256
_MOST_BLOCKS = 2_000_000
_MOST_CELLS = 8_000_000
_ONE = 1 << FIXED_POINT


@dataclass(frozen=True)
class PeopleState:
    """Sums per annotator (A) and class (K).

    ``labels`` (A, K): votes. ``beside`` (A, K): how often the *others* on the same items gave each class (fixed
    point). ``own`` (A, 2, 3): votes beside others on items outside and inside gold as count, sum and sum of squares of
    the share of other votes that agree. ``paired`` (A, 2, B, 3): the same, where there are two others or more, for the
    own share less the share of agreement among the others; B is the majority's class, ties last (1 where K is large).
    ``lean`` (A,): of ratings, how far above the others they lie, summed as shares of the scale.
    """

    labels: Ints
    beside: Ints
    own: Ints
    paired: Ints
    lean: Ints

    def __add__(self, other: PeopleState) -> PeopleState:
        return PeopleState(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __sub__(self, other: PeopleState) -> PeopleState:
        return PeopleState(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class PairState:
    """Sums per pair of annotators a < b, as (A, A) tables: items shared, agreements, and the marginals.

    ``close`` sums how near the two labels are, in fixed point: 1 or 0, of ratings one less their distance on the scale.
    ``first`` and ``second`` (A, A, K) count the labels of a and b on shared items. ``mixed`` and ``mixed_agree``
    count items with three or more votes that are not unanimous; ``mixed_labels`` (A, K) each one's labels on those.
    """

    shared: Ints
    agree: Ints
    close: Ints
    first: Ints
    second: Ints
    mixed: Ints
    mixed_agree: Ints
    mixed_labels: Ints
    left_out: int

    def __add__(self, other: PairState) -> PairState:
        return PairState(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __sub__(self, other: PairState) -> PairState:
        return PairState(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


def scale_positions(numbers: NDArray[np.float64], *, by_rank: bool) -> Ints:
    """Where each value lies on the scale from the lowest to the highest, in fixed point; by rank or by value.

    >>> (scale_positions(np.array([0.0, 25.0, 100.0]), by_rank=False) / 2**20).tolist()
    [0.0, 0.25, 1.0]
    """
    values = np.arange(len(numbers), dtype=np.float64) if by_rank else numbers
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    if high <= low:
        return np.zeros(len(values), np.int64)
    return np.rint((values - low) / (high - low) * _ONE).astype(np.int64)


def people_state(
    votes: Votes,
    units: Units,
    runs: Runs,
    in_gold: NDArray[np.bool_],
    *,
    annotators: int,
    classes: int,
    positions: Ints | None = None,
) -> PeopleState:
    """Sum what each vote says beside the others of its unit. ``in_gold`` is given per unit.

    ``positions`` are the places of ratings on their scale. On a unanimous unit every share is one, so its votes are
    only counted; most units are.
    """
    person = votes.annotator.astype(np.int64)
    labels = np.bincount(person * classes + votes.label, minlength=annotators * classes)
    mixed = runs.length > 1
    block, blocks = _blocks(units, runs, annotators, classes)
    own = np.zeros((annotators * 2, 3), np.int64)
    paired = np.zeros((annotators * 2 * blocks, 3), np.int64)
    cell = (person * 2 + in_gold[units.of_vote]) * blocks + block[units.of_vote]
    calm = np.flatnonzero(((units.size >= 2) & ~mixed)[units.of_vote])
    side = in_gold[units.of_vote[calm]]
    counted = np.bincount(person[calm] * 2 + side, minlength=annotators * 2)
    own += np.stack([counted, counted << FIXED_POINT, counted << FIXED_POINT], axis=1)
    in_three = calm[units.size[units.of_vote[calm]] >= 3]
    paired[:, 0] += np.bincount(cell[in_three], minlength=len(paired))
    beside = (
        np.bincount(person[calm] * classes + votes.label[calm], minlength=annotators * classes) << FIXED_POINT
    )
    lean = np.zeros(annotators, np.int64)
    for vote, one in _mixed_votes(np.flatnonzero(mixed[units.of_vote]), votes, units, runs, positions):
        own += _sums(person[vote] * 2 + in_gold[one.unit], one.share, annotators * 2)
        three = one.size >= 3
        paired += _sums(cell[vote[three]], one.share[three] - one.rest[three], len(paired))
        beside += _beside(vote, one, votes, runs, annotators, classes)
        lean += np.bincount(person[vote], weights=one.lean, minlength=annotators).astype(np.int64)
    shape = (annotators, classes)
    return PeopleState(
        labels.reshape(shape),
        beside.reshape(shape),
        own.reshape(annotators, 2, 3),
        paired.reshape(annotators, 2, blocks, 3),
        lean,
    )


def _blocks(units: Units, runs: Runs, annotators: int, classes: int) -> tuple[Ints, int]:
    """The block of each unit: the class of its majority, or one block for all where there would be too many."""
    if annotators * (classes + 1) > _MOST_BLOCKS:
        return np.zeros(len(units), np.int64), 1
    winner = majority(runs)
    return np.where(winner < 0, classes, winner), classes + 1


def _mixed_votes(
    vote: Ints, votes: Votes, units: Units, runs: Runs, positions: Ints | None
) -> Iterator[tuple[Ints, _Mixed]]:
    """Votes on units that are not unanimous, as many at once as fit: a crowded item has votes times labels cells."""
    length = runs.length[units.of_vote[vote]]
    if int(length.sum()) <= _MOST_CELLS:
        yield vote, _Mixed.of(vote, votes, units, runs, positions)
        return
    slab = np.cumsum(length) // _MOST_CELLS
    parts = np.split(vote, np.flatnonzero(slab[1:] != slab[:-1]) + 1)
    same = np.concatenate([_Mixed.of(part, votes, units, runs, positions).same for part in parts])
    agreeing = integer_sums(units.of_vote[vote], same, len(units))
    for part in parts:
        yield part, _Mixed.of(part, votes, units, runs, positions, agreeing)


@dataclass(frozen=True)
class _Mixed:
    """Votes on units that are not unanimous, each with the runs of its unit laid out after it.

    ``size`` of the unit; ``same``, how alike the vote and the other votes are, summed over these; ``share`` of the
    other votes that agree with the vote and ``rest``, the share of agreeing pairs among the others (fixed point; 0 with
    two votes); ``lean``, of ratings, how far above the others' mean; ``vote_of_run`` and ``run`` pair every vote with
    its runs.
    """

    unit: Ints
    size: Ints
    same: Ints
    share: Ints
    rest: Ints
    lean: Ints
    vote_of_run: Ints
    run: Ints

    @staticmethod
    def of(
        vote: Ints,
        votes: Votes,
        units: Units,
        runs: Runs,
        positions: Ints | None,
        agreeing: Ints | None = None,
    ) -> _Mixed:
        """``agreeing`` is how alike all ordered pairs of votes of each unit are; None if ``vote`` holds whole units."""
        unit = units.of_vote[vote]
        size, length = units.size[unit], runs.length[unit]
        vote_of_run = np.repeat(np.arange(len(vote)), length)
        first = np.cumsum(length) - length
        run = runs.start[unit][vote_of_run] + np.arange(len(vote_of_run)) - first[vote_of_run]
        count, own = runs.count[run], votes.label[vote].astype(np.int64)[vote_of_run]
        lean = np.zeros(len(vote), np.int64)
        if positions is None:
            alike = (runs.label[run] == own).astype(np.int64) << FIXED_POINT
        else:
            above = positions[own] - positions[runs.label[run]]
            alike = _ONE - np.abs(above)
            lean = _sum(vote_of_run, count * above, len(vote)) // (size - 1)
        same = _sum(vote_of_run, count * alike, len(vote)) - _ONE
        every = integer_sums(unit, same, len(units)) if agreeing is None else agreeing
        rest = (every[unit] - 2 * same) // np.maximum((size - 1) * (size - 2), 1)
        return _Mixed(unit, size, same, same // (size - 1), rest, lean, vote_of_run, run)


def _sum(index: Ints, amount: Ints, size: int) -> Ints:
    return np.bincount(index, weights=amount, minlength=size).astype(np.int64)


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


def _beside(vote: Ints, one: _Mixed, votes: Votes, runs: Runs, annotators: int, classes: int) -> Ints:
    """For every vote, the shares of the other votes on its unit that fall on each class, summed per person."""
    by_run = vote[one.vote_of_run]
    label = runs.label[one.run]
    others = runs.count[one.run] - (label == votes.label[by_run])
    share = (others << FIXED_POINT) // (one.size[one.vote_of_run] - 1)
    code = votes.annotator[by_run].astype(np.int64) * classes + label
    return np.bincount(code, weights=share, minlength=annotators * classes).astype(np.int64)


def pair_state(
    votes: Votes, units: Units, runs: Runs, *, annotators: int, classes: int, positions: Ints | None = None
) -> PairState:
    """Sum pairs of votes on the same item. Units of more than 256 votes are left out and counted.

    ``positions`` are the places of ratings on their scale.
    """
    cells = annotators * annotators
    apart = np.zeros(cells, np.int64)
    sums = {name: np.zeros(cells, np.int64) for name in ("shared", "agree", "mixed", "mixed_agree")}
    margins = {name: np.zeros(cells * classes, np.int64) for name in ("first", "second")}
    small = (units.size <= LARGEST_FOR_PAIRS)[units.of_vote]
    is_mixed = ((units.size >= 3) & (runs.length > 1))[units.of_vote]
    contested = votes.annotator[small & is_mixed].astype(np.int64) * classes + votes.label[small & is_mixed]
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
        if positions is not None:
            apart += _sum(pair, np.abs(positions[votes.label[left]] - positions[votes.label[right]]), cells)
        margins["first"] += np.bincount(pair * classes + votes.label[left], minlength=cells * classes)
        margins["second"] += np.bincount(pair * classes + votes.label[right], minlength=cells * classes)
    square = (annotators, annotators)
    close = (sums["agree"] if positions is None else sums["shared"]) * _ONE - apart
    return PairState(
        sums["shared"].reshape(square),
        sums["agree"].reshape(square),
        close.reshape(square),
        margins["first"].reshape(*square, classes),
        margins["second"].reshape(*square, classes),
        sums["mixed"].reshape(square),
        sums["mixed_agree"].reshape(square),
        np.bincount(contested, minlength=annotators * classes).reshape(annotators, classes),
        int((units.size > LARGEST_FOR_PAIRS).sum()),
    )
