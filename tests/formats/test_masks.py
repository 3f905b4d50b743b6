"""Masks as PNG files: colours, folders of people, archives, names that differ in case, hostile pictures."""

from __future__ import annotations

import io
import json
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.annotation.errors import InputError
from assay.formats.mask_pictures import values_of
from assay.formats.rle import mask_of_counts
from tests.formats.deliveries import write
from tests.formats.located_files import Seen, read
from tests.paths import SHARED, needs_shared

HEAD = "assay: delivery/1\nlabels: masks\nfiles:\n"


def png(values: np.ndarray, mode: str | None = None) -> bytes:
    stream = io.BytesIO()
    picture = Image.fromarray(values)
    (picture if mode is None else picture.convert(mode)).save(stream, format="PNG")
    return stream.getvalue()


def drawn(inside: int = 0, outside: int = 255) -> np.ndarray:
    """A picture of 6 by 4 pixels with an object of 2 by 2 at 1, 1."""
    values = np.full((4, 6), outside, np.uint8)
    values[1:3, 1:3] = inside
    return values


def put(folder: Path, name: str, data: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def pixels(seen: Seen) -> list[tuple[object, ...]]:
    rows = seen.rows("item, annotator, class, x, y, w, h, shape")
    for row in rows:
        shape = json.loads(str(row[-1]))
        mask = mask_of_counts(*shape["size"], shape["counts"])
        assert (mask == (drawn() == 0)).all()
    return [row[:-1] for row in rows]


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "LA", "P"])
@pytest.mark.parametrize("colour", ["black", "white"])
def test_the_declared_colour_is_the_object_in_every_mode(tmp_path: Path, mode: str, colour: str) -> None:
    values = drawn() if colour == "black" else drawn(255, 0)
    put(tmp_path, "anna/i1.png", png(values, mode))
    write(
        tmp_path,
        "delivery.yaml",
        f"{HEAD}  - {{path: anna, format: masks, profile: {colour} class=cell, annotator: anna}}\n",
    )
    with read(tmp_path) as seen:
        assert pixels(seen) == [("i1", "anna", "cell", 1, 1, 2, 2)]
        assert seen.rows("item, width, height", "image") == [("i1", 6, 4)]
        assert seen.finding_kinds == set()


def test_a_mask_of_0_and_1_is_black_and_white(tmp_path: Path) -> None:
    put(tmp_path, "m/i1.png", png(drawn(1, 0)))
    write(tmp_path, "delivery.yaml", f"{HEAD}  - {{path: m, format: masks, profile: white, annotator: a}}\n")
    with read(tmp_path) as seen:
        assert len(pixels(seen)) == 1


@pytest.mark.parametrize(("values", "colour"), [(drawn(), "black"), (drawn(255, 0), "white")])
def test_the_colour_nobody_declared_is_told_by_the_borders(
    tmp_path: Path, values: np.ndarray, colour: str
) -> None:
    put(tmp_path, "m/i1.png", png(values))
    write(tmp_path, "delivery.yaml", f"{HEAD}  - {{path: m, format: masks, annotator: a}}\n")
    with read(tmp_path) as seen:
        assert len(pixels(seen)) == 1
        assert f"are read as {colour}: black covers" in seen.finding("mask_polarity_assumed")


def test_a_colour_that_the_masks_contradict_is_said(tmp_path: Path) -> None:
    put(tmp_path, "m/i1.png", png(drawn()))
    write(tmp_path, "delivery.yaml", f"{HEAD}  - {{path: m, format: masks, profile: white, annotator: a}}\n")
    with read(tmp_path) as seen:
        assert "look like black: black covers 16.7%" in seen.finding("mask_polarity_contradicted")


def test_folders_of_an_archive_are_people_and_case_does_not_part_items(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "masks.zip", "w") as archive:
        for name in ("Experts/P1/seg_1.png", "Experts/P2/Seg_1.png", "Gold/seg_1.png", "Crowd/c/seg_1.png"):
            archive.writestr(name, png(drawn()))
        archive.writestr("Experts/P1/seg_2.png", png(drawn(255)))
    write(
        tmp_path, "delivery.yaml",
        f"{HEAD}  - {{path: masks.zip, format: masks, profile: black Experts/P*}}\n"
        "  - {path: masks.zip, format: masks, profile: black Gold, layer: gold}\n",
    )  # fmt: skip
    with read(tmp_path) as seen:
        assert [row[:2] for row in pixels(seen)] == [("seg_1", "Gold"), ("seg_1", "P1"), ("seg_1", "P2")]
        assert seen.rows("annotator, layer", "object") == [("Gold", 6), ("P1", 1), ("P2", 1)]
        assert ("seg_2", "P1", 1) in seen.rows("item, annotator, state", "annotation")
        assert seen.finding_kinds == {"item_case_differs"}


