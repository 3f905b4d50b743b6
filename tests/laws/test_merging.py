"""States hold integers: parts add up to the whole to the bit, and what is taken away and added again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.analytics.batch import Batch
from assay.analytics.measuring import measure
from assay.judge.figures import Method
from assay.judge.measured import measure_batch
from assay.measure.accuracy import GoldState, gold_state
from tests.laws.batches import batches, gold_facts, in_stretches, plain, summed
from tests.measure.strategies import rows
from tests.measure.votes import (
    Table,
    figures_of,
    nominal_of,
    ordered_figure_of,
    ordered_of,
    pairs_of,
    people_of,
)

CODES = (0, 1, 2)
ROWS = 12
tables = rows(CODES, people=4, items=ROWS)
cuts = st.lists(st.integers(1, 13), max_size=4)

BUILDERS: dict[str, Callable[[Table], Any]] = {
    "nominal": lambda table: nominal_of(table, len(CODES), rows=ROWS, largest=5),
    "ordered": lambda table: ordered_of(table, len(CODES), rows=ROWS),
    "people": lambda table: people_of(table, len(CODES), people=5),
    "pairs": lambda table: pairs_of(table, len(CODES), people=5),
}


def halves(table: Table, cut: int) -> tuple[Table, Table]:
    """The items before the cut and those after it, each in its place."""
    nothing: list[int | None] = [None]
    return [*table[:cut], *[nothing] * (len(table) - cut)], [*[nothing] * cut, *table[cut:]]


@pytest.mark.parametrize("name", BUILDERS)
@given(table=tables, cut=st.integers(0, ROWS))
def test_two_halves_are_the_whole(name: str, table: Table, cut: int) -> None:
    build = BUILDERS[name]
    one, other = halves(table, cut)
    whole = plain(build(table))
    assert plain(build(one) + build(other)) == whole
    assert plain(build(other) + build(one)) == whole


@pytest.mark.parametrize("name", BUILDERS)
@given(table=tables, cut=st.integers(0, ROWS))
def test_what_is_taken_away_and_added_again_changes_nothing(name: str, table: Table, cut: int) -> None:
    build = BUILDERS[name]
    one, other = halves(table, cut)
    whole = build(table)
    assert plain(whole - build(other)) == plain(build(one))
    assert plain(whole - build(other) + build(other)) == plain(whole)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2)), min_size=1, max_size=20), st.integers(0, 20)
)
def test_scored_labels_add_up_and_can_be_taken_away(labels: list[tuple[int, int]], cut: int) -> None:
    def build(part: slice) -> GoldState:
        gold, given_ = (np.array([label[n] for label in labels][part], np.int64) for n in range(2))
        row = np.arange(len(labels))[part]
        return gold_state(gold, given_, np.zeros_like(gold), row, classes=3, blocks=1, rows=len(labels))

    whole, one, other = build(slice(None)), build(slice(None, cut)), build(slice(cut, None))
    assert plain(one + other) == plain(whole)
    assert plain(whole - other) == plain(one)
    assert plain(whole - other + other) == plain(whole)


def test_a_late_vote_is_the_old_item_taken_away_and_the_new_one_added() -> None:
    before: Table = [[0, 1, None], [2, 2, 2], [0, 0, 1]]
    after: Table = [[0, 1, 1], [2, 2, 2], [0, 0, 1]]
    for build in BUILDERS.values():
        item = build([before[0]])
        changed = build(before) - item + build([after[0]])
        assert plain(changed) == plain(build(after))


@given(table=tables, extra=st.lists(st.sampled_from(CODES), min_size=4, max_size=5))
def test_figures_after_taking_a_larger_item_away_are_the_same_to_the_bit(
    table: Table, extra: list[int]
) -> None:
    wide: Table = [*table, extra]
    at = len(table)
    lonely: Table = [*[[None]] * at, extra]
    kept = nominal_of(wide, 3, rows=ROWS + 1) - nominal_of(lonely, 3, rows=ROWS + 1)
    narrow = nominal_of(table, 3, rows=ROWS + 1)
    assert figures_of(kept, 3, replicates=20) == figures_of(narrow, 3, replicates=20)
    kept_ordered = ordered_of(wide, 3, rows=ROWS + 1) - ordered_of(lonely, 3, rows=ROWS + 1)
    narrow_ordered = ordered_of(table, 3, rows=ROWS + 1)
    numbers = (1.0, 2.0, 5.0)
    one, other = (
        ordered_figure_of(s, numbers, "interval", replicates=20) for s in (kept_ordered, narrow_ordered)
    )
    assert one == other


# Whole batches


@given(batch=batches(), at=cuts)
def test_stretches_of_any_size_sum_to_the_same_state(batch: Batch, at: list[int]) -> None:
    whole, _ = measure(batch, "s")
    parts, _ = measure(in_stretches(batch, at), "s")
    assert summed(parts) == summed(whole)


@settings(max_examples=25)
@given(batch=batches(), at=cuts)
def test_stretches_of_any_size_give_the_same_figures_to_the_bit(batch: Batch, at: list[int]) -> None:
    method, facts = Method(50, "s"), gold_facts(batch)
    given_facts = facts if len(batch.gold) else None
    one, other = (measure_batch(b, method, given_facts).measured for b in (batch, in_stretches(batch, at)))
    assert one.agreement == other.agreement
    if one.gold is None or other.gold is None:
        assert one.gold is other.gold
        return
    for name in ("overall", "by_class", "by_annotator", "by_slice"):
        assert getattr(one.gold, name) == getattr(other.gold, name), name


def test_rows_dealt_out_by_row_do_not_add_up() -> None:
    # why states are cut by items: three votes of one item in two parts lose the pairs between them
    whole = nominal_of([[0, 0, 1]], 2, rows=1, largest=3)
    by_row = nominal_of([[0, 0, None]], 2, rows=1, largest=3) + nominal_of(
        [[None, None, 1]], 2, rows=1, largest=3
    )
    assert plain(whole) != plain(by_row)
