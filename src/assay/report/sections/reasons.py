"""Why the verdict is what it is: what to redo, what evidence is missing, or what is proven."""

from __future__ import annotations

from collections.abc import Sequence

from ..charts import Scale, row_chart, scale_for
from ..fields import Node, Reading, as_number, child, count, items, reading, text, texts
from ..headline import need_count, need_sentence
from ..marks import icon, state_icon
from ..markup import Child, Html, join, name, safe_link, tag
from ..termlines import State, Term, TermLine, subject_of
from ..wording import counted, day, metric_name, whole
from .frame import definition, definitions, fold, value_and_interval

_REDO_VISIBLE = 4
_EVIDENCE_VISIBLE = 2


def reasons(document: Node, terms: list[Term]) -> Html | None:
    """The rows under the finding, by outcome."""
    match text(child(document, "verdict"), "outcome"):
        case "accept":
            return _standing_counts(terms)
        case "rework":
            return redo_rows(document, terms)
        case "reject":
            return _reject_rows(document, terms)
        case "not provable":
            return join([_evidence_table(terms), redo_rows(document, terms)])
    counts = None if text(document, "audience") == "annotator" else _counts_without_verdict(document)
    return join([counts, redo_rows(document, terms)])


def sentences_shown(document: Node, terms: list[Term]) -> set[str]:
    """Sentences that stand in the rows below the finding already."""
    shown = {text(row, "text") for row in items(child(document, "rework"), "by_reason")[:_REDO_VISIBLE]}
    return shown | {line.reason for term in terms for line in term.having("reject")}


def redo_rows(document: Node, terms: Sequence[Term]) -> Html | None:
    """One row a reason, each with its items and its drawn figure, then the files of the redo list."""
    rework = child(document, "rework")
    rows = items(rework, "by_reason")
    if not rows and not count(rework, "items"):
        return None
    lines = [_line_of(row, terms) for row in rows]
    figures = [reading(row) for row in rows]
    at_most = any(line and line.at_most for line in lines)
    floors = [_floor(row, line) for row, line in zip(rows, lines, strict=True)]
    scale = scale_for(figures, floors, at_most=at_most)
    shown = [_redo_row(row, line, scale) for row, line in zip(rows, lines, strict=True)]
    parts: list[Child] = [tag("ul", shown[:_REDO_VISIBLE], class_="redo")] if shown else []
    if shown[_REDO_VISIBLE:]:
        rest = tag("ul", shown[_REDO_VISIBLE:], class_="redo")
        parts.append(fold(counted(len(shown) - _REDO_VISIBLE, "further reason"), rest))
    parts.append(_redo_files(rework))
    return join(parts)


def evidence_lines(document: Node, terms: Sequence[Term]) -> Html | None:
    """What is not provable yet and what it needs, one tinted line a subject."""
    lines = [line for term in terms for line in term.having("unprovable")]
    if text(child(document, "verdict"), "outcome") == "not provable":
        lines = lines[1:]
    lines = sorted(lines, key=lambda line: not line.needs)
    shown = [_evidence_line(line) for line in {line.title: line for line in reversed(lines)}.values()][::-1]
    if not shown:
        return None
    first = tag("ul", shown[:_EVIDENCE_VISIBLE], class_="evidence")
    if not shown[_EVIDENCE_VISIBLE:]:
        return first
    rest = tag("ul", shown[_EVIDENCE_VISIBLE:], class_="evidence")
    return join(
        [
            first,
            fold(
                f"{counted(len(shown) - _EVIDENCE_VISIBLE, 'further subject')} without enough evidence", rest
            ),
        ]
    )


