"""Writing records as Prodigy exports them: the answer of one person on each line, spans of a text or of an image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from assay.annotation.layers import ItemState

from .annotation_table import NOBODY
from .doccano_write import has_parts
from .label_studio_task import OWN_KEY
from .located_answers import Answer
from .located_rows import ObjectRow
from .shape_parts import has_own_frame, pairs, rings_of, shape_of
from .small_table import write_whole


def write_prodigy(target: Path, answers: Iterable[Answer]) -> Counter[str]:
    """Write one record for each answer; how much was lost, by kind.

    Not carried: objects that have no outline (``masks``, ``polylines``, ``keypoints``, ``fields``), that boxes are
    turned (``rotated_boxes``), ``holes``, ``parts``, spans of several parts (``discontinuous_spans``), ``attributes``,
    ``texts`` of objects, ``crowd``, boxes that differ from those around their outlines (``frames``), and that an item
    was not annotated (``state``).
    """
    losses: Counter[str] = Counter()

    def lines() -> Iterator[bytes]:
        for answer in answers:
            if answer.state is ItemState.NOT_ANNOTATED:
                losses["state"] += 1
                continue
            yield orjson.dumps(_record(answer, losses), option=orjson.OPT_APPEND_NEWLINE)

    write_whole(target, lines())
    return losses


def _record(answer: Answer, losses: Counter[str]) -> dict[str, object]:
    record: dict[str, object] = {OWN_KEY: answer.item}
    if answer.text is not None:
        record["text"] = answer.text
    if answer.text is None and not any(one.kind == "span" for one in answer.objects):
        record["image"] = answer.link or answer.item
        if answer.width is not None and answer.height is not None:
            record |= {"width": answer.width, "height": answer.height}
    record["spans"] = [span for one in answer.objects for span in _spans(one, losses)]
    record["answer"] = "ignore" if answer.state is ItemState.SKIPPED else "accept"
    return record | ({} if answer.annotator == NOBODY else {"_annotator_id": answer.annotator})


def _spans(one: ObjectRow, losses: Counter[str]) -> Iterator[dict[str, object]]:
    """The spans of one object: none where Prodigy has no place for it, one for each part of an outline."""
    if one.kind in ("mask", "polyline", "keypoints", "field"):
        losses[f"{one.kind.removesuffix('s')}s"] += 1
        return
    if one.kind == "span" and has_parts(one):
        losses["discontinuous_spans"] += 1
        return
    losses["attributes"] += one.attributes is not None
    losses["crowd"] += one.crowd
    more: dict[str, object] = {"label": one.label}
    if one.confidence is not None:
        more["score"] = one.confidence
    if one.kind == "span":
        yield {"start": int(one.x), "end": int(one.x + one.w)} | more
        return
    losses["texts"] += one.text is not None
    if one.kind == "box":
        corners = [
            (one.x, one.y),
            (one.x, one.y + one.h),
            (one.x + one.w, one.y + one.h),
            (one.x + one.w, one.y),
        ]
        yield {
            "type": "rect",
            "points": corners,
            "x": one.x,
            "y": one.y,
            "width": one.w,
            "height": one.h,
        } | more
        return
    shape = shape_of(one)
    rings = [pairs(shape.get("corners"))] if one.kind == "rotated_box" else rings_of(shape)
    losses["rotated_boxes"] += one.kind == "rotated_box"
    losses["parts"] += len(rings) > 1
    losses["holes"] += bool(shape.get("holes"))
    losses["frames"] += len(rings) == 1 and has_own_frame(one, rings[0])
    for ring in rings:
        yield {"type": "polygon", "points": ring} | more
