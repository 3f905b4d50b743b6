"""Figures and tables as plain text: aligned columns, numbers with their intervals, no control characters."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import orjson

_WIDEST = 48
_Json = Mapping[str, object]


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """Lines of a table whose first column stands two blanks in; columns in ``right`` are aligned at their end.

    >>> table(["class", "items"], [["a", "10"], ["bb", "9"]], right=[1])
    ['  class  items', '  a         10', '  bb         9']
    """
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(header))]
    return ["  " + "  ".join(_aligned(row, widths, right)).rstrip() for row in cells]


def _aligned(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> list[str]:
    last = len(row) - 1
    return [
        cell.rjust(width) if at in right else cell if at == last else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def printable(text: str) -> str:
    r"""A text from a file as a terminal may show it: one line, no control characters.

    >>> printable("spam\x1b[31m")
    'spam\\x1b[31m'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def name(text: str) -> str:
    """A class or person in a column: printable and not too long.

    >>> name("x" * 60)[-3:]
    'xx…'
    """
    seen = printable(text)
    return seen if len(seen) <= _WIDEST else seen[: _WIDEST - 1] + "…"


def path(text: str) -> str:
    """A file in a column: printable, and the end of it where it is long.

    >>> path("/data/" + "x" * 60 + "/labels.csv")[-14:]
    'xxx/labels.csv'
    """
    seen = printable(text)
    return seen if len(seen) <= _WIDEST else "…" + seen[1 - _WIDEST :]


def number(value: object, digits: int = 3) -> str:
    """A figure's value as people read it; a dash where there is none.

    >>> number(0.71249), number(None), number(-0.0001)
    ('0.712', '–', '0.000')
    """
    if not isinstance(value, int | float):
        return "–"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def interval(figure: _Json) -> str:
    """The interval of a figure.

    >>> interval({"low": 0.5, "high": 0.75})
    '0.500–0.750'
    """
    if figure.get("low") is None or figure.get("high") is None:
        return "–"
    low, high = number(figure["low"]), number(figure["high"])
    return f"{low} to {high}" if "-" in low + high else f"{low}–{high}"


def share(part: int, whole: int) -> str:
    """A share in percent, with a digit more where it is small.

    >>> share(1, 3), share(1, 400), share(0, 5)
    ('33.3%', '0.25%', '0.0%')
    """
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.2f}%" if 0 < percent < 1 else f"{percent:.1f}%"


def counted(number_of: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "item"), counted(1200, "item"), counted(2, "class", "classes")
    ('1 item', '1,200 items', '2 classes')
    """
    return f"{number_of:,} {one if number_of == 1 else many or one + 's'}"


def print_document(document: _Json) -> None:
    """One JSON document on stdout, as files of Assay hold it."""
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
