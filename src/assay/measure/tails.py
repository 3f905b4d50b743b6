"""Tails of the binomial distribution without a numerical library, for whole and for effective numbers of trials."""

from __future__ import annotations

import math

_MOST_TERMS = 500
_TINY = 1e-300


def mid_p_below(successes: float, trials: float, share: float) -> float:
    """P(X < x) + P(X = x) / 2 for X binomial: the p of "the share is at least that" (mid-p, Lancaster 1961).

    Both numbers may be fractions, as effective trials are: the sums are then incomplete beta functions.

    >>> round(mid_p_below(15, 20, 0.9), 4), round(mid_p_below(20, 20, 0.9), 4)
    (0.0272, 0.9392)
    """
    if successes >= trials:
        return 1 - _beta(trials, 1.0, share) / 2
    at_most = _beta(trials - successes, successes + 1, 1 - share)
    fewer = _beta(trials - successes + 1, successes, 1 - share) if successes > 0 else 0.0
    return (at_most + fewer) / 2


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b) by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return front / a / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ...)) by Lentz's method."""
    value = ahead = 1.0
    behind = 0.0
    for step in range(1, _MOST_TERMS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        behind = 1 / (1 + term * behind or _TINY)
        ahead = 1 + term / ahead or _TINY
        factor = ahead * behind
        value *= factor
        if abs(factor - 1) < 1e-14:
            break
    return value
