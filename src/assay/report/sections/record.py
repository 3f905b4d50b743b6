"""The review record, the gold panel, what is proven, and how everything was measured."""

from __future__ import annotations

from collections.abc import Mapping

from ..charts import row_chart, scale_for
from ..fields import Node, as_text, child, count, items, number, reading, text, texts
from ..marks import icon
from ..markup import Child, Html, join, name, tag
from ..termlines import Term
from ..wording import counted, metric_name, percent, whole
from .frame import Entry, definition, definitions, figure_table, fold, section, value_and_interval

_PASSES = {
    "self_check": "Self-check before submitting",
    "review": "Peer review",
    "adjudication": "Adjudication",
}


def review_section(document: Node) -> Html | None:
    """Which passes after the first the delivery carries, and what they changed."""
    review = child(document, "review")
    rows = [_pass(key, child(review, key)) for key in review if isinstance(review[key], Mapping)]
    if not rows and text(document, "audience") == "annotator":
        return None
    if not rows:
        absent = "The delivery carries no self-check, no review and no adjudication."
        return section("review", "Review record", tag("p", absent, class_="text"))
    head = tag(
        "tr",
        tag("th", "Pass"),
        tag("th", "Items", class_="n"),
        tag("th", "Changed", class_="n"),
        tag("th", "By", class_="by"),
    )
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="plain-table passes")
    return section("review", "Review record", table)


def _pass(key: str, done: Node) -> Html:
    by = done.get("by")
    people = (
        text(done, "by") if not isinstance(by, (list, tuple)) else ", ".join(as_text(each) for each in by[:4])
    )
    if isinstance(by, int) and not isinstance(by, bool):
        people = counted(by, "person")
    extra = [
        f"{name_} {_plain(done[name_])}"
        for name_ in done
        if name_ not in ("items", "changed", "by") and _plain(done[name_])
    ]
    numbers = [tag("td", _count(done, field), class_="n", data_title=field) for field in ("items", "changed")]
    title = tag(
        "th",
        _PASSES.get(key, key.replace("_", " ")),
        tag("small", "; ".join(extra)) if extra else None,
        scope="row",
    )
    return tag("tr", title, numbers, tag("td", name(people)))


def gold_section(document: Node, terms: list[Term]) -> Html | None:
    """The gold panel: its size, its makers, and the ceiling their own agreement sets for every floor."""
    gold = child(document, "gold")
    if count(gold, "items") is None:
        return None
    compartments = child(gold, "compartments")
    makers = child(gold, "makers")
    sizes = [f"{key} {_plain(compartments[key])}" for key in compartments]
    missing, ties, outside = (count(gold, key) for key in ("not_delivered", "undecided", "outside_batch"))
    facts = definitions(
        [
            definition("Gold items", _count(gold, "items")),
            definition("Scored in this batch", _count(gold, "scored")),
            definition("Not delivered", f"{whole(missing)}, counted as wrong" if missing else None),
            definition("Undecided", f"{whole(ties)} ties, counted as wrong" if ties else None),
            definition("Outside this batch", f"{whole(outside)}, not scored" if outside else None),
            definition("Compartments", ", ".join(sizes)),
            definition(
                "Made by", counted(count(makers, "count") or 0, "maker") if count(makers, "count") else None
            ),
        ]
    )
    ceilings = _ceilings(makers, terms)
    version = text(child(document, "batch", "versions"), "gold")
    return section("gold", "Gold panel", facts, ceilings, note=f"Version {version}" if version else None)


def _ceilings(makers: Node, terms: list[Term]) -> Html | None:
    overall = reading(child(makers, "ceiling").get("overall")) or reading(makers.get("agreement"))
    if overall is None:
        return None
    by_class = child(makers, "ceiling", "by_class")
    floor = next((term.head.floor for term in terms if not term.head.kind and term.head.against_gold), None)
    scale = scale_for([overall], [floor])
    chart = row_chart(overall, scale, label="Agreement of the makers of gold", floor=floor)
    below = floor is not None and overall.low is not None and overall.low < floor
    drawn = tag("td", chart if overall.value is not None else None, class_="plot")
    row = tag(
        "tr",
        tag("th", "Their agreement", scope="row"),
        drawn,
        tag("td", value_and_interval(overall), class_="value"),
    )
    said = "The ceiling of every floor: labels cannot agree with gold better than its makers agree with each other."
    if below:
        said += " It may be below the floor."
    entries = [Entry("all items", "makers' agreement", reading(makers.get("agreement")))]
    entries += [Entry(each, "ceiling", reading(by_class[each])) for each in by_class]
    return join(
        [
            tag("table", tag("tbody", row), class_="mini-table"),
            tag("p", said, class_="small"),
            figure_table(entries, subject="Class"),
        ]
    )


