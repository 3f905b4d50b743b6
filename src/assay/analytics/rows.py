"""Which units are resampled together: the replicate row of every unit, and the layout of all rows.

Up to 4,096 items (or clusters) each has a row of its own; beyond that they fall into groups by hash. Where whole
clusters are resampled and there are strata, a cluster has one row in each stratum: its rows are drawn together, and
each keeps the weight of its stratum.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assay.measure.nominal import NominalState
from assay.measure.ordered import OrderedState
from assay.measure.replicates import GROUPS, SINGLE_ITEMS_UP_TO, groups_of, hash_items
from assay.measure.units import Ints

from .batch import Batch, ItemFacts

_LEAST_GROUPS = 64
_LAST = np.iinfo(np.uint64).max


@dataclass(frozen=True)
class Plan:
    """The layout of replicate rows: ``single`` items or groups by hash, within strata or for whole clusters.

    ``stratum_of_row`` is the stratum of each row; ``unit_of_row`` the cluster (or group of clusters) whose rows are
    drawn together, None where every row is drawn by itself.
    """

    seed: str
    single: bool
    stratum_of_row: Ints
    unit_of_row: Ints | None = None

    @property
    def rows(self) -> int:
        """Number of replicate rows."""
        return len(self.stratum_of_row)


def plan_rows(batch: Batch, seed: str) -> Plan:
    """The layout that a batch needs, from the sizes of its strata or the number of its clusters."""
    strata = len(batch.strata)
    if batch.clusters is not None:
        single = batch.clusters <= SINGLE_ITEMS_UP_TO
        units = batch.clusters if single else GROUPS
        stratum = np.tile(np.arange(strata), units)
        return Plan(seed, single, stratum, np.repeat(np.arange(units), strata))
    if sum(batch.strata) <= SINGLE_ITEMS_UP_TO:
        return Plan(seed, True, np.repeat(np.arange(strata), batch.strata))
    per_stratum = max(GROUPS // strata, _LEAST_GROUPS)
    return Plan(seed, False, np.repeat(np.arange(strata), [min(size, per_stratum) for size in batch.strata]))


@dataclass
class Rows:
    """Hands out rows, stretch after stretch.

    Single items take the next free row of their stratum. Their final order is that of their hashes, whatever the
    stretches were: :meth:`order` says how to put it right when everything is measured.
    """

    plan: Plan
    taken: Ints = field(init=False)
    hashes: NDArray[np.uint64] = field(init=False)

    def __post_init__(self) -> None:
        self.taken = np.zeros(int(self.plan.stratum_of_row.max(initial=0)) + 1, np.int64)
        self.hashes = np.full(self.plan.rows, _LAST, np.uint64)

    def of(self, items: ItemFacts, place: Ints, hashes: NDArray[np.uint64]) -> Ints:
        """The rows of the units at these places among the items of a stretch."""
        stratum, plan = items.stratum[place], self.plan
        if plan.unit_of_row is not None and items.cluster is not None:
            cluster = items.cluster[place]
            unit = cluster if plan.single else groups_of(hash_items(cluster.astype(np.uint64), plan.seed))
            return unit * len(self.taken) + stratum
        sizes = np.bincount(plan.stratum_of_row, minlength=len(self.taken))
        base = np.cumsum(sizes) - sizes
        if not plan.single:
            return base[stratum] + (hashes % sizes[stratum].astype(np.uint64)).astype(np.int64)
        row = base[stratum] + self.taken[stratum] + _rank_within(stratum, hashes)
        self.taken += np.bincount(stratum, minlength=len(self.taken))
        self.hashes[row] = hashes
        return row

    def order(self) -> Ints | None:
        """The rows in their final order, or None where they stand in it."""
        if not self.plan.single or self.plan.unit_of_row is not None:
            return None
        order = np.lexsort((self.hashes, self.plan.stratum_of_row))
        return None if (order == np.arange(self.plan.rows)).all() else order


def _rank_within(stratum: Ints, hashes: NDArray[np.uint64]) -> Ints:
    """The rank of each unit by hash among those of its stratum."""
    order = np.lexsort((hashes, stratum))
    counts = np.bincount(stratum)
    first = np.cumsum(counts) - counts
    rank = np.empty(len(stratum), np.int64)
    rank[order] = np.arange(len(stratum)) - first[stratum[order]]
    return rank


def nominal_in_order(state: NominalState, order: Ints) -> NominalState:
    """The state with its replicate rows in another order; of slices, those of each value."""
    return replace(state, rows=state.rows[_blockwise(order, len(state.rows))])


def ordered_in_order(state: OrderedState, order: Ints) -> OrderedState:
    """The same for a state of ordered labels."""
    return state.with_rows(_blockwise(order, len(state.rows)))


def _blockwise(order: Ints, rows: int) -> Ints:
    """The order repeated for every block of rows.

    >>> _blockwise(np.array([1, 0]), 4).tolist()
    [1, 0, 3, 2]
    """
    starts = np.arange(0, rows, len(order))
    return np.asarray((starts[:, None] + order[None, :]).ravel())
