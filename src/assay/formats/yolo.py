"""YOLO: one text file for each image, coordinates as shares of its width and height."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import orjson

from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState
from assay.annotation.limits import MIB, Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import read_whole

from .item_names import ItemNames
from .objects import KIND_CODES, ClassRow, ObjectBlock, ObjectCollector, checked_boxes
from .pictures import picture_size
from .unit import FolderHash, Sizes, Unit, UnitRead
from .yolo_layout import LabelFile, Layout, read_layout
from .yolo_rows import Task, coordinates_of, rows_of, task_of

_MOST_BYTES = 64 * MIB
_SHOWN = 5
_FLUSH = 50_000
_BOX, _ROTATED, _POLYGON, _KEYPOINTS = (
    KIND_CODES[kind] for kind in ("box", "rotated_box", "polygon", "keypoints")
)


def read_yolo(
    unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes
) -> UnitRead:
    """Read a data set. Raises :class:`InputError` for rows that are none and classes that are not there."""
    layout = read_layout(unit.path, unit.name, limits, items=sizes)
    reader = _Reader(unit, collector, layout, sizes, limits)
    reader.read()
    return reader.finish()


@dataclass
class _Columns:
    image: list[int] = field(default_factory=list)
    label: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    box: list[tuple[float, float, float, float]] = field(default_factory=list)
    shape: list[str | None] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    angle: list[float] = field(default_factory=list)


@dataclass
class _Reader:
    unit: Unit
    collector: ObjectCollector
    layout: Layout
    sizes: Sizes
    limits: Limits
    hash: FolderHash = field(default_factory=FolderHash)
    columns: _Columns = field(default_factory=_Columns)
    labels: dict[int, int] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)
    unsized: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    task: Task = "detect"
    is_guess: bool = False

    def __post_init__(self) -> None:
        self.names = ItemNames("roboflow" in self.unit.profile)
        self.person = self.collector.new_person("")
        classes = self.layout.classes
        points = orjson.dumps(classes.point_names).decode() if classes.point_names else None
        for number, name in sorted(classes.names.items()):
            self.labels[number] = self.collector.new_label()
            self.collector.name_label(self.labels[number], ClassRow(name, str(number), points=points))

    def read(self) -> None:
        """All files, after their rows said which task this is."""
        rows = []
        lengths: set[int] = set()
        for label in self.layout.labels:
            data = read_whole(
                label.path, at_most=_MOST_BYTES, what="the rows of one image", limits=self.limits
            )
            self.hash.add(label.name, data)
            found = rows_of(data, file=label.name)
            lengths.update(map(len, found))
            rows.append(found)
        told = task_of(sorted(lengths), self.layout.classes, self.unit.profile)
        self.task, self.is_guess = told.task, told.is_guess
        self.meaning = {one: coordinates_of(told.task, one, self.layout.classes) for one in lengths}
        for label, found in zip(self.layout.labels, rows, strict=True):
            self._file(label, found)
            if len(self.columns.image) >= _FLUSH:
                self._flush()
        self._flush()

    def _file(self, label: LabelFile, rows: list[list[float]]) -> None:
        image = self.collector.new_image(self.unit.number)
        name = self.names.name(label.image, file=label.name)
        size = self._size(label, name)
        width, height = size or (None, None)
        path = str(label.picture) if label.picture is not None else None
        self.collector.describe_image(image, name, width=width, height=height, path=path)
        self.empty.append(image)
        if size is None:
            self.unsized.append(name)
        scale = size or (1, 1)
        for number, row in enumerate(rows, start=1):
            self._row(row, image, scale, label.name, number)

    def _size(self, label: LabelFile, name: str) -> tuple[int, int] | None:
        size = self.sizes.get(name) or self.sizes.get(name.rpartition("/")[2])
        if size is None and label.picture is not None:
            size = picture_size(label.picture, self.limits)
        return size

    def _row(self, row: list[float], image: int, scale: tuple[int, int], file: str, number: int) -> None:
        meaning = self.meaning[len(row)]
        if meaning is None:
            raise InputError(
                f"a row of {self.task} has the wrong count of numbers", file=file, place=f"row {number}",
                found=f"{len(row)} numbers", expected="a row of the task; declare another in delivery.yaml: "
                "`profile: detect`, segment, pose or obb",
            )  # fmt: skip
        count, has_value = meaning
        self.columns.image.append(image)
        self.columns.label.append(self._label(row[0], file, number))
        self._shape(row[1 : 1 + count], scale)
        value = row[-1] if has_value else float("nan")
        self.columns.value.append(value)
        if has_value:
            self.values.append(value)

    def _label(self, written: float, file: str, number: int) -> int:
        label = self.labels.get(int(written)) if written == int(written) else None
        if label is not None:
            return label
        names = self.layout.classes.names
        if names or written != int(written) or not 0 <= written < self.limits.classes:
            raise InputError(
                "the class of a row is out of range", file=file, place=f"row {number}", found=f"class {written:g}",
                expected=f"a class of {self.layout.classes.file}" if names else "a whole number from 0",
            )  # fmt: skip
        label = self.labels[int(written)] = self.collector.new_label()
        self.collector.name_label(label, ClassRow(str(int(written)), str(int(written))))
        return label

    def _shape(self, values: list[float], scale: tuple[int, int]) -> None:
        width, height = scale
        if len(values) == 4 or self.task == "pose":
            x, y, w, h = values[0] * width, values[1] * height, values[2] * width, values[3] * height
            self.columns.box.append((x - w / 2, y - h / 2, w, h))
            shape = None if len(values) == 4 else self._keypoints(values[4:], scale)
            self.columns.kind.append(_BOX if shape is None else _KEYPOINTS)
            self.columns.shape.append(shape)
            self.columns.angle.append(float("nan"))
            return
        x_all = [value * width for value in values[0::2]]
        y_all = [value * height for value in values[1::2]]
        left, top = min(x_all), min(y_all)
        self.columns.box.append((left, top, max(x_all) - left, max(y_all) - top))
        flat = [value for pair in zip(x_all, y_all, strict=True) for value in pair]
        if self.task == "obb":
            shape_of, angle = rotated_box(flat)
            self.columns.kind.append(_ROTATED)
            self.columns.shape.append(orjson.dumps(shape_of).decode())
            self.columns.angle.append(angle)
        else:
            self.columns.kind.append(_POLYGON)
            self.columns.shape.append(orjson.dumps({"rings": [flat]}).decode())
            self.columns.angle.append(float("nan"))

    def _keypoints(self, values: list[float], scale: tuple[int, int]) -> str:
        step = self.layout.classes.values
        points: list[float] = []
        for at in range(0, len(values), step):
            seen = int(values[at + 2]) if step == 3 else 2 if values[at] or values[at + 1] else 0
            points += [values[at] * scale[0], values[at + 1] * scale[1], seen]
        return orjson.dumps({"points": points}).decode()

    def _flush(self) -> None:
        columns, self.columns = self.columns, _Columns()
        if not columns.image:
            return
        box = np.array(columns.box, np.float64)
        checked_boxes(box, file=self.unit.name, place="rows")
        angle = np.array(columns.angle, np.float64)
        value = np.array(columns.value, np.float64)
        has_value = bool((~np.isnan(value)).any())
        is_track = has_value and self._is_track()
        attributes = (
            [None if one != one else f'{{"track_id":"{one:g}"}}' for one in columns.value]
            if is_track
            else None
        )
        self.collector.append(
            self.unit.number,
            ObjectBlock(
                np.array(columns.image, np.int32), np.array(columns.label, np.int32),
                np.array(columns.kind, np.uint8), box, angle=angle if (~np.isnan(angle)).any() else None,
                shape=columns.shape if any(columns.shape) else None,
                confidence=value if has_value and not is_track else None, attributes=attributes,
            ),
            self.person,
        )  # fmt: skip

    def _is_track(self) -> bool:
        """Whether the value behind the coordinates is the number of a track and no confidence."""
        if self.unit.profile & {"track", "confidence"}:
            return "track" in self.unit.profile
        return any(value > 1 for value in self.values)

    def finish(self) -> UnitRead:
        """What was worked on, and what is to be known about this data set."""
        images = np.array(self.empty, np.int32)
        self.collector.worked(self.unit.number, images, self.person, ItemState.EMPTY)
        findings = self.names.findings(self.unit.name)
        for found in (self._no_size(), self._no_names(), self._value(), self._guess(), self._unlabelled()):
            findings += [found] if found is not None else []
        return UnitRead(self.person, self.hash.sha256, self.hash.bytes, findings)

    def _no_size(self) -> Finding | None:
        if not self.unsized:
            return None
        text = (
            f"The size of {len(self.unsized):,} images of {self.unit.name} is not known, such as "
            f"{shown(self.unsized[0])}: their coordinates stay shares of width and height. A manifest with the columns "
            "item, width and height (`items: {path: items.csv}` in delivery.yaml) or the pictures themselves tell it."
        )
        evidence = {"images": len(self.unsized), "items": self.unsized[:_SHOWN]}
        return Finding("image_size_unknown", "major", "delivery", text, evidence)

    def _no_names(self) -> Finding | None:
        if self.layout.classes.names or not self.labels:
            return None
        text = f"{self.unit.name} does not name its classes; they are called by their numbers."
        evidence = {"classes": len(self.labels), "file": self.unit.name}
        return Finding("classes_without_names", "minor", "delivery", text, evidence)

    def _value(self) -> Finding | None:
        if not self.values or self.unit.profile & {"track", "confidence"}:
            return None
        meaning, other = ("track", "confidence") if self._is_track() else ("confidence", "track")
        text = (
            f"{len(self.values):,} rows of {self.unit.name} have one number more than their coordinates; it is read as "
            f"{meaning}. If it is {other}, declare `profile: {other}`."
        )
        return Finding(
            "yolo_value_assumed", "minor", "delivery", text, {"rows": len(self.values), "as": meaning}
        )

    def _guess(self) -> Finding | None:
        if not self.is_guess:
            return None
        text = (
            f"All rows of {self.unit.name} have nine numbers; they are read as corners of rotated boxes. If they are "
            "outlines of four points, declare `profile: segment`."
        )
        return Finding("yolo_task_assumed", "minor", "delivery", text, {"as": "obb", "file": self.unit.name})

    def _unlabelled(self) -> Finding | None:
        count = self.layout.unlabelled
        if not count:
            return None
        text = f"{count:,} pictures of {self.unit.name} have no file of labels: nobody has annotated them."
        return Finding("pictures_without_labels", "note", "delivery", text, {"pictures": count})


def rotated_box(corners: list[float]) -> tuple[dict[str, object], float]:
    """The shape and the angle of a rotated box from its four corners.

    The first edge gives width and angle, clockwise on the screen, the second the height.
    """
    x, y = corners[0::2], corners[1::2]
    wide, high = (x[1] - x[0], y[1] - y[0]), (x[2] - x[1], y[2] - y[1])
    angle = float(np.degrees(np.arctan2(wide[1], wide[0])) % 360)
    shape: dict[str, object] = {
        "corners": corners, "center": [sum(x) / 4, sum(y) / 4],
        "size": [float(np.hypot(*wide)), float(np.hypot(*high))], "angle": angle,
    }  # fmt: skip
    return shape, angle
