"""Conversions to tags, records, tasks and elements: what is read back differs by what the loss report counts."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.annotation.layers import Layer
from assay.formats.convert import convert
from assay.formats.losses import LossReport
from assay.formats.row_losses import LEFT_OUT
from tests.formats.deliveries import write
from tests.formats.located_files import Row, box, coco, read

ALL = "item, annotator, layer, position, kind, class, x, y, w, h, shape, text, attributes, confidence, crowd"
PLACE = ("item", "annotator", "layer")
NUMBERS = st.integers(0, 2_500).map(lambda number: number / 64)
PEOPLE = st.sampled_from(["anna", "bo/../x", "Ænne"])
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=5)
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
TEXT = "Müller & 😀 Söhne\n  in Köln, #a=b."


@st.composite
def annotations(draw: st.DrawFn) -> dict[str, Any]:
    """An annotation of COCO of any kind, with everything that may stand beside its place."""
    x, y, w, h = (draw(NUMBERS) for _ in range(4))
    points = [[x, y, x + w, y, x + w, y + h]]
    more: dict[str, Any] = {}
    kind = draw(st.sampled_from(["box", "polygon", "parts", "own box", "mask", "keypoints"]))
    if kind in ("polygon", "parts", "own box"):
        more["segmentation"] = points + ([[50, 50, 60, 50, 60, 70]] if kind == "parts" else [])
    if kind == "own box":
        w += 1
    if kind == "mask":
        more["segmentation"] = {"size": [80, 100], "counts": [810, 5, 75, 5, 7105]}
        x, y, w, h = 10, 10, 2, 5
    if kind == "keypoints":
        seen = [draw(st.integers(0, 2)) for _ in range(2)]
        more["keypoints"] = [x + 1, y + 1, seen[0], 5, 6, seen[1]]
    if draw(st.booleans()):
        more["score"] = draw(st.integers(0, 8)) / 8
    if draw(st.booleans()):
        more["attributes"] = draw(st.dictionaries(NAMES, NAMES, max_size=2))
    if draw(st.booleans()):
        more["iscrowd"] = 1
    return box(x, y, w, h, image=draw(st.integers(1, 3)), category=draw(st.sampled_from([3, 90])), **more)


IMAGES = st.dictionaries(PEOPLE, st.lists(annotations(), max_size=5), min_size=1, max_size=3)
SPANS = st.dictionaries(
    PEOPLE,
    st.lists(st.tuples(st.integers(0, 25), st.integers(1, 9), st.sampled_from(["PER", "LOC x"])), max_size=6),
    min_size=1, max_size=3,
)  # fmt: skip


def deliver(folder: Path, files: dict[str, str]) -> Path:
    """Files by the person they belong to."""
    lines = [
        f"  - {{path: {path}, annotator: {json.dumps(who)}, layer: first_pass}}\n"
        for who, path in files.items()
    ]
    write(folder, "delivery.yaml", "assay: delivery/1\nfiles:\n" + "".join(lines))
    return folder


def images(folder: Path, people: dict[str, list[dict[str, Any]]]) -> Path:
    files = {}
    for number, (who, found) in enumerate(people.items()):
        coco(folder / f"{number}.json", found, images=3)
        files[who] = f"{number}.json"
    return deliver(folder, files)


def texts(folder: Path, people: dict[str, list[tuple[int, int, str]]], text: str = TEXT) -> Path:
    files = {}
    for number, (who, found) in enumerate(people.items()):
        marks = [[at, min(at + size, len(text)), label] for at, size, label in found]
        records = [
            {"id": "t1", "text": text, "label": marks},
            {"id": "t2", "text": "one", "label": [[0, 3, "X"]]},
        ]
        write(folder, f"{number}.jsonl", "\n".join(map(json.dumps, records)))
        files[who] = f"{number}.jsonl"
    return deliver(folder, files)


def rows(path: Path, columns: str = ALL) -> list[dict[str, Any]]:
    with read(path) as seen:
        names = [name.strip() for name in columns.split(",")]
        return [dict(zip(names, row, strict=True)) for row in seen.rows(columns)]


def states(path: Path) -> list[Row]:
    with read(path) as seen:
        return seen.rows("item, annotator, layer, state", "annotation")


def counts(report: LossReport) -> Counter[str]:
    return Counter({one.kind: one.count for one in report.losses})


def alike(one: Any, other: Any) -> bool:
    """The same value, numbers to a millionth of a pixel; names of keypoints may be added."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(alike(one[key], other.get(key)) for key in one if one[key])
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == (pytest.approx(other, abs=1e-6) if isinstance(one, float) and other is not None else other)


