"""How much gold a contract needs: enough positives of the rarest gated class, drawn at random or by class."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assay.measure.exact import binomial_quantile
from assay.measure.spread import z_of_level
from assay.terms.contract import Contract

CERTAINTY = 0.95
SPARE = 1.5
_TYPICAL = 0.95


@dataclass(frozen=True)
class ClassNeed:
    """What one class needs: ``positives`` for a decision, ``drawn`` items at random to find them with certainty .95."""

    name: str
    share: float
    positives: int
    drawn: int
    half_width: float


@dataclass(frozen=True)
class GoldPlan:
    """The sizes. ``by_class`` items drawn by class hold what every class needs; ``at_random`` would find it too."""

    classes: tuple[ClassNeed, ...]
    at_random: int
    by_class: int
    overall_half_width: float
    hours: float

    def as_json(self) -> dict[str, object]:
        """What ``assay plan gold --json`` prints."""
        return {
            "schema": "assay-gold-plan/1",
            "classes": [
                {
                    "class": c.name, "share": c.share, "positives": c.positives, "drawn_at_random": c.drawn,
                    "half_width": round(c.half_width, 4),
                }
                for c in self.classes
            ],
            "at_random": self.at_random,
            "by_class": self.by_class,
            "half_width_overall": round(self.overall_half_width, 4),
            "hours": round(self.hours, 1),
        }  # fmt: skip


def gold_plan(contract: Contract, shares: Mapping[str, float]) -> GoldPlan:
    """Sizes of the acceptance gold of one batch for classes with these shares.

    A class gets half as much again as the contract's minimum, because a class exactly at the minimum is one lost item
    away from *not provable*. Half-widths are of a 95 % interval at 95 % accuracy.

    >>> from assay.terms.templates import load_template
    >>> plan = gold_plan(load_template("standard-choice"), {"common": 0.9, "rare": 0.1})
    >>> [(need.name, need.positives, need.drawn) for need in plan.classes]
    [('rare', 30, 391), ('common', 30, 37)]
    """
    minimum = math.ceil(SPARE * contract.measurement.evidence.minimum_positives)
    needs = tuple(
        ClassNeed(name, share, minimum, _drawn(minimum, share), _half_width(minimum))
        for name, share in sorted(shares.items(), key=lambda entry: (entry[1], entry[0]))
    )
    at_random = max((need.drawn for need in needs), default=0)
    by_class = max(minimum * len(needs), contract.gold.items or 0)
    minutes = float(contract.gold.minutes) * contract.gold.makers
    return GoldPlan(needs, at_random, by_class, _half_width(by_class), by_class * minutes / 60)


def _drawn(positives: int, share: float) -> int:
    """The smallest random draw that holds so many positives with certainty .95."""
    if not 0 < share <= 1:
        raise ValueError("a class has a share above 0 and at most 1")
    low = high = math.ceil(positives / share)
    while binomial_quantile(1 - CERTAINTY, high, share) < positives:
        low, high = high, math.ceil(high * 1.2) + 1
    while low < high:
        middle = (low + high) // 2
        if binomial_quantile(1 - CERTAINTY, middle, share) < positives:
            low = middle + 1
        else:
            high = middle
    return high


def _half_width(items: int) -> float:
    return z_of_level(0.95) * math.sqrt(_TYPICAL * (1 - _TYPICAL) / max(items, 1))
