"""A vendor asked for at certain figures has them: by arithmetic, and in what is drawn."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.coincidence import alpha, alpha_by_class
from assay.simulate import (
    Draw,
    Gold,
    Quality,
    Spec,
    draw_votes,
    gold_composition,
    quality_at,
    true_figures,
    vendor,
)
from assay.simulate.confusion import balanced_confusion, true_error, true_f1
from assay.terms.templates import TEMPLATES, load_template

BASE = Spec(items=60_000, annotators=10, votes_per_item=3, messages=False, gold=Gold(items=720, per_class=90))
RATING = replace(BASE, kind="rating", classes=("1", "2", "3", "4", "5"), level="ordinal")


def coincidences(draw: Draw) -> np.ndarray:
    """All pairs of the three votes on each item."""
    size = len(draw.values)
    votes = draw.label.reshape(-1, 3)
    table = np.zeros((size, size))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        np.add.at(table, (votes[:, one], votes[:, other]), 0.5)
    return table + table.T


def delivered_f1(draw: Draw, true: np.ndarray, said: np.ndarray) -> list[float]:
    return [
        2 * ((true == c) & (said == c)).sum() / ((true == c).sum() + (said == c).sum())
        for c in range(len(draw.values))
    ]


@pytest.mark.parametrize("points", [0.03, 0.0, -0.05])
def test_a_vendor_lies_the_same_points_off_every_floor_at_once(points: float) -> None:
    spec = vendor(
        BASE, Quality(final=0.9 + points, agreement=0.8 + points, people=0.8 + points, delivered=0.99)
    )
    true = true_figures(spec)
    assert true.final_f1 == pytest.approx(0.9 + points, abs=1e-9)
    assert true.alpha_by_class == pytest.approx(0.8 + points, abs=1e-6)
    assert true.alpha == pytest.approx(0.8 + points, abs=1e-6)
    assert true.people_accuracy == pytest.approx(0.8 + points, abs=1e-6)
    assert spec.missing == pytest.approx(0.01)


def test_what_is_drawn_has_the_figures_asked_for() -> None:
    # gold of all items, so that its composition is that of the batch
    spec = vendor(replace(BASE, gold=Gold(items=BASE.items)), Quality(final=0.88, agreement=0.7, people=0.8))
    draw = draw_votes(spec)
    assert draw.final is not None
    assert delivered_f1(draw, draw.truth, draw.final) == pytest.approx([0.88] * 6, abs=0.02)
    table = coincidences(draw)
    assert alpha(table, list(draw.values)) == pytest.approx(0.7, abs=0.01)
    for found in alpha_by_class(table, list(draw.values)).values():
        assert found == pytest.approx(0.7, abs=0.02)
    for code in range(10):
        own = draw.annotator == code
        assert (draw.label == draw.truth[draw.item])[own].mean() == pytest.approx(0.8, abs=0.015)


def test_f1_holds_on_stratified_gold_where_rare_classes_are_common() -> None:
    spec = vendor(replace(BASE, gold=Gold(per_class=2_000)), Quality(final=0.85))
    draw = draw_votes(spec)
    assert draw.final is not None
    assert gold_composition(spec) == pytest.approx((1 / 6,) * 6)
    said = draw.final[draw.gold_item]
    assert delivered_f1(draw, draw.gold_label, said) == pytest.approx([0.85] * 6, abs=0.025)


def test_each_class_may_have_its_own_f1() -> None:
    wanted = {
        "delivery": 0.97,
        "refund": 0.95,
        "billing": 0.93,
        "account": 0.9,
        "damaged": 0.88,
        "fraud": 0.8,
    }
    true = true_figures(vendor(BASE, Quality(final=wanted)))
    assert true.final_f1 == pytest.approx(list(wanted.values()), abs=1e-9)


def test_with_two_classes_the_rarer_one_has_its_f1_and_the_other_more() -> None:
    spec = replace(BASE, classes=("yes", "no"), prior=(0.2, 0.8), gold=Gold())
    true = true_figures(vendor(spec, Quality(final=0.9)))
    assert true.final_f1[0] == pytest.approx(0.9)
    assert true.final_f1[1] > 0.97


def test_where_people_are_better_than_their_agreement_accuracy_is_kept() -> None:
    true = true_figures(vendor(BASE, Quality(final=0.9, agreement=0.6, people=0.95)))
    assert true.people_accuracy == pytest.approx(0.95, abs=1e-9)
    assert true.alpha > 0.8


def test_ratings_have_their_error_and_their_ordinal_agreement() -> None:
    spec = vendor(RATING, Quality(final_error=0.2, agreement=0.9, people_error=0.3))
    true = true_figures(spec)
    assert true.final_error == pytest.approx(0.2, abs=1e-6)
    assert true.people_error == pytest.approx(0.3, abs=1e-6)
    assert true.alpha == pytest.approx(0.9, abs=1e-6)
    draw = draw_votes(spec)
    assert draw.final is not None
    assert np.abs(draw.label - draw.truth[draw.item]).mean() == pytest.approx(0.3, abs=0.01)
    assert alpha(coincidences(draw), list(draw.values), "ordinal") == pytest.approx(0.9, abs=0.01)


def test_ratings_near_enough_have_their_share() -> None:
    draw = draw_votes(vendor(RATING, Quality(final=0.97, within=1)))
    assert draw.final is not None
    assert (np.abs(draw.final - draw.truth) <= 1).mean() == pytest.approx(0.97, abs=0.005)


def test_tags_have_their_f1_their_agreement_and_their_people() -> None:
    spec = replace(BASE, kind="multi", gold=Gold(items=500))
    draw = draw_votes(vendor(spec, Quality(final=0.9, agreement=0.7, people=0.8)))
    assert draw.final is not None
    tags = np.array([[name in value.split("\x1f") for name in spec.classes] for value in draw.values])
    true, said, votes = tags[draw.truth], tags[draw.final], tags[draw.label]
    for code in range(6):
        f1 = 2 * (true & said)[:, code].sum() / (true[:, code].sum() + said[:, code].sum())
        assert f1 == pytest.approx(0.9, abs=0.015)
        answers = votes[:, code].reshape(-1, 3)
        used = answers.mean()
        apart = (answers[:, 0] != answers[:, 1]).mean() + (answers[:, 0] != answers[:, 2]).mean()
        assert 1 - apart / 2 / (2 * used * (1 - used)) == pytest.approx(0.7, abs=0.03)
    found = (votes & true[draw.item]).sum() / true[draw.item].sum()
    assert found == pytest.approx(0.8, abs=0.01)


def test_texts_have_their_word_error_rate_on_final_and_votes() -> None:
    spec = vendor(Spec(kind="text", items=100), Quality(final=0.95, people=0.9))
    assert (spec.final.rule, spec.final.accuracy, spec.accuracy) == ("drawn", 0.95, 0.9)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith("choice")])
def test_every_floor_of_a_template_for_choices_is_missed_or_passed_by_the_points(name: str) -> None:
    contract = load_template(name)
    for points in (0.03, -0.05):
        spec = vendor(BASE, quality_at(contract, points, BASE))
        true = true_figures(spec)
        sign = 1 if points > 0 else -1
        off = {
            "gold_f1 overall": true.final_accuracy,
            "gold_f1 class": true.final_f1.min() if sign > 0 else true.final_f1.max(),
            "gold_f1 slice": true.final_accuracy,
            "gold_f1 annotator": true.people_accuracy,
            "krippendorff_alpha overall": true.alpha,
            "krippendorff_alpha slice": true.alpha,
            "krippendorff_alpha class": true.alpha_by_class.min() if sign > 0 else true.alpha_by_class.max(),
            "critical_error_rate overall": true.final_accuracy,
            "delivered_share overall": 1.0 - spec.missing + (points if points > 0 else 0),
        }
        for term in contract.acceptance:
            found = off[f"{term.metric} {term.scope.kind}"]
            floor = 1 - float(term.floor) if term.at_most else float(term.floor)
            assert sign * (found - floor) >= abs(points) - 1e-6, term.id


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith("rating")])
def test_every_floor_of_a_template_for_ratings_is_missed_or_passed_by_the_points(name: str) -> None:
    contract = load_template(name)
    for points in (0.03, -0.05):
        spec = vendor(RATING, quality_at(contract, points, RATING))
        true, sign = true_figures(spec), 1 if points > 0 else -1
        composition, values = gold_composition(spec), [float(value) for value in spec.classes]
        near = [
            1 - true_error(np.asarray(matrix), composition, values, within=1)
            for matrix in (spec.final.confusion, spec.confusion)
        ]
        for term in contract.acceptance:
            if term.metric == "gold_accuracy":
                off = near[term.scope.kind == "annotator"] - float(term.floor)
            elif term.metric == "mean_absolute_error":
                off = float(term.floor) - (true.final_error or 0)
            elif term.metric == "krippendorff_alpha":
                off = true.alpha - float(term.floor)
            else:
                continue
            assert sign * off >= abs(points) - 1e-6, term.id


def test_kappa_is_put_back_to_the_accuracy_it_takes() -> None:
    contract = load_template("starter-choice")
    kappa = replace(contract.term("gold"), metric="gold_kappa", floor=Decimal("0.80"), reject_below=None)
    spec = replace(BASE, gold=Gold(items=BASE.items))
    draw = draw_votes(vendor(spec, quality_at(replace(contract, acceptance=(kappa,)), 1e-9, spec)))
    assert draw.final is not None
    right, used = (draw.final == draw.truth).mean(), np.bincount(draw.truth) / len(draw.truth)
    by_chance = used @ (np.bincount(draw.final, minlength=6) / len(draw.final))
    assert (right - by_chance) / (1 - by_chance) == pytest.approx(0.8, abs=0.01)


@given(
    weights=st.lists(st.floats(0.02, 1), min_size=3, max_size=12),
    wanted=st.lists(st.floats(0.4, 1), min_size=12, max_size=12),
)
def test_balanced_matrices_are_distributions_with_the_f1_asked_for_or_more(
    weights: list[float], wanted: list[float]
) -> None:
    composition = np.array(weights) / sum(weights)
    f1 = wanted[: len(weights)]
    matrix = balanced_confusion(composition.tolist(), f1, 1 - np.eye(len(weights)))
    assert (matrix >= 0).all()
    assert matrix.sum(axis=1) == pytest.approx(1)
    assert composition @ matrix == pytest.approx(composition, abs=1e-6)
    errors = composition * (1 - np.array(f1))
    found = true_f1(matrix, composition.tolist())
    capped = int(np.argmax(errors)) if errors.max() > (errors.sum() - errors.max()) * (1 - 1e-3) else None
    for code, (got, asked) in enumerate(zip(found, f1, strict=True)):
        assert got >= asked - 1e-4
        if code != capped:
            assert got == pytest.approx(asked, abs=2e-3)
