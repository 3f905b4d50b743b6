"""Cohen's kappa of every pair, beside the exact module."""

from __future__ import annotations

import pytest
from hypothesis import given

from assay.measure.kappa import pairwise_kappa
from assay.measure.pairs import pair_figures
from assay.measure.ratings import Ratings
from assay.measure.undefined import Undefined
from tests.measure.strategies import rows
from tests.measure.votes import Table, pairs_of

CODES = (0, 1, 2)


@given(rows(CODES))
def test_kappa_of_each_pair_is_that_of_the_exact_module(table: Table) -> None:
    expected = pairwise_kappa(Ratings.from_rows(table, values=CODES))
    found = {(pair.a, pair.b): pair for pair in pair_figures(pairs_of(table, len(CODES)))}
    for pair, kappa in expected.items():
        if pair not in found:
            assert isinstance(kappa, Undefined)
        elif isinstance(kappa, Undefined):
            assert found[pair].kappa.value is None
            assert found[pair].kappa.reason
        else:
            assert found[pair].kappa.value == pytest.approx(kappa, abs=1e-12)


@given(rows(CODES))
def test_intervals_of_kappa_hold_it_and_have_a_width(table: Table) -> None:
    for pair in pair_figures(pairs_of(table, len(CODES))):
        figure = pair.kappa
        if figure.value is not None:
            assert figure.low is not None
            assert figure.high is not None
            assert figure.low <= figure.value <= figure.high
            assert figure.high - figure.low > 1e-6
        assert 0 <= pair.observed <= 1


def test_kappa_worked_by_hand() -> None:
    # 20 10 / 5 15: observed .7, chance .6 * .5 + .4 * .5 = .5
    table: Table = [[0, 0]] * 20 + [[0, 1]] * 10 + [[1, 0]] * 5 + [[1, 1]] * 15
    (pair,) = pair_figures(pairs_of(table, 2))
    assert pair.observed == 0.7
    assert pair.kappa.value == pytest.approx(0.4)
    assert (pair.kappa.units, pair.kappa.labels) == (50, 100)


def test_two_people_who_share_no_item_have_no_figure() -> None:
    assert pair_figures(pairs_of([[0, None], [None, 1]], 2)) == []


def test_one_label_throughout_has_no_kappa_and_full_agreement() -> None:
    (pair,) = pair_figures(pairs_of([[1, 1]] * 5, 2))
    assert pair.observed == 1.0
    assert pair.kappa.value is None
    assert "one and the same label" in (pair.kappa.reason or "")
