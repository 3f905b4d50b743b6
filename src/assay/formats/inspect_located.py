"""What is in a delivery of located labels: files, people, classes, kinds and sizes of objects, and what is odd."""

from __future__ import annotations

import duckdb

from assay.annotation.layers import ItemState, Layer

from .annotation_table import NOBODY
from .geometry_findings import geometry_findings
from .located import LocatedDelivery

_CLASSES_SHOWN = 200


def inspect_located(connection: duckdb.DuckDBPyConnection, delivery: LocatedDelivery) -> dict[str, object]:
    """The document of ``assay inspect`` for a delivery that was read into ``connection``."""
    findings = (*delivery.findings, *geometry_findings(connection))
    lengths = _text_lengths(connection)
    return {
        "schema": "assay-inspect/1",
        "inputs": [
            one.as_json() | {"why": why} for one, why in zip(delivery.inputs, delivery.why, strict=True)
        ],
        "kind": delivery.kind,
        "level": "nominal",
        "has_content": "items" in lengths,
        **_counts(connection),
        "layers": _named_counts(connection, "layer"),
        "states": _named_counts(connection, "state"),
        "classes": _classes(connection),
        "labels_per_item": _objects_per_answer(connection),
        "text_lengths": lengths,
        "objects": _objects(connection),
        "findings": [finding.as_json() for finding in findings],
    }


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    annotations, items, people = connection.execute(
        "SELECT count(*), count(DISTINCT item), count(DISTINCT annotator) FILTER (annotator <> ?) FROM annotation",
        [NOBODY],
    ).fetchall()[0]
    labels, classes = connection.execute("SELECT count(*), count(DISTINCT class) FROM object").fetchall()[0]
    names = ("annotations", "labels", "items", "annotators", "different_labels")
    return dict(zip(names, map(int, (annotations, labels, items, people, classes)), strict=True))


def _named_counts(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    rows = connection.execute(
        f"SELECT {column}, count(*) FROM annotation GROUP BY {column} ORDER BY {column}"
    ).fetchall()
    names = Layer if column == "layer" else ItemState
    return {names(code).label: int(count) for code, count in rows}


def _classes(connection: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    rows = connection.execute(
        "SELECT class, count(*) AS n FROM object WHERE class IS NOT NULL GROUP BY class "
        f"ORDER BY n DESC, class LIMIT {_CLASSES_SHOWN}"
    ).fetchall()
    return [{"class": str(name), "labels": int(count)} for name, count in rows]


def _text_lengths(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """How long the texts of the items and the marked spans are, in characters."""
    sources = {
        "items": "SELECT length(text) AS n FROM content WHERE text IS NOT NULL",
        "labels": "SELECT w::BIGINT AS n FROM object WHERE kind = 'span'",
    }
    lengths = {}
    for name, query in sources.items():
        row = connection.execute(
            f"SELECT count(n), min(n), quantile_disc(n, 0.5), max(n) FROM ({query})"
        ).fetchall()[0]
        if row[0]:
            lengths[name] = dict(zip(("texts", "shortest", "median", "longest"), map(int, row), strict=True))
    return lengths


def _objects_per_answer(connection: duckdb.DuckDBPyConnection) -> list[dict[str, int]]:
    """How many answers (one person on one item) hold how many objects."""
    rows = connection.execute(
        "SELECT n, count(*) FROM (SELECT count(o.item) AS n FROM annotation AS a LEFT JOIN object AS o "
        "USING (item, annotator, layer, round) GROUP BY a.item, a.annotator, a.layer, a.round) GROUP BY n ORDER BY n"
    ).fetchall()
    return [{"labels": int(objects), "items": int(answers)} for objects, answers in rows]


def _objects(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    kinds = connection.execute("SELECT kind, count(*) FROM object GROUP BY kind ORDER BY kind").fetchall()
    images, sized = connection.execute("SELECT count(*), count(width) FROM image").fetchall()[0]
    declared = connection.execute("SELECT count(*) FROM object_class").fetchall()[0][0]
    crowd, scored, attributed = connection.execute(
        "SELECT count(*) FILTER (crowd), count(confidence), count(attributes) FROM object"
    ).fetchall()[0]
    edge = connection.execute(
        "SELECT min(e), quantile_cont(e, 0.5), max(e) FROM "
        "(SELECT sqrt(w * h) AS e FROM object WHERE w > 0 AND h > 0 AND kind <> 'span')"
    ).fetchall()[0]
    sizes = {} if edge[0] is None else dict(zip(("least", "median", "most"), map(float, edge), strict=True))
    return {
        "kinds": {str(kind): int(count) for kind, count in kinds},
        "classes_declared": int(declared),
        "images": int(images),
        "images_without_size": int(images) - int(sized),
        "crowd": int(crowd),
        "with_confidence": int(scored),
        "with_attributes": int(attributed),
        "root_of_area": sizes,
    }
