from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.terms.holm import holm, holm_adjusted

P_VALUES = st.lists(st.floats(0, 1), max_size=12)


def test_holm_stops_at_the_first_p_value_that_is_too_large() -> None:
    # Hand-worked at 0.05 with m = 4: 0.005 <= .05/4, 0.01 <= .05/3, 0.03 > .05/2 stops, 0.04 is not looked at.
    assert holm([0.01, 0.04, 0.03, 0.005], 0.05) == [True, False, False, True]
    assert holm_adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_one_subject_needs_no_correction() -> None:
    assert holm([0.025], 0.025) == [True]
    assert holm([0.0251], 0.025) == [False]


def test_nobody_tested_means_nothing_rejected() -> None:
    assert holm([], 0.025) == []


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([float("nan")], 0.05)


@given(P_VALUES)
def test_a_smaller_p_value_is_rejected_whenever_a_larger_one_is(p: list[float]) -> None:
    rejected = holm(p, 0.05)
    assert all(
        r or not s
        for r, x in zip(rejected, p, strict=True)
        for s, y in zip(rejected, p, strict=True)
        if x < y
    )


@given(P_VALUES, st.integers(0, 11), st.floats(0, 1))
def test_raising_one_p_value_never_adds_a_rejection(p: list[float], at: int, raised: float) -> None:
    if not p:
        return
    at %= len(p)
    larger = [max(x, raised) if i == at else x for i, x in enumerate(p)]
    assert all(before or not after for before, after in zip(holm(p, 0.05), holm(larger, 0.05), strict=True))


@given(P_VALUES)
def test_holm_rejects_at_least_what_bonferroni_rejects_and_no_more_than_no_correction(p: list[float]) -> None:
    for value, rejected in zip(p, holm(p, 0.05), strict=True):
        assert rejected or value * len(p) > 0.05
        assert not rejected or value <= 0.05
