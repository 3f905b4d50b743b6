"""Exact binomial answers: intervals, acceptance plans and sequential tests. The one module here that needs SciPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .undefined import Undefined


def clopper_pearson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float] | Undefined:
    """The exact interval of a proportion: the shares that a two-sided binomial test would not reject.

    low = B(α/2; x, n - x + 1) and high = B(1 - α/2; x + 1, n - x), quantiles of the beta distribution.

    Source: C. J. Clopper & E. S. Pearson 1934, Biometrika 26:404.

    >>> [round(end, 4) for end in clopper_pearson(15, 148)]
    [0.0578, 0.1617]
    """
    _check_level(level)
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no proportion")
    if trials == 0:
        return Undefined("there was no trial")
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(stats.beta.ppf(tail, successes, trials - successes + 1))
    high = 1.0 if successes == trials else float(stats.beta.isf(tail, successes + 1, trials - successes))
    return low, high


def binomial_quantile(probability: float, trials: int, share: float) -> int:
    """The smallest number of successes that is reached or undercut with at least this probability.

    >>> binomial_quantile(0.95, 100, 0.05)
    9
    """
    if not 0 <= share <= 1 or trials < 0 or not 0 < probability <= 1:
        raise ValueError("a binomial quantile needs probabilities and at least 0 trials")
    return int(stats.binom.ppf(probability, trials, share))


def student_interval(
    value: float, error: float, degrees: int, *, level: float = 0.95, highest: float = 1.0
) -> tuple[float, float] | Undefined:
    """value ± t · error with Student's t, cut at the highest possible value (Gwet 2014 for coefficients over items).

    >>> [round(end, 3) for end in student_interval(0.77544, 0.14295, 11)]
    [0.461, 1.0]
    """
    _check_level(level)
    if degrees < 1:
        return Undefined("one item says nothing about the spread over items")
    if error == 0:
        return Undefined("the standard error is zero, so the interval has no width")
    half = float(stats.t.isf((1 - level) / 2, degrees)) * error
    return value - half, min(highest, value + half)


@dataclass(frozen=True)
class Plan:
    """An acceptance plan: look at ``size`` items, accept with at most ``accept`` errors among them.

    ``lot`` is the number of items in the batch; without it, errors are counted as draws from a long series.
    """

    size: int
    accept: int
    lot: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.accept < self.size:
            raise ValueError("a plan accepts fewer errors than it looks at items")
        if self.lot is not None and self.lot < self.size:
            raise ValueError("a plan cannot look at more items than the batch holds")

    def acceptance(self, error_share: float) -> float:
        """The probability that a batch with this share of errors is accepted: P(X ≤ c)."""
        if not 0 <= error_share <= 1:
            raise ValueError(f"a share of errors lies between 0 and 1, not {error_share}")
        if self.lot is None:
            return float(stats.binom.cdf(self.accept, self.size, error_share))
        return float(stats.hypergeom.cdf(self.accept, self.lot, _errors(self.lot, error_share), self.size))

    def producer_risk(self, good: float) -> float:
        """The probability that a batch as good as agreed (AQL) is turned down."""
        return 1 - self.acceptance(good)

    def consumer_risk(self, bad: float) -> float:
        """The probability that a batch as bad as must not pass (LTPD) is accepted."""
        return self.acceptance(bad)


def oc_curve(plan: Plan, error_shares: Sequence[float]) -> tuple[float, ...]:
    """The operating characteristic of a plan: its probability of acceptance at each share of errors.

    Source: D. C. Montgomery, Introduction to Statistical Quality Control, ch. 15.

    >>> [round(chance, 4) for chance in oc_curve(Plan(89, 2), [0.01, 0.02, 0.05])]
    [0.9397, 0.7366, 0.1721]
    """
    return tuple(plan.acceptance(share) for share in error_shares)


def find_plan(
    good: float,
    bad: float,
    *,
    producer_risk: float = 0.05,
    consumer_risk: float = 0.10,
    lot: int | None = None,
    most: int = 100_000,
) -> Plan | Undefined:
    """The smallest plan that turns a good batch down and lets a bad one pass at most this often.

    ``good`` is the share of errors that should be accepted (AQL), ``bad`` the one that must not pass (LTPD).

    >>> plan = find_plan(0.01, 0.06)
    >>> plan.size, plan.accept, round(plan.producer_risk(0.01), 3), round(plan.consumer_risk(0.06), 3)
    (110, 3, 0.025, 0.098)
    """
    if not 0 < good < bad < 1:
        raise ValueError("a plan needs 0 < good < bad < 1")
    if not (0 < producer_risk < 1 and 0 < consumer_risk < 1):
        raise ValueError("risks lie between 0 and 1")
    limit = most if lot is None else min(most, lot)
    for accept in range(limit):
        size = _size_for(accept, bad, consumer_risk, lot, limit)
        if size is None:
            break
        plan = Plan(size, accept, lot)
        if plan.producer_risk(good) <= producer_risk:
            return plan
    return Undefined(f"no plan of at most {limit} items keeps both risks")


def _size_for(accept: int, bad: float, risk: float, lot: int | None, limit: int) -> int | None:
    """The fewest items at which a bad batch passes with at most this risk; acceptance falls with the size."""
    low, high = accept + 1, limit
    if low > high or Plan(high, accept, lot).acceptance(bad) > risk:
        return None
    while low < high:
        middle = (low + high) // 2
        if Plan(middle, accept, lot).acceptance(bad) <= risk:
            high = middle
        else:
            low = middle + 1
    return low


@dataclass(frozen=True)
class SequentialLines:
    """Wald's lines over the number of items looked at, n: reject at s n + h2 errors, accept at s n - h1."""

    h1: float
    h2: float
    slope: float

    def decision(self, looked_at: int, errors: int) -> str:
        """``accept``, ``reject`` or ``continue`` after so many items with so many errors."""
        if errors >= self.slope * looked_at + self.h2:
            return "reject"
        return "accept" if errors <= self.slope * looked_at - self.h1 else "continue"


def sprt_lines(
    good: float, bad: float, *, producer_risk: float = 0.05, consumer_risk: float = 0.10
) -> SequentialLines:
    """The lines of the sequential probability ratio test of two shares of errors.

    k = log(p2 (1 - p1) / (p1 (1 - p2))), h1 = log((1 - α) / β) / k, h2 = log((1 - β) / α) / k,
    s = log((1 - p1) / (1 - p2)) / k.

    Source: A. Wald 1945, Ann. Math. Stat. 16:117; Montgomery, ch. 16.

    >>> lines = sprt_lines(0.01, 0.06)
    >>> [round(number, 4) for number in (lines.h1, lines.h2, lines.slope)]
    [1.2211, 1.5678, 0.0281]
    >>> lines.decision(44, 0), lines.decision(2, 2)
    ('accept', 'reject')
    """
    if not 0 < good < bad < 1:
        raise ValueError("a sequential test needs 0 < good < bad < 1")
    if not (producer_risk > 0 and consumer_risk > 0 and producer_risk + consumer_risk < 1):
        raise ValueError("the risks of a sequential test are above 0 and together below 1")
    k = math.log(bad * (1 - good) / (good * (1 - bad)))
    return SequentialLines(
        h1=math.log((1 - producer_risk) / consumer_risk) / k,
        h2=math.log((1 - consumer_risk) / producer_risk) / k,
        slope=math.log((1 - good) / (1 - bad)) / k,
    )


def _errors(lot: int, share: float) -> int:
    """Errors in a batch of this size, rounded half up so that a share means the same in every batch."""
    return int(np.floor(lot * share + 0.5))


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not {level}")
