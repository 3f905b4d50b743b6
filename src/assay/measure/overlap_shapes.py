"""Overlap of polygons, rotated boxes and cuboids, exact; distance of polylines.

The area of a polygon is that of its lines, not of pixels: tools that fill pixels first (COCO, an image library's fill)
give other figures for the same two polygons. A ring that crosses itself is taken as the area it encloses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely  # type: ignore[import-untyped]  # shapely carries no types
from numpy.typing import ArrayLike, NDArray

from .candidates import Floats
from .units import Ints

Rings = Sequence[Sequence[float]]
Geometries = NDArray[np.object_]

_SAMPLES = 64
_PAIRS = 2048


def polygon(rings: Rings, holes: Rings = ()) -> shapely.Geometry:
    """A shape of one or more rings x1, y1, x2, y2, … without its holes. Raises ValueError for what is no ring.

    >>> polygon([[0, 0, 4, 0, 4, 4, 0, 4]], holes=[[1, 1, 2, 1, 2, 2, 1, 2]]).area
    15.0
    """
    solid = shapely.union_all([_ring(ring) for ring in rings])
    return shapely.difference(solid, shapely.union_all([_ring(ring) for ring in holes])) if holes else solid


def _ring(numbers: Sequence[float]) -> shapely.Geometry:
    points = np.asarray(numbers, np.float64)
    if points.ndim != 1 or len(points) % 2 or len(points) < 6:
        raise ValueError(f"a ring is x, y of three points or more, not {len(points)} numbers")
    if not np.isfinite(points).all():
        raise ValueError("a ring holds a number that is not finite")
    ring = shapely.polygons(points.reshape(-1, 2))
    return ring if shapely.is_valid(ring) else _areas_only(shapely.make_valid(ring))


def _areas_only(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def rotated_boxes(boxes: ArrayLike) -> Geometries:
    """Polygons of boxes cx, cy, w, h and degrees clockwise on screen."""
    rows = np.atleast_2d(np.asarray(boxes, np.float64))
    if rows.shape[1] != 5 or not np.isfinite(rows).all() or (rows[:, 2:4] < 0).any():
        raise ValueError("a rotated box is cx, cy, width, height and an angle")
    angle = np.deg2rad(rows[:, 4])
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1) * rows[:, 2:3] / 2
    down = np.stack([-np.sin(angle), np.cos(angle)], axis=1) * rows[:, 3:4] / 2
    corners = [-along - down, along - down, along + down, down - along]
    return np.asarray(shapely.polygons(rows[:, None, :2] + np.stack(corners, axis=1)), np.object_)


def shape_iou(one: Geometries, other: Geometries) -> Floats:
    """Intersection over union of shapes, pair by pair; 0 where neither has an area."""
    common = shapely.area(shapely.intersection(one, other))
    union = np.asarray(shapely.area(one) + shapely.area(other) - common, np.float64)
    shares = np.divide(common, union, out=np.zeros(union.shape), where=union > 0)
    return np.asarray(np.clip(shares, 0, 1), np.float64)


class ShapeOverlap:
    """Intersection over union of shapes by index, for :func:`candidates`."""

    def __init__(self, left: Geometries, right: Geometries) -> None:
        self._left, self._right = left, right
        shapely.prepare(left)

    def __call__(self, left: Ints, right: Ints) -> Floats:
        """The overlaps of pairs."""
        found = np.zeros(len(left))
        meet = np.flatnonzero(shapely.intersects(self._left[left], self._right[right]))
        found[meet] = shape_iou(self._left[left[meet]], self._right[right[meet]])
        return found


def polygon_iou(one: Sequence[float], other: Sequence[float]) -> float:
    """Exact intersection over union of two rings x1, y1, x2, y2, ….

    >>> round(polygon_iou([0, 0, 3, 0, 3, 3, 0, 3], [0, 0, 3, 0, 5, 2, 0, 3]), 6)
    0.710526
    """
    return float(shape_iou(np.array([polygon([one])]), np.array([polygon([other])]))[0])


def rotated_iou(one: ArrayLike, other: ArrayLike) -> float:
    """Intersection over union of two rotated boxes cx, cy, w, h, degrees.

    >>> round(rotated_iou([0, 0, 1, 1, 0], [0, 0, 1, 1, 45]), 6)
    0.707107
    """
    return float(shape_iou(rotated_boxes(one), rotated_boxes(other))[0])


def cuboid_iou(one: ArrayLike, other: ArrayLike) -> float:
    """Intersection over union of two cuboids cx, cy, cz, dx, dy, dz and yaw in degrees.

    >>> round(cuboid_iou([0, 0, 0, 1, 1, 1, 0], [0.5, 0, 0, 1, 1, 1, 0]), 6)
    0.333333
    """
    first, second = (np.asarray(cuboid, np.float64) for cuboid in (one, other))
    for cuboid in (first, second):
        if cuboid.shape != (7,):
            raise ValueError("a cuboid is its centre, its three sizes and a yaw")
    ground = [rotated_boxes(cuboid[[0, 1, 3, 4, 6]])[0] for cuboid in (first, second)]
    top = min(first[2] + first[5] / 2, second[2] + second[5] / 2)
    bottom = max(first[2] - first[5] / 2, second[2] - second[5] / 2)
    common = shapely.intersection(*ground).area * max(top - bottom, 0.0)
    union = first[3:6].prod() + second[3:6].prod() - common
    return float(common / union) if union > 0 else 0.0


def polylines(points: Sequence[Sequence[float]]) -> Geometries:
    """Lines from x1, y1, x2, y2, …; a line has two points or more."""
    for line in points:
        if len(line) < 4 or len(line) % 2:
            raise ValueError(f"a line is x, y of two points or more, not {len(line)} numbers")
    return np.array([shapely.linestrings(np.reshape(line, (-1, 2))) for line in points], np.object_)


def _points_along(lines: Geometries) -> Geometries:
    """Points at equal steps along each line, ends included."""
    steps = np.linspace(0, 1, _SAMPLES)
    found = shapely.line_interpolate_point(lines[:, None], steps[None, :], normalized=True)
    return np.asarray(found, np.object_)


def line_distances(one: Geometries, other: Geometries) -> tuple[Floats, Floats]:
    """Mean distance and Hausdorff distance of lines, pair by pair, in pixels.

    The mean is over 64 points at equal steps along each line of their distance to the other line, both directions
    alike. Hausdorff's distance is the largest such distance, over these points and the vertices.

    >>> mean, most = line_distances(polylines([[0, 0, 10, 0]]), polylines([[0, 1, 10, 1]]))
    >>> mean.tolist(), most.tolist()
    ([1.0], [1.0])
    """
    there = shapely.distance(_points_along(one), other[:, None])
    back = shapely.distance(_points_along(other), one[:, None])
    mean = (there.mean(axis=1) + back.mean(axis=1)) / 2
    corners = np.asarray(shapely.hausdorff_distance(one, other), np.float64)
    return mean, np.maximum(np.maximum(there.max(axis=1), back.max(axis=1)), corners)


class LineOverlap:
    """How much of two lines runs within ``tolerance`` pixels of each other, for :func:`candidates`.

    The share of points along both lines whose other line is near; enclosing boxes must be widened by the tolerance.
    """

    def __init__(self, left: Geometries, right: Geometries, tolerance: float) -> None:
        if not tolerance > 0:
            raise ValueError("a tolerance is a number of pixels above 0")
        self._left, self._right, self._tolerance = left, right, tolerance

    def __call__(self, left: Ints, right: Ints) -> Floats:
        """The overlaps of pairs, some thousand at a time: each takes 128 points."""
        cuts = range(_PAIRS, len(left), _PAIRS)
        parts = zip(np.split(left, cuts), np.split(right, cuts), strict=True)
        return np.concatenate([self._near(self._left[one], self._right[other]) for one, other in parts])

    def _near(self, one: Geometries, other: Geometries) -> Floats:
        there = shapely.distance(_points_along(one), other[:, None])
        back = shapely.distance(_points_along(other), one[:, None])
        near = (there <= self._tolerance).mean(axis=1) + (back <= self._tolerance).mean(axis=1)
        return np.asarray(near / 2, np.float64)


def line_iou(one: Geometries, other: Geometries, tolerance: Floats) -> Floats:
    """How much two lines share, pair by pair: the length that runs within ``tolerance`` pixels of the other line, the
    mean of both directions, over the length of the two without it. Lines of no length give 0.

    >>> long, half = polylines([[0, 0, 100, 0]]), polylines([[0, 1, 50, 1]])
    >>> line_iou(long, long, np.array([2.0])).tolist(), line_iou(long, half, np.array([2.0])).round(2).tolist()
    ([1.0], [0.51])
    """
    lengths = shapely.length(one), shapely.length(other)
    common = np.zeros(len(one))
    for first in range(0, len(one), _PAIRS):
        cut = slice(first, first + _PAIRS)
        reach = tolerance[cut, None]
        there = shapely.distance(_points_along(one[cut]), other[cut, None]) <= reach
        back = shapely.distance(_points_along(other[cut]), one[cut, None]) <= reach
        common[cut] = (there.mean(axis=1) * lengths[0][cut] + back.mean(axis=1) * lengths[1][cut]) / 2
    union = lengths[0] + lengths[1] - common
    shares = np.divide(common, union, out=np.zeros(len(one)), where=union > 0)
    return np.asarray(np.clip(shares, 0, 1), np.float64)
