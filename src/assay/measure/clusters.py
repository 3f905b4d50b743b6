"""Disagreement clusters: two labels that meet more often than chance, everywhere, in one slice or with one person.

A pair of labels is expected to meet in proportion to how often items hold each of them. A slice or a person is
expected to show a pair at the rate seen outside it, among items that hold either label. Clusters are ranked by the
excess of items over that expectation; the lift is the ratio of the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .disagreement import DisagreementState
from .spread import wilson

Floats = NDArray[np.float64]

LEAST_ITEMS = 3
LEAST_SCORE = 4.0
LEAST_LIFT = 1.5
_ABOUT = 1e-9


@dataclass(frozen=True)
class Cluster:
    """One cluster. ``labels`` are two codes, or empty when a slice as a whole is hard; counts are items.

    ``slice_row`` indexes the slice values of all attributes end to end; ``person`` an annotator. ``share`` is of all
    disagreements, with its Wilson interval; ``expected`` and ``lift`` as in the module text.
    """

    labels: tuple[int, ...]
    slice_row: int | None
    person: int | None
    count: int
    expected: float
    share: float
    low: float
    high: float

    @property
    def excess(self) -> float:
        """Items above expectation."""
        return self.count - self.expected

    @property
    def lift(self) -> float | None:
        """How many times the expectation; None where nothing was expected."""
        return self.count / self.expected if self.expected > _ABOUT else None


def find_clusters(state: DisagreementState, *, most: int = 12) -> list[Cluster]:
    """The clusters with the largest excess, largest first; equal ones in order of their codes."""
    total = int(state.pairs.sum())
    if total == 0:
        return []
    found = [*_pairs(state, total), *_hard_slices(state, total)]
    found.sort(key=lambda c: (-c.excess, c.labels, c.slice_row or -1, c.person or -1))
    return [c for c in found if c.excess > 0][:most]


def _cluster(
    labels: tuple[int, ...], count: int, expected: float, total: int, slice_row: int | None = None, person: int | None = None
) -> Cluster:
    low, high = wilson(min(count, total), total, 0.95)
    return Cluster(labels, slice_row, person, count, expected, count / total, low, high)


def _pairs(state: DisagreementState, total: int) -> Iterator[Cluster]:
    holding = state.holding.astype(np.float64)
    weight = np.triu(np.outer(holding, holding), 1)
    expected = total * weight / max(weight.sum(), _ABOUT)
    for left, right in zip(*np.nonzero(state.pairs >= LEAST_ITEMS), strict=True):
        v, w = int(left), int(right)
        count, chance = int(state.pairs[v, w]), float(expected[v, w])
        narrow = _narrowing(state, v, w, total)
        if narrow is None:
            yield _cluster((v, w), count, chance, total)
            continue
        yield narrow
        if narrow.slice_row is not None and count - narrow.count >= LEAST_ITEMS:
            exposed = _exposed(state.holding[v] + state.holding[w], state.pairs[v, w])
            inside = _exposed(
                state.holding_slice[narrow.slice_row, v] + state.holding_slice[narrow.slice_row, w], narrow.count
            )
            yield _cluster((v, w), count - narrow.count, chance * (1 - inside / max(exposed, 1)), total)
        elif narrow.person is not None:
            yield _cluster((v, w), count, chance, total)


def _exposed(holding: int, both: int) -> float:
    return float(holding - both)


def _narrowing(state: DisagreementState, v: int, w: int, total: int) -> Cluster | None:
    """The slice value or person that carries the pair, when its rate stands out from the rest's."""
    candidates = [
        *_candidates(
            state.pairs_slice[:, v, w],
            state.holding_slice[:, v] + state.holding_slice[:, w] - state.pairs_slice[:, v, w],
            int(state.pairs[v, w]),
            _exposed(state.holding[v] + state.holding[w], state.pairs[v, w]),
        )
    ]
    best: Cluster | None = None
    for row, count, expected in candidates:
        cluster = _cluster((v, w), count, expected, total, slice_row=row)
        if best is None or cluster.excess > best.excess:
            best = cluster
    if len(state.person_says):
        says = state.person_says[:, v, w] + state.person_says[:, w, v]
        beside = state.person_beside[:, v] + state.person_beside[:, w]
        for person, count, expected in _candidates(says, beside, int(says.sum()), float(beside.sum())):
            count = min(count, int(state.pairs[v, w]))
            cluster = _cluster((v, w), count, expected, total, person=person)
            if count > state.pairs[v, w] / 2 and (best is None or cluster.excess > 2 * best.excess):
                best = cluster
    return best


def _candidates(
    count: NDArray[np.int64], exposed: NDArray[np.int64], whole: int, whole_exposed: float
) -> Iterator[tuple[int, int, float]]:
    for row in np.flatnonzero(count >= LEAST_ITEMS).tolist():
        n, inside = int(count[row]), float(exposed[row])
        outside = whole_exposed - inside
        if outside <= 0:
            continue
        expected = inside * (whole - n) / outside
        if (n - expected) / math.sqrt(max(expected, 1.0)) >= LEAST_SCORE and n >= LEAST_LIFT * expected:
            yield row, n, expected


def _hard_slices(state: DisagreementState, total: int) -> Iterator[Cluster]:
    """Slice values whose items disagree more than the rest's, whatever the labels."""
    for row, count, expected in _candidates(state.mixed_slice, state.units_slice, state.mixed, float(state.units)):
        yield _cluster((), count, expected, total, slice_row=row)
