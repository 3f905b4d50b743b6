"""What a writer of located labels goes through: who worked on which items, and the objects on each of them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState, Layer
from assay.annotation.place import shown

from .annotation_table import NOBODY

_BATCH = 5_000
_LONGEST = 200
_COLUMNS = "item, kind, class, x, y, w, h, shape, text, attributes, confidence, crowd"

#: kind, class, x, y, w, h, shape, text, attributes, confidence, crowd
Row = tuple[
    str, str | None, float, float, float, float, str | None, str | None, str | None, float | None, bool
]


@dataclass(frozen=True)
class Group:
    """The answers of one person in one layer, and the folder they are written to."""

    annotator: str
    layer: Layer
    folder: str

    @property
    def is_named(self) -> bool:
        """Whether a person is known."""
        return self.annotator != NOBODY


def groups_of(connection: duckdb.DuckDBPyConnection, layers: Collection[Layer] | None) -> list[Group]:
    """Everyone who worked in the layers asked for, each with a folder name of their own."""
    rows = connection.execute(
        "SELECT DISTINCT annotator, layer FROM annotation ORDER BY annotator, layer"
    ).fetchall()
    chosen = [(str(name), Layer(layer)) for name, layer in rows if layers is None or layer in layers]
    if not chosen:
        found = ", ".join(sorted({Layer(layer).label for _, layer in rows}))
        raise InputError("there is no annotation in the layers asked for", found=found or "nothing")
    several = len({layer for _, layer in chosen}) > 1
    taken: set[str] = set()
    groups = []
    for name, layer in chosen:
        wanted = "labels" if name == NOBODY else name
        groups.append(Group(name, layer, free_name(f"{wanted}-{layer.label}" if several else wanted, taken)))
    return groups


def free_name(wanted: str, taken: set[str]) -> str:
    """A name for a file or folder that is safe everywhere and differs from those taken in more than case."""
    safe = "".join(one if one.isalnum() or one in "-_. " else "_" for one in wanted).strip(". ") or "_"
    safe = safe.encode()[:_LONGEST].decode(errors="ignore")
    name, number = safe, 1
    while name.casefold() in taken:
        number += 1
        name = f"{safe}-{number}"
    taken.add(name.casefold())
    return name


@dataclass(frozen=True)
class Item:
    """One item that somebody worked on; the size is None where nobody knows it."""

    name: str
    width: int | None
    height: int | None


def items_of(connection: duckdb.DuckDBPyConnection, group: Group) -> list[Item]:
    """The items that a person worked on, in order of their names; skipped ones are left out."""
    rows = connection.execute(
        "SELECT a.item, i.width, i.height FROM annotation AS a LEFT JOIN image AS i USING (item) "
        "WHERE annotator = ? AND layer = ? AND state IN (?, ?) ORDER BY a.item",
        [group.annotator, int(group.layer), int(ItemState.EMPTY), int(ItemState.ANNOTATED)],
    ).fetchall()
    return [Item(str(item), width, height) for item, width, height in rows]


def objects_by_item(
    connection: duckdb.DuckDBPyConnection, group: Group, condition: str = "true"
) -> Iterator[tuple[Item, list[Row]]]:
    """Every item that a person worked on with the objects on it, in order of names and of the source."""
    items = items_of(connection, group)
    cursor = connection.cursor()
    cursor.execute(
        f"SELECT {_COLUMNS} FROM object WHERE annotator = ? AND layer = ? AND ({condition}) ORDER BY item, position",
        [group.annotator, int(group.layer)],
    )
    rows = _fetched(cursor)
    ahead = next(rows, None)
    for item in items:
        here: list[Row] = []
        while ahead is not None and ahead[0] == item.name:
            here.append(ahead[1:])  # type: ignore[arg-type]  # the columns behind the item
            ahead = next(rows, None)
        yield item, here
    cursor.close()


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    while rows := cursor.fetchmany(_BATCH):
        yield from rows


def write_bytes(folder: Path, name: str, data: bytes) -> None:
    """One small file among many: without the layers that a large one needs."""
    path = os.path.join(folder, name)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise InputError(
            f"the file cannot be written: {error.strerror}", file=str(folder), found=shown(name)
        ) from None
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
    finally:
        os.close(handle)


def class_rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None, str | None, str | None]]:
    """Name, id, parent and keypoints of every class, in the order of the source."""
    rows = connection.execute(
        "SELECT class, id, parent, points FROM object_class ORDER BY position"
    ).fetchall()
    return [(str(name), number, parent, points) for name, number, parent, points in rows]


def numbers_of_classes(
    rows: Collection[tuple[str, str | None, str | None, str | None]],
) -> Mapping[str, int] | None:
    """The numbers that the source gave its classes; None where it gave none, or not every one its own."""
    numbers = {
        name: int(number) for name, number, _, _ in rows
        if number is not None and len(number) < 10 and number.isascii() and number.isdigit()
        and str(int(number)) == number
    }  # fmt: skip
    return numbers if len(numbers) == len(rows) == len(set(numbers.values())) else None
