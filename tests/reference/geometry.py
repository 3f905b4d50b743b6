"""Which public measure of overlap and matching answers which metric of a case. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from assay.measure.candidates import Objects
from assay.measure.keypoints import COCO_SIGMAS, oks
from assay.measure.located import located_f1
from assay.measure.matching import greedy_match_matrix, match_matrix
from assay.measure.overlap_boxes import box_iou
from assay.measure.overlap_masks import Mask, boundary_iou, mask_counts
from assay.measure.overlap_shapes import cuboid_iou, polygon, polygon_iou, rotated_iou, shape_iou
from assay.measure.panoptic import panoptic_quality
from assay.measure.undefined import Undefined

from .cases import Case, shaped


def _pair(case: Case) -> tuple[Any, Any]:
    """What stands under the keys that begin with a and b."""
    one, other = ([value for key, value in case["data"].items() if key[0] == side] for side in "ab")
    return one[0], other[0]


def boxes(case: Case) -> Any:
    """Overlap of two boxes, or of every box of one list with every box of the other."""
    one, other = (np.asarray(side, float) for side in _pair(case))
    if one.ndim == 2 and isinstance(case["expected"], list):
        table = isinstance(case["expected"][0], list)
        return box_iou(one[:, None] if table else one, other[None] if table else other).tolist()
    return float(box_iou(one, other))


def polygons(case: Case) -> Any:
    """Overlap of two rings, or of two lists of rings, exactly."""
    one, other = _pair(case)
    if isinstance(one[0], list):
        rings = [
            [np.ravel(ring) for ring in side]
            if isinstance(side[0][0], list) or len(side[0]) > 2
            else [np.ravel(side)]
            for side in (one, other)
        ]
        return float(shape_iou(np.array([polygon(rings[0])]), np.array([polygon(rings[1])]))[0])
    return polygon_iou(one, other)


def rotated(case: Case) -> Any:
    """Overlap of two rotated boxes."""
    return rotated_iou(*_pair(case))


def cuboids(case: Case) -> Any:
    """Overlap of two cuboids."""
    return cuboid_iou(*_pair(case))


def _mask(data: Any) -> Mask:
    if not isinstance(data, Mapping):
        return Mask.of_bitmap(data)
    height, width = data["size"]
    counts = data["counts"]
    return (
        Mask.of_text(counts, height, width)
        if isinstance(counts, str)
        else Mask(height, width, np.array(counts))
    )


def masks(case: Case) -> Any:
    """Overlap, Dice and areas of two masks."""
    one, other = (_mask(side) for side in _pair(case))
    counts = mask_counts(one, other)
    parts: dict[str, Callable[[], Any]] = {
        "iou": lambda: counts.iou,
        "dice": lambda: counts.dice,
        "area_a": lambda: one.area,
        "area_b": lambda: other.area,
        "intersection": lambda: counts.both,
        "union": lambda: counts.one + counts.other - counts.both,
    }
    return shaped(parts, case["expected"], "iou")


def boundaries(case: Case) -> Any:
    """Overlap of the boundaries of two masks."""
    one, other = (_mask(side) for side in _pair(case))
    params = case.get("params") or {}
    return boundary_iou(one, other, ratio=params.get("dilation_ratio", 0.02), pixels=params.get("d_px"))


def matrices(case: Case) -> Any:
    """Pairs and sum of the best matching of a table of overlaps; the greedy one beside it."""
    table, threshold = case["data"]["iou"], case["data"].get("threshold", 0.5)
    best, greedy = match_matrix(table, threshold), greedy_match_matrix(table, threshold)
    parts: dict[str, Callable[[], Any]] = {
        "matches": lambda: [list(x) for x in zip(best.rows, best.columns, strict=True)]
    }
    for prefix, found in (("", best), ("optimal_", best), ("greedy_", greedy)):
        parts[f"{prefix}pairs"] = lambda found=found: len(found)
        parts[f"{prefix}sum"] = lambda found=found: found.total
    return shaped(parts, case["expected"], "sum")


def box_f1(case: Case) -> Any:
    """F1 of classed boxes at each threshold asked for."""
    sides = _pair(case)
    names = sorted({str(row[0]) for side in sides for row in side})
    one, other = (_objects(side, names) for side in sides)
    expected = case["expected"]
    if isinstance(expected, Mapping):
        return {threshold: located_f1(one, other, float(threshold)) for threshold in expected}
    return located_f1(one, other, float((case.get("params") or {}).get("threshold", 0.5)))


def _objects(rows: list[Any], names: list[str]) -> Objects:
    labels = [names.index(str(row[0])) for row in rows]
    corners = np.array([row[1] for row in rows], float).reshape(-1, 4)
    return Objects(np.zeros(len(rows), np.int64), np.array(labels, np.int64), corners)


def joints(case: Case) -> Any:
    """Similarity of two sets of joints."""
    data, params = case["data"], case.get("params") or {}
    sigmas = data.get("sigmas") or params.get("sigmas") or COCO_SIGMAS
    found = oks(data["gt"], data["dt"], data.get("area") or params["area"], sigmas)
    return shaped({"oks": lambda: found}, case["expected"], "oks")


def panoptic(case: Case) -> Any:
    """Panoptic quality and its two parts."""
    data = case["data"]
    found = panoptic_quality(
        data["pred_class_instance"], data["target_class_instance"], data["things"], data["stuffs"]
    )
    if isinstance(found, Undefined):
        return found
    parts: dict[str, Callable[[], Any]] = {
        name: lambda name=name: getattr(found, name) for name in ("pq", "sq", "rq")
    }
    return shaped(parts, case["expected"], "pq")


GEOMETRY: dict[str, Callable[[Case], Any]] = {
    "box_iou_xywh": boxes,
    "box_iou": boxes,
    "polygon_iou": polygons,
    "rotated_iou": rotated,
    "cuboid_iou": cuboids,
    "mask_iou_dice": masks,
    "mask_iou": masks,
    "boundary_iou": boundaries,
    "match_iou_matrix": matrices,
    "box_f1": box_f1,
    "oks": joints,
    "panoptic_quality": panoptic,
}
