"""Tables that a program hands over: pandas, Polars, Arrow. Their packages are the caller's; none is imported here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from assay.annotation.limits import Limits

from .inputs import PlainFile, ReadRequest, examine
from .table_source import TableRequest, TableSource, open_table, typed_source
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


def row_hash(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """A SHA-256 over the set of rows of a query, which does not depend on their order."""
    rows = connection.execute(
        "SELECT sha256(string_agg(h, '' ORDER BY h)) FROM "
        f"(SELECT sha256(CAST(to_json(one) AS VARCHAR)) AS h FROM ({query}) AS one) "
        "GROUP BY substr(h, 1, 3) ORDER BY min(h)"
    ).fetchall()
    return hashlib.sha256("".join(str(row[0]) for row in rows).encode()).hexdigest()


@contextmanager
def open_any(
    connection: duckdb.DuckDBPyConnection,
    source: Path | object,
    name: str,
    request: TableRequest,
    *,
    scratch: Path,
    limits: Limits,
) -> Iterator[tuple[PlainFile, TableSource]]:
    """A table in a file, or one in memory that people find under ``name``."""
    if isinstance(source, Path):
        file = examine(ReadRequest(source, str(source)), scratch=scratch, limits=limits)
        with open_table(connection, file, request, scratch=scratch, limits=limits) as opened:
            yield file, opened
        return
    with open_frame(connection, source, name, request, limits) as opened:
        yield frame_file(name), opened
