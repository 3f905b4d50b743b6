"""Each rule by tables that were worked by hand from Wilson's interval at 95 %."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assay.annotation.strict_yaml import parse_yaml
from assay.measure.figure import Figure, undefined
from assay.measure.spread import ScoreSpread
from assay.terms.contract import Contract, parse_contract
from assay.terms.decide import decide, decide_term, unmeasured
from assay.terms.verdict import NeedContext, SubjectFigure, TermRow, Verdict
from tests.terms.evidence import coefficient, contract_of, count, errors, share

OVERALL = "id: gold, metric: gold_accuracy, scope: overall, floor: 0.90, reject_below: 0.75"
CLASSES = "id: classes, metric: gold_accuracy, scope: every class, floor: 0.90, reject_below: 0.60"
PEOPLE = "id: people, metric: gold_accuracy, scope: every annotator, floor: 0.80"
SLICES = "id: slices, metric: gold_accuracy, scope: {every: slice, of: weather}, floor: 0.80"


def overall(figure: Figure, term: str = OVERALL) -> TermRow:
    (row,) = decide(contract_of(term), [SubjectFigure("gold", {}, figure)]).rows
    return row


def by_class(agreed: Contract, **figures: Figure) -> dict[str, TermRow]:
    verdict = decide(
        agreed, [SubjectFigure("classes", {"class": name}, each) for name, each in figures.items()]
    )
    return {row.subject["class"]: row for row in verdict.rows}


@pytest.mark.parametrize(
    ("right", "of", "outcome", "standing"),
    [
        (195, 200, "pass", "proven"),  # .975 (.943-.989), wholly above .90
        (184, 200, "pass", "watched"),  # .920 (.874-.950), lower end within .10 of the floor
        (180, 200, "pass", "watched"),  # .900 exactly at the floor
        (179, 200, "fail", None),  # .895: below the floor with enough evidence
        (170, 200, "fail", None),  # .850 (.794-.893): the whole interval below .90
        (130, 200, "reject", None),  # .650 (.582-.713): the whole interval below .75
        (140, 200, "fail", None),  # .700 (.633-.759): below .90, but .75 lies inside
        (20, 20, "pass", "watched"),  # 1.00 (.839-1.00): the minimum of 20, lower end at .839
        (18, 20, "not provable", None),  # .900 (.699-.972): lower end more than .10 below the floor
        (17, 20, "fail", None),  # .850 with 20 positives
        (19, 19, "not provable", None),  # perfect, and one short of the minimum
        (8, 19, "reject", None),  # .421 (.231-.637): little evidence, and the whole interval below .75
        (12, 19, "fail", None),  # .632 (.410-.809)
        (17, 19, "not provable", None),  # .895 (.686-.971): neither shown nor enough
    ],
)
def test_point_decides_by_the_estimate_where_evidence_suffices(
    right: int, of: int, outcome: str, standing: str | None
) -> None:
    row = overall(share(right, of))
    assert (row.outcome, row.standing) == (outcome, standing)


@pytest.mark.parametrize(
    ("right", "of", "outcome", "standing"),
    [
        (195, 200, "pass", "proven"),  # .975 (.943-.989)
        (187, 200, "not provable", None),  # .935 (.892-.962): the floor lies inside
        (189, 200, "pass", "proven"),  # .945 (.904-.969)
        (179, 200, "fail", None),  # .895: below the floor with enough evidence
        (19, 19, "not provable", None),
        (130, 200, "reject", None),
    ],
)
def test_shown_passes_only_what_is_wholly_above_the_floor(
    right: int, of: int, outcome: str, standing: str | None
) -> None:
    row = overall(share(right, of), OVERALL + ", rule: shown")
    assert (row.outcome, row.standing) == (outcome, standing)


@pytest.mark.parametrize(
    ("right", "of", "outcome", "standing"),
    [
        (195, 200, "pass", "proven"),
        (175, 200, "pass", "watched"),  # .875 (.822-.914): below the floor and not shown to be
        (170, 200, "fail", None),  # .850 (.794-.893)
        (100, 200, "reject", None),  # .500 (.431-.569): wholly below .60
        (19, 19, "not provable", None),
        (1, 19, "not provable", None),  # a class without evidence is not judged, however bad it looks
    ],
)
def test_unless_shown_below_fails_only_what_is_wholly_below_the_floor(
    right: int, of: int, outcome: str, standing: str | None
) -> None:
    row = by_class(contract_of(CLASSES), fraud=share(right, of))["fraud"]
    assert (row.outcome, row.standing) == (outcome, standing)


def test_holm_allows_for_the_number_of_subjects_that_can_be_judged() -> None:
    agreed = contract_of(CLASSES)
    # p-values of "at least .90" by the binomial tail: 171/200 gives .0217, 169/200 gives .0074, 160/200 gives 1.2e-5.
    assert by_class(agreed, a=share(171, 200))["a"].outcome == "fail"
    assert by_class(agreed, a=share(171, 200), b=share(195, 200))["a"].outcome == "pass"  # .0217 > .025 / 2
    assert by_class(agreed, a=share(169, 200), b=share(195, 200))["a"].outcome == "fail"  # .0074 < .025 / 2
    # Once b is rejected, a is compared with the whole of .025 again.
    assert by_class(agreed, a=share(171, 200), b=share(160, 200))["a"].outcome == "fail"
    # A class that cannot be judged takes nothing from the others.
    assert by_class(agreed, a=share(171, 200), b=share(10, 10))["a"].outcome == "fail"


def test_proven_allows_for_the_number_of_subjects_too() -> None:
    agreed = contract_of(CLASSES)
    # 188/200 = .940 (.898-.965) alone: watched; 189/200 has p = .0169 of "at most .90": proven alone, watched among two.
    assert by_class(agreed, a=share(189, 200))["a"].standing == "proven"
    assert by_class(agreed, a=share(189, 200), b=share(175, 200))["a"].standing == "watched"


@pytest.mark.parametrize(
    ("wrong", "of", "outcome", "standing"),
    [
        (5, 200, "pass", "watched"),  # accepted by the plan; .975 (.943-.989) reaches below .95
        (0, 200, "pass", "proven"),
        (6, 200, "fail", None),
        (0, 199, "not provable", None),
        (6, 199, "fail", None),  # already more errors than the plan accepts
        (14, 400, "pass", "watched"),  # twice the items: P(X <= 14 | 5%) = 0.0990 keeps the buyer's risk
        (15, 400, "fail", None),
    ],
)
def test_a_plan_counts_errors(wrong: int, of: int, outcome: str, standing: str | None) -> None:
    plan = "rule: {plan: {items: 200, accept: 5, good: 0.99, vendor_risk: 5%, buyer_risk: 10%}}"
    row = overall(
        share(of - wrong, of), f"id: gold, metric: gold_accuracy, scope: overall, floor: 0.95, {plan}"
    )
    assert (row.outcome, row.standing) == (outcome, standing)
    assert row.as_json()["rule"] == {
        "plan": {"items": "200", "accept": "5", "good": "0.99", "vendor_risk": "5%", "buyer_risk": "10%"}
    }


def test_a_plan_does_not_count_weighted_errors() -> None:
    plan = "rule: {plan: {items: 200, accept: 5, good: 0.99, vendor_risk: 5%, buyer_risk: 10%}}"
    spread = ScoreSpread(0.9871, 200)
    figure = Figure(0.9871, *spread.interval(0.95), 200, 200, 200, "weighted", None, spread)
    row = overall(figure, f"id: gold, metric: gold_accuracy, scope: overall, floor: 0.95, {plan}")
    assert row.outcome == "not provable"
    assert "weighted" in row.reason


@pytest.mark.parametrize(
    ("wrong", "outcome", "standing"),
    [(2, "pass", "proven"), (10, "pass", "watched"), (11, "fail", None), (60, "reject", None)],
)
def test_lower_is_better_where_the_term_has_a_ceiling(wrong: int, outcome: str, standing: str | None) -> None:
    term = "id: gold, metric: critical_error_rate, scope: overall, ceiling: 0.05, reject_above: 0.20"
    row = overall(errors(wrong, 200), term)
    assert (row.outcome, row.standing) == (outcome, standing)


@pytest.mark.parametrize(
    ("delivered", "outcome"),
    [(5000, "pass"), (4950, "pass"), (4949, "fail"), (3999, "reject"), (4000, "fail")],
)
def test_a_count_has_no_interval_and_needs_none(delivered: int, outcome: str) -> None:
    term = "id: gold, metric: delivered_share, scope: overall, floor: 0.99, reject_below: 0.80"
    assert overall(count(delivered, 5000), term).outcome == outcome


def test_a_coefficient_decides_like_a_share() -> None:
    term = "id: gold, metric: krippendorff_alpha, scope: overall, floor: 0.60"
    assert overall(coefficient(0.70, 0.62, 0.77), term).standing == "proven"
    assert overall(coefficient(0.61, 0.52, 0.69), term).standing == "watched"
    assert overall(coefficient(0.55, 0.46, 0.63), term).outcome == "fail"


@pytest.mark.parametrize("term", [PEOPLE, SLICES])
def test_a_person_or_a_slice_without_evidence_is_watched(term: str) -> None:
    kind = "annotator" if "people" in term else "slice"
    subject = {kind: "annotator-03" if kind == "annotator" else "fog"}
    for figure in (share(2, 10), undefined("no gold item")):
        (row,) = decide(contract_of(term), [SubjectFigure(term[4:10], subject, figure)]).rows
        assert (row.outcome, row.standing, row.needs) == ("pass", "watched", None)
        assert "passes and is watched" in row.reason


def test_a_contract_may_let_a_class_without_evidence_pass_watched_or_hold_a_person_back() -> None:
    lenient = by_class(contract_of(CLASSES + ", without_evidence: watched"), rare=share(9, 10))["rare"]
    assert (lenient.outcome, lenient.standing) == ("pass", "watched")
    strict = contract_of(PEOPLE + ", without_evidence: not provable")
    (row,) = decide(strict, [SubjectFigure("people", {"annotator": "annotator-03"}, share(9, 10))]).rows
    assert row.outcome == "not provable"


def test_pooled_evidence_lets_a_class_be_judged_and_is_named_where_it_does_not() -> None:
    agreed = contract_of(CLASSES)
    subject = {"class": "fraud"}
    (alone,) = decide(agreed, [SubjectFigure("classes", subject, share(11, 12))]).rows
    (pooled,) = decide(agreed, [SubjectFigure("classes", subject, share(44, 48), pooled_batches=4)]).rows
    (short,) = decide(agreed, [SubjectFigure("classes", subject, share(17, 18), pooled_batches=3)]).rows
    assert alone.outcome == "not provable"
    assert (pooled.outcome, pooled.pooled_batches) == ("pass", 4)
    assert short.needs is not None
    assert short.needs.what == "20 gold items of fraud; there are 18, pooled over 3 batches"


def test_a_floor_of_its_own_replaces_the_floor_of_the_term() -> None:
    agreed = contract_of(
        "id: classes, metric: gold_accuracy, scope: every class, floor: 0.90, floors: {other: 0.70}"
    )
    rows = by_class(agreed, fraud=share(150, 200), other=share(150, 200))
    assert (rows["fraud"].outcome, rows["other"].outcome) == ("fail", "pass")
    assert rows["other"].floor == Decimal("0.70")


def test_a_burst_has_floors_of_its_own() -> None:
    burst = "cadence: {burst: {items: 15000, per: week, floors: {gold: 0.88}}}\n"
    agreed = contract_of(OVERALL, more=burst)
    evidence = [SubjectFigure("gold", {}, share(178, 200))]
    assert decide(agreed, evidence).outcome == "rework"
    assert decide(agreed, evidence, phase="burst").outcome == "accept"


def test_floors_are_compared_exactly_with_figures_at_twelve_digits() -> None:
    # 0.1 + 0.2 is 0.30000000000000004 and counts as 0.3; one in the twelfth digit below the floor is below it.
    spread = ScoreSpread(0.3, 1000)
    for value, outcome in ((0.1 + 0.2, "pass"), (0.299999999999, "fail"), (0.2999999999999, "pass")):
        figure = Figure(value, 0.28, 0.32, 1000, 1000, 1000, "share", None, spread)
        term = "id: gold, metric: gold_accuracy, scope: overall, floor: 0.3"
        assert overall(figure, term).outcome == outcome


def test_another_level_than_95_percent_asks_the_spread() -> None:
    agreed = contract_of(OVERALL + ", rule: shown")
    wide = agreed.as_yaml().replace("level: 95%", "level: 80%")
    assert wide != agreed.as_yaml()
    evidence = [SubjectFigure("gold", {}, share(187, 200))]  # .935, 95 %: .892-.962, 80 %: .910-.954
    assert decide(agreed, evidence).outcome == "not provable"
    row = decide(parse_contract(parse_yaml(wide, file="contract.yaml")), evidence).rows[0]
    assert row.outcome == "pass"
    assert "(80%: 0.909–0.954)" in row.reason


def test_an_interval_of_width_zero_is_no_interval() -> None:
    figure = Figure(1.0, 1.0, 1.0, 100, 100, 100, "bootstrap")
    assert overall(figure).outcome == "not provable"
    assert "no interval" in overall(figure).reason


@pytest.mark.parametrize(
    ("figures", "outcome"),
    [
        ({"a": share(195, 200), "b": share(195, 200)}, "accept"),
        ({"a": share(195, 200), "b": share(5, 5)}, "not provable"),
        ({"a": share(150, 200), "b": share(5, 5)}, "rework"),
        ({"a": share(150, 200), "b": share(90, 200), "c": share(5, 5)}, "reject"),
    ],
)
def test_a_batch_is_as_good_as_its_worst_row(figures: dict[str, Figure], outcome: str) -> None:
    evidence = [SubjectFigure("classes", {"class": name}, figure) for name, figure in figures.items()]
    assert decide(contract_of(CLASSES), evidence).outcome == outcome


def test_only_what_fails_is_redone() -> None:
    rows = by_class(contract_of(CLASSES), a=share(150, 200), b=share(195, 200), c=share(5, 5))
    assert [rows[name].redo for name in "abc"] == ["class", None, None]


@pytest.mark.parametrize(
    ("term", "outcome", "giver"),
    [
        (OVERALL, "not provable", "buyer"),
        (CLASSES, "not provable", "buyer"),
        (PEOPLE, "not provable", "vendor"),
        (SLICES, "not provable", "buyer"),
        ("id: one, metric: gold_f1, scope: {class: fraud}, floor: 0.9", "not provable", "buyer"),
        ("id: votes, metric: krippendorff_alpha, scope: every class, floor: 0.6", "not provable", "vendor"),
        ("id: whole, metric: delivered_share, scope: overall, floor: 0.99", "not provable", "buyer"),
    ],
)
def test_a_term_that_meets_nothing_to_judge_is_not_provable(term: str, outcome: str, giver: str) -> None:
    verdict = decide(contract_of(term), [])
    assert verdict.outcome == outcome
    assert verdict.rows[0].needs is not None
    assert verdict.rows[0].needs.from_whom == giver


def test_a_term_of_every_slice_asks_nothing_of_a_manifest_without_slices() -> None:
    term = "id: slices, metric: gold_accuracy, scope: every slice, floor: 0.80"
    (row,) = decide(contract_of(term), []).rows
    assert (row.outcome, row.standing) == ("pass", "watched")
    evidence = [SubjectFigure("slices", {"slice": "fog", "attribute": "weather"}, share(100, 200))]
    (row,) = decide(contract_of(term), evidence).rows
    assert row.outcome == "fail"
    assert row.reason.startswith("Accuracy against gold where weather is fog is 0.500")


def test_one_subject_can_be_judged_alone() -> None:
    agreed = contract_of(CLASSES)
    (row,) = decide_term(
        agreed, agreed.term("classes"), [SubjectFigure("classes", {"class": "a"}, share(171, 200))]
    )
    assert row.outcome == "fail"


@pytest.mark.parametrize(
    "evidence",
    [
        [SubjectFigure("nobody", {}, share(1, 2))],
        [SubjectFigure("classes", {}, share(1, 2))],
        [SubjectFigure("classes", {"annotator": "a"}, share(1, 2))],
        [
            unmeasured("classes", {"class": "a"}, "none"),
            SubjectFigure("classes", {"class": "a"}, share(1, 2)),
        ],
    ],
)
def test_evidence_that_does_not_fit_the_contract_is_refused(evidence: list[SubjectFigure]) -> None:
    with pytest.raises(ValueError, match=r"classes|nobody"):
        decide(contract_of(CLASSES), evidence)


def test_a_verdict_names_its_needs_in_order() -> None:
    context = NeedContext(0.1, "by delivered class")
    evidence = [
        SubjectFigure("classes", {"class": name}, share(right, 18), needs_context=context)
        for name, right in (("fraud", 12), ("spam", 17))
    ]
    verdict: Verdict = decide(contract_of(CLASSES), evidence)
    assert [need.what for need in verdict.needs] == [
        "20 gold items of fraud; there are 18",
        "20 gold items of spam; there are 18",
    ]
