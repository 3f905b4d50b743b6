"""CSV and TSV in our own dialect: one delimiter, ``"`` doubled inside quotes, every row as wide as the first.

DuckDB reads the rows. Where it refuses, the same dialect is read again record by record, so that the refusal names
the line, what was found and what was expected; where only the line ends are mixed, a copy with one kind is read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb

from assay.annotation.connection import sql_path, sql_text
from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import open_regular
from assay.annotation.text_encoding import refuse_bytes

from .inputs import PlainFile
from .relation import Relation, counted

UNQUOTED = "unquoted"
_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_HEAD_BYTES = 1 << 16
_HEAD_RECORDS = 50
_LONG_LINE = 1 << 25


@dataclass(frozen=True)
class Dialect:
    """How the cells of a row are kept apart."""

    delimiter: str
    quoted: bool

    @property
    def name(self) -> str:
        """For people: ``tab, unquoted``."""
        return _NAMES[self.delimiter] + ("" if self.quoted else ", unquoted")


@dataclass(frozen=True)
class Delimited:
    """A delimited file whose dialect and first row are known."""

    file: PlainFile
    dialect: Dialect
    first_row: tuple[str, ...]
    limits: Limits

    @property
    def may_swallow_rows(self) -> bool:
        """Whether a quote in a text could have made one cell of several rows: tab-separated, with quotes in it."""
        return self.dialect == Dialect("\t", True) and self.file.has_quotes

    def relation(self, *, header: bool) -> Relation:
        """The rows as DuckDB reads them; the first row is skipped when it is the header."""
        return _relation(self, self.file.path, header=header)

    def verified(self, connection: duckdb.DuckDBPyConnection, *, header: bool, scratch: Path) -> Relation:
        """After DuckDB refused the file: raise our own refusal, or give a relation over an equal file it can read.

        Called only then, because it reads every record in Python.
        """
        copy = scratch / f"plain-{self.file.path.name}"
        with copy.open("x", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
            writer.writerows(cells for _, cells in self.records())
        plain = Delimited(self.file, Dialect(",", True), self.first_row, self.limits)
        relation = _relation(plain, copy, header=header, origin=self)
        try:
            connection.execute(f"SELECT count(*) FROM ({relation.sql})").fetchall()
        except duckdb.Error:
            raise InputError(
                "the rows cannot be told apart", file=self.file.name, found=self.dialect.name,
                expected="one kind of line end, and quotes only around whole cells",
            ) from None  # fmt: skip
        return relation

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record with its line; raises :class:`InputError` at the first that is not in the dialect."""
        width = len(self.first_row)
        with open_regular(self.file.path, limits=self.limits) as stream:
            for line, cells in _records(stream, self.dialect, self.file.name, self.limits):
                if len(cells) != width:
                    raise InputError(
                        "a row has another number of cells than the first row",
                        file=self.file.name, place=f"line {line}",
                        found=f"{len(cells)}: {shown(self.dialect.delimiter.join(cells))}",
                        expected=f"{width}, kept apart by {_NAMES[self.dialect.delimiter]}" + self._quote_hint(),
                    )  # fmt: skip
                yield line, cells

    def place(self, row: int, *, header: bool) -> str:
        """The line at which a row starts, rows counted from 1 after the header."""
        wanted = row + (1 if header else 0)
        for number, (line, _) in enumerate(self.records(), start=1):
            if number == wanted:
                return f"line {line}"
        return f"row {row}"

    def _quote_hint(self) -> str:
        if not (self.dialect.quoted and self.file.has_quotes):
            return ""
        return f'; if " is part of the texts, declare `profile: {UNQUOTED}` in delivery.yaml'


def open_delimited(file: PlainFile, *, profile: str | None, limits: Limits) -> Delimited:
    """Find the delimiter and the first row of a file. Raises :class:`InputError` when no delimiter fits."""
    if profile not in (None, UNQUOTED):
        raise InputError(
            "this profile is not known for a table",
            file=file.name,
            found=shown(str(profile)),
            expected=UNQUOTED,
        )
    quoted = profile is None
    head = _head(file, limits)
    candidates = ("\t",) if file.format == "tsv" else _DELIMITERS
    sampled = {mark: _sample(head, Dialect(mark, quoted), file.name, limits) for mark in candidates}
    fitting = [mark for mark, rows in sampled.items() if rows and len(rows[0]) > 1 and _even(rows)]
    likely = fitting or [mark for mark, rows in sampled.items() if rows and len(rows[0]) > 1]
    if not likely and not any(sampled.values()):
        raise InputError(
            "the file holds no rows", file=file.name, found="blank lines", expected="rows of labels"
        )
    mark = _best(likely, sampled) if likely else candidates[0]
    dialect = Dialect(mark, quoted)
    first = _first(file, dialect, limits)
    if len(first) > limits.columns:
        raise LimitError(
            "the table has too many columns",
            file=file.name,
            found=str(len(first)),
            expected=str(limits.columns),
        )
    return Delimited(file, dialect, tuple(first), limits)


def _best(marks: Sequence[str], sampled: dict[str, list[list[str]]]) -> str:
    return max(marks, key=lambda mark: (len(sampled[mark][0]), -_DELIMITERS.index(mark)))


