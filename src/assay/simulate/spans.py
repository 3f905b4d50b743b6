"""Texts with mentions in them: spans that are exact, or end a little early, late or after the comma.

A text is a row of sentences of equal length, one for each place: some words, a mention (or two with "and" between
them), a comma or a stop. Offsets follow from the places alone; the words are only made up when a text is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from .located_chance import LOOSE_FROM, LOOSE_TO, VARIANTS
from .located_frame import Flags, Floats, Frame, Ints
from .located_marks import BOTH, WHOLE, Act, Marks
from .located_spec import LocatedSpec

STRIDE: Final = 90
_BEGIN = 24
_SHORTEST, _LONGEST = 7, 18
_JOINT = 5
_COMMA = 0.4
_SPLIT = 3
_WORDS: Final = (
    "a", "of", "the", "with", "under", "market", "reports", "recently", "published", "statements", "development",
)  # fmt: skip
_NAMES: Final = (
    "Arvo", "Bren", "Calder", "Dunmore", "Elst", "Farrow", "Garrick", "Holm", "Isolde", "Jarrow", "Kestrel",
)  # fmt: skip


def boxes_of(spec: LocatedSpec, frame: Frame, marks: Marks) -> Floats:
    """The stretch of text of each mark as start, 0, length, 1 in code points."""
    start, length = _mentions(marks)
    end = start + length
    loose = marks.act == Act.LOOSE
    if spec.threshold >= 1:
        way = np.minimum((marks.turn * VARIANTS).astype(np.int64), VARIANTS - 1)
        end = end + loose * (way == 0) - loose * (way == 1)
        start = start + loose * (way == 2)
    else:
        share = spec.threshold * (LOOSE_FROM + (LOOSE_TO - LOOSE_FROM) * marks.amount)
        end = np.where(loose, start + np.maximum((length * share).astype(np.int64), 1), end)
    first, second = marks.part == 0, marks.part == 1
    end = np.where(first, start + _SPLIT, end)
    start = np.where(second, start + _SPLIT + 1, start)
    return np.column_stack([start, np.zeros(len(start)), end - start, np.ones(len(start))]).astype(np.float64)


def true_boxes(spec: LocatedSpec, frame: Frame, marks: Marks) -> Floats:
    """The mentions themselves."""
    start, length = _mentions(marks)
    return np.column_stack([start, np.zeros(len(start)), length, np.ones(len(start))]).astype(np.float64)


def before_comma(frame: Frame) -> Flags:
    """The mentions with a comma behind them."""
    return np.asarray((frame.half != 0) & ((frame.size * 7919) % 1 < _COMMA))


def _mentions(marks: Marks) -> tuple[Ints, Ints]:
    """Start and length of what each mark means."""
    length = (_SHORTEST + marks.size * (_LONGEST - _SHORTEST + 1)).astype(np.int64)
    start = marks.place * STRIDE + np.where(marks.half == 1, _BEGIN + length + _JOINT, _BEGIN)
    both = marks.half == BOTH
    return start, np.where(both, 2 * length + _JOINT, length)


def text_of(side: int, marks: Sequence[tuple[int, int, float, bool]], number: int) -> str:
    """The text of one item: ``side`` squared sentences; marks are place, half, size and whether a comma follows.

    A name stands in every sentence, so that a false span looks like a true one.
    """
    taken = {place for place, *_ in marks}
    everywhere = [(place, WHOLE, 1.0, False) for place in range(side * side) if place not in taken]
    pieces = [_filler(STRIDE - 2, number * 131 + place) + ". " for place in range(side * side)]
    for place, half, size, comma in [*marks, *everywhere]:
        length = min(int(_SHORTEST + size * (_LONGEST - _SHORTEST + 1)), _LONGEST)
        at = _BEGIN if half != 1 else _BEGIN + length + _JOINT
        name = _name(length, number * 7 + place * 3 + max(half, 0))
        line = pieces[place]
        head = line[:at] if half != 1 else line[: at - _JOINT] + " and "
        if half != 1:
            head = _filler(at - 1, number * 131 + place) + " "
        tail = ", " if comma else " "
        rest = STRIDE - 2 - at - length - len(tail)
        pieces[place] = head + name + tail + _filler(rest, number * 17 + place) + ". "
    return "".join(pieces)


def _filler(length: int, number: int) -> str:
    """Words of exactly this many characters, blanks between them included."""
    words: list[str] = []
    left = length
    by_length = {len(word): word for word in _WORDS}
    while left > 0:
        fitting = [n for n in sorted(by_length) if n == left or n + 1 < left]
        if not fitting:
            words.append("a" * left)
            break
        chosen = left if left in by_length else fitting[number % len(fitting)]
        words.append(by_length[chosen])
        left -= chosen + 1
        number = number // 3 + 7
    return " ".join(words)


def _name(length: int, number: int) -> str:
    """Two names of exactly this many characters, with a blank after the third."""
    first, second = _NAMES[number % len(_NAMES)], _NAMES[(number * 5 + 2) % len(_NAMES)]
    return (first[:_SPLIT].title() + " " + (second.title() + "ingham" * 3))[:length]
