"""CVAT for images 1.1: XML with one element for each image and one for each shape, read element by element.

Document types and entities are refused before anything of them is read. Coordinates are pixels; a box turns clockwise
about its centre; the runs of a mask go row by row inside its frame, zeros first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assay.annotation.archives import open_stream
from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown
from assay.annotation.xml_elements import xml_elements

from .located_rows import ImageRow, LocatedRows, Notes, ObjectRow, Work, work_state
from .shapes import (
    MOST_PIXELS,
    Told,
    box,
    corners_about_centre,
    ellipse_points,
    keypoints,
    mask,
    polygon,
    polyline,
    rotated_box,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # noqa: TID251  # the type of what the strict reader returns

_SHAPES = ("box", "polygon", "polyline", "points", "ellipse", "mask", "tag", "skeleton")
#: Marks of a shape that become attributes, with the word that says nothing.
USUAL = {"occluded": "0", "z_order": "0", "source": "manual", "group_id": "0"}
_LARGEST = 1e9


@dataclass
class _Head:
    """What the head of the file says about people."""

    owner: str | None = None
    assignee: str | None = None


def cvat_rows(
    path: Path, name: str, notes: Notes, *, annotator: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> LocatedRows:
    """The images of a file with their shapes; every listed image was worked on.

    Raises :class:`InputError` for what is no XML or no CVAT, for document types and entities, and for numbers that are
    none; :class:`LimitError` for images with a mask that is too large.
    """
    head = _Head()
    images = 0
    for element in _elements(path, name, limits):
        if element.tag == "image":
            images += 1
            yield from _Image(element, notes, images).rows(annotator)
        elif element.tag == "track":
            raise InputError(
                "this is CVAT for video: its tracks are not read", file=name,
                found=f"track {element.get('id')}",
                expected="an export as CVAT for images 1.1, which lists every frame",
            )  # fmt: skip
        else:
            _note_people(element, head)
    if not images:
        raise InputError(
            "there is no image in this file", file=name, expected="annotations of CVAT for images 1.1"
        )
    if annotator is None and (head.assignee or head.owner):
        who = f"assigned to {shown(head.assignee)}" if head.assignee else f"owned by {shown(str(head.owner))}"
        text = f"{name} does not say who drew what; its task is {who}: `annotator:` in delivery.yaml says who it was."
        notes.say("cvat_people", "note", text, assignee=head.assignee or "", owner=head.owner or "")


def decode_runs(text: str, width: int, height: int, *, file: str, place: str) -> npt.NDArray[np.bool_]:
    """The pixels of a mask inside its frame, from runs row by row that begin with zeros.

    >>> decode_runs("1, 2, 1", 2, 2, file="a.xml", place="image 1").tolist()
    [[False, True], [True, False]]
    """
    try:
        runs = np.array([int(part) for part in text.replace(",", " ").split()], np.int64)
    except (ValueError, OverflowError):
        raise InputError("a run of a mask is no number", file=file, place=place, found=shown(text)) from None
    if width <= 0 or height <= 0 or width * height > MOST_PIXELS:
        raise LimitError(
            "the frame of a mask has no size, or is too large",
            file=file,
            place=place,
            found=f"{width} by {height}",
        )
    if (runs < 0).any() or int(runs.sum()) != width * height:
        raise InputError(
            "the runs of a mask do not fill its frame", file=file, place=place,
            found=f"{int(runs.sum())} pixels",
            expected=f"{width} by {height} = {width * height} pixels",
        )  # fmt: skip
    values = np.arange(len(runs)) % 2 == 1
    pixels: npt.NDArray[np.bool_] = np.repeat(values, runs).reshape(height, width)
    return pixels


def encode_runs(pixels: npt.NDArray[np.bool_]) -> str:
    """Runs row by row that begin with zeros."""
    flat = pixels.reshape(-1)
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    return ", ".join(str(run) for run in ([0, *runs] if flat.size and flat[0] else runs))


#: A polygon of fewer points encloses nothing, a line of one leads nowhere.
_LEAST_POINTS = {"polygon": 3, "polyline": 2}


class _Image:
    """One image element."""

    def __init__(self, element: Element, notes: Notes, number: int) -> None:
        self._element = element
        self._notes = notes
        self.name = element.get("name") or ""
        self._place = f"image {shown(self.name)}"
        if not self.name:
            raise InputError("an image has no name", file=notes.file, place=f"image {number}")
        self.width, self.height = (self._size(key) for key in ("width", "height"))

    def rows(self, annotator: str | None) -> LocatedRows:
        """The image and its objects."""
        yield ImageRow(self.name, self.width, self.height, self.name)
        objects = [row for shape in self._element for row in self._shape(shape)]
        yield Work(self.name, annotator, None, work_state(objects), objects, 0)

    def _shape(self, shape: Element) -> Iterator[ObjectRow]:
        if shape.tag not in _SHAPES:
            self._notes.count(
                f"shape_not_read:{shape.tag}", self.name, "minor",
                f"{{n}} shapes of the type {shape.tag} in {self._notes.file} are not read.",
            )  # fmt: skip
            return
        told = self._told(shape)
        if not told.label:
            self._notes.count(
                "object_without_class",
                self.name,
                "major",
                f"{{n}} shapes of {self._notes.file} have no class.",
            )
        if shape.tag == "box":
            yield self._box(shape, told)
        elif shape.tag == "mask":
            yield self._mask(shape, told)
        elif shape.tag == "ellipse":
            x, y, rx, ry = (self._number(shape, key) for key in ("cx", "cy", "rx", "ry"))
            yield polygon(told, ellipse_points(x, y, rx, ry, self._number(shape, "rotation", "0")))
        elif shape.tag == "tag":
            yield told.row("field", (0.0, 0.0, 0.0, 0.0), {"key": told.label, "value": told.label})
        elif shape.tag == "skeleton":
            yield self._skeleton(shape, told)
        else:
            yield self._drawn(shape, told)

    def _drawn(self, shape: Element, told: Told) -> ObjectRow:
        points = self._points(shape)
        if len(points) < _LEAST_POINTS.get(shape.tag, 0):
            self._notes.count(
                "outline_of_few_points", self.name, "major",
                f"{{n}} polygons or lines of {self._notes.file} have too few points to enclose or cross anything.",
            )  # fmt: skip
        if shape.tag == "polygon":
            return polygon(told, points)
        if shape.tag == "polyline":
            return polyline(told, points)
        seen = 1 if shape.get("occluded") == "1" else 2
        names = [told.label] if len(points) == 1 else [str(at) for at in range(1, len(points) + 1)]
        return keypoints(told, [(x, y, seen) for x, y in points], names)

    def _box(self, shape: Element, told: Told) -> ObjectRow:
        left, top, right, bottom = (self._number(shape, key) for key in ("xtl", "ytl", "xbr", "ybr"))
        angle = self._number(shape, "rotation", "0")
        if right < left or bottom < top:
            self._notes.count(
                "box_turned_round", self.name, "minor",
                f"{{n}} boxes of {self._notes.file} name their second corner first; they are read as drawn backwards.",
            )  # fmt: skip
        if angle % 360 == 0:
            return box(told, left, top, right - left, bottom - top)
        size = right - left, bottom - top
        return rotated_box(told, corners_about_centre(left, top, *size, angle), size, angle)

    def _mask(self, shape: Element, told: Told) -> ObjectRow:
        left, top, width, height = (
            int(self._number(shape, key)) for key in ("left", "top", "width", "height")
        )
        pixels = decode_runs(shape.get("rle") or "", width, height, file=self._notes.file, place=self._place)
        if self.width is None or self.height is None:
            raise InputError(
                "a mask needs the size of its image",
                file=self._notes.file,
                place=self._place,
                expected="width and height",
            )
        if left < 0 or top < 0 or left + width > self.width or top + height > self.height:
            raise InputError(
                "a mask reaches out of its image", file=self._notes.file, place=self._place,
                found=f"{width} by {height} at {left}, {top}", expected=f"inside {self.width} by {self.height}",
            )  # fmt: skip
        return mask(told, pixels, left, top, self.width, self.height)

    def _skeleton(self, shape: Element, told: Told) -> ObjectRow:
        points, names = [], []
        for joint in shape.findall("points"):
            hidden, outside = joint.get("occluded") == "1", joint.get("outside") == "1"
            ((x, y), *_) = self._points(joint) or [(0.0, 0.0)]
            points.append((0.0, 0.0, 0) if outside else (x, y, 1 if hidden else 2))
            names.append(joint.get("label") or "")
        return keypoints(told, points, names)

    def _told(self, shape: Element) -> Told:
        attributes = {
            key: value
            for key, usual in USUAL.items()
            if (value := shape.get(key)) is not None and value != usual
        }
        for below in shape.findall("attribute"):
            attributes[below.get("name") or ""] = below.text or ""
        return Told(shape.get("label") or "", attributes=attributes)

    def _points(self, shape: Element) -> list[tuple[float, float]]:
        text = shape.get("points") or ""
        points = []
        for pair in text.split(";") if text else ():
            parts = pair.split(",")
            if len(parts) != 2:
                raise self._no_number(f"points of {shape.tag}", pair)
            points.append((self._float(parts[0], "points"), self._float(parts[1], "points")))
        return points

    def _number(self, shape: Element, key: str, default: str | None = None) -> float:
        text = shape.get(key, default)
        if text is None:
            raise InputError(
                f"a {shape.tag} has no {key}",
                file=self._notes.file,
                place=self._place,
                expected="a number of pixels",
            )
        return self._float(text, key)

    def _float(self, text: str, key: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise self._no_number(key, text) from None
        if not abs(number) <= _LARGEST:
            raise self._no_number(key, text)
        return number

    def _no_number(self, key: str, text: str) -> InputError:
        return InputError(
            "a coordinate is no number", file=self._notes.file, place=self._place,
            found=f"{key}: {shown(text)}",
            expected="a finite number of pixels",
        )  # fmt: skip

    def _size(self, key: str) -> int | None:
        text = self._element.get(key)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
            raise self._no_number(key, text)
        return int(text[:9])


def _elements(path: Path, name: str, limits: Limits) -> Iterator[Element]:
    with open_stream(path, limits=limits) as stream:
        yield from xml_elements(
            stream, root="annotations", inside=("owner", "assignee"), file=name, limits=limits
        )


def _note_people(element: Element, head: _Head) -> None:
    if element.tag in ("owner", "assignee"):
        who = element.findtext("username") or (element.text or "").strip() or None
        if element.tag == "owner":
            head.owner = head.owner or who
        else:
            head.assignee = head.assignee or who
