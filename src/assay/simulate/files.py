"""A simulated programme as the files that buyer and vendor would hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from assay.annotation.layers import ItemState, Layer
from assay.terms.clauses import Versions
from assay.terms.document import Contract, Level
from assay.terms.templates import fill_template
from assay.terms.yaml_text import render_yaml

from .draw import NOTHING, Draw
from .frame import Codes
from .spec import Spec
from .tags import SEPARATOR
from .truth import truth_of

TAG_SEPARATOR = "|"
_CHUNK = 500_000


def write_files(
    draw: Draw, messages: Sequence[str] | None, folder: Path, contract: Contract | None
) -> tuple[Path, ...]:
    """Write labels, gold, manifest, delivery, schema, truth and contract (a starter unless given)."""
    folder.mkdir(parents=True, exist_ok=True)
    names = item_names(draw.spec.items)
    written = [
        _write(folder / "labels.csv", _label_rows(draw, names)),
        _write(folder / "gold.csv", _gold_rows(draw, names)),
        _write(folder / "items.csv", _item_rows(draw, names, messages)),
        _write(folder / "delivery.yaml", [render_yaml(_delivery(draw))]),
        _write(folder / "schema.yaml", [render_yaml(_schema(draw.spec))]),
        _write(folder / "truth.json", [json.dumps(truth_of(draw), indent=1, ensure_ascii=False) + "\n"]),
        _write(folder / "contract.yaml", [(contract or starter_contract(draw.spec)).as_yaml()]),
    ]
    return tuple(written)


def starter_contract(spec: Spec) -> Contract:
    """The starter template, filled in for a programme."""
    is_rating = spec.kind == "rating"
    numbers = sorted(Decimal(name) for name in spec.classes) if is_rating else []
    return fill_template(
        f"starter-{spec.kind}",
        contract_id=f"{spec.batch}-starter",
        versions=Versions(schema="1", guideline="1.0", gold="1"),
        level=_level(spec) if is_rating else None,
        scale=(numbers[0], numbers[-1]) if is_rating else None,
    )


def item_names(items: int) -> list[str]:
    """The ids of the items, in their order.

    >>> item_names(2)
    ['item-0001', 'item-0002']
    """
    width = max(4, len(str(items)))
    return [f"item-{number:0{width}d}" for number in range(1, items + 1)]


def cell(text: str) -> str:
    """A CSV cell, quoted where it must be.

    >>> cell("plain"), cell('say "no", twice'), cell("# not a comment")
    ('plain', '"say ""no"", twice"', '"# not a comment"')
    """
    if text == "" or (text[0] not in " #" and text[-1] != " " and not any(mark in text for mark in ',"\n\r')):
        return text
    return '"' + text.replace('"', '""') + '"'


def written_value(spec: Spec, value: str) -> str:
    """A value as it stands in a label table: tags are kept apart by a bar."""
    return value.replace(SEPARATOR, TAG_SEPARATOR) if spec.kind == "multi" else value


def _write(path: Path, pieces: Sequence[str] | Iterator[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(pieces)
    return path


def _has_layers(draw: Draw) -> bool:
    return draw.final is not None or draw.spec.reviewer is not None


def _has_states(draw: Draw) -> bool:
    return draw.spec.kind == "multi" or draw.spec.skipped > 0


def _tails(draw: Draw, layer: Layer) -> list[str]:
    """The end of a row for each value; the last one, found at -1, is that of a skipped vote."""
    ends = [f",{layer.label}" if _has_layers(draw) else ""] * (len(draw.values) + 1)
    if _has_states(draw):
        states = [ItemState.EMPTY if value == "" else ItemState.ANNOTATED for value in draw.values]
        ends = [f"{end},{state.label}" for end, state in zip(ends, [*states, ItemState.SKIPPED], strict=True)]
    values = [cell(written_value(draw.spec, value)) for value in draw.values]
    return [f"{value}{end}\n" for value, end in zip([*values, ""], ends, strict=True)]


def _label_rows(draw: Draw, names: Sequence[str]) -> Iterator[str]:
    columns = ["item", "annotator", "label"]
    columns += ["layer"] if _has_layers(draw) else []
    columns += ["state"] if _has_states(draw) else []
    yield ",".join(columns) + "\n"
    people = [f",{cell(name)}," for name in draw.people]
    yield from _rows(names, people, _tails(draw, Layer.FIRST_PASS), draw.item, draw.annotator, draw.label)
    again = draw.repeated
    yield from _rows(
        names,
        people,
        _tails(draw, Layer.FIRST_PASS),
        draw.item[again],
        draw.annotator[again],
        draw.label[again],
    )
    if draw.spec.reviewer is not None:
        nobody = np.zeros(len(draw.review_item), np.int32)
        reviewer = [f",{cell(draw.spec.reviewer.id)},"]
        yield from _rows(
            names, reviewer, _tails(draw, Layer.REVIEW), draw.review_item, nobody, draw.review_label
        )
    if draw.final is not None:
        held = np.flatnonzero(draw.final != NOTHING).astype(np.int32)
        lead, nobody = [f",{cell(draw.spec.final.annotator)},"], np.zeros(len(held), np.int32)
        yield from _rows(names, lead, _tails(draw, Layer.FINAL), held, nobody, draw.final[held])


def _rows(
    heads: Sequence[str],
    people: Sequence[str],
    tails: Sequence[str],
    item: Codes,
    annotator: Codes,
    label: Codes,
) -> Iterator[str]:
    for start in range(0, len(item), _CHUNK):
        part = slice(start, start + _CHUNK)
        triples = zip(item[part].tolist(), annotator[part].tolist(), label[part].tolist(), strict=True)
        yield "".join([heads[i] + people[a] + tails[x] for i, a, x in triples])


def _gold_rows(draw: Draw, names: Sequence[str]) -> Iterator[str]:
    values = [cell(written_value(draw.spec, value)) for value in draw.values]
    items, answers = draw.gold_item.tolist(), draw.gold_label.tolist()
    if not len(draw.gold_makers):
        yield "item,label\n"
        yield "".join([f"{names[i]},{values[x]}\n" for i, x in zip(items, answers, strict=True)])
        return
    yield "item,label,maker\n"
    for number, own in enumerate(draw.gold_makers.tolist(), start=1):
        yield "".join(
            [f"{names[i]},{values[x]},maker-{number:02d}\n" for i, x in zip(items, own, strict=True)]
        )
    yield "".join([f"{names[i]},{values[x]},final\n" for i, x in zip(items, answers, strict=True)])


def _item_rows(draw: Draw, names: Sequence[str], messages: Sequence[str] | None) -> Iterator[str]:
    slices = draw.spec.slices
    yield ",".join(["item", *(cell(one.name) for one in slices), *(["text"] if messages else [])]) + "\n"
    columns: list[Sequence[str]] = [names]
    for one in slices:
        values = [f",{cell(value)}" for value in one.values]
        columns.append([values[code] for code in draw.slices[one.name].tolist()])
    if messages:
        columns.append([f",{cell(message)}" for message in messages])
    columns.append(["\n"] * len(names))
    yield from map("".join, zip(*columns, strict=True))


def _delivery(draw: Draw) -> Mapping[str, object]:
    spec = draw.spec
    document: dict[str, object] = {
        "assay": "delivery/1",
        "batch": spec.batch,
        "delivered_at": "2026-03-02T09:00:00Z",
        "round": "1",
        "phase": "steady",
        "schema": "1",
        "guideline": "1.0",
        "gold": "1",
        "labels": spec.kind,
    }
    if spec.kind == "rating":
        document["level"] = _level(spec)
    if spec.kind == "multi":
        document["separator"] = TAG_SEPARATOR
    columns = {"item": "item", "annotator": "annotator", "label": "label"}
    columns |= {"layer": "layer"} if _has_layers(draw) else {}
    columns |= {"state": "state"} if _has_states(draw) else {}
    document["files"] = [{"path": "labels.csv", "format": "csv"}]
    document["columns"] = columns
    document["items"] = {"path": "items.csv"}
    return document


def _schema(spec: Spec) -> Mapping[str, object]:
    document: dict[str, object] = {"assay": "schema/1", "version": "1", "kind": spec.kind}
    if spec.kind == "rating":
        numbers = sorted(spec.classes, key=float)
        document["level"] = _level(spec)
        document |= {"low": numbers[0], "high": numbers[-1]}
    elif spec.kind != "text":
        document["classes"] = [{"id": name, "name": name} for name in spec.classes]
    return document


def _level(spec: Spec) -> Level:
    """The level of a scale of ratings, which is never nominal."""
    return "ordinal" if spec.level == "nominal" else spec.level
