"""Errors of located labels by kind, each with its figures per 100 answers on gold items and per 100 objects of gold."""

from __future__ import annotations

from dataclasses import replace

from assay.measure.figure import rounded
from assay.terms.contract import Contract

from .document import Json
from .located_evidence import defect_rate, error_name
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
    rows: list[Json] = []
    for code, count in enumerate(error_counts(gold.outcomes).values(), start=1):
        kind = error_name(code, batch)
        figure = defect_rate(measured, [kind])
        if not count or figure.value is None or figure.low is None or figure.high is None:
            continue
        shown = replace(
            figure, value=100 * figure.value, low=100 * figure.low, high=100 * figure.high, spread=None
        )
        rows.append(
            {
                "kind": kind,
                "count": count,
                "severity": contract.errors.get(kind),
                "per_100_items": shown.as_json(),
                "per_100_objects": rounded(100 * count / objects) if objects else None,
            }
        )
    return sorted(rows, key=lambda row: (-_count(row), str(row["kind"])))


def _count(row: Json) -> int:
    count = row["count"]
    return count if isinstance(count, int) else 0
