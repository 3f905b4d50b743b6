"""Outlines one by one: which cross themselves, and which are thinner than a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import shapely  # type: ignore[import-untyped]  # shapely carries no types

from .stored_json import stored_json

_ROWS = 50_000
_SHOWN = 5
_FEWEST = 6
_CROSSES = "Self-intersection"


@dataclass
class OutlineChecks:
    """How many outlines cross themselves or are thin, and the first few items of them."""

    crossing: int = 0
    crossing_items: list[str] = field(default_factory=list)
    thin: int = 0
    thin_items: list[str] = field(default_factory=list)


def check_outlines(connection: duckdb.DuckDBPyConnection, where: str, thin: float) -> OutlineChecks:
    """Look at the outlines of the rows ``object AS o`` that ``where`` chooses, some thousand at a time.

    An outline is thin where its area is less than that of a band ``thin`` pixels wide along half of its length. One
    that touches itself in a point does not cross itself.
    """
    found = OutlineChecks()
    rows = connection.execute(
        f"SELECT o.item, o.shape FROM object AS o WHERE {where} AND o.shape IS NOT NULL ORDER BY o.item"
    )
    while some := rows.fetchmany(_ROWS):
        _check(some, thin, found)
    return found


def _check(rows: Sequence[tuple[str, str]], thin: float, found: OutlineChecks) -> None:
    owner: list[int] = []
    rings: list[list[float]] = []
    for number, (_, text) in enumerate(rows):
        shape = stored_json(text)
        for ring in shape.get("rings") or [shape.get("corners") or []]:
            if len(ring) >= _FEWEST:
                owner.append(number)
                rings.append(ring[: len(ring) // 2 * 2])
    if not rings:
        return
    sizes = np.array([len(ring) // 2 for ring in rings])
    points = np.array([number for ring in rings for number in ring], np.float64).reshape(-1, 2)
    drawn = shapely.polygons(shapely.linearrings(points, indices=np.repeat(np.arange(len(rings)), sizes)))
    odd = np.flatnonzero(~shapely.is_valid(drawn))
    reasons = shapely.is_valid_reason(drawn[odd]).tolist()
    length = shapely.length(drawn)
    drawn[odd] = shapely.make_valid(drawn[odd])  # the area of a crossing outline is what it encloses
    flat = 2 * shapely.area(drawn) < thin * length
    crossing = {
        owner[at]
        for at, why in zip(odd.tolist(), reasons, strict=True)
        if why.startswith(_CROSSES) and not flat[at]
    }
    narrow = {owner[at] for at in np.flatnonzero(flat).tolist()} - crossing
    found.crossing += _note(rows, crossing, found.crossing_items)
    found.thin += _note(rows, narrow, found.thin_items)


def _note(rows: Sequence[tuple[str, str]], chosen: set[int], items: list[str]) -> int:
    for number in sorted(chosen):
        if len(items) < _SHOWN and rows[number][0] not in items:
            items.append(rows[number][0])
    return len(chosen)
