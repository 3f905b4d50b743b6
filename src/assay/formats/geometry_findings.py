"""What is odd about the geometry of located labels: outside of the image, without area, drawn twice."""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt

from assay.annotation.finding import Finding

_SHOWN = 5
_NEAR = 0.95
_NEIGHBOURS = 8
_PLANE = "('box', 'rotated_box', 'polygon', 'mask')"


def geometry_findings(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """The findings of geometry of the tables ``object`` and ``image``."""
    return [*_outside(connection), *_no_area(connection), *_near_duplicates(connection)]


def _outside(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Beyond the edge by more than a pixel; less is the rounding of tools."""
    where = "o.x < -1 OR o.y < -1 OR o.x + o.w > i.width + 1 OR o.y + o.h > i.height + 1"
    source = (
        f"object AS o JOIN image AS i USING (item) WHERE i.width IS NOT NULL AND NOT o.crowd AND ({where})"
    )
    count, items = _counted(connection, source)
    if not count:
        return []
    text = f"{count:,} objects lie outside of their image by more than a pixel: {', '.join(items)}."
    return [Finding("outside_image", "major", "delivery", text, {"objects": count, "items": items})]


def _no_area(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    source = f"object AS o WHERE o.kind IN {_PLANE} AND NOT (o.w > 0 AND o.h > 0)"
    count, items = _counted(connection, source)
    if not count:
        return []
    text = f"{count:,} objects have no area, or width or height below zero: {', '.join(items)}."
    return [Finding("no_area", "major", "delivery", text, {"objects": count, "items": items})]


def _counted(connection: duckdb.DuckDBPyConnection, source: str) -> tuple[int, list[str]]:
    rows = connection.execute(
        f"SELECT o.item, count(*) FROM {source} GROUP BY o.item ORDER BY o.item"
    ).fetchall()
    return sum(int(row[1]) for row in rows), [str(row[0]) for row in rows[:_SHOWN]]


def _near_duplicates(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Pairs of one person on one item, of one class, that overlap almost completely.

    Such pairs begin at almost the same place, so each object is compared with the next few in the order of x alone:
    time is in proportion to the objects, whatever a single image holds.
    """
    rows = connection.execute(
        "SELECT hash(item, annotator, layer, round, class, kind) AS g, x, y, w, h FROM object "
        f"WHERE kind IN {_PLANE} AND w > 0 AND h > 0 AND NOT crowd"
    ).fetchnumpy()
    order = np.lexsort((rows["y"], rows["x"], rows["g"]))
    group = np.asarray(rows["g"])[order]
    box = np.column_stack([np.asarray(rows[name], np.float64)[order] for name in "xywh"])
    found = np.zeros(group.size, np.bool_)
    for step in range(1, min(_NEIGHBOURS, group.size - 1) + 1):
        same = np.flatnonzero(group[step:] == group[:-step])
        if not same.size:
            break
        near = _overlap(box[same], box[same + step]) >= _NEAR
        found[same[near] + step] = True
    count = int(np.count_nonzero(found))
    if not count:
        return []
    text = f"{count:,} objects lie almost exactly on another one of the same person and class."
    return [Finding("near_duplicates", "minor", "delivery", text, {"objects": count, "overlap": _NEAR})]


def _overlap(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    width = np.minimum(a[:, 0] + a[:, 2], b[:, 0] + b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    height = np.minimum(a[:, 1] + a[:, 3], b[:, 1] + b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    return np.asarray(shared / (a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - shared), np.float64)
