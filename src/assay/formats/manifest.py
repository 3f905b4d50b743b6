"""The manifest: which items a delivery should hold, and what is known about each (slices, stratum, probability)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np

from assay.annotation.connection import has_table, sql_name, sql_text
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown

from .columns import MANIFEST_ROLES
from .delivery import Columns
from .duplicates import repeated_hashes
from .frames import open_any, row_hash
from .inputs import InputFile, PlainFile
from .relation import Relation, scratch_folder
from .table_source import TableRequest, TableSource

_PROBABILITY = r"(0?\.[0-9]+|0|1|0\.[0-9]+|1\.0+)"
_FEW_VALUES = 20
_ITEMS_PER_VALUE = 5
_SHOWN = 5


@dataclass(frozen=True)
class Manifest:
    """What was read: the rows are in ``manifest`` of the connection, one for each item.

    ``manifest`` is a view of texts over the table ``manifest_row``, whose columns have the types that they have in the
    source and whose ``item`` is a number when every id is a whole number as numbers are written. ``raw`` names each
    slice's column there, and a table ``(raw, value)`` of the few values of that column with their texts. Rows that
    repeated an item are kept as texts only: then ``manifest`` is a table, and ``raw`` is empty.
    """

    input: InputFile
    slices: tuple[str, ...]
    has_stratum: bool
    has_probability: bool
    has_assigned: bool
    findings: tuple[Finding, ...]
    raw: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def read_manifest(
    path: Path | object,
    *,
    connection: duckdb.DuckDBPyConnection,
    limits: Limits = DEFAULT_LIMITS,
    columns: Columns | None = None,
) -> Manifest:
    """Read ``item``, any attribute columns (the slices), ``stratum``, ``inclusion_probability``, ``assigned_to``,
    ``text`` and ``link`` from CSV, TSV, JSON lines or Parquet into the table ``manifest``.

    Raises :class:`InputError` when an item stands there twice with different attributes, when a probability is not
    above 0 and at most 1, or when two columns have the same name.
    """
    request = TableRequest("manifest", ("item",), columns)
    with (
        scratch_folder(connection) as scratch,
        open_any(connection, path, "manifest", request, scratch=scratch, limits=limits) as (file, source),
    ):
        attributes = _attributes(source)
        _create(source, attributes)
        if source.run(lambda _: "SELECT count(*) - count(item) FROM manifest_row")[0][0]:
            source.refuse_empty("item")
        _check_probability(source)
        findings = _one_row_each(source)
        values = _values(source, attributes) if has_table(connection, "manifest_row") else {}
        slices, unfit = _slices(connection, attributes, values)
        return Manifest(
            input=_counted(connection, file),
            slices=slices,
            has_stratum=source.cell("stratum") is not None,
            has_probability=source.cell("inclusion_probability") is not None,
            has_assigned=source.cell("assigned_to") is not None,
            findings=(*findings, *unfit),
            raw={name: values[name] for name in slices if name in values},
        )


def _attributes(source: TableSource) -> dict[str, int]:
    """Attribute name → position for every column that plays no other part."""
    taken = set(source.plan.roles.values())
    attributes: dict[str, int] = {}
    seen = set(MANIFEST_ROLES)
    for at, name in enumerate(source.relation.names):
        if at in taken or not name.strip():
            continue
        if name.casefold() in seen:
            raise InputError(
                "two columns of the manifest have the same name", file=source.name, place="line 1",
                found=shown(name), expected="names that differ in more than case",
            )  # fmt: skip
        seen.add(name.casefold())
        attributes[name] = at
    return attributes


def _create(source: TableSource, attributes: dict[str, int]) -> None:
    """Make the table ``manifest_row`` and the view ``manifest`` over it."""
    _load(source, attributes)

    def cell(role: str) -> str:
        position = source.plan.position(role)
        return "CAST(NULL AS VARCHAR)" if position is None else _text(source, position)

    columns = ["CAST(item AS VARCHAR) AS item", f"{cell('stratum')} AS stratum"]
    columns += [f"TRY_CAST({cell('inclusion_probability')} AS DOUBLE) AS inclusion_probability"]
    columns += [f"{cell('assigned_to')} AS assigned_to"]
    columns += [f"{cell('text')} AS text", f"{cell('link')} AS link"]
    columns += [f"{_text(source, at)} AS {sql_name(name)}" for name, at in attributes.items()]
    source.connection.execute(f"CREATE VIEW manifest AS SELECT {', '.join(columns)} FROM manifest_row")


def _load(source: TableSource, attributes: dict[str, int]) -> None:
    at = source.plan.position("item")
    if at is None:
        raise InputError("no column holds the items", file=source.name)
    kept = sorted({*attributes.values(), *source.plan.roles.values()} - {at})

    def query(relation: Relation) -> str:
        cell = relation.cells[at]
        item = f"CAST({cell} AS BIGINT)" if at in relation.whole else relation.text_of(at, cell)
        columns = ", ".join([f"{item} AS item", *(f"{relation.cells[n]} AS raw_{n}" for n in kept)])
        return f"CREATE OR REPLACE TABLE manifest_row AS SELECT {columns} FROM ({relation.source})"

    source.run(query)
    run = source.connection.execute
    if (
        at not in source.relation.whole
        and run(
            "SELECT coalesce(bool_and(coalesce(CAST(TRY_CAST(item AS BIGINT) AS VARCHAR) = item, false)), false) "
            "FROM manifest_row"
        ).fetchall()[0][0]
    ):
        run("ALTER TABLE manifest_row ALTER item SET DATA TYPE BIGINT USING CAST(item AS BIGINT)")


def _text(source: TableSource, position: int) -> str:
    """SQL: the text of a column of ``manifest_row``."""
    return source.relation.text_of(position, f"raw_{position}")


def _values(source: TableSource, attributes: dict[str, int]) -> dict[str, tuple[str, str]]:
    """Each attribute's column of ``manifest_row`` and a table of its values, each read as a text once."""
    tables = {}
    for name, at in attributes.items():
        column, text = f"raw_{at}", _text(source, at)
        source.connection.execute(
            f"CREATE TABLE value_{at} AS SELECT {column} AS raw, {text} AS value "
            f"FROM (SELECT DISTINCT {column} FROM manifest_row) WHERE {text} IS NOT NULL"
        )
        tables[name] = (column, f"value_{at}")
    return tables


