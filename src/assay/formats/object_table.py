"""The table ``object``: how its rows are staged while files are read, and written in one statement at the end.

A row stays small, because there are millions: texts that repeat are codes that only look like texts, and columns that
no file of the delivery fills take no room. To whoever reads the table it has all of its columns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import duckdb
import numpy as np
import numpy.typing as npt

ObjectKind = Literal["box", "rotated_box", "polygon", "polyline", "mask", "keypoints", "span", "field"]

OBJECT_KINDS: tuple[ObjectKind, ...] = get_args(ObjectKind)
#: The code of each kind in a block.
KIND_CODES: Mapping[str, int] = {kind: code for code, kind in enumerate(OBJECT_KINDS)}

Codes = npt.NDArray[np.int32]
_Ints = npt.NDArray[np.int64]

#: Columns that most formats leave empty.
_OPTIONAL = {
    "angle": "DOUBLE", "shape": "VARCHAR", "text": "VARCHAR", "attributes": "VARCHAR", "confidence": "DOUBLE",
}  # fmt: skip
_CODED = {"annotator": "object_annotator", "kind": "object_kind"}
_STAGING = """
CREATE TEMP TABLE staged_object(
    unit INTEGER, image INTEGER, annotator INTEGER, label INTEGER, kind UTINYINT,
    x DOUBLE, y DOUBLE, w DOUBLE, h DOUBLE, crowd BOOLEAN);
"""


@dataclass
class ObjectTable:
    """Staged objects on their way into ``object``; ``used`` are the optional columns that hold anything."""

    connection: duckdb.DuckDBPyConnection
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.connection.execute(_STAGING)

    def use(self, columns: Collection[str]) -> None:
        """Make room for the optional ones among the columns of a block."""
        for name in [name for name in _OPTIONAL if name in columns and name not in self.used]:
            self.connection.execute(f"ALTER TABLE staged_object ADD COLUMN {name} {_OPTIONAL[name]}")
            self.used.add(name)

    def write(
        self, same_image: Codes, same_person: Codes, units: Sequence[tuple[int, int, int, int]]
    ) -> None:
        """Fill the table from what is staged: objects and, by number, images, classes, people and units.

        ``same_image`` and ``same_person`` hold one number for one name; ``units`` number, layer, round and file.
        """
        self._create()
        self.connection.register("staged_position", self._positions(same_image, same_person, units))
        try:
            self.connection.execute(self._insert())
        finally:
            self.connection.unregister("staged_position")

    def _create(self) -> None:
        kinds = ", ".join(f"'{kind}'" for kind in OBJECT_KINDS)
        for name, values in (
            (_CODED["annotator"], "SELECT DISTINCT name FROM staged_person ORDER BY 1"),
            (_CODED["kind"], kinds),
        ):
            self.connection.execute(f"CREATE TYPE {name} AS ENUM ({values})")
        columns = [
            "item VARCHAR", "class VARCHAR", "layer UTINYINT", "file USMALLINT", "round UTINYINT", "position INTEGER",
            "x DOUBLE", "y DOUBLE", "w DOUBLE", "h DOUBLE", "crowd BOOLEAN",
            *(f"{name}_code {kind}" for name, kind in _CODED.items()),
            *(f"{name} VARCHAR GENERATED ALWAYS AS ({name}_code::VARCHAR) VIRTUAL" for name in _CODED),
            *(
                f"{name} {kind}" + ("" if name in self.used else " GENERATED ALWAYS AS (NULL) VIRTUAL")
                for name, kind in _OPTIONAL.items()
            ),
        ]  # fmt: skip
        self.connection.execute(f"CREATE TABLE object({', '.join(columns)})")

    def _insert(self) -> str:
        kinds = " ".join(f"WHEN {code} THEN '{kind}'::object_kind" for kind, code in KIND_CODES.items())
        values = {
            "item": "i.item", "layer": "u.layer", "file": "u.file", "round": "u.round", "position": "n.position",
            "annotator_code": "p.name", "class": "l.name", "kind_code": f"CASE s.kind {kinds} END",
            "crowd": "coalesce(s.crowd, false)", **{name: _number(name) for name in "xywh"},
        }  # fmt: skip
        optional = {
            "angle": _number("angle"), "confidence": _number("confidence"), "shape": _SHAPE,
            "text": "s.text", "attributes": "s.attributes",
        }  # fmt: skip
        values |= {name: optional[name] for name in sorted(self.used)}
        return (
            f"INSERT INTO object ({', '.join(values)}) SELECT {', '.join(values.values())} "
            "FROM staged_object AS s JOIN staged_position AS n ON n.row = s.rowid "
            "JOIN staged_image AS i USING (image) "
            "LEFT JOIN staged_label AS l ON l.number = s.label "
            f"JOIN (SELECT number, name::{_CODED['annotator']} AS name FROM staged_person) AS p "
            "ON p.number = s.annotator JOIN staged_unit AS u USING (unit)"
        )

    def _positions(
        self, same_image: Codes, same_person: Codes, units: Sequence[tuple[int, int, int, int]]
    ) -> dict[str, npt.NDArray[np.generic]]:
        """The place of every object among those of its person, image, layer and round, in the order of reading."""
        staged = self.connection.execute(
            "SELECT rowid AS row, unit, image, annotator FROM staged_object"
        ).fetchnumpy()
        unit = np.asarray(staged["unit"], np.int32)
        number, layer, rounds, _ = np.array(sorted(units), np.int64).reshape(-1, 4).T
        place = np.searchsorted(number, unit)
        whose = same_image[staged["image"]].astype(np.int64)
        for part in (same_person[staged["annotator"]], layer[place], rounds[place]):
            whose *= int(part.max(initial=0)) + 1
            whose += part
        return {"row": staged["row"], "position": _places(whose, unit)}


def _places(group: _Ints, order: Codes) -> Codes:
    """The place of every row within its group: by ``order``, then as the rows stand.

    >>> _places(np.array([4, 4, 9, 4]), np.array([1, 0, 0, 1], np.int32)).tolist()
    [1, 0, 0, 2]
    """
    in_order = not (order[1:] < order[:-1]).any()
    rows = np.argsort(group, kind="stable") if in_order else np.lexsort((order, group))
    begins = np.append(True, group[rows[1:]] != group[rows[:-1]])[: len(rows)]
    at = np.arange(len(rows))
    places = np.empty(len(rows), np.int32)
    places[rows] = at - np.maximum.accumulate(np.where(begins, at, 0))
    return places


def _number(name: str) -> str:
    return f"CASE WHEN NOT isnan(s.{name}) THEN s.{name} END"


_SHAPE = (
    f"CASE WHEN s.kind = {KIND_CODES['keypoints']} AND l.points IS NOT NULL AND NOT contains(s.shape, '\"names\":') "
    "THEN concat(left(s.shape, -1), ',\"names\":', l.points, '}') ELSE s.shape END"
)
