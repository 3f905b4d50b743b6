"""Overlap of boxes [x, y, w, h] in pixels, far edge exclusive."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .candidates import Candidates, Floats, Objects, candidates


def box_iou(one: ArrayLike, other: ArrayLike) -> Floats:
    """Intersection over union of boxes, pair by pair; leading axes are broadcast. Two boxes without area give 0.

    >>> round(float(box_iou([0, 0, 5, 5], [1, 0, 5, 5])), 4)
    0.6667
    >>> box_iou([[[0, 0, 2, 2]], [[1, 0, 2, 2]]], [[[0, 0, 2, 2], [0, 1, 2, 2]]]).round(3).tolist()
    [[1.0, 0.333], [0.333, 0.143]]
    """
    first, second = (np.asarray(box, np.float64) for box in (one, other))
    for boxes in (first, second):
        if boxes.shape[-1:] != (4,):
            raise ValueError("a box is x, y, width and height")
        if not np.isfinite(boxes).all() or (boxes[..., 2:] < 0).any():
            raise ValueError("a box has finite numbers and no negative width or height")
    near = np.maximum(first[..., :2], second[..., :2])
    far = np.minimum(first[..., :2] + first[..., 2:], second[..., :2] + second[..., 2:])
    common = np.maximum(far - near, 0).prod(axis=-1)
    union = first[..., 2:].prod(axis=-1) + second[..., 2:].prod(axis=-1) - common
    shares = np.zeros(np.shape(union))
    np.divide(common, union, out=shares, where=union > 0)
    return shares


def box_candidates(left: Objects, right: Objects, threshold: float = 0.5) -> Candidates:
    """All pairs of boxes on one item whose intersection over union is at least the threshold."""
    return candidates(left, right, threshold)
