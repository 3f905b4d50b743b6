"""Clusters of located labels: what goes wrong, in which class and slice and with whom, with the items that show it.

Against gold where there is gold and anybody errs, otherwise between people. A cluster counts errors, each of which
stands in one cluster at most; see ``located_problems`` for what is asked and ``measure.located_patterns`` for how.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from assay.measure.figure import rounded
from assay.measure.located_errors import ErrorKind
from assay.measure.located_patterns import LEAST_CASES
from assay.measure.spread import wilson
from assay.measure.units import Ints

from .document import Json
from .located_batch import LocatedBatch, Outcomes
from .located_problems import Told, findings
from .located_sentences import NOTHING, people_of, sentence, slice_of, values
from .located_suspicions import located_suspicions
from .located_views import View

MOST_CLUSTERS = 12
EXEMPLARS = 8
_ANSWERS = 3

__all__ = ["located_clusters", "located_suspicions"]


def located_clusters(
    batch: LocatedBatch, against: Outcomes | None, between: Outcomes | None
) -> tuple[list[Json], Json | None]:
    """The clusters as they stand in ``report.json``, most telling first, and what falls in none of them.

    Beside the keys of other clusters an entry has ``kind`` (missed, extra, wrong_class, loose, ends, split, merged;
    between people alone, parts) and ``on_items``, the number of items with such an error.
    """
    of_people = against is None or not _errs(against)
    outcomes = between if of_people else against
    if outcomes is None:
        return [], None
    found, total = findings(batch, outcomes, of_people=of_people)
    told = found[:MOST_CLUSTERS]
    out = [_cluster(number, one, batch, total) for number, one in enumerate(told, start=1)]
    left = total - sum(len(one.cases) for one in told)
    return out, {"count": left, "share": rounded(left / total) if total else 0.0, "of": total}


def _errs(outcomes: Outcomes) -> bool:
    return int((outcomes.kind != ErrorKind.RIGHT).sum()) >= LEAST_CASES


def _cluster(number: int, told: Told, batch: LocatedBatch, total: int) -> Json:
    count = len(told.cases)
    low, high = wilson(count, total, 0.95)
    people = people_of(told)
    items = told.problem.view.item[told.cases]
    return {
        "id": f"c{number}",
        "kind": told.problem.kind,
        "values": values(told, batch),
        "slice": slice_of(told) or None,
        "annotators": people or None,
        "count": count,
        "on_items": len(np.unique(items)),
        "share": rounded(count / total),
        "low": rounded(low),
        "high": rounded(high),
        "lift": rounded(count / told.expected),
        "expected": rounded(told.expected),
        "excess": rounded(count - told.expected),
        "evidence": rounded(told.evidence),
        "items": [_item(int(item), told, batch) for item in _exemplars(items, batch)],
        "text": sentence(told, batch, total),
    }


def _exemplars(items: Ints, batch: LocatedBatch) -> Ints:
    """The items with most cases; of equal ones those with the smallest hashes."""
    found, count = np.unique(items, return_counts=True)
    return found[np.lexsort((batch.facts.number[found], -count))[:EXEMPLARS]]


def _item(item: int, told: Told, batch: LocatedBatch) -> Json:
    view, problem = told.problem.view, told.problem
    rows = told.cases[view.item[told.cases] == item]
    given: dict[str, Counter[str]] = {}
    gold: Counter[str] = Counter()
    seen: set[int] = set()
    for row in rows.tolist():
        left, right = (_said(view, side, row, batch) for side in (0, 1))
        if problem.of_people:
            codes = (batch.by[view.left[row]], batch.by[view.right[row]])
            both = (view.person[row], view.other[row])
            for side, text in enumerate((left, right)):
                here = (view.left, view.right)[side][row] >= 0
                name = batch.annotators[codes[side]] if here else view.people[both[1]]
                given.setdefault(name, Counter())[text] += 1
            continue
        name = view.people[view.person[row]] if view.person[row] >= 0 else "–"
        given.setdefault(name, Counter())[right] += 1
        if view.left[row] not in seen or view.left[row] < 0:
            seen.add(int(view.left[row]))
            gold[left] += 1
    answers = [{"annotator": name, "value": _counted(given[name])} for name in sorted(given)[:_ANSWERS]]
    return {
        "item": batch.items[item],
        "text": None,
        "link": None,
        "answers": answers,
        "gold": None if problem.of_people else _counted(gold),
    }


def _said(view: View, side: int, row: int, batch: LocatedBatch) -> str:
    """An object of a row in words: its class, with its text where it has one."""
    index = int((view.left, view.right)[side][row])
    if index < 0:
        return NOTHING
    marks = view.sides[side]
    name, text = batch.classes[int(marks.objects.label[index])], marks.text[index]
    return name if text is None else f"{name} “{text}”"


def _counted(texts: Counter[str]) -> str:
    return ", ".join(
        text if n == 1 or text == NOTHING else f"{text} ×{n}" for text, n in sorted(texts.items())
    )
