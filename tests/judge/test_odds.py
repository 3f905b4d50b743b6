"""Odds of contracts by the real judge: every template keeps its promise, and a contract that asks too much is seen."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from assay.annotation.errors import InputError
from assay.judge.odds import PROMISED_ABOVE, PROMISED_BELOW, Odds, contract_odds
from assay.judge.odds_setting import Setting
from assay.simulate import Slice
from assay.terms.templates import TEMPLATES, load_template, odds_of
from tests.judge.judging import contract_of, with_terms

BOTH = (PROMISED_ABOVE, PROMISED_BELOW)
SMALL = Setting(items=600, gold_items=300, gold_per_class=30, people=4, votes_per_item=2)


def accepted(odds: Odds, points: float) -> float:
    found = odds.at(points)
    assert found is not None
    return found.share("accept")


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_accepts_a_good_vendor_and_not_a_bad_one(name: str) -> None:
    # with ten batches: one that keeps its promise falls below eight in about one seed of a hundred
    odds = contract_odds(load_template(name), Setting(), points=BOTH, runs=10)
    assert accepted(odds, PROMISED_ABOVE) >= 0.8
    assert accepted(odds, PROMISED_BELOW) <= 0.1


@pytest.mark.soak
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_keeps_its_promise_over_two_hundred_batches(name: str) -> None:
    odds = contract_odds(load_template(name), Setting(), points=BOTH, runs=200)
    assert odds.keeps_promise, (accepted(odds, PROMISED_ABOVE), accepted(odds, PROMISED_BELOW))
    shipped = odds_of(load_template(name))
    assert shipped is not None
    assert accepted(odds, PROMISED_ABOVE) == pytest.approx(shipped.above, abs=0.03)
    assert accepted(odds, PROMISED_BELOW) == pytest.approx(shipped.below, abs=0.03)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_promise_that_ships_with_a_template_is_kept(name: str) -> None:
    shipped = odds_of(load_template(name))
    assert shipped is not None
    assert shipped.above >= 0.95
    assert shipped.below <= 0.05
    assert shipped.runs >= 100


def test_odds_shown_are_those_of_the_contract_as_it_stands() -> None:
    changed = with_terms(load_template("standard-choice"), "gold")
    assert odds_of(changed) is None


def test_the_same_seed_gives_the_same_odds_and_another_one_other_batches() -> None:
    contract = with_terms(load_template("standard-choice"), "gold", "classes")
    one, again, other = (contract_odds(contract, SMALL, points=(-0.05,), runs=4, seed=s) for s in (1, 1, 2))
    assert one.qualities == again.qualities
    assert one.qualities[0].trials != other.qualities[0].trials


def test_a_contract_without_gold_for_its_classes_is_seen_to_prove_nothing() -> None:
    contract = with_terms(load_template("standard-choice"), "classes")
    odds = contract_odds(contract, replace(SMALL, gold_items=20, gold_per_class=0), points=(0.05,), runs=5)
    (quality,) = odds.qualities
    assert quality.share("not provable") == 1.0
    assert quality.weakest() == ("classes", 5)
    assert odds.keeps_promise is None


def test_the_weakest_term_is_the_one_that_keeps_batches_out() -> None:
    contract = contract_of(
        "id: easy, metric: gold_f1, scope: overall, floor: 0.50",
        "id: hard, metric: gold_accuracy, scope: overall, floor: 0.60, rule: shown",
    )
    odds = contract_odds(contract, SMALL, points=(0.02,), runs=6)
    weakest = odds.qualities[0].weakest()
    assert weakest is not None
    assert weakest[0] == "hard"


def test_a_worse_vendor_redoes_more_and_is_paid_less() -> None:
    priced = replace(
        load_template("standard-choice"),
        pricing=contract_of(
            "id: gold, metric: gold_f1, scope: overall, floor: 0.9",
            more='pricing: {currency: USD, lines: [{per: accepted item, price: "0.10"}]}',
        ).pricing,
    )
    odds = contract_odds(priced, Setting(), points=(-0.10, 0.05), runs=4)
    bad, good = odds.qualities
    assert bad.redone > good.redone
    assert bad.paid_minor < good.paid_minor == 50_000
    assert bad.share("accept") < good.share("accept")
    assert sum(
        bad.share(outcome) for outcome in ("accept", "rework", "reject", "not provable")
    ) == pytest.approx(1)


def test_the_batches_are_those_that_the_contract_speaks_of() -> None:
    contract = load_template("standard-choice")
    spec = contract_odds(contract, Setting(), points=(), runs=1).spec
    assert spec.items == contract.cadence["steady"].items
    assert spec.votes_per_item == 3
    assert spec.overlap == 0.1
    assert spec.gold.items == contract.gold.items
    own = contract_odds(
        contract, Setting(classes=("x", "y"), shares=(0.8, 0.2), people=5), points=(), runs=1
    ).spec
    assert (own.classes, own.prior, len(own.people)) == (("x", "y"), (0.8, 0.2), 5)


def test_evidence_costs_hours_of_makers_and_of_votes() -> None:
    contract = load_template("standard-choice")
    odds = contract_odds(contract, Setting(), points=(), runs=1)
    made = (contract.gold.items or 0) * contract.gold.makers
    extra = odds.spec.items * 0.1 * 2
    assert odds.evidence_hours() == pytest.approx((made + extra) * float(contract.gold.minutes) / 60)


def test_terms_on_slices_are_judged_on_slices() -> None:
    contract = with_terms(load_template("standard-choice"), "gold", "conditions")
    setting = replace(SMALL, slices=(Slice("room", ("quiet", "loud")),))
    odds = contract_odds(contract, setting, points=(0.05,), runs=3)
    assert odds.qualities[0].share("accept") == 1.0
    assert odds.spec.slices == setting.slices


def test_labels_that_cannot_be_simulated_are_refused() -> None:
    contract = replace(load_template("starter-text"), labels="transcripts")
    with pytest.raises(InputError, match="cannot be simulated"):
        contract_odds(contract, SMALL, runs=1)


def test_the_document_of_odds_says_what_was_simulated() -> None:
    contract = with_terms(load_template("starter-rating"), "gold")
    document = contract_odds(contract, Setting(items=300, gold_items=150), points=(0.03,), runs=3).as_json()
    assert document["schema"] == "assay-odds/1"
    (quality,) = document["qualities"]  # type: ignore[misc]  # a list
    assert quality["points"] == 3
    assert 0 <= quality["accept_low"] <= quality["accept"] <= quality["accept_high"] <= 1
    assert Decimal(str(quality["redone"])) >= 0
