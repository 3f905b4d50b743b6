"""Outlines of nodules by up to four readers without names, kept in SQLite: exported to COCO, inspected and compared."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.paths import SHARED, needs_shared

pytestmark = needs_shared

PACKED = SHARED / "datasets" / "lidc_nodules" / "lidc.sqlite.gz"
SIDE, SCANS, READERS = 512, 120, 4
Point = tuple[float, float]
#: Of one reading of a nodule on one slice: whether a hole, and the points x, y.
Parts = list[tuple[bool, list[Point]]]
Reading = dict[float, Parts]


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[Reading]]:
    """The readings of the first scans, in the order of their ids."""
    path = tmp_path_factory.mktemp("lidc") / "lidc.sqlite"
    with gzip.open(PACKED) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT a.scan_id, a.id, c.image_z_position, c.inclusion, c.coords FROM contours AS c "
            "JOIN annotations AS a ON a.id = c.annotation_id "
            "WHERE a.scan_id IN (SELECT id FROM scans ORDER BY id LIMIT ?) ORDER BY a.scan_id, a.id, c.id",
            [SCANS],
        ).fetchall()
    connection.close()
    found: dict[int, dict[int, Reading]] = defaultdict(dict)
    for scan, reading, place, inside, text in rows:
        pairs = [line.split(",") for line in text.splitlines()]
        points = [(float(column), float(row)) for row, column in pairs]
        parts = found[scan].setdefault(reading, {}).setdefault(place, [])
        parts.append((not inside, points))
    return {scan: list(each.values()) for scan, each in found.items()}


def numbered(scan: Sequence[Reading]) -> list[tuple[int, Reading]]:
    """Readings with the number of their reader: readings that meet on a slice are of one nodule and of different readers."""
    nodules: list[list[Reading]] = []
    out = []
    for reading in scan:
        mine = next(
            (one for one in nodules if len(one) < READERS and any(meet(reading, r) for r in one)), None
        )
        if mine is None:
            nodules.append(mine := [])
        mine.append(reading)
        out.append((len(mine), reading))
    return out


def meet(one: Reading, other: Reading) -> bool:
    """Whether the frames of two readings overlap on a slice."""
    return any(_apart(frame(one[place]), frame(other[place])) for place in one.keys() & other.keys())


def _apart(a: tuple[Point, Point], b: tuple[Point, Point]) -> bool:
    return all(max(a[0][n], b[0][n]) <= min(a[1][n], b[1][n]) for n in (0, 1))


def frame(parts: Parts) -> tuple[Point, Point]:
    xs, ys = zip(*(point for _, points in parts for point in points), strict=True)
    return (min(xs), min(ys)), (max(xs), max(ys))


def segmentation(parts: Parts) -> object:
    """Outlines as they are; with a hole, or of a single line of points, the runs of their pixels."""
    if not any(hole for hole, _ in parts) and all(len(points) >= 3 for _, points in parts):
        return [[number for point in points for number in point] for _, points in parts]
    picture = Image.new("L", (SIDE, SIDE))
    for hole, points in sorted(parts, key=lambda one: one[0]):
        if len(points) > 1:
            ImageDraw.Draw(picture).polygon(points, fill=0 if hole else 1)
        else:
            picture.putpixel((int(points[0][0]), int(points[0][1])), 1)
    counts = [(value, len(list(same))) for value, same in groupby(np.asarray(picture).T.ravel().tolist())]
    return {"size": [SIDE, SIDE], "counts": [0] * counts[0][0] + [count for _, count in counts]}


def exported(readings: dict[int, list[Reading]], folder: Path) -> dict[str, int]:
    """One COCO file per number of reader, and the number of outlines in each. Everybody saw every slice."""
    slices = sorted({(scan, place) for scan, each in readings.items() for one in each for place in one})
    number = {one: at for at, one in enumerate(slices, start=1)}
    images = [
        {"id": number[one], "file_name": f"scan-{one[0]}_{one[1]:g}.png", "width": SIDE, "height": SIDE}
        for one in slices
    ]
    drawn: dict[int, list[object]] = {reader: [] for reader in range(1, READERS + 1)}
    for scan, each in readings.items():
        for reader, reading in numbered(each):
            for place, parts in reading.items():
                mine = drawn[reader]
                mine.append(
                    {
                        "id": len(mine) + 1, "image_id": number[scan, place], "category_id": 1, "iscrowd": 0,
                        "segmentation": segmentation(parts),
                    }
                )  # fmt: skip
    files = []
    for reader, mine in drawn.items():
        document = {
            "images": images,
            "annotations": mine,
            "categories": [{"id": 1, "name": "nodule"}],
        }
        (folder / f"reader-{reader}.json").write_text(json.dumps(document), encoding="utf-8")
        files.append(f"{{path: reader-{reader}.json, format: coco, annotator: reader-{reader}}}")
    (folder / "delivery.yaml").write_text(
        f"assay: delivery/1\nfiles: [{', '.join(files)}]\n", encoding="utf-8"
    )
    return {f"reader-{reader}": len(mine) for reader, mine in drawn.items()}


def test_outlines_of_anonymous_readers_are_inspected_and_compared(
    readings: dict[int, list[Reading]], tmp_path: Path
) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    drawn = exported(readings, folder)
    inspected = answered("inspect", folder)
    assert [one["labels"] for one in inspected["inputs"]] == list(drawn.values())
    agreed = answered("agree", folder)
    overall = agreed["agreement"]["overall"]
    assert 0.3 < overall["pairwise_f1"]["value"] < 0.8
    assert overall["dice"]["value"] > 0.75


def answered(command: str, folder: Path) -> Any:
    """What a command prints as JSON."""
    assay = Path(sys.executable).with_name("assay")
    done = subprocess.run([assay, command, str(folder), "--json"], capture_output=True, check=True)
    return json.loads(done.stdout)
