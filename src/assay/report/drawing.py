"""Objects of an image as SVG: boxes, outlines, masks, lines and keypoints over the image or a plain frame.

Two drawings lie on one another: shapes in units of the picture, which grow with it, and numbers in pixels of the
screen, which do not. Layers differ by line and fill, not by colour alone: solid with a filled corner, dashed and
hatched, dotted.
"""

from __future__ import annotations

from collections.abc import Sequence

from .fields import Node, child, count, items, sequence, text, texts
from .located_wording import error_word
from .markup import Html, escape, tag
from .scene_window import (
    HEIGHT,
    SIDES,
    WIDTH,
    Box,
    Window,
    box_of,
    densest,
    frame_of,
    in_image,
    meets,
    numbers_of,
    objects_of,
    short,
    surroundings,
)  # fmt: skip

_SHOWN_WIDTH = 560
_BADGE = 20
_CORNER = 12.0
_SMALL = 14.0
_LETTER, _LINE = 6.6, 16
_LIMBS = (
    ("left_ankle", "left_knee"), ("left_knee", "left_hip"), ("right_ankle", "right_knee"),
    ("right_knee", "right_hip"), ("left_hip", "right_hip"), ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"), ("left_eye", "right_eye"), ("left_shoulder", "right_shoulder"),
    ("left_shoulder", "left_elbow"), ("right_shoulder", "right_elbow"), ("left_elbow", "left_wrist"),
    ("right_elbow", "right_wrist"), ("nose", "left_eye"), ("nose", "right_eye"),
    ("left_eye", "left_ear"), ("right_eye", "right_ear"), ("left_ear", "left_shoulder"),
    ("right_ear", "right_shoulder"),
)  # fmt: skip


def is_drawable(item: Node) -> bool:
    """Whether the item has objects with a place in an image."""
    return any(in_image(thing) for thing in objects_of(item))


def drawing(
    item: Node, *, picture: str | None = None, title: str, close_to: Sequence[str] | None = None
) -> Html:
    """The image of an item with every layer.

    ``close_to`` shows only the surroundings of an error, without numbers: of one that is about the most of these words
    (classes, kinds of errors). Without words it is the part of the image with most errors, numbered.
    ``picture`` is the image as a data address, whatever its size.
    """
    frame = frame_of(item)
    window = Window.around(frame)
    if close_to is not None:
        part = surroundings(item, frame, close_to) if close_to else densest(item, frame)
        window = Window.around(part).inside(frame)
    layers = items(item, "layers")
    ground = _ground(frame, window, picture)
    drawn = [
        _thing(thing, window, side, text(layer, "who"))
        for side, layer in zip(SIDES, layers, strict=False)
        for thing in _by_weight(items(layer, "objects"))
        if in_image(thing) and window.meets(box_of(thing))
    ]
    label = [tag("title", title), tag("desc", text(item, "text"))]
    scene = tag(
        "svg", label, ground, drawn,
        class_=f"scene{' pictured' if picture else ''}", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img",
    )  # fmt: skip
    badges = _sides(item, window) if close_to else _numbers(item, window)
    names = [] if picture or close_to else _class_names(item, window)
    return tag("div", scene, tag("svg", names, badges, class_="badges", aria_hidden="true"), class_="drawing")


def needs_a_closer_look(item: Node) -> bool:
    """Whether an object with an error would be too small to see in a drawing of the whole image."""
    window = Window.around(frame_of(item))
    on_screen = window.scale * _SHOWN_WIDTH / WIDTH
    wrong = [box_of(thing) for thing in objects_of(item) if text(thing, "error") and in_image(thing)]
    return any(max(w, h) * on_screen < _SMALL for _, _, w, h in wrong)


def patterns() -> Html:
    """The fills that drawings refer to, once a page."""
    lines = "".join(
        f'<pattern id="hatch-{side}" width="9" height="9" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate({turn})">'
        f'<path d="M0 4.5H9" class="hatch {side}"/></pattern>'
        for side, turn in (("b", 45), ("c", 135))
    )
    return Html(f'<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>{lines}</defs></svg>')


