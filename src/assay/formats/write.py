"""Write what was read: label tables, Label Studio JSON, and the redo list for people and for the tool."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import orjson

from assay.annotation.connection import sql_text
from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState, Layer
from assay.annotation.schema_values import Kind

from .annotation_table import NOBODY
from .label_studio_task import OWN_KEY
from .relation import scratch_folder
from .small_table import write_small_table, write_whole
from .typed import SEPARATOR

Target = Literal["csv", "tsv", "jsonl", "parquet", "label_studio"]

TARGETS: tuple[Target, ...] = ("csv", "tsv", "jsonl", "parquet", "label_studio")
REDO_HEADER = ("item", "reason", "subject", "annotator", "round")
#: The layers that a Label Studio task can hold.
STUDIO_LAYERS = (Layer.PRELABEL, Layer.FIRST_PASS, Layer.GOLD)
_SEPARATORS = ("|", ";", "¦", *map(chr, range(0x2500, 0x2580)))
_BATCH = 10_000
_TOOL: Mapping[Kind, tuple[str, str]] = {
    "choice": ("choices", "choices"),
    "multi": ("choices", "choices"),
    "rating": ("number", "number"),
    "text": ("textarea", "text"),
}
_COPY = {
    "csv": "FORMAT csv, HEADER true, DELIMITER ','",
    "tsv": "FORMAT csv, HEADER true, DELIMITER '\\t'",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


@dataclass(frozen=True)
class RedoRow:
    """One item to label again: why, for which class, person or slice, whose label it was, and in which round."""

    item: str
    reason: str
    subject: str = ""
    annotator: str = ""
    round: int = 1


def write_labels(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    form: Target,
    *,
    kind: Kind,
    layers: Collection[Layer] | None = None,
    with_content: bool = False,
) -> str | None:
    """Write the annotation table, ordered by item, annotator, layer and round.

    Returns the separator with which sets of labels were joined in CSV and TSV, None if there were none. The file
    appears complete or not at all.
    """
    where = _where(layers)
    if form == "label_studio":
        write_whole(target, _studio_bytes(connection, where, kind))
        return None
    if form == "jsonl":
        write_whole(target, _json_lines(connection, where, kind, with_content))
        return None
    separator = free_separator(connection) if kind == "multi" and form != "parquet" else None
    label = "a.value" if separator is None else f"replace(a.value, '{SEPARATOR}', {sql_text(separator)})"
    if form == "parquet" and kind == "multi":
        label = f"CASE WHEN a.value IS NULL THEN [] ELSE string_split(a.value, '{SEPARATOR}') END"
    query = _rows(where, label, with_content)
    with scratch_folder(connection) as scratch:
        copy = scratch / "written"
        connection.execute(f"COPY ({query}) TO {sql_text(str(copy))} ({_COPY[form]})")
        partial = target.with_name(f".{target.name}-partial")
        shutil.copyfile(copy, partial)
        partial.replace(target)
    return separator


def free_separator(connection: duckdb.DuckDBPyConnection) -> str:
    """One character that occurs in no label of the table."""
    for separator in _SEPARATORS:
        rows = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM annotation WHERE contains(value, ?) LIMIT 1)", [separator]
        ).fetchall()
        if not rows[0][0]:
            return separator
    raise InputError(
        "every character that could separate labels occurs in one", found=" ".join(_SEPARATORS),
        expected="JSON or Parquet",
    )  # fmt: skip


def write_redo(path: Path, rows: Iterable[RedoRow]) -> None:
    """Write ``rework.csv``: ``item,reason,subject,annotator,round``."""
    write_small_table(
        path, REDO_HEADER, ((row.item, row.reason, row.subject, row.annotator, row.round) for row in rows)
    )


def write_redo_studio(
    path: Path, rows: Sequence[RedoRow], *, connection: duckdb.DuckDBPyConnection | None = None
) -> None:
    """Write the redo list as tasks that Label Studio imports: one for each item, with its reasons.

    With a connection the tasks carry the text and the link of the items, where the delivery had them.
    """
    by_item: dict[str, list[RedoRow]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    content = {} if connection is None else _content(connection)
    tasks = []
    for item, reasons in by_item.items():
        data = _data(item, *content.get(item, (None, None)))
        data["reason"] = "; ".join(dict.fromkeys(row.reason for row in reasons))
        subjects = "; ".join(dict.fromkeys(row.subject for row in reasons if row.subject))
        tasks.append({"data": data | ({"subject": subjects} if subjects else {})})
    write_whole(path, [orjson.dumps(tasks, option=orjson.OPT_INDENT_2), b"\n"])


def _where(layers: Collection[Layer] | None) -> str:
    return "true" if layers is None else f"a.layer IN ({', '.join(str(int(one)) for one in sorted(layers))})"


def _rows(where: str, label: str, with_content: bool) -> str:
    person = f"CASE WHEN a.annotator <> {sql_text(NOBODY)} THEN a.annotator END"
    content = ", c.text, c.link" if with_content else ""
    join = "LEFT JOIN content AS c USING (item)" if with_content else ""
    return (
        f"SELECT a.item, {person} AS annotator, {label} AS label, {_named('a.layer', Layer)} AS layer, "
        f"{_named('a.state', ItemState)} AS annotation_state, a.round{content} "
        f"FROM annotation AS a {join} WHERE {where} "
        "ORDER BY a.item, a.annotator, a.layer, a.round"
    )


def _named(column: str, codes: type[Layer] | type[ItemState]) -> str:
    cases = " ".join(f"WHEN {code.value} THEN {sql_text(code.label)}" for code in codes)
    return f"CASE {column} {cases} END"


def _fetched(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[object, ...]]:
    cursor = connection.execute(query)
    while rows := cursor.fetchmany(_BATCH):
        yield from rows


def _json_lines(
    connection: duckdb.DuckDBPyConnection, where: str, kind: Kind, with_content: bool
) -> Iterator[bytes]:
    names = ("item", "annotator", "label", "layer", "annotation_state", "round", "text", "link")
    for row in _fetched(connection, _rows(where, "a.value", with_content)):
        record = {name: value for name, value in zip(names, row, strict=False) if value is not None}
        record["label"] = _set(row[2]) if kind == "multi" else row[2]
        yield orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _set(value: object) -> list[str]:
    return str(value).split(SEPARATOR) if value is not None else []


def _studio_bytes(connection: duckdb.DuckDBPyConnection, where: str, kind: Kind) -> Iterator[bytes]:
    query = (
        "SELECT a.item, a.annotator, a.value, a.layer, a.state, c.text, c.link "
        f"FROM annotation AS a LEFT JOIN content AS c USING (item) WHERE {where} "
        f"AND a.layer IN ({', '.join(str(int(one)) for one in STUDIO_LAYERS)}) "
        f"AND a.state <> {ItemState.NOT_ANNOTATED:d} ORDER BY a.item, a.layer, a.annotator, a.round"
    )
    task: dict[str, object] | None = None
    before = b"[\n"
    item = None
    for row in _fetched(connection, query):
        if row[0] != item:
            if task is not None:
                yield before + orjson.dumps(task)
                before = b",\n"
            item, text, link = row[0], row[5], row[6]
            task = _task(str(item), text, link)
        if task is not None:
            _add_answer(task, row, kind)
    yield (before + orjson.dumps(task) if task is not None else before) + b"\n]\n"


def _task(item: str, text: object, link: object) -> dict[str, object]:
    number = {"id": int(item)} if item.isascii() and item.isdigit() and str(int(item[:15])) == item else {}
    annotations: list[object] = []
    predictions: list[object] = []
    return {**number, "data": _data(item, text, link), "annotations": annotations, "predictions": predictions}


def _data(item: str, text: object, link: object) -> dict[str, object]:
    data: dict[str, object] = {OWN_KEY: item}
    if text is not None:
        data["text"] = text
    if link is not None:
        data["link"] = link
    return data


def _add_answer(task: dict[str, object], row: Sequence[object], kind: Kind) -> None:
    person, value, layer, state = str(row[1]), row[2], row[3], row[4]
    result = [] if value is None else [_result(str(value), kind)]
    entries = task["predictions" if layer == Layer.PRELABEL else "annotations"]
    if not isinstance(entries, list):
        return
    if layer == Layer.PRELABEL:
        entries.append({"model_version": person.removeprefix("model:"), "result": result})
        return
    by = {} if person == NOBODY else {"completed_by": {"email": person}}
    skipped, gold = state == ItemState.SKIPPED, layer == Layer.GOLD
    entries.append({**by, "was_cancelled": skipped, "ground_truth": gold, "result": result})


def _result(value: str, kind: Kind) -> dict[str, object]:
    tool, key = _TOOL[kind]
    answer: object = [value]
    if kind == "multi":
        answer = _set(value)
    elif kind == "rating":
        answer = float(value) if "." in value else int(value)
    return {"from_name": "label", "to_name": "item", "type": tool, "value": {key: answer}}


def _content(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[object, object]]:
    rows = connection.execute("SELECT item, text, link FROM content").fetchall()
    return {str(item): (text, link) for item, text, link in rows}
