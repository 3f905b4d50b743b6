"""Krippendorff's alpha and the state behind every agreement measure of two or more annotators.

Items become an ``AgreementState`` of integers, kept apart by the number of labels an item carries. States of
different items are added and subtracted without any loss, so a merged state gives the same figure to the last bit.

    ratings ──AgreementState.of──▶ state ──matrix──▶ coincidence matrix ──alpha──▶ value
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .ratings import Floats, Integers, Ratings, Value, number_of, numbers_of
from .undefined import NO_PAIRS, ONE_VALUE, Undefined

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True, eq=False)
class AgreementState:
    """What agreement rests on, as integers keyed by m, the number of labels an item carries.

    ``items[m]`` items carry m labels; ``totals[m]`` counts their labels by value; ``pairs[m]`` counts ordered pairs
    of labels that two different people gave to the same item.
    """

    values: tuple[Value, ...]
    items: Mapping[int, int]
    totals: Mapping[int, Integers]
    pairs: Mapping[int, Integers]

    @classmethod
    def of(cls, ratings: Ratings) -> AgreementState:
        """The state of a table of ratings.

        >>> state = AgreementState.of(Ratings.from_rows([["a", "a", "b"], ["a", "b", None], ["b", None, None]]))
        >>> dict(state.items), state.pairs[3].tolist()
        ({1: 1, 2: 1, 3: 1}, [[2, 2], [2, 0]])
        """
        return cls.from_counts(ratings.counts(), ratings.values)

    @classmethod
    def from_counts(cls, counts: Integers, values: Sequence[Value]) -> AgreementState:
        """The state of a table that counts the labels of each value (columns) on each item (rows)."""
        labels = counts.sum(axis=1)
        items: dict[int, int] = {}
        totals: dict[int, Integers] = {}
        pairs: dict[int, Integers] = {}
        for m in sorted({int(number) for number in labels if number > 0}):
            rows = counts[labels == m]
            items[m] = len(rows)
            totals[m] = rows.sum(axis=0)
            pairs[m] = rows.T @ rows - np.diag(totals[m])
        return cls(tuple(values), items, totals, pairs)

    def __add__(self, other: AgreementState) -> AgreementState:
        """The state of both sets of items together; both must stand on the same scale."""
        return self._merged(other, 1)

    def __sub__(self, other: AgreementState) -> AgreementState:
        """The state without the items of the other, which must be among them."""
        return self._merged(other, -1)

    def __eq__(self, other: object) -> bool:
        """Whether all integers are the same."""
        return isinstance(other, AgreementState) and self._plain() == other._plain()

    __hash__ = None  # type: ignore[assignment]  # equal by content that NumPy can change

    def matrix(self) -> Floats:
        """The coincidence matrix: every item contributes its ordered pairs divided by m - 1."""
        size = len(self.values)
        total = np.zeros((size, size))
        for m in sorted(self.pairs):
            if m > 1:
                total += self.pairs[m] / (m - 1)
        return total

    def pairable(self) -> int:
        """How many labels stand on items that carry at least two."""
        return sum(m * number for m, number in self.items.items() if m > 1)

    def against_rest(self, value: Value) -> AgreementState:
        """The state with two values only: this one and everything else.

        >>> state = AgreementState.of(Ratings.from_rows([["a", "b"], ["b", "c"]]))
        >>> state.against_rest("b").pairs[2].tolist()
        [[0, 2], [2, 0]]
        """
        fold = np.zeros((len(self.values), 2), dtype=np.int64)
        fold[:, 1] = 1
        fold[self.values.index(value)] = 1, 0
        return AgreementState(
            (value, _Rest(value)),
            self.items,
            {m: totals @ fold for m, totals in self.totals.items()},
            {m: fold.T @ pairs @ fold for m, pairs in self.pairs.items()},
        )

    def _merged(self, other: AgreementState, sign: int) -> AgreementState:
        if self.values != other.values:
            raise ValueError("states of different scales cannot be merged")
        size = len(self.values)
        numbers = {
            m: self.items.get(m, 0) + sign * other.items.get(m, 0) for m in {*self.items, *other.items}
        }
        if any(number < 0 for number in numbers.values()):
            raise ValueError("the items to take away are not in the state")
        kept = sorted(m for m, number in numbers.items() if number)
        row, table = np.zeros(size, dtype=np.int64), np.zeros((size, size), dtype=np.int64)
        return AgreementState(
            self.values,
            {m: numbers[m] for m in kept},
            {m: self.totals.get(m, row) + sign * other.totals.get(m, row) for m in kept},
            {m: self.pairs.get(m, table) + sign * other.pairs.get(m, table) for m in kept},
        )

    def _plain(self) -> tuple[object, ...]:
        totals = {m: table.tolist() for m, table in self.totals.items()}
        return self.values, dict(self.items), totals, {m: table.tolist() for m, table in self.pairs.items()}


@dataclass(frozen=True)
class _Rest:
    """The value that stands for every class but one."""

    of: Value


def distances(level: Level, values: Sequence[Value], marginals: ArrayLike) -> Floats:
    """The squared differences δ² of Krippendorff between the values of a scale.

    nominal 1; interval (x - y)²; ratio ((x - y) / (x + y))²; ordinal the square of the labels that lie between two
    values, counting half of both ends, so it needs how often each value was used (``marginals``).

    >>> distances("ordinal", ["low", "mid", "high"], [2, 4, 6]).tolist()
    [[0.0, 9.0, 64.0], [9.0, 0.0, 25.0], [64.0, 25.0, 0.0]]
    """
    if level not in LEVELS:
        raise ValueError(f"unknown level {level!r}; expected one of {', '.join(LEVELS)}")
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "ordinal":
        used = np.asarray(marginals, dtype=np.float64)
        middle = np.cumsum(used) - used / 2
        return _table((middle[:, None] - middle[None, :]) ** 2)
    numbers = numbers_of(values)
    if numbers is None:
        strange = next(value for value in values if number_of(value) is None)
        raise ValueError(f"the level {level} needs numbers, not {strange!r}")
    gaps = numbers[:, None] - numbers[None, :]
    if level == "interval":
        return _table(gaps**2)
    if np.any(numbers < 0):
        raise ValueError("the level ratio needs numbers of at least 0")
    sums = numbers[:, None] + numbers[None, :]
    return _table(np.divide(gaps, sums, out=np.zeros_like(sums), where=sums > 0) ** 2)


def alpha(
    matrix: ArrayLike, values: Sequence[Value], level: Level = "nominal", *, pairable: float | None = None
) -> float | Undefined:
    """Krippendorff's alpha of a coincidence matrix over a scale in its order.

    α = 1 - D_o / D_e with D_o = Σ o_ck δ²_ck / n and D_e = Σ n_c n_k δ²_ck / (n (n - 1)). ``pairable`` replaces n in
    the small-sample term n - 1 where the matrix is weighted (the number of labels, not of weighted labels).

    Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011; Content Analysis, 4th ed. 2019, ch. 12.

    Krippendorff's example C (four observers, some values missing):

    >>> rows = [[1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4],
    ...         [1, 1, 2, 1], [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, 3, None, None]]
    >>> state = AgreementState.of(Ratings.from_rows(rows))
    >>> [round(alpha(state.matrix(), state.values, level), 3) for level in LEVELS]
    [0.743, 0.815, 0.849, 0.797]
    """
    table = _table(matrix)
    return alpha_of_distances(table, distances(level, values, table.sum(axis=0)), pairable=pairable)


def alpha_of_distances(
    matrix: ArrayLike, table: ArrayLike, *, pairable: float | None = None
) -> float | Undefined:
    """Alpha with a distance of one's own between values: 0 on the diagonal, symmetric, not squared again.

    >>> alpha_of_distances([[2, 1], [1, 4]], [[0, 1], [1, 0]])
    0.5333333333333333
    """
    coincidences, apart = _table(matrix), _table(table)
    if coincidences.shape != apart.shape:
        raise ValueError("a coincidence matrix and its distances have the same size")
    marginals = coincidences.sum(axis=0)
    labels = float(marginals.sum())
    if labels == 0:
        return NO_PAIRS
    expected = float((np.outer(marginals, marginals) * apart).sum())
    if expected == 0:
        return ONE_VALUE
    number = labels if pairable is None else pairable
    observed = float((coincidences * apart).sum())
    return 1 - (number - 1) * (labels / number) * observed / expected


def alpha_by_class(
    matrix: ArrayLike, values: Sequence[Value], *, pairable: float | None = None
) -> dict[Value, float | Undefined]:
    """Nominal alpha of each class against all others together; a class nobody used has none.

    >>> rows = [["a", "a"], ["a", "b"], ["b", "b"], ["c", "c"]]
    >>> state = AgreementState.of(Ratings.from_rows(rows))
    >>> {value: round(found, 4) for value, found in alpha_by_class(state.matrix(), state.values).items()}
    {'a': 0.5333, 'b': 0.5333, 'c': 1.0}
    """
    table = _table(matrix)
    whole = float(table.sum())
    found: dict[Value, float | Undefined] = {}
    for place, value in enumerate(values):
        same, used = float(table[place, place]), float(table[:, place].sum())
        folded = [[same, used - same], [used - same, whole - 2 * used + same]]
        if whole and used == 0:
            found[value] = Undefined("nobody used this class")
        elif whole and used == whole:
            found[value] = ONE_VALUE
        else:
            found[value] = alpha_of_distances(folded, 1 - np.eye(2), pairable=pairable)
    return found


def krippendorff_alpha(
    rows: Ratings | Iterable[Sequence[Value | None]],
    level: Level = "nominal",
    *,
    values: Sequence[Value] | None = None,
) -> float | Undefined:
    """Krippendorff's alpha of items, each a row with one label per annotator (None: not labelled).

    Values that are texts have no order of their own: for the level ordinal, declare the scale with ``values``.

    >>> krippendorff_alpha([[0, 0], [1, 1], [0, 1], [0, 0], [0, 0], [0, 1], [0, 0], [0, 1], [1, 0], [0, 0]])
    0.09523809523809523
    >>> krippendorff_alpha([["a", "a"], ["a", "a"]]).reason
    'only one class was used, so chance agreement is total'
    """
    ratings = rows if isinstance(rows, Ratings) else Ratings.from_rows(rows, values=values)
    if level == "ordinal" and values is None and not isinstance(rows, Ratings):
        require_order(ratings.values)
    state = AgreementState.of(ratings)
    return alpha(state.matrix(), state.values, level)


def require_order(values: Sequence[Value]) -> None:
    """Raises ValueError unless the values are numbers: texts need a declared scale."""
    if numbers_of(values) is None:
        raise ValueError("these values have no order of their own; declare the scale")


def _table(numbers: ArrayLike) -> Floats:
    return np.asarray(numbers, dtype=np.float64)