def _redo_row(row: Node, line: TermLine | None, scale: Scale) -> Html:
    title, state = _title(row), line.state if line else _state(row)
    figure = reading(row) or Reading(None)
    floor = _floor(row, line)
    why = text(row, "text")
    for lead in (f"{title}: ", f"{title.split(', ')[0]}: "):
        why = why.removeprefix(lead)
    rest = reading(row.get("rest"))
    chart = row_chart(
        figure,
        scale,
        label=title,
        state=state,
        floor=floor,
        at_most=bool(line and line.at_most),
    )
    beside = tag("small", "the rest of it: ", value_and_interval(rest)) if rest else None
    return tag(
        "li",
        state_icon(state),
        tag("div", tag("b", name(title)), tag("small", why), beside, class_="what"),
        tag("b", whole(count(row, "items") or 0), class_="items", title="items"),
        tag("span", chart if figure.value is not None else None, class_="drawn"),
        tag(
            "span",
            value_and_interval(figure, floor=floor) if figure.value is not None else None,
            class_="figure",
        ),
    )


def _redo_files(rework: Node) -> Html:
    total = counted(count(rework, "items") or 0, "item")
    files: list[Child] = []
    for path in texts(rework, "files"):
        address = safe_link(path)
        files.append(
            tag("a", path, href=address, class_="file") if address else tag("span", path, class_="file")
        )
    overlap = count(rework, "overlap")
    note = f"{counted(overlap, 'item')} in more than one row, counted once" if overlap else None
    return tag(
        "p", tag("span", f"Redo list, {total}"), files, tag("span", note, class_="aside"), class_="files"
    )


def _evidence_line(line: TermLine) -> Html:
    said = need_sentence(line) or line.reason or f"not enough evidence for {metric_name(line.metric)}"
    pooled = f"; pooled over {line.pooled} batches" if line.pooled > 1 else ""
    words = tag(
        "span", tag("b", name(line.title), ":"), f" {said}{pooled}{'' if said.endswith('.') else '.'}"
    )
    return tag("li", icon("unprovable"), words)


def _evidence_table(terms: Sequence[Term]) -> Html | None:
    line = next((line for term in terms for line in term.having("unprovable")), None)
    if line is None:
        return None
    needs, present = line.needs, line.figure.positives
    missing, many = count(needs, "positives"), count(needs, "items")
    what = text(needs, "what") or line.title
    counted_already = what[:1].isdigit()
    if missing and present is not None and not counted_already:
        pooled = f", pooled over {line.pooled} batches" if line.pooled > 1 else ""
        what = f"{whole(present + missing)} {what}; there are {whole(present)}{pooled}"
    how = [f"{whole(missing)} more" if counted_already else need_count(line)] if missing else []
    how += [f"about {counted(many, 'item')} to label"] if many is not None else []
    source, until = text(needs, "from"), text(needs, "by")
    facts = definitions(
        [
            definition("What", what),
            definition("How many", tag("b", "; ".join(how)) if how else None),
            definition("From whom", f"the {source}" if source in ("buyer", "vendor") else source),
            definition("By when", day(until, weekday=True) if until else None),
            definition("Cost", text(needs, "cost")),
        ],
        "facts lined",
    )
    return join(
        [
            facts,
            _drawn_need(line) if line.figure.value is not None else tag("p", line.reason, class_="summary"),
        ]
    )


def _drawn_need(line: TermLine) -> Html:
    scale = scale_for([line.figure], [line.floor], at_most=line.at_most)
    chart = row_chart(
        line.figure, scale, label=line.title, state=line.state, floor=line.floor, at_most=line.at_most
    )
    said = tag("span", tag("b", name(line.title)), f" {metric_name(line.metric)}", class_="what")
    value = value_and_interval(line.figure, floor=line.floor)
    return tag(
        "p",
        said,
        tag("span", chart, class_="drawn"),
        tag("span", value, class_="figure"),
        class_="drawn-need",
    )


