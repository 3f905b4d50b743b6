"""Errors of located labels by kind: how often each occurs, and the drawn items that show it."""

from __future__ import annotations

from collections.abc import Sequence

from ..charts import amount_bar
from ..fields import Node, Reading, child, count, items, reading, text
from ..located_wording import error_meaning, error_word, nouns, object_noun
from ..markup import Html, join, tag
from ..wording import whole
from .frame import section

_ITEMS_LINKED = 5


def error_kinds_section(document: Node) -> Html | None:
    """One neutral bar a kind, from zero, with its figures per 100 items and per 100 objects.

    Against gold; where there is no gold to show, between people.
    """
    located = child(document, "located")
    rows = items(located, "errors")
    between = not rows
    rows = rows or items(located, "differences")
    known = [row for row in rows if count(row, "count") is not None]
    if not known:
        return None
    noun = object_noun(text(child(document, "batch"), "kind")) or "object"
    objects = f"{'' if between else 'gold '}{nouns(noun)}"
    titles = (
        ("kind", None),
        ("", "bar-cell"),
        ("number", "n"),
        ("per 100 items", "n"),
        (f"per 100 {objects}", "n"),
        ("items", "where"),
    )
    head = tag("tr", [tag("th", title, scope="col", class_=style) for title, style in titles])
    most = max((_rate(row) for row in known), default=0.0) or 1.0
    body = [
        _row(row, most, _shown_on(document, text(row, "kind"), of_gold=not between), between=between)
        for row in known
    ]
    table = tag("table", tag("thead", head), tag("tbody", body), class_="plain-table kinds")
    note = (
        "Two people against one another, per pair of people"
        if between
        else "Delivered objects against gold; every object has one kind"
    )
    return section("errors", "Differences by kind" if between else "Errors by kind", table, note=note)


def _row(row: Node, most: float, shown: Sequence[int], *, between: bool) -> Html:
    kind = text(row, "kind")
    per_items, per_objects = reading(row.get("per_100_items")), reading(row.get("per_100_objects"))
    high = per_items.high if per_items else None
    bar = amount_bar(
        _rate(row) / most,
        None if high is None else high / most,
        label=f"{error_word(kind, of_gold=not between)}, per 100 items",
    )
    severity = text(row, "severity")
    said = ", ".join(part for part in (error_meaning(kind), severity) if part)
    links = [tag("a", str(at), href=f"#item-{at}") for at in shown[:_ITEMS_LINKED]]
    return tag(
        "tr",
        tag("th", tag("b", error_word(kind, of_gold=not between)), tag("small", said), scope="row"),
        tag("td", bar, class_="bar-cell"),
        tag("td", whole(count(row, "count") or 0), class_="n", data_title="number"),
        tag("td", _figure(per_items), class_="n", data_title="per 100 items"),
        tag("td", _figure(per_objects), class_="n", data_title="per 100 objects"),
        tag("td", join(links, ", ") if links else None, class_="where", data_title="items"),
    )


def _rate(row: Node) -> float:
    figure = reading(row.get("per_100_items"))
    return figure.value if figure and figure.value is not None else float(count(row, "count") or 0)


def _figure(figure: Reading | None) -> Html:
    if figure is None or figure.value is None:
        return tag("span", "–", class_="none")
    value = tag("b", _hundred(figure.value))
    if not figure.span:
        return value
    return join(
        [value, " ", tag("span", f"{_hundred(figure.span[0])}–{_hundred(figure.span[1])}", class_="iv")]
    )


def _hundred(value: float) -> str:
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _shown_on(document: Node, kind: str, *, of_gold: bool) -> list[int]:
    """The numbers of the drawn items that show a kind of error."""
    kinds = ("missed", "extra") if kind == "alone" else (kind,)
    return [
        at
        for at, item in enumerate(items(document, "drawn"), 1)
        if (item.get("of_gold") is not False) == of_gold
        and any(text(error, "kind") in kinds for error in items(item, "errors"))
    ]
