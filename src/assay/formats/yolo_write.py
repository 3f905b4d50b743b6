"""Writing YOLO: rows of shares with six decimals, names of classes, and a table of the sizes to read them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import orjson

from assay.annotation.errors import InputError
from assay.annotation.place import shown
from assay.annotation.strict_json import parse_json

from .located_groups import Group, Item, Row, class_rows, items_of, objects_by_item, write_bytes
from .yolo_rows import Task

#: The objects that YOLO can hold.
WRITTEN = "x IS NOT NULL AND class IS NOT NULL AND kind NOT IN ('span', 'field', 'polyline') AND NOT crowd"
_LONGEST = 240


@dataclass(frozen=True)
class Plan:
    """The one task that all rows are of, and the keypoints of an object."""

    task: Task
    points: int = 0
    point_names: tuple[str, ...] = ()


def plan_of(connection: duckdb.DuckDBPyConnection, chosen: str) -> Plan:
    """The task that keeps most of the objects among those for which ``chosen`` holds."""
    rows = connection.execute(
        f"SELECT kind, count(*) FROM object WHERE {WRITTEN} AND {chosen} GROUP BY kind"
    ).fetchall()
    kinds = {str(kind) for kind, _ in rows}
    if kinds == {"keypoints"}:
        sizes = connection.execute(
            "SELECT DISTINCT len(CAST(shape::JSON->'$.points' AS DOUBLE[])) // 3 FROM object "
            f"WHERE {WRITTEN} AND {chosen}"
        ).fetchall()
        if len(sizes) == 1 and sizes[0][0]:
            return Plan("pose", int(sizes[0][0]), _point_names(connection, int(sizes[0][0])))
    if kinds == {"rotated_box"}:
        return Plan("obb")
    return Plan("segment" if kinds & {"polygon", "rotated_box"} else "detect")


def _point_names(connection: duckdb.DuckDBPyConnection, count: int) -> tuple[str, ...]:
    named = {points for _, _, _, points in class_rows(connection) if points}
    if len(named) != 1:
        return ()
    names = parse_json(named.pop().encode(), file="object_class")
    return tuple(names) if isinstance(names, list) and len(names) == count else ()


def write_yolo(
    connection: duckdb.DuckDBPyConnection, folder: Path, group: Group, plan: Plan, *, relative: bool
) -> dict[str, Item]:
    """The rows of one person, one file for each item; returns the items that were written.

    ``relative`` tells that coordinates are shares where no size is known. Raises :class:`InputError` for an image
    without a size otherwise, and for a name that no file can have.
    """
    labels = folder / "labels"
    labels.mkdir(parents=True)
    rows = class_rows(connection)
    classes = {row[0]: at for at, row in enumerate(rows)}
    write_bytes(folder, "data.yaml", _data_yaml([row[0] for row in rows], plan))
    stems = Counter(_stem(item.name) for item in items_of(connection, group))
    made = {""}
    taken: set[str] = set()
    written = {}
    for item, objects in objects_by_item(connection, group, WRITTEN):
        if item.width is None and not relative and objects:
            raise InputError(
                "the size of an image is not known", found=f"item {shown(item.name)}",
                expected="a manifest with columns item, width and height: `items: {path: items.csv}` in delivery.yaml",
            )  # fmt: skip
        stem = _stem(item.name)
        name = _file_name(item.name, stem if stems[stem] == 1 else item.name, taken)
        inner = name.rpartition("/")[0]
        if inner not in made:
            (labels / inner).mkdir(parents=True, exist_ok=True)
            made.add(inner)
        scale = float(item.width or 1), float(item.height or 1)
        text = "".join([_row(row, scale, classes, plan) for row in objects])
        write_bytes(labels, name, text.encode())
        written[item.name] = item
    return written


def _stem(item: str) -> str:
    """The name of an item without its ending."""
    folder, _, last = item.rpartition("/")
    stem = last.rpartition(".")[0] or last
    return f"{folder}/{stem}" if folder else stem


def _file_name(item: str, name: str, taken: set[str]) -> str:
    """The file of an item: called after its stem, or with its ending where two items share the stem."""
    parts = item.split("/")
    if (
        any(part.startswith(".") or len(part.encode()) > _LONGEST or not part for part in parts)
        or name in taken
    ):
        raise InputError(
            "an item cannot name a file of labels", found=shown(item), expected="a plain file name"
        )
    taken.add(name)
    return f"{name}.txt"


def _data_yaml(names: Sequence[str], plan: Plan) -> bytes:
    lines = ["path: .", "train: labels", f"nc: {len(names)}", "names:"]
    if plan.task == "pose":
        lines.insert(3, f"kpt_shape: [{plan.points}, 3]")
        if plan.point_names:
            listed = orjson.dumps(plan.point_names).decode()
            lines.insert(4, f"kpt_names: {{0: {listed}}}")
    lines += [f"  {number}: {orjson.dumps(name).decode()}" for number, name in enumerate(names)]
    return "\n".join(lines if names else [*lines[:-1], "names: []"]).encode() + b"\n"


def _row(row: Row, scale: tuple[float, float], classes: Mapping[str, int], plan: Plan) -> str:
    kind, label, x, y, w, h, shape, _, _, _, _ = row
    width, height = scale
    number = classes[str(label)]
    box = f"{(x + w / 2) / width:.6f} {(y + h / 2) / height:.6f} {w / width:.6f} {h / height:.6f}"
    if shape is None or kind == "mask" or (kind == "keypoints" and plan.task != "pose"):
        return f"{number} {box}\n"
    told = parse_json(shape.encode(), file="object")
    if not isinstance(told, dict):
        return f"{number} {box}\n"
    if kind == "keypoints":
        points = told["points"]
        values = [
            f"{points[at] / width:.6f} {points[at + 1] / height:.6f} {points[at + 2]}"
            for at in range(0, len(points), 3)
        ]
        return f"{number} {box} {' '.join(values)}\n"
    ring = told["corners"] if kind == "rotated_box" else max(told["rings"], key=ring_area)
    values = [f"{ring[at] / width:.6f} {ring[at + 1] / height:.6f}" for at in range(0, len(ring), 2)]
    return f"{number} {' '.join(values)}\n"


def ring_area(ring: Sequence[float]) -> float:
    """The area of one outline."""
    x, y = ring[0::2], ring[1::2]
    return abs(sum(x[at - 1] * y[at] - x[at] * y[at - 1] for at in range(len(x)))) / 2
