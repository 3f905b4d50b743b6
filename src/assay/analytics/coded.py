"""Rows that were read as codes: the texts behind them, and the columns of ``vote`` that they become.

``coded(item, annotator, value)`` holds an item and two codes for each row, ``annotator_met`` and ``value_met`` the
texts behind the codes. Every such row is of one layer, state and round, which the view ``annotation`` tells.
"""

from __future__ import annotations

import duckdb

from assay.annotation.connection import has_table


def coded_texts(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    """The texts behind the codes of a column of ``coded`` with their numbers of rows, in order of the codes."""
    found = connection.execute(f"SELECT text, n FROM {column}_met ORDER BY code").fetchall()
    return {str(text): int(count) for text, count in found}


def coded_votes(connection: duckdb.DuckDBPyConnection) -> str:
    """SQL for the columns of ``vote`` beside its key. Drops the view ``annotation``: no text is read again."""
    found = connection.execute("SELECT layer, state, round FROM annotation LIMIT 1").fetchall()[0]
    constant = (
        f"{code}::UTINYINT AS {name}" for code, name in zip(found, ("layer", "state", "round"), strict=True)
    )
    connection.execute("DROP VIEW annotation")
    return ", ".join(("annotator", "value AS label", *constant))


def is_number(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the column ``item`` of a table holds numbers."""
    found = connection.execute(
        "SELECT data_type = 'BIGINT' FROM duckdb_columns() WHERE table_name = ? AND column_name = 'item'",
        [table],
    ).fetchall()
    return bool(found and found[0][0])


def manifest_keys(connection: duckdb.DuckDBPyConnection, whole: bool) -> tuple[str, str]:
    """SQL: the key of an item of the manifest, and the tables to take it from."""
    rows = "manifest_row" if has_table(connection, "manifest_row") else "manifest"
    if whole:
        return f"CAST({rows}.item AS BIGINT)", rows
    return "item_name.key", f"{rows} JOIN item_name ON item_name.item = CAST({rows}.item AS VARCHAR)"
