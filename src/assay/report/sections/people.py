"""People: annotator by annotator for a small team, one row a person for a large one."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from ..charts import Scale, axis_foot, axis_head, legend, row_chart, scale_for
from ..fields import COUNTS, Node, Reading, child, count, items, number, reading, text, texts
from ..markup import Child, Html, join, name, tag
from ..termlines import State, Term, TermLine, lookup
from ..wording import counted, floor_text, metric_name, percent, short_decimal, whole
from .dots import Dot, Row, Rows, dot_rows
from .frame import Entry, figure_table, scroll, section, value_and_interval

_MATRIX_PEOPLE = 15
_COMMON_ITEMS = 20
_PAIRS_LISTED = 120
_PEOPLE_LISTED = 1_000
_NOTE = (
    "Scores say how a person reads this guideline; a score alone never ends someone's work, a person decides."
)


def people_section(document: Node, terms: list[Term]) -> Html | None:
    """The matrix with gold at its right, or the list, worst first; then every person as a table."""
    people = items(document, "people")
    if not people:
        return None
    pairs = _pairs(document)
    by_gold, by_people = lookup(terms, "annotator", gold=True), lookup(terms, "annotator", gold=False)
    ordered = sorted(people, key=lambda person: _rank(person, by_gold))
    of_all = len(ordered)
    ordered = _to_look_at(ordered)
    shown = {text(person, "id") for person in ordered}
    if 2 < len(people) <= _MATRIX_PEOPLE and pairs:
        floor = _pair_floor(terms)
        drawn, title = _matrix(ordered, pairs, by_gold, floor), "Annotator by annotator"
        note = "Agreement of each pair on the items both labelled" + (
            f"; cells below {floor_text(floor)} are tinted." if floor is not None else "."
        )
    else:
        own = text(document, "audience") == "annotator"
        drawn, title, note = _list(ordered, by_gold, by_people), "Own scores" if own else "People", ""
    body = [
        drawn,
        _suspicions(document, ordered),
        _left_out(len(ordered), of_all),
        _table([person for person in people if text(person, "id") in shown]),
        _figures(document, shown),
        _pair_table(document),
        tag("p", _NOTE, class_="small text"),
    ]
    return section("people", title, body, note=note or None)


def _to_look_at(ordered: Sequence[Node]) -> list[Node]:
    """The people whom a page can show: all, or of very many those with suspicions and then the first in order."""
    if len(ordered) <= _PEOPLE_LISTED:
        return list(ordered)
    suspected = [person for person in ordered if texts(person, "suspicions")]
    others = [person for person in ordered if not texts(person, "suspicions")]
    return [*suspected, *others][:_PEOPLE_LISTED]


def _left_out(listed: int, of_all: int) -> Html | None:
    if listed == of_all:
        return None
    said = f"{whole(listed)} of {whole(of_all)} people, those to look at first; report.json has the others."
    return tag("p", said, class_="small")


def _rank(person: Node, lines: dict[tuple[str, str], TermLine]) -> tuple[int, float, str]:
    line, gold, others = (
        lines.get(("", text(person, "id"))),
        reading(person.get("gold")),
        reading(person.get("agreement")),
    )
    if line and line.state == "unprovable":
        return (0, 0.0, text(person, "id"))
    enough = line is None or line.ranks
    for figure in (gold, others):
        if figure and figure.value is not None and (enough or figure is not gold):
            return (1 if figure is gold else 2, figure.value, text(person, "id"))
    return (3, 0.0, text(person, "id"))


def _pairs(document: Node) -> dict[tuple[str, str], Node]:
    pairs = items(child(document, "agreement"), "pairs")
    return {
        key: pair
        for pair in pairs
        for key in ((text(pair, "a"), text(pair, "b")), (text(pair, "b"), text(pair, "a")))
    }


def _pair_floor(terms: list[Term]) -> float | None:
    kinds = ("annotator", "", "class")
    judged = [
        term.head
        for term in terms
        if not term.head.against_gold and term.head.metric.endswith(("alpha", "kappa", "f1"))
    ]
    return next((head.floor for kind in kinds for head in judged if head.kind == kind), None)


def _matrix(
    people: Sequence[Node],
    pairs: dict[tuple[str, str], Node],
    lines: dict[tuple[str, str], TermLine],
    floor: float | None,
) -> Html:
    names = [text(person, "id") for person in people]
    short = _short_names(names)
    golds = [reading(person.get("gold")) for person in people]
    with_gold = any(golds)
    judged = [line for each in names if (line := lines.get(("", each)))]
    scale = scale_for(golds, [mark for line in judged for mark in (line.floor, line.reject_below)])
    head: list[Child] = [tag("td"), *(tag("th", tag("code", label), scope="col") for label in short)]
    if with_gold:
        first = judged[0] if judged else None
        labels = axis_head(scale, first.floor, first.reject_below) if first else None
        title = metric_name(first.metric) if first else "Against gold"
        head += [tag("td", labels, class_="axis-cell gap"), tag("th", title, scope="col", class_="value")]
    rows = [
        _matrix_row(
            each,
            label,
            names,
            pairs,
            floor,
            golds[index] if with_gold else None,
            lines.get(("", each)),
            scale,
            with_gold,
        )
        for index, (each, label) in enumerate(zip(names, _row_labels(names, short), strict=True))
    ]
    foot = tag(
        "tr",
        tag("td", colspan=1 + len(names)),
        tag("td", axis_foot(scale), class_="axis-cell gap"),
        tag("td"),
    )
    table = tag(
        "table",
        tag("thead", tag("tr", head)),
        tag("tbody", rows),
        tag("tfoot", foot, aria_hidden="true") if with_gold else None,
        class_=f"matrix{' with-gold' if with_gold else ''}",
    )
    return join([scroll(table), _matrix_legend(floor, judged)])


def _matrix_row(
    each: str,
    label: str,
    names: Sequence[str],
    pairs: dict[tuple[str, str], Node],
    floor: float | None,
    gold: Reading | None,
    line: TermLine | None,
    scale: Scale,
    with_gold: bool,
) -> Html:
    state: State = line.state if line else "plain"
    cells = [tag("th", name(label), scope="row")] + [_cell(each, other, pairs, floor) for other in names]
    if with_gold:
        chart = row_chart(
            gold,
            scale,
            label=f"{each} against gold",
            state=state,
            floor=line.floor if line else None,
            reject=line.reject_below if line else None,
            kind="row",
        )
        value = value_and_interval(gold, state=state, floor=line.floor if line else None)
        cells += [tag("td", chart, class_="plot gap"), tag("td", value, class_="value")]
    return tag("tr", cells, class_="marked" if state in ("below", "reject") else None)


def _cell(a: str, b: str, pairs: dict[tuple[str, str], Node], floor: float | None) -> Html:
    if a == b:
        return tag("td", class_="self")
    pair = pairs.get((a, b))
    value = number(pair, "value") if pair is not None else None
    units = (count(pair, "units") or 0) if pair is not None else 0
    if value is None or units < _COMMON_ITEMS:
        said = f"{counted(units, 'item')} in common"
        return tag("td", tag("span", "?", class_="few", title=said), class_="cell")
    low = floor is not None and value < floor
    return tag("td", short_decimal(value, floor), class_="cell low" if low else "cell")


def _short_names(names: Sequence[str]) -> list[str]:
    lead = len(_common_start(min(names), max(names)).rstrip("0123456789"))
    short = [each[lead:] for each in names]
    if lead and all(0 < len(each) <= 4 for each in short):
        return short
    return [str(index) for index in range(1, len(names) + 1)]


def _common_start(first: str, last: str) -> str:
    """What all names begin with, given the first and last of them in order."""
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(each for each, _ in same)


def _row_labels(names: Sequence[str], short: Sequence[str]) -> list[str]:
    numbered = [f"{label} · {each}" for each, label in zip(names, short, strict=True)]
    return (
        list(names)
        if all(each.endswith(label) for each, label in zip(names, short, strict=True))
        else numbered
    )


def _matrix_legend(floor: float | None, judged: Sequence[TermLine]) -> Html:
    parts = [tag("li", tag("span", class_="swatch low"), "below the floor")] if floor is not None else []
    parts.append(tag("li", tag("span", "?", class_="few"), f"fewer than {_COMMON_ITEMS} items in common"))
    marks = legend((line.state for line in judged), floor=any(line.floor is not None for line in judged))
    return join([tag("ul", parts, class_="legend"), marks if judged else None])


def _list(
    people: Sequence[Node],
    by_gold: dict[tuple[str, str], TermLine],
    by_people: dict[tuple[str, str], TermLine],
) -> Html:
    with_gold = any(reading(person.get("gold")) for person in people)
    rows = []
    for person in people:
        key = ("", text(person, "id"))
        dots = [Dot(reading(person.get("gold")), by_gold.get(key))] if with_gold else []
        dots.append(Dot(reading(person.get("agreement")), by_people.get(key)))
        rows.append(Row(key[1], (_whole(person, "labels"),), tuple(dots)))
    first = next(iter(by_gold.values()), None)
    titles = ([metric_name(first.metric) if first else "Against gold"] if with_gold else []) + [
        "Agreement with the others"
    ]
    return dot_rows(
        Rows(
            subject="annotator",
            facts=("labels",),
            titles=tuple(titles),
            rows=tuple(rows),
            visible=20,
            noun="person",
        )
    )


def _suspicions(document: Node, people: Sequence[Node]) -> Html | None:
    """What is suspected of single people, unless the section of suspicions says it already."""
    already = {text(finding, "text") for finding in items(document, "suspicions")}
    rows = []
    for person in people:
        said = [each for each in texts(person, "suspicions") if each not in already]
        lead = (
            tag("b", name(text(person, "id")))
            if said and not said[0].startswith(text(person, "id"))
            else None
        )
        if said:
            rows.append(tag("li", lead, " ", " ".join(said)))
    if not rows:
        return None
    shown = tag("ul", rows[:8], class_="why")
    rest = rows[8:]
    more = (
        tag("details", tag("summary", counted(len(rest), "further person")), tag("ul", rest, class_="why"))
        if rest
        else None
    )
    return tag(
        "div", tag("h3", "Suspicions about single people, to be looked into"), shown, more, class_="block"
    )


def _table(people: Sequence[Node]) -> Html:
    titles = ("Annotator", "Labels", "Items", "Skipped", "Shares of their answers")
    head = tag("tr", [tag("th", title, class_="n" if title in titles[1:4] else None) for title in titles])
    rows = [
        tag(
            "tr",
            tag("th", name(text(person, "id")), scope="row"),
            [tag("td", _whole(person, key), class_="n") for key in ("labels", "items", "skipped")],
            tag("td", _shares(child(person, "share")), class_="long"),
        )
        for person in people
    ]
    table = scroll(tag("table", tag("thead", head), tag("tbody", rows), class_="data"))
    return tag(
        "details",
        tag("summary", f"What {'each of ' if len(people) > 1 else ''}{counted(len(people), 'person')} did"),
        table,
        class_="twin",
    )


def _shares(shares: Node) -> Html:
    known = sorted(
        ((number(shares, key) or 0.0, key) for key in shares), key=lambda pair: (-pair[0], pair[1])
    )
    parts: list[Html] = [join([name(key), f" {percent(share)}"]) for share, key in known[:6]]
    rest = len(known) - len(parts)
    return join([*parts, *([Html(f"{rest} more")] if rest else [])], ", ")


def _figures(document: Node, shown: Collection[str]) -> Html | None:
    entries = []
    listed = {text(person, "id"): person for person in items(document, "people")}
    by_annotator = child(document, "gold", "by_annotator")
    for identity in dict.fromkeys([*listed, *by_annotator]):
        if identity in listed and identity not in shown:
            continue
        person = listed.get(identity, {})
        entries.append(Entry(identity, "gold", reading(person.get("gold"))))
        entries.append(Entry(identity, "agreement with the others", reading(person.get("agreement"))))
        gold = child(by_annotator, identity)
        entries += [
            Entry(identity, f"gold_{key}", reading(gold[key]))
            for key in gold
            if key not in (*COUNTS, "labels")
        ]
    return figure_table(entries, subject="Annotator")


def _pair_table(document: Node) -> Html | None:
    """Pairs with enough common items, lowest first; of very many, the lowest."""
    pairs = [
        pair for pair in items(child(document, "agreement"), "pairs") if number(pair, "value") is not None
    ]
    pairs.sort(key=lambda pair: (number(pair, "value") or 0.0, text(pair, "a"), text(pair, "b")))
    entries = [
        Entry(f"{text(pair, 'a')} and {text(pair, 'b')}", text(pair, "metric"), reading(pair))
        for pair in pairs[:_PAIRS_LISTED]
    ]
    said = f"Pairs, lowest first: {whole(len(entries))}" + (
        f" of {whole(len(pairs))}" if len(pairs) > len(entries) else ""
    )
    return figure_table(entries, subject="Pair", summary=said)


def _whole(person: Node, key: str) -> str:
    found = count(person, key)
    return whole(found) if found is not None else "–"
