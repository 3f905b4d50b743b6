"""The items of a redo list as an import for CVAT and Label Studio, with what was delivered as a start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import duckdb
import numpy as np

from assay.annotation.layers import Layer

from .cvat_write import ImageItem, write_cvat
from .located_answers import answers_of
from .located_kinds import LocatedKind
from .located_rows import Work
from .redo_names import CVAT_FILE, IN_IMAGES, STUDIO_FILE, redo_files
from .regions_write import RegionTask, write_regions

#: The layers that people make, the one that decides most first.
_DECIDING = (Layer.FINAL, Layer.ADJUDICATION, Layer.REVIEW, Layer.SELF_CHECK, Layer.FIRST_PASS)
_CREATE = "CREATE OR REPLACE TABLE redo_item AS SELECT DISTINCT item FROM wanted_items"
_UNANSWERED = (
    "SELECT item, any_value(c.text), any_value(c.link), any_value(i.width), any_value(i.height) FROM redo_item "
    "LEFT JOIN content AS c USING (item) LEFT JOIN image AS i USING (item) "
    "WHERE item NOT IN (SELECT item FROM annotation WHERE {}) GROUP BY item ORDER BY item"
)


def write_redo_import(
    connection: duckdb.DuckDBPyConnection,
    items: Sequence[str],
    folder: Path,
    kind: LocatedKind,
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """Write the import files for some items of a delivery into a folder; their names.

    ``rework.cvat.xml`` is written for labels of images: one answer for each image, of the layer that decides most, and
    of several people in it the first by name. ``rework.label-studio.json`` holds a task for each item, and what
    everybody delivered in that layer as predictions: a start for whoever redoes it, and nobody's vote. Every item is in
    both, whether anybody marked something on it or not; gold and prelabels are in neither. People stand under their
    pseudonyms (``names``, by annotator), and under none where they have none.
    """
    connection.register("wanted_items", {"item": np.array([*items, ""], dtype=object)})
    try:
        connection.execute(_CREATE)
    finally:
        connection.unregister("wanted_items")
    try:
        connection.execute("DELETE FROM redo_item WHERE item = ''")
        write_regions(folder / STUDIO_FILE, _tasks(connection, names or {}))
        if kind in IN_IMAGES:
            write_cvat(folder / CVAT_FILE, map(_image, _tasks(connection, names or {})))
        return redo_files(kind)
    finally:
        connection.execute("DROP TABLE redo_item")


def _tasks(connection: duckdb.DuckDBPyConnection, names: Mapping[str, str]) -> Iterator[RegionTask]:
    """A task for each item with the answers of its deciding layer as prelabels."""
    layers = f"layer IN ({', '.join(str(int(layer)) for layer in _DECIDING)})"
    answers = answers_of(connection, f"{layers} AND item IN (SELECT item FROM redo_item)")
    for item, grouped in groupby(answers, key=lambda one: one.item):
        found = list(grouped)
        deciding = min((one.layer for one in found), key=_DECIDING.index)
        work = [
            Work(item, _model(names.get(one.annotator)), Layer.PRELABEL, one.state, one.objects, 0)
            for one in found if one.layer is deciding and one.is_done
        ]  # fmt: skip
        first = found[0]
        yield RegionTask(item, work, first.text, first.link, first.width, first.height)
    for row in connection.execute(_UNANSWERED.format(layers)).fetchall():
        yield RegionTask(str(row[0]), [], *row[1:])


def _model(pseudonym: str | None) -> str:
    """Whose answer a prediction is, as a prediction can say it."""
    return f"model:{(pseudonym or 'delivered').removeprefix('model:')}"


def _image(task: RegionTask) -> ImageItem:
    return task.item, task.width, task.height, task.work[0].objects if task.work else ()
