"""Errors of located labels by kind against gold, and differences between people by kind, with their frequency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assay.measure.figure import Figure, rounded
from assay.measure.located_errors import ErrorKind
from assay.measure.nominal import score_figure
from assay.terms.contract import Contract

from .document import Json
from .located_evidence import defect_rate, error_name, named_counts
from .located_measure import LocatedMeasured
from .located_tasks import error_counts


def error_rows(contract: Contract, measured: LocatedMeasured) -> list[Json]:
    """One row for each kind of error that occurs, the most frequent first; none without gold.

    ``per_100_items`` is a figure: of 100 answers on gold items, how many have such an error. ``per_100_objects`` is
    the number of errors over that of gold objects.
    """
    gold, batch = measured.gold, measured.batch
    if gold is None or not len(gold.tasks.item):
        return []
    objects = int((gold.state.matched + gold.state.missed).sum())
    named = [(kind, count) for kind, count in named_counts(batch, gold.outcomes).items() if count]
    rows = [
        _row(kind, count, defect_rate(measured, [kind]), objects, contract.errors.get(kind))
        for kind, count in named
    ]
    return sorted(rows, key=lambda row: (-_count(row), str(row["kind"])))


def difference_rows(measured: LocatedMeasured) -> list[Json]:
    """One row for each kind of difference between people, the most frequent first; none where no two compare.

    An object that one of two people marks is ``alone``. ``per_100_items`` is a figure: of 100 comparisons of two people
    on an item, how many have such a difference. ``per_100_objects`` is the number over that of objects either marks.
    """
    people = measured.agreement
    if people is None or not len(people.tasks.item):
        return []
    outcomes, counts = people.outcomes, error_counts(people.outcomes)
    kinds = {"alone": [ErrorKind.MISSED, ErrorKind.EXTRA]}
    for code in (ErrorKind.WRONG_CLASS, ErrorKind.LOOSE, ErrorKind.SPLIT, ErrorKind.MERGED):
        kinds[error_name(code, measured.batch)] = [code]
    objects = int((outcomes.kind == ErrorKind.RIGHT).sum()) + sum(counts.values())
    several = len(measured.batch.annotators)
    task = (outcomes.item * several + outcomes.first) * several + outcomes.second
    rows = []
    for kind, codes in kinds.items():
        if count := sum(counts[code.name.lower()] for code in codes):
            tasks = len(np.unique(task[np.isin(outcomes.kind, codes)]))
            rows.append(_row(kind, count, _share(tasks, len(people.tasks.item)), objects, None))
    return sorted(rows, key=lambda row: (-_count(row), str(row["kind"])))


def _share(tasks: int, of: int) -> Figure:
    method = "share of comparisons of two people on an item with such a difference; Wilson"
    return score_figure(tasks / of, of, np.zeros(0), units=of, positives=of, method=method, labels=of)


def _row(kind: str, count: int, share: Figure, objects: int, severity: str | None) -> Json:
    return {
        "kind": kind,
        "count": count,
        "severity": severity,
        "per_100_items": _per_hundred(share).as_json(),
        "per_100_objects": rounded(100 * count / objects) if objects else None,
    }


def _per_hundred(share: Figure) -> Figure:
    if share.value is None or share.low is None or share.high is None:
        return share
    return replace(share, value=100 * share.value, low=100 * share.low, high=100 * share.high, spread=None)


def _count(row: Json) -> int:
    count = row["count"]
    return count if isinstance(count, int) else 0
