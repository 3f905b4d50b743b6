"""Sets of keypoints: their similarity (OKS), the sigmas it is stated with, and how far it reaches.

The sigmas of COCO stand for objects of 17 joints; every joint of other objects has ``DEFAULT_SIGMA``, unless they
are given. The area is that of the outline where there is one, else of the drawn box, else of the square over the longer
side of the joints; a single joint counts as ``POINT_AREA``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

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
    box, told = shapes.marks.objects.box[rows], shapes.marks.shape
    found = np.asarray(box[:, 2] * box[:, 3], np.float64)
    outlined = np.array(['"outline"' in (told[row] or "") for row in rows.tolist()], np.bool_)
    single = np.flatnonzero((found <= 0) | outlined)
    joints = shapes.joints(rows[single])
    found[single] = [_area(shapes, row, joints[row]) for row in rows[single].tolist()]
    return found


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
    sides = _Stack.of(reference, left), _Stack.of(given, right)
    (one, mine), (other, theirs) = ((side, side.place) for side in sides)
    placed = one.placed[mine], other.placed[theirs]
    found = np.zeros(len(left))
    neither = np.flatnonzero(~placed[0] & ~placed[1])
    found[neither] = box_iou(
        reference.marks.objects.box[left[neither]], given.marks.objects.box[right[neither]]
    )
    areas = joint_areas(reference, one.rows)
    alike = placed[0] & (one.size[mine] == other.size[theirs])
    for size in np.unique(one.size[mine][alike]).tolist():
        pairs = np.flatnonzero(alike & (one.size[mine] == size))
        truth = one.joints[size][one.within[mine[pairs]]]
        moved = other.joints[size][other.within[theirs[pairs]]].copy()
        moved[..., :2] = np.where(moved[..., 2:] > 0, moved[..., :2], _FAR)
        found[pairs] = np.nan_to_num(oks_pairs(truth, moved, areas[mine[pairs]], sigmas_for(size, sigmas)))
    return found


@dataclass(frozen=True)
class _Stack:
    """The joints of some objects, those with the same number of joints in one array.

    ``rows`` are the objects, each once, ``place`` leads from what was asked to them; ``size`` is the number of joints
    of each, ``within`` its place in ``joints[size]``, ``placed`` whether any joint was placed.
    """

    rows: Ints
    place: Ints
    size: Ints
    within: Ints
    placed: NDArray[np.bool_]
    joints: Mapping[int, Floats]

    @staticmethod
    def of(shapes: Shapes, asked: Ints) -> _Stack:
        rows, place = np.unique(asked, return_inverse=True)
        known = shapes.joints(rows)
        size = np.array([len(known[row]) for row in rows.tolist()], np.int64)
        within, placed = np.zeros(len(rows), np.int64), np.zeros(len(rows), bool)
        joints = {}
        for number in np.unique(size).tolist():
            at = np.flatnonzero(size == number)
            joints[number] = np.stack([known[row] for row in rows[at].tolist()])
            within[at], placed[at] = np.arange(len(at)), (joints[number][..., 2] > 0).any(axis=1)
        return _Stack(rows, place, size, within, placed, joints)


def reaching_boxes(shapes: Shapes, rows: Ints, sigmas: Sequence[float] | None) -> Floats:
    """Boxes around placed joints, widened by how far a similarity of .1 reaches; the drawn box where none is placed."""
    stack, area = _Stack.of(shapes, rows), joint_areas(shapes, rows)
    found = shapes.marks.objects.box[rows].copy()
    for size, joints in stack.joints.items():
        at = np.flatnonzero((stack.size[stack.place] == size) & stack.placed[stack.place])
        if not len(at):
            continue
        held = joints[stack.within[stack.place[at]]]
        reach = _REACH * 2 * float(sigmas_for(size, sigmas).max()) * np.sqrt(area[at])[:, None]
        low, high = (
            function(np.where(held[..., 2:] > 0, held[..., :2], blank), axis=1)
            for function, blank in ((np.min, np.inf), (np.max, -np.inf))
        )
        found[at] = np.column_stack([low - reach, (high + reach) - (low - reach)])
    return found
