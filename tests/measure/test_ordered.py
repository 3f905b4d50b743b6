"""Alpha of ordered labels and of sets, beside the exact modules and published values."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.coincidence import krippendorff_alpha
from assay.measure.figure import Figure
from assay.measure.ordered import (
    OrderedLevel,
    OrderedState,
    Sparse,
    mid_ranks,
    ordered_alpha,
    ordered_columns,
    set_metric,
)
from assay.measure.replicates import Design, replicate_sums
from assay.measure.sets import set_alpha
from assay.measure.undefined import Undefined
from tests.measure.strategies import rows
from tests.measure.test_nominal import EXAMPLE_C
from tests.measure.votes import SEED, Table, ordered_figure_of, ordered_of

LEVELS: tuple[OrderedLevel, ...] = get_args(OrderedLevel)
NUMBERS = (1.0, 2.0, 4.0, 8.0)
levels = st.sampled_from(LEVELS)


def alpha_of(table: Table, level: OrderedLevel, numbers: tuple[float, ...] = NUMBERS) -> Figure:
    return ordered_figure_of(ordered_of(table, len(numbers)), numbers, level)


@pytest.mark.parametrize(("level", "published"), [("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)])
def test_krippendorffs_example_c(level: OrderedLevel, published: float) -> None:
    figure = alpha_of(EXAMPLE_C, level, (1.0, 2.0, 3.0, 4.0, 5.0))
    assert figure.value == pytest.approx(published, abs=0.0006)
    assert (figure.low or 2) < published < (figure.high or 0)


@given(rows((0, 1, 2, 3)), levels)
def test_alpha_is_that_of_the_exact_module(table: Table, level: OrderedLevel) -> None:
    figure = alpha_of(table, level)
    numbered = [[None if x is None else NUMBERS[x] for x in row] for row in table]
    expected = krippendorff_alpha(numbered, level)
    if isinstance(expected, Undefined):
        assert figure.value is None
        assert figure.reason
    elif figure.value is None:
        assert figure.units < 2 or "resamples" in (figure.reason or "")
    else:
        assert figure.value == pytest.approx(expected, abs=1e-9)


@given(rows((0, 1, 2, 3)), levels)
def test_intervals_hold_their_value_and_are_never_of_width_zero(table: Table, level: OrderedLevel) -> None:
    figure = alpha_of(table, level)
    if figure.value is not None:
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= figure.value <= figure.high
        assert figure.high - figure.low > 1e-9


@pytest.mark.parametrize("level", LEVELS)
def test_perfect_agreement_is_not_certain_agreement(level: OrderedLevel) -> None:
    figure = alpha_of([[n % 4, n % 4] for n in range(40)], level)
    assert figure.value == figure.high == 1.0
    assert (figure.low or 2) < 1.0


@pytest.mark.parametrize("level", LEVELS)
def test_one_value_and_no_pairs_have_no_alpha(level: OrderedLevel) -> None:
    assert alpha_of([[2, 2], [2, 2]], level).reason == "only one value was used"
    assert "two blind" in (alpha_of([[0, None], [None, 1]], level).reason or "")


def test_a_ratio_of_negative_numbers_has_no_meaning() -> None:
    figure = alpha_of([[0, 1], [1, 1]], "ratio", (-1.0, 2.0))
    assert figure.reason == "the ratio metric needs values of zero or more"
    assert alpha_of([[0, 1], [1, 1], [0, 0]], "ratio", (0.0, 2.0)).value is not None


@given(rows((0, 1, 2, 3)))
def test_ordinal_alpha_knows_only_the_order(table: Table) -> None:
    one, other = (alpha_of(table, "ordinal", numbers) for numbers in (NUMBERS, (0.0, 0.1, 5.0, 1e6)))
    assert one == other


@given(rows((0, 1, 2, 3)), st.floats(0.01, 50), st.floats(-100, 100))
def test_interval_alpha_has_no_unit_and_no_zero(table: Table, unit: float, zero: float) -> None:
    plain = alpha_of(table, "interval")
    moved = alpha_of(table, "interval", tuple(zero + unit * x for x in NUMBERS))
    if plain.value is None:
        assert moved.value is None
    else:
        assert moved.value == pytest.approx(plain.value, abs=1e-6)


def test_mid_ranks_lie_in_the_middle_of_their_labels() -> None:
    assert mid_ranks(np.array([4.0, 0.0, 2.0])).tolist() == [2.0, 4.0, 5.0]


# Sets


def set_figure(table: Table, sets: np.ndarray, distance: str) -> Figure:
    state: OrderedState = ordered_of(table, len(sets))
    metric = set_metric(sets, distance)  # type: ignore[arg-type]  # masi or jaccard
    columns = ordered_columns(state, metric)
    (sums,) = replicate_sums([columns], Design.simple(len(columns)), 100, SEED)
    return ordered_alpha(state, metric, sums, np.ones(1))


SETS = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]], bool)


@given(rows((0, 1, 2, 3, 4)), st.sampled_from(["masi", "jaccard"]))
def test_alpha_of_sets_is_that_of_the_exact_module(table: Table, distance: str) -> None:
    figure = set_figure(table, SETS, distance)
    named = [
        [None if x is None else frozenset(np.flatnonzero(SETS[x]).tolist()) for x in row] for row in table
    ]
    expected = set_alpha(named, distance)  # type: ignore[arg-type]  # masi or jaccard
    if isinstance(expected, Undefined):
        assert figure.value is None
    elif figure.value is not None:
        assert figure.value == pytest.approx(expected, abs=1e-9)


# Sparse sums

amounts = st.lists(st.tuples(st.integers(0, 9), st.integers(-5, 5)), max_size=20)


def sparse(rows: list[tuple[int, int]]) -> Sparse:
    return Sparse.of(np.array([c for c, _ in rows], np.int64), np.array([a for _, a in rows], np.int64))


@given(amounts, amounts)
def test_sparse_sums_are_sums_and_hold_no_zeros(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    added, taken = sparse(one).plus(sparse(other)), sparse(one).plus(sparse(other), -1)
    for code in range(10):
        a, b = (sum(x for c, x in rows if c == code) for rows in (one, other))
        for found, expected in ((added, a + b), (taken, a - b)):
            held = found.amount[found.code == code]
            assert (held.tolist() or [0]) == [expected]
            assert 0 not in held.tolist() or expected == 0
    assert (added.amount != 0).all()
    assert (np.diff(added.code) > 0).all()


def test_a_range_of_codes_begins_at_zero() -> None:
    found = sparse([(2, 1), (5, 2), (7, 3), (9, 4)]).between(5, 3)
    assert (found.code.tolist(), found.amount.tolist()) == ([0, 2], [2, 3])


def test_rows_in_another_order_hold_the_same_meetings() -> None:
    table: Table = [[0, 1], [2, 2], [3, 1], [0, 3]]
    state = ordered_of(table, 4)
    order = np.array([2, 0, 3, 1])
    turned = ordered_of([table[n] for n in order], 4)
    moved = state.with_rows(order)
    assert moved.rows.tolist() == turned.rows.tolist()
    assert moved.drawn.code.tolist() == turned.drawn.code.tolist()
    assert moved.drawn.amount.tolist() == turned.drawn.amount.tolist()
    assert moved.meetings.code.tolist() == state.meetings.code.tolist()
