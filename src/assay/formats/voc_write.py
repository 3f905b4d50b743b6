"""Writing Pascal VOC as the development kit does: pixels counted from 1, the last one included."""

from __future__ import annotations

import math
import re
from pathlib import Path

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.place import shown
from assay.annotation.strict_json import parse_json

from .located_groups import Group, Item, Row, free_name, objects_by_item, write_bytes
from .voc import MARKS

PROFILE = "voc-1-inclusive"
#: The objects that Pascal VOC can hold: a box, and no region to ignore.
WRITTEN = "x IS NOT NULL AND kind NOT IN ('span', 'field') AND NOT crowd"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile("[&<>\r\n\t]")


def write_voc(connection: duckdb.DuckDBPyConnection, folder: Path, group: Group) -> None:
    """One XML file for each item of a person; an item without objects has a file too."""
    folder.mkdir(parents=True)
    taken: set[str] = set()
    escaped: dict[str, str] = {}
    for item, rows in objects_by_item(connection, group, WRITTEN):
        stem = item.name.rpartition(".")[0] or item.name
        name = free_name(stem.replace("/", "_"), taken)
        write_bytes(folder, f"{name}.xml", _document(item, rows, escaped).encode())


def _document(item: Item, rows: list[Row], escaped: dict[str, str]) -> str:
    size = (
        f"\n\t<size><width>{item.width}</width><height>{item.height}</height><depth>3</depth></size>"
        if item.width is not None
        else ""
    )
    objects = "".join([_object(row, escaped) for row in rows])
    head = f"\n\t<filename>{_text(item.name, {})}</filename>{size}\n\t<segmented>0</segmented>"
    return f"<annotation>{head}{objects}\n</annotation>\n"


def _object(row: Row, escaped: dict[str, str]) -> str:
    _, label, x, y, w, h, _, _, attributes, _, _ = row
    left, top = math.floor(x + 0.5), math.floor(y + 0.5)
    right, bottom = math.floor(x + w + 0.5), math.floor(y + h + 0.5)
    marks, more = ("", "") if attributes is None else _attributes(attributes, escaped)
    return (
        f"\n\t<object>\n\t\t<name>{_text(label or '', escaped)}</name>{marks}"
        f"\n\t\t<bndbox><xmin>{left + 1}</xmin><ymin>{top + 1}</ymin>"
        f"<xmax>{max(right, left + 1)}</xmax><ymax>{max(bottom, top + 1)}</ymax></bndbox>{more}\n\t</object>"
    )


def _attributes(attributes: str, escaped: dict[str, str]) -> tuple[str, str]:
    """The marks that have an element of their own, and the others in the way several tools write them."""
    found = parse_json(attributes.encode(), file="object")
    marks, others = "", ""
    for key, value in found.items() if isinstance(found, dict) else ():
        if key in MARKS and value and value == value.strip() and value != MARKS[key]:
            marks += f"\n\t\t<{key}>{_text(value, escaped)}</{key}>"
        else:
            others += f"<attribute><name>{_text(key, escaped)}</name><value>{_text(value, escaped)}</value></attribute>"
    return marks, f"\n\t\t<attributes>{others}</attributes>" if others else ""


def _text(text: str, escaped: dict[str, str]) -> str:
    """The text as XML; what was escaped once is looked up."""
    found = escaped.get(text)
    if found is None:
        if _FORBIDDEN.search(text):
            raise InputError(
                "a text holds a character that XML cannot hold", found=shown(text), expected="another format"
            )
        found = escaped[text] = _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)
    return found
