"""Binomial tails beside SciPy's, and for fractions of trials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from assay.measure.tails import mid_p_below


@given(st.integers(1, 5000), st.floats(0, 1), st.floats(0.001, 0.999))
def test_whole_numbers_give_the_binomial_tail(trials: int, part: float, share: float) -> None:
    right = round(part * trials)
    expected = binom.cdf(right, trials, share) - binom.pmf(right, trials, share) / 2
    assert mid_p_below(right, trials, share) == pytest.approx(expected, abs=1e-9)


@given(st.floats(1, 2000), st.floats(0, 1), st.floats(0.01, 0.98))
def test_a_higher_share_makes_few_successes_less_likely(trials: float, part: float, share: float) -> None:
    fewer, more = (mid_p_below(part * trials, trials, s) for s in (share, share + 0.01))
    assert 0 <= more <= fewer + 1e-12 <= 1 + 1e-9


@given(st.floats(1, 500), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_fractions_of_trials_lie_between_whole_ones(trials: float, part: float, share: float) -> None:
    first = int(part * trials)
    if first + 1 < trials:
        between = mid_p_below(first + 0.5, trials, share)
        assert (
            mid_p_below(first, trials, share) - 1e-12
            <= between
            <= mid_p_below(first + 1, trials, share) + 1e-12
        )
