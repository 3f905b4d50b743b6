"""Error rates as ratios of sums over items: values, intervals, and people whose rate stands out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure import error_rates
from assay.measure.error_rates import ErrorSums, error_rate, worse_rates
from assay.measure.suspicion import Thresholds

texts = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 12)), min_size=2, max_size=40)


def sums(rows: list[tuple[int, int]]) -> ErrorSums:
    return ErrorSums(np.array(rows, np.int64).reshape(-1, 2))


def test_a_rate_is_edits_over_reference_of_all_items_together() -> None:
    # 1 of 2 and 0 of 8: one in ten, not the mean of one half and nought
    assert sums([(1, 2), (0, 8)]).rate == 0.1
    assert math.isnan(sums([]).rate)
    assert math.isnan(sums([(3, 0)]).rate)


@given(texts)
def test_the_interval_holds_the_rate_and_is_never_of_width_zero(rows: list[tuple[int, int]]) -> None:
    figure = error_rate(sums(rows), 100, "s", "WER")
    assert figure.value == pytest.approx(sum(e for e, _ in rows) / sum(n for _, n in rows))
    assert figure.low is not None
    assert figure.high is not None
    assert 0 <= figure.low <= figure.value <= figure.high
    assert figure.high - figure.low > 1e-6


def test_one_text_and_an_empty_reference_say_nothing() -> None:
    assert error_rate(sums([(1, 5)]), 100, "s", "WER").reason == "fewer than two texts on gold items"
    assert error_rate(sums([(1, 0), (2, 0)]), 100, "s", "WER").value is None


def test_many_items_are_linearised_to_about_the_same_width(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = np.random.default_rng(3)
    length = luck.integers(3, 20, 800)
    rows = list(zip(luck.binomial(length, 0.1).tolist(), length.tolist(), strict=True))
    drawn = error_rate(sums(rows), 2_000, "s", "WER")
    monkeypatch.setattr(error_rates, "SINGLE_ITEMS_UP_TO", 100)
    linear = error_rate(sums(rows), 2_000, "s", "WER")
    assert "linearised" in linear.method
    assert (linear.high or 0) - (linear.low or 0) == pytest.approx(
        (drawn.high or 0) - (drawn.low or 0), rel=0.1
    )


def test_errors_that_come_together_widen_the_interval() -> None:
    spread = error_rate(sums([(1, 10)] * 40), 1_000, "s", "WER")
    together = error_rate(sums([(10, 10)] * 4 + [(0, 10)] * 36), 1_000, "s", "WER")
    assert spread.value == together.value
    assert (together.high or 0) - (together.low or 0) > 3 * ((spread.high or 0) - (spread.low or 0))


def test_a_person_whose_rate_stands_out_is_the_only_one() -> None:
    good, weak = sums([(0, 10)] * 45 + [(1, 10)] * 5), sums([(3, 10)] * 50)
    (suspect,) = worse_rates([good, good, weak, good], Thresholds())
    assert suspect.subject == (2,)
    assert suspect.shown == pytest.approx(0.3)
    assert suspect.expected == pytest.approx(0.01)
    assert suspect.low < suspect.shown - suspect.expected < suspect.high


def test_a_difference_below_the_stated_effect_is_no_suspicion() -> None:
    usual, slightly = sums([(1, 100)] * 400), sums([(2, 100)] * 400)
    assert worse_rates([usual, usual, slightly], Thresholds()) == []


def test_few_texts_are_no_suspicion() -> None:
    good, weak = sums([(0, 10)] * 50), sums([(9, 10)] * 19)
    assert worse_rates([good, good, weak], Thresholds(least=20)) == []
    assert len(worse_rates([good, good, weak], Thresholds(least=19))) == 1


def test_one_person_is_compared_with_nobody() -> None:
    assert worse_rates([sums([(5, 10)] * 50)], Thresholds()) == []
