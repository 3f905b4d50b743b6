"""Disagreements as counts: which labels meet, how much, where and by whom, one item at a time."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure import disagreement
from assay.measure.disagreement import DisagreementState, Sampled, disagreement_state
from assay.measure.replicates import mix
from tests.measure.strategies import rows
from tests.measure.votes import Table, cut

CODES = (0, 1, 2)
ONE = 1 << 20
PEOPLE = 5


def state_of(table: Table, slices: list[int] | None = None, *, first: int = 0) -> DisagreementState:
    """The state of a table; ``slices`` gives each item's value of one attribute of two, or -1."""
    found = cut(table, len(CODES), people=PEOPLE)
    code = np.array(slices if slices is not None else [-1] * len(table), np.int64)[found.units.item]
    votes = found.votes
    units = found.units
    if first:
        votes = type(votes)(votes.item + first, votes.annotator, votes.label)
        units = type(units)(units.item + first, units.start, units.size, units.of_vote)
    return disagreement_state(
        votes, units, found.runs, mix(units.item.astype(np.uint64)), [(code, 0, 2)],
        classes=len(CODES), annotators=PEOPLE, slice_values=2,
    )  # fmt: skip


def voted(table: Table) -> list[list[int]]:
    return [[x for x in row if x is not None] for row in table]


def test_a_table_worked_by_hand() -> None:
    # 0 0 1 | 1 1 1 | 0 2 | 2
    state = state_of([[0, 0, 1], [1, 1, 1], [0, 2], [2]], [0, 1, 0, 0])
    assert (state.units, state.mixed) == (3, 2)
    assert state.pairs.tolist() == [[0, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert (state.apart / ONE).tolist() == [[0, 2 * 1 / 2, 1 * 1 / 1], [0, 0, 0], [0, 0, 0]]
    assert state.holding.tolist() == [2, 2, 1]
    assert state.units_slice.tolist() == [2, 1]
    assert state.mixed_slice.tolist() == [2, 0]
    assert state.pairs_slice[0].tolist() == state.pairs.tolist()


@given(rows(CODES, people=PEOPLE, items=8), st.data())
def test_counts_are_those_of_single_items(table: Table, data: st.DataObject) -> None:
    slices = data.draw(st.lists(st.integers(-1, 1), min_size=len(table), max_size=len(table)))
    state = state_of(table, slices)
    several = [(n, votes) for n, votes in enumerate(voted(table)) if len(votes) >= 2]
    assert state.units == len(several)
    assert state.mixed == sum(len(set(votes)) > 1 for _, votes in several)
    for v, w in combinations(CODES, 2):
        met = [(n, votes) for n, votes in several if v in votes and w in votes]
        assert state.pairs[v, w] == len(met)
        expected = sum(votes.count(v) * votes.count(w) / (len(votes) - 1) for _, votes in met)
        assert state.apart[v, w] / ONE == pytest.approx(expected, abs=1e-4)
        for value in (0, 1):
            assert state.pairs_slice[value, v, w] == sum(slices[n] == value for n, _ in met)
    for code in CODES:
        assert state.holding[code] == sum(code in votes for _, votes in several)
    for value in (0, 1):
        assert state.units_slice[value] == sum(slices[n] == value for n, _ in several)


@given(rows(CODES, people=PEOPLE, items=8))
def test_people_are_counted_on_the_items_they_split(table: Table) -> None:
    state = state_of(table)
    for who in range(PEOPLE):
        for v, w in ((v, w) for v in CODES for w in CODES if v != w):
            expected = sum(
                who < len(row) and row[who] == v and any(x == w for a, x in enumerate(row) if a != who)
                for row in table
            )
            assert state.person_pairs[who, v, w] == expected


@given(rows(CODES, people=PEOPLE, items=10), st.integers(0, 10), st.integers(1, 6))
def test_two_halves_add_up_to_the_whole_with_the_same_examples(table: Table, cut_at: int, kept: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disagreement, "SAMPLE", kept)
        whole = state_of(table)
        halves = state_of(table[:cut_at]) + state_of(table[cut_at:], first=cut_at)
    for name in ("pairs", "apart", "holding", "votes", "person_pairs", "person_says", "person_beside"):
        assert getattr(whole, name).tolist() == getattr(halves, name).tolist(), name
    assert (whole.units, whole.mixed) == (halves.units, halves.mixed)
    for name in ("vote_key", "vote_annotator", "vote_label"):
        assert getattr(whole.sample, name).tolist() == getattr(halves.sample, name).tolist(), name
    assert sorted(whole.sample.key.tolist()) == sorted(halves.sample.key.tolist())
    assert len(whole.sample.key) == min(kept, whole.mixed)


def test_the_sample_is_of_the_smallest_hashes() -> None:
    table: Table = [[0, 1]] * 40
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disagreement, "SAMPLE", 7)
        sample = state_of(table).sample
    smallest = np.argsort(mix(np.arange(40, dtype=np.uint64)))[:7]
    assert sorted(sample.key.tolist()) == sorted(smallest.tolist())
    assert len(sample.vote_key) == 14


def test_an_empty_sample_changes_nothing() -> None:
    sample = state_of([[0, 1], [1, 2]]).sample
    added = Sampled.empty() + sample
    assert sorted(added.key.tolist()) == sorted(sample.key.tolist())
    assert added.vote_label.tolist() == sample.vote_label.tolist()
