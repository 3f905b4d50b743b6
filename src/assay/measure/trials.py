"""How many independent trials a figure is worth: the one number that clusters, strata and unequal labels change.

Every figure here is one minus a rate of errors q: the share of wrong labels, or observed disagreement over that by
chance. Linearised, each replicate row moves q by a known amount, its influence u (the rows' influences add up to
zero). A score interval (Wilson 1927) needs q and the size s that a typical error has in it: 1/n for n equal
independent trials, so that V = s p q. Hence the trials of a figure are 1/s with

    s = (V + 2 d² l) / (p q + 2 d),

V the variance of q over the replicates, d the size of the smallest error that could have been made, and l = 1 for
items that stand alone. The terms with d add two such errors, as Agresti and Coull (1998) add them to a proportion:
they hold s up where a good delivery shows next to none, and leave equal independent trials as they are. In clusters
errors come in lumps that a small panel may not have met, so l = 1 + 0.2 (m - 1), the design effect of clusters of m
trials whose errors correlate by 0.2: little beside the data as soon as several clusters hold errors.

V is itself uncertain: it rests on the few errors there are. What is uncertain in it beyond its regression on q is
R = Σu⁴ - (Σu²)²/n - (Σu³)²/Σu², which is zero exactly when the u take two values, as for equal independent trials;
then Wilson's interval needs no correction. Otherwise V has 2 (Σu²)²/R degrees of freedom, and the trials shrink by
the square of Student's quantile over the normal one (Korn and Graubard 1998 do so with the number of clusters).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .replicates import Design
from .spread import Z95

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Columns = Sequence[int] | Ints | slice

_ADDED = 2.0
_CORRELATION = 0.2
_LEAST_FREEDOM = 1.5


@dataclass(frozen=True)
class Evidence:
    """Replicate rows with their weights, those that are drawn together added up, and their sums in each replicate.

    ``total`` (C,) are the weighted sums of the columns, ``squares`` (C,) those with squared weights, ``rows`` (U, C)
    the units that are drawn, ``drawn`` (B, C) the replicates. ``correction`` is n / (n - 1) where n of n are drawn.
    ``together`` is the size of the cluster that an item is in, on average over items.
    """

    total: Floats
    squares: Floats
    rows: Floats
    drawn: Floats
    correction: float
    together: float

    @staticmethod
    def of(rows: Floats | Ints, drawn: Floats, design: Design) -> Evidence:
        """The evidence of a state's rows drawn by a design."""
        weight = design.weight[:, None]
        weighted = np.asarray(rows, np.float64) * weight
        squares = (weighted * weight).sum(axis=0)
        total = weighted.sum(axis=0)
        whole = design.unit is None and not design.is_simple
        if design.unit is not None:
            units = np.zeros((int(design.unit.max(initial=-1)) + 1, weighted.shape[1]))
            np.add.at(units, design.unit, weighted)
            weighted = units
        count = int(weighted.any(axis=1).sum())
        correction = 1.0 if whole or count < 2 else count / (count - 1)
        return Evidence(total, squares, weighted, drawn, correction, design.together)

    def trials(
        self,
        columns: Columns,
        slopes: Floats,
        error: float,
        least: float,
        *,
        most: float = math.inf,
        density: float = 1.0,
    ) -> float:
        """The trials behind an error rate ``error`` whose derivatives by the totals of ``columns`` are ``slopes``.

        ``least`` is the size of the smallest error, ``most`` the number of trials that is not exceeded, ``density`` the
        share of items that are trials of this figure.
        """
        held = self.rows[:, columns]
        moved = (held * slopes).sum(
            axis=1
        )  # not a matrix product: its sums could depend on the number of threads
        present = int(held.any(axis=1).sum())
        variance = 0.0
        if len(self.drawn):
            variance = float(np.var((self.drawn[:, columns] * slopes).sum(axis=1))) * self.correction
        lump = 1 + _CORRELATION * (self.together - 1) * min(density, 1.0)
        right = max(1 - error, 0.0)
        size = (variance + _ADDED * least**2 * lump) / (right * error + _ADDED * least)
        return 1 / (max(size, 1 / most) * _widening(moved, present, error, least))

    def least(self, column: int) -> float:
        """The size of one error in a rate per unit of ``column``: 1/n, or more where weights differ (Kish 1965)."""
        return float(self.squares[column] / self.total[column] ** 2)


def _widening(moved: Floats, present: int, error: float, least: float) -> float:
    """The square of Student's quantile over the normal one, with the degrees of freedom of the variance."""
    squares = moved * moved
    second, third, fourth = (float(x.sum()) for x in (squares, squares * moved, squares * squares))
    lean = (1 - 2 * error) * least
    added = _ADDED * least**2
    spread = second + added
    unexplained = (
        fourth - second**2 / max(present, 1) + added * lean**2 - (third + added * lean) ** 2 / spread
    )
    if unexplained <= 1e-9 * spread**2:
        return 1.0
    freedom = max(2 * spread**2 / unexplained, _LEAST_FREEDOM)
    return (student_quantile(freedom) / Z95) ** 2


def student_quantile(freedom: float) -> float:
    """Student's two-sided 95 % quantile for any degrees of freedom, by Wallace's approximation (1959).

    >>> [round(student_quantile(n), 2) for n in (3, 5, 10, 30)]
    [3.22, 2.58, 2.23, 2.04]
    """
    z = Z95 * (8 * freedom + 3) / (8 * freedom + 1)
    return math.sqrt(freedom * math.expm1(z * z / freedom))
