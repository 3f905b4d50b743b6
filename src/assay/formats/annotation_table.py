"""The annotation table in DuckDB: how rows of any source enter it, and what is counted when they have.

``annotation(item, annotator, value, layer, state, file, round)`` holds one row for each annotation of one person on
one item in one layer and round; ``content(item, text, link)`` holds what items look like, where a source says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from assay.annotation.connection import sql_text
from assay.annotation.errors import InputError, LimitError
from assay.annotation.layers import LAYER_CODES, STATE_CODES, ItemState, Layer
from assay.annotation.limits import Limits
from assay.annotation.place import shown

from .coded_rows import code_rows
from .inputs import InputFile, PlainFile
from .relation import Relation
from .table_source import TableSource
from .typed import list_text

#: Stands for the person where a source names none.
NOBODY = "(not named)"

_CREATE = """
CREATE TABLE annotation(
    item VARCHAR, annotator VARCHAR, value VARCHAR, layer UTINYINT, state UTINYINT, file USMALLINT, round UTINYINT);
CREATE TABLE content(item VARCHAR, text VARCHAR, link VARCHAR);
"""
_FILES = 65_535
NOT_COUNTED = -1


@dataclass(frozen=True)
class Target:
    """Where the rows of one file go and what holds for all of them unless a column says otherwise.

    ``in_codes`` asks for codes in place of texts where the rows allow it; only the rows of a single table can be,
    and only when every label is of the form of ``pattern``, if there is one.
    """

    file: int
    layer: Layer
    round: int
    annotator: str | None = None
    separator: str | None = None
    count_items: bool = True
    in_codes: bool = False
    pattern: str = ""


@dataclass(frozen=True)
class LoadedFile:
    """A file whose rows are in the table, and how to go through them again in the order of the file."""

    input: InputFile
    ordered: str
    place: Callable[[int], str]


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty tables ``annotation`` and ``content``."""
    connection.execute(_CREATE)


def insert_table(
    connection: duckdb.DuckDBPyConnection,
    source: TableSource,
    file: PlainFile,
    target: Target,
    limits: Limits,
) -> LoadedFile:
    """Put the rows of a label table into ``annotation``, check them and count them."""
    if target.file > _FILES:
        raise LimitError("the delivery has too many files", found=f"more than {_FILES}")
    met = None
    if target.in_codes:
        met = code_rows(source, _columns(source, target), target.file, pattern=target.pattern)
    if met is not None:
        _insert_content(source)
        return _loaded(
            source, _counted(file, limits, met.rows, NOT_COUNTED, met.annotators, met.rows), target
        )

    def rows(relation: Relation) -> str:
        return f"SELECT {_columns(source, target)} FROM ({relation.sql})"

    source.run(lambda relation: f"INSERT INTO annotation {rows(relation)}")
    _insert_content(source)
    counted = count_file(connection, file, target, limits)
    _refuse_incomplete(connection, source, target)
    return _loaded(source, counted, target)


def _loaded(source: TableSource, counted: InputFile, target: Target) -> LoadedFile:
    ordered = f"SELECT r, {_columns(source, target)} FROM ({source.relation.numbered})"
    return LoadedFile(counted, ordered, source.relation.place)


def count_file(
    connection: duckdb.DuckDBPyConnection, file: PlainFile, target: Target, limits: Limits
) -> InputFile:
    """The counts of one file, as they stand in the report; items are left at ``NOT_COUNTED`` where nobody asks."""
    items_of = "count(DISTINCT item)" if target.count_items else f"{NOT_COUNTED}"
    rows, items, annotators, labels = connection.execute(
        f"SELECT count(*), {items_of}, count(DISTINCT annotator), count(value) FROM annotation WHERE file = ?",
        [target.file],
    ).fetchall()[0]
    return _counted(file, limits, rows, items, annotators, labels)


def _counted(
    file: PlainFile, limits: Limits, rows: int, items: int, annotators: int, labels: int
) -> InputFile:
    if rows > limits.rows:
        raise LimitError(
            "the file has too many rows", file=file.name, found=str(rows), expected=f"at most {limits.rows}"
        )
    return InputFile(file.name, file.sha256, file.bytes, file.format, rows, items, annotators, labels)


def layer_code(expression: str) -> str:
    """SQL: the code of a layer written by name, NULL for an unknown name."""
    return _coded(expression, LAYER_CODES)


