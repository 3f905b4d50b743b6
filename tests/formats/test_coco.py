from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError, LimitError
from assay.annotation.layers import Layer
from assay.annotation.limits import Limits
from assay.formats.inspect import inspect
from assay.formats.read import read_delivery
from tests.formats.deliveries import write
from tests.formats.located_files import BOX, box, coco, read


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as refusal, read(path):
        pass
    return refusal.value


def test_boxes_keep_their_numbers_and_their_order(tmp_path: Path) -> None:
    path = coco(tmp_path / "c.json", [box(10.4, 5.5, 20.33, 30.21), box(1, 2, 3, 4, category=90, image=2)])
    with read(path) as seen:
        assert seen.rows(BOX) == [
            ("a1.jpg", "(not named)", "car", 10.4, 5.5, 20.33, 30.21),
            ("a2.jpg", "(not named)", "bus", 1.0, 2.0, 3.0, 4.0),
        ]
        assert seen.rows("class, id", "object_class") == [("bus", "90"), ("car", "3")]
        assert seen.delivery.kind == "boxes"


def test_categories_and_images_may_come_after_the_annotations(tmp_path: Path) -> None:
    document = json.loads(coco(tmp_path / "c.json", [box(1, 2, 3, 4), box(5, 6, 7, 8)]).read_text())
    turned = {key: document[key] for key in ("annotations", "categories", "images")}
    (tmp_path / "c.json").write_text(json.dumps(turned), encoding="utf-8")
    with read(tmp_path / "c.json") as seen:
        assert seen.rows("item, class, position") == [("a1.jpg", "car", 0), ("a1.jpg", "car", 1)]


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    data = coco(tmp_path / "c.json", [box(1, 2, 3, 4)]).read_bytes()
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(data))
    with read(tmp_path / "c.json.gz") as seen:
        assert len(seen.rows("item")) == 1


def test_shapes_of_every_kind(tmp_path: Path) -> None:
    path = coco(
        tmp_path / "c.json",
        [
            {"image_id": 1, "category_id": 3, "segmentation": [[0, 0, 10, 0, 10, 10]]},
            {
                "image_id": 1,
                "category_id": 3,
                "segmentation": {"size": [80, 100], "counts": [8000]},
                "iscrowd": 1,
            },
            {"image_id": 2, "category_id": 3, "keypoints": [0, 0, 0, 4, 5, 2, 6, 9, 1]},
            {"image_id": 2, "category_id": 90},
        ],
    )
    with read(path) as seen:
        assert seen.rows("kind, shape, x, w, crowd") == [
            ("field", None, None, None, False),
            ("keypoints", '{"points":[0,0,0,4,5,2,6,9,1]}', 4.0, 2.0, False),
            ("mask", '{"size":[80,100],"counts":[8000]}', 0.0, 0.0, True),
            ("polygon", '{"rings":[[0,0,10,0,10,10]]}', 0.0, 10.0, False),
        ]


def test_names_of_keypoints_come_from_the_category(tmp_path: Path) -> None:
    categories = [{"id": 3, "name": "person", "keypoints": ["nose", "tail"]}]
    path = coco(tmp_path / "c.json", [box(0, 0, 5, 5, keypoints=[1, 1, 2, 3, 3, 2])], categories=())
    document = json.loads(path.read_text()) | {"categories": categories}
    path.write_text(json.dumps(document), encoding="utf-8")
    with read(path) as seen:
        assert seen.rows("shape") == [('{"points":[1,1,2,3,3,2],"names":["nose","tail"]}',)]


def test_an_image_without_annotations_was_looked_at(tmp_path: Path) -> None:
    with read(coco(tmp_path / "c.json", [box(1, 2, 3, 4)])) as seen:
        assert seen.rows("item, state", "annotation") == [("a1.jpg", 2), ("a2.jpg", 1)]


def test_a_file_of_images_alone_says_nothing_about_work(tmp_path: Path) -> None:
    with read(coco(tmp_path / "c.json", [], categories=())) as seen:
        assert (seen.rows("item", "annotation"), len(seen.rows("item", "image"))) == ([], 2)


