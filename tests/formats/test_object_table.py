"""The table of objects: columns that nobody fills, and where an object stands among those of its person."""

from __future__ import annotations

from itertools import count

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.connection import open_connection
from assay.annotation.layers import Layer
from assay.annotation.limits import DEFAULT_LIMITS
from assay.formats.annotation_table import create_tables
from assay.formats.objects import ClassRow, ObjectBlock, ObjectCollector

_PEOPLE = ("annotator-1", "annotator-2")


def _block(images: list[int], label: int, kind: int = 0, **more: object) -> ObjectBlock:
    box = np.arange(4.0 * len(images)).reshape(-1, 4)
    return ObjectBlock(
        np.array(images, np.int32), np.full(len(images), label, np.int32), np.full(len(images), kind, np.uint8), box,
        **more,  # type: ignore[arg-type]  # optional columns
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.integers(0, 1),
            st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=8),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_positions_count_the_objects_of_one_person_on_one_item_in_the_order_of_reading(
    blocks: list[tuple[int, list[tuple[int, int]]]],
) -> None:
    with open_connection(readable=[]) as connection:
        create_tables(connection)
        collector = ObjectCollector(connection, DEFAULT_LIMITS)
        images = [[collector.new_image(unit, f"{name}.jpg") for name in "abc"] for unit in range(2)]
        people = [collector.new_person(name) for name in _PEOPLE]
        label = collector.new_label("car")
        for unit, rows in blocks:
            owners = np.array([people[person] for _, person in rows], np.int32)
            block = _block([images[unit][image] for image, _ in rows], label, annotator=owners)
            collector.append(unit, block, people[0])
        collector.finish([(int(Layer.FIRST_PASS), 0, 0), (int(Layer.FIRST_PASS), 0, 1)])
        found = connection.execute("SELECT item, annotator, position, file FROM object").fetchall()
    places: dict[tuple[int, int], count[int]] = {}
    expected = [
        ("abc"[image] + ".jpg", _PEOPLE[person], next(places.setdefault((image, person), count())), unit)
        for unit in range(2)
        for at, rows in blocks
        if at == unit
        for image, person in rows
    ]  # fmt: skip
    assert sorted(found) == sorted(expected)


def test_columns_that_only_some_files_fill_are_empty_for_the_others() -> None:
    with open_connection(readable=[]) as connection:
        create_tables(connection)
        collector = ObjectCollector(connection, DEFAULT_LIMITS)
        image, person, label = (
            collector.new_image(0, "a.jpg"),
            collector.new_person("annotator-1"),
            collector.new_label(),
        )
        collector.name_label(label, ClassRow("car", "1"))
        collector.append(0, _block([image], label), person)
        collector.append(0, _block([image], label, 2, shape=["{}"], confidence=np.array([0.5])), person)
        collector.append(0, _block([image], -1, 6), person)
        collector.finish([(int(Layer.FIRST_PASS), 0, 0)])
        rows = connection.execute(
            "SELECT kind, class, shape, confidence, angle, text, attributes, crowd FROM object ORDER BY position"
        ).fetchall()
    nothing = (None, None, None, False)
    assert rows == [
        ("box", "car", None, None, *nothing),
        ("polygon", "car", "{}", 0.5, *nothing),
        ("span", None, None, None, *nothing),
    ]
