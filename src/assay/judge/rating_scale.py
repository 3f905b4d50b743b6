"""The ends of a rating scale: as the schema declares them, else as far as the ratings go."""

from __future__ import annotations

from decimal import Decimal

import duckdb

from assay.annotation.schema import Schema

_STEPS_ASSUMED = 4


def rating_scale(
    connection: duckdb.DuckDBPyConnection, schema: Schema | None, *, has_gold: bool
) -> tuple[Decimal, Decimal] | None:
    """Lowest and highest rating; None where the ratings seen may be a part of the usual scale of 1 to 5."""
    if schema is not None and schema.low is not None and schema.high is not None:
        return schema.low, schema.high
    tables = ["annotation", *(["gold"] if has_gold else [])]
    ratings = " UNION ALL ".join(
        f"SELECT try_cast(value AS DECIMAL(38, 9)) AS rating FROM {one}" for one in tables
    )
    low, high = connection.execute(f"SELECT min(rating), max(rating) FROM ({ratings})").fetchall()[0]
    if low is None or high - low <= _STEPS_ASSUMED:
        return None
    return Decimal(low), Decimal(high)
