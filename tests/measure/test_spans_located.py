"""Spans of text as located objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.measure.candidates import candidates
from assay.measure.matching import class_matches, match
from assay.measure.spans_located import Spans, exact_span_matches, span_overlap

PART = st.tuples(st.integers(0, 12), st.integers(1, 5)).map(lambda p: (p[0], p[0] + p[1]))
PARTS = st.lists(PART, min_size=1, max_size=3)


def spans(most: int = 8) -> st.SearchStrategy[Spans]:
    row = st.tuples(st.integers(0, 2), st.integers(0, 1), PARTS)
    return st.lists(row, max_size=most).map(of_rows)


def of_rows(rows: list[tuple[int, int, list[tuple[int, int]]]]) -> Spans:
    item, label = (np.array([row[k] for row in rows], np.int64) for k in (0, 1))
    return Spans.of_parts(item, label, [row[2] for row in rows])


def code_points(side: Spans, number: int) -> set[int]:
    ends = range(side.begin[number], side.begin[number] + side.parts[number])
    return {point for part in ends for point in range(side.start[part], side.end[part])}


@settings(max_examples=150)
@given(spans(), spans())
def test_overlap_is_common_code_points_over_those_of_either(left: Spans, right: Spans) -> None:
    found = candidates(left.objects, right.objects, 0.25, span_overlap(left, right))
    expected = {}
    for one in range(len(left.objects)):
        for other in range(len(right.objects)):
            first, second = code_points(left, one), code_points(right, other)
            share = len(first & second) / len(first | second)
            if left.objects.item[one] == right.objects.item[other] and share >= 0.25:
                expected[one, other] = share
    told = dict(zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.overlap, strict=True))
    assert told == pytest.approx(expected)


@settings(max_examples=150)
@given(spans(), spans())
def test_exact_matches_are_those_of_matching_at_an_overlap_of_one(left: Spans, right: Spans) -> None:
    near = candidates(left.objects, right.objects, 1.0, span_overlap(left, right))
    (expected,) = class_matches(left.objects, right.objects, near, [1.0])
    found = exact_span_matches(left, right)
    assert len(found) == len(expected)
    assert len(set(found.left.tolist())) == len(found) == len(set(found.right.tolist()))
    for one, other in zip(found.left, found.right, strict=True):
        assert code_points(left, one) == code_points(right, other)
        assert left.objects.label[one] == right.objects.label[other]
        assert left.objects.item[one] == right.objects.item[other]


def test_nested_spans_are_matched_each_with_its_own() -> None:
    rows = [(0, 0, [(0, 20)]), (0, 0, [(5, 10)]), (0, 1, [(5, 10)])]
    left, right = of_rows(rows), of_rows(rows[::-1])
    found = match(left.objects, right.objects, candidates(left.objects, right.objects, 0.5))
    assert found.right.tolist() == [2, 1, 0]
    assert found.same_class.all()


def test_a_span_in_two_parts_is_not_the_span_over_both() -> None:
    apart, over = of_rows([(0, 0, [(0, 3), (7, 10)])]), of_rows([(0, 0, [(0, 10)])])
    assert len(exact_span_matches(apart, over)) == 0
    near = candidates(apart.objects, over.objects, 0.5, span_overlap(apart, over))
    assert near.overlap.tolist() == pytest.approx([0.6])


def test_parts_that_touch_are_one() -> None:
    joined, whole = of_rows([(0, 0, [(5, 8), (0, 5)])]), of_rows([(0, 0, [(0, 8)])])
    assert not joined.discontinuous
    assert len(exact_span_matches(joined, whole)) == 1


@pytest.mark.parametrize("parts", [[(3, 3)], [(-1, 2)], [(5, 2)], []])
def test_a_span_without_text_is_refused(parts: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"span"):
        of_rows([(0, 0, parts)])
    if parts:
        ends = np.array(parts)
        with pytest.raises(ValueError, match="span"):
            Spans.whole(np.zeros(1, np.int64), np.zeros(1, np.int64), ends[:, 0], ends[:, 1])


def test_large_codes_do_not_mix_up_spans() -> None:
    item = np.array([0, 2**45], np.int64)
    one = Spans.whole(item, np.array([0, 2**30]), np.array([0, 2**31]), np.array([5, 2**31 + 5]))
    assert exact_span_matches(one, one).left.tolist() == [0, 1]
