"""Reading the clauses of a contract other than its acceptance terms and measurement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from assay.annotation.strict_yaml import Node

from .calendar import WEEKDAYS, Calendar, Duration, make_calendar
from .clauses import (
    ERROR_KINDS,
    LACK_OUTCOMES,
    PARTIES,
    PERIODS,
    PHASES,
    REMEASURES,
    ROUNDINGS,
    SEVERITIES,
    Changes,
    Decision,
    Deletion,
    Dispute,
    GeneralClauses,
    GoldClause,
    InForce,
    Migration,
    NotProvable,
    Parties,
    Phase,
    PhaseName,
    PriceLine,
    Pricing,
    Refresh,
    Rework,
    Rounding,
    Severity,
    Versions,
)
from .money import is_currency
from .plain import share_text
from .problem import Problem
from .reading import (
    ClauseReader,
    decimal_between,
    duration,
    identifier,
    integer_between,
    one_of,
    share,
    share_or_none,
    words,
)

_PER: Final = re.compile(r"(accepted|sample|relabelled) [a-z]+( [a-z]+)?")
_ONCE: Final = "once per line"
_HALVES: Final = tuple(rule.removeprefix(f"{_ONCE}, ") for rule in ROUNDINGS)
_MANY: Final = 1_000_000_000


def read_parties(node: Node, problems: list[Problem]) -> Parties:
    """``{buyer: …, vendor: …}``."""
    clause = ClauseReader(node, problems, keys=("buyer", "vendor"))
    return Parties(clause.take("buyer", identifier, "buyer"), clause.take("vendor", identifier, "vendor"))


def read_in_force(node: Node, problems: list[Problem]) -> InForce | None:
    """``{from: 2026-03-01, to: 2027-02-28}``."""
    clause = ClauseReader(node, problems, keys=("from", "to"))
    start = clause.require("from", Node.date, "no day on which the contract begins", "write from: 2026-03-01")
    end = clause.take("to", Node.date, None)
    return None if start is None else clause.attempt(lambda: InForce(start, end), None)


def read_versions(node: Node, problems: list[Problem]) -> Versions:
    """``{schema: 3, guideline: "5.2", gold: 4}``."""
    clause = ClauseReader(node, problems, keys=("schema", "guideline", "gold"))
    return Versions(
        clause.take("schema", words, None),
        clause.take("guideline", words, None),
        clause.take("gold", words, None),
    )


def read_errors(node: Node, problems: list[Problem]) -> Mapping[str, Severity]:
    """``{wrong_class: critical, loose: minor}``."""
    clause = ClauseReader(node, problems, keys=ERROR_KINDS)
    read = {kind: clause.take(kind, one_of(SEVERITIES), None) for kind in ERROR_KINDS if kind in clause}
    return {kind: severity for kind, severity in read.items() if severity is not None}


def read_gold(node: Node, problems: list[Problem]) -> GoldClause:
    """How much gold there is, how often it is scored, and what it takes to make."""
    clause = ClauseReader(node, problems, keys=("scored", "share", "items", "refresh", "making"))
    default = GoldClause()
    makers, minutes = clause.take(
        "making", lambda child: _read_making(child, problems), (default.makers, default.minutes)
    )
    return GoldClause(
        scored=clause.take("scored", words, default.scored),
        share=clause.take("share", share, None),
        items=clause.take("items", integer_between(1, _MANY), None),
        refresh=clause.take("refresh", lambda child: _read_refresh(child, problems), None),
        makers=makers,
        minutes=minutes,
    )


def _read_making(node: Node, problems: list[Problem]) -> tuple[int, Decimal]:
    clause = ClauseReader(node, problems, keys=("makers", "minutes"))
    default = GoldClause()
    return (
        clause.take("makers", integer_between(1, 100), default.makers),
        clause.take("minutes", decimal_between(0, 100_000), default.minutes),
    )


def _read_refresh(node: Node, problems: list[Problem]) -> Refresh | None:
    clause = ClauseReader(node, problems, keys=("every", "share", "after_exposures"))
    every = clause.require("every", duration, "no period of refreshing gold", "write every: 3 months")
    part = clause.require("share", share, "no share of gold to refresh", "write share: 25%")
    exposures = clause.take("after_exposures", integer_between(1, _MANY), None)
    return None if every is None or part is None else Refresh(every, part, exposures)


def read_cadence(node: Node, problems: list[Problem]) -> Mapping[PhaseName, Phase]:
    """What is delivered in the steady phase and in a burst."""
    clause = ClauseReader(node, problems, keys=PHASES)
    read = {
        name: clause.take(name, lambda child: _read_phase(child, problems), None)
        for name in PHASES
        if name in clause
    }
    return {name: phase for name, phase in read.items() if phase is not None}


def _read_phase(node: Node, problems: list[Problem]) -> Phase | None:
    clause = ClauseReader(
        node, problems, keys=("items", "per", "variance", "consecutive", "notice", "floors")
    )
    items = clause.require("items", integer_between(1, _MANY), "no number of items", "write items: 5000")
    per = clause.require("per", one_of(PERIODS), "no period", "write per: week")
    if items is None or per is None:
        return None
    return Phase(
        items,
        per,
        variance=clause.take("variance", share_or_none, None),
        consecutive=clause.take("consecutive", duration, None),
        notice=clause.take("notice", duration, None),
        floors=clause.take("floors", lambda child: read_floors(child, problems), {}),
    )


def read_floors(node: Node, problems: list[Problem]) -> Mapping[str, Decimal]:
    """Floors by name."""
    names = list(node.mapping())
    clause = ClauseReader(node, problems, keys=names)
    read = {name: clause.take(name, decimal_between(-1, 1_000_000), None) for name in names}
    return {name: floor for name, floor in read.items() if floor is not None}


def read_decision(node: Node, problems: list[Problem]) -> Decision:
    """``{within: 10 business days, else: proposed verdict stands}``."""
    clause, default = ClauseReader(node, problems, keys=("within", "else")), Decision()
    return Decision(
        clause.take("within", duration, default.within), clause.take("else", words, default.otherwise)
    )


def read_not_provable(node: Node, problems: list[Problem]) -> NotProvable:
    """``{lack_of: {buyer: pay and list, vendor: hold until supplied}, supply_within: 5 business days}``."""
    clause, default = ClauseReader(node, problems, keys=("lack_of", "supply_within")), NotProvable()
    lack = clause.take("lack_of", lambda child: ClauseReader(child, problems, keys=PARTIES), None)
    return NotProvable(
        buyer=lack.take("buyer", one_of(LACK_OUTCOMES), default.buyer) if lack else default.buyer,
        vendor=lack.take("vendor", one_of(LACK_OUTCOMES), default.vendor) if lack else default.vendor,
        supply_within=clause.take("supply_within", duration, default.supply_within),
    )


def read_dispute(node: Node, problems: list[Problem]) -> Dispute:
    """``{within: 5 business days, by: joint adjudication, then: named expert}``."""
    clause, default = ClauseReader(node, problems, keys=("within", "by", "then")), Dispute()
    return Dispute(
        clause.take("within", duration, default.within),
        clause.take("by", words, default.by),
        clause.take("then", words, default.then),
    )


def read_rework(node: Node, problems: list[Problem]) -> Rework:
    """Who pays, how many rounds, within which time."""
    clause, default = (
        ClauseReader(node, problems, keys=("at_cost_of", "rounds", "within", "remeasure")),
        Rework(),
    )
    return Rework(
        at_cost_of=clause.take("at_cost_of", lambda child: _read_payer(child, problems), default.at_cost_of),
        rounds=clause.take("rounds", integer_between(0, 100), default.rounds),
        within=clause.take("within", duration, default.within),
        remeasure=clause.take("remeasure", one_of(REMEASURES), default.remeasure),
    )


def _read_payer(node: Node, problems: list[Problem]) -> Mapping[str, Decimal]:
    default = Rework().at_cost_of
    if node.is_scalar:
        return {one_of(PARTIES)(node): Decimal(1)}
    clause = ClauseReader(node, problems, keys=PARTIES)
    read = {party: clause.take(party, share, None) for party in PARTIES if party in clause}
    shares: dict[str, Decimal] = {party: part for party, part in read.items() if part is not None}
    total = sum(shares.values(), Decimal(0))
    if total != 1:
        clause.refuse(
            f"the shares of the cost add up to {share_text(total)}",
            "let the shares of buyer and vendor add up to 100%",
        )
        return default
    return shares


def read_changes(node: Node, problems: list[Problem]) -> Changes:
    """What clarifications, a new scope and a migration cost."""
    clause, default = ClauseReader(node, problems, keys=("clarification", "scope", "migration")), Changes()
    return Changes(
        clause.take("clarification", words, default.clarification),
        clause.take("scope", words, default.scope),
        clause.take("migration", lambda child: _read_migration(child, problems), None),
    )


def _read_migration(node: Node, problems: list[Problem]) -> Migration | None:
    clause = ClauseReader(node, problems, keys=("notice", "price_per"))
    notice = clause.require("notice", duration, "no notice of a migration", "write notice: 10 business days")
    per = clause.require("price_per", words, "no unit of its price", "write price_per: relabelled item")
    return None if notice is None or per is None else Migration(notice, per)


def read_general(node: Node, problems: list[Problem]) -> GeneralClauses:
    """Ownership, reuse, deletion, termination, minimum commitment."""
    keys = ("ip", "no_reuse", "deletion", "termination", "minimum_commit")
    clause, default = ClauseReader(node, problems, keys=keys), GeneralClauses()
    return GeneralClauses(
        ip=clause.take("ip", one_of(PARTIES), default.ip),
        no_reuse=clause.take("no_reuse", Node.boolean, default.no_reuse),
        deletion=clause.take("deletion", lambda child: _read_deletion(child, problems), None),
        termination_notice=clause.take("termination", lambda child: _read_notice(child, problems), None),
        minimum_commit=clause.take("minimum_commit", words, default.minimum_commit),
    )


def _read_deletion(node: Node, problems: list[Problem]) -> Deletion | None:
    clause = ClauseReader(node, problems, keys=("within", "evidence"))
    within = clause.require("within", duration, "no time for the deletion", "write within: 30 days")
    evidence = clause.take("evidence", words, "certificate")
    return None if within is None else Deletion(within, evidence)


def _read_notice(node: Node, problems: list[Problem]) -> Duration | None:
    clause = ClauseReader(node, problems, keys=("notice",))
    return clause.require("notice", duration, "no notice of termination", "write notice: 30 days")


def read_pricing(node: Node, problems: list[Problem]) -> Pricing | None:
    """Currency, rounding and exact unit prices."""
    clause = ClauseReader(node, problems, keys=("currency", "rounding", "lines", "rework", *_HALVES))
    currency = clause.require("currency", _currency, "prices without a currency", "write currency: USD")
    lines = clause.require(
        "lines",
        lambda child: _read_lines(child, problems),
        "no price",
        'write lines: [{per: accepted item, price: "0.0350"}]',
    )
    rounding = clause.take("rounding", lambda child: _read_rounding(child, clause), ROUNDINGS[0])
    rework = clause.take("rework", _price, Decimal(0))
    return None if currency is None or not lines else Pricing(currency, lines, rounding, rework)


def _read_rounding(node: Node, clause: ClauseReader) -> Rounding:
    """The rule, quoted or not: between braces YAML takes what follows an unquoted comma for a key without a value."""
    for half in _HALVES:
        if half in clause and node.plain() == _ONCE and clause.child(half).plain() == "":
            return one_of(ROUNDINGS)(replace(node, value=f"{_ONCE}, {half}"))
    return one_of(ROUNDINGS)(node)


def _read_lines(node: Node, problems: list[Problem]) -> tuple[PriceLine, ...]:
    lines = []
    if not node.sequence():
        raise node.refuse(
            "no price", found="an empty list", expected='[{per: accepted item, price: "0.0350"}]'
        )
    for child in node.sequence():
        clause = ClauseReader(child, problems, keys=("per", "price"))
        per = clause.require("per", _per, "a price of nothing", "write per: accepted item")
        price = clause.require("price", _price, "a line without a price", 'write price: "0.0350"')
        if per is not None and price is not None:
            lines.append(PriceLine(per, price))
    units = [line.per for line in lines]
    if len(set(units)) != len(units):
        twice = next(per for per in units if units.count(per) > 1)
        raise node.refuse("a unit has two prices", found=twice, expected="one line for each unit")
    return tuple(lines)


def _per(node: Node) -> str:
    text = node.text()
    if not _PER.fullmatch(text):
        raise node.refuse(
            "this is no unit of a price",
            found=repr(text[:80]),
            expected="accepted item, sample item, accepted label …",
        )
    return text


def _price(node: Node) -> Decimal:
    return decimal_between(0, 1_000_000_000)(node)


def _currency(node: Node) -> str:
    text = node.text()
    if not is_currency(text):
        raise node.refuse(
            "this is no currency",
            found=repr(text[:80]),
            expected="three capital letters (ISO 4217) such as USD",
        )
    return text


def read_calendar(node: Node, problems: list[Problem]) -> Calendar:
    """Zone, weekend and holidays."""
    clause, default = ClauseReader(node, problems, keys=("zone", "weekend", "holidays")), Calendar()
    zone = clause.take("zone", words, default.zone)
    weekend = clause.take(
        "weekend", lambda child: tuple(one_of(WEEKDAYS)(day) for day in child.sequence()), default.weekend
    )
    holidays = clause.take("holidays", lambda child: [day.date() for day in child.sequence()], [])
    return clause.attempt(lambda: make_calendar(zone, weekend, holidays), default)
