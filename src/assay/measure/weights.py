"""How much two different values still agree: weights between 0 and 1 for graded coefficients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .ratings import Floats, Value, numbers_of

Weighting: TypeAlias = Literal[
    "identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar"
]
Weights: TypeAlias = Weighting | Floats


def agreement_weights(values: Sequence[Value], weighting: Weighting) -> Floats:
    """The weights of a named scheme over a scale; 1 on the diagonal.

    Distances are those of the numbers if all values are numbers, else of their positions on the scale. With
    d = |x - y| and R the range: linear 1 - d / R, quadratic 1 - (d / R)², radical 1 - √(d / R), ratio
    1 - ((x - y) / (x + y))² over its largest value, circular and bipolar as in Gwet. ``ordinal`` counts the pairs of
    positions between two values, m (m - 1) / 2 with m = positions + 1; it is *not* Krippendorff's ordinal metric,
    which depends on how often values were used (see ``coincidence.distances``).

    Source: K. L. Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014, ch. 3 (schemes), J. Cohen 1968 (weights).

    >>> agreement_weights([1, 2, 4], "linear").round(3).tolist()
    [[1.0, 0.667, 0.0], [0.667, 1.0, 0.333], [0.0, 0.333, 1.0]]
    >>> agreement_weights(["low", "mid", "high"], "quadratic").tolist()
    [[1.0, 0.75, 0.0], [0.75, 1.0, 0.75], [0.0, 0.75, 1.0]]
    """
    if weighting not in _DISTANCES:
        raise ValueError(f"unknown weights {weighting!r}; expected one of {', '.join(_DISTANCES)}")
    numbers = numbers_of(values)
    places = np.arange(1, len(values) + 1, dtype=np.float64)
    if weighting == "ordinal" or numbers is None:
        numbers = places
    if len(values) < 2:
        return np.eye(len(values))
    return from_disagreement(_DISTANCES[weighting](numbers))


def from_disagreement(weights: ArrayLike) -> Floats:
    """Agreement weights from weights that say how bad a disagreement is (Cohen 1968): 1 - v / max(v).

    >>> from_disagreement([[0, 1], [2, 0]]).tolist()
    [[1.0, 0.5], [0.0, 1.0]]
    """
    table = np.asarray(weights, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ValueError("disagreement weights are a square table")
    if not np.isfinite(table).all() or np.any(np.diag(table) != 0) or np.any(table < 0) or table.max() == 0:
        raise ValueError("disagreement weights are 0 on the diagonal and nowhere negative")
    return np.asarray(1 - table / table.max(), dtype=np.float64)


def weights_of(weights: Weights, values: Sequence[Value]) -> Floats:
    """The weights themselves: a named scheme over the scale, or a table of agreement weights as given."""
    if isinstance(weights, str):
        return agreement_weights(values, weights)
    table = np.asarray(weights, dtype=np.float64)
    if table.shape != (len(values), len(values)):
        raise ValueError(
            f"weights for {len(values)} values are {len(values)} by {len(values)}, not {table.shape}"
        )
    if not np.isfinite(table).all() or np.any(np.diag(table) != 1):
        raise ValueError("agreement weights are 1 on the diagonal")
    return table


def _gaps(numbers: Floats) -> Floats:
    return np.asarray(np.abs(numbers[:, None] - numbers[None, :]), dtype=np.float64)


def _pairs_between(places: Floats) -> Floats:
    span = _gaps(places) + 1
    return np.asarray(span * (span - 1) / 2, dtype=np.float64)


def _relative(numbers: Floats) -> Floats:
    sums = numbers[:, None] + numbers[None, :]
    if np.any(numbers < 0):
        raise ValueError("ratio weights need values of at least 0")
    return np.asarray(np.divide(_gaps(numbers), sums, out=np.zeros_like(sums), where=sums > 0) ** 2)


def _around(numbers: Floats) -> Floats:
    turn = numbers.max() - numbers.min() + 1
    return np.asarray(np.sin(np.pi * _gaps(numbers) / turn) ** 2, dtype=np.float64)


def _towards_ends(numbers: Floats) -> Floats:
    sums = numbers[:, None] + numbers[None, :]
    scale = (sums - 2 * numbers.min()) * (2 * numbers.max() - sums)
    return np.asarray(np.divide(_gaps(numbers) ** 2, scale, out=np.zeros_like(sums), where=scale > 0))


_DISTANCES: dict[Weighting, Callable[[Floats], Floats]] = {
    "identity": lambda numbers: np.asarray(_gaps(numbers) > 0, dtype=np.float64),
    "linear": _gaps,
    "quadratic": lambda numbers: _gaps(numbers) ** 2,
    "ordinal": _pairs_between,
    "radical": lambda numbers: np.sqrt(_gaps(numbers)),
    "ratio": _relative,
    "circular": _around,
    "bipolar": _towards_ends,
}
