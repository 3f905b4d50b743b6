"""Measuring a prepared batch: one pass, then figures between people and against gold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

import numpy as np

from assay.analytics.batch import Batch
from assay.analytics.measuring import BatchState, measure
from assay.analytics.rows import Plan

from .evidence import Measured
from .figures import GoldFacts, Method, against_gold, agreement_figures
from .prepare import Prepared


@dataclass(frozen=True)
class Measurement:
    """The states of a batch and the figures they give."""

    state: BatchState
    plan: Plan
    measured: Measured
    facts: GoldFacts | None


def measure_prepared(
    prepared: Prepared, method: Method, *, progress: Callable[[int], None] | None = None
) -> Measurement:
    """Measure a batch that came from files."""
    batch = prepared.batch
    facts = _gold_facts(prepared) if len(batch.gold) else None
    return measure_batch(batch, method, facts, progress=progress)


def measure_batch(
    batch: Batch, method: Method, facts: GoldFacts | None, *, progress: Callable[[int], None] | None = None
) -> Measurement:
    """Measure any batch; ``facts`` describe its gold items and are None when it has none."""
    state, plan = measure(batch, method.seed, progress=progress)
    agreement = agreement_figures(batch, state, plan, method)

    @cache
    def against(tolerance: Decimal) -> Measured:
        judged = replace(batch, tolerance=tolerance)
        gold = against_gold(judged, state, facts, method) if facts is not None else None
        return Measured(judged, agreement, gold, state.tally, against)

    return Measurement(state, plan, against(batch.tolerance), facts)


def _gold_facts(prepared: Prepared) -> GoldFacts:
    key = prepared.batch.gold.key
    manifest = prepared.manifest_codes
    numbers = key.astype(np.uint64)
    if not prepared.dictionaries.whole_keys:
        found = prepared.connection.execute("SELECT key, number FROM item_name ORDER BY key").fetchnumpy()
        place = np.searchsorted(np.asarray(found["key"], np.int64), key)
        numbers = np.asarray(found["number"], np.uint64)[place]
    if manifest is None:
        return GoldFacts(numbers, (), np.zeros(len(key), np.int64))
    place = np.minimum(np.searchsorted(manifest.key, key), max(len(manifest.key) - 1, 0))
    known = manifest.key[place] == key
    slices = tuple(np.where(known, codes[place].astype(np.int64), -1) for codes in manifest.slices)
    stratum = np.where(known, manifest.stratum[place].astype(np.int64), 0)
    cluster = None if manifest.cluster is None else np.where(known, manifest.cluster[place], 0)
    return GoldFacts(numbers, slices, stratum, cluster)
