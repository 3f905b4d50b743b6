"""Why a row came out as it did, what evidence is missing, and what would change it, in sentences."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from statistics import NormalDist

from assay.measure.figure import undefined

from .document import Contract
from .judging import Finding, Subject
from .needs import Lack, need_of, need_of_manifest, need_of_subjects, positives_for
from .plain import decimal_text
from .plan import Plan
from .term import Term
from .verdict import Need, TermRow
from .wording import (
    bound_name,
    certainty_text,
    count_text,
    figure_text,
    good_side,
    metric_of,
    number_text,
    pooled_text,
    short_side,
    subject_name,
    subjects_text,
    tolerance_text,
)


def reason_of(contract: Contract, subject: Subject, finding: Finding, allowed_for: int) -> str:
    """The sentence that says why the row came out as it did."""
    term, figure = subject.term, subject.figure
    head = metric_of(term.measure, term.scope, subject.given.subject) + tolerance_text(term)
    if figure.value is None:
        return f"{head} does not exist: {figure.reason}{_too_little(contract, subject, finding)}."
    if term.measure.counted:
        return f"{head} is {count_text(figure, subject.floor)}{_compared(subject, finding)}."
    level = contract.measurement.interval.level
    measured = f"{head} is {figure_text(figure, subject.ends, subject.floor, level)}"
    if finding.errors is not None and finding.ground != "rejected":
        return f"{measured}: {_inspected(subject, finding)}."
    if finding.ground in ("short", "rejected"):
        certain = certainty_text(level, allowed_for, term.scope)
        return f"{measured}, {short_side(term)} {_bound(subject, finding)} {certain}."
    if finding.outcome == "pass" and finding.standing == "proven":
        certain = certainty_text(level, allowed_for, term.scope)
        return f"{measured}, {good_side(term)} {_bound(subject, finding)} {certain}."
    if finding.ground in ("held", "estimate"):
        return f"{measured}{_compared(subject, finding, allowed_for)}."
    return f"{measured}{_too_little(contract, subject, finding)}."


def _bound(subject: Subject, finding: Finding) -> str:
    if finding.ground == "rejected" and subject.reject is not None:
        return f"{decimal_text(subject.reject)}, where the contract rejects,"
    return f"the {bound_name(subject.term)} {decimal_text(subject.floor)}"


def _compared(subject: Subject, finding: Finding, allowed_for: int = 1) -> str:
    """The estimate against the bound, and why a pass is only watched."""
    term, margin = subject.term, subject.margin or Decimal(0)
    bound = f"the {bound_name(term)} {decimal_text(subject.floor)}"
    side = good_side(term) if margin >= 0 else short_side(term)
    text = f", {side} {bound}"
    if finding.outcome == "reject":
        rejected = decimal_text(subject.floor if subject.reject is None else subject.reject)
        return f"{text} and {short_side(term)} {rejected}, where the contract rejects"
    if finding.standing != "watched":
        return text
    widened = f", widened for {subjects_text(allowed_for, term.scope)}," if allowed_for > 1 else ""
    reaches = "above" if (margin < 0) != term.at_most else "below"
    return f"{text}, but its interval{widened} reaches {reaches} it; it passes and is watched"


def _inspected(subject: Subject, finding: Finding) -> str:
    plan, units = subject.term.rule, subject.figure.units
    errors = f"{finding.errors:,} of {units:,} items inspected are wrong"
    if finding.outcome == "not provable" and isinstance(plan, Plan):
        return f"{errors}; the plan inspects {plan.items:,} and accepts {plan.accept:,} wrong ones"
    verb = "accepts" if finding.outcome == "pass" else "accepts only"
    watched = ", so it passes" + (" and is watched" if finding.standing == "watched" else "")
    return f"{errors}, and the plan {verb} {finding.accepted:,}" + (
        watched if finding.outcome == "pass" else ""
    )


def _too_little(contract: Contract, subject: Subject, finding: Finding) -> str:
    passes = ", so it passes and is watched" if finding.outcome == "pass" else ""
    tolerated = decimal_text(contract.measurement.evidence.tolerance)
    bound = f"the {bound_name(subject.term)} {decimal_text(subject.floor)}"
    return {
        "few": f"{_resting(contract, subject)}{passes}",
        "wide": f"; its interval reaches more than {tolerated} beyond {bound}, too little to judge by{passes}",
        "no interval": f"; it has no interval, so nothing is shown{passes}",
        "unproven": f"; it is not shown to be {good_side(subject.term)} {bound}",
        "uncounted": "; it is weighted, and a plan counts errors of items drawn alike",
    }.get(finding.ground, passes)


def _resting(contract: Contract, subject: Subject) -> str:
    """What the figure rests on, and what a decision needs."""
    items = "gold items" if subject.term.measure.source == "gold" else "items that several people labelled"
    pooled = pooled_text(subject.given.pooled_batches)
    minimum = contract.measurement.evidence.minimum_positives
    if subject.figure.value is None:
        return f"; there are {subject.figure.positives:,} {items}{pooled}, and a decision needs {minimum:,}"
    return f" on {subject.figure.positives:,} {items}{pooled}; a decision needs {minimum:,}"


def need_of_finding(
    contract: Contract, subject: Subject, finding: Finding, allowed_for: int, delivered: date | None
) -> Need | None:
    """The evidence that would let the term decide; None where it has decided."""
    if finding.ground not in ("undefined", "few", "wide", "no interval", "unproven", "uncounted"):
        return None
    if subject.term.measure.counted:
        return need_of_manifest(contract, delivered)
    return need_of(
        contract,
        subject.term,
        subject.given.subject,
        _lack(contract, subject, finding, allowed_for),
        context=subject.given.needs_context,
        pooled_batches=subject.given.pooled_batches,
        delivered=delivered,
    )


def _lack(contract: Contract, subject: Subject, finding: Finding, allowed_for: int) -> Lack:
    term, positives = subject.term, subject.figure.positives
    if isinstance(term.rule, Plan):
        there = 0 if finding.ground == "uncounted" else subject.figure.units
        return Lack(term.rule.items, there)
    if finding.ground == "few":
        return Lack(contract.measurement.evidence.minimum_positives, positives)
    if subject.margin is None or subject.low_margin is None:
        return Lack(positives + 1, positives, subject.figure.reason or "no interval can be given")
    allowed, widening = subject.margin, _widening(contract, allowed_for)
    if finding.ground == "wide":
        allowed, widening = subject.margin + contract.measurement.evidence.tolerance, 1.0
    half_width = subject.margin - subject.low_margin
    return Lack(positives_for(positives, half_width, allowed, widening=widening), positives)


def _widening(contract: Contract, subjects: int) -> float:
    """How much longer an interval is that allows for so many subjects."""
    tail = float(1 - contract.measurement.interval.level) / 2
    normal = NormalDist()
    return normal.inv_cdf(1 - tail / max(1, subjects)) / normal.inv_cdf(1 - tail)


def change_of(subject: Subject, finding: Finding, need: Need | None) -> str:
    """The sentence that says what would change the row."""
    term = subject.term
    bound, floor = bound_name(term), decimal_text(subject.floor)
    name = subject_name(term.scope, subject.given.subject)
    if need is not None:
        verb = "decide" if finding.outcome == "not provable" else "judge it"
        return f"{need.sentence.removesuffix('.')}; then the term can {verb}."
    if finding.outcome == "pass":
        return _what_would_fail(subject, bound, floor)
    redone = "the batch" if term.redo == "batch" else name
    if finding.ground in ("counted",):
        return f"{number_text(float(subject.floor))} of the items have to be delivered."
    if finding.errors is not None and finding.ground != "rejected":
        return f"Redo {redone}; a fresh sample with at most {finding.accepted:,} wrong items passes."
    if finding.outcome == "reject":
        rejected = decimal_text(subject.reject if subject.reject is not None else subject.floor)
        return f"Only a new delivery, whose figure is not shown {short_side(term)} {rejected}."
    if finding.ground == "estimate":
        return f"Redo {redone}; a fresh sample with a figure {good_side(term)} {floor} passes."
    return f"Redo {redone}; it passes when a fresh sample no longer shows it {short_side(term)} the {bound} {floor}."


def _what_would_fail(subject: Subject, bound: str, floor: str) -> str:
    term = subject.term
    if isinstance(term.rule, Plan):
        return "More wrong items than the plan accepts would fail it."
    if term.measure.counted:
        return f"A share {short_side(term)} the {bound} {floor} would fail it."
    if term.rule == "unless_shown_below":
        return f"Only a figure shown {short_side(term)} the {bound} {floor} would fail it."
    if term.rule == "shown":
        return f"A figure that is no longer shown {good_side(term)} the {bound} {floor} would not pass."
    return f"A figure {short_side(term)} the {bound} {floor} would fail it."


def row_without_subjects(contract: Contract, term: Term, phase: str, delivered: date | None) -> TermRow:
    """The row of a term that met nothing to judge: never a pass, except where no slice is asked for by name."""
    floor = term.floor_of(term.scope.subject, contract.phase_floor(term.id, phase))
    nothing_asked = (
        term.scope.kind == "slice" and term.scope.of is None and term.without_evidence == "watched"
    )
    need = (
        need_of_manifest(contract, delivered)
        if term.measure.counted
        else need_of_subjects(contract, term, delivered)
    )
    missing = (
        "the manifest names no slices" if nothing_asked else f"there is nothing to measure for {term.scope}"
    )
    subject: dict[str, str] = {} if term.scope.subject is None else {term.scope.kind: term.scope.subject}
    return TermRow(
        id=term.id,
        metric=term.metric,
        scope=str(term.scope),
        subject=subject,
        floor=floor,
        reject_below=term.reject_below,
        rule=term.rule,
        figure=undefined(missing),
        outcome="pass" if nothing_asked else "not provable",
        standing="watched" if nothing_asked else None,
        reason=f"{term.measure.title}: {missing}{', so no slice is judged' if nothing_asked else ''}.",
        needs=None if nothing_asked else need,
        changes=f"{need.sentence.removesuffix('.')}; then the term can decide.",
        redo=None,
        at_most=term.at_most,
    )
