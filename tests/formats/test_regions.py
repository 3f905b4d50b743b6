"""Regions of Label Studio: percent to pixels, rotation, strokes, marked texts, controls, people and layers."""

from __future__ import annotations

import contextlib
import gzip
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from assay.annotation.errors import InputError
from assay.formats.brush_rle import decode_brush, encode_brush
from assay.formats.label_studio_regions import holds_regions, region_rows
from tests.formats.deliveries import write
from tests.formats.gathered_rows import Located, gather
from tests.paths import SHARED, needs_shared

BITMAPS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=40))
WIDTH, HEIGHT = 200, 100


def region(kind: str, value: dict[str, Any], ident: str = "r1", **more: Any) -> dict[str, Any]:
    size = {"original_width": WIDTH, "original_height": HEIGHT}
    return {
        "id": ident,
        "type": kind,
        "from_name": "label",
        "to_name": "image",
        "value": value,
        **size,
        **more,
    }


def rectangle(x: float, y: float, w: float, h: float, label: str = "Car", **more: Any) -> dict[str, Any]:
    value = {
        "x": x,
        "y": y,
        "width": w,
        "height": h,
        "rotation": more.pop("rotation", 0),
        "rectanglelabels": [label],
    }
    return region("rectanglelabels", value, **more)


def task(*results: Any, **more: Any) -> dict[str, Any]:
    annotation = {"completed_by": {"id": 3, "email": "ann@example.org"}, "result": list(results)}
    return {"id": 1, "data": {"image": "a/b.jpg"}, "annotations": [annotation], **more}


def read(folder: Path, *tasks: object, **declared: Any) -> Located:
    return gather(write(folder, "export.json", orjson.dumps(list(tasks))), partial(region_rows, **declared))


def shape(got: Located) -> Any:
    (found,) = got.objects
    return orjson.loads(found.shape or "null")


def test_percent_become_pixels_of_the_image(tmp_path: Path) -> None:
    got = read(tmp_path, task(rectangle(50, 20, 20, 40)))
    (found,) = got.objects
    assert (found.kind, found.label, found.x, found.y, found.w, found.h) == ("box", "Car", 100, 20, 40, 40)
    assert [(one.item, one.width, one.height, one.path) for one in got.images] == [("1", 200, 100, "a/b.jpg")]
    assert got.work[0].annotator == "ann@example.org"


def test_a_box_turns_about_its_stored_corner_in_pixels(tmp_path: Path) -> None:
    got = read(tmp_path, task(rectangle(50, 20, 20, 40, rotation=45)))
    (found,) = got.objects
    assert (found.kind, found.angle) == ("rotated_box", 45)
    corners = [100, 20, 128.28, 48.28, 100, 76.57, 71.72, 48.28]
    assert shape(got)["corners"] == pytest.approx(corners, abs=0.01)
    assert (found.x, found.y, found.w, found.h) == pytest.approx((71.72, 20, 56.57, 56.57), abs=0.01)


def test_a_box_drawn_backwards_is_turned_round(tmp_path: Path) -> None:
    (found,) = read(tmp_path, task(rectangle(60, 80, -10, -30))).objects
    assert (found.x, found.y, found.w, found.h) == (100, 50, 20, 30)


def test_polygons_lines_ellipses_and_points(tmp_path: Path) -> None:
    points = [[0, 0], [50, 0], [50, 50]]
    got = read(
        tmp_path,
        task(
            region("polygonlabels", {"points": points, "closed": True, "polygonlabels": ["A"]}, "1"),
            region("polygonlabels", {"points": points, "closed": False, "polygonlabels": ["A"]}, "2"),
            region(
                "ellipselabels", {"x": 50, "y": 50, "radiusX": 10, "radiusY": 20, "ellipselabels": ["A"]}, "3"
            ),
            region("keypointlabels", {"x": 10, "y": 10, "width": 1, "keypointlabels": ["nose"]}, "4"),
        ),
    )
    assert [one.kind for one in got.objects] == ["polygon", "polyline", "polygon", "keypoints"]
    assert orjson.loads(got.objects[0].shape or "")["rings"] == [[0, 0, 100, 0, 100, 50]]
    assert orjson.loads(got.objects[3].shape or "") == {"points": [20, 10, 2], "names": ["nose"]}
    ellipse = got.objects[2]
    assert (ellipse.x, ellipse.y, ellipse.w, ellipse.h) == pytest.approx((80, 30, 40, 40), abs=0.1)


