"""The report of a batch as one HTML file: from general to detailed, method and hashes last."""

from __future__ import annotations

from .embedded import page
from .fields import Node, child, text
from .headline import headline
from .marks import logo
from .markup import Html, join, name, tag
from .sections.classes import classes_section
from .sections.clusters import clusters_section
from .sections.confusion import confusion_section
from .sections.drawn import Pictures, drawn_section
from .sections.error_kinds import error_kinds_section
from .sections.findings import findings_section, suspicions_section
from .sections.next_steps import money_lines
from .sections.opening import opening
from .sections.overall import overall_section
from .sections.people import people_section
from .sections.record import gold_section, method_section, proof_section, review_section
from .sections.slices import slices_sections
from .sections.terms import terms_section
from .termlines import Term, terms_of


def render_html(document: Node, *, report_sha256: str | None = None, pictures: Pictures | None = None) -> str:
    """The report document as a self-contained page that reads and prints without script.

    ``report_sha256`` is the hash of the bytes of ``report.json``; it stands at the foot of every printed page.
    ``pictures`` are images of drawn items as data addresses, by item; those of other items are not embedded.
    """
    terms = terms_of(document)
    sections = [
        opening(document, terms),
        terms_section(document, terms),
        classes_section(document, terms),
        overall_section(document, terms),
        error_kinds_section(document),
        slices_sections(document, terms),
        people_section(document, terms),
        confusion_section(document),
        clusters_section(document, pictures or {}),
        drawn_section(document, pictures or {}),
        suspicions_section(document),
        findings_section(document),
        _record(document, terms),
        money_lines(document),
        proof_section(document),
        method_section(document),
    ]
    body = tag("div", _bar(document), tag("main", [part for part in sections if part]), class_="page")
    batch = text(child(document, "batch"), "id")
    title = f"{headline(document)} {batch} · Assay" if batch else f"{headline(document)} · Assay"
    return page(title, body, foot=_foot(document, report_sha256), pictured=bool(pictures))


def _record(document: Node, terms: list[Term]) -> Html | None:
    review, gold = review_section(document), gold_section(document, terms)
    return tag("div", review, gold, class_="halves") if gold else review


def _bar(document: Node) -> Html:
    batch = child(document, "batch")
    identity, programme = text(batch, "id"), text(batch, "programme")
    buyer, vendor = text(batch, "buyer"), text(batch, "vendor")
    about = ["Report on ", name(identity or "a delivery")]
    if programme:
        about += [", ", name(programme)]
    if buyer or vendor:
        parties = [name(party) for party in (buyer, vendor) if party]
        about += [", for ", join(parties, " and ")]
    return tag(
        "div",
        tag("span", logo(), "Assay", class_="brand"),
        tag("span", join(about), class_="about"),
        class_="bar",
    )


def _foot(document: Node, report_sha256: str | None) -> str:
    contract = text(child(document, "verdict", "contract"), "id")
    batch = text(child(document, "batch"), "id")
    digest = f"sha256 {report_sha256[:8]}…{report_sha256[-4:]}" if report_sha256 else ""
    return ", ".join(part for part in ("Assay report", contract, batch, digest) if part)
