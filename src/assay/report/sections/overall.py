"""Figures over all items: against gold and between people, by every metric that was computed."""

from __future__ import annotations

from ..charts import row_chart, scale_for
from ..fields import COUNTS, Node, Reading, child, reading, text
from ..markup import Html, tag
from ..termlines import LOWER_IS_BETTER, Term, TermLine
from ..wording import metric_name
from .frame import Entry, figure_table, section, value_and_interval
from .key_figures import overall_metric
from .located_figures import alpha_sentence, located_entries, of_all_items


def overall_section(document: Node, terms: list[Term]) -> Html | None:
    """Two lists side by side, every figure drawn on one scale."""
    gold = _entries(child(document, "gold", "overall"))
    gold += [entry for entry in _entries(child(document, "gold", "text")) if entry not in gold]
    people = _entries(child(document, "agreement", "overall"))
    more = [located_entries(document, side) for side in ("gold", "between")]
    gold, people = gold + of_all_items(more[0]), people + of_all_items(more[1])
    if not gold and not people:
        return None
    judged = {line.metric.removeprefix("gold_"): line for line in _overall_lines(terms)}
    columns = [
        _list("Against gold", gold, judged, overall_metric(terms, gold=True)),
        _list("Between people, blind first votes", people, judged, overall_metric(terms, gold=False)),
    ]
    form = text(child(document, "gold", "text"), "normal_form")
    note = f"Texts are compared in the normal form {form}." if form else None
    rest = [entry for side in more for entry in side if entry not in gold and entry not in people]
    table = figure_table([*gold, *people, *rest])
    said = alpha_sentence(document)
    small = tag("p", said, class_="small text") if said else None
    halves = tag("div", columns, class_="halves")
    return section("overall", "All items together", halves, small, table, note=note)


def _entries(overall: Node) -> list[Entry]:
    found = [(key, reading(overall.get(key))) for key in overall if key not in (*COUNTS, "normal_form")]
    return [Entry("all items", key, figure) for key, figure in found if figure is not None]


def _overall_lines(terms: list[Term]) -> list[TermLine]:
    return [term.head for term in terms if not term.head.kind]


def _list(title: str, entries: list[Entry], judged: dict[str, TermLine], first: str) -> Html | None:
    if not entries:
        return None
    entries = sorted(entries, key=lambda entry: entry.metric != first)
    lines = {entry.metric: judged.get(entry.metric) for entry in entries}
    known = [line for line in lines.values() if line]
    errors = any(line.at_most for line in known) or all(entry.metric in LOWER_IS_BETTER for entry in entries)
    scale = scale_for((entry.figure for entry in entries), [line.floor for line in known], at_most=errors)
    rows = []
    for entry in entries:
        line, figure = lines[entry.metric], entry.figure or Reading(None)
        chart = row_chart(
            figure,
            scale,
            label=metric_name(entry.metric),
            state=line.state if line else "plain",
            floor=line.floor if line else None,
            at_most=bool(line and line.at_most),
        )
        drawn = chart if figure.value is not None else None
        value = value_and_interval(
            figure, state=line.state if line else "plain", floor=line.floor if line else None
        )
        cells = [tag("td", drawn, class_="plot"), tag("td", value, class_="value")]
        rows.append(tag("tr", tag("th", metric_name(entry.metric), scope="row"), cells))
    return tag("div", tag("h3", title), tag("table", tag("tbody", rows), class_="mini-table"))
