"""YAML or JSON that maps annotator → item → label, or for gold item → label."""

from __future__ import annotations

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import read_whole
from assay.annotation.strict_json import parse_json
from assay.annotation.strict_yaml import parse_yaml
from assay.annotation.text_encoding import decode_strictly

from .columns import ColumnPlan
from .inputs import PlainFile
from .records import scalar_text, set_text
from .staging import Staging
from .table_source import TableSource
from .typed import NESTED


def annotator_mapping(
    connection: duckdb.DuckDBPyConnection, file: PlainFile, *, is_json: bool, limits: Limits
) -> tuple[TableSource, Staging]:
    """The rows of a mapping annotator → item → label in a temporary table, which the caller drops."""
    staging = Staging(connection, ("item", "annotator", "label"))
    lists = False
    number = 0
    for annotator, line, items in _entries(file, is_json=is_json, limits=limits):
        if not isinstance(items, dict):
            raise _no_mapping(file, annotator, line, items, "a mapping of items to labels")
        for item, value in items.items():
            number += 1
            lists = lists or isinstance(value, list)
            place = line if line is not None else number
            staging.append(place, (item, annotator, _text(value, file, f"{annotator}.{item}")))
    roles = {"item": 0, "annotator": 1, "label": 2}
    return _source(connection, file, staging, roles, lists, is_json), staging


def item_mapping(
    connection: duckdb.DuckDBPyConnection, file: PlainFile, *, is_json: bool, limits: Limits
) -> tuple[TableSource, Staging]:
    """The rows of a mapping item → label in a temporary table, which the caller drops."""
    staging = Staging(connection, ("item", "label"))
    lists = False
    for number, (item, line, value) in enumerate(_entries(file, is_json=is_json, limits=limits), start=1):
        lists = lists or isinstance(value, list)
        staging.append(line if line is not None else number, (item, _text(value, file, item)))
    return _source(connection, file, staging, {"item": 0, "label": 1}, lists, is_json), staging


def _source(
    connection: duckdb.DuckDBPyConnection,
    file: PlainFile,
    staging: Staging,
    roles: dict[str, int],
    lists: bool,
    is_json: bool,
) -> TableSource:
    word = "entry" if is_json else "line"
    positions = frozenset({roles["label"]}) if lists else frozenset[int]()
    relation = staging.relation(lambda number: f"{word} {number}", lists=positions)
    return TableSource(connection, file.name, relation, ColumnPlan(roles, header=False, declared=True))


def _entries(file: PlainFile, *, is_json: bool, limits: Limits) -> list[tuple[str, int | None, object]]:
    if is_json:
        data = read_whole(file.path, at_most=limits.json_bytes, what="a JSON document", limits=limits)
        document = parse_json(data, file=file.name, limits=limits)
        if not isinstance(document, dict):
            raise InputError(
                "this is no mapping",
                file=file.name,
                found=_what(document),
                expected="annotator → item → label",
            )
        return [(key, None, value) for key, value in document.items()]
    data = read_whole(file.path, at_most=limits.yaml_bytes, what="a YAML document", limits=limits)
    root = parse_yaml(decode_strictly(data, file=file.name), file=file.name, limits=limits)
    return [(key, node.line, node.plain()) for key, node in root.mapping().items()]


def _text(value: object, file: PlainFile, where: str) -> str | None:
    text = set_text(value) if isinstance(value, list) else scalar_text(value)
    if text == NESTED:
        raise _no_mapping(file, where, None, value, "a label, or a list of labels")
    return text


def _what(value: object) -> str:
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return shown(str(value))


def _no_mapping(file: PlainFile, where: str, line: int | None, value: object, expected: str) -> InputError:
    place = f"line {line}, key {where}" if line is not None else f"key {where}"
    message = "the mapping has another shape here"
    return InputError(message, file=file.name, place=place, found=_what(value), expected=expected)
