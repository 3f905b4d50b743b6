"""Documents with keys and values: a value is right, mistyped, missed, false, or stands under another key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .located_chance import VARIANTS
from .located_frame import Floats, Frame, Ints
from .located_marks import Act, Marks
from .located_spec import LocatedSpec

Texts = NDArray[np.object_]
_LARGE = 90_000_000


def boxes_of(spec: LocatedSpec, frame: Frame, marks: Marks) -> Floats:
    """Fields of documents without a place: boxes of no size."""
    return np.zeros((len(marks), 4))


true_boxes = boxes_of


def values_of(frame: Frame, marks: Marks) -> Texts:
    """The value that each mark enters; wrong ones differ in one digit, in one of a few ways."""
    number = _numbers(frame, marks)
    way = np.minimum((marks.turn * VARIANTS).astype(np.int64), VARIANTS - 1)
    wrong = marks.act == Act.LOOSE
    digit = 10 ** (way + 1)
    number = np.where(wrong, number + np.where((number // digit) % 10 == 9, -digit, digit), number)
    found = np.empty(len(marks), dtype=object)
    found[:] = [f"{one // 100:,}.{one % 100:02d}" for one in number.tolist()]
    return found


def _numbers(frame: Frame, marks: Marks) -> Ints:
    """A number for every place of an item, the same whoever looks."""
    seed = (marks.item.astype(np.uint64) + np.uint64(1)) * np.uint64(1_000_003) + marks.place.astype(
        np.uint64
    )
    mixed = seed * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(32)) % np.uint64(_LARGE)).astype(np.int64) + _LARGE // 9
