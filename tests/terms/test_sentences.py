"""The sentences that people read on a report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assay.measure.figure import Figure, undefined
from assay.terms.decide import decide
from assay.terms.verdict import NeedContext, SubjectFigure, TermRow
from assay.terms.wording import number_text
from tests.terms.evidence import coefficient, contract_of, count, errors, share

PEOPLE = "id: t, metric: gold_accuracy, scope: every annotator, floor: 0.80"
CLASSES = "id: t, metric: gold_f1, scope: every class, floor: 0.90"
OVERALL = "id: t, metric: gold_accuracy, scope: overall, floor: 0.90, reject_below: 0.60"
PRICES = 'pricing: {currency: USD, lines: [{per: sample label, price: "0.0350"}]}\n'


def row(
    term: str, subject: dict[str, str], figure: Figure, *others: tuple[dict[str, str], Figure], **more: object
) -> TermRow:
    given = [SubjectFigure("t", subject, figure, **more)]  # type: ignore[arg-type]  # the test's own words
    given += [SubjectFigure("t", name, other) for name, other in others]
    verdict = decide(contract_of(term), given, delivered=date(2026, 4, 3))
    (found,) = [each for each in verdict.rows if each.subject == subject]
    return found


def crowd(count_: int) -> list[tuple[dict[str, str], Figure]]:
    return [({"annotator": f"annotator-{index:02}"}, share(190, 200)) for index in range(count_)]


def test_a_figure_shown_below_its_floor_says_for_how_many_people_it_allows() -> None:
    found = row(PEOPLE, {"annotator": "annotator-17"}, coefficient(0.712, 0.668, 0.755), *crowd(11))
    assert found.reason == (
        "Accuracy against gold of annotator-17 is 0.712 (0.668–0.755), below the floor 0.80 with 95% certainty after "
        "allowing for 12 people."
    )
    assert found.changes == (
        "Redo annotator-17; it passes when a fresh sample no longer shows it below the floor 0.80."
    )


@pytest.mark.parametrize(
    ("term", "subject", "figure", "reason"),
    [
        (
            OVERALL,
            {},
            share(195, 200),
            "Accuracy against gold is 0.975 (0.943–0.989), at or above the floor 0.90 with 95% certainty.",
        ),
        (
            OVERALL,
            {},
            share(184, 200),
            "Accuracy against gold is 0.920 (0.874–0.950), at or above the floor 0.90, but its interval reaches below "
            "it; it passes and is watched.",
        ),
        (OVERALL, {}, share(179, 200), "Accuracy against gold is 0.895 (0.845–0.930), below the floor 0.90."),
        (
            OVERALL,
            {},
            share(80, 200),
            "Accuracy against gold is 0.400 (0.335–0.469), below 0.60, where the contract rejects, with 95% certainty.",
        ),
        (
            OVERALL,
            {},
            share(18, 20),
            "Accuracy against gold is 0.900 (0.699–0.972); its interval reaches more than 0.10 beyond the floor 0.90, "
            "too little to judge by.",
        ),
        (
            CLASSES,
            {"class": "fraud"},
            share(11, 12),
            "F1 against gold of fraud is 0.917 (0.646–0.985) on 12 gold items; a decision needs 20.",
        ),
        (
            CLASSES,
            {"class": "fraud"},
            undefined("no gold item is fraud"),
            "F1 against gold of fraud does not exist: no gold item is fraud; there are 0 gold items, and a decision "
            "needs 20.",
        ),
        (
            PEOPLE,
            {"annotator": "annotator-03"},
            share(9, 12),
            "Accuracy against gold of annotator-03 is 0.750 (0.468–0.911) on 12 gold items; a decision needs 20, so it "
            "passes and is watched.",
        ),
        (
            "id: t, metric: gold_f1, scope: {every: slice, of: weather}, floor: 0.80",
            {"slice": "fog"},
            share(150, 200),
            "F1 against gold where weather is fog is 0.750 (0.686–0.805), below the floor 0.80, but its interval reaches "
            "above it; it passes and is watched.",
        ),
        (
            "id: t, metric: krippendorff_alpha, scope: every class, floor: 0.60",
            {"class": "spam"},
            coefficient(0.41, 0.3, 0.5),
            "Krippendorff's alpha between annotators for spam is 0.410 (0.300–0.500), below the floor 0.60 with 95% "
            "certainty.",
        ),
        (
            "id: t, metric: critical_error_rate, scope: overall, ceiling: 0.05",
            {},
            errors(11, 200),
            "Share of items with a critical error is 0.055 (0.031–0.096), above the ceiling 0.05.",
        ),
        (
            "id: t, metric: delivered_share, scope: overall, floor: 0.99",
            {},
            count(4998, 5000),
            "Share of items delivered is 0.9996, 4,998 of 5,000, at or above the floor 0.99.",
        ),
        (
            "id: t, metric: gold_accuracy, scope: overall, floor: 0.95, rule: {plan: {items: 200, accept: 5, good: 0.99, "
            "vendor_risk: 5%, buyer_risk: 10%}}",
            {},
            share(194, 200),
            "Accuracy against gold is 0.970 (0.936–0.986): 6 of 200 items inspected are wrong, and the plan accepts only 5.",
        ),
    ],
)
def test_reasons(term: str, subject: dict[str, str], figure: Figure, reason: str) -> None:
    assert row(term, subject, figure).reason == reason


def test_a_figure_never_stands_on_the_other_side_of_its_floor_by_rounding() -> None:
    assert number_text(0.79996, Decimal("0.80")) == "0.79996"
    assert number_text(0.80004, Decimal("0.80")) == "0.80004"
    assert number_text(0.8, Decimal("0.80")) == "0.800"
    figure = row(OVERALL, {}, coefficient(0.89996, 0.86, 0.93))
    assert "is 0.89996 (0.860–0.930), below the floor 0.90" in figure.reason


def test_a_need_says_what_how_many_from_whom_by_when_and_at_what_cost() -> None:
    found = row(
        CLASSES,
        {"class": "fraud"},
        share(11, 12),
        pooled_batches=3,
        needs_context=NeedContext(0.23, "by delivered class"),
    )
    assert found.needs is not None
    assert found.needs.as_json() == {
        "what": "20 gold items of fraud; there are 12, pooled over 3 batches",
        "positives": 8,
        "items": 35,
        "from": "buyer",
        "by": "2026-04-10",
        "cost": "about 2.4 hours in all for 2 makers; nothing to the vendor",
        "sentence": "8 more gold items of fraud, from the buyer, by 10 Apr 2026: about 35 items to label, drawn by "
        "delivered class.",
    }
    assert found.changes == found.needs.sentence.removesuffix(".") + "; then the term can decide."


def test_agreement_is_the_vendors_to_supply_at_the_contracts_price() -> None:
    term = "id: t, metric: krippendorff_alpha, scope: every class, floor: 0.60"
    figure = coefficient(0.7, 0.3, 0.9, positives=8)
    given = [SubjectFigure("t", {"class": "fraud"}, figure, needs_context=NeedContext(0.1))]
    (priced,) = decide(contract_of(term, more=PRICES), given).needs
    (unpriced,) = decide(contract_of(term), given).needs
    assert (priced.from_whom, priced.positives, priced.items, priced.by) == ("vendor", 12, 120, None)
    assert priced.cost == "USD 12.60 for 360 labels"
    assert unpriced.cost == "360 labels; the contract sets no price for them"
    assert priced.what == "20 items that somebody called fraud, labelled by 3 people each; there are 8"


def test_a_need_without_an_expected_share_names_positives_alone() -> None:
    found = row(CLASSES, {"class": "fraud"}, share(11, 12))
    assert found.needs is not None
    assert (found.needs.items, found.needs.cost) == (None, None)


def test_a_wide_interval_says_how_many_positives_would_make_it_narrow_enough() -> None:
    found = row(OVERALL, {}, share(18, 20))
    # .900 (.699-.972): the lower half is .201 and may be .100, so 20 x (.201 / .100)^2 = 81 positives.
    assert found.needs is not None
    assert (found.needs.positives, found.needs.items) == (61, 61)
    assert found.needs.what == "81 gold items; there are 20"


def test_what_is_not_shown_says_how_many_positives_would_show_it() -> None:
    found = row(OVERALL.replace("0.60", "0.60, rule: shown"), {}, share(187, 200))
    # .935 (.892-.962): the lower half of .043 has to become .035, so 200 x (.0431 / .035)^2 = 303 positives.
    assert found.needs is not None
    assert found.needs.what == "303 gold items; there are 200"


def test_a_row_stands_in_the_report_with_its_keys() -> None:
    found = row(OVERALL, {}, share(179, 200)).as_json()
    assert {
        key: found[key] for key in ("id", "metric", "scope", "subject", "floor", "reject_below", "rule")
    } == {
        "id": "t",
        "metric": "gold_accuracy",
        "scope": "overall",
        "subject": {},
        "floor": "0.90",
        "reject_below": "0.60",
        "rule": "point",
    }
    assert {
        key: found[key] for key in ("value", "positives", "units", "outcome", "standing", "needs", "redo")
    } == {
        "value": 0.895,
        "positives": 200,
        "units": 200,
        "outcome": "fail",
        "standing": None,
        "needs": None,
        "redo": "batch",
    }
