"""Scenes: boxes, outlines and figures of joints in images, each mark at exactly the overlap it was drawn for.

An object is as wide as its size says within its place; a right or loose mark is the same shape grown or shrunk about
its middle, whose overlap with the true one is the ratio of areas. Right ones so far off that two people would not meet
are all grown: people who draw roughly draw too much. Figures of joints are moved instead, so far that their
likeness (OKS) is the wanted one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .located_chance import LIKENESS_FROM, LIKENESS_TO, LOOSE_FROM, LOOSE_TO
from .located_frame import Flags, Floats, Frame, Ints
from .located_marks import BOTH, Act, Marks
from .located_spec import LocatedSpec

WIDTH, HEIGHT = 1920, 1080
JOINTS: Final = ("head", "left hand", "right hand", "left foot", "right foot")
SIGMA: Final = 0.05
"""The spread of each joint: that of objects for which nothing else is agreed."""
_LARGEST, _SMALLEST = 0.36, 0.05
_PART = 0.45
_PAIR = 3.0  # widths of a pair: two objects and as much room between them
_TIGHTNESS = 0.2
_ABOVE = 1e-3
_MARGIN, _LINE = (0.1, 0.1), (0.6, 0.3)
_GROWN = 0.5
_ASPECTS = ((1.0, 0.7), (1.0, 0.9), (0.5, 1.0), (0.8, 0.9), (0.7, 0.7))
_OUTLINE = ((0.2, 0.0), (0.8, 0.0), (1.0, 0.2), (1.0, 0.8), (0.8, 1.0), (0.2, 1.0), (0.0, 0.8), (0.0, 0.2))
_FIGURE = ((0.5, 0.0), (0.0, 0.5), (1.0, 0.5), (0.2, 1.0), (0.8, 1.0))


def boxes_of(spec: LocatedSpec, frame: Frame, marks: Marks) -> Floats:
    """The box of each mark as x, y, w, h in pixels."""
    middle, size = _true_boxes(spec, frame, marks)
    if spec.kind == "keypoints":
        return _framed(middle + _moves(spec, marks, size.prod(axis=1)), size)
    overlap = _overlaps(spec, marks)
    apart = overlap * (spec.tight - (1 - spec.tight) * _TIGHTNESS) < spec.threshold
    grown = (marks.turn < _GROWN) | ((marks.act != Act.LOOSE) & apart)
    factor = np.where(grown, 1 / np.sqrt(overlap), np.sqrt(overlap))
    changed = np.isin(marks.act, (Act.RIGHT, Act.CONFUSED, Act.LOOSE, Act.EXTRA))
    size = np.where(changed[:, None], size * factor[:, None], size)
    box = _framed(middle, size)
    parts = marks.part >= 0
    width = box[parts, 2] * _PART
    box[parts, 0] += np.where(marks.part[parts] == 1, box[parts, 2] - width, 0.0)
    box[parts, 2] = width
    return box


def true_boxes(spec: LocatedSpec, frame: Frame, marks: Marks) -> Floats:
    """The boxes of objects as they are."""
    return _framed(*_true_boxes(spec, frame, marks))


def page_boxes(frame: Frame, marks: Marks) -> Floats:
    """Where the values of a document stand on its page: each in the upper part of its place."""
    side = frame.side[marks.item]
    cell = np.column_stack([WIDTH / side, HEIGHT / side])
    corner = np.column_stack([marks.place % side, marks.place // side]) * cell
    return np.column_stack([corner + cell * _MARGIN, cell * _LINE])


def is_small(frame: Frame) -> Flags:
    """The objects that are easily overlooked."""
    return frame.size > 0.7


def _true_boxes(spec: LocatedSpec, frame: Frame, marks: Marks) -> tuple[Floats, Floats]:
    """Middle and size of the objects meant; a merged pair is what encloses both."""
    side = frame.side[marks.item]
    cell = np.column_stack([WIDTH / side, HEIGHT / side])
    corner = np.column_stack([marks.place % side, marks.place // side]) * cell
    share = _LARGEST * (_SMALLEST / _LARGEST) ** (marks.size**1.5)
    aspect = np.array(_ASPECTS)[_drawn_label(frame, marks) % len(_ASPECTS)]
    half = marks.half >= 0
    room = cell * np.where(half[:, None], (0.5, 1.0), (1.0, 1.0))
    size = room * share[:, None] * aspect
    middle = corner + cell / 2
    middle[:, 0] += np.select([marks.half == 0, marks.half == 1], [-size[:, 0], size[:, 0]], 0.0)
    size[marks.half == BOTH, 0] *= _PAIR
    return middle, size


def _drawn_label(frame: Frame, marks: Marks) -> Ints:
    """The true class where there is an object: an error of class changes no outline."""
    if not len(frame.label):
        return marks.label
    return np.where(marks.source >= 0, frame.label[np.maximum(marks.source, 0)], marks.label)


def _framed(middle: Floats, size: Floats) -> Floats:
    return np.column_stack([middle - size / 2, size])


def _overlaps(spec: LocatedSpec, marks: Marks) -> Floats:
    """The overlap that each mark has with what it means."""
    loose = spec.threshold * (LOOSE_FROM + (LOOSE_TO - LOOSE_FROM) * marks.amount)
    return np.where(marks.act == Act.LOOSE, loose, _rightly(spec, marks))


def _rightly(spec: LocatedSpec, marks: Marks) -> Floats:
    """The overlaps of right marks, evenly spread about the mean, and never below the threshold."""
    spread = (1 - spec.tight) * _TIGHTNESS * (2 * marks.amount - 1)
    return np.maximum(spec.tight + spread, spec.threshold + _ABOVE)


def _moves(spec: LocatedSpec, marks: Marks, area: Floats) -> Floats:
    """How far joints are moved for the wanted likeness, and whither."""
    loose = LIKENESS_FROM + (LIKENESS_TO - LIKENESS_FROM) * marks.amount
    likeness = np.where(marks.act == Act.LOOSE, loose, _rightly(spec, marks))
    far = 2 * SIGMA * np.sqrt(-2 * np.log(likeness) * area)
    angle = 2 * np.pi * marks.turn
    return np.column_stack([np.cos(angle), np.sin(angle)]) * far[:, None]


def outlines(box: Floats) -> Floats:
    """The corners of shapes with these enclosing boxes: (N, 8, 2)."""
    return np.asarray(box[:, None, :2] + np.array(_OUTLINE)[None] * box[:, None, 2:], np.float64)


def figures(box: Floats) -> Floats:
    """The joints of figures with these enclosing boxes: (N, 5, 2)."""
    return np.asarray(box[:, None, :2] + np.array(_FIGURE)[None] * box[:, None, 2:], np.float64)
