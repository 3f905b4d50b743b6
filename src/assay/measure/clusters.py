"""Disagreement clusters: two labels that meet more often than chance, everywhere, in one slice or with one person.

How much labels meet is counted in coincidences, as alpha counts it (see :mod:`assay.measure.disagreement`). Two
labels are expected to meet in proportion to how often each is given at all. A slice is expected to show a pair at
the rate seen outside it, among items that hold either label, times how much harder the slice is for all other pairs;
a person, at the rate of the other people, beside either label.

Clusters are ranked by how far they exceed that expectation, as a log-likelihood ratio (Dunning 1993): the order does
not depend on the size of a batch, and a gap that splits people in one small slice comes before two labels that are
mixed up a little everywhere. The lift is the ratio of what was found to what was expected.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .disagreement import DisagreementState
from .nominal import FIXED_POINT
from .spread import wilson

Floats = NDArray[np.float64]
Amounts = NDArray[np.int64] | Floats

LEAST_ITEMS = 3
LEAST_SCORE = 4.0
LEAST_LIFT = 1.5
PAIR_SCORE = 2.0
_ABOUT = 1e-9
_ONE = float(1 << FIXED_POINT)


@dataclass(frozen=True)
class Cluster:
    """One cluster. ``labels`` are two codes, or empty when a slice as a whole is hard; ``count`` is items.

    ``slice_row`` indexes the slice values of all attributes end to end; ``person`` an annotator. ``weight`` and
    ``expected`` are coincidences (for a hard slice, items), ``share`` is the weight as a share of all disagreement with
    its Wilson interval.
    """

    labels: tuple[int, ...]
    slice_row: int | None
    person: int | None
    count: int
    weight: float
    expected: float
    share: float
    low: float
    high: float

    @property
    def excess(self) -> float:
        """Disagreement above expectation."""
        return self.weight - self.expected

    @property
    def evidence(self) -> float:
        """How far the cluster exceeds expectation, see :func:`evidence`."""
        return evidence(self.weight, self.expected)

    @property
    def lift(self) -> float | None:
        """How many times the expectation; None where nothing was expected."""
        return self.weight / self.expected if self.expected > _ABOUT else None


def evidence(found: float, expected: float) -> float:
    """How far a count exceeds expectation: n ln(n / e) - (n - e), with e at least one half; 0 where it does not.

    >>> round(evidence(6.0, 2.0), 3)
    2.592
    """
    expected = max(expected, 0.5)
    if found <= expected:
        return 0.0
    return found * math.log(found / expected) - (found - expected)


def find_clusters(state: DisagreementState, *, most: int = 12) -> list[Cluster]:
    """The clusters that exceed expectation most, those first; equal ones in order of their codes."""
    if not state.mixed:
        return []
    pairs = list(_pairs(state))
    found = [*pairs, *_hard_slices(state, pairs)]
    found.sort(key=lambda c: (-c.evidence, c.labels, c.slice_row or -1, c.person or -1))
    return found[:most]


def _pairs(state: DisagreementState) -> Iterator[Cluster]:
    apart = state.apart / _ONE
    total = float(apart.sum())
    votes = state.votes.astype(np.float64)
    chance = np.triu(np.outer(votes, votes), 1)
    chance *= total / max(chance.sum(), _ABOUT)
    everywhere = (state.pairs_slice.sum(axis=(1, 2)), int(state.pairs.sum()))
    for v, w in zip(*(places.tolist() for places in np.nonzero(state.pairs >= LEAST_ITEMS)), strict=True):
        whole = _cluster((v, w), int(state.pairs[v, w]), float(apart[v, w]), float(chance[v, w]), total)
        narrow = _in_slice(state, v, w, total, everywhere)
        if narrow is None:
            narrow = _of_person(state, v, w, total)
        if narrow is not None:
            yield narrow
            whole = _without(whole, narrow, _share_of_exposure(state, narrow))
        if whole.count >= LEAST_ITEMS and whole.excess >= PAIR_SCORE * math.sqrt(max(whole.expected, 1.0)):
            yield whole


def _without(whole: Cluster, narrow: Cluster, exposed: float) -> Cluster:
    """What is left of a pair beside the slice or person that carries it, and of what was expected."""
    total = whole.weight / whole.share
    count, weight = whole.count - narrow.count, max(whole.weight - narrow.weight, 0.0)
    return _cluster(whole.labels, count, weight, whole.expected * (1 - exposed), total)


def _share_of_exposure(state: DisagreementState, narrow: Cluster) -> float:
    """Which part of the items with either label lies in the slice, or of what others say of them beside the person."""
    v, w = narrow.labels
    if narrow.slice_row is not None:
        inside = _held(state.holding_slice[narrow.slice_row], narrow.count, v, w)
        return inside / max(_held(state.holding, int(state.pairs[v, w]), v, w), 1.0)
    beside = state.person_beside[:, v] + state.person_beside[:, w]
    return float(beside[narrow.person] / max(beside.sum(), 1))


def _held(holding: NDArray[np.int64], both: int, v: int, w: int) -> float:
    """Items that hold either label."""
    return float(holding[v] + holding[w] - both)


def _cluster(
    labels: tuple[int, ...],
    count: int,
    weight: float,
    expected: float,
    total: float,
    slice_row: int | None = None,
    person: int | None = None,
) -> Cluster:
    low, high = wilson(min(weight, total), total, 0.95)
    return Cluster(labels, slice_row, person, count, weight, expected, weight / total, low, high)


def _in_slice(
    state: DisagreementState, v: int, w: int, total: float, everywhere: tuple[NDArray[np.int64], int]
) -> Cluster | None:
    """The slice value in which the pair is far more frequent than outside; the one with the largest excess.

    ``everywhere`` are the items of all pairs together, in each slice value and in the whole batch.
    """
    both = state.pairs_slice[:, v, w]
    either = state.holding_slice[:, v] + state.holding_slice[:, w] - both
    whole = int(state.pairs[v, w])
    best: Cluster | None = None
    harder = _hardness(state, v, w, *everywhere)
    for row, expected in _standing_out(both, either, whole, _held(state.holding, whole, v, w), harder):
        count, weight = int(both[row]), float(state.apart_slice[row, v, w]) / _ONE
        cluster = _cluster((v, w), count, weight, weight * expected / count, total, slice_row=row)
        if best is None or cluster.excess > best.excess:
            best = cluster
    return best


def _hardness(state: DisagreementState, v: int, w: int, of_slice: NDArray[np.int64], of_batch: int) -> Floats:
    """How many times as often as outside all other pairs surely meet in each slice value; at least 1."""
    inside = of_slice - state.pairs_slice[:, v, w]
    outside = of_batch - int(state.pairs[v, w]) - inside
    units_outside = np.maximum(state.units - state.units_slice, 1)
    expected = outside * (state.units_slice / units_outside)
    return np.asarray(np.maximum((inside - 2 * np.sqrt(inside)) / np.maximum(expected, 1.0), 1.0))


def _of_person(state: DisagreementState, v: int, w: int, total: float) -> Cluster | None:
    """The person who stands on one side of most of the pair's disagreement, and far more often than others do."""
    if not len(state.person_says):
        return None
    says = (state.person_says[:, v, w] + state.person_says[:, w, v]) / _ONE
    beside = (state.person_beside[:, v] + state.person_beside[:, w]) / _ONE
    for row, expected in _standing_out(says, beside, float(says.sum()), float(beside.sum())):
        # the sum sees every disagreement from both sides: someone who is one side of all of it has half of the sum
        if says[row] > says.sum() / 4:
            count = int(state.person_pairs[row, v, w] + state.person_pairs[row, w, v])
            return _cluster((v, w), count, float(says[row]), expected, total, person=row)
    return None