def line_sample(side: str) -> Html:
    """The line and fill of a layer, for a legend."""
    corner = '<path d="M3 2h7l-7 7z" class="corner"/>' if side == "a" else ""
    box = "".join(f'<rect x="3" y="2" width="26" height="14" class="{part}"/>' for part in ("area", "line"))
    thing = f'<g class="thing {side} wrong">{box}{corner}</g>'
    return Html(f'<svg class="sample" width="32" height="18" aria-hidden="true">{thing}</svg>')


def _ground(frame: Box, window: Window, picture: str | None) -> Html:
    x, y = window.at(frame[0], frame[1])
    place = (
        f'x="{short(x)}" y="{short(y)}" width="{short(frame[2] * window.scale)}" '
        f'height="{short(frame[3] * window.scale)}"'
    )
    image = f'<image {place} href="{escape(picture)}" preserveAspectRatio="none"/>' if picture else ""
    return Html(f'<rect class="frame" {place}/>{image}')


def _thing(thing: Node, window: Window, side: str, who: str) -> Html:
    error = text(thing, "error")
    said = ", ".join(part for part in (text(thing, "class"), who, error_word(error) if error else "") if part)
    style = f"thing {side}{' wrong' if error else ''}"
    shape = _shape(thing, window)
    area = Html(shape.replace('class="line"', 'class="area"')) if error and 'class="line"' in shape else None
    return tag("g", tag("title", said), area, shape, _corner(thing, window, side), class_=style)


def _shape(thing: Node, window: Window) -> Html:
    shape, kind = child(thing, "shape"), text(thing, "kind")
    rings = [numbers_of(ring) for key in ("rings", "holes") for ring in sequence(shape, key)]
    if any(rings):
        outline = "".join(window.path(ring, closed=True) for ring in rings)
        return Html(f'<path d="{outline}" class="line" fill-rule="evenodd"/>')
    if line := numbers_of(shape.get("line")):
        return Html(f'<path d="{window.path(line, closed=False)}" class="line open"/>')
    joints = _joints(shape, window) if kind == "keypoints" else None
    if joints is not None:
        return joints
    x, y, w, h = box_of(thing)
    left, top = window.at(x, y)
    size = f'width="{short(w * window.scale)}" height="{short(h * window.scale)}"'
    return Html(f'<rect x="{short(left)}" y="{short(top)}" {size} class="line"/>')


