"""A slice and its words: what a condition on a trait is called in a table and in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.measure.located_patterns import Trait
from assay.measure.units import Ints

#: What a slice says: of which class, who and beside whom, with which text, how the object looks, where it is found.
Role = Literal["class", "person", "other", "text", "look", "where"]
Code = Callable[[Ints], Ints]


@dataclass(frozen=True)
class Slice:
    """A trait with words: ``said(low, high)`` is the value in a table, ``where`` the same inside a sentence."""

    trait: Trait
    role: Role
    said: Callable[[int, int], str]
    where: Callable[[int, int], str]

    @property
    def name(self) -> str:
        """The name of the attribute."""
        return self.trait.name


def named(name: str, role: Role, values: Sequence[str], code: Code, lead: str) -> Slice:
    """A slice whose values are names; ``lead`` stands before the name in a sentence."""

    def said(low: int, _: int) -> str:
        return values[low]

    def where(low: int, _: int) -> str:
        return f"{lead} “{values[low]}”".strip()

    return Slice(Trait(name, len(values), code), role, said, where)


def phrases(name: str, role: Role, words: Sequence[str], code: Code) -> Slice:
    """A slice whose values are said as they stand."""

    def said(low: int, _: int) -> str:
        return words[low]

    return Slice(Trait(name, len(words), code), role, said, said)


def ordered(
    name: str, role: Role, bounds: Sequence[float], code: Code, words: tuple[str, str, str], *, whole: bool = False
) -> Slice:  # fmt: skip
    """A slice of numbers, cut at bounds (see :func:`banded`). ``words`` say below, from, and between.

    ``whole`` numbers are told up to and with the last, others up to and without the next bound.
    """

    def said(low: int, high: int) -> str:
        if low == 0:
            return words[0].format(f"{bounds[high - 1]:g}")
        if high > len(bounds):
            return words[1].format(f"{bounds[low - 1]:g}")
        last = bounds[high - 1] - (1 if whole else 0)
        if whole and last == bounds[low - 1]:
            return words[2].replace(" to {}", "").format(f"{last:g}")
        return words[2].format(f"{bounds[low - 1]:g}", f"{last:g}")

    return Slice(Trait(name, len(bounds) + 1, code, ordered=True), role, said, said)


def banded(bounds: Sequence[float], amount: NDArray[np.float64]) -> Ints:
    """Numbers to the band they lie in: 0 below the first bound; -1 for NaN."""
    edges = np.asarray(bounds, np.float64)
    return np.where(np.isnan(amount), -1, np.searchsorted(edges, amount, "right"))


def of_marks(mark: Ints, make: Callable[[], Ints]) -> Code:
    """The codes of rows from those of the objects they are about, which are made when first asked for."""
    made: list[NDArray[np.int16]] = []

    def code(row: Ints) -> Ints:
        if not made:
            made.append(make().astype(np.int16))
        return made[0][mark[row]].astype(np.int64)

    return code
