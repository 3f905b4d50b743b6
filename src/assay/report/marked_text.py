"""A text with the spans of every layer: underlines that nest, the label at the start of each span.

Spans that all layers have alike are one thin underline. A long text shows the surroundings of what differs, and opens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .fields import Node, count, items, sequence, text
from .markup import Child, Html, join, tag
from .scene_window import SIDES
from .wording import whole

_MOST_LEVELS = 8
_SHORT = 700
_AROUND = 110
_GAP = 60
_MOST_SHOWN = 2_400

Part = tuple[int, int]


@dataclass(frozen=True)
class _Mark:
    """A span as it is underlined: its parts, whose it is, and the numbers of its errors."""

    parts: tuple[Part, ...]
    label: str
    sides: str
    wrong: bool
    errors: tuple[int, ...]
    level: int = 0
    named: bool = True

    @property
    def reach(self) -> Part:
        """From the start of its first part to the end of its last."""
        return self.parts[0][0], self.parts[-1][1]

    @property
    def style(self) -> str:
        """The classes of its underline."""
        return (
            f"u{self.level} {self.sides if len(self.sides) == 1 else 'all'}{' wrong' if self.wrong else ''}"
        )


def marked_text(item: Node) -> Html | None:
    """The content of an item with its spans, or nothing where it has no text."""
    content = text(item, "content")
    if not content:
        return None
    marks = _levelled(_marks(item, len(content)))
    depth = f"levels-{max((mark.level for mark in marks), default=0)}"
    every = tag("p", _run(content, marks, (0, len(content))), class_=f"span-text {depth}", dir="auto")
    if len(content) <= _SHORT:
        return every
    summary = f"All {whole(len(content))} characters"
    near = tag("p", _folded(content, marks), class_=f"span-text {depth}", dir="auto")
    return join([near, tag("details", tag("summary", summary), every)])


def _marks(item: Node, length: int) -> list[_Mark]:
    numbers: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, error in enumerate(items(item, "errors"), 1):
        for pair in sequence(error, "objects"):
            if isinstance(pair, Sequence) and len(pair) == 2 and all(isinstance(one, int) for one in pair):
                numbers[(pair[0], pair[1])].append(number)
    alike: dict[tuple[tuple[Part, ...], str], str] = {}
    marks = []
    for at, layer in enumerate(items(item, "layers")[: len(SIDES)]):
        for thing in items(layer, "objects"):
            parts, label = _parts(thing, length), text(thing, "class")
            if not parts or text(thing, "kind") != "span":
                continue
            if text(thing, "error"):
                errors = tuple(numbers[(at, count(thing, "number") or 0)])
                marks.append(_Mark(parts, label, SIDES[at], True, errors))
            else:
                key = (parts, label)
                alike[key] = alike.get(key, "") + SIDES[at]
    return marks + [_Mark(parts, label, sides, False, ()) for (parts, label), sides in alike.items()]


def _parts(thing: Node, length: int) -> tuple[Part, ...]:
    found = []
    for part in sequence(thing, "parts"):
        if isinstance(part, Sequence) and len(part) == 2 and all(isinstance(one, int) for one in part):
            start, end = max(part[0], 0), min(part[1], length)
            if start < end:
                found.append((start, end))
    return tuple(sorted(found))


def _levelled(marks: Iterable[_Mark]) -> list[_Mark]:
    """Shorter spans lie closer to the text; spans that share characters never share a level."""
    placed: list[_Mark] = []
    for mark in sorted(marks, key=lambda one: (_length(one), one.reach, one.sides, one.label)):
        taken = {other.level for other in placed if _meet(mark.reach, other.reach)}
        level = next((each for each in range(_MOST_LEVELS) if each not in taken), _MOST_LEVELS - 1)
        named = mark.wrong or not any(
            other.label == mark.label and not other.wrong and _meet(mark.reach, other.reach)
            for other in placed
        )
        placed.append(replace(mark, level=level, named=named))
    return placed


def _length(mark: _Mark) -> int:
    return mark.reach[1] - mark.reach[0]


def _meet(one: Part, other: Part) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _run(content: str, marks: Sequence[_Mark], window: Part) -> list[Html]:
    """The text of a window, cut wherever a part of a span begins or ends."""
    near = [mark for mark in marks if _meet(mark.reach, window)]
    cuts = {edge for mark in near for part in mark.parts for edge in part}
    edges = sorted({*window, *(edge for edge in cuts if window[0] < edge < window[1])})
    out: list[Html] = []
    for start, end in pairwise(edges):
        out += [_label(mark) for mark in _outermost_first(near) if mark.named and mark.parts[0][0] == start]
        inside = [mark for mark in near if any(a <= start and end <= b for a, b in mark.parts)]
        out.append(_underlined(content[start:end], inside))
    return out


def _outermost_first(marks: Sequence[_Mark]) -> list[_Mark]:
    return sorted(marks, key=lambda mark: -mark.level)


def _underlined(words: str, inside: Sequence[_Mark]) -> Html:
    drawn = tag("span", words)
    for mark in sorted(inside, key=lambda one: one.level):
        drawn = tag("span", drawn, class_=mark.style)
    return drawn


def _label(mark: _Mark) -> Html:
    numbers: list[Child] = [tag("b", str(number)) for number in mark.errors]
    side = mark.sides if len(mark.sides) == 1 else "all"
    style = f"span-label {side}{' wrong' if mark.wrong else ''}"
    return tag("span", join([*numbers, tag("bdi", mark.label)], " "), class_=style)


def _folded(content: str, marks: Sequence[_Mark]) -> list[Child]:
    """The windows around what differs (around all spans where nothing does), with how much lies between."""
    out: list[Child] = []
    done = 0
    for start, end in _windows(content, [mark for mark in marks if mark.wrong] or marks):
        if start > done:
            out.append(_gap(start - done))
        out += _run(content, marks, (start, end))
        done = end
    if done < len(content):
        out.append(_gap(len(content) - done))
    return out


def _gap(characters: int) -> Html:
    return tag("span", f" … {whole(characters)} characters … ", class_="gap")


def _windows(content: str, marks: Sequence[_Mark]) -> list[Part]:
    if not marks:
        return [(0, _word_end(content, 2 * _AROUND))]
    windows: list[Part] = []
    shown = 0
    for part in sorted(part for mark in marks for part in mark.parts):
        start, end = _word_start(content, part[0] - _AROUND), _word_end(content, part[1] + _AROUND)
        if windows and start <= windows[-1][1] + _GAP:
            start = windows[-1][0]
            end = max(end, windows.pop()[1])
        if windows and shown > _MOST_SHOWN:
            break
        windows.append((start, end))
        shown = sum(one[1] - one[0] for one in windows)
    return windows


def _word_start(content: str, place: int) -> int:
    if place <= 0:
        return 0
    cut = content.find(" ", place, place + 20)
    return cut + 1 if cut >= 0 else place


def _word_end(content: str, place: int) -> int:
    if place >= len(content):
        return len(content)
    cut = content.rfind(" ", place - 20, place)
    return cut if cut > 0 else place
