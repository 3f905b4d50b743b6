"""Gold: the answers that labels are measured against, who gave them, and which compartment they belong to."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb
import numpy as np

from assay.annotation.connection import sql_name, sql_text
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown
from assay.annotation.schema_values import Kind

from .annotation_table import multi_value
from .frames import frame_file, open_frame, row_hash
from .gold_file import COMPARTMENTS, GoldEntry, GoldFile, load_gold_file
from .inputs import InputFile, PlainFile, ReadRequest, examine, format_of
from .mapping import item_mapping
from .records import json_form
from .relation import Relation, scratch_folder
from .table_source import TableRequest, TableSource, open_table

#: A row of this maker is the answer that was agreed on.
DECISIVE_MAKERS = ("final", "adjudicated")
_NUMBER = r"-?[0-9]+(\.[0-9]+)?"
_REQUIRED = ("item", "label")
_SHOWN = 5


@dataclass(frozen=True)
class Gold:
    """What was read: ``gold(item, value, compartment, opened)``, ``gold_maker(item, maker, value)`` and
    ``gold_slice(item, <slice> …)`` are tables of the connection.
    """

    version: str | None
    schema: str | None
    input: InputFile
    inputs: tuple[InputFile, ...]
    items: int
    makers: tuple[str, ...]
    slices: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_gold(
    path: Path | object,
    *,
    connection: duckdb.DuckDBPyConnection,
    limits: Limits = DEFAULT_LIMITS,
    kind: Kind | None = None,
    separator: str | None = None,
) -> Gold:
    """Read a table ``item, label[, maker][, compartment][, slices …]``, a mapping item → label, or ``gold.yaml``.

    Several makers of one item: the row of the maker ``final`` or ``adjudicated`` is the answer, else the majority; a
    tie is left out with a finding. Raises :class:`InputError` when an item has different answers and no makers.
    """
    declared = _declared(path, limits)
    if declared.separator is None:
        declared = replace(declared, separator=separator)
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder(connection))
        reading = _Reading(connection, declared, kind, scratch, limits, stack)
        for entry in declared.entries:
            reading.entry(entry)
        if not isinstance(path, Path):
            reading.table(path)
        findings = reading.settle()
        inputs = tuple(reading.inputs)
        whole = inputs[0] if len(inputs) == 1 else _whole(path, scratch, limits, inputs)
        items = int(connection.execute("SELECT count(*) FROM gold").fetchall()[0][0])
        return Gold(
            version=declared.version,
            schema=declared.schema,
            input=whole,
            inputs=inputs,
            items=items,
            makers=reading.makers(),
            slices=tuple(reading.slices),
            findings=tuple(findings),
        )


class _Reading:
    """One file of gold after the other, then one answer for each item."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        declared: GoldFile,
        kind: Kind | None,
        scratch: Path,
        limits: Limits,
        stack: ExitStack,
    ) -> None:
        self.connection = connection
        self.declared = declared
        self.kind = kind
        self.scratch = scratch
        self.limits = limits
        self.stack = stack
        self.inputs: list[InputFile] = []
        self.sources: list[TableSource] = []
        self.slices: list[str] = []
        connection.execute(
            "CREATE TEMP TABLE gold_raw("
            "item VARCHAR, maker VARCHAR, value VARCHAR, compartment VARCHAR, file USMALLINT)"
        )
        connection.execute("CREATE TABLE gold_slice(item VARCHAR)")
        stack.callback(connection.execute, "DROP TABLE IF EXISTS gold_raw")

    def entry(self, entry: GoldEntry) -> None:
        """Read one file into ``gold_raw``."""
        file = examine(entry.request, scratch=self.scratch, limits=self.limits)
        self._add(self._source(file, entry), file, entry)

    def table(self, table: object) -> None:
        """Read a table in memory into ``gold_raw``."""
        request = TableRequest("gold", _REQUIRED)
        source = self.stack.enter_context(open_frame(self.connection, table, "gold", request, self.limits))
        self._add(source, frame_file("gold"), GoldEntry(ReadRequest(Path("gold"), "gold")))

    def _add(self, source: TableSource, file: PlainFile, entry: GoldEntry) -> None:
        number = len(self.sources)
        compartment = source.cell("compartment")
        default = sql_text(entry.compartment)
        maker = source.cell("maker") or ("NULL" if entry.maker is None else sql_text(entry.maker))
        value = multi_value(source, self.declared.separator)
        columns = (
            f"{source.cell('item')} AS item, {maker} AS maker, {value} AS value, "
            f"{default if compartment is None else f'coalesce({compartment}, {default})'} AS compartment, {number}"
        )
        source.run(lambda relation: f"INSERT INTO gold_raw SELECT {columns} FROM ({relation.sql})")
        self._check(source, number)
        self._slices(source)
        counts = "count(*), count(DISTINCT item), count(DISTINCT maker), count(value)"
        mine = f"FROM gold_raw WHERE file = {number}"
        rows, items, makers, labels = self.connection.execute(f"SELECT {counts} {mine}").fetchall()[0]
        sha256 = file.sha256 or row_hash(self.connection, f"SELECT * EXCLUDE (file) {mine}")
        self.sources.append(source)
        self.inputs.append(InputFile(file.name, sha256, file.bytes, file.format, rows, items, makers, labels))

    def makers(self) -> tuple[str, ...]:
        """Everyone who gave an answer, in order."""
        rows = self.connection.execute("SELECT DISTINCT maker FROM gold_maker ORDER BY maker").fetchall()
        return tuple(str(row[0]) for row in rows)

    def settle(self) -> list[Finding]:
        """Make ``gold`` and ``gold_maker`` from what was read."""
        run = self.connection.execute
        findings = self._retire() + self._drop_unanswered()
        self._refuse_contradictions()
        decisive = ", ".join(sql_text(maker) for maker in DECISIVE_MAKERS)
        run(
            "CREATE TABLE gold_maker AS SELECT DISTINCT item, maker, value FROM gold_raw "
            f"WHERE maker IS NOT NULL AND maker NOT IN ({decisive})"
        )
        run(
            "CREATE TEMP TABLE gold_answer AS WITH votes AS ("
            "  SELECT item, value, coalesce(max(CASE WHEN maker IS NULL OR maker IN "
            f"({decisive}) THEN 1 ELSE 0 END), 0) AS decisive, count(DISTINCT maker) AS n"
            "   FROM gold_raw GROUP BY item, value), "
            "ranked AS (SELECT *, rank() OVER (PARTITION BY item ORDER BY decisive DESC, n DESC) AS place FROM votes) "
            "SELECT item, any_value(value) AS value, count(*) AS n FROM ranked WHERE place = 1 GROUP BY item"
        )
        findings += self._tied()
        run(
            "CREATE TABLE gold AS SELECT item, value, compartment, false AS opened FROM gold_answer "
            "JOIN (SELECT item, any_value(compartment) AS compartment FROM gold_raw GROUP BY item) USING (item) "
            "WHERE n = 1 ORDER BY item"
        )
        run("DROP TABLE gold_answer")
        self._place_items()
        if not run("SELECT count(*) FROM gold").fetchall()[0][0]:
            raise InputError(
                "there is no answer in the gold", file=self.inputs[0].path, found="no rows",
                expected="rows of item and label",
            )  # fmt: skip
        return findings

    def _source(self, file: PlainFile, entry: GoldEntry) -> TableSource:
        form = json_form(file, self.limits) if file.format in ("json", "jsonl") else "rows"
        if form in ("label_studio", "prodigy"):
            tool = "Label Studio" if form == "label_studio" else "Prodigy"
            raise InputError(
                f"gold is not read from an export of {tool}", file=file.name, found=f"records of {tool}",
                expected="rows of item and label; `assay convert` writes them with --layer gold",
            )  # fmt: skip
        if file.format == "mapping" or (form == "mapping" or self._is_plain_object(file, entry)):
            source, staging = item_mapping(
                self.connection, file, is_json=file.format != "mapping", limits=self.limits
            )
            self.stack.callback(staging.drop)
            return source
        request = TableRequest("gold", _REQUIRED, entry.columns, entry.header, entry.profile)
        return self.stack.enter_context(
            open_table(self.connection, file, request, scratch=self.scratch, limits=self.limits)
        )

    def _is_plain_object(self, file: PlainFile, entry: GoldEntry) -> bool:
        """A ``.json`` file that is one object of scalars, without declared columns, maps item → label."""
        if file.format != "json" or entry.columns is not None:
            return False
        with file.path.open("rb") as stream:
            return stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")

    def _check(self, source: TableSource, number: int) -> None:
        run = self.connection.execute
        if run("SELECT count(*) - count(item) FROM gold_raw WHERE file = ?", [number]).fetchall()[0][0]:
            source.refuse_empty("item")
        known = ", ".join(sql_text(name) for name in COMPARTMENTS)
        wrong = run(
            f"SELECT min(compartment) FROM gold_raw WHERE file = ? AND compartment NOT IN ({known})", [number]
        ).fetchall()[0][0]
        if wrong is not None:
            cell = source.cell("compartment")
            raise InputError(
                "this compartment is not known", file=source.name,
                place=source.place_where(f"{cell} NOT IN ({known})"), found=shown(str(wrong)),
                expected=f"one of {', '.join(COMPARTMENTS)}",
            )  # fmt: skip
        if self.kind == "rating":
            broken = f"NOT regexp_full_match({source.cell('label')}, '{_NUMBER}')"
            place = source.place_where(broken)
            if place:
                found = source.run(
                    lambda relation: (
                        f"SELECT {source.cell('label')} FROM ({relation.sql}) WHERE {broken} LIMIT 1"
                    )
                )
                raise InputError(
                    "a gold rating is no number", file=source.name, place=place, found=shown(str(found[0][0])),
                    expected="a decimal number",
                )  # fmt: skip

    def _slices(self, source: TableSource) -> None:
        cells = self._slice_cells(source)
        if not cells:
            return
        for name in cells:
            if name not in self.slices:
                self.connection.execute(f"ALTER TABLE gold_slice ADD COLUMN {sql_name(name)} VARCHAR")
                self.slices.append(name)
        columns = ", ".join(f"min({cell}) AS {sql_name(name)}" for name, cell in cells.items())
        item = source.cell("item")
        source.run(
            lambda relation: (
                f"INSERT INTO gold_slice BY NAME SELECT {item} AS item, {columns} "
                f"FROM ({relation.sql}) GROUP BY 1"
            )
        )

    def _slice_cells(self, source: TableSource) -> dict[str, str]:
        """Declared slices; else the other columns of a bare gold table that say one thing about each item."""
        columns = dict(zip(source.relation.names, source.relation.cells, strict=True))
        if self.declared.slices is not None:
            return {name: columns[name] for name in self.declared.slices if name in columns}
        if source.plan.declared or not source.plan.header:
            return {}
        taken = {source.cell(role) for role in source.plan.roles}
        item = source.cell("item")
        cells: dict[str, str] = {}
        for name, cell in columns.items():
            alike = name.casefold() == "item" or name.casefold() in {known.casefold() for known in cells}
            if cell in taken or not name.strip() or alike:
                continue
            if not source.run(partial(_varying, item=item, cell=cell)):
                cells[name] = cell
        return cells

    def _retire(self) -> list[Finding]:
        if not self.declared.retired:
            return []
        removed = self._marked(
            self.declared.retired, "DELETE FROM gold_raw WHERE item IN (SELECT item FROM marked)"
        )
        if not removed:
            return []
        text = f"{removed:,} retired items of the gold are not scored."
        return [Finding("gold_retired", "note", "gold", text, {"items": removed})]

    def _drop_unanswered(self) -> list[Finding]:
        if self.kind in ("multi", "text"):
            return []
        run = self.connection.execute
        items = int(run("SELECT count(DISTINCT item) FROM gold_raw WHERE value IS NULL").fetchall()[0][0])
        if not items:
            return []
        run("DELETE FROM gold_raw WHERE value IS NULL")
        text = f"{items:,} items stand in the gold without an answer; they are not scored."
        return [Finding("gold_without_answer", "minor", "gold", text, {"items": items})]

    def _refuse_contradictions(self) -> None:
        different = "count(DISTINCT coalesce(value, '')) > 1"
        for group, who in (("item", "nobody named as maker"), ("item, maker", "the same maker")):
            unnamed = "" if "maker" in group else "WHERE maker IS NULL"
            rows = self.connection.execute(
                f"SELECT item, min(value), max(value), min(file) FROM gold_raw {unnamed} GROUP BY {group} "
                f"HAVING {different} ORDER BY item LIMIT 1"
            ).fetchall()
            if rows:
                self._refuse_different(rows[0], who)
        rows = self.connection.execute(
            "SELECT item, min(compartment), max(compartment), min(file) FROM gold_raw GROUP BY item "
            "HAVING count(DISTINCT compartment) > 1 ORDER BY item LIMIT 1"
        ).fetchall()
        if rows:
            item, first, second, number = rows[0]
            raise InputError(
                "an item stands in two compartments of the gold", file=self.sources[number].name,
                found=f"item {shown(str(item))}: {first} and {second}", expected="one compartment for each item",
            )  # fmt: skip

    def _refuse_different(self, row: tuple[object, ...], who: str) -> None:
        item, first, second, number = row
        source = self.sources[int(str(number))]
        raise InputError(
            "an item has different answers in the gold", file=source.name,
            place=source.place_where(f"{source.cell('item')} = {sql_text(str(item))}") or None,
            found=f"item {shown(str(item))}: {shown(str(first))} and {shown(str(second))} by {who}",
            expected="one answer for each item, or a column `maker` that says who gave which",
        )  # fmt: skip

    def _tied(self) -> list[Finding]:
        rows = self.connection.execute("SELECT item FROM gold_answer WHERE n > 1 ORDER BY item").fetchall()
        if not rows:
            return []
        items = [str(row[0]) for row in rows]
        text = f"On {len(items):,} items the makers of the gold are tied; these are not scored."
        return [Finding("gold_tied", "major", "gold", text, {"count": len(items), "items": items[:_SHOWN]})]

    def _place_items(self) -> None:
        for name in COMPARTMENTS:
            items = frozenset(item for item, where in self.declared.compartments.items() if where == name)
            if items:
                self._marked(
                    items, f"UPDATE gold SET compartment = '{name}' WHERE item IN (SELECT item FROM marked)"
                )
        if self.declared.opened:
            self._marked(
                self.declared.opened, "UPDATE gold SET opened = true WHERE item IN (SELECT item FROM marked)"
            )

    def _marked(self, items: frozenset[str], statement: str) -> int:
        self.connection.register("marked", {"item": np.array(sorted(items), dtype=object)})
        try:
            return int(self.connection.execute(statement).fetchall()[0][0])
        finally:
            self.connection.unregister("marked")


def _varying(relation: Relation, *, item: str | None, cell: str) -> str:
    return f"SELECT {item} FROM ({relation.sql}) GROUP BY 1 HAVING count(DISTINCT {cell}) > 1 LIMIT 1"


def _declared(path: Path | object, limits: Limits) -> GoldFile:
    if not isinstance(path, Path):
        return GoldFile(())
    found = load_gold_file(path, limits=limits) if path.suffix.lower() in (".yaml", ".yml") else None
    return found or GoldFile((GoldEntry(ReadRequest(path, str(path))),))


def _whole(path: Path | object, scratch: Path, limits: Limits, inputs: tuple[InputFile, ...]) -> InputFile:
    """The entry of a ``gold.yaml`` that names several files."""
    name = Path(str(path))
    file = examine(ReadRequest(name, str(name), format_of(name)), scratch=scratch, limits=limits)
    rows, labels = sum(one.rows for one in inputs), sum(one.labels for one in inputs)
    items, makers = sum(one.items for one in inputs), max(one.annotators for one in inputs)
    return InputFile(file.name, file.sha256, file.bytes, "gold", rows, items, makers, labels)
