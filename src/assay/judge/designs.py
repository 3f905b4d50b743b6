"""How the items of a panel are resampled: single items, groups of them, or whole clusters, within strata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assay.measure.replicates import GROUPS, SINGLE_ITEMS_UP_TO, Design, groups_of, hash_items
from assay.measure.units import Ints


def panel_design(
    number: NDArray[np.uint64],
    stratum: Ints,
    cluster: Ints | None,
    *,
    strata: Sequence[int],
    clusters: int | None,
    seed: str,
    what: str,
) -> tuple[Ints, Design, str | None]:
    """The replicate row of each item of a panel, its design, and why a stratified figure cannot stand, if so.

    ``number`` are the items' 64-bit numbers, ``strata`` the number of items of each stratum of the population,
    ``clusters`` the number of all clusters, ``what`` the panel's items in words.
    """
    size = len(number)
    counted = np.bincount(stratum, minlength=len(strata))
    share = np.array(strata) / np.maximum(counted, 1) if len(strata) > 1 else np.ones(1)
    problem = None
    if len(strata) > 1 and size and (counted < 2).any():
        short = int((counted < 2).sum())
        problem = f"not enough evidence: {short} of {len(strata)} strata hold fewer than two {what}"
    if cluster is not None:
        unit, together = cluster, max(cluster_size(np.bincount(cluster)), 1.0)
        if clusters is not None and clusters > SINGLE_ITEMS_UP_TO:
            unit = groups_of(hash_items(unit.astype(np.uint64), seed))
        cell, row = np.unique(unit * len(share) + stratum, return_inverse=True)
        found = cell % len(share)
        return row, Design(found, share[found], _numbered(cell // len(share)), together), problem
    hashes = hash_items(number, seed)
    if len(strata) == 1 and size > SINGLE_ITEMS_UP_TO:
        return groups_of(hashes), Design.simple(GROUPS), None
    row, order = np.empty(size, np.int64), np.lexsort((hashes, stratum))
    row[order] = np.arange(size)
    if len(strata) == 1:
        return row, Design.simple(size), None
    return row, Design(stratum[order], share[stratum[order]]), problem


def cluster_size(sizes: NDArray[np.float64] | Ints) -> float:
    """The size of the cluster that an item is in, on average over items."""
    return float((sizes**2).sum() / max(sizes.sum(), 1))


def _numbered(units: Ints) -> Ints:
    """The same units numbered from zero, none left out."""
    return np.asarray(np.unique(units, return_inverse=True)[1])
