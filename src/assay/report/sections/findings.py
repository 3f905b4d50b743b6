"""Findings on receipt and suspicions: what was found, how often, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..fields import Node, as_text, items, text
from ..marks import icon
from ..markup import Child, Html, join, name, tag
from ..wording import counted, whole
from .frame import fold, section

_VISIBLE = 12
_VALUES = 12
_PLACE = ("file", "line")
_SEVERITIES = ("critical", "major", "minor", "note")


def findings_section(document: Node) -> Html | None:
    """Findings, the gravest first; nothing was repaired."""
    found = items(document, "findings")
    if not found and text(document, "audience") == "annotator":
        return None
    if not found:
        return section(
            "findings", "Findings on receipt", tag("p", "Nothing was found on receipt.", class_="text")
        )
    note = "Nothing was repaired, dropped or overwritten."
    return section("findings", "Findings on receipt", _list(found, "finding"), note=note)


def suspicions_section(document: Node) -> Html | None:
    """Suspicions: for a person to look into; no term counts them."""
    found = items(document, "suspicions")
    if not found:
        return None
    note = "To be looked into by a person; no term of the contract counts them."
    return section("suspicions", "Suspicions", _list(found, "suspicion"), note=note)


def _list(found: Sequence[Node], noun: str) -> Html:
    ordered = sorted(found, key=_gravity)
    first = _table(ordered[:_VISIBLE])
    if not ordered[_VISIBLE:]:
        return first
    return join(
        [first, fold(counted(len(ordered) - _VISIBLE, f"further {noun}"), _table(ordered[_VISIBLE:]))]
    )


def _table(found: Sequence[Node]) -> Html:
    titles = (("", "sign"), ("Found", None), ("About", "about"), ("Evidence", "evidence-cell"))
    head = tag("tr", [tag("th", title, class_=style) for title, style in titles])
    return tag(
        "table",
        tag("thead", head),
        tag("tbody", [_row(each) for each in found]),
        class_="plain-table findings",
    )


def _row(finding: Node) -> Html:
    severity = text(finding, "severity")
    grave = severity in ("critical", "major")
    sign = tag("span", icon("below" if grave else "plain"), class_="s-below" if grave else "s-plain")
    said = [
        text(finding, "text"),
        tag("small", join([severity, name(text(finding, "kind").replace("_", " "))], ", ")),
    ]
    evidence = finding.get("evidence")
    return tag(
        "tr",
        tag("td", sign, class_="sign"),
        tag("td", said, class_="long"),
        tag("td", tag("code", name(text(finding, "subject")))),
        tag("td", _evidence(evidence) if isinstance(evidence, Mapping) else None, class_="evidence-cell"),
    )


def _evidence(evidence: Node) -> Html | None:
    place = _place(evidence)
    rows: list[Child] = []
    for key in evidence:
        if place and key in _PLACE:
            continue
        shown = _value(evidence[key])
        if shown:
            rows.append(tag("div", tag("dt", str(key).replace("_", " ")), tag("dd", shown)))
    where = tag("code", name(place), class_="place") if place else None
    facts = tag("dl", rows, class_="evidence-facts") if rows else None
    return join([where, fold(counted(len(rows), "fact"), facts) if len(rows) > 2 else facts])


def _place(evidence: Node) -> str:
    file, line = text(evidence, "file"), text(evidence, "line")
    return f"{file}:{line}" if file and line else file


def _value(found: object) -> str:
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int):
        return whole(found)
    if isinstance(found, Mapping):
        parts = [f"{key} {_value(found[key])}" for key in list(found)[:_VALUES]]
        return ", ".join(parts) + _more(len(found))
    if isinstance(found, Sequence) and not isinstance(found, (str, bytes)):
        return ", ".join(_value(each) for each in list(found)[:_VALUES]) + _more(len(found))
    return as_text(found)


def _more(number: int) -> str:
    return f" and {whole(number - _VALUES)} more" if number > _VALUES else ""


def _gravity(finding: Node) -> int:
    severity = text(finding, "severity")
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
