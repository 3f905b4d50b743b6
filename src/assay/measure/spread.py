"""How far the truth may be from a figure: intervals at any level and one-sided tests against a bound.

Two forms are enough. A score (Wilson) interval of a proportion with its effective number of trials, mapped to the scale
of the figure: of J = TP / (TP + FP + FN) to F1, of observed agreement to alpha and kappa. And a normal form on a
transformed scale for figures of ordered labels and of errors, whose width comes from replicates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, Protocol

from .tails import mid_p_below

_NORMAL = NormalDist()
Z95 = _NORMAL.inv_cdf(0.975)
_ROUNDING = 1e-12
_PLAIN_LEVEL = 0.95
_PLAIN_TAIL = 0.025 * (1 - 1e-9)
_HALVINGS = 40


def z_of_level(level: float) -> float:
    """The two-sided normal quantile of a confidence level, 1.96 for 0.95."""
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not {level}")
    return _NORMAL.inv_cdf(0.5 + level / 2)


class Spread(Protocol):
    """What the uncertainty of a figure can answer."""

    def interval(self, level: float) -> tuple[float, float]:
        """The two-sided interval at a confidence level."""
        ...

    def p_below(self, bound: float) -> float:
        """One-sided p-value of "the truth is at least ``bound``": small means shown below it."""
        ...

    def p_above(self, bound: float) -> float:
        """One-sided p-value of "the truth is at most ``bound``": small means shown above it."""
        ...


def wilson(successes: float, trials: float, level: float) -> tuple[float, float]:
    """The score interval of a proportion (Wilson 1927); ``trials`` may be an effective, fractional number.

    >>> [round(x, 4) for x in wilson(81, 263, 0.95)]
    [0.2553, 0.3662]
    """
    if trials <= 0:
        raise ValueError("an interval needs at least one trial")
    z2 = z_of_level(level) ** 2
    share = successes / trials
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = math.sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials * trials))) / (1 + z2 / trials)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    return low, (1.0 if successes == trials else min(1.0, centre + half))


def snapped(share: float) -> float:
    """A share as it stands, or 0 or 1 where only the rounding of weighted sums keeps it off.

    >>> snapped(1.0000000000000002), snapped(-1e-17), snapped(0.25)
    (1.0, 0.0, 0.25)
    """
    nearest = round(share)
    return float(nearest) if abs(share - nearest) < _ROUNDING else share


@dataclass(frozen=True)
class ScoreSpread:
    """A proportion ``share`` over ``trials`` effective trials; ``scale`` says how a bound maps to the proportion.

    At 95 % the interval is Wilson's, whose coverage is the closest to its level for a few trials. Further out, where
    several subjects share one level, its tails are too short and the binomial ones hold.

    ``proportion``: the figure is the proportion (accuracy, precision, recall). ``f1``: the proportion is J and the
    figure is 2J / (1 + J). ``error``: the figure is one minus the proportion.
    """

    share: float
    trials: float
    scale: Literal["proportion", "f1", "error"] = "proportion"

    def interval(self, level: float) -> tuple[float, float]:
        """Wilson's interval on the proportion, above 95 % widened to the binomial tails, mapped to the figure."""
        low, high = wilson(self.share * self.trials, self.trials, level)
        if level > _PLAIN_LEVEL:
            tail = (1 - level) / 2
            low = min(low, self._where(tail, 0.0))
            high = max(high, self._where(tail, 1.0))
        if self.scale == "f1":
            return 2 * low / (1 + low), 2 * high / (1 + high)
        if self.scale == "error":
            return 1 - high, 1 - low
        return low, high

    def p_below(self, bound: float) -> float:
        """Test of the proportion against the mapped bound; dual to the interval of every level."""
        below, above = self._tails(bound)
        return above if self.scale == "error" else below

    def p_above(self, bound: float) -> float:
        """The test in the other direction."""
        below, above = self._tails(bound)
        return below if self.scale == "error" else above

    def _tails(self, bound: float) -> tuple[float, float]:
        """p of "the proportion is at least that of the bound", and of "at most"; they add up to one.

        It is the score test, whose small p are too small where few errors are expected: of twelve classes truly at a
        floor of .90 with 20 items each it shows one below it in 13 % of batches where Holm allows 2.5 %. A p below
        .025 is therefore at least that of the binomial tail, which shows one in 3 %.
        """
        bound = min(max(bound, 0.0), 1.0)
        null = {"f1": bound / (2 - bound), "error": 1 - bound, "proportion": bound}[self.scale]
        deviation = math.sqrt(null * (1 - null) / self.trials)
        if deviation == 0:
            below = 0.5 if self.share == null else float(self.share > null)
            return below, 1 - below
        z = (self.share - null) / deviation
        tail = _NORMAL.cdf(-abs(z))
        if tail < _PLAIN_TAIL:
            tail = max(tail, min(self._tail(null), _PLAIN_TAIL))
        return (tail, 1 - tail) if z < 0 else (1 - tail, tail)

    def _tail(self, null: float) -> float:
        """The binomial tail beyond the share, half of the share itself counted, on its side of ``null``."""
        below = mid_p_below(self.share * self.trials, self.trials, null)
        return below if self.share < null else 1 - below

    def _where(self, tail: float, end: float) -> float:
        """The proportion between the share and an end of the scale at which the binomial tail has a size."""
        inner, outer = self.share, end
        if inner == outer:
            return end
        for _ in range(_HALVINGS):
            middle = (inner + outer) / 2
            inner, outer = (middle, outer) if self._tail(middle) > tail else (inner, middle)
        return outer


