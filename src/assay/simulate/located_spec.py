"""What a simulated programme of located labels is like: objects, people, errors, slices, gold and what is planted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from .spec import Gold, Share, Slice, accuracies, check_share

LocatedKind = Literal["boxes", "shapes", "keypoints", "spans", "fields"]
LOCATED: Final[tuple[LocatedKind, ...]] = get_args(LocatedKind)

CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "boxes": ("car", "van", "person", "bicycle", "sign"),
    "shapes": ("road", "pavement", "building", "fence", "plant"),
    "keypoints": ("adult", "child", "dog"),
    "spans": ("person", "organisation", "place", "product", "date"),
    "fields": ("total", "tax", "invoice date", "due date", "seller", "reference"),
}
PRIORS: Final[Mapping[str, tuple[float, ...]]] = {
    "boxes": (0.34, 0.14, 0.28, 0.13, 0.11),
    "shapes": (0.28, 0.22, 0.24, 0.12, 0.14),
    "keypoints": (0.55, 0.25, 0.20),
    "spans": (0.30, 0.24, 0.22, 0.13, 0.11),
    "fields": (0.19, 0.15, 0.17, 0.15, 0.17, 0.17),
}
_FROM = 0.45  # below this threshold a part of less than half an object would still be the object


@dataclass(frozen=True)
class Mix:
    """What errors are made of: shares of the objects that are not right, adding up to 1.

    ``merged`` counts both objects of a merged pair. False objects come on top, as many as keep the number of objects.
    """

    missed: float = 0.42
    confused: float = 0.22
    loose: float = 0.26
    split: float = 0.05
    merged: float = 0.05

    def __post_init__(self) -> None:
        shares = (self.missed, self.confused, self.loose, self.split, self.merged)
        for share in shares:
            check_share("a kind of error", share)
        if abs(sum(shares) - 1) > 1e-9:
            raise ValueError("the kinds of errors add up to 1")
        if self.extra < 0:
            raise ValueError("more objects would be split than missed: nobody draws so many")

    @property
    def extra(self) -> float:
        """False objects for each object that is not right: then as many are delivered as there are."""
        return self.missed - self.split + self.merged / 2

    def whole(self) -> Mix:
        """The same for objects that have no parts."""
        return Mix(self.missed, self.confused, 1 - self.missed - self.confused, 0.0, 0.0)


@dataclass(frozen=True)
class LocatedPerson:
    """One person. ``f1`` is the F1 of the own objects against the truth (None: that of the programme).

    ``copies`` names a person, or ``gold``, whose objects are taken over on a share ``copied`` of the items; ``noise``
    is the share of items on which objects are drawn without looking.
    """

    id: str
    f1: Share | None = None
    copies: str | None = None
    copied: float = 1.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        for name in ("copied", "noise"):
            check_share(f"{name} of {self.id}", getattr(self, name))


@dataclass(frozen=True)
class LocatedGap:
    """A case that the guideline does not settle: on items of a slice, the people of one camp (its share of them) miss
    small objects, or end spans after the comma, in a share of the cases."""

    attribute: str
    value: str
    share: float = 0.8
    camp: float = 0.5

    def __post_init__(self) -> None:
        check_share("share of a guideline gap", self.share)
        check_share("camp of a guideline gap", self.camp)


@dataclass(frozen=True)
class LocatedSpec:
    """A programme of located labels.

    ``per_item`` objects on average, their number spread like a negative binomial of shape ``spread``; ``doubles`` of
    the places hold two objects of one class side by side. An object is right with chance exp(-h d): d is the
    difficulty of its item, gamma distributed with shape ``evenness`` and mean 1, and h follows from F1, so that errors
    gather on some items and F1 is as stated. ``tight`` is the mean overlap of what is right with the truth; ``shared``
    is the chance that a person marks an object as everybody would (per class or one for all): it moves agreement and
    nobody's F1. With ``only_measured``, objects are drawn only on items that gold or several people speak of.
    """

    kind: LocatedKind = "boxes"
    classes: tuple[str, ...] = ()
    prior: tuple[float, ...] | None = None
    items: int = 1000
    per_item: float = 5.0
    spread: float = 2.0
    doubles: float = 0.12
    evenness: float = 2.0
    people: tuple[LocatedPerson, ...] = ()
    f1: Share = 0.92
    mix: Mix = field(default_factory=Mix)
    tight: float = 0.88
    threshold: float = 0.5
    shared: Share = 0.0
    votes_per_item: int = 1
    overlap: float = 1.0
    gold: Gold = field(default_factory=Gold)
    slices: tuple[Slice, ...] = ()
    gaps: tuple[LocatedGap, ...] = ()
    missing: float = 0.0
    only_measured: bool = False
    batch: str = "batch-01"
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("doubles", "overlap", "missing", "tight", "threshold"):
            check_share(name, getattr(self, name))
        if self.items < 1 or self.per_item <= 0 or self.spread <= 0 or self.evenness <= 0:
            raise ValueError("a programme has items, objects and some spread of both")
        if not self.classes:
            object.__setattr__(self, "classes", CLASSES[self.kind])
            object.__setattr__(self, "prior", self.prior or PRIORS[self.kind])
        if len(set(self.classes)) != len(self.classes) or len(self.classes) < 2:
            raise ValueError("a schema has at least two classes, all different")
        if self.prior is not None and len(self.prior) != len(self.classes):
            raise ValueError(f"{len(self.classes)} classes need as many prior shares, not {len(self.prior)}")
        if not self.people:
            object.__setattr__(self, "people", crew(8))
        if len(self.people) < self.votes_per_item:
            raise ValueError(
                f"{self.votes_per_item} votes per item need as many people, not {len(self.people)}"
            )
        if self.kind in ("keypoints", "fields") or self.threshold < _FROM:
            object.__setattr__(self, "mix", self.mix.whole())
            object.__setattr__(self, "doubles", 0.0)
        if self.mix.merged > self.in_pairs:
            raise ValueError("more objects would be merged than stand side by side")
        self._check_names()

    def _check_names(self) -> None:
        ids = [person.id for person in self.people]
        if len(set(ids)) != len(ids):
            raise ValueError("two people have the same id")
        for person in self.people:
            if person.copies not in (None, "gold") and (
                person.copies not in ids or person.copies == person.id
            ):
                raise ValueError(f"{person.id} copies {person.copies}, who is not another annotator")
        known = {(one.name, value) for one in self.slices for value in one.values}
        for gap in self.gaps:
            if (gap.attribute, gap.value) not in known:
                raise ValueError(f"no slice has {gap.attribute} = {gap.value}")

    @property
    def shares(self) -> tuple[float, ...]:
        """The shares of the classes, adding up to 1."""
        given = self.prior or (1.0,) * len(self.classes)
        return tuple(share / sum(given) for share in given)

    @property
    def holding(self) -> dict[str, float]:
        """The share of items that hold an object of each class."""
        places = self.per_item / (1 + self.doubles)
        return {
            name: 1 - (1 + places * share / self.spread) ** -self.spread
            for name, share in zip(self.classes, self.shares, strict=True)
        }

    @property
    def in_pairs(self) -> float:
        """The share of objects that stand beside another one of their class."""
        return 2 * self.doubles / (1 + self.doubles)

    def f1_of(self, person: LocatedPerson) -> tuple[float, ...]:
        """F1 of a person in each class."""
        return accuracies(self.f1 if person.f1 is None else person.f1, self.classes)


def crew(size: int) -> tuple[LocatedPerson, ...]:
    """So many people, called as everywhere: annotator-01, annotator-02 …"""
    width = max(2, len(str(size)))
    return tuple(LocatedPerson(f"annotator-{number + 1:0{width}d}") for number in range(size))
