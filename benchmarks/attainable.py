"""What coverage is possible at all for a proportion of few independent trials."""

from __future__ import annotations

from math import comb


def nearest(trials: int, share: float, level: float = 0.95) -> list[float]:
    """The attainable coverages next to a level from below and above.

    An interval is a function of the count of successes, and its ends rise with it. At a true share its coverage is
    therefore the chance of some stretch of counts, and with few errors expected there are not many of those.

    >>> [round(c, 3) for c in nearest(20, 0.95)]
    [0.925, 0.984]
    """
    chance = [comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1)]
    stretches = {
        sum(chance[first:end]) for first in range(trials + 1) for end in range(first + 1, trials + 2)
    }
    below, above = ({c for c in stretches if c <= level}, {c for c in stretches if c > level})
    return [max(below), min(above)]
