"""The report document as one person may see it: what is not theirs is absent.

A vendor and an annotator see no gold item, no gold answer and no gold figure over fewer than five gold items, nor can
they work one out from what they see; an annotator sees only their own scores and no prices.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, get_args

from .closed import MINIMUM_GOLD_ITEMS, Closed, closed_groups, closed_subjects, confusion_sizes, whole_numbers
from .closed_terms import Hidden, closed_rework, closed_verdict
from .fields import Node, child, count, items, number, sequence, text, texts
from .headline import headline
from .located_audience import clusters_for_vendor, drawn_gold, located_for_vendor
from .own_scores import own_scores

Audience = Literal["buyer", "vendor", "annotator"]

_KEPT = frozenset(
    {"schema", "software", "judged_at", "batch", "money", "agreement", "clusters_rest", "review"}
    | {"proven", "not_proven", "method", "command"}
)
_GOLD_KEPT = frozenset({"items", "scored", "not_delivered", "undecided", "outside_batch", "compartments"})
_LUMPED = "classes with less gold"
_ABOUT_GOLD = re.compile(r"\bgold\b")


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
    secret, closed = _gold_items(document), closed_subjects(document)
    verdict, hidden = closed_verdict(document, closed)
    gold = child(document, "gold")
    out: dict[str, object] = {
        **{key: document[key] for key in document if key in _KEPT},
        "verdict": verdict if document.get("verdict") is not None else None,
        "gold": _gold(gold, closed) if gold else document.get("gold"),
        "defects": _defects(child(document, "defects"), closed) or None,
        "rework": closed_rework(document, hidden),
        "people": [_person(person, secret, closed) for person in items(document, "people")],
        "slices": [_slice(row, closed) for row in items(document, "slices")],
        "clusters": [_cluster(cluster) for cluster in items(document, "clusters")],
        "findings": _findings(items(document, "findings"), secret, closed),
        "suspicions": _findings(items(document, "suspicions"), secret, closed),
        "inputs": [_input(entry, document) for entry in items(document, "inputs")],
        **clusters_for_vendor(document, closed),
        **located_for_vendor(document, closed),
    }
    return _with_headline(out, hidden)


def _with_headline(document: dict[str, object], hidden: Hidden) -> dict[str, object]:
    """The document with its headline made again from what is left, where that may have named something hidden."""
    verdict = child(document, "verdict")
    if not hidden.rows or not text(verdict, "headline"):
        return document
    unsaid = {**document, "verdict": {**verdict, "headline": ""}}
    return {**document, "verdict": {**verdict, "headline": headline(unsaid)}}


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
    return frozenset((found | drawn_gold(document)) - {""})


def _shown(figure: object, least: int = MINIMUM_GOLD_ITEMS) -> object:
    """A gold figure, or None if it rests on too few gold items."""
    if not isinstance(figure, Mapping) or number(figure, "value") is None:
        return figure if isinstance(figure, Mapping) else None
    units = count(figure, "units")
    return figure if units is not None and units >= least else None


def _slice(row: Node, closed: Closed) -> dict[str, object]:
    hidden = closed.has("slice", text(row, "value"), text(row, "attribute"))
    return {**row, "gold": None if hidden else _shown(row.get("gold"), closed.least)}


def _gold(gold: Node, closed: Closed) -> dict[str, object]:
    by_slice = child(gold, "by_slice")
    makers = child(gold, "makers")
    values = {
        attribute: {value for name, value in closed.slices if name == attribute} for attribute in by_slice
    }
    return {
        **{key: gold[key] for key in gold if key in _GOLD_KEPT},
        "makers": {
            **makers,
            "agreement": _shown(makers.get("agreement")),
            "ceiling": _ceiling(child(makers, "ceiling"), closed),
        },
        "overall": _scores(child(gold, "overall"), closed.least) or {},
        "by_class": _by_subject(child(gold, "by_class"), closed.classes, closed.least),
        "by_annotator": _by_subject(child(gold, "by_annotator"), closed.annotators),
        "by_slice": {
            attribute: _by_subject(child(by_slice, attribute), values[attribute], closed.least)
            for attribute in by_slice
        },
        "confusion": _confusion(child(gold, "confusion"), closed),
        "text": _scores(child(gold, "text"), closed.least),
    }


def _ceiling(ceiling: Node, closed: Closed) -> dict[str, object]:
    by_class = child(ceiling, "by_class")
    sizes = {name: count(child(by_class, name), "positives") or 0 for name in by_class}
    hidden = closed_groups(sizes, total=0, least=MINIMUM_GOLD_ITEMS, before=closed.classes)
    kept = {
        name: shown
        for name in by_class
        if name not in hidden and (shown := _shown(by_class[name])) is not None
    }
    return {"overall": _shown(ceiling.get("overall")), "by_class": kept}


def _by_subject(found: Node, closed: Collection[str], least: int = MINIMUM_GOLD_ITEMS) -> dict[str, object]:
    return {
        each: scores
        for each in found
        if each not in closed and (scores := _scores(child(found, each), least)) is not None
    }


def _scores(scores: Node, least: int) -> dict[str, object] | None:
    """The figures of one subject, or None where its gold items are too few."""
    support = number(scores, "support")
    if not scores or (support is not None and support < least):
        return None
    kept = {
        key: _shown(value, least) if isinstance(value, Mapping) else value for key, value in scores.items()
    }
    return {key: value for key, value in kept.items() if value is not None}


def _confusion(confusion: Node, closed: Closed) -> dict[str, object] | None:
    """Closed classes become one row and column; if no class is left beside them, there is no matrix."""
    sizes = confusion_sizes(confusion)
    if sizes is None:
        return None
    classes = [str(each) for each in sequence(confusion, "classes")]
    small = [at for at, name in enumerate(classes) if name in closed.classes or name == _LUMPED]
    shown = [[at] for at in range(len(classes)) if at not in small]
    if not small:
        return dict(confusion)
    if not shown:
        return None
    groups = shown + ([small] if any(sizes[margin][at] for margin in (0, 1) for at in small) else [])
    matrix = [whole_numbers(row) for row in sequence(confusion, "matrix")]
    ends = {key: whole_numbers(confusion.get(key)) for key in ("undelivered", "undecided")}
    return {
        "classes": [_LUMPED if group is small else classes[group[0]] for group in groups],
        "matrix": [
            [sum(matrix[i][j] for i in rows for j in columns) for columns in groups] for rows in groups
        ],
        **{key: [sum(cells[at] for at in group) for group in groups] for key, cells in ends.items() if cells},
    }


def _defects(defects: Node, closed: Closed) -> dict[str, object]:
    return {
        severity: found
        for severity in defects
        if _shown((found := child(defects, severity)).get("per_100_items"), closed.least) is not None
    }


def _person(person: Node, secret: frozenset[str], closed: Closed) -> dict[str, object]:
    said = [each for each in texts(person, "suspicions") if not _names_any(each, secret)]
    figure = _shown(person.get("gold"))
    if closed.has("annotator", text(person, "id")):
        said = [_before_gold(each) for each in said if not _ABOUT_GOLD.search(_before_gold(each))]
        figure = None
    return {**person, "gold": figure, "suspicions": said}


def _before_gold(sentence: str) -> str:
    """What a suspicion says beside its remark on gold: *… On gold: right on 95 % of 40 answers*."""
    return sentence.partition(" On gold: ")[0]


def _cluster(cluster: Node) -> dict[str, object]:
    """The cluster without the items that are gold."""
    kept = [
        {key: item[key] for key in item if key != "gold"}
        for item in items(cluster, "items")
        if not text(item, "gold")
    ]
    return {**cluster, "items": [{**item, "gold": None} for item in kept]}


def _findings(found: Sequence[Node], secret: frozenset[str], closed: Closed) -> list[dict[str, object]]:
    """Findings that name no gold item; those about gold keep their sentence and lose their evidence.

    Of a person whose figure against gold is hidden, nothing is said that rests on gold.
    """
    kept = []
    for finding in found:
        about_gold, subject = "gold" in text(finding, "kind"), text(finding, "subject")
        hidden = closed.has("annotator", subject)
        if _names_any(text(finding, "text"), secret) or (about_gold and (subject in secret or hidden)):
            continue
        evidence = child(finding, "evidence")
        rest = {} if about_gold else {key: evidence[key] for key in evidence if "gold" not in key}
        said = {"text": _before_gold(text(finding, "text"))} if hidden else {}
        kept.append({**finding, **said, "evidence": rest})
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
