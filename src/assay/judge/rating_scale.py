"""The ends of a rating scale: as the schema declares them, else as far as the ratings go."""

from __future__ import annotations

from decimal import Decimal

import duckdb

from assay.annotation.schema import Schema

_STEPS_ASSUMED = 4


Ends = tuple[Decimal, Decimal]


def rating_scale(
    connection: duckdb.DuckDBPyConnection, schema: Schema | None, *, has_gold: bool
) -> Ends | None:
    """Lowest and highest rating; None where the ratings seen may be a part of the usual scale of 1 to 5."""
    tables = ["annotation", *(["gold"] if has_gold else [])]
    ratings = " UNION ALL ".join(
        f"SELECT try_cast(value AS DECIMAL(38, 9)) AS rating FROM {one}" for one in tables
    )
    low, high = connection.execute(f"SELECT min(rating), max(rating) FROM ({ratings})").fetchall()[0]
    return ends_of_scale(schema, None if low is None else (Decimal(low), Decimal(high)))


def ends_of_scale(schema: Schema | None, seen: Ends | None) -> Ends | None:
    """The ends that the schema declares, else those of the ratings ``seen`` where they tell more than the usual."""
    if schema is not None and schema.low is not None and schema.high is not None:
        return schema.low, schema.high
    return None if seen is None or seen[1] - seen[0] <= _STEPS_ASSUMED else seen
