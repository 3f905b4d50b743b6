"""The public samples of COCO, Pascal VOC and YOLO: every file is read or refused for a reason that stands here."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.formats.inspect import inspect
from tests.paths import SHARED, needs_shared

SAMPLES = SHARED / "samples"

#: Files that are refused, with the reason. A file that is read must not stand here.
REFUSED: dict[str, str] = {}


def label_files() -> list[Path]:
    """What holds labels: documents of COCO and VOC, and the folders of YOLO data sets."""
    if not SAMPLES.is_dir():
        return []
    files = [*sorted((SAMPLES / "coco").rglob("*.json")), *sorted((SAMPLES / "voc").rglob("*.xml"))]
    files += sorted((SAMPLES / "roboflow").rglob("_annotations.coco.json"))
    return files + sorted({path.parent for path in (SAMPLES / "yolo").rglob("*") if path.name in
                           ("data.yaml", "obj.names", "classes.txt")})  # fmt: skip


def outcome(path: Path) -> str:
    """Empty when the file is read, else the refusal."""
    try:
        document = inspect([path])
    except InputError as error:
        return error.message
    return "" if "objects" in document else "not taken for located labels"


@needs_shared
def test_every_sample_is_read_or_refused_for_a_reason_in_the_table() -> None:
    found = {str(path.relative_to(SAMPLES)): outcome(path) for path in label_files()}
    assert {name: said for name, said in found.items() if said} == REFUSED
    assert len(found) >= 30
    assert len(REFUSED) <= len(found) * 0.05


@needs_shared
@pytest.mark.parametrize(
    ("path", "objects", "images"),
    [
        ("coco/labelbox-python/rle.json", 231, 10),
        ("coco/mmpose/test_coco.json", 14, 4),
        ("coco/panopticapi/panoptic_examples.json", 50, 2),
        ("voc/roboflow-python/chess", 108, 6),
        ("yolo/roboflow-python/sharks-tiny-yolov9", 44, 7),
        ("yolo/label-studio-sdk/test_import_yolo_data", 13, 4),
    ],
)
def test_samples_hold_what_their_makers_put_there(path: str, objects: int, images: int) -> None:
    document = inspect([SAMPLES / path])
    assert (document["labels"], document["items"]) == (objects, images)
