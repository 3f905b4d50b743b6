"""A value of a document with the place it stands at; every scalar is text until the document's schema types it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .errors import InputError
from .numbers import check_range, parse_decimal, parse_integer, parse_share
from .place import Place, shown

_TRUE, _FALSE = ("yes", "true"), ("no", "false")
_OPTIONS_SHOWN = 12
_DEPTH = 64
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """A mapping, a sequence or a scalar of a document.

    The readers (:meth:`text`, :meth:`integer`, …) raise :class:`InputError` with file, place, what was found and
    what was expected when the node is of another type or its value is out of range.
    """

    value: dict[str, Node] | list[Node] | str
    file: str
    line: int | None = None
    parent: Node | None = field(default=None, repr=False)
    key: str | int | None = None
    #: whether a scalar stood between quotes, so that nothing between them is an empty text and not a missing value
    quoted: bool = False

    @property
    def path(self) -> str:
        """The keys from the top of the document: ``acceptance[2].floor``; empty for the document itself."""
        if self.parent is None:
            return ""
        before = self.parent.path
        if isinstance(self.key, int):
            return f"{before}[{self.key}]"
        name = str(self.key)
        plain = name if name.replace("_", "").replace("-", "").isalnum() else shown(name)
        return f"{before}.{plain}" if before else plain

    @property
    def place(self) -> str:
        """Where the node stands: ``line 4, key acceptance[2].floor``."""
        parts = [f"line {self.line}"] if self.line is not None else []
        return ", ".join(parts + ([f"key {self.path}"] if self.path else []))

    @property
    def where(self) -> Place:
        """File and place together, for readers that take them."""
        return Place(self.file, self.place or None)

    @property
    def is_mapping(self) -> bool:
        """Whether the node is a mapping of keys to nodes."""
        return isinstance(self.value, dict)

    @property
    def is_sequence(self) -> bool:
        """Whether the node is a list of nodes."""
        return isinstance(self.value, list)

    @property
    def is_scalar(self) -> bool:
        """Whether the node is a text."""
        return isinstance(self.value, str)

    def refuse(self, message: str, *, found: str | None = None, expected: str | None = None) -> InputError:
        """The error for the caller to raise when the document's schema does not allow this node."""
        return self.where.refuse(message, found=found, expected=expected)

    def mapping(
        self, *, allowed: Collection[str] | None = None, required: Collection[str] = frozenset()
    ) -> dict[str, Node]:
        """The nodes by key, in the order of the document; ``allowed=None`` allows every key."""
        if not isinstance(self.value, dict):
            raise self._mistyped("a mapping of keys to values")
        if allowed is not None:
            for key, node in self.value.items():
                if key not in allowed and key not in required:
                    raise node._unknown(key, sorted({*allowed, *required}))
        for key in sorted(set(required) - self.value.keys()):
            raise self.refuse(f"the key {shown(key)} is missing", found=self._kind())
        return dict(self.value)

    def sequence(self) -> list[Node]:
        """The nodes of a list."""
        if not isinstance(self.value, list):
            raise self._mistyped("a list")
        return list(self.value)

    def text(self) -> str:
        """The text of a scalar. Empty only where two quotes say so."""
        if not isinstance(self.value, str):
            raise self._mistyped("a text")
        if not self.value and not self.quoted:
            raise self.refuse("the value is missing", found="nothing", expected="a text")
        return self.value

    def integer(self, low: int | None = None, high: int | None = None) -> int:
        """The whole number that a scalar writes, between ``low`` and ``high``, both included."""
        number = parse_integer(self._scalar("a whole number"), where=self.where)
        self._check(number, low, high)
        return number

    def decimal(self, low: Decimal | int | None = None, high: Decimal | int | None = None) -> Decimal:
        """The exact number that a scalar writes, between ``low`` and ``high``, both included."""
        number = parse_decimal(self._scalar("a number"), where=self.where)
        self._check(number, low, high)
        return number

    def share(self) -> Decimal:
        """A share between 0 and 1: ``0.1`` or ``10%``."""
        return parse_share(self._scalar("a share such as 10% or 0.1"), where=self.where)

    def boolean(self) -> bool:
        """``yes`` or ``true``, ``no`` or ``false``."""
        written = self._scalar("yes or no")
        if written in _TRUE or written in _FALSE:
            return written in _TRUE
        raise self.refuse(
            "this is neither yes nor no", found=shown(written), expected="yes, no, true or false"
        )

    def date(self) -> date:
        """A calendar day as ISO 8601 writes it: ``2026-03-01``."""
        written = self._scalar("a date such as 2026-03-01")
        try:
            if _DAY.fullmatch(written):
                return date.fromisoformat(written)
        except ValueError:
            pass
        raise self.refuse("this is not a date", found=shown(written), expected="a date such as 2026-03-01")

    def choice(self, options: Collection[str]) -> str:
        """One of the ``options``."""
        written = self._scalar("one of " + _listed(options))
        if written in options:
            return written
        raise self.refuse(
            "this is none of the allowed values",
            found=shown(written),
            expected="one of " + _listed(options) + _suggestion(written, options),
        )

    def plain(self) -> dict[str, object] | list[object] | str:
        """The nested texts without their places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def descend(self, path: Sequence[str | int]) -> Node:
        """The node at a path below this one, or the deepest node on the way that exists."""
        node = self
        for key in path:
            below = dict(node._children()).get(key)
            if below is None:
                break
            node = below
        return node

    def _children(self) -> Iterator[tuple[str | int, Node]]:
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def _scalar(self, expected: str) -> str:
        if not isinstance(self.value, str):
            raise self._mistyped(expected)
        if not self.value and not self.quoted:
            raise self.refuse("the value is missing", found="nothing", expected=expected)
        return self.value

    def _check(self, number: Decimal | int, low: Decimal | int | None, high: Decimal | int | None) -> None:
        refusal = check_range(number, low=low, high=high, where=self.where)
        if refusal is not None:
            raise refusal

    def _mistyped(self, expected: str) -> InputError:
        return self.refuse("the value has another type", found=self._kind(), expected=expected)

    def _unknown(self, key: str, allowed: Sequence[str]) -> InputError:
        expected = "one of " + _listed(allowed) + _suggestion(key, allowed)
        return self.refuse(f"the key {shown(key)} is not known here", found=shown(key), expected=expected)

    def _kind(self) -> str:
        if isinstance(self.value, dict):
            return (
                "a mapping with the keys " + _listed(list(self.value)) if self.value else "an empty mapping"
            )
        if isinstance(self.value, list):
            return f"a list of {len(self.value)}" if self.value else "an empty list"
        return "the text " + shown(self.value) if self.value or self.quoted else "nothing"


def node_of(value: object, *, file: str) -> Node:
    """The node of a value from Python or JSON: mappings with text keys, lists, texts, whole numbers, booleans, dates.

    Raises :class:`InputError` for binary floating point, which has no exact text, and for anything else.
    """
    return _node_of(value, file, None, None)


def _node_of(value: object, file: str, parent: Node | None, key: str | int | None, depth: int = 0) -> Node:
    if depth > _DEPTH:
        raise InputError(
            "the value is nested too deeply", file=file, found=f"more than {_DEPTH} levels of lists and mappings",
            expected=f"at most {_DEPTH} levels",
        )  # fmt: skip
    if isinstance(value, Mapping):
        nodes: dict[str, Node] = {}
        node = Node(nodes, file, None, parent, key)
        for name, below in value.items():
            if not isinstance(name, str):
                raise node.refuse("a key is no text", found=shown(repr(name)), expected="keys that are texts")
            nodes[name] = _node_of(below, file, node, name, depth + 1)
        return node
    if isinstance(value, (list, tuple)):
        items: list[Node] = []
        node = Node(items, file, None, parent, key)
        items.extend(_node_of(below, file, node, place, depth + 1) for place, below in enumerate(value))
        return node
    node = Node("", file, None, parent, key)
    text = _text_of(value)
    if text is None:
        found = f"{shown(repr(value))} of type {type(value).__name__}"
        raise node.refuse("this value has no exact text", found=found, expected='a text such as "0.85"')
    return Node(text, file, None, parent, key, quoted=True)


def _text_of(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, date)):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    return None


def _listed(options: Collection[str]) -> str:
    names = list(options) if isinstance(options, (list, tuple)) else sorted(options)
    listed = ", ".join(name if name.isprintable() else ascii(name) for name in names[:_OPTIONS_SHOWN])
    return listed + (f" and {len(names) - _OPTIONS_SHOWN} more" if len(names) > _OPTIONS_SHOWN else "")


def _suggestion(written: str, options: Collection[str]) -> str:
    close = difflib.get_close_matches(written[:100], list(options)[:1000], n=1)
    return f" (did you mean {close[0]}?)" if close else ""
