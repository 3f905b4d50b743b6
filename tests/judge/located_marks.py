"""Marks made by hand: one row for each object, from the shapes that readers store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from assay.formats.objects import KIND_CODES
from assay.judge.figures import Method
from assay.judge.located_batch import Facts, LocatedBatch, Marks
from assay.judge.located_extras import extra_figures
from assay.judge.located_measure import measure_located
from assay.measure.candidates import Objects
from assay.measure.comparisons import Work


@dataclass(frozen=True)
class Drawn:
    """One object as a reader stores it."""

    kind: str
    box: Sequence[float] = (0, 0, 0, 0)
    shape: Mapping[str, object] | None = None
    item: int = 0
    label: int = 0
    text: str | None = None
    attributes: Mapping[str, str] | None = None
    crowd: bool = False
    angle: float = float("nan")


def box(x: float, y: float, w: float, h: float, **more: object) -> Drawn:
    return Drawn("box", (x, y, w, h), **more)


def around(points: Sequence[float]) -> tuple[float, float, float, float]:
    x, y = points[0::2], points[1::2]
    return min(x), min(y), max(x) - min(x), max(y) - min(y)


def polygon(rings: Sequence[Sequence[float]], holes: Sequence[Sequence[float]] = (), **more: object) -> Drawn:
    flat = [number for ring in rings for number in ring]
    return Drawn("polygon", around(flat), {"rings": rings, "holes": holes}, **more)


def line(*points: float, **more: object) -> Drawn:
    return Drawn("polyline", around(points), {"points": points}, **more)


def rotated(corners: Sequence[float], **more: object) -> Drawn:
    return Drawn("rotated_box", around(corners), {"corners": corners}, **more)


def mask(table: Sequence[Sequence[int]] | np.ndarray, **more: object) -> Drawn:
    pixels = np.asarray(table, bool)
    flat = pixels.ravel(order="F")
    changes = np.flatnonzero(np.diff(flat, prepend=False))
    runs = np.diff(changes, prepend=0, append=len(flat)).tolist()
    rows, columns = np.nonzero(pixels)
    frame = (0, 0, 0, 0)
    if len(rows):
        frame = (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    return Drawn("mask", frame, {"size": list(pixels.shape), "counts": runs}, **more)


def joints(*points: float, frame: Sequence[float] | None = None, **more: object) -> Drawn:
    seen = [number for at in range(0, len(points), 3) if points[at + 2] > 0 for number in points[at : at + 2]]
    return Drawn("keypoints", frame or (around(seen) if seen else (0, 0, 0, 0)), {"points": points}, **more)


def span(*parts: tuple[int, int], **more: object) -> Drawn:
    start, end = min(part[0] for part in parts), max(part[1] for part in parts)
    return Drawn("span", (start, 0, end - start, 1), {"parts": parts}, **more)


def field(key: str, value: str | None, frame: Sequence[float] = (0, 0, 0, 0), **more: object) -> Drawn:
    return Drawn("field", frame, {"key": key, "value": value}, **more)


def marks(*drawn: Drawn) -> Marks:
    """The objects as one side."""

    def texts(values: Sequence[object]) -> np.ndarray:
        column = np.empty(len(values), dtype=object)
        column[:] = [None if value is None else value for value in values]
        return column

    def stored(value: object) -> str | None:
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()

    return Marks(
        Objects(
            np.array([one.item for one in drawn], np.int64),
            np.array([one.label for one in drawn], np.int64),
            np.array([one.box for one in drawn], np.float64).reshape(-1, 4),
        ),
        np.array([KIND_CODES[one.kind] for one in drawn], np.uint8),
        np.array([one.angle for one in drawn], np.float64),
        texts([stored(one.shape) for one in drawn]),
        texts([one.text for one in drawn]),
        texts([stored(one.attributes) for one in drawn]),
        np.array([one.crowd for one in drawn], np.bool_),
    )


def batch_of(
    kind: str,
    people: Mapping[str, Sequence[Drawn]],
    gold: Sequence[Drawn] = (),
    *,
    items: int = 1,
    classes: Sequence[str] = ("a", "b"),
    gold_items: Sequence[int] | None = None,
    width: int = -1,
) -> LocatedBatch:
    """A batch in which everybody worked on every item; gold is on all items unless said."""
    drawn = [one for objects in people.values() for one in objects]
    by = np.array([code for code, objects in enumerate(people.values()) for _ in objects], np.int64)
    every = np.arange(items)
    work = Work(np.repeat(every, len(people)), np.tile(np.arange(len(people)), items))
    made, none = marks(*drawn), np.zeros(items, np.int64)
    size = np.full(items, width)
    facts = Facts(every.astype(np.uint64) + 1, (), none, np.ones(items, bool), None, size, size)
    golden = every if gold_items is None and gold else np.array(gold_items or [], np.int64)
    return LocatedBatch(
        kind, tuple(f"item {n}" for n in range(items)), tuple(classes), tuple(people), made, by, work, made, by, work,
        marks(*gold), golden, facts, (), (items,),
    )  # fmt: skip


def extras_of(batch: LocatedBatch, threshold: float = 0.5) -> dict:
    """The section ``located`` of a batch."""
    method = Method(200, "seed")
    measured = measure_located(batch, threshold, method)
    return extra_figures(
        batch,
        measured.gold.outcomes if measured.gold else None,
        measured.agreement.outcomes if measured.agreement else None,
        threshold=threshold,
        method=method,
    )
