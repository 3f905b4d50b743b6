"""Overlap and matching beside pycocotools, shapely and SciPy, on random data."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
import shapely
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from assay.measure.candidates import Objects
from assay.measure.keypoints import COCO_SIGMAS, oks
from assay.measure.matching import class_matches
from assay.measure.overlap_boxes import box_candidates, box_iou
from assay.measure.overlap_masks import Mask, MaskOverlap, boundary, encoded_runs
from assay.measure.overlap_shapes import ShapeOverlap, line_distances, polygon, polylines
from tests.peers.randomness import SEEDS

SIDE = 40


def random_boxes(seed: int, number: int = 30) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.column_stack([draw.uniform(0, 60, (number, 2)), draw.uniform(5, 40, (number, 2))])


def random_masks(seed: int, number: int = 6) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(number):
        blob = ndimage.gaussian_filter(draw.normal(size=(SIDE, SIDE + 9)), 3)
        found.append(blob > np.quantile(blob, draw.uniform(0.3, 0.9)))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_box_overlap_equals_pycocotools_and_shapely(seed: int) -> None:
    one, other = random_boxes(seed), random_boxes(seed + 100)
    ours = box_iou(one[:, None], other[None])
    theirs = coco_mask.iou(one, other, [0] * len(other))
    assert np.allclose(ours, theirs, rtol=0, atol=1e-12)
    first, second = (
        shapely.box(b[:, 0], b[:, 1], b[:, 0] + b[:, 2], b[:, 1] + b[:, 3]) for b in (one, other)
    )
    common = shapely.area(shapely.intersection(first[:, None], second[None]))
    union = shapely.area(shapely.union(first[:, None], second[None]))
    assert np.allclose(ours, common / union, rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_equal_pycocotools(seed: int) -> None:
    one, other = random_masks(seed), random_masks(seed + 50)
    theirs = [
        [coco_mask.encode(np.asfortranarray(b.astype(np.uint8))) for b in side] for side in (one, other)
    ]
    ours = [[Mask.of_text(run["counts"], *run["size"]) for run in side] for side in theirs]
    for bitmap, mask, run in zip(one, ours[0], theirs[0], strict=True):
        assert np.array_equal(mask.bitmap(), bitmap)
        assert encoded_runs(mask.runs).encode() == run["counts"]
        assert mask.area == coco_mask.area(run)
        assert list(mask.box()) == coco_mask.toBbox(run).tolist()
    left, right = (index.ravel() for index in np.meshgrid(range(6), range(6), indexing="ij"))
    table = MaskOverlap(*ours)(left, right).reshape(6, 6)
    assert np.allclose(table, coco_mask.iou(*theirs, [0] * 6), rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_boundaries_equal_erosion(seed: int) -> None:
    for pixels, bitmap in zip((1, 2, 4), random_masks(seed), strict=False):
        eroded = ndimage.binary_erosion(bitmap, np.ones((3, 3)), iterations=pixels)
        assert np.array_equal(boundary(Mask.of_bitmap(bitmap), pixels).bitmap(), bitmap & ~eroded)


@pytest.mark.parametrize("seed", SEEDS)
def test_polygons_with_holes_equal_a_fine_raster(seed: int) -> None:
    draw = np.random.default_rng(seed)
    shapes = []
    for _ in range(4):
        angle = np.sort(draw.uniform(0, 2 * np.pi, 9))
        ring = 50 + draw.uniform(15, 45, 9)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        shapes.append(polygon([ring.ravel()], [np.ravel(50 + 0.2 * (ring - 50))]))
    side = np.array(shapes)
    ours = ShapeOverlap(side, side)(np.array([0, 2]), np.array([1, 3]))
    step = 0.2
    x, y = np.meshgrid(np.arange(step / 2, 100, step), np.arange(step / 2, 100, step))
    filled = [shapely.contains_xy(shape, x, y) for shape in shapes]
    for value, (one, other) in zip(ours, ((0, 1), (2, 3)), strict=True):
        expected = (filled[one] & filled[other]).sum() / (filled[one] | filled[other]).sum()
        assert value == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_distances_of_lines_equal_dense_points(seed: int) -> None:
    draw = np.random.default_rng(seed)
    lines = polylines(draw.uniform(0, 100, (2, 8)).tolist())
    mean, most = line_distances(lines[:1], lines[1:])
    dense = [shapely.get_coordinates(shapely.segmentize(line, 0.05)) for line in lines]
    apart = np.hypot(*(dense[0][:, None] - dense[1][None]).transpose(2, 0, 1))
    assert most[0] == pytest.approx(max(apart.min(axis=0).max(), apart.min(axis=1).max()), abs=1.5)
    assert mean[0] == pytest.approx((apart.min(axis=0).mean() + apart.min(axis=1).mean()) / 2, rel=0.05)


def evaluation(gold: dict, given: dict, kind: str) -> COCOeval:
    """COCO's evaluation of one image."""
    with contextlib.redirect_stdout(io.StringIO()):
        one, other = COCO(), COCO()
        for side, rows in ((one, gold), (other, given)):
            side.dataset = {
                "info": {},
                "images": [{"id": 1, "width": 999, "height": 999}],
                "categories": [{"id": c, "name": str(c)} for c in (1, 2)],
                "annotations": rows,
            }
            side.createIndex()
        found = COCOeval(one, other, kind)
        found.params.areaRng, found.params.areaRngLbl = [[0, 1e10]], ["all"]
        found.evaluate()
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_similarity_of_joints_equals_pycocotools(seed: int) -> None:
    draw = np.random.default_rng(seed)
    joints = np.concatenate([draw.uniform(0, 200, (17, 2)), draw.integers(0, 3, (17, 1))], axis=1)
    joints[0, 2] = 2
    moved = joints + np.column_stack([draw.normal(0, 4, (17, 2)), np.zeros(17)])
    base = {"image_id": 1, "category_id": 1, "iscrowd": 0, "bbox": [0, 0, 200, 200], "id": 1}
    area = float(draw.uniform(1e3, 3e4))
    gold = [base | {"keypoints": joints.ravel().tolist(), "area": area, "num_keypoints": 17}]
    given = [base | {"keypoints": moved.ravel().tolist(), "area": 1.0, "score": 1.0, "num_keypoints": 17}]
    theirs = evaluation(gold, given, "keypoints").ious[1, 1][0][0]
    assert oks(joints.ravel(), moved.ravel(), area, COCO_SIGMAS) == pytest.approx(theirs, abs=1e-12)