def _joints(shape: Node, window: Window) -> Html | None:
    flat, names = numbers_of(shape.get("points")), texts(shape, "names")
    seen = {
        at: (window.at(flat[3 * at], flat[3 * at + 1]), flat[3 * at + 2])
        for at in range(len(flat) // 3)
        if flat[3 * at + 2] > 0
    }
    if not seen:
        return None
    named = {name: at for at, name in enumerate(names) if at in seen}
    limbs = "".join(
        f"M{_pair(seen[named[one]][0])}L{_pair(seen[named[other]][0])}"
        for one, other in _LIMBS
        if one in named and other in named
    )
    dots = "".join(
        f'<circle cx="{short(place[0])}" cy="{short(place[1])}" r="5" class="joint{"" if visible > 1 else " hidden"}"/>'
        for place, visible in seen.values()
    )
    return Html((f'<path d="{limbs}" class="line open"/>' if limbs else "") + dots)


def _corner(thing: Node, window: Window, side: str) -> Html | None:
    """The filled corner that marks the first layer beside its colour."""
    if side != "a" or child(thing, "shape").get("points") or child(thing, "shape").get("line"):
        return None
    if ring := next((numbers_of(ring) for ring in sequence(child(thing, "shape"), "rings")), None):
        x, y = window.at(ring[0], ring[1]) if len(ring) > 1 else (0.0, 0.0)
        return Html(f'<circle cx="{short(x)}" cy="{short(y)}" r="5" class="corner"/>')
    x, y, w, h = box_of(thing)
    left, top = window.at(x, y)
    size = min(_CORNER, w * window.scale / 2, h * window.scale / 2)
    return Html(
        f'<path d="M{_pair((left, top))}h{short(size)}l-{short(size)} {short(size)}z" class="corner"/>'
    )


def _numbers(item: Node, window: Window) -> list[Html]:
    """The number of every error at the object it is about; numbers that would lie on one another stand side by side."""
    layers, taken, badges = items(item, "layers"), set[tuple[int, int]](), []
    for number, error in enumerate(items(item, "errors"), 1):
        found = _last_object(layers, error)
        if found is None:
            continue
        side, thing = found
        x, y = window.at(*box_of(thing)[:2])
        if not window.shows(*_middle(thing)):
            continue
        column, row = (round(part * _SHOWN_WIDTH / WIDTH / _BADGE) for part in (x, y))
        while (column, row) in taken:
            column, x = column + 1, x + _BADGE * WIDTH / _SHOWN_WIDTH
        taken.add((column, row))
        badges.append(_badge(str(number), side, x, y))
    return badges


def _class_names(item: Node, window: Window) -> list[Html]:
    """The classes inside the objects of a plain frame that have room for them, what is wrong first."""
    taken: list[Box] = []
    names = []
    scale = _SHOWN_WIDTH / WIDTH
    for thing in reversed(_by_weight(objects_of(item))):
        x, y, w, h = box_of(thing)
        if text(thing, "kind") in ("keypoints", "polyline"):
            continue
        boxed = text(thing, "kind") in ("box", "field")
        left, bottom = window.at(x, y + h) if boxed else window.at(x + w / 2, y + h / 2)
        words = text(thing, "class")
        wide, high = w * window.scale * scale, h * window.scale * scale
        if not words or not in_image(thing) or wide < _LETTER * len(words) + 10 or high < _LINE + 4:
            continue
        place = (left * scale, bottom * scale, _LETTER * len(words), float(_LINE))
        if any(meets(place, other) for other in taken):
            continue
        taken.append(place)
        at = f'x="{100 * left / WIDTH:.2f}%" y="{100 * bottom / HEIGHT:.2f}%"'
        style = 'dx="5" dy="-6" class="class-name"' if boxed else 'dy="4" class="class-name middle"'
        names.append(Html(f"<text {at} {style}>{escape(words)}</text>"))
    return names


def _sides(item: Node, window: Window) -> list[Html]:
    """The letter of each layer at its first object with an error that the window shows."""
    badges = []
    for side, layer in zip(SIDES, items(item, "layers"), strict=False):
        for thing in items(layer, "objects"):
            x, y, w, h = box_of(thing)
            if text(thing, "error") and in_image(thing) and window.shows(*_middle(thing)):
                corner = window.at(x, y) if side == "a" else window.at(x + w, y + h)
                badges.append(_badge(side.upper(), side, *corner, above=side == "a"))
                break
    return badges


def _middle(thing: Node) -> tuple[float, float]:
    x, y, w, h = box_of(thing)
    return x + w / 2, y + h / 2


def _badge(words: str, side: str, x: float, y: float, *, above: bool = True) -> Html:
    width = 11 + 7 * len(words)
    left = f"{100 * min(max(x / WIDTH, 0.0), 0.97):.2f}%"
    top = f"{100 * min(max(y / HEIGHT, 0.052 if above else 0.0), 0.999 if above else 0.948):.2f}%"
    text_at = f'x="{width / 2:g}" y="{-5.5 if above else 12.5}"'
    ground = f'<rect y="{-19 if above else -1}" width="{width}" height="18" rx="4"/>'
    chip = f"{ground}<text {text_at}>{escape(words)}</text>"
    return Html(f'<svg x="{left}" y="{top}" class="o"><g class="badge {side}">{chip}</g></svg>')


def _last_object(layers: Sequence[Node], error: Node) -> tuple[str, Node] | None:
    """The object at which an error is numbered: the last that it names, which is the person's where there is one."""
    found = None
    for pair in sequence(error, "objects"):
        if isinstance(pair, Sequence) and len(pair) == 2 and isinstance(pair[0], int):
            layer = layers[pair[0]] if 0 <= pair[0] < min(len(layers), len(SIDES)) else {}
            thing = next((one for one in items(layer, "objects") if count(one, "number") == pair[1]), None)
            if thing is not None and in_image(thing):
                found = (SIDES[pair[0]], thing)
    return found


def _by_weight(things: Sequence[Node]) -> list[Node]:
    """What is right first, so that errors lie on top."""
    return sorted(things, key=lambda thing: bool(text(thing, "error")))


def _pair(place: tuple[float, float]) -> str:
    return f"{short(place[0])} {short(place[1])}"
