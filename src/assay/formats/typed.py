"""Columns that have types already (Parquet, DataFrames, Arrow) as the text columns of a relation."""

from __future__ import annotations

import itertools
from functools import partial

import duckdb

from assay.annotation.connection import sql_name, sql_path
from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import open_regular

from .inputs import PlainFile
from .relation import Relation, counted

#: Joins the labels of one multi-label value; sorted by code point.
SEPARATOR = "\x1f"
#: Stands in a cell whose value is an object and so no text.
NESTED = "\x1dnested"

_FLOATS = ("FLOAT", "DOUBLE")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_NO_TEXT = ("STRUCT", "MAP", "UNION", "BLOB", "VARIANT", "GEOMETRY")
_MAGIC = b"PAR1"
_SERIAL = itertools.count(1)


def parquet_relation(connection: duckdb.DuckDBPyConnection, file: PlainFile, limits: Limits) -> Relation:
    """The rows of a Parquet file. Raises :class:`InputError` for a damaged or truncated file."""
    with open_regular(file.path, limits=limits) as stream:
        head = stream.read(4)
        stream.seek(-min(4, file.bytes), 2)
        tail = stream.read(4)
    if head != _MAGIC or tail != _MAGIC:
        raise InputError(
            "this is no complete Parquet file", file=file.name,
            found=f"{head!r} at the start, {tail!r} at the end", expected=f"{_MAGIC!r} at both",
        )  # fmt: skip
    try:
        return typed_relation(
            connection, f"SELECT * FROM read_parquet({sql_path(file.path)})", file.name, limits
        )
    except duckdb.Error:
        raise damaged(file.name) from None


def damaged(name: str) -> InputError:
    """The refusal of a Parquet file whose inside cannot be read."""
    return InputError(
        "the Parquet file is damaged", file=name, found="pages that cannot be unpacked or read",
        expected="a file that a Parquet reader opens",
    )  # fmt: skip


def table_relation(
    connection: duckdb.DuckDBPyConnection, table: object, name: str, limits: Limits
) -> tuple[Relation, str]:
    """The rows of a pandas, Polars or Arrow table, and the name under which it is registered."""
    registered = f"handed_{next(_SERIAL)}"
    if not _register(connection, registered, table):
        # A reversed view of a DataFrame has no plain memory behind it; its copy has.
        copy = getattr(table, "copy", None)
        if not callable(copy) or not _register(connection, registered, copy()):
            raise InputError(
                "this is no table", file=name, found=type(table).__name__,
                expected="a pandas, Polars or Arrow table, or a path",
            )  # fmt: skip
    sql = f"SELECT * FROM {registered}"
    if not hasattr(table, "__len__"):  # a stream can be read once only
        connection.execute(f"CREATE TEMP TABLE {registered}_rows AS {sql}")
        sql = f"SELECT * FROM {registered}_rows"
    return typed_relation(connection, sql, name, limits), registered


def _register(connection: duckdb.DuckDBPyConnection, name: str, table: object) -> bool:
    try:
        connection.register(name, table)
    except (duckdb.Error, TypeError, ValueError):
        return False
    return True


def typed_relation(connection: duckdb.DuckDBPyConnection, sql: str, name: str, limits: Limits) -> Relation:
    """A query whose columns have any type, as text columns; numbers without a fraction are written without one."""
    described = connection.execute(f"DESCRIBE {sql}").fetchall()
    if len(described) > limits.columns:
        raise LimitError(
            "the table has too many columns",
            file=name,
            found=str(len(described)),
            expected=str(limits.columns),
        )
    names = tuple(str(row[0]) for row in described)
    types = [str(row[1]) for row in described]
    cells = tuple(f"c{at}" for at in range(len(names)))
    texts = tuple(partial(_text_of, kind=kind) for kind in types)
    columns = ", ".join(
        f"{text(sql_name(column))} AS {cell}" for column, text, cell in zip(names, texts, cells, strict=True)
    )
    plain = ", ".join(f"{sql_name(column)} AS {cell}" for column, cell in zip(names, cells, strict=True))
    text_sql = f"SELECT {columns} FROM ({sql})"
    return Relation(
        text_sql, counted(text_sql, cells), names, cells,
        lists=frozenset(at for at, kind in enumerate(types) if kind.endswith("]")),
        plain=f"SELECT {plain} FROM ({sql})", texts=texts,
        whole=frozenset(at for at, kind in enumerate(types) if kind in _WHOLE),
        nested=frozenset(at for at, kind in enumerate(types) if _is_nested(kind)),
    )  # fmt: skip


def list_text(expression: str) -> str:
    """SQL: the texts of a list as one multi-label value; NULL for an empty one."""
    kept = f"list_filter(list_distinct({expression}), lambda v: v IS NOT NULL AND v <> '')"
    return f"nullif(array_to_string(list_sort({kept}), chr(31)), '')"


def refuse_nested(
    connection: duckdb.DuckDBPyConnection, relation: Relation, position: int, role: str, name: str
) -> None:
    """Raise :class:`InputError` if a cell that should be a text was an object."""
    if relation.nested is not None and position not in relation.nested:
        return
    cell = relation.cells[position]
    rows = connection.execute(
        f"SELECT min(r) FROM ({relation.numbered}) WHERE {cell} = ?", [NESTED]
    ).fetchall()
    if rows[0][0] is not None:
        raise InputError(
            f"the {role} is no text", file=name, place=relation.place(int(rows[0][0])),
            found=f"an object in {shown(relation.names[position])}", expected="a text or a number",
        )  # fmt: skip


def _text_of(column: str, kind: str) -> str:
    if kind.endswith("]"):
        inner = kind[: kind.rindex("[")]
        return f"'{NESTED}'" if _is_nested(inner) else list_text(f"CAST({column} AS VARCHAR[])")
    if kind in _FLOATS:
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        return (
            f"CASE WHEN isnan({column}) THEN NULL WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) "
            f"ELSE CAST({column} AS VARCHAR) END"
        )
    if _is_nested(kind):
        return f"CASE WHEN {column} IS NOT NULL THEN '{NESTED}' END"
    return f"nullif(CAST({column} AS VARCHAR), '')"


def _is_nested(kind: str) -> bool:
    return kind.startswith(_NO_TEXT) or kind.endswith("]")
