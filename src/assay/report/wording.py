"""How numbers, dates, money, metrics and rules are written on a report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from .fields import Reading

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}
_METRICS = {
    "gold_f1": "F1 against gold",
    "gold_kappa": "Gold kappa",
    "gold_accuracy": "Accuracy against gold",
    "gold_precision": "Precision against gold",
    "gold_recall": "Recall against gold",
    "f1": "F1 against gold",
    "kappa": "Gold kappa",
    "accuracy": "Accuracy against gold",
    "precision": "Precision against gold",
    "recall": "Recall against gold",
    "krippendorff_alpha": "Krippendorff α",
    "cohen_kappa": "Cohen κ",
    "weighted_kappa": "Weighted κ",
    "fleiss_kappa": "Fleiss κ",
    "scott_pi": "Scott π",
    "gwet_ac1": "Gwet AC1",
    "gwet_ac2": "Gwet AC2",
    "brennan_prediger": "Brennan-Prediger",
    "percent_agreement": "Raw agreement",
    "prevalence": "Prevalence",
    "delivered_share": "Delivered share",
    "critical_error_rate": "Critical error rate",
    "wer": "Word error rate",
    "cer": "Character error rate",
    "mean_absolute_error": "Mean absolute error",
    "specific_agreement": "Specific agreement",
    "pairwise_f1": "Pairwise F1",
    "field_accuracy": "Field accuracy",
    "mean_iou": "Mean overlap (IoU)",
    "f1_at_0.5": "F1 at overlap 0.50",
    "f1_at_0.75": "F1 at overlap 0.75",
    "pairwise_f1_at_0.5": "Pairwise F1 at overlap 0.50",
    "pairwise_f1_at_0.75": "Pairwise F1 at overlap 0.75",
    "items_right": "Items without an error",
    "label_alpha": "Class of matched objects, α",
    "instance_alpha": "Instance α",
    "quadratic_kappa": "Quadratic κ",
}
_OUTCOMES = {"accept": "Accept", "rework": "Rework", "reject": "Reject", "not provable": "Not provable"}
_IRREGULAR = {"person": "people", "class": "classes", "delivery": "deliveries", "this": "these"}


def whole(value: int) -> str:
    """A count with its thousands apart: 5,000."""
    return f"{value:,}".replace("-", "−")


def counted(value: int, noun: str) -> str:
    """A count and its noun: 1 item, 5,000 items, 12 people."""
    if value == 1:
        return f"1 {noun}"
    lead, _, last = noun.rpartition(" ")
    return f"{whole(value)} {lead} {_IRREGULAR.get(last, last + 's')}".replace("  ", " ")


def percent(share: float) -> str:
    """A share in per cent: 52%, 0.4%, 99.6%."""
    value = 100 * share
    digits = 0 if value == round(value) or (1 <= abs(value) <= 99) else 1
    return f"{value:.{digits}f}%".replace("-", "−")


def decimals(value: float, floor: float | None = None) -> int:
    """How many decimals show the value without lifting it to 1 or across its floor; three where they suffice."""
    for digits in range(3, 7):
        shown = round(value, digits)
        across = floor is not None and (shown < floor) != (value < floor)
        if not across and (shown == 1) == (value == 1) and (shown == 0) == (value == 0):
            return digits
    return 6


def value_text(value: float, floor: float | None = None) -> str:
    """A figure as it is printed: 0.846; 0.9996 rather than 1.000; −0.031."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace("-", "−")
    if abs(value) >= 10:
        return f"{value:.1f}".replace("-", "−")
    return f"{value:.{decimals(value, floor)}f}".replace("-", "−")


def floor_text(floor: float) -> str:
    """A floor with at least two decimals: 0.90, 0.995."""
    return f"{floor:.2f}" if round(floor, 2) == floor else f"{floor:g}"


def interval_text(low: float, high: float) -> str:
    """An interval: 0.801–0.887; with a negative end, the word *to* keeps it readable."""
    left, right = value_text(low), value_text(high)
    return f"{left} to {right}" if low < 0 else f"{left}–{right}"


def figure_sentence(figure: Reading) -> str:
    """The figure in words, for labels and headlines."""
    if figure.value is None:
        return f"not measured: {figure.reason}" if figure.reason else "not measured"
    span = figure.span
    return value_text(figure.value) + (
        f", 95% interval {value_text(span[0])} to {value_text(span[1])}" if span else ""
    )


def short_decimal(value: float, floor: float | None = None) -> str:
    """A matrix cell: two decimals without the leading zero, .87; 1.00 and −.05; .798 just below a floor of 0.80."""
    across = floor is not None and (round(value, 2) < floor) != (value < floor)
    shown = f"{abs(value):.{decimals(value, floor) if across else 2}f}"
    return ("−" if value < 0 and shown != "0.00" else "") + (shown[1:] if shown.startswith("0") else shown)


def day(moment: str, *, weekday: bool = False) -> str:
    """A date as 14 Aug 2026; what is no date stays as it is."""
    try:
        parsed = date.fromisoformat(moment[:10])
    except ValueError:
        return moment
    plain = f"{parsed.day} {_MONTHS[parsed.month - 1]} {parsed.year}"
    return f"{_DAYS[parsed.weekday()]} {plain}" if weekday else plain


def moment(written: str) -> str:
    """A time as 14 Aug 2026, 16:40 UTC; a date alone stays a date."""
    try:
        parsed = datetime.fromisoformat(written.replace("Z", "+00:00"))
    except ValueError:
        return written
    if "T" not in written and " " not in written:
        return day(written)
    zone = "" if parsed.tzinfo is None else " UTC" if not parsed.utcoffset() else parsed.strftime(" %z")
    return f"{day(written)}, {parsed:%H:%M}{zone}"


def money(currency: str, minor: int) -> str:
    """An amount of minor units: USD 2,145.71."""
    digits = _MINOR_DIGITS.get(currency, 2)
    sign, units = ("−" if minor < 0 else ""), abs(minor)
    major, rest = divmod(units, 10**digits)
    return f"{currency} {sign}{major:,}" + (f".{rest:0{digits}d}" if digits else "")


def metric_name(metric: str) -> str:
    """The name people know a metric by; an unknown one loses its underscores."""
    return _METRICS.get(metric) or metric.replace("_", " ")


def outcome_name(outcome: str) -> str:
    """A verdict as it is stamped: Accept, Rework, Reject, Not provable."""
    return _OUTCOMES.get(outcome, outcome.capitalize())


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence: a, b and c."""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""
