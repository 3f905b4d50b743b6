"""The one reader of JSON: a document as a whole, or a stream record by record in flat memory.

Refused: keys given twice, NaN and Infinity, numbers that would change, lone surrogates, NUL characters, more levels
than the limit, bytes that are not UTF-8. A refusal names file, record, line, and key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

import numpy as np
import orjson

from .errors import InputError, LimitError
from .json_refusals import Origin, explain, syntax_error
from .json_structure import Records, count_keys, elements_of_list, lines
from .limits import DEFAULT_LIMITS, MIB, Limits, bytes_text
from .place import shown
from .regular_file import read_whole
from .text_encoding import detect_encoding

_BLANKS = b" \t\r\n"
_LARGE = 2.0**63
_BLOCK = 1 * MIB


def load_json(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> object:
    """The document in a file. Raises :class:`InputError` or :class:`LimitError`."""
    data = read_whole(path, at_most=limits.json_bytes, what="a JSON document", limits=limits)
    return parse_json(data, file=os.fspath(path), limits=limits)


def parse_json(
    data: bytes, *, file: str, place: str = "", limits: Limits = DEFAULT_LIMITS, keys: int | None = None
) -> object:
    """The document that ``data`` writes; ``file`` and ``place`` name it in refusals.

    ``keys`` is how many keys stand in it, where that was counted before.
    """
    if len(data) > limits.json_bytes:
        allowed = f"at most {bytes_text(limits.json_bytes)}"
        raise LimitError(
            "this is too large for a JSON document", file=file, place=place or None, expected=allowed
        )
    mark = _byte_order_mark(data, file)
    origin = Origin(file, limits, place, byte=mark)
    text = data[mark:] if mark else data
    if not text.strip(_BLANKS):
        raise InputError(
            "there is nothing to read", file=file, place=place or None, found="an empty file",
            expected="a JSON document",
        )  # fmt: skip
    return _parse(text, origin, keys=keys)


def json_records(
    stream: BinaryIO, *, file: str, limits: Limits = DEFAULT_LIMITS
) -> Iterator[tuple[int, object]]:
    """The records of a list or of JSON lines, each with its number from 1; a single object is one record.

    Memory does not grow with the stream. Records before a broken one have been handed out when it is refused.
    """
    head = _first(stream, limits, file)
    mark = _byte_order_mark(head, file)
    begin = next((place for place in range(mark, len(head)) if head[place] not in _BLANKS), len(head))
    if begin == len(head):
        raise InputError(
            "there is nothing to read",
            file=file,
            found="an empty file",
            expected="a list of records or JSON lines",
        )
    reader = _BlockReader(stream, head, begin, file, limits)
    if head[begin : begin + 1] == b"[":
        reader.skip(1)
        return _list_records(reader)
    return _line_records(reader)


def _first(stream: BinaryIO, limits: Limits, file: str) -> bytes:
    """The first bytes of the stream, with something in them besides blanks unless the stream has nothing."""
    head = b""
    while not head.strip(_BLANKS + b"\xef\xbb\xbf"):
        more = stream.read(_BLOCK)
        if not more:
            break
        head += more
        if len(head) > limits.record_bytes + _BLOCK:
            raise LimitError("there are too many blanks before the first record", file=file)
    return head


class _BlockReader:
    """The unread part of a stream, and how much was read before it."""

    def __init__(self, stream: BinaryIO, head: bytes, begin: int, file: str, limits: Limits) -> None:
        self.file, self.limits = file, limits
        self.block = head[begin:]
        self._stream = stream
        self._byte = begin
        self._line = 1 + head.count(b"\n", 0, begin)
        self.ended = False
        self.record = 0
        self.longer = False

    def skip(self, count: int) -> None:
        """Forget the first ``count`` bytes of the block."""
        self._byte += count
        self._line += self.block.count(b"\n", 0, count)
        self.block = self.block[count:]

    def more(self) -> None:
        """Read further: twice as much as is held, so that a long record is not looked at again and again."""
        if len(self.block) > self.limits.record_bytes:
            raise LimitError(
                "the record is too large",
                file=self.file,
                place=self.origin(0, number=self.record + 1).at(1),
                expected=f"at most {bytes_text(self.limits.record_bytes)} in one record",
            )
        data = self._stream.read(max(_BLOCK, len(self.block)))
        self.ended = not data
        self.block += data

    def parsed(self, found: Records) -> Iterator[tuple[int, object]]:
        """The records found in the block; blank lines between them are none. A first line that is the beginning of
        something longer ends the block early, and is left for :func:`_whole`.
        """
        block, depth = self.block, self.limits.json_depth
        plain = b"\\u0000" not in block
        for begin, end, keys in zip(found.begins, found.ends, found.keys, strict=False):
            raw = block[begin:end]
            value = _undoubted(raw, keys, depth) if plain else _DOUBTFUL
            if value is _DOUBTFUL:
                if found.of_lines and _blank(raw):
                    continue
                if found.of_lines and not self.record and _unfinished(raw):
                    self.longer = True
                    return
                self.record += 1
                yield self.record, _parse(raw, self.origin(begin), keys=keys)
            else:
                self.record += 1
                yield self.record, value

    def origin(self, begin: int, *, number: int | None = None) -> Origin:
        """What refusals of a record say that begins at ``begin`` of the block."""
        place = f"record {self.record if number is None else number}"
        return Origin(self.file, self.limits, place, self.line_at(begin), self._byte + begin)

    def line_at(self, begin: int) -> int:
        """The line of a byte of the block."""
        return self._line + self.block.count(b"\n", 0, begin)


def _list_records(reader: _BlockReader) -> Iterator[tuple[int, object]]:
    while True:
        found = elements_of_list(reader.block)
        if (
            found.closed
            and not reader.record
            and len(found.ends) == 1
            and _blank(reader.block[: found.ends[0]])
        ):
            found = Records([], found.ends, [], closed=True)  # an empty list
        yield from reader.parsed(found)
        if found.closed:
            reader.skip(found.ends[-1])
            return _check_end(reader)
        if found.ends:
            reader.skip(found.ends[-1] + 1)
        reader.more()
        if reader.ended:
            raise _cut_off(reader)


def _check_end(reader: _BlockReader) -> None:
    """Refuse a list that does not end with its bracket, and anything but blanks behind it."""
    if reader.block[:1] != b"]":
        place = f"line {reader.line_at(0)}"
        raise InputError(
            "the list is closed with the wrong bracket",
            file=reader.file,
            place=place,
            found="'}'",
            expected="']'",
        )
    reader.skip(1)
    while not reader.ended:
        rest = reader.block.lstrip(_BLANKS)
        if rest:
            place = f"line {reader.line_at(len(reader.block) - len(rest))}"
            found = shown(rest[:20].decode(errors="replace"))
            expected = "one list, or one record on each line that is no list"
            raise InputError(
                "something stands behind the list",
                file=reader.file,
                place=place,
                found=found,
                expected=expected,
            )
        reader.skip(len(reader.block))
        reader.more()


def _line_records(reader: _BlockReader) -> Iterator[tuple[int, object]]:
    while True:
        found = lines(reader.block)
        yield from reader.parsed(found)
        if reader.longer:
            yield 1, _whole(reader)
            return
        if found.ends:
            reader.skip(found.ends[-1] + 1)
        reader.more()
        if reader.ended:
            break
    if not _blank(reader.block):
        reader.record += 1
        yield reader.record, _parse(reader.block, reader.origin(0), keys=None)


def _whole(reader: _BlockReader) -> object:
    """One object written over several lines."""
    while not reader.ended:
        reader.more()
    reader.record = 1
    return _parse(reader.block, reader.origin(0), keys=None)


def _cut_off(reader: _BlockReader) -> InputError:
    """The refusal of a list whose end is missing; a record that is broken by itself is refused for that."""
    origin = reader.origin(0, number=reader.record + 1)
    if not _blank(reader.block) and not _unfinished(reader.block):
        try:
            _parse(reader.block, origin, keys=None)
        except InputError as error:
            return error
    place = origin.at(1 + reader.block.count(b"\n"))
    return InputError(
        "the file ends before the list does",
        file=reader.file,
        place=place,
        found="the end of the file",
        expected="']'",
    )


def _blank(raw: bytes) -> bool:
    return not raw.strip(_BLANKS)


def _unfinished(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return error.msg.startswith("unexpected end") or "unclosed string" in error.msg
    return False


_DOUBTFUL = object()
_SIMPLE = frozenset({str, int, bool, type(None)})
_NUMBERS = frozenset({int, float, bool})
_MANY = 64


def _undoubted(raw: bytes, keys: int, depth: int) -> object:
    """The value when nothing about it is doubtful, else the mark for it; ``keys`` stand in the bytes."""
    try:
        value: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _DOUBTFUL
    if type(value) is dict and len(value) == keys:
        for one in value.values():
            if type(one) not in _SIMPLE:
                break
        else:
            return value  # a flat record, as in a label table, is most of what is read
    return value if _kept_keys(value, depth) == keys else _DOUBTFUL


def _parse(raw: bytes, origin: Origin, *, keys: int | None) -> object:
    try:
        value: object = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise syntax_error(raw, error, origin) from None
    if keys is None:
        keys = count_keys(raw)
    if _kept_keys(value, origin.limits.json_depth) != keys or b"\\u0000" in raw:
        explain(raw, origin)
    return value


def _kept_keys(value: object, depth: int) -> int:
    """How many keys the value holds: fewer than were written when one was given twice. -1 when it is too deep or
    holds a number so large that it may be a whole number that lost its last digits.
    """
    count = 0
    groups: list[list[object]] = [[value]]
    while groups:
        below: list[list[object]] = []
        for group in groups:
            kinds = set(map(type, group))
            if float in kinds and not _are_small(group, kinds):
                return -1
            if dict in kinds or list in kinds:
                keys, inner = _opened(group, kinds)
                count += keys
                below += inner
        depth -= bool(below)
        if depth < 0:
            return -1
        groups = below
    return count


def _are_small(values: list[object], kinds: set[type]) -> bool:
    """Whether no fraction among the values is so large that it may be a whole number without its last digits."""
    if kinds <= _NUMBERS:
        numbers = np.fromiter(values, np.float64, len(values))
        if max(-numbers.min(), numbers.max()) < _LARGE:
            return True
    return all(-_LARGE < one < _LARGE for one in values if type(one) is float)


def _opened(group: list[object], kinds: set[type]) -> tuple[int, list[list[object]]]:
    """How many keys stand in the objects of a group, and the values in its objects and lists, in groups."""
    if kinds == {list}:
        return 0, [list(chain.from_iterable(group))]  # type: ignore[arg-type]  # lists, just looked at
    records: list[dict[str, object]] = [one for one in group if type(one) is dict]
    if kinds == {dict} and (columns := _columns(records)):
        return len(records) * len(columns), columns
    lists: list[list[object]] = [one for one in group if type(one) is list]
    inner = [*chain.from_iterable(map(dict.values, records)), *chain.from_iterable(lists)]
    return sum(map(len, records)), [inner]


def _columns(records: list[dict[str, object]]) -> list[list[object]] | None:
    """The values of many objects key by key: values of one kind are looked at quickly. None where keys differ."""
    keys = records[0].keys()
    if len(records) < _MANY or set(map(len, records)) != {len(keys)}:
        return None
    try:
        return [list(map(itemgetter(key), records)) for key in keys]
    except KeyError:
        return None


def _byte_order_mark(data: bytes, file: str) -> int:
    encoding, mark = detect_encoding(data[:4], file=file)
    if encoding != "utf-8":
        raise InputError("JSON is written in UTF-8", file=file, found=encoding[:6].upper(), expected="UTF-8")
    return mark