def differences(before: list[dict[str, Any]], after: list[dict[str, Any]], dropped: set[str]) -> Counter[str]:
    """What really differs: objects that are gone, and columns of those that came back, in the words of the report."""
    found: Counter[str] = Counter()
    left = {place: [one for one in after if place == tuple(one[key] for key in PLACE)] for place in
            {tuple(one[key] for key in PLACE) for one in after}}  # fmt: skip
    for one in before:
        if one["kind"] in dropped:
            found[one["kind"]] += 1
            continue
        mine = left[tuple(one[key] for key in PLACE)]
        other = mine.pop(0)
        shape, again = (json.loads(row["shape"] or "{}") for row in (one, other))
        if one["kind"] == "keypoints" != other["kind"]:
            assert (other["kind"], sum(shape["points"][2::3])) == ("box", 0)
            found["unlabelled"] += 1
            found["visibility"] += 1
            one, shape = (
                other
                | {"attributes": one["attributes"], "confidence": one["confidence"], "crowd": one["crowd"]},
                {},
            )
        assert (one["kind"], one["class"]) == (other["kind"], other["class"])
        if len(shape.get("rings", [])) > 1:
            found["parts"] += 1
            again["rings"] += json.loads(mine.pop(0)["shape"])["rings"]
        elif not alike([one[key] for key in "xywh"], [other[key] for key in "xywh"]):
            found["frames"] += 1
        found["attributes"] += json.loads(one["attributes"] or "{}") != json.loads(
            other["attributes"] or "{}"
        )
        found["confidence"] += one["confidence"] != other["confidence"]
        found["crowd"] += one["crowd"] != other["crowd"]
        if one["kind"] == "keypoints":
            points, drawn = shape["points"], again["points"]
            found["visibility"] += sum(points[2::3]) != sum(drawn[2::3])
            found["places"] += sum(
                v == 0 and x + y > 0 for x, y, v in zip(points[::3], points[1::3], points[2::3], strict=True)
            )
            seen = [points[at : at + 2] for at in range(0, len(points), 3) if points[at + 2]]
            assert alike(seen, [drawn[at : at + 2] for at in range(0, len(drawn), 3) if drawn[at + 2]])
        else:
            assert alike(shape, again)
    assert not any(left.values())
    return +found


@pytest.mark.parametrize(
    ("to", "target", "dropped", "never"),
    [
        ("cvat", "out", set(), {"visibility", "attributes"}),
        ("label_studio", "out.json", set(), {"places", "attributes", "confidence"}),
        ("prodigy", "out", {"mask", "keypoints"}, {"places", "visibility", "confidence"}),
    ],
)
@settings(max_examples=25, deadline=None, phases=QUICK)
@given(people=IMAGES)
def test_shapes_come_back_up_to_what_the_report_counts(
    people: dict[str, list[dict[str, Any]]], to: Any, target: str, dropped: set[str], never: set[str]
) -> None:
    people["always"] = [box(1, 2, 3, 4)]  # an export without any region is one of whole items
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = images(folder / "in", people)
        report = convert([source], folder / target, to)
        before, after = rows(source), rows(folder / target)
        assert [one[:3] for one in states(source)] == [one[:3] for one in states(folder / target)]
        found = differences(before, after, dropped)
        told = counts(report)
        if (
            to == "label_studio"
        ):  # each point that changed is counted, and points nobody labelled are left out
            assert (told.pop("visibility", 0) > 0) == (found.pop("visibility", 0) > 0 or found["places"] > 0)
            found.pop("places", None)
        if told.pop("masks", 0):
            told["mask"] = sum(one["kind"] == "mask" for one in before)
        assert +told == found
        assert not never & found.keys()
        assert report.rows == len(before) - sum(found[kind] for kind in dropped)


