"""Krippendorff's alpha and the state behind agreement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.coincidence import (
    LEVELS,
    AgreementState,
    alpha,
    alpha_by_class,
    alpha_of_distances,
    distances,
    krippendorff_alpha,
)
from assay.measure.ratings import Ratings
from assay.measure.undefined import Undefined
from assay.measure.weights import agreement_weights
from tests.measure.strategies import CLASSES, rows

# Krippendorff 2011, example C: four observers, twelve units, missing values.
EXAMPLE_C = [
    [1, 1, None, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [None, 5, 5, 5],
    [None, None, 1, 1],
    [None, 3, None, None],
]


def state_of(table: list[list[object]], values: tuple[object, ...] | None = None) -> AgreementState:
    return AgreementState.of(Ratings.from_rows(table, values=values))


def test_alpha_of_a_table_worked_by_hand() -> None:
    # a a | a b | b b: coincidences aa 2, ab 1, ba 1, bb 2; n = 6, D_o = 2/6, D_e = 2 * 3 * 3 / 30
    assert krippendorff_alpha([["a", "a"], ["a", "b"], ["b", "b"]]) == pytest.approx(1 - (2 / 6) / (18 / 30))


def test_interval_alpha_of_a_table_worked_by_hand() -> None:
    # 1 1 | 1 3: the one pair differs by 2, n_1 = 3, n_3 = 1; D_o = 2 * 4 / 4, D_e = 2 * 3 * 1 * 4 / 12
    assert krippendorff_alpha([[1, 1], [1, 3]], "interval") == pytest.approx(1 - 2 / 2)


def test_krippendorffs_rank_metric_is_not_ordinal_weights() -> None:
    state = state_of(EXAMPLE_C)
    rank_metric = alpha(state.matrix(), state.values, "ordinal")
    weighted = alpha_of_distances(state.matrix(), 1 - agreement_weights(state.values, "ordinal"))
    assert rank_metric == pytest.approx(0.81539, abs=5e-6)
    assert weighted == pytest.approx(0.83364, abs=5e-6)


def test_the_ordinal_metric_depends_on_how_often_values_were_used() -> None:
    assert distances("ordinal", [1, 2, 3], [4, 2, 4])[0, 2] == 36
    assert distances("ordinal", [1, 2, 3], [4, 20, 4])[0, 2] == 576


def test_a_value_that_nobody_used_changes_no_alpha() -> None:
    without, beside = state_of(EXAMPLE_C), state_of(EXAMPLE_C, (1, 2, 3, 4, 5, 6))
    for level in LEVELS:
        one, other = (alpha(state.matrix(), state.values, level) for state in (without, beside))
        assert one == pytest.approx(other, abs=1e-14)


@pytest.mark.parametrize("level", LEVELS)
def test_one_class_used_is_undefined_and_neither_1_nor_0(level: str) -> None:
    found = krippendorff_alpha([[3, 3], [3, 3, 3]], level)
    assert isinstance(found, Undefined)
    assert "one class" in found.reason


@pytest.mark.parametrize("table", [[], [[]], [[None, None]], [["a", None], [None, "b"]]])
def test_without_two_labels_on_an_item_alpha_is_undefined(table: list[list[object]]) -> None:
    assert krippendorff_alpha(table) == Undefined("no item carries two labels")


def test_a_class_nobody_used_has_no_alpha_of_its_own() -> None:
    state = state_of([["a", "a"], ["a", "b"]], ("a", "b", "c"))
    assert alpha_by_class(state.matrix(), state.values)["c"] == Undefined("nobody used this class")


def test_a_class_everybody_used_everywhere_has_no_alpha_of_its_own() -> None:
    found = alpha_by_class(state_of([["a", "a"]]).matrix(), ["a"])["a"]
    assert isinstance(found, Undefined)


def test_unmatched_as_a_class_and_as_missing_are_two_figures() -> None:
    as_class = krippendorff_alpha([[1, 1], [0, 3], [3, 0], [1, 2], [2, 2]])
    as_missing = krippendorff_alpha([[1, 1], [None, 3], [3, None], [1, 2], [2, 2]])
    assert as_class == pytest.approx(0.2703, abs=6e-5)
    assert as_missing == pytest.approx(0.4444, abs=6e-5)


def test_texts_have_no_order_until_the_scale_is_declared() -> None:
    table = [["low", "mid"], ["high", "high"], ["mid", "mid"]]
    with pytest.raises(ValueError, match="declare the scale"):
        krippendorff_alpha(table, "ordinal")
    declared = krippendorff_alpha(table, "ordinal", values=["low", "mid", "high"])
    assert declared == krippendorff_alpha([[1, 2], [3, 3], [2, 2]], "ordinal")


def test_numbers_as_text_are_ordered_as_numbers() -> None:
    table = [["9", "10"], ["2", "2"], ["10", "10"]]
    assert krippendorff_alpha(table, "ordinal") == krippendorff_alpha([[9, 10], [2, 2], [10, 10]], "ordinal")
    assert krippendorff_alpha(table, "interval") == krippendorff_alpha(
        [[9, 10], [2, 2], [10, 10]], "interval"
    )


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_distances_of_numbers_refuse_texts(level: str) -> None:
    with pytest.raises(ValueError, match="'low'"):
        krippendorff_alpha([["low", "low"], ["low", "high"]], level, values=["low", "high"])


def test_the_ratio_level_refuses_negative_numbers_and_takes_zero() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        krippendorff_alpha([[-1, 2], [2, 2]], "ratio")
    assert krippendorff_alpha([[0, 0], [1, 1], [0, 1]], "ratio") == krippendorff_alpha(
        [[0, 0], [1, 1], [0, 1]]
    )


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="nominal, ordinal, interval, ratio"):
        krippendorff_alpha([["a", "a"]], "circular")


def test_states_of_different_scales_are_not_merged() -> None:
    with pytest.raises(ValueError, match="different scales"):
        state_of([["a", "a"]]) + state_of([["b", "b"]])


def test_what_is_not_in_a_state_cannot_be_taken_away() -> None:
    with pytest.raises(ValueError, match="not in the state"):
        state_of([["a", "b"]]) - state_of([["a", "b"], ["a", "b"]])


@given(rows(), st.integers(0, 12))
def test_a_merged_state_of_two_halves_equals_the_whole_to_the_bit(
    table: list[list[object]], cut: int
) -> None:
    whole, first, second = (state_of(part, CLASSES) for part in (table, table[:cut], table[cut:]))
    assert first + second == whole == second + first
    assert whole - second == first
    assert (whole - first) + first == whole
    assert np.array_equal((second + first).matrix(), whole.matrix())


@given(rows(), st.randoms())
def test_the_order_of_items_and_of_people_changes_no_bit(table: list[list[object]], random: object) -> None:
    people = list(range(len(table[0])))
    random.shuffle(people)
    shuffled = [[row[person] for person in people] for row in table]
    random.shuffle(shuffled)
    assert state_of(shuffled, CLASSES) == state_of(table, CLASSES)
    assert krippendorff_alpha(shuffled) == krippendorff_alpha(table)


@given(rows())
def test_other_names_for_the_classes_change_nothing(table: list[list[object]]) -> None:
    names = {"a": "z", "b": "y", "c": "x", "d": "w", None: None}
    before, after = (
        krippendorff_alpha(part) for part in (table, [[names[cell] for cell in row] for row in table])
    )
    if isinstance(before, Undefined):
        assert after == before
    else:
        assert after == pytest.approx(before, abs=1e-12)


@given(rows(("a", "b")))
def test_of_two_classes_each_has_the_alpha_of_the_whole(table: list[list[object]]) -> None:
    state = state_of(table, ("a", "b"))
    whole, parts = alpha(state.matrix(), state.values), alpha_by_class(state.matrix(), state.values)
    if isinstance(whole, Undefined):
        assert all(isinstance(part, Undefined) for part in parts.values())
    else:
        assert parts["a"] == pytest.approx(whole, abs=1e-12)
        assert parts["b"] == pytest.approx(whole, abs=1e-12)


@given(rows())
def test_alpha_of_a_class_is_alpha_of_the_folded_ratings(table: list[list[object]]) -> None:
    state = state_of(table, CLASSES)
    folded = [[None if cell is None else cell == "b" for cell in row] for row in table]
    direct, found = krippendorff_alpha(folded), alpha_by_class(state.matrix(), CLASSES)["b"]
    against_rest = state.against_rest("b")
    again = alpha(against_rest.matrix(), against_rest.values)
    if isinstance(direct, Undefined):
        assert isinstance(found, Undefined)
        assert isinstance(again, Undefined)
    else:
        assert found == pytest.approx(direct, abs=1e-12)
        assert again == pytest.approx(direct, abs=1e-12)


@given(rows((1, 2, 3)))
def test_complete_agreement_is_1_and_nothing_is_above(table: list[list[object]]) -> None:
    for level in LEVELS:
        found = krippendorff_alpha(table, level)
        assert isinstance(found, Undefined) or found <= 1
    first = [[next((cell for cell in row if cell is not None), 1)] * 2 for row in table]
    agreed = krippendorff_alpha(first)
    assert isinstance(agreed, Undefined) or agreed == 1


@given(rows())
def test_a_weighted_matrix_keeps_the_small_sample_term_of_its_labels(table: list[list[object]]) -> None:
    state = state_of(table)
    plain = alpha(state.matrix(), state.values)
    weighted = alpha(state.matrix() * 3.5, state.values, pairable=state.pairable())
    if isinstance(plain, Undefined):
        assert weighted == plain
    else:
        assert weighted == pytest.approx(plain, abs=1e-12)
