"""Error rates as ratios of sums over items: word and character error rate with intervals and comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figure import Figure, undefined
from .replicates import SINGLE_ITEMS_UP_TO, Design, replicate_sums
from .spread import Z95, NormalSpread
from .suspicion import Suspect, Thresholds, held, worse_mean

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ErrorSums:
    """Per item the edits and the length of the reference, shape (items, 2); sums of several sets are stacked."""

    table: NDArray[np.int64]

    @property
    def rate(self) -> float:
        """Edits per unit of reference; NaN for an empty reference.

        >>> ErrorSums(np.array([[1, 2], [0, 8]])).rate
        0.1
        """
        edits, length = self.table.sum(axis=0) if len(self.table) else (0, 0)
        return float(edits / length) if length else math.nan

    def variance(self) -> float:
        """The variance of the rate by linearisation over items (Cochran 1977, ratio estimate), softened by one edit."""
        return _deviation_of_ratio(self.table[:, 0].astype(np.float64), self.table[:, 1], self.rate) ** 2


def error_rate(sums: ErrorSums, replicates: int, seed: str, method: str) -> Figure:
    """The rate with its 95 % interval: resampled items where they are few, else linearised over items."""
    items = len(sums.table)
    if items < 2 or math.isnan(sums.rate):
        return undefined("fewer than two texts on gold items", units=items, method=method)
    if items <= SINGLE_ITEMS_UP_TO and replicates:
        (drawn,) = replicate_sums([sums.table], Design.simple(items), replicates, seed)
        length = float(sums.table[:, 1].sum())
        deviation = math.sqrt(float(np.var(drawn[:, 0] / np.maximum(drawn[:, 1], 1))) + 1 / length**2)
        method += "; replicates of items"
    else:
        deviation = math.sqrt(sums.variance())
        method += "; linearised over items"
    value = sums.rate
    low, high = max(0.0, value - Z95 * deviation), value + Z95 * deviation
    spread = NormalSpread(value, low, high, linear=True)
    return Figure(value, low, high, items, int(sums.table[:, 1].sum()), items, method, None, spread)


def worse_rates(
    sums: Sequence[ErrorSums], thresholds: Thresholds, usual: Sequence[Floats] | None = None
) -> list[Suspect]:
    """Subjects whose error rate lies above that of the others by more than the stated effect.

    ``usual`` holds, for each subject and item, the edits that the others need on the same item on average: hard items
    count against nobody then. Without it the comparison is with all the others together.
    """
    tests = []
    for number, mine in enumerate(sums):
        rest = ErrorSums(
            np.concatenate([s.table for n, s in enumerate(sums) if n != number] or [mine.table[:0]])
        )
        if len(mine.table) < thresholds.least or len(rest.table) < thresholds.least:
            continue
        if usual is None:
            expected, deviation = rest.rate, math.sqrt(mine.variance() + rest.variance())
        else:
            beyond, length = mine.table[:, 0] - usual[number], mine.table[:, 1]
            gap = float(beyond.sum() / length.sum())
            expected, deviation = mine.rate - gap, _deviation_of_ratio(beyond, length, gap)
        reverse = worse_mean((number,), -mine.rate, -expected, deviation, len(mine.table), thresholds.effect)
        tests.append(
            Suspect((number,), mine.rate, expected, -reverse.high, -reverse.low, len(mine.table), reverse.p)
        )
    return held(tests, thresholds)


def _deviation_of_ratio(part: Floats, length: NDArray[np.int64], ratio: float) -> float:
    """The deviation of a ratio of sums over items by linearisation (Cochran 1977), softened by one edit."""
    rest, items = part - ratio * length, len(part)
    return math.sqrt(float((rest**2).sum()) * items / max(items - 1, 1) + 1.0) / float(length.sum())
