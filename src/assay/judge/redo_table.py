"""A redo list whose items are known by name, as a table of its own."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from .redo import Listed


def listed_items(
    connection: duckdb.DuckDBPyConnection, items: Sequence[tuple[str, int]], *, with_manifest: bool
) -> Listed:
    """The items with the number of the part that sends each back, in their order."""
    connection.execute("CREATE OR REPLACE TEMP TABLE redo_text(key BIGINT, item VARCHAR, part USMALLINT)")
    columns = [list(range(len(items))), [item for item, _ in items], [part for _, part in items]]
    connection.execute("INSERT INTO redo_text SELECT unnest(?), unnest(?), unnest(?)", columns)
    tables = ("content", "manifest") if with_manifest else ("content",)
    return Listed(connection, "SELECT key, item, part FROM redo_text", tables)