def _standing_counts(terms: Sequence[Term]) -> Html | None:
    lines = [line for term in terms for line in term.lines]
    if not lines:
        return None
    proven = [line for line in lines if line.state == "proven"]
    watched = [line for line in lines if line.state == "watched"]
    unprovable = [line for line in lines if line.state == "unprovable"]
    of = f"of {counted(len(lines), 'subject')} {'lies' if len(proven) == 1 else 'lie'} wholly"
    mixed = any(line.at_most for line in lines)
    rows = [
        ("proven", "Proven", len(proven), f"{of} {'on the good side of' if mixed else 'above'} their floor"),
        (
            "watched",
            "Watched",
            len(watched),
            f"pass, but their interval still reaches {'across' if mixed else 'below'} it",
        ),
        ("unprovable", "Not provable", len(unprovable), _need_names(unprovable)),
    ]
    shown = [
        tag(
            "li",
            state_icon(state),
            tag("b", word, class_=f"s-{state} word" if number else "word zero"),
            tag("b", whole(number), class_="items"),
            tag("span", said),
        )
        for state, word, number, said in _typed(rows)
    ]
    return tag("ul", shown, class_="standing")


def _typed(rows: list[tuple[str, str, int, str]]) -> list[tuple[State, str, int, str]]:
    states: dict[str, State] = {"proven": "proven", "watched": "watched", "unprovable": "unprovable"}
    return [(states[state], word, number, said) for state, word, number, said in rows]


def _need_names(lines: Sequence[TermLine]) -> str:
    return ", ".join(line.title for line in lines[:4]) if lines else "every subject had enough evidence"


def _reject_rows(document: Node, terms: Sequence[Term]) -> Html:
    lines = [line for term in terms for line in term.having("reject")] or [
        line for term in terms for line in term.having("below")
    ]
    scale = scale_for([line.figure for line in lines], [line.reject_below or line.floor for line in lines])
    rows = [
        tag(
            "li",
            state_icon(line.state),
            tag(
                "div",
                tag("b", name(line.title)),
                tag("small", line.reason or metric_name(line.metric)),
                class_="what",
            ),
            tag("span", class_="items"),
            tag("span", _line_chart(line, scale), class_="drawn"),
            tag("span", value_and_interval(line.figure, floor=line.floor), class_="figure"),
        )
        for line in lines[:_REDO_VISIBLE]
    ]
    return join([tag("ul", rows, class_="redo"), redo_rows(document, terms)])


def _line_chart(line: TermLine, scale: Scale) -> Html:
    return row_chart(
        line.figure,
        scale,
        label=line.title,
        state=line.state,
        floor=line.floor,
        reject=line.reject_below,
        at_most=line.at_most,
    )


def _counts_without_verdict(document: Node) -> Html:
    rows = [
        ("findings", len(items(document, "findings")), "on receipt: what the files say that they should not"),
        ("suspicions", len(items(document, "suspicions")), "to look into; none of them decides anything"),
        ("disagreements", len(items(document, "clusters")), "patterns in which people disagree"),
    ]
    titles = {"findings": "Findings", "suspicions": "Suspicions", "disagreements": "Clusters"}
    shown = [
        tag(
            "li",
            icon("plain"),
            tag("a", titles[anchor], href=f"#{anchor}", class_="word")
            if number
            else tag("b", titles[anchor], class_="word zero"),
            tag("b", whole(number), class_="items"),
            tag("span", said),
        )
        for anchor, number, said in rows
    ]
    return tag("ul", shown, class_="standing")


def _title(row: Node) -> str:
    _, subject, attribute = subject_of(row)
    part = child(row, "slice")
    narrowed = [f"{key} {text(part, key)}" for key in part]
    plain = f"{attribute} {subject}".strip() if attribute else subject
    return ", ".join([plain or "all items", *narrowed])


def _line_of(row: Node, terms: Sequence[Term]) -> TermLine | None:
    wanted, (kind, subject, _) = text(row, "term"), subject_of(row)
    for term in terms:
        for line in term.lines if term.id == wanted else ():
            if (line.kind, line.subject) == (kind, subject):
                return line
    return None


def _floor(row: Node, line: TermLine | None) -> float | None:
    found = as_number(row.get("floor"))
    return found if found is not None or line is None else line.floor


def _state(row: Node) -> State:
    return "below" if row.get("floor") is not None else "plain"
