"""One acceptance term: which metric of which subjects must reach which floor, by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, get_args

from .metrics import METRICS, Metric, ScopeKind
from .plan import Plan

RuleName = Literal["point", "unless_shown_below", "shown"]
RULE_NAMES: Final[tuple[RuleName, ...]] = get_args(RuleName)
Redo = Literal["class", "annotator", "slice", "batch"]
Lacking = Literal["not provable", "watched"]
LACKINGS: Final[tuple[Lacking, ...]] = get_args(Lacking)


@dataclass(frozen=True)
class Scope:
    """What a term judges: the whole batch, every class, annotator or slice, or one that it names.

    ``of`` is the attribute whose values are the slices; a scope of every slice without it means every attribute.

    >>> str(Scope("class")), str(Scope("class", subject="fraud")), str(Scope("slice", of="weather"))
    ('every class', 'class fraud', 'every slice of weather')
    """

    kind: ScopeKind
    of: str | None = None
    subject: str | None = None

    def __post_init__(self) -> None:
        if self.kind == "overall" and (self.of or self.subject):
            raise ValueError("the whole batch has no subject")
        if self.kind != "slice" and self.of is not None:
            raise ValueError("only slices are of an attribute")
        if self.kind == "slice" and self.subject is not None and self.of is None:
            raise ValueError("a named slice needs its attribute")

    def __str__(self) -> str:
        if self.kind == "overall":
            return "overall"
        if self.subject is not None:
            name = f"{self.kind} {self.subject}"
        else:
            name = f"every {self.kind}"
        return name if self.of is None else f"{name} of {self.of}"

    @property
    def is_every(self) -> bool:
        """Whether the term judges several subjects at once."""
        return self.kind != "overall" and self.subject is None


def default_rule(scope: Scope) -> RuleName:
    """Simple acceptance for one subject, guarded rejection for ``every …``."""
    return "unless_shown_below" if scope.is_every else "point"


def default_redo(scope: Scope) -> Redo:
    """What a failed term sends back: its subject, or the batch."""
    return "batch" if scope.kind == "overall" else scope.kind


def default_lacking(scope: Scope, rule: RuleName | Plan) -> Lacking:
    """A person or a slice without evidence is watched unless the term passes only what is shown."""
    watched = scope.kind in ("annotator", "slice") and rule in ("point", "unless_shown_below")
    return "watched" if watched else "not provable"


@dataclass(frozen=True)
class Term:
    """One acceptance term. ``floor`` is a ceiling and ``reject_below`` a "reject above" where lower is better.

    ``floors`` gives single subjects a floor of their own, ``within`` is the difference from gold that still counts as
    right, ``without_evidence`` says what becomes of a subject with too little evidence. ``place`` is where it was read.
    """

    id: str
    metric: str
    scope: Scope
    floor: Decimal
    reject_below: Decimal | None = None
    rule: RuleName | Plan = "point"
    redo: Redo = "batch"
    floors: Mapping[str, Decimal] = field(default_factory=dict)
    within: Decimal | None = None
    without_evidence: Lacking = "not provable"
    place: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise ValueError(f"no metric is called {self.metric}")
        if self.reject_below is not None and (self.reject_below >= self.floor) != self.at_most:
            raise ValueError("a batch is rejected beyond its floor, not before it")

    @property
    def measure(self) -> Metric:
        """The metric with its traits."""
        return METRICS[self.metric]

    @property
    def at_most(self) -> bool:
        """Whether lower is better."""
        return METRICS[self.metric].at_most

    def floor_of(self, subject: str | None, phase_floor: Decimal | None = None) -> Decimal:
        """The floor of a subject: its own, else the phase's, else the term's."""
        own = self.floors.get(subject) if subject is not None else None
        if own is not None:
            return own
        return self.floor if phase_floor is None else phase_floor
