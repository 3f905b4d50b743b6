"""The table ``object`` as arrays: the objects of every answer, in an order that no file and no thread decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from assay.formats.located_kinds import LocatedKind
from assay.formats.objects import KIND_CODES
from assay.measure.candidates import Objects
from assay.measure.units import Ints

from .located_batch import Marks

NO_CLASS = "(no class)"
ROUNDS, LAYERS = 256, 8
Columns = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Answers:
    """Rows of the annotation table: item, person as delivered (of ``people`` in all), layer and round."""

    item: Ints
    raw: Ints
    layer: Ints
    round: Ints
    people: int

    @staticmethod
    def of(columns: Columns, people: int) -> Answers:
        """The rows of columns ``key``, ``raw``, ``layer`` and ``round``."""
        item, raw, layer, rounds = (
            np.asarray(columns[name], np.int64) for name in ("key", "raw", "layer", "round")
        )
        return Answers(item, raw, layer, rounds, people)

    @property
    def code(self) -> Ints:
        """One number for each answer: of one person on one item in one layer and round."""
        return ((self.item * self.people + self.raw) * LAYERS + self.layer) * ROUNDS + self.round

    def take(self, kept: Ints | NDArray[np.bool_]) -> Answers:
        """Some of the rows."""
        return Answers(self.item[kept], self.raw[kept], self.layer[kept], self.round[kept], self.people)


@dataclass(frozen=True)
class Marked:
    """Objects with the code of the answer that each belongs to, ascending."""

    code: Ints
    marks: Marks

    def of(self, answers: Answers) -> tuple[Marks, Ints]:
        """The objects of some answers, and the row of the answer that each belongs to."""
        code = answers.code
        order = np.argsort(code, kind="stable")
        place = np.searchsorted(code[order], self.code)
        held = np.append(code[order], -1)[place] == self.code
        if held.all():
            return self.marks, order[place]
        kept = np.flatnonzero(held)
        return self.marks.take(kept), order[place[kept]]


def read_marks(
    connection: duckdb.DuckDBPyConnection, kind: LocatedKind, people: int, *, layers: str
) -> Marked:
    """The objects in some layers (an SQL condition), by item, person, layer, round and position.

    The connection has ``item_name`` and the types ``raw_text`` and ``class_text`` of people and classes.
    """
    held = connection.execute(
        f"SELECT count(shape), count(text), count(attributes), count(angle), count(*) FROM object WHERE {layers}"
    ).fetchall()[0]
    size = int(held[4])
    shapes, texts, attributes, angles = (bool(count) for count in held[:4])
    cases = " ".join(f"WHEN '{name}' THEN {code}" for name, code in KIND_CODES.items())
    wanted = [
        "key", "enum_code(annotator::raw_text)::INTEGER AS raw", "layer", "round", "position", "crowd",
        f"enum_code(coalesce(class, '{NO_CLASS}')::class_text)::INTEGER AS label",
        f"(CASE kind {cases} END)::UTINYINT AS kind",
        *(f"coalesce({name}, 0) AS {name}" for name in ("x", "y", "w", "h")),
        *(["shape"] if shapes and kind != "boxes" else []), *(["text"] if texts else []),
        *(["attributes"] if attributes else []), *(["coalesce(angle, 'nan'::DOUBLE) AS angle"] if angles else []),
    ]  # fmt: skip
    found = connection.execute(
        f"SELECT {', '.join(wanted)} FROM object JOIN item_name USING (item) WHERE {layers}"
    ).fetchnumpy()
    code = Answers.of(found, people).code
    order = np.lexsort((found.pop("position"), code))
    nothing = np.full(size, None, dtype=object)

    def column(name: str) -> NDArray[np.generic]:
        return np.asarray(found.pop(name)[order])

    def told(name: str) -> NDArray[np.object_]:
        return _texts(found.pop(name))[order] if name in found else nothing

    box = np.empty((size, 4))
    for number, name in enumerate(("x", "y", "w", "h")):
        box[:, number] = column(name)
    np.maximum(box[:, 2:], 0.0, out=box[:, 2:])
    marks = Marks(
        Objects(np.asarray(column("key"), np.int64), np.asarray(column("label"), np.int64), box),
        np.asarray(column("kind"), np.uint8),
        np.asarray(column("angle"), np.float64) if angles else np.full(size, np.nan),
        told("shape"), told("text"), told("attributes"), np.asarray(column("crowd"), np.bool_),
    )  # fmt: skip
    return Marked(code[order], marks)


def _texts(column: NDArray[np.generic]) -> NDArray[np.object_]:
    """A column of texts with None where the source holds nothing."""
    texts = np.asarray(np.ma.getdata(column), dtype=object).copy()
    texts[np.ma.getmaskarray(column)] = None
    return texts
