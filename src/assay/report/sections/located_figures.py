"""Figures of located labels beside F1, against gold and between people, as entries of the table over all items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..fields import Node, child, reading, text
from .frame import Entry

_NAMES = ("class", "joint", "attribute", "name")
_ALL = "all items"


def located_entries(document: Node, side: str) -> list[Entry]:
    """The figures of one side (``gold`` or ``between``), those of the whole batch first."""
    found = list(_entries(child(document, "located", side), ()))
    return sorted(found, key=lambda entry: entry.subject != _ALL)


def of_all_items(entries: Sequence[Entry]) -> list[Entry]:
    """Those of the whole batch."""
    return [entry for entry in entries if entry.subject == _ALL]


def alpha_sentence(document: Node) -> str:
    """What instance alpha measures, where there is one."""
    return text(child(document, "located", "between"), "instance_alpha_sentence")


def _entries(node: Node, path: tuple[str, ...]) -> Iterator[Entry]:
    for key, found in node.items():
        if isinstance(found, Mapping) and {"value", "low", "high"} <= found.keys():
            yield Entry(", ".join(path) or _ALL, str(key), reading(found))
        elif isinstance(found, Mapping):
            inner = path if key in ("by_class", "attributes", "units") else (*path, str(key))
            yield from _entries(found, inner)
        elif isinstance(found, Sequence) and not isinstance(found, (str, bytes)):
            for each in found:
                if isinstance(each, Mapping):
                    named = tuple(text(each, name) for name in _NAMES if text(each, name))
                    yield from _entries(each, (*path, *named))
