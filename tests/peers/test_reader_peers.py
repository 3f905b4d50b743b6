"""Readers and writers of COCO, VOC and YOLO beside datumaro and pycocotools, of Label Studio beside its own package.

Where another reader loses or changes what the file says, a test shows what it does and that ours does not.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from scipy import ndimage

from assay.annotation.errors import InputError
from assay.formats.convert import convert
from assay.formats.rle import area_of_counts, checked_counts, mask_of_counts
from tests.formats.deliveries import write
from tests.formats.located_files import Row, box, coco, read
from tests.peers.randomness import SEEDS

SINGLE = 2e-5
"""Two numbers below 100 that differ by this much are the same at single precision, sums included."""


def random_coco(folder: Path, seed: int, images: int = 4, number: int = 12) -> Path:
    """A COCO file as datumaro wants it: in ``annotations`` beside ``images``, with all keys."""
    draw = np.random.default_rng(seed)
    rows = []
    for _ in range(number):
        x, y = draw.uniform(0, 60, 2).round(2).tolist()
        w, h = draw.uniform(2, 20, 2).round(2).tolist()
        category, image = (3, 90)[draw.integers(2)], int(draw.integers(1, images + 1))
        rows.append(box(x, y, w, h, category=category, image=image, area=w * h, iscrowd=0, segmentation=[]))
    (folder / "images").mkdir(parents=True)
    return coco(folder / "annotations" / "instances_train.json", rows, images=images)


def datumaro_rows(folder: Path, form: str) -> list[Row]:
    """Item, class and box as datumaro reads them."""
    datumaro = pytest.importorskip("datumaro", reason="datumaro is not installed")
    found = datumaro.Dataset.import_from(str(folder), form)
    names = [one.name for one in found.categories()[datumaro.AnnotationType.label].items]
    return sorted(
        (item.id, names[one.label], *one.get_bbox())
        for item in found
        for one in item.annotations
        if one.type == datumaro.AnnotationType.bbox
    )


def our_rows(*sources: Path, yaml: Path | None = None) -> list[Row]:
    """The same as we read them; an item without the ending of its image."""
    with read(*sources, yaml=yaml) as seen:
        return sorted(
            (Path(str(item)).stem, *rest) for item, *rest in seen.rows("item, class, x, y, w, h", "object")
        )


def assert_close(one: list[Row], other: list[Row], within: float) -> None:
    def order(rows: list[Row]) -> list[Row]:
        return sorted(rows, key=lambda row: (row[0], row[1], *(round(float(str(n)), 1) for n in row[2:])))

    one, other = order(one), order(other)
    assert [row[:2] for row in one] == [row[:2] for row in other]
    assert np.allclose([row[2:] for row in one], [row[2:] for row in other], rtol=0, atol=within)


@pytest.mark.parametrize("seed", SEEDS)
def test_coco_is_read_as_datumaro_reads_it_at_single_precision(tmp_path: Path, seed: int) -> None:
    path = random_coco(tmp_path, seed)
    assert_close(our_rows(path), datumaro_rows(tmp_path, "coco"), SINGLE)


def test_coco_keeps_numbers_and_digits_that_datumaro_changes(tmp_path: Path) -> None:
    datumaro = pytest.importorskip("datumaro", reason="datumaro is not installed")
    rows = [box(10.4, 5.5, 20.33, 30.21, category=90, area=614.17, iscrowd=0, segmentation=[])]
    path = coco(tmp_path / "in" / "annotations" / "instances_train.json", rows, images=1)
    (tmp_path / "in" / "images").mkdir()
    theirs = datumaro.Dataset.import_from(str(tmp_path / "in"), "coco")
    theirs.export(str(tmp_path / "theirs"), "coco", save_media=False)
    again = json.loads((tmp_path / "theirs" / "annotations" / "instances_train.json").read_bytes())
    assert [one["id"] for one in again["categories"]] == [1, 2]
    assert again["annotations"][0]["category_id"] == 2
    convert([path], tmp_path / "ours", "coco")
    (file,) = (tmp_path / "ours").rglob("*.json")
    kept = json.loads(file.read_bytes())
    assert [one["id"] for one in kept["categories"]] == [3, 90]
    assert kept["annotations"][0]["category_id"] == 90
    assert kept["annotations"][0]["bbox"] == [10.4, 5.5, 20.33, 30.21]
    assert datumaro_rows(tmp_path / "in", "coco")[0][2] != 10.4 == our_rows(path)[0][2]


@pytest.mark.parametrize("seed", SEEDS)
def test_voc_of_datumaro_is_read_as_it_was_written(tmp_path: Path, seed: int) -> None:
    datumaro = pytest.importorskip("datumaro", reason="datumaro is not installed")
    path = random_coco(tmp_path / "in", seed)
    theirs = datumaro.Dataset.import_from(str(tmp_path / "in"), "coco")
    theirs.export(str(tmp_path / "out"), "voc", save_media=False)
    yaml = write(
        tmp_path,
        "delivery.yaml",
        "assay: delivery/1\nfiles: [{path: out/Annotations, format: voc, profile: voc-0-exclusive}]\n",
    )
    assert_close(our_rows(yaml, yaml=yaml), our_rows(path), SINGLE)


@pytest.mark.parametrize("seed", SEEDS)
def test_our_voc_is_read_by_datumaro(tmp_path: Path, seed: int) -> None:
    path = random_coco(tmp_path / "in", seed)
    convert([path], tmp_path / "out", "voc")
    names = sorted(one.stem for one in (tmp_path / "out" / "Annotations").glob("*.xml"))
    write(tmp_path / "out", "ImageSets/Main/train.txt", "".join(f"{name}\n" for name in names))
    write(tmp_path / "out", "labelmap.txt", "car:1,1,1::\nbus:2,2,2::\n")
    found = datumaro_rows(tmp_path / "out", "voc")
    ours = our_rows(tmp_path / "out")
    moved = [(item, name, x + 1, y + 1, w - 1, h - 1) for item, name, x, y, w, h in ours]  # type: ignore[operator, misc]
    assert_close(found, moved, 1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_yolo_of_datumaro_is_read_as_it_was_written(tmp_path: Path, seed: int) -> None:
    datumaro = pytest.importorskip("datumaro", reason="datumaro is not installed")
    path = random_coco(tmp_path / "in", seed)
    theirs = datumaro.Dataset.import_from(str(tmp_path / "in"), "coco")
    theirs.export(str(tmp_path / "out"), "yolo", save_media=False)
    write(tmp_path, "items.csv", "item,width,height\n" + "".join(f"a{n},100,80\n" for n in range(1, 5)))
    yaml = write(
        tmp_path,
        "delivery.yaml",
        "assay: delivery/1\nfiles: [{path: out, format: yolo}]\nitems: {path: items.csv}\n",
    )
    assert_close(our_rows(yaml, yaml=yaml), our_rows(path), 1.5e-4)


def random_mask(seed: int) -> np.ndarray:
    blob = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(80, 100)), 5)
    return np.asarray(blob > np.quantile(blob, 0.8))


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_of_coco_are_the_bitmaps_of_pycocotools(tmp_path: Path, seed: int) -> None:
    bitmap = random_mask(seed)
    packed = coco_mask.encode(np.asfortranarray(bitmap.astype(np.uint8)))
    flat = bitmap.ravel(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flat.astype(int), [0]))))
    counts = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    counts = counts[:-1] if counts[-1] == 0 else counts
    forms = [{"size": [80, 100], "counts": packed["counts"].decode()}, {"size": [80, 100], "counts": counts}]
    for number, form in enumerate(forms):
        rows = [
            {"image_id": 1, "category_id": 3, "segmentation": form, "iscrowd": 0, "area": int(bitmap.sum())}
        ]
        path = coco(tmp_path / f"{number}.json", rows)
        with read(path) as seen:
            ((shape, *where),) = seen.rows("shape, x, y, w, h")
        told = json.loads(str(shape))
        height, width, runs = checked_counts(told["size"], told["counts"])
        assert np.array_equal(mask_of_counts(height, width, runs), bitmap)
        assert area_of_counts(runs) == coco_mask.area(packed)
        assert where == coco_mask.toBbox(packed).tolist()


def test_counts_that_miss_pixels_are_refused_where_pycocotools_takes_them(tmp_path: Path) -> None:
    short = {"size": [10, 10], "counts": [51, 5, 10]}
    taken = coco_mask.frPyObjects(short, 10, 10)
    assert coco_mask.area(taken) == 5
    rows = [{"image_id": 1, "category_id": 3, "segmentation": short, "iscrowd": 1, "area": 5}]
    with pytest.raises(InputError) as refusal, read(coco(tmp_path / "a.json", rows)):
        pass
    assert refusal.value.found


CONFIG = """<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">
<Label value="car"/></RectangleLabels></View>"""


def region(number: int, rotation: float) -> dict[str, object]:
    return {
        "id": f"r{number}", "from_name": "box", "to_name": "image", "type": "rectanglelabels",
        "original_width": 200, "original_height": 100, "image_rotation": 0,
        "value": {"x": 50, "y": 20, "width": 20, "height": 40, "rotation": rotation, "rectanglelabels": ["car"]},
    }  # fmt: skip


def exported(folder: Path, *people: list[dict[str, object]]) -> Path:
    """An export of one task with an annotation of each person."""
    annotations = [
        {"id": at, "completed_by": 7 + at, "was_cancelled": False, "result": result} for at, result in enumerate(people)
    ]  # fmt: skip
    task = {"id": 1, "data": {"image": "a.jpg"}, "annotations": annotations, "predictions": []}
    path = folder / "export.json"
    path.write_text(json.dumps([task]))
    return path


@pytest.fixture
def converter(tmp_path: Path) -> object:
    """The converter of Label Studio's own package."""
    module = pytest.importorskip(
        "label_studio_sdk.converter", reason="label-studio-sdk is not installed", exc_type=ImportError
    )
    logging.disable(logging.CRITICAL)
    (tmp_path / "config.xml").write_text(CONFIG)
    yield module.Converter(str(tmp_path / "config.xml"), str(tmp_path / "project"))
    logging.disable(logging.NOTSET)


