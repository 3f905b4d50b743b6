"""Who said what on which item: the table that agreement is measured on, and the order of its values."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Value: TypeAlias = Hashable
Integers: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

MISSING = -1
_NUMERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def number_of(value: Value) -> float | None:
    """The number a value stands for (a number, or its plain decimal text), or None.

    >>> number_of("2.5"), number_of(3), number_of("low")
    (2.5, 3.0, None)
    """
    if isinstance(value, str):
        return float(value) if _NUMERAL.fullmatch(value) else None
    if isinstance(value, int | float | Decimal | Fraction | np.integer | np.floating):
        return float(value)
    return None


def numbers_of(values: Sequence[Value]) -> Floats | None:
    """The numbers of all values, or None if one of them is not a number."""
    numbers = [number_of(value) for value in values]
    found = [number for number in numbers if number is not None]
    return np.array(found, dtype=np.float64) if len(found) == len(numbers) else None


def in_order(values: Iterable[Value]) -> tuple[Value, ...]:
    """The distinct values: numbers (and their texts) by size, then the rest by their text.

    >>> in_order(["10", "9", "b", "a", "9"])
    ('9', '10', 'a', 'b')
    """

    def key(value: Value) -> tuple[bool, float, str]:
        number = number_of(value)
        return number is None, number or 0.0, str(value)

    return tuple(sorted(set(values), key=key))


def is_missing(value: object) -> bool:
    """Whether a cell says that this person did not label this item: None, or the float NaN of a numeric table."""
    return value is None or (isinstance(value, float | np.floating) and math.isnan(value))


@dataclass(frozen=True, eq=False)
class Ratings:
    """Items by annotators. ``codes`` holds positions in ``values``, or -1 where a person did not label the item.

    ``values`` is the scale in its order; declare it where unused classes or the order of texts matter.
    ``told_apart`` is False when columns are not people, because only counts were known.
    """

    codes: Integers
    values: tuple[Value, ...]
    told_apart: bool = True

    def __post_init__(self) -> None:
        if self.codes.ndim != 2:
            raise ValueError("ratings are a table of items by annotators")
        if len(set(self.values)) != len(self.values):
            raise ValueError("a scale names each value once")
        if self.codes.size and (self.codes.min() < MISSING or self.codes.max() >= len(self.values)):
            raise ValueError("a rating lies outside its scale")

    @classmethod
    def from_rows(
        cls, rows: Iterable[Sequence[Value | None]], *, values: Sequence[Value] | None = None
    ) -> Ratings:
        """Ratings of items, each a row with one cell per annotator; None is missing, short rows are filled up.

        >>> Ratings.from_rows([["a", "b"], ["b", None]]).codes.tolist()
        [[0, 1], [1, -1]]
        """
        cells = [[None if is_missing(value) else value for value in row] for row in rows]
        scale = _scale((value for row in cells for value in row if value is not None), values)
        place = {value: code for code, value in enumerate(scale)}
        codes = np.full((len(cells), max(map(len, cells), default=0)), MISSING, dtype=np.int64)
        for item, row in enumerate(cells):
            for person, value in enumerate(row):
                if value is not None:
                    codes[item, person] = place[value]
        return cls(codes, scale)

    @classmethod
    def from_annotations(
        cls,
        annotations: Iterable[tuple[Value, Value, Value]],
        *,
        values: Sequence[Value] | None = None,
    ) -> Ratings:
        """Ratings of (item, annotator, value) rows; items and annotators stand in the order of first appearance.

        Raises ValueError when a person labels one item differently twice; the same answer again changes nothing.

        >>> Ratings.from_annotations([("i1", "ann", "x"), ("i1", "bob", "y"), ("i2", "bob", "x")]).codes.tolist()
        [[0, 1], [-1, 0]]
        """
        items: dict[Value, dict[Value, Value]] = {}
        people: dict[Value, int] = {}
        for item, person, value in annotations:
            people.setdefault(person, len(people))
            if items.setdefault(item, {}).setdefault(person, value) != value:
                raise ValueError(f"annotator {person!r} labels item {item!r} in two ways")
        return cls.from_rows(
            ([answers.get(person) for person in people] for answers in items.values()), values=values
        )

    @classmethod
    def from_counts(cls, counts: ArrayLike, *, values: Sequence[Value] | None = None) -> Ratings:
        """Ratings of which only the number of labels per item and class is known, not who gave them.

        >>> Ratings.from_counts([[2, 0], [1, 1]]).codes.tolist()
        [[0, 0], [0, 1]]
        """
        table = whole_numbers(counts)
        scale = _columns(table, values)
        width = int(table.sum(axis=1).max(initial=0))
        codes = np.full((len(table), width), MISSING, dtype=np.int64)
        for item, row in enumerate(table):
            labels = np.repeat(np.arange(len(scale)), row)
            codes[item, : len(labels)] = labels
        return cls(codes, scale, told_apart=False)

    @classmethod
    def from_table(cls, table: ArrayLike, *, values: Sequence[Value] | None = None) -> Ratings:
        """Ratings of two people from their confusion table, rows the first and columns the second.

        >>> Ratings.from_table([[1, 0], [1, 0]]).codes.tolist()
        [[0, 0], [1, 0]]
        """
        counts = square(table)
        first, second = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), max(len(counts), 1))
        return cls(np.stack([first, second], axis=1), _columns(counts, values))

    @property
    def items(self) -> int:
        """How many items the table holds, labelled or not."""
        return int(self.codes.shape[0])

    @property
    def annotators(self) -> int:
        """How many annotators the table holds."""
        return int(self.codes.shape[1])

    def counts(self) -> Integers:
        """How many labels of each value each item carries: items by values."""
        counts = np.zeros((self.items, len(self.values)), dtype=np.int64)
        item, person = np.nonzero(self.codes != MISSING)
        np.add.at(counts, (item, self.codes[item, person]), 1)
        return counts

    def table(self, first: int, second: int) -> Integers:
        """The confusion table of two annotators over the items both labelled."""
        size = len(self.values)
        rows, columns = self.codes[:, first], self.codes[:, second]
        both = (rows != MISSING) & (columns != MISSING)
        cells = np.bincount(rows[both] * size + columns[both], minlength=size * size)
        return cells.reshape(size, size).astype(np.int64)


def whole_numbers(counts: ArrayLike) -> Integers:
    """The counts as 64-bit integers; raises ValueError for a negative or fractional one."""
    table = np.asarray(counts)
    if table.ndim != 2 or not np.issubdtype(table.dtype, np.number):
        raise ValueError("counts are a table of numbers")
    whole = table.astype(np.int64)
    if np.any(whole != table) or np.any(whole < 0):
        raise ValueError("counts are whole numbers of at least 0")
    return whole


def square(table: ArrayLike) -> Integers:
    """A confusion table as integers; raises ValueError unless both people stand on the same scale."""
    counts = whole_numbers(table)
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"a confusion table is square, not {counts.shape[0]} by {counts.shape[1]}")
    return counts


def _scale(used: Iterable[Value], declared: Sequence[Value] | None) -> tuple[Value, ...]:
    observed = in_order(used)
    if declared is None:
        return observed
    known = set(declared)
    outside = [value for value in observed if value not in known]
    if outside:
        raise ValueError(f"{outside[0]!r} is not on the declared scale")
    return tuple(declared)


def _columns(table: Integers, values: Sequence[Value] | None) -> tuple[Value, ...]:
    scale = tuple(range(1, table.shape[1] + 1)) if values is None else tuple(values)
    if len(scale) != table.shape[1]:
        raise ValueError(f"{len(scale)} values are declared for {table.shape[1]} columns")
    return scale
