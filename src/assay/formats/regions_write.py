"""Writing regions as Label Studio imports them: tasks with annotations and predictions, places in percent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from assay.annotation.layers import ItemState, Layer

from .annotation_table import NOBODY
from .brush_rle import encode_brush
from .doccano_write import has_parts
from .label_studio_task import LAYER_KEY, OWN_KEY
from .located_rows import ObjectRow, Work
from .shape_parts import (
    attributes_of,
    has_own_frame,
    joints_of,
    numbers,
    pairs,
    pixels_of,
    rings_of,
    shape_of,
)
from .small_table import write_whole

_LAYERS = (Layer.PRELABEL, Layer.FIRST_PASS, Layer.GOLD)


@dataclass(frozen=True)
class RegionTask:
    """One item with what everyone marked on it."""

    item: str
    work: Sequence[Work]
    text: str | None = None
    link: str | None = None
    width: int | None = None
    height: int | None = None


def write_regions(target: Path, tasks: Iterable[RegionTask]) -> Counter[str]:
    """Write tasks; how much was lost, by kind.

    Not carried: labels of whole images (``fields``), objects on images of unknown size (``image_size``), ``holes``,
    that several rings are one object (``parts``), boxes that differ from those around their shapes (``frames``), spans
    of several parts (``discontinuous_spans``), keypoints that are hidden or not labelled (``visibility``, and
    ``unlabelled`` where it is all of an object), the ``outlines`` around them, attributes without a value
    (``empty_attributes``), ``texts`` of objects that are no attribute of theirs, ``crowd``, that an item was not
    annotated (``state``), and that who made a prelabel is no model (``model_names``).
    """
    losses: Counter[str] = Counter()

    def chunks() -> Iterator[bytes]:
        before = b"[\n"
        for task in tasks:
            yield before + orjson.dumps(_task(task, losses))
            before = b",\n"
        yield (before if before == b"[\n" else b"") + b"\n]\n"

    write_whole(target, chunks())
    return losses


def _task(task: RegionTask, losses: Counter[str]) -> dict[str, object]:
    data = {OWN_KEY: task.item} | ({"text": task.text} if task.text is not None else {})
    data |= {"link": task.link} if task.link is not None else {}
    annotations: list[object] = []
    predictions: list[object] = []
    for work in task.work:
        layer = Layer.FIRST_PASS if work.layer is None else work.layer
        if work.state is ItemState.NOT_ANNOTATED:
            losses["state"] += 1
            continue
        result = [
            entry for at, one in enumerate(work.objects) for entry in _Writer(task, losses).region(at, one)
        ]
        if layer is Layer.PRELABEL:
            model = (work.annotator or "unnamed").removeprefix("model:")
            losses["model_names"] += work.annotator is not None and model == work.annotator
            predictions.append({"model_version": model, "result": result})
            continue
        by: dict[str, object] = {} if layer in _LAYERS else {LAYER_KEY: layer.label}
        by |= {} if work.annotator in (None, NOBODY) else {"completed_by": {"email": work.annotator}}
        skipped, gold = work.state is ItemState.SKIPPED, layer is Layer.GOLD
        annotations.append({**by, "was_cancelled": skipped, "ground_truth": gold, "result": result})
    return {"data": data, "annotations": annotations, "predictions": predictions}


@dataclass(frozen=True)
class _Writer:
    task: RegionTask
    losses: Counter[str]

    def region(self, at: int, one: ObjectRow) -> Iterator[dict[str, object]]:
        """The results of one object: its place with its class, and one for each attribute."""
        if one.kind == "field" or (
            one.kind != "span" and (self.task.width is None or self.task.height is None)
        ):
            self.losses["fields" if one.kind == "field" else "image_size"] += 1
            return
        self.losses["crowd"] += one.crowd
        for part, (kind, value, label) in enumerate(self._places(one)):
            ident = f"r{at}" if part == 0 else f"r{at}-{part}"
            more: dict[str, object] = {"parentID": f"r{at}"} if part and one.kind == "keypoints" else {}
            yield self._result(ident, kind, value | {kind: [label]}, one) | more
            if part == 0:
                yield from self._attributes(ident, value, one)

    def _attributes(
        self, ident: str, value: dict[str, object], one: ObjectRow
    ) -> Iterator[dict[str, object]]:
        """One answer for each attribute; the one that is the text of the object too is a text area."""
        text = one.text if one.kind != "span" else None
        for name, said in attributes_of(one).items():
            self.losses["empty_attributes"] += not said
            tool, key = ("textarea", "text") if said == text else ("choices", "choices")
            text = None if said == text else text
            yield self._result(ident, tool, value | {key: [said]}, one) | {"from_name": name}
        self.losses["texts"] += text is not None

    def _result(
        self, ident: str, kind: str, value: Mapping[str, object], one: ObjectRow
    ) -> dict[str, object]:
        result: dict[str, object] = {
            "id": ident, "from_name": "label", "to_name": "item", "type": kind, "value": dict(value),
        }  # fmt: skip
        if one.kind != "span":
            result |= {
                "original_width": self.task.width,
                "original_height": self.task.height,
                "image_rotation": 0,
            }
        return result | ({"score": one.confidence} if one.confidence is not None else {})

    def _places(self, one: ObjectRow) -> Iterator[tuple[str, dict[str, object], str]]:
        shape = shape_of(one)
        if one.kind == "span":
            yield from self._span(one)
        elif one.kind == "polygon":
            rings = rings_of(shape)
            self.losses["parts"] += len(rings) > 1
            self.losses["holes"] += bool(shape.get("holes"))
            self.losses["frames"] += len(rings) == 1 and has_own_frame(one, rings[0])
            for ring in rings:
                yield "polygonlabels", {"points": self._points(ring), "closed": True}, one.label
        elif one.kind == "polyline":
            points = pairs(shape.get("points"))
            self.losses["frames"] += has_own_frame(one, points)
            yield "polygonlabels", {"points": self._points(points), "closed": False}, one.label
        elif one.kind == "mask":
            yield "brushlabels", {"format": "rle", "rle": encode_brush(self._pixels(one, shape))}, one.label
        elif one.kind == "keypoints":
            yield from self._keypoints(one, shape)
        else:
            yield "rectanglelabels", self._box(one, shape), one.label

    def _span(self, one: ObjectRow) -> Iterator[tuple[str, dict[str, object], str]]:
        if has_parts(one):
            self.losses["discontinuous_spans"] += 1
            return
        start, end = int(one.x), int(one.x + one.w)
        if self.task.text is not None and not self.task.text.isascii():
            start, end = (len(self.task.text[:at].encode("utf-16-le")) // 2 for at in (start, end))
        value: dict[str, object] = {"start": start, "end": end}
        yield "labels", value | ({"text": one.text} if one.text is not None else {}), one.label

    def _keypoints(
        self, one: ObjectRow, shape: Mapping[str, object]
    ) -> Iterator[tuple[str, dict[str, object], str]]:
        self.losses["outlines"] += "outline" in shape
        yield "rectanglelabels", self._box(one, {}), one.label
        self.losses["unlabelled"] += not any(seen for _, _, _, seen in joints_of(shape))
        for name, x, y, seen in joints_of(shape):
            self.losses["visibility"] += seen != 2
            if seen:
                ((left, top),) = self._points([(x, y)])
                yield "keypointlabels", {"x": left, "y": top, "width": 0.5}, name

    def _pixels(self, one: ObjectRow, shape: Mapping[str, object]) -> npt.NDArray[np.bool_]:
        drawn = pixels_of(shape)
        rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
        if rows.size:
            edges = [(int(columns[0]), int(rows[0])), (int(columns[-1]) + 1, int(rows[-1]) + 1)]
            self.losses["frames"] += has_own_frame(one, edges)
        return drawn

    def _box(self, one: ObjectRow, shape: Mapping[str, object]) -> dict[str, object]:
        x, y, w, h, turned = one.x, one.y, one.w, one.h, 0.0
        if one.kind == "rotated_box":
            (x, y), (w, h) = pairs(shape["corners"])[0], numbers(shape["size"])
            turned = one.angle or 0.0
        ((left, top), (width, height)) = self._points([(x, y), (w, h)])
        return {"x": left, "y": top, "width": width, "height": height, "rotation": turned}

    def _points(self, points: Iterable[tuple[float, float]]) -> list[list[float]]:
        across, down = self.task.width or 1, self.task.height or 1
        return [[x * 100.0 / across, y * 100.0 / down] for x, y in points]
