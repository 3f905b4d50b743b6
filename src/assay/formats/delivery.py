"""``delivery.yaml``: what a delivery says about itself, so that nothing in it has to be guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from assay.annotation.errors import InputError
from assay.annotation.layers import LAYER_CODES, Layer
from assay.annotation.node import Node
from assay.annotation.place import shown
from assay.annotation.regular_file import nameable
from assay.annotation.schema_values import KINDS, LEVELS, Kind, Level
from assay.annotation.strict_yaml import load_yaml

from .columns import DELIVERY_ROLES, MANIFEST_ROLES
from .inputs import FORMATS, Format, ReadRequest
from .located_kinds import LOCATED_KINDS, LocatedKind

Duplicates = Literal["refuse", "first", "last"]
Final = Literal["majority", "each vote", "annotator"]
Columns = Mapping[str, str | int]

FILE_NAME = "delivery.yaml"

_FILE_KEYS = {"path", "format", "profile", "annotator", "layer", "encoding", "header", "columns"}
_KEYS = {
    "assay", "batch", "delivered_at", "round", "phase", "schema", "guideline", "gold", "labels", "level", "separator",
    "files", "columns", "header", "items", "duplicates", "final", "copies", "normal_form",
}  # fmt: skip


@dataclass(frozen=True)
class FileEntry:
    """One file of a delivery and what was declared about it."""

    path: Path
    name: str = ""
    format: Format | None = None
    profile: str | None = None
    annotator: str | None = None
    layer: Layer | None = None
    encoding: str | None = None
    header: bool | None = None
    columns: Columns | None = None

    @property
    def request(self) -> ReadRequest:
        """What the reader of bytes needs to know."""
        return ReadRequest(self.path, self.name or str(self.path), self.format, self.encoding)


@dataclass(frozen=True)
class DeliveryFile:
    """Everything a delivery may declare; the defaults stand for a delivery that declares nothing."""

    path: Path | None = None
    batch: str | None = None
    delivered_at: str | None = None
    round: int = 1
    phase: Literal["steady", "burst"] | None = None
    schema: str | None = None
    guideline: str | None = None
    gold: str | None = None
    labels: Kind | None = None
    located: LocatedKind | None = None
    level: Level | None = None
    separator: str | None = None
    files: tuple[FileEntry, ...] = ()
    columns: Columns | None = None
    header: bool | None = None
    items: Path | None = None
    items_columns: Columns | None = None
    duplicates: Duplicates = "refuse"
    final: Final = "majority"
    final_annotator: str | None = None
    copies: tuple[str, ...] = ()
    normal_form: tuple[str, ...] = field(default=())


def load_delivery(path: Path, *, inside: bool = False) -> DeliveryFile:
    """Read a ``delivery.yaml``. Paths in it are relative to it.

    With ``inside``, for a file that was found in a delivered folder, its paths must stay in that folder. Raises
    :class:`InputError` with line and key for everything that is not understood.
    """
    root = load_yaml(path)
    nodes = root.mapping(allowed=_KEYS, required={"assay"})
    if nodes["assay"].text() != "delivery/1":
        raise nodes["assay"].refuse(
            "this is not a description of a delivery", found=nodes["assay"].text(), expected="delivery/1"
        )
    folder = path.parent
    final, final_annotator = _final(nodes.get("final"))
    items, items_columns = _items(nodes.get("items"), folder, inside)
    labels = _choice(nodes, "labels", (*KINDS, *LOCATED_KINDS))
    return DeliveryFile(
        path=path,
        batch=_text(nodes, "batch"),
        delivered_at=_instant(nodes["delivered_at"]) if "delivered_at" in nodes else None,
        round=nodes["round"].integer(low=1, high=255) if "round" in nodes else 1,
        phase=cast('Literal["steady", "burst"] | None', _choice(nodes, "phase", ("steady", "burst"))),
        schema=_text(nodes, "schema"),
        guideline=_text(nodes, "guideline"),
        gold=_text(nodes, "gold"),
        labels=labels if labels in KINDS else None,
        located=labels if labels in LOCATED_KINDS else None,
        level=cast("Level | None", _choice(nodes, "level", LEVELS)),
        separator=_separator(nodes.get("separator")),
        files=file_entries(nodes.get("files"), folder, inside=inside),
        columns=declared_columns(nodes.get("columns"), DELIVERY_ROLES),
        header=nodes["header"].boolean() if "header" in nodes else None,
        items=items,
        items_columns=items_columns,
        duplicates=cast("Duplicates", _choice(nodes, "duplicates", ("refuse", "first", "last")) or "refuse"),
        final=final,
        final_annotator=final_annotator,
        copies=_texts(nodes.get("copies")),
        normal_form=_texts(nodes.get("normal_form")),
    )


def find_delivery(sources: Sequence[object]) -> DeliveryFile | None:
    """The ``delivery.yaml`` among the sources: one of them, or lying in the only folder among them."""
    found: list[tuple[Path, bool]] = []
    for source in sources:
        if isinstance(source, Path) and source.is_dir() and (source / FILE_NAME).is_file():
            found.append((source / FILE_NAME, True))
        elif isinstance(source, Path) and source.name == FILE_NAME and source.is_file():
            found.append((source, False))
    if len(found) > 1:
        raise InputError(
            "more than one delivery is described",
            found=", ".join(str(path) for path, _ in found),
            expected=f"one {FILE_NAME}: one batch at a time",
        )
    return load_delivery(found[0][0], inside=found[0][1]) if found else None


def readable_paths(sources: Sequence[object], declared: DeliveryFile | None) -> list[Path]:
    """The files and folders that a connection must be allowed to open to read the sources and what they declare."""
    paths = [source for source in sources if isinstance(source, Path) and source.name != FILE_NAME]
    declared = declared or find_delivery(sources)
    if declared is not None:
        paths += [entry.path for entry in declared.files]
        paths += [declared.items] if declared.items is not None else []
    return [path for path in dict.fromkeys(paths) if path.exists()]


def file_entries(node: Node | None, folder: Path, *, inside: bool) -> tuple[FileEntry, ...]:
    """The ``files:`` list of a delivery or a gold file."""
    if node is None:
        return ()
    entries = tuple(_file_entry(entry, folder, inside) for entry in node.sequence())
    if not entries:
        expected = "at least one file, or no key `files`"
        raise node.refuse("the list of files is empty", found="an empty list", expected=expected)
    return entries


def declared_columns(node: Node | None, roles: Sequence[str]) -> Columns | None:
    """``columns:`` as a mapping of part to name or position, or as a list of parts in the order of the columns."""
    if node is None:
        return None
    if not node.is_sequence:
        return {role: below.text() for role, below in node.mapping(allowed=set(roles)).items()}
    columns: dict[str, str | int] = {}
    for position, below in enumerate(node.sequence(), start=1):
        role = below.choice((*roles, "-"))
        if role in columns:
            raise below.refuse(
                f"two columns are declared for {role}", found=f"columns {columns[role]} and {position}",
                expected="one column for each part",
            )  # fmt: skip
        if role != "-":
            columns[role] = position
    return columns


def path_below(node: Node, folder: Path, *, inside: bool) -> Path:
    """The path a document names, relative to its folder; with ``inside`` it may not lead out of that folder."""
    text = node.text()
    if not text or "\0" in text:
        raise node.refuse("this is not a path", found=shown(text))
    try:
        path = nameable(folder / text)
    except InputError as error:
        raise node.refuse(error.message, found=error.found, expected=error.expected) from None
    if inside and not path.resolve().is_relative_to(folder.resolve()):
        raise node.refuse(
            "a delivered folder names a file outside of it",
            found=shown(text),
            expected=f"a path inside the folder, or this file given by itself with --delivery {FILE_NAME}",
        )
    return path


def _file_entry(node: Node, folder: Path, inside: bool) -> FileEntry:
    nodes = node.mapping(allowed=_FILE_KEYS, required={"path"})
    layer = _choice(nodes, "layer", tuple(LAYER_CODES))
    return FileEntry(
        path=path_below(nodes["path"], folder, inside=inside),
        name=nodes["path"].text() if inside else str(folder / nodes["path"].text()),
        format=cast("Format | None", _choice(nodes, "format", FORMATS)),
        profile=_text(nodes, "profile"),
        annotator=_text(nodes, "annotator"),
        layer=Layer(LAYER_CODES[layer]) if layer else None,
        encoding=_text(nodes, "encoding"),
        header=nodes["header"].boolean() if "header" in nodes else None,
        columns=declared_columns(nodes.get("columns"), DELIVERY_ROLES),
    )


def _items(node: Node | None, folder: Path, inside: bool) -> tuple[Path | None, Columns | None]:
    if node is None:
        return None, None
    nodes = node.mapping(allowed={"path", "columns"}, required={"path"})
    path = path_below(nodes["path"], folder, inside=inside)
    return path, declared_columns(nodes.get("columns"), MANIFEST_ROLES)


def _final(node: Node | None) -> tuple[Final, str | None]:
    if node is None:
        return "majority", None
    if node.is_mapping:
        return "annotator", node.mapping(allowed={"annotator"}, required={"annotator"})["annotator"].text()
    return cast("Final", node.choice(("majority", "each vote"))), None


def _instant(node: Node) -> str:
    text = node.text()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return node.date().isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise node.refuse(
            "this is not a moment in time",
            found=shown(text),
            expected="a date, or date and time with a zone: 2026-11-20T16:00:00Z",
        )
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _separator(node: Node | None) -> str | None:
    if node is None:
        return None
    text = node.text()
    if not 1 <= len(text) <= 8 or any(not character.isprintable() for character in text):
        raise node.refuse(
            "this cannot separate the labels of one cell",
            found=shown(text),
            expected='a few characters such as "|"',
        )
    return text


def _text(nodes: Mapping[str, Node], key: str) -> str | None:
    return nodes[key].text() if key in nodes else None


def _choice(nodes: Mapping[str, Node], key: str, options: Sequence[str]) -> str | None:
    return nodes[key].choice(options) if key in nodes else None


def _texts(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return (node.text(),) if node.is_scalar else tuple(below.text() for below in node.sequence())
