"""Regions of Label Studio JSON: tasks as items, with the boxes, outlines, points, strokes and texts marked by everyone.

Predictions become the layer ``prelabel``, ground truth ``gold``. Strokes of many tasks are read together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from assay.annotation.archives import open_stream
from assay.annotation.errors import InputError
from assay.annotation.finding import Severity
from assay.annotation.layers import LAYER_CODES, ItemState, Layer
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown
from assay.annotation.strict_json import json_records

from .delivery import Columns
from .label_studio_task import LAYER_KEY, objects_in, task_content, task_item, task_person
from .located_rows import ContentRow, ImageRow, LocatedRows, Notes, ObjectRow, Work, work_state
from .plain_regions import PlainResult
from .records import record_place
from .region_geometry import Frame, region_kind, text_of_html
from .region_objects import UNKNOWN, RegionReader
from .stroke_runs import Encoded, strokes_of

_SAMPLE = 200
#: How many tasks, regions and numbers of strokes are held to be read together.
_TASKS, _REGIONS, _STROKES = 1_000, 600, 2_000_000


class _Task(NamedTuple):
    """A task that waits: its number, the size of its image, its text and its link."""

    number: int
    record: Mapping[str, object]
    frame: Frame
    text: str | None
    link: str | None


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
            if reader.hold(number, record):
                yield from reader.rows()
        yield from reader.rows()
    notes.renamed.update(reader.emails)


class _Reader:
    """Turns tasks into rows; what a row cannot hold is noted."""

    def __init__(self, notes: Notes, control: str | None, columns: Columns) -> None:
        self.emails: dict[str, str] = {}
        self._notes = notes
        self._columns = columns
        self._regions = RegionReader(notes, control)
        self._number = 0
        self._item = ""
        self._tasks: list[_Task] = []
        self._results: list[PlainResult] = []
        self._strokes: list[tuple[int, Encoded]] = []
        self._held = self._numbers = 0

    def hold(self, number: int, record: object) -> bool:
        """Keep a task until there are enough to read them together; whether there are."""
        self._number, self._item = number, ""
        if not isinstance(record, dict) or not isinstance(record.get("data", {}), dict):
            raise self._refuse(
                "a task is no object", shown(str(record)), "an object with data and annotations"
            )
        text, link = task_content(record.get("data", {}), self._columns)
        if text is not None and any(entry.get("type") == "hypertextlabels" for entry in _entries(record)):
            text = text_of_html(text)
        results = [one for one in _results(record) if type(one) is list and one]
        frame = _frame_of(results)
        self._tasks.append(_Task(number, record, frame, text, link))
        for result in results:
            self._results.append(PlainResult(result, frame, text))
            if strokes := _encoded(result):
                self._strokes += strokes
                self._numbers += sum(len(one.data) for _, one in strokes)
            self._held += len(result)
        # Strokes are read in step with many others, so tasks with strokes are worth waiting for.
        enough = self._numbers >= _STROKES if self._strokes else self._held >= _REGIONS
        return enough or len(self._tasks) >= _TASKS

    def rows(self) -> LocatedRows:
        """The rows of the tasks that wait."""
        found = strokes_of([one for _, one in self._strokes])
        pairs = zip(self._strokes, found, strict=True)
        self._regions.prepare(self._results, {key: one for (key, _), one in pairs if one is not None})
        for task in self._tasks:
            yield from self._task(task)
        self._tasks, self._results, self._strokes = [], [], []
        self._held = self._numbers = 0

    def _task(self, task: _Task) -> LocatedRows:
        """One task with everything that people and models said about it."""
        record = task.record
        self._number = task.number
        self._item = self._item_id(record)
        self._regions.enter(self._item, task.number, task.frame, task.text)
        if task.text is not None or task.link is not None:
            yield ContentRow(self._item, task.text, task.link)
        if task.frame.known:
            yield ImageRow(self._item, task.frame.width, task.frame.height, task.link)
        for annotation in objects_in(record, "annotations"):
            yield from self._annotation(annotation)
        for prediction in objects_in(record, "predictions"):
            model = prediction.get("model_version")
            who = f"model:{model if isinstance(model, str) and model else 'unnamed'}"
            yield self._work(who, Layer.PRELABEL, self._regions.objects(prediction.get("result")))
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
        objects = self._regions.objects(annotation.get("result"))
        yield self._work(person, layer, objects)
        for review in objects_in(annotation, "reviews"):
            reviewer = task_person(review.get("created_by"), self.emails)
            if isinstance(review.get("result"), list) and review["result"]:
                yield self._work(reviewer, Layer.REVIEW, self._regions.objects(review["result"]))
            elif review.get("accepted") is True:
                yield self._work(reviewer, Layer.REVIEW, objects)
            else:
                self._count(
                    "rejected_in_review", "minor",
                    f"{{n}} annotations in {self._notes.file} were rejected in review without a correction.",
                )  # fmt: skip

    def _work(self, person: str | None, layer: Layer, objects: Sequence[ObjectRow]) -> Work:
        return Work(self._item, person, layer, work_state(objects), objects, self._number)

    def _item_id(self, record: Mapping[str, object]) -> str:
        found = record.get("data", {})
        data = found if isinstance(found, dict) else {}
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

    def _count(self, kind: str, severity: Severity, text: str) -> None:
        self._notes.count(kind, self._item, severity, text)

    def _refuse(self, message: str, found: str, expected: str) -> InputError:
        place = record_place(self._number) + (f", item {shown(self._item)}" if self._item else "")
        return InputError(message, file=self._notes.file, place=place, found=found, expected=expected)


def _encoded(result: Sequence[object]) -> list[tuple[int, Encoded]]:
    """The strokes of a result that can be read together, under the identity of their lists."""
    strokes = []
    for entry in result:
        if type(entry) is dict and entry.get("type") == "brushlabels":
            value, frame = entry.get("value"), _size_of(entry)
            data = value.get("rle") if isinstance(value, dict) else None
            if frame is not None and type(data) is list:
                strokes.append((id(data), Encoded(data, frame.width, frame.height)))
    return strokes


def _layer_of(annotation: Mapping[str, object]) -> Layer:
    """Ground truth is gold; other layers stand under a key of ours, for Label Studio has no place for them."""
    if annotation.get("ground_truth") is True:
        return Layer.GOLD
    named = annotation.get(LAYER_KEY)
    return Layer(LAYER_CODES[named]) if isinstance(named, str) and named in LAYER_CODES else Layer.FIRST_PASS


def _results(task: object) -> list[object]:
    if not isinstance(task, dict):
        return []
    answers = objects_in(task, "annotations") + objects_in(task, "predictions")
    return [one.get("result") for one in answers]


def _entries(task: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for result in _results(task):
        yield from objects_in({"result": result}, "result")


def _frame_of(results: Sequence[Sequence[object]]) -> Frame:
    """The size of the image, as the first region says that says it."""
    for result in results:
        for entry in result:
            if isinstance(entry, dict) and (frame := _size_of(entry)) is not None:
                return frame
    return UNKNOWN


def _size_of(entry: Mapping[str, object]) -> Frame | None:
    width, height = entry.get("original_width"), entry.get("original_height")
    if type(width) is int and type(height) is int and 0 < width < 1_000_000 and 0 < height < 1_000_000:
        return Frame(width, height)
    return None
