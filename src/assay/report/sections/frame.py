"""What every section is made of: a head that hangs from a line, figures in text, folds, tables of figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..fields import Reading
from ..markup import Child, Html, join, name, tag
from ..termlines import State
from ..wording import counted, floor_text, interval_text, metric_name, value_text, whole


def section(anchor: str, title: str, *body: Child, note: Child = None, style: str = "") -> Html:
    """A section with its head; the note stands at the right of the title."""
    head = tag("div", tag("h2", title), tag("p", note, class_="note") if note else None, class_="head")
    return tag("section", head, *body, id=anchor, class_=style or None)


def fold(summary: Child, *body: Child, style: str = "") -> Html:
    """Something that opens without script; on paper it stands open."""
    return tag("details", tag("summary", summary), *body, class_=style or None)


def value_and_interval(
    figure: Reading | None, *, state: State = "plain", floor: float | None = None, interval: bool = True
) -> Html:
    """A figure in text: the value, its interval in small print, or why there is none."""
    if figure is None:
        return tag("span", "–", class_="none")
    if figure.value is None:
        return tag(
            "span", f"not measured: {figure.reason}" if figure.reason else "not measured", class_="none"
        )
    value = tag("b", value_text(figure.value, floor), class_=f"v s-{state}")
    if figure.span is None or not interval:
        return value
    return join([value, " ", tag("span", interval_text(*figure.span), class_="iv")])


@dataclass(frozen=True)
class Entry:
    """A figure to be listed: of which subject, by which metric, against which floor."""

    subject: str
    metric: str
    figure: Reading | None
    floor: float | None = None


def figure_table(entries: Sequence[Entry], *, subject: str = "Subject", summary: str = "") -> Html | None:
    """The table of a chart, folded: every figure with its evidence and method."""
    known = [entry for entry in entries if entry.figure is not None]
    if not known:
        return None
    methods = list(
        dict.fromkeys(entry.figure.method for entry in known if entry.figure and entry.figure.method)
    )
    numbers = {method: index for index, method in enumerate(methods, 1)}
    floors = any(entry.floor is not None for entry in known)
    titles = (subject, "Metric", "Value", "Low", "High", "Floor", "Units", "Positives", "Labels", "Method")
    skipped = {"Floor"} if not floors else set()
    head = tag("tr", [tag("th", title, class_=_number(title)) for title in titles if title not in skipped])
    rows = [_figure_row(entry, numbers, floors=floors) for entry in known]
    notes = tag("ol", [tag("li", method) for method in methods], class_="methods") if methods else None
    table = scroll(tag("table", tag("thead", head), tag("tbody", rows), class_="data"))
    return fold(summary or f"As a table, {counted(len(known), 'figure')}", table, notes, style="twin")


def scroll(table: Child) -> Html:
    """A wide table in a frame of its own, so that the page never scrolls sideways."""
    return tag("div", table, class_="scroll", tabindex="0")


def definition(term: Child, *details: Child) -> Html | None:
    """One row of a list of facts; nothing if there is no fact."""
    present = [detail for detail in details if detail]
    return tag("div", tag("dt", term), tag("dd", present)) if present else None


def definitions(rows: Iterable[Html | None], style: str = "facts") -> Html | None:
    """A list of facts with hairlines."""
    present = [row for row in rows if row is not None]
    return tag("dl", present, class_=style) if present else None


def folded_rows(
    rows: Sequence[Html], visible: int, noun: str, wrap: str = "ul", style: str = "plain"
) -> Html:
    """The first rows, the rest folded under their number."""
    first = tag(wrap, rows[:visible], class_=style)
    if len(rows) <= visible:
        return first
    rest = len(rows) - visible
    return join([first, fold(f"{counted(rest, 'further ' + noun)}", tag(wrap, rows[visible:], class_=style))])


def _figure_row(entry: Entry, numbers: dict[str, int], *, floors: bool) -> Html:
    figure = entry.figure or Reading(None)
    metric = metric_name(entry.metric)
    cells: list[Html] = [tag("th", name(entry.subject), scope="row"), tag("td", metric)]
    if figure.value is None:
        cells.append(tag("td", value_and_interval(figure), colspan=3))
    else:
        shown = (figure.value, figure.low, figure.high)
        cells += [tag("td", value_text(part) if part is not None else "–", class_="n") for part in shown]
    if floors:
        cells.append(tag("td", floor_text(entry.floor) if entry.floor is not None else "", class_="n"))
    counts = (figure.units, figure.positives, figure.labels)
    cells += [tag("td", whole(part) if part is not None else "", class_="n") for part in counts]
    cells.append(tag("td", str(numbers[figure.method]) if figure.method else "", class_="n"))
    return tag("tr", cells)


def _number(title: str) -> str | None:
    return (
        "n" if title in ("Value", "Low", "High", "Floor", "Units", "Positives", "Labels", "Method") else None
    )
