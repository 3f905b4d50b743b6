"""Crowd regions: many objects marked as one. An object in such a region that nothing matches is not extra.

As COCO does it: an object is excused where a region of its class covers at least half of its own area. Gold's regions
excuse delivered objects, never the other way round; between people each one's regions excuse the others' objects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.formats.located_kinds import LocatedKind
from assay.measure.candidates import Candidates, Overlap, candidates
from assay.measure.comparisons import Comparison
from assay.measure.crowds import turned, without_excused
from assay.measure.matching import class_matches
from assay.measure.units import Ints

from .located_batch import Marks
from .located_overlap import MarksOverlap, overlap_of, prepare_marks

Bools = NDArray[np.bool_]
COVERED = 0.5


@dataclass(frozen=True)
class Excused:
    """Which objects of the left and of the right side lie in a crowd region of the other; None for nobody."""

    left: Bools | None = None
    right: Bools | None = None

    def __bool__(self) -> bool:
        return self.left is not None or self.right is not None

    def counted(
        self, comparison: Comparison, near: Candidates, threshold: float
    ) -> tuple[Comparison, Candidates]:
        """What counts at a threshold: the comparison without excused objects that match none of their class, and those
        of its candidates that are left."""
        if not self:
            return comparison, near
        (found,) = class_matches(comparison.left, comparison.right, near, [threshold])
        return self._without(comparison, near, found.left, found.right)

    def _without(
        self, comparison: Comparison, near: Candidates, left: Ints, right: Ints
    ) -> tuple[Comparison, Candidates]:
        if self.right is not None:
            comparison, near, _ = without_excused(comparison, near, right, self.right)
        if self.left is not None:
            back = Candidates(near.right, near.left, near.overlap)
            other, back, _ = without_excused(turned(comparison), back, left, self.left)
            comparison, near = turned(other), Candidates(back.right, back.left, back.overlap)
        return comparison, near


def in_crowds(
    kind: LocatedKind, marks: Marks, regions: Marks, by: Ints | None = None, whose: Ints | None = None
) -> Bools | None:
    """Which objects lie in a crowd region of their class; None where there is no region.

    ``by`` and ``whose`` say who made the objects and the regions: nobody's own region excuses them.
    """
    chosen = np.flatnonzero(regions.crowd)
    if not len(chosen) or not len(marks):
        return None
    kind = "masks" if kind == "keypoints" else kind
    held = regions.take(chosen)
    overlap = overlap_of(kind, marks, held)
    near = candidates(prepare_marks(kind, marks), prepare_marks(kind, held), 0.0, overlap)
    same = marks.objects.label[near.left] == held.objects.label[near.right]
    if by is not None and whose is not None:
        same &= by[near.left] != whose[chosen][near.right]
    near = near.take(same)
    covered = _common(near, overlap, marks, held) >= COVERED * _areas(overlap, marks, near.left)
    found = np.zeros(len(marks), bool)
    found[near.left[covered]] = True
    return found


def _areas(overlap: Overlap | None, marks: Marks, rows: Ints) -> NDArray[np.float64]:
    if isinstance(overlap, MarksOverlap):
        return overlap.left_areas(rows)
    return np.asarray(marks.objects.box[rows, 2:].prod(axis=1), np.float64)


def _common(near: Candidates, overlap: Overlap | None, marks: Marks, regions: Marks) -> NDArray[np.float64]:
    """Common area of pairs, from their intersection over union."""
    own = _areas(overlap, marks, near.left)
    other = (
        overlap.right_areas(near.right)
        if isinstance(overlap, MarksOverlap)
        else regions.objects.box[near.right, 2:].prod(axis=1)
    )
    return np.asarray(near.overlap * (own + other) / (1 + near.overlap), np.float64)
