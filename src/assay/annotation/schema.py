"""The schema file: ``assay: schema/1``. Everything about schemas can be imported from here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from .limits import DEFAULT_LIMITS, Limits
from .node import Node
from .schema_difference import SchemaDiff, diff_schemas
from .schema_values import (
    ATTRIBUTE_KINDS,
    FORMS,
    KINDS,
    LEVELS,
    LOCATED_KINDS,
    POSSIBLE_LEVELS,
    AttributeDefinition,
    AttributeKind,
    ClassDefinition,
    Kind,
    Level,
    LocatedKind,
    NormalForm,
    Schema,
    SchemaError,
)
from .strict_yaml import load_yaml

__all__ = [
    "AttributeDefinition",
    "AttributeKind",
    "ClassDefinition",
    "Kind",
    "Level",
    "LocatedKind",
    "NormalForm",
    "Schema",
    "SchemaDiff",
    "SchemaError",
    "diff_schemas",
    "load_schema",
    "parse_schema",
]

_Option = TypeVar("_Option", bound=str)
_KEYS = frozenset(
    {"assay", "version", "kind", "level", "classes", "attributes", "low", "high", "step", "normal_form"}
)


def load_schema(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Schema:
    """The schema in a file ``assay: schema/1``. Raises :class:`InputError` with file, line and key."""
    return parse_schema(load_yaml(path, limits=limits), limits=limits)


def parse_schema(document: Node, *, limits: Limits = DEFAULT_LIMITS) -> Schema:
    """The schema that a document writes."""
    top = document.mapping(allowed=_KEYS, required={"assay", "version", "kind"})
    top["assay"].choice(("schema/1",))
    kind: Kind | LocatedKind = _one_of(top["kind"], (*KINDS, *LOCATED_KINDS))
    ends = {key: top[key].decimal() for key in ("low", "high", "step") if key in top}
    classes = top["classes"].sequence() if "classes" in top else []
    if len(classes) > limits.classes:
        found = f"{len(classes)} classes"
        raise top["classes"].where.exceed(
            "there are too many classes", found=found, expected=f"at most {limits.classes}"
        )
    try:
        return Schema(
            version=top["version"].text(),
            kind=kind,
            level=_one_of(top["level"], LEVELS) if "level" in top else POSSIBLE_LEVELS[kind][0],
            classes=tuple(map(_class, classes)),
            attributes=tuple(map(_attribute, top["attributes"].sequence() if "attributes" in top else [])),
            low=ends.get("low"),
            high=ends.get("high"),
            step=ends.get("step"),
            normal_form=_one_of(top["normal_form"], FORMS) if "normal_form" in top else None,
        )
    except SchemaError as error:
        node = document.descend(error.path)
        raise node.refuse(error.message, found=error.found, expected=error.expected) from None


def _class(node: Node) -> ClassDefinition:
    if node.is_scalar:
        return ClassDefinition(id=node.text(), name=node.text())
    keys = node.mapping(allowed={"id", "name", "parent", "aliases"}, required={"id"})
    return ClassDefinition(
        id=keys["id"].text(),
        name=keys["name"].text() if "name" in keys else keys["id"].text(),
        parent=keys["parent"].text() if "parent" in keys else None,
        aliases=_texts(keys, "aliases"),
    )


def _attribute(node: Node) -> AttributeDefinition:
    keys = node.mapping(allowed={"id", "name", "kind", "values", "classes", "required"}, required={"id"})
    return AttributeDefinition(
        id=keys["id"].text(),
        name=keys["name"].text() if "name" in keys else keys["id"].text(),
        kind=_one_of(keys["kind"], ATTRIBUTE_KINDS) if "kind" in keys else "choice",
        values=_texts(keys, "values"),
        classes=_texts(keys, "classes"),
        required=keys["required"].boolean() if "required" in keys else False,
    )


def _texts(keys: Mapping[str, Node], key: str) -> tuple[str, ...]:
    return tuple(node.text() for node in keys[key].sequence()) if key in keys else ()


def _one_of(node: Node, options: tuple[_Option, ...]) -> _Option:
    chosen = node.choice(options)
    return next(option for option in options if option == chosen)
