"""Exact intervals, acceptance plans, sequential tests."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.measure.exact import (
    Plan,
    binomial_quantile,
    clopper_pearson,
    find_plan,
    oc_curve,
    sprt_lines,
    student_interval,
)
from assay.measure.undefined import Undefined


def tail(errors: int, trials: int, share: float) -> float:
    """P(X ≤ errors), summed by hand."""
    return sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(errors + 1))


@given(st.integers(1, 60), st.integers(0, 60), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_ends_of_the_exact_interval_are_just_rejected(trials: int, successes: int, level: float) -> None:
    assume(successes <= trials)
    low, high = clopper_pearson(successes, trials, level)
    assert low <= successes / trials <= high
    if successes > 0:
        assert 1 - tail(successes - 1, trials, low) == pytest.approx((1 - level) / 2, abs=1e-9)
    else:
        assert low == 0
    if successes < trials:
        assert tail(successes, trials, high) == pytest.approx((1 - level) / 2, abs=1e-9)
    else:
        assert high == 1


def test_no_trial_has_no_interval() -> None:
    assert clopper_pearson(0, 0) == Undefined("there was no trial")
    with pytest.raises(ValueError, match="no proportion"):
        clopper_pearson(3, 2)
    with pytest.raises(ValueError, match="between 0 and 1"):
        clopper_pearson(1, 2, 95)


@given(st.floats(0.005, 0.1), st.floats(1.5, 8))
def test_a_plan_keeps_both_risks_and_no_smaller_one_does(good: float, factor: float) -> None:
    bad = good * factor
    assume(bad < 0.6)
    plan = find_plan(good, bad, most=2_000)
    if isinstance(plan, Undefined):
        return
    assert plan.producer_risk(good) <= 0.05
    assert plan.consumer_risk(bad) <= 0.10
    if plan.size > plan.accept + 1:
        assert Plan(plan.size - 1, plan.accept).consumer_risk(bad) > 0.10
    if plan.accept > 0:
        smaller = plan.accept - 1
        size = next(n for n in range(smaller + 1, 5_000) if Plan(n, smaller).consumer_risk(bad) <= 0.10)
        assert Plan(size, smaller).producer_risk(good) > 0.05


def test_the_operating_curve_falls_with_the_share_of_errors() -> None:
    curve = oc_curve(Plan(89, 2), [0, 0.01, 0.02, 0.05, 0.2, 1])
    assert curve[0] == 1
    assert curve[-1] == 0
    assert list(curve) == sorted(curve, reverse=True)
    assert curve[1] == pytest.approx(tail(2, 89, 0.01))


def test_looking_at_the_whole_batch_leaves_no_risk() -> None:
    plan = Plan(50, 2, lot=50)
    assert plan.acceptance(2 / 50) == 1
    assert plan.acceptance(3 / 50) == 0


def test_a_finite_batch_needs_fewer_items() -> None:
    series, batch = find_plan(0.02, 0.1), find_plan(0.02, 0.1, lot=150)
    assert batch.size < series.size


def test_a_plan_that_cannot_exist_says_so() -> None:
    found = find_plan(0.05, 0.051, most=500)
    assert isinstance(found, Undefined)
    assert "500 items" in found.reason


@pytest.mark.parametrize(("size", "accept", "lot"), [(5, 5, None), (5, -1, None), (10, 1, 9)])
def test_an_impossible_plan_is_refused(size: int, accept: int, lot: int | None) -> None:
    with pytest.raises(ValueError, match="a plan"):
        Plan(size, accept, lot)


@pytest.mark.parametrize(("good", "bad"), [(0.1, 0.05), (0, 0.1), (0.1, 1)])
def test_good_must_be_better_than_bad(good: float, bad: float) -> None:
    with pytest.raises(ValueError, match="good < bad"):
        find_plan(good, bad)
    with pytest.raises(ValueError, match="good < bad"):
        sprt_lines(good, bad)


def test_sequential_lines_decide_like_the_likelihood_ratio() -> None:
    good, bad, producer, consumer = 0.01, 0.06, 0.05, 0.10
    lines = sprt_lines(good, bad, producer_risk=producer, consumer_risk=consumer)
    for looked_at in range(1, 300):
        for errors in range(min(looked_at, 12) + 1):
            ratio = (bad / good) ** errors * ((1 - bad) / (1 - good)) ** (looked_at - errors)
            expected = "continue"
            if ratio >= (1 - consumer) / producer:
                expected = "reject"
            elif ratio <= consumer / (1 - producer):
                expected = "accept"
            assert lines.decision(looked_at, errors) == expected


@given(st.floats(0.01, 0.99), st.integers(1, 200), st.floats(0.01, 0.99))
def test_a_binomial_quantile_is_the_smallest_that_reaches_its_probability(
    probability: float, trials: int, share: float
) -> None:
    found = binomial_quantile(probability, trials, share)
    assert tail(found, trials, share) >= probability - 1e-9
    if found > 0:
        assert tail(found - 1, trials, share) <= probability + 1e-9


def test_student_intervals_end_at_the_highest_possible_value() -> None:
    assert student_interval(0.77544, 0.14295, 11)[1] == 1
    assert isinstance(student_interval(1.0, 0.0, 11), Undefined)
    assert isinstance(student_interval(0.5, 0.1, 0), Undefined)
