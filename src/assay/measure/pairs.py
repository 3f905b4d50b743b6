"""Agreement of two named people from the pair table: Cohen's kappa and percent agreement of every pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .figure import Figure, undefined
from .people import PairState
from .spread import ScoreSpread

METHOD = "Cohen's kappa (1960); Wilson interval of observed agreement, chance agreement held"


@dataclass(frozen=True)
class PairFigure:
    """Two annotators (codes, a < b) with kappa and observed agreement on the items that both labelled."""

    a: int
    b: int
    kappa: Figure
    observed: float


def pair_figures(state: PairState) -> list[PairFigure]:
    """One figure per pair that shares an item, in order of codes.

    Fifty items, 20 and 15 of them alike: agreement .7, by chance .5.

    >>> table, none = np.array([[20, 10], [5, 15]]), np.zeros((2, 2), np.int64)
    >>> shared, agree = none.copy(), none.copy()
    >>> shared[0, 1], agree[0, 1] = table.sum(), np.trace(table)
    >>> first, second = np.zeros((2, 2, 2), np.int64), np.zeros((2, 2, 2), np.int64)
    >>> first[0, 1], second[0, 1] = table.sum(axis=1), table.sum(axis=0)
    >>> (pair,) = pair_figures(PairState(shared, agree, none, first, second, none, none, none, 0))
    >>> round(pair.kappa.value, 3), pair.observed
    (0.4, 0.7)
    """
    out = []
    for a, b in zip(*np.nonzero(state.shared), strict=True):
        n = int(state.shared[a, b])
        observed = float(state.agree[a, b]) / n
        chance = float((state.first[a, b] * state.second[a, b]).sum()) / n**2
        out.append(PairFigure(int(a), int(b), _kappa(observed, chance, n), observed))
    return out


def _kappa(observed: float, chance: float, n: int) -> Figure:
    if 1 - chance < 1e-12:
        return undefined(
            "both gave one and the same label throughout", units=n, labels=2 * n, positives=n, method=METHOD
        )
    low, high = ScoreSpread(observed, float(n)).interval(0.95)
    scaled = [(x - chance) / (1 - chance) for x in (observed, low, high)]
    return Figure(scaled[0], scaled[1], scaled[2], n, 2 * n, n, METHOD)
