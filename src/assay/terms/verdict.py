"""What deciding takes and gives: figures of subjects in, a verdict with one row per term and subject out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from assay.measure.figure import Figure

from .plain import rule_as_plain
from .plan import Plan
from .term import RuleName

Outcome = Literal["accept", "rework", "reject", "not provable"]
RowOutcome = Literal["pass", "fail", "reject", "not provable"]
Standing = Literal["proven", "watched"]

SEVERITY: Final[dict[RowOutcome, int]] = {"pass": 0, "not provable": 1, "fail": 2, "reject": 3}
"""Row outcomes from best to worst; a verdict is as good as its worst row."""

OUTCOMES: Final[tuple[Outcome, ...]] = ("accept", "not provable", "rework", "reject")
"""Outcomes of a batch from best to worst, in the order of `SEVERITY`."""


@dataclass(frozen=True)
class NeedContext:
    """What is known about items that could still be drawn.

    ``share`` of them is expected to carry a positive; ``drawn`` says how they would be drawn ("by delivered class").
    """

    share: float | None = None
    drawn: str | None = None

    def __post_init__(self) -> None:
        if self.share is not None and not 0 <= self.share <= 1:
            raise ValueError("an expected share lies between 0 and 1")


@dataclass(frozen=True)
class SubjectFigure:
    """The figure of one subject of one term.

    ``subject`` is ``{}`` for the whole batch, ``{"class": name}``, ``{"annotator": name}`` or ``{"slice": value}``; a
    slice of a term that names no attribute carries it too: ``{"slice": value, "attribute": name}``.
    """

    term_id: str
    subject: Mapping[str, str]
    figure: Figure
    pooled_batches: int = 1
    needs_context: NeedContext | None = None


@dataclass(frozen=True)
class Need:
    """The evidence that is missing: what, how many positives, how many items that likely takes, from whom, by when."""

    what: str
    positives: int
    items: int | None
    from_whom: Literal["buyer", "vendor"]
    by: date | None
    cost: str | None
    sentence: str

    def as_json(self) -> dict[str, object]:
        """The need as it stands in ``report.json``."""
        return {
            "what": self.what,
            "positives": self.positives,
            "items": self.items,
            "from": self.from_whom,
            "by": None if self.by is None else self.by.isoformat(),
            "cost": self.cost,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class TermRow:
    """How one term decided about one subject, why, and what would change it.

    ``enough`` says whether the figure has the evidence that the contract asks for: only then it may rank as the worst.
    """

    id: str
    metric: str
    scope: str
    subject: Mapping[str, str]
    floor: Decimal
    reject_below: Decimal | None
    rule: RuleName | Plan
    figure: Figure
    outcome: RowOutcome
    standing: Standing | None
    reason: str
    needs: Need | None
    changes: str
    redo: str | None
    pooled_batches: int = 1
    at_most: bool = False
    enough: bool = True

    def __post_init__(self) -> None:
        if (self.outcome == "pass") != (self.standing is not None):
            raise ValueError("a pass is proven or watched, and nothing else is")
        if (self.outcome == "not provable") != (self.needs is not None):
            raise ValueError("not provable says what is missing, and nothing else does")

    def as_json(self) -> dict[str, object]:
        """The row as it stands in ``report.json``."""
        figure = self.figure.as_json()
        return {
            "id": self.id,
            "metric": self.metric,
            "scope": self.scope,
            "subject": dict(self.subject),
            "floor": str(self.floor),
            "reject_below": None if self.reject_below is None else str(self.reject_below),
            "at_most": self.at_most,
            "rule": rule_as_plain(self.rule),
            **{key: figure[key] for key in ("value", "low", "high", "positives", "units")},
            "figure": figure,
            "outcome": self.outcome,
            "standing": self.standing,
            "reason": self.reason,
            "needs": None if self.needs is None else self.needs.as_json(),
            "changes": self.changes,
            "redo": self.redo,
            "pooled_batches": self.pooled_batches,
            "enough_evidence": self.enough,
        }


@dataclass(frozen=True)
class Verdict:
    """The outcome of a batch and the rows it follows from."""

    outcome: Outcome
    rows: tuple[TermRow, ...] = field(default_factory=tuple)

    def rows_of(self, term_id: str) -> tuple[TermRow, ...]:
        """The rows of one term, furthest below its floor first."""
        return tuple(row for row in self.rows if row.id == term_id)

    @property
    def needs(self) -> tuple[Need, ...]:
        """Everything that is missing, in the order of the rows."""
        return tuple(row.needs for row in self.rows if row.needs is not None)
