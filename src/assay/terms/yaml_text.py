"""Writing YAML that people read: blocks above, flow for what fits on a line, every scalar a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_WIDTH: Final = 120
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./-][A-Za-z0-9_./%+-]*(?: [A-Za-z0-9_./%+-]+)*")
_RESERVED: Final = re.compile(r"-+|\.+|-{3}.*|\.{3}.*|- .*")
_ESCAPED: Final = re.compile('["\\\\\\x00-\\x1f\\x7f-\\xa0\\u2028\\u2029\\ufeff\\ud800-\\udfff]')


class QuotedText(str):
    """A text that stands between quotes although it need not: other readers would take it for a number."""

    __slots__ = ()


def render_yaml(document: Mapping[str, object]) -> str:
    """A mapping of mappings, sequences and texts as YAML; top-level mappings that are long become blocks."""
    return "".join(f"{line}\n" for line in _block(document, 0))


def scalar_text(text: str) -> str:
    """A text as a YAML scalar: plain where no reader could take it for anything else, else double-quoted.

    >>> scalar_text("10 business days"), scalar_text("a: b"), scalar_text("")
    ('10 business days', '"a: b"', '""')
    """
    if not isinstance(text, QuotedText) and _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text):
        return text
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return f"\\{character}" if character in '"\\' else f"\\u{ord(character):04x}"


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar_text(str(key))}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return scalar_text(value if isinstance(value, str) else str(value))


def _block(mapping: Mapping[str, object], indent: int) -> list[str]:
    lines = []
    for key, value in mapping.items():
        head = " " * indent + scalar_text(str(key)) + ":"
        line = f"{head} {_flow(value)}"
        if isinstance(value, Mapping) and value and len(line) > _WIDTH:
            lines += [head, *_block(value, indent + 2)]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            lines += [head, *(" " * indent + f"  - {_flow(item)}" for item in value)]
        else:
            lines.append(line)
    return lines
