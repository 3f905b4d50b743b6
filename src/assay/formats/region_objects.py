"""The regions of one result of Label Studio, one by one: results with one ``id`` are one object.

The class of an object comes from the control of labels; every other control that answers the region becomes an
attribute under its ``from_name``. Keypoints whose parent is a box stand with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assay.annotation.errors import InputError
from assay.annotation.finding import Severity
from assay.annotation.place import shown

from .json_spans import add_relations
from .label_studio_task import objects_in
from .located_rows import Notes, ObjectRow
from .object_columns import ObjectColumns
from .plain_regions import PlainResult, Strokes, plain_results
from .records import record_place, scalar_text
from .region_geometry import Frame, Numbers, RegionKind, Value, drawn, labels_of, region_kind, span_offsets
from .shapes import Told, keypoints
from .span_checks import SpanChecker
from .typed import NESTED

UNKNOWN = Frame(100, 100, known=False)


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


@dataclass
class RegionReader:
    """Turns the results of a task into objects; what an object cannot hold is noted."""

    notes: Notes
    control: str | None

    def __post_init__(self) -> None:
        self._checker = SpanChecker(self.notes)
        self._strokes: Strokes = {}
        self._known: Mapping[int, ObjectColumns] = {}
        self.enter("", 0, UNKNOWN, None)

    def prepare(self, results: Sequence[PlainResult], strokes: Strokes) -> None:
        """Read the plain results of several tasks together; those that are not plain are read when they are met."""
        plain = plain_results(results, strokes) if self.control is None and results else None
        found = zip(results, plain or (), strict=plain is not None)
        self._strokes, self._known = strokes, {id(one.entries): columns for one, columns in found}

    def enter(self, item: str, number: int, frame: Frame, text: str | None) -> None:
        """Begin with a task: its item, the record that holds it, the size of its image, its text."""
        self._item, self._number, self._frame, self._text = item, number, frame, text
        self._numbers = Numbers(self.notes.file, f"{record_place(number)}, item {shown(item)}")

    def objects(self, result: object) -> Sequence[ObjectRow]:
        """The objects of a result, in the order of the first answer of each."""
        known = self._known.get(id(result))
        if known is not None:
            return known
        if self.control is None and type(result) is list:
            plain = plain_results([PlainResult(result, self._frame, self._text)], self._strokes)
            if plain is not None:
                return plain[0]
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
        if self.control is None:
            return None
        return {str(one.get("id")) for one in entries if one.get("from_name") == self.control}

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
                f"{{n}} regions of {self.notes.file} were drawn on an image that was turned in the tool; "
                "their coordinates were read as if it was not.",
            )  # fmt: skip

    def _not_read(self, entry: Mapping[str, object]) -> None:
        kind = entry.get("type")
        name = kind if isinstance(kind, str) else "without a type"
        self.notes.count(
            f"results_not_read:{name}", self._item, "minor",
            f"{self.notes.file} also holds {{n}} results of the type {name}, which are not read with regions.",
        )  # fmt: skip

    def _drawn(self, region: _Region, joints: Sequence[_Region]) -> Iterator[ObjectRow]:
        """One object for each class of a region."""
        labels = labels_of(region.values)
        if not labels:
            self._count("object_without_class", "major", f"{{n}} regions of {self.notes.file} have no class.")
            labels = [""]
        for label in labels:
            told = Told(label, region.text, region.attributes, region.score)
            if region.kind == "span":
                yield self._span(region, told)
                continue
            if not self._frame.known:
                self._count(
                    "image_size_unknown", "major",
                    f"{{n}} regions of {self.notes.file} do not say how large their image is: they are in "
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

    def _count(self, kind: str, severity: Severity, text: str) -> None:
        self.notes.count(kind, self._item, severity, text)

    def _refuse(self, message: str, found: str, expected: str) -> InputError:
        return InputError(
            message, file=self.notes.file, place=self._numbers.place, found=found, expected=expected
        )


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
