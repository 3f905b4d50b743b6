"""Figures against gold from integer states."""

from __future__ import annotations

import numpy as np

from assay.measure.accuracy import gold_figures, gold_state, overall_gold_figures


def test_a_slice_where_most_labels_are_wrong_has_its_figures() -> None:
    gold = np.array([0, 0, 1, 1, 2])
    given = np.array([1, 0, 2, 0, 1])
    row = np.arange(5)
    state = gold_state(gold, given, np.zeros(5, np.int64), row, classes=3, blocks=1, rows=5)
    sums, weight = state.rows[None, :, :].sum(axis=1), np.ones(5)
    whole = gold_figures(state, sums, weight).overall
    pooled = state.pooled()
    alone = overall_gold_figures(pooled, pooled.rows.sum(axis=0)[None, :], weight)
    assert whole["accuracy"].value == alone["accuracy"].value == 0.2
    assert whole["f1"] == alone["f1"]