def _columns(source: TableSource, target: Target) -> str:
    value = multi_value(source, target.separator)
    state = source.cell("state")
    code = f"CASE WHEN {value} IS NULL THEN {ItemState.EMPTY:d} ELSE {ItemState.ANNOTATED:d} END"
    if state is not None:
        named = _coded(state, STATE_CODES)
        value = f"CASE WHEN {state} IS NULL OR {state} = 'annotated' THEN {value} END"
        code = f"CASE WHEN {state} IS NULL OR {state} = 'annotated' THEN {code} ELSE {named} END"
    return ", ".join(
        (
            f"{source.cell('item')} AS item",
            f"{_annotator(source, target)} AS annotator",
            f"{value} AS value",
            f"{_layer(source, target)} AS layer",
            f"{code} AS state",
            f"{target.file} AS file",
            f"{_round(source, target)} AS round",
        )
    )


def multi_value(source: TableSource, separator: str | None) -> str:
    """SQL: the label of a row; with a separator, the labels of its cell as one sorted set."""
    cell = str(source.cell("label"))
    if separator is None or source.is_list("label"):
        return cell
    parts = f"string_split({cell}, {sql_text(separator)})"
    return list_text(f"list_transform({parts}, lambda part: trim(part))")


def _annotator(source: TableSource, target: Target) -> str:
    if target.annotator is not None:
        return sql_text(target.annotator)
    cell = source.cell("annotator")
    return sql_text(NOBODY) if cell is None else f"coalesce({cell}, {sql_text(NOBODY)})"


def _layer(source: TableSource, target: Target) -> str:
    cell = source.cell("layer")
    default = f"{target.layer:d}"
    return default if cell is None else f"CASE WHEN {cell} IS NULL THEN {default} ELSE {layer_code(cell)} END"


def _round(source: TableSource, target: Target) -> str:
    cell = source.cell("round")
    if cell is None:
        return str(target.round)
    return f"CASE WHEN {cell} IS NULL THEN {target.round} ELSE TRY_CAST({cell} AS UTINYINT) END"


def _coded(expression: str, codes: dict[str, int]) -> str:
    cases = " ".join(f"WHEN {sql_text(name)} THEN {code}" for name, code in codes.items())
    return f"CASE {expression} {cases} END"


def _insert_content(source: TableSource) -> None:
    text, link = source.cell("text"), source.cell("link")
    if text is None and link is None:
        return
    item = source.cell("item")
    source.run(
        lambda relation: (
            f"INSERT INTO content SELECT {item}, min({text or 'NULL'}), min({link or 'NULL'}) "
            f"FROM ({relation.sql}) WHERE {item} IS NOT NULL GROUP BY 1"
        )
    )


def _refuse_incomplete(connection: duckdb.DuckDBPyConnection, source: TableSource, target: Target) -> None:
    no_item, no_layer, no_state, no_round = connection.execute(
        "SELECT count(*) - count(item), count(*) - count(layer), count(*) - count(state), "
        "count(*) - count(round) FROM annotation WHERE file = ?",
        [target.file],
    ).fetchall()[0]
    if no_item:
        source.refuse_empty("item")
    if no_layer:
        raise _unknown_word(source, "layer", LAYER_CODES)
    if no_state:
        raise _unknown_word(source, "state", STATE_CODES)
    if no_round:
        cell = source.cell("round")
        broken = f"{cell} IS NOT NULL AND TRY_CAST({cell} AS UTINYINT) IS NULL"
        first = source.run(lambda relation: f"SELECT min({cell}) FROM ({relation.sql}) WHERE {broken}")[0][0]
        raise InputError(
            "this round is no number", file=source.name, place=source.place_where(broken),
            found=shown(str(first)), expected="a whole number from 0 to 255",
        )  # fmt: skip


def _unknown_word(source: TableSource, role: str, codes: dict[str, int]) -> InputError:
    cell = source.cell(role)
    condition = f"{cell} IS NOT NULL AND {_coded(str(cell), codes)} IS NULL"
    first = source.run(lambda relation: f"SELECT min({cell}) FROM ({relation.sql}) WHERE {condition}")[0][0]
    return InputError(
        f"this {role} is not known", file=source.name, place=source.place_where(condition),
        found=shown(str(first)),
        expected=f"one of {', '.join(codes)}; if {source.column_name(role)} is something else, declare `columns:`",
    )  # fmt: skip
