"""Deliveries of located labels: which files and folders hold them, and reading them into the tables.

Detection looks at names and at the first bytes. The reader of a format is loaded when a file of it was found, so that
other deliveries do not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

import duckdb

from assay.annotation.errors import InputError, LimitError
from assay.annotation.finding import Finding
from assay.annotation.layers import Layer
from assay.annotation.limits import Limits

from .annotation_table import NOBODY, create_tables
from .delivery import DeliveryFile
from .gold import Gold
from .inputs import InputFile
from .item_stems import settle_item_names
from .located_gold import GoldUnits, settle_gold
from .located_kinds import LocatedKind
from .located_search import Found
from .objects import ObjectCollector, located_kind
from .unit import Sizes, Unit, UnitRead

_Reader = Callable[[Unit, ObjectCollector, Limits, Path, Sizes], UnitRead]

PROFILES: Mapping[str, frozenset[str]] = {
    "coco": frozenset({"roboflow"}),
    "voc": frozenset(
        {"voc-1-inclusive", "voc-0-exclusive", "voc-0-inclusive", "voc-1-exclusive", "roboflow"}
    ),
    "yolo": frozenset({"detect", "segment", "pose", "obb", "confidence", "track", "roboflow"}),
}
_FILES = 65_535
_SHOWN = 5


@dataclass(frozen=True)
class LocatedDelivery:
    """What was read: the rows are in ``object``, ``image``, ``object_class`` and ``annotation`` of the connection."""

    inputs: tuple[InputFile, ...]
    why: tuple[str, ...]
    findings: tuple[Finding, ...]
    kind: LocatedKind
    declared: DeliveryFile
    gold: Gold | None = None


def read_located(
    found: Found,
    *,
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
    limits: Limits,
    sizes: Sizes,
    gold: GoldUnits | None = None,
) -> LocatedDelivery:
    """Read every unit, and those of ``gold``. ``sizes`` are those of the manifest, by item.

    Raises :class:`InputError`.
    """
    units = [*found.units, *(gold.units if gold is not None else ())]
    if len(units) > _FILES:
        raise LimitError("the delivery has too many files", found=f"more than {_FILES}")
    create_tables(connection)
    collector = ObjectCollector(connection, limits)
    collector.findings += found.findings
    read = []
    for unit in units:
        _refuse_profile(unit)
        reader = cast(
            "_Reader", getattr(import_module(f"{__package__}.{_module(unit)}"), f"read_{unit.format}")
        )
        read.append(reader(unit, collector, limits, scratch, sizes))
        collector.findings += read[-1].findings
    people = _name_people(units, read, collector)
    rounds = found.declared.round
    layers = [
        unit.layer if unit.layer is not None else one.layer if one.layer is not None else layer
        for unit, one, layer in zip(units, read, people, strict=True)
    ]
    collector.finish([(int(layer), rounds, number) for number, layer in enumerate(layers)])
    _note_repeated(connection, collector)
    inputs = _inputs(connection, units, read)
    own = len(found.units)
    settled = settle_gold(connection, gold, inputs[own:])
    collector.findings += settle_item_names(connection)
    kind = found.declared.located or located_kind(connection)
    why = tuple(unit.why for unit in found.units)
    return LocatedDelivery(inputs[:own], why, tuple(collector.findings), kind, found.declared, settled)


def _module(unit: Unit) -> str:
    """The module that reads a format; those that are read row by row stand together."""
    return unit.format if unit.format in PROFILES or unit.format == "masks" else "row_formats"


def _refuse_profile(unit: Unit) -> None:
    unknown = unit.profile - PROFILES.get(unit.format, unit.profile)
    if unknown:
        raise InputError(
            f"this profile of {unit.format} is not known", file=unit.name, place="key profile",
            found=", ".join(sorted(unknown)), expected=", ".join(sorted(PROFILES[unit.format])),
        )  # fmt: skip


def _name_people(units: Sequence[Unit], read: Sequence[UnitRead], collector: ObjectCollector) -> list[Layer]:
    """Give people to the units that declare none, and say which layer a unit is in unless something else says it."""
    open_units = [
        unit for unit, one in zip(units, read, strict=True)
        if unit.annotator is None and one.owner is None and not one.named and one.layer is None
    ]  # fmt: skip
    shared = _share_images(collector, {unit.number for unit in open_units})
    layers = []
    for unit, one in zip(units, read, strict=True):
        name, layer = unit.annotator or one.owner or NOBODY, Layer.FIRST_PASS
        if name == NOBODY and one.layer is Layer.PRELABEL:
            name = f"model:{_stem(unit)}"
        elif unit in open_units and shared:
            name = _stem(unit)
        elif unit in open_units:
            layer = Layer.FINAL
        collector.people[one.person] = name
        layers.append(layer)
    if shared:
        collector.findings.append(_named_by_file(open_units))
    elif open_units:
        collector.findings.append(_nobody_named(open_units))
    return layers


def _share_images(collector: ObjectCollector, units: Collection[int]) -> bool:
    """Whether two of the units hold one image: then several people worked on it."""
    seen: dict[str | None, int] = {}
    return any(
        unit in units and seen.setdefault(name, unit) != unit
        for name, unit in zip(collector.image_names, collector.image_units, strict=True)
    )


def _stem(unit: Unit) -> str:
    """How a unit is called without its ending; two units of a delivery never have one name."""
    name = unit.name.rstrip("/")
    for ending in (".gz", ".json"):
        name = name.removesuffix(ending)
    parts = [part for part in name.split("/") if part not in ("Annotations", "labels", "annotations")]
    return (parts or [name])[-1]


def _named_by_file(units: Sequence[Unit]) -> Finding:
    lines = "; ".join(f"{{path: {unit.name}, annotator: {_stem(unit)}}}" for unit in units[:_SHOWN])
    text = (
        f"{len(units):,} files hold the same images and nobody declared whose they are: each is taken for one person "
        f"and named after its file. Declare it in delivery.yaml: files: {lines}."
    )
    return Finding("annotator_from_file", "major", "delivery", text, {"files": len(units)})


def _nobody_named(units: Sequence[Unit]) -> Finding:
    names = ", ".join(unit.name for unit in units[:_SHOWN])
    text = (
        f"{names}{' and more do' if len(units) > 1 else ' does'} not say who labelled what: it is read as the layer "
        "final, and nothing can be said about agreement or about people."
    )
    return Finding("annotator_missing", "major", "delivery", text, {"files": len(units), "layer": "final"})


def _note_repeated(connection: duckdb.DuckDBPyConnection, collector: ObjectCollector) -> None:
    rows = connection.execute(
        "SELECT DISTINCT item FROM object GROUP BY item, annotator, layer, round HAVING min(file) <> max(file) "
        "ORDER BY item"
    ).fetchall()
    if rows:
        items = [str(row[0]) for row in rows[:_SHOWN]]
        text = (
            f"{len(rows):,} items have objects of one person in several files; all count: {', '.join(items)}."
        )
        evidence = {"items": items, "count": len(rows)}
        collector.findings.append(Finding("item_in_several_files", "major", "delivery", text, evidence))


def _inputs(
    connection: duckdb.DuckDBPyConnection, units: Sequence[Unit], read: Sequence[UnitRead]
) -> tuple[InputFile, ...]:
    counts = {
        int(row[0]): (int(row[1]), int(row[2]))
        for row in connection.execute(
            "SELECT file, count(DISTINCT item), count(DISTINCT annotator) FROM "
            "(SELECT file, item, annotator FROM annotation UNION SELECT file, item, annotator FROM object) "
            "GROUP BY file"
        ).fetchall()
    }
    objects = dict(connection.execute("SELECT file, count(*) FROM object GROUP BY file").fetchall())
    return tuple(
        InputFile(
            unit.name, one.sha256, one.bytes, unit.format, objects.get(unit.number, 0),
            counts.get(unit.number, (0, 0))[0], counts.get(unit.number, (0, 0))[1], objects.get(unit.number, 0),
        )
        for unit, one in zip(units, read, strict=True)
    )  # fmt: skip
