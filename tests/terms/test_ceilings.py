"""A floor is refused only when it is shown to be above what the makers of gold agree on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.accuracy import f1_figure
from assay.measure.figure import Figure
from assay.terms.ceilings import floors_above_gold
from assay.terms.contract import ContractError
from tests.judge.judging import Home, by_hand, contract_of, table

CLASSES = contract_of("id: classes, metric: gold_f1, scope: every class, floor: 0.90, redo: class")


def agreement(agreed: int, touched: int, effect: float = 1.0) -> Figure:
    """Agreement of two makers on a class that either of them gave on so many items."""
    share = agreed / touched
    variance = effect * share * (1 - share) / touched
    return f1_figure(share, touched, variance, units=500, positives=(touched + agreed) // 2)


def test_few_items_of_a_class_refuse_no_floor() -> None:
    assert floors_above_gold(CLASSES, {"a": agreement(95, 100), "rare": agreement(0, 4)}) == []
    assert floors_above_gold(CLASSES, {"a": agreement(95, 100), "rare": agreement(1, 8)}) == []


def test_many_items_of_a_class_do() -> None:
    (problem,) = floors_above_gold(CLASSES, {"a": agreement(95, 100), "b": agreement(40, 100)})
    assert "floor 0.90 of b is above what gold can support" in problem.what
    assert "0.571" in problem.what


def test_an_estimate_below_the_floor_is_not_enough() -> None:
    close = agreement(79, 100)
    assert close.value is not None
    assert close.value < 0.90 < (close.high or 0)
    assert floors_above_gold(CLASSES, {"a": close}) == []


def test_more_classes_take_more_evidence_of_each() -> None:
    one = agreement(28, 43)
    assert len(floors_above_gold(CLASSES, {"a": one})) == 1
    many: dict[str | None, Figure] = {f"class-{n}": agreement(95, 100) for n in range(40)}
    assert floors_above_gold(CLASSES, {"a": one, **many}) == []


@given(st.integers(1, 60), st.floats(0, 1), st.floats(1, 4))
def test_a_refused_floor_lies_above_the_interval(touched: int, share: float, effect: float) -> None:
    ceiling = agreement(round(share * touched), touched, effect)
    if floors_above_gold(CLASSES, {"a": ceiling}):
        assert ceiling.high is not None
        assert ceiling.high < 0.90
        assert ceiling.positives >= 20


def home(folder: Path, quarrels: int) -> Home:
    """Gold of two makers over 120 items; on so many, those of class c, they never agree."""
    truth = ["c" if n < quarrels else "ab"[n % 2] for n in range(120)]
    gold = [(n, label, "m1") for n, label in enumerate(truth)]
    gold += [(n, "a" if label == "c" else label, "m2") for n, label in enumerate(truth)]
    gold += [(n, label, "final") for n, label in enumerate(truth)]
    labels = [(n, "p", label) for n, label in enumerate(truth)]
    return by_hand(
        folder,
        table("item,annotator,label", labels),
        gold=table("item,label,maker", gold),
        contract=CLASSES,
    )


def test_a_contract_stands_when_makers_quarrel_over_four_items(tmp_path: Path) -> None:
    assert home(tmp_path / "few", 4).document()["gold"]["by_class"]["c"]["support"] == 4
    with pytest.raises(ContractError, match="of c is above what gold can support"):
        home(tmp_path / "many", 50).judge()