def _check_probability(source: TableSource) -> None:
    cell = source.cell("inclusion_probability")
    if cell is None:
        return
    broken = (
        f"{cell} IS NULL OR NOT regexp_full_match({cell}, '{_PROBABILITY}') OR CAST({cell} AS DOUBLE) <= 0"
    )
    rows = source.run(
        lambda relation: f"SELECT min(coalesce({cell}, '')) FROM ({relation.sql}) WHERE {broken}"
    )
    if rows[0][0] is not None:
        raise InputError(
            "an inclusion probability is missing or impossible", file=source.name, place=source.place_where(broken),
            found=shown(str(rows[0][0])), expected="a decimal above 0 and at most 1",
        )  # fmt: skip


def _one_row_each(source: TableSource) -> list[Finding]:
    connection = source.connection
    if _ascending(connection) or not repeated_hashes(connection, "manifest_row", "item").size:
        return []
    rows, items = connection.execute("SELECT count(*), count(DISTINCT item) FROM manifest").fetchall()[0]
    if rows == items:
        return []
    connection.execute("CREATE TEMP TABLE one_each AS SELECT DISTINCT * FROM manifest")
    different = connection.execute(
        "SELECT item FROM one_each GROUP BY item HAVING count(*) > 1 ORDER BY item LIMIT 1"
    ).fetchall()
    if different:
        item = str(different[0][0])
        condition = f"{source.cell('item')} = {sql_text(item)}"
        raise InputError(
            "an item stands in the manifest twice with different attributes", file=source.name,
            place=source.place_where(condition), found=f"item {shown(item)}", expected="one row for each item",
        )  # fmt: skip
    connection.execute("DROP VIEW manifest")
    connection.execute("DROP TABLE manifest_row")
    connection.execute("CREATE TABLE manifest AS SELECT * FROM one_each")
    connection.execute("DROP TABLE one_each")
    text = f"{rows - items:,} rows of the manifest repeat an item with the same attributes; each counts once."
    return [Finding("manifest_duplicates", "minor", "manifest", text, {"rows": int(rows - items)})]


def _ascending(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the items are numbers in rising order: then none stands there twice."""
    key = connection.execute("SELECT item FROM manifest_row").fetchnumpy()["item"]
    return key.dtype == np.int64 and bool((key[1:] > key[:-1]).all())


def _slices(
    connection: duckdb.DuckDBPyConnection, attributes: dict[str, int], values: Mapping[str, tuple[str, str]]
) -> tuple[tuple[str, ...], list[Finding]]:
    """The attributes that group items: a value has at least a few items on average."""
    rows = connection.execute("SELECT count(*) FROM manifest").fetchall()[0][0]
    slices = []
    unfit = []
    for name in attributes:
        table = values[name][1] if values else f"(SELECT {sql_name(name)} AS value FROM manifest)"
        different = connection.execute(f"SELECT count(DISTINCT value) FROM {table}").fetchall()[0][0]
        if different > _FEW_VALUES and different * _ITEMS_PER_VALUE > rows:
            unfit.append(name)
            if values:
                connection.execute(f"DROP TABLE {table}")
        else:
            slices.append(name)
    if not unfit:
        return tuple(slices), []
    text = (
        f"Columns with nearly as many values as items are no slices: {', '.join(map(shown, unfit[:_SHOWN]))}."
    )
    return tuple(slices), [Finding("no_slice", "note", "manifest", text, {"columns": unfit})]


def _counted(connection: duckdb.DuckDBPyConnection, file: PlainFile) -> InputFile:
    rows, people = connection.execute(
        "SELECT count(*), count(DISTINCT assigned_to) FROM manifest"
    ).fetchall()[0]
    sha256 = file.sha256 or row_hash(connection, "SELECT * FROM manifest")
    return InputFile(file.name, sha256, file.bytes, file.format, rows, rows, people, 0)
