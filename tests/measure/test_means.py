"""Means and shares over objects inside items: values by hand, intervals that cover, and none of width zero."""

from __future__ import annotations

import numpy as np
import pytest

from assay.measure.means import mean_figure, mean_rows, share_of_trials, share_rows
from assay.measure.replicates import Design, replicate_sums


def mean(row: np.ndarray, values: np.ndarray, rows: int, **more: object) -> object:
    table, design = mean_rows(row, values, rows), Design.simple(rows)
    (sums,) = replicate_sums([table], design, 400, "seed")
    return mean_figure(table, sums, design, items=rows, method="m", reason="nothing", **more)


def share(row: np.ndarray, right: np.ndarray, rows: int) -> object:
    table, design = share_rows(row, right, rows), Design.simple(rows)
    (sums,) = replicate_sums([table], design, 400, "seed")
    return share_of_trials(table, sums, design, items=rows, method="m", reason="nothing")


def test_the_mean_is_over_objects_and_not_over_items() -> None:
    found = mean(np.array([0, 0, 0, 1]), np.array([0.5, 0.5, 0.5, 1.0]), 2)
    assert found.value == pytest.approx(0.625)
    assert (found.units, found.labels) == (2, 4)


def test_equal_values_keep_an_interval() -> None:
    found = mean(np.arange(10), np.ones(10), 10)
    assert found.low < found.value == found.high == 1
    none = mean(np.arange(10), np.zeros(10), 10, most=None)
    assert none.low == none.value == 0 < none.high


def test_nothing_measured_is_a_reason() -> None:
    nothing = np.zeros(0, np.int64)
    assert mean(nothing, np.zeros(0), 3).reason == "nothing"
    assert share(nothing, np.zeros(0, bool), 3).reason == "nothing"


def test_a_share_of_independent_trials_has_the_interval_of_wilson() -> None:
    right = np.arange(100) < 90
    found = share(np.arange(100), right, 100)
    assert found.value == 0.9
    assert found.low == pytest.approx(0.8256, abs=0.01)
    assert found.high == pytest.approx(0.9448, abs=0.01)


def test_trials_that_err_together_have_a_wider_interval() -> None:
    right = np.arange(400) >= 40
    alone, together = share(np.arange(400), right, 400), share(np.arange(400) // 20, right, 20)
    assert together.value == alone.value
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_the_interval_of_a_mean_covers_the_truth() -> None:
    draw = np.random.default_rng(7)
    inside = 0
    for _ in range(200):
        level = np.repeat(draw.beta(8, 2, 60), 5)
        values = np.clip(level + draw.normal(0, 0.03, 300), 0, 1)
        found = mean(np.repeat(np.arange(60), 5), values, 60)
        inside += found.low <= 0.8 <= found.high
    assert 175 <= inside <= 199
