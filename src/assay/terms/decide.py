"""The verdict: a pure function of the contract and the figures of its subjects.

A term of several subjects decides with Holm's correction, so that the certainty of the contract holds for all of its
findings together. A batch is as good as its worst row: reject, else rework, else not provable, else accept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assay.measure.figure import undefined

from .document import Contract
from .explaining import change_of, need_of_finding, reason_of, row_without_subjects
from .holm import holm
from .judging import Finding, Shown, Subject, judge, subject_of
from .term import Term
from .verdict import OUTCOMES, SEVERITY, SubjectFigure, TermRow, Verdict


def decide(
    contract: Contract,
    evidence: Sequence[SubjectFigure],
    *,
    phase: str = "steady",
    delivered: date | None = None,
) -> Verdict:
    """The verdict on a batch. ``delivered`` is the day that deadlines count from; without it needs have none.

    Raises ValueError for a figure of an unknown term, of a subject that its term does not judge, or given twice.
    """
    terms = {term.id: term for term in contract.acceptance}
    given: dict[str, list[SubjectFigure]] = {term_id: [] for term_id in terms}
    for figure in evidence:
        if figure.term_id not in terms:
            raise ValueError(f"the contract has no term {figure.term_id}")
        given[figure.term_id].append(figure)
    rows = [
        row
        for term in contract.acceptance
        for row in decide_term(contract, term, given[term.id], phase=phase, delivered=delivered)
    ]
    worst = max((SEVERITY[row.outcome] for row in rows), default=SEVERITY["not provable"])
    return Verdict(OUTCOMES[worst], tuple(rows))


def decide_term(
    contract: Contract,
    term: Term,
    evidence: Sequence[SubjectFigure],
    *,
    phase: str = "steady",
    delivered: date | None = None,
) -> tuple[TermRow, ...]:
    """The rows of one term, furthest below its floor first; also for a single subject that stands alone."""
    _check_subjects(term, evidence)
    subjects = [subject_of(contract, term, given, phase) for given in evidence]
    subjects.sort(key=_worst_first)
    if not subjects:
        return (row_without_subjects(contract, term, phase, delivered),)
    tested = sum(subject.is_testable for subject in subjects)
    allowed_for = tested if _shares_risk(term) else 1
    tolerance = contract.measurement.evidence.tolerance
    findings = (
        judge(subject, shown, tolerance)
        for subject, shown in zip(subjects, _shown(contract, term, subjects), strict=True)
    )
    return tuple(
        _row(contract, subject, finding, allowed_for, delivered)
        for subject, finding in zip(subjects, findings, strict=True)
    )


def unmeasured(term_id: str, subject: dict[str, str], reason: str) -> SubjectFigure:
    """The evidence of a subject that could not be measured at all."""
    return SubjectFigure(term_id, subject, undefined(reason))


def _shares_risk(term: Term) -> bool:
    return term.scope.is_every and term.rule in ("unless_shown_below", "shown")


def _shown(contract: Contract, term: Term, subjects: Sequence[Subject]) -> list[Shown]:
    """What is shown of each subject: by Holm over those that can be tested, or by its own interval."""
    if not _shares_risk(term):
        return [subject.shown_alone() for subject in subjects]
    level = float(1 - contract.measurement.interval.level) / 2
    tested = [index for index, subject in enumerate(subjects) if subject.is_testable]
    family = [subjects[index] for index in tested]
    short = holm([subject.p_short(subject.floor) for subject in family], level)
    reach = holm([subject.p_reach() for subject in family], level)
    reject = holm([1.0 if s.reject is None else s.p_short(s.reject) for s in family], level)
    shown = [Shown()] * len(subjects)
    for place, index in enumerate(tested):
        shown[index] = Shown(short[place], reach[place], reject[place])
    return shown


def _row(
    contract: Contract, subject: Subject, finding: Finding, allowed_for: int, delivered: date | None
) -> TermRow:
    term, given = subject.term, subject.given
    need = need_of_finding(contract, subject, finding, allowed_for, delivered)
    stated = need if finding.outcome == "not provable" else None
    return TermRow(
        id=term.id,
        metric=term.metric,
        scope=str(term.scope),
        subject=dict(given.subject),
        floor=subject.floor,
        reject_below=subject.reject,
        rule=term.rule,
        figure=given.figure,
        outcome=finding.outcome,
        standing=finding.standing,
        reason=reason_of(contract, subject, finding, allowed_for),
        needs=stated,
        changes=change_of(subject, finding, need),
        redo=term.redo if finding.outcome in ("fail", "reject") else None,
        pooled_batches=given.pooled_batches,
        at_most=term.at_most,
        enough=subject.enough,
    )


def _worst_first(subject: Subject) -> tuple[object, ...]:
    margin, figure = subject.margin, subject.figure
    names = tuple(sorted(subject.given.subject.items()))
    return (margin is not None, margin or 0, figure.positives, figure.units, names)


def _check_subjects(term: Term, evidence: Sequence[SubjectFigure]) -> None:
    seen: set[tuple[tuple[str, str], ...]] = set()
    kind = term.scope.kind
    expected = set() if kind == "overall" else {kind}
    for given in evidence:
        names = set(given.subject) - ({"attribute"} if kind == "slice" and term.scope.of is None else set())
        named = term.scope.subject
        if names != expected or (named is not None and given.subject[kind] != named):
            raise ValueError(f"{term.id} judges {term.scope}, not {dict(given.subject)}")
        key = tuple(sorted(given.subject.items()))
        if key in seen:
            raise ValueError(f"{term.id} has two figures of {dict(given.subject)}")
        seen.add(key)
