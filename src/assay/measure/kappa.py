"""Two annotators and their confusion table: Cohen's kappa, plain and weighted, with its standard errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .ratings import Floats, Integers, Ratings, square
from .spread import z_of_level
from .undefined import NO_PAIRS, ONE_VALUE, Undefined
from .weights import Weights, weights_of


@dataclass(frozen=True)
class Kappa:
    """Kappa with its large-sample errors (Fleiss, Cohen & Everitt 1969).

    ``error`` is the standard error for intervals, ``error_by_chance`` the one if agreement were chance alone, and
    ``z`` the test against that.
    """

    value: float
    error: float
    error_by_chance: float
    z: float | Undefined

    def interval(self, level: float = 0.95) -> tuple[float, float] | Undefined:
        """The normal interval; none where the error is zero, for an interval of width zero claims too much."""
        if self.error == 0:
            return Undefined("the standard error is zero, so the normal interval has no width")
        half = z_of_level(level) * self.error
        return self.value - half, self.value + half


def cohen_kappa(table: ArrayLike, weights: Weights = "identity") -> float | Undefined:
    """Cohen's kappa of two annotators: rows the labels of one, columns those of the other, same order.

    κ = (p_o - p_e) / (1 - p_e) with p_o = Σ w_ij p_ij and p_e = Σ w_ij p_i. p_.j. Named weights are taken over the
    positions of the table, so a class that neither used matters: pass the table of the whole scale to count it,
    without its row and column to leave it out.

    Source: J. Cohen 1960, Educ. Psychol. Meas. 20:37; weighted: J. Cohen 1968, Psychol. Bull. 70:213.

    >>> table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    >>> round(cohen_kappa(table), 4), round(cohen_kappa(table, "linear"), 4)
    (0.4915, 0.4737)
    >>> cohen_kappa([[7, 0], [0, 0]]).reason
    'only one class was used, so chance agreement is total'
    """
    counts = square(table)
    parts = _weighted_disagreement(counts, _position_weights(weights, counts))
    if isinstance(parts, Undefined):
        return parts
    observed, expected = parts
    return 1 - observed / expected


def cohen_kappa_errors(table: ArrayLike, weights: Weights = "identity") -> Kappa | Undefined:
    """Cohen's kappa with its standard errors and z.

    Var(κ) = [Σ p_ij (w_ij - (w_i. + w_.j)(1 - κ))² - (κ - p_e (1 - κ))²] / (n (1 - p_e)²) and by chance
    [Σ p_i. p_.j (w_ij - (w_i. + w_.j))² - p_e²] / (n (1 - p_e)²), where w_i. and w_.j are the mean weights of a row
    and a column under the other person's marginals.

    Source: J. L. Fleiss, J. Cohen & B. S. Everitt 1969, Psychol. Bull. 72:323. Some packages print another, smaller
    error for weighted kappa (.0524 instead of .0570 on the table of that paper with quadratic weights).

    >>> found = cohen_kappa_errors([[106, 10, 4], [22, 28, 10], [2, 12, 6]])
    >>> round(found.value, 4), round(found.error, 4)
    (0.4286, 0.0537)
    """
    counts = square(table)
    scheme = _position_weights(weights, counts)
    value = cohen_kappa(counts, scheme)
    if isinstance(value, Undefined):
        return value
    cases = int(counts.sum())
    shares = counts / cases
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    chance = np.outer(rows, columns)
    mean = (scheme @ columns)[:, None] + (rows @ scheme)[None, :]
    expected = float((scheme * chance).sum())
    scale = cases * (1 - expected) ** 2
    spread = _difference(
        float((shares * (scheme - mean * (1 - value)) ** 2).sum()), (value - expected * (1 - value)) ** 2
    )
    by_chance = _difference(float((chance * (scheme - mean) ** 2).sum()), expected**2)
    error, error_by_chance = math.sqrt(spread / scale), math.sqrt(by_chance / scale)
    z = Undefined("kappa cannot vary with these marginals") if by_chance == 0 else value / error_by_chance
    return Kappa(value, error, error_by_chance, z)


def pairwise_kappa(
    ratings: Ratings, weights: Weights = "identity"
) -> dict[tuple[int, int], float | Undefined]:
    """Cohen's kappa of every two annotators (columns of the ratings) over the items both labelled.

    >>> rows = [["a", "a", "b"], ["b", "b", "b"], ["a", "b", "a"], ["b", "b", None]]
    >>> {pair: round(found, 3) for pair, found in pairwise_kappa(Ratings.from_rows(rows)).items()}
    {(0, 1): 0.5, (0, 2): 0.4, (1, 2): -0.5}
    """
    if not ratings.told_apart:
        raise ValueError("pairs of annotators need ratings by person, not counts")
    scheme = weights_of(weights, tuple(range(len(ratings.values))))
    people = range(ratings.annotators)
    return {
        (one, other): cohen_kappa(ratings.table(one, other), scheme)
        for one in people
        for other in people
        if one < other
    }


def _position_weights(weights: Weights, counts: Integers) -> Floats:
    return weights_of(weights, tuple(range(len(counts))))


def _weighted_disagreement(counts: Integers, scheme: Floats) -> tuple[float, float] | Undefined:
    """Observed and expected disagreement on one scale; integers until the weights come in."""
    cases = int(counts.sum())
    if cases == 0:
        return NO_PAIRS
    apart = 1 - scheme
    chance = np.outer(counts.sum(axis=1).astype(np.float64), counts.sum(axis=0).astype(np.float64))
    expected = float((apart * chance).sum()) / cases
    if expected == 0:
        return ONE_VALUE
    return float((apart * counts).sum()), expected


def _difference(larger: float, smaller: float) -> float:
    """A variance as the difference of two moments; what is left below their rounding is zero."""
    difference = larger - smaller
    return difference if difference > 1e-13 * larger else 0.0
