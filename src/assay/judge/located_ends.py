"""How two objects that mean the same differ: where the ends of a span lie, which edges of a box are off.

A detail is a short text that completes a sentence about the object that was marked: "the end is put after the comma",
"the left edge is too far out". Rows without a detail have None.
"""

from __future__ import annotations

import numpy as np

from assay.measure.units import Ints

from .located_views import View

Details = list[str | None]

_SIGNS = {
    ",": "comma", ".": "full stop", ":": "colon", ";": "semicolon", "!": "exclamation mark", "?": "question mark",
    "-": "hyphen", "–": "dash", "—": "dash", "@": "@", "#": "#", "/": "slash", "%": "per cent sign",
    "(": "opening bracket", "[": "opening bracket", ")": "closing bracket", "]": "closing bracket",
    **dict.fromkeys("'\"“”‘’«»„", "quotation mark"),
}  # fmt: skip
_EDGE_WORDS = (
    *(f"the {edge} edge is too far {way}" for way in ("out", "in") for edge in ("left", "top", "right", "bottom")),
    "the box is too large on all sides", "the box is too small on all sides",
    *(f"the box is shifted {way}" for way in ("to the right", "to the left", "down", "up")),
)  # fmt: skip
_MOST_CHARACTERS = 3
_ONE_EDGE = 0.6
_ALL_EDGES = 0.08


def end_details(view: View, rows: Ints, *, mirrored: bool = False) -> tuple[Details, Details]:
    """How the start and the end of each row's right span differ from the left one's; None where they do not.

    ``mirrored`` says how the longer of the two differs from the shorter, whichever is which.
    """
    left, right = view.left[rows], view.right[rows]
    boxes = view.sides[0].objects.box[left], view.sides[1].objects.box[right]
    starts = np.rint(boxes[1][:, 0] - boxes[0][:, 0]).astype(np.int64)
    ends = np.rint(boxes[1][:, 0] + boxes[1][:, 2] - boxes[0][:, 0] - boxes[0][:, 2]).astype(np.int64)
    texts = [
        _whole_texts(side.text[index].tolist(), box[:, 2].tolist())
        for side, index, box in zip(view.sides, (left, right), boxes, strict=True)
    ]
    early: Details = [None] * len(rows)
    late: Details = [None] * len(rows)
    for n in np.flatnonzero(starts).tolist():
        by = int(starts[n])
        early[n] = _start(-abs(by) if mirrored else by, texts[int(by < 0)][n])
    for n in np.flatnonzero(ends).tolist():
        by = int(ends[n])
        late[n] = _end(abs(by) if mirrored else by, texts[int(by > 0)][n])
    return early, late


def _whole_texts(texts: Details, widths: list[float]) -> Details:
    """The texts of spans of one part; None where there is none, or where it is that of several parts."""
    return [None if text is None or len(text) != w else text for text, w in zip(texts, widths, strict=True)]


def _start(by: int, text: str | None) -> str:
    """``text`` is that of the longer span, which begins with what the two differ in."""
    size = abs(by)
    inside = text is not None and len(text) > size and text[size - 1 : size + 1].isalnum()
    return f"the start is put {_between(by, None if text is None else text[:size], inside, last=True)}"


def _end(by: int, text: str | None) -> str:
    """``text`` is that of the longer span, which ends with what the two differ in."""
    size = abs(by)
    inside = text is not None and len(text) > size and text[-size - 1 :][:2].isalnum()
    return f"the end is put {_between(by, None if text is None else text[-size:], inside, last=False)}"


def _between(by: int, piece: str | None, inside: bool, *, last: bool) -> str:
    """What lies between two ends: a sign, a word, several words, or a number of characters where there is no text.

    ``inside`` a word; the sign that is told of several words is the ``last`` one of the piece or its first.
    """
    if piece is None:
        way, count = "early" if by < 0 else "late", abs(by)
        if count > _MOST_CHARACTERS:
            return f"more than {_MOST_CHARACTERS} characters too {way}"
        return f"{count} character{'s' if count > 1 else ''} too {way}"
    where, words = "before" if by < 0 else "after", piece.split()
    if not words:
        return f"{where} a blank"
    if inside and len(words) == 1:
        return f"{where} a part of a word"
    signs = "".join(words)
    if not any(sign.isalnum() for sign in signs):
        return f"{where} the {_SIGNS[signs]}" if signs in _SIGNS else f"{where} signs of punctuation"
    if len(words) == 1:
        return f"{where} the word “{words[0].casefold()}”" if words[0].isalpha() else f"{where} one word"
    edge = words[-1][-1] if last else words[0][0]
    if edge in _SIGNS:
        return f"{where} the {_SIGNS[edge]} and words beside it"
    return f"{where} several words"


def edge_details(view: View, rows: Ints) -> Details:
    """Which edges of each row's right box are off, seen from the left one; None where no way stands out."""
    one = view.sides[0].objects.box[view.left[rows]]
    grown = view.sides[1].objects.box[view.right[rows]] - one
    out = np.column_stack([-grown[:, :2], grown[:, :2] + grown[:, 2:]])
    out = out / np.maximum(np.tile(one[:, 2:], (1, 2)), 1e-9)
    part = out / np.maximum(np.abs(out).sum(axis=1, keepdims=True), 1e-300)
    ways = [part[:, n] >= _ONE_EDGE for n in range(4)] + [part[:, n] <= -_ONE_EDGE for n in range(4)]
    ways += [(part >= _ALL_EDGES).all(axis=1), (part <= -_ALL_EDGES).all(axis=1)]
    for axis in (0, 1):
        back, far = part[:, axis], part[:, axis + 2]
        moved = np.minimum(np.abs(back), np.abs(far)) >= _ONE_EDGE / 4
        moved &= (np.abs(back) + np.abs(far) >= _ONE_EDGE) & (back * far < 0)
        ways += [moved & (far > 0), moved & (far < 0)]
    table = np.column_stack([*ways, np.ones(len(rows), bool)])
    words: Details = [*_EDGE_WORDS, None]
    return [words[at] for at in table.argmax(axis=1).tolist()]
