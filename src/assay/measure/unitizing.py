"""Units that people cut out of a continuum: Krippendorff's unitizing alpha, and the positional part of gamma."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from .undefined import Undefined

Person = Hashable


@dataclass(frozen=True)
class Unit:
    """A stretch of the continuum, in whole steps, that one person gave a class."""

    start: int
    length: int
    annotator: Person
    label: Hashable

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError("a unit is at least one step long")


@dataclass(frozen=True)
class Continuum:
    """What was cut into units: its first step, its length, and how many people worked on it."""

    begin: int
    length: int
    annotators: int

    def __post_init__(self) -> None:
        if self.annotators < 2 or self.length < 1:
            raise ValueError("a continuum needs a length and at least two people")


@dataclass(frozen=True)
class Disagreement:
    """Observed and expected disagreement; alpha is 1 - observed / expected."""

    observed: float
    expected: float

    def __add__(self, other: Disagreement) -> Disagreement:
        """Both pooled, as for several classes together."""
        return Disagreement(self.observed + other.observed, self.expected + other.expected)

    def alpha(self) -> float | Undefined:
        """Alpha of this disagreement, or why there is none."""
        if self.expected == 0:
            return Undefined("nobody marked a unit, or everybody the whole continuum")
        return 1 - self.observed / self.expected


@dataclass(frozen=True)
class _Section:
    """A unit of the class in question, or the gap between two of them."""

    start: int
    length: int
    is_unit: bool

    @property
    def end(self) -> int:
        return self.start + self.length


def unitizing_disagreement(units: Iterable[Unit], label: Hashable, continuum: Continuum) -> Disagreement:
    """Disagreement about where the units of one class lie; everything else is a gap.

    Two units that meet differ by the squares of the distances of their ends; a unit that lies in a gap of someone
    else by the square of its length. Observed: the sum over sections of pairs of people / (m (m - 1) L²). Expected:
    the same over all places where the units could lie.

    Source: K. Krippendorff 2004, Qual. Quant. 38:787.

    >>> units = [Unit(225, 70, 0, "c"), Unit(370, 30, 0, "c"), Unit(220, 80, 1, "c"), Unit(355, 20, 1, "c"),
    ...          Unit(400, 20, 1, "c")]
    >>> found = unitizing_disagreement(units, "c", Continuum(150, 300, 2))
    >>> round(found.observed, 4), round(found.expected, 4), round(found.alpha(), 4)
    (0.0144, 0.0532, 0.7286)
    """
    people = _sections(units, label, continuum)
    return Disagreement(_observed(people, continuum), _expected(people, continuum))


def unitizing_alpha(units: Sequence[Unit], continuum: Continuum) -> float | Undefined:
    """Unitizing alpha over all classes: observed and expected disagreement are added up before they are divided.

    >>> units = [Unit(0, 10, 0, "a"), Unit(0, 10, 1, "a"), Unit(20, 5, 0, "b"), Unit(22, 5, 1, "b")]
    >>> round(unitizing_alpha(units, Continuum(0, 40, 2)), 4)
    0.9501
    """
    labels = sorted({unit.label for unit in units}, key=str)
    total = Disagreement(0.0, 0.0)
    for label in labels:
        total += unitizing_disagreement(units, label, continuum)
    return total.alpha()


def positional_dissimilarity(
    one: tuple[float, float], other: tuple[float, float], *, empty: float = 1.0
) -> float:
    """How far two units (start, end) lie apart in gamma: ((|Δstart| + |Δend|) / (sum of lengths))² · Δ_∅.

    ``empty`` is Δ_∅, the cost of a unit that has no counterpart.

    Source: Y. Mathet, A. Widlöcher & J.-P. Métivier 2015, Comput. Linguist. 41:437.

    >>> [round(positional_dissimilarity((4, 14), other), 4) for other in ((40, 44), (20, 25), (14, 24))]
    [22.2245, 3.24, 1.0]
    """
    lengths = (one[1] - one[0]) + (other[1] - other[0])
    if lengths <= 0 or one[1] < one[0] or other[1] < other[0]:
        raise ValueError("a unit ends after it starts")
    apart = abs(one[0] - other[0]) + abs(one[1] - other[1])
    return float((apart / lengths) ** 2 * empty)


def _sections(units: Iterable[Unit], label: Hashable, continuum: Continuum) -> list[list[_Section]]:
    """For every person, the units of the class and the gaps between them, from end to end of the continuum."""
    chosen: dict[Person, list[Unit]] = {}
    for unit in units:
        cut = chosen.setdefault(unit.annotator, [])
        if unit.label == label:
            cut.append(unit)
    if len(chosen) > continuum.annotators:
        raise ValueError(f"{len(chosen)} people marked units, {continuum.annotators} were announced")
    lists = [sorted(cut, key=lambda unit: unit.start) for cut in chosen.values()]
    lists += [[] for _ in range(continuum.annotators - len(lists))]
    return [_filled(cut, continuum) for cut in lists]


def _filled(units: Sequence[Unit], continuum: Continuum) -> list[_Section]:
    sections: list[_Section] = []
    place, end = continuum.begin, continuum.begin + continuum.length
    for unit in units:
        if unit.start < place or unit.start + unit.length > end:
            raise ValueError(
                f"the unit at {unit.start} overlaps another of its class or leaves the continuum"
            )
        if unit.start > place:
            sections.append(_Section(place, unit.start - place, is_unit=False))
        sections.append(_Section(unit.start, unit.length, is_unit=True))
        place = unit.start + unit.length
    if place < end:
        sections.append(_Section(place, end - place, is_unit=False))
    return sections


def _observed(people: Sequence[Sequence[_Section]], continuum: Continuum) -> float:
    total = sum(
        _apart(one, other)
        for i, first in enumerate(people)
        for j, second in enumerate(people)
        if i != j
        for one in first
        for other in second
    )
    return total / (continuum.annotators * (continuum.annotators - 1) * continuum.length**2)


def _apart(one: _Section, other: _Section) -> int:
    if one.is_unit and other.is_unit and one.start < other.end and other.start < one.end:
        return (one.start - other.start) ** 2 + (one.end - other.end) ** 2
    if one.is_unit and not other.is_unit and other.start <= one.start and one.end <= other.end:
        return one.length**2
    if other.is_unit and not one.is_unit and one.start <= other.start and other.end <= one.end:
        return other.length**2
    return 0


def _expected(people: Sequence[Sequence[_Section]], continuum: Continuum) -> float:
    lengths = [section.length for sections in people for section in sections if section.is_unit]
    gaps = [section.length for sections in people for section in sections if not section.is_unit]
    total = 0.0
    for length in lengths:
        among_units = (len(lengths) - 1) / 3 * (2 * length**3 - 3 * length**2 + length)
        in_gaps = length**2 * sum(gap - length + 1 for gap in gaps if gap >= length)
        total += among_units + in_gaps
    steps = continuum.annotators * continuum.length
    ways = steps * (steps - 1) - sum(length * (length - 1) for length in lengths)
    return 2 / continuum.length * total / ways if total else 0.0