def two_sides(seed: int) -> tuple[Objects, Objects]:
    draw = np.random.default_rng(seed)
    box = random_boxes(seed)
    moved = np.maximum(box + draw.normal(0, 3, box.shape), 1)
    label, nothing = draw.integers(1, 3, len(box)), np.zeros(len(box), np.int64)
    return Objects(nothing, label, box), Objects(nothing, label[::-1].copy(), moved[::-1].copy())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.75])
def test_the_best_matching_equals_scipy_and_is_never_behind_coco(seed: int, threshold: float) -> None:
    left, right = two_sides(seed)
    table = box_iou(left.box[:, None], right.box[None])
    table[(table < threshold) | (left.label[:, None] != right.label[None])] = 0
    rows, columns = linear_sum_assignment(table, maximize=True)
    (found,) = class_matches(left, right, box_candidates(left, right, threshold), [threshold])
    assert found.overlap.sum() == pytest.approx(table[rows, columns].sum(), abs=1e-9)
    gold, given = (
        [
            {
                "id": n + 1,
                "image_id": 1,
                "category_id": int(label),
                "bbox": box.tolist(),
                "area": float(box[2] * box[3]),
                "iscrowd": 0,
                "score": 1.0,
            }
            for n, (label, box) in enumerate(zip(side.label, side.box, strict=True))
        ]
        for side in (left, right)
    )
    theirs = evaluation(gold, given, "bbox")
    place = int(np.argmin(np.abs(theirs.params.iouThrs - threshold)))
    matched = {
        image["category_id"]: (image["dtMatches"][place] > 0).sum()
        for image in theirs.evalImgs
        if image is not None
    }
    if threshold >= 0.5:
        assert len(found) >= sum(matched.values()) - 1
        assert abs(len(found) - sum(matched.values())) <= 2
