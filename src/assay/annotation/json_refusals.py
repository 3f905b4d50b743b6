"""Why a piece of JSON is refused: the first thing wrong with it, its line and its key.

These walks are slow and run only when the quick checks of :mod:`assay.annotation.strict_json` found something doubtful.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from .errors import InputError, LimitError
from .limits import Limits
from .place import shown
from .text_encoding import refuse_bytes

_TOKEN = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")|([{}\[\],:])|([^\s{}\[\],:"]+)', re.DOTALL)
_NO_NUMBER = re.compile(r"-?(NaN|Infinity|inf|nan)")


@dataclass(frozen=True)
class Origin:
    """Where a piece of JSON begins: the file, a name for the place, the line and the byte; and the limits it has."""

    file: str
    limits: Limits
    place: str = ""
    line: int = 1
    byte: int = 0

    def at(self, line: int, path: str = "") -> str:
        """The place of a line of the piece, counted from 1, and of a key."""
        parts = [self.place, f"line {self.line + line - 1}", f"key {path}" if path else ""]
        return ", ".join(part for part in parts if part)


def explain(raw: bytes, origin: Origin) -> None:
    """Raise the first refusal of what is valid JSON but not accepted; return when nothing is wrong with it."""
    _Explainer(raw, origin).explain()


class _Explainer:
    """Walks through valid JSON mark by mark and raises the first refusal with its line and key."""

    def __init__(self, raw: bytes, origin: Origin) -> None:
        self._raw = raw
        self._origin = origin
        self._seen: list[set[str] | None] = []  # the keys of an open object, None for an open list
        self._path: list[str | int] = []
        self._awaits_key = False

    def explain(self) -> None:
        for token in _TOKEN.finditer(self._raw):
            string, mark, word = token.groups()
            if mark:
                self._mark(mark, token.start())
            elif string:
                self._string(string, token.start())
            else:
                self._number(word, token.start())

    def _mark(self, mark: bytes, at: int) -> None:
        if mark in b"{[":
            if len(self._seen) >= self._origin.limits.json_depth:
                raise LimitError(
                    "lists and objects stand too deep inside each other",
                    file=self._origin.file,
                    place=self._place(at),
                    expected=f"at most {self._origin.limits.json_depth} levels",
                )
            self._seen.append(set() if mark == b"{" else None)
            self._path.append("" if mark == b"{" else 0)
            self._awaits_key = mark == b"{"
        elif mark in b"}]":
            self._seen.pop()
            self._path.pop()
            self._awaits_key = False
        elif mark == b",":
            self._awaits_key = self._seen[-1] is not None
            last = self._path[-1]
            self._path[-1] = last + 1 if isinstance(last, int) else ""

    def _string(self, string: bytes, at: int) -> None:
        text = str(orjson.loads(string))  # noqa: TID251  # one text, inside JSON that was read strictly
        if self._awaits_key:
            seen = self._seen[-1]
            self._path[-1] = text
            if seen is not None and text in seen:
                raise self._refuse(at, f"the key {shown(text)} is given twice", expected="each key once")
            if seen is not None:
                seen.add(text)
            self._awaits_key = False
        if "\0" in text:
            raise self._refuse(
                at, "a text holds a NUL character", found="\\u0000", expected="a text without it"
            )

    def _number(self, word: bytes, at: int) -> None:
        text = word.decode()
        if text.lstrip("-").isdigit() and not -(2**63) <= int(text[:40]) < 2**64:
            raise self._refuse(
                at,
                "the whole number is too large to stay exact",
                found=shown(text),
                expected=f"a number below 2^64, or a text: {shown(text)[:24]}"
                if len(text) < 24
                else "a text",
            )

    def _refuse(
        self, at: int, message: str, *, found: str | None = None, expected: str | None = None
    ) -> InputError:
        return InputError(
            message, file=self._origin.file, place=self._place(at), found=found, expected=expected
        )

    def _place(self, at: int) -> str:
        path = ""
        for key in self._path:
            path += f"[{key}]" if isinstance(key, int) else f".{key}" if path and key else key
        return self._origin.at(self._raw.count(b"\n", 0, at) + 1, path if path.isprintable() else ascii(path))


def syntax_error(raw: bytes, error: orjson.JSONDecodeError, origin: Origin) -> InputError:
    """The refusal of bytes that are not JSON."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as bad:
        line = origin.line + raw.count(b"\n", 0, bad.start)
        return refuse_bytes(
            bad, file=origin.file, encoding="utf-8", line=line, offset=origin.byte + bad.start
        )
    line = text.count("\n", 0, error.pos) + 1
    rest = text[error.pos : error.pos + 20]
    place = origin.at(line) + f", column {error.pos - text.rfind(chr(10), 0, error.pos)}"
    if _NO_NUMBER.match(rest) or error.msg.startswith("number is infinity"):
        message, expected = "this is no number that JSON knows", "a finite number, or null"
    elif "surrogate" in error.msg:
        message, expected = "half of a surrogate pair is no character", "a text of whole characters"
    elif error.msg.startswith("depth limit"):
        message, expected = (
            "lists and objects stand too deep inside each other",
            f"at most {origin.limits.json_depth} levels",
        )
        return LimitError(message, file=origin.file, place=place, expected=expected)
    else:
        message, expected = f"this is not JSON: {error.msg}", None
    found = shown(rest) if rest.strip() else "the end of the file" if not text[error.pos :].strip() else None
    return InputError(message, file=origin.file, place=place, found=found, expected=expected)
