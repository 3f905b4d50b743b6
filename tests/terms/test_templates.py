from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import assay.terms.templates as shipped
from assay.annotation.strict_yaml import parse_yaml
from assay.terms.clauses import Parties, Versions
from assay.terms.contract import parse_contract, validate
from assay.terms.decide import decide
from assay.terms.templates import (
    TEMPLATES,
    fill_template,
    load_template,
    measured_odds,
    odds_of,
    starter_for,
    template_text,
)
from assay.terms.verdict import SubjectFigure
from tests.terms.evidence import count, share


def test_every_template_that_ships_is_named() -> None:
    folder = Path(shipped.__file__).parent / "templates"
    assert sorted(path.stem for path in folder.glob("*.yaml")) == sorted(TEMPLATES)


def test_every_template_has_measured_odds_that_keep_the_promise() -> None:
    assert measured_odds().keys() == set(TEMPLATES)
    for name, odds in measured_odds().items():
        assert odds.above >= 0.95, name
        assert odds.below <= 0.05, name
        assert odds.runs >= 200, name


def test_a_changed_template_has_no_measured_odds() -> None:
    contract = load_template("standard-choice")
    assert odds_of(contract) == measured_odds()["standard-choice"]
    assert odds_of(replace(contract, id="another")) is not None
    assert odds_of(replace(contract, acceptance=contract.acceptance[:2])) is None


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_a_contract_without_problems(name: str) -> None:
    contract = load_template(name)
    assert (contract.id, contract.template) == (name, name)
    assert name.endswith(f"-{contract.labels}")
    assert validate(contract, slices=[]) == []
    assert parse_contract(parse_yaml(contract.as_yaml(), file="contract.yaml")) == contract


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("starter")])
def test_a_starter_needs_nothing_but_gold(name: str) -> None:
    contract = load_template(name)
    needed = [term for term in contract.acceptance if term.without_evidence != "watched"]
    assert {term.measure.source for term in needed} == {"gold", "delivery"}
    assert starter_for(contract.labels) == contract


@pytest.mark.parametrize("name", [name for name in TEMPLATES if not name.startswith("starter")])
def test_larger_templates_ask_for_the_seven_artefacts(name: str) -> None:
    contract = load_template(name)
    assert contract.versions == Versions("1", "1.0", "1")
    assert {term.scope.kind for term in contract.acceptance} >= {"overall", "annotator", "slice"}
    assert any(term.measure.source == "agreement" for term in contract.acceptance)
    assert contract.gold.refresh is not None
    assert contract.measurement.sample is not None


def test_a_starter_lets_a_rare_class_pass_watched_and_judges_the_others() -> None:
    contract = starter_for("choice")
    evidence = [
        SubjectFigure("complete", {}, count(5000, 5000)),
        SubjectFigure("gold", {}, share(390, 400)),
        SubjectFigure("classes", {"class": "common"}, share(380, 390)),
        SubjectFigure("classes", {"class": "rare"}, share(5, 10)),
        SubjectFigure("people", {"annotator": "annotator-1"}, share(195, 200)),
    ]
    verdict = decide(contract, evidence)
    assert verdict.outcome == "accept"
    assert {row.subject.get("class"): row.standing for row in verdict.rows_of("classes")} == {
        "common": "proven",
        "rare": "watched",
    }


def test_a_template_is_filled_for_a_programme() -> None:
    contract = fill_template(
        "standard-choice", contract_id="messages", parties=Parties("buyer-ml", "kestrel")
    )
    assert (contract.id, contract.template) == ("messages", "standard-choice")
    assert contract.parties.vendor == "kestrel"
    assert contract.acceptance == load_template("standard-choice").acceptance


def test_tolerances_grow_with_the_scale_of_ratings_and_shares_do_not() -> None:
    contract = fill_template(
        "standard-rating", contract_id="affect", scale=(Decimal(0), Decimal(100)), level="interval"
    )
    original = load_template("standard-rating")
    assert contract.term("gold").within == 25
    assert contract.term("gold").floor == original.term("gold").floor
    assert contract.term("distance").floor == original.term("distance").floor * 25
    assert contract.level == "interval"
    with pytest.raises(ValueError, match="ends above"):
        fill_template("standard-rating", contract_id="x", scale=(Decimal(5), Decimal(1)))


def test_a_template_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        template_text("../contract")
