"""Generated located labels for timing: boxes of two people, tags of two codings, COCO and Label Studio files.

Everything follows from a seed. The batch that is judged comes from the generator beside the pipeline it is compared
with (``gen_batch.py coco``), so that both read the very same files.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from .running import run

CLASSES = 20
TYPES = 8
SENTENCE = 25
PEOPLE = ("A", "B", "C")
WIDTH, HEIGHT = 1280, 960

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class TwoPeople:
    """Boxes of two people on the same images, sorted by image: image, class and box of each."""

    image: Ints
    label: Ints
    box: Floats
    other_image: Ints
    other_label: Ints
    other_box: Floats
    images: int


def two_people(images: int, each: int = 10, *, seed: int = 1) -> TwoPeople:
    """The second person's boxes are the first one's moved by 6 %, 8 % elsewhere, 5 % of another class, shuffled."""
    draw = np.random.default_rng(seed)
    number = images * each
    size = draw.uniform(20, 250, (number, 2))
    corner = draw.uniform(0, 1, (number, 2)) * (np.array([WIDTH, HEIGHT]) - size)
    box = np.column_stack([corner, size])
    image, label = np.repeat(np.arange(images), each), draw.integers(0, CLASSES, number)
    moved = box + draw.normal(0, 0.06, box.shape) * np.tile(size, 2)
    moved[:, 2:] = np.maximum(moved[:, 2:], 2)
    elsewhere = draw.random(number) < 0.08
    moved[elsewhere] = np.column_stack([draw.uniform(0, 700, (number, 2)), size])[elsewhere]
    relabelled = np.where(draw.random(number) < 0.05, draw.integers(0, CLASSES, number), label)
    order = np.argsort(image + draw.random(number), kind="stable")
    return TwoPeople(image, label, box, image[order], relabelled[order], moved[order], images)


def dense_frame(objects: int, *, seed: int = 1) -> TwoPeople:
    """One image full of boxes that overlap."""
    return two_people(1, objects, seed=seed)


def two_codings(tokens: int, *, seed: int = 3) -> tuple[list[list[str]], list[list[str]]]:
    """Two codings of sentences of 25 tokens in IOB2; the second one misses, renames or cuts 15 % of the spans."""
    draw = np.random.default_rng(seed)
    names = np.array(["O", *(f"{prefix}-T{n}" for n in range(TYPES) for prefix in "BI")])
    first = np.zeros(tokens, np.int64)
    ends = []
    at = 0
    gaps, lengths = draw.geometric(0.16, tokens), draw.integers(1, 5, tokens)
    types = draw.integers(0, TYPES, tokens)
    for gap, length, kind in zip(gaps.tolist(), lengths.tolist(), types.tolist(), strict=True):
        at += gap
        if at >= tokens:
            break
        end = min(at + length, (at // SENTENCE + 1) * SENTENCE, tokens)
        first[at], first[at + 1 : end] = 1 + 2 * kind, 2 + 2 * kind
        ends.append((at, end))
        at = end
    second = first.copy()
    for start, end in (ends[n] for n in np.flatnonzero(draw.random(len(ends)) < 0.15)):
        kind, chance = int(draw.integers(0, TYPES)), draw.random()
        if chance < 0.4:
            second[start:end] = 0
        elif chance < 0.7:
            second[start], second[start + 1 : end] = 1 + 2 * kind, 2 + 2 * kind
        elif end - start > 1:
            second[end - 1] = 0
    one, other = (names[side].reshape(-1, SENTENCE).tolist() for side in (first, second))
    return one, other


def write_coco(path: Path, images: int, *, seed: int = 7) -> None:
    """A COCO file of one person with ten boxes an image on average, at two decimals, each with an attribute."""
    draw = random.Random(seed)
    frames = [
        {
            "id": n + 1, "file_name": f"cam{n % 7}/frame_{n:06d}.jpg",
            "width": (1920, 1280)[n % 2], "height": (1080, 720)[n % 2],
        }
        for n in range(images)
    ]  # fmt: skip
    rows = []
    for number in range(1, 10 * images + 1):
        frame = frames[draw.randrange(images)]
        across, down = frame["width"], frame["height"]
        w, h = (round(draw.uniform(4, float(str(side)) / 3), 2) for side in (across, down))
        x, y = (
            round(draw.uniform(0, float(str(across)) - w), 2),
            round(draw.uniform(0, float(str(down)) - h), 2),
        )
        rows.append(
            {
                "id": number, "image_id": frame["id"], "category_id": 1 + draw.randrange(CLASSES),
                "bbox": [x, y, w, h], "area": round(w * h, 4), "iscrowd": 0, "segmentation": [],
                "attributes": {"occluded": draw.random() < 0.2},
            }
        )  # fmt: skip
    classes = [{"id": n + 1, "name": f"class_{n:02d}", "supercategory": ""} for n in range(CLASSES)]
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"info": {}, "licenses": [], "categories": classes, "images": frames, "annotations": rows}
    path.write_bytes(orjson.dumps(document))


def write_label_studio(path: Path, megabytes: int, *, seed: int = 5) -> int:
    """An export of at least so many megabytes: two people a task, boxes, polygons and a choice a region; the tasks."""
    draw = random.Random(seed)
    size, tasks = 0, 0
    with path.open("wb") as stream:
        while size < megabytes * 1_000_000:
            block = orjson.dumps([_task(tasks + n, draw) for n in range(200)])[1:-1]
            size += stream.write((b"," if tasks else b"[") + block)
            tasks += 200
        stream.write(b"]")
    return tasks


def _task(number: int, draw: random.Random) -> dict[str, object]:
    people = draw.sample(range(1, 21), 2)
    annotations = [
        {
            "id": 2 * number + at, "completed_by": person, "was_cancelled": False, "ground_truth": False,
            "created_at": "2024-05-01T09:30:00.000000Z", "updated_at": "2024-05-01T09:31:00.000000Z",
            "lead_time": round(draw.uniform(5, 90), 3), "draft_created_at": None, "task": number, "project": 1,
            "result": list(_regions(number, at, draw)),
        }
        for at, person in enumerate(people)
    ]  # fmt: skip
    return {
        "id": number, "annotations": annotations, "drafts": [], "predictions": [], "meta": {}, "project": 1,
        "data": {"image": f"/data/upload/1/{number:08d}.jpg"},
    }  # fmt: skip


def _regions(task: int, person: int, draw: random.Random) -> Iterator[dict[str, object]]:
    for number in range(draw.randint(2, 8)):
        common = {
            "id": f"{task:x}-{person}-{number}", "original_width": 1920, "original_height": 1080,
            "image_rotation": 0, "to_name": "image", "origin": "manual",
        }  # fmt: skip
        label = f"class_{draw.randrange(CLASSES):02d}"
        if draw.random() < 0.8:
            x, y, w, h = (draw.uniform(0, 50) for _ in range(4))
            value: dict[str, object] = {
                "x": x,
                "y": y,
                "width": w,
                "height": h,
                "rotation": 0,
                "rectanglelabels": [label],
            }
            yield common | {"from_name": "box", "type": "rectanglelabels", "value": value}
        else:
            points = [[draw.uniform(0, 100), draw.uniform(0, 100)] for _ in range(draw.randint(5, 20))]
            value = {"points": points, "closed": True, "polygonlabels": [label]}
            yield common | {"from_name": "outline", "type": "polygonlabels", "value": value}


def judged_batch(home: Path, images: int, peers: Path) -> None:
    """Three people's COCO files and gold on a tenth of the images, with the delivery.yaml that names the people."""
    made: list[str | Path] = [
        sys.executable,
        peers / "gen_batch.py",
        "coco",
        home,
        "--images",
        str(images),
        "--gold",
        str(max(images // 10, 1)),
    ]
    run(made, log=home.with_suffix(".log"))
    files = "".join(f"  - {{path: ann_{person}.json, annotator: {person}}}\n" for person in PEOPLE)
    (home / "delivery.yaml").write_text(f"assay: delivery/1\nfiles:\n{files}", encoding="utf-8")
