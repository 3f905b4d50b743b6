"""Shapes as masks: the pixels of polygons as COCO fills them, and masks of one item on one canvas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely  # type: ignore[import-untyped]  # shapely carries no types
from pycocotools import mask as coco  # type: ignore[import-untyped]  # pycocotools carries no types

from .overlap_masks import Mask, decoded_runs
from .overlap_shapes import Rings
from .units import Ints

_FEWEST = 6


def polygon_mask(rings: Rings, holes: Rings, height: int, width: int) -> Mask:
    """The pixels of rings x1, y1, x2, y2, … without their holes; rings of fewer than three points fill none.

    >>> polygon_mask([[1, 1, 3, 1, 3, 3, 1, 3]], [], 4, 4).area
    4
    """
    solid = _filled(rings, height, width)
    open_ = _filled(holes, height, width)
    if open_ is None or solid is None:
        return _mask(solid, height, width)
    return _without(_mask(solid, height, width), _mask(open_, height, width))


def _mask(encoded: dict[str, bytes] | None, height: int, width: int) -> Mask:
    if encoded is None:
        return Mask(height, width, np.array([height * width], np.int64))
    return Mask(height, width, decoded_runs(encoded["counts"]))


def _filled(rings: Rings, height: int, width: int) -> dict[str, bytes] | None:
    whole = [part for ring in rings if len(ring) >= _FEWEST for part in _near(ring, height, width)]
    if not whole or not height or not width:
        return None
    merged: dict[str, bytes] = coco.merge(coco.frPyObjects(whole, height, width))
    return merged


def _near(ring: Sequence[float], height: int, width: int) -> list[list[float]]:
    """The ring itself, or what of it lies about the image where it reaches far beyond: time is in pixels."""
    x, y = np.asarray(ring[0::2], np.float64), np.asarray(ring[1::2], np.float64)
    frame = -width, -height, 2 * width, 2 * height
    if x.min() >= frame[0] and y.min() >= frame[1] and x.max() <= frame[2] and y.max() <= frame[3]:
        return [[float(number) for number in ring]]
    outline = shapely.make_valid(shapely.polygons(np.column_stack([x, y])))
    parts = shapely.get_parts(shapely.intersection(outline, shapely.box(*frame)))
    areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return [shapely.get_coordinates(shapely.get_exterior_ring(part)).ravel().tolist() for part in areas]


def _without(solid: Mask, holes: Mask) -> Mask:
    edges = [np.cumsum(mask.runs) for mask in (solid, holes)]
    ends = np.unique(np.concatenate(edges))
    ends = ends[ends > 0]
    inside, cut = (np.searchsorted(edge, ends - 1, "right") % 2 == 1 for edge in edges)
    drawn = inside & ~cut
    return _of_stretches(solid.height, solid.width, ends, drawn)


def _of_stretches(
    height: int, width: int, ends: Ints, drawn: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Mask:
    """A mask of stretches of pixels, each set or not, that end where ``ends`` says."""
    last = np.append(drawn[1:] != drawn[:-1], True) if len(drawn) else drawn
    runs = np.diff(ends[last], prepend=0)
    return Mask(height, width, np.concatenate([[0], runs]) if len(drawn) and drawn[0] else runs)


def on_canvas(mask: Mask, height: int, width: int) -> Mask:
    """The same pixels in a larger image, both measured from the top-left corner.

    >>> on_canvas(Mask.of_bitmap([[1, 1], [0, 1]]), 3, 2).bitmap().astype(int).tolist()
    [[1, 1], [0, 1], [0, 0]]
    """
    if height < mask.height or width < mask.width:
        raise ValueError("the larger image is smaller than the mask")
    ends = np.cumsum(mask.runs)
    first, last = ends[:-1:2][: len(ends) // 2], ends[1::2]
    kept = last > first
    first, last = first[kept], last[kept]
    if not len(first):
        return Mask(height, width, np.array([height * width], np.int64))
    columns = (last - 1) // mask.height - first // mask.height + 1
    offset = np.arange(int(columns.sum())) - np.repeat(np.cumsum(columns) - columns, columns)
    column = np.repeat(first // mask.height, columns) + offset
    top = np.maximum(np.repeat(first, columns), column * mask.height) - column * mask.height
    bottom = np.minimum(np.repeat(last, columns), (column + 1) * mask.height) - column * mask.height
    begin, end = column * height + top, column * height + bottom
    joined = np.concatenate([[True], begin[1:] != end[:-1]])
    edges = np.column_stack([begin[joined], end[np.append(joined[1:], True)]]).ravel()
    return Mask(height, width, np.diff(edges, prepend=0, append=height * width))
