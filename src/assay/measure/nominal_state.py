"""The integer state of nominal agreement, its moments, and the coefficients that follow from them.

The exact state keeps, for every number m of votes on a unit, the sums of n(n - 1) and n per class. From it follow
Krippendorff's alpha (Krippendorff 2011), Fleiss' kappa (1971), Gwet's AC1 (2008), Brennan and Prediger (1981) and
observed agreement, with missing votes handled as in each paper. States add and subtract exactly in any order.

A second, fixed-point part of the state (20 binary digits) is kept per replicate row; it serves intervals only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .units import Ints, Runs

FIXED_POINT = 20
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NominalState:
    """Integer sums over units. B blocks (strata, or slices by strata), M sizes 0…max, K classes, R replicate rows.

    ``same`` (B, M, K): sum of n(n - 1). ``count`` (B, M, K): sum of n. ``units`` (B, M): number of units.
    ``rows`` (R, 3K + 4 or K + 4): fixed-point columns for replicates, see :func:`nominal_state`.
    """

    same: Ints
    count: Ints
    units: Ints
    rows: Ints

    def __add__(self, other: NominalState) -> NominalState:
        return self._merge(other, 1)

    def __sub__(self, other: NominalState) -> NominalState:
        return self._merge(other, -1)

    def _merge(self, other: NominalState, sign: int) -> NominalState:
        depth = max(self.units.shape[1], other.units.shape[1])
        return NominalState(
            _deepened(self.same, depth) + sign * _deepened(other.same, depth),
            _deepened(self.count, depth) + sign * _deepened(other.count, depth),
            _deepened(self.units, depth) + sign * _deepened(other.units, depth),
            self.rows + sign * other.rows,
        )

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return int(self.same.shape[2])


def _deepened(table: Ints, depth: int) -> Ints:
    """The table with zeros for sizes that no unit of it has, so that states of other stretches can be added."""
    missing = depth - table.shape[1]
    return table if missing == 0 else np.pad(table, [(0, 0), (0, missing)] + [(0, 0)] * (table.ndim - 2))


def nominal_state(
    runs: Runs,
    size: Ints,
    block: Ints,
    row: Ints,
    *,
    classes: int,
    largest: int,
    blocks: int,
    rows: int,
    per_class: bool = True,
) -> NominalState:
    """Sum units into a state. ``size``, ``block`` and ``row`` are given per unit; ``largest`` is the largest size.

    Replicate columns with ``per_class``: K of o_cc, K of n_c, K of n/m, pairable votes, then observed agreement, units
    with two or more votes, units with any. Without it the K columns of o_cc shrink to their sum, and those of n/m and
    of votes are left out. Labels that are not exclusive (tags) give a vote any number of runs; votes are counted once.
    """
    deep, wide = largest + 1, classes
    run_size = size[runs.unit]
    cell = (block[runs.unit] * deep + run_size) * wide + runs.label
    pairs = runs.count * (runs.count - 1)
    shape = (blocks, deep, wide)
    same = np.bincount(cell, weights=pairs, minlength=blocks * deep * wide).astype(np.int64).reshape(shape)
    count = (
        np.bincount(cell, weights=runs.count, minlength=blocks * deep * wide).astype(np.int64).reshape(shape)
    )
    units = np.bincount(block * deep + size, minlength=blocks * deep).reshape(blocks, deep)

    several = size >= 2
    fixed_same = (pairs << FIXED_POINT) // np.maximum(run_size - 1, 1)
    paired = np.where(several[runs.unit], runs.count, 0)
    agreeing = np.bincount(runs.unit, weights=pairs, minlength=len(size)).astype(np.int64)
    observed = np.where(several, (agreeing << FIXED_POINT) // np.maximum(size * (size - 1), 1), 0)
    tails = [_by_row(row, observed, rows), _by_row(row, several.astype(np.int64), rows)]
    tails.append(np.bincount(row, minlength=rows))
    run_row = row[runs.unit]
    per_label = _table(run_row, runs.label, paired, rows, classes)
    if per_class:
        share = (runs.count << FIXED_POINT) // np.maximum(run_size, 1)
        heads = [
            _table(run_row, runs.label, fixed_same, rows, classes),
            per_label,
            _table(run_row, runs.label, share, rows, classes),
            _by_row(row, np.where(several, size, 0), rows)[:, None],
        ]
    else:
        heads = [_by_row(run_row, fixed_same, rows)[:, None], per_label]
    columns = np.concatenate([*heads, np.stack(tails, axis=1)], axis=1)
    return NominalState(same, count, units, columns)


def _by_row(row: Ints, amount: Ints, rows: int) -> Ints:
    return np.bincount(row, weights=amount, minlength=rows).astype(np.int64)


def _table(row: Ints, label: Ints, amount: Ints, rows: int, classes: int) -> Ints:
    flat = np.bincount(row * classes + label, weights=amount, minlength=rows * classes)
    return flat.astype(np.int64).reshape(rows, classes)


@dataclass(frozen=True)
class Moments:
    """What the coefficients need, weighted over strata; leading axes may be replicates.

    ``same`` (…, K) o_cc; ``count`` (…, K) n_c over pairable values; ``share`` (…, K) mean of n/m; ``observed``
    mean agreement of units with two or more votes; ``votes`` (…) n, the pairable votes; ``values`` their unweighted
    number. Of exclusive labels n is the sum of n_c; a vote for several tags counts once in n.
    """

    same: Floats
    count: Floats
    share: Floats
    observed: Floats
    votes: Floats
    values: float
    mean_size: float


def moments(state: NominalState, weight: Floats) -> Moments:
    """The moments of a state whose block b weighs ``weight[b]`` (N_h / n_h; ones without strata)."""
    sizes = np.arange(state.same.shape[1])
    pairable = sizes >= 2
    inverse = np.where(pairable, 1.0 / np.maximum(sizes - 1, 1), 0.0)
    same = np.einsum("b,bmk,m->k", weight, state.same.astype(np.float64), inverse)
    count = np.einsum("b,bmk->k", weight, state.count[:, pairable].astype(np.float64))
    some = sizes >= 1
    share_sum = np.einsum(
        "b,bmk,m->k", weight, state.count.astype(np.float64), np.where(some, 1.0 / np.maximum(sizes, 1), 0)
    )
    any_units = float(weight @ state.units[:, some].sum(axis=1))
    two_units = float(weight @ state.units[:, pairable].sum(axis=1))
    pair_inverse = np.where(pairable, 1.0 / np.maximum(sizes * (sizes - 1), 1), 0.0)
    agreeing = float(np.einsum("b,bmk,m->", weight, state.same.astype(np.float64), pair_inverse))
    votes = (state.units * np.where(pairable, sizes, 0)).sum(axis=1)
    values = float(votes.sum())
    units = float(state.units[:, pairable].sum())
    return Moments(
        same,
        count,
        share_sum / any_units if any_units else share_sum,
        np.asarray(agreeing / two_units if two_units else np.nan),
        np.asarray(weight @ votes),
        values,
        values / units if units else 0.0,
    )


def coefficients(found: Moments, categories: int) -> dict[str, Floats]:
    """Every overall coefficient; NaN where a denominator is zero. AC1 and Brennan-Prediger use ``categories``."""
    total = found.count.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        disagree = 1 - found.same.sum(axis=-1) / total
        chance = (1 - (found.count**2).sum(axis=-1) / total**2) * found.values / (found.values - 1)
        squares = (found.share**2).sum(axis=-1)
        scatter = (found.share * (1 - found.share)).sum(axis=-1) / (categories - 1)
        uniform = 1.0 / categories if categories > 1 else np.nan
        return {
            "krippendorff_alpha": _ratio(disagree, chance),
            "fleiss_kappa": _kappa(found.observed, squares),
            "gwet_ac1": _kappa(found.observed, scatter),
            "brennan_prediger": _kappa(found.observed, np.full_like(found.observed, uniform)),
            "percent_agreement": found.observed,
        }


def class_alphas(found: Moments) -> Floats:
    """Alpha of each class against the rest, shape (…, K); NaN where the class or the rest never occurs.

    >>> m = Moments(*map(np.array, ([2.0, 4.0], [4.0, 6.0], [.4, .6], .6, 10.0)), values=10.0, mean_size=2.0)
    >>> class_alphas(m).round(3).tolist()
    [0.25, 0.25]
    """
    total = found.votes[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        disagree = 2 * (found.count - found.same) / total
        chance = 2 * found.count * (total - found.count) / total**2 * found.values / (found.values - 1)
        return _ratio(disagree, chance)


def _ratio(disagree: Floats, chance: Floats) -> Floats:
    return np.where(chance > 0, 1 - disagree / np.where(chance > 0, chance, 1), np.nan)


def _kappa(observed: Floats, chance: Floats) -> Floats:
    room = 1 - chance
    return np.where(room > 1e-15, (observed - chance) / np.where(room > 1e-15, room, 1), np.nan)
