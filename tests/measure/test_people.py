"""What each person says beside the others, against sums made one vote at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure import people as module
from assay.measure.people import scale_positions
from tests.measure.strategies import rows
from tests.measure.votes import Table, pairs_of, people_of

CODES = (0, 1, 2)
ONE = 1 << 20
PEOPLE = 5


def others_of(row: Sequence[int | None], who: int) -> list[int]:
    return [x for a, x in enumerate(row) if a != who and x is not None]


def share_of(votes: Sequence[int], label: int) -> float:
    return votes.count(label) / len(votes)


def pairs_agreeing(votes: Sequence[int]) -> float:
    pairs = list(combinations(votes, 2))
    return sum(a == b for a, b in pairs) / len(pairs)


def test_a_table_worked_by_hand() -> None:
    # items: 0 0 1 | 0 0 - | 1 - 1, the last one gold
    state = people_of([[0, 0, 1], [0, 0, None], [1, None, 1]], 2, gold=[2])
    assert state.labels.tolist() == [[2, 1], [2, 0], [0, 2]]
    # annotator 0 beside others: 1/2 on item 0, 1 on item 1 outside gold; 1 inside gold
    assert (state.own[0] / ONE).tolist() == [[2 / ONE, 1.5, 1.25], [1 / ONE, 1.0, 1.0]]
    # the others of annotator 2 gave class 0 twice of two on item 0, and class 1 on item 2
    assert (state.beside[2] / ONE).tolist() == [1.0, 1.0]
    # item 0 has three votes: annotator 2 agrees with 0 of 2, the others with each other
    within = state.paired.sum(axis=(1, 2))
    assert within[2].tolist() == [1, -ONE, ONE]
    assert within[0].tolist() == [1, ONE // 2, ONE // 4]


@given(rows(CODES, people=PEOPLE, items=8), st.sets(st.integers(0, 7)))
def test_sums_are_those_of_single_votes(table: Table, gold: set[int]) -> None:
    state = people_of(table, len(CODES), gold=sorted(gold), people=PEOPLE)
    for who in range(PEOPLE):
        own: list[list[float]] = [[], []]
        gaps: list[float] = []
        beside = np.zeros(len(CODES))
        labels = Counter(row[who] for row in table if who < len(row) and row[who] is not None)
        for item, row in enumerate(table):
            if who >= len(row) or (mine := row[who]) is None:
                continue
            others = others_of(row, who)
            if others:
                own[item in gold].append(share_of(others, mine))
                beside += [share_of(others, code) for code in CODES]
            if len(others) >= 2:
                gaps.append(share_of(others, mine) - pairs_agreeing(others))
        assert [labels[code] for code in CODES] == state.labels[who].tolist()
        assert state.beside[who] / ONE == pytest.approx(beside, abs=1e-4)
        for side in (0, 1):
            expected = (len(own[side]), sum(own[side]), sum(x * x for x in own[side]))
            found = state.own[who, side]
            assert (found[0], found[1] / ONE, found[2] / ONE) == pytest.approx(expected, abs=1e-4)
        within = state.paired[who].sum(axis=(0, 1))
        assert (within[0], within[1] / ONE) == pytest.approx((len(gaps), sum(gaps)), abs=1e-4)


@given(rows(CODES, people=PEOPLE, items=8))
def test_the_sums_of_one_person_do_not_change_when_the_votes_of_others_on_other_items_do(
    table: Table,
) -> None:
    alone = [
        row if row[0] is not None else [None, *((x + 1) % 3 if x is not None else None for x in row[1:])]
        for row in table
    ]
    one, other = (people_of(t, 3, people=PEOPLE) for t in (table, alone))
    assert one.own[0].tolist() == other.own[0].tolist()
    assert one.labels[0].tolist() == other.labels[0].tolist()
    assert one.beside[0].tolist() == other.beside[0].tolist()


def test_many_people_and_classes_share_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    table: Table = [[0, 0, 1], [2, 1, 1], [0, 1, 2]]
    whole = people_of(table, 3)
    monkeypatch.setattr(module, "_MOST_BLOCKS", 1)
    narrow = people_of(table, 3)
    assert narrow.paired.shape[2] == 1
    assert narrow.paired.sum(axis=2).tolist() == whole.paired.sum(axis=2).tolist()


def test_places_on_a_scale_by_value_and_by_rank() -> None:
    numbers = np.array([1.0, 2.0, 11.0])
    assert (scale_positions(numbers, by_rank=False) / ONE).tolist() == pytest.approx([0, 0.1, 1], abs=1e-6)
    assert (scale_positions(numbers, by_rank=True) / ONE).tolist() == [0, 0.5, 1]
    assert scale_positions(np.array([3.0]), by_rank=False).tolist() == [0]


# Pairs


@given(rows(CODES, people=PEOPLE, items=8))
def test_pairs_are_counted_one_by_one(table: Table) -> None:
    state = pairs_of(table, len(CODES), people=PEOPLE)
    for a, b in combinations(range(PEOPLE), 2):
        both = [
            (row[a], row[b], row)
            for row in table
            if b < len(row) and row[a] is not None and row[b] is not None
        ]
        assert state.shared[a, b] == len(both)
        assert state.agree[a, b] == sum(x == y for x, y, _ in both)
        assert state.first[a, b].tolist() == [sum(x == code for x, _, _ in both) for code in CODES]
        assert state.second[a, b].tolist() == [sum(y == code for _, y, _ in both) for code in CODES]
        voted = [[x for x in row if x is not None] for *_, row in both]
        mixed = [len(votes) >= 3 and len(set(votes)) > 1 for votes in voted]
        assert state.mixed[a, b] == sum(mixed)
        assert state.mixed_agree[a, b] == sum(m and x == y for m, (x, y, _) in zip(mixed, both, strict=True))
    assert not np.tril(state.shared).any()


def test_items_of_very_many_votes_are_left_out_of_pairs_and_counted() -> None:
    crowd = [0] * 257
    state = pairs_of([crowd, [0, 1, *[None] * 255]], 2)
    assert state.left_out == 1
    assert state.shared.sum() == 1
    assert people_of([crowd], 2).own[:, 0, 0].sum() == 257
