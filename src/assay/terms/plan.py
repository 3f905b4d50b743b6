"""Acceptance sampling by attributes: of ``items`` inspected at most ``accept`` may be wrong.

Both risks are exact binomial probabilities: the vendor's (the producer's risk of acceptance sampling), that a delivery
as good as ``good`` is refused, and the buyer's (the consumer's), that one only as good as the floor is accepted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Plan:
    """A sampling plan as the contract states it; ``good`` is the value at which the vendor is protected."""

    items: int
    accept: int
    good: Decimal
    vendor_risk: Decimal
    buyer_risk: Decimal

    def __post_init__(self) -> None:
        if self.items < 1 or not 0 <= self.accept < self.items:
            raise ValueError("a plan inspects at least one item and accepts fewer errors than items")
        for risk in (self.vendor_risk, self.buyer_risk):
            if not 0 < risk < 1:
                raise ValueError("a risk lies between 0 and 1")


@dataclass(frozen=True)
class Risks:
    """What a plan does: how often a good delivery is refused and one at the floor accepted."""

    vendor: float
    buyer: float


def acceptance_probability(items: int, accept: int, error_share: float) -> float:
    """The chance that at most ``accept`` of ``items`` are wrong when ``error_share`` of all are.

    >>> round(acceptance_probability(89, 2, 0.02), 4)
    0.7366
    """
    if not 0 <= error_share <= 1:
        raise ValueError("a share of errors lies between 0 and 1")
    if error_share == 0 or accept >= items:
        return 1.0
    if error_share == 1:
        return 0.0
    log_odds = math.log(error_share), math.log1p(-error_share)
    return min(1.0, math.fsum(_binomial(items, wrong, *log_odds) for wrong in range(accept + 1)))


def plan_risks(plan: Plan, *, good_errors: Decimal, floor_errors: Decimal) -> Risks:
    """Both risks of a plan; the shares of errors are those at ``good`` and at the floor."""
    return Risks(
        vendor=1 - acceptance_probability(plan.items, plan.accept, float(good_errors)),
        buyer=acceptance_probability(plan.items, plan.accept, float(floor_errors)),
    )


def accept_number(plan: Plan, inspected: int, floor_errors: Decimal) -> int:
    """How many errors are accepted among ``inspected`` items, at least as many as the plan asks for.

    More items than planned keep the buyer's risk: the largest number that holds it, never fewer than the plan accepts.
    """
    if inspected < plan.items:
        raise ValueError("fewer items than the plan inspects decide nothing")
    share, risk = float(floor_errors), float(plan.buyer_risk)
    if inspected == plan.items or not 0 < share < 1:
        return plan.accept
    log_odds = math.log(share), math.log1p(-share)
    chance = 0.0
    for allowed in range(inspected):
        chance += _binomial(inspected, allowed, *log_odds)
        if chance > risk:
            return max(plan.accept, allowed - 1)
    return max(plan.accept, inspected - 1)


def _binomial(items: int, wrong: int, log_share: float, log_rest: float) -> float:
    ways = math.lgamma(items + 1) - math.lgamma(wrong + 1) - math.lgamma(items - wrong + 1)
    return math.exp(ways + wrong * log_share + (items - wrong) * log_rest)
