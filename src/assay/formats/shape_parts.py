"""The parts of the shapes of objects, for those who write them: points, rings, pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from assay.annotation.strict_json import parse_json

from .located_rows import ObjectRow


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
