"""Entities marked token by token: reading tags, and F1 of exact spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .binary import f1
from .undefined import Undefined

Stray: TypeAlias = Literal["refuse", "begin", "ignore"]


@dataclass(frozen=True, order=True)
class Entity:
    """A stretch of tokens of one class, from ``start`` to before ``end``."""

    start: int
    end: int
    label: str


def entities(tags: Sequence[str], *, stray: Stray = "refuse") -> tuple[Entity, ...]:
    """The entities of BIO tags: ``B-X`` begins one, ``I-X`` continues one of the same class.

    An ``I-X`` that continues nothing is no entity of the scheme. ``refuse`` raises ValueError; ``begin`` begins an
    entity there, as the CoNLL scorer does; ``ignore`` leaves the tag out.

    >>> entities(["O", "B-PER", "I-PER", "B-LOC"])
    (Entity(start=1, end=3, label='PER'), Entity(start=3, end=4, label='LOC'))
    """
    found: list[Entity] = []
    for place, tag in enumerate(tags):
        mark, _, label = tag.partition("-")
        if tag == "O":
            continue
        if mark not in ("B", "I") or not label:
            raise ValueError(f"{tag!r} at token {place} is no BIO tag")
        last = found[-1] if found else None
        if mark == "I" and last is not None and last.end == place and last.label == label:
            found[-1] = Entity(last.start, place + 1, label)
        elif mark == "B" or stray == "begin":
            found.append(Entity(place, place + 1, label))
        elif stray == "refuse":
            raise ValueError(f"{tag!r} at token {place} continues no entity")
    return tuple(found)


@dataclass(frozen=True)
class SpanCounts:
    """The state of span F1: spans of both sides, of one, of the other."""

    both: int = 0
    first: int = 0
    second: int = 0

    def __add__(self, other: SpanCounts) -> SpanCounts:
        """The counts of both sets of texts together."""
        return SpanCounts(self.both + other.both, self.first + other.first, self.second + other.second)

    def f1(self) -> float | Undefined:
        """2 · both / (first + second)."""
        return f1(self.both, self.first - self.both, self.second - self.both)


def span_counts(one: Sequence[Entity], other: Sequence[Entity]) -> SpanCounts:
    """How many entities of two people on one text are the same in start, end and class."""
    first, second = Counter(one), Counter(other)
    return SpanCounts((first & second).total(), first.total(), second.total())


def entity_f1(
    one: Sequence[Sequence[str]], other: Sequence[Sequence[str]], *, stray: Stray = "refuse"
) -> float | Undefined:
    """F1 of exact spans over several texts, each a sequence of BIO tags; the same in both directions.

    Source: E. F. Tjong Kim Sang & F. De Meulder 2003, CoNLL; as agreement: Hripcsak & Rothschild 2005.

    >>> entity_f1([["O", "B-MISC", "I-MISC"], ["B-PER", "O"]], [["B-MISC", "I-MISC", "I-MISC"], ["B-PER", "O"]])
    0.5
    >>> entity_f1([["O"]], [["O"]]).reason
    'neither side holds the class'
    """
    if len(one) != len(other):
        raise ValueError(f"{len(one)} texts on one side and {len(other)} on the other")
    total = SpanCounts()
    for first, second in zip(one, other, strict=True):
        if len(first) != len(second):
            raise ValueError(f"a text has {len(first)} tags on one side and {len(second)} on the other")
        total += span_counts(entities(first, stray=stray), entities(second, stray=stray))
    return total.f1()