def test_results_are_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text(json.dumps([box(1, 2, 3, 4, score=0.5, image=7)]), encoding="utf-8")
    with read(tmp_path / "net.json") as seen:
        assert seen.rows("item, annotator, layer, class, confidence") == [("7", "model:net", 0, "3", 0.5)]
        assert {"items_by_number", "classes_without_names"} <= seen.finding_kinds


def test_annotations_may_name_their_people(tmp_path: Path) -> None:
    path = coco(
        tmp_path / "c.json",
        [box(1, 2, 3, 4, annotator="anna"), box(1, 2, 3, 4, attributes={"annotator": "bo"})],
    )
    with read(path) as seen:
        assert seen.rows("item, annotator, layer") == [("a1.jpg", "anna", 1), ("a1.jpg", "bo", 1)]


def test_a_file_is_one_persons_where_delivery_yaml_says_so(tmp_path: Path) -> None:
    coco(tmp_path / "one.json", [box(1, 2, 3, 4)])
    coco(tmp_path / "two.json", [box(1, 2, 3, 5)])
    files = "[{path: one.json, annotator: anna}, {path: two.json, annotator: bo, layer: review}]"
    yaml = write(tmp_path, "delivery.yaml", f"assay: delivery/1\nfiles: {files}\n")
    with read(tmp_path, yaml=yaml) as seen:
        assert seen.rows("annotator, layer, h") == [("anna", 1, 4.0), ("bo", 3, 5.0)]


def test_undeclared_files_of_the_same_images_are_of_several_people(tmp_path: Path) -> None:
    coco(tmp_path / "one.json", [box(1, 2, 3, 4)])
    coco(tmp_path / "two.json", [box(1, 2, 3, 5)])
    with read(tmp_path) as seen:
        assert seen.rows("annotator, h") == [("one", 4.0), ("two", 5.0)]
        assert "annotator: one" in seen.finding("annotator_from_file")


def test_the_root_category_of_roboflow_is_no_class(tmp_path: Path) -> None:
    categories = [
        {"id": 0, "name": "fish", "supercategory": "none"}, {"id": 3, "name": "shark", "supercategory": "fish"}
    ]  # fmt: skip
    path = coco(tmp_path / "c.json", [box(1, 2, 3, 4)])
    path.write_text(json.dumps(json.loads(path.read_text()) | {"categories": categories}), encoding="utf-8")
    with read(path) as seen:
        assert seen.rows("class", "object_class") == [("shark",)]
        assert "'fish'" in seen.finding("root_category")


def test_one_image_listed_twice_is_said(tmp_path: Path) -> None:
    images = [{"id": at, "file_name": "same.jpg"} for at in (0, 1)]
    path = coco(tmp_path / "c.json", [box(1, 2, 3, 4, image=0), box(1, 2, 3, 4, image=1)])
    path.write_text(json.dumps(json.loads(path.read_text()) | {"images": images}), encoding="utf-8")
    with read(path) as seen:
        assert seen.rows("item, position") == [("same.jpg", 0), ("same.jpg", 1)]
        assert "image_listed_twice" in seen.finding_kinds


def test_names_that_lead_outside_lose_their_folders(tmp_path: Path) -> None:
    images = [{"id": 1, "file_name": "../../etc/passwd"}, {"id": 2, "file_name": "C:\\photos\\b.jpg"}]
    path = coco(tmp_path / "c.json", [box(1, 2, 3, 4)])
    path.write_text(json.dumps(json.loads(path.read_text()) | {"images": images}), encoding="utf-8")
    with read(path) as seen:
        assert seen.rows("item", "image") == [("b.jpg",), ("passwd",)]
        assert "name_leads_outside" in seen.finding_kinds


