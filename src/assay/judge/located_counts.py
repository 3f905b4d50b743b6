"""The integer states behind the figures of located labels, as ``counts.json`` holds them."""

from __future__ import annotations

import numpy as np

from assay.measure.located import LocatedState

from .document import Json
from .located_batch import LocatedBatch
from .located_measure import LocatedGold, LocatedMeasured
from .located_tasks import Tasks


def located_counts(measured: LocatedMeasured) -> Json:
    """Matched, extra and missed objects by class, person and slice: the figures follow from them without gold."""
    batch, gold, agreement = measured.batch, measured.gold, measured.agreement
    return {
        "schema": "assay-counts/1",
        "classes": list(batch.classes),
        "located": {
            "threshold": measured.threshold,
            "agreement": _state(batch, agreement.state) if agreement else None,
            "gold": _gold(batch, gold) if gold else None,
        },
        "items": {"expected": int(batch.facts.expected.sum())},
    }


def _state(batch: LocatedBatch, state: LocatedState) -> Json:
    parts = zip(
        batch.classes, state.matched.tolist(), state.extra.tolist(), state.missed.tolist(), strict=True
    )
    return {
        "items": state.items,
        "by_class": {
            name: {"matched": hit, "extra": extra, "missed": missed} for name, hit, extra, missed in parts
        },
    }


def _gold(batch: LocatedBatch, gold: LocatedGold) -> Json:
    tasks = gold.tasks
    slices: dict[str, Json] = {}
    for attribute, codes in zip(batch.slices, batch.facts.slices, strict=True):
        of_task = codes[tasks.item]
        slices[attribute.name] = {
            value: _tasks(tasks.where(of_task == code)) for code, value in enumerate(attribute.values)
        }
    return {
        **_state(batch, gold.state),
        "by_annotator": {
            name: _tasks(tasks.where(tasks.second == code)) for code, name in enumerate(batch.annotators)
        },
        "by_slice": slices,
    }


def _tasks(tasks: Tasks) -> Json:
    return {
        "items": len(np.unique(tasks.item)), "matched": int(tasks.matched.sum()), "extra": int(tasks.extra.sum()),
        "missed": int(tasks.missed.sum()),
    }  # fmt: skip