def proof_section(document: Node) -> Html | None:
    """What this report proves and what it does not, side by side."""
    sides = [
        ("proven", "What this report proves", "accept", "pass"),
        ("not_proven", "What it does not prove", "unprovable", "unp"),
    ]
    shown = []
    for key, title, shape, tone in sides:
        sentences = texts(document, key)
        if sentences:
            rows = [
                tag("li", tag("span", icon(shape), class_=tone), tag("span", sentence))
                for sentence in sentences
            ]
            shown.append(
                tag(
                    "section",
                    tag("div", tag("h2", title), class_="head"),
                    tag("ul", rows, class_="proof"),
                    id=key,
                )
            )
    return tag("div", shown, class_="halves") if shown else None


def method_section(document: Node) -> Html:
    """Method and versions at the left; files with their hashes at the right; the command that recomputes the page."""
    method, batch = child(document, "method"), child(document, "batch")
    interval, versions = child(method, "interval"), child(batch, "versions")
    rows = [
        definition("Agreement", text(method, "agreement")),
        definition("Accuracy", text(method, "accuracy")),
        definition("Final label", text(batch, "final_rule")),
        definition("Interval", _interval(interval)),
        definition("Sample", text(interval, "design")),
        definition("Several tests", text(method, "multiplicity")),
        *[
            definition(key.capitalize() if key != "gold" else "Gold panel", f"version {text(versions, key)}")
            for key in versions
            if text(versions, key)
        ],
        definition(
            "Software",
            f"{text(child(document, 'software'), 'name')} {text(child(document, 'software'), 'version')}".strip(),
        ),
        *[
            definition(metric_name(key).capitalize(), _plain(child(method, "versions")[key]))
            for key in child(method, "versions")
        ],
        definition("Judged", text(document, "judged_at")),
    ]
    left = definitions(rows, "facts lined")
    command = text(document, "command")
    right = tag(
        "div",
        _inputs(document),
        tag("pre", tag("code", command), class_="command") if command else None,
        id="inputs",
    )
    halves = tag("div", tag("div", left), right, class_="halves")
    return section(
        "method",
        "How this was measured",
        halves,
        note="Anyone with the same files gets the same bytes." if command else None,
    )


def _interval(interval: Node) -> str:
    level, replicates = number(interval, "level"), number(interval, "replicates")
    parts = [percent(level) if level is not None else ""]
    if replicates:
        parts.append(f"{text(interval, 'unit') or 'item'}s resampled {replicates:,.0f} times")
    groups = text(interval, "groups")
    parts.append(f"{groups} replicate groups" if groups.isdigit() else groups)
    parts.append(f"seed {text(interval, 'seed')}" if text(interval, "seed") else "")
    return ", ".join(part for part in parts if part)


def _inputs(document: Node) -> Html | None:
    rows = [_input(entry) for entry in items(document, "inputs")]
    if not rows:
        return None
    if len(rows) <= 8:
        return tag("ul", rows, class_="inputs")
    return join(
        [
            tag("ul", rows[:6], class_="inputs"),
            fold(counted(len(rows) - 6, "further file"), tag("ul", rows[6:], class_="inputs")),
        ]
    )


def _input(entry: Node) -> Html:
    sizes = [counted(found, noun) for key, noun in _SIZES if (found := count(entry, key))]
    said = " · ".join(part for part in (text(entry, "role"), text(entry, "format"), *sizes) if part)
    digest: list[Child] = ["sha256 ", text(entry, "sha256")] if text(entry, "sha256") else []
    return tag(
        "li",
        tag("code", name(text(entry, "path")), class_="path"),
        tag("small", said),
        tag("code", digest, class_="hash") if digest else None,
    )


_SIZES = (("items", "item"), ("annotators", "annotator"), ("labels", "label"))


def _count(node: Node, key: str) -> str:
    found = count(node, key)
    return whole(found) if found is not None else "–"


def _plain(found: object) -> str:
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int):
        return whole(found)
    if isinstance(found, Mapping):
        return ", ".join(f"{key} {_plain(found[key])}" for key in found)
    return as_text(found)
