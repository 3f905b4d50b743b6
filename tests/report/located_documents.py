"""Reports of located labels: boxes in a street, spans in messages, outlines with masks and joints, fields."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps

import numpy as np

from assay.judge.drawn import drawn_items
from tests.judge.located_desk import Desk, Made, made
from tests.judge.located_marks import Drawn, field, joints, line, mask, polygon, rotated, span
from tests.report.figures import Document, figure, term
from tests.report.parts import frame
from tests.report.street import CLASSES, picture, streets

_F1 = {"car": 0.968, "pedestrian": 0.941, "bicycle": 0.846, "bus": 0.934, "traffic light": 0.927}
_KINDS = {"missed": 59, "extra": 18, "wrong_class": 25, "loose": 41, "split": 9, "merged": 4}


def _made_once(build: Callable[[], Document]) -> Callable[[], Document]:
    """The same document every time, each a copy of its own."""
    built = cache(build)
    return wraps(build)(lambda: copy.deepcopy(built()))


@_made_once
def boxes() -> Document:
    """A street: bicycles are below the floor, small objects are missed."""
    batch = made("boxes", CLASSES, streets())
    return _document("street-24", "boxes", _F1, _drawn(batch, ["0401.jpg", "0403.jpg", "0402.jpg"]))


def street_pictures() -> dict[str, str]:
    """The pictures of the street by item."""
    return {desk.name: picture(int(desk.name[:4])) for desk in streets()}


@_made_once
def spans() -> Document:
    """Messages with products, dates and recipients: nested, crossing and in two parts."""
    batch = made("spans", _LABELS, [desk for desk, _ in _messages()])
    drawn = _drawn(batch, ["m-0064"])
    content = {desk.name: body for desk, body in _messages()}
    for item in drawn:
        item["content"] = content[str(item["item"])]
    return _document("messages-8", "spans", dict.fromkeys(_LABELS, 0.91), drawn)


@_made_once
def shapes() -> Document:
    """Outlines with holes, rotated boxes, lines, masks and joints."""
    drawn = []
    for kind, classes, desks in _shapes():
        drawn += _drawn(made(kind, classes, desks), [])
    return _document("outlines-3", "shapes", {"lake": 0.93, "road": 0.88}, drawn)


@_made_once
def fields() -> Document:
    """Invoices: a total read wrongly, a date left out."""
    desk = Desk(
        "invoice-17",
        {"annotator-02": [field("total", "12.40", (400, 600, 90, 24)), field("number", "A-881", (60, 40, 120, 20), label=2)]},
        [
            field("total", "12.48", (402, 600, 88, 24)),
            field("date", "2026-11-20", (400, 40, 100, 20), label=1),
            field("number", "A-881", (60, 40, 120, 20), label=2),
        ],
        (600, 800),
    )  # fmt: skip
    batch = made("fields", ("total", "date", "number"), [desk])
    return _document("invoices-2", "fields", {"total": 0.94, "date": 0.9, "number": 0.99}, _drawn(batch, []))


LOCATED = {"boxes": boxes, "spans": spans, "shapes": shapes, "fields": fields}


def _drawn(batch: Made, named: Sequence[str]) -> list[Document]:
    against, between = batch.sides
    return drawn_items(batch.batch, against, between, named)


def _document(batch: str, kind: str, f1: Mapping[str, float], drawn: list[Document]) -> Document:
    by_class = {each: figure(value, 180 + 40 * at) for at, (each, value) in enumerate(f1.items())}
    terms = [
        term("classes", "gold_f1", {"class": each}, "0.90", found, reject_below="0.75")
        for each, found in by_class.items()
    ]
    document = frame(batch, terms)
    document["batch"] |= {
        "kind": kind,
        "level": "nominal",
        "programme": batch.rpartition("-")[0],
        "labels": 61240,
    }
    document["gold"] |= {
        "overall": {"f1": figure(0.939, 1200), "mean_iou": figure(0.862, 1127), "support": 1200},
        "by_class": {
            each: {
                "f1": found,
                "precision": figure(min(found["value"] + 0.012, 1.0), 180),
                "recall": figure(found["value"] - 0.011, 180),
                "mean_iou": figure(0.87 - 0.01 * at, 170),
                "support": found["positives"],
            }
            for at, (each, found) in enumerate(by_class.items())
        },
        "by_slice": {},
        "confusion": {
            "classes": list(f1),
            "matrix": [
                [90 if row == column else (row + column) % 3 for column in range(len(f1))]
                for row in range(len(f1))
            ],
            "missed": [4 + at for at in range(len(f1))],
            "extra": [2 * at for at in range(len(f1))],
        },
    }
    document["agreement"] |= {
        "overall": {"pairwise_f1": figure(0.886, 2400)},
        "by_class": {each: {"pairwise_f1": figure(value**2, 400)} for each, value in f1.items()},
        "by_slice": {},
    }
    document["slices"] = []
    document["clusters"] = _clusters(list(f1), drawn)
    document["clusters_rest"] = {"count": 16, "share": 0.14, "of": 156}
    document["located"] = {
        "kind": kind,
        "overlap": "intersection over union",
        "crowd": {"gold": 0, "delivered": 0},
        "gold": {"by_class": {each: {"field_accuracy": figure(0.9, 40)} for each in f1}}
        if kind == "fields"
        else {},
        "between": {"label_alpha": figure(0.985, 96), "instance_alpha": figure(0.295, 207)},
        "errors": _errors(),
    }
    document["drawn"] = drawn
    return document


def _clusters(classes: Sequence[str], drawn: Sequence[Document]) -> list[Document]:
    names = [str(item["item"]) for item in drawn]
    kinds = (("missed", 61, 0.52), ("loose", 24, 0.20))
    return [
        {
            "id": f"c{at}", "values": [kind, classes[at % len(classes)]], "slice": {"size": "smaller than 20 px"} if at == 1 else None,
            "annotators": None, "count": number, "share": share, "low": share - 0.08, "high": share + 0.08, "lift": 4.3 / at, "expected": 10.0, "excess": 40.0,
            "text": f"{classes[at % len(classes)]} {kind}: {number} of {_KINDS[kind]} such errors.",
            "items": [{"item": name, "text": None, "link": None, "answers": [], "gold": "gold"} for name in names[3 * at - 3 : 3 * at]],
        }
        for at, (kind, number, share) in enumerate(kinds, 1)
    ]  # fmt: skip


def _errors() -> list[Document]:
    severity = {"missed": "critical", "wrong_class": "critical"}
    return [
        {
            "kind": kind,
            "count": number,
            "severity": severity.get(kind, "minor"),
            "per_100_items": _rate(number / 5),
            "per_100_objects": round(number / 12, 3),
        }
        for kind, number in _KINDS.items()
    ]


def _rate(value: float) -> Document:
    return {**figure(0.5, 500), "value": value, "low": 0.8 * value, "high": 1.25 * value}


_LABELS = ("product", "date", "order number", "recipient", "place", "complaint")


def _messages() -> list[tuple[Desk, str]]:
    body = (
        "Hello, I bought the Aurora kettle on 3 March, order 4471-BX. It arrived with a crack in the lid. "
        "To the shop in Đà Nẵng. My neighbour signed for it on Thursday, he saw the crack too."
    )

    def at(words: str, label: int, later: int = 0, longer: int = 0) -> Drawn:
        start = body.index(words)
        return span((start + later, start + len(words) + longer), label=label, text=words)

    crack = body.index("crack in")
    gold = [
        at("Aurora kettle", 0), at("3 March", 1), at("4471-BX", 2), at("My neighbour", 3), at("Đà Nẵng", 4), at("Thursday", 1),
        span((crack, crack + 5), (crack + 13, crack + 16), label=5), at("Aurora kettle on 3 March, order 4471-BX", 5),
    ]  # fmt: skip
    own = [
        at("Aurora kettle", 0), at("3 March", 1, longer=1), at("4471-BX", 0), at("neighbour", 3), at("Đà Nẵng", 4),
        at("crack in the lid", 5), at("Aurora kettle on 3 March, order 4471-BX", 5),
    ]  # fmt: skip
    start = body.index("Thursday")
    second = [*own[:5], span((start, start + 8), label=1)]
    long = (
        " ".join(["I have been a customer since 2019 and never had any trouble at all."] * 30)
        + " "
        + body
        + " Bye." * 60
    )
    place = long.index("Aurora kettle")
    return [
        (Desk("m-0064", {"annotator-02": own, "annotator-05": second}, gold), body),
        (Desk("m-0071", {"annotator-02": own, "annotator-05": second}), body),
        (
            Desk(
                "m-0077",
                {"annotator-02": [span((place, place + 13), label=0)], "annotator-05": []},
                [
                    span((place, place + 6), label=0),
                    span((long.rindex("Thursday"), long.rindex("Thursday") + 8), label=1),
                ],
            ),
            long,
        ),
    ]


def _shapes() -> list[tuple[str, Sequence[str], list[Desk]]]:
    lake = [100, 300, 300, 180, 520, 240, 560, 420, 380, 520, 160, 460]
    loose = [120, 330, 330, 240, 480, 280, 500, 400, 360, 470, 200, 430]
    island = [300, 320, 360, 300, 380, 360, 320, 380]
    ship = [620, 120, 700, 160, 660, 240, 580, 200]
    yy, xx = np.mgrid[:600, :800]
    blob = ((xx - 300) / 160) ** 2 + ((yy - 300) / 90) ** 2 < 1
    hole = ((xx - 320) / 40) ** 2 + ((yy - 300) / 30) ** 2 < 1
    small = ((xx - 620) / 50) ** 2 + ((yy - 420) / 60) ** 2 < 1
    names = (
        "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
        "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    )  # fmt: skip
    places = [
        (300, 100), (310, 90), (290, 90), (325, 95), (275, 95), (345, 160), (255, 160), (375, 240), (225, 240), (390, 310), (215, 310),
        (330, 320), (270, 320), (335, 430), (265, 430), (340, 540), (260, 540),
    ]  # fmt: skip
    body = [number for x, y in places for number in (x, y, 2)]
    off = [
        number
        for at, (x, y) in enumerate(places)
        for number in (x + 30 * (at > 8), y + 6, 1 if at in (3, 4) else 2)
    ]
    one = {"shape": {"points": body, "names": list(names)}}
    who = "annotator-04"
    return [
        (
            "shapes",
            ("lake", "ship", "road"),
            [
                Desk(
                    "map-1.png",
                    {who: [polygon([loose]), line(60, 80, 300, 110, 760, 60, label=2)]},
                    [polygon([lake], [island]), rotated(ship, label=1, angle=26.6), line(60, 80, 300, 70, 760, 60, label=2)],
                    (800, 600),
                )
            ],
        ),
        ("masks", ("cell",), [Desk("slide-1.png", {who: [mask(blob)]}, [mask(blob & ~hole), mask(small)], (800, 600))]),
        (
            "keypoints",
            ("walker",),
            [Desk("pose-1.jpg", {who: [Drawn("keypoints", (215, 90, 205, 460), {"points": off, "names": list(names)})]},
                  [Drawn("keypoints", (215, 90, 175, 450), one["shape"]), joints(600, 300, 2, 620, 340, 2)], (500, 640))],
        ),
    ]  # fmt: skip
