"""Intervals at any level and one-sided tests: they are two faces of one thing, and never claim certainty."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.spread import NormalSpread, ScoreSpread, Spread, snapped, wilson, z_of_level

shares, trials = st.floats(0, 1), st.floats(1, 2_000)
scales = st.sampled_from(["proportion", "f1", "error"])
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


@st.composite
def normal_spreads(draw: st.DrawFn) -> NormalSpread:
    value = draw(st.floats(-0.9, 0.99))
    below, above = draw(st.floats(0.001, 0.5)), draw(st.floats(0.001, 0.5))
    return NormalSpread(value, value - below, min(value + above, 0.999), draw(st.booleans()))


def scored(share: float, count: float, scale: str) -> ScoreSpread:
    return ScoreSpread(share, count, scale)  # type: ignore[arg-type]  # one of the three


def test_published_score_intervals() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, Table I, method 3
    for successes, of, expected in (
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ):
        assert wilson(successes, of, 0.95) == pytest.approx(expected, abs=6e-5)


@given(shares, trials, levels)
def test_the_score_interval_holds_the_share_and_has_a_width(share: float, count: float, level: float) -> None:
    low, high = wilson(share * count, count, level)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    assert high - low > 0


@given(shares, trials, scales)
def test_a_higher_level_reaches_further(share: float, count: float, scale: str) -> None:
    spread = scored(share, count, scale)
    ends = [spread.interval(level) for level in (0.5, 0.9, 0.99)]
    for (low, high), (lower, higher) in pairwise(ends):
        assert lower <= low + 1e-12
        assert high <= higher + 1e-12


@given(shares, st.floats(1, 500), st.floats(1.01, 10), scales)
def test_more_trials_are_narrower(share: float, count: float, factor: float, scale: str) -> None:
    few, many = (
        scored(share, count, scale).interval(0.95),
        scored(share, count * factor, scale).interval(0.95),
    )
    assert many[1] - many[0] < few[1] - few[0]


@given(st.floats(0.01, 0.99), st.floats(3, 500), scales, st.floats(0.02, 0.98))
def test_shown_below_is_what_the_interval_shows(share: float, count: float, scale: str, bound: float) -> None:
    spread = scored(share, count, scale)
    low, high = spread.interval(0.95)
    if abs(high - bound) > 1e-9 and abs(low - bound) > 1e-9:
        assert (spread.p_below(bound) < 0.025) == (high < bound)
        assert (spread.p_above(bound) < 0.025) == (low > bound)


@given(normal_spreads(), st.floats(-0.95, 0.99))
def test_the_same_of_a_normal_spread(spread: NormalSpread, bound: float) -> None:
    low, high = spread.interval(0.95)
    assert (low, high) == pytest.approx((spread.low, spread.high), abs=1e-9)
    if abs(high - bound) > 1e-9 and abs(low - bound) > 1e-9:
        assert (spread.p_below(bound) < 0.025) == (high < bound)
        assert (spread.p_above(bound) < 0.025) == (low > bound)


@given(
    st.one_of(normal_spreads(), st.builds(scored, st.floats(0.01, 0.99), trials, scales)),
    st.floats(0.02, 0.98),
)
def test_below_and_above_exclude_each_other(spread: Spread, bound: float) -> None:
    below, above = spread.p_below(bound), spread.p_above(bound)
    assert 0 <= below <= 1
    assert 0 <= above <= 1
    assert below + above == pytest.approx(1, abs=1e-9)


@given(shares, trials)
def test_f1_is_the_mapped_share_of_jaccard(share: float, count: float) -> None:
    plain, mapped = scored(share, count, "proportion"), scored(share, count, "f1")
    for one, other in zip(plain.interval(0.95), mapped.interval(0.95), strict=True):
        assert other == pytest.approx(2 * one / (1 + one))
    assert plain.p_below(0.5) == pytest.approx(mapped.p_below(2 / 3))


@given(shares, trials, st.floats(0.02, 0.98))
def test_an_error_is_one_less_the_share(share: float, count: float, bound: float) -> None:
    plain, error = scored(share, count, "proportion"), scored(share, count, "error")
    low, high = plain.interval(0.95)
    assert error.interval(0.95) == pytest.approx((1 - high, 1 - low))
    assert error.p_above(1 - bound) == pytest.approx(plain.p_below(bound))


def test_all_right_is_never_certain() -> None:
    spread = scored(1.0, 50, "proportion")
    assert spread.interval(0.95)[0] < 1
    assert 0 < spread.p_above(0.9) < 1
    assert spread.p_below(0.9) > 0.5


def test_a_bound_at_the_end_of_the_scale_has_an_answer() -> None:
    assert scored(0.4, 50, "proportion").p_above(1.0) == 1.0
    assert scored(0.4, 50, "proportion").p_below(1.0) == 0.0
    assert scored(1.0, 50, "proportion").p_below(1.0) == 0.5


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        z_of_level(level)


def test_an_interval_without_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        wilson(0, 0, 0.95)


@given(st.floats(0.001, 0.999))
def test_only_rounding_is_snapped(share: float) -> None:
    assert snapped(share) == share
    assert snapped(1 + 1e-15) == snapped(1 - 1e-15) == 1.0
    assert snapped(-1e-15) == 0.0