def test_names_that_differ_in_case_in_one_folder_are_two_items(tmp_path: Path) -> None:
    for name in ("m/a.png", "m/A.png"):
        put(tmp_path, name, png(drawn()))
    if len(list((tmp_path / "m").iterdir())) == 1:
        pytest.skip("this file system does not tell the names apart")
    write(tmp_path, "delivery.yaml", f"{HEAD}  - {{path: m, format: masks, profile: black, annotator: x}}\n")
    with read(tmp_path) as seen:
        assert [row[0] for row in pixels(seen)] == ["A", "a"]


@pytest.mark.parametrize(
    ("meaning", "expected"), [("classes", [("1", 2), ("7", 1)]), ("objects", [("thing", 1), ("thing", 2)])]
)
def test_numbers_are_classes_or_objects(
    tmp_path: Path, meaning: str, expected: list[tuple[str, int]]
) -> None:
    values = np.array([[0, 1, 1, 255], [0, 7, 0, 255]], np.uint8)
    picture = Image.fromarray(values)
    picture.putpalette([255 - at // 3 for at in range(768)])
    stream = io.BytesIO()
    picture.save(stream, format="PNG")
    put(tmp_path, "m/i.png", stream.getvalue())
    write(
        tmp_path,
        "delivery.yaml",
        f"{HEAD}  - {{path: m, format: masks, profile: '{meaning}, class=thing', annotator: a}}\n",
    )
    with read(tmp_path) as seen:
        assert sorted(seen.rows("class, w::INTEGER")) == expected


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GIF89a", "cannot be decoded"),
        (png(drawn())[:40], "cannot be decoded"),
        (
            b"\x89PNG\r\n\x1a\n" + b"".join(
                struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
                for kind, body in ((b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)), (b"IDAT", b""))
            ),
            "too large|cannot be decoded",
        ),
    ],
)  # fmt: skip
def test_what_is_no_picture_or_too_large_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        values_of(data, file="a.png", indexed=False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{path: m, format: masks, profile: black white}", "two things"),
        ("{path: m, format: masks, profile: black Nobody*}", "no mask in these folders"),
        ("{path: m, format: masks}", "nobody declared what the values"),
        ("{path: m, format: masks, profile: classes}", "stand in one channel"),
    ],
)
def test_profiles_that_fit_nothing_are_refused(tmp_path: Path, line: str, message: str) -> None:
    put(tmp_path, "m/i.png", png(np.arange(24, dtype=np.uint8).reshape(4, 6) * 9, "RGB"))
    write(tmp_path, "delivery.yaml", f"{HEAD}  - {line}\n")
    with pytest.raises(InputError, match=message), read(tmp_path):
        pass


@needs_shared
def test_the_cell_outlines_of_experts_are_read_with_their_gold(tmp_path: Path) -> None:
    shutil.copy(SHARED / "datasets" / "bubil_masks_3" / "masks.zip", tmp_path)
    write(
        tmp_path, "delivery.yaml",
        f"{HEAD}  - {{path: masks.zip, format: masks, profile: black class=cell ExpertsAnnotations/Person*_ImageJ}}\n"
        "  - {path: masks.zip, format: masks, profile: black class=cell GoldStandard, layer: gold}\n",
    )  # fmt: skip
    with read(tmp_path) as seen:
        counts = seen.connection.execute(
            "SELECT annotator, layer, count(*), count(DISTINCT item) FROM object GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        people = [(f"Person{number}_ImageJ", 1, 47, 47) for number in range(1, 6)]
        assert counts == [("GoldStandard", 6, 47, 47), *people]
        same = seen.connection.execute(
            "SELECT a.annotator, count(*) FROM object AS a JOIN object AS g USING (item, shape) "
            "WHERE g.layer = 6 AND a.layer = 1 GROUP BY 1"
        ).fetchall()
        assert same == [("Person2_ImageJ", 47)]
        assert "mask_polarity_contradicted" not in seen.finding_kinds
