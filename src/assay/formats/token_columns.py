"""Lines of tokens with their tags in columns, a blank line between sentences: CoNLL and its relatives, without tags."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits
from assay.annotation.lines import text_lines
from assay.annotation.place import shown

from .tag_schemes import is_tag

_COMMENT = re.compile(r"#\s*([A-Za-z_][\w.]*)(?:\s+id)?\s*=\s*(.*)|#\s+(id)\s+(\S+)")
_BLANKS = re.compile(r"[ \t]+")
_DOCUMENT = "-DOCSTART-"
_SAMPLE = 1_000


class Sentence(NamedTuple):
    """The rows of one sentence: its number from 1, the line it begins on, its id and text where comments say them."""

    number: int
    line: int
    id: str | None
    text: str | None
    rows: list[list[str]]


@dataclass(frozen=True)
class TokenLayout:
    """Which column holds the tokens and which the tags, counted from 0, and why."""

    token: int
    tag: int
    width: int
    why: str
    other_tags: tuple[int, ...]
    spacing: int | None


def sentences(path: Path, name: str, limits: Limits) -> Iterator[Sentence]:
    """The sentences of a file. Raises :class:`InputError` for rows of different width."""
    number, begun = 0, 0
    rows: list[list[str]] = []
    comments: dict[str, str] = {}
    width, by_tab = 0, False
    for line, text in text_lines(path, file=name, limits=limits):
        if not text.strip(" \t"):
            if rows:
                number += 1
                yield Sentence(number, begun, comments.get("id"), comments.get("text"), rows)
                rows, comments = [], {}
            continue
        if not rows and text[0] == "#" and _is_comment(text) and (found := _COMMENT.fullmatch(text)):
            _keep(found, comments)
            continue
        if text.startswith(_DOCUMENT) and not rows and not comments:
            continue
        if not width:
            by_tab = "\t" in text
        row = text.split("\t") if by_tab else _BLANKS.split(text.strip(" \t"))
        if len(row) != width:
            if width and not (by_tab and _trailing(row, width)):
                raise _ragged(name, line, row, width)
            row, width = row[: width or None], width or len(row)
        begun = begun if rows else line
        rows.append(row)
    if rows:
        yield Sentence(number + 1, begun, comments.get("id"), comments.get("text"), rows)


def column_names(path: Path, name: str, limits: Limits) -> tuple[str, ...]:
    """The names that ``# global.columns = …`` gives, or none."""
    for _, text in itertools.islice(text_lines(path, file=name, limits=limits), 20):
        if text.startswith("# global.columns"):
            return tuple(part.lower() for part in text.partition("=")[2].split())
    return ()


def plan_tokens(
    sample: Sequence[Sentence],
    name: str,
    names: Sequence[str],
    declared: Mapping[str, str | int],
    *,
    plain: bool,
) -> TokenLayout:
    """Which columns to read: declared, or the last one that holds tags. ``plain`` takes tags without a prefix.

    Raises :class:`InputError` when no column holds tags, or the declared one is not there.
    """
    rows = list(itertools.islice((row for one in sample for row in one.rows), _SAMPLE))
    if not rows:
        raise InputError("there is no token in this file", file=name, expected="lines of token and tag")
    width = len(rows[0])
    found = [at for at in range(1, width) if all(is_tag(row[at].strip()) for row in rows)]
    token = (
        _located(declared["text"], names, width, name) if "text" in declared else _token_column(sample, names)
    )
    if "label" in declared:
        tag, why = _located(declared["label"], names, width, name), "declared"
    elif width - 1 in found:
        tag, why = width - 1, "the last column"
    elif len(found) == 1:
        tag, why = found[0], "the only column that holds tags"
    elif plain and width > 1:
        tag, why = width - 1, "the last column"
    else:
        raise _no_tags(name, sample[0].line, rows[0])
    spacing = names.index("misc") if "misc" in names and names.index("misc") < width else None
    return TokenLayout(token, tag, width, why, tuple(at for at in found if at != tag), spacing)


def is_token_columns(path: Path, name: str, limits: Limits) -> bool:
    """Whether a text file holds tokens with tags in columns: every row has the same width and one column of tags.

    One tag at least must name a class, as ``B-LOC`` does: a table of labels that are called O is none.
    """
    try:
        rows = [row for one in itertools.islice(sentences(path, name, limits), 50) for row in one.rows]
    except InputError:
        return False
    if not rows or len(rows[0]) < 2:
        return False
    columns = [[row[at].strip() for row in rows] for at in range(1, len(rows[0]))]
    return any(all(map(is_tag, cells)) and any(cell[1:2] == "-" for cell in cells) for cells in columns)


def _is_comment(line: str) -> bool:
    """Whether a line may be a comment: a token such as ``#a=b`` stands before a tab, without a blank behind the #."""
    return "\t" not in line or line[1:2] == " "


def _keep(found: re.Match[str], comments: dict[str, str]) -> None:
    key, value = (found[1], found[2]) if found[1] else (found[3], found[4])
    if key in ("sent_id", "id"):
        comments["id"] = value.strip()
    elif key == "text":
        comments["text"] = value


def _trailing(row: Sequence[str], width: int) -> bool:
    return len(row) > width and not any(cell.strip() for cell in row[width:])


def _token_column(sample: Sequence[Sentence], names: Sequence[str]) -> int:
    if "form" in names:
        return names.index("form")
    counted = all(
        [row[0] for row in one.rows] == [str(at) for at in range(1, len(one.rows) + 1)] for one in sample
    )
    return 1 if counted and len(sample[0].rows[0]) > 2 else 0


def _located(column: str | int, names: Sequence[str], width: int, name: str) -> int:
    text = str(column)
    if text.lower() in names:
        return names.index(text.lower())
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= width:
        return int(text) - 1
    raise InputError(
        "the declared column is not there",
        file=name,
        found=shown(text),
        expected=f"a number from 1 to {width}",
    )


def _ragged(name: str, line: int, row: Sequence[str], width: int) -> InputError:
    return InputError(
        "a line has another number of columns", file=name, place=f"line {line}",
        found=f"{len(row)} columns: {shown(' '.join(row))}", expected=f"{width} columns, as before",
    )  # fmt: skip


def _no_tags(name: str, line: int, row: Sequence[str]) -> InputError:
    return InputError(
        "no column holds tags", file=name, place=f"line {line}", found=shown(" ".join(row)),
        expected="O, or a prefix with a class as in B-LOC; for classes without a prefix `profile: io`",
    )  # fmt: skip