@settings(max_examples=40, deadline=None, phases=QUICK)
@given(people=SPANS, to=st.sampled_from(["bio", "doccano", "prodigy", "label_studio"]))
def test_spans_come_back_up_to_what_the_report_counts(
    people: dict[str, list[tuple[int, int, str]]], to: Any
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = texts(folder / "in", people)
        target = folder / ("out.json" if to == "label_studio" else "out")
        report = convert([source], target, to)
        told = counts(report)
        before, after = rows(source), rows(target)
        assert states(source) == states(target) or told["no_tokens"]
        assert report.rows == len(after) == len(before) - sum(told[kind] for kind in LEFT_OUT)
        if to != "bio":
            assert (before, told) == (after, {})
            return
        kept = [one for one in before if one["text"].strip()]
        assert told["no_tokens"] == len(before) - len(kept)
        assert told["blanks"] == len(people)
        assert {"".join(one["text"].split()) for one in after} <= {
            "".join(one["text"].split()) for one in kept
        }
        assert told["blanks_in_spans"] <= sum(one["text"] != one["text"].strip() for one in kept)


def test_nobody_is_lost_in_silence_in_one_file(tmp_path: Path) -> None:
    source = images(tmp_path / "in", {"anna": [box(1, 1, 2, 2)], "bo": [box(1, 1, 2, 2)]})
    with pytest.raises(InputError, match=r"(?s)mix the answers .* 'anna' \(first_pass\), 'bo'"):
        convert([source], tmp_path / "all.xml", "cvat")
    alone = images(tmp_path / "alone", {"anna": [box(1, 1, 2, 2)]})
    assert counts(convert([alone], tmp_path / "one.xml", "cvat")) == {"annotator": 1, "layer": 1}
    with pytest.raises(InputError, match="would lose something"):
        convert([alone], tmp_path / "strict.xml", "cvat", strict=True)
    assert not (tmp_path / "strict.xml").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert convert([alone], tmp_path / "strict", "cvat", strict=True).losses == ()


def test_one_file_of_prodigy_names_its_people(tmp_path: Path) -> None:
    source = texts(tmp_path / "in", {"anna": [(0, 6, "PER")], "bo": []})
    assert convert([source], tmp_path / "all.jsonl", "prodigy", strict=True).rows == 3
    assert rows(source) == rows(tmp_path / "all.jsonl")


@pytest.mark.parametrize("to", ["coco", "voc", "yolo", "cvat"])
def test_spans_are_not_written_as_boxes(tmp_path: Path, to: Any) -> None:
    source = texts(tmp_path / "in", {"anna": [(0, 6, "PER")]})
    with pytest.raises(InputError, match="spans of texts cannot be written as boxes or shapes"):
        convert([source], tmp_path / "out", to)


@pytest.mark.parametrize("to", ["bio", "doccano"])
def test_boxes_are_not_written_as_spans(tmp_path: Path, to: Any) -> None:
    source = images(tmp_path / "in", {"anna": [box(1, 1, 2, 2)]})
    with pytest.raises(InputError, match="boxes and shapes cannot be written as spans"):
        convert([source], tmp_path / "out", to)


def test_tags_need_texts(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", json.dumps({"docid": "1", "P": {"anna": [[0, 5]]}}))
    with pytest.raises(InputError, match="the text is not known"):
        convert([path], tmp_path / "out", "bio")
    assert counts(convert([path], tmp_path / "out", "doccano")) == {"no_text": 1}


def test_only_the_layer_asked_for_is_written(tmp_path: Path) -> None:
    coco(tmp_path / "in" / "a.json", [box(1, 1, 2, 2)])
    coco(tmp_path / "in" / "g.json", [box(1, 1, 3, 3)])
    write(
        tmp_path / "in", "delivery.yaml",
        "assay: delivery/1\nfiles:\n  - {path: a.json, annotator: anna}\n  - {path: g.json, layer: review, annotator: rita}\n",
    )  # fmt: skip
    report = convert([tmp_path / "in"], tmp_path / "one.json", "label_studio", layers=[Layer.FIRST_PASS])
    assert (report.rows, report.left_out) == (1, 1)
    convert([tmp_path / "in"], tmp_path / "all.json", "label_studio", strict=True)
    assert {(one["annotator"], one["layer"]) for one in rows(tmp_path / "all.json")} == {
        ("anna", 1),
        ("rita", 3),
    }


def test_skipped_items_are_kept_where_a_format_can_say_it(tmp_path: Path) -> None:
    task = {"id": 1, "data": {"text": "ab"}, "annotations": [
        {"completed_by": 1, "result": [
            {"id": "r", "type": "labels", "from_name": "l", "value": {"start": 0, "end": 1, "labels": ["A"]}}]},
        {"completed_by": 2, "was_cancelled": True, "result": []},
    ]}  # fmt: skip
    source = write(tmp_path, "a.json", json.dumps([task]))
    for to, target in (("prodigy", "p"), ("label_studio", "l.json")):
        assert convert([source], tmp_path / target, to).losses == ()  # type: ignore[arg-type]
        assert states(tmp_path / target) == states(source)
    assert counts(convert([source], tmp_path / "d", "doccano")) == {"state": 1}
    assert len(states(tmp_path / "d")) == 1


def test_labels_of_whole_items_are_refused_in_words(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "item,annotator,label\n1,a,x\n")
    with pytest.raises(InputError, match="without boxes, shapes or spans"):
        convert([path], tmp_path / "out", "cvat")
