"""The numbers of the programme. Each is a default of the contract: printed in full there, and editable there.

Nothing else in the package holds such a number; a contract that is silent on one of them gets it from here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

INTERVAL_LEVEL: Final = Decimal("0.95")
"""Confidence level of every interval."""

INTERVAL_REPLICATES: Final = 2000
"""Resamples behind an interval."""

MINIMUM_POSITIVES: Final = 20
"""Positives that a figure needs before it decides anything."""

TOLERANCE: Final = Decimal("0.10")
"""How far below the floor the lower end may lie when a term is decided by its estimate."""

POOL_BATCHES: Final = 4
"""Batches of the same versions that evidence is pooled over."""

SAMPLE_SHARE: Final = Decimal("0.10")
"""Share of a batch that several people label."""

ANNOTATORS_PER_ITEM: Final = 3
"""People who label each item of the sample, blind."""

GOLD_MAKERS: Final = 2
"""People who answer each gold item independently."""

GOLD_MINUTES: Final = Decimal("2")
"""Minutes that one maker needs for one gold item."""

DECISION_DAYS: Final = 10
"""Business days the buyer has to decide on a verdict."""

DISPUTE_DAYS: Final = 5
"""Business days the vendor has to dispute single errors."""

REWORK_DAYS: Final = 5
"""Business days the vendor has for one round of rework."""

REWORK_ROUNDS: Final = 2
"""Rounds of rework before a batch is rejected."""

SUPPLY_DAYS: Final = 5
"""Business days to supply evidence that was missing."""

WEEKEND: Final = ("saturday", "sunday")
"""Days of the week on which nobody is expected to work."""

ZONE: Final = "UTC"
"""Time zone of the contract's calendar."""
