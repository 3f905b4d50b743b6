"""The contract as a value: every clause, with the defaults of the programme where it is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, get_args

from .calendar import Calendar
from .clauses import (
    Changes,
    Decision,
    Dispute,
    GeneralClauses,
    GoldClause,
    InForce,
    Judged,
    Measurement,
    NotProvable,
    Parties,
    Phase,
    PhaseName,
    Pricing,
    Rework,
    Severity,
    Versions,
)
from .metrics import LabelKind
from .plain import clause_as_plain, term_as_plain
from .term import Term
from .yaml_text import render_yaml

FORM: Final = "contract/1"
"""What the key ``assay`` of a contract says."""

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
Payment = Literal["batch", "part"]
PAYMENTS: Final[tuple[Payment, ...]] = get_args(Payment)


@dataclass(frozen=True)
class Contract:
    """A contract that says what is measured, by which rule it is decided, and what follows.

    Clauses that are None are not agreed. ``as_yaml`` prints every default that is in force.
    """

    id: str
    labels: LabelKind
    acceptance: tuple[Term, ...]
    template: str | None = None
    parties: Parties = field(default_factory=Parties)
    in_force: InForce | None = None
    versions: Versions = field(default_factory=Versions)
    level: Level | None = None
    judged: Judged = field(default_factory=Judged)
    measurement: Measurement = field(default_factory=Measurement)
    errors: Mapping[str, Severity] = field(default_factory=dict)
    gold: GoldClause = field(default_factory=GoldClause)
    cadence: Mapping[PhaseName, Phase] = field(default_factory=dict)
    decision: Decision = field(default_factory=Decision)
    not_provable: NotProvable = field(default_factory=NotProvable)
    dispute: Dispute = field(default_factory=Dispute)
    rework: Rework = field(default_factory=Rework)
    changes: Changes | None = None
    clauses: GeneralClauses | None = None
    payment: Payment = "batch"
    pricing: Pricing | None = None
    calendar: Calendar = field(default_factory=Calendar)

    def term(self, term_id: str) -> Term:
        """The term of this id; KeyError when there is none."""
        for term in self.acceptance:
            if term.id == term_id:
                return term
        raise KeyError(term_id)

    def phase_floor(self, term_id: str, phase: str) -> Decimal | None:
        """The floor that a phase of the programme sets for a term instead of the term's own."""
        for name, clause in self.cadence.items():
            if name == phase:
                return clause.floors.get(term_id)
        return None

    def as_plain(self) -> dict[str, object]:
        """The contract as nested mappings, lists and texts, in the order in which it is written."""
        plain: dict[str, object] = {"assay": FORM, "id": self.id}
        if self.template is not None:
            plain["template"] = self.template
        plain["labels"] = self.labels
        if self.level is not None:
            plain["level"] = self.level
        for name in ("parties", "in_force", "versions", "judged", "measurement"):
            _add(plain, name, clause_as_plain(getattr(self, name)))
        plain["acceptance"] = [term_as_plain(term) for term in self.acceptance]
        _add(plain, "errors", dict(self.errors))
        _add(plain, "gold", clause_as_plain(self.gold))
        _add(plain, "cadence", {name: clause_as_plain(phase) for name, phase in self.cadence.items()})
        for name in ("decision", "not_provable", "dispute", "rework", "changes", "clauses"):
            _add(plain, name, clause_as_plain(getattr(self, name)))
        plain["payment"] = self.payment
        _add(plain, "pricing", clause_as_plain(self.pricing))
        _add(plain, "calendar", clause_as_plain(self.calendar))
        return plain

    def as_yaml(self) -> str:
        """The contract as the YAML that `parse_contract` reads back to an equal value."""
        return render_yaml(self.as_plain())


def _add(plain: dict[str, object], name: str, value: object) -> None:
    if value:
        plain[name] = value
