"""A table of labels as codes: a first look counts who said what, then every row is an item and two small numbers.

The first look groups the rows by person and label as they lie in the source; texts are made of the few groups, not of
the many rows. A row then takes four to twelve bytes in place of fifty, and is never turned into text and back.

``coded(item, annotator, value)`` holds the rows, ``annotator_met(text, code, n)`` and ``value_met(text, code, n)`` what
the codes stand for and how often they occur; ``annotation`` is then a view over them. ``coded.item`` is a whole number
when every id is one, written as numbers are.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from assay.annotation.connection import has_table, sql_text
from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState, Layer

from .relation import Relation
from .table_source import TableSource

_SAMPLED = 20_000
_MOST = 65_535
_GROUPING = ("annotator", "label", "layer", "state", "round")


@dataclass(frozen=True)
class Met:
    """What the first look found: the numbers of rows and of people."""

    rows: int
    annotators: int


def code_rows(source: TableSource, columns: str, file: int, *, pattern: str = "") -> Met | None:
    """Put the rows of a table into ``coded``; None, and nothing done, where they are better kept as texts.

    ``columns`` makes the columns of ``annotation`` of the cells of the source. Rows are coded when they are plain
    first answers of one round, each with item, person and label, when people and labels repeat, and when every label
    is of the form of ``pattern``, if there is one.
    """
    if _mostly_different(source):
        return None
    _look(source)
    try:
        _name_groups(source, columns)
        met = _repeated(source, pattern)
        if met is None:
            return None
        _make_codes(source)
        _load(source, met)
        _show(source.connection, file)
        return met
    finally:
        for table in ("met", "met_text", "annotator_raw", "value_raw"):
            source.connection.execute(f"DROP TABLE IF EXISTS {table}")


def _cells(source: TableSource) -> dict[str, int]:
    """The cells that rows are grouped by, with their positions."""
    positions = (source.plan.position(role) for role in _GROUPING)
    return {source.relation.cells[at]: at for at in positions if at is not None}


def _mostly_different(source: TableSource) -> bool:
    """Whether the labels at the start of the table are texts of their own rather than a few classes."""
    cell = source.cell("label")
    ((rows, different),) = source.run(
        lambda relation: (
            f"SELECT count(*), count(DISTINCT {cell}) "
            f"FROM (SELECT {cell} FROM ({relation.source}) LIMIT {_SAMPLED})"
        )
    )
    return int(str(different)) > 1000 and int(str(different)) * 2 > int(str(rows))


def _look(source: TableSource) -> None:
    """Make ``met``: every group of cells with its rows, its rows that name an item, and whether ids are numbers."""
    listed = ", ".join(_cells(source))

    def query(relation: Relation) -> str:
        item, is_whole = _item(source, relation)
        return (
            f"CREATE OR REPLACE TEMP TABLE met AS SELECT {listed}, count(*) AS n, count({item}) AS items, "
            f"bool_and({is_whole}) AS whole FROM ({relation.source}) GROUP BY {listed}"
        )

    source.run(query)


def _item(source: TableSource, relation: Relation) -> tuple[str, str]:
    """SQL for the id of a row, and for whether it is a whole number as numbers are written."""
    position = source.plan.position("item")
    if position is None:
        raise InputError("no column holds the items", file=source.name)
    cell = relation.cells[position]
    if position in relation.whole:
        return f"CAST({cell} AS BIGINT)", "true"
    text = relation.text_of(position, cell)
    return text, f"coalesce(CAST(TRY_CAST({text} AS BIGINT) AS VARCHAR) = {text}, false)"


def _name_groups(source: TableSource, columns: str) -> None:
    """Make ``met_text``: the groups as they stand in ``annotation``, with the cells they come from as ``raw_…``."""
    cells, relation = _cells(source), source.relation
    raw = ", ".join(f"{cell} AS raw_{cell}" for cell in cells)
    texts = ", ".join(f"{relation.text_of(at, f'raw_{cell}')} AS {cell}" for cell, at in cells.items())
    kept = ", ".join(f"raw_{cell}" for cell in cells)
    source.connection.execute(
        f"CREATE TEMP TABLE met_text AS SELECT {columns}, {kept}, n, items, whole FROM "
        f"(SELECT {texts}, {kept}, n, items, whole, NULL AS {source.cell('item')} "
        f"FROM (SELECT {raw}, n, items, whole FROM met))"
    )


def _repeated(source: TableSource, pattern: str) -> Met | None:
    """The counts of rows that can be coded; None where any cannot."""
    plain = (
        f"n = items AND annotator IS NOT NULL AND value IS NOT NULL AND layer = {Layer.FIRST_PASS:d} "
        f"AND state = {ItemState.ANNOTATED:d} AND round IS NOT NULL"
    )
    by = source.cell("annotator")
    if by is not None:
        plain += f" AND raw_{by} IS NOT NULL"
    if pattern:
        plain += f" AND regexp_full_match(value, {sql_text(pattern)})"
    found = source.connection.execute(
        f"SELECT coalesce(bool_and(coalesce({plain}, false)), false), count(DISTINCT round), sum(n)::BIGINT, "
        "count(DISTINCT annotator), count(DISTINCT value) FROM met_text"
    ).fetchall()[0]
    is_plain, rounds, rows, annotators, values = found
    if not is_plain or rounds != 1 or max(annotators, values) > _MOST:
        return None
    return Met(int(rows), int(annotators))


def _make_codes(source: TableSource) -> None:
    """Codes of people by their number of rows, of labels by their text; and which code each cell of the source has."""
    run = source.connection.execute
    for name, order in (("annotator", "n DESC, text"), ("value", "text")):
        run(
            f"CREATE TABLE {name}_met AS SELECT text, (row_number() OVER (ORDER BY {order}) - 1)::USMALLINT AS code, n "
            f"FROM (SELECT {name} AS text, sum(n)::BIGINT AS n FROM met_text GROUP BY 1)"
        )
    for name, role in (("annotator", "annotator"), ("value", "label")):
        cell = source.cell(role)
        if cell is not None:
            small = run(f"SELECT count(*) <= 255 FROM {name}_met").fetchall()[0][0]
            run(
                f"CREATE TEMP TABLE {name}_raw AS SELECT DISTINCT raw_{cell} AS raw, "
                f"code::{'UTINYINT' if small else 'USMALLINT'} AS code "
                f"FROM met_text JOIN {name}_met ON {name} = text"
            )


def _load(source: TableSource, met: Met) -> None:
    """Make ``coded``."""
    run = source.connection.execute
    everywhere = run("SELECT bool_and(whole) FROM met").fetchall()[0][0]
    by = source.cell("annotator") if has_table(source.connection, "annotator_raw") else None

    def query(relation: Relation) -> str:
        item, _ = _item(source, relation)
        key = f"TRY_CAST({item} AS BIGINT)" if everywhere else f"CAST({item} AS VARCHAR)"
        annotator, joined = "0::UTINYINT", ""
        if by is not None:
            annotator, joined = "a.code", f"LEFT JOIN annotator_raw AS a ON r.{by} = a.raw"
        return (
            f"CREATE OR REPLACE TABLE coded AS SELECT {key} AS item, {annotator} AS annotator, v.code AS value "
            f"FROM ({relation.source}) AS r {joined} LEFT JOIN value_raw AS v ON r.{source.cell('label')} = v.raw"
        )

    source.run(query)
    counts = run("SELECT count(item), count(annotator), count(value) FROM coded").fetchall()[0]
    if counts != (met.rows,) * 3:
        raise InputError("the file changed while it was read", file=source.name, expected="a file at rest")


def _show(connection: duckdb.DuckDBPyConnection, file: int) -> None:
    """The view ``annotation`` over the codes."""
    number = connection.execute("SELECT min(round) FROM met_text").fetchall()[0][0]
    connection.execute("DROP TABLE annotation")
    connection.execute(
        "CREATE VIEW annotation AS SELECT CAST(coded.item AS VARCHAR) AS item, a.text AS annotator, v.text AS value, "
        f"{Layer.FIRST_PASS:d}::UTINYINT AS layer, {ItemState.ANNOTATED:d}::UTINYINT AS state, "
        f"{file}::USMALLINT AS file, {number}::UTINYINT AS round FROM coded "
        "JOIN annotator_met AS a ON a.code = coded.annotator JOIN value_met AS v ON v.code = coded.value"
    )
