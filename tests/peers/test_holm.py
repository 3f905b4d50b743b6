"""Holm's step-down test beside statsmodels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from assay.terms.holm import holm, holm_adjusted


@given(
    st.lists(st.floats(0, 1) | st.floats(0, 0.05), min_size=1, max_size=40),
    st.sampled_from([0.01, 0.025, 0.05]),
)
def test_holm_agrees_with_statsmodels(p: list[float], level: float) -> None:
    reject, adjusted, _, _ = multipletests(p, alpha=level, method="holm")
    assert holm_adjusted(p) == pytest.approx(list(adjusted), abs=1e-15)
    # within rounding of the level itself either answer is right
    clear = [abs(value - level) > 1e-12 for value in adjusted]
    ours = holm(p, level)
    assert [r for r, c in zip(ours, clear, strict=True) if c] == [
        bool(r) for r, c in zip(reject, clear, strict=True) if c
    ]
