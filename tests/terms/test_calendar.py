from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.terms.calendar import DURATION_UNITS, Calendar, Duration, make_calendar, parse_duration

FRIDAY = date(2026, 4, 3)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("start", "duration", "deadline"),
    [
        (FRIDAY, "1 business day", date(2026, 4, 6)),
        (FRIDAY, "5 business days", date(2026, 4, 10)),
        (date(2026, 4, 4), "1 business day", date(2026, 4, 6)),  # a Saturday
        (FRIDAY, "30 days", date(2026, 5, 3)),
        (FRIDAY, "2 weeks", date(2026, 4, 17)),
        (date(2026, 1, 31), "1 month", date(2026, 2, 28)),
        (date(2024, 2, 29), "1 year", date(2025, 2, 28)),
        (date(2026, 11, 15), "3 months", date(2027, 2, 15)),
    ],
)
def test_deadlines_by_hand(start: date, duration: str, deadline: date) -> None:
    assert Calendar().deadline(start, parse_duration(duration)) == deadline


def test_holidays_and_another_weekend_move_a_deadline() -> None:
    calendar = make_calendar("Asia/Riyadh", ("saturday", "friday"), [date(2026, 4, 5)])
    assert calendar.weekend == ("friday", "saturday")
    assert calendar.deadline(date(2026, 4, 2), Duration(1, "business days")) == date(2026, 4, 6)


def test_the_day_begins_in_the_zone_of_the_contract() -> None:
    evening = datetime(2026, 4, 3, 20, 0, tzinfo=UTC)  # Saturday morning in Ho Chi Minh City
    assert Calendar().deadline(evening, Duration(1, "business days")) == date(2026, 4, 6)
    assert Calendar("Asia/Ho_Chi_Minh").local_date(evening) == date(2026, 4, 4)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Calendar().local_date(datetime(2026, 4, 3))  # noqa: DTZ001  # the naive moment is the point


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Calendar(zone)


def test_a_week_without_work_is_refused() -> None:
    with pytest.raises(ValueError, match="working day"):
        Calendar(weekend=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))


@pytest.mark.parametrize(
    "text", ["10", "ten days", "10 business", "0 days", "-1 days", "1.5 days", "10  days", "² days"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@given(st.integers(1, 999), st.sampled_from(DURATION_UNITS))
def test_a_duration_reads_back_as_written(count: int, unit: str) -> None:
    duration = Duration(count, unit)  # type: ignore[arg-type]  # drawn from the units
    assert parse_duration(str(duration)) == duration


@given(DAYS, st.integers(1, 60), st.sets(DAYS, max_size=5))
def test_a_deadline_in_business_days_is_a_business_day_so_many_away(
    start: date, count: int, holidays: set[date]
) -> None:
    calendar = make_calendar("UTC", ("saturday", "sunday"), holidays)
    deadline = calendar.deadline(start, Duration(count, "business days"))
    assert calendar.is_business_day(deadline)
    assert calendar.business_days_between(start, deadline) == count
    assert deadline - start >= timedelta(days=count)
