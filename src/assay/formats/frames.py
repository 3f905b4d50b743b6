"""Tables that a program hands over: pandas, Polars, Arrow. Their packages are the caller's; none is imported here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from assay.annotation.limits import Limits

from .inputs import InputFile, PlainFile
from .table_source import TableRequest, TableSource, typed_source
from .typed import table_relation


def is_table(source: object) -> bool:
    """Whether a source is a table and not a path."""
    return not isinstance(source, (str, Path))


@contextmanager
def open_frame(
    connection: duckdb.DuckDBPyConnection, table: object, name: str, request: TableRequest, limits: Limits
) -> Iterator[TableSource]:
    """Open a table under a name of its own; it is let go at the end."""
    relation, registered = table_relation(connection, table, name, limits)
    try:
        yield typed_source(connection, relation, request, name)
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {registered}_rows")
        connection.unregister(registered)


def frame_file(name: str) -> PlainFile:
    """What stands in the place of a file for a table in memory; its hash is taken of its rows when they are read."""
    return PlainFile(Path(name), name, "", 0, "dataframe", False, True)


def with_row_hash(
    connection: duckdb.DuckDBPyConnection, file: InputFile, index: int, table: str
) -> InputFile:
    """The file entry with a SHA-256 over the set of its rows, which does not depend on their order."""
    columns = "item, annotator, value, layer, state, round"
    rows = connection.execute(
        "SELECT sha256(string_agg(h, '' ORDER BY h)) FROM (SELECT sha256(CAST(to_json("
        f"[{_texts(columns)}]) AS VARCHAR)) AS h FROM {table} WHERE file = ?) GROUP BY substr(h, 1, 3) "
        "ORDER BY min(h)",
        [index],
    ).fetchall()
    digest = hashlib.sha256("".join(str(row[0]) for row in rows).encode())
    return replace(file, sha256=digest.hexdigest())


def _texts(columns: str) -> str:
    return ", ".join(f"CAST({column} AS VARCHAR)" for column in columns.split(", "))