def _standing_out(
    found: Amounts, exposed: Amounts, whole: float, whole_exposed: float, factor: Floats | None = None
) -> Iterator[tuple[int, float]]:
    """Rows whose rate of ``found`` among ``exposed`` stands out from that of all other rows, with what was expected.

    ``factor`` raises the expectation of each row.
    """
    for row in np.flatnonzero(found >= LEAST_ITEMS).tolist():
        n, outside = float(found[row]), whole_exposed - float(exposed[row])
        if outside <= 0:
            continue
        expected = (
            float(exposed[row]) * (whole - n) / outside * (1.0 if factor is None else float(factor[row]))
        )
        if (n - expected) / math.sqrt(max(expected, 1.0)) >= LEAST_SCORE and n >= LEAST_LIFT * expected:
            yield row, expected


def _hard_slices(state: DisagreementState, pairs: list[Cluster]) -> Iterator[Cluster]:
    """Slice values whose items disagree more than the rest's, whatever the labels.

    A slice that one pair of labels explains is not hard as a whole, so what pairs explain is taken away first.
    """
    explained = np.zeros(len(state.mixed_slice))
    for pair in pairs:
        if pair.slice_row is not None:
            explained[pair.slice_row] += pair.excess
    for row, expected in _standing_out(state.mixed_slice, state.units_slice, state.mixed, float(state.units)):
        count = int(state.mixed_slice[row])
        if count - explained[row] - expected >= LEAST_SCORE * math.sqrt(max(expected, 1.0)):
            yield _cluster((), count, float(count), expected, float(state.mixed), slice_row=row)
