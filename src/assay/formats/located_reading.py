"""From what a caller names to the tables of located labels, or None when what was named holds none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from assay.annotation.limits import Limits

from .delivery import DeliveryFile
from .located import LocatedDelivery, read_located
from .located_gold import find_gold
from .located_search import Found, find_units
from .manifest_sizes import manifest_sizes
from .relation import scratch_folder


def read_if_located(
    sources: Sequence[Path],
    *,
    connection: duckdb.DuckDBPyConnection,
    declared: DeliveryFile | None,
    limits: Limits,
) -> LocatedDelivery | None:
    """Read a delivery of located labels into ``object``, ``image``, ``object_class`` and ``annotation``.

    None, with nothing made, when no source holds located labels. Raises :class:`InputError`.
    """
    with scratch_folder(connection) as scratch:
        found = find_units(sources, declared, scratch=scratch, limits=limits)
        if found is None:
            return None
        return read_found(found, connection=connection, scratch=scratch, limits=limits)


def read_found(
    found: Found,
    *,
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
    limits: Limits,
    gold: Path | None = None,
) -> LocatedDelivery:
    """Read the units that were found, and with them the ``gold`` in a file, a folder or a ``gold.yaml``."""
    sizes = manifest_sizes(connection, found.declared, scratch=scratch, limits=limits)
    units = None
    if gold is not None:
        units = find_gold(gold, first=len(found.units), scratch=scratch, limits=limits)
    return read_located(found, connection=connection, scratch=scratch, limits=limits, sizes=sizes, gold=units)
