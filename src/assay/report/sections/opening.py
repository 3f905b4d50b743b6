"""The first screen: what was delivered, the verdict, the finding, and where everything else stands."""

from __future__ import annotations

from ..fields import Node, child, count, items, reading, text, texts
from ..headline import headline, verdict_word
from ..marks import stamp
from ..markup import Child, Html, join, name, tag
from ..termlines import Term
from ..wording import counted, day, moment
from .key_figures import key_figures
from .next_steps import next_steps
from .reasons import evidence_lines, reasons, sentences_shown

_SUMMARY_VISIBLE = 3


def opening(document: Node, terms: list[Term]) -> Html:
    """Everything above the terms: the main column and, beside it, what happens next."""
    main = tag(
        "div",
        _stamp_line(document),
        tag("h1", headline(document)),
        _summary(document, terms),
        reasons(document, terms),
        evidence_lines(document, terms),
        key_figures(document, terms),
        _contents(document, terms),
        class_="main",
    )
    return tag(
        "header",
        meta_line(document),
        tag("div", main, next_steps(document), class_="columns"),
        class_="opening",
    )


def meta_line(document: Node) -> Html:
    """Which batch, when, how much, from whom."""
    batch = child(document, "batch")
    delivered, vendor = text(batch, "delivered_at"), text(batch, "vendor")
    parts: list[Child] = [tag("b", name(text(batch, "id") or "Delivery"))]
    if delivered or vendor:
        by = [" by ", name(vendor)] if vendor else None
        parts.append(join(["delivered", f" {moment(delivered)}" if delivered else None, by]))
    sizes = [counted(count(batch, "items") or 0, "item")]
    if count(batch, "labels") is not None:
        sizes.append(counted(count(batch, "labels") or 0, "label"))
    parts.append(tag("b", ", ".join(sizes)))
    judged = text(document, "judged_at")
    if judged:
        parts.append(f"judged {moment(judged)}")
    return tag("p", join(parts, " · "), class_="meta")


def _stamp_line(document: Node) -> Html:
    verdict, batch = child(document, "verdict"), child(document, "batch")
    outcome = text(verdict, "outcome")
    notes: list[Child] = []
    if count(batch, "round"):
        notes.append(f"round {count(batch, 'round')}")
    if outcome == "rework":
        due = next((text(step, "by") for step in items(verdict, "next") if text(step, "who") == "vendor"), "")
        notes.append(join(["due ", tag("b", day(due, weekday=True))]) if due else None)
    if outcome == "not provable" and not count(child(document, "rework"), "items"):
        notes.append("nothing goes back; nothing has to be labelled twice")
    provisional = verdict.get("provisional") is True and bool(outcome)
    if provisional:
        notes.append("no contract was given; this is what the starter template would say")
    if not outcome and text(document, "audience") != "annotator":
        notes.append("figures and findings only" if child(document, "gold") else "checked without gold")
    shown = stamp(outcome, verdict_word(document), provisional=provisional)
    said = tag("span", join([note for note in notes if note], ", "), class_="stamp-note")
    return tag("p", shown, said, class_="stamp-line")


def _summary(document: Node, terms: list[Term]) -> Html | None:
    already = sentences_shown(document, terms)
    sentences = [
        sentence for sentence in texts(child(document, "verdict"), "summary") if sentence not in already
    ]
    if not sentences:
        return None
    rest = sentences[_SUMMARY_VISIBLE:]
    shown = tag("p", " ".join(sentences[:_SUMMARY_VISIBLE]), class_="summary")
    if not rest:
        return shown
    more = tag("ul", [tag("li", sentence) for sentence in rest], class_="plain")
    return join([shown, tag("details", tag("summary", counted(len(rest), "further reason")), more)])


def _contents(document: Node, terms: list[Term]) -> Html | None:
    versions = child(document, "batch", "versions")
    named = [f"{key} {text(versions, key)}" for key in ("guideline", "schema") if text(versions, key)]
    links: list[tuple[str, str]] = []
    if named:
        links.append(("method", ", ".join(named)))
    if child(document, "gold"):
        links.append(("gold", f"gold panel {text(versions, 'gold')}".strip()))
    if items(document, "people"):
        links.append(("people", counted(len(items(document, "people")), "person")))
    if child(document, "agreement", "by_class"):
        links.append(("classes", "agreement by class"))
    elif _has_agreement(document):
        links.append(("overall", "agreement"))
    if child(document, "review"):
        links.append(("review", "review record"))
    if items(document, "clusters"):
        links.append(("disagreements", "disagreements"))
    if items(document, "inputs"):
        links.append(("inputs", "audit trail"))
    shown = [tag("a", words, href=f"#{anchor}") for anchor, words in links]
    return tag("p", tag("span", "In this report"), shown, class_="contents") if shown else None


def _has_agreement(document: Node) -> bool:
    return any(reading(found) for found in child(document, "agreement", "overall").values())
