"""One class against the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.binary import binary_kappa, f1, precision, recall
from assay.measure.undefined import Undefined


def test_kappa_tends_to_f1_as_true_negatives_grow() -> None:
    limit = f1(40, 7, 9)
    gaps = [limit - binary_kappa(40, 7, 9, negatives) for negatives in (100, 10_000, 1_000_000_000)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == pytest.approx(0, abs=1e-8)


def test_what_does_not_exist_says_why() -> None:
    assert precision(0, 0) == Undefined("the class was never delivered")
    assert recall(0, 0) == Undefined("the reference does not hold the class")
    assert f1(0, 0, 0) == Undefined("neither side holds the class")
    assert isinstance(binary_kappa(0, 0, 0, 7), Undefined)


def test_a_class_missed_altogether_is_zero_and_not_undefined() -> None:
    assert (recall(0, 5), f1(0, 0, 5)) == (0.0, 0.0)


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))
def test_f1_is_the_harmonic_mean(hits: int, wrong: int, missed: int) -> None:
    exact, found = precision(hits, wrong), recall(hits, missed)
    assert f1(hits, wrong, missed) == pytest.approx(2 / (1 / exact + 1 / found))
