"""Sets of keypoints: their similarity (OKS), the sigmas it is stated with, and how far it reaches.

The sigmas of COCO stand for objects of 17 joints; every joint of other objects has ``DEFAULT_SIGMA``, unless they
are given. The area is that of the outline where there is one, else of the drawn box, else of the square over the longer
side of the joints; a single joint counts as ``POINT_AREA``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from assay.measure.candidates import Floats
from assay.measure.keypoints import COCO_SIGMAS, oks_pairs
from assay.measure.overlap_boxes import box_iou
from assay.measure.overlap_shapes import polygon
from assay.measure.units import Ints

from .located_shapes import Shapes

DEFAULT_SIGMA = 0.05
POINT_AREA = 10_000.0
# exp(-d² / (2 s² k²)) is .1 at d = s k √(2 ln 10); nothing below that is ever a candidate.
_REACH = float(np.sqrt(2 * np.log(10)))
_FAR = 1e30


def sigmas_for(joints: int, sigmas: Sequence[float] | None = None) -> Floats:
    """The sigmas of objects of so many joints.

    >>> sigmas_for(17)[0], sigmas_for(4).tolist()
    (np.float64(0.026), [0.05, 0.05, 0.05, 0.05])
    """
    if sigmas is not None and len(sigmas) == joints:
        return np.array(sigmas, np.float64)
    return np.array(COCO_SIGMAS, np.float64) if joints == len(COCO_SIGMAS) else np.full(joints, DEFAULT_SIGMA)


def joint_areas(shapes: Shapes, rows: Ints) -> Floats:
    """The area that distances of joints are measured by, in square pixels."""
    joints = shapes.joints(rows)
    return np.array([_area(shapes, row, joints[row]) for row in rows.tolist()], np.float64)


def _area(shapes: Shapes, row: int, joints: Floats) -> float:
    outline = shapes.parsed(row).get("outline")
    area = _outlined(outline) if isinstance(outline, Mapping) else 0.0
    if area > 0:
        return area
    w, h = (float(side) for side in shapes.marks.objects.box[row, 2:])
    if w * h > 0:
        return w * h
    placed = joints[joints[:, 2] > 0, :2]
    longer = max(w, h, float(np.ptp(placed, axis=0).max()) if len(placed) else 0.0)
    return longer**2 or POINT_AREA


def _outlined(outline: Mapping[str, object]) -> float:
    if "counts" in outline:
        return float(np.array(outline["counts"], np.int64)[1::2].sum())
    rings = cast("list[list[float]]", outline.get("rings") or [])  # JSON that our reader of COCO wrote
    return float(polygon(rings).area) if rings else 0.0


def joint_overlap(
    reference: Shapes, given: Shapes, left: Ints, right: Ints, sigmas: Sequence[float] | None
) -> Floats:
    """OKS of pairs of rows against the first side; a joint that the second did not place is as far as can be.

    0 where the numbers of joints differ. IoU of the boxes where neither side places a joint, 0 where only one does.
    """
    one, other = reference.joints(left), given.joints(right)
    areas = dict(zip(left.tolist(), joint_areas(reference, left).tolist(), strict=True))
    found = np.zeros(len(left))
    by_size: dict[int, list[int]] = {}
    for at, (mine, theirs) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        placed = [bool((joints[:, 2] > 0).any()) for joints in (one[mine], other[theirs])]
        if not any(placed):
            boxes = reference.marks.objects.box[mine], given.marks.objects.box[theirs]
            found[at] = float(box_iou(*boxes))
        elif placed[0] and len(one[mine]) == len(other[theirs]):
            by_size.setdefault(len(one[mine]), []).append(at)
    for size, places in by_size.items():
        truth = np.stack([one[row] for row in left[places].tolist()])
        moved = np.stack([other[row] for row in right[places].tolist()])
        moved[..., :2] = np.where(moved[..., 2:] > 0, moved[..., :2], _FAR)
        area = np.array([areas[row] for row in left[places].tolist()])
        found[places] = np.nan_to_num(oks_pairs(truth, moved, area, sigmas_for(size, sigmas)))
    return found


def reaching_boxes(shapes: Shapes, rows: Ints, sigmas: Sequence[float] | None) -> Floats:
    """Boxes around placed joints, widened by how far a similarity of .1 reaches; the drawn box where none is placed."""
    joints, area = shapes.joints(rows), joint_areas(shapes, rows)
    found = shapes.marks.objects.box[rows].copy()
    for at, row in enumerate(rows.tolist()):
        placed = joints[row][joints[row][:, 2] > 0, :2]
        if len(placed):
            widest = float(sigmas_for(len(joints[row]), sigmas).max())
            reach = _REACH * 2 * widest * np.sqrt(area[at])
            low, high = placed.min(axis=0) - reach, placed.max(axis=0) + reach
            found[at] = [*low, *(high - low)]
    return found
