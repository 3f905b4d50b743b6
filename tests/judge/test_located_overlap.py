"""Overlaps of every kind: between 0 and 1, the same in both directions, 1 for equal objects, right by other libraries."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from assay.judge.located_batch import Marks
from assay.judge.located_overlap import overlap_of, prepare_marks
from assay.measure.candidates import candidates
from assay.measure.overlap_boxes import box_iou
from tests.judge.located_marks import Drawn, box, field, joints, line, marks, mask, polygon, rotated, span

SIZE = 24
whole = st.integers(0, SIZE - 4)
side = st.integers(1, 8)
number = st.integers(-8, SIZE * 2).map(lambda half: half / 2)


@st.composite
def boxes(draw: st.DrawFn) -> Drawn:
    return box(draw(whole), draw(whole), draw(side), draw(side))


@st.composite
def rings(draw: st.DrawFn) -> Drawn:
    corners = draw(st.lists(st.tuples(number, number), min_size=3, max_size=7))
    return polygon([[value for corner in corners for value in corner]])


@st.composite
def turned(draw: st.DrawFn) -> Drawn:
    angle = np.deg2rad(draw(st.integers(0, 359)))
    along = np.array([np.cos(angle), np.sin(angle)]) * draw(side)
    down = np.array([-np.sin(angle), np.cos(angle)]) * draw(side)
    start = np.array([draw(whole), draw(whole)], float)
    return rotated(np.concatenate([start, start + along, start + along + down, start + down]).tolist())


@st.composite
def pixels(draw: st.DrawFn) -> Drawn:
    table = np.zeros((SIZE, SIZE), bool)
    for _ in range(draw(st.integers(0, 3))):
        x, y, w, h = draw(whole), draw(whole), draw(side), draw(side)
        table[y : y + h, x : x + w] = True
    return mask(table)


@st.composite
def lines(draw: st.DrawFn) -> Drawn:
    points = draw(st.lists(st.tuples(number, number), min_size=2, max_size=6))
    return line(*[value for point in points for value in point])


@st.composite
def bodies(draw: st.DrawFn) -> Drawn:
    flat = [v for _ in range(4) for v in (draw(number), draw(number), draw(st.sampled_from([0, 1, 2])))]
    return joints(*flat, frame=(draw(whole), draw(whole), draw(side), draw(side)))


@st.composite
def stretches(draw: st.DrawFn) -> Drawn:
    starts = draw(st.lists(st.integers(0, 40), min_size=1, max_size=3))
    return span(*[(start, start + draw(side)) for start in starts])


@st.composite
def entries(draw: st.DrawFn) -> Drawn:
    label = draw(st.integers(0, 1))
    value = draw(st.sampled_from([None, "", "12", " 12", "12.50", "Total", "TOTAL"]))
    frame = draw(st.sampled_from([(0, 0, 0, 0), (1, 1, 4, 2), (2, 1, 4, 2)]))
    return field(f"key {label}", value, frame, label=label)


KINDS = {
    "boxes": st.one_of(boxes(), turned(), rings(), pixels()),
    "shapes": st.one_of(boxes(), rings(), turned(), lines()),
    "masks": st.one_of(boxes(), rings(), pixels()),
    "keypoints": st.one_of(bodies(), boxes()),
    "spans": stretches(),
    "fields": entries(),
}


def every_pair(kind: str, left: Marks, right: Marks, **more: object) -> np.ndarray:
    found = overlap_of(kind, left, right, **more)
    one, other = (index.ravel() for index in np.indices((len(left), len(right))))
    if found is None:
        return box_iou(left.objects.box[one], right.objects.box[other]).reshape(len(left), len(right))
    return found(one, other).reshape(len(left), len(right))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(data=st.data())
def test_overlap_is_the_same_in_both_directions_and_between_0_and_1(kind: str, data: st.DataObject) -> None:
    side = st.lists(KINDS[kind], min_size=1, max_size=5)
    left, right = marks(*data.draw(side)), marks(*data.draw(side))
    there, back = (every_pair(kind, *pair, mutual=True) for pair in ((left, right), (right, left)))
    assert np.array_equal(there, back.T)
    assert ((there >= 0) & (there <= 1)).all()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(data=st.data())
def test_equal_objects_overlap_wholly_where_they_have_an_extent(kind: str, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(KINDS[kind], min_size=1, max_size=5))
    one, other = marks(*drawn), marks(*drawn)
    found = np.diagonal(every_pair(kind, one, other))
    overlap = overlap_of(kind, one, other)
    rows = np.arange(len(drawn))
    areas = overlap.left_areas(rows) if overlap is not None else one.objects.box[:, 2:].prod(axis=1)
    for row, given_one in enumerate(drawn):
        if areas[row] > 0 or given_one.kind in ("keypoints", "field"):
            assert found[row] == pytest.approx(1, abs=1e-12)
        else:
            assert found[row] == 0


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(data=st.data())
def test_no_pair_is_lost_to_enclosing_boxes_and_no_order_matters(kind: str, data: st.DataObject) -> None:
    side = st.lists(KINDS[kind], min_size=1, max_size=5)
    drawn = data.draw(side), data.draw(side)
    left, right = (marks(*some) for some in drawn)
    expected = every_pair(kind, left, right)
    order = np.array(data.draw(st.permutations(range(len(left)))))
    shuffled = left.take(order)
    near = candidates(
        prepare_marks(kind, shuffled),
        prepare_marks(kind, right),
        0.1,
        overlap_of(kind, shuffled, right, least=0.1),
    )
    found = np.zeros(expected.shape)
    found[order[near.left], near.right] = near.overlap
    certain = expected > 0.1 + 1e-9
    assert np.allclose(found[certain], expected[certain], atol=1e-12)
    assert (found[expected < 0.1 - 1e-9] == 0).all()


@settings(max_examples=80)
@given(one=rings(), other=st.one_of(rings(), boxes(), turned()))
def test_areas_are_those_of_shapely(one: Drawn, other: Drawn) -> None:
    def area(drawn: Drawn) -> shapely.Geometry:
        if drawn.kind == "box":
            x, y, w, h = drawn.box
            return shapely.box(x, y, x + w, y + h)
        ring = (drawn.shape or {}).get("corners") or drawn.shape["rings"][0]
        parts = shapely.get_parts(shapely.make_valid(shapely.Polygon(np.reshape(ring, (-1, 2)))))
        return shapely.union_all([part for part in parts if part.area > 0])

    first, second = area(one), area(other)
    union = first.union(second).area
    expected = first.intersection(second).area / union if union else 0
    assert every_pair("shapes", marks(one), marks(other))[0, 0] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=80)
@given(one=pixels(), other=st.one_of(pixels(), rings(), boxes()))
def test_pixels_are_those_of_pycocotools(one: Drawn, other: Drawn) -> None:
    def encoded(drawn: Drawn) -> object:
        if drawn.kind == "mask":
            return coco.frPyObjects(dict(drawn.shape), SIZE, SIZE)
        x, y, w, h = drawn.box
        ring = drawn.shape["rings"][0] if drawn.shape else [x, y, x + w, y, x + w, y + h, x, y + h]
        return coco.merge(coco.frPyObjects([[float(value) for value in ring]], SIZE, SIZE))

    expected = coco.iou([encoded(one)], [encoded(other)], [0])[0, 0]
    found = every_pair("masks", marks(one), marks(other))[0, 0]
    assert found == pytest.approx(np.nan_to_num(expected), abs=1e-12)


def test_a_hole_is_no_part_of_a_polygon() -> None:
    square, hole = [0, 0, 10, 0, 10, 10, 0, 10], [2, 2, 8, 2, 8, 8, 2, 8]
    ring, full = polygon([square], [hole]), polygon([square])
    assert every_pair("shapes", marks(ring), marks(full))[0, 0] == pytest.approx(0.64)
    pixels_of_full = np.ones((10, 10), int)
    assert every_pair("masks", marks(ring), marks(mask(pixels_of_full)))[0, 0] == pytest.approx(0.64)


def test_a_mask_in_a_larger_image_is_the_same_mask() -> None:
    table = np.zeros((6, 7), int)
    table[1:4, 2:6] = 1
    larger = np.zeros((9, 12), int)
    larger[:6, :7] = table
    assert every_pair("masks", marks(mask(table)), marks(mask(larger)))[0, 0] == 1


def test_a_polygon_far_outside_is_filled_in_bounded_time() -> None:
    huge = polygon([[-1e8, -1e8, 1e8, -1e8, 1e8, 1e8, -1e8, 1e8]])
    assert every_pair("masks", marks(huge), marks(mask(np.ones((20, 30), int))))[0, 0] == 1


def test_a_line_half_as_long_overlaps_by_half() -> None:
    long, half, apart = line(0, 0, 1000, 0), line(0, 0, 500, 0), line(0, 60, 1000, 60)
    found = every_pair("shapes", marks(long), marks(half, apart, line(0, 20, 1000, 20)))[0]
    assert found[0] == pytest.approx(0.5, abs=0.03)
    assert found[1] == 0
    assert found[2] == 1, "20 pixels are within the tolerance of a line of 1,000"


def test_a_line_and_a_box_do_not_overlap() -> None:
    assert every_pair("shapes", marks(line(0, 0, 10, 10)), marks(box(0, 0, 10, 10)))[0, 0] == 0


def test_shapes_that_are_none_have_no_overlap() -> None:
    two, one_point = polygon([[0, 0, 5, 5]]), line(3, 3)
    left = marks(two, one_point, polygon([[0, 0, 4, 0, 8, 0]]))
    assert (every_pair("shapes", left, left) == 0).all()


def test_joints_that_were_not_placed_count_as_missed() -> None:
    gold = marks(joints(0, 0, 2, 10, 10, 2, frame=(0, 0, 20, 20)))
    given_one = marks(joints(0, 0, 2, 10, 10, 0, frame=(0, 0, 20, 20)))
    assert every_pair("keypoints", gold, given_one)[0, 0] == pytest.approx(0.5)
    assert every_pair("keypoints", given_one, gold)[0, 0] == 1, "the reference says which joints count"
    assert every_pair("keypoints", gold, given_one, mutual=True)[0, 0] == pytest.approx(0.75)


def test_sets_without_placed_joints_are_compared_by_their_boxes() -> None:
    empty = joints(0, 0, 0, frame=(0, 0, 10, 10))
    moved = joints(0, 0, 0, frame=(5, 0, 10, 10))
    assert every_pair("keypoints", marks(empty), marks(moved))[0, 0] == pytest.approx(1 / 3)


def test_parts_of_spans_count_and_gaps_do_not() -> None:
    two, all_of_it = span((0, 4), (10, 14)), span((0, 14))
    assert every_pair("spans", marks(two), marks(all_of_it, two))[0].tolist() == [8 / 14, 1]


def test_fields_are_compared_by_value_and_then_by_place() -> None:
    here, there = (0, 0, 10, 10), (50, 0, 10, 10)
    gold = marks(field("total", "12.50", here))
    given_ones = marks(
        field("total", "12.50", here), field("total", "12.50", there), field("total", "12.50"),
        field("total", "12.5O", here), field("date", "12.50", here, label=1), field("date", "x", here, label=1),
    )  # fmt: skip
    found = every_pair("fields", gold, given_ones)[0]
    assert found[:3].tolist() == [1, 0.5, 1]
    assert 0.1 < found[3] < 0.5, "another value under the same key is the same field with a wrong value"
    assert found[4] == 1, "the value stands under a wrong key"
    assert found[5] == 0
