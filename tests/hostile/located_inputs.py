"""Hostile and broken files of located labels: what lies in the folder, what is read, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

Files = Mapping[str, str | bytes]
BILLION = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
DATA = "names: [car, bus]\nnc: 2\n"
CLIMBING = "../../etc/passwd"


@dataclass(frozen=True)
class Case:
    """Files of which the first one's folder, or itself, is read: ``words`` of the refusal, or ``findings`` if it is read."""

    name: str
    files: Files
    words: tuple[str, ...] = ()
    findings: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        """What is read: the first file, or the folder it lies in."""
        return next(iter(self.files)).split("/")[0]


def refused(name: str, files: Files, *words: str) -> Case:
    return Case(name, files, words)


def found(name: str, files: Files, *findings: str) -> Case:
    return Case(name, files, findings=frozenset(findings))


def image(number: int = 1, name: str = "a.jpg", **more: object) -> dict[str, object]:
    return {"id": number, "file_name": name, "width": 100, "height": 80, **more}


def coco(*rows: dict[str, object], images: object = None, classes: object = None) -> Files:
    document = {
        "images": images or [image()],
        "annotations": [{"id": n, "image_id": 1, "category_id": 1, **row} for n, row in enumerate(rows, start=1)],
        "categories": classes or [{"id": 1, "name": "car"}],
    }  # fmt: skip
    return {"a.json": json.dumps(document)}


def box(*numbers: object, **more: object) -> dict[str, object]:
    return {"bbox": list(numbers), **more}


BOX = box(1, 2, 3, 4)


def text_of(files: Files) -> str:
    return str(next(iter(files.values())))


def outline(segmentation: object, **more: object) -> Files:
    return coco({"segmentation": segmentation, **more})


def runs(counts: object, size: tuple[int, int] = (80, 100)) -> Files:
    return outline({"size": list(size), "counts": counts}, iscrowd=1)


def voc(*edges: object, name: str = "a.jpg", head: str = "", body: str | None = None) -> Files:
    keys = ("xmin", "ymin", "xmax", "ymax")
    frame = "".join(f"<{key}>{edge}</{key}>" for key, edge in zip(keys, edges, strict=False))
    body = f"<object><name>car</name><bndbox>{frame}</bndbox></object>" if body is None else body
    size = "<size><width>100</width><height>80</height></size>"
    return {"a.xml": f"{head}<annotation><filename>{name}</filename>{size}{body}</annotation>"}


def yolo(row: str, data: str = DATA) -> Files:
    return {"d/data.yaml": data, "d/labels/a.txt": f"0 .5 .5 .1 .1\n{row}\n"}


def cvat(body: str, name: str = "a.jpg", head: str = "") -> Files:
    frame = f'<image id="0" name="{name}" width="100" height="80">{body}</image>'
    return {"a.xml": f"{head}<annotations><version>1.1</version>{frame}</annotations>"}


def region(value: dict[str, object], kind: str = "rectanglelabels", side: int = 100) -> Files:
    result = {
        "id": "r", "from_name": "b", "to_name": "i", "type": kind, "original_width": side, "original_height": side,
        "value": {**value, kind: ["car"]},
    }  # fmt: skip
    annotation = {"completed_by": 7, "result": [result]}
    return {"a.json": json.dumps([{"id": 1, "data": {"image": "a.jpg"}, "annotations": [annotation]}])}


