"""Which items of a delivery of located labels to redo: those of people, slices, classes, or all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assay.measure.accuracy import f1_figure
from assay.measure.figure import Figure, undefined
from assay.measure.located_errors import ErrorKind
from assay.report.closed import MINIMUM_GOLD_ITEMS
from assay.terms.verdict import TermRow, Verdict

from .located_batch import LocatedBatch
from .located_evidence import Evidence, in_slice
from .located_measure import LocatedGold
from .redo import LocatedStart, RedoList, RedoPart, failed_rows
from .redo_table import listed_items
from .sources import Sources

_SHOWN_LEVEL = 0.025
Bools = NDArray[np.bool_]


def located_redo_list(
    verdict: Verdict, sources: Sources, evidence: Evidence, names: Mapping[str, str]
) -> RedoList:
    """The parts of the redo list; each item is counted once, under the first part that names it.

    ``names`` are the pseudonyms of people as delivered.
    """
    batch = evidence.batch
    part_of = np.full(len(batch.items), -1, np.int64)
    parts: list[RedoPart] = []
    overlap = 0
    for row in failed_rows(verdict):
        missing = row.metric == "delivered_share" and sources.manifest is not None
        part = RedoPart(row, None, None, None) if missing else _narrowed(row, evidence)
        found = _missing(row, evidence) if missing else _found(part, evidence)
        fresh = found & (part_of < 0)
        overlap += int(found.sum() - fresh.sum())
        part_of[fresh] = len(parts)
        parts.append(replace(part, items=int(fresh.sum()), missing=missing))
    absent = sum(part.items for part in parts if part.missing)
    rows = [(batch.items[item], int(part_of[item])) for item in np.flatnonzero(part_of >= 0).tolist()]
    listed = listed_items(sources.connection, rows, with_manifest=sources.manifest is not None)
    return RedoList(tuple(parts), len(rows), overlap, listed, absent, LocatedStart(batch.kind, names))


def _missing(row: TermRow, evidence: Evidence) -> Bools:
    """Expected items that nobody worked on, of one slice if the row is about one."""
    found = evidence.batch.facts.expected & ~evidence.delivered
    return found & _slice_of(row, evidence.batch) if "slice" in row.subject else found


def _slice_of(row: TermRow, batch: LocatedBatch) -> Bools:
    attribute = row.subject.get("attribute") or row.scope.rpartition(" of ")[2]
    return in_slice(batch, attribute, row.subject["slice"])


def _found(part: RedoPart, evidence: Evidence) -> Bools:
    """The delivered items that a part sends back."""
    row, batch, found = part.row, evidence.batch, evidence.delivered.copy()
    if row.redo == "annotator" and "annotator" in row.subject:
        found &= _worked_by(batch, row.subject["annotator"])
    elif row.redo == "class" and "class" in row.subject and not _misses(row, evidence):
        found &= _holding(batch, row.subject["class"])
    elif row.redo == "slice" and "slice" in row.subject:
        found &= _slice_of(row, batch)
    return found & in_slice(batch, *part.slice) if part.slice else found


def _worked_by(batch: LocatedBatch, person: str) -> Bools:
    found = np.zeros(len(batch.items), bool)
    found[batch.final_work.item[batch.final_work.annotator == batch.annotators.index(person)]] = True
    return found


def _holding(batch: LocatedBatch, name: str) -> Bools:
    """Items on which anyone marked an object of the class."""
    found, code = np.zeros(len(batch.items), bool), batch.classes.index(name)
    for marks in (batch.marks, batch.final):
        found[marks.objects.item[marks.objects.label == code]] = True
    return found


def _misses(row: TermRow, evidence: Evidence) -> bool:
    """Whether too many objects of the class are missed: they may be on any item, so every item is to be looked at."""
    gold = evidence.measured.gold
    if gold is None or not row.metric.startswith("gold_"):
        return False
    recall = gold.by_class[row.subject["class"]]["recall"].value
    return recall is not None and recall < float(row.floor)


def _narrowed(row: TermRow, evidence: Evidence) -> RedoPart:
    """The same row, or narrowed to the slice value that carries its errors when the rest passes on its own."""
    whole, gold, batch = RedoPart(row, None, None, None), evidence.measured.gold, evidence.batch
    if gold is None or row.metric != "gold_f1" or row.redo not in ("class", "annotator"):
        return whole
    best: RedoPart | None = None
    for attribute in batch.slices:
        for value in attribute.values:
            mine = in_slice(batch, attribute.name, value)
            inside, rest = (_figure(gold, batch, row.subject, items) for items in (mine, ~mine))
            if _carries(inside, rest, row) and (
                best is None or _gap(inside, rest) > _gap(best.inside, best.rest)
            ):
                best = RedoPart(row, (attribute.name, value), inside, rest)
    return best or whole


def _figure(gold: LocatedGold, batch: LocatedBatch, subject: Mapping[str, str], items: Bools) -> Figure:
    """F1 of a person or a class on some items, from the outcomes there."""
    matched = touched = 0
    for right, kept in _touching(gold, batch, subject):
        inside = items[gold.outcomes.item[kept]]
        touched += int(inside.sum())
        matched += int(inside.sum()) if right else 0
    tasks = items[gold.tasks.item]
    if "annotator" in subject:
        tasks = tasks & (gold.tasks.second == batch.annotators.index(subject["annotator"]))
    units = len(np.unique(gold.tasks.item[tasks]))
    if not touched:
        return undefined("nobody marked such an object here", units=units)
    return f1_figure(matched / touched, touched, 0.0, units=units, positives=touched)


def _touching(
    gold: LocatedGold, batch: LocatedBatch, subject: Mapping[str, str]
) -> Iterator[tuple[bool, NDArray[np.int64]]]:
    """Rows of the outcomes that speak of a subject, those that are right and those that are not."""
    outcomes = gold.outcomes
    right = outcomes.kind == ErrorKind.RIGHT
    if "annotator" in subject:
        mine = outcomes.second == batch.annotators.index(subject["annotator"])
    else:
        code = batch.classes.index(subject["class"])
        mine = _is_of(batch.gold.objects.label, outcomes.left, code) | _is_of(
            batch.final.objects.label, outcomes.right, code
        )
    yield True, np.flatnonzero(mine & right)
    yield False, np.flatnonzero(mine & ~right)


def _is_of(labels: NDArray[np.int64], index: NDArray[np.int64], code: int) -> Bools:
    if not len(labels):
        return np.zeros(len(index), bool)
    return np.asarray((index >= 0) & (labels[np.maximum(index, 0)] == code), np.bool_)


def _carries(inside: Figure, rest: Figure, row: TermRow) -> bool:
    """Whether the slice is shown below the floor and the rest reaches it, with evidence that opens no gold item."""
    if inside.value is None or rest.value is None or inside.spread is None:
        return False
    floor = float(row.floor)
    return (
        min(inside.units, rest.units) >= MINIMUM_GOLD_ITEMS
        and inside.spread.p_below(floor) < _SHOWN_LEVEL
        and rest.value >= floor
        and rest.positives >= row.figure.positives // 3
    )


def _gap(inside: Figure | None, rest: Figure | None) -> float:
    if inside is None or rest is None or inside.value is None or rest.value is None:
        return 0.0
    return rest.value - inside.value
