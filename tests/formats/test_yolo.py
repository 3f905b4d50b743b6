from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from assay.annotation.errors import InputError
from assay.formats.convert import convert
from tests.formats.deliveries import write
from tests.formats.located_files import BOX, read

NAMES = "names: [car, bus]\n"


def picture(folder: Path, name: str, size: tuple[int, int] = (100, 50)) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size).save(folder / name)


def test_a_box_in_pixels_of_the_picture_beside_it(tmp_path: Path) -> None:
    write(tmp_path, "data.yaml", NAMES)
    write(tmp_path, "labels/train/a.txt", "1 0.5 0.5 0.2 0.4\n")
    picture(tmp_path, "images/train/a.png")
    with read(tmp_path) as seen:
        assert seen.rows(BOX) == [("a.png", "(not named)", "bus", 40.0, 15.0, 20.0, 20.0)]
        assert seen.rows("width, height", "image") == [(100, 50)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data.yaml", "path: .\nnames:\n  0: car\n  1: bus\nnc: 2\n"),
        ("classes.txt", "car\nbus\n\n"),
        ("obj.names", "car\r\nbus"),
    ],
)
@pytest.mark.parametrize(
    "rows", ["labels/train/a.txt", "train/labels/a.txt", "obj_train_data/a.txt", "labels/a.txt"]
)
def test_names_and_folders_in_every_usual_way(tmp_path: Path, name: str, text: str, rows: str) -> None:
    write(tmp_path, name, text)
    write(tmp_path, rows, "1 0.5 0.5 0.2 0.4\n")
    with read(tmp_path) as seen:
        assert seen.rows("item, class") == [("a", "bus")]


def test_an_empty_file_was_looked_at_and_a_missing_one_was_not(tmp_path: Path) -> None:
    write(tmp_path, "data.yaml", NAMES)
    write(tmp_path, "labels/a.txt", "0 0.5 0.5 0.2 0.4\n")
    write(tmp_path, "labels/b.txt", "")
    for name in "abc":
        picture(tmp_path, f"images/{name}.jpg")
    with read(tmp_path) as seen:
        assert seen.rows("item, state", "annotation") == [("a.jpg", 2), ("b.jpg", 1)]
        assert "1 pictures" in seen.finding("pictures_without_labels")


def test_sizes_come_from_the_manifest(tmp_path: Path) -> None:
    write(tmp_path, "data/data.yaml", NAMES)
    write(tmp_path, "data/labels/a.txt", "0 0.5 0.5 0.2 0.4\n")
    write(tmp_path, "items.csv", "item,width,height\na.jpg,200,100\n")
    text = (
        "assay: delivery/1\nitems: {path: items.csv}\nfiles: [{path: data, format: yolo, annotator: anna}]\n"
    )
    with read(tmp_path, yaml=write(tmp_path, "delivery.yaml", text)) as seen:
        assert seen.rows(BOX) == [("a.jpg", "anna", "car", 80.0, 30.0, 40.0, 40.0)]


def test_without_sizes_shares_stay_and_pixels_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "in/data.yaml", NAMES)
    write(tmp_path, "in/labels/a.txt", "0 0.5 0.5 0.2 0.4\n")
    with read(tmp_path / "in") as seen:
        assert seen.rows("x, y, w, h") == [(0.4, 0.3, 0.2, 0.4)]
        assert "image_size_unknown" in seen.finding_kinds
    with pytest.raises(InputError, match="width and height"):
        convert([tmp_path / "in"], tmp_path / "out", "voc")
    assert convert([tmp_path / "in"], tmp_path / "out", "yolo").rows == 1


