"""How much two objects of located labels overlap, of every kind, from 0 to 1.

| objects | overlap |
|---|---|
| boxes | intersection over union (IoU) of areas |
| rotated boxes, polygons with holes, and these beside boxes | IoU of exact areas |
| masks | IoU of pixels; a polygon or box beside a mask is filled as COCO fills it |
| polylines | length that runs within a tolerance of the other line over the length of both without it |
| keypoints | OKS; without placed joints on both sides, IoU of boxes |
| spans | common code points over those of either, over all parts |
| fields | by value, then by place (``located_fields``) |

Objects that cannot be compared (a line and a box) do not overlap. Where ``labels: boxes`` is declared, polygons, masks
and sets of keypoints are their enclosing boxes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely  # type: ignore[import-untyped]  # shapely carries no types
from numpy.typing import NDArray

from assay.formats.located_kinds import LocatedKind
from assay.measure.candidates import Floats, Objects, Overlap
from assay.measure.overlap_boxes import box_iou
from assay.measure.overlap_masks import Mask, MaskOverlap
from assay.measure.overlap_shapes import Geometries, line_iou, shape_iou
from assay.measure.rasters import on_canvas
from assay.measure.units import Ints

from .located_batch import Marks
from .located_fields import Fields, field_overlap, fields_of
from .located_joints import joint_overlap, reaching_boxes
from .located_shapes import FIELD, KEYPOINTS, MASK, POLYGON, POLYLINE, ROTATED, SPAN, Shapes

#: Lines are near where they lie within this share of the longer diagonal of their enclosing boxes, or two pixels.
LINE_TOLERANCE = 0.025
LINE_TOLERANCE_PIXELS = 2.0
_SLACK = 1e-6

_PLAIN, _AREA, _PIXELS, _LINE, _JOINTS, _SPAN, _FIELD = range(7)
_SOLID = frozenset({_PLAIN, _AREA, _PIXELS})
Bools = NDArray[np.bool_]


def families(kind: LocatedKind, marks: Marks) -> NDArray[np.uint8]:
    """What each object is compared as."""
    found = np.full(len(marks), _PLAIN, np.uint8)
    found[marks.kind == ROTATED] = _AREA
    if kind != "boxes":
        for code, family in ((POLYGON, _AREA), (MASK, _PIXELS), (POLYLINE, _LINE)):
            found[marks.kind == code] = family
    if kind == "keypoints":
        found[marks.kind == KEYPOINTS] = _JOINTS
    found[marks.kind == SPAN] = _SPAN
    found[(marks.kind == FIELD) | (kind == "fields")] = _FIELD
    return found


def overlap_of(
    kind: LocatedKind,
    left: Marks,
    right: Marks,
    *,
    sigmas: Sequence[float] | None = None,
    mutual: bool | None = None,
    least: float = 0.0,
) -> Overlap | None:
    """The overlap of objects by their rows in ``left`` and ``right``; None where the enclosing boxes are the objects.

    Candidates are looked for among the objects of :func:`prepare_marks`. ``sigmas`` are those of keypoints (see
    ``located_joints``). OKS of ``mutual`` sides is the mean of both directions, else the left side is the reference;
    by default sides are mutual where they are the same marks, as between people. Areas that cannot overlap by ``least``
    are not intersected; they count as 0.
    """
    sides = families(kind, left), families(kind, right)
    used = np.unique(np.concatenate(sides))
    if not (used != _PLAIN).any():
        return None
    if not (used != _SPAN).any() and not (in_parts(left).any() or in_parts(right).any()):
        return None
    return MarksOverlap(left, right, sides, sigmas, left is right if mutual is None else mutual, least)


def prepare_marks(kind: LocatedKind, marks: Marks, *, sigmas: Sequence[float] | None = None) -> Objects:
    """The objects among which candidates are looked for, row by row those of the marks.

    Their boxes touch wherever the marks may overlap: lines are widened by their tolerance, joints by how far OKS
    reaches, fields lie all in one place. ``detail`` tells objects of one box and class apart.
    """
    family, box = families(kind, marks), marks.objects.box
    shapes = Shapes(marks)
    lines, joints, fields = (np.flatnonzero(family == one) for one in (_LINE, _JOINTS, _FIELD))
    if len(lines) or len(joints) or len(fields):
        box = box.copy()
    if len(lines):
        box[lines] = _widened(box[lines], _line_tolerance(box[lines]))
    if len(joints):
        box[joints] = reaching_boxes(shapes, joints, sigmas)
    box[fields] = (0.0, 0.0, 1.0, 1.0)
    return Objects(marks.objects.item, marks.objects.label, box, _details(marks))


def _widened(box: Floats, by: Floats) -> Floats:
    return np.column_stack([box[:, :2] - by[:, None], box[:, 2:] + 2 * by[:, None]])


def _line_tolerance(box: Floats) -> Floats:
    diagonal = np.hypot(box[:, 2], box[:, 3])
    return np.asarray(np.maximum(LINE_TOLERANCE * diagonal, LINE_TOLERANCE_PIXELS), np.float64)


def _details(marks: Marks) -> Floats | None:
    columns = marks.shape, marks.text, marks.attributes
    if all(not column.astype(bool).any() for column in columns):
        return None
    seen: dict[str, float] = {}
    found = np.zeros((len(marks), 1))
    for row, (shape, text, attributes) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        told = "\0".join((text or "", attributes or ""))
        if shape is not None:
            found[row] = _mark(f"{shape}\0{told}")
        elif len(told) > 1:
            found[row] = seen[told] if told in seen else seen.setdefault(told, _mark(told))
    return found


def _mark(text: str) -> float:
    data = text.encode(errors="surrogatepass")
    return float(int.from_bytes(hashlib.blake2b(data, digest_size=6).digest()))


def in_parts(marks: Marks) -> Bools:
    """Which spans have several parts: a list of one pair has two brackets."""
    return np.array([text is not None and text.count("[") > 2 for text in marks.shape], np.bool_)


@dataclass(frozen=True)
class _Side:
    shapes: Shapes
    family: NDArray[np.uint8]
    area: dict[int, float]

    @property
    def box(self) -> Floats:
        return self.shapes.marks.objects.box


class MarksOverlap:
    """The overlap of two sides by their rows; shapes are parsed when a pair needs them and remembered."""

    def __init__(
        self,
        left: Marks,
        right: Marks,
        sides: tuple[NDArray[np.uint8], NDArray[np.uint8]],
        sigmas: Sequence[float] | None,
        mutual: bool,
        least: float,
    ) -> None:
        shapes = Shapes(left)
        self._left = _Side(shapes, sides[0], {})
        self._right = self._left if left is right else _Side(Shapes(right), sides[1], {})
        self._sigmas, self._mutual, self._least = sigmas, mutual, least
        self._fields: tuple[Fields, Fields] | None = None

    def __call__(self, left: Ints, right: Ints) -> Floats:
        """The overlaps of pairs."""
        found = np.zeros(len(left))
        one, other = self._left.family[left], self._right.family[right]
        solid = np.isin(one, list(_SOLID)) & np.isin(other, list(_SOLID))
        pixels = solid & ((one == _PIXELS) | (other == _PIXELS))
        plain = (one == _PLAIN) & (other == _PLAIN)
        ways: list[tuple[Bools, Callable[[Ints, Ints], Floats]]] = [
            (plain, self._boxes),
            (solid & ~pixels & ~plain, self._areas),
            (pixels, self._pixels),
            ((one == _LINE) & (other == _LINE), self._lines),
            ((one == _JOINTS) & (other == _JOINTS), self._joints),
            ((one == _SPAN) & (other == _SPAN), self._spans),
            ((one == _FIELD) & (other == _FIELD), self._values),
        ]
        for chosen, way in ways:
            places = np.flatnonzero(chosen)
            if len(places):
                found[places] = way(left[places], right[places])
        return found

    def left_areas(self, rows: Ints) -> Floats:
        """Areas of rows of the left side, in pixels (lines: lengths); 0 for what has no parts, as fields and joints."""
        return _sizes(self._left, rows)

    def right_areas(self, rows: Ints) -> Floats:
        """Areas of rows of the right side."""
        return _sizes(self._right, rows)

    def _boxes(self, left: Ints, right: Ints) -> Floats:
        return box_iou(self._left.box[left], self._right.box[right])

    def _areas(self, left: Ints, right: Ints) -> Floats:
        one, other = self._left.shapes.geometries(left), self._right.shapes.geometries(right)
        found = np.zeros(len(left))
        larger = np.maximum(shapely.area(one), shapely.area(other))
        common = _common_boxes(shapely.bounds(one), shapely.bounds(other))
        near = np.flatnonzero((common > 0) & (common >= self._least * larger * (1 - _SLACK)))
        found[near] = shape_iou(*_in_order(one[near], other[near]))
        return np.nan_to_num(found)

    def _lines(self, left: Ints, right: Ints) -> Floats:
        one, other = self._left.shapes.lines(left), self._right.shapes.lines(right)
        tolerance = np.maximum(_line_tolerance(self._left.box[left]), _line_tolerance(self._right.box[right]))
        found = np.zeros(len(left))
        drawn = np.flatnonzero(~(shapely.is_empty(one) | shapely.is_empty(other)))
        found[drawn] = line_iou(one[drawn], other[drawn], tolerance[drawn])
        return found

    def _pixels(self, left: Ints, right: Ints) -> Floats:
        """Pairs of which one at least is a mask; both on the larger of their images."""
        masks = (self._left.shapes.masks(left[self._left.family[left] == _PIXELS]),
                 self._right.shapes.masks(right[self._right.family[right] == _PIXELS]))  # fmt: skip
        laid: tuple[list[Mask], list[Mask]] = [], []
        place: tuple[dict[tuple[int, int, int], int], ...] = {}, {}
        index = np.empty((2, len(left)), np.int64)
        for at, rows in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            sizes = [(m.height, m.width) for m in (masks[k].get(rows[k]) for k in (0, 1)) if m is not None]
            height, width = (max(size[axis] for size in sizes) for axis in (0, 1))
            for k, side in enumerate((self._left, self._right)):
                key = rows[k], height, width
                if key not in place[k]:
                    place[k][key] = len(laid[k])
                    laid[k].append(_placed(side, masks[k].get(rows[k]), *key))
                index[k, at] = place[k][key]
        return MaskOverlap(*laid)(index[0], index[1])

    def _joints(self, left: Ints, right: Ints) -> Floats:
        there = joint_overlap(self._left.shapes, self._right.shapes, left, right, self._sigmas)
        if not self._mutual:
            return there
        back = joint_overlap(self._right.shapes, self._left.shapes, right, left, self._sigmas)
        return (there + back) / 2

    def _spans(self, left: Ints, right: Ints) -> Floats:
        found = box_iou(self._left.box[left], self._right.box[right])
        several = _rows_in_parts(self._left, left) | _rows_in_parts(self._right, right)
        for at in np.flatnonzero(several).tolist():
            one = self._left.shapes.parts(int(left[at]))
            other = self._right.shapes.parts(int(right[at]))
            found[at] = _shared(one, other)
        return found

    def _values(self, left: Ints, right: Ints) -> Floats:
        if self._fields is None:
            self._fields = fields_of(self._left.shapes.marks, self._right.shapes.marks)
        return field_overlap(self._fields[0], self._fields[1], left, right)


def _common_boxes(one: Floats, other: Floats) -> Floats:
    """The common area of enclosing boxes (edges x, y, x, y), which that of their shapes does not exceed."""
    near, far = np.maximum(one[:, :2], other[:, :2]), np.minimum(one[:, 2:], other[:, 2:])
    return np.asarray(np.nan_to_num(np.maximum(far - near, 0)).prod(axis=1), np.float64)


def _in_order(one: Geometries, other: Geometries) -> tuple[Geometries, Geometries]:
    """Each pair with the smaller area first, so that nobody's name enters the last digit."""
    areas = shapely.area(one), shapely.area(other)
    turned = areas[0] > areas[1]
    even = np.flatnonzero(areas[0] == areas[1])
    bounds = shapely.bounds(one[even]).tolist(), shapely.bounds(other[even]).tolist()
    turned[even] = [mine > theirs for mine, theirs in zip(*bounds, strict=True)]
    return np.where(turned, other, one), np.where(turned, one, other)


