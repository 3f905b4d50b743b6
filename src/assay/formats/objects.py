"""The tables of located labels: ``object``, ``image``, ``object_class``, beside the tables every delivery fills.

Readers of a format hand over blocks of columns; texts that repeat (items, classes, people) are numbers in them until
everything was read. Then one statement for each table writes what there is, so that no row passes through Python alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import numpy as np
import numpy.typing as npt

from assay.annotation.errors import InputError, LimitError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState
from assay.annotation.limits import Limits
from assay.annotation.place import shown

from .block_staging import BlockStaging
from .located_kinds import LocatedKind
from .object_table import KIND_CODES as KIND_CODES
from .object_table import OBJECT_KINDS as OBJECT_KINDS
from .object_table import Codes, ObjectTable
from .object_table import ObjectKind as ObjectKind
from .row_staging import RowStaging

Floats = npt.NDArray[np.float64]
Texts = Sequence[str | None]

_CREATE = """
CREATE TABLE image(item VARCHAR, width INTEGER, height INTEGER, path VARCHAR);
CREATE TABLE object_class(class VARCHAR, id VARCHAR, position INTEGER, parent VARCHAR, points VARCHAR);
"""
_STAGING = "CREATE TEMP TABLE staged_work(unit INTEGER, image INTEGER, annotator INTEGER, state UTINYINT)"
_SHOWN = 5
_LARGEST = 1e9


@dataclass(frozen=True)
class ObjectBlock:
    """Columns of some objects of one file, in the order of the source; what is None holds nothing in any row."""

    image: Codes
    label: Codes
    kind: npt.NDArray[np.uint8]
    box: Floats
    annotator: Codes | None = None
    angle: Floats | None = None
    shape: Texts | None = None
    text: Texts | None = None
    attributes: Texts | None = None
    confidence: Floats | None = None
    crowd: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class ClassRow:
    """One class as a source lists it: its name, the id it has there, its parent, and its keypoints as JSON."""

    name: str
    id: str
    parent: str | None = None
    points: str | None = None


@dataclass
class ObjectCollector:
    """Takes blocks from the readers of formats and fills the tables at the end.

    Images, classes and people get numbers when they are first met and may get their names later; what has one name in
    the end is one thing.
    """

    connection: duckdb.DuckDBPyConnection
    limits: Limits
    findings: list[Finding] = field(default_factory=list)
    classes: dict[str, ClassRow] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    image_names: list[str | None] = field(default_factory=list)
    image_units: list[int] = field(default_factory=list)
    _widths: list[int] = field(default_factory=list)
    _heights: list[int] = field(default_factory=list)
    _paths: list[str | None] = field(default_factory=list)
    _labels: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection.execute(_STAGING)
        self.table = ObjectTable(self.connection)
        self.blocks = BlockStaging(self.connection)
        self.rows = RowStaging(self.connection, self.blocks)

    def new_image(self, unit: int, name: str | None = None) -> int:
        """The number of an image of a unit."""
        self.image_names.append(name)
        self.image_units.append(unit)
        self._widths.append(-1)
        self._heights.append(-1)
        self._paths.append(None)
        return len(self.image_names) - 1

    def new_images(
        self, unit: int, names: Sequence[str], widths: Sequence[int], heights: Sequence[int]
    ) -> range:
        """The numbers of images of a unit whose names and sizes are known; the names say where they lie."""
        first = len(self.image_names)
        self.image_names += names
        self.image_units += [unit] * len(names)
        self._widths += widths
        self._heights += heights
        self._paths += names
        return range(first, len(self.image_names))

    def describe_image(
        self,
        number: int,
        name: str,
        *,
        width: int | None = None,
        height: int | None = None,
        path: str | None = None,
    ) -> None:
        """Give an image its name, its size and its path, as far as they are known."""
        self.image_names[number] = name
        if width is not None and height is not None:
            self._widths[number], self._heights[number] = width, height
        self._paths[number] = path

    def size_of(self, number: int) -> tuple[int, int] | None:
        """Width and height of an image, where they are known."""
        width, height = self._widths[number], self._heights[number]
        return None if width < 0 else (width, height)

    def new_label(self, name: str | None = None) -> int:
        """The number of a class."""
        if len(self._labels) >= self.limits.classes + 1:
            raise LimitError("there are too many classes", expected=f"at most {self.limits.classes}")
        self._labels.append(name)
        return len(self._labels) - 1

    def name_label(self, number: int, row: ClassRow) -> None:
        """Give a class its name and what else its source says about it."""
        self._labels[number] = row.name
        known = self.classes.setdefault(row.name, row)
        if known is not row:  # a second source may say what the first left open
            self.classes[row.name] = replace(
                known,
                id=known.id or row.id,
                parent=known.parent or row.parent,
                points=known.points or row.points,
            )

    def new_person(self, name: str) -> int:
        """The number of a person."""
        self.people.append(name)
        return len(self.people) - 1

    def append(self, unit: int, block: ObjectBlock, annotator: int) -> None:
        """Stage the objects of a block; ``annotator`` is theirs unless the block says otherwise."""
        count = block.image.size
        if not count:
            return
        columns: dict[str, npt.NDArray[np.generic]] = {
            "image": block.image, "label": block.label, "kind": block.kind,
            "x": block.box[:, 0].copy(), "y": block.box[:, 1].copy(),
            "w": block.box[:, 2].copy(), "h": block.box[:, 3].copy(),
        }  # fmt: skip
        for name in ("annotator", "angle", "confidence", "crowd"):
            if (column := getattr(block, name)) is not None:
                columns[name] = column
        for name in ("shape", "text", "attributes"):
            if (texts := getattr(block, name)) is not None:
                columns[name] = np.array(texts, dtype=object)
        self.table.use(columns)
        self._insert("staged_object", unit, columns, {"annotator": str(annotator)})

    def worked(self, unit: int, images: Codes, annotator: int | Codes, state: ItemState) -> None:
        """Note that a person worked on images; objects make an image annotated whatever ``state`` says."""
        if images.size:
            columns: dict[str, npt.NDArray[np.generic]] = {"image": images}
            fixed = {"state": str(int(state))}
            if isinstance(annotator, int):
                fixed["annotator"] = str(annotator)
            else:
                columns["annotator"] = annotator
            self._insert("staged_work", unit, columns, fixed)

    def _insert(
        self, table: str, unit: int, columns: Mapping[str, npt.NDArray[np.generic]], fixed: Mapping[str, str]
    ) -> None:
        given = {name: value for name, value in fixed.items() if name not in columns}
        self.blocks.add(table, dict(columns), {"unit": str(unit), **given})

    def finish(self, units: Sequence[tuple[int, int, int]]) -> None:
        """Fill the tables. ``units`` holds layer, round and number of the file of each unit that was read."""
        self.blocks.flush()
        items = self._item_ids()
        connection = self.connection
        connection.execute(_CREATE)
        parts = [(number, *one) for number, one in enumerate(units)]
        parts += [(part, int(layer), *units[unit][1:]) for (unit, layer), part in self.rows.layers.items()]
        images, people = _same(items), _same(self.people)
        self._register(items, images, people, parts)
        try:
            self.table.write(images, people, parts)
            connection.execute(_INSERT_ANNOTATIONS)
            connection.execute(_INSERT_IMAGES)
            self.rows.finish()
            self._note_images()
        finally:
            for name in ("staged_image", "staged_label", "staged_person", "staged_unit"):
                connection.unregister(name)
            connection.execute("DROP TABLE staged_object; DROP TABLE staged_work")
        self._fill_classes()

    def _register(
        self, items: Sequence[str], images: Codes, people: Codes, units: Sequence[tuple[int, int, int, int]]
    ) -> None:
        points = {name: row.points for name, row in self.classes.items()}
        tables: dict[str, dict[str, npt.NDArray[np.generic]]] = {
            "staged_image": {
                "image": np.arange(len(items), dtype=np.int32), "item": _objects(items), "same": images,
                "width": np.array(self._widths, np.int32), "height": np.array(self._heights, np.int32),
                "path": _objects(self._paths),
            },
            "staged_label": _numbered(self._labels) | {
                "points": _objects([None if name is None else points.get(name) for name in self._labels])
            },
            "staged_person": _numbered(self.people) | {"same": people},
            "staged_unit": {
                "unit": np.array([one[0] for one in units], np.int32),
                "layer": np.array([one[1] for one in units], np.uint8),
                "round": np.array([one[2] for one in units], np.uint8),
                "file": np.array([one[3] for one in units], np.uint16),
            },
        }  # fmt: skip
        for name, columns in tables.items():
            self.connection.register(name, columns)

    def _item_ids(self) -> list[str]:
        """File names without folders where they are unique in every unit, else the relative paths."""
        names = [name or "" for name in self.image_names]
        if "/" not in "".join(names):
            return names
        short = [name.rpartition("/")[2] for name in names]
        units = self.image_units
        if len(set(zip(units, short, strict=True))) == len(set(zip(units, names, strict=True))):
            return short
        text = (
            "Several images in different folders have one name, so items are named with their folders, "
            f"such as {shown(next(name for name in names if '/' in name))}."
        )
        self.findings.append(Finding("items_with_folders", "note", "delivery", text, {"images": len(names)}))
        return names

    def _fill_classes(self) -> None:
        used = dict.fromkeys(name for name in self._labels if name is not None)
        rows = list(self.classes.values()) + [ClassRow(name, "") for name in used if name not in self.classes]
        if not rows:
            return
        columns = {
            "class": _objects([one.name for one in rows]),
            "id": _objects([one.id or None for one in rows]),
            "position": np.arange(len(rows), dtype=np.int32),
            "parent": _objects([one.parent for one in rows]),
            "points": _objects([one.points for one in rows]),
        }
        self.connection.register("class_rows", columns)
        try:
            self.connection.execute("INSERT INTO object_class SELECT * FROM class_rows")
        finally:
            self.connection.unregister("class_rows")

    def _note_images(self) -> None:
        rows = self.connection.execute(
            "SELECT item FROM staged_image WHERE width >= 0 GROUP BY item "
            "HAVING count(DISTINCT width) > 1 OR count(DISTINCT height) > 1 ORDER BY item"
        ).fetchall()
        if rows:
            items = [str(row[0]) for row in rows[:_SHOWN]]
            text = (
                f"{len(rows):,} images have different sizes in places; the first counts: {', '.join(items)}."
            )
            evidence = {"images": len(rows), "items": items}
            self.findings.append(Finding("image_size_differs", "major", "delivery", text, evidence))


_INSERT_ANNOTATIONS = f"""
INSERT INTO annotation (item, annotator, value, layer, state, file, round)
SELECT i.item, p.name, NULL, u.layer,
    coalesce(max(w.state) FILTER (w.state <> {ItemState.SKIPPED:d}), max(w.state)), min(u.file), u.round