def test_keypoints_of_a_box_stand_with_it(tmp_path: Path) -> None:
    joints = [
        region("keypointlabels", {"x": x, "y": 30, "width": 1, "keypointlabels": [name]}, name, parentID="p")
        for name, x in (("nose", 30), ("ear", 35))
    ]
    got = read(tmp_path, task(rectangle(10, 10, 50, 50, "person", ident="p"), *joints))
    (found,) = got.objects
    assert (found.kind, found.label, found.x, found.w) == ("keypoints", "person", 20, 100)
    assert shape(got) == {"points": [60, 30, 2, 70, 30, 2], "names": ["nose", "ear"]}


def test_strokes_become_a_mask_counted_column_by_column(tmp_path: Path) -> None:
    painted = np.zeros((HEIGHT, WIDTH), bool)
    painted[10:13, 20:22] = True
    value = {"format": "rle", "rle": encode_brush(painted), "brushlabels": ["Road"]}
    got = read(tmp_path, task(region("brushlabels", value)))
    (found,) = got.objects
    assert (found.kind, found.x, found.y, found.w, found.h) == ("mask", 20, 10, 2, 3)
    assert shape(got) == {"size": [100, 200], "counts": [2010, 3, 97, 3, 17887]}


@given(BITMAPS)
def test_painted_pixels_are_read_back(painted: npt.NDArray[np.bool_]) -> None:
    height, width = painted.shape
    assert (decode_brush(encode_brush(painted), width, height) == painted).all()


def test_listed_words_are_read_as_the_stream_says() -> None:
    # 8 words of 8 bits, lengths of 3, 4, 8 and 16 bits; one block of eight listed words.
    bits = f"{8:032b}{7:05b}{2:04b}{3:04b}{7:04b}{15:04b}" + "0" + "00" + "111"
    bits += "".join(f"{word:08b}" for word in (1, 2, 3, 0, 4, 5, 6, 255))
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    assert decode_brush(list(data), 2, 1).tolist() == [[False, True]]


@given(st.lists(st.integers(0, 255), max_size=40), st.integers(1, 5), st.integers(1, 5))
def test_any_bytes_are_a_mask_or_refused(data: list[int], width: int, height: int) -> None:
    with contextlib.suppress(InputError):
        assert decode_brush(data, width, height).shape == (height, width)


@pytest.mark.parametrize("data", [[], [0] * 4, [300], "x", encode_brush(np.ones((3, 3), bool))])
def test_strokes_of_another_size_are_refused_with_their_task(tmp_path: Path, data: Any) -> None:
    with pytest.raises(InputError, match="record 1, item '1'"):
        read(tmp_path, task(region("brushlabels", {"rle": data, "brushlabels": ["A"]})))


def test_other_controls_of_a_region_are_its_attributes(tmp_path: Path) -> None:
    place = {"x": 1, "y": 1, "width": 5, "height": 5}
    got = read(
        tmp_path,
        task(
            rectangle(1, 1, 5, 5),
            region("choices", {**place, "choices": ["red", "dark"]}, from_name="colour"),
            region("textarea", {**place, "text": ["AB 12"]}, from_name="plate"),
            region("rating", {**place, "rating": 4}, from_name="sharp"),
        ),
    )
    (found,) = got.objects
    assert orjson.loads(found.attributes or "") == {"colour": "red, dark", "plate": "AB 12", "sharp": "4"}
    assert (found.label, found.text) == ("Car", "AB 12")


def test_a_region_with_two_classes_is_two_objects(tmp_path: Path) -> None:
    one = rectangle(1, 1, 5, 5)
    one["value"]["rectanglelabels"] = ["Car", "Taxi"]
    assert [found.label for found in read(tmp_path, task(one)).objects] == ["Car", "Taxi"]


def test_relations_are_kept_as_attributes(tmp_path: Path) -> None:
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right", "labels": ["tows"]}
    got = read(tmp_path, task(rectangle(1, 1, 5, 5, ident="a"), rectangle(9, 9, 5, 5, ident="b"), relation))
    assert [one.attributes for one in got.objects] == ['{"id":"a","relation":"tows → b"}', '{"id":"b"}']


