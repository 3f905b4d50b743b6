"""Boundary overlap of many pairs of masks, each in the part of the image that the two of them cover."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .candidates import Floats
from .overlap_masks import Mask, boundary_width, eroded

MOST_PIXELS = 50_000_000


def boundary_ious(pairs: Iterable[tuple[Mask, Mask]], *, most: int = MOST_PIXELS) -> Floats:
    """Boundary IoU (Cheng et al. 2021) of pairs in their order, until so many pixels were looked at.

    >>> square = Mask.of_bitmap(np.pad(np.ones((6, 6), int), 7))
    >>> boundary_ious([(square, square)]).tolist()
    [1.0]
    """
    found: list[float] = []
    seen = 0
    for one, other in pairs:
        table, theirs = _cut_out(one, other)
        seen += table.size
        if seen > most and found:
            break
        wide = boundary_width(one.height, one.width)
        edges = [part & ~eroded(part, wide) for part in (table, theirs)]
        union = int((edges[0] | edges[1]).sum())
        found.append(int((edges[0] & edges[1]).sum()) / union if union else 0.0)
    return np.array(found, np.float64)


def _cut_out(one: Mask, other: Mask) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Both masks in the smallest box around them."""
    boxes = [mask.box() for mask in (one, other) if mask.area]
    if not boxes:
        return np.zeros((0, 0), bool), np.zeros((0, 0), bool)
    left, top = (min(box[axis] for box in boxes) for axis in (0, 1))
    far_x, far_y = (max(box[axis] + box[axis + 2] for box in boxes) for axis in (0, 1))
    return part_of(one, left, top, far_x, far_y), part_of(other, left, top, far_x, far_y)


def part_of(mask: Mask, left: int, top: int, far_x: int, far_y: int) -> NDArray[np.bool_]:
    """The pixels of a part of the image, rows by columns, without unpacking the rest.

    >>> part_of(Mask.of_bitmap([[0, 1, 1], [0, 1, 0]]), 1, 0, 3, 2).astype(int).tolist()
    [[1, 1], [1, 0]]
    """
    first, last = left * mask.height, far_x * mask.height
    edge = np.clip(np.cumsum(mask.runs), first, last)
    runs = np.diff(edge, prepend=first)
    value = np.arange(len(runs)) % 2 == 1
    columns = np.repeat(value, runs).reshape(far_x - left, mask.height)
    return np.asarray(columns[:, top:far_y].T, np.bool_)
