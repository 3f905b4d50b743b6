"""What of the drawn items and of the figures of located labels a person other than the buyer may see.

Items with gold are absent, and so is every figure against gold but the counts of errors by kind; those
too where a class is closed, because the counts of the other classes would give it away.
"""

from __future__ import annotations

import re

from .closed import Closed
from .fields import Node, child, items, reading, text

_ANOTHER = "another annotator"


def located_for_vendor(document: Node, closed: Closed) -> dict[str, object]:
    """The keys ``drawn`` and ``located`` as a vendor may see them; none where the report has none."""
    out: dict[str, object] = {}
    if "drawn" in document:
        out["drawn"] = [item for item in items(document, "drawn") if item.get("of_gold") is False]
    located = child(document, "located")
    if located:
        kept = {key: located[key] for key in ("kind", "overlap", "between", "differences") if key in located}
        out["located"] = {**kept, "errors": [] if closed.classes else _errors(located, closed.least)}
    return out


def _errors(located: Node, least: int) -> list[Node]:
    """The rows that rest on enough gold."""
    rows = items(located, "errors")
    return [
        row for row in rows if (figure := reading(row.get("per_100_items"))) and (figure.units or 0) >= least
    ]


def drawn_gold(document: Node) -> frozenset[str]:
    """The drawn items that have gold."""
    drawn = items(document, "drawn")
    return frozenset(text(item, "item") for item in drawn if item.get("of_gold") is not False)


def located_for_annotator(document: Node, annotator: str | None) -> dict[str, object]:
    """The drawn items that one person worked on, the other person without a name. Gold must be gone before."""
    if "drawn" not in document:
        return {}
    drawn = [item for item in items(document, "drawn") if _worked(item, annotator)]
    return {"drawn": [_unnamed(item, annotator) for item in drawn]}


def _worked(item: Node, annotator: str | None) -> bool:
    return annotator is not None and any(text(layer, "who") == annotator for layer in items(item, "layers"))


def _unnamed(item: Node, annotator: str | None) -> dict[str, object]:
    others = [text(layer, "who") for layer in items(item, "layers") if text(layer, "who") != annotator]
    return {
        **item,
        "layers": [
            {**layer, "who": _ANOTHER if text(layer, "who") in others else annotator}
            for layer in items(item, "layers")
        ],
        "errors": [{**error, "text": _said(error, others)} for error in items(item, "errors")],
        "text": _said(item, others),
    }


def _said(node: Node, others: list[str]) -> str:
    """The sentence with the others' names taken out."""
    sentence = text(node, "text")
    for name in sorted(others, key=len, reverse=True):
        sentence = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", _ANOTHER, sentence)
    return sentence
