"""Figures against gold from integer states: values worked by hand, intervals, and what is undefined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.accuracy import (
    GoldFigures,
    GoldState,
    f1_figure,
    gold_figures,
    gold_state,
    overall_gold_figures,
    share_figure,
    tag_state,
)
from assay.measure.figure import Figure
from assay.measure.kappa import cohen_kappa
from assay.measure.replicates import Design, replicate_sums
from assay.measure.spread import wilson
from assay.measure.undefined import Undefined

CLASSES = 3
METRICS = ("precision", "recall", "f1", "accuracy", "kappa")
scored = st.lists(
    st.tuples(st.integers(0, CLASSES - 1), st.integers(-1, CLASSES - 1)), min_size=1, max_size=40
)


def state_of(
    labels: list[tuple[int, int]], classes: int = CLASSES, rows: list[int] | None = None
) -> GoldState:
    """The state of (gold, given) pairs, each a replicate row of its own unless rows are named."""
    gold, given_ = (np.array([label[n] for label in labels], np.int64).reshape(-1) for n in range(2))
    row = np.array(rows, np.int64) if rows is not None else np.arange(len(labels))
    none = np.zeros(len(labels), np.int64)
    return gold_state(gold, given_, none, row, classes=classes, blocks=1, rows=int(row.max(initial=0)) + 1)


def figures_of(state: GoldState, *, exclusive: bool = True, replicates: int = 200) -> GoldFigures:
    design = Design.simple(len(state.rows))
    (sums,) = replicate_sums([state.rows], design, replicates, "s")
    return gold_figures(state, sums, design.weight, exclusive=exclusive)


def confusion_table(labels: list[tuple[int, int]]) -> list[list[int]]:
    table = [[0] * CLASSES for _ in range(CLASSES)]
    for truth, label in labels:
        table[truth][label] += 1
    return table


def test_a_slice_where_most_labels_are_wrong_has_its_figures() -> None:
    state = state_of([(0, 1), (0, 0), (1, 2), (1, 0), (2, 1)])
    sums, weight = state.rows[None, :, :].sum(axis=1), np.ones(5)
    whole = gold_figures(state, sums, weight).overall
    pooled = state.pooled()
    alone = overall_gold_figures(pooled, pooled.rows.sum(axis=0)[None, :], weight)
    assert whole["accuracy"].value == alone["accuracy"].value == 0.2
    assert whole["f1"] == alone["f1"]


def test_a_table_worked_by_hand() -> None:
    # gold 0: 0 0 1 undecided · gold 1: 1 1 · gold 2: 0 2
    state = state_of([(0, 0), (0, 0), (0, 1), (0, -1), (1, 1), (1, 1), (2, 0), (2, 2)])
    assert state.confusion[0].tolist() == [[2, 1, 0, 1], [0, 2, 0, 0], [1, 0, 1, 0]]
    found = figures_of(state)
    values = [{name: figures[name].value for name in METRICS} for figures in found.by_class]
    assert values[0]["precision"] == pytest.approx(2 / 3)
    assert values[0]["recall"] == pytest.approx(2 / 4)
    assert values[0]["f1"] == pytest.approx(2 * 2 / (2 * 2 + 1 + 2))
    assert values[0]["accuracy"] == pytest.approx(5 / 8)
    assert values[1]["precision"] == pytest.approx(2 / 3)
    assert values[1]["recall"] == 1.0
    assert found.overall["accuracy"].value == pytest.approx(5 / 8)
    assert found.overall["precision"].value == pytest.approx(5 / 7)  # seven labels were delivered
    assert found.overall["recall"].value == pytest.approx(5 / 8)
    assert found.overall["f1"].value == pytest.approx(2 * 5 / (2 * 5 + 2 + 3))


@given(scored)
def test_every_figure_is_that_of_its_formula(labels: list[tuple[int, int]]) -> None:
    found = figures_of(state_of(labels))
    for code, figures in enumerate(found.by_class):
        tp = sum(g == code == x for g, x in labels)
        fp = sum(x == code != g for g, x in labels)
        fn = sum(g == code != x for g, x in labels)
        expected = {
            "precision": tp / (tp + fp) if tp + fp else None,
            "recall": tp / (tp + fn) if tp + fn else None,
            "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None,
            "accuracy": 1 - (fp + fn) / len(labels),
        }
        for name, value in expected.items():
            assert figures[name].value == pytest.approx(value), (code, name)
        assert figures["f1"].positives == tp + fn
    right = sum(g == x for g, x in labels)
    assert found.overall["accuracy"].value == pytest.approx(right / len(labels))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40))
def test_kappa_is_that_of_the_exact_module(labels: list[tuple[int, int]]) -> None:
    figure = figures_of(state_of(labels)).overall["kappa"]
    expected = cohen_kappa(confusion_table(labels))
    if isinstance(expected, Undefined):
        assert figure.value is None
    elif figure.value is not None:
        assert figure.value == pytest.approx(expected, abs=1e-12)
    for code, figures in enumerate(figures_of(state_of(labels)).by_class):
        two = [[0, 0], [0, 0]]
        for g, x in labels:
            two[g != code][x != code] += 1
        of_class = cohen_kappa(two)
        if figures["kappa"].value is not None:
            assert not isinstance(of_class, Undefined)
            assert figures["kappa"].value == pytest.approx(of_class, abs=1e-12)


@given(scored)
def test_intervals_hold_their_value_and_are_never_of_width_zero(labels: list[tuple[int, int]]) -> None:
    found = figures_of(state_of(labels), replicates=60)
    for figure in (f for figures in (found.overall, *found.by_class) for f in figures.values()):
        assert_sound(figure)


def assert_sound(figure: Figure) -> None:
    if figure.value is None:
        assert figure.reason
        return
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= figure.value <= figure.high
    assert figure.high - figure.low > 1e-9


@given(scored, st.integers(0, 5))
def test_f1_of_a_class_knows_nothing_of_labels_between_other_classes(
    labels: list[tuple[int, int]], more: int
) -> None:
    one = figures_of(state_of(labels)).by_class[0]
    other = figures_of(state_of([*labels, *[(1, 2)] * more, *[(2, 2)] * more])).by_class[0]
    for name in ("precision", "recall", "f1"):
        assert one[name].value == other[name].value


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2)), min_size=1, max_size=30))
def test_a_right_label_more_never_lowers_and_a_wrong_one_never_lifts(labels: list[tuple[int, int]]) -> None:
    before, right, wrong = (
        figures_of(state_of(x)).overall["accuracy"].value
        for x in (labels, [*labels, (1, 1)], [*labels, (1, -1)])
    )
    assert (right or 0) >= (before or 0) >= (wrong or 0)


def test_independent_items_have_wilsons_interval_of_their_share() -> None:
    labels = [(0, 0)] * 90 + [(0, 1)] * 10
    figure = figures_of(state_of(labels), replicates=2_000).overall["accuracy"]
    assert (figure.low, figure.high) == pytest.approx(wilson(90, 100, 0.95), abs=0.004)


def test_labels_that_are_right_or_wrong_together_have_a_wider_interval() -> None:
    labels = [(0, 0)] * 90 + [(0, 1)] * 10
    alone = figures_of(state_of(labels), replicates=1_000).overall["accuracy"]
    together = figures_of(state_of(labels, rows=[n // 5 for n in range(100)]), replicates=1_000).overall[
        "accuracy"
    ]
    assert alone.value == together.value
    assert width(together) > 1.5 * width(alone)


def width(figure: Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low


def test_all_right_is_not_certain() -> None:
    found = figures_of(state_of([(n % 3, n % 3) for n in range(60)]))
    for figures in (found.overall, *found.by_class):
        for name in METRICS:
            assert figures[name].value == figures[name].high == 1.0
            assert (figures[name].low or 2) < 1.0, name


def test_what_is_undefined_says_why() -> None:
    nothing = figures_of(state_of([]))
    assert {figure.reason for figure in nothing.overall.values()} == {"no gold item was scored"}
    found = figures_of(state_of([(0, 0), (0, 1)])).by_class
    assert found[2]["f1"].reason == "neither gold nor the delivery holds this class on a gold item"
    assert found[1]["recall"].reason == "gold holds no such label"
    assert found[2]["precision"].reason == "no label of this class was delivered"
    assert found[1]["f1"].value == 0.0  # delivered and wrong, which is not undefined


def test_one_class_only_has_no_kappa() -> None:
    assert figures_of(state_of([(0, 0), (0, 0)])).overall["kappa"].value is None
    assert figures_of(state_of([(0, 0), (0, -1)], classes=1)).overall["kappa"].value is None


def test_f1_of_j_and_its_interval() -> None:
    figure = f1_figure(0.6, 40, 0.0, units=50, positives=30)
    low, high = wilson(24, 40, 0.95)
    assert figure.value == pytest.approx(0.75)
    assert (figure.low, figure.high) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))
    wide = f1_figure(0.6, 40, 4 * 0.6 * 0.4 / 40, units=50, positives=30)
    assert (wide.low, wide.high) == pytest.approx(tuple(2 * x / (1 + x) for x in wilson(6, 10, 0.95)))


def test_a_share_of_nothing_is_undefined() -> None:
    assert share_figure(0, 0).value is None
    assert share_figure(3, 4).value == 0.75


# Tags


def test_tags_worked_by_hand() -> None:
    gold = np.array([[1, 1], [1, 0], [0, 0], [0, 0], [1, 0]], bool)
    given_ = np.array([[1, 0], [1, 0], [0, 1], [0, 0], [0, 0]], bool)
    answered = np.array([True, True, True, True, False])
    row, none = np.arange(5), np.zeros(5, np.int64)
    found = figures_of(tag_state(gold, given_, answered, none, row, blocks=1, rows=5), exclusive=False)
    assert found.by_class[0]["recall"].value == pytest.approx(2 / 3)
    assert found.by_class[0]["precision"].value == 1.0
    assert found.by_class[1]["f1"].value == 0.0
    assert found.by_class[1]["accuracy"].value == pytest.approx(3 / 5)
    assert found.overall["accuracy"].value == pytest.approx(2 / 5)
    assert found.overall["f1"].value == pytest.approx(2 * 2 / (2 * 2 + 1 + 2))
    assert "exclusive" in (found.overall["kappa"].reason or "")


def test_an_empty_set_is_right_and_no_answer_is_wrong() -> None:
    none = np.zeros((1, 2), bool)
    for answered, expected in ((True, 1.0), (False, 0.0)):
        state = tag_state(
            none, none, np.array([answered]), np.zeros(1, np.int64), np.zeros(1, np.int64), blocks=1, rows=1
        )
        assert figures_of(state, exclusive=False).overall["accuracy"].value == expected
