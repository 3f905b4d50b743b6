"""Keypoints: similarity of two sets of joints (OKS) and the error of each joint.

Joints are arrays (objects, joints, 3) of x, y, v; v is 0 where a joint was not placed. The spread of each joint
(sigma) is part of the figure: it says how far careful people put it apart, in units of the root of the object's area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .candidates import Floats
from .undefined import Undefined, ratio
from .units import Ints

COCO_SIGMAS = (
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089,
    0.089,
)  # fmt: skip

_FIXED = 1 << 20


def oks_pairs(reference: Floats, given: Floats, area: Floats, sigmas: Floats) -> Floats:
    """Object keypoint similarity, pair by pair; NaN where the reference places no joint or has no area.

    The mean over joints placed in the reference of exp(-d² / (2 s² k²)), with s² the area and k twice the sigma.
    """
    placed = reference[..., 2] > 0
    square = ((reference[..., :2] - given[..., :2]) ** 2).sum(axis=-1)
    count = placed.sum(axis=-1)
    scale = 2 * np.asarray(area, np.float64)[..., None] * (2 * sigmas) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(placed, np.exp(-square / scale), 0.0).sum(axis=-1) / count
    return np.asarray(np.where((count > 0) & (np.asarray(area) > 0), near, np.nan), np.float64)


def oks(reference: ArrayLike, given: ArrayLike, area: float, sigmas: Sequence[float]) -> float | Undefined:
    """Object keypoint similarity of x1, y1, v1, x2, … against a reference of the given area.

    Source: COCO keypoint evaluation, 2016.

    >>> joints, moved = [10, 10, 2, 30, 12, 2], [11, 10, 2, 33, 14, 2]
    >>> round(oks(joints, moved, 5000.0, [0.026, 0.079]), 4)
    0.9565
    """
    spread = _sigmas(sigmas)
    one, other = joints_of([reference], len(spread)), joints_of([given], len(spread))
    value = float(oks_pairs(one, other, np.array([area]), spread)[0])
    return Undefined("the reference places no joint or has no area") if np.isnan(value) else value


def joints_of(objects: Sequence[ArrayLike], joints: int) -> Floats:
    """Objects x1, y1, v1, x2, … as one array (objects, joints, 3)."""
    found = np.zeros((len(objects), joints, 3))
    for place, numbers in enumerate(objects):
        row = np.asarray(numbers, np.float64).ravel()
        if len(row) != 3 * joints:
            raise ValueError(f"{joints} joints are {3 * joints} numbers, not {len(row)}")
        found[place] = row.reshape(joints, 3)
    if not np.isfinite(found).all():
        raise ValueError("a joint holds a number that is not finite")
    return found


def _sigmas(sigmas: Sequence[float]) -> Floats:
    spread = np.asarray(sigmas, np.float64)
    if spread.ndim != 1 or not len(spread) or not (np.isfinite(spread) & (spread > 0)).all():
        raise ValueError("every joint needs a sigma above 0")
    return spread


class KeypointOverlap:
    """OKS by index, for :func:`candidates`.

    Against gold the left side is the reference. Between two people (``mutual``) neither is: it is the mean of both
    directions, each with its own area, so that it does not depend on who is named first.
    """

    def __init__(
        self,
        left: tuple[Floats, Floats],
        right: tuple[Floats, Floats],
        sigmas: Sequence[float],
        *,
        mutual: bool = False,
    ) -> None:
        self._left, self._right, self._mutual = left, right, mutual
        self._sigmas = _sigmas(sigmas)

    def __call__(self, left: Ints, right: Ints) -> Floats:
        """The similarities of pairs; 0 where there is none."""
        one, other = (part[left] for part in self._left), (part[right] for part in self._right)
        (joints, area), (given, given_area) = one, other
        found = np.nan_to_num(oks_pairs(joints, given, area, self._sigmas))
        if not self._mutual:
            return found
        back = np.nan_to_num(oks_pairs(given, joints, given_area, self._sigmas))
        return (found + back) / 2


@dataclass(frozen=True)
class JointState:
    """Integer sums per joint: matched objects that both sides place it on, distances in pixels and relative to the
    root of the area (both in 2^-20), objects on which it was missed, and on which it was added."""

    placed: Ints
    distance: Ints
    relative: Ints
    missed: Ints
    added: Ints

    def __add__(self, other: JointState) -> JointState:
        return self._merged(other, 1)

    def __sub__(self, other: JointState) -> JointState:
        return self._merged(other, -1)

    def _merged(self, other: JointState, sign: int) -> JointState:
        names = ("placed", "distance", "relative", "missed", "added")
        return JointState(*(getattr(self, name) + sign * getattr(other, name) for name in names))

    def mean_distance(self, joint: int) -> float | Undefined:
        """The mean distance of a joint in pixels."""
        return ratio(
            int(self.distance[joint]) / _FIXED, int(self.placed[joint]), "nobody placed this joint twice"
        )

    def mean_relative(self, joint: int) -> float | Undefined:
        """The mean distance of a joint over the root of the object's area."""
        return ratio(
            int(self.relative[joint]) / _FIXED, int(self.placed[joint]), "nobody placed this joint twice"
        )


def joint_state(reference: Floats, given: Floats, area: Floats) -> JointState:
    """The state of matched objects, pair by pair; objects without an area count nothing.

    >>> one, other = joints_of([[0, 0, 2, 5, 5, 2]], 2), joints_of([[3, 4, 2, 0, 0, 0]], 2)
    >>> state = joint_state(one, other, np.array([100.0]))
    >>> state.mean_distance(0), state.mean_relative(0), state.missed.tolist()
    (5.0, 0.5, [0, 1])
    """
    kept = area > 0
    reference, given, area = reference[kept], given[kept], area[kept]
    there, here = reference[..., 2] > 0, given[..., 2] > 0
    both = there & here
    apart = np.hypot(*np.moveaxis(reference[..., :2] - given[..., :2], -1, 0))
    relative = apart / np.sqrt(area)[:, None]
    return JointState(
        both.sum(axis=0),
        np.rint(np.where(both, apart, 0) * _FIXED).astype(np.int64).sum(axis=0),
        np.rint(np.where(both, relative, 0) * _FIXED).astype(np.int64).sum(axis=0),
        (there & ~here).sum(axis=0),
        (here & ~there).sum(axis=0),
    )
