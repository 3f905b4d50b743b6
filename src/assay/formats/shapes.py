"""Objects of images as rows: boxes, rotated boxes, polygons, polylines, keypoints and masks in pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .located_rows import ObjectKind, ObjectRow, attributes_text, compact

#: The largest mask that is read pixel by pixel.
MOST_PIXELS = 1 << 28
_ELLIPSE_POINTS = 72

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Told:
    """What an object carries beside its geometry."""

    label: str
    text: str | None = None
    attributes: Mapping[str, str] | None = None
    confidence: float | None = None

    def row(
        self, kind: ObjectKind, frame: Sequence[float], shape: object = None, angle: float | None = None
    ) -> ObjectRow:
        """The row of an object with its enclosing box ``x, y, w, h``."""
        x, y, w, h = frame
        drawn = None if shape is None else compact(shape)
        named = attributes_text(self.attributes) if self.attributes else None
        return ObjectRow(kind, self.label, x, y, w, h, angle, drawn, self.text, named, self.confidence)


def enclosing(points: Points) -> tuple[float, float, float, float]:
    """The axis-aligned box around points, as ``x, y, w, h``."""
    if not points:
        return 0.0, 0.0, 0.0, 0.0
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    left, top = min(xs), min(ys)
    return left, top, max(xs) - left, max(ys) - top


def box(told: Told, x: float, y: float, w: float, h: float) -> ObjectRow:
    """A plain box; one drawn backwards is turned round."""
    return told.row("box", (min(x, x + w), min(y, y + h), abs(w), abs(h)))


def corners_about_corner(x: float, y: float, w: float, h: float, degrees: float) -> list[tuple[float, float]]:
    """The corners of a box turned clockwise on the screen about its stored top-left corner, that corner first.

    >>> [(round(x, 2), round(y, 2)) for x, y in corners_about_corner(100, 20, 40, 40, 45)]
    [(100, 20), (128.28, 48.28), (100.0, 76.57), (71.72, 48.28)]
    """
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    across, down = (w * cos, w * sin), (-h * sin, h * cos)
    return [
        (x, y),
        (x + across[0], y + across[1]),
        (x + across[0] + down[0], y + across[1] + down[1]),
        (x + down[0], y + down[1]),
    ]


def corners_about_centre(x: float, y: float, w: float, h: float, degrees: float) -> list[tuple[float, float]]:
    """The corners of a box turned clockwise on the screen about its centre."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    centre = x + w / 2, y + h / 2
    ends = ((-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2))
    return [(centre[0] + dx * cos - dy * sin, centre[1] + dx * sin + dy * cos) for dx, dy in ends]


def rotated_box(told: Told, corners: Points, size: tuple[float, float], degrees: float) -> ObjectRow:
    """A box turned by an angle, from its four corners in order and its own width and height."""
    angle = degrees % 360.0
    middle = [(corners[0][at] + corners[2][at]) / 2 for at in (0, 1)]
    flat = [value for corner in corners for value in corner]
    shape = {"corners": flat, "center": middle, "size": [abs(size[0]), abs(size[1])], "angle": angle}
    return told.row("rotated_box", enclosing(corners), shape, angle)


def polygon(told: Told, points: Points) -> ObjectRow:
    """A polygon of one ring."""
    ring = [value for point in points for value in point]
    return told.row("polygon", enclosing(points), {"rings": [ring], "holes": []})


def polyline(told: Told, points: Points) -> ObjectRow:
    """An open line."""
    flat = [value for point in points for value in point]
    return told.row("polyline", enclosing(points), {"points": flat})


def keypoints(
    told: Told,
    points: Sequence[tuple[float, float, int]],
    names: Sequence[str],
    frame: Sequence[float] | None = None,
) -> ObjectRow:
    """Named points with visibility 0 (not labelled), 1 (hidden) or 2; ``frame`` is the box where one was drawn."""
    seen = [(x, y) for x, y, visible in points if visible]
    flat = [value for point in points for value in point]
    return told.row("keypoints", frame or enclosing(seen), {"points": flat, "names": list(names)})


def ellipse_points(x: float, y: float, rx: float, ry: float, degrees: float) -> list[tuple[float, float]]:
    """Points on an ellipse about its centre, turned clockwise on the screen."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    points = []
    for step in range(_ELLIPSE_POINTS):
        turn = 2 * math.pi * step / _ELLIPSE_POINTS
        dx, dy = rx * math.cos(turn), ry * math.sin(turn)
        points.append((x + dx * cos - dy * sin, y + dx * sin + dy * cos))
    return points


def mask(
    told: Told, pixels: npt.NDArray[np.bool_], left: int, top: int, width: int, height: int
) -> ObjectRow:
    """A mask given by the pixels of a part of the image whose top-left pixel is ``left, top``."""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    if not rows.size:
        frame = (float(left), float(top), 0.0, 0.0)
        return told.row("mask", frame, {"size": [height, width], "counts": [width * height]})
    first, last = int(rows[0]), int(rows[-1]) + 1
    begin, end = int(columns[0]), int(columns[-1]) + 1
    part = pixels[first:last, begin:end]
    counts = _column_runs(part, left + begin, top + first, width, height)
    frame = (float(left + begin), float(top + first), float(end - begin), float(last - first))
    return told.row("mask", frame, {"size": [height, width], "counts": counts})


def _column_runs(part: npt.NDArray[np.bool_], left: int, top: int, width: int, height: int) -> list[int]:
    """Run lengths over the whole image, column by column, zeros first."""
    padded = np.zeros((part.shape[1], part.shape[0] + 2), np.int8)
    padded[:, 1:-1] = part.T
    steps = np.diff(padded, axis=1)
    column, begin = np.nonzero(steps == 1)
    _, end = np.nonzero(steps == -1)
    offset = (column + left).astype(np.int64) * height + top
    edges = np.empty(2 * len(begin), np.int64)
    edges[0::2], edges[1::2] = offset + begin, offset + end
    inner = edges[1:-1].reshape(-1, 2)
    joined = np.ones(len(edges), bool)
    joined[1:-1] = np.repeat(inner[:, 0] != inner[:, 1], 2)
    runs = np.diff(edges[joined], prepend=0, append=width * height)
    return [int(run) for run in (runs if runs[-1] else runs[:-1])]
