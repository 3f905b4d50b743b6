"""What is told of matched objects beside how many there are: boundaries, joints, values, ends of spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assay.measure.boundaries import boundary_ious
from assay.measure.candidates import Floats
from assay.measure.comparisons import Comparison
from assay.measure.figure import Figure, undefined
from assay.measure.located import LocatedState, located_state
from assay.measure.located_errors import ErrorKind
from assay.measure.located_figures import located_figures, pairwise_figures
from assay.measure.matching import class_matches
from assay.measure.overlap_masks import Mask
from assay.measure.rasters import on_canvas
from assay.measure.replicates import hash_items
from assay.measure.units import Ints

from .located_batch import LocatedBatch, Marks, Outcomes
from .located_fields import fields_of
from .located_joints import joint_areas
from .located_overlap import overlap_of
from .located_panel import Panel, Pending, Tree
from .located_shapes import KEYPOINTS, MASK, Shapes

_MOST_PAIRS = 2_000
_HALF = 0.5
_NO_MATCH = "no object was matched"
_BOUNDARY = (
    "mean boundary IoU of matched objects of one class (Cheng et al. 2021), boundaries of 2 % of the diagonal"
)
_EDGES = "share of matched objects of one class whose boundary IoU is below a half"
_DICE = "mean Dice overlap of matched objects of one class; replicates of items"
_OKS = "mean object keypoint similarity of matched objects of one class; replicates of items"
_APART = "mean distance of a joint that both sides placed, in pixels; replicates of items"
_RELATIVE = "mean distance of a joint over the root of the object's area; replicates of items"
_JOINT = "no matched object has this joint on both sides"
_VALUE = "share of {} with {}; Wilson with effective trials"
EXACT, RELAXED = 1.0, 0.0


@dataclass(frozen=True)
class Matched:
    """Objects of two sides that were matched within one class: their rows, item and overlap."""

    left: Marks
    right: Marks
    rows: Outcomes

    @staticmethod
    def of(left: Marks, right: Marks, outcomes: Outcomes) -> Matched:
        """Those of all outcomes that were matched."""
        return Matched(left, right, outcomes.take(outcomes.kind == ErrorKind.RIGHT))


def mask_details(batch: LocatedBatch, matched: Matched, panel: Panel) -> dict[str, Tree]:
    """Dice and boundary IoU of matched masks; of many pairs those of items drawn by their hash."""
    rows, overlap = matched.rows, matched.rows.overlap
    dice = 2 * overlap / (1 + overlap)
    hashes = hash_items(batch.facts.number, panel.method.seed)
    order = np.lexsort((rows.right, rows.left, rows.item, hashes[rows.item]))[:_MOST_PAIRS]
    found = boundary_ious(_mask_pairs(matched, order))
    order = order[: len(found)]
    item = rows.item[order]
    shown = "" if len(order) == len(rows) else f", {len(order):,} of {len(rows):,} pairs, by items drawn"
    return {
        "dice": panel.mean(rows.item, dice, _DICE, _NO_MATCH),
        "boundary_iou": panel.mean(item, found, f"{_BOUNDARY}{shown}; replicates of items", _NO_MATCH),
        "boundary_errors": panel.share(
            item, found < _HALF, f"{_EDGES}{shown}; Wilson with effective trials", _NO_MATCH
        ),
    }


def _mask_pairs(matched: Matched, order: Ints) -> Iterator[tuple[Mask, Mask]]:
    sides = Shapes(matched.left), Shapes(matched.right)
    for at in order.tolist():
        rows = int(matched.rows.left[at]), int(matched.rows.right[at])
        masks = [
            side.masks(np.array([row]))[row] if side.marks.kind[row] == MASK else None
            for side, row in zip(sides, rows, strict=True)
        ]
        sizes = [(mask.height, mask.width) for mask in masks if mask is not None] or [_frame(sides, rows)]
        height, width = (max(size[axis] for size in sizes) for axis in (0, 1))
        one, other = (
            side.raster(row, height, width) if mask is None else _laid(mask, height, width)
            for side, row, mask in zip(sides, rows, masks, strict=True)
        )
        yield one, other


def _laid(mask: Mask, height: int, width: int) -> Mask:
    return mask if (mask.height, mask.width) == (height, width) else on_canvas(mask, height, width)


def _frame(sides: Sequence[Shapes], rows: Sequence[int]) -> tuple[int, int]:
    """An image that just holds two outlines, where no mask says how large it is."""
    boxes = np.array([side.marks.objects.box[row] for side, row in zip(sides, rows, strict=True)])
    far = np.clip(np.ceil((boxes[:, :2] + boxes[:, 2:]).max(axis=0)), 1, 20_000)
    return int(far[1]), int(far[0])


def joint_details(batch: LocatedBatch, matched: Matched, panel: Panel) -> dict[str, Tree]:
    """Mean OKS and the error of each joint of each class.

    Gold's area is the scale of relative errors; between people it is the mean of both areas.
    """
    rows, sides = matched.rows, (Shapes(matched.left), Shapes(matched.right))
    joints: list[Tree] = []
    both = (matched.left.kind[rows.left] == KEYPOINTS) & (matched.right.kind[rows.right] == KEYPOINTS)
    label = matched.left.objects.label[rows.left]
    for number in np.unique(label[both]).tolist():
        chosen = rows.take(both & (label == number))
        joints += _joints_of_class(
            batch.classes[number], sides, chosen, panel, matched.left is not matched.right
        )
    return {"oks": panel.mean(rows.item, rows.overlap, _OKS, _NO_MATCH), "joints": joints}


def _joints_of_class(
    name: str, sides: tuple[Shapes, Shapes], rows: Outcomes, panel: Panel, gold: bool
) -> Iterator[Tree]:
    truth, given = sides[0].joints(rows.left), sides[1].joints(rows.right)
    sizes = [len(truth[row]) for row in rows.left.tolist()]
    same = np.array([len(given[row]) for row in rows.right.tolist()]) == np.array(sizes)
    size = max(sizes, key=sizes.count)
    rows = rows.take(same & (np.array(sizes) == size))
    if not len(rows) or not size:
        return
    one, other = (
        np.stack([joints[row] for row in index.tolist()])
        for joints, index in ((truth, rows.left), (given, rows.right))
    )
    area = joint_areas(sides[0], rows.left)
    scale = np.sqrt(area if gold else (area + joint_areas(sides[1], rows.right)) / 2)
    names = sides[0].parsed(int(rows.left[0])).get("names") or []
    for joint in range(size):
        there, here = one[:, joint, 2] > 0, other[:, joint, 2] > 0
        both = np.flatnonzero(there & here)
        apart = np.hypot(*(one[both, joint, :2] - other[both, joint, :2]).T)
        item = rows.item[both]
        yield {
            "class": name,
            "joint": str(names[joint]) if joint < len(names) else str(joint + 1),
            "distance": panel.mean(item, apart, _APART, _JOINT, most=None),
            "relative": panel.mean(item, apart / scale[both], _RELATIVE, _JOINT, most=None),
            **_one_sided(int((there & ~here).sum()), int((here & ~there).sum()), gold=gold),
        }


def _one_sided(missed: int, added: int, *, gold: bool) -> dict[str, Tree]:
    """Joints that one side alone placed; between people nobody says who is right."""
    return {"missed": missed, "added": added} if gold else {"one_sided": missed + added}


def value_details(
    batch: LocatedBatch, left: Marks, right: Marks, rows: Outcomes, panel: Panel
) -> dict[str, Tree]:
    """The share of fields with the right value, exactly and in the normal form, overall and by key.

    Against gold every gold field counts, those of items that nobody delivered as wrong; between people every pair of
    fields under one key.
    """
    gold = left is not right
    chosen = rows.take((rows.left >= 0) if gold else np.isin(rows.kind, (ErrorKind.RIGHT, ErrorKind.LOOSE)))
    absent = np.flatnonzero(np.isin(left.objects.item, batch.absent) & ~left.crowd & gold)
    one, other = fields_of(left, right)
    mine = np.concatenate([chosen.left, absent])
    theirs = np.maximum(np.concatenate([chosen.right, np.zeros(len(absent), np.int64)]), 0)
    found = np.concatenate(
        [np.isin(chosen.kind, (ErrorKind.RIGHT, ErrorKind.LOOSE)), np.zeros(len(absent), bool)]
    )
    item, label = left.objects.item[mine], left.objects.label[mine]
    out: dict[str, Tree] = {"by_class": {name: {} for name in batch.classes}}
    what = "gold fields" if gold else "pairs of fields under one key"
    for name, codes, told in (
        (
            "field_accuracy_exact" if gold else "value_agreement_exact",
            (one.exact, other.exact),
            "the same value",
        ),
        (
            "field_accuracy" if gold else "value_agreement",
            (one.loose, other.loose),
            "the same normalised value",
        ),
    ):
        equal = found & (codes[0][mine] == (codes[1][theirs] if len(right) else -2))
        method, reason = _VALUE.format(what, told), f"there are no {what}"
        out[name] = panel.share(item, equal, method, reason)
        for number, key in enumerate(batch.classes):
            kept = label == number
            by_class = out["by_class"]
            if kept.any() and isinstance(by_class, dict):
                by_class[key][name] = panel.share(item[kept], equal[kept], method, reason)
    return out


def span_details(
    batch: LocatedBatch,
    comparisons: Iterable[Comparison],
    sides: tuple[Marks, Marks],
    panel: Panel,
    *,
    gold: bool,
) -> dict[str, Tree]:
    """F1 of spans that are the same in both ends, and of spans that overlap at all, matched within classes."""
    overlap = overlap_of(batch.kind, *sides)
    total: list[LocatedState | None] = [None, None]
    for task in comparisons:
        near = task.near(RELAXED, overlap)
        for number, matched in enumerate(class_matches(task.left, task.right, near, [EXACT, RELAXED])):
            state = located_state(
                task, matched, panel.row[task.item], classes=len(batch.classes), rows=panel.design.rows
            ).pooled()
            known = total[number]
            total[number] = state if known is None else known + state
    names = ("exact_f1", "relaxed_f1") if gold else ("exact_pairwise_f1", "relaxed_pairwise_f1")
    return {name: _f1(state, panel, gold=gold) for name, state in zip(names, total, strict=True)}


def _f1(state: LocatedState | None, panel: Panel, *, gold: bool) -> Pending | Figure:
    if state is None:
        return undefined("no text was compared")

    def make(sums: Floats) -> Figure:
        weight, unit = panel.design.weight, panel.design.unit
        if gold:
            return located_figures(state, sums, weight, unit=unit).overall["f1"]
        return pairwise_figures(state, sums, weight, unit=unit).overall["pairwise_f1"]

    return Pending(state.rows, make)
