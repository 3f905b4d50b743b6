"""Label Studio JSON: choices, ratings, numbers and texts with their annotators, predictions, skips and reviews.

One control is read (``profile: from_name`` where there are several). Predictions become the layer ``prelabel``,
``ground_truth`` annotations the layer ``gold``, accepted or corrected reviews the layer ``review``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState, Layer
from assay.annotation.limits import Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import open_regular
from assay.annotation.schema_values import Kind
from assay.annotation.strict_json import json_records

from .columns import ColumnPlan
from .delivery import Columns
from .inputs import PlainFile
from .label_studio_task import OWN_KEY, objects_in, task_content, task_item, task_person
from .records import record_place, scalar_text, set_text
from .staging import Staging
from .table_source import TableSource
from .typed import NESTED

_ROLES = {"item": 0, "annotator": 1, "label": 2, "layer": 3, "state": 4, "text": 5, "link": 6}
_KINDS: Mapping[str, Kind] = {
    "choices": "choice", "pairwise": "choice", "rating": "rating", "number": "rating", "textarea": "text",
}  # fmt: skip
_REGION_KEYS = frozenset({"x", "y", "points", "start", "end", "sequence", "rle", "globalOffsets"})
_SHOWN = 5
Value = tuple[str | None, bool]


@dataclass
class LabelStudioFile:
    """What was read from one export besides its rows."""

    kinds: set[Kind] = field(default_factory=set)
    has_lists: bool = False
    drafts: int = 0
    without_id: int = 0
    rejected: list[str] = field(default_factory=list)
    other_types: Counter[str] = field(default_factory=Counter)
    emails: dict[str, str] = field(default_factory=dict)

    def findings(self, name: str) -> list[Finding]:
        """What people should know about this export."""
        found = []
        if self.drafts:
            text = f"{self.drafts:,} drafts in {name} were never submitted; they are not read."
            found.append(Finding("drafts", "note", "delivery", text, {"file": name, "drafts": self.drafts}))
        if self.without_id:
            text = f"{self.without_id:,} tasks of {name} have no id; they are named by their place."
            evidence = {"file": name, "tasks": self.without_id}
            found.append(Finding("task_without_id", "major", "delivery", text, evidence))
        if self.other_types:
            kinds = ", ".join(f"{kind} ({count:,})" for kind, count in sorted(self.other_types.items()))
            text = f"{name} also holds results that are not read: {kinds}."
            types = dict(sorted(self.other_types.items()))
            found.append(
                Finding("results_not_read", "minor", "delivery", text, {"file": name, "types": types})
            )
        if self.rejected:
            count = len(self.rejected)
            text = f"{count:,} annotations in {name} were rejected in review without a correction."
            items = sorted(set(self.rejected))[:_SHOWN]
            found.append(
                Finding("rejected_in_review", "minor", "delivery", text, {"file": name, "items": items})
            )
        return found


def label_studio_source(
    connection: duckdb.DuckDBPyConnection,
    file: PlainFile,
    *,
    control: str | None,
    columns: Columns | None,
    limits: Limits,
    may_be_empty: bool = False,
) -> tuple[TableSource, Staging, LabelStudioFile]:
    """The annotations of an export in a temporary table, which the caller drops.

    Raises :class:`InputError` when several controls were answered and none is declared, when the control answers
    regions of an item instead of the item, and when none of the results can be judged, unless the export
    ``may_be_empty``.
    """
    staging = Staging(connection, [*_ROLES, "control"])
    reader = _Reader(file.name, control, columns or {}, staging)
    with open_regular(file.path, limits=limits) as stream:
        for number, record in json_records(stream, file=file.name, limits=limits):
            reader.task(number, record)
    lists = frozenset({_ROLES["label"]}) if reader.out.has_lists else frozenset[int]()
    relation = staging.relation(record_place, lists=lists)
    _refuse_controls(connection, staging, reader, may_be_empty=may_be_empty)
    for person, email in sorted(reader.out.emails.items()):
        cell = relation.cells[_ROLES["annotator"]]
        connection.execute(f"UPDATE {staging.table} SET {cell} = ? WHERE {cell} = ?", [email, person])
    source = TableSource(connection, file.name, relation, ColumnPlan(_ROLES, header=False, declared=True))
    return source, staging, reader.out


def _refuse_controls(
    connection: duckdb.DuckDBPyConnection, staging: Staging, reader: _Reader, *, may_be_empty: bool
) -> None:
    cell = staging.cells[-1]
    rows = connection.execute(
        f"SELECT {cell}, count(*) FROM {staging.table} WHERE {cell} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if len(rows) > 1:
        names = ", ".join(f"{name} ({count:,} answers)" for name, count in rows)
        raise InputError(
            "more than one control was answered; one at a time is judged", file=reader.name, found=names,
            expected=f"in delivery.yaml, files: `profile: {rows[0][0]}`",
        )  # fmt: skip
    if not rows and reader.control is not None and reader.seen:
        raise InputError(
            "the declared control was never answered", file=reader.name, found=", ".join(sorted(reader.seen)),
            expected=shown(reader.control),
        )  # fmt: skip
    if not rows and reader.out.other_types and not may_be_empty:
        raise InputError(
            "there are no choices, ratings or texts in this export", file=reader.name,
            found=", ".join(sorted(reader.out.other_types)), expected=", ".join(_KINDS),
        )  # fmt: skip


class _Reader:
    """Turns tasks into staged rows; everything a row cannot hold is noted in ``out``."""

    def __init__(self, name: str, control: str | None, columns: Columns, staging: Staging) -> None:
        self.name = name
        self.control = control
        self.seen: set[str] = set()
        self.out = LabelStudioFile()
        self._columns = columns
        self._staging = staging
        self._number = 0
        self._item = ""
        self._content: tuple[str | None, str | None] = (None, None)

    def task(self, number: int, record: object) -> None:
        """One task with its annotations and predictions."""
        self._number = number
        if not isinstance(record, dict):
            raise self._refuse(
                "a task is no object", shown(str(record)), "an object with data and annotations"
            )
        if isinstance(record.get("completions"), list):
            raise self._refuse(
                "this export is older than Label Studio 1.0", "the key completions", "annotations"
            )
        data = record.get("data")
        self._item = self._item_id(record, data if isinstance(data, dict) else {})
        self._content = task_content(data if isinstance(data, dict) else {}, self._columns)
        for annotation in objects_in(record, "annotations"):
            self._annotation(annotation)
        for prediction in objects_in(record, "predictions"):
            model = prediction.get("model_version")
            who = f"model:{model if isinstance(model, str) and model else 'unnamed'}"
            self._rows(who, Layer.PRELABEL, prediction.get("result"), skipped=False)
        drafts = record.get("drafts")
        self.out.drafts += len(drafts) if isinstance(drafts, list) else 0

    def _annotation(self, annotation: Mapping[str, object]) -> None:
        person = self._person(annotation.get("completed_by"))
        layer = Layer.GOLD if annotation.get("ground_truth") is True else Layer.FIRST_PASS
        skipped = annotation.get("was_cancelled") is True
        values = self._rows(person, layer, annotation.get("result"), skipped=skipped)
        for review in objects_in(annotation, "reviews"):
            self._review(review, values)

    def _review(self, review: Mapping[str, object], values: Mapping[str | None, Value]) -> None:
        person = self._person(review.get("created_by"))
        if isinstance(review.get("result"), list) and review["result"]:
            self._rows(person, Layer.REVIEW, review["result"], skipped=False)
        elif review.get("accepted") is True:
            for control, value in values.items():
                self._stage(person, Layer.REVIEW, control, value[0], skipped=False)
        else:
            self.out.rejected.append(self._item)

    def _rows(
        self, person: str | None, layer: Layer, result: object, *, skipped: bool
    ) -> dict[str | None, Value]:
        """Stage one row for each control that was answered, or one with nothing."""
        values: dict[str | None, Value] = {}
        for entry in result if isinstance(result, list) and not skipped else ():
            if isinstance(entry, dict):
                self._answer(entry, values)
        if not values:
            values = {None: (None, False)}
        for control, value in values.items():
            self._stage(person, layer, control, value[0], skipped=skipped)
        return values

    def _answer(self, entry: Mapping[str, object], values: dict[str | None, Value]) -> None:
        kind, value = entry.get("type"), entry.get("value")
        control = entry.get("from_name")
        if kind not in _KINDS or not isinstance(value, dict) or not isinstance(control, str):
            self.out.other_types[kind if isinstance(kind, str) else "without a type"] += 1
            return
        self.seen.add(control)
        if self.control is not None and control != self.control:
            return
        if _REGION_KEYS & value.keys() or control in values:
            raise self._refuse(
                f"the control {shown(control)} answers regions of the item",
                f"item {shown(self._item)} with several answers or with coordinates",
                "one answer for each item and person",
            )
        values[control] = self._value(str(kind), value)
        self.out.kinds.add(_KINDS[str(kind)])

    def _value(self, kind: str, value: Mapping[str, object]) -> Value:
        if kind == "choices":
            chosen = value.get("choices")
            if chosen is not None and not isinstance(chosen, list):
                what = "the choices of an answer are no list"
                raise self._refuse(
                    what, f"item {shown(self._item)}: {shown(str(chosen))}", "a list of choices"
                )
            labels = [" / ".join(map(str, one)) if isinstance(one, list) else one for one in _list(chosen)]
            self.out.has_lists = self.out.has_lists or len(labels) > 1
            text = set_text(labels)
        elif kind == "textarea":
            text = "\n".join(str(part) for part in _list(value.get("text"))) or None
        else:
            text = scalar_text(value.get("selected" if kind == "pairwise" else kind))
        if text == NESTED:
            raise self._refuse("an answer is no text", f"item {shown(self._item)}", "texts or numbers")
        return text, True

    def _stage(
        self, person: str | None, layer: Layer, control: str | None, value: str | None, *, skipped: bool
    ) -> None:
        state = (
            ItemState.SKIPPED if skipped else ItemState.ANNOTATED if value is not None else ItemState.EMPTY
        )
        text, link = self._content
        self._staging.append(
            self._number, (self._item, person, value, layer.label, state.label, text, link, control)
        )

    def _item_id(self, record: Mapping[str, object], data: Mapping[str, object]) -> str:
        declared = self._columns.get("item")
        key = None if declared is None else str(declared)
        text = task_item(record, data, key)
        if text is not None:
            return text
        key = OWN_KEY if key is None and OWN_KEY in data else key
        if key is None and record.get("id") is None and _is_task(record):
            self.out.without_id += 1
            return str(self._number)
        raise self._refuse(
            "a task has no id" if key is None else f"a task has no {shown(key)} in its data",
            f"the keys {', '.join(sorted(map(str, record if key is None else data)))[:80]}",
            "a task id, or in delivery.yaml `columns: {item: KEY}` with a key of the data that names the item",
        )

    def _person(self, value: object) -> str | None:
        return task_person(value, self.out.emails)

    def _refuse(self, message: str, found: str, expected: str) -> InputError:
        return InputError(
            message, file=self.name, place=record_place(self._number), found=found, expected=expected
        )


def _is_task(record: Mapping[str, object]) -> bool:
    """Whether a record without an id is a task all the same: it has data, or what someone answered."""
    answers = [*objects_in(record, "annotations"), *objects_in(record, "predictions")]
    return isinstance(record.get("data"), dict) or any("result" in one for one in answers)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]
