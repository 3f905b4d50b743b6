"""Votes to units: cutting, counting and majorities, for few classes and for many."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure import units
from assay.measure.units import Votes, integer_sums, majority, runs_of, units_of
from tests.measure.strategies import rows
from tests.measure.votes import Table, cut

CODES = (0, 1, 2, 3)


def test_votes_stand_in_one_order_whatever_the_order_of_the_rows() -> None:
    item, annotator, label = np.array([7, 3, 7, 3]), np.array([1, 0, 0, 2]), np.array([5, 6, 7, 8])
    turned = np.array([2, 0, 3, 1])
    one = Votes.sorted_from(item, annotator.astype(np.int32), label.astype(np.int32))
    other = Votes.sorted_from(
        item[turned], annotator[turned].astype(np.int32), label[turned].astype(np.int32)
    )
    assert one.item.tolist() == other.item.tolist() == [3, 3, 7, 7]
    assert one.annotator.tolist() == other.annotator.tolist() == [0, 2, 0, 1]
    assert one.label.tolist() == other.label.tolist() == [6, 8, 7, 5]


@given(rows(CODES))
def test_runs_count_the_labels_of_each_item(table: Table) -> None:
    found = cut(table, 4)
    voted = [[x for x in row if x is not None] for row in table]
    expected = [dict(Counter(row)) for row in voted if row]
    runs = found.runs
    got: list[dict[int, int]] = [{} for _ in expected]
    for unit, label, count in zip(runs.unit, runs.label, runs.count, strict=True):
        got[unit][int(label)] = int(count)
    assert got == expected
    assert found.units.size.tolist() == [len(row) for row in voted if row]
    assert runs.start.tolist() == [sum(map(len, expected[:n])) for n in range(len(expected))]
    assert runs.length.tolist() == list(map(len, expected))


@given(rows(CODES))
def test_a_majority_is_the_only_label_with_most_votes(table: Table) -> None:
    found = majority(cut(table, 4).runs).tolist()
    for row, winner in zip([r for r in table if any(x is not None for x in r)], found, strict=True):
        counts = Counter(x for x in row if x is not None)
        most = max(counts.values())
        leaders = [label for label, n in counts.items() if n == most]
        assert winner == (leaders[0] if len(leaders) == 1 else -1)


@given(rows(CODES), st.integers(5, 200))
def test_many_classes_are_counted_as_few_are(table: Table, cells: int) -> None:
    found = cut(table, 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "_DENSE_CELLS", cells)
        in_stretches = runs_of(found.units.of_vote, found.votes.label, len(found.units), 4)
        sparse = runs_of(found.units.of_vote, found.votes.label * 100, len(found.units), 400)
    for runs in (in_stretches, sparse):
        assert runs.unit.tolist() == found.runs.unit.tolist()
        assert runs.count.tolist() == found.runs.count.tolist()
    assert (sparse.label // 100).tolist() == found.runs.label.tolist()


def test_nothing_has_no_units_and_no_majority() -> None:
    found = cut([], 3)
    assert len(found.units) == 0
    assert majority(found.runs).tolist() == []


def test_sums_of_whole_numbers_are_exact_beyond_what_a_float_holds() -> None:
    large = 2**53 + 1
    sums = integer_sums(np.array([0, 0, 1]), np.array([large, large, 3]), 3)
    assert sums.tolist() == [2 * large, 3, 0]
    assert integer_sums(np.array([0, 0]), np.array([-large, 1]), 1).tolist() == [1 - large]


def test_units_are_cut_at_every_new_item() -> None:
    none = np.zeros(5, np.int32)
    found = units_of(Votes(np.array([-4, -4, 0, 9, 9]), none, none))
    assert found.item.tolist() == [-4, 0, 9]
    assert found.start.tolist() == [0, 2, 3]
    assert found.of_vote.tolist() == [0, 0, 1, 2, 2]
