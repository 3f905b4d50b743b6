"""Shapes as they are drawn: few points, masks as outlines that enclose the same pixels."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from assay.formats.rle import counts_of_mask, text_of_counts
from assay.judge.drawn_shapes import drawn_shape, outlines, span_parts

FRAME = (800.0, 600.0)
GRIDS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))


def _area(loop: np.ndarray) -> float:
    x, y = loop[:, 0], loop[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _points(ring: list[float]) -> np.ndarray:
    return np.array(ring).reshape(-1, 2)


@given(GRIDS)
def test_outlines_enclose_as_much_as_the_grid_holds(grid: np.ndarray) -> None:
    assert sum(_area(loop) for loop in outlines(grid)) == grid.sum()


@given(GRIDS)
def test_outlines_turn_at_every_corner(grid: np.ndarray) -> None:
    for loop in outlines(grid):
        steps = np.roll(loop, -1, axis=0) - loop
        assert (np.count_nonzero(steps, axis=1) == 1).all()
        assert ((steps[:, 0] == 0) != (np.roll(steps, -1, axis=0)[:, 0] == 0)).all()


def _mask(pixels: np.ndarray, *, packed: bool = False) -> str:
    counts = counts_of_mask(pixels)
    return json.dumps(
        {"size": list(pixels.shape), "counts": text_of_counts(counts) if packed else counts.tolist()}
    )


@pytest.mark.parametrize("packed", [False, True])
def test_a_mask_with_a_hole_is_drawn_with_its_hole(packed: bool) -> None:
    pixels = np.zeros((600, 800), bool)
    pixels[100:300, 200:500] = True
    pixels[150:200, 300:350] = False
    shape = drawn_shape("mask", _mask(pixels, packed=packed), [200, 100, 300, 200], FRAME, 200)
    assert shape is not None
    outer, holes = [_points(ring) for ring in shape["rings"]], [_points(ring) for ring in shape["holes"]]
    assert (len(outer), len(holes)) == (1, 1)
    assert abs(_area(outer[0])) == pytest.approx(60_000, rel=0.02)
    assert abs(_area(holes[0])) == pytest.approx(2_500, rel=0.1)


def test_a_huge_mask_is_drawn_from_few_points() -> None:
    height = width = 16_000
    counts = [height * 4_000, height * 8_000, height * 4_000]
    text = json.dumps({"size": [height, width], "counts": counts})
    shape = drawn_shape("mask", text, [4_000, 0, 8_000, height], (width, height), 200)
    assert shape is not None
    assert len(shape["rings"]) == 1
    assert len(shape["rings"][0]) <= 400


@pytest.mark.parametrize("counts", [[5, 5], "not run lengths!", None, [-1, 3]])
def test_a_mask_that_cannot_be_is_drawn_as_its_box(counts: object) -> None:
    text = json.dumps({"size": [10, 10], "counts": counts})
    assert drawn_shape("mask", text, [0, 0, 10, 10], FRAME, 200) is None


@settings(max_examples=50)
@given(st.integers(10, 3_000), st.integers(8, 200))
def test_a_long_outline_keeps_its_place_with_few_points(points: int, most: int) -> None:
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    ring = np.column_stack([400 + 200 * np.cos(turn), 300 + 100 * np.sin(turn)])
    text = json.dumps({"rings": [ring.ravel().tolist()], "holes": []})
    shape = drawn_shape("polygon", text, [200, 200, 400, 200], FRAME, most)
    assert shape is not None
    kept = _points(shape["rings"][0])
    assert 3 <= len(kept) <= max(most, 8)
    assert abs(((kept[:, 0] - 400) / 200) ** 2 + ((kept[:, 1] - 300) / 100) ** 2 - 1).max() < 0.02


@pytest.mark.parametrize("kind", ["polygon", "rotated_box", "polyline", "keypoints", "mask"])
@pytest.mark.parametrize("text", [None, "{}", '{"rings":[[1,2]],"corners":[],"points":null}', "[]"])
def test_what_says_no_shape_is_drawn_as_its_box(kind: str, text: str | None) -> None:
    shape = drawn_shape(kind, text, [0, 0, 10, 10], FRAME, 200)
    assert shape is None or shape == {"line": []}


def test_a_span_without_parts_is_its_box() -> None:
    assert span_parts(None, [4, 0, 8, 1]) == [[4, 12]]
    assert span_parts('{"parts":[[4,6],[9,12]]}', [4, 0, 8, 1]) == [[4, 6], [9, 12]]
