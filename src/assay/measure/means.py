"""Means and shares over matched objects with intervals by replicates of items: sums of quantities, never means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .accuracy import GoldState, overall_gold_figures
from .figure import Figure, undefined
from .replicates import Design
from .spread import Z95, NormalSpread
from .units import Ints

Floats = NDArray[np.float64]
FIXED_POINT = 20
_LEAST = 0.25


def mean_rows(row: Ints, values: Floats, rows: int) -> Ints:
    """What a mean is drawn from: sums of the values in 2^-20 and their number, per replicate row (rows, 2).

    >>> mean_rows(np.array([0, 0, 1]), np.array([0.5, 1.5, 4.0]), 2).tolist()
    [[2097152, 2], [4194304, 1]]
    """
    amount = np.rint(values * (1 << FIXED_POINT))
    sums = np.bincount(row, weights=amount, minlength=rows)
    return np.column_stack([sums, np.bincount(row, minlength=rows)]).astype(np.int64)


def mean_figure(
    rows: Ints,
    sums: Floats,
    design: Design,
    *,
    items: int,
    method: str,
    reason: str,
    most: float | None = 1.0,
) -> Figure:
    """The mean of a quantity from 0 to ``most`` (None: without end), with its normal interval over replicates.

    ``sums`` are the replicate sums of ``rows``. Equal values keep the deviation that one value off by a quarter makes,
    so that no interval has width zero. ``reason`` says why there is none where nothing was measured.
    """
    count = int(rows[:, 1].sum())
    if count == 0:
        return undefined(reason, method=method)
    total = design.weight @ rows
    value = float(total[0] / total[1]) / (1 << FIXED_POINT)
    drawn = sums[sums[:, 1] > 0]
    means = drawn[:, 0] / drawn[:, 1] / (1 << FIXED_POINT)
    deviation = float(np.std(means)) if len(means) else 0.0
    deviation = max(deviation, _LEAST / count)
    low, high = value - Z95 * deviation, value + Z95 * deviation
    spread = NormalSpread(value, low, high, linear=True)
    top = high if most is None else min(high, most)
    return Figure(value, max(low, 0.0), top, items, count, count, method, None, spread)


def share_rows(row: Ints, right: NDArray[np.bool_], rows: int) -> Ints:
    """What a share is drawn from: right trials and all trials per replicate row (rows, 2).

    >>> share_rows(np.array([0, 0, 1]), np.array([True, False, True]), 2).tolist()
    [[1, 2], [1, 1]]
    """
    return np.column_stack([np.bincount(row[right], minlength=rows), np.bincount(row, minlength=rows)])


def share_of_trials(
    rows: Ints, sums: Floats, design: Design, *, items: int, method: str, reason: str
) -> Figure:
    """The share of right trials with Wilson's interval over effective trials; ``sums`` are those of ``rows``."""
    count = int(rows[:, 1].sum())
    if count == 0:
        return undefined(reason, method=method)
    folds = np.zeros((2, 6), np.int64)
    folds[0, [0, 3]] = 1
    folds[0, 2] = -1
    folds[1, [2, 4, 5]] = 1
    table = GoldState(np.zeros((1, 1, 2), np.int64), rows @ folds)
    found = overall_gold_figures(
        table, sums @ folds.astype(np.float64), design.weight, exclusive=False, unit=design.unit,
        together=design.together,
    )  # fmt: skip
    return replace(found["accuracy"], units=items, labels=count, positives=count, method=method)
