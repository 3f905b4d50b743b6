"""One item under two names: sources that name images by file, such as ``a.jpg``, beside sources that say ``a``."""

from __future__ import annotations

import duckdb

from assay.annotation.finding import Finding

_ENDING = r"\.(jpe?g|png|bmp|webp|tiff?|gif)$"
_SHOWN = 5


def settle_item_names(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Give items named without an ending the name of the one image that has it, and say so.

    Where two images share a stem (``a.jpg`` and ``a.png``), ``a`` stays an item of its own.
    """
    bare = connection.execute(
        f"SELECT count(*) FROM annotation WHERE NOT regexp_matches(item, '{_ENDING}', 'i')"
    ).fetchall()[0][0]
    if not bare:
        return []
    stem = f"regexp_replace(item, '{_ENDING}', '', 'i')"
    connection.execute(
        "CREATE TEMP TABLE item_stem AS SELECT stem AS item, min(item) FILTER (item <> stem) AS full_name FROM "
        f"(SELECT DISTINCT item, {stem} AS stem FROM annotation) GROUP BY stem "
        "HAVING count(*) = 2 AND count(*) FILTER (item = stem) = 1"
    )
    try:
        rows = connection.execute("SELECT item, full_name FROM item_stem ORDER BY item").fetchall()
        if not rows:
            return []
        for table in ("object", "annotation", "image", "content", "gold_item"):
            connection.execute(
                f"UPDATE {table} SET item = item_stem.full_name FROM item_stem WHERE {table}.item = item_stem.item"
            )
    finally:
        connection.execute("DROP TABLE item_stem")
    shown = ", ".join(f"{item} is {full}" for item, full in rows[:_SHOWN])
    text = (
        f"{len(rows):,} items are named with the ending of their file in one place and without it in another; they "
        f"were taken for the same: {shown}."
    )
    return [Finding("item_without_ending", "note", "delivery", text, {"items": len(rows)})]