def _rows_in_parts(side: _Side, rows: Ints) -> Bools:
    shape = side.shapes.marks.shape
    return np.array([shape[row] is not None and shape[row].count("[") > 2 for row in rows.tolist()], np.bool_)


def _shared(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> float:
    common = sum(max(min(end, stop) - max(start, begin), 0) for start, end in one for begin, stop in other)
    both = sum(end - start for parts in (one, other) for start, end in parts) - common
    return common / both if both else 0.0


def _placed(side: _Side, mask: Mask | None, row: int, height: int, width: int) -> Mask:
    if mask is None:
        return side.shapes.raster(row, height, width)
    return mask if (mask.height, mask.width) == (height, width) else on_canvas(mask, height, width)


def _sizes(side: _Side, rows: Ints) -> Floats:
    family, box = side.family[rows], side.box[rows]
    found = np.where(np.isin(family, (_PLAIN, _SPAN)), box[:, 2] * box[:, 3], 0.0)
    drawn, lines, pixels = (np.flatnonzero(family == one) for one in (_AREA, _LINE, _PIXELS))
    found[drawn] = shapely.area(side.shapes.geometries(rows[drawn]))
    found[lines] = shapely.length(side.shapes.lines(rows[lines]))
    masks = side.shapes.masks(rows[pixels])
    found[pixels] = [masks[row].area for row in rows[pixels].tolist()]
    several = np.flatnonzero((family == _SPAN) & _rows_in_parts(side, rows))
    found[several] = [
        sum(end - start for start, end in side.shapes.parts(row)) for row in rows[several].tolist()
    ]
    return np.nan_to_num(found)