def spans(*labels: object) -> Files:
    rows = [{"id": n, "text": "hello", "label": [label]} for n, label in enumerate(labels)]
    return {"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}


CASES = (
    # masks and outlines
    refused("runs that miss pixels", runs([51, 5, 10]), "do not fill the mask", "66 pixels", "8000"),
    refused("runs beyond the mask", runs([51, 5, 100_000]), "do not fill the mask"),
    found("a mask of another size than its image", runs([50, 50], (10, 10))),
    refused("runs that are no text", runs("\u007f\u00e9"), "no ASCII text"),
    refused("runs below zero", runs([-5, 8005]), "negative or too large"),
    refused("a mask of 10^18 pixels", runs([10**18], (10**9, 10**9)), "too large"),
    found("an outline of two points", outline([[1, 2, 3, 4]]), "broken_outline"),
    found("an outline of three and a half points", outline([[1, 2, 3, 4, 5, 6, 7]]), "broken_outline"),
    refused("an outline of nothing", outline([[]]), "fewer than three points"),
    refused("an outline of lists", outline([[[[1, 2]]]]), "something else than numbers"),
    refused("an outline of texts", outline([["1", "2", "3", "4", "5", "6"]]), "something else than numbers"),
    # numbers
    found("a box of negative width", coco(box(1, 2, -3, 4)), "no_area"),
    found("a box outside", coco(box(-9, -2, 3, 4)), "outside_image"),
    found("a box without area", coco(box(1, 2, 0, 0)), "no_area"),
    refused("an infinite box", {"a.json": text_of(coco(BOX)).replace("[1, 2", "[1e999, 2")}, "no number that JSON knows"),
    refused("a box of NaN", {"a.json": text_of(coco(BOX)).replace("[1, 2", "[NaN, 2")}, "no number that JSON knows"),
    refused("400 digits", {"a.json": text_of(coco(BOX)).replace("[1, 2", f"[{'9' * 400}, 2")}, "no number that JSON knows"),
    refused("a box of 1e300 pixels", coco(box(1, 2, 3, 1e300)), "no finite number of pixels", "1e+300"),
    refused("a box of three numbers", coco(box(1, 2, 3)), "a box is not four numbers"),
    refused("a box of texts", coco(box("1", "2", "3", "4")), "a box is not four numbers"),
    refused("a box of truth", coco(box(True, 2, 3, 4)), "a box is not four numbers"),
    refused("keypoints of four numbers", coco({**BOX, "keypoints": [1, 2, 2, 3]}), "not triples"),
    # ids and names
    refused("an image that is not listed", coco({**BOX, "image_id": 77}), "not listed", "image_id", "77"),
    refused("a class that is not listed", coco({**BOX, "category_id": 77}), "not listed", "category_id", "77"),
    refused("an image id twice", coco(BOX, images=[image(), image(name="b.jpg")]), "given twice", "images[1]"),
    refused("a class id twice", coco(BOX, classes=[{"id": 1, "name": "x"}, {"id": 1, "name": "y"}]), "given twice"),
    found("a file name twice", coco(BOX, images=[image(), image(2)]), "image_listed_twice"),
    found("a class name twice", coco(BOX, classes=[{"id": 1, "name": "x"}, {"id": 2, "name": "x"}]), "class_listed_twice"),
    found("an image that climbs out", coco(BOX, images=[image(name=CLIMBING)]), "name_leads_outside"),
    found("an image at the root", coco(BOX, images=[image(name="/etc/passwd")]), "name_leads_outside"),
    refused("an image named NUL", coco(BOX, images=[image(name="a\0b.jpg")]), "NUL"),
    refused("an image without a name", coco(BOX, images=[{"id": 1, "width": 9, "height": 9}]), "has no name"),
    found("markup as names", coco(BOX, images=[image(name="<script>.jpg")], classes=[{"id": 1, "name": "<b>x"}])),
    # JSON
    refused("truncated JSON", {"a.json": text_of(coco(*[BOX] * 20))[:-200]}, "the file ends before"),
    refused("a member twice", {"a.json": '{"images": [], "images": [], "annotations": []}'}, "given twice"),
    refused("a key twice", {"a.json": text_of(coco(BOX)).replace('"bbox"', '"bbox": [9], "bbox"')}, "given twice"),
    refused("5,000 levels", {"a.json": text_of(coco(BOX))[:-1] + ', "info": ' + "[" * 5_000 + "]" * 5_000 + "}"}, "too deep"),
    refused("annotations that are no list", {"a.json": '{"images":[{"id":1,"file_name":"a"}],"annotations":{"a":1}}'}, "no list"),
    # many
    found("10,000 objects on an item", coco(*(box(n % 90, n % 70, 5, 5) for n in range(10_000)))),
    found("10,000 objects in one place", coco(*[box(1, 1, 50, 50)] * 10_000), "near_duplicates"),
    found(
        "50,000 classes",
        coco(*(box(1, 1, 5, 5, category_id=n) for n in range(50_000)), classes=[{"id": n, "name": f"c{n}"} for n in range(50_000)]),
    ),
    # XML
    refused("entities in VOC", voc(1, 2, 30, 40, name="&b;", head=BILLION), "document type or entity"),
    refused("a file as an entity", voc(1, 2, 30, 40, name="&x;", head=EXTERNAL), "document type or entity"),
    refused("entities in CVAT", cvat("", name="&b;", head=BILLION), "document type or entity"),
    refused("XML 5,000 levels deep", {"a.xml": "<annotation>" + "<a>" * 5_000 + "</a>" * 5_000 + "</annotation>"}, "too deep"),
    refused("truncated XML", {"a.xml": text_of(voc(1, 2, 30, 40))[:-30]}, "not well-formed"),
    refused("VOC at NaN", voc("NaN", 2, 30, 40), "no number"),
    refused("VOC at infinity", voc(1, 2, "inf", 40), "no finite number"),
    refused("VOC at words", voc("one", 2, 30, 40), "no number", "xmin, ymin, xmax and ymax"),
    refused("VOC without a box", voc(body="<object><name>car</name></object>"), "has no bndbox"),
    found("VOC with swapped edges", voc(30, 2, 1, 40), "no_area"),
    found("VOC that climbs out", voc(1, 2, 30, 40, name=CLIMBING), "name_leads_outside"),
    refused("CVAT at NaN", cvat('<box label="car" xtl="nan" ytl="2" xbr="3" ybr="4"/>'), "no number", "nan"),
    refused("CVAT without an edge", cvat('<box label="car" xtl="1" ytl="2" xbr="3"/>'), "has no ybr"),
    refused("CVAT with half a point", cvat('<polygon label="car" points="1,2;3;4,5"/>'), "no number"),
    refused("a CVAT mask beyond its frame", cvat('<mask label="car" rle="1, 99" left="1" top="1" width="3" height="3"/>'), "do not fill"),
    found("CVAT that climbs out", cvat('<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"/>', name=CLIMBING)),
    # YOLO
    refused("a class out of range", yolo("2 .5 .5 .1 .1"), "out of range", "class 2", "row 2"),
    refused("a class below zero", yolo("-1 .5 .5 .1 .1"), "out of range"),
    refused("a class and a half", yolo("0.5 .5 .5 .1 .1"), "out of range"),
    refused("a row of three numbers", yolo("0 .5 .5 .1"), "wrong count of numbers"),
    refused("a row of NaN", yolo("0 nan .5 .1 .1"), "no number", "line 2"),
    refused("a row of infinity", yolo("0 1e999 .5 .1 .1"), "no finite number"),
    refused("a row of words", yolo("hello"), "no number", "line 2"),
    refused("a pose of other joints", yolo("0 .5 .5 .1 .1 .2 .2 2", DATA + "kpt_shape: [2, 3]\n"), "wrong count of numbers"),
    refused("a YAML tag", yolo("", 'names: !!python/object/apply:os.system ["true"]\n'), "the tag"),
    refused("a YAML anchor", yolo("", "a: &a [x]\nnames: [*a]\n"), "anchor"),
    found("paths that climb out", yolo("", DATA + "path: ../../..\ntrain: /etc\n")),
    # Label Studio
    refused("percent as text", region({"x": "1", "y": 2, "width": 3, "height": 4}), "no number", "x: '1'"),
    refused("10^300 percent", region({"x": 1e300, "y": 2, "width": 3, "height": 4}), "no number"),
    refused("points as text", region({"points": [[1, 2], ["a", 4], [5, 6]]}, "polygonlabels"), "no number"),
    refused("strokes that end early", region({"format": "rle", "rle": [0, 0, 0, 1]}, "brushlabels"), "end early"),
    refused("strokes of 2^32 words", region({"format": "rle", "rle": [255] * 60}, "brushlabels"), "another size"),
    refused("strokes on 10^12 pixels", region({"format": "rle", "rle": [0, 0, 0, 4] + [0] * 8}, "brushlabels", 999_999), "too large"),
    # tags and spans
    found("I after O", {"a.conll": "EU B-ORG\nx O\ny I-PER\n\nz O\n"}, "broken_tags"),
    found("two tags on a token", {"a.conll": "EU B-ORG|B-LOC\nx I-ORG|I-LOC\n\nz O\n"}),
    refused("tags of two schemes", {"a.conll": "EU S-ORG\nx U-LOC\n\nz O\n"}, "no one scheme"),
    refused("rows of other widths", {"a.conll": "EU B-ORG\nx y O\n\nz O\n"}),
    found("a sentence of 20,000 tokens", {"a.conll": "w B-X\n" * 20_000}),
    found("a span that ends before it begins", spans([4, 1, "X"]), "empty_span"),
    found("a span behind the text", spans([1, 99, "X"]), "span_outside_text"),
    found("a span before the text", spans([-1, 2, "X"]), "span_outside_text"),
    refused("an offset of 23 digits", {"a.jsonl": '{"id":1,"text":"a","label":[[0,99999999999999999999999,"X"]]}\n'}, "too large"),
    refused("half an offset", spans([0, 2, "X"], [0.5, 2, "X"])),
)  # fmt: skip
