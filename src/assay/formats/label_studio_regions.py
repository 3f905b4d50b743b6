"""Regions of Label Studio JSON: boxes, polygons, ellipses, keypoints, brush strokes and marked texts as objects.

Results with one region ``id`` are one object: its class comes from the control of labels, every other control that
answers the region becomes an attribute under its ``from_name``. Predictions become the layer ``prelabel``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assay.annotation.archives import open_stream
from assay.annotation.errors import InputError
from assay.annotation.layers import LAYER_CODES, ItemState, Layer
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown
from assay.annotation.strict_json import json_records

from .delivery import Columns
from .json_spans import add_relations
from .label_studio_task import LAYER_KEY, objects_in, task_content, task_item, task_person
from .located_rows import ContentRow, ImageRow, LocatedRows, Notes, ObjectRow, Work, work_state
from .records import record_place, scalar_text
from .region_geometry import (
    DECIMALS,
    Frame,
    Numbers,
    RegionKind,
    Value,
    drawn,
    labels_of,
    region_kind,
    span_offsets,
    text_of_html,
)
from .shapes import Told, keypoints
from .span_checks import SpanChecker
from .typed import NESTED

_SAMPLE = 200
_LARGEST = 1e9
_UNKNOWN = Frame(100, 100, known=False)


@dataclass
class _Region:
    """The results that answer one region."""

    kind: RegionKind
    values: list[Value]
    id: str | None
    parent: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    score: float | None = None
    is_html: bool = False


def holds_regions(
    path: Path, name: str, control: str | None = None, *, limits: Limits = DEFAULT_LIMITS
) -> bool:
    """Whether the first tasks of an export answer regions, and nothing else or only with the declared control."""
    regions = others = 0
    with open_stream(path, limits=limits) as stream:
        for _, task in itertools.islice(json_records(stream, file=name, limits=limits), _SAMPLE):
            for result in _results(task):
                known = set()
                for entry in objects_in({"result": result}, "result"):
                    value = entry.get("value")
                    located = isinstance(value, dict) and region_kind(value) is not None
                    known |= {entry.get("id")} if located else set()
                    if control is None or entry.get("from_name") == control:
                        regions += located
                        others += (
                            not located and entry.get("type") != "relation" and entry.get("id") not in known
                        )
    return regions > 0 and (others == 0 or control is not None)


def region_rows(
    path: Path,
    name: str,
    notes: Notes,
    *,
    control: str | None = None,
    columns: Columns | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> LocatedRows:
    """The tasks of an export as items with their regions; with ``control`` only regions that it answers.

    Raises :class:`InputError` for tasks that are none and for coordinates that are no numbers.
    """
    reader = _Reader(notes, control, columns or {})
    with open_stream(path, limits=limits) as stream:
        for number, record in json_records(stream, file=name, limits=limits):
            yield from reader.task(number, record)
    notes.renamed.update(reader.emails)


class _Reader:
    """Turns tasks into rows; what a row cannot hold is noted."""

    def __init__(self, notes: Notes, control: str | None, columns: Columns) -> None:
        self.emails: dict[str, str] = {}
        self._notes = notes
        self._control = control
        self._columns = columns
        self._checker = SpanChecker(notes)
        self._numbers = Numbers(notes.file, "")
        self._number = 0
        self._item = ""
        self._frame = _UNKNOWN
        self._text: str | None = None

    def task(self, number: int, record: object) -> LocatedRows:
        """One task with everything that people and models said about it."""
        if not isinstance(record, dict) or not isinstance(record.get("data", {}), dict):
            raise self._refuse(
                "a task is no object", shown(str(record)), "an object with data and annotations"
            )
        data: dict[str, object] = record.get("data", {})
        self._number = number
        self._item = self._item_id(record, data)
        self._numbers = Numbers(self._notes.file, f"{record_place(number)}, item {shown(self._item)}")
        self._frame = _frame_of(record)
        text, link = task_content(data, self._columns)
        self._text = text
        if text is not None and any(entry.get("type") == "hypertextlabels" for entry in _entries(record)):
            self._text = text = text_of_html(text)
        if text is not None or link is not None:
            yield ContentRow(self._item, text, link)
        if self._frame.known:
            yield ImageRow(self._item, self._frame.width, self._frame.height, link)
        for annotation in objects_in(record, "annotations"):
            yield from self._annotation(annotation)
        for prediction in objects_in(record, "predictions"):
            model = prediction.get("model_version")
            who = f"model:{model if isinstance(model, str) and model else 'unnamed'}"
            yield self._work(who, Layer.PRELABEL, self._objects(prediction.get("result")))
        for _ in objects_in(record, "drafts"):
            self._count(
                "drafts",
                "note",
                f"{{n}} drafts in {self._notes.file} were never submitted; they are not read.",
            )

    def _annotation(self, annotation: Mapping[str, object]) -> Iterator[Work]:
        person = task_person(annotation.get("completed_by"), self.emails)
        layer = _layer_of(annotation)
        if annotation.get("was_cancelled") is True:
            yield Work(self._item, person, layer, ItemState.SKIPPED, (), self._number)
            return
        objects = self._objects(annotation.get("result"))
        yield self._work(person, layer, objects)
        for review in objects_in(annotation, "reviews"):
            reviewer = task_person(review.get("created_by"), self.emails)
            if isinstance(review.get("result"), list) and review["result"]:
                yield self._work(reviewer, Layer.REVIEW, self._objects(review["result"]))
            elif review.get("accepted") is True:
                yield self._work(reviewer, Layer.REVIEW, objects)
            else:
                self._count(
                    "rejected_in_review", "minor",
                    f"{{n}} annotations in {self._notes.file} were rejected in review without a correction.",
                )  # fmt: skip

    def _work(self, person: str | None, layer: Layer, objects: Sequence[ObjectRow]) -> Work:
        return Work(self._item, person, layer, work_state(objects), objects, self._number)

    def _objects(self, result: object) -> list[ObjectRow]:
        plain = self._plain_boxes(result) if self._frame.known and self._control is None else None
        if plain is not None:
            return plain
        entries = objects_in({"result": result}, "result")
        regions = self._regions(entries)
        relations = [
            (str(one.get("from_id")), str(one.get("to_id")), ", ".join(map(str, _list(one.get("labels")))))
            for one in entries
            if one.get("type") == "relation"
        ]
        if relations:
            lost = add_relations([one.attributes for one in regions], [one.id for one in regions], relations)
            for _ in range(lost):
                self._count(
                    "relation_lost",
                    "minor",
                    "{n} relations lead to a region that is not there; they are not read.",
                )
        objects: list[ObjectRow] = []
        for region, joints in _with_joints(regions):
            objects += self._drawn(region, joints)
        return objects

    def _plain_boxes(self, result: object) -> list[ObjectRow] | None:
        """The boxes of a result that holds nothing but upright boxes of one class each; None if it holds more.

        Most of what is delivered is that, and it is read several times faster.
        """
        if type(result) is not list:
            return None
        rows, seen = [], set()
        across, down = self._frame.width, self._frame.height
        for entry in result:
            try:
                if entry["type"] != "rectanglelabels" or entry.get("image_rotation"):
                    return None
                value, score = entry["value"], entry.get("score")
                (label,) = value["rectanglelabels"]
                x, y, w, h = value["x"], value["y"], value["width"], value["height"]
                if (
                    value.get("rotation")
                    or len(value) > 6
                    or type(label) is not str
                    or type(entry["id"]) is not str
                ):
                    return None
                if not (0 <= x < _LARGEST and 0 <= y < _LARGEST and 0 <= w < _LARGEST and 0 <= h < _LARGEST):
                    return None
                seen.add(entry["id"])
                left, top = round(x * across / 100.0, DECIMALS), round(y * down / 100.0, DECIMALS)
                width, height = round(w * across / 100.0, DECIMALS), round(h * down / 100.0, DECIMALS)
            except (KeyError, TypeError, ValueError, AttributeError):
                return None
            if score is not None and type(score) is not float and type(score) is not int:
                return None
            rows.append(ObjectRow("box", label, left, top, width, height, None, None, None, None, score))
        return rows if len(seen) == len(rows) else None

    def _regions(self, entries: Sequence[Mapping[str, object]]) -> list[_Region]:
        """One region for each id, in the order of the first result of each."""
        regions: list[_Region] = []
        by_id: dict[str, _Region] = {}
        asked = self._asked(entries)
        for entry in entries:
            value, ident = entry.get("value"), entry.get("id")
            key = ident if isinstance(ident, str) else None
            if entry.get("type") == "relation" or (asked is not None and key not in asked):
                continue
            kind = region_kind(value) if isinstance(value, dict) else None
            region = by_id.get(key) if key is not None else None
            if region is None and kind is not None and isinstance(value, dict):
                region = _Region(kind, [], key)
                regions.append(region)
                if key is not None:
                    by_id[key] = region
            if region is None or not isinstance(value, dict):
                self._not_read(entry)
                continue
            self._add(region, entry, value)
        return regions

    def _asked(self, entries: Sequence[Mapping[str, object]]) -> set[str] | None:
        if self._control is None:
            return None
        return {str(one.get("id")) for one in entries if one.get("from_name") == self._control}

    def _add(self, region: _Region, entry: Mapping[str, object], value: Value) -> None:
        region.values.append(value)
        kind, parent, score = entry.get("type"), entry.get("parentID"), entry.get("score")
        region.parent = parent if isinstance(parent, str) else region.parent
        region.score = float(score) if isinstance(score, (int, float)) else region.score
        region.is_html = region.is_html or kind == "hypertextlabels"
        if isinstance(kind, str) and not kind.endswith("labels") and kind in value:
            said = _answer(value[kind])
        elif kind == "textarea":
            said = _answer(value.get("text"))
            region.text = said
        else:
            said = None
        if said is not None:
            region.attributes[str(entry.get("from_name"))] = said
        if entry.get("image_rotation"):
            self._count(
                "image_rotated", "major",
                f"{{n}} regions of {self._notes.file} were drawn on an image that was turned in the tool; "
                "their coordinates were read as if it was not.",
            )  # fmt: skip

    def _not_read(self, entry: Mapping[str, object]) -> None:
        kind = entry.get("type")
        name = kind if isinstance(kind, str) else "without a type"
        self._notes.count(
            f"results_not_read:{name}", self._item, "minor",
            f"{self._notes.file} also holds {{n}} results of the type {name}, which are not read with regions.",
        )  # fmt: skip

    def _drawn(self, region: _Region, joints: Sequence[_Region]) -> Iterator[ObjectRow]:
        """One object for each class of a region."""
        labels = labels_of(region.values)
        if not labels:
            self._count(
                "object_without_class", "major", f"{{n}} regions of {self._notes.file} have no class."
            )
            labels = [""]
        for label in labels:
            told = Told(label, region.text, region.attributes, region.score)
            if region.kind == "span":
                yield self._span(region, told)
                continue
            if not self._frame.known:
                self._count(
                    "image_size_unknown", "major",
                    f"{{n}} regions of {self._notes.file} do not say how large their image is: they are in "
                    "percent of it.",
                )  # fmt: skip
                if region.kind == "brush":
                    raise self._refuse(
                        "a mask needs the size of its image", "no original_width", "original_width"
                    )
            value = region.values[0]
            row = self._shape(region, value, told)
            yield self._with_joints(row, joints, told) if joints else row

    def _shape(self, region: _Region, value: Value, told: Told) -> ObjectRow:
        try:
            return drawn(region.kind, value, self._frame, told, self._numbers)
        except InputError as error:
            if error.file is not None:
                raise
            found, expected = error.found or "", error.expected or ""
            raise self._refuse(error.message, found, expected) from None

    def _with_joints(self, row: ObjectRow, joints: Sequence[_Region], told: Told) -> ObjectRow:
        points, names = [], []
        for joint in joints:
            value = joint.values[0]
            x, y = (self._numbers.one(value, key) for key in ("x", "y"))
            points.append((self._frame.x(x), self._frame.y(y), 2))
            names.append((labels_of(joint.values) or [""])[0])
        return keypoints(told, points, names, (row.x, row.y, row.w, row.h))

    def _span(self, region: _Region, told: Told) -> ObjectRow:
        value = region.values[0]
        start, end = span_offsets(value) or (0, 0)
        covered = value.get("text")
        return self._checker.span(
            self._item, self._text, told.label, ((start, end),),
            covered=covered if isinstance(covered, str) else None, attributes=told.attributes,
            confidence=told.confidence,
        )  # fmt: skip

    def _item_id(self, record: Mapping[str, object], data: Mapping[str, object]) -> str:
        declared = self._columns.get("item")
        item = task_item(record, data, None if declared is None else str(declared))
        if item is None and declared is not None:
            raise self._refuse(
                f"a task has no {shown(str(declared))} in its data", ", ".join(data)[:80], "a key of the data"
            )
        if item is None:
            self._count(
                "task_without_id",
                "major",
                f"{{n}} tasks of {self._notes.file} have no id; they are named by their place.",
            )
        return item or str(self._number)

    def _count(self, kind: str, severity: str, text: str) -> None:
        self._notes.count(
            kind,
            self._item,
            "minor" if severity == "minor" else "note" if severity == "note" else "major",
            text,
        )

    def _refuse(self, message: str, found: str, expected: str) -> InputError:
        return InputError(
            message, file=self._notes.file, place=self._numbers.place or record_place(self._number), found=found,
            expected=expected,
        )  # fmt: skip


def _layer_of(annotation: Mapping[str, object]) -> Layer:
    """Ground truth is gold; other layers stand under a key of ours, for Label Studio has no place for them."""
    if annotation.get("ground_truth") is True:
        return Layer.GOLD
    named = annotation.get(LAYER_KEY)
    return Layer(LAYER_CODES[named]) if isinstance(named, str) and named in LAYER_CODES else Layer.FIRST_PASS


def _results(task: object) -> Iterator[object]:
    if isinstance(task, dict):
        for key in ("annotations", "predictions"):
            for one in objects_in(task, key):
                yield one.get("result")


def _entries(task: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for result in _results(task):
        yield from objects_in({"result": result}, "result")


def _frame_of(task: Mapping[str, object]) -> Frame:
    for entry in _entries(task):
        width, height = entry.get("original_width"), entry.get("original_height")
        if type(width) is int and type(height) is int and 0 < width < 1_000_000 and 0 < height < 1_000_000:
            return Frame(width, height)
    return _UNKNOWN


def _with_joints(regions: Sequence[_Region]) -> list[tuple[_Region, list[_Region]]]:
    """Keypoints that belong to a box stand with it; all others stand alone."""
    boxes = {one.id for one in regions if one.kind == "rectangle" and one.id is not None}
    joints: dict[str, list[_Region]] = {}
    alone = []
    for one in regions:
        if one.kind == "keypoint" and one.parent in boxes:
            joints.setdefault(str(one.parent), []).append(one)
        else:
            alone.append(one)
    return [(one, joints.get(one.id, []) if one.id is not None else []) for one in alone]


def _answer(value: object) -> str | None:
    """What a control says about a region, as one text."""
    parts = [
        " / ".join(map(str, one)) if isinstance(one, list) else scalar_text(one)
        for one in (value if isinstance(value, list) else [value])
    ]
    return ", ".join(part for part in parts if part is not None and part != NESTED) or None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
