"""A table to be read, of any tabular format: its rows as a relation and the parts its columns play."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits
from assay.annotation.place import shown

from .columns import ColumnPlan, plan_columns
from .delimited import Delimited, open_delimited
from .inputs import PlainFile
from .records import rows_relation
from .relation import Relation
from .typed import damaged, parquet_relation, refuse_nested


@dataclass(frozen=True)
class TableRequest:
    """How to understand the columns of a table of ``subject``: ``delivery``, ``gold`` or ``manifest``."""

    subject: str
    required: tuple[str, ...]
    columns: Mapping[str, str | int] | None = None
    header: bool | None = None
    profile: str | None = None


@dataclass
class TableSource:
    """A table that is open for reading. ``relation`` may be replaced once, when DuckDB refuses the file as it lies."""

    connection: duckdb.DuckDBPyConnection
    name: str
    relation: Relation
    plan: ColumnPlan
    delimited: Delimited | None = None
    scratch: Path | None = None

    def cell(self, role: str) -> str | None:
        """The SQL name of the column that plays a part."""
        position = self.plan.position(role)
        return None if position is None else self.relation.cells[position]

    def is_list(self, role: str) -> bool:
        """Whether cells of this part were lists of labels."""
        return self.plan.position(role) in self.relation.lists

    def run(self, query: Callable[[Relation], str]) -> list[tuple[object, ...]]:
        """Execute a query over the rows; a file that cannot be read is refused in our own words."""
        try:
            return self.connection.execute(query(self.relation)).fetchall()
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            if self.delimited is None or self.scratch is None:
                raise damaged(self.name) from None
            relation = self.delimited.verified(self.connection, header=self.plan.header, scratch=self.scratch)
            self.relation = replace(relation, lists=self.relation.lists)
            return self.connection.execute(query(self.relation)).fetchall()

    def place_where(self, condition: str) -> str:
        """The place of the first row for which a condition on its cells holds."""
        rows = self.run(lambda relation: f"SELECT min(r) FROM ({relation.numbered}) WHERE {condition}")
        number = rows[0][0]
        return "" if number is None else self.relation.place(int(str(number)))

    def column_name(self, role: str) -> str:
        """The header of the column that plays a part, between quotes."""
        position = self.plan.position(role)
        return role if position is None else shown(self.relation.names[position])

    def refuse_empty(self, role: str) -> None:
        """Raise :class:`InputError` for the first row that has nothing where this part should stand."""
        place = self.place_where(f"{self.cell(role)} IS NULL")
        if place:
            raise InputError(
                f"a row names no {role}", file=self.name, place=place,
                found=f"nothing in column {self.column_name(role)}", expected=f"the id of an {role}",
            )  # fmt: skip


@contextmanager
def open_table(
    connection: duckdb.DuckDBPyConnection,
    file: PlainFile,
    request: TableRequest,
    *,
    scratch: Path,
    limits: Limits,
) -> Iterator[TableSource]:
    """Open a CSV, TSV, JSON-rows or Parquet file and decide which column is which."""
    if file.format == "parquet":
        relation = parquet_relation(connection, file, limits)
        yield typed_source(connection, relation, request, file.name)
        return
    if file.format in ("jsonl", "json"):
        relation, staging = rows_relation(connection, file, limits)
        try:
            yield typed_source(connection, relation, request, file.name)
        finally:
            staging.drop()
        return
    table = open_delimited(file, profile=request.profile, limits=limits)
    plan = plan_columns(
        table.first_row, subject=request.subject, declared=request.columns, header=request.header,
        required=request.required, file=file.name,
    )  # fmt: skip
    relation = table.relation(header=plan.header)
    yield TableSource(connection, file.name, relation, plan, delimited=table, scratch=scratch)


def typed_source(
    connection: duckdb.DuckDBPyConnection, relation: Relation, request: TableRequest, name: str
) -> TableSource:
    """A table whose columns have names and types of their own: there is no header row to skip."""
    plan = plan_columns(
        relation.names, subject=request.subject, declared=request.columns, header=True,
        required=request.required, file=name,
    )  # fmt: skip
    for role, position in plan.roles.items():
        refuse_nested(connection, relation, position, role, name)
        if role != "label" and position in relation.lists:
            raise InputError(
                f"the {role} is a list", file=name, found=f"lists in column {shown(relation.names[position])}",
                expected="one text or number in each row",
            )  # fmt: skip
    return TableSource(connection, name, relation, plan)
