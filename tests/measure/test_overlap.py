"""Overlap of boxes, polygons, masks and lines, similarity of joints, panoptic quality."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assay.measure.candidates import Objects, candidates
from assay.measure.keypoints import COCO_SIGMAS, KeypointOverlap, joint_state, joints_of, oks
from assay.measure.matching import match
from assay.measure.overlap_boxes import box_iou
from assay.measure.overlap_masks import (
    Mask,
    MaskOverlap,
    boundary,
    boundary_iou,
    boundary_width,
    decoded_runs,
    encoded_runs,
    mask_counts,
)
from assay.measure.overlap_shapes import (
    LineOverlap,
    ShapeOverlap,
    cuboid_iou,
    line_distances,
    polygon,
    polygon_iou,
    polylines,
    rotated_boxes,
    rotated_iou,
    shape_iou,
)
from assay.measure.panoptic import panoptic_counts, panoptic_quality
from assay.measure.undefined import Undefined

BITMAPS = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))
SIDE = st.floats(0.5, 20)


def two_bitmaps() -> st.SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    shape = st.tuples(st.integers(1, 12), st.integers(1, 12))
    return shape.flatmap(lambda size: st.tuples(arrays.arrays(bool, size), arrays.arrays(bool, size)))


@given(st.lists(st.tuples(SIDE, SIDE, SIDE, SIDE), min_size=2, max_size=2), st.floats(-180, 180))
def test_boxes_polygons_and_rotated_boxes_agree_on_straight_boxes(rows: list, turn: float) -> None:
    expected = float(box_iou(*rows))
    corners = [[x, y, x + w, y, x + w, y + h, x, y + h] for x, y, w, h in rows]
    centred = [[x + w / 2, y + h / 2, w, h, 0] for x, y, w, h in rows]
    assert polygon_iou(*corners) == pytest.approx(expected, abs=1e-9)
    assert rotated_iou(*centred) == pytest.approx(expected, abs=1e-9)
    angle = math.radians(turn)
    around = [
        [
            x * math.cos(angle) - y * math.sin(angle),
            x * math.sin(angle) + y * math.cos(angle),
            w,
            h,
            turn,
        ]
        for x, y, w, h, _ in centred
    ]
    assert rotated_iou(*around) == pytest.approx(expected, abs=1e-7)


def test_a_rotated_box_turns_clockwise_on_screen() -> None:
    (turned,) = rotated_boxes([10, 10, 8, 2, 90])
    assert turned.bounds == pytest.approx((9, 6, 11, 14))
    first_corner = np.array(rotated_boxes([0, 0, 2, 2, 45])[0].exterior.coords[0])
    assert first_corner == pytest.approx([0, -math.sqrt(2)])


def test_holes_count_as_outside() -> None:
    ring, hole = [0, 0, 10, 0, 10, 10, 0, 10], [2, 2, 8, 2, 8, 8, 2, 8]
    shapes = np.array([polygon([ring], [hole]), polygon([ring])])
    assert shape_iou(shapes[:1], shapes[1:])[0] == pytest.approx(0.64)


def test_a_ring_that_crosses_itself_is_the_area_it_encloses() -> None:
    bow = polygon([[0, 0, 2, 2, 2, 0, 0, 2]])
    assert bow.area == pytest.approx(2.0)


@pytest.mark.parametrize("ring", [[0, 0, 1, 1], [0, 0, 1, 1, 2], [0, 0, 1, float("nan"), 1, 1], []])
def test_what_is_no_ring_is_refused(ring: list[float]) -> None:
    with pytest.raises(ValueError, match="ring"):
        polygon([ring])


def test_a_flat_ring_overlaps_nothing() -> None:
    assert polygon_iou([0, 0, 5, 0, 10, 0], [0, 0, 5, 0, 10, 0]) == 0


def test_polygons_of_many_items_are_matched_by_their_own_overlap() -> None:
    thin = [[0, 0, 10, 0, 10, 1, 1, 1, 1, 10, 0, 10], [0, 0, 10, 0, 10, 10, 9, 10, 9, 1, 0, 1]]
    shapes = np.array([polygon([ring]) for ring in thin])
    boxes = np.tile([0.0, 0, 10, 10], (2, 1))
    side = Objects(np.zeros(2, np.int64), np.zeros(2, np.int64), boxes)
    near = candidates(side, side, 0.1, ShapeOverlap(shapes, shapes))
    assert len(near) == 4
    found = match(side, side, near)
    assert found.right.tolist() == [0, 1]


def test_cuboids_that_lie_above_each_other_do_not_overlap() -> None:
    assert cuboid_iou([0, 0, 0, 1, 1, 1, 30], [0, 0, 2, 1, 1, 1, 30]) == 0
    assert cuboid_iou([0, 0, 0, 2, 1, 1, 90], [0, 0, 0, 1, 2, 1, 0]) == pytest.approx(1)


def test_distances_of_lines() -> None:
    lines = polylines([[0, 0, 10, 0], [0, 3, 10, 3], [0, 0, 10, 0, 10, 8]])
    mean, most = line_distances(lines[[0, 0]], lines[[1, 2]])
    assert mean[0] == pytest.approx(3)
    assert most.tolist() == pytest.approx([3, 8])
    overlap = LineOverlap(lines, lines, 2.0)
    assert overlap(np.array([0, 0]), np.array([0, 1])).tolist() == [1, 0]
    assert 0.5 < overlap(np.array([0]), np.array([2]))[0] < 1
    with pytest.raises(ValueError, match="two points"):
        polylines([[0, 0]])


@given(two_bitmaps())
def test_runs_hold_the_same_pixels_as_bitmaps(pair: tuple[np.ndarray, np.ndarray]) -> None:
    one, other = (Mask.of_bitmap(bitmap) for bitmap in pair)
    assert np.array_equal(one.bitmap(), pair[0])
    assert np.array_equal(decoded_runs(encoded_runs(one.runs)), one.runs)
    counts = mask_counts(one, other)
    assert (counts.both, counts.one, counts.other) == (
        (pair[0] & pair[1]).sum(),
        pair[0].sum(),
        pair[1].sum(),
    )
    rows, columns = np.nonzero(pair[0])
    x, y, w, h = one.box()
    if len(rows):
        assert (y, x, y + h - 1, x + w - 1) == (rows.min(), columns.min(), rows.max(), columns.max())
    else:
        assert (x, y, w, h) == (0, 0, 0, 0)


@given(st.lists(two_bitmaps(), min_size=1, max_size=4))
def test_overlaps_of_many_masks_are_those_of_each_pair(pairs: list) -> None:
    left, right = ([Mask.of_bitmap(bitmap) for bitmap in side] for side in zip(*pairs, strict=True))
    index = np.arange(len(pairs))
    expected = [mask_counts(one, other).iou for one, other in zip(left, right, strict=True)]
    assert MaskOverlap(left, right)(index, index).tolist() == expected


def naive_boundary(bitmap: np.ndarray, pixels: int) -> np.ndarray:
    padded = np.pad(bitmap, pixels)
    height, width = bitmap.shape
    eroded = np.ones_like(bitmap)
    for down in range(2 * pixels + 1):
        for across in range(2 * pixels + 1):
            eroded &= padded[down : down + height, across : across + width]
    return bitmap & ~eroded


@given(BITMAPS, st.integers(1, 3))
@settings(max_examples=60)
def test_the_boundary_is_what_erosion_takes_away(bitmap: np.ndarray, pixels: int) -> None:
    assert np.array_equal(boundary(Mask.of_bitmap(bitmap), pixels).bitmap(), naive_boundary(bitmap, pixels))


def test_the_width_of_a_boundary_is_a_share_of_the_diagonal() -> None:
    assert (boundary_width(64, 80), boundary_width(3, 4), boundary_width(480, 640)) == (2, 1, 16)
    empty = Mask.of_bitmap(np.zeros((4, 4)))
    assert boundary_iou(empty, empty) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        (2, 2, [1, 2]),
        (2, 2, [5, -1]),
        (2, 2, [2**62, 2**62, 2**62, 2**62]),
        (2**20, 2**20, [2**40]),
        (-1, -4, [4]),
        (2, 2, [1.5, 2.5]),
    ],
)
def test_runs_that_do_not_fill_their_image_are_refused(wrong: tuple) -> None:
    height, width, runs = wrong
    with pytest.raises(ValueError, match=r"mask|runs"):
        Mask(height, width, np.array(runs))


@pytest.mark.parametrize("text", ["\x01", "é", "o", "oooooooooooooooooo0"])
def test_text_that_is_no_mask_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"mask|runs"):
        Mask.of_text(text, 10, 10)


def test_masks_of_two_image_sizes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different image sizes"):
        mask_counts(Mask.of_bitmap(np.ones((2, 3))), Mask.of_bitmap(np.ones((3, 2))))


def test_similarity_of_joints_needs_a_reference() -> None:
    sigmas = [0.05, 0.05]
    unplaced = oks([1, 1, 0, 2, 2, 0], [1, 1, 2, 2, 2, 2], 100.0, sigmas)
    assert isinstance(unplaced, Undefined)
    assert isinstance(oks([1, 1, 2, 2, 2, 2], [1, 1, 2, 2, 2, 2], 0.0, sigmas), Undefined)
    assert oks([1, 1, 2, 9, 9, 0], [1, 1, 2, 2, 2, 2], 100.0, sigmas) == 1
    with pytest.raises(ValueError, match="sigma"):
        oks([1, 1, 2], [1, 1, 2], 1.0, [0.0])
    with pytest.raises(ValueError, match="numbers"):
        oks([1, 1, 2], [1, 1, 2], 1.0, COCO_SIGMAS)


def test_similarity_between_two_people_does_not_depend_on_who_is_first() -> None:
    joints = joints_of([[10, 10, 2, 20, 20, 2], [11, 10, 2, 0, 0, 0]], 2)
    area, pair = np.array([100.0, 400.0]), np.array([0])
    one = KeypointOverlap((joints[:1], area[:1]), (joints[1:], area[1:]), [0.1, 0.1], mutual=True)
    other = KeypointOverlap((joints[1:], area[1:]), (joints[:1], area[:1]), [0.1, 0.1], mutual=True)
    assert one(pair, pair).tolist() == other(pair, pair).tolist()


def test_errors_of_joints_add_up() -> None:
    draw = np.random.default_rng(1)
    first, second = (
        np.concatenate([draw.uniform(0, 50, (9, 4, 2)), draw.integers(0, 3, (9, 4, 1))], axis=2) for _ in "ab"
    )
    area = draw.uniform(10, 100, 9)
    whole = joint_state(first, second, area)
    parts = joint_state(first[:4], second[:4], area[:4]) + joint_state(first[4:], second[4:], area[4:])
    assert all(np.array_equal(getattr(whole, name), getattr(parts, name)) for name in vars(whole))
    assert not (whole - parts).distance.any()
    both = (first[:, 0, 2] > 0) & (second[:, 0, 2] > 0)
    apart = np.hypot(*(first[both, 0, :2] - second[both, 0, :2]).T)
    assert whole.mean_distance(0) == pytest.approx(apart.mean(), abs=1e-5)
    assert isinstance(joint_state(first[:0], second[:0], area[:0]).mean_distance(0), Undefined)


def test_void_counts_for_no_segment() -> None:
    given = [[[0, 0], [0, 0], [0, 0], [7, 0]]]
    truth = [[[0, 0], [7, 0], [7, 0], [9, 0]]]
    counts = panoptic_counts(given, truth, things=[0], stuffs=[9])
    assert (counts[0].matched, counts[0].overlap) == (1, 1)
    assert (counts[9].missed, counts[9].extra) == (1, 0)
    assert isinstance(panoptic_quality([[[7, 0]]], [[[7, 1]]], [0], [9]), Undefined)
    with pytest.raises(ValueError, match="not both"):
        panoptic_quality(given, truth, [0], [0])


def test_a_segment_that_lies_in_void_is_no_mistake() -> None:
    given, truth = [[[0, 1], [0, 1], [0, 1]]], [[[7, 0], [7, 0], [9, 0]]]
    assert panoptic_counts(given, truth, [0], [9])[0].extra == 0
    assert panoptic_counts(given, [[[7, 0], [9, 0], [9, 0]]], [0], [9])[0].extra == 1
