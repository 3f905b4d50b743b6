"""What of the drawn items and of the figures of located labels a person other than the buyer may see.

Items with gold are absent, and so is every figure against gold but the counts of errors by kind; those
too where a class is closed, because the counts of the other classes would give it away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .closed import MINIMUM_GOLD_ITEMS, Closed
from .fields import Node, as_text, child, count, items, reading, sequence, text, texts

_ANOTHER = "another annotator"
_SAME_TEXT = re.compile(r"; [\d,]+ of them are “.*”(?=\.$)", re.DOTALL)
_OPEN, _CLOSE = "“", "”"
_TEXT_SLICES = frozenset({"text", "object text"})


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


def clusters_for_vendor(document: Node, closed: Closed) -> dict[str, object]:
    """The keys ``clusters`` and ``clusters_rest`` of located labels against gold: without items, without gold's texts.

    A cluster is left out where it rests on fewer than five items, is about a closed subject or quotes a text; what is
    left out counts with the rest. Clusters between people, and those of other labels, are not looked at: no keys.
    """
    clusters, rest = items(document, "clusters"), child(document, "clusters_rest")
    if not any("on_items" in one and _of_gold(one) for one in clusters):
        return {}
    classes = [str(name) for name in sequence(child(document, "batch"), "classes")]
    kept, gone = [], 0
    for one in clusters:
        told = {**one, "items": [], "text": _SAME_TEXT.sub("", text(one, "text"))}
        if _is_open(told, classes, closed):
            kept.append(told)
        else:
            gone += count(one, "count") or 0
    left, of = (count(rest, "count") or 0) + gone, count(rest, "of") or 0
    shared = {"count": left, "share": float(f"{left / of:.12g}") if of else 0.0, "of": of}
    return {"clusters": kept, "clusters_rest": shared if rest else None}


def _of_gold(cluster: Node) -> bool:
    return any(text(item, "gold") for item in items(cluster, "items"))


def _is_open(cluster: Node, classes: Sequence[str], closed: Closed) -> bool:
    """Whether a cluster rests on enough items, and names no closed subject and no text of an object."""
    if (count(cluster, "on_items") or 0) < MINIMUM_GOLD_ITEMS:
        return False
    part, said, values = child(cluster, "slice"), text(cluster, "text"), texts(cluster, "values")
    if _TEXT_SLICES & set(part) or closed.classes & set(values):
        return False
    if closed.annotators & set(texts(cluster, "annotators")):
        return False
    if any(closed.has("slice", as_text(part[name]), name) for name in part):
        return False
    names = sorted({*classes, *(as_text(part[name]) for name in part)}, key=len, reverse=True)
    for name in names:
        said = said.replace(f"{_OPEN}{name}{_CLOSE}", "")
    return _OPEN not in said


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
