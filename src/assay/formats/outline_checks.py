"""Outlines one by one: which cross themselves, and which are thinner than a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import numpy.typing as npt
import shapely  # type: ignore[import-untyped]  # shapely carries no types

from .stored_json import stored_json

_ROWS = 20_000
_SHOWN = 5
_FEWEST = 6
_MOST = 1_000
_CROSSES = "Self-intersection"
_Floats = npt.NDArray[np.float64]


@dataclass
class OutlineChecks:
    """How many outlines cross themselves or are thin, and the first few items of them."""

    crossing: int = 0
    crossing_items: list[str] = field(default_factory=list)
    thin: int = 0
    thin_items: list[str] = field(default_factory=list)


def check_outlines(connection: duckdb.DuckDBPyConnection, where: str, thin: float) -> OutlineChecks:
    """Look at the outlines of the rows ``object AS o`` that ``where`` chooses, some thousand at a time.

    An outline is thin where its area is less than that of a band ``thin`` pixels wide along half of its length; the
    area of one that crosses itself is what it goes around. One that touches itself in a point does not cross itself.
    """
    found = OutlineChecks()
    rows = connection.execute(
        f"SELECT o.item, o.shape FROM object AS o WHERE {where} AND o.shape IS NOT NULL"
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
    length, area = shapely.length(drawn), shapely.area(drawn)
    flat = 2 * area < thin * length
    odd = np.flatnonzero(~shapely.is_valid(drawn))
    reasons = shapely.is_valid_reason(drawn[odd]).tolist()
    flat[odd] = _flat_crossing(drawn[odd], area[odd], thin * length[odd], sizes[odd])
    crossing = {
        owner[at]
        for at, why in zip(odd.tolist(), reasons, strict=True)
        if why.startswith(_CROSSES) and not flat[at]
    }
    narrow = {owner[at] for at in np.flatnonzero(flat).tolist()} - crossing
    found.crossing += _note(rows, crossing, found.crossing_items)
    found.thin += _note(rows, narrow, found.thin_items)


def _flat_crossing(
    drawn: npt.NDArray[np.object_], signed: _Floats, band: _Floats, points: npt.NDArray[np.int_]
) -> npt.NDArray[np.bool_]:
    """Which outlines that cross themselves go around less than half of the area ``band``.

    Crossing lines are taken apart only where it matters, because that takes most: an outline of n points goes around
    any place at most n/2 times, so what it goes around is at least 2/n of ``signed``, the area with a sign for the
    direction. One of very many points is flat where its convex hull is.
    """
    flat = 4 * np.abs(signed) < band * points
    large = np.flatnonzero(flat & (points > _MOST))
    small = np.flatnonzero(flat & (points <= _MOST))
    flat[large] = 2 * shapely.area(shapely.convex_hull(drawn[large])) < band[large]
    apart = shapely.make_valid(drawn[small], method="structure", keep_collapsed=False)
    flat[small] = 2 * shapely.area(apart) < band[small]
    return flat


def _note(rows: Sequence[tuple[str, str]], chosen: set[int], items: list[str]) -> int:
    items[:] = sorted({*items, *(rows[number][0] for number in chosen)})[:_SHOWN]
    return len(chosen)
