"""One annotator's copy of a report: their own row, their own redo items, and the patterns they took part in."""

from __future__ import annotations

from .fields import Node, child, count, items, text, texts
from .located_audience import located_for_annotator
from .termlines import subject_of

_ANOTHER = "another annotator"
_KEPT = ("schema", "software", "judged_at", "batch", "method")


def own_scores(document: Node, annotator: str | None) -> dict[str, object]:
    """The copy for one person; the document must have lost its gold before."""
    people = [person for person in items(document, "people") if text(person, "id") == annotator]
    scores = child(document, "gold", "by_annotator", annotator or "")
    return {
        **{key: document[key] for key in _KEPT if key in document},
        "audience": "annotator",
        "verdict": None,
        "money": None,
        "rework": _rework(document, annotator, people),
        "agreement": {"overall": {}, "by_class": {}, "by_slice": {}, "pairs": []},
        "gold": {"by_annotator": {annotator: scores}} if scores else None,
        "defects": None,
        "people": [{**person, "suspicions": []} for person in people],
        "slices": [],
        "clusters": _clusters(document, annotator),
        "clusters_rest": {"count": 0, "share": 0},
        "findings": _findings(document, annotator),
        "suspicions": [],
        "review": {},
        "proven": [],
        "not_proven": [],
        "inputs": [],
        "command": "",
        **located_for_annotator(document, annotator),
    }


def _rework(document: Node, annotator: str | None, people: list[Node]) -> dict[str, object]:
    rows = [
        row
        for row in items(child(document, "rework"), "by_reason")
        if subject_of(row)[:2] == ("annotator", annotator)
    ]
    redo = sum(count(row, "items") or 0 for row in rows)
    own = (count(people[0], "items") if people else None) or redo
    return {
        "items": redo,
        "of": own,
        "stand": max(own - redo, 0),
        "files": [],
        "by_reason": rows,
        "overlap": 0,
    }


def _clusters(document: Node, annotator: str | None) -> list[dict[str, object]]:
    shown = []
    for cluster in items(document, "clusters"):
        taken = [_item(item, annotator) for item in items(cluster, "items") if _answered(item, annotator)]
        if taken and not texts(cluster, "annotators"):
            shown.append({**cluster, "items": taken})
    return shown


def _answered(item: Node, annotator: str | None) -> bool:
    return any(text(answer, "annotator") == annotator for answer in items(item, "answers"))


def _item(item: Node, annotator: str | None) -> dict[str, object]:
    answers = [
        {**answer, "annotator": annotator if text(answer, "annotator") == annotator else _ANOTHER}
        for answer in items(item, "answers")
    ]
    return {**item, "answers": answers}


def _findings(document: Node, annotator: str | None) -> list[Node]:
    others = {text(person, "id") for person in items(document, "people")} - {annotator}
    own = [finding for finding in items(document, "findings") if text(finding, "subject") == annotator]
    return [
        finding for finding in own if not any(other and other in text(finding, "text") for other in others)
    ]