def test_marked_texts_are_spans(tmp_path: Path) -> None:
    value = {"start": 3, "end": 5, "text": "EU", "labels": ["ORG"]}
    got = read(tmp_path, task(region("labels", value), data={"text": "😀 EU rejects"}))
    assert got.spans == [("ORG", 2, 4, "EU")]
    assert got.findings["utf16_offsets"].evidence["count"] == 1


def test_overlapping_marks_are_all_kept(tmp_path: Path) -> None:
    marks = [region("labels", {"start": 0, "end": end, "labels": ["A"]}, str(end)) for end in (2, 4, 6)]
    assert len(read(tmp_path, task(*marks, data={"text": "abcdefgh"})).spans) == 3


def test_marks_in_html_count_its_text(tmp_path: Path) -> None:
    offsets = {"start": 7, "end": 9}
    value = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 2, "text": "No",
             "globalOffsets": offsets, "hypertextlabels": ["X"]}  # fmt: skip
    got = read(
        tmp_path, task(region("hypertextlabels", value), data={"text": "<p><b>Jules</b>: No &amp; no</p>"})
    )
    assert got.texts == {"1": "Jules: No & no"}
    assert got.spans == [("X", 7, 9, "No")]


def test_who_cancelled_has_skipped_and_who_drew_nothing_has_looked(tmp_path: Path) -> None:
    people = [
        {"completed_by": 1, "result": [rectangle(1, 1, 5, 5)], "was_cancelled": True},
        {"completed_by": 2, "result": []},
        {"completed_by": 3, "result": [rectangle(1, 1, 5, 5)], "ground_truth": True},
    ]
    models = [{"model_version": "v2", "result": [rectangle(1, 1, 5, 5, score=0.5)]}]
    got = read(tmp_path, task(annotations=people, predictions=models))
    assert [
        (one.annotator, one.layer.label if one.layer is not None else None, one.state.label, len(one.objects))
        for one in got.work
    ] == [
        ("1", "first_pass", "skipped", 0),
        ("2", "first_pass", "annotated_empty", 0),
        ("3", "gold", "annotated", 1),
        ("model:v2", "prelabel", "annotated", 1),
    ]
    assert got.objects[-1].confidence == 0.5


def test_reviews_accept_correct_or_reject(tmp_path: Path) -> None:
    reviews = [
        {"created_by": 8, "accepted": True},
        {"created_by": 9, "accepted": False, "result": [rectangle(2, 2, 5, 5)]},
        {"created_by": 7, "accepted": False},
    ]
    annotation = {"completed_by": 1, "result": [rectangle(1, 1, 5, 5)], "reviews": reviews}
    got = read(tmp_path, task(annotations=[annotation]))
    assert [(one.annotator, one.objects[0].x) for one in got.work] == [("1", 2), ("8", 2), ("9", 4)]
    assert got.findings["rejected_in_review"].evidence["count"] == 1


def test_one_person_under_a_number_and_an_address_is_renamed(tmp_path: Path) -> None:
    got = read(tmp_path, task(), {"id": 2, "data": {}, "annotations": [{"completed_by": 3, "result": []}]})
    assert got.notes.renamed == {"3": "ann@example.org"}


def test_only_the_declared_control_is_read(tmp_path: Path) -> None:
    other = rectangle(9, 9, 5, 5, ident="r2", from_name="second")
    assert len(read(tmp_path, task(rectangle(1, 1, 5, 5), other)).objects) == 2
    (found,) = read(tmp_path, task(rectangle(1, 1, 5, 5), other), control="second").objects
    assert found.x == 18


def test_an_image_of_unknown_size_is_read_in_percent_and_said(tmp_path: Path) -> None:
    one = rectangle(10, 10, 5, 5)
    del one["original_width"]
    got = read(tmp_path, task(one))
    assert [(found.x, found.y) for found in got.objects] == [(10, 10)]
    assert not got.images
    assert got.findings["image_size_unknown"].severity == "major"


