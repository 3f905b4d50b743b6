"""The schema of located labels: one name for each class, whatever a source calls it, and what it does not have."""

from __future__ import annotations

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import Layer
from assay.annotation.place import shown
from assay.annotation.schema import Schema
from assay.annotation.schema_values import LocatedKind

from .located_kinds import LOCATED_KINDS

_SHOWN = 5


def settle_kind(schema: Schema | None, declared: LocatedKind | None, found: LocatedKind) -> LocatedKind:
    """What the objects are judged as: as declared, else as the schema says, else what they look like.

    Raises :class:`InputError` when schema and delivery contradict each other.
    """
    if schema is None:
        return declared or found
    wanted = next((kind for kind in LOCATED_KINDS if kind == schema.kind), None)
    if wanted is None or declared not in (None, wanted):
        raise InputError(
            "delivery and schema disagree about the kind of labels", place="key labels",
            found=declared or found, expected=schema.kind,
        )  # fmt: skip
    return wanted


def settle_classes(connection: duckdb.DuckDBPyConnection, schema: Schema | None) -> list[Finding]:
    """Give every class the name that the schema has for it. Raises :class:`InputError` for gold of another schema."""
    if schema is None:
        return []
    rows = connection.execute(
        "SELECT class, count(*) FILTER (layer <> ?), count(*) FILTER (layer = ?) FROM object "
        "WHERE class IS NOT NULL GROUP BY class ORDER BY class",
        [int(Layer.GOLD), int(Layer.GOLD)],
    ).fetchall()
    names = {one.id: one.name for one in schema.classes}
    unknown: list[tuple[str, int]] = []
    for text, delivered, golden in rows:
        known = schema.resolve(str(text))
        if known is None and golden:
            raise InputError(
                "gold holds a class that the schema does not have; it was made for another version, or is misread",
                found=shown(str(text)), expected=f"one of {', '.join(schema.class_names[:12])}",
            )  # fmt: skip
        if known is None:
            unknown.append((str(text), int(delivered)))
        elif names[known] != text:
            for table in ("object", "object_class"):
                connection.execute(f"UPDATE {table} SET class = ? WHERE class = ?", [names[known], text])
    if not unknown:
        return []
    objects = sum(count for _, count in unknown)
    text = (
        f"{objects:,} objects are of classes that the schema does not have: "
        f"{', '.join(shown(name) for name, _ in unknown[:_SHOWN])}{', …' if len(unknown) > _SHOWN else ''}. "
        "They match nothing in gold."
    )
    evidence = {"classes": [name for name, _ in unknown[:20]], "objects": objects}
    return [Finding("unknown_class", "major", "delivery", text, evidence)]
