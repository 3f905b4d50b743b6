"""Laws of deciding: what must hold for every contract and every figure."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.figure import Figure, undefined
from assay.terms.contract import Contract
from assay.terms.decide import decide
from assay.terms.term import Term
from assay.terms.verdict import OUTCOMES, SEVERITY, SubjectFigure, TermRow, Verdict
from tests.terms.evidence import coefficient, contract_of, errors, share

PLAN = "{plan: {items: 30, accept: 2, good: 0.999, vendor_risk: 10%, buyer_risk: 50%}}"
RULES = ("point", "unless_shown_below", "shown")
SCOPES = {
    "overall": None,
    "every class": "class",
    "every annotator": "annotator",
    "{every: slice, of: weather}": "slice",
}
STANDINGS = {
    ("reject", None): 0,
    ("fail", None): 1,
    ("not provable", None): 2,
    ("pass", "watched"): 3,
    ("pass", "proven"): 4,
}


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A contract of one term against gold, some with a ceiling instead of a floor."""
    scope = draw(st.sampled_from(sorted(SCOPES)))
    rule = draw(st.sampled_from(RULES))
    if draw(st.booleans()):
        bounds = draw(st.sampled_from(["floor: 0.80", "floor: 0.80, reject_below: 0.55"]))
        metric = "gold_accuracy"
    else:
        bounds = draw(st.sampled_from(["ceiling: 0.20", "ceiling: 0.20, reject_above: 0.45"]))
        metric = "critical_error_rate"
    if scope == "overall" and draw(st.booleans()):
        metric, bounds, rule = "gold_accuracy", "floor: 0.90", PLAN
    return contract_of(f"id: term, metric: {metric}, scope: {scope}, rule: {rule}, {bounds}")


def figure_of(term: Term, right: int, of: int) -> Figure:
    return errors(of - right, of) if term.at_most else share(right, of)


@st.composite
def evidence(draw: st.DrawFn, term: Term, *, least: int = 1) -> list[tuple[str, int, int]]:
    """Subjects with the number of items and how many are right."""
    most = 1 if term.scope.kind == "overall" else 6
    sizes = draw(
        st.lists(st.sampled_from([5, 19, 20, 40, 150, 600]), min_size=min(least, most), max_size=most)
    )
    return [(f"s{index}", draw(st.integers(0, size)), size) for index, size in enumerate(sizes)]


def judged(
    contract: Contract, subjects: list[tuple[str, int, int]], names: dict[str, str] | None = None
) -> Verdict:
    (term,) = contract.acceptance
    kind = SCOPES["overall"] if term.scope.kind == "overall" else term.scope.kind
    given_figures = [
        SubjectFigure(
            "term", {} if kind is None else {kind: (names or {}).get(name, name)}, figure_of(term, right, of)
        )
        for name, right, of in subjects
    ]
    return decide(contract, given_figures)


def standings(verdict: Verdict) -> dict[str, int]:
    return {
        next(iter(row.subject.values()), ""): STANDINGS[row.outcome, row.standing] for row in verdict.rows
    }


@given(contracts(), st.data())
def test_a_better_figure_never_makes_any_row_or_the_verdict_worse(
    contract: Contract, data: st.DataObject
) -> None:
    subjects = data.draw(evidence(contract.acceptance[0]))
    at = data.draw(st.integers(0, len(subjects) - 1))
    name, right, of = subjects[at]
    better = [*subjects]
    better[at] = (name, data.draw(st.integers(right, of)), of)
    before, after = judged(contract, subjects), judged(contract, better)
    assert OUTCOMES.index(after.outcome) <= OUTCOMES.index(before.outcome)
    assert all(standings(after)[subject] >= standing for subject, standing in standings(before).items())


@pytest.mark.parametrize("rule", [*RULES, PLAN])
@pytest.mark.parametrize("of", [19, 20, 40, 100, 150, 400])
@pytest.mark.parametrize("scope", ["overall", "every class", "every annotator"])
def test_a_figure_that_rises_step_by_step_never_falls_back(rule: str, of: int, scope: str) -> None:
    if rule == PLAN and scope != "overall":
        return
    contract = contract_of(
        f"id: term, metric: gold_accuracy, scope: {scope}, rule: {rule}, floor: 0.80, reject_below: 0.55"
    )
    reached = [standings(judged(contract, [("s", right, of)])) for right in range(of + 1)]
    steps = [next(iter(step.values())) for step in reached]
    assert steps == sorted(steps)
    assert steps[-1] > steps[0] or of < 20  # too few to decide anything


