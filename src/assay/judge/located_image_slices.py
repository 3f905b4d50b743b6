"""Slices of objects in images: their size and shape, and where in the image they lie."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assay.measure.located_patterns import Trait
from assay.measure.units import Ints

from .located_batch import LocatedBatch
from .located_views import View
from .slice_words import Code, Slice, banded, of_marks, ordered, phrases

Floats = NDArray[np.float64]

_SIZES = (5, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000)
_ASPECTS = (1 / 5, 1 / 3, 1 / 2, 2.0, 3.0, 5.0)
_MIDDLE = 3
_NEAR_BORDER = 1.0
_BORDER = ("away from the image border", "at the image border")
_HEIGHTS = (
    "in the upper third of the image",
    "at middle height of the image",
    "in the lower third of the image",
)
_SIDES = (
    "in the left third of the image",
    "in the middle third of its width",
    "in the right third of the image",
)


def image_slices(view: View, batch: LocatedBatch) -> Iterator[Slice]:
    """The longer side of the enclosing box, its proportions, and its place where the size of the image is known."""
    box = view.marks.objects.box

    def longer() -> Floats:
        side = np.maximum(box[:, 2], box[:, 3])
        return np.where(side > 0, side, np.nan)

    def aspect() -> Floats:
        width, height = box[:, 2], box[:, 3]
        return np.where((width > 0) | (height > 0), width / np.maximum(height, 1e-9), np.nan)

    words = ("smaller than {} px", "of {} px or more", "of {} to {} px")
    yield ordered("size", "look", _SIZES, of_marks(view.mark, lambda: banded(_SIZES, longer())), words)
    yield _proportions(of_marks(view.mark, lambda: banded(_ASPECTS, aspect())))
    if ((batch.facts.width[view.item] > 0) & (batch.facts.height[view.item] > 0)).any():
        yield from _places(view, batch)


def _places(view: View, batch: LocatedBatch) -> Iterator[Slice]:
    """At the border or not, and in which third of height and width; box [x, y, w, h] and image in pixels."""
    box, item = view.marks.objects.box, view.marks.objects.item
    sizes = batch.facts.width, batch.facts.height

    def border() -> Ints:
        known, at = np.ones(len(box), bool), np.zeros(len(box), bool)
        for axis, size in enumerate(sizes):
            whole, near = size[item], box[:, axis]
            known &= whole > 0
            at |= (near <= _NEAR_BORDER) | (near + box[:, axis + 2] >= whole - _NEAR_BORDER)
        return np.where(known, at.astype(np.int64), -1)

    def third(axis: int) -> Ints:
        whole = sizes[axis][item]
        centre = (box[:, axis] + box[:, axis + 2] / 2) * 3 / np.maximum(whole, 1)
        return np.where(whole > 0, np.clip(centre, 0, 2).astype(np.int64), -1)

    yield phrases("border", "where", _BORDER, of_marks(view.mark, border))
    yield phrases("height in the image", "where", _HEIGHTS, of_marks(view.mark, lambda: third(1)))
    yield phrases("side of the image", "where", _SIDES, of_marks(view.mark, lambda: third(0)))


def _proportions(code: Code) -> Slice:
    tall = {bisect_right(_ASPECTS, edge): f"{1 / edge:g}" for edge in _ASPECTS[:_MIDDLE]}
    wide = {bisect_right(_ASPECTS, edge): f"{edge:g}" for edge in _ASPECTS[_MIDDLE:]}

    def said(low: int, high: int) -> str:
        if low == 0 and high in tall:
            return f"more than {tall[high]} times as tall as wide"
        if high > len(_ASPECTS) and low in wide:
            return f"at least {wide[low]} times as wide as tall"
        if low in tall and high in tall:
            return f"{tall[high]} to {tall[low]} times as tall as wide"
        if low in wide and high in wide:
            return f"{wide[low]} to {wide[high]} times as wide as tall"
        if low in tall and high in wide and tall[low] == wide[high]:
            return f"with sides of at most 1 to {wide[high]}"
        if low in tall and high in wide:
            return f"at most {tall[low]} times as tall as wide and under {wide[high]} times as wide as tall"
        return (
            f"at most {tall[low]} times as tall as wide"
            if low
            else f"under {wide[high]} times as wide as tall"
        )

    return Slice(Trait("shape", len(_ASPECTS) + 1, code, ordered=True), "look", said, said)
