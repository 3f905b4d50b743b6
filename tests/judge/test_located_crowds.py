"""Crowd regions are neither missed nor extra, and excuse objects in them; COCO's own counts agree."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from assay.judge.figures import Method
from assay.judge.located_measure import measure_located
from tests.judge.located_marks import Drawn, batch_of, box, joints, mask, polygon

METHOD = Method(50, "seed")


def errors(batch: object, threshold: float = 0.5) -> dict[str, float]:
    found = measure_located(batch, threshold, METHOD).gold
    return {name: found.overall[name].value for name in ("f1", "precision", "recall")}


def test_a_crowd_region_is_neither_missed_nor_extra() -> None:
    region, car = box(0, 0, 100, 100, crowd=True), box(200, 0, 20, 20)
    assert errors(batch_of("boxes", {"p": [car]}, [car, region])) == {"f1": 1, "precision": 1, "recall": 1}
    assert errors(batch_of("boxes", {"p": [car, region]}, [car])) == {"f1": 1, "precision": 1, "recall": 1}


def test_an_unmatched_object_in_a_region_of_its_class_is_not_extra() -> None:
    region = box(0, 0, 100, 100, crowd=True)
    car, inside, outside = box(200, 0, 20, 20), box(10, 10, 20, 20), box(300, 0, 20, 20)
    half_in, other = box(95, 0, 20, 20), box(10, 50, 20, 20, label=1)
    gold = [car, region]
    assert errors(batch_of("boxes", {"p": [car, inside]}, gold))["precision"] == 1
    assert errors(batch_of("boxes", {"p": [car, inside, outside]}, gold))["precision"] == 0.5
    assert errors(batch_of("boxes", {"p": [car, half_in]}, gold))["precision"] == 0.5
    assert errors(batch_of("boxes", {"p": [car, other]}, gold))["precision"] == 0.5


def test_a_delivered_region_does_not_excuse_what_was_missed() -> None:
    region, car = box(0, 0, 100, 100, crowd=True), box(10, 10, 20, 20)
    assert errors(batch_of("boxes", {"p": [region]}, [car]))["recall"] == 0


def test_regions_of_pixels_excuse_outlines_and_joints() -> None:
    table = np.zeros((60, 60), int)
    table[:40, :40] = 1
    region = mask(table, crowd=True)
    outline = polygon([[5, 5, 15, 5, 15, 15, 5, 15]])
    far = polygon([[42, 42, 52, 42, 52, 52, 42, 52]])
    assert errors(batch_of("masks", {"p": [outline, far]}, [region, far]))["precision"] == 1
    person = joints(6, 6, 2, 12, 12, 2, frame=(5, 5, 10, 10))
    known = joints(46, 46, 2, 52, 52, 2, frame=(45, 45, 10, 10))
    assert errors(batch_of("keypoints", {"p": [person, known]}, [region, known]))["precision"] == 1


def test_between_people_regions_excuse_the_objects_of_others_and_not_their_own() -> None:
    region, inside = box(0, 0, 100, 100, crowd=True), box(10, 10, 20, 20)
    shared = box(200, 0, 20, 20)
    excused = batch_of("boxes", {"p": [shared, region], "q": [shared, inside]})
    own = batch_of("boxes", {"p": [shared], "q": [shared, inside, region]})
    values = [
        measure_located(one, 0.5, METHOD).agreement.overall["pairwise_f1"].value for one in (excused, own)
    ]
    assert values == [1, pytest.approx(2 / 3)]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Drawn], list[Drawn]]:
    cell = st.integers(0, 6)

    def one(crowd: bool) -> Drawn:
        w, h = (draw(st.integers(4, 9)) * (3 if crowd else 1) for _ in range(2))
        return box(draw(cell) * 6, draw(cell) * 6, w, h, crowd=crowd, label=draw(st.integers(0, 1)))

    gold = [one(False) for _ in range(draw(st.integers(0, 4)))] + [
        one(True) for _ in range(draw(st.integers(0, 2)))
    ]
    return gold, [one(False) for _ in range(draw(st.integers(0, 5)))]


@settings(max_examples=120, deadline=None)
@given(scenes())
def test_extra_and_missed_objects_are_those_of_pycocotools(scene: tuple[list[Drawn], list[Drawn]]) -> None:
    gold, given_ones = scene
    apart = all(
        sum(_iou(one, other) >= 0.5 for other in gold if not other.crowd and other.label == one.label) <= 1
        for one in given_ones
    ) and all(
        sum(_iou(one, other) >= 0.5 for other in given_ones if other.label == one.label) <= 1
        for one in gold if not one.crowd
    )  # fmt: skip
    assume(apart)  # where pairs compete the tool matches greedily, by score
    found = measure_located(batch_of("boxes", {"p": given_ones}, gold, gold_items=[0]), 0.5, METHOD).gold
    matched, extra, missed = _counted_by_coco(gold, given_ones)
    assert int(found.state.matched.sum()) == matched
    assert int(found.state.extra.sum()) == extra
    assert int(found.state.missed.sum()) == missed


def _iou(one: Drawn, other: Drawn) -> float:
    (x, y, w, h), (u, v, p, q) = one.box, other.box
    common = max(min(x + w, u + p) - max(x, u), 0) * max(min(y + h, v + q) - max(y, v), 0)
    return common / (w * h + p * q - common)


def _counted_by_coco(gold: list[Drawn], given_ones: list[Drawn]) -> tuple[int, int, int]:
    def records(drawn: list[Drawn]) -> list[dict]:
        return [
            {"id": at + 1, "image_id": 1, "category_id": one.label + 1, "bbox": list(one.box), "score": 1.0,
             "area": one.box[2] * one.box[3], "iscrowd": int(one.crowd)}
            for at, one in enumerate(drawn)
        ]  # fmt: skip

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {}, "images": [{"id": 1}], "categories": [{"id": 1}, {"id": 2}], "annotations": records(gold)
        }  # fmt: skip
        truth.createIndex()
        answers = COCO()
        answers.dataset = truth.dataset | {"annotations": records(given_ones)}
        answers.createIndex()
        run = COCOeval(truth, answers, "bbox")
        run.params.iouThrs = np.array([0.5])
        run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]
        run.params.imgIds, run.params.catIds = [1], [1, 2]
        run.evaluate()
    matched = extra = missed = 0
    for image in run.evalImgs:
        if image is None:
            continue
        counts, ignored = ~image["dtIgnore"][0].astype(bool), image["gtIgnore"].astype(bool)
        hit = image["dtMatches"][0] > 0
        matched += int((hit & counts).sum())
        extra += int((~hit & counts).sum())
        missed += int(((image["gtMatches"][0] == 0) & ~ignored).sum())
    return matched, extra, missed