def _even(rows: Sequence[Sequence[str]]) -> bool:
    return all(len(row) == len(rows[0]) for row in rows)


def _head(file: PlainFile, limits: Limits) -> bytes:
    with open_regular(file.path, limits=limits) as stream:
        head = stream.read(_HEAD_BYTES)
    cut = max(head.rfind(b"\n"), head.rfind(b"\r"))
    return head if len(head) < _HEAD_BYTES or cut < 0 else head[: cut + 1]


def _sample(head: bytes, dialect: Dialect, name: str, limits: Limits) -> list[list[str]]:
    rows: list[list[str]] = []
    text = head.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    try:
        for _, cells in _records(io.BytesIO(text.encode()), dialect, name, limits):
            rows.append(cells)
            if len(rows) == _HEAD_RECORDS:
                break
    except InputError:
        pass
    return rows


def _first(file: PlainFile, dialect: Dialect, limits: Limits) -> list[str]:
    with open_regular(file.path, limits=limits) as stream:
        head = stream.read(limits.line_characters)
    if b"\n" not in head and b"\r" in head.rstrip(b"\r"):
        raise InputError(
            "the lines end with a carriage return alone", file=file.name, place="line 1", found="CR",
            expected="LF, or CR and LF",
        )  # fmt: skip
    for _, cells in _records(io.BytesIO(head), dialect, file.name, limits):
        return cells
    raise InputError("the file holds no rows", file=file.name, found="blank lines", expected="rows of labels")


def _records(
    stream: BinaryIO, dialect: Dialect, name: str, limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(limits.field_characters)
    lines = _Lines(stream, name, limits)
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar='"',
        doublequote=True,
        strict=True,
        quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
    )
    while True:
        start = lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refusal(str(error), name, lines) from None
        if cells:
            yield start, cells


class _Lines:
    """The lines of a stream with their ends, cut at LF only, decoded strictly and counted."""

    def __init__(self, stream: BinaryIO, name: str, limits: Limits) -> None:
        self._stream = stream
        self._name = name
        self._limit = limits.line_characters
        self._offset = 0
        self.number = 0
        self.last = ""
        self.start = 1
        self.opening = ""

    def begin_record(self) -> int:
        """The line on which the next record starts."""
        self.start, self.opening = self.number + 1, ""
        return self.start

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(self._limit + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > self._limit:
            raise LimitError(
                "a line is too long", file=self._name, place=f"line {self.number}",
                found=f"more than {self._limit} bytes", expected="a line end",
            )  # fmt: skip
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise refuse_bytes(
                error, file=self._name, encoding="utf-8", line=self.number, offset=self._offset + error.start
            ) from None
        self._offset += len(line)
        self.last = text.removeprefix("\ufeff") if self.number == 1 else text
        self.opening = self.opening or self.last
        return self.last


def _refusal(error: str, name: str, lines: _Lines) -> InputError:
    """What the strict reader of records says, in our words."""
    hint = f'; if " is part of the texts, declare `profile: {UNQUOTED}` in delivery.yaml'
    opening, last = shown(lines.opening.strip("\r\n")), shown(lines.last.strip("\r\n"))
    if error.startswith("field larger"):
        return LimitError(
            "a cell is too long, or its quote is never closed", file=name, place=f"line {lines.start}",
            found=opening, expected='a closing "' + hint,
        )  # fmt: skip
    if error.startswith("unexpected end"):
        return InputError(
            "a quote is never closed", file=name, place=f"line {lines.start}", found=opening,
            expected='a closing "' + hint,
        )  # fmt: skip
    if "expected after" in error:
        return InputError(
            "text follows a closing quote", file=name, place=f"line {lines.number}", found=last,
            expected='quotes around the whole cell, and "" for a quote inside' + hint,
        )  # fmt: skip
    return InputError(
        "a carriage return inside a cell that is not quoted", file=name, place=f"line {lines.number}",
        found=last, expected="one kind of line end in the whole file",
    )  # fmt: skip


def _relation(table: Delimited, path: Path, *, header: bool, origin: Delimited | None = None) -> Relation:
    cells = tuple(f"c{at}" for at in range(len(table.first_row)))
    quote = sql_text('"' if table.dialect.quoted else "")
    options = {
        "auto_detect": "false",
        "all_varchar": "true",
        "header": str(header).lower(),
        "delim": sql_text(table.dialect.delimiter),
        "quote": quote,
        "escape": quote,
        "comment": sql_text(""),
        "compression": sql_text("none"),
        "encoding": sql_text("utf-8"),
        "strict_mode": "true",
        "columns": "{" + ", ".join(f"{sql_text(cell)}: 'VARCHAR'" for cell in cells) + "}",
    }
    if origin is not None:
        options |= {"max_line_size": str(_LONG_LINE), "buffer_size": str(4 * _LONG_LINE)}
    listed = ", ".join(f"{name} = {value}" for name, value in options.items())
    sql = f"SELECT * FROM read_csv({sql_path(path)}, {listed})"
    source = origin or table
    names = table.first_row if header else tuple(str(at + 1) for at in range(len(cells)))
    return Relation(
        sql=sql,
        numbered=counted(sql, cells),
        names=names,
        cells=cells,
        place=lambda row: source.place(row, header=header),
    )
