"""Redo lists as imports for CVAT and Label Studio: every item, the deciding layer, no gold."""

from __future__ import annotations

import json
from pathlib import Path

from assay.annotation.layers import Layer
from assay.formats.cvat_images import cvat_rows
from assay.formats.label_studio_regions import region_rows
from assay.formats.located_kinds import LocatedKind
from assay.formats.redo_import import write_redo_import
from tests.formats.deliveries import write
from tests.formats.gathered_rows import gather
from tests.formats.located_files import box, coco, read

YAML = """assay: delivery/1
files:
  - {path: anna.json, annotator: anna, layer: first_pass}
  - {path: bo.json, annotator: bo, layer: first_pass}
  - {path: rita.json, annotator: rita, layer: review}
  - {path: gold.json, layer: gold}
"""


def delivery(folder: Path) -> Path:
    coco(folder / "anna.json", [box(1, 1, 2, 2), box(5, 5, 2, 2, image=2)], images=4)
    coco(folder / "bo.json", [box(1, 1, 3, 3), box(5, 5, 4, 4, image=2)], images=3)
    coco(folder / "rita.json", [box(1, 1, 9, 9, category=90)], images=1)
    coco(folder / "gold.json", [box(50, 50, 20, 20), box(1, 1, 1, 1, image=2)], images=2)
    write(folder, "delivery.yaml", YAML)
    return folder


#: Reviewers have no pseudonym: nobody counts their votes.
NAMES = {"anna": "annotator-01", "bo": "annotator-02"}


def written(folder: Path, items: list[str], kind: LocatedKind = "boxes") -> list[str]:
    source = delivery(folder / "in")
    with read(source) as seen:
        names = write_redo_import(seen.connection, items, folder, kind, NAMES)
        assert not seen.connection.execute("FROM duckdb_tables() WHERE table_name = 'redo_item'").fetchall()
    return names


def test_images_hold_the_answer_that_decides(tmp_path: Path) -> None:
    assert written(tmp_path, ["a2.jpg", "a1.jpg", "unseen.jpg"]) == [
        "rework.cvat.xml",
        "rework.label-studio.json",
    ]
    got = gather(tmp_path / "rework.cvat.xml", cvat_rows)
    assert {one.item: [(o.label, o.w) for o in one.objects] for one in got.work} == {
        "a1.jpg": [("bus", 9)], "a2.jpg": [("car", 2)], "unseen.jpg": [],
    }  # fmt: skip
    assert [(one.width, one.height) for one in got.images] == [(100, 80), (100, 80), (None, None)]


def test_tasks_hold_what_everybody_delivered_as_predictions(tmp_path: Path) -> None:
    written(tmp_path, ["a1.jpg", "a2.jpg", "a4.jpg", "unseen.jpg"])
    got = gather(tmp_path / "rework.label-studio.json", region_rows)
    assert [(one.item, one.annotator, one.layer, [o.w for o in one.objects]) for one in got.work] == [
        ("a1.jpg", "model:delivered", Layer.PRELABEL, [9]),
        ("a2.jpg", "model:annotator-01", Layer.PRELABEL, [2]),
        ("a2.jpg", "model:annotator-02", Layer.PRELABEL, [4]),
        ("a4.jpg", "model:annotator-01", Layer.PRELABEL, []),
    ]
    tasks = json.loads((tmp_path / "rework.label-studio.json").read_text())
    assert [task["data"]["assay_item"] for task in tasks] == ["a1.jpg", "a2.jpg", "a4.jpg", "unseen.jpg"]
    assert not any(task["annotations"] for task in tasks)


def test_spans_make_tasks_alone(tmp_path: Path) -> None:
    records = [{"id": "t1", "text": "ab cd", "label": [[0, 2, "X"]]}, {"id": "t2", "text": "ef", "label": []}]
    write(tmp_path / "in", "a.jsonl", "\n".join(map(json.dumps, records)))
    with read(tmp_path / "in") as seen:
        assert write_redo_import(seen.connection, ["t1"], tmp_path, "spans") == ["rework.label-studio.json"]
    got = gather(tmp_path / "rework.label-studio.json", region_rows)
    assert (got.texts, got.spans) == ({"t1": "ab cd"}, [("X", 0, 2, "ab")])


def test_an_empty_redo_list_makes_empty_files(tmp_path: Path) -> None:
    written(tmp_path, [])
    assert json.loads((tmp_path / "rework.label-studio.json").read_text()) == []
    assert "<image" not in (tmp_path / "rework.cvat.xml").read_text()
