"""The answers of a delivery of located labels, item by item, for those who write tasks, records or elements."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import duckdb

from assay.annotation.layers import ItemState, Layer

from .located_groups import Group
from .located_rows import ObjectRow

_BATCH = 5_000
_KEY = "item, layer, annotator, round"
_OBJECT = "kind, class, x, y, w, h, angle, shape, text, attributes, confidence, crowd"
#: An answer is the work of one person on one item in one layer and round.
_Key = tuple[str, int, str, int]


@dataclass(frozen=True)
class Answer:
    """What one person marked on one item, and what is known of the item."""

    item: str
    annotator: str
    layer: Layer
    state: ItemState
    objects: list[ObjectRow]
    text: str | None
    link: str | None
    width: int | None
    height: int | None

    @property
    def is_done(self) -> bool:
        """Whether the person worked on the item."""
        return self.state in (ItemState.EMPTY, ItemState.ANNOTATED)


def where_group(group: Group) -> str:
    """SQL: the answers of a person in a layer."""
    name = group.annotator.replace("'", "''")
    return f"annotator = '{name}' AND layer = {int(group.layer)}"


def where_layers(layers: Collection[Layer] | None) -> str:
    """SQL: whether a row is in the layers asked for."""
    return "true" if layers is None else f"layer IN ({', '.join(str(int(one)) for one in sorted(layers))})"


def answers_of(connection: duckdb.DuckDBPyConnection, where: str = "true") -> Iterator[Answer]:
    """The answers for which ``where`` holds, in the order of item, layer and person; objects as in the source."""
    objects = _objects(connection, where)
    ahead = next(objects, None)
    for row in _rows(
        connection,
        f"SELECT {', '.join(f'a.{name}' for name in _KEY.split(', '))}, a.state, c.text, c.link, i.width, i.height "
        f"FROM (SELECT * FROM annotation WHERE {where}) AS a LEFT JOIN content AS c USING (item) "
        "LEFT JOIN image AS i USING (item) ORDER BY ALL",
    ):
        item, layer, annotator, rounds, state, text, link, width, height = row
        key = (item, layer, annotator, rounds)
        here: list[ObjectRow] = []
        while ahead is not None and ahead[0] == key:
            here.append(ahead[1])
            ahead = next(objects, None)
        yield Answer(
            str(item), str(annotator), Layer(layer), ItemState(state), here, text, link, width, height  # type: ignore[arg-type]  # columns of the tables
        )  # fmt: skip


def _objects(connection: duckdb.DuckDBPyConnection, where: str) -> Iterator[tuple[_Key, ObjectRow]]:
    for row in _rows(
        connection, f"SELECT {_KEY}, {_OBJECT} FROM object WHERE {where} ORDER BY {_KEY}, position"
    ):
        kind, label, *frame = row[4:10]
        sides = [0.0 if side is None else side for side in frame]
        yield row[:4], ObjectRow(kind, label or "", *sides, *row[10:])  # type: ignore[misc, arg-type]  # columns of the table


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[object, ...]]:
    cursor = connection.cursor()
    cursor.execute(query)
    while rows := cursor.fetchmany(_BATCH):
        yield from rows
    cursor.close()
