"""A large JSON object whose members are lists of records, read piece by piece in flat memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .errors import InputError, LimitError
from .json_structure import Records, elements_of_list
from .limits import DEFAULT_LIMITS, MIB, Limits, bytes_text
from .place import shown
from .strict_json import parse_json
from .text_encoding import detect_encoding

_BLANKS = b" \t\r\n"
_BLOCK = 1 * MIB
_MOST_MEMBERS = 1_000


@dataclass(frozen=True)
class Piece:
    """Some records of one member, the first of them number ``first`` (from 0); a member that is no list is one piece.

    A document that is a list itself is one member without a name.
    """

    key: str
    records: list[object]
    first: int
    is_list: bool


def json_members(stream: BinaryIO, *, file: str, limits: Limits = DEFAULT_LIMITS) -> Iterator[Piece]:
    """The members of the object in ``stream`` in their order, long lists in several pieces.

    Strict as :func:`assay.annotation.strict_json.parse_json`; pieces before a broken one have been handed out when it
    is refused.
    """
    reader = _Reader(stream, file, limits)
    begin = reader.next_byte("a JSON object")
    if begin == b"[":
        reader.skip(1)
        yield from reader.list_pieces("")
        return reader.finish()
    if begin != b"{":
        raise reader.refuse("this is no JSON object", begin.decode(errors="replace"), "'{' or '['")
    reader.skip(1)
    yield from _members(reader)
    return reader.finish()


def _members(reader: _Reader) -> Iterator[Piece]:
    seen: set[str] = set()
    if reader.next_byte("a key") == b"}":
        return reader.skip(1)
    while True:
        key = reader.key()
        if key in seen:
            raise reader.refuse("a key is given twice", shown(key), "every key once")
        seen.add(key)
        if len(seen) > _MOST_MEMBERS:
            raise LimitError(
                "the object has too many members", file=reader.file, expected=f"at most {_MOST_MEMBERS}"
            )
        if reader.next_byte("a value") == b"[":
            reader.skip(1)
            yield from reader.list_pieces(key)
        else:
            yield reader.single(key)
        mark = reader.next_byte("',' or '}'")
        reader.skip(1)
        if mark == b"}":
            return None
        if mark != b",":
            raise reader.refuse("a member ends in the wrong way", mark.decode(errors="replace"), "',' or '}'")


class _Reader:
    """The unread part of the stream."""

    def __init__(self, stream: BinaryIO, file: str, limits: Limits) -> None:
        self.file, self.limits = file, limits
        self._stream = stream
        self._line = 1
        self._block = stream.read(_BLOCK)
        encoding, mark = detect_encoding(self._block[:4], file=file)
        if encoding != "utf-8":
            raise InputError("JSON is written in UTF-8", file=file, found=encoding.upper(), expected="UTF-8")
        self._block = self._block[mark:]

    def next_byte(self, expected: str) -> bytes:
        """The next byte that is not blank, left unread."""
        while True:
            rest = self._block.lstrip(_BLANKS)
            self.skip(len(self._block) - len(rest))
            if rest:
                return rest[:1]
            if not self._more():
                raise self.refuse("the file ends too early", "the end of the file", expected)

    def skip(self, count: int) -> None:
        """Forget the first bytes of the block."""
        self._line += self._block.count(b"\n", 0, count)
        self._block = self._block[count:]

    def key(self) -> str:
        """The key of the next member, and the colon behind it."""
        if self.next_byte("a key") != b'"':
            raise self.refuse(
                "a key is missing", self._block[:10].decode(errors="replace"), "a key in quotes"
            )
        end = self._string_end()
        key = parse_json(self._block[:end], file=self.file, place=self._place(), limits=self.limits)
        self.skip(end)
        if self.next_byte("':'") != b":":
            raise self.refuse("a colon is missing", self._block[:10].decode(errors="replace"), "':'")
        self.skip(1)
        return str(key)

    def single(self, key: str) -> Piece:
        """A member that is no list of records."""
        found = self._elements(key)
        end = found.ends[0]
        value = parse_json(
            self._block[:end], file=self.file, place=f"{self._place()}, key {key}", limits=self.limits
        )
        self.skip(end)
        return Piece(key, [value], 0, is_list=False)

    def list_pieces(self, key: str) -> Iterator[Piece]:
        """The records of a list whose bracket was just read, and the bracket at its end."""
        first = 0
        while True:
            found = self._elements(key)
            end = found.ends[-1]
            raw = self._block[:end]
            empty = found.closed and not first and len(found.ends) == 1 and not raw.strip(_BLANKS)
            records = [] if empty else self._records(raw, found, key, first)
            yield Piece(key, records, first, is_list=True)
            first += len(records)
            self.skip(end)
            if found.closed:
                break
            self.skip(1)
        if self._block[:1] != b"]":
            raise self.refuse("the list is closed with the wrong bracket", "'}'", "']'")
        self.skip(1)

    def finish(self) -> None:
        """Refuse anything but blanks behind the document."""
        while self._block or self._more():
            rest = self._block.lstrip(_BLANKS)
            if rest:
                raise self.refuse(
                    "something stands behind the document",
                    shown(rest[:20].decode(errors="replace")),
                    "its end",
                )
            self.skip(len(self._block))

    def refuse(self, message: str, found: str, expected: str) -> InputError:
        """A refusal at the present line."""
        return InputError(message, file=self.file, place=self._place(), found=found, expected=expected)

    def _place(self) -> str:
        return f"line {self._line}"

    def _elements(self, key: str) -> Records:
        """The elements that end in the block, read on until there is one."""
        while True:
            found = elements_of_list(self._block)
            if found.ends:
                return found
            if len(self._block) > self.limits.record_bytes:
                raise LimitError(
                    "the record is too large", file=self.file, place=f"{self._place()}, key {key}",
                    expected=f"at most {bytes_text(self.limits.record_bytes)} in one record",
                )  # fmt: skip
            if not self._more():
                raise self.refuse(
                    f"the file ends before {shown(key)} does", "the end of the file", "']' or '}'"
                )

    def _records(self, raw: bytes, found: Records, key: str, first: int) -> list[object]:
        count = len(found.ends)
        place = f"{self._place()}, {key or 'list'}[{first}] to [{first + count - 1}]"
        try:
            records = parse_json(
                b"[" + raw + b"]", file=self.file, place=place, limits=self.limits, keys=sum(found.keys)
            )
        except InputError:
            for number, (begin, end) in enumerate(zip(found.begins, found.ends, strict=True), start=first):
                one = f"{self._place()}, {key or 'list'}[{number}]"
                parse_json(raw[begin:end], file=self.file, place=one, limits=self.limits)
            raise
        if not isinstance(records, list) or len(records) != count:
            raise self.refuse("the brackets of a list are mixed up", shown(key), "a list of records")
        return records

    def _string_end(self) -> int:
        at = 1
        while True:
            quote = self._block.find(b'"', at)
            if quote < 0:
                if len(self._block) > self.limits.name_characters * 8 or not self._more():
                    raise self.refuse("a key does not end", self._block[:20].decode(errors="replace"), "'\"'")
                continue
            before = self._block[:quote]
            if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
                return quote + 1
            at = quote + 1

    def _more(self) -> bool:
        data = self._stream.read(max(_BLOCK, len(self._block)))
        self._block += data
        return bool(data)