def test_a_turned_box_lies_where_it_was_drawn(tmp_path: Path, converter: object) -> None:
    path = exported(tmp_path, [region(1, 45)])
    converter.convert_to_coco(str(path), str(tmp_path / "coco"), is_dir=False)  # type: ignore[attr-defined]
    theirs = json.loads((tmp_path / "coco" / "result.json").read_bytes())["annotations"][0]["bbox"]
    assert theirs == pytest.approx([43.43, 20, 84.85, 42.43], abs=0.01)  # turned in percent of both sides
    side = np.sqrt(0.5)
    corner = np.array([100, 20])
    along, down = 40 * np.array([side, side]), 40 * np.array([-side, side])
    corners = np.array([corner, corner + along, corner + along + down, corner + down])
    with read(path) as seen:
        ((kind, *where),) = seen.rows("kind, x, y, w, h")
    assert kind == "rotated_box"
    assert where == pytest.approx([*corners.min(axis=0), *np.ptp(corners, axis=0)], abs=1e-6)


def test_the_second_person_is_not_overwritten(tmp_path: Path, converter: object) -> None:
    path = exported(tmp_path, [region(1, 0)], [region(2, 0)])
    converter.convert_to_yolo(str(path), str(tmp_path / "theirs"), is_dir=False)  # type: ignore[attr-defined]
    (labels,) = (tmp_path / "theirs" / "labels").glob("*.txt")
    assert len(labels.read_text().splitlines()) == 1
    convert([path], tmp_path / "ours", "yolo")
    with read(tmp_path / "ours") as seen:
        assert seen.rows("annotator, class, x, y, w, h") == [(who, "car", 100, 20, 40, 40) for who in "78"]
