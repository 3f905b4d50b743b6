"""Where the records of a JSON stream end, found for a whole block of bytes at once.

A block is looked at without recursion: the quotes that are not escaped say which marks stand outside of strings, and a
running sum over the brackets says how deep each of them is. Whether a record is valid JSON is left to the parser; a
broken record can only mislead what comes after it, and nothing after it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

_Bytes = npt.NDArray[np.uint8]
_Positions = npt.NDArray[np.int64]

_QUOTE, _BACKSLASH, _COMMA, _COLON, _NEWLINE = (ord(character) for character in '"\\,:\n')
_BLOCK = 1 << 20
_STEP = np.zeros(256, np.int8)
_STEP[[ord("{"), ord("[")]] = 1
_STEP[[ord("}"), ord("]")]] = -1
_BLANKS = b" \t\r\n"
_BLANK = np.zeros(256, np.bool_)
_BLANK[list(_BLANKS)] = True
_WIDEST_GAP = 200
"""Blanks between two records that are looked at step by step; files with more of them are read the slower way."""


def _table(characters: str) -> bytes:
    """What ``bytes.translate`` needs to write 1 for each of some characters and 0 for all others."""
    return bytes(chr(code) in characters for code in range(256))


_ALL = _table('"{}[],:\n')
_NESTING = _table('"{}[]:')


@dataclass(frozen=True)
class Records:
    """The records that end in a block: where each begins and ends, and how many keys stand in it."""

    begins: list[int]
    ends: list[int]
    keys: list[int]
    #: whether the list that holds the records ends in this block, at ``ends[-1]``
    closed: bool = False
    #: whether the records are lines, of which some may be blank
    of_lines: bool = False


def elements_of_list(block: bytes) -> Records:
    """The complete elements of a list; ``block`` begins just behind the opening bracket or a comma of the list."""
    return _containers(block) or _elements(block)


def _containers(block: bytes) -> Records | None:
    """The elements where each is an object or a list, None where one is not: long lists of numbers hold many commas,
    and none of them has to be looked at.
    """
    positions, marks = _outside_strings(block, table=_NESTING)
    steps = _STEP[marks]
    depth = np.cumsum(steps, dtype=np.int64)
    closing = np.flatnonzero(depth < 0)
    closed = bool(closing.size)
    last = int(closing[0]) if closed else marks.size
    outer = np.flatnonzero((depth[:last] == 0) & (steps[:last] < 0))
    begins = positions[np.flatnonzero((depth[:last] == 1) & (steps[:last] > 0))]
    ends = positions[outer]
    if not ends.size or block[: begins[0]].strip(_BLANKS):
        return None
    between = _commas_between(block, ends, begins)
    if between is None:
        return None
    commas = between.tolist()
    until = int(positions[last]) if closed else len(block)
    if closed:
        commas.append(until)
    if begins.size == ends.size:
        rest = block[int(ends[-1]) + 1 : until].strip(_BLANKS)
        if rest not in ((b"",) if closed else (b"", b",")):
            return None
        if rest:
            commas.append(block.index(b",", int(ends[-1])))
    colons = np.cumsum(marks == _COLON, dtype=np.int64)[outer[: len(commas)]]
    starts = [0, *(comma + 1 for comma in commas[:-1])][: len(commas)]
    return Records(starts, commas, np.diff(colons, prepend=0).tolist(), closed)


def _commas_between(block: bytes, ends: _Positions, begins: _Positions) -> _Positions | None:
    """Where the commas behind elements stand; None where anything but one comma and blanks is between two of them."""
    ends = ends[: begins.size - 1]
    gap = begins[1 : ends.size + 1] - ends - 1
    if not gap.size:
        return ends
    if gap.min() < 1 or gap.max() > _WIDEST_GAP:
        return None
    data: _Bytes = np.frombuffer(block, np.uint8)
    commas = np.zeros(ends.size, np.int64)
    for step in range(1, int(gap.max()) + 1):
        inside = np.flatnonzero(gap >= step)
        found = data[ends[inside] + step]
        is_comma = found == _COMMA
        if not (is_comma | _BLANK[found]).all() or commas[inside[is_comma]].any():
            return None
        commas[inside[is_comma]] = step
    return ends + commas if commas.all() else None


def _elements(block: bytes) -> Records:
    """The elements, whatever they are: they end at the commas of the list."""
    positions, marks = _outside_strings(block, table=_ALL)
    depth = np.cumsum(_STEP[marks], dtype=np.int64)
    closing = np.flatnonzero(depth < 0)
    closed = bool(closing.size)
    last = int(closing[0]) if closed else marks.size
    at = np.flatnonzero((marks[:last] == _COMMA) & (depth[:last] == 0))
    if closed:
        at = np.append(at, last)
    return _records(positions, marks, at, closed=closed)


def lines(block: bytes) -> Records:
    """The complete lines of a block of JSON lines."""
    positions, marks = _outside_strings(block, table=_ALL, newlines_end_strings=True)
    return replace(_records(positions, marks, np.flatnonzero(marks == _NEWLINE), closed=False), of_lines=True)


def count_keys(document: bytes) -> int:
    """How many keys stand in a whole document, counted block by block."""
    count, begin, inside = 0, 0, False
    while begin < len(document):
        end = min(begin + _BLOCK, len(document))
        while end < len(document) and document[end - 1] == _BACKSLASH:
            end += 1
        block = document[begin:end]
        _, marks, quotes = _marks(block, _NESTING)
        outside = (np.cumsum(quotes) & 1) == inside
        count += int(np.count_nonzero(outside & (marks == _COLON)))
        inside ^= bool(np.count_nonzero(quotes) & 1)
        begin = end
    return count


def _records(positions: _Positions, marks: _Bytes, at: _Positions, *, closed: bool) -> Records:
    ends = positions[at]
    begins = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))[: ends.size]
    colons = np.cumsum(marks == _COLON, dtype=np.int64)[at]
    return Records(begins.tolist(), ends.tolist(), np.diff(colons, prepend=0).tolist(), closed)


def _outside_strings(
    block: bytes, *, table: bytes, newlines_end_strings: bool = False
) -> tuple[_Positions, _Bytes]:
    positions, marks, quotes = _marks(block, table)
    outside = (np.cumsum(quotes) & 1) == 0
    # A line break inside a string is never valid, so in JSON lines it ends the line whatever the quotes say.
    keep = (marks == _NEWLINE) | outside if newlines_end_strings else outside
    keep &= marks != _QUOTE
    return positions[keep], marks[keep]


def _marks(block: bytes, table: bytes) -> tuple[_Positions, _Bytes, npt.NDArray[np.bool_]]:
    """Where the marks of JSON stand, which they are, and which of them are quotes that begin or end a string."""
    data: _Bytes = np.frombuffer(block, np.uint8)
    positions = np.flatnonzero(np.frombuffer(block.translate(table), np.bool_))
    marks = data[positions]
    quotes = marks == _QUOTE
    if b"\\" in block:
        quotes[_escaped(data, positions, quotes)] = False
    return positions, marks, quotes


def _escaped(data: _Bytes, positions: _Positions, quotes: npt.NDArray[np.bool_]) -> _Positions:
    """The indexes of quotes behind an odd number of backslashes."""
    backslashes = np.flatnonzero(data == _BACKSLASH)
    breaks = np.flatnonzero(np.diff(backslashes, prepend=-2) != 1)
    run_begins = backslashes[np.repeat(breaks, np.diff(breaks, append=backslashes.size))]
    candidates = np.flatnonzero(quotes)
    before = np.searchsorted(backslashes, positions[candidates]) - 1
    candidates, before = candidates[before >= 0], before[before >= 0]
    touching = backslashes[before] == positions[candidates] - 1
    candidates, before = candidates[touching], before[touching]
    odd = (positions[candidates] - run_begins[before]) % 2 == 1
    escaped: _Positions = candidates[odd]
    return escaped
