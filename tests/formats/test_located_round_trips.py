"""What was converted is read back: the same up to the losses that the report counts, and people are never lost."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.formats.convert import convert
from assay.formats.losses import LossReport
from tests.formats.deliveries import write
from tests.formats.located_files import Row, box, coco, read

ALL = "item, annotator, layer, position, kind, class, x, y, w, h, shape, attributes, confidence, crowd"
NUMBERS = st.integers(0, 6_000).map(lambda number: number / 64)
BOXES = st.lists(
    st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.sampled_from([3, 90]), st.integers(1, 3)), max_size=6
)
PEOPLE = st.dictionaries(st.sampled_from(["anna", "bo/../x", "Ænne", "anna "]), BOXES, min_size=1, max_size=3)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


def delivery(folder: Path, people: dict[str, list[tuple[float, ...]]]) -> Path:
    """One COCO file for each person, and the delivery.yaml that names them."""
    lines = []
    for number, (name, boxes) in enumerate(people.items()):
        rows = [box(*one[:4], category=int(one[4]), image=int(one[5])) for one in boxes]
        coco(folder / f"{number}.json", rows, images=3)
        lines.append(f"  - {{path: {number}.json, annotator: {json.dumps(name)}}}\n")
    write(folder, "delivery.yaml", "assay: delivery/1\nfiles:\n" + "".join(lines))
    return folder


def rows(path: Path, columns: str = ALL, table: str = "object") -> list[Row]:
    with read(path) as seen:
        return seen.rows(columns, table)


def there_and_back(folder: Path, to: str, columns: str = ALL) -> tuple[LossReport, list[Row], list[Row]]:
    report = convert([folder / "in"], folder / "out", to)  # type: ignore[arg-type]
    states = "item, annotator, layer, state"
    assert rows(folder / "in", states, "annotation") == rows(folder / "out", states, "annotation")
    return report, rows(folder / "in", columns), rows(folder / "out", columns)


@settings(max_examples=12)
@given(PEOPLE)
def test_coco_loses_nothing_of_boxes_and_people(people: dict[str, list[tuple[float, ...]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        delivery(folder / "in", people)
        report, before, after = there_and_back(folder, "coco")
        assert before == after
        assert report.losses == ()


@settings(max_examples=12)
@given(PEOPLE)
def test_voc_moves_edges_by_what_the_report_says(people: dict[str, list[tuple[float, ...]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        delivery(folder / "in", people)
        columns = "item, annotator, layer, position, class, x, y, w, h"
        report, before, after = there_and_back(folder, "voc", columns)
        assert [one[:5] for one in before] == [one[:5] for one in after]
        moved = 0
        for old, new in zip(before, after, strict=True):
            x, y, w, h = map(float, old[5:])  # type: ignore[arg-type]
            a, b, c, d = map(float, new[5:])  # type: ignore[arg-type]
            shifts = [abs(x - a), abs(y - b), abs(x + w - a - c), abs(y + h - b - d)]
            moved += any(shifts)
            assert max(shifts[:2]) <= 0.5
            assert max(shifts) <= 1
        assert sum(one.count for one in report.losses if one.kind == "rounding") == moved


@settings(max_examples=12)
@given(PEOPLE)
def test_yolo_moves_edges_by_no_more_than_the_report_says(people: dict[str, list[tuple[float, ...]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        delivery(folder / "in", people)
        columns = "item, annotator, layer, position, class, x, y, x + w, y + h"
        report, before, after = there_and_back(folder, "yolo", columns)
        for old, new in zip(before, after, strict=True):
            assert old[:5] == new[:5]
            assert old[5:] == pytest.approx(new[5:], abs=100 * 0.75e-6 + 1e-9)
        assert sum(one.count for one in report.losses if one.kind == "rounding") == len(before)


@settings(max_examples=12)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_any_text_of_a_class_and_an_attribute_comes_back(pairs: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "in" / "c.json"
        classes = [key for key, _ in pairs]
        coco(
            path, [box(1, 2, 3, 4, category=3 + 87 * at, attributes={"k " + value: value}) for at, (_, value) in enumerate(pairs)],
            categories=classes,
        )  # fmt: skip
        for to in ("coco", "voc"):
            target = folder / to
            report = convert([path], target, to)  # type: ignore[arg-type]
            same = rows(path, "class, attributes") == rows(target, "class, attributes")
            blanks = any(text != text.strip() for pair in pairs for text in pair)
            assert same or (to == "voc" and blanks), report.losses


def test_shapes_survive_coco_and_lose_what_is_said_elsewhere(tmp_path: Path) -> None:
    coco(
        tmp_path / "in" / "c.json",
        [
            box(0, 0, 10, 10, segmentation=[[0, 0, 10, 0, 10, 10], [1, 1, 2, 1, 2, 2]]),
            box(0, 0, 100, 80, segmentation={"size": [80, 100], "counts": [0, 8000]}, iscrowd=1),
            box(1, 1, 3, 3, keypoints=[1, 1, 2, 3, 3, 1], score=0.25, attributes={"colour": "red"}),
        ],
    )
    report, before, after = there_and_back(tmp_path, "coco")
    assert (before, report.losses) == (after, ())
    lost = {one.kind: one.count for one in convert([tmp_path / "in"], tmp_path / "voc", "voc").losses}
    expected = {
        "crowd": 1,
        "polygon": 1,
        "keypoints": 1,
        "confidence": 1,
        "class_numbers": 2,
        "unused_classes": 1,
    }
    assert lost == expected
    lost = {one.kind: one.count for one in convert([tmp_path / "in"], tmp_path / "yolo", "yolo").losses}
    assert lost == {
        "crowd": 1, "keypoints": 1, "parts": 1, "attributes": 1, "confidence": 1, "class_numbers": 2, "rounding": 2
    }  # fmt: skip


def test_strict_refuses_any_loss_and_writes_nothing(tmp_path: Path) -> None:
    delivery(tmp_path / "in", {"anna": [(1.5, 1, 2, 2, 3, 1)]})
    with pytest.raises(InputError, match="fractions of a pixel"):
        convert([tmp_path / "in"], tmp_path / "out", "voc", strict=True)
    assert convert([tmp_path / "in"], tmp_path / "out", "coco", strict=True).rows == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_several_people_in_one_coco_file_keep_their_names_and_the_rest_is_counted(tmp_path: Path) -> None:
    delivery(tmp_path / "in", {"anna": [(1, 1, 2, 2, 3, 1)], "bo": [(1, 1, 2, 3, 3, 1)]})
    report = convert([tmp_path / "in"], tmp_path / "all.json", "coco")
    assert rows(tmp_path / "in") == rows(tmp_path / "all.json")
    assert [(one.kind, one.count) for one in report.losses] == [("empty", 4)]


def test_an_assumed_dialect_is_a_loss(tmp_path: Path) -> None:
    text = "<annotation><object><name>c</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>"
    path = write(tmp_path, "a.xml", text)
    assert [one.kind for one in convert([path], tmp_path / "a.json", "coco").losses] == [
        "voc_profile_assumed"
    ]


def test_two_images_of_one_stem_both_get_their_file(tmp_path: Path) -> None:
    path = coco(tmp_path / "in" / "c.json", [box(1, 1, 2, 2), box(5, 5, 2, 2, image=2)])
    path.write_text(path.read_text().replace("a2.jpg", "a1.png"), encoding="utf-8")
    for to in ("voc", "yolo"):
        convert([path], tmp_path / to, to)  # type: ignore[arg-type]
        assert rows(tmp_path / to, "item") == [("a1.jpg",), ("a1.png",)]
