"""Drift of quality over time: cumulative sums, how long they run until an alarm, and the threshold for that.

These measures read an ordered stream; they are not merged in any order but continued event by event.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from .ratings import Floats
from .undefined import Undefined

_NORMAL = NormalDist()


def cusum_arl(reference: float, threshold: float, shift: float = 0.0, *, states: int = 400) -> float:
    """Mean run length of a one-sided CUSUM of standard normal values, S = max(0, S + x - k), until S ≥ h.

    The run is a Markov chain on ``states`` equal steps below the threshold; its mean length solves (I - R) a = 1.
    ``shift`` is the mean of the values; 0 gives the time to a false alarm.

    Source: D. Brook & D. A. Evans 1972, Biometrika 59:539.

    >>> round(cusum_arl(0.5, 5), 0), round(cusum_arl(0.5, 5, shift=1), 1)
    (931.0, 10.4)
    """
    if threshold <= 0 or states < 2:
        raise ValueError("a CUSUM needs a threshold above 0 and at least two states")
    width = 2 * threshold / (2 * states - 1)
    steps = np.arange(-states, states)
    below = np.array([_NORMAL.cdf((step + 0.5) * width + reference - shift) for step in steps])
    origin = np.arange(states)[:, None]
    target = np.arange(states)[None, :]
    moves = below[target - origin + states] - below[target - origin + states - 1]
    moves[:, 0] = below[states - np.arange(states)]
    return float(np.linalg.solve(np.eye(states) - moves, np.ones(states))[0])


def two_sided_arl(upper: float, lower: float) -> float:
    """Mean run length of two one-sided charts run together: 1 / (1 / a + 1 / b).

    Source: K. W. Kemp 1961, J. R. Stat. Soc. B 23:149.

    >>> round(two_sided_arl(930.9, 930.9), 1)
    465.4
    """
    return 1 / (1 / upper + 1 / lower)


@dataclass(frozen=True)
class BinomialCusum:
    """A CUSUM of errors in integers: an error adds ``step - 1``, a right answer takes 1 away, never below 0.

    1 / step is the share of errors between good and bad at which the sum neither rises nor falls; the alarm goes at
    ``threshold`` or more.
    """

    step: int
    threshold: int

    def __post_init__(self) -> None:
        if self.step < 2 or self.threshold < 1:
            raise ValueError("a CUSUM of errors needs a step of at least 2 and a threshold of at least 1")

    def path(self, results: Iterable[tuple[int, int]], *, start: int = 0) -> tuple[int, ...]:
        """The sum after each (errors, answers); ``start`` continues an earlier stream.

        >>> BinomialCusum(step=10, threshold=20).path([(0, 5), (2, 4), (1, 1)])
        (0, 16, 25)
        """
        sums = []
        for errors, answers in results:
            if not 0 <= errors <= answers:
                raise ValueError(f"{errors} errors in {answers} answers")
            start = max(0, start + self.step * errors - answers)
            sums.append(start)
        return tuple(sums)

    def first_alarm(self, results: Iterable[tuple[int, int]], *, start: int = 0) -> int | None:
        """The position of the first result at which the alarm goes, or None."""
        sums = self.path(results, start=start)
        return next((place for place, total in enumerate(sums) if total >= self.threshold), None)

    def arl(self, error_share: float) -> float:
        """Mean number of answers until the alarm, exactly, at a constant share of errors above 0.

        The sum falls by one at most, so the run is a chain of falls from each place to the one below; all terms are
        positive and nothing cancels, however long the run.

        >>> chart = BinomialCusum(step=10, threshold=20)
        >>> round(chart.arl(0.05)), round(chart.arl(0.2))
        (304, 19)
        """
        if not 0 < error_share <= 1:
            raise ValueError(f"a share of errors lies above 0 and at most at 1, not {error_share}")
        falls, alarms, times = (np.zeros(self.threshold) for _ in range(3))
        for place in range(self.threshold - 1, 0, -1):
            back, lost, spent = self._after_error(place, falls, alarms, times)
            leave = 1 - error_share * back
            falls[place], alarms[place] = (1 - error_share) / leave, error_share * lost / leave
            times[place] = (1 + error_share * spent) / leave
        _, lost, spent = self._after_error(0, falls, alarms, times)
        return float((1 + error_share * spent) / (error_share * lost)) if lost else math.inf

    def _after_error(
        self, place: int, falls: Floats, alarms: Floats, times: Floats
    ) -> tuple[float, float, float]:
        """From where an error leads: the chance to come back, the chance of an alarm before, and the time spent."""
        if place + self.step > self.threshold:
            return 0.0, 1.0, 0.0
        back, lost, spent = 1.0, 0.0, 0.0
        for above in range(place + self.step - 1, place, -1):
            spent += back * times[above]
            lost += back * alarms[above]
            back *= falls[above]
        return back, lost, spent


def binomial_cusum(
    good: float, bad: float, *, answers_between_false_alarms: float, charts: int = 1, highest: int = 2_000
) -> BinomialCusum | Undefined:
    """The CUSUM that tells a bad share of errors from a good one, with false alarms as rare as asked.

    Its step is the nearest whole 1 / γ for the likelihood-ratio reference γ = -log((1 - p1) / (1 - p0)) /
    log(p1 (1 - p0) / (p0 (1 - p1))). With several ``charts`` (annotators times classes) the time between false alarms
    is that of all together: each alone runs ``charts`` times as long.

    Source: M. R. Reynolds & Z. G. Stoumbos 1999, J. Qual. Technol. 31:87.

    >>> chart = binomial_cusum(0.05, 0.15, answers_between_false_alarms=1_000)
    >>> chart.step, chart.threshold, round(chart.arl(0.05)), round(chart.arl(0.15))
    (11, 34, 1069, 45)
    """
    if not 0 < good < bad < 1:
        raise ValueError("a CUSUM needs 0 < good < bad < 1")
    if answers_between_false_alarms <= 0 or charts < 1:
        raise ValueError("the time between false alarms and the number of charts are above 0")
    wanted = answers_between_false_alarms * charts
    fall = -np.log((1 - bad) / (1 - good))
    rise = np.log(bad * (1 - good) / (good * (1 - bad)))
    step = max(2, round(float(rise / fall)))
    if BinomialCusum(step, highest).arl(good) < wanted:
        return Undefined(f"no threshold up to {highest} makes false alarms that rare")
    low, high = 1, highest
    while low < high:
        middle = (low + high) // 2
        if BinomialCusum(step, middle).arl(good) >= wanted:
            high = middle
        else:
            low = middle + 1
    return BinomialCusum(step, low)


def ewma(values: Sequence[float], share: float = 0.2, *, start: float | None = None) -> Floats:
    """The exponentially weighted mean after each value, z = λ x + (1 - λ) z; for display, not for alarms.

    Source: S. W. Roberts 1959, Technometrics 1:239.

    >>> ewma([1.0, 0.0, 1.0], 0.5).tolist()
    [1.0, 0.5, 0.75]
    """
    if not 0 < share <= 1:
        raise ValueError(f"the share of the newest value lies above 0 and at most at 1, not {share}")
    means = np.zeros(len(values))
    mean = start
    for place, value in enumerate(values):
        mean = value if mean is None else share * value + (1 - share) * mean
        means[place] = mean
    return means
