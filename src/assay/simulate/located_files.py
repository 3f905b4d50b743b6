"""A simulated programme of located labels as the files that buyer and vendor would hold.

Images are COCO and texts are JSON lines, one file for each person; documents are one export of Label Studio. Gold is in
the same format, and items, delivery, contract and truth stand beside them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import orjson

from assay.formats.label_studio_task import OWN_KEY
from assay.terms.clauses import Versions
from assay.terms.document import Contract
from assay.terms.templates import fill_template
from assay.terms.yaml_text import render_yaml

from .files import cell, item_names
from .located_draw import Drawn, LocatedDraw
from .located_frame import Ints
from .scenes import HEIGHT, JOINTS, WIDTH, figures, outlines, page_boxes
from .spans import before_comma, text_of

_DIGITS = 2
_PERCENT = 100.0
_SEEN = 2


def write_located(
    draw: LocatedDraw, truth: Mapping[str, object], folder: Path, contract: Contract | None
) -> tuple[Path, ...]:
    """Write labels, gold, manifest, delivery, truth and contract (a starter unless given)."""
    (folder / "labels").mkdir(parents=True, exist_ok=True)
    names = item_ids(draw)
    plain = [
        (folder / "items.csv", "".join(_item_rows(draw, names))),
        (folder / "delivery.yaml", render_yaml(_delivery(draw))),
        (folder / "truth.json", json.dumps(truth, indent=1, ensure_ascii=False) + "\n"),
        (folder / "contract.yaml", (contract or _starter(draw)).as_yaml()),
    ]
    written = _WRITERS.get(draw.spec.kind, _write_coco)(draw, names, folder)
    for path, text in plain:
        path.write_text(text, encoding="utf-8", newline="")
    return (*written, *(path for path, _ in plain))


def item_ids(draw: LocatedDraw) -> list[str]:
    """The ids of the items: images are called by their files."""
    ending = "" if draw.spec.kind in ("spans", "fields") else ".jpg"
    return [name + ending for name in item_names(draw.spec.items)]


def gold_name(kind: str) -> str:
    """The name of the file of gold."""
    return "gold.jsonl" if kind == "spans" else "gold.json"


def _label_files(draw: LocatedDraw) -> list[tuple[str, str | None]]:
    """The files of labels and whose each is; None where the file says it."""
    kind = draw.spec.kind
    if kind == "fields":
        return [("labels/all.json", None)]
    ending = "jsonl" if kind == "spans" else "json"
    return [(f"labels/{person.id}.{ending}", person.id) for person in draw.spec.people]


def _delivery(draw: LocatedDraw) -> Mapping[str, object]:
    form = {"spans": "spans", "fields": "label_studio"}.get(draw.spec.kind, "coco")
    files = []
    for path, person in _label_files(draw):
        files.append({"path": path, "format": form} | ({} if person is None else {"annotator": person}))
    return {
        "assay": "delivery/1",
        "batch": draw.spec.batch,
        "delivered_at": "2026-03-02T09:00:00Z",
        "round": "1",
        "phase": "steady",
        "schema": "1",
        "guideline": "1.0",
        "gold": "1",
        "labels": draw.spec.kind,
        "files": files,
        "items": {"path": "items.csv"},
    }


def _starter(draw: LocatedDraw) -> Contract:
    return fill_template(
        f"starter-{draw.spec.kind}",
        contract_id=f"{draw.spec.batch}-starter",
        versions=Versions(schema="1", guideline="1.0", gold="1"),
    )


def _item_rows(draw: LocatedDraw, names: Sequence[str]) -> Iterator[str]:
    slices = draw.spec.slices
    yield ",".join(["item", *(cell(one.name) for one in slices)]) + "\n"
    columns = [[one.values[code] for code in draw.slices[one.name].tolist()] for one in slices]
    for at, name in enumerate(names):
        yield ",".join([name, *(cell(column[at]) for column in columns)]) + "\n"


def _by_item(drawn: Drawn, index: Ints) -> Iterator[tuple[int, Ints]]:
    """The rows of some objects, item by item."""
    order = index[np.argsort(drawn.objects.item[index], kind="stable")]
    items, start = np.unique(drawn.objects.item[order], return_index=True)
    if len(items):
        yield from zip(items.tolist(), np.split(order, start[1:]), strict=True)


def _sides(draw: LocatedDraw) -> Iterator[tuple[Drawn, Ints, Ints]]:
    """For each person the objects, their rows and the items worked on."""
    for code in range(len(draw.spec.people)):
        items = draw.work_item[draw.work_person == code]
        yield draw.votes, np.flatnonzero(draw.by == code), items


# Images


def _write_coco(draw: LocatedDraw, names: Sequence[str], folder: Path) -> list[Path]:
    categories = []
    for number, name in enumerate(draw.spec.classes, start=1):
        joints = {"keypoints": list(JOINTS)} if draw.spec.kind == "keypoints" else {}
        categories.append({"id": number, "name": name, **joints})
    sides = [*_sides(draw), (draw.gold, np.arange(len(draw.gold)), draw.gold_items)]
    paths = [*(folder / path for path, _ in _label_files(draw)), folder / gold_name(draw.spec.kind)]
    for path, (drawn, rows, items) in zip(paths, sides, strict=True):
        images = [
            {"id": item + 1, "file_name": names[item], "width": WIDTH, "height": HEIGHT}
            for item in items.tolist()
        ]
        document = {
            "images": images, "annotations": _annotations(draw.spec.kind, drawn, rows), "categories": categories
        }  # fmt: skip
        path.write_bytes(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    return paths


def _annotations(kind: str, drawn: Drawn, rows: Ints) -> list[dict[str, object]]:
    objects = drawn.objects.take(rows)
    box = objects.box.round(_DIGITS)
    found: list[dict[str, object]] = [
        {
            "id": number, "image_id": item + 1, "category_id": label + 1, "bbox": frame,
            "area": round(frame[2] * frame[3], _DIGITS), "iscrowd": 0,
        }
        for number, (item, label, frame) in enumerate(
            zip(objects.item.tolist(), objects.label.tolist(), box.tolist(), strict=True), start=1
        )
    ]  # fmt: skip
    if kind == "shapes":
        rings = outlines(objects.box).round(_DIGITS).reshape(len(rows), -1)
        for one, ring in zip(found, rings.tolist(), strict=True):
            one["segmentation"] = [ring]
    elif kind == "keypoints":
        for one, joints in zip(found, figures(objects.box).round(_DIGITS).tolist(), strict=True):
            one["keypoints"] = [number for x, y in joints for number in (x, y, _SEEN)]
            one["num_keypoints"] = len(joints)
    return found


# Texts


def _write_lines(draw: LocatedDraw, names: Sequence[str], folder: Path) -> list[Path]:
    texts = _texts(draw)
    sides = [*_sides(draw), (draw.gold, np.arange(len(draw.gold)), draw.gold_items)]
    paths = [*(folder / path for path, _ in _label_files(draw)), folder / gold_name(draw.spec.kind)]
    for path, (drawn, rows, items) in zip(paths, sides, strict=True):
        marked = dict(_by_item(drawn, rows))
        lines = []
        for item in items.tolist():
            spans = _spans(draw, drawn, marked.get(item))
            lines.append(orjson.dumps({"id": names[item], "text": texts[item], "label": spans}) + b"\n")
        path.write_bytes(b"".join(lines))
    return paths


def _spans(draw: LocatedDraw, drawn: Drawn, rows: Ints | None) -> list[list[object]]:
    if rows is None:
        return []
    box, label = drawn.objects.box[rows], drawn.objects.label[rows]
    found = [
        [int(x), int(x + w), draw.spec.classes[code]]
        for (x, _, w, _), code in zip(box.tolist(), label.tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (one[0], one[1], str(one[2])))


def _texts(draw: LocatedDraw) -> list[str]:
    frame = draw.frame
    comma = before_comma(frame).tolist()
    mentions: list[list[tuple[int, int, float, bool]]] = [[] for _ in range(frame.items)]
    rows = zip(
        frame.item.tolist(),
        frame.place.tolist(),
        frame.half.tolist(),
        frame.size.tolist(),
        comma,
        strict=True,
    )
    for item, place, half, size, follows in rows:
        mentions[item].append((place, half, size, follows))
    return [
        text_of(side, held, number)
        for number, (side, held) in enumerate(zip(frame.side.tolist(), mentions, strict=True))
    ]


# Documents


def _write_tasks(draw: LocatedDraw, names: Sequence[str], folder: Path) -> list[Path]:
    paths = [folder / "labels/all.json", folder / gold_name(draw.spec.kind)]
    answers: dict[int, list[dict[str, object]]] = {}
    for person, (drawn, rows, items) in zip(draw.spec.people, _sides(draw), strict=True):
        marked = dict(_by_item(drawn, rows))
        for item in items.tolist():
            result = _results(draw, drawn, marked.get(item))
            answers.setdefault(item, []).append(
                {"completed_by": {"email": person.id}, "was_cancelled": False, "result": result}
            )
    gold = dict(_by_item(draw.gold, np.arange(len(draw.gold))))
    truth: dict[int, list[dict[str, object]]] = {
        item: [{"was_cancelled": False, "result": _results(draw, draw.gold, gold.get(item))}]
        for item in draw.gold_items.tolist()
    }
    for path, held in zip(paths, (answers, truth), strict=True):
        tasks = [
            {"id": item + 1, "data": {OWN_KEY: names[item]}, "annotations": held[item]}
            for item in sorted(held)
        ]
        path.write_bytes(orjson.dumps(tasks, option=orjson.OPT_APPEND_NEWLINE))
    return paths


def _results(draw: LocatedDraw, drawn: Drawn, rows: Ints | None) -> list[dict[str, object]]:
    """Each field as a rectangle with its key, and the text that was read in it."""
    if rows is None or drawn.value is None:
        return []
    boxes = (
        page_boxes(draw.frame, drawn.marks.take(rows)) / np.array([WIDTH, HEIGHT, WIDTH, HEIGHT]) * _PERCENT
    )
    found: list[dict[str, object]] = []
    for row, (x, y, w, h) in zip(rows.tolist(), boxes.round(4).tolist(), strict=True):
        place = {"x": x, "y": y, "width": w, "height": h, "rotation": 0}
        key = draw.spec.classes[int(drawn.objects.label[row])]
        for kind, said in (("rectanglelabels", key), ("textarea", drawn.value[row])):
            where = {"rectanglelabels": "key", "textarea": "value"}[kind]
            held = {kind if kind != "textarea" else "text": [said]}
            found.append(
                {
                    "id": f"r{row}", "type": kind, "from_name": where, "to_name": "page",
                    "original_width": WIDTH, "original_height": HEIGHT, "value": {**place, **held},
                }
            )  # fmt: skip
    return found


_WRITERS: Mapping[str, Callable[[LocatedDraw, Sequence[str], Path], list[Path]]] = {
    "spans": _write_lines,
    "fields": _write_tasks,
}
