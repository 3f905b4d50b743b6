"""How far ratings lie from gold: mean absolute error and bias, in units of the scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figure import Figure, undefined
from .replicates import Design, replicate_sums
from .spread import Z95, NormalSpread
from .units import Ints

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RatingErrors:
    """Mean absolute error and mean signed error (bias: above zero means rated too high)."""

    absolute: Figure
    bias: Figure


def rating_errors(errors: Floats, row: Ints, design: Design, replicates: int, seed: str) -> RatingErrors:
    """Both figures from signed errors; ``row`` is each error's replicate row.

    With replicates the interval comes from resampled items; with none from the standard error of independent answers.

    >>> errors = np.array([1.0, 0.0, -1.0, 1.0])
    >>> found = rating_errors(errors, np.arange(4), Design.simple(4), 0, "")
    >>> found.absolute.value, found.bias.value
    (0.75, 0.25)
    """
    if len(errors) < 2:
        reason = "fewer than two ratings on gold items"
        return RatingErrors(undefined(reason, units=len(errors)), undefined(reason, units=len(errors)))
    return RatingErrors(
        _mean(
            np.abs(errors),
            row,
            design,
            replicates,
            seed,
            "mean absolute error against gold",
            at_least_zero=True,
        ),
        _mean(errors, row, design, replicates, seed, "mean of rating less gold", at_least_zero=False),
    )


def _mean(
    amounts: Floats,
    row: Ints,
    design: Design,
    replicates: int,
    seed: str,
    method: str,
    *,
    at_least_zero: bool,
) -> Figure:
    count = len(amounts)
    if replicates == 0:
        value = float(amounts.mean())
        deviation = float(amounts.std(ddof=1)) / math.sqrt(count)
        method += "; normal interval"
    else:
        table = np.zeros((design.rows, 2))
        table[:, 0] = np.bincount(row, weights=amounts, minlength=design.rows)
        table[:, 1] = np.bincount(row, minlength=design.rows)
        point = design.weight @ table
        value = float(point[0] / point[1])
        (sums,) = replicate_sums([table], design, replicates, seed)
        deviation = float(np.std(sums[:, 0] / np.maximum(sums[:, 1], 1e-9)))
        method += "; replicates of items"
    deviation = max(deviation, float(np.ptp(amounts)) / count / 2, 1e-9)
    low, high = value - Z95 * deviation, value + Z95 * deviation
    if at_least_zero:
        low = max(low, 0.0)
    return Figure(
        value, low, high, count, count, count, method, None, NormalSpread(value, low, high, linear=True)
    )
