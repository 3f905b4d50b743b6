"""Writing CVAT for images 1.1: one element for each image and one for each shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .cvat_images import encode_runs
from .located_rows import ObjectRow
from .shape_parts import attributes_of, numbers, pairs, pixels_of, rings_of, shape_of, texts
from .small_table import write_whole

#: An item, its width and height, and the objects of one person on it.
ImageItem = tuple[str, int | None, int | None, Sequence[ObjectRow]]

_OWN = ("occluded", "z_order", "group_id", "source")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def write_cvat(target: Path, items: Iterable[ImageItem]) -> Counter[str]:
    """Write images with their shapes; how much was lost, by kind.

    Not carried: spans (``spans``), ``holes``, that several rings are one object (``parts``), ``confidence``, ``crowd``,
    ``texts`` and characters that XML cannot hold (``characters``). An image without a size is written as 0 by 0
    (``image_size``).
    """
    losses: Counter[str] = Counter()

    def lines() -> Iterator[bytes]:
        yield b'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
        for number, (item, width, height, objects) in enumerate(items):
            losses["image_size"] += width is None or height is None
            head = f'  <image id="{number}" name="{_text(item, losses)}"'
            size = "" if width is None or height is None else f' width="{width}" height="{height}"'
            shapes = "".join(line for one in objects for line in _shape(one, losses))
            yield f"{head}{size}>\n{shapes}  </image>\n".encode()
        yield b"</annotations>\n"

    write_whole(target, lines())
    return losses


def _shape(one: ObjectRow, losses: Counter[str]) -> Iterator[str]:
    if one.kind == "span":
        losses["spans"] += 1
        return
    losses["confidence"] += one.confidence is not None
    losses["crowd"] += one.crowd
    losses["texts"] += one.text is not None
    shape = shape_of(one)
    if one.kind == "polygon":
        rings = rings_of(shape)
        losses["parts"] += len(rings) > 1
        losses["holes"] += bool(shape.get("holes"))
        for ring in rings:
            yield _element("polygon", one, f'points="{_points(ring)}"', losses)
    elif one.kind == "mask":
        yield _element("mask", one, _mask(one, shape), losses)
    elif one.kind == "keypoints":
        yield _joints(one, shape, losses)
    elif one.kind == "polyline":
        yield _element("polyline", one, f'points="{_points(pairs(shape.get("points")))}"', losses)
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


def _mask(one: ObjectRow, shape: object) -> str:
    left, top, width, height = int(one.x), int(one.y), max(int(one.w), 1), max(int(one.h), 1)
    drawn = pixels_of(shape if isinstance(shape, dict) else {})[top : top + height, left : left + width]
    frame = f'left="{left}" top="{top}" width="{width}" height="{height}"'
    return f'rle="{encode_runs(drawn)}" {frame}'


def _joints(one: ObjectRow, shape: object, losses: Counter[str]) -> str:
    found = shape if isinstance(shape, dict) else {}
    flat, names = numbers(found.get("points")), texts(found.get("names"))
    points = list(zip(flat[0::3], flat[1::3], flat[2::3], strict=False))
    lines = []
    for at, (x, y, seen) in enumerate(points):
        name = _text(names[at] if at < len(names) else str(at + 1), losses)
        state = f'outside="{int(seen == 0)}" occluded="{int(seen == 1)}"'
        lines.append(f'      <points label="{name}" {state} points="{_points([(x, y)])}"/>\n')
    return _element("skeleton", one, 'points=""', losses, "".join(lines))


def _element(tag: str, one: ObjectRow, places: str, losses: Counter[str], inside: str = "") -> str:
    attributes = attributes_of(one)
    own = "".join(f' {key}="{_text(attributes.pop(key), losses)}"' for key in _OWN if key in attributes)
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
