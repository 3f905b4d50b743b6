"""The shape of an object as a report draws it: few enough points, masks as outlines.

A drawn shape is ``{"rings": …, "holes": …}``, ``{"line": …}`` or ``{"points": …, "names": …}`` (x, y, visibility), flat
lists of pixels. Nothing here needs more memory than the drawing has points, whatever the size of a mask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely  # type: ignore[import-untyped]  # shapely carries no types
from numpy.typing import NDArray

from assay.annotation.errors import InputError, LimitError
from assay.annotation.strict_json import parse_json
from assay.formats.rle import checked_counts

from .document import Json

MOST_POINTS = 200
_STEPS_OF_FRAME = 400
_MOST_STEPS = 256
_DIGITS_BELOW = 100.0

Floats = NDArray[np.float64]
Frame = tuple[float, float]


def drawn_shape(kind: str, text: str | None, box: Sequence[float], frame: Frame, most: int) -> Json | None:
    """The shape of an object of a kind with at most ``most`` points, None where its box says it all.

    ``frame`` is the width and height of the image; it sets how fine an outline has to be.
    """
    shape = _parsed(text)
    grain = max(*frame, 1.0) / _STEPS_OF_FRAME
    most = max(8, min(most, MOST_POINTS))
    if kind == "mask":
        return _mask(shape, box, grain, most)
    if kind == "polygon":
        return _area(_lists(shape.get("rings")), _lists(shape.get("holes")), grain / 2, most)
    if kind == "rotated_box":
        corners = _flat(shape.get("corners"))
        return {"rings": [_written(corners, grain)], "holes": []} if len(corners) >= 3 else None
    if kind == "polyline":
        return {
            "line": _written(_simplified(_flat(shape.get("points")), grain / 2, most, closed=False), grain)
        }
    return _joints(shape, most) if kind == "keypoints" else None


def span_parts(text: str | None, box: Sequence[float]) -> list[list[int]]:
    """The parts ``[start, end]`` of a span; its box where the shape says nothing."""
    parts = _parsed(text).get("parts")
    found = [[int(one[0]), int(one[1])] for one in parts if len(one) == 2] if isinstance(parts, list) else []
    return found or [[int(box[0]), int(box[0] + box[2])]]


def _parsed(text: str | None) -> Mapping[str, object]:
    try:
        found = parse_json(text.encode(), file="object") if text else None
    except (InputError, LimitError):
        found = None  # too much to draw: its box is drawn
    return found if isinstance(found, dict) else {}


def _lists(found: object) -> list[Floats]:
    rings = [_flat(one) for one in found] if isinstance(found, list) else []
    return [ring for ring in rings if len(ring) >= 3]


def _flat(found: object) -> Floats:
    """Points of a flat list of coordinates (N, 2)."""
    numbers = np.array(found if isinstance(found, list) else [], np.float64)
    return numbers[: len(numbers) // 2 * 2].reshape(-1, 2)


def _area(rings: Sequence[Floats], holes: Sequence[Floats], grain: float, most: int) -> Json | None:
    if not rings:
        return None
    total = sum(len(ring) for ring in (*rings, *holes))
    sides = [
        [
            _written(_simplified(ring, grain, max(4, most * len(ring) // total), closed=True), grain)
            for ring in side
        ]
        for side in (rings, holes)
    ]
    return {"rings": sides[0][:most], "holes": sides[1][:most]}


def _simplified(points: Floats, grain: float, most: int, *, closed: bool) -> Floats:
    """At most ``most`` of the points, those that keep the line closest to itself."""
    ends = np.vstack([points, points[:1]]) if closed else points
    if len(points) < 3 or not np.isfinite(points).all():
        return points[:most]
    line, kept = shapely.LineString(ends), ends
    for step in range(40):
        kept = shapely.get_coordinates(shapely.simplify(line, grain * 2**step, preserve_topology=False))
        if len(kept) <= most + closed:
            break
    return kept[:-1] if closed and len(kept) > 3 else kept


def _written(points: Floats, grain: float) -> list[float]:
    """Coordinates as they stand in the report: no finer than a drawing can show."""
    digits = 1 if grain * _STEPS_OF_FRAME > _DIGITS_BELOW else 2
    return [round(float(one), digits) for one in points.ravel() if np.isfinite(one)]


def _joints(shape: Mapping[str, object], most: int) -> Json | None:
    points, names = shape.get("points"), shape.get("names")
    if not isinstance(points, list):
        return None
    named = [str(one) for one in names[:most]] if isinstance(names, list) else []
    return {"points": [round(float(one), 2) for one in points[: 3 * most]], "names": named}


def _mask(shape: Mapping[str, object], box: Sequence[float], grain: float, most: int) -> Json | None:
    """The outlines of a mask, seen at points ``grain`` pixels apart."""
    try:
        height, width, runs = checked_counts(_size(shape), shape.get("counts"))
    except InputError:
        return None
    left, top = max(int(box[0]), 0), max(int(box[1]), 0)
    right, bottom = min(int(np.ceil(box[0] + box[2])), width), min(int(np.ceil(box[1] + box[3])), height)
    if right <= left or bottom <= top:
        return None
    step = max(1.0, grain, (right - left) / _MOST_STEPS, (bottom - top) / _MOST_STEPS)
    columns = np.arange(left + (step - 1) / 2, right, step)
    rows = np.arange(top + (step - 1) / 2, bottom, step)
    places = columns.astype(np.int64)[None, :] * height + rows.astype(np.int64)[:, None]
    inside = np.searchsorted(np.cumsum(runs), places, "right") % 2 == 1
    loops = [loop * step + (left, top) for loop in outlines(inside)]
    loops.sort(key=lambda loop: -abs(_signed_area(loop)))
    loops = loops[: max(1, most // 6)]
    outer = [loop for loop in loops if _signed_area(loop) > 0]
    return _area(outer, [loop for loop in loops if _signed_area(loop) <= 0], step * 1.05, most)


def _size(shape: Mapping[str, object]) -> Sequence[object]:
    size = shape.get("size")
    return size if isinstance(size, list) else []


def outlines(inside: NDArray[np.bool_]) -> list[Floats]:
    """The closed lines around the true cells of a grid: outer ones with positive area, holes with negative.

    >>> [loop.tolist() for loop in outlines(np.ones((1, 2), bool))]
    [[[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]]]
    """
    ways = _edges(inside)
    loops = []
    for start in list(ways):
        while start in ways:
            loops.append(_walk(ways, start))
    return loops


Corner = tuple[int, int]


def _edges(inside: NDArray[np.bool_]) -> dict[Corner, list[Corner]]:
    """Where one may go from each corner of the grid with the inside at the right hand."""
    grid = np.pad(inside, 1)
    inner = grid[1:-1, 1:-1]
    sides = (
        (inner & ~grid[:-2, 1:-1], (0, 0), (1, 0)), (inner & ~grid[1:-1, 2:], (1, 0), (1, 1)),
        (inner & ~grid[2:, 1:-1], (1, 1), (0, 1)), (inner & ~grid[1:-1, :-2], (0, 1), (0, 0)),
    )  # fmt: skip
    ways: dict[Corner, list[Corner]] = {}
    for open_side, begin, end in sides:
        for y, x in np.argwhere(open_side).tolist():
            ways.setdefault((x + begin[0], y + begin[1]), []).append((x + end[0], y + end[1]))
    return dict(sorted(ways.items(), key=lambda way: (way[0][1], way[0][0])))


def _walk(ways: dict[Corner, list[Corner]], start: Corner) -> Floats:
    """The corners where the line from ``start`` back to it turns; what was walked is gone from ``ways``."""
    at, heading, turns = start, (0, 0), []
    while True:
        ahead = _next(ways, at, heading)
        turn = (ahead[0] - at[0], ahead[1] - at[1])
        if turn != heading:
            turns.append(at)
        at, heading = ahead, turn
        if at == start:
            return np.array(turns, np.float64)


def _next(ways: dict[Corner, list[Corner]], at: Corner, heading: Corner) -> Corner:
    """The next corner; where cells touch at a corner only, the way turns right and stays with its cell."""
    choices = ways[at]
    right = (at[0] - heading[1], at[1] + heading[0])
    ahead = right if right in choices else choices[0]
    choices.remove(ahead)
    if not choices:
        del ways[at]
    return ahead


def _signed_area(loop: Floats) -> float:
    x, y = loop[:, 0], loop[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)