def test_two_points_are_no_outline_and_the_box_stays(tmp_path: Path) -> None:
    with read(coco(tmp_path / "c.json", [box(1, 2, 3, 4, segmentation=[[1, 2, 4, 6]])])) as seen:
        assert seen.rows("kind, w") == [("box", 3.0)]
        assert "annotations[0]" in seen.finding("broken_outline")


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (box(1, 2, 3, 4, segmentation={"size": [80, 100], "counts": [51, 5, 10]}), "do not fill"),
        (box(1, 2, 3), "four numbers"),
        (box(1, 2, 3, 1e300), "finite number of pixels"),
        (box(1, 2, 3, 4, category=4), "not listed"),
        (box(1, 2, 3, 4, image=9), "not listed"),
        (box(1, 2, 3, 4, keypoints=[1, 2]), "triples"),
        (box(1, 2, 3, 4, segmentation=[["a"]]), "numbers"),
        ({"category_id": 3, "bbox": [1, 2, 3, 4]}, "names no image"),
        ({"image_id": 1, "category_id": None, "bbox": [1, 2, 3, 4]}, "no category"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_place(
    tmp_path: Path, annotation: dict[str, object], said: str
) -> None:
    error = refused(coco(tmp_path / "c.json", [box(1, 2, 3, 4), annotation]))
    assert said in str(error)
    assert "annotations" in str(error.place)


def test_infinite_numbers_are_no_json(tmp_path: Path) -> None:
    path = coco(tmp_path / "c.json", [box(1, 2, 3, float("inf"))])
    assert "annotations[0]" in str(refused(path))


def test_negative_and_outlying_boxes_are_findings(tmp_path: Path) -> None:
    path = coco(tmp_path / "c.json", [box(1, 2, -3, 4), box(90, 2, 30, 4), box(1, 2, 3, 4), box(1, 2, 3, 4)])
    kinds = {finding["kind"] for finding in inspect([path])["findings"]}  # type: ignore[attr-defined]
    assert {"no_area", "outside_image", "near_duplicates"} <= kinds


def test_a_hundred_thousand_categories_and_objects_on_one_image_are_read_in_seconds(tmp_path: Path) -> None:
    names = [f"class {at}" for at in range(100_000)]
    path = coco(tmp_path / "c.json", [box(at % 90, at % 70, 5, 5) for at in range(10_000)], categories=names)
    begin = time.process_time()
    inspect([path])
    assert time.process_time() - begin < 10
    with pytest.raises(LimitError), read(path, limits=Limits(classes=1_000)):
        pass


def test_a_delivery_of_boxes_is_read_with_its_gold(tmp_path: Path) -> None:
    path = coco(tmp_path / "c.json", [box(1, 2, 3, 4)])
    gold = coco(tmp_path / "g.json", [box(1, 2, 3, 4)])
    with open_connection(readable=[path, gold]) as connection:
        delivery = read_delivery([path], connection=connection, gold=gold)
        layers = connection.execute("SELECT DISTINCT layer FROM object ORDER BY 1").fetchall()
        assert connection.execute("SELECT * FROM gold_item ORDER BY 1").fetchall() == [
            ("a1.jpg", "acceptance"),
            ("a2.jpg", "acceptance"),
        ]
    assert delivery.kind == "boxes"
    assert delivery.gold is not None
    assert delivery.gold.items == 2
    assert layers == [(int(Layer.FINAL),), (int(Layer.GOLD),)]


def test_gold_of_whole_items_does_not_fit_a_delivery_of_boxes(tmp_path: Path) -> None:
    path = coco(tmp_path / "c.json", [box(1, 2, 3, 4)])
    gold = tmp_path / "g.csv"
    gold.write_text("item,label\na.jpg,cat\n")
    with (
        open_connection(readable=[path, gold]) as connection,
        pytest.raises(InputError, match="gold holds no located labels"),
    ):
        read_delivery([path], connection=connection, gold=gold)


@pytest.mark.parametrize("more", [{}, {"date_captured": "2026"}])
def test_where_the_pictures_lie_is_kept(tmp_path: Path, more: dict[str, str]) -> None:
    images = [{"id": 1, "file_name": "day/a.jpg", "width": 5, "height": 5, **more}]
    path = tmp_path / "c.json"
    path.write_text(
        json.dumps(
            {"images": images, "annotations": [box(1, 1, 2, 2)], "categories": [{"id": 3, "name": "c"}]}
        )
    )
    with read(path) as seen:
        assert seen.rows("item, path", "image") == [("a.jpg", "day/a.jpg")]