@given(contracts(), st.data())
def test_the_order_of_subjects_changes_nothing(contract: Contract, data: st.DataObject) -> None:
    subjects = data.draw(evidence(contract.acceptance[0]))
    shuffled = data.draw(st.permutations(subjects))
    assert judged(contract, shuffled) == judged(contract, subjects)


@given(contracts(), st.data(), st.randoms(use_true_random=False))
def test_renaming_subjects_changes_nothing_but_names(
    contract: Contract, data: st.DataObject, chance: random.Random
) -> None:
    subjects = data.draw(evidence(contract.acceptance[0]))
    new = [f"n{index:02}" for index in range(len(subjects))]
    chance.shuffle(new)
    names = dict(zip((name for name, _, _ in subjects), new, strict=True))
    back = {after: before for before, after in names.items()}
    plain, renamed = judged(contract, subjects), judged(contract, subjects, names)

    def bare(row: TermRow, translate: dict[str, str]) -> tuple[object, ...]:
        name = next(iter(row.subject.values()), "")
        texts = (row.reason, row.changes, row.needs.sentence if row.needs else "")
        own = translate.get(name, name)
        return (
            own,
            row.outcome,
            row.standing,
            row.figure,
            *(text.replace(name, own) if name else text for text in texts),
        )

    assert {bare(row, {}) for row in plain.rows} == {bare(row, back) for row in renamed.rows}
    assert renamed.outcome == plain.outcome
    # rows with figures of their own keep their order, whatever their subjects are called
    assert [row.figure for row in renamed.rows] == [row.figure for row in plain.rows]


@given(contracts(), st.integers(0, 100), st.data())
def test_what_is_undefined_is_never_proven_and_passes_only_as_a_watched_person_or_slice(
    contract: Contract, positives: int, data: st.DataObject
) -> None:
    (term,) = contract.acceptance
    others = data.draw(evidence(term)) if term.scope.kind != "overall" else []
    kind = term.scope.kind
    subject = {} if kind == "overall" else {kind: "undefined one"}
    given_figures = [SubjectFigure("term", subject, undefined("one class is used", positives=positives))]
    given_figures += [
        SubjectFigure("term", {kind: name}, figure_of(term, right, of)) for name, right, of in others
    ]
    (row,) = [row for row in decide(contract, given_figures).rows if row.subject == subject]
    assert row.standing != "proven"
    if row.outcome == "pass":
        assert kind in ("annotator", "slice")
        assert positives < contract.measurement.evidence.minimum_positives
        assert term.rule in ("point", "unless_shown_below")
    else:
        assert row.outcome == "not provable"
        assert row.needs is not None


@given(contracts(), st.data())
def test_every_row_explains_itself(contract: Contract, data: st.DataObject) -> None:
    verdict = judged(contract, data.draw(evidence(contract.acceptance[0], least=0)))
    assert verdict.rows
    for row in verdict.rows:
        assert row.reason.endswith(".")
        assert row.changes.endswith(".")
        assert "  " not in row.reason + row.changes
        assert (row.redo is not None) == (row.outcome in ("fail", "reject"))
        assert (row.needs is not None) == (row.outcome == "not provable")
        if row.needs is not None:
            assert row.needs.positives >= 1 or row.figure.value is None
    assert verdict.outcome == OUTCOMES[max(SEVERITY[row.outcome] for row in verdict.rows)]


@given(st.floats(-1, 1), st.floats(0.001, 0.3), st.floats(0.001, 0.3), st.integers(0, 60))
def test_more_evidence_of_the_same_figure_never_turns_a_pass_into_not_provable(
    value: float, below: float, above: float, positives: int
) -> None:
    contract = contract_of("id: term, metric: krippendorff_alpha, scope: every class, floor: 0.60")
    low, high = value - below, min(1.0, value + above)
    if not low < value < high:
        return
    few, more = (
        decide(contract, [SubjectFigure("term", {"class": "a"}, coefficient(value, low, high, count))]).rows[
            0
        ]
        for count in (positives, positives + 20)
    )
    assert not (few.outcome == "pass" and more.outcome == "not provable")
    assert more.outcome != "not provable"


@given(st.lists(st.integers(0, 200), min_size=1, max_size=8), st.integers(1, 8))
def test_another_subject_never_makes_a_failure_of_one_that_passed(rights: list[int], extra: int) -> None:
    contract = contract_of(
        "id: term, metric: gold_accuracy, scope: every class, floor: 0.80, rule: unless_shown_below"
    )
    subjects = [(f"s{index}", right, 200) for index, right in enumerate(rights)]
    good = [(f"good{index}", 200, 200) for index in range(extra)]
    before, after = standings(judged(contract, subjects)), standings(judged(contract, subjects + good))
    failing = STANDINGS["fail", None]
    assert all(after[name] > failing or standing <= failing for name, standing in before.items())
