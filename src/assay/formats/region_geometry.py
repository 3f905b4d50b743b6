"""The geometry of one region of Label Studio: percent of the image to pixels, offsets of texts, strokes to masks.

What a region is, its value says: every control that answers the same region repeats the same coordinates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser  # noqa: TID251  # offsets count its text; nothing is shown as HTML
from typing import Literal

import numpy as np
import numpy.typing as npt

from assay.annotation.errors import InputError
from assay.annotation.place import shown

from .brush_rle import decode_brush
from .located_rows import ObjectRow
from .shapes import (
    Told,
    box,
    corners_about_corner,
    ellipse_points,
    keypoints,
    mask,
    polygon,
    polyline,
    rotated_box,
)

RegionKind = Literal["rectangle", "polygon", "ellipse", "keypoint", "brush", "span"]

Value = Mapping[str, object]
#: Pixels are kept to a billionth, so that 20 % of 500 are 100.
_DIGITS = 1e9


@dataclass(frozen=True)
class Frame:
    """The size of the image that percent refer to; ``known`` is false where nobody says it and 100 stands for it."""

    width: int
    height: int
    known: bool = True

    def x(self, percent: float) -> float:
        """Pixels across."""
        return round(percent * self.width / 100.0 * _DIGITS) / _DIGITS

    def y(self, percent: float) -> float:
        """Pixels down."""
        return round(percent * self.height / 100.0 * _DIGITS) / _DIGITS


def pixels_of_percent(
    percent: npt.NDArray[np.float64], size: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Percent of sizes as pixels, exactly as :class:`Frame` counts them one by one."""
    pixels: npt.NDArray[np.float64] = np.rint(percent * size / 100.0 * _DIGITS) / _DIGITS + 0.0
    return pixels


def region_kind(value: Value) -> RegionKind | None:
    """What the coordinates of a value mean; None for none, and for what is not read (video, audio).

    >>> region_kind({"x": 1, "y": 2, "width": 3, "height": 4}), region_kind({"choices": ["a"]})
    ('rectangle', None)
    """
    if "rle" in value:
        return "brush"
    if "points" in value:
        return "polygon"
    if "x" in value and "y" in value:
        return "ellipse" if "radiusX" in value else "rectangle" if "height" in value else "keypoint"
    return "span" if span_offsets(value) is not None else None


def span_offsets(value: Value) -> tuple[int, int] | None:
    """Start and end of a marked text; None where they are paths alone, or seconds."""
    offsets = value.get("globalOffsets")
    source = offsets if isinstance(offsets, dict) else value
    start, end = source.get("start"), source.get("end")
    if (
        isinstance(start, str)
        and isinstance(end, str)
        and start.isdigit()
        and end.isdigit()
        and "xpath" not in value
    ):
        return (int(start), int(end)) if "startOffset" not in value else None
    if type(start) is not int or type(end) is not int or "channel" in value:
        return None
    return start, end


def drawn(kind: RegionKind, value: Value, frame: Frame, told: Told, numbers: Numbers) -> ObjectRow:
    """The object of a region that lies in an image."""
    if kind == "brush":
        data = value.get("rle")
        painted = decode_brush(data if isinstance(data, list) else [], frame.width, frame.height)
        return mask(told, painted, 0, 0, frame.width, frame.height)
    if kind == "polygon":
        points = [(frame.x(x), frame.y(y)) for x, y in numbers.points(value)]
        return polyline(told, points) if value.get("closed") is False else polygon(told, points)
    x, y = (numbers.one(value, key) for key in ("x", "y"))
    if kind == "keypoint":
        return keypoints(told, [(frame.x(x), frame.y(y), 2)], [told.label])
    turned = numbers.one(value, "rotation", 0.0)
    if kind == "ellipse":
        rx, ry = (numbers.one(value, key) for key in ("radiusX", "radiusY"))
        return polygon(told, ellipse_points(frame.x(x), frame.y(y), frame.x(rx), frame.y(ry), turned))
    w, h = (numbers.one(value, key) for key in ("width", "height"))
    sides = frame.x(x), frame.y(y), frame.x(w), frame.y(h)
    if turned % 360 == 0:
        return box(told, *sides)
    return rotated_box(told, corners_about_corner(*sides, turned), sides[2:], turned)


@dataclass(frozen=True)
class Numbers:
    """Reads numbers of a region and refuses what is none, naming file and place."""

    file: str
    place: str

    def one(self, value: Value, key: str, default: float | None = None) -> float:
        """The number under a key."""
        found = value.get(key, default)
        if isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) < 1e9:
            return float(found)
        raise InputError(
            "a coordinate is no number", file=self.file, place=self.place, found=f"{key}: {shown(str(found))}",
            expected="a number, in percent of the image",
        )  # fmt: skip

    def points(self, value: Value) -> list[tuple[float, float]]:
        """The points of a polygon."""
        found = value.get("points")
        points = found if isinstance(found, list) else [found]
        pairs = []
        for point in points:
            if not isinstance(point, list) or len(point) != 2:
                raise InputError(
                    "this is no point",
                    file=self.file,
                    place=self.place,
                    found=shown(str(point)),
                    expected="[x, y]",
                )
            pairs.append((self.one({"x": point[0]}, "x"), self.one({"y": point[1]}, "y")))
        return pairs


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of_html(html: str) -> str:
    """The text of a piece of HTML, as offsets into it count.

    >>> text_of_html("<p><b>Jules</b>: No &amp; no</p>")
    'Jules: No & no'
    """
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)


def labels_of(values: Sequence[Value]) -> list[str]:
    """The classes that the controls of one region chose."""
    labels: list[str] = []
    for value in values:
        for key, chosen in value.items():
            if key.endswith("labels") and isinstance(chosen, list):
                labels += [one for one in chosen if isinstance(one, str) and one not in labels]
    return labels
