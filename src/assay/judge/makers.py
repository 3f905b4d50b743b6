"""Who made the gold and how far they agree: the ceiling of every floor that gold can support."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from assay.analytics.batch import GoldPanel, memory_batch
from assay.analytics.measuring import measure
from assay.measure.figure import Figure

from .coding import Coding
from .figures import Method, agreement_figures


@dataclass(frozen=True)
class Makers:
    """How many people made the gold, and their agreement overall (None) and per class; empty when unknown."""

    count: int
    agreement: Figure | None
    ceilings: dict[str | None, Figure]

    def as_json(self) -> dict[str, object]:
        """The entry ``gold.makers`` of ``report.json``."""
        by_class = {name: f.as_json() for name, f in self.ceilings.items() if name is not None}
        overall = self.ceilings.get(None)
        return {
            "count": self.count,
            "agreement": self.agreement.as_json() if self.agreement else None,
            "ceiling": {"overall": overall.as_json() if overall else None, "by_class": by_class},
        }


NOBODY = Makers(0, None, {})


def gold_makers(connection: duckdb.DuckDBPyConnection, coding: Coding, method: Method) -> Makers:
    """Agreement of the makers of gold, where several answered an item.

    Between people F1 is about the square of F1 to the truth, so agreement on a class is a careful bound of what a
    perfect delivery could score.
    """
    rows = connection.execute(
        "SELECT item, maker, value FROM gold_maker WHERE maker NOT IN ('final', 'adjudicated') ORDER BY item, maker"
    ).fetchall()
    makers = sorted({str(row[1]) for row in rows})
    if len(makers) < 2 or coding.sets is not None:
        return Makers(len(makers), None, {})
    items = {item: n for n, item in enumerate(sorted({str(row[0]) for row in rows}))}
    label = np.array([coding.codes.get(str(row[2]), -1) for row in rows], np.int32)
    known = label >= 0
    batch = memory_batch(
        np.array([items[str(row[0])] for row in rows], np.int64)[known],
        np.array([makers.index(str(row[1])) for row in rows], np.int32)[known],
        label[known],
        classes=coding.classes,
        annotators=makers,
        gold=GoldPanel.none(),
        items=len(items),
    )
    state, plan = measure(batch, method.seed)
    found = agreement_figures(batch, state, plan, method)
    ceilings: dict[str | None, Figure] = {
        name: figures["specific_agreement"]
        for name, figures in found.by_class.items()
        if figures["specific_agreement"].exists
    }
    overall = found.overall["percent_agreement"]
    if overall.exists:
        ceilings[None] = overall
    return Makers(len(makers), found.overall["krippendorff_alpha"], ceilings)
