"""Which part of an image a drawing shows, and where the objects of an item lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .fields import Node, as_number, count, items, text

WIDTH, HEIGHT = 960, 640
SIDES = "abc"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Window:
    """The part of an image that a drawing shows, in pixels of the image; what lies beside the image is its mat."""

    x: float
    y: float
    scale: float

    @staticmethod
    def around(box: Box) -> Window:
        """The window that shows a whole box, in the middle."""
        x, y, w, h = box
        scale = min(WIDTH / max(w, 1e-9), HEIGHT / max(h, 1e-9))
        return Window(x + w / 2 - WIDTH / scale / 2, y + h / 2 - HEIGHT / scale / 2, scale)

    def inside(self, frame: Box) -> Window:
        """The same window moved over the image where it reaches beyond it."""
        wide, high = WIDTH / self.scale, HEIGHT / self.scale
        x = (
            frame[0] + (frame[2] - wide) / 2
            if wide > frame[2]
            else _within(self.x, frame[0], frame[0] + frame[2] - wide)
        )
        y = (
            frame[1] + (frame[3] - high) / 2
            if high > frame[3]
            else _within(self.y, frame[1], frame[1] + frame[3] - high)
        )
        return Window(x, y, self.scale)

    def shows(self, x: float, y: float) -> bool:
        """Whether a place of the image lies in the drawing."""
        across, down = self.at(x, y)
        return 0 <= across <= WIDTH and 0 <= down <= HEIGHT

    def meets(self, box: Box) -> bool:
        """Whether a part of a box lies in the drawing, its edges included."""
        left, top = self.at(box[0], box[1])
        right, bottom = self.at(box[0] + box[2], box[1] + box[3])
        return left <= WIDTH and right >= 0 and top <= HEIGHT and bottom >= 0

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place of the image in units of the drawing."""
        return (x - self.x) * self.scale, (y - self.y) * self.scale

    def path(self, flat: Sequence[float], *, closed: bool) -> str:
        """A line through flat coordinates as path data."""
        points = [self.at(x, y) for x, y in zip(flat[0::2], flat[1::2], strict=False)]
        drawn = "L".join(f"{short(x)} {short(y)}" for x, y in points)
        return f"M{drawn}{'Z' if closed else ''}" if points else ""


def frame_of(item: Node) -> Box:
    """The image; where its size is not known, the box around its objects."""
    width, height = count(item, "width"), count(item, "height")
    if width and height and width > 0 and height > 0:
        return (0.0, 0.0, float(width), float(height))
    around = _around(box_of(thing) for thing in objects_of(item) if in_image(thing))
    return _grown(around, 0.05)


def surroundings(item: Node, frame: Box, words: Sequence[str]) -> Box:
    """The box around the object with an error that is about the most of the words, with what is wrong beside it.

    It is a little wider than these objects and never less than a tenth of the image.
    """
    wrong = [thing for thing in objects_of(item) if text(thing, "error") and in_image(thing)]
    if not wrong:
        return frame
    wanted = {word.replace(" ", "_") for word in words}

    def rank(thing: Node) -> tuple[int, float]:
        said = {text(thing, key).replace(" ", "_") for key in ("class", "error")}
        return (-len(said & wanted), box_of(thing)[2] * box_of(thing)[3])

    first = box_of(min(wrong, key=rank))
    near = _grown(first, 0.5)
    x, y, w, h = _grown(_around(box for box in map(box_of, wrong) if meets(box, near)), 0.45)
    least = max(frame[2], frame[3]) / 10
    wide, high = max(w, least), max(h, least * HEIGHT / WIDTH)
    return (x - (wide - w) / 2, y - (high - h) / 2, wide, high)


def densest(item: Node, frame: Box) -> Box:
    """The quarter of the frame's sides around the small object with an error beside most others."""
    wrong = [box_of(thing) for thing in objects_of(item) if text(thing, "error") and in_image(thing)]
    wide, high = frame[2] / 4, frame[3] / 4
    middles = [(x + w / 2, y + h / 2) for x, y, w, h in wrong if max(w / wide, h / high) < 1]
    if not middles:
        return frame

    def beside(place: tuple[float, float]) -> int:
        return sum(abs(place[0] - x) < wide / 2 and abs(place[1] - y) < high / 2 for x, y in middles)

    x, y = max(middles, key=beside)
    return (x - wide / 2, y - high / 2, wide, high)


def meets(one: Box, other: Box) -> bool:
    """Whether two boxes share a place."""
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _around(boxes: Iterable[Box]) -> Box:
    known = list(boxes) or [(0.0, 0.0, 1.0, 1.0)]
    left, top = min(box[0] for box in known), min(box[1] for box in known)
    right, bottom = max(box[0] + box[2] for box in known), max(box[1] + box[3] for box in known)
    return (left, top, max(right - left, 1.0), max(bottom - top, 1.0))


def _grown(box: Box, share: float) -> Box:
    x, y, w, h = box
    return (x - share * w, y - share * h, w * (1 + 2 * share), h * (1 + 2 * share))


def objects_of(item: Node) -> list[Node]:
    """The objects of all layers that are drawn."""
    return [thing for layer in items(item, "layers")[: len(SIDES)] for thing in items(layer, "objects")]


def in_image(thing: Node) -> bool:
    """Whether the object has a place in an image."""
    kind, box = text(thing, "kind"), box_of(thing)
    return kind != "span" and (kind != "field" or (box[2] > 0 and box[3] > 0))


def box_of(thing: Node) -> Box:
    """The enclosing box of an object: x, y, width, height."""
    found = numbers_of(thing.get("box"))
    return (found[0], found[1], found[2], found[3]) if len(found) == 4 else (0.0, 0.0, 0.0, 0.0)


def numbers_of(found: object) -> list[float]:
    """The finite numbers of a list."""
    if not isinstance(found, Sequence) or isinstance(found, (str, bytes)):
        return []
    return [value for value in map(as_number, found) if value is not None]


def short(value: float) -> str:
    """A coordinate of a drawing in few characters."""
    return f"{min(max(value, -1e5), 1e5):.1f}".removesuffix(".0")


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
