"""A table that DuckDB can scan, whatever it was delivered as: SQL, the names of its columns, and where a row stands."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assay.annotation.errors import InputError


def _row_place(row: int) -> str:
    return f"row {row}"


@dataclass(frozen=True)
class Relation:
    """The rows of one source as text columns.

    ``sql`` is a query that yields the ``cells`` (SQL names) in the order of ``names``; ``numbered`` yields the same
    with a column ``r`` that counts rows from 1 in the order of the source. An empty cell is NULL. ``lists`` holds the
    positions whose cells were lists, written as sorted values joined by U+001F. ``place`` names a row for people.

    Columns that had a type of their own: ``plain`` yields the same cells as they lie in the source, ``texts`` holds
    how each becomes its text (see :meth:`text_of`), ``whole`` the positions of whole numbers of up to 64 bits and
    ``nested`` those that may hold objects, None where nobody knows.
    """

    sql: str
    numbered: str
    names: tuple[str, ...]
    cells: tuple[str, ...]
    place: Callable[[int], str] = _row_place
    lists: frozenset[int] = frozenset()
    plain: str = ""
    texts: tuple[Callable[[str], str], ...] = ()
    whole: frozenset[int] = frozenset()
    nested: frozenset[int] | None = None

    @property
    def source(self) -> str:
        """The query for the cells as they lie in the source."""
        return self.plain or self.sql

    def text_of(self, position: int, expression: str) -> str:
        """SQL: the text of a cell that :attr:`source` yields, given as an expression."""
        return self.texts[position](expression) if self.texts else expression


def counted(sql: str, cells: Sequence[str]) -> str:
    """The query with its rows counted in file order.

    ``row_number() OVER ()`` is a streaming window: it reads its input in order, whatever the number of threads.
    """
    return f"SELECT row_number() OVER () AS r, {', '.join(cells)} FROM ({sql})"


def first_row_where(
    connection: duckdb.DuckDBPyConnection, relation: Relation, condition: str
) -> tuple[int, tuple[str | None, ...]] | None:
    """The number and the cells of the first row for which a condition holds."""
    columns = ", ".join(relation.cells)
    rows = connection.execute(
        f"SELECT r, {columns} FROM ({relation.numbered}) WHERE {condition} ORDER BY r LIMIT 1"
    ).fetchall()
    return (int(rows[0][0]), tuple(rows[0][1:])) if rows else None


@contextmanager
def scratch_folder(connection: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """A private folder that the connection may read, for unpacked and recoded copies; it is removed afterwards."""
    row = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0]
    if not row[0]:
        raise InputError("the connection has no folder for temporary files", found="no temp_directory")
    root = Path(row[0])
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="unpacked-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
