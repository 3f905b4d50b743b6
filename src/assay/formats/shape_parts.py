"""The parts of the shapes of objects, for those who write them: points, rings, pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from assay.annotation.strict_json import parse_json

from .located_rows import ObjectRow
from .shapes import Points, enclosing

#: How far a stored box may lie from the one around its outline and still be that box, in pixels.
_NEAR = 1e-6


def shape_of(one: ObjectRow) -> Mapping[str, object]:
    """The shape of an object; nothing for a plain box."""
    if one.shape is None:
        return {}
    found = parse_json(one.shape.encode(), file="object")
    return found if isinstance(found, dict) else {}


def attributes_of(one: ObjectRow) -> dict[str, str]:
    """The attributes of an object."""
    if one.attributes is None:
        return {}
    found = parse_json(one.attributes.encode(), file="object")
    return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def numbers(value: object) -> list[float]:
    """A list of numbers."""
    return [float(one) for one in value if isinstance(one, (int, float))] if isinstance(value, list) else []


def pairs(value: object) -> list[tuple[float, float]]:
    """Points of a flat list of coordinates."""
    flat = numbers(value)
    return list(zip(flat[0::2], flat[1::2], strict=False))


def rings_of(shape: Mapping[str, object]) -> list[list[tuple[float, float]]]:
    """The outer rings of a polygon."""
    rings = shape.get("rings")
    return [pairs(ring) for ring in rings] if isinstance(rings, list) else []


def texts(value: object) -> list[str]:
    """A list of texts."""
    return [str(one) for one in value] if isinstance(value, list) else []


def pixels_of(shape: Mapping[str, object]) -> npt.NDArray[np.bool_]:
    """The pixels of a mask, rows first."""
    height, width = (int(one) for one in numbers(shape.get("size")))
    counts = np.array([int(one) for one in numbers(shape.get("counts"))], np.int64)
    values = np.arange(len(counts)) % 2 == 1
    drawn: npt.NDArray[np.bool_] = np.repeat(values, counts).reshape(width, height).T
    return drawn


def has_own_frame(one: ObjectRow, points: Points) -> bool:
    """Whether the box of an object is another one than the box around its points."""
    own = one.x, one.y, one.w, one.h
    return any(abs(side - other) > _NEAR for side, other in zip(own, enclosing(points), strict=True))


def joints_of(shape: Mapping[str, object]) -> list[tuple[str, float, float, int]]:
    """Name, place and visibility of keypoints; points without a name are called 1, 2, …"""
    flat, names = numbers(shape.get("points")), texts(shape.get("names"))
    places = zip(flat[0::3], flat[1::3], flat[2::3], strict=False)
    return [
        (names[at] if at < len(names) else str(at + 1), x, y, int(seen))
        for at, (x, y, seen) in enumerate(places)
    ]
