"""How far ratings lie from gold: mean absolute error and bias."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.figure import Figure
from assay.measure.ratings_error import RatingErrors, rating_errors
from assay.measure.replicates import Design

errors = st.lists(st.integers(-4, 4), min_size=2, max_size=40)


def found(
    given_errors: list[int] | list[float], replicates: int = 200, weight: list[float] | None = None
) -> RatingErrors:
    size = len(given_errors)
    design = Design.simple(size)
    if weight is not None:
        design = Design(np.array([0 if w == weight[0] else 1 for w in weight]), np.array(weight))
    return rating_errors(np.array(given_errors, np.float64), np.arange(size), design, replicates, "s")


def assert_sound(figure: Figure) -> None:
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= figure.value <= figure.high
    assert figure.high > figure.low


@given(errors, st.sampled_from([0, 100]))
def test_values_are_the_means_and_their_intervals_hold_them(amounts: list[int], replicates: int) -> None:
    pair = found(amounts, replicates)
    assert pair.absolute.value == pytest.approx(np.mean(np.abs(amounts)))
    assert pair.bias.value == pytest.approx(np.mean(amounts))
    for figure in (pair.absolute, pair.bias):
        assert_sound(figure)
    assert (pair.absolute.low or 0) >= 0


def test_a_stratum_weighs_what_it_weighs_in_the_population() -> None:
    pair = found([0, 0, 2, 2], weight=[1.0, 1.0, 3.0, 3.0])
    assert pair.absolute.value == pytest.approx((2 * 2 * 3) / (2 * 1 + 2 * 3))


def test_both_ways_to_an_interval_agree() -> None:
    amounts = np.random.default_rng(5).normal(0.3, 1.0, 300).tolist()
    drawn, plain = found(amounts, 2_000).bias, found(amounts, 0).bias
    assert (drawn.high or 0) - (drawn.low or 0) == pytest.approx(
        (plain.high or 0) - (plain.low or 0), rel=0.1
    )


def test_equal_errors_are_not_certain() -> None:
    for replicates in (0, 100):
        assert_sound(found([1] * 30, replicates).bias)


@pytest.mark.parametrize("amounts", [[], [2]])
def test_fewer_than_two_ratings_say_nothing(amounts: list[int]) -> None:
    pair = found(amounts)
    assert pair.absolute.reason == pair.bias.reason == "fewer than two ratings on gold items"
    assert pair.absolute.units == len(amounts)