def test_results_that_are_no_regions_are_counted(tmp_path: Path) -> None:
    whole = {"type": "choices", "from_name": "weather", "id": "w", "value": {"choices": ["fog"]}}
    sound = region("labels", {"start": 1.5, "end": 2.5, "channel": 0, "labels": ["beat"]}, "s")
    got = read(tmp_path, task(rectangle(1, 1, 5, 5), whole, sound))
    assert {"results_not_read:choices", "results_not_read:labels"} <= got.findings.keys()
    assert len(got.objects) == 1


def test_an_export_holds_regions_when_it_answers_nothing_else(tmp_path: Path) -> None:
    whole = {"type": "choices", "from_name": "weather", "id": "w", "value": {"choices": ["fog"]}}
    cases = [
        ([rectangle(1, 1, 5, 5)], None, True),
        ([whole], None, False),
        ([rectangle(1, 1, 5, 5), whole], None, False),
    ]
    cases += [
        ([rectangle(1, 1, 5, 5), whole], "label", True),
        ([rectangle(1, 1, 5, 5), whole], "weather", False),
    ]
    for results, control, expected in cases:
        path = write(tmp_path, "export.json", orjson.dumps([task(*results)]))
        assert holds_regions(path, "export.json", control) is expected


@pytest.mark.parametrize(
    "value",
    [
        {"x": "1", "y": 1, "width": 1, "height": 1},
        {"x": 1e300, "y": 1, "width": 1, "height": 1},
        {"points": [[1, 2], [3]]},
        {"points": "none"},
        {"x": True, "y": 1},
    ],
)
def test_coordinates_that_are_no_numbers_are_refused(tmp_path: Path, value: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="record 1, item '1'"):
        read(tmp_path, task(region("rectanglelabels", {**value, "rectanglelabels": ["A"]})))


def test_ten_thousand_regions_on_one_item_are_read(tmp_path: Path) -> None:
    results = [rectangle(at % 90, at % 80, 5, 5, ident=str(at)) for at in range(10_000)]
    assert len(read(tmp_path, task(*results)).objects) == 10_000


@needs_shared
@pytest.mark.parametrize(
    ("name", "objects"),
    [
        ("label-studio-sdk/test_export_yolo/data.json", 6),
        ("label-studio-sdk/test_export_yolo/data_keypoints.json", 1),
        ("label-studio-sdk/test_export_coco/data.json", 4),
        ("label-studio-sdk/test_export_json_min/data.json", 1),
        ("label-studio-sdk/test_export_csv/csv_test.json", 5),
        ("label-studio-frontend/image_bbox/annotations/1.json", 3),
        ("label-studio-frontend/rich_text_html/annotations/1.json", 4),
    ],
)
def test_samples_with_regions_are_read(name: str, objects: int) -> None:
    path = SHARED / "samples" / "label_studio" / name
    assert holds_regions(path, path.name)
    assert len(gather(path, region_rows).objects) == objects


@needs_shared
def test_a_text_longer_than_its_offsets_is_noticed() -> None:
    path = (
        SHARED
        / "samples"
        / "label_studio"
        / "label-studio-frontend"
        / "rich_text_html"
        / "annotations"
        / "1.json"
    )
    assert "span_text_differs" in gather(path, region_rows).findings


@given(st.lists(st.tuples(*[st.floats(0, 100)] * 4), max_size=5), st.sampled_from([None, 0.25, 1]))
def test_plain_boxes_are_read_alike_on_the_short_way(
    tmp_path_factory: pytest.TempPathFactory, boxes: list[tuple[float, ...]], score: float | None
) -> None:
    more = {} if score is None else {"score": score}
    results = [rectangle(*one, ident=str(at), **more) for at, one in enumerate(boxes)]
    folder = tmp_path_factory.mktemp("plain")
    short = read(folder, task(*results))
    # A result that is none of the plain ones sends the whole annotation the long way.
    aside = {"type": "choices", "from_name": "weather", "id": "w", "value": {"choices": ["fog"]}}
    assert read(folder, task(*results, aside)).objects == short.objects
    assert len(short.objects) == len(boxes)


def test_packed_exports_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "export.json.gz", gzip.compress(orjson.dumps([task(rectangle(1, 1, 5, 5))])))
    assert holds_regions(path, "export.json.gz")
    assert len(gather(path, region_rows).objects) == 1
