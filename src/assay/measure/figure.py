"""A figure: a value with its interval, evidence and method, or the reason why it does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from .spread import Spread


@dataclass(frozen=True)
class Figure:
    """What a measure found. ``value is None`` exactly when ``reason`` says why it is undefined.

    ``units`` are the items measured, ``labels`` the labels behind them, ``positives`` the units that carry the
    evidence (gold or delivered objects of the class). ``spread`` answers questions about other levels than 95 %.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    units: int = 0
    labels: int = 0
    positives: int = 0
    method: str = ""
    reason: str | None = None
    spread: Spread | None = None

    def __post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            raise ValueError("a figure has either a value or the reason why it has none")

    @property
    def exists(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def as_json(self) -> dict[str, object]:
        """The figure as it stands in ``report.json``: numbers at 12 significant digits."""
        return {
            "value": rounded(self.value),
            "low": rounded(self.low),
            "high": rounded(self.high),
            "units": self.units,
            "labels": self.labels,
            "positives": self.positives,
            "method": self.method,
            "reason": self.reason,
        }


def undefined(
    reason: str, *, units: int = 0, labels: int = 0, positives: int = 0, method: str = ""
) -> Figure:
    """A figure that does not exist, with its reason.

    >>> undefined("no item has two votes").as_json()["reason"]
    'no item has two votes'
    """
    return Figure(None, None, None, units, labels, positives, method, reason)


def rounded(number: float | None) -> float | None:
    """The number at 12 significant digits, as every JSON document of Assay prints it.

    >>> rounded(1 / 3), rounded(None)
    (0.333333333333, None)
    """
    return None if number is None else float(f"{number:.12g}")
