"""The page that a demonstration opens: one card a delivery, then one's own file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .charts import row_chart, scale_for
from .embedded import page
from .fields import Node, Reading, child, count, items, reading, text
from .headline import headline, need_count, verdict_word
from .marks import logo, stamp
from .markup import Child, Html, join, name, safe_link, tag
from .sections.frame import value_and_interval
from .sections.key_figures import overall_metric
from .termlines import State, Term, TermLine, terms_of
from .wording import counted, metric_name, value_text, whole

_COMMANDS = (
    ("assay judge my-labels.csv", "# what is in it, who disagrees"),
    ("assay judge my-labels.csv --gold gold.csv", "# verdict, report, rework.csv"),
)

_OWN_FILE = (
    "No account, no server, no contract needed. "
    "Without gold you get findings and agreement; with gold a verdict and a redo list."
)


def demo_page(
    cards: Sequence[Mapping[str, object]],
    *,
    note: str = "",
    title: str = "May these labels be accepted and paid for? Three deliveries, three answers.",
    reads: str = "Reads CSV, TSV, JSONL, Parquet and the exports of Label Studio.",
) -> str:
    """A self-contained page. A card holds ``document`` (a report), ``href`` (its page), ``title`` and ``note``.

    ``note`` of the page says what was done, as in *three deliveries with a known truth, judged in 21 s*.
    """
    filled = next((at for at, card in enumerate(cards) if _outcome(card) == "rework"), 0)
    said = " · ".join(part for part in ("Demo", note) if part)
    bar = tag(
        "div", tag("span", logo(), "Assay", class_="brand"), tag("span", said, class_="about"), class_="bar"
    )
    shown = [_card(card, filled=at == filled) for at, card in enumerate(cards)]
    body = tag(
        "div",
        bar,
        tag("main", tag("h1", title), tag("ul", shown, class_="cards"), _own_file(reads)),
        class_="page demo",
    )
    return page(f"{title} · Assay", body, foot="Assay demo")


def _outcome(card: Node) -> str:
    return text(child(card, "document", "verdict"), "outcome")


def _card(card: Node, *, filled: bool) -> Html:
    document = child(card, "document")
    batch, terms = child(document, "batch"), terms_of(document)
    size = f"{text(batch, 'kind') or 'label'}s · {counted(count(batch, 'items') or 0, 'item')}"
    title = text(card, "title") or ", ".join(part for part in (text(batch, "programme"), size) if part)
    outcome = text(child(document, "verdict"), "outcome")
    address = safe_link(text(card, "href"))
    button = (
        tag("a", "Open the report", href=address, class_="button filled" if filled else "button")
        if address
        else None
    )
    return tag(
        "li",
        tag("p", stamp(outcome, verdict_word(document)), class_="stamp-line"),
        tag("p", title, class_="small"),
        tag("h2", headline(document)),
        tag("ul", _rows(document, terms), class_="figures"),
        tag("p", text(card, "note"), class_="said") if text(card, "note") else None,
        tag("p", button, class_="open-report") if button else None,
        class_="card",
    )


def _rows(document: Node, terms: list[Term]) -> list[Html]:
    drawn = _drawn_lines(terms)
    scale = scale_for((line.figure for line in drawn), [line.floor for line in drawn])
    rows = [
        _row(line.subject or metric_name(line.metric), row_chart(
            line.figure, scale, label=line.title, state=line.state, floor=line.floor, at_most=line.at_most
        ), value_and_interval(line.figure, floor=line.floor))
        for line in drawn
    ]  # fmt: skip
    already = any(line.metric == "krippendorff_alpha" for line in drawn)
    more = [None if already else _agreement(document), _redo(document), *_need(terms), _standing(terms)]
    return [*rows, *(row for row in more if row is not None)]


def _drawn_lines(terms: list[Term]) -> list[TermLine]:
    """What decides the verdict first, then the figure over all items."""
    order: tuple[State, ...] = ("reject", "below", "unprovable")
    grave = [
        line
        for state in order
        for term in terms
        for line in term.having(state)
        if line.figure.value is not None
    ]
    whole_batch = [term.head for term in terms if not term.head.kind and term.head.figure.span]
    seen: dict[str, TermLine] = {}
    for line in [
        *grave,
        *whole_batch,
        *(term.worst for term in terms if term.worst and term.worst.figure.span),
    ]:
        seen.setdefault(line.title if line.subject else line.metric, line)
    return list(seen.values())[:2]


def _row(label: str, chart: Html | None, value: Child) -> Html:
    parts = [tag("span", name(label), class_="what"), tag("span", chart, class_="drawn") if chart else None]
    return tag("li", parts, tag("span", value, class_="figure"), class_=None if chart else "plain")


def _agreement(document: Node) -> Html | None:
    overall = child(document, "agreement", "overall")
    found = reading(overall.get(overall_metric([], gold=False) or "krippendorff_alpha"))
    raw = reading(overall.get("percent_agreement")) or Reading(None)
    if found is None or found.value is None:
        return None
    beside = (
        tag("span", f"raw agreement {value_text(raw.value)}", class_="iv") if raw.value is not None else None
    )
    return _row("Krippendorff α", None, join([tag("b", value_text(found.value)), " ", beside]))


def _redo(document: Node) -> Html | None:
    rework = child(document, "rework")
    rows = items(rework, "by_reason")
    if not rows:
        return None
    parts = " + ".join(whole(count(row, "items") or 0) for row in rows[:3]) + (
        " + …" if len(rows) > 3 else ""
    )
    return _row(
        "Redo list",
        None,
        join([tag("b", whole(count(rework, "items") or 0)), tag("span", f" items: {parts}", class_="iv")]),
    )


def _need(terms: list[Term]) -> list[Html]:
    lines = [line for term in terms for line in term.having("unprovable") if line.needs]
    return [_row("Evidence needed", None, tag("b", need_count(line))) for line in lines[:1]]


def _standing(terms: list[Term]) -> Html | None:
    lines = [line for term in terms for line in term.lines]
    if not lines:
        return None
    proven, watched = (sum(line.state == state for line in lines) for state in ("proven", "watched"))
    return _row("Proven / watched", None, join([tag("b", whole(proven)), f" / {whole(watched)}"]))


def _own_file(reads: str) -> Html:
    lines = [
        tag("span", command, " ", tag("span", remark, class_="remark"), "\n") for command, remark in _COMMANDS
    ]
    left = tag(
        "div",
        tag("h2", "Now judge your own file"),
        tag(
            "p",
            _OWN_FILE,
        ),
    )
    right = tag("div", tag("pre", tag("code", lines), class_="command"), tag("p", reads, class_="small"))
    return tag("section", tag("div", left, right, class_="own-file"))
