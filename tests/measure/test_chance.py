"""Coefficients of agreement beyond chance, for two and for more annotators."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.chance import (
    bennett_s,
    brennan_prediger,
    class_shares,
    conger_kappa,
    fleiss_kappa,
    fleiss_test,
    gwet_ac1,
    gwet_ac2,
    light_kappa,
    pabak,
    percent_agreement,
    prevalence,
    randolph_kappa,
    scott_pi,
)
from assay.measure.coincidence import AgreementState, alpha
from assay.measure.kappa import cohen_kappa, cohen_kappa_errors, pairwise_kappa
from assay.measure.ratings import Ratings
from assay.measure.standard_errors import standard_error
from assay.measure.undefined import Undefined
from assay.measure.weights import agreement_weights, from_disagreement, weights_of
from tests.measure.strategies import CLASSES, rows, tables

# Fleiss, Cohen & Everitt 1969: two clinicians, 200 diagnoses.
DIAGNOSES = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]


def state_of(table: list[list[object]], values: tuple[object, ...] | None = None) -> AgreementState:
    return AgreementState.of(Ratings.from_rows(table, values=values))


def same(one: float | Undefined, other: float | Undefined) -> bool:
    if isinstance(one, Undefined) or isinstance(other, Undefined):
        return isinstance(one, Undefined) and isinstance(other, Undefined)
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def test_the_kappa_paradox_is_shown_and_not_swapped_away() -> None:
    balanced, lopsided = [[40, 9], [6, 45]], [[80, 10], [5, 5]]
    for table in (balanced, lopsided):
        assert percent_agreement(AgreementState.of(Ratings.from_table(table))) == pytest.approx(0.85)
    assert cohen_kappa(balanced) == pytest.approx(0.70, abs=0.005)
    assert cohen_kappa(lopsided) == pytest.approx(0.32, abs=0.005)
    assert pabak(balanced) == pytest.approx(pabak(lopsided))


def test_weighted_kappa_has_the_error_of_fleiss_cohen_and_everitt() -> None:
    weights = np.array([[1, 0, 0.4444], [0, 1, 0.6667], [0.4444, 0.6667, 1]])
    found = cohen_kappa_errors(DIAGNOSES, weights)
    assert not isinstance(found, Undefined)
    assert found.value == pytest.approx(0.5071, abs=5e-5)
    assert found.error == pytest.approx(0.0570, abs=5e-5)
    assert found.error != pytest.approx(0.0524, abs=5e-4)


def test_an_unused_class_changes_linear_weights_when_it_is_on_the_declared_scale() -> None:
    labels = [[1, 1], [1, 2], [4, 4], [4, 2], [2, 2]]
    observed, declared = (
        Ratings.from_rows(labels, values=values).table(0, 1) for values in (None, [1, 2, 3, 4])
    )
    assert cohen_kappa(observed) == cohen_kappa(declared)
    # by hand: ranks 1 2 3 give 1 - (2 / 5) / (22 / 25); the scale 1 2 3 4 gives 1 - (3 / 5) / (33 / 25)
    assert cohen_kappa(observed, "linear") == pytest.approx(1 - (2 / 5) / (22 / 25))
    assert cohen_kappa(declared, "linear") == pytest.approx(1 - (3 / 5) / (33 / 25))


def test_a_declared_class_that_nobody_used_counts_for_ac1_and_brennan_prediger() -> None:
    table = [["a", "a"], ["a", "b"], ["b", "b"]]
    observed, declared = state_of(table), state_of(table, ("a", "b", "c"))
    assert brennan_prediger(observed) == pytest.approx((2 / 3 - 1 / 2) / (1 / 2))
    assert brennan_prediger(declared) == pytest.approx((2 / 3 - 1 / 3) / (2 / 3))
    assert gwet_ac1(observed) == pytest.approx((2 / 3 - 1 / 2) / (1 / 2))
    assert gwet_ac1(declared) == pytest.approx((2 / 3 - 1 / 4) / (3 / 4))
    assert fleiss_kappa(observed) == fleiss_kappa(declared)


@pytest.mark.parametrize("measure", [fleiss_kappa, gwet_ac1, brennan_prediger, randolph_kappa])
def test_one_class_only_is_undefined(measure: object) -> None:
    found = measure(state_of([["a", "a"], ["a", "a", "a"]]))
    assert isinstance(found, Undefined)
    assert "one class" in found.reason


def test_one_class_only_is_undefined_for_two_people() -> None:
    for measure in (cohen_kappa, cohen_kappa_errors, scott_pi):
        assert isinstance(measure([[5, 0], [0, 0]]), Undefined)
    ratings = Ratings.from_rows([["a", "a"], ["a", "a"]])
    assert isinstance(conger_kappa(ratings), Undefined)
    assert isinstance(light_kappa(ratings), Undefined)
    assert isinstance(standard_error("fleiss_kappa", ratings), Undefined)


@pytest.mark.parametrize(
    "measure", [percent_agreement, fleiss_kappa, gwet_ac1, brennan_prediger, fleiss_test]
)
def test_without_a_second_label_nothing_is_claimed(measure: object) -> None:
    for table in ([["a", None], ["b", None]], [[None]], []):
        assert isinstance(measure(state_of(table)), Undefined)


def test_agreement_without_any_case_is_undefined() -> None:
    assert cohen_kappa([[0, 0], [0, 0]]) == Undefined("no item carries two labels")


def test_items_with_one_label_count_for_the_shares_only() -> None:
    pairs, beside = state_of([["a", "a"], ["a", "b"]]), state_of([["a", "a"], ["a", "b"], ["b", None]])
    assert percent_agreement(pairs) == percent_agreement(beside)
    assert class_shares(beside).tolist() == [0.5, 0.5]
    assert fleiss_kappa(beside) == pytest.approx(0.0)


def test_prevalence_counts_labels_and_shares_count_items() -> None:
    state = state_of([["a", "a", "a"], ["b", None, None]])
    assert prevalence(state, "a") == 0.75
    assert class_shares(state).tolist() == [0.5, 0.5]


def test_an_interval_of_width_zero_is_refused() -> None:
    found = cohen_kappa_errors([[5, 0], [0, 5]])
    assert (found.value, found.error) == (1.0, 0.0)
    assert isinstance(found.interval(), Undefined)


def test_kappa_has_no_z_where_one_person_used_a_single_class() -> None:
    found = cohen_kappa_errors([[4, 3], [0, 0]])
    assert found.value == 0
    assert isinstance(found.z, Undefined)


def test_the_test_of_fleiss_needs_the_same_number_of_labels_everywhere() -> None:
    assert isinstance(fleiss_test(state_of([["a", "a", "b"], ["b", "b", None]])), Undefined)


def test_counts_do_not_pretend_to_know_people() -> None:
    counts = Ratings.from_counts([[2, 1], [0, 3]])
    for measure in (conger_kappa, light_kappa, pairwise_kappa):
        with pytest.raises(ValueError, match="not counts"):
            measure(counts)


def test_light_kappa_says_how_many_pairs_have_none() -> None:
    found = light_kappa(Ratings.from_rows([["a", "b", None], ["b", "b", None], [None, None, "a"]]))
    assert isinstance(found, Undefined)
    assert found.reason.startswith("2 of 3 pairs")


@pytest.mark.parametrize("table", [[[1, 2]], [[1, -1], [0, 2]], [[0.5, 1], [1, 1]], [1, 2], "ab"])
def test_what_is_no_confusion_table_is_refused(table: object) -> None:
    with pytest.raises(ValueError, match=r"square|whole|table"):
        cohen_kappa(table)


def test_a_person_who_labels_an_item_in_two_ways_is_refused() -> None:
    again = [("i", "ann", "x"), ("i", "ann", "x"), ("i", "bob", "y")]
    assert Ratings.from_annotations(again).codes.tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="two ways"):
        Ratings.from_annotations([("i", "ann", "x"), ("i", "ann", "y")])


def test_a_label_outside_the_declared_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="not on the declared scale"):
        Ratings.from_rows([["a", "q"]], values=["a", "b"])


@pytest.mark.parametrize(
    "weighting", ["linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar"]
)
def test_named_weights_are_1_for_equal_values_and_0_at_worst(weighting: str) -> None:
    weights = agreement_weights([1, 2, 3, 5], weighting)
    assert np.array_equal(np.diag(weights), np.ones(4))
    assert weights.min() == 0
    assert weights.max() == 1
    assert np.allclose(weights, weights.T)


def test_weights_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown weights"):
        agreement_weights([1, 2], "cubic")
    with pytest.raises(ValueError, match="square"):
        from_disagreement([[0, 1]])
    with pytest.raises(ValueError, match="2 by 2"):
        weights_of(np.eye(3), ["a", "b"])
    with pytest.raises(ValueError, match="diagonal"):
        weights_of(np.zeros((2, 2)), ["a", "b"])


@given(tables())
def test_pi_s_and_kappa_of_two_are_their_general_forms(table: list[list[int]]) -> None:
    ratings = Ratings.from_table(table)
    state = AgreementState.of(ratings)
    assert same(scott_pi(table), fleiss_kappa(state))
    assert same(bennett_s(table), randolph_kappa(state))
    assert same(cohen_kappa(table), conger_kappa(ratings))
    assert same(cohen_kappa(table), light_kappa(ratings))
    assert same(cohen_kappa(table, "quadratic"), conger_kappa(ratings, "quadratic"))


@given(tables())
def test_kappa_does_not_care_who_is_first(table: list[list[int]]) -> None:
    turned = [list(row) for row in zip(*table, strict=True)]
    for weights in ("identity", "linear", "quadratic"):
        assert same(cohen_kappa(table, weights), cohen_kappa(turned, weights))
        one, other = cohen_kappa_errors(table, weights), cohen_kappa_errors(turned, weights)
        if not isinstance(one, Undefined) and not isinstance(other, Undefined):
            assert one.error == pytest.approx(other.error, abs=1e-9)


@given(tables(2))
def test_two_classes_make_all_weights_alike(table: list[list[int]]) -> None:
    for weights in ("linear", "quadratic"):
        assert same(cohen_kappa(table), cohen_kappa(table, weights))


@given(tables())
def test_alpha_lies_above_pi_by_the_small_sample_term(table: list[list[int]]) -> None:
    state = AgreementState.of(Ratings.from_table(table))
    pi, found = scott_pi(table), alpha(state.matrix(), state.values)
    if isinstance(pi, Undefined):
        assert isinstance(found, Undefined)
    else:
        assert found == pytest.approx(1 - (1 - pi) * (state.pairable() - 1) / state.pairable(), abs=1e-9)


@given(rows(), st.randoms())
def test_items_shuffled_and_people_renamed_leave_every_coefficient(
    table: list[list[object]], random: object
) -> None:
    people = list(range(len(table[0])))
    random.shuffle(people)
    shuffled = [[row[person] for person in people] for row in table]
    random.shuffle(shuffled)
    for measure in (percent_agreement, fleiss_kappa, gwet_ac1, brennan_prediger):
        assert measure(state_of(table, CLASSES)) == measure(state_of(shuffled, CLASSES))
    one, other = (Ratings.from_rows(part, values=CLASSES) for part in (table, shuffled))
    assert same(conger_kappa(one), conger_kappa(other))
    assert same(light_kappa(one), light_kappa(other))
    for name in ("gwet_ac", "fleiss_kappa", "krippendorff_alpha", "conger_kappa"):
        before, after = standard_error(name, one), standard_error(name, other)
        if not isinstance(before, Undefined):
            assert after == pytest.approx(before, abs=1e-7)


@given(rows(), st.integers(0, 12))
def test_coefficients_of_a_merged_state_equal_those_of_the_whole(table: list[list[object]], cut: int) -> None:
    whole = state_of(table, CLASSES)
    merged = state_of(table[cut:], CLASSES) + state_of(table[:cut], CLASSES)
    for measure in (percent_agreement, fleiss_kappa, gwet_ac1, brennan_prediger):
        assert measure(merged) == measure(whole)
    assert gwet_ac2(merged, "linear") == gwet_ac2(whole, "linear")


@given(rows(missing=False))
def test_the_standard_error_of_agreement_is_that_of_a_mean(table: list[list[object]]) -> None:
    found = standard_error("percent_agreement", Ratings.from_rows(table, values=CLASSES))
    shares = [percent_agreement(state_of([row], CLASSES)) for row in table]
    if len(table) < 2:
        assert isinstance(found, Undefined)
    else:
        assert found == pytest.approx(np.std(shares, ddof=1) / math.sqrt(len(shares)), abs=1e-12)


@given(rows(items=30))
def test_standard_errors_are_close_to_the_jackknife(table: list[list[object]]) -> None:
    """A second derivation: leaving out one item at a time, on six copies of the table so that it is smooth."""
    table = [row for row in table if sum(cell is not None for cell in row) > 1] * 6
    ratings = Ratings.from_rows(table, values=CLASSES)
    state = AgreementState.of(ratings)
    for name, measure in (("fleiss_kappa", fleiss_kappa), ("gwet_ac", gwet_ac1)):
        found = standard_error(name, ratings)
        if len(table) < 60 or isinstance(found, Undefined):
            continue
        left = [measure(state - state_of([row], CLASSES)) for row in table]
        if any(isinstance(value, Undefined) for value in left):
            continue
        spread = np.var(left) * (len(left) - 1)
        assert found == pytest.approx(math.sqrt(spread), rel=0.1, abs=1e-3)
