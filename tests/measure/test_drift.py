"""CUSUM charts: how long they run, and that they alarm when they should."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.drift import BinomialCusum, binomial_cusum, cusum_arl, ewma, two_sided_arl
from assay.measure.undefined import Undefined

results = st.lists(st.integers(0, 9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=30)


def test_published_run_lengths_of_the_normal_cusum() -> None:
    # k = .5: h = 4 and 5 give 168 and 465 for two sides (Montgomery, table 9-3)
    for threshold, published in ((4, 168), (5, 465)):
        one_sided = cusum_arl(0.5, threshold)
        assert two_sided_arl(one_sided, one_sided) == pytest.approx(published, abs=1)
    assert cusum_arl(0.5, 5, shift=1) == pytest.approx(10.4, abs=0.05)


def test_fifty_people_times_twenty_classes_alarm_about_once_a_step() -> None:
    assert 50 * 20 / cusum_arl(0.5, 5) == pytest.approx(1, abs=0.1)


def test_the_run_length_does_not_depend_on_the_number_of_states() -> None:
    assert cusum_arl(0.5, 4, states=200) == pytest.approx(cusum_arl(0.5, 4, states=600), rel=1e-3)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_the_exact_run_length_solves_its_equations(share: float) -> None:
    chart = BinomialCusum(step=8, threshold=30)
    moves = np.zeros((30, 30))
    for place in range(30):
        moves[place, max(place - 1, 0)] += 1 - share
        if place + 7 < 30:
            moves[place, place + 7] += share
    expected = np.linalg.solve(np.eye(30) - moves, np.ones(30))[0]
    assert chart.arl(share) == pytest.approx(expected, rel=1e-9)


def test_the_exact_run_length_is_what_runs_show() -> None:
    chart, chance = BinomialCusum(step=6, threshold=18), random.Random(11)
    lengths = []
    for _ in range(4_000):
        total, answers = 0, 0
        while total < chart.threshold:
            total = max(0, total + (chart.step - 1 if chance.random() < 0.15 else -1))
            answers += 1
        lengths.append(answers)
    error = np.std(lengths) / math.sqrt(len(lengths))
    assert chart.arl(0.15) == pytest.approx(np.mean(lengths), abs=4 * error)


def test_a_long_run_loses_no_precision() -> None:
    assert BinomialCusum(step=11, threshold=200).arl(0.05) == pytest.approx(72_320_644_790, rel=1e-9)


def test_a_threshold_is_the_smallest_that_keeps_false_alarms_rare() -> None:
    chart = binomial_cusum(0.05, 0.15, answers_between_false_alarms=2_000)
    assert chart.arl(0.05) >= 2_000 > BinomialCusum(chart.step, chart.threshold - 1).arl(0.05)
    assert chart.arl(0.15) < 100


def test_more_charts_need_a_higher_threshold() -> None:
    alone = binomial_cusum(0.05, 0.15, answers_between_false_alarms=2_000)
    fleet = binomial_cusum(0.05, 0.15, answers_between_false_alarms=2_000, charts=1_000)
    assert fleet.threshold > alone.threshold
    assert fleet.arl(0.05) >= 2_000_000


def test_a_threshold_out_of_reach_says_so() -> None:
    found = binomial_cusum(0.05, 0.06, answers_between_false_alarms=10_000_000, highest=20)
    assert isinstance(found, Undefined)


@given(results, results)
def test_a_stream_can_be_continued(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    chart = BinomialCusum(step=7, threshold=20)
    before = chart.path(first)
    start = before[-1] if before else 0
    assert chart.path([*first, *second]) == before + chart.path(second, start=start)


def test_the_alarm_names_its_place() -> None:
    chart = BinomialCusum(step=10, threshold=20)
    assert chart.first_alarm([(0, 5), (2, 4), (1, 1)]) == 2
    assert chart.first_alarm([(0, 5), (1, 4)]) is None
    with pytest.raises(ValueError, match="3 errors in 2"):
        chart.path([(3, 2)])


@pytest.mark.parametrize("share", [0, -0.1, 1.1])
def test_no_run_length_without_errors(share: float) -> None:
    with pytest.raises(ValueError, match="share of errors"):
        BinomialCusum(step=5, threshold=5).arl(share)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0.05, 1))
def test_a_smoothed_mean_stays_between_the_values(values: list[float], share: float) -> None:
    means = ewma(values, share)
    assert means[0] == values[0]
    assert all(min(values) - 1e-12 <= mean <= max(values) + 1e-12 for mean in means)
