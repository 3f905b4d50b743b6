"""Verdict and redo list without figures over too little gold: the outcome stays, what it rests on is not said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .closed import MINIMUM_GOLD_ITEMS, Closed
from .fields import Node, child, count, items, number, text, texts
from .termlines import is_gold_metric, subject_of
from .wording import day

_HIDDEN = (
    f"Over fewer than {MINIMUM_GOLD_ITEMS} gold items, or it would open a figure that is: "
    "not shown while that gold is in use."
)
_NOTHING = {"value": None, "low": None, "high": None}
_OF = {"class": " of ", "annotator": " labelled by ", "slice": " of "}


@dataclass(frozen=True)
class Hidden:
    """Rows of the verdict that were closed, by term and subject, and the sentences that repeat their figures.

    ``told`` are sentences on what is left of a subject with what they say instead.
    """

    rows: frozenset[tuple[str, str, str]]
    sentences: frozenset[str]
    told: Mapping[str, str]

    def says(self, sentence: str) -> bool:
        """Whether a sentence repeats a figure that is hidden."""
        return any(part in sentence for part in self.sentences)


def closed_verdict(document: Node, closed: Closed) -> tuple[dict[str, object], Hidden]:
    """The verdict with rows of little gold closed, and what was hidden."""
    verdict = child(document, "verdict")
    named, sentences, needs, rows = set(), set(), {}, []
    for row in items(verdict, "terms"):
        if not _is_hidden(row, document, closed):
            rows.append(row)
            continue
        named.add((text(row, "id"), *subject_of(row)[1:]))
        sentences |= {text(row, "reason"), text(row, "changes")}
        rows.append(_closed_row(row))
        asked = _asked(child(row, "needs"))
        if asked:
            needs[asked] = _asked(child(rows[-1], "needs"))
    told = _rests_told(document, closed.least)
    hidden = Hidden(frozenset(named), frozenset(sentences - {""}), told)
    summary = [said for said in texts(verdict, "summary") if not hidden.says(said)]
    return {
        **verdict,
        "terms": rows,
        "summary": [told.get(said, said) for said in summary],
        "next": [_step(step, needs) for step in items(verdict, "next")],
    }, hidden


def closed_rework(document: Node, hidden: Hidden) -> dict[str, object]:
    """The redo list in numbers: its items stay, hidden figures and those that would open one go."""
    rework, told = child(document, "rework"), hidden.told
    rows = []
    for row in items(rework, "by_reason"):
        subject = subject_of(row)[1]
        if _key(row) in hidden.rows or hidden.says(text(row, "text")):
            said = f"{subject}: term {text(row, 'term')}"
            row = {**row, **_NOTHING, "text": said, "rest": None}
        elif text(row, "text") in told:
            row = {**row, "text": told[text(row, "text")], "rest": None}
        rows.append({**row, "rest": _shown_rest(row.get("rest"))})
    return {**rework, "by_reason": rows}


def _is_hidden(row: Node, document: Node, closed: Closed) -> bool:
    """Whether a row rests on fewer gold items than may be shown; an unknown number counts as too few."""
    if not is_gold_metric(text(row, "metric")):
        return False
    kind, subject, attribute = subject_of(row)
    if kind == "slice" and not attribute and " of " in text(row, "scope"):
        attribute = text(row, "scope").rpartition(" of ")[2]
    evidence = [count(row, "units")] + ([count(row, "positives")] if kind == "class" else [])
    if number(row, "value") is None:
        return closed.has(kind, subject, attribute) and any(evidence)
    least = MINIMUM_GOLD_ITEMS if kind == "annotator" else closed.least
    known = [each for each in evidence if each is not None]
    if not known or min(known) < least or closed.has(kind, subject, attribute):
        return True
    return (count(row, "pooled_batches") or 1) > 1 and not _pool_is_open(row, subject, document)


def _pool_is_open(row: Node, subject: str, document: Node) -> bool:
    """Whether a vendor saw the class in every batch that a pooled figure rests on."""
    return child(document, "pool", text(row, "id"), subject).get("pooled_open") == 1


def _closed_row(row: Node) -> dict[str, object]:
    figure = child(row, "figure")
    return {
        **row,
        **_NOTHING,
        "positives": None,
        "units": None,
        "figure": {**figure, **_NOTHING, "units": 0, "labels": 0, "positives": 0, "reason": _HIDDEN},
        "reason": _HIDDEN,
        "changes": "",
        "needs": _closed_need(row) if row.get("needs") is not None else None,
    }


def _closed_need(row: Node) -> dict[str, object]:
    """What is missing, without how much: that would tell how much gold there is."""
    needs, (kind, subject, _) = child(row, "needs"), subject_of(row)
    what = f"more gold items{_OF[kind]}{subject}" if kind else "more gold items"
    giver, until = text(needs, "from"), text(needs, "by")
    sentence = f"{what[:1].upper()}{what[1:]}, from the {giver}" + (f", by {day(until)}" if until else "")
    hidden = {"what": what, "positives": None, "items": None, "cost": None, "sentence": f"{sentence}."}
    return {**needs, **hidden}


def _asked(needs: Node) -> str:
    """The words of a need before who brings it."""
    return text(needs, "sentence").partition(", from the ")[0]


def _step(step: Node, needs: Mapping[str, str]) -> dict[str, object]:
    what = text(step, "what")
    found = next((said for asked, said in needs.items() if what.startswith(asked)), what)
    return {**step, "what": found}


def _key(row: Node) -> tuple[str, str, str]:
    return (text(row, "term"), *subject_of(row)[1:])


def _rests_told(document: Node, least: int) -> dict[str, str]:
    """Sentences on what is left of a subject where the difference from all of it is too little gold, and stand-ins."""
    whole = {
        (text(row, "id"), *subject_of(row)[1:]): row
        for row in items(child(document, "verdict"), "terms")
        if is_gold_metric(text(row, "metric"))
    }
    told = {}
    for row in items(child(document, "rework"), "by_reason"):
        line, rest = whole.get(_key(row)), count(child(row, "rest"), "units")
        if line is None or rest is None or child(row, "slice"):
            continue
        touched = "labels" if subject_of(row)[0] == "class" else "units"
        gone = (count(child(line, "figure"), touched) or 0) - rest
        if 0 < gone < least or (count(line, "pooled_batches") or 1) > 1:
            told[text(row, "text")] = f"{text(line, 'reason')} Nothing more is redone than the items above."
    return told


def _shown_rest(rest: object) -> object:
    if not isinstance(rest, Mapping) or number(rest, "value") is None:
        return rest if isinstance(rest, Mapping) else None
    units = count(rest, "units")
    return rest if units is not None and units >= MINIMUM_GOLD_ITEMS else None
