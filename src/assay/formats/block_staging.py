"""Blocks of columns on their way into a table: put together, because a statement for each small block costs most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np
import numpy.typing as npt

Columns = Mapping[str, npt.NDArray[np.generic]]
_ROWS = 100_000


@dataclass
class _Waiting:
    names: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...]
    blocks: list[Columns] = field(default_factory=list)
    rows: int = 0


@dataclass
class BlockStaging:
    """Keeps the order of the blocks of each table; what waits is written when asked for, or when it is enough."""

    connection: duckdb.DuckDBPyConnection
    _waiting: dict[str, _Waiting] = field(default_factory=dict)

    def add(self, table: str, columns: Columns, fixed: Mapping[str, str]) -> None:
        """A block of equally long columns; ``fixed`` columns have one value, as SQL, in all of its rows."""
        names, same = tuple(columns), tuple(fixed.items())
        waiting = self._waiting.get(table)
        if waiting is None or (waiting.names, waiting.fixed) != (names, same):
            self._write(table)
            waiting = self._waiting[table] = _Waiting(names, same)
        waiting.blocks.append(columns)
        waiting.rows += len(columns[names[0]])
        if waiting.rows >= _ROWS:
            self._write(table)

    def flush(self) -> None:
        """Write all that waits."""
        for table in list(self._waiting):
            self._write(table)

    def _write(self, table: str) -> None:
        waiting = self._waiting.pop(table, None)
        if waiting is None:
            return
        columns = {name: np.concatenate([block[name] for block in waiting.blocks]) for name in waiting.names}
        names = ", ".join([*waiting.names, *(name for name, _ in waiting.fixed)])
        values = ", ".join([*waiting.names, *(value for _, value in waiting.fixed)])
        self.connection.register("object_block", columns)
        try:
            self.connection.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM object_block")
        finally:
            self.connection.unregister("object_block")
