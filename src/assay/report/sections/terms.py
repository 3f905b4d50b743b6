"""The terms of the contract: what each asks, every subject against its floor, and how it came out."""

from __future__ import annotations

from collections.abc import Sequence

from ..charts import Scale, scale_for, strip
from ..fields import Node, child, text
from ..headline import need_sentence, odds_sentence
from ..marks import icon, outcome_word, state_word
from ..markup import Child, Html, join, name, tag
from ..termlines import State, Term, TermLine, asks, rule_text
from ..wording import counted, floor_text, listed, metric_name, value_text, whole
from .frame import fold, scroll, section, value_and_interval

_NOTES_VISIBLE = 6
_HEADS = (
    ("Term", "id"),
    ("What it asks, and how it decides", "asks"),
    ("Floor", "n"),
    ("Every subject against the floor", "plot"),
    ("Worst judged", "worst"),
    ("Outcome", "outcome-cell"),
    ("Standing of the subjects", "stand"),
)


def terms_section(document: Node, terms: list[Term]) -> Html | None:
    """One row a term, then why, then every subject as a table."""
    if not terms:
        return None
    verdict = child(document, "verdict")
    provisional = verdict.get("provisional") is True
    title = "Terms of the starter template" if provisional else "Terms of the contract"
    scale = scale_for(
        (line.figure for term in terms if not term.head.at_most for line in term.lines),
        [
            mark
            for term in terms
            if not term.head.at_most
            for mark in (term.head.floor, term.head.reject_below)
        ],
    )
    bound = "ceiling" if all(term.head.at_most for term in terms) else "floor"
    heads = [
        (words.replace("floor", bound).replace("Floor", bound.capitalize()), style) for words, style in _HEADS
    ]
    head = tag("tr", [tag("th", words, scope="col", class_=style) for words, style in heads])
    rows = [_row(term, scale) for term in terms]
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="terms")
    note = odds_sentence(document) or _contract_note(verdict, provisional)
    return section("terms", title, table, _notes(terms), _subjects(terms), note=note)


def _contract_note(verdict: Node, provisional: bool) -> str:
    contract = child(verdict, "contract")
    template, identity = text(contract, "template"), text(contract, "id")
    if provisional:
        return f"No contract was given; template {template}." if template else "No contract was given."
    return ", ".join(part for part in (identity, f"template {template}" if template else "") if part)


def _row(term: Term, scale: Scale) -> Html:
    head, worst = term.head, term.worst
    own = scale if not head.at_most else _scale_of(term)
    sign = "≤" if head.at_most else "≥"
    drawable = [line for line in term.lines if line.figure.value is not None]
    is_count = len(term.lines) == 1 and _is_count(head)
    drawn = strip(term.lines, own, label=_spoken(term)) if drawable and not is_count else _count_of(head)
    judged = (
        [
            tag("span", name(worst.subject or worst.title), class_="who"),
            value_and_interval(worst.figure, floor=worst.floor, interval=not is_count),
        ]
        if worst
        else [tag("span", "none yet", class_="none")]
    )
    return tag(
        "tr",
        tag("th", tag("code", name(term.id)), scope="row", class_="id"),
        tag("td", asks(term), tag("small", rule_text(head)), class_="asks"),
        tag("td", tag("b", f"{sign} {head.floor_text}") if head.floor_text else "–", class_="n floor"),
        tag("td", drawn, class_="plot"),
        tag("td", judged, class_="worst"),
        tag("td", outcome_word(term.state), class_="outcome-cell"),
        tag("td", _standing(term), class_="stand"),
    )


def _scale_of(term: Term) -> Scale:
    marks = [term.head.floor, term.head.reject_below]
    return scale_for((line.figure for line in term.lines), marks, at_most=term.head.at_most)


def _count_of(line: TermLine) -> Html:
    figure = line.figure
    if figure.value is None:
        return value_and_interval(figure)
    if figure.units:
        there = whole(round(figure.value * figure.units))
        return tag("span", f"{there} of {counted(figure.units, 'item')}, a count", class_="count")
    return tag("span", "a count", class_="count")


def _is_count(line: TermLine) -> bool:
    """Whether the figure is a count of the whole batch: there is no interval, or one of width zero."""
    span = line.figure.span
    return span is None or (line.metric == "delivered_share" and span[0] == span[1])


