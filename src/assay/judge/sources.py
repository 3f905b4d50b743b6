"""Reading what a caller names: delivery, manifest, gold, schema, contract earlier reports, without contradiction."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import duckdb

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError
from assay.annotation.schema import Kind, Schema, load_schema
from assay.annotation.strict_json import load_json
from assay.formats.annotation_table import NOT_COUNTED
from assay.formats.delivery import DeliveryFile, find_delivery, load_delivery, readable_paths
from assay.formats.gold import Gold, read_gold
from assay.formats.gold_file import gold_paths
from assay.formats.inputs import InputFile
from assay.formats.manifest import Manifest, read_manifest
from assay.formats.read import Delivery, read_delivery
from assay.terms.contract import Contract, load_contract
from assay.terms.templates import starter_for

from .document import Json, input_entries
from .pooling import Pool, read_pool
from .rating_scale import rating_scale
from .request import Request


@dataclass(frozen=True)
class Sources:
    """Everything that was read before anything is measured."""

    connection: duckdb.DuckDBPyConnection
    delivery: Delivery
    gold: Gold | None
    manifest: Manifest | None
    schema: Schema | None
    contract: Contract
    is_starter: bool
    pools: tuple[Pool, ...]

    @property
    def counts_missing_gold(self) -> bool:
        """Whether a gold item that was not delivered counts as wrong: only an agreed contract can say so."""
        return not self.is_starter and self.contract.measurement.missing.gold_not_delivered == "wrong"


def read_sources(request: Request, *, settle: bool = True) -> Sources:
    """Read everything that the request names. ``settle`` is handed on to the reading of the delivery."""
    schema = load_schema(request.schema) if isinstance(request.schema, Path) else request.schema
    given = load_contract(request.contract) if isinstance(request.contract, Path) else request.contract
    declared = _declared(request)
    manifest_source = request.items if request.items is not None else declared.items if declared else None
    paths = [*readable_paths(list(request.deliveries), declared)]
    for extra in (request.gold, manifest_source):
        if isinstance(extra, Path):
            paths += gold_paths(extra) if extra is request.gold else [extra]
    paths += [request.stage] if request.stage is not None else []
    connection = open_connection(
        readable=list(dict.fromkeys(paths)), memory=request.memory, threads=request.threads
    )
    request.progress("reading the delivery", None)
    exclude = [
        path
        for path in (request.gold, manifest_source, request.schema, request.contract)
        if isinstance(path, Path)
    ]
    if isinstance(request.items, Path):
        declared = replace(declared or DeliveryFile(), items=request.items)
    delivery = read_delivery(
        [d for d in request.deliveries if not (isinstance(d, Path) and d.name == "delivery.yaml")]
        or list(request.deliveries),
        connection=connection, declared=declared, schema=schema, limits=request.limits, exclude=exclude,
        settle=settle, gold=request.gold if isinstance(request.gold, Path) else None,
    )  # fmt: skip
    manifest = None
    if manifest_source is not None:
        request.progress("reading the manifest", None)
        manifest = read_manifest(
            cast("Path", manifest_source), connection=connection, limits=request.limits,
            columns=delivery.declared.items_columns,
        )  # fmt: skip
    gold = delivery.gold
    if request.gold is not None and not delivery.is_located:
        request.progress("reading gold", None)
        gold = read_gold(
            cast("Path", request.gold), connection=connection, limits=request.limits,
            kind=cast("Kind", delivery.kind), separator=delivery.declared.separator,
        )  # fmt: skip
    contract = given or _starter(delivery, connection, schema, has_gold=gold is not None)
    _refuse_contradictions(delivery, gold, schema, given)
    pools = tuple(
        read_pool(cast("Mapping[str, object]", load_json(path)), str(path)) for path in request.earlier
    )
    return Sources(connection, delivery, gold, manifest, schema, contract, given is None, pools)


def _starter(
    delivery: Delivery, connection: duckdb.DuckDBPyConnection, schema: Schema | None, *, has_gold: bool
) -> Contract:
    if delivery.kind != "rating":
        return starter_for(delivery.kind)
    return starter_for(delivery.kind, scale=rating_scale(connection, schema, has_gold=has_gold))


def _declared(request: Request) -> DeliveryFile | None:
    if isinstance(request.delivery, Path):
        return load_delivery(request.delivery)
    return request.delivery or find_delivery(list(request.deliveries))


def _refuse_contradictions(
    delivery: Delivery, gold: Gold | None, schema: Schema | None, contract: Contract | None
) -> None:
    """Versions and kinds that contradict each other are refused: figures would compare unlike things."""
    stated = {
        "the delivery": delivery.declared.schema,
        "gold": gold.schema if gold else None,
        "the schema file": schema.version if schema else None,
        "the contract": contract.versions.schema if contract else None,
    }
    versions = {name: v for name, v in stated.items() if v is not None}
    if len(set(versions.values())) > 1:
        raise InputError(
            "the inputs are of different schema versions",
            found=", ".join(f"{name}: {v}" for name, v in versions.items()),
            expected="one version throughout; carry gold over to the schema of the delivery first",
        )
    if contract is not None and contract.labels != delivery.kind:
        raise InputError(
            "the contract is for another kind of labels",
            found=f"contract: {contract.labels}, delivery: {delivery.kind}",
            expected="the same kind; declare `labels:` in delivery.yaml if it was misread",
        )


def inputs_of(sources: Sources, *, items: int | None = None) -> list[Json]:
    """Every file that figures come from; ``items`` are those of a delivery whose reading did not count them."""
    files: list[InputFile] = [
        replace(one, items=items or 0) if one.items == NOT_COUNTED else one for one in sources.delivery.inputs
    ]
    roles = ["delivery"] * len(files)
    if sources.manifest is not None:
        files.append(sources.manifest.input)
        roles.append("manifest")
    if sources.gold is not None:
        files += sources.gold.inputs
        roles += ["gold"] * len(sources.gold.inputs)
    return input_entries(files, roles)


def default_memory() -> str:
    """Half of the machine's memory, at most 4 GB, for tables; the rest of the process needs some too."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{max(512, min(4096, pages * size // 2**21))}MB"
