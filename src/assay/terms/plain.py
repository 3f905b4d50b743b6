"""Clauses and terms as nested mappings and texts, the form in which a contract is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, Final

from .calendar import Calendar, Duration
from .clauses import GeneralClauses, GoldClause, Missing, NotProvable, PriceLine, Rework, Versions
from .plan import Plan
from .term import RuleName, Scope, Term
from .yaml_text import QuotedText

_RENAMED: Final = {"start": "from", "end": "to", "otherwise": "else"}


def clause_as_plain(clause: object) -> object:
    """A clause as its keys and texts; what is not agreed (None, an empty list) is left out."""
    if isinstance(clause, Mapping):
        return {str(key): clause_as_plain(item) for key, item in clause.items()}
    if isinstance(clause, (tuple, list)):
        return [clause_as_plain(item) for item in clause]
    special = _SPECIAL.get(type(clause))
    if special is not None:
        return special(clause)
    return _fields(clause) if is_dataclass(clause) else _text(clause)


def share_text(share: Decimal) -> str:
    """A share as a percentage without loss.

    >>> share_text(Decimal("0.10")), share_text(Decimal("0.005"))
    ('10%', '0.5%')
    """
    with localcontext(prec=60):
        return f"{decimal_text((share * 100).normalize())}%"


def decimal_text(number: Decimal) -> str:
    """A decimal as its digits, never with an exponent."""
    return f"{number:f}"


def term_as_plain(term: Term) -> dict[str, object]:
    """A term as its keys and texts: ``ceiling`` and ``reject_above`` where lower is better."""
    bound, reject = ("ceiling", "reject_above") if term.at_most else ("floor", "reject_below")
    plain: dict[str, object] = {
        "id": term.id,
        "metric": term.metric,
        "scope": _scope(term.scope),
        bound: decimal_text(term.floor),
    }
    if term.floors:
        plain[f"{bound}s"] = {name: decimal_text(floor) for name, floor in term.floors.items()}
    if term.reject_below is not None:
        plain[reject] = decimal_text(term.reject_below)
    if term.within is not None:
        plain["within"] = decimal_text(term.within)
    plain["rule"] = rule_as_plain(term.rule)
    plain["without_evidence"] = term.without_evidence
    plain["redo"] = term.redo
    return plain


def _batches_text(count: int) -> str:
    return "1 batch" if count == 1 else f"{count} batches"


_WRITTEN: Final[dict[str, Callable[[Any], str]]] = {  # Any: each field has a type of its own
    "share": share_text,
    "variance": share_text,
    "level": share_text,
    "pool": _batches_text,
    "after": "{} accepted".format,
}


def rule_as_plain(rule: RuleName | Plan) -> object:
    """A rule by its name, or a plan with its numbers as texts."""
    return {"plan": _plan(rule)} if isinstance(rule, Plan) else rule


def _scope(scope: Scope) -> object:
    if scope.kind == "overall":
        return "overall"
    if scope.subject is not None:
        named: dict[str, object] = {scope.kind: scope.subject}
        return named if scope.of is None else {**named, "of": scope.of}
    return f"every {scope.kind}" if scope.of is None else {"every": scope.kind, "of": scope.of}


def _plan(plan: Plan) -> dict[str, object]:
    return {
        "items": str(plan.items),
        "accept": str(plan.accept),
        "good": decimal_text(plan.good),
        "vendor_risk": share_text(plan.vendor_risk),
        "buyer_risk": share_text(plan.buyer_risk),
    }


def _fields(clause: Any) -> dict[str, object]:  # Any: a dataclass of any kind
    plain: dict[str, object] = {}
    for field in fields(clause):
        value = getattr(clause, field.name)
        if value is not None and value not in ((), {}):
            key = _RENAMED.get(field.name, field.name)
            plain[key] = _WRITTEN.get(field.name, clause_as_plain)(value)
    return plain


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def _versions(clause: Versions) -> dict[str, object]:
    return {key: QuotedText(value) for key, value in _fields(clause).items()}


def _missing(clause: Missing) -> dict[str, object]:
    plain = _fields(clause)
    if clause.skipped is not None:
        plain["skipped"] = f"at most {share_text(clause.skipped)}"
    return plain


def _gold(clause: GoldClause) -> dict[str, object]:
    plain = _fields(clause)
    plain["making"] = {"makers": plain.pop("makers"), "minutes": plain.pop("minutes")}
    return plain


def _not_provable(clause: NotProvable) -> dict[str, object]:
    return {
        "lack_of": {"buyer": clause.buyer, "vendor": clause.vendor},
        "supply_within": str(clause.supply_within),
    }


def _general(clause: GeneralClauses) -> dict[str, object]:
    plain = _fields(clause)
    if clause.termination_notice is not None:
        plain["termination"] = {"notice": plain.pop("termination_notice")}
    return plain


def _rework(clause: Rework) -> dict[str, object]:
    shares: dict[str, object] = {party: share_text(share) for party, share in clause.at_cost_of.items()}
    return {**_fields(clause), "at_cost_of": next(iter(shares)) if len(shares) == 1 else shares}


def _price_line(line: PriceLine) -> dict[str, object]:
    return {"per": line.per, "price": QuotedText(decimal_text(line.price))}


def _calendar(calendar: Calendar) -> dict[str, object]:
    plain: dict[str, object] = {"zone": calendar.zone, "weekend": list(calendar.weekend)}
    if calendar.holidays:
        plain["holidays"] = [day.isoformat() for day in sorted(calendar.holidays)]
    return plain


_SPECIAL: Final[dict[type, Callable[[Any], object]]] = {  # Any: each clause is a value of its own
    Versions: _versions,
    Missing: _missing,
    GoldClause: _gold,
    NotProvable: _not_provable,
    GeneralClauses: _general,
    Rework: _rework,
    PriceLine: _price_line,
    Calendar: _calendar,
    Duration: str,
}
