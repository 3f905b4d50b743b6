"""Writing CVAT for images 1.1: one element for each image and one for each shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from .cvat_images import USUAL, encode_runs
from .located_rows import ObjectRow
from .shape_parts import (
    attributes_of,
    has_own_frame,
    joints_of,
    numbers,
    pairs,
    pixels_of,
    rings_of,
    shape_of,
)
from .small_table import write_whole

#: An item, its width and height, and the objects of one person on it.
ImageItem = tuple[str, int | None, int | None, Sequence[ObjectRow]]

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def write_cvat(target: Path, items: Iterable[ImageItem]) -> Counter[str]:
    """Write images with their shapes; how much was lost, by kind.

    Not carried: ``spans``, labels of whole images that have another value than their class (``fields``), ``holes``,
    that several rings are one object (``parts``), boxes that differ from those around their shapes (``frames``),
    ``outlines`` of keypoints, where unlabelled keypoints lie (``places``), ``confidence``, ``crowd``, ``texts`` and
    characters that XML cannot hold (``characters``).
    """
    losses: Counter[str] = Counter()

    def lines() -> Iterator[bytes]:
        yield b'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
        for number, (item, width, height, objects) in enumerate(items):
            head = f'  <image id="{number}" name="{_text(item, losses)}"'
            size = "" if width is None or height is None else f' width="{width}" height="{height}"'
            shapes = "".join(line for one in objects for line in _shape(one, losses))
            yield f"{head}{size}>\n{shapes}  </image>\n".encode()
        yield b"</annotations>\n"

    write_whole(target, lines())
    return losses


def _shape(one: ObjectRow, losses: Counter[str]) -> Iterator[str]:
    shape = shape_of(one)
    if one.kind == "span" or (one.kind == "field" and shape != {"key": one.label, "value": one.label}):
        losses[f"{one.kind}s"] += 1
        return
    losses["confidence"] += one.confidence is not None
    losses["crowd"] += one.crowd
    losses["texts"] += one.text is not None
    if one.kind == "polygon":
        rings = rings_of(shape)
        losses["parts"] += len(rings) > 1
        losses["holes"] += bool(shape.get("holes"))
        losses["frames"] += len(rings) == 1 and has_own_frame(one, rings[0])
        for ring in rings:
            yield _element("polygon", one, f'points="{_points(ring)}"', losses)
    elif one.kind == "mask":
        yield _element("mask", one, _mask(one, shape, losses), losses)
    elif one.kind == "keypoints":
        yield _joints(one, shape, losses)
    elif one.kind == "polyline":
        points = pairs(shape.get("points"))
        losses["frames"] += has_own_frame(one, points)
        yield _element("polyline", one, f'points="{_points(points)}"', losses)
    elif one.kind == "field":
        yield _element("tag", one, "", losses)
    else:
        yield _element("box", one, _box(one, shape), losses)


def _box(one: ObjectRow, shape: object) -> str:
    x, y, w, h, turned = one.x, one.y, one.w, one.h, ""
    if one.kind == "rotated_box" and isinstance(shape, dict):
        (cx, cy), (w, h) = numbers(shape["center"]), numbers(shape["size"])
        x, y, turned = cx - w / 2, cy - h / 2, f' rotation="{_number(one.angle or 0.0)}"'
    sides = zip(("xtl", "ytl", "xbr", "ybr"), (x, y, x + w, y + h), strict=True)
    return " ".join(f'{name}="{_number(value)}"' for name, value in sides) + turned


def _mask(one: ObjectRow, shape: Mapping[str, object], losses: Counter[str]) -> str:
    """The runs inside the box around the pixels; a mask without pixels has a frame of one pixel."""
    drawn = pixels_of(shape)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    left, right, top, bottom = 0, 1, 0, 1
    if rows.size:
        left, right, top, bottom = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
        losses["frames"] += has_own_frame(one, [(left, top), (right, bottom)])
    frame = f'left="{left}" top="{top}" width="{right - left}" height="{bottom - top}"'
    return f'rle="{encode_runs(drawn[top:bottom, left:right])}" {frame}'


def _joints(one: ObjectRow, shape: Mapping[str, object], losses: Counter[str]) -> str:
    joints = joints_of(shape)
    losses["outlines"] += "outline" in shape
    losses["frames"] += has_own_frame(one, [(x, y) for _, x, y, seen in joints if seen])
    lines = []
    for name, x, y, seen in joints:
        losses["places"] += not seen and (x, y) != (0, 0)
        state = f'outside="{int(seen == 0)}" occluded="{int(seen == 1)}"'
        lines.append(f'      <points label="{_text(name, losses)}" {state} points="{_points([(x, y)])}"/>\n')
    return _element("skeleton", one, 'points=""', losses, "".join(lines))


def _element(tag: str, one: ObjectRow, places: str, losses: Counter[str], inside: str = "") -> str:
    attributes = attributes_of(one)
    marks = [key for key, usual in USUAL.items() if attributes.get(key, usual) != usual]
    own = "".join(f' {key}="{_text(attributes.pop(key), losses)}"' for key in marks)
    head = f'    <{tag} label="{_text(one.label, losses)}"{own}{" " if places else ""}{places}'
    for key, value in attributes.items():
        inside += f'      <attribute name="{_text(key, losses)}">{_text(value, losses)}</attribute>\n'
    return f"{head}>\n{inside}    </{tag}>\n" if inside else f"{head}/>\n"


def _points(points: Iterable[tuple[float, float]]) -> str:
    return ";".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def _text(text: str, losses: Counter[str]) -> str:
    kept = "".join(one for one in text if one in "\t\n\r" or (ord(one) >= 0x20 and one not in "\ufffe\uffff"))
    losses["characters"] += kept != text
    return "".join(_ESCAPES.get(one, one) for one in kept)
