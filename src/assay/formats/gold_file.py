"""``gold.yaml``: which files hold the gold, who made it, and which of it is for practice, calibration or acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from assay.annotation.errors import InputError
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.node import Node
from assay.annotation.strict_yaml import load_yaml

from .columns import GOLD_ROLES
from .delivery import Columns, declared_columns, path_below
from .inputs import FORMATS, Format, ReadRequest

Compartment = Literal["practice", "calibration", "acceptance"]
COMPARTMENTS: tuple[Compartment, ...] = ("practice", "calibration", "acceptance")

_KEYS = {
    "assay", "version", "schema", "files", "columns", "header", "separator", "compartment", "compartments", "retired",
    "opened", "slices",
}  # fmt: skip
_FILE_KEYS = {"path", "format", "profile", "encoding", "header", "columns", "maker", "compartment"}


@dataclass(frozen=True)
class GoldEntry:
    """One file of gold and what was declared about it."""

    request: ReadRequest
    profile: str | None = None
    header: bool | None = None
    columns: Columns | None = None
    maker: str | None = None
    compartment: Compartment = "acceptance"


@dataclass(frozen=True)
class GoldFile:
    """Everything gold may declare; the defaults stand for a bare file of answers."""

    entries: tuple[GoldEntry, ...]
    version: str | None = None
    schema: str | None = None
    separator: str | None = None
    slices: tuple[str, ...] | None = None
    compartments: Mapping[str, Compartment] = field(default_factory=dict)
    retired: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()


def load_gold_file(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> GoldFile | None:
    """Read a ``gold.yaml``; None if a YAML file is no such document but a plain mapping item → label."""
    root = load_yaml(path, limits=limits)
    if "assay" not in root.mapping():
        return None
    nodes = root.mapping(allowed=_KEYS, required={"assay", "files"})
    if nodes["assay"].text() != "gold/1":
        raise nodes["assay"].refuse("this is no gold", found=nodes["assay"].text(), expected="gold/1")
    whole = _compartment(nodes.get("compartment"), "acceptance")
    columns = declared_columns(nodes.get("columns"), GOLD_ROLES)
    header = nodes["header"].boolean() if "header" in nodes else None
    entries = tuple(_entry(node, path.parent, columns, header, whole) for node in nodes["files"].sequence())
    if not entries:
        raise nodes["files"].refuse(
            "the list of files is empty", found="an empty list", expected="at least one file"
        )
    return GoldFile(
        entries=entries,
        version=_text(nodes, "version"),
        schema=_text(nodes, "schema"),
        separator=_text(nodes, "separator"),
        slices=tuple(_texts(nodes["slices"])) if "slices" in nodes else None,
        compartments=_compartments(nodes.get("compartments")),
        retired=frozenset(_texts(nodes["retired"])) if "retired" in nodes else frozenset(),
        opened=frozenset(_texts(nodes["opened"])) if "opened" in nodes else frozenset(),
    )


def gold_paths(path: Path) -> list[Path]:
    """The files that a connection must be allowed to open to read this gold."""
    if path.suffix.lower() in (".yaml", ".yml") and path.is_file():
        declared = load_gold_file(path)
        if declared is not None:
            return [entry.request.path for entry in declared.entries]
    return [path]


def _entry(
    node: Node, folder: Path, columns: Columns | None, header: bool | None, whole: Compartment
) -> GoldEntry:
    nodes = node.mapping(allowed=_FILE_KEYS, required={"path"})
    path = path_below(nodes["path"], folder, inside=False)
    form = nodes["format"].choice(FORMATS) if "format" in nodes else None
    return GoldEntry(
        request=ReadRequest(path, str(path), cast("Format | None", form), _text(nodes, "encoding")),
        profile=_text(nodes, "profile"),
        header=nodes["header"].boolean() if "header" in nodes else header,
        columns=declared_columns(nodes.get("columns"), GOLD_ROLES) or columns,
        maker=_text(nodes, "maker"),
        compartment=_compartment(nodes.get("compartment"), whole),
    )


def _compartment(node: Node | None, default: Compartment) -> Compartment:
    return default if node is None else cast("Compartment", node.choice(COMPARTMENTS))


def _compartments(node: Node | None) -> dict[str, Compartment]:
    found: dict[str, Compartment] = {}
    if node is None:
        return found
    for name, items in node.mapping(allowed=set(COMPARTMENTS)).items():
        for item in _texts(items):
            if item in found and found[item] != name:
                raise InputError(
                    "an item stands in two compartments of the gold", file=items.file, place=items.place, found=item,
                    expected="one compartment for each item",
                )  # fmt: skip
            found[item] = cast("Compartment", name)
    return found


def _text(nodes: Mapping[str, Node], key: str) -> str | None:
    return nodes[key].text() if key in nodes else None


def _texts(node: Node) -> list[str]:
    return [below.text() for below in node.sequence()]
