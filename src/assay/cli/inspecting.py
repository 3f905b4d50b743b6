"""``assay inspect``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, cast

import typer

from assay.annotation.limits import bytes_text
from assay.annotation.schema import load_schema
from assay.formats.delivery import load_delivery
from assay.formats.inspect import inspect

from .console import run_app
from .layout import counted, name, path, print_document, printable, share, table

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MOST_CLASSES = 40
_MOST_SIZES = 8
_Json = Mapping[str, object]
_Counts = Mapping[str, int]


@app.command()
def look(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="files or folders as delivered")],
    schema: Annotated[Path | None, typer.Option(help="schema.yaml: classes, scale")] = None,
    delivery: Annotated[
        Path | None, typer.Option(help="delivery.yaml, if it does not lie in the folder")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="print one JSON document on stdout and nothing else")
    ] = False,
) -> None:
    """What is in a delivery and what is odd about it. Nothing is judged and nothing is written.

    Example: assay inspect labels.csv
    """
    document = inspect(
        list(paths),
        declared=load_delivery(delivery) if delivery is not None else None,
        schema=load_schema(schema) if schema is not None else None,
    )
    if json:
        print_document(document)
    else:
        print(text_of(document))


def text_of(document: _Json) -> str:
    """The findings of an inspection as a screenful of text."""
    lines = _inputs(cast("Sequence[_Json]", document["inputs"]))
    lines += ["", *table(["", ""], _facts(document))[1:]]
    lines += _classes(document)
    findings = cast("Sequence[_Json]", document["findings"])
    lines += ["", "Findings"]
    lines += [f"  {printable(str(f['text']))}" for f in findings] or ["  none"]
    return "\n".join(lines)


def _inputs(inputs: Sequence[_Json]) -> list[str]:
    rows = [
        [
            path(str(one["path"])), f"{one['format']}: {one['why']}", bytes_text(cast("int", one["bytes"])),
            *(f"{one[key]:,}" for key in ("rows", "items", "annotators", "labels")),
        ]
        for one in inputs
    ]  # fmt: skip
    return table(
        ["file", "read as", "size", "rows", "items", "annotators", "labels"], rows, right=[2, 3, 4, 5, 6]
    )


def _facts(document: _Json) -> list[list[str]]:
    if "objects" in document:
        return _located_facts(document)
    layers, states = cast("_Counts", document["layers"]), cast("_Counts", document["states"])
    people = cast("int", document["annotators"])
    facts = [
        ["labels", f"{document['labels']:,} of kind {document['kind']}, {document['level']} level"],
        [
            "items",
            f"{document['items']:,} with {_sizes(cast('Sequence[_Counts]', document['labels_per_item']))}",
        ],
        ["annotators", f"{people:,}"],
        ["layers", ", ".join(f"{layer} {count:,}" for layer, count in layers.items())],
        ["states", ", ".join(f"{state} {count:,}" for state, count in states.items())],
    ]
    for what, lengths in cast("Mapping[str, _Counts]", document["text_lengths"]).items():
        spread = f"{lengths['shortest']:,} to {lengths['longest']:,} characters, median {lengths['median']:,}"
        facts.append(["texts", f"{counted(lengths['texts'], 'text')} of {what}: {spread}"])
    return facts


def _located_facts(document: _Json) -> list[list[str]]:
    """The facts of boxes, shapes, masks and keypoints."""
    objects = cast("_Json", document["objects"])
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in cast("_Counts", objects["kinds"]).items())
    facts = [
        ["objects", f"{document['labels']:,} ({kinds})" if kinds else "none"],
        ["images", f"{document['items']:,} worked on, {objects['images']:,} listed"],
        ["per answer", _per_answer(cast("Sequence[_Counts]", document["labels_per_item"]))],
        ["annotators", f"{document['annotators']:,}"],
        [
            "layers",
            ", ".join(f"{one} {count:,}" for one, count in cast("_Counts", document["layers"]).items()),
        ],
        [
            "states",
            ", ".join(f"{one} {count:,}" for one, count in cast("_Counts", document["states"]).items()),
        ],
        ["classes", f"{document['different_labels']:,} used of {objects['classes_declared']:,}"],
    ]
    if edge := cast("Mapping[str, float]", objects["root_of_area"]):
        spread = f"{edge['least']:.1f} to {edge['most']:.1f}, median {edge['median']:.1f}"
        unit = "parts of the image" if objects["images_without_size"] == objects["images"] else "pixels"
        facts.append(["sizes", f"{spread} {unit} (root of the area)"])
    unsized = cast("int", objects["images_without_size"])
    return facts + ([["without size", f"{unsized:,} images"]] if unsized else [])


def _per_answer(counts: Sequence[_Counts]) -> str:
    """How many objects one person drew on one image."""
    if not counts:
        return "nothing"
    answers = sum(one["items"] for one in counts)
    mean = sum(one["labels"] * one["items"] for one in counts) / answers
    return f"{counts[0]['labels']:,} to {counts[-1]['labels']:,} objects of one person on one image, mean {mean:.1f}"


def _sizes(per_item: Sequence[_Counts]) -> str:
    """How many labels an item has: in words where it is one number, else the most frequent sizes."""
    if len(per_item) == 1:
        return f"{counted(per_item[0]['labels'], 'label')} each"
    least, most = per_item[0]["labels"], per_item[-1]["labels"]
    if len(per_item) > _MOST_SIZES:
        return f"{least:,} to {most:,} labels each"
    return ", ".join(f"{counted(one['labels'], 'label')}: {one['items']:,}" for one in per_item)


def _classes(document: _Json) -> list[str]:
    classes = cast("Sequence[_Json]", document["classes"])
    if not classes:
        return []
    states = cast("_Counts", document["states"])
    empty = states.get("annotated_empty", 0) if document["kind"] == "multi" else 0
    answers = max(cast("int", document["labels"]) + empty, 1)
    rows = [
        [name(str(one["class"])), f"{one['labels']:,}", share(cast("int", one["labels"]), answers)]
        for one in classes[:_MOST_CLASSES]
    ]
    more = f"  … and {len(classes) - _MOST_CLASSES:,} more classes"
    whole = "share of answers" if document["kind"] == "multi" else "share"
    listed = table(["class", "labels", whole], rows, right=[1, 2])
    return ["", *listed, *([more] if len(classes) > _MOST_CLASSES else [])]


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    return run_app(app, "inspect", arguments)
