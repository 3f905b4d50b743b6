"""The one reader of YAML. Every scalar is text (``no``, ``007`` and ``12:30`` stay what was written); the schema of
the document types it. Refused: keys given twice, anchors, aliases, tags, merge keys, directives, several documents.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from .errors import InputError, LimitError
from .limits import DEFAULT_LIMITS, Limits, bytes_text
from .node import Node
from .place import shown
from .regular_file import read_whole
from .text_encoding import decode_strictly

__all__ = ["Node", "load_yaml", "parse_yaml"]

# libyaml reads about twenty times as fast; the readers agree on everything that is accepted here.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def load_yaml(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Node:
    """The document in a file. Raises :class:`InputError` or :class:`LimitError`."""
    name = os.fspath(path)
    data = read_whole(path, at_most=limits.yaml_bytes, what="a YAML document", limits=limits)
    return parse_yaml(decode_strictly(data, file=name), file=name, limits=limits)


def parse_yaml(text: str, *, file: str, limits: Limits = DEFAULT_LIMITS) -> Node:
    """The document that ``text`` writes; ``file`` names it in refusals."""
    # A character takes at least one byte: what is longer than the limit is too large in any encoding.
    if len(text) > limits.yaml_bytes:
        allowed = f"at most {bytes_text(limits.yaml_bytes)}"
        raise LimitError("this is too large for a YAML document", file=file, expected=allowed)
    bad = _NO_TEXT.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        raise InputError(
            "this character cannot stand in a text", file=file, place=f"line {line}", found=ascii(bad[0])
        )
    try:
        return _Builder(file, limits).document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, file) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an escape for a character that does not exist
        raise InputError("this is not YAML", file=file, found=_one_line(str(error))) from None


class _Builder:
    """Makes nodes from the parser's events, and counts while it does."""

    def __init__(self, file: str, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[str | None] = []

    def document(self, events: Iterator[yaml.Event]) -> Node:
        for event in events:
            self._refuse_features(event)
            if isinstance(event, yaml.DocumentStartEvent):
                self._start_document(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
                self._keys.pop()
            elif isinstance(event, yaml.NodeEvent):
                self._take(event)
        if self._root is None:
            raise InputError(
                "the file is empty", file=self._file, found="no document", expected="a YAML document"
            )
        return self._root

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        if self._root is not None:
            raise self._refuse(event, "a second document begins here", "---", "one document in one file")
        if event.version or event.tags:
            expected = "a document without lines that begin with %"
            raise self._refuse(event, "directives are not read", "a line that begins with %", expected)

    def _refuse_features(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(
                event,
                f"the alias *{event.anchor} is not read",
                f"*{event.anchor}",
                "the value itself, written out",
            )
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            raise self._refuse(
                event,
                f"the anchor &{event.anchor} is not read",
                f"&{event.anchor}",
                "a value without an anchor",
            )
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
            raise self._refuse(
                event, f"the tag {_one_line(event.tag)} is not read", "a tag", "a value without a tag"
            )

    def _take(self, event: yaml.NodeEvent) -> None:
        if self._open and self._open[-1].is_mapping and self._keys[-1] is None:
            self._keys[-1] = self._key(event)
            return
        node = self._attach(event)
        if not node.is_scalar:
            if len(self._open) >= self._limits.yaml_depth:
                depth = self._limits.yaml_depth
                raise LimitError(
                    "lists and mappings stand too deep inside each other",
                    file=self._file,
                    place=f"line {_line(event)}",
                    expected=f"at most {depth} levels",
                )
            self._open.append(node)
            self._keys.append(None)

    def _attach(self, event: yaml.NodeEvent) -> Node:
        parent = self._open[-1] if self._open else None
        key: str | int | None = None
        if parent is not None:
            key = len(parent.value) if parent.is_sequence else self._keys[-1]
        node = Node(*_content(event), self._file, _line(event), parent, key, _quoted(event))
        if parent is None:
            self._root = node
        elif isinstance(parent.value, list):
            parent.value.append(node)
        elif isinstance(parent.value, dict):
            parent.value[str(key)] = node
            self._keys[-1] = None
        if isinstance(node.value, str):
            self._check_characters(event, node.value)
        return node

    def _key(self, event: yaml.NodeEvent) -> str:
        mapping = self._open[-1].value
        if not isinstance(event, yaml.ScalarEvent):
            found = "a mapping" if isinstance(event, yaml.MappingStartEvent) else "a list"
            raise self._refuse(event, "a key is a list or a mapping", found, "keys that are texts")
        key = str(event.value)
        self._check_characters(event, key)
        if not _quoted(event) and key == "<<":
            raise self._refuse(event, "merge keys are not read", "<<", "the keys themselves, written out")
        if not key and not _quoted(event):
            raise self._refuse(event, "a key is missing before the colon", "nothing", "a key")
        if isinstance(mapping, dict) and key in mapping:
            first = mapping[key].line
            raise self._refuse(
                event,
                f"the key {shown(key)} is given twice, first on line {first}",
                shown(key),
                "each key once",
            )
        return key

    def _check_characters(self, event: yaml.NodeEvent, text: str) -> None:
        bad = _NO_TEXT.search(text)
        if bad:
            raise self._refuse(
                event, f"the character {bad[0]!a} cannot stand in a text", ascii(bad[0]), "a text"
            )

    def _refuse(self, event: yaml.Event, message: str, found: str, expected: str) -> InputError:
        place = f"line {_line(event)}"
        if self._open and self._open[-1].path:
            place += f", in {self._open[-1].path}"
        return InputError(message, file=self._file, place=place, found=found, expected=expected)


def _content(event: yaml.NodeEvent) -> tuple[dict[str, Node] | list[Node] | str]:
    if isinstance(event, yaml.MappingStartEvent):
        return ({},)
    if isinstance(event, yaml.SequenceStartEvent):
        return ([],)
    return (event.value if isinstance(event, yaml.ScalarEvent) else "",)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def _quoted(event: yaml.NodeEvent) -> bool:
    return isinstance(event, yaml.ScalarEvent) and bool(event.style)


def _syntax(error: yaml.MarkedYAMLError, file: str) -> InputError:
    mark = error.problem_mark or error.context_mark
    place = None if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
    message = "this is not YAML: " + _one_line(error.problem or error.context or "unreadable")
    started = ""
    if error.context and error.context_mark is not None and error.problem:
        started = f"{_one_line(error.context)} on line {error.context_mark.line + 1}"
    return InputError(message, file=file, place=place, found=started or None, expected=_remedy(error))


def _remedy(error: yaml.MarkedYAMLError) -> str | None:
    problem = error.problem or ""
    if "tab" in problem or "cannot start any token" in problem:
        return "blanks for indentation, and quotes around texts that begin with a special character"
    if "mapping values are not allowed" in problem:
        return 'quotes around a text that holds a colon and a blank: name: "a: b"'
    if "end of stream" in problem and "quoted" in (error.context or ""):
        return "a closing quote"
    if "did not find expected key" in problem:
        return "a key with a colon, indented like the keys beside it"
    return None


def _one_line(text: str) -> str:
    joined = " ".join(text.split())
    return joined[:200] if joined.isprintable() else ascii(joined[:200])
