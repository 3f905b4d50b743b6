"""Findings of geometry: what is odd about objects, whoever drew them, and what is not."""

from __future__ import annotations

import numpy as np
import orjson
import pytest

from assay.annotation.connection import open_connection
from assay.annotation.layers import Layer
from assay.annotation.limits import DEFAULT_LIMITS
from assay.formats.annotation_table import create_tables
from assay.formats.geometry_findings import geometry_findings
from assay.formats.objects import KIND_CODES, ClassRow, ObjectBlock, ObjectCollector

Box = tuple[float, float, float, float]
Row = tuple[str, str, Layer, str, Box, str | None, bool]


def row(
    kind: str, box: Box, shape: object = None, *, layer: Layer = Layer.FIRST_PASS,
    item: str = "a", person: str = "p", crowd: bool = False,
) -> Row:  # fmt: skip
    text = None if shape is None else orjson.dumps(shape).decode()
    return item, person, layer, kind, box, text, crowd


def outline(*points: float, **more: object) -> Row:
    x, y = points[0::2], points[1::2]
    frame = min(x), min(y), max(x) - min(x), max(y) - min(y)
    return row("polygon", frame, {"rings": [list(points)]}, **more)


def kinds(rows: list[Row], *, delivered_only: bool = False) -> dict[str, int]:
    with open_connection(readable=[]) as connection:
        create_tables(connection)
        collector = ObjectCollector(connection, DEFAULT_LIMITS)
        label = collector.new_label()
        collector.name_label(label, ClassRow("car", "1"))
        for number, (item, person, _, kind, box, shape, crowd) in enumerate(rows):
            image = collector.new_image(number)
            size = 100 if item == "a" else None
            collector.describe_image(image, item, width=size, height=size and 80)
            block = ObjectBlock(
                np.array([image], np.int32), np.array([label], np.int32), np.array([KIND_CODES[kind]], np.uint8),
                np.array([box], np.float64), shape=[shape], crowd=np.array([crowd]),
            )  # fmt: skip
            collector.append(number, block, collector.new_person(person))
        collector.finish([(int(row[2]), 0, 0) for row in rows])
        found = geometry_findings(connection, delivered_only=delivered_only)
    return {one.kind: one.evidence["objects"] for one in found}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("box", (10, 10, 20, 20))], {}),
        ([row("box", (-0.9, 0, 20, 20))], {}),
        ([row("box", (-2, 0, 20, 20)), row("box", (90, 0, 20, 20))], {"outside_image": 2}),
        ([row("box", (-2, 0, 20, 20), item="no size")], {}),
        ([row("box", (5, 5, 0, 20)), row("box", (5, 5, 10, -1))], {"no_area": 2}),
        ([row("polyline", (5, 5, 0, 20), {"points": [5, 5, 5, 25]})], {}),
        ([row("box", (5, 5, 0.5, 20))], {"sliver": 1}),
        ([outline(0, 0, 40, 0, 40, 0.5, 0, 0.5)], {"sliver": 1}),
        ([outline(0, 0, 40, 40, 40.2, 40, 0.2, 0)], {"sliver": 1}),
        ([outline(0, 0, 40, 0, 0, 40, 40, 40)], {"self_intersection": 1}),
        ([outline(0, 0, 40, 0, 0, 40, 40, 60)], {"self_intersection": 1}),
        ([outline(0, 0, 40, 0, 40, 40, 20, 0, 0, 40)], {}),
        ([row("box", (10, 10, 40, 40)), row("box", (10.2, 10, 40, 40))], {"near_duplicates": 1}),
        ([row("box", (10, 10, 40, 40)), row("box", (10, 10, 40, 40), person="q")], {}),
        ([row("box", (10, 10, 40, 40)), row("box", (10, 10, 40, 40), crowd=True)], {}),
    ],
)
def test_what_is_odd_and_what_is_not(rows: list[Row], expected: dict[str, int]) -> None:
    found = kinds(rows)
    assert found == expected


def test_a_vendor_does_not_answer_for_gold_and_prelabels() -> None:
    rows = [
        row("box", (-9, 0, 20, 20), layer=Layer.GOLD), row("box", (5, 5, 0, 20), layer=Layer.PRELABEL),
        outline(0, 0, 40, 0, 0, 40, 40, 60, layer=Layer.GOLD),
    ]  # fmt: skip
    assert kinds(rows, delivered_only=True) == {}
    assert set(kinds(rows)) == {"outside_image", "no_area", "self_intersection"}


def test_duplicates_are_found_among_many_objects_of_one_item() -> None:
    rows = [row("box", (float(at % 60), float(at // 60), 20.0, 30.0)) for at in range(0, 1200, 7)]
    assert "near_duplicates" not in kinds(rows)
    assert kinds([*rows, *rows]).get("near_duplicates", 0) >= len(rows)
