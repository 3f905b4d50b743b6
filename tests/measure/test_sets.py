"""Label sets: distances, alpha, each label alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.coincidence import krippendorff_alpha
from assay.measure.sets import (
    alpha_by_label,
    jaccard_distance,
    masi_distance,
    set_alpha,
    set_distances,
    set_state,
)
from assay.measure.undefined import Undefined
from tests.measure.strategies import rows

label_sets = st.frozensets(st.sampled_from("abcd"))


@pytest.mark.parametrize("distance", [jaccard_distance, masi_distance])
def test_two_empty_sets_agree_and_an_empty_one_is_as_far_as_can_be_from_a_filled_one(
    distance: object,
) -> None:
    assert distance([], []) == 0
    assert distance([], ["a"]) == 1
    assert distance(["a"], ["b"]) == 1


def test_an_empty_set_is_an_answer_and_none_is_not() -> None:
    table = [[{"a"}, {"a"}], [{"b"}, {"b"}]]
    assert set_alpha([*table, [set(), None]]) == set_alpha(table)
    assert set_alpha([*table, [set(), {"a"}]]) < set_alpha([*table, [set(), set()]]) == 1


def test_masi_uses_exact_thirds() -> None:
    assert masi_distance("ab", "a") == pytest.approx(1 - 1 / 2 * 2 / 3, abs=1e-15)
    assert masi_distance("ab", "ac") == pytest.approx(1 - 1 / 3 * 1 / 3, abs=1e-15)


def test_one_set_only_is_undefined() -> None:
    assert isinstance(set_alpha([[{"a"}, {"a"}], [{"a"}, {"a"}]]), Undefined)


def test_a_label_nobody_chose_has_no_alpha() -> None:
    found = alpha_by_label([[{"a"}, {"a"}], [set(), {"a"}]], labels=["a", "z"])
    assert found["z"] == Undefined("nobody used this class")


def test_a_label_everybody_always_chose_has_no_alpha() -> None:
    assert isinstance(alpha_by_label([[{"a"}, {"a"}]])["a"], Undefined)


def test_an_unknown_distance_is_refused() -> None:
    with pytest.raises(ValueError, match="jaccard, masi"):
        set_distances([frozenset("a")], "dice")
    with pytest.raises(ValueError, match="scale of sets"):
        set_distances(["a"], "masi")


@given(label_sets, label_sets)
def test_distances_are_symmetric_and_zero_for_equal_sets_only(
    one: frozenset[str], other: frozenset[str]
) -> None:
    for distance in (jaccard_distance, masi_distance):
        found = distance(one, other)
        assert found == distance(other, one)
        assert 0 <= found <= 1
        assert (found == 0) == (one == other)
    assert masi_distance(one, other) >= jaccard_distance(one, other) - 1e-15


@given(label_sets, label_sets, label_sets)
def test_jaccard_keeps_the_triangle_inequality(
    one: frozenset[str], other: frozenset[str], third: frozenset[str]
) -> None:
    assert (
        jaccard_distance(one, third) <= jaccard_distance(one, other) + jaccard_distance(other, third) + 1e-12
    )


@given(rows())
def test_sets_of_one_label_have_the_nominal_alpha(table: list[list[object]]) -> None:
    single = [[None if cell is None else {cell} for cell in row] for row in table]
    nominal = krippendorff_alpha(table)
    for distance in ("jaccard", "masi"):
        found = set_alpha(single, distance)
        if isinstance(nominal, Undefined):
            assert found == nominal
        else:
            assert found == pytest.approx(nominal, abs=1e-12)


@given(st.lists(st.lists(label_sets, min_size=3, max_size=3), min_size=1, max_size=8), st.integers(0, 8))
def test_states_of_sets_merge(table: list[list[frozenset[str]]], cut: int) -> None:
    scale = sorted({chosen for row in table for chosen in row}, key=sorted)
    whole = set_state(table, values=scale)
    assert set_state(table[:cut], values=scale) + set_state(table[cut:], values=scale) == whole
