"""How numbers, dates and money are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.report.wording import (
    counted,
    day,
    floor_text,
    interval_text,
    moment,
    money,
    percent,
    short_decimal,
    value_text,
)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (counted(1, "item"), "1 item"),
        (counted(5000, "item"), "5,000 items"),
        (counted(12, "person"), "12 people"),
        (counted(66, "further class"), "66 further classes"),
        (money("USD", 214571), "USD 2,145.71"),
        (money("VND", 5000), "VND 5,000"),
        (money("USD", -5), "USD −0.05"),
        (day("2026-08-14", weekday=True), "Fri 14 Aug 2026"),
        (day("soon"), "soon"),
        (moment("2026-08-14T16:40:00Z"), "14 Aug 2026, 16:40 UTC"),
        (moment("2026-08-14T16:40:00+07:00"), "14 Aug 2026, 16:40 +0700"),
        (moment("2026-08-14"), "14 Aug 2026"),
        (short_decimal(0.87), ".87"),
        (short_decimal(1.0), "1.00"),
        (short_decimal(-0.05), "−.05"),
        (short_decimal(0.7985, 0.8), ".798"),
        (percent(0.52), "52%"),
        (percent(0.004), "0.4%"),
        (percent(1.0), "100%"),
        (interval_text(0.801, 0.887), "0.801–0.887"),
        (interval_text(-0.05, 0.25), "−0.050 to 0.250"),
        (floor_text(0.9), "0.90"),
        (floor_text(0.995), "0.995"),
        (value_text(-0.0312), "−0.031"),
    ],
)
def test_it_is_written_as_people_read_it(written: str, shown: str) -> None:
    assert written == shown


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_printed_figure_stands_on_the_same_side_of_its_floor(value: float, floor: float) -> None:
    shown, bound = float(value_text(value, round(floor, 2))), round(floor, 2)
    if abs(value - bound) > 1e-6:
        assert (shown < bound) == (value < bound)
    assert abs(shown - value) <= 0.0005


@given(st.floats(0, 1, exclude_max=True))
def test_only_a_perfect_figure_is_printed_as_one(value: float) -> None:
    if 1 - value > 1e-6:
        assert float(value_text(value)) < 1
