"""One subject under one rule: what its figure shows, and which outcome the rule draws from that.

The rules are those of conformity assessment: simple acceptance (``point``), guarded rejection (``unless_shown_below``),
guarded acceptance (``shown``) and acceptance sampling (``plan``). Everything is turned so that larger is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from assay.measure.figure import Figure, rounded

from .document import Contract
from .plan import Plan, accept_number
from .term import Term
from .verdict import RowOutcome, Standing, SubjectFigure

Ground = Literal[
    "undefined",  # the figure does not exist although there is evidence
    "few",  # fewer positives than the contract asks for
    "wide",  # the interval reaches further below the floor than the contract tolerates
    "no interval",  # enough positives, and still no interval to decide by
    "unproven",  # not shown on the good side where the rule asks for that
    "uncounted",  # a plan counts errors, and a weighted figure has none to count
    "short",  # shown on the wrong side of the floor
    "rejected",  # shown beyond the bound of rejection
    "estimate",  # the estimate itself decides
    "held",  # not shown on the wrong side
    "counted",  # a count of the whole batch
]
_COUNT_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class Shown:
    """What is shown about a subject, with the certainty that its term asks for."""

    short: bool = False
    reach: bool = False
    reject: bool = False


@dataclass(frozen=True)
class Subject:
    """A subject of a term with its bounds and its interval at the contract's level."""

    term: Term
    given: SubjectFigure
    floor: Decimal
    reject: Decimal | None
    ends: tuple[float, float] | None
    enough: bool

    @property
    def figure(self) -> Figure:
        """The figure that is judged."""
        return self.given.figure

    @property
    def margin(self) -> Decimal | None:
        """How far the estimate lies on the good side of the floor, exactly; None when it does not exist."""
        return None if self.figure.value is None else self._better(self.figure.value, self.floor)

    @property
    def low_margin(self) -> Decimal | None:
        """How far the worse end of the interval lies on the good side of the floor."""
        if self.ends is None:
            return None
        return self._better(self.ends[1] if self.term.at_most else self.ends[0], self.floor)

    @property
    def is_testable(self) -> bool:
        """Whether the figure has what a test against the floor needs."""
        return self.enough and self.figure.value is not None and self.ends is not None

    def shown_alone(self) -> Shown:
        """What the interval itself shows, without regard to other subjects."""
        if self.ends is None:
            return Shown()
        worse, better = (self.ends[1], self.ends[0]) if self.term.at_most else self.ends
        return Shown(
            short=self._better(better, self.floor) < 0,
            reach=self._better(worse, self.floor) >= 0,
            reject=self.reject is not None and self._better(better, self.reject) < 0,
        )

    def p_short(self, bound: Decimal) -> float:
        """One-sided p-value of "the truth is on the good side of the bound"."""
        return self._p(bound, short=True)

    def p_reach(self) -> float:
        """One-sided p-value of "the truth is on the wrong side of the floor"."""
        return self._p(self.floor, short=False)

    def _p(self, bound: Decimal, *, short: bool) -> float:
        spread = self.figure.spread
        if spread is None:
            return 1.0
        below = short != self.term.at_most
        return spread.p_below(float(bound)) if below else spread.p_above(float(bound))

    def _better(self, value: float, bound: Decimal) -> Decimal:
        distance = Decimal(repr(rounded(value))) - bound
        return -distance if self.term.at_most else distance


@dataclass(frozen=True)
class Finding:
    """What a rule makes of a subject, and on what ground."""

    outcome: RowOutcome
    ground: Ground
    standing: Standing | None = None
    errors: int | None = None
    accepted: int | None = None


def subject_of(contract: Contract, term: Term, given: SubjectFigure, phase: str) -> Subject:
    """A subject with its floor in this phase and its interval at the contract's level."""
    name = given.subject.get(term.scope.kind)
    figure = given.figure
    enough = figure.positives >= contract.measurement.evidence.minimum_positives
    floor = term.floor_of(name, contract.phase_floor(term.id, phase))
    return Subject(term, given, floor, term.reject_below, _ends(contract, figure), enough)


def _ends(contract: Contract, figure: Figure) -> tuple[float, float] | None:
    """The interval at the contract's level; a width of zero is no interval."""
    level = contract.measurement.interval.level
    if figure.value is None:
        return None
    if level == Decimal("0.95") and figure.low is not None and figure.high is not None:
        ends = (figure.low, figure.high)
    elif figure.spread is not None:
        ends = figure.spread.interval(float(level))
    else:
        return None
    return ends if ends[0] < ends[1] else None


def judge(subject: Subject, shown: Shown, tolerance: Decimal) -> Finding:
    """The finding of the term's rule. ``shown`` allows for the number of subjects where the rule does."""
    term = subject.term
    if term.measure.counted:
        return _count(subject)
    if isinstance(term.rule, Plan):
        return _plan(subject, term.rule, shown)
    if subject.margin is None:
        return Finding("not provable", "undefined") if subject.enough else _lacking(term, "few")
    if term.rule == "unless_shown_below":
        return _unless_shown_below(subject, shown)
    if shown.reject:
        return Finding("reject", "rejected")
    if shown.short:
        return Finding("fail", "short")
    if not subject.enough:
        return _lacking(term, "few")
    if subject.margin < 0:
        return Finding("fail", "estimate")
    if term.rule == "shown":
        return Finding("pass", "estimate", "proven") if shown.reach else Finding("not provable", "unproven")
    if subject.low_margin is None:
        return _lacking(term, "no interval")
    if subject.low_margin < -tolerance:
        return _lacking(term, "wide")
    return Finding("pass", "estimate", _standing(shown))


def _unless_shown_below(subject: Subject, shown: Shown) -> Finding:
    if not subject.is_testable:
        return _lacking(subject.term, "no interval" if subject.enough else "few")
    if shown.reject:
        return Finding("reject", "rejected")
    if shown.short:
        return Finding("fail", "short")
    return Finding("pass", "held", _standing(shown))


def _count(subject: Subject) -> Finding:
    if subject.margin is None or subject.figure.value is None:
        return Finding("not provable", "undefined")
    exact = Decimal(repr(rounded(subject.figure.value)))
    if subject.reject is not None and exact < subject.reject:
        return Finding("reject", "counted")
    return Finding("pass", "counted", "proven") if subject.margin >= 0 else Finding("fail", "counted")


def _plan(subject: Subject, plan: Plan, shown: Shown) -> Finding:
    figure, at_most = subject.figure, subject.term.at_most
    if figure.value is None:
        return Finding("not provable", "few")
    exact = figure.units * (figure.value if at_most else 1 - figure.value)
    errors = round(exact)
    if abs(exact - errors) > _COUNT_TOLERANCE * max(1, figure.units):
        return Finding("not provable", "uncounted")
    if shown.reject:
        return Finding("reject", "rejected", errors=errors)
    if figure.units < plan.items:
        fails = errors > plan.accept
        return Finding(
            "fail" if fails else "not provable", "estimate" if fails else "few", None, errors, plan.accept
        )
    accepted = accept_number(plan, figure.units, subject.floor if at_most else 1 - subject.floor)
    if errors > accepted:
        return Finding("fail", "estimate", None, errors, accepted)
    return Finding("pass", "estimate", _standing(shown), errors, accepted)


def _standing(shown: Shown) -> Standing:
    return "proven" if shown.reach else "watched"


def _lacking(term: Term, ground: Ground) -> Finding:
    if term.without_evidence == "watched":
        return Finding("pass", ground, "watched")
    return Finding("not provable", ground)
