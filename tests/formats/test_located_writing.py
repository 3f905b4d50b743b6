"""What is written of located labels is read back; what a format cannot carry is counted."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assay.annotation.layers import ItemState, Layer
from assay.formats.cvat_images import cvat_rows
from assay.formats.cvat_write import write_cvat
from assay.formats.doccano_write import write_doccano
from assay.formats.label_studio_regions import region_rows
from assay.formats.located_rows import ObjectRow, Work, span, work_state
from assay.formats.regions_write import RegionTask, write_regions
from assay.formats.shapes import (
    Told,
    box,
    corners_about_corner,
    keypoints,
    mask,
    polygon,
    polyline,
    rotated_box,
)
from assay.formats.spans_jsonl import span_rows
from tests.formats.gathered_rows import gather

WIDTH, HEIGHT = 64, 48
NUMBERS = st.floats(0, 40).map(lambda value: round(value, 3))
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=6)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=6)
TOLD = st.builds(Told, label=NAMES, attributes=st.dictionaries(NAMES, NAMES, max_size=2))


@st.composite
def shapes(draw: st.DrawFn) -> ObjectRow:
    told = draw(TOLD)
    kind = draw(st.sampled_from(["box", "rotated_box", "polygon", "polyline", "mask", "keypoints"]))
    x, y, w, h = (draw(NUMBERS) for _ in range(4))
    if kind == "box":
        return box(told, x, y, w, h)
    if kind == "rotated_box":
        angle = float(draw(st.integers(1, 359)))
        return rotated_box(told, corners_about_corner(x, y, w, h, angle), (w, h), angle)
    if kind == "mask":
        painted = draw(arrays(np.bool_, (HEIGHT, WIDTH), elements=st.booleans(), fill=st.just(False)))
        painted[10, 20] = True
        return mask(told, painted, 0, 0, WIDTH, HEIGHT)
    points = draw(POINTS)
    if kind == "keypoints":
        names = [str(at) for at in range(len(points))]
        return keypoints(told, [(*point, 2) for point in points], names)
    return polygon(told, points) if kind == "polygon" else polyline(told, points)


def alike(one: ObjectRow, other: ObjectRow) -> bool:
    """The same object, coordinates to a millionth of a pixel."""

    def digits(row: ObjectRow) -> list[float]:
        return [float(part) for part in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", row.shape or "")]

    same = (one.kind, one.label, one.attributes) == (other.kind, other.label, other.attributes)
    return (
        same
        and one[2:6] == pytest.approx(other[2:6], abs=1e-6)
        and digits(one) == pytest.approx(digits(other), abs=1e-6)
    )


@settings(max_examples=50)
@given(st.lists(shapes(), max_size=4))
def test_shapes_written_for_cvat_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, objects: list[ObjectRow]
) -> None:
    target = tmp_path_factory.mktemp("cvat") / "a.xml"
    assert +write_cvat(target, [("a & b.jpg", WIDTH, HEIGHT, objects), ("empty.jpg", 5, 6, [])]) == {}
    got = gather(target, cvat_rows)
    assert [one.item for one in got.work] == ["a & b.jpg", "empty.jpg"]
    assert len(got.objects) == len(objects)
    assert all(alike(one, other) for one, other in zip(got.objects, objects, strict=True))


@settings(max_examples=50)
@given(st.lists(shapes(), max_size=4))
def test_regions_written_for_label_studio_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, objects: list[ObjectRow]
) -> None:
    target = tmp_path_factory.mktemp("studio") / "a.json"
    work = [
        Work("a.jpg", "ann-1", Layer.FIRST_PASS, work_state(objects), objects, 0),
        Work("a.jpg", "ann-2", Layer.FIRST_PASS, ItemState.EMPTY, (), 0),
        Work("a.jpg", "ann-3", Layer.FIRST_PASS, ItemState.SKIPPED, (), 0),
        Work("a.jpg", "model:v1", Layer.PRELABEL, work_state(objects), objects, 0),
    ]
    assert +write_regions(target, [RegionTask("a.jpg", work, None, "a.jpg", WIDTH, HEIGHT)]) == {}
    got = gather(target, region_rows)
    assert [(one.annotator, one.state) for one in got.work] == [(one.annotator, one.state) for one in work]
    for one in (got.work[0], got.work[3]):
        assert len(one.objects) == len(objects)
        for read, written in zip(one.objects, objects, strict=True):
            frame = read if written.kind != "keypoints" else written
            assert alike(read._replace(attributes=written.attributes), written), (frame, written)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4), NAMES), max_size=6))
def test_spans_written_for_doccano_and_label_studio_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[int, int, str]]
) -> None:
    text = "a😀bc défg hi"
    objects = [span(label, ((at, at + size),), text=text[at : at + size]) for at, size, label in found]
    folder = tmp_path_factory.mktemp("spans")
    assert (
        +write_doccano(
            folder / "a.jsonl", [("1", text, objects), ("2", "x", [span("X", ((0, 1),), text="x")])]
        )
        == {}
    )
    got = gather(folder / "a.jsonl", span_rows)
    assert [list(one.objects) for one in got.work] == [objects, [span("X", ((0, 1),), text="x")]]
    work = [Work("1", "ann-1", Layer.FIRST_PASS, work_state(objects), objects, 0)]
    assert +write_regions(folder / "a.json", [RegionTask("1", work, text)]) == {}
    read = gather(folder / "a.json", region_rows)
    assert [(one.label, one.text) for one in read.objects] == [(one.label, one.text) for one in objects]


def test_what_cvat_cannot_carry_is_counted(tmp_path: Path) -> None:
    told = Told("a\x01", text="t", confidence=0.5)
    holed = polygon(Told("p"), [(0, 0), (4, 0), (4, 4)])._replace(
        shape='{"rings":[[0,0,4,0,4,4],[9,9,12,9,12,12]],"holes":[[1,1,2,1,2,2]]}', crowd=True
    )
    objects = [box(told, 0, 0, 1, 1), holed, span("s", ((0, 1),))]
    losses = write_cvat(tmp_path / "a.xml", [("i", None, None, objects)])
    assert +losses == {
        "confidence": 1, "texts": 1, "characters": 1, "parts": 1, "holes": 1, "crowd": 1, "spans": 1,
    }  # fmt: skip
    assert [one.kind for one in gather(tmp_path / "a.xml", cvat_rows).objects] == [
        "box",
        "polygon",
        "polygon",
    ]


def test_what_doccano_cannot_carry_is_counted(tmp_path: Path) -> None:
    objects = [
        span("a", ((0, 1), (2, 3))), span("b", ((0, 1),), attributes={"k": "v"}, confidence=1.0),
        box(Told("c"), 0, 0, 1, 1),
    ]  # fmt: skip
    losses = write_doccano(tmp_path / "a.jsonl", [("1", None, objects)])
    assert +losses == {
        "discontinuous_spans": 1,
        "attributes": 1,
        "confidence": 1,
        "no_spans": 1,
        "no_text": 1,
    }


def test_what_a_task_cannot_carry_is_counted(tmp_path: Path) -> None:
    hidden = keypoints(Told("k"), [(1, 1, 1), (2, 2, 2)], ["a", "b"])
    tag = Told("t").row("field", (0, 0, 0, 0), {"key": "t", "value": "t"})
    work = [
        Work("i", "a", Layer.FIRST_PASS, ItemState.ANNOTATED, [hidden, tag], 0),
        Work("i", "r", Layer.REVIEW, ItemState.ANNOTATED, [hidden], 0),
    ]
    assert +write_regions(tmp_path / "a.json", [RegionTask("i", work, None, None, 9, 9)]) == {
        "visibility": 2, "fields": 1,
    }  # fmt: skip
    assert [one.layer for one in gather(tmp_path / "a.json", region_rows).work] == [
        Layer.FIRST_PASS,
        Layer.REVIEW,
    ]
    unsized = [Work("i", "a", Layer.FIRST_PASS, ItemState.ANNOTATED, [box(Told("b"), 0, 0, 1, 1)], 0)]
    assert +write_regions(tmp_path / "b.json", [RegionTask("i", unsized)]) == {"image_size": 1}


def test_the_first_unit_that_is_proven_decides_where_both_fit(tmp_path: Path) -> None:

    def mark(start: int, end: int, covered: str) -> dict[str, object]:
        return {"start": start, "end": end, "label": "X", "text": covered}

    record = {"text": "😀 EU aaa", "spans": [mark(3, 5, "EU"), mark(7, 8, "a")]}
    path = tmp_path / "a.jsonl"
    path.write_bytes(orjson.dumps(record))
    assert [one.x for one in gather(path, span_rows).objects] == [2, 6]
