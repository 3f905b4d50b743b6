"""Gold of located labels: the files that hold it, read beside the delivery, and the compartment of each item."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from assay.annotation.connection import sql_text
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState, Layer
from assay.annotation.limits import Limits
from assay.annotation.place import shown

from .delivery import DeliveryFile, FileEntry
from .gold import DECISIVE_MAKERS, Gold
from .gold_file import GoldFile, load_gold_file
from .inputs import InputFile, PlainFile, ReadRequest, examine
from .located_search import find_units
from .unit import Unit

MAKER = "gold"
_SHOWN = 5


@dataclass(frozen=True)
class GoldUnits:
    """The units that hold gold, numbered after those of the delivery, and what ``gold.yaml`` declares about them."""

    units: tuple[Unit, ...]
    compartment: Mapping[int, str]
    declared: GoldFile | None
    file: PlainFile | None = None
    findings: tuple[Finding, ...] = field(default=())


def find_gold(path: Path, *, first: int, scratch: Path, limits: Limits) -> GoldUnits:
    """The units of a file or folder of located labels, or of those that a ``gold.yaml`` lists.

    Raises :class:`InputError` where nothing in it is located: such gold does not fit a delivery that is.
    """
    declared = None
    if path.suffix.lower() in (".yaml", ".yml") and path.is_file():
        declared = load_gold_file(path, limits=limits)
    described = DeliveryFile() if declared is None else _described(declared)
    found = find_units([path] if declared is None else [], described, scratch=scratch, limits=limits)
    if found is None:
        raise InputError(
            "gold holds no located labels, and the delivery does", file=str(path),
            found="labels of whole items, or nothing that can be read",
            expected="gold in a format of located labels: COCO, VOC, YOLO, CVAT, Label Studio, BIO or JSON spans",
        )  # fmt: skip
    units, compartment = [], {}
    for number, unit in enumerate(found.units, start=first):
        units.append(replace(unit, number=number, annotator=unit.annotator or MAKER, layer=Layer.GOLD))
        compartment[number] = _compartment(unit, declared)
    file = None
    if declared is not None:
        file = examine(ReadRequest(path, str(path), "mapping"), scratch=scratch, limits=limits)
    return GoldUnits(tuple(units), compartment, declared, file, found.findings)


def _described(declared: GoldFile) -> DeliveryFile:
    entries = tuple(
        FileEntry(
            entry.request.path, entry.request.name, entry.request.format, entry.profile, entry.maker, Layer.GOLD,
            entry.request.encoding, entry.header, entry.columns,
        )
        for entry in declared.entries
    )  # fmt: skip
    return DeliveryFile(files=entries)


def _compartment(unit: Unit, declared: GoldFile | None) -> str:
    if declared is None:
        return "acceptance"
    for entry in declared.entries:
        if unit.path == entry.request.path or entry.request.path in unit.path.parents:
            return entry.compartment
    return "acceptance"


def settle_gold(
    connection: duckdb.DuckDBPyConnection, gold: GoldUnits | None, inputs: Collection[InputFile]
) -> Gold | None:
    """Make every row of gold files gold, and ``gold_item(item, compartment)`` of the items that gold was made for.

    Without gold files, the layer *gold* of the delivery is gold. Returns None where there is neither. Raises
    :class:`InputError` when several makers answered an item and none of them decides.
    """
    connection.execute("CREATE TABLE gold_item(item VARCHAR, compartment VARCHAR)")
    findings: list[Finding] = list(gold.findings) if gold else []
    if gold is None:
        rows = connection.execute(
            "SELECT count(*) FROM annotation WHERE layer = ?", [int(Layer.GOLD)]
        ).fetchall()[0][0]
        if not rows:
            return None
        text = (
            f"{rows:,} annotations of the delivery are in the layer gold; the rest is measured against them."
        )
        findings.append(Finding("gold_in_delivery", "major", "gold", text, {"annotations": int(rows)}))
    else:
        _only_gold(connection, min(unit.number for unit in gold.units))
    makers = _decide(connection)
    connection.execute(
        f"INSERT INTO gold_item SELECT DISTINCT item, {_compartments(gold)} FROM annotation "
        f"WHERE layer = {Layer.GOLD:d} AND state <> {ItemState.SKIPPED:d} ORDER BY item"
    )
    items = int(connection.execute("SELECT count(*) FROM gold_item").fetchall()[0][0])
    files = tuple(inputs)
    declared = gold.declared if gold else None
    return Gold(
        declared.version if declared else None, declared.schema if declared else None,
        _whole(gold, files), files, items, makers, (), tuple(findings),
    )  # fmt: skip


def _only_gold(connection: duckdb.DuckDBPyConnection, first: int) -> None:
    """What stands in a gold file is gold, whatever layer the format gives it; suggestions of models are not."""
    for table in ("object", "annotation"):
        connection.execute(f"DELETE FROM {table} WHERE file >= {first} AND layer = {Layer.PRELABEL:d}")
        connection.execute(f"UPDATE {table} SET layer = {Layer.GOLD:d} WHERE file >= {first}")


def _decide(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Keep one maker's answer of each item: the one called final or adjudicated where there are several."""
    layer = f"layer = {Layer.GOLD:d}"
    makers = tuple(
        str(row[0])
        for row in connection.execute(
            f"SELECT DISTINCT annotator FROM annotation WHERE {layer} ORDER BY 1"
        ).fetchall()
    )
    if len(makers) < 2:
        return makers
    several = f"SELECT item FROM annotation WHERE {layer} GROUP BY item HAVING count(DISTINCT annotator) > 1"
    decisive = ", ".join(sql_text(maker) for maker in DECISIVE_MAKERS)
    open_items = connection.execute(
        f"SELECT item FROM ({several}) WHERE item NOT IN "
        f"(SELECT item FROM annotation WHERE {layer} AND annotator IN ({decisive})) ORDER BY item LIMIT {_SHOWN}"
    ).fetchall()
    if open_items:
        raise InputError(
            "several makers answered gold items, and none of the answers decides",
            found=", ".join(shown(str(row[0])) for row in open_items),
            expected="one file with `maker: final` in gold.yaml for the agreed objects",
        )
    for table in ("object", "annotation"):
        connection.execute(
            f"DELETE FROM {table} WHERE {layer} AND item IN ({several}) AND annotator NOT IN ({decisive})"
        )
    return makers


def _compartments(gold: GoldUnits | None) -> str:
    """SQL for the compartment of an item."""
    if gold is None:
        return "'acceptance'"
    parts = "".join(f"WHEN {number} THEN {sql_text(name)} " for number, name in gold.compartment.items())
    of_file = f"CASE file {parts}ELSE 'acceptance' END"
    named = gold.declared.compartments if gold.declared else {}
    if not named:
        return of_file
    of_item = "".join(f"WHEN {sql_text(item)} THEN {sql_text(name)} " for item, name in named.items())
    return f"CASE item {of_item}ELSE {of_file} END"


def _whole(gold: GoldUnits | None, files: tuple[InputFile, ...]) -> InputFile:
    if len(files) == 1 and (gold is None or gold.file is None):
        return files[0]
    total = [sum(getattr(one, name) for one in files) for name in ("bytes", "rows", "items", "labels")]
    if gold is not None and gold.file is not None:
        file = gold.file
        return InputFile(file.name, file.sha256, file.bytes, "gold", total[1], total[2], len(files), total[3])
    return InputFile(
        files[0].path if files else "gold", files[0].sha256 if files else "", total[0], "gold", total[1], total[2],
        len(files), total[3],
    )  # fmt: skip
