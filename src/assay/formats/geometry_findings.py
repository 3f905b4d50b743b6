"""What is odd about the geometry of located labels: outside of the image, without area, thin, crossing, drawn twice."""

from __future__ import annotations

from importlib import import_module

import duckdb
import numpy as np
import numpy.typing as npt

from assay.annotation.finding import Finding
from assay.annotation.layers import Layer

_SHOWN = 5
_NEAR = 0.95
_NEIGHBOURS = 8
_THIN = 1.0
_PLANE = "('box', 'rotated_box', 'polygon', 'mask')"
_OUTLINES = "('polygon', 'rotated_box')"
_PLACE_BITS = 20
_DELIVERED = f"o.layer NOT IN ({Layer.PRELABEL:d}, {Layer.GOLD:d})"


def geometry_findings(
    connection: duckdb.DuckDBPyConnection, *, delivered_only: bool = False
) -> list[Finding]:
    """The findings of geometry of the tables ``object`` and ``image``.

    ``delivered_only`` leaves out gold and prelabels: a vendor does not answer for them and learns nothing of gold.
    """
    layers = _DELIVERED if delivered_only else "true"
    found = [_outside(connection, layers), _no_area(connection, layers), *_outlines(connection, layers)]
    found.append(_near_duplicates(connection, layers))
    return [one for one in found if one is not None]


def _outside(connection: duckdb.DuckDBPyConnection, layers: str) -> Finding | None:
    """Beyond the edge by more than a pixel; less is the rounding of tools."""
    where = "o.x < -1 OR o.y < -1 OR o.x + o.w > i.width + 1 OR o.y + o.h > i.height + 1"
    source = (
        f"object AS o JOIN image AS i USING (item) WHERE {layers} AND i.width IS NOT NULL AND NOT o.crowd "
        f"AND ({where})"
    )
    count, items = _counted(connection, source)
    text = f"{count:,} objects lie outside of their image by more than a pixel: {', '.join(items)}."
    return _finding("outside_image", "major", text, count, items)


def _no_area(connection: duckdb.DuckDBPyConnection, layers: str) -> Finding | None:
    source = f"object AS o WHERE {layers} AND o.kind IN {_PLANE} AND NOT (o.w > 0 AND o.h > 0)"
    count, items = _counted(connection, source)
    text = f"{count:,} objects have no area, or width or height below zero: {', '.join(items)}."
    return _finding("no_area", "major", text, count, items)


def _counted(connection: duckdb.DuckDBPyConnection, source: str) -> tuple[int, list[str]]:
    rows = connection.execute(
        f"SELECT o.item, count(*) FROM {source} GROUP BY o.item ORDER BY o.item"
    ).fetchall()
    return sum(int(row[1]) for row in rows), [str(row[0]) for row in rows[:_SHOWN]]


def _finding(kind: str, severity: str, text: str, count: int, items: list[str]) -> Finding | None:
    if not count:
        return None
    evidence = {"objects": count, "items": items}
    return Finding(kind, "major" if severity == "major" else "minor", "delivery", text, evidence)


def _outlines(connection: duckdb.DuckDBPyConnection, layers: str) -> list[Finding | None]:
    """Outlines that cross themselves, and objects thinner than a pixel."""
    source = (
        f"object AS o WHERE {layers} AND o.kind = 'box' AND o.w > 0 AND o.h > 0 AND least(o.w, o.h) < {_THIN}"
    )
    thin, items = _counted(connection, source)
    crossing, crossed = 0, list[str]()
    if connection.execute(f"SELECT 1 FROM object WHERE kind IN {_OUTLINES} LIMIT 1").fetchone():
        # The library of outlines takes .3 s to load, and many deliveries hold boxes alone.
        checks = import_module("assay.formats.outline_checks")
        found = checks.check_outlines(connection, f"{layers} AND o.kind IN {_OUTLINES}", _THIN)
        crossing, crossed = found.crossing, found.crossing_items
        thin, items = thin + found.thin, sorted({*items, *found.thin_items})[:_SHOWN]
    return [
        _finding(
            "self_intersection", "minor",
            f"{crossing:,} outlines cross themselves; the area they enclose counts: {', '.join(crossed)}.",
            crossing, crossed,
        ),
        _finding(
            "sliver", "minor", f"{thin:,} objects are thinner than a pixel: {', '.join(items)}.", thin, items
        ),
    ]  # fmt: skip


def _near_duplicates(connection: duckdb.DuckDBPyConnection, layers: str) -> Finding | None:
    """Pairs of one person on one item, of one class, that overlap almost completely.

    Such pairs begin at almost the same place, so each object is compared with the next few in the order of x alone:
    time is in proportion to the objects, whatever a single image holds. One number orders objects by whose they are,
    a hash, and by x.
    """
    rows = connection.execute(
        "SELECT hash(o.item, o.annotator, o.layer, o.round, o.class, o.kind) AS g, o.x, o.y, o.w, o.h "
        f"FROM object AS o WHERE {layers} AND o.kind IN {_PLANE} AND o.w > 0 AND o.h > 0 AND NOT o.crowd"
    ).fetchnumpy()
    group = np.asarray(rows["g"]) >> np.uint64(_PLACE_BITS)
    box = np.column_stack([np.asarray(rows[name], np.float64) for name in "xywh"])
    if len(box) < 2:
        return None
    low, wide = box[:, 0].min(), max(float(np.ptp(box[:, 0])), 1.0)
    place = ((box[:, 0] - low) / wide * ((1 << _PLACE_BITS) - 1)).astype(np.uint64)
    order = np.argsort((group << np.uint64(_PLACE_BITS)) | place, kind="stable")
    group = group[order]
    found = np.zeros(group.size, np.bool_)
    for step in range(1, min(_NEIGHBOURS, group.size - 1) + 1):
        same = np.flatnonzero(group[step:] == group[:-step])
        if not same.size:
            break
        near = _overlap(box[order[same]], box[order[same + step]]) >= _NEAR
        found[same[near] + step] = True
    count = int(np.count_nonzero(found))
    if not count:
        return None
    text = f"{count:,} objects lie almost exactly on another one of the same person and class."
    return Finding("near_duplicates", "minor", "delivery", text, {"objects": count, "overlap": _NEAR})


def _overlap(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    width = np.minimum(a[:, 0] + a[:, 2], b[:, 0] + b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    height = np.minimum(a[:, 1] + a[:, 3], b[:, 1] + b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    return np.asarray(shared / (a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - shared), np.float64)
