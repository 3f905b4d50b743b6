"""One annotation of a COCO file that is more than a plain box: its kind, its shape, its box, its attributes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

import orjson

from assay.annotation.errors import InputError

from .objects import KIND_CODES
from .records import scalar_text
from .rle import box_of_counts, checked_counts
from .typed import NESTED

Box = tuple[float, float, float, float]

#: The keys that this reader knows; others that hold one value become attributes.
KNOWN = frozenset(
    {
        "id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "keypoints", "num_keypoints",
        "score", "attributes", "annotator", "caption", "segments_info", "file_name",
    }
)  # fmt: skip
NO_BOX: Box = (float("nan"),) * 4
_NUMBERS = frozenset({int, float})
_FEWEST = 6


@dataclass
class Oddities:
    """What was met and could not be taken as it stands."""

    broken_rings: list[str] = field(default_factory=list)
    unread_keys: Counter[str] = field(default_factory=Counter)
    points: set[tuple[int | str, int]] = field(default_factory=set)


def shape_of(record: Mapping[str, object], place: str, odd: Oddities) -> tuple[int, str | None, Box]:
    """The code of the kind, the shape as JSON and the box of an annotation.

    Raises :class:`InputError` for coordinates that are none, and for a mask whose run lengths do not fill it.
    """
    outline, kind, around = _outline(record.get("segmentation"), place, odd)
    box = _box(record.get("bbox"), place)
    points = record.get("keypoints")
    if points:
        given = _points(points, place)
        odd.points.add((_key(record.get("category_id")), len(given) // 3))
        shape: dict[str, object] = {"points": given} | ({"outline": outline} if outline else {})
        return KIND_CODES["keypoints"], _json(shape), box or around or _around_points(given)
    if outline is not None:
        return KIND_CODES[kind], _json(outline), box or around or NO_BOX
    if box is not None or around is not None:
        return KIND_CODES["box"], None, box or around or NO_BOX
    if record.get("segmentation"):
        raise InputError(
            "an outline has fewer than three points and there is no box", place=place,
            found=str(record["segmentation"])[:80], expected="[x1, y1, x2, y2, x3, y3, …], or a bbox",
        )  # fmt: skip
    return KIND_CODES["field"], None, NO_BOX


def attributes_of(record: Mapping[str, object], odd: Oddities) -> dict[str, str]:
    """The attributes of an annotation as texts: those under ``attributes``, and unknown keys with one value."""
    found: dict[str, str] = {}
    given = record.get("attributes")
    entries = dict(given) if isinstance(given, dict) else {}
    entries |= {key: value for key, value in record.items() if key not in KNOWN}
    for key, value in entries.items():
        text = scalar_text(value)
        if text == NESTED:
            odd.unread_keys[f"annotations[].{key}"] += 1
        elif text is not None:
            found[key] = text
    return found


def _key(value: object) -> int | str:
    return value if isinstance(value, (int, str)) else ""


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _box(value: object, place: str) -> Box | None:
    if value is None or value == []:
        return None
    if not _is_numbers(value) or len(value) != 4:
        raise InputError(
            "a box is not four numbers",
            place=place,
            found=str(value)[:80],
            expected="bbox: [x, y, width, height]",
        )
    x, y, width, height = value
    return x, y, width, height


def _outline(value: object, place: str, odd: Oddities) -> tuple[dict[str, object] | None, str, Box | None]:
    if not value:
        return None, "", None
    if isinstance(value, dict):
        return _mask(value, place)
    if not isinstance(value, list):
        raise InputError("a segmentation is no outline", place=place, found=str(value)[:80])
    rings = [value] if _is_numbers(value) else value
    whole = []
    for ring in rings:
        if not _is_numbers(ring):
            raise InputError(
                "an outline holds something else than numbers", place=place, found=str(ring)[:80],
                expected="[x1, y1, x2, y2, x3, y3, …]",
            )  # fmt: skip
        if len(ring) < _FEWEST or len(ring) % 2:
            odd.broken_rings.append(place)
        else:
            whole.append(ring)
    flat = [number for ring in (whole or rings) for number in ring]
    around = _around(flat[0::2], flat[1::2]) if len(flat) >= 2 else None
    return ({"rings": whole}, "polygon", around) if whole else (None, "", around)


def _mask(value: Mapping[str, object], place: str) -> tuple[dict[str, object], str, Box]:
    size = value.get("size")
    try:
        height, width, counts = checked_counts(size if isinstance(size, list) else [], value.get("counts"))
    except InputError as error:
        raise type(error)(error.message, place=place, found=error.found, expected=error.expected) from None
    return {"size": [height, width], "counts": counts.tolist()}, "mask", box_of_counts(height, counts)


def _points(value: object, place: str) -> list[float]:
    if not _is_numbers(value) or len(value) % 3:
        raise InputError(
            "keypoints are not triples of x, y and visibility", place=place, found=str(value)[:80],
            expected="[x1, y1, v1, x2, y2, v2, …]",
        )  # fmt: skip
    return list(value)


def _is_numbers(value: object) -> TypeGuard[list[float]]:
    return isinstance(value, list) and set(map(type, value)) <= _NUMBERS


def _around_points(points: Sequence[float]) -> Box:
    seen = [at for at in range(0, len(points), 3) if points[at + 2] > 0]
    return _around([points[at] for at in seen], [points[at + 1] for at in seen]) if seen else NO_BOX


def _around(x: Sequence[float], y: Sequence[float]) -> Box:
    left, top = min(x), min(y)
    return left, top, max(x) - left, max(y) - top
