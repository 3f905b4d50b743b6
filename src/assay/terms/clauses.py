"""The clauses of a contract apart from its acceptance terms: plain values that check themselves when built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal, get_args

from . import defaults
from .calendar import Duration, business_days

Party = Literal["buyer", "vendor"]
PARTIES: Final[tuple[Party, ...]] = get_args(Party)
JudgedLayer = Literal["final", "adjudication", "review", "self_check", "first_pass"]
JUDGED_LAYERS: Final[tuple[JudgedLayer, ...]] = get_args(JudgedLayer)
Severity = Literal["critical", "minor"]
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
LackOutcome = Literal["pay and list", "hold until supplied"]
LACK_OUTCOMES: Final[tuple[LackOutcome, ...]] = get_args(LackOutcome)
GoldMissing = Literal["wrong", "left out"]
GOLD_MISSING: Final[tuple[GoldMissing, ...]] = get_args(GoldMissing)
PhaseName = Literal["steady", "burst"]
PHASES: Final[tuple[PhaseName, ...]] = get_args(PhaseName)
Period = Literal["day", "week", "month", "batch"]
PERIODS: Final[tuple[Period, ...]] = get_args(Period)
Rounding = Literal["once per line, half away from zero", "once per line, half to even"]
ROUNDINGS: Final[tuple[Rounding, ...]] = get_args(Rounding)

Overlap = Literal["iou", "oks"]
OVERLAPS: Final[tuple[Overlap, ...]] = get_args(Overlap)
Remeasure = Literal["fresh sample"]
REMEASURES: Final[tuple[Remeasure, ...]] = get_args(Remeasure)

UNICODE_FORMS: Final = ("NFC", "NFD", "NFKC", "NFKD")
NORMAL_FORM: Final = (
    *UNICODE_FORMS,
    "lower case",
    "without punctuation",
    "runs of white space as one space",
)
"""What may be done to texts before they are compared, in the words that stand beside their figures."""

ERROR_KINDS: Final = (
    "wrong_class",
    "wrong_value",
    "missed",
    "extra",
    "loose",
    "split",
    "merged",
    "attribute",
    "undecided",
    "not_delivered",
)
"""Kinds of errors that a contract may call critical or minor."""


@dataclass(frozen=True)
class Parties:
    """Who buys and who delivers."""

    buyer: str = "buyer"
    vendor: str = "vendor"


@dataclass(frozen=True)
class InForce:
    """The days on which the contract holds; without an end until it is terminated."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError("a contract does not end before it begins")


@dataclass(frozen=True)
class Versions:
    """The versions that the contract was written for; None where it names none."""

    schema: str | None = None
    guideline: str | None = None
    gold: str | None = None


@dataclass(frozen=True)
class Judged:
    """Which layer accuracy judges. Agreement always judges blind first passes."""

    accuracy: JudgedLayer = "final"
    agreement: Literal["first_pass"] = "first_pass"


@dataclass(frozen=True)
class Match:
    """When two located objects are the same one: by intersection over union, or by the likeness of their keypoints."""

    overlap: Overlap
    threshold: Decimal


@dataclass(frozen=True)
class ReducedSample:
    """The smaller sample after a run of accepted batches."""

    share: Decimal
    after: int


@dataclass(frozen=True)
class Sample:
    """The items that several people label: a share of the batch or a number of items."""

    share: Decimal | None = defaults.SAMPLE_SHARE
    items: int | None = None
    drawn: Literal["after delivery"] = "after delivery"
    by: Literal["buyer", "neutral keeper"] = "buyer"
    strata: tuple[str, ...] = ()
    annotators_per_item: int = defaults.ANNOTATORS_PER_ITEM
    reduced: ReducedSample | None = None

    def __post_init__(self) -> None:
        if (self.share is None) == (self.items is None):
            raise ValueError("a sample is a share of the batch or a number of items")


@dataclass(frozen=True)
class Interval:
    """How intervals are made; ``unit`` is ``item`` or the manifest's column whose values are resampled whole."""

    level: Decimal = defaults.INTERVAL_LEVEL
    unit: str = "item"
    replicates: int = defaults.INTERVAL_REPLICATES

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError("a confidence level lies between 0 and 1")


