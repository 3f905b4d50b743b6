"""The few figures that say how the whole batch stands, each with its interval."""

from __future__ import annotations

from ..fields import COUNTS, Node, Reading, child, count, reading, text
from ..markup import Child, Html, join, tag
from ..termlines import Term
from ..wording import counted, interval_text, metric_name, value_text, whole

_GOLD_ORDER = ("accuracy", "f1", "kappa", "recall", "precision")
_AGREEMENT_ORDER = (
    "krippendorff_alpha",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "percent_agreement",
    "pairwise_f1",
)


def key_figures(document: Node, terms: list[Term]) -> Html | None:
    """Gold, agreement and defects; what cannot be measured says why in the same place."""
    cells = [
        *_text_scores(document),
        _gold(document, terms),
        _agreement(document, terms),
        _defects(document, "critical"),
        _defects(document, "minor"),
        _votes(document),
    ]
    shown = [cell for cell in cells if cell is not None][:5]
    return tag("dl", shown, class_=f"key-figures k{len(shown)}") if shown else None


def overall_metric(terms: list[Term], *, gold: bool) -> str:
    """The metric the contract judges the whole batch by, without its prefix."""
    for term in terms:
        head = term.head
        if not head.kind and head.against_gold == gold and head.metric != "delivered_share":
            return head.metric.removeprefix("gold_")
    return ""


def _gold(document: Node, terms: list[Term]) -> Html | None:
    overall = child(document, "gold", "overall")
    for key in (overall_metric(terms, gold=True), *_GOLD_ORDER):
        figure = reading(overall.get(key)) if key else None
        if figure and key not in (*COUNTS, "wer", "cer"):
            return _cell(metric_name(key), figure)
    return None


def _agreement(document: Node, terms: list[Term]) -> Html | None:
    overall = child(document, "agreement", "overall")
    raw = reading(overall.get("percent_agreement"))
    for key in (overall_metric(terms, gold=False), *_AGREEMENT_ORDER):
        figure = reading(overall.get(key)) if key else None
        if figure:
            beside = raw and raw.value is not None and key != "percent_agreement"
            return _cell(
                metric_name(key),
                figure,
                f"raw agreement {value_text(raw.value)}" if beside and raw and raw.value is not None else "",
            )
    return None


def _defects(document: Node, severity: str) -> Html | None:
    found = child(document, "defects", severity)
    figure = reading(found.get("per_100_items"))
    if figure is None:
        return None
    kinds = child(found, "kinds")
    said = ", ".join(f"{whole(count(kinds, kind) or 0)} {kind.replace('_', ' ')}" for kind in kinds)
    title = f"{severity.capitalize()} per 100 items"
    if figure.value is None:
        return _cell(title, figure)
    shown = _per_hundred(figure.value)
    span = f"{_per_hundred(figure.span[0])}–{_per_hundred(figure.span[1])}" if figure.span else ""
    return _stated(title, shown, " · ".join(part for part in (span, said) if part))


def _text_scores(document: Node) -> list[Html]:
    scores = child(document, "gold", "text")
    figures = [(key, reading(scores.get(key))) for key in ("wer", "cer")]
    return [_cell(metric_name(key), figure) for key, figure in figures if figure]


def _votes(document: Node) -> Html | None:
    if child(document, "gold"):
        return None
    votes = child(document, "batch", "votes_per_item")
    median = text(votes, "median")
    if not median:
        return None
    return _stated("Votes per item", median, f"{text(votes, 'min')} to {text(votes, 'max')}")


def _cell(title: str, figure: Reading, beside: str = "") -> Html:
    if figure.value is None:
        return _stated(title, "–", f"not measured: {figure.reason}" if figure.reason else "not measured")
    span = interval_text(*figure.span) if figure.span else ""
    units = counted(figure.units, "item") if figure.units and not beside else ""
    return _stated(
        title, value_text(figure.value), " · ".join(part for part in (span, beside or units) if part)
    )


def _stated(title: str, value: str, small: str) -> Html:
    parts: list[Child] = [tag("dt", title), tag("dd", value, class_="big"), tag("dd", small, class_="small")]
    return tag("div", join(parts))


def _per_hundred(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
