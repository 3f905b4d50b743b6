"""Odds of contracts on located labels: the vendor drawn stands where it is said to stand, and the judge sees it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.judge.figures import Method
from assay.judge.located_evidence import Evidence
from assay.judge.located_measure import measure_located
from assay.judge.located_odds import located_batch
from assay.judge.odds import base_spec, contract_odds
from assay.judge.odds_setting import Setting
from assay.judge.shares import Like, delivered_like, found_on_items
from assay.simulate import TOPICS, Gold
from assay.simulate.located_draw import draw_located
from assay.simulate.located_programme import simulate_located
from assay.simulate.located_spec import LOCATED, LocatedSpec
from assay.simulate.located_vendor import located_vendor
from assay.terms.contract import Contract
from assay.terms.templates import starter_for
from tests.judge.judging import contract_of

EVERYTHING = (
    "id: complete, metric: delivered_share, scope: overall, floor: 0.95",
    "id: gold, metric: gold_f1, scope: overall, floor: 0.85",
    "id: tight, metric: mean_iou, scope: overall, floor: 0.75",
    "id: critical, metric: critical_error_rate, scope: overall, ceiling: 0.30",
    "id: recall, metric: gold_recall, scope: every class, floor: 0.84",
    "id: agreement, metric: pairwise_f1, scope: every class, floor: 0.75",
    "id: people, metric: gold_f1, scope: every annotator, floor: 0.80",
    "id: weather, metric: gold_f1, scope: {every: slice, of: weather}, floor: 0.80",
)
SMALL = Setting(items=300, gold_items=60, people=4)


def boxes_contract() -> Contract:
    return contract_of(
        *EVERYTHING,
        more="measurement: {match: {overlap: iou, threshold: 0.5}, sample: {share: 50%, annotators_per_item: 3}}\n"
        "errors: {missed: critical, wrong_class: critical, not_delivered: critical}\n",
        labels="boxes",
    )


def figures_of(contract: Contract, spec: LocatedSpec, seed: int) -> dict[str, float]:
    """The mean figure of each term."""
    draw = draw_located(spec, seed)
    measured = measure_located(located_batch(draw), spec.threshold, Method(50, "test"))
    found = defaultdict(list)
    for figure in Evidence(measured, draw.delivered).figures(contract):
        found[figure.term_id].append(figure.figure.value or 0.0)
    return {term: float(np.mean(values)) for term, values in found.items()}


@pytest.mark.parametrize("points", [-0.05, 0.03])
def test_every_figure_of_the_vendor_lies_as_far_from_its_floor_as_asked(points: float) -> None:
    contract = boxes_contract()
    spec = base_spec(contract, Setting(items=4000, gold_items=4000))
    assert isinstance(spec, LocatedSpec)
    found = figures_of(contract, located_vendor(contract, points, spec), 3)
    for term in contract.acceptance:
        margin = (found[term.id] - float(term.floor)) * (-1 if term.at_most else 1)
        if points > 0:
            assert margin > min(points, 1 - float(term.floor)) - 0.012, (term.id, found)
        else:
            assert margin < points + 0.012, (term.id, found)
    tightest = {"tight"} if points > 0 else {"tight", "people"}
    for term in contract.acceptance:
        if term.id in tightest:
            assert found[term.id] == pytest.approx(float(term.floor) + points, abs=0.02)


@pytest.mark.parametrize("kind", [*LOCATED, "masks"])
def test_a_good_vendor_is_accepted_and_a_bad_one_is_not(kind: str) -> None:
    contract = starter_for(kind)  # type: ignore[arg-type]  # drawn from the kinds
    odds = contract_odds(contract, SMALL, points=(-0.10, 0.10), runs=3)
    bad, good = odds.qualities
    assert good.share("accept") == 1.0
    assert bad.share("accept") == 0.0
    assert bad.redone > good.redone == 0.0


def test_the_same_seed_gives_the_same_trials() -> None:
    one, again, other = (
        contract_odds(boxes_contract(), SMALL, points=(0.0,), runs=3, seed=s) for s in (1, 1, 2)
    )
    assert one.qualities == again.qualities
    assert one.qualities[0].trials != other.qualities[0].trials


def test_batches_are_those_that_the_contract_and_the_setting_speak_of() -> None:
    contract = boxes_contract()
    spec = base_spec(contract, replace(SMALL, classes=("x", "y"), shares=(0.7, 0.3)))
    assert isinstance(spec, LocatedSpec)
    assert (spec.classes, spec.shares, len(spec.people)) == (("x", "y"), (0.7, 0.3), 4)
    assert (spec.items, spec.gold.items, spec.votes_per_item, spec.overlap) == (300, 60, 3, 0.5)
    assert [one.name for one in spec.slices] == ["weather"]
    assert spec.only_measured


def test_prices_of_items_are_paid_in_the_odds() -> None:
    priced = replace(
        boxes_contract(),
        pricing=contract_of(
            EVERYTHING[1], more='pricing: {currency: USD, lines: [{per: accepted item, price: "0.10"}]}'
        ).pricing,
    )
    odds = contract_odds(priced, SMALL, points=(-0.10, 0.10), runs=2)
    bad, good = odds.qualities
    assert bad.paid_minor < good.paid_minor == 3000


def test_undelivered_gold_counts_as_wrong() -> None:
    contract = boxes_contract()
    spec = base_spec(contract, Setting(items=600, gold_items=600))
    assert isinstance(spec, LocatedSpec)
    whole = replace(spec, f1=0.95)
    found = figures_of(contract, replace(whole, missing=0.2), 1)
    assert found["complete"] == pytest.approx(0.8, abs=0.04)
    assert found["gold"] < figures_of(contract, whole, 1)["gold"] - 0.05


def test_outlines_and_the_boxes_around_them_have_the_same_figures() -> None:
    draw = draw_located(LocatedSpec(kind="shapes", items=400, votes_per_item=2, gold=Gold(items=400)), 1)
    found = []
    for enclosed in (False, True):
        measured = measure_located(located_batch(draw, enclosed=enclosed), 0.5, Method(50, "test"))
        assert measured.gold is not None
        assert measured.agreement is not None
        figures = measured.gold.overall["f1"], measured.agreement.overall["pairwise_f1"]
        found.append([figure.value for figure in figures])
    assert found[0] == pytest.approx(found[1], abs=0.003)


def test_a_delivery_says_its_classes_its_objects_and_the_items_that_hold_each(tmp_path: Path) -> None:
    programme = simulate_located(LocatedSpec(items=80, f1=0.999, votes_per_item=1))
    programme.write(tmp_path)
    like = delivered_like(tmp_path)
    assert like.classes is not None
    assert sum(like.shares or ()) == pytest.approx(1)
    assert like.per_item == pytest.approx(len(programme.draw.votes) / 80)
    votes = programme.draw.votes.objects
    cars = len(np.unique(votes.item[votes.label == 0])) / 80
    assert found_on_items(starter_for("boxes"), like)["car"] == pytest.approx(cars)
    expected = found_on_items(starter_for("boxes"), Like())
    assert expected == programme.spec.holding
    assert min(expected.values()) > 0.3
    assert set(found_on_items(starter_for("choice"), Like())) == set(TOPICS)
