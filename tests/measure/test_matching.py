"""Pair matching: candidates, the best choice, its ties and both stages."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.optimize import linear_sum_assignment

from assay.annotation.errors import LimitError
from assay.measure import candidates as candidates_module
from assay.measure.assignment import best_choice, smallest_of_best
from assay.measure.candidates import ONE, Objects, candidates, fixed
from assay.measure.matching import class_matches, greedy_match_matrix, match, match_matrix
from assay.measure.overlap_boxes import box_candidates, box_iou

from .located_scenes import boxes, objects, sides

TABLES = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.integers(0, 20).map(lambda n: n / 20),
)


def as_pairs(found: object) -> list[tuple[int, int]]:
    return sorted(zip(found.left.tolist(), found.right.tolist(), strict=True))


@settings(max_examples=150)
@given(objects(), objects(), st.sampled_from([0.1, 1 / 3, 0.5, 0.75, 1.0]))
def test_the_sweep_finds_exactly_the_pairs_that_overlap_enough(
    left: Objects, right: Objects, threshold: float
) -> None:
    table = box_iou(left.box[:, None], right.box[None])
    near = (fixed(table) >= round(threshold * ONE)) & (left.item[:, None] == right.item[None])
    found = box_candidates(left, right, threshold)
    assert as_pairs(found) == sorted(zip(*(end.tolist() for end in np.nonzero(near)), strict=True))
    assert np.array_equal(found.overlap, table[found.left, found.right])


def test_the_sweep_holds_far_from_the_origin_and_on_large_item_numbers() -> None:
    left = sides([2**40, 2**40], [0, 0], [[1e7, 1e7, 10, 10], [-1e7, 0, 10, 10]])
    right = sides(
        [2**40, 2**40, 5], [0, 0, 0], [[1e7 + 1, 1e7, 10, 10], [-1e7, 1, 10, 10], [-1e7, 1, 10, 10]]
    )
    assert as_pairs(box_candidates(left, right, 0.5)) == [(0, 0), (1, 1)]


def test_a_pair_exactly_at_the_threshold_stays() -> None:
    left, right = sides([0], [0], [[0, 0, 0.3, 0.1]]), sides([0], [0], [[0.1, 0, 0.3, 0.1]])
    assert len(box_candidates(left, right, 0.5)) == 1
    assert len(box_candidates(left, right, 0.5001)) == 0


@pytest.mark.parametrize("box", [[0, 0, -1, 1], [0, 0, float("nan"), 1], [0, 0, float("inf"), 1]])
def test_a_box_that_is_none_is_refused(box: list[float]) -> None:
    with pytest.raises(ValueError, match="box"):
        sides([0], [0], [box])


def test_boxes_without_an_area_match_nothing() -> None:
    point = sides([0], [0], [[5, 5, 0, 0]])
    assert len(box_candidates(point, point, 0.1)) == 0


def test_objects_piled_on_each_other_are_refused_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates_module, "MOST_CANDIDATES", 10_000)
    nothing = np.zeros(150, np.int64)
    pile = Objects(nothing, nothing, np.tile([0.0, 0, 5, 5], (150, 1)))
    with pytest.raises(LimitError, match="too many objects"):
        candidates(pile, pile, 0.5)
    monkeypatch.setattr(candidates_module, "MOST_COMPARED", 10_000)
    column = Objects(
        nothing, nothing, np.column_stack([nothing, np.arange(150) * 9, nothing + 5, nothing + 5]) * 1.0
    )
    with pytest.raises(LimitError, match="too many objects"):
        candidates(column, column, 0.5)


@settings(max_examples=200)
@given(TABLES, st.sampled_from([0.05, 0.3, 0.5, 0.8]))
def test_the_sum_of_overlaps_equals_that_of_scipy(table: np.ndarray, threshold: float) -> None:
    kept = np.where(table >= threshold - 1e-12, table, 0)
    rows, columns = linear_sum_assignment(kept, maximize=True)
    found = match_matrix(table, threshold)
    assert found.total == pytest.approx(kept[rows, columns].sum(), abs=1e-9)
    assert len(set(found.rows)) == len(found.rows) == len(set(found.columns))
    assert all(table[pair] >= threshold - 1e-12 for pair in zip(found.rows, found.columns, strict=True))


def test_the_greedy_choice_would_lose_a_pair() -> None:
    table = [[0.9, 0.8], [0.8, 0.1]]
    assert len(match_matrix(table)) == 2
    assert len(greedy_match_matrix(table)) == 1


def test_pairs_below_the_threshold_are_dropped_before_the_sum_is_maximised() -> None:
    table = [[0.6, 0.7], [0.0, 0.4]]
    assert match_matrix(table, 0.5).columns == (1,)


def smallest(table: np.ndarray) -> list[tuple[int, int]]:
    """The first of all lists of pairs with the largest sum, by trying every one."""
    side = max(table.shape)
    padded = np.zeros((side, side), np.int64)
    padded[: table.shape[0], : table.shape[1]] = table
    best = []
    for way in permutations(range(side)):
        pairs = [(row, column) for row, column in enumerate(way) if padded[row, column]]
        best.append((-sum(padded[pair] for pair in pairs), pairs))
    return min(best)[1]


@settings(max_examples=200)
@given(arrays.arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.integers(0, 4)))
def test_of_equal_sums_the_smallest_list_of_positions_stands(table: np.ndarray) -> None:
    rows, columns = np.nonzero(table)
    chosen = best_choice(rows, columns, table[rows, columns], lambda pairs: pairs)
    expected = smallest(table)
    assert list(zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True)) == expected
    side = max(table.shape)
    padded = np.zeros((side, side), np.int64)
    padded[: table.shape[0], : table.shape[1]] = table
    partner = linear_sum_assignment(padded, maximize=True)[1]
    solved = smallest_of_best(padded, partner, rows, columns)
    assert [(row, column) for row, column in enumerate(solved.tolist()) if padded[row, column]] == expected


@settings(max_examples=150)
@given(objects(), objects(), st.permutations(range(14)), st.permutations(range(14)))
def test_matches_do_not_depend_on_the_order_of_objects_or_the_side_they_stand_on(
    left: Objects, right: Objects, first: list[int], second: list[int]
) -> None:
    def told(one: Objects, other: Objects) -> list[object]:
        found = match(one, other, box_candidates(one, other, 0.2), 0.2)
        return sorted(
            (
                sorted([(*one.box[i], one.label[i]), (*other.box[j], other.label[j])]),
                one.item[i],
                round(float(overlap), 12),
                bool(same),
            )
            for i, j, overlap, same in zip(
                found.left, found.right, found.overlap, found.same_class, strict=True
            )
        )

    whole = told(left, right)
    one = np.array([k for k in first if k < len(left)], np.int64)
    other = np.array([k for k in second if k < len(right)], np.int64)
    assert told(left.take(one), right.take(other)) == whole
    assert told(right, left) == whole


def test_classes_are_matched_first_and_what_is_left_names_the_confusion() -> None:
    left = sides([0, 0], [0, 1], [[0, 0, 10, 10], [30, 0, 10, 10]])
    right = sides([0, 0, 0], [1, 0, 2], [[0, 0, 10, 10], [1, 0, 10, 10], [31, 0, 10, 10]])
    found = match(left, right, box_candidates(left, right, 0.5))
    assert as_pairs(found) == [(0, 1), (1, 2)]
    assert found.same_class.tolist() == [True, False]
    assert as_pairs(found.of_class()) == [(0, 1)]


@settings(max_examples=100)
@given(objects(), objects())
def test_matching_at_several_thresholds_equals_matching_at_each(left: Objects, right: Objects) -> None:
    thresholds = [0.2, 0.5, 0.75]
    near = box_candidates(left, right, 0.2)
    together = class_matches(left, right, near, thresholds)
    for threshold, found in zip(thresholds, together, strict=True):
        alone = match(left, right, box_candidates(left, right, threshold), threshold).of_class()
        assert as_pairs(found) == as_pairs(alone)


@given(st.lists(boxes(), min_size=30, max_size=60), st.lists(boxes(), min_size=30, max_size=60))
@settings(max_examples=30, deadline=None)
def test_crowded_items_reach_the_sum_of_scipy(one: list[list[float]], other: list[list[float]]) -> None:
    left, right = sides([0] * len(one), [0] * len(one), one), sides([0] * len(other), [0] * len(other), other)
    table = box_iou(left.box[:, None], right.box[None])
    table[table < 0.1] = 0
    rows, columns = linear_sum_assignment(table, maximize=True)
    found = match(left, right, box_candidates(left, right, 0.1), 0.1)
    assert found.overlap.sum() == pytest.approx(table[rows, columns].sum(), abs=1e-9)


def test_a_chain_of_more_objects_than_any_image_holds_is_refused() -> None:
    place = np.arange(5000)
    left, right = np.concatenate([place, place[1:]]), np.concatenate([place, place[:-1]])
    with pytest.raises(LimitError, match="lie on each other"):
        best_choice(left, right, np.full(len(left), ONE // 2), lambda pairs: pairs)


def test_without_objects_nothing_matches() -> None:
    nothing, some = sides([], [], []), sides([0], [0], [[0, 0, 1, 1]])
    for left, right in ((nothing, some), (some, nothing), (nothing, nothing)):
        assert len(match(left, right, box_candidates(left, right))) == 0
        assert class_matches(left, right, box_candidates(left, right), [0.5])[0].left.tolist() == []
    assert len(match_matrix([])) == 0
