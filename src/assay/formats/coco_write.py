"""Writing COCO: images, annotations and categories in one file, record by record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import orjson

from assay.annotation.strict_json import parse_json

from .located_groups import Group, Row, class_rows, items_of, numbers_of_classes, objects_by_item
from .rle import area_of_counts
from .small_table import write_whole

_SKIPPED = "kind NOT IN ('polyline', 'span')"


def write_coco(connection: duckdb.DuckDBPyConnection, target: Path, groups: Sequence[Group]) -> None:
    """Write the answers of some people into one file; of several, every annotation names its own."""
    write_whole(target, _document(connection, groups))


def _document(connection: duckdb.DuckDBPyConnection, groups: Sequence[Group]) -> Iterator[bytes]:
    yield b'{"info":' + orjson.dumps(_info(groups)) + b',\n"images":['
    numbers: dict[str, int] = {}
    separator = b"\n"
    for group in groups:
        for item in items_of(connection, group):
            if item.name not in numbers:
                numbers[item.name] = len(numbers) + 1
                size = {} if item.width is None else {"width": item.width, "height": item.height}
                yield separator + orjson.dumps({"id": numbers[item.name], "file_name": item.name} | size)
                separator = b",\n"
    yield b'],\n"annotations":['
    rows = class_rows(connection)
    classes = numbers_of_classes(rows) or {row[0]: at for at, row in enumerate(rows, start=1)}
    count = 0
    for group in groups:
        person = group.annotator if len(groups) > 1 and group.is_named else None
        for item, objects in objects_by_item(connection, group, _SKIPPED):
            if objects:
                records = []
                for row in objects:
                    count += 1
                    records.append(_record(count, numbers[item.name], row, classes, person))
                text = b",\n".join(records)
                yield (b",\n" if count > len(objects) else b"\n") + text
    yield b'],\n"categories":' + orjson.dumps([_category(row, classes) for row in rows]) + b"}\n"


def _info(groups: Sequence[Group]) -> dict[str, str]:
    info = {"description": "written by assay"}
    if len(groups) == 1 and groups[0].is_named:
        info["annotator"] = groups[0].annotator
    if len({group.layer for group in groups}) == 1:
        info["layer"] = groups[0].layer.label
    return info


def _category(
    row: tuple[str, str | None, str | None, str | None], classes: Mapping[str, int]
) -> dict[str, object]:
    name, _, parent, points = row
    category: dict[str, object] = {"id": classes[name], "name": name, "supercategory": parent or ""}
    if points:
        category["keypoints"] = parse_json(points.encode(), file="object_class")
    return category


def _record(number: int, image: int, row: Row, classes: Mapping[str, int], person: str | None) -> bytes:
    kind, label, x, y, w, h, shape, text, attributes, confidence, crowd = row
    record: dict[str, object] = {"id": number, "image_id": image}
    if label is not None:
        record["category_id"] = classes[label]
    if kind == "field" and text is not None:
        record["caption"] = text
    if x is not None:
        record |= {"bbox": [x, y, w, h], "area": w * h, "iscrowd": int(crowd)}
    if shape is not None and kind != "field":
        record |= _outline(kind, parse_json(shape.encode(), file="object"))
    if confidence is not None:
        record["score"] = confidence
    named = {} if attributes is None else parse_json(attributes.encode(), file="object")
    if person is not None and isinstance(named, dict):
        named = named | {"annotator": person}
    if named:
        record["attributes"] = named
    return orjson.dumps(record)


def _outline(kind: str, shape: object) -> dict[str, object]:
    if not isinstance(shape, dict):
        return {}
    if kind == "mask":
        return {"segmentation": shape, "area": area_of_counts(shape["counts"])}
    if kind == "polygon":
        return {"segmentation": shape["rings"], "area": _area(shape["rings"])}
    if kind == "rotated_box":
        return {"segmentation": [shape["corners"]], "area": _area([shape["corners"]])}
    points = shape["points"]
    found: dict[str, object] = {"keypoints": points, "num_keypoints": sum(1 for v in points[2::3] if v > 0)}
    outline = shape.get("outline")
    if isinstance(outline, dict):
        found["segmentation"] = outline.get("rings", outline)
    return found


def _area(rings: Sequence[Sequence[float]]) -> float:
    """The sum of the areas of outlines that do not overlap."""
    total = 0.0
    for ring in rings:
        x, y = ring[0::2], ring[1::2]
        total += abs(sum(x[at - 1] * y[at] - x[at] * y[at - 1] for at in range(len(x)))) / 2
    return total
