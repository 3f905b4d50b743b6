"""Outlines as pixels, masks on larger images and parts of masks, against pycocotools and plain tables of pixels."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco

from assay.measure.boundaries import boundary_ious, part_of
from assay.measure.overlap_masks import Mask, boundary_iou
from assay.measure.rasters import on_canvas, polygon_mask

pixels = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=9))
number = st.integers(-10, 60).map(lambda half: half / 2)
rings = st.lists(
    st.lists(number, min_size=6, max_size=12).map(lambda r: r[: len(r) // 2 * 2]), min_size=1, max_size=3
)


@settings(max_examples=100)
@given(rings)
def test_outlines_are_filled_as_pycocotools_fills_them(outline: list[list[float]]) -> None:
    expected = coco.area(coco.merge(coco.frPyObjects(outline, 20, 25)))
    assert polygon_mask(outline, [], 20, 25).area == expected


@settings(max_examples=60)
@given(st.lists(st.tuples(number, number), min_size=3, max_size=3))
def test_pixels_away_from_the_outline_are_those_whose_middle_lies_inside(
    corners: list[tuple[float, float]],
) -> None:
    triangle = shapely.Polygon(corners)
    filled = polygon_mask([[value for corner in corners for value in corner]], [], 20, 25).bitmap()
    y, x = np.mgrid[0:20, 0:25] + 0.5
    middles = shapely.points(x, y)
    clear = shapely.distance(triangle.exterior, middles) > 1
    assert np.array_equal(filled[clear], shapely.contains(triangle, middles)[clear])


@settings(max_examples=60)
@given(rings, rings)
def test_holes_are_taken_out_pixel_by_pixel(outline: list[list[float]], holes: list[list[float]]) -> None:
    solid, open_ = (polygon_mask(some, [], 20, 25).bitmap() for some in (outline, holes))
    assert np.array_equal(polygon_mask(outline, holes, 20, 25).bitmap(), solid & ~open_)


@given(pixels, st.integers(0, 5), st.integers(0, 5))
def test_a_larger_image_holds_the_same_pixels(table: np.ndarray, more_high: int, more_wide: int) -> None:
    height, width = table.shape[0] + more_high, table.shape[1] + more_wide
    expected = np.pad(table, ((0, more_high), (0, more_wide)))
    assert np.array_equal(on_canvas(Mask.of_bitmap(table), height, width).bitmap(), expected)


@given(pixels, st.data())
def test_a_part_of_a_mask_is_that_part_of_its_pixels(table: np.ndarray, data: st.DataObject) -> None:
    ends = [sorted(data.draw(st.tuples(*[st.integers(0, side)] * 2))) for side in table.shape]
    (top, far_y), (left, far_x) = ends
    found = part_of(Mask.of_bitmap(table), left, top, far_x, far_y)
    assert np.array_equal(found, table[top:far_y, left:far_x])


@settings(max_examples=60)
@given(st.data())
def test_boundaries_of_many_pairs_are_those_of_each(data: st.DataObject) -> None:
    shape = data.draw(array_shapes(min_dims=2, max_dims=2, max_side=9))
    pairs = [
        tuple(Mask.of_bitmap(data.draw(arrays(np.bool_, shape))) for _ in range(2))
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    assert boundary_ious(pairs).tolist() == [boundary_iou(one, other) for one, other in pairs]


def test_boundaries_stop_after_so_many_pixels_and_never_before_the_first_pair() -> None:
    square = Mask.of_bitmap(np.ones((10, 10), bool))
    assert len(boundary_ious([(square, square)] * 5, most=250)) == 2
    assert len(boundary_ious([(square, square)] * 5, most=1)) == 1