def _standing(term: Term) -> Html:
    words: list[tuple[State, str, str]] = [
        ("reject", "rejected", "rejected"),
        ("below", "below" if not term.head.at_most else "above", "below"),
        ("unprovable", "needs evidence", "need evidence"),
        ("watched", "watched", "watched"),
        ("proven", "proven", "proven"),
        ("plain", "measured", "measured"),
    ]
    parts: list[Html] = []
    for state, one, many in words:
        number = len(term.having(state))
        if number:
            said = f"{whole(number)} {one if number == 1 else many if state != 'below' else one}"
            sign = icon("watched") if state == "watched" else None
            parts.append(tag("span", sign, " " if sign else None, said, class_=f"s-{state} st"))
    return join(parts, " ")


def _spoken(term: Term) -> str:
    counts = [f"{len(term.having(state))} {state_word(state)}" for state in _STATES if term.having(state)]
    floor = (
        f", {'ceiling' if term.head.at_most else 'floor'} {term.head.floor_text}"
        if term.head.floor_text
        else ""
    )
    return f"{asks(term)}{floor}: {listed(counts)}"


_STATES: tuple[State, ...] = ("reject", "below", "unprovable", "watched", "proven", "plain")


def _notes(terms: Sequence[Term]) -> Html | None:
    """Why a subject fails or is not provable, and what would change it."""
    grave: tuple[State, ...] = ("reject", "below", "unprovable")
    lines = [line for state in grave for term in terms for line in term.having(state)]
    shown = [_note(line) for line in lines if line.reason or line.changes or line.needs]
    if not shown:
        return None
    first = tag("ul", shown[:_NOTES_VISIBLE], class_="why")
    if not shown[_NOTES_VISIBLE:]:
        return first
    rest = tag("ul", shown[_NOTES_VISIBLE:], class_="why")
    return join([first, fold(f"{counted(len(shown) - _NOTES_VISIBLE, 'further reason')}", rest)])


def _note(line: TermLine) -> Html:
    verb = {"reject": "is rejected", "below": "fails", "unprovable": "needs evidence"}.get(line.state, "")
    head = tag(
        "b",
        name(line.title if line.subject else metric_name(line.metric)),
        f" {verb}.",
        class_=f"s-{line.state}",
    )
    needed = need_sentence(line) if line.needs else ""
    parts = [line.reason, f"Needed: {needed}." if needed else "", line.changes]
    said = " ".join(_ended(part) for part in parts if part)
    return tag("li", head, " ", said, " ", tag("code", name(line.id)))


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _subjects(terms: Sequence[Term]) -> Html:
    number = sum(len(term.lines) for term in terms)
    titles = (
        "Term",
        "Subject",
        "Metric",
        "Value",
        "Interval",
        "Floor",
        "Positives",
        "Units",
        "Outcome",
        "Why, and what would change it",
    )
    head = tag("tr", [tag("th", title, class_=_style(title)) for title in titles])
    rows = [_subject_row(line) for term in terms for line in term.lines]
    table = scroll(tag("table", tag("thead", head), tag("tbody", rows), class_="data"))
    return fold(f"Every term, subject by subject: {counted(number, 'row')}", table, style="twin")


def _subject_row(line: TermLine) -> Html:
    figure = line.figure
    cells: list[Child] = [
        tag("th", tag("code", name(line.id)), scope="row"),
        tag("td", name(line.title)),
        tag("td", metric_name(line.metric)),
    ]
    if figure.value is None:
        cells.append(tag("td", value_and_interval(figure), colspan=2))
    else:
        cells.append(tag("td", tag("b", value_text(figure.value, line.floor)), class_="n"))
        cells.append(
            tag(
                "td",
                f"{value_text(figure.span[0])}–{value_text(figure.span[1])}" if figure.span else "",
                class_="n",
            )
        )
    cells.append(tag("td", floor_text(line.floor) if line.floor is not None else "", class_="n"))
    cells += [
        tag("td", whole(part) if part is not None else "", class_="n")
        for part in (figure.positives, figure.units)
    ]
    cells.append(tag("td", outcome_word(line.state)))
    pooled = f"Pooled over {line.pooled} batches." if line.pooled > 1 else ""
    redo = f"Redo: {line.redo}." if line.redo else ""
    said = " ".join(_ended(part) for part in (line.reason, pooled, line.changes, redo) if part)
    cells.append(tag("td", said, class_="long"))
    return tag("tr", cells)


def _style(title: str) -> str | None:
    return "n" if title in ("Value", "Interval", "Floor", "Positives", "Units") else None
