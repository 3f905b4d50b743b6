"""Reading a clause key by key, keeping every problem instead of stopping at the first."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Final, TypeVar

from assay.annotation.errors import InputError
from assay.annotation.strict_yaml import Node

from .calendar import Duration, parse_duration
from .problem import Problem, as_problem

Value = TypeVar("Value")
Default = TypeVar("Default")
Option = TypeVar("Option", bound=str)

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LONGEST_WORDS: Final = 200
_MOST_DIGITS: Final = 12


class ClauseReader:
    """The keys of one mapping. Unknown and missing keys and unreadable values become problems; reading goes on."""

    def __init__(self, node: Node, problems: list[Problem], *, keys: Collection[str]) -> None:
        self.node = node
        self.problems = problems
        self._nodes: dict[str, Node] = {}
        self._unread: set[str] = set()
        try:
            self._nodes = node.mapping()
        except InputError as error:
            problems.append(as_problem(error))
        for key, child in self._nodes.items():
            if key not in keys:
                problems.append(_unknown(key, child, keys))

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    @property
    def unread(self) -> frozenset[str]:
        """The keys that are missing or whose values have a problem."""
        return frozenset(self._unread)

    def child(self, key: str) -> Node:
        """The node of a key that is there, else the clause itself: where a problem with it stands."""
        return self._nodes.get(key, self.node)

    def take(self, key: str, read: Callable[[Node], Value], default: Default) -> Value | Default:
        """The value of a key, or the default when it is absent or unreadable."""
        node = self._nodes.get(key)
        if node is None:
            return default
        before = len(self.problems)
        value = self.attempt(lambda: read(node), default)
        if len(self.problems) > before:
            self._unread.add(key)
        return value

    def require(self, key: str, read: Callable[[Node], Value], what: str, remedy: str) -> Value | None:
        """The value of a key that must be there; a problem and None when it is not."""
        if key not in self._nodes:
            self.refuse(what, remedy)
            self._unread.add(key)
            return None
        return self.take(key, read, None)

    def attempt(self, read: Callable[[], Value], default: Default) -> Value | Default:
        """What ``read`` returns; a refusal becomes a problem, and the default is returned."""
        try:
            return read()
        except InputError as error:
            self.problems.append(as_problem(error))
        except ValueError as error:
            self.refuse(str(error), "")
        return default

    def refuse(self, what: str, remedy: str, *, key: str | None = None) -> None:
        """Note a problem of the clause or of one of its keys."""
        self.problems.append(Problem(self.child(key).place if key else self.node.place, what, remedy))


def identifier(node: Node) -> str:
    """An id: letters, digits, points, hyphens and underscores."""
    text = node.text()
    if not _ID.fullmatch(text):
        raise node.refuse(
            "this is no id",
            found=repr(text[:80]),
            expected="at most 100 letters, digits, points, hyphens and underscores, such as street-scenes-2026",
        )
    return text


def words(node: Node) -> str:
    """A short text of one line."""
    text = node.text()
    if not text or len(text) > _LONGEST_WORDS or not text.isprintable() or text != text.strip():
        raise node.refuse(
            "this is no short text",
            found=repr(text[:80]),
            expected=f"one line of 1 to {_LONGEST_WORDS} characters",
        )
    return text


def several_words(node: Node) -> tuple[str, ...]:
    """A list of short texts, each of them once."""
    texts = tuple(words(child) for child in node.sequence())
    if len(set(texts)) != len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise node.refuse("an entry is given twice", found=twice, expected="each entry once")
    return texts


def duration(node: Node) -> Duration:
    """A duration such as ``10 business days``."""
    text = node.text()
    try:
        return parse_duration(text)
    except ValueError as error:
        raise node.refuse("this is no duration", found=repr(text[:80]), expected=str(error)) from None


def share(node: Node) -> Decimal:
    """A share such as ``10%`` that is more than nothing."""
    value = _measured(node, node.share())
    if value == 0:
        raise node.refuse("a share of nothing", found=node.text(), expected="a share above 0%")
    return value


def share_or_none(node: Node) -> Decimal:
    """A share such as ``10%``; nothing is allowed."""
    return _measured(node, node.share())


def decimal_between(low: Decimal | int | None, high: Decimal | int | None) -> Callable[[Node], Decimal]:
    """A reader of exact decimals from ``low`` to ``high``."""
    return lambda node: _measured(node, node.decimal(low, high))


def integer_between(low: int, high: int) -> Callable[[Node], int]:
    """A reader of whole numbers from ``low`` to ``high``."""
    return lambda node: node.integer(low, high)


def one_of(options: Collection[Option]) -> Callable[[Node], Option]:
    """A reader of one of several words."""

    def read(node: Node) -> Option:
        chosen = node.choice(options)
        return next(option for option in options if option == chosen)

    return read


def _measured(node: Node, value: Decimal) -> Decimal:
    if len(value.as_tuple().digits) > _MOST_DIGITS:
        raise node.refuse(
            "the number has more digits than any figure",
            found=node.text(),
            expected=f"at most {_MOST_DIGITS} significant digits",
        )
    return value


def _unknown(key: str, node: Node, keys: Collection[str]) -> Problem:
    close = difflib.get_close_matches(key[:100], sorted(keys), n=1)
    remedy = f"write {close[0]}" if close else "leave it out, or use one of " + ", ".join(sorted(keys))
    return Problem(node.place, f"the key {key[:80]!r} is not known here", remedy)