FROM (SELECT unit, image, annotator, state FROM staged_work UNION ALL
      SELECT DISTINCT unit, image, annotator, {ItemState.ANNOTATED:d} FROM staged_object) AS w
JOIN staged_image AS i USING (image) JOIN staged_person AS p ON p.number = w.annotator
JOIN staged_unit AS u USING (unit) GROUP BY i.item, p.name, u.layer, u.round
"""
_INSERT_IMAGES = """
INSERT INTO image
SELECT item, arg_min(width, image) FILTER (width >= 0), arg_min(height, image) FILTER (width >= 0),
    arg_min(path, image) FROM staged_image GROUP BY item ORDER BY min(image)
"""


def _same(names: Sequence[str]) -> Codes:
    """One number for one name."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int32)


def _objects(texts: Texts) -> npt.NDArray[np.object_]:
    column = np.empty(len(texts), dtype=object)
    column[:] = texts
    return column


def _numbered(names: Texts) -> dict[str, npt.NDArray[np.generic]]:
    return {"number": np.arange(len(names), dtype=np.int32), "name": _objects(names)}


def located_kind(connection: duckdb.DuckDBPyConnection) -> LocatedKind:
    """What the objects are, by the most telling kind among them: masks before shapes before boxes."""
    found = {str(row[0]) for row in connection.execute("SELECT DISTINCT kind FROM object").fetchall()}
    for kinds, meaning in _MEANINGS:
        if found & kinds:
            return meaning
    return "boxes"


_MEANINGS: tuple[tuple[frozenset[str], LocatedKind], ...] = (
    (frozenset({"keypoints"}), "keypoints"),
    (frozenset({"mask"}), "masks"),
    (frozenset({"polygon", "polyline", "rotated_box"}), "shapes"),
    (frozenset({"box"}), "boxes"),
    (frozenset({"span"}), "spans"),
    (frozenset({"field"}), "fields"),
)


def checked_boxes(box: Floats, *, file: str, place: str) -> Floats:
    """The boxes, if every number is finite and no larger than an image can be. Raises :class:`InputError`."""
    fine = np.abs(box) <= _LARGEST
    if not fine.all():
        row, column = (int(one) for one in np.argwhere(~fine)[0])
        raise InputError(
            "a coordinate is no finite number of pixels", file=file, place=f"{place}, object {row + 1}",
            found=str(float(box[row, column])), expected=f"at most {_LARGEST:,.0f}",
        )  # fmt: skip
    return box
