"""The contract as code: read it, check it, write it.

`load_contract` and `parse_contract` refuse what is vague or undecidable with every reason and remedy at once;
`validate` compares a contract with the schema, the manifest and the gold it meets.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from assay.annotation.strict_yaml import Node, load_yaml

from .calendar import Calendar
from .clauses import (
    Decision,
    Dispute,
    GoldClause,
    Judged,
    Measurement,
    NotProvable,
    Parties,
    Rework,
    Versions,
)
from .document import FORM, LEVELS, PAYMENTS, Contract
from .metrics import LABEL_KINDS, LabelKind
from .plan import Plan
from .problem import ContractError, Problem
from .reading import ClauseReader, identifier, one_of, words
from .reading_clauses import (
    read_cadence,
    read_calendar,
    read_changes,
    read_decision,
    read_dispute,
    read_errors,
    read_general,
    read_gold,
    read_in_force,
    read_not_provable,
    read_parties,
    read_pricing,
    read_rework,
    read_versions,
)
from .reading_measurement import read_judged, read_measurement
from .reading_terms import read_acceptance
from .term import Scope, Term
from .validation import contradictions, validate

__all__ = [
    "Contract",
    "ContractError",
    "Plan",
    "Problem",
    "Scope",
    "Term",
    "load_contract",
    "parse_contract",
    "validate",
]

Reader = Callable[[Node, list[Problem]], object]

_CLAUSES: Final[dict[str, tuple[Reader, Callable[[], object]]]] = {
    "parties": (read_parties, Parties),
    "in_force": (read_in_force, lambda: None),
    "versions": (read_versions, Versions),
    "judged": (read_judged, Judged),
    "measurement": (read_measurement, Measurement),
    "errors": (read_errors, dict),
    "gold": (read_gold, GoldClause),
    "cadence": (read_cadence, dict),
    "decision": (read_decision, Decision),
    "not_provable": (read_not_provable, NotProvable),
    "dispute": (read_dispute, Dispute),
    "rework": (read_rework, Rework),
    "changes": (read_changes, lambda: None),
    "clauses": (read_general, lambda: None),
    "pricing": (read_pricing, lambda: None),
    "calendar": (read_calendar, Calendar),
}
_KEYS: Final = ("assay", "id", "template", "labels", "level", "acceptance", "payment", *_CLAUSES)


def load_contract(path: Path) -> Contract:
    """The contract in a YAML file. Raises `ContractError` with all problems, InputError for what is no YAML."""
    return parse_contract(load_yaml(path))


def parse_contract(node: Node) -> Contract:
    """The contract that a document writes. Raises `ContractError` with all problems."""
    problems: list[Problem] = []
    document = ClauseReader(node, problems, keys=_KEYS)
    document.require("assay", one_of((FORM,)), "this does not say what it is", f"write assay: {FORM}")
    name = document.require("id", identifier, "the contract has no id", "write id: street-scenes-2026")
    labels = document.require(
        "labels", one_of(LABEL_KINDS), "the kind of labels is not said", "write labels: choice"
    )
    read = _read_clauses(document, labels)
    problems += _contradictions_of(name, labels, read, document.unread)
    if problems or name is None or labels is None:
        raise ContractError(problems, file=node.file)
    return Contract(name, labels, **read)


def _read_clauses(
    document: ClauseReader, labels: LabelKind | None
) -> dict[str, Any]:  # Any: one type per clause
    problems = document.problems
    read: dict[str, Any] = {}  # Any: as above
    for key, (reader, default) in _CLAUSES.items():
        read[key] = document.take(key, _keeping(problems, reader), default())
    read["acceptance"] = document.require(
        "acceptance",
        lambda child: read_acceptance(child, problems, labels),
        "nothing is to be accepted",
        "write acceptance: with at least one term",
    )
    read["template"] = document.take("template", words, None)
    read["level"] = document.take("level", one_of(LEVELS), None)
    read["payment"] = document.take("payment", one_of(PAYMENTS), PAYMENTS[0])
    return read


def _keeping(problems: list[Problem], reader: Reader) -> Callable[[Node], object]:
    """The reader of a clause with the list that its problems go to."""
    return lambda node: reader(node, problems)


def _contradictions_of(
    name: str | None,
    labels: LabelKind | None,
    read: dict[str, Any],
    unread: frozenset[str],  # Any: as above
) -> list[Problem]:
    """Contradictions among the clauses that could be read, so that one run names everything."""
    terms = read["acceptance"] or ()
    contract = Contract(name or "unnamed", labels or "choice", **{**read, "acceptance": terms})
    return contradictions(contract, unread=unread)