@dataclass(frozen=True)
class CoefficientSpread:
    """A coefficient 1 - (1 - ``agreement``) / ``room`` of observed agreement over ``trials`` effective trials.

    ``room`` is one minus the agreement by chance. What is uncertain in it is part of the trials, so it stands still
    here; the coefficient can reach down to 1 - 1 / ``room``, which is alpha's own lower end.
    """

    agreement: float
    trials: float
    room: float

    def interval(self, level: float) -> tuple[float, float]:
        """The interval of the observed agreement, on the scale of the coefficient."""
        low, high = self._share.interval(level)
        return 1 - (1 - low) / self.room, 1 - (1 - high) / self.room

    def p_below(self, bound: float) -> float:
        """The test of the observed agreement that the bound stands for."""
        return self._share.p_below(self._agreement_at(bound))

    def p_above(self, bound: float) -> float:
        """The same in the other direction."""
        return self._share.p_above(self._agreement_at(bound))

    @property
    def _share(self) -> ScoreSpread:
        return ScoreSpread(self.agreement, self.trials)

    def _agreement_at(self, bound: float) -> float:
        return 1 - (1 - bound) * self.room


@dataclass(frozen=True)
class NormalSpread:
    """A value whose 95 % interval ``low``-``high`` was found by replicates; other levels scale its two half-widths.

    Half-widths of coefficients are taken on the scale ``-log(1 - x)``, where values near 1 are close to symmetric;
    with ``linear`` (errors, rates without an upper end) on the scale of the figure itself.
    """

    value: float
    low: float
    high: float
    linear: bool = False

    def interval(self, level: float) -> tuple[float, float]:
        """The interval whose half-widths grow with the normal quantile."""
        factor = z_of_level(level) / Z95
        centre, low, high = (self._scaled(x) for x in (self.value, self.low, self.high))
        ends = (centre - factor * (centre - low), centre + factor * (high - centre))
        return ends if self.linear else (_shrink(ends[0]), _shrink(ends[1]))

    def p_below(self, bound: float) -> float:
        """Normal test with the half-width on the side of the bound."""
        return _NORMAL.cdf(self._score(bound))

    def p_above(self, bound: float) -> float:
        """Normal test with the half-width on the side of the bound."""
        return _NORMAL.cdf(-self._score(bound))

    def _score(self, bound: float) -> float:
        value = self._scaled(self.value)
        distance = value - self._scaled(bound)
        side = self._scaled(self.high) - value if distance < 0 else value - self._scaled(self.low)
        if side <= 0:
            return 0.0 if distance == 0 else math.copysign(math.inf, distance)
        return distance * Z95 / side

    def _scaled(self, x: float) -> float:
        return x if self.linear else _stretch(x)


def _stretch(x: float) -> float:
    return -math.log(max(1 - x, 1e-12))


def _shrink(y: float) -> float:
    return 1 - math.exp(-y)
