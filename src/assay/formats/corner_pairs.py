"""Boxes written as corner pairs in a cell: ``[([x1, y1], [x2, y2]), …]``, as crowd platforms and notebooks print them.

The text is matched by a pattern of our own and never run. A table holds such a text in its column of labels; a JSON
mapping of items holds a list of pairs for each, which nobody in particular gave.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from assay.annotation.archives import open_stream
from assay.annotation.errors import InputError, LimitError
from assay.annotation.json_members import json_members
from assay.annotation.layers import ItemState
from assay.annotation.limits import Limits
from assay.annotation.place import shown

from .columns import plan_columns
from .delimited import open_delimited
from .inputs import PlainFile
from .located_rows import LocatedRows, Notes, ObjectRow, Work, work_state
from .shapes import Told, box

PROFILE = "corner-pairs"

_NUMBER = r"\s*(-?[0-9]{1,9}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,2})?)\s*"
_POINT = rf"\s*\[{_NUMBER},{_NUMBER}\]\s*"
_PAIR = re.compile(rf"\s*(?:\({_POINT},{_POINT}\)|\[{_POINT},{_POINT}\])\s*")
_EXPECTED = "[([x1, y1], [x2, y2]), …]"
_MOST_OBJECTS = 100_000

Corners = tuple[float, float, float, float]


def corner_pairs(text: str) -> list[Corners]:
    """The corners x1, y1, x2, y2 of every box. Raises :class:`InputError` for a text that is no such list.

    >>> corner_pairs("[([1, 2], [3.5, 4]), ([0, 0], [1e1, 1])]")
    [(1.0, 2.0, 3.5, 4.0), (0.0, 0.0, 10.0, 1.0)]
    """
    inner = text.strip()
    if not (inner.startswith("[") and inner.endswith("]")):
        raise _no_pairs(inner)
    if not inner[1:-1].strip():
        return []
    corners = []
    at, end = 1, len(inner) - 1
    while True:
        found = _PAIR.match(inner, at, end)
        if found is None or (found.end() != end and inner[found.end()] != ","):
            raise _no_pairs(inner[at:])
        corners.append(_numbers(found))
        if len(corners) > _MOST_OBJECTS:
            raise LimitError("there are too many boxes in one cell", expected=f"at most {_MOST_OBJECTS:,}")
        if found.end() == end:
            return corners
        at = found.end() + 1


def one_pair(text: str) -> Corners:
    """The corners of one box. Raises :class:`InputError`."""
    found = _PAIR.fullmatch(text)
    if found is None:
        raise _no_pairs(text)
    return _numbers(found)


def corner_rows(
    file: PlainFile,
    notes: Notes,
    *,
    profile: frozenset[str],
    columns: Mapping[str, str | int] | None,
    limits: Limits,
) -> LocatedRows:
    """The rows of a table, or the items of a mapping. Raises :class:`InputError` with the place of a broken cell."""
    unknown = sorted(word for word in profile if word != PROFILE and not word.startswith("class="))
    if unknown:
        raise InputError(
            "this profile of corner pairs is not known", file=file.name, place="key profile",
            found=", ".join(unknown), expected=f"{PROFILE} and class=NAME",
        )  # fmt: skip
    named = sorted(word.removeprefix("class=") for word in profile if word.startswith("class="))
    told = Told(named[0] if named else "object")
    if file.format in ("json", "jsonl"):
        return _mapping(file, told, limits)
    return _table(file, told, columns, limits)


def is_corner_mapping(path: Path, name: str, limits: Limits) -> bool:
    """Whether a JSON file maps items to lists of corner pairs, as its first item tells."""
    with open_stream(path, limits=limits) as stream:
        first = next(json_members(stream, file=name, limits=limits), None)
    return first is not None and first.key != "" and first.is_list and bool(first.records) and all(
        isinstance(one, str) and _PAIR.fullmatch(one) for one in first.records
    )  # fmt: skip


def _table(
    file: PlainFile, told: Told, columns: Mapping[str, str | int] | None, limits: Limits
) -> LocatedRows:
    table = open_delimited(file, profile=None, limits=limits)
    plan = plan_columns(
        table.first_row,
        subject="delivery",
        declared=columns,
        header=None,
        required=("item", "label"),
        file=file.name,
    )
    item_at, label_at, person_at = (plan.position(role) for role in ("item", "label", "annotator"))
    if item_at is None or label_at is None:
        raise AssertionError("plan_columns found what it requires")
    for number, (line, cells) in enumerate(table.records()):
        if not number and plan.header:
            continue
        item, text = cells[item_at], cells[label_at]
        if not item:
            raise InputError(
                "a row names no item",
                file=file.name,
                place=f"line {line}",
                found="nothing",
                expected="its id",
            )
        person = cells[person_at] or None if person_at is not None else None
        if not text.strip():
            yield Work(item, person, None, ItemState.NOT_ANNOTATED, (), line)
            continue
        try:
            objects = [_box(told, corners) for corners in corner_pairs(text)]
        except InputError as error:
            raise _placed(error, file.name, f"line {line}") from None
        yield Work(item, person, None, work_state(objects), objects, line)


def _mapping(file: PlainFile, told: Told, limits: Limits) -> LocatedRows:
    work: dict[str, list[ObjectRow]] = {}
    with file.path.open("rb") as stream:
        for piece in json_members(stream, file=file.name, limits=limits):
            objects = work.setdefault(piece.key, [])
            try:
                for one in piece.records:
                    if not isinstance(one, str) or not piece.is_list:
                        raise _no_pairs(str(one))
                    objects.append(_box(told, one_pair(one)))
            except InputError as error:
                raise _placed(error, file.name, f"key {shown(piece.key)}") from None
    for number, (item, objects) in enumerate(work.items(), start=1):
        yield Work(item, None, None, work_state(objects), objects, number)


def _box(told: Told, corners: Corners) -> ObjectRow:
    left, top, right, bottom = corners
    return box(told, left, top, right - left, bottom - top)


def _numbers(found: re.Match[str]) -> Corners:
    groups = found.groups()
    x1, y1, x2, y2 = (float(one) for one in (groups[:4] if groups[0] is not None else groups[4:]))
    return x1, y1, x2, y2


def _no_pairs(text: str) -> InputError:
    return InputError("this is no list of corner pairs", found=shown(text), expected=_EXPECTED)


def _placed(error: InputError, file: str, place: str) -> InputError:
    return type(error)(error.message, file=file, place=place, found=error.found, expected=error.expected)
