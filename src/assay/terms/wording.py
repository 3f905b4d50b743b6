"""The sentences of a verdict. They are read on the report: plain, exact, one finding each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from assay.measure.figure import Figure

from .metrics import Metric
from .plain import decimal_text, share_text
from .term import Scope, Term

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SUBJECTS: Final = {"overall": "figures", "class": "classes", "annotator": "people", "slice": "slices"}
_FEWEST_DECIMALS: Final = 3
_MOST_DECIMALS: Final = 12


def number_text(value: float, against: Decimal | None = None) -> str:
    """A figure with three decimals, or as many as it takes to stand on its true side of a bound.

    >>> number_text(0.7124), number_text(0.79996, Decimal("0.80")), number_text(0.8, Decimal("0.80"))
    ('0.712', '0.79996', '0.800')
    """
    exact = Decimal(f"{value:.12g}")
    for decimals in range(_FEWEST_DECIMALS, _MOST_DECIMALS + 1):
        text = f"{exact:.{decimals}f}"
        if against is None or _side(Decimal(text), against) == _side(exact, against):
            return text
    return decimal_text(exact)


def date_text(day: date) -> str:
    """A date as reports write it.

    >>> date_text(date(2026, 4, 10))
    '10 Apr 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def bound_name(term: Term) -> str:
    """``floor`` or ``ceiling``."""
    return "ceiling" if term.at_most else "floor"


def short_side(term: Term) -> str:
    """The side of the bound on which a subject falls short: below a floor, above a ceiling."""
    return "above" if term.at_most else "below"


def good_side(term: Term) -> str:
    """The side of the bound on which a subject passes."""
    return "at or below" if term.at_most else "at or above"


def subject_name(scope: Scope, subject: Mapping[str, str]) -> str:
    """The subject alone: ``fraud``, ``annotator-17``, ``weather fog``, ``the batch``."""
    if scope.kind == "overall":
        return "the batch"
    name = subject[scope.kind]
    if scope.kind == "slice":
        attribute = scope.of or subject.get("attribute")
        return f"{attribute} {name}" if attribute else name
    return name


def tolerance_text(term: Term) -> str:
    """How far from gold a rating still counts as right, if the term says so: ``(right within 1)``."""
    return "" if term.within is None else f" (right within {decimal_text(term.within)})"


def metric_of(metric: Metric, scope: Scope, subject: Mapping[str, str]) -> str:
    """What was measured of whom: ``F1 against gold of fraud``."""
    if scope.kind == "overall":
        return metric.title
    name = subject[scope.kind]
    if scope.kind == "slice":
        attribute = scope.of or subject.get("attribute")
        return f"{metric.title} where {attribute} is {name}" if attribute else f"{metric.title} in {name}"
    return f"{metric.title} {'of' if metric.title.endswith('gold') else 'for'} {name}"


def figure_text(figure: Figure, ends: tuple[float, float] | None, floor: Decimal, level: Decimal) -> str:
    """Value and interval: ``0.712 (0.668–0.755)``; a level other than 95 % is named."""
    if figure.value is None:
        return f"not measured: {figure.reason}"
    value = number_text(figure.value, floor)
    if ends is None:
        return value
    named = "" if level == Decimal("0.95") else f"{share_text(level)}: "
    return f"{value} ({named}{number_text(ends[0], floor)}–{number_text(ends[1], floor)})"


def count_text(figure: Figure, floor: Decimal) -> str:
    """A counted share: ``0.9996, 4,998 of 5,000``."""
    if figure.value is None:
        return f"not measured: {figure.reason}"
    share = number_text(figure.value, Decimal(1) if figure.value < 1 else floor)
    return f"{share}, {round(figure.value * figure.units):,} of {figure.units:,}" if figure.units else share


def certainty_text(level: Decimal, subjects: int, scope: Scope) -> str:
    """``with 95% certainty after allowing for 12 people``."""
    certain = f"with {share_text(level)} certainty"
    return certain if subjects < 2 else f"{certain} after allowing for {subjects_text(subjects, scope)}"


def subjects_text(subjects: int, scope: Scope) -> str:
    """``12 people``: how many subjects share the risk of one wrong finding."""
    return f"{subjects} {_SUBJECTS[scope.kind]}"


def pooled_text(batches: int) -> str:
    """How far evidence was pooled; nothing for a single batch."""
    return "" if batches < 2 else f", pooled over {batches} batches"


def _side(value: Decimal, bound: Decimal) -> int:
    return (value > bound) - (value < bound)