@dataclass(frozen=True)
class Evidence:
    """What a figure needs before it decides."""

    minimum_positives: int = defaults.MINIMUM_POSITIVES
    tolerance: Decimal = defaults.TOLERANCE
    pool: int = defaults.POOL_BATCHES


@dataclass(frozen=True)
class Missing:
    """How an undelivered gold item counts, and the largest share of items that may be skipped."""

    gold_not_delivered: GoldMissing = "wrong"
    skipped: Decimal | None = None


@dataclass(frozen=True)
class Measurement:
    """How figures are made. Without a sample no item is labelled by several people."""

    match: Match | None = None
    normal_form: tuple[str, ...] = ()
    sample: Sample | None = None
    interval: Interval = field(default_factory=Interval)
    evidence: Evidence = field(default_factory=Evidence)
    missing: Missing = field(default_factory=Missing)


@dataclass(frozen=True)
class Refresh:
    """How often which share of gold is replaced, and after how many exposures an item retires."""

    every: Duration
    share: Decimal
    after_exposures: int | None = None


@dataclass(frozen=True)
class GoldClause:
    """How much gold there is, how often it is scored and refreshed, and what an item of it takes to make."""

    scored: str = "every batch"
    share: Decimal | None = None
    items: int | None = None
    refresh: Refresh | None = None
    makers: int = defaults.GOLD_MAKERS
    minutes: Decimal = defaults.GOLD_MINUTES


@dataclass(frozen=True)
class Phase:
    """What is delivered in a phase of the programme; ``floors`` replaces floors of terms, by id."""

    items: int
    per: Period
    variance: Decimal | None = None
    consecutive: Duration | None = None
    notice: Duration | None = None
    floors: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """Until when the buyer decides, and what stands without a decision."""

    within: Duration = field(default_factory=lambda: business_days(defaults.DECISION_DAYS))
    otherwise: str = "proposed verdict stands"


@dataclass(frozen=True)
class NotProvable:
    """What happens to the payment when evidence is missing, by who lacks it, and how soon it is to be supplied."""

    buyer: LackOutcome = "pay and list"
    vendor: LackOutcome = "hold until supplied"
    supply_within: Duration = field(default_factory=lambda: business_days(defaults.SUPPLY_DAYS))


@dataclass(frozen=True)
class Dispute:
    """How single errors are disputed."""

    within: Duration = field(default_factory=lambda: business_days(defaults.DISPUTE_DAYS))
    by: str = "joint adjudication"
    then: str = "named expert"


@dataclass(frozen=True)
class Rework:
    """Who pays for rework, in shares that add up to one, how often and how soon it is done."""

    at_cost_of: Mapping[str, Decimal] = field(default_factory=lambda: {"vendor": Decimal(1)})
    rounds: int = defaults.REWORK_ROUNDS
    within: Duration = field(default_factory=lambda: business_days(defaults.REWORK_DAYS))
    remeasure: Remeasure = "fresh sample"

    def __post_init__(self) -> None:
        shares = self.at_cost_of.values()
        if sum(shares) != 1 or min(shares) <= 0:
            raise ValueError("shares of a cost are above 0% and add up to 100%")


@dataclass(frozen=True)
class Migration:
    """Notice and price of a change of the schema."""

    notice: Duration
    price_per: str


@dataclass(frozen=True)
class Changes:
    """What a change of guideline or scope costs."""

    clarification: str = "free"
    scope: str = "change order"
    migration: Migration | None = None


@dataclass(frozen=True)
class Deletion:
    """Until when data is deleted after the end, and how that is shown."""

    within: Duration
    evidence: str


@dataclass(frozen=True)
class GeneralClauses:
    """Ownership, reuse, deletion, termination and minimum commitment."""

    ip: Party = "buyer"
    no_reuse: bool = True
    deletion: Deletion | None = None
    termination_notice: Duration | None = None
    minimum_commit: str = "none"


@dataclass(frozen=True)
class PriceLine:
    """A price per unit: ``accepted item``, ``sample label`` …"""

    per: str
    price: Decimal


@dataclass(frozen=True)
class Pricing:
    """Exact unit prices and the one rule of rounding; ``rework`` is the price of a reworked item."""

    currency: str
    lines: tuple[PriceLine, ...]
    rounding: Rounding = "once per line, half away from zero"
    rework: Decimal = Decimal(0)
