"""What is in a delivery: format, people, layers, classes, how many labels an item has, and what is odd about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from assay.annotation.connection import open_connection
from assay.annotation.layers import ItemState, Layer
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.schema import Schema

from .annotation_table import NOBODY
from .delivery import DeliveryFile, find_delivery, readable_paths
from .inputs import format_of
from .inspect_located import inspect_located
from .located_reading import read_if_located
from .read import read_delivery
from .typed import SEPARATOR

_CLASSES_SHOWN = 200
_WHY = {
    "label_studio": "tasks with annotations or predictions",
    "mapping": "a mapping of annotators to items and labels",
    "dataframe": "a table in memory",
}


def inspect(
    paths: Sequence[Path],
    *,
    declared: DeliveryFile | None = None,
    schema: Schema | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> dict[str, object]:
    """Look at a delivery without judging it. Different answers of one person do not stop it: they become a finding.

    Raises :class:`InputError` for what cannot be read.
    """
    declared = declared or find_delivery(list(paths)) or DeliveryFile()
    if declared.duplicates == "refuse":
        declared = replace(declared, duplicates="first")
    with open_connection(readable=readable_paths(list(paths), declared)) as connection:
        located = read_if_located(paths, connection=connection, declared=declared, limits=limits)
        if located is not None:
            return inspect_located(connection, located)
        delivery = read_delivery(
            paths, connection=connection, declared=declared, schema=schema, limits=limits, may_be_empty=True
        )
        return {
            "schema": "assay-inspect/1",
            "inputs": [one.as_json() | {"why": _why(one.path, one.format)} for one in delivery.inputs],
            "kind": delivery.kind,
            "level": delivery.level,
            "has_content": delivery.has_content,
            **_counts(connection),
            "layers": _named_counts(connection, "layer"),
            "states": _named_counts(connection, "state"),
            "classes": _classes(connection, delivery.kind == "text", delivery.kind == "multi"),
            "labels_per_item": _labels_per_item(connection, delivery.kind == "multi"),
            "text_lengths": _text_lengths(connection, delivery.kind == "text"),
            "findings": [finding.as_json() for finding in delivery.findings],
        }


def _why(path: str, form: str) -> str:
    if form in _WHY:
        return _WHY[form]
    return "the ending of its name" if format_of(Path(path)) == form else "declared"


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    row = connection.execute(
        "SELECT count(*), count(value), count(DISTINCT item), "
        "count(DISTINCT annotator) FILTER (annotator <> ?), count(DISTINCT value) FROM annotation",
        [NOBODY],
    ).fetchall()[0]
    names = ("annotations", "labels", "items", "annotators", "different_labels")
    return dict(zip(names, map(int, row), strict=True))


def _named_counts(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    rows = connection.execute(
        f"SELECT {column}, count(*) FROM annotation GROUP BY {column} ORDER BY {column}"
    ).fetchall()
    names = Layer if column == "layer" else ItemState
    return {names(code).label: int(count) for code, count in rows}


def _classes(connection: duckdb.DuckDBPyConnection, is_text: bool, is_multi: bool) -> list[dict[str, object]]:
    if is_text:
        return []
    value = f"unnest(string_split(value, '{SEPARATOR}'))" if is_multi else "value"
    rows = connection.execute(
        f"SELECT label, count(*) AS n FROM (SELECT {value} AS label FROM annotation WHERE value IS NOT NULL) "
        f"GROUP BY label ORDER BY n DESC, label LIMIT {_CLASSES_SHOWN}"
    ).fetchall()
    return [{"class": str(label), "labels": int(count)} for label, count in rows]


def _labels_per_item(connection: duckdb.DuckDBPyConnection, is_multi: bool) -> list[dict[str, int]]:
    """How many items carry how many answers; the empty set is an answer where sets are asked for."""
    answered = f"value IS NOT NULL OR state = {ItemState.EMPTY:d}" if is_multi else "value IS NOT NULL"
    rows = connection.execute(
        f"SELECT n, count(*) FROM (SELECT count(*) FILTER ({answered}) AS n FROM annotation GROUP BY item) "
        "GROUP BY n ORDER BY n"
    ).fetchall()
    return [{"labels": int(labels), "items": int(items)} for labels, items in rows]


def _text_lengths(connection: duckdb.DuckDBPyConnection, is_text: bool) -> dict[str, dict[str, int]]:
    """How long the texts are, in characters: those of the items, and the labels themselves where they are texts."""
    sources = {"items": "SELECT text AS t FROM content"}
    if is_text:
        sources["labels"] = "SELECT value AS t FROM annotation"
    lengths = {}
    for name, query in sources.items():
        row = connection.execute(
            f"SELECT count(n), min(n), quantile_disc(n, 0.5), max(n) "
            f"FROM (SELECT length(t) AS n FROM ({query}) WHERE t IS NOT NULL)"
        ).fetchall()[0]
        if row[0]:
            lengths[name] = dict(zip(("texts", "shortest", "median", "longest"), map(int, row), strict=True))
    return lengths
