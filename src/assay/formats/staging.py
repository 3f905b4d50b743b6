"""A temporary table that is filled record by record in batches, for sources DuckDB cannot scan by itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import duckdb
import numpy as np

from assay.annotation.connection import sql_name

from .relation import Relation

_BATCH = 50_000
_SERIAL = itertools.count(1)


class Staging:
    """Text columns that grow by batches; ``r`` holds the place of each record (a line or a record number)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, names: Sequence[str] = ()) -> None:
        self._connection = connection
        self.table = f"staged_{next(_SERIAL)}"
        self.names: list[str] = []
        self._places: list[int] = []
        self._columns: list[list[str | None]] = []
        connection.execute(f"CREATE TEMP TABLE {self.table} (r BIGINT)")
        for name in names:
            self.add_column(name)

    @property
    def cells(self) -> tuple[str, ...]:
        """The SQL names of the columns, in the order of ``names``."""
        return tuple(f"c{at}" for at in range(len(self.names)))

    def add_column(self, name: str) -> None:
        """One more column; rows before it hold NULL."""
        self._connection.execute(
            f"ALTER TABLE {self.table} ADD COLUMN {sql_name(f'c{len(self.names)}')} VARCHAR"
        )
        self.names.append(name)
        self._columns.append([None] * len(self._places))

    def append(self, place: int, row: Sequence[str | None]) -> None:
        """One record, with a value for every column there is now."""
        self._places.append(place)
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)
        if len(self._places) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting into the table."""
        if not self._places:
            return
        batch: dict[str, np.ndarray] = {"r": np.array(self._places, dtype=np.int64)}
        for cell, values in zip(self.cells, self._columns, strict=True):
            batch[cell] = np.array(values, dtype=object)
        self._connection.register("staged_batch", batch)
        try:
            self._connection.execute(f"INSERT INTO {self.table} BY NAME SELECT * FROM staged_batch")
        finally:
            self._connection.unregister("staged_batch")
        self._places = []
        self._columns = [[] for _ in self.names]

    def relation(self, place: Callable[[int], str], *, lists: frozenset[int] = frozenset()) -> Relation:
        """The table as a relation; everything waiting is written first."""
        self.flush()
        columns = ", ".join(self.cells)
        return Relation(
            sql=f"SELECT {columns} FROM {self.table}" if columns else f"SELECT r FROM {self.table}",
            numbered=f"SELECT * FROM {self.table}",
            names=tuple(self.names),
            cells=self.cells,
            place=place,
            lists=lists,
        )

    def drop(self) -> None:
        """Remove the table."""
        self._connection.execute(f"DROP TABLE IF EXISTS {self.table}")
