"""Shapes of located labels as they are needed: geometries, masks, joints and parts, parsed when a row is asked for.

A row is parsed at most once while it is remembered; rows that never come up are never parsed. What cannot be a shape (a
ring of two points, a line of one) has no geometry, no area and no overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import shapely  # type: ignore[import-untyped]  # shapely carries no types

from assay.formats.objects import KIND_CODES
from assay.formats.stored_json import Stored, stored_json
from assay.measure.candidates import Floats
from assay.measure.overlap_masks import Mask
from assay.measure.overlap_shapes import Geometries, Rings, polygon
from assay.measure.rasters import polygon_mask
from assay.measure.spans_located import Part
from assay.measure.units import Ints

from .located_batch import Marks

BOX, ROTATED, POLYGON, POLYLINE, MASK, KEYPOINTS, SPAN, FIELD = (
    KIND_CODES[name]
    for name in ("box", "rotated_box", "polygon", "polyline", "mask", "keypoints", "span", "field")
)
_MOST_REMEMBERED = 300_000
_FEWEST_OF_A_RING = 6
_FEWEST_OF_A_LINE = 4

T = TypeVar("T")


class Shapes:
    """The shapes of the objects of one side."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self._geometries: dict[int, shapely.Geometry] = {}
        self._lines: dict[int, shapely.Geometry] = {}
        self._masks: dict[int, Mask] = {}
        self._joints: dict[int, Floats] = {}

    def parsed(self, row: int) -> Stored:
        """The shape of a row; nothing for a plain box."""
        return stored_json(self.marks.shape[row])

    def geometries(self, rows: Ints) -> Geometries:
        """The areas of boxes, rotated boxes and polygons; an empty polygon for what encloses none."""
        return _column(self._known(self._geometries, rows, self._drawn), rows)

    def lines(self, rows: Ints) -> Geometries:
        """The lines of polylines."""
        return _column(self._known(self._lines, rows, lambda new: [self._line(row) for row in new]), rows)

    def masks(self, rows: Ints) -> Mapping[int, Mask]:
        """The masks of rows that are masks, in the image size each was drawn in."""
        return self._known(self._masks, rows, lambda new: [_mask(self.parsed(row)) for row in new])

    def joints(self, rows: Ints) -> Mapping[int, Floats]:
        """The joints (n, 3) of rows of keypoints: x, y and visibility."""
        return self._known(self._joints, rows, lambda new: [_joints(self.parsed(row)) for row in new])

    def parts(self, row: int) -> list[Part]:
        """The parts of a span, sorted and apart; its box where it says none."""
        x, _, w, _ = self.marks.objects.box[row]
        given = self.parsed(row).get("parts") or [[int(x), int(x + w)]]
        joined: list[Part] = []
        for start, end in sorted((int(start), int(end)) for start, end in given):
            if joined and start <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(joined[-1][1], end)
            elif end > start:
                joined.append((start, end))
        return joined

    def raster(self, row: int, height: int, width: int) -> Mask:
        """An area filled in an image, as COCO fills it."""
        kind = self.marks.kind[row]
        rings, holes = self._rings(row) if kind in (ROTATED, POLYGON) else ([self._frame(row)], [])
        return polygon_mask(rings, holes, height, width)

    def _known(self, known: dict[int, T], rows: Ints, make: Callable[[list[int]], list[T]]) -> dict[int, T]:
        wanted = np.unique(rows).tolist()
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        new = [row for row in wanted if row not in known]
        if new:
            known.update(zip(new, make(new), strict=True))
        return known

    def _drawn(self, rows: list[int]) -> list[shapely.Geometry]:
        """Geometries of rows, the many of one ring all at once."""
        found: list[shapely.Geometry] = [None] * len(rows)
        single: list[int] = []
        numbers: list[Sequence[float]] = []
        for place, row in enumerate(rows):
            if self.marks.kind[row] not in (ROTATED, POLYGON):
                found[place] = shapely.box(*_edges(self.marks.objects.box[row]))
                continue
            rings, holes = self._rings(row)
            if len(rings) == 1 and not holes:
                single.append(place)
                numbers.append(rings[0])
            else:
                found[place] = polygon(rings, holes) if rings else shapely.Polygon()
        for place, ring in zip(single, _polygons(numbers), strict=True):
            found[place] = ring
        return found

    def _rings(self, row: int) -> tuple[Rings, Rings]:
        shape = self.parsed(row)
        rings = [shape["corners"]] if "corners" in shape else shape.get("rings") or []
        holes = shape.get("holes") or []
        if not rings and self.marks.shape[row] is None:
            return [self._frame(row)], []
        return [_ring(one) for one in rings if _is_ring(one)], [_ring(one) for one in holes if _is_ring(one)]

    def _frame(self, row: int) -> list[float]:
        x, y, far_x, far_y = _edges(self.marks.objects.box[row])
        return [x, y, far_x, y, far_x, far_y, x, far_y]

    def _line(self, row: int) -> shapely.Geometry:
        points = self.parsed(row).get("points") or []
        if len(points) < _FEWEST_OF_A_LINE:
            return shapely.LineString()
        return shapely.linestrings(np.reshape(_ring(points), (-1, 2)))


def _column(known: Mapping[int, shapely.Geometry], rows: Ints) -> Geometries:
    column = np.empty(len(rows), dtype=object)
    column[:] = [known[row] for row in rows.tolist()]
    return column


def _edges(box: Floats) -> tuple[float, float, float, float]:
    x, y, w, h = (float(number) for number in box)
    return x, y, x + w, y + h


def _is_ring(numbers: object) -> bool:
    return isinstance(numbers, list) and len(numbers) >= _FEWEST_OF_A_RING


def _ring(numbers: list[float]) -> list[float]:
    return numbers[: len(numbers) // 2 * 2]


def _polygons(rings: Sequence[Sequence[float]]) -> Geometries:
    """Polygons of one ring each; rings that cross themselves become the areas they enclose."""
    if not rings:
        return np.empty(0, dtype=object)
    sizes = np.array([len(ring) // 2 for ring in rings])
    points = np.array([number for ring in rings for number in ring], np.float64).reshape(-1, 2)
    drawn = shapely.polygons(shapely.linearrings(points, indices=np.repeat(np.arange(len(rings)), sizes)))
    for place in np.flatnonzero(~shapely.is_valid(drawn)).tolist():
        drawn[place] = polygon([rings[place]])
    return np.asarray(drawn, np.object_)


def _mask(shape: Stored) -> Mask:
    height, width = shape["size"]
    return Mask(int(height), int(width), np.array(shape["counts"], np.int64))


def _joints(shape: Stored) -> Floats:
    points = np.array(shape.get("points") or [], np.float64)
    return points[: len(points) // 3 * 3].reshape(-1, 3)
