"""JSON lines, and lists of flat objects: every object is a row, every key a column."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import duckdb

from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import open_regular
from assay.annotation.strict_json import json_records

from .inputs import PlainFile
from .relation import Relation
from .staging import Staging
from .typed import NESTED, SEPARATOR

JsonForm = Literal["rows", "label_studio", "mapping", "prodigy"]


def json_form(file: PlainFile, limits: Limits) -> JsonForm:
    """What the first record of a JSON file is: a row, a task of Label Studio, a mapping, or an answer of Prodigy.

    Raises :class:`InputError` for a file without an object.
    """
    with open_regular(file.path, limits=limits) as stream:
        _, first = next(json_records(stream, file=file.name, limits=limits), (0, None))
    if not isinstance(first, dict) or not first:
        raise InputError(
            "there is no object to read", file=file.name, place="record 1", found=shown(str(first)),
            expected="a list of objects, JSON lines, or a mapping annotator → item → label",
        )  # fmt: skip
    if "_task_hash" in first or "_input_hash" in first:
        return "prodigy"
    if any(isinstance(first.get(key), list) for key in ("annotations", "predictions", "completions")):
        return "label_studio"
    if isinstance(first.get("data"), dict):
        return "label_studio"
    return "mapping" if all(isinstance(value, dict) for value in first.values()) else "rows"


def record_place(number: int) -> str:
    """How people find a record of a JSON file."""
    return f"record {number}"


def rows_relation(
    connection: duckdb.DuckDBPyConnection, file: PlainFile, limits: Limits
) -> tuple[Relation, Staging]:
    """The rows of a JSON file in a temporary table, which the caller drops."""
    staging = Staging(connection)
    lists: set[int] = set()
    known: dict[str, int] = {}
    with open_regular(file.path, limits=limits) as stream:
        for number, record in json_records(stream, file=file.name, limits=limits):
            if not isinstance(record, dict):
                raise InputError(
                    "a record is no object", file=file.name, place=record_place(number),
                    found=shown(str(record)), expected="an object with item, annotator and label",
                )  # fmt: skip
            if not record.keys() <= known.keys():
                for key in record:
                    _add_column(staging, key, known, file, limits)
            row: list[str | None] = [None] * len(known)
            for key, value in record.items():
                row[known[key]] = value if type(value) is str and value else _cell(value, known[key], lists)
            staging.append(number, row)
    return staging.relation(record_place, lists=frozenset(lists)), staging


def scalar_text(value: object) -> str | None:
    """A JSON scalar as text, numbers without an exponent; None for null and for an empty text."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    return str(value) if isinstance(value, int) else NESTED


def set_text(values: list[object]) -> str | None:
    """A list of labels as one value: distinct, sorted by code point; None for the empty set, NESTED for no labels."""
    texts = [scalar_text(value) for value in values]
    if NESTED in texts:
        return NESTED
    return SEPARATOR.join(sorted({text for text in texts if text is not None})) or None


def _cell(value: object, position: int, lists: set[int]) -> str | None:
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("choices"), list):
        value = value["choices"]  # several choices in the short JSON export of Label Studio
    if isinstance(value, list):
        lists.add(position)
        return set_text(value)
    return scalar_text(value)


def _add_column(staging: Staging, key: str, known: dict[str, int], file: PlainFile, limits: Limits) -> None:
    if key in known:
        return
    if len(known) >= limits.columns:
        raise LimitError(
            "the records have too many different keys", file=file.name, found=f"more than {limits.columns}",
            expected="the same keys in every record",
        )  # fmt: skip
    known[key] = len(known)
    staging.add_column(key)
