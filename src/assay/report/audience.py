"""The report document as one person may see it: what is not theirs is absent.

A vendor and an annotator see no gold item, no gold answer and no gold figure over fewer than five gold items; an
annotator sees only their own scores and no prices.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from .fields import Node, child, count, items, number, sequence, text, texts
from .own_scores import own_scores
from .termlines import is_gold_metric, subject_of

Audience = Literal["buyer", "vendor", "annotator"]

MINIMUM_GOLD_ITEMS = 5
_HIDDEN = f"Over fewer than {MINIMUM_GOLD_ITEMS} gold items: not shown while that gold is in use."
_KEPT = frozenset(
    {"schema", "software", "judged_at", "batch", "money", "agreement", "clusters_rest", "review"}
    | {"proven", "not_proven", "method", "command"}
)
_GOLD_KEPT = frozenset({"items", "scored", "not_delivered", "undecided", "outside_batch", "compartments"})
_LUMPED = "classes with less gold"


def for_audience(document: Node, audience: str, *, annotator: str | None = None) -> dict[str, object]:
    """A new document for this audience; the given one is not changed.

    For an annotator, ``annotator`` names the person; without a name nobody's scores are in it.
    Raises ValueError for an audience that does not exist.
    """
    if audience not in get_args(Audience):
        raise ValueError(f"the audience is buyer, vendor or annotator, not {audience!r}")
    if audience == "buyer":
        return {**document, "audience": "buyer"}
    closed = _without_gold(document)
    if audience == "vendor":
        return {**closed, "audience": "vendor"}
    return own_scores(closed, annotator)


def _without_gold(document: Node) -> dict[str, object]:
    secret = _gold_items(document)
    verdict, hidden = _verdict(child(document, "verdict"))
    gold = child(document, "gold")
    return {
        **{key: document[key] for key in document if key in _KEPT},
        "verdict": verdict if document.get("verdict") is not None else None,
        "gold": _gold(gold) if gold else document.get("gold"),
        "defects": _defects(child(document, "defects")) or None,
        "rework": _rework(child(document, "rework"), hidden),
        "people": [_person(person, secret) for person in items(document, "people")],
        "slices": [{**row, "gold": _shown(row.get("gold"))} for row in items(document, "slices")],
        "clusters": [_cluster(cluster) for cluster in items(document, "clusters")],
        "findings": _findings(items(document, "findings"), secret),
        "suspicions": _findings(items(document, "suspicions"), secret),
        "inputs": [_input(entry, document) for entry in items(document, "inputs")],
    }


def _gold_items(document: Node) -> frozenset[str]:
    """Items this document shows to be gold: exemplars with an answer, evidence of findings about gold."""
    found = {
        text(item, "item")
        for cluster in items(document, "clusters")
        for item in items(cluster, "items")
        if text(item, "gold")
    }
    for finding in [*items(document, "findings"), *items(document, "suspicions")]:
        if "gold" in text(finding, "kind"):
            evidence = child(finding, "evidence")
            found |= {*texts(evidence, "items"), text(evidence, "item")}
    return frozenset(found - {""})


def _verdict(verdict: Node) -> tuple[dict[str, object], frozenset[tuple[str, str]]]:
    hidden, rows, sentences = set(), [], set()
    for row in items(verdict, "terms"):
        if is_gold_metric(text(row, "metric")) and _too_few(row):
            hidden.add((text(row, "id"), subject_of(row)[1]))
            sentences |= {text(row, "reason"), text(row, "changes")}
            row = {
                **row,
                "value": None,
                "low": None,
                "high": None,
                "figure": _hidden(child(row, "figure")),
                "reason": _HIDDEN,
                "changes": "",
            }
        rows.append(row)
    summary = [
        said for said in texts(verdict, "summary") if not any(part and part in said for part in sentences)
    ]
    return {**verdict, "terms": rows, "summary": summary}, frozenset(hidden)


def _too_few(row: Node) -> bool:
    """Whether a figure rests on fewer gold items than may be shown; an unknown number counts as too few."""
    if number(row, "value") is None:
        return False
    counts = [count(row, "units")] + ([count(row, "positives")] if subject_of(row)[0] == "class" else [])
    known = [each for each in counts if each is not None]
    return not known or min(known) < MINIMUM_GOLD_ITEMS


def _hidden(figure: Node) -> dict[str, object]:
    return {**figure, "value": None, "low": None, "high": None, "reason": _HIDDEN}


def _shown(figure: object) -> object:
    """A gold figure, or None if it rests on too few gold items."""
    if not isinstance(figure, Mapping) or number(figure, "value") is None:
        return figure if isinstance(figure, Mapping) else None
    units = count(figure, "units")
    return figure if units is not None and units >= MINIMUM_GOLD_ITEMS else None


def _gold(gold: Node) -> dict[str, object]:
    by_slice = child(gold, "by_slice")
    makers = child(gold, "makers")
    return {
        **{key: gold[key] for key in gold if key in _GOLD_KEPT},
        "makers": {
            **makers,
            "agreement": _shown(makers.get("agreement")),
            "ceiling": _ceiling(child(makers, "ceiling")),
        },
        "overall": _scores(child(gold, "overall")) or {},
        "by_class": _by_subject(child(gold, "by_class")),
        "by_annotator": _by_subject(child(gold, "by_annotator")),
        "by_slice": {attribute: _by_subject(child(by_slice, attribute)) for attribute in by_slice},
        "confusion": _confusion(child(gold, "confusion")),
        "text": _scores(child(gold, "text")),
    }


def _ceiling(ceiling: Node) -> dict[str, object]:
    by_class = child(ceiling, "by_class")
    kept = {each: shown for each in by_class if (shown := _shown(by_class[each])) is not None}
    return {"overall": _shown(ceiling.get("overall")), "by_class": kept}


def _by_subject(found: Node) -> dict[str, object]:
    return {each: scores for each in found if (scores := _scores(child(found, each))) is not None}


def _scores(scores: Node) -> dict[str, object] | None:
    """The figures of one subject, or None where its gold items are too few."""
    support = number(scores, "support")
    if not scores or (support is not None and support < MINIMUM_GOLD_ITEMS):
        return None
    kept = {key: _shown(value) if isinstance(value, Mapping) else value for key, value in scores.items()}
    return {key: value for key, value in kept.items() if value is not None}


def _confusion(confusion: Node) -> dict[str, object] | None:
    """Classes with too few gold items become one row; if that is still too small, there is no matrix."""
    classes = [str(each) for each in sequence(confusion, "classes")]
    matrix = [_row(row) for row in sequence(confusion, "matrix")]
    ends = {key: _row(confusion.get(key)) or [0] * len(classes) for key in ("undelivered", "undecided")}
    totals = [sum(row) + ends["undelivered"][at] + ends["undecided"][at] for at, row in enumerate(matrix)]
    small = [at for at, total in enumerate(totals) if total < MINIMUM_GOLD_ITEMS]
    if not classes or len(matrix) != len(classes):
        return None
    if not small:
        return dict(confusion)
    if sum(totals[at] for at in small) < MINIMUM_GOLD_ITEMS:
        return None
    groups = [[at] for at in range(len(classes)) if at not in small] + [small]
    return {
        "classes": [classes[group[0]] if group is not groups[-1] else _LUMPED for group in groups],
        "matrix": [
            [sum(matrix[i][j] for i in rows for j in columns) for columns in groups] for rows in groups
        ],
        **{key: [sum(cells[at] for at in group) for group in groups] for key, cells in ends.items()},
    }


def _row(found: object) -> list[int]:
    return (
        [cell if isinstance(cell, int) else 0 for cell in found] if isinstance(found, (list, tuple)) else []
    )


def _defects(defects: Node) -> dict[str, object]:
    return {
        severity: found
        for severity in defects
        if _shown((found := child(defects, severity)).get("per_100_items")) is not None
    }


def _rework(rework: Node, hidden: frozenset[tuple[str, str]]) -> dict[str, object]:
    rows = []
    for row in items(rework, "by_reason"):
        subject = subject_of(row)[1]
        if (text(row, "term"), subject) in hidden:
            row = {
                **row,
                "value": None,
                "low": None,
                "high": None,
                "text": f"{subject}: term {text(row, 'term')}",
            }
        rows.append({**row, "rest": _shown(row.get("rest"))})
    return {**rework, "by_reason": rows}


def _person(person: Node, secret: frozenset[str]) -> dict[str, object]:
    said = [each for each in texts(person, "suspicions") if not _names_any(each, secret)]
    return {**person, "gold": _shown(person.get("gold")), "suspicions": said}


def _cluster(cluster: Node) -> dict[str, object]:
    """The cluster without the items that are gold."""
    kept = [
        {key: item[key] for key in item if key != "gold"}
        for item in items(cluster, "items")
        if not text(item, "gold")
    ]
    return {**cluster, "items": [{**item, "gold": None} for item in kept]}


def _findings(found: Sequence[Node], secret: frozenset[str]) -> list[dict[str, object]]:
    """Findings that name no gold item; those about gold keep their sentence and lose their evidence."""
    kept = []
    for finding in found:
        about_gold = "gold" in text(finding, "kind")
        if _names_any(text(finding, "text"), secret) or (about_gold and text(finding, "subject") in secret):
            continue
        evidence = child(finding, "evidence")
        rest = {} if about_gold else {key: evidence[key] for key in evidence if "gold" not in key}
        kept.append({**finding, "evidence": rest})
    return kept


def _names_any(sentence: str, secret: frozenset[str]) -> bool:
    return any(item in sentence for item in secret)


def _input(entry: Node, document: Node) -> dict[str, object]:
    """Gold without its hash: a short file of known answers can be guessed from it; answers are committed with salt."""
    path = text(entry, "path")
    if text(entry, "role") != "gold" and path not in _gold_paths(text(document, "command")):
        return dict(entry)
    return {**entry, "sha256": ""}


def _gold_paths(command: str) -> set[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    named = {words[at + 1] for at, word in enumerate(words[:-1]) if word == "--gold"}
    return named | {word.removeprefix("--gold=") for word in words if word.startswith("--gold=")}
