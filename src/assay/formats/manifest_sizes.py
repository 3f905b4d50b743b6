"""Width and height of images as a manifest says them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits
from assay.annotation.place import shown

from .delivery import DeliveryFile
from .frames import open_any
from .table_source import TableRequest


def manifest_sizes(
    connection: duckdb.DuckDBPyConnection, declared: DeliveryFile, *, scratch: Path, limits: Limits
) -> dict[str, tuple[int, int]]:
    """Sizes by item from the columns ``width`` and ``height`` of the declared manifest; none where there are none."""
    if declared.items is None:
        return {}
    request = TableRequest("manifest", ("item",), declared.items_columns)
    with open_any(connection, declared.items, "manifest", request, scratch=scratch, limits=limits) as (
        file,
        source,
    ):
        cells = dict(zip(source.relation.names, source.relation.cells, strict=True))
        if "width" not in cells or "height" not in cells:
            return {}
        rows = source.run(
            lambda relation: (
                f"SELECT {source.cell('item')}, TRY_CAST({cells['width']} AS INTEGER), "
                f"TRY_CAST({cells['height']} AS INTEGER) FROM ({relation.sql}) "
                f"WHERE {cells['width']} IS NOT NULL OR {cells['height']} IS NOT NULL"
            )
        )
    sizes = {}
    for item, width, height in rows:
        if not isinstance(width, int) or not isinstance(height, int) or width < 1 or height < 1:
            raise InputError(
                "the size of an image is not two whole numbers above 0", file=file.name,
                place=f"item {shown(str(item))}", expected="width and height in pixels",
            )  # fmt: skip
        sizes[str(item)] = (width, height)
    return sizes
