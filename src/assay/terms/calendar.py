"""Time in a contract: durations such as ``10 business days``, and the calendar that turns them into dates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import defaults

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)

DurationUnit = Literal["business days", "days", "weeks", "months", "years"]
DURATION_UNITS: Final[tuple[DurationUnit, ...]] = get_args(DurationUnit)

_LONGEST = 999


@dataclass(frozen=True)
class Duration:
    """A number of days, business days, weeks, months or years. ``str`` gives what the contract says.

    >>> str(Duration(1, "weeks")), str(Duration(10, "business days"))
    ('1 week', '10 business days')
    """

    count: int
    unit: DurationUnit

    def __post_init__(self) -> None:
        if not 1 <= self.count <= _LONGEST:
            raise ValueError(f"a duration counts from 1 to {_LONGEST}, not {self.count}")
        if self.unit not in DURATION_UNITS:
            raise ValueError(f"a duration is in {', '.join(DURATION_UNITS)}, not in {self.unit}")

    def __str__(self) -> str:
        return f"{self.count} {self.unit.removesuffix('s') if self.count == 1 else self.unit}"


def parse_duration(text: str) -> Duration:
    """Read ``10 business days`` or ``1 month``; ValueError says what was expected.

    >>> parse_duration("2 weeks")
    Duration(count=2, unit='weeks')
    """
    number, _, name = text.partition(" ")
    for unit in DURATION_UNITS:
        if number.isdecimal() and number.isascii() and name in (unit, unit.removesuffix("s")):
            return Duration(int(number[:6]), unit)
    raise ValueError("a duration is a number and one of " + ", ".join(DURATION_UNITS) + ": 10 business days")


@dataclass(frozen=True)
class Calendar:
    """Where and when people work: time zone, days off in the week, holidays.

    Deadlines are dates in ``zone``: something due on a date may arrive until that day ends there.
    """

    zone: str = defaults.ZONE
    weekend: tuple[Weekday, ...] = defaults.WEEKEND
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        _zone(self.zone)
        if set(self.weekend) - set(WEEKDAYS):
            raise ValueError("the weekend names days of the week: " + ", ".join(WEEKDAYS))
        if len(set(self.weekend)) > len(WEEKDAYS) - 1:
            raise ValueError("a calendar without a single working day has no deadlines")

    def is_business_day(self, day: date) -> bool:
        """Whether people work on this day."""
        return WEEKDAYS[day.weekday()] not in self.weekend and day not in self.holidays

    def local_date(self, moment: datetime) -> date:
        """The date in the contract's zone; a moment without a zone is refused."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(_zone(self.zone)).date()

    def deadline(self, start: datetime | date, duration: Duration) -> date:
        """The last day of a duration that begins on ``start``; the day of ``start`` itself does not count.

        >>> Calendar().deadline(date(2026, 4, 3), Duration(5, "business days"))
        datetime.date(2026, 4, 10)
        """
        day = self.local_date(start) if isinstance(start, datetime) else start
        if duration.unit == "business days":
            return self._business_days_after(day, duration.count)
        if duration.unit in ("days", "weeks"):
            return day + timedelta(days=duration.count * (7 if duration.unit == "weeks" else 1))
        return _months_after(day, duration.count * (12 if duration.unit == "years" else 1))

    def business_days_between(self, start: date, end: date) -> int:
        """Business days after ``start`` up to and including ``end``; 0 when ``end`` is not later."""
        days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
        return sum(1 for day in days if self.is_business_day(day))

    def _business_days_after(self, day: date, count: int) -> date:
        while count:
            day += timedelta(days=1)
            count -= self.is_business_day(day)
        return day


def business_days(count: int) -> Duration:
    """So many business days."""
    return Duration(count, "business days")


def make_calendar(zone: str, weekend: Iterable[Weekday], holidays: Iterable[date]) -> Calendar:
    """A calendar with its weekend in the order of the week; ValueError says what is wrong."""
    chosen = set(weekend)
    return Calendar(zone, tuple(day for day in WEEKDAYS if day in chosen), frozenset(holidays))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write one such as Asia/Ho_Chi_Minh or UTC") from None


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
