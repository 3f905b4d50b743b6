"""The manifest: which items a delivery should hold, and what is known about each (slices, stratum, probability)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from assay.annotation.connection import sql_name, sql_text
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown

from .columns import MANIFEST_ROLES
from .delivery import Columns
from .duplicates import repeated_hashes
from .frames import open_any, row_hash
from .inputs import InputFile, PlainFile
from .relation import scratch_folder
from .table_source import TableRequest, TableSource

_PROBABILITY = r"(0?\.[0-9]+|0|1|0\.[0-9]+|1\.0+)"
_FEW_VALUES = 20
_ITEMS_PER_VALUE = 5
_SHOWN = 5


@dataclass(frozen=True)
class Manifest:
    """What was read: the rows are in the table ``manifest`` of the connection, one for each item."""

    input: InputFile
    slices: tuple[str, ...]
    has_stratum: bool
    has_probability: bool
    has_assigned: bool
    findings: tuple[Finding, ...]


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
        if source.run(lambda _: "SELECT count(*) - count(item) FROM manifest")[0][0]:
            source.refuse_empty("item")
        _check_probability(source)
        findings = _one_row_each(source)
        slices, unfit = _slices(connection, attributes)
        return Manifest(
            input=_counted(connection, file),
            slices=slices,
            has_stratum=source.cell("stratum") is not None,
            has_probability=source.cell("inclusion_probability") is not None,
            has_assigned=source.cell("assigned_to") is not None,
            findings=(*findings, *unfit),
        )


def _attributes(source: TableSource) -> dict[str, str]:
    """Attribute name → cell for every column that plays no other part."""
    taken = set(source.plan.roles.values())
    attributes: dict[str, str] = {}
    seen = set(MANIFEST_ROLES)
    for at, (name, cell) in enumerate(zip(source.relation.names, source.relation.cells, strict=True)):
        if at in taken or not name.strip():
            continue
        if name.casefold() in seen:
            raise InputError(
                "two columns of the manifest have the same name", file=source.name, place="line 1",
                found=shown(name), expected="names that differ in more than case",
            )  # fmt: skip
        seen.add(name.casefold())
        attributes[name] = cell
    return attributes


def _create(source: TableSource, attributes: dict[str, str]) -> None:
    def cell(role: str) -> str:
        return source.cell(role) or "CAST(NULL AS VARCHAR)"

    probability = f"TRY_CAST({cell('inclusion_probability')} AS DOUBLE)"
    columns = [f"{cell('item')} AS item", f"{cell('stratum')} AS stratum"]
    columns += [f"{probability} AS inclusion_probability", f"{cell('assigned_to')} AS assigned_to"]
    columns += [f"{cell('text')} AS text", f"{cell('link')} AS link"]
    columns += [f"{one} AS {sql_name(name)}" for name, one in attributes.items()]
    source.run(lambda relation: f"CREATE TABLE manifest AS SELECT {', '.join(columns)} FROM ({relation.sql})")


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
    if not repeated_hashes(connection, "manifest", "item").size:
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
    connection.execute("DELETE FROM manifest")
    connection.execute("INSERT INTO manifest SELECT * FROM one_each")
    connection.execute("DROP TABLE one_each")
    text = f"{rows - items:,} rows of the manifest repeat an item with the same attributes; each counts once."
    return [Finding("manifest_duplicates", "minor", "manifest", text, {"rows": int(rows - items)})]


def _slices(
    connection: duckdb.DuckDBPyConnection, attributes: dict[str, str]
) -> tuple[tuple[str, ...], list[Finding]]:
    """The attributes that group items: a value has at least a few items on average."""
    if not attributes:
        return (), []
    counts = connection.execute(
        "SELECT count(*), "
        + ", ".join(f"count(DISTINCT {sql_name(name)})" for name in attributes)
        + " FROM manifest"
    ).fetchall()[0]
    slices = []
    unfit = []
    for name, different in zip(attributes, counts[1:], strict=True):
        if different > _FEW_VALUES and different * _ITEMS_PER_VALUE > counts[0]:
            unfit.append(name)
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