def test_outlines_keypoints_and_rotated_boxes(tmp_path: Path) -> None:
    square = "0.1 0.2 0.3 0.2 0.3 0.4 0.1 0.4"
    for name, extra, row in (
        ("segment", "", "0 0.1 0.2 0.3 0.2 0.3 0.4\n0 0.5 0.5 0.2 0.4\n"),
        ("pose", "kpt_shape: [2, 3]\nkpt_names: {0: [nose, tail]}\n", "0 0.5 0.5 0.2 0.4 0.5 0.5 2 0 0 0\n"),
        ("obb", "", f"0 {square}\n"),
    ):
        write(tmp_path, f"{name}/data.yaml", NAMES + extra)
        write(tmp_path, f"{name}/labels/{name}.txt", row)
        picture(tmp_path, f"{name}/images/{name}.png", (100, 100))
    with read(tmp_path) as seen:
        assert seen.rows("item, kind") == [
            ("obb.png", "rotated_box"), ("pose.png", "keypoints"), ("segment.png", "box"), ("segment.png", "polygon"),
        ]  # fmt: skip
        shapes = dict(seen.rows("kind, shape"))  # type: ignore[arg-type]
        assert shapes["keypoints"] == '{"points":[50.0,50.0,2,0.0,0.0,0],"names":["nose","tail"]}'
        assert '"angle":0.0' in str(shapes["rotated_box"])
        assert "declare `profile: segment`" in seen.finding("yolo_task_assumed")


def test_a_number_behind_the_coordinates_is_confidence_unless_it_cannot_be(tmp_path: Path) -> None:
    for name, value in (("a", "0.75"), ("b", "17")):
        write(tmp_path, f"{name}/data.yaml", NAMES)
        write(tmp_path, f"{name}/labels/{name}.txt", f"0 0.5 0.5 0.2 0.4 {value}\n")
    with read(tmp_path) as seen:
        assert seen.rows("item, confidence, attributes") == [
            ("a", 0.75, None),
            ("b", None, '{"track_id":"17"}'),
        ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2 0.5 0.5 0.2 0.4", "out of range"),
        ("-1 0.5 0.5 0.2 0.4", "out of range"),
        ("0.5 0.5 0.5 0.2 0.4", "out of range"),
        ("0 0.5 0.5 0.2 nan", "no number"),
        ("0 0.5 0.5 0.2 inf", "no number"),
        ("0 0.5 0.5 0.2 1e300", "finite number"),
        ("0 0.5 0.5 0.2 x", "no number"),
        ("0 0.5 0.5 0.2 1_0", "else than numbers"),
        ("0 0.5 0.5", "wrong count"),
        ("0 0.5 0.5 0.2 0.4 0.1 0.2 0.3", "wrong count"),
    ],
)
def test_rows_that_are_none_are_refused_with_their_file(tmp_path: Path, row: str, said: str) -> None:
    write(tmp_path, "data.yaml", NAMES)
    write(tmp_path, "labels/a.txt", "0 0.5 0.5 0.2 0.4\n")
    write(tmp_path, "labels/b.txt", f"0 0.5 0.5 0.2 0.4\n{row}\n")
    with pytest.raises(InputError, match=said), read(tmp_path):
        pass


def test_roboflow_marks_are_stripped_when_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "d/data.yaml", NAMES)
    write(tmp_path, "d/labels/fish_jpg.rf.0a1b2c.txt", "0 0.5 0.5 0.2 0.4\n")
    text = (
        "assay: delivery/1\nfiles: [{path: d, format: yolo, annotator: anna, profile: 'detect, roboflow'}]\n"
    )
    with read(tmp_path, yaml=write(tmp_path, "delivery.yaml", text)) as seen:
        assert seen.rows("item") == [("fish.jpg",)]


def test_a_folder_of_more_than_ten_thousand_files_is_read(tmp_path: Path) -> None:
    write(tmp_path, "data.yaml", NAMES)
    (tmp_path / "labels").mkdir()
    for number in range(10_100):
        (tmp_path / "labels" / f"{number}.txt").write_bytes(b"1 0.5 0.5 0.2 0.4\n")
    with read(tmp_path) as seen:
        assert seen.rows("count(DISTINCT item)") == [(10_100,)]
