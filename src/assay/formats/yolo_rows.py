"""The rows of YOLO label files: numbers first, then what their count means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from assay.annotation.errors import InputError
from assay.annotation.place import shown

from .yolo_layout import Classes

Task = Literal["detect", "segment", "pose", "obb"]

TASKS: tuple[Task, ...] = ("detect", "segment", "pose", "obb")
_OBB = 9
_BOX = 5
_FEWEST = 7


def rows_of(data: bytes, *, file: str) -> list[list[float]]:
    """The numbers of every row that is not blank. Raises :class:`InputError` for a word that is no finite number."""
    if b"_" in data or not data.isascii():
        raise InputError(
            "a row holds something else than numbers", file=file, expected="class and coordinates"
        )
    lines = data.split(b"\n")
    try:
        rows = [list(map(float, words)) for line in lines if (words := line.split())]
    except ValueError:
        for number, line in enumerate(lines, start=1):
            _refuse_words(line.split(), file, number)
        raise
    if b"n" in data or b"N" in data:  # nan, inf
        for number, line in enumerate(lines, start=1):
            _refuse_words(line.split(), file, number)
    return rows


def _refuse_words(words: Iterable[bytes], file: str, number: int) -> None:
    for word in words:
        try:
            fine = abs(float(word)) < float("inf")
        except ValueError:
            fine = False
        if not fine:
            raise InputError(
                "this is no number", file=file, place=f"line {number}",
                found=shown(word.decode(errors="replace")), expected="class and coordinates",
            )  # fmt: skip


@dataclass(frozen=True)
class TaskFound:
    """What the rows are: of which task, with a value behind the coordinates or not, and whether that was a guess."""

    task: Task
    is_guess: bool = False


def task_of(lengths: Sequence[int], classes: Classes, profile: frozenset[str]) -> TaskFound:
    """The task of rows of these lengths: declared, else by ``kpt_shape``, else by the lengths themselves.

    Nine numbers in every row may be the corners of rotated boxes or outlines of four points; rotated boxes are the
    guess, for outlines of four points alone are rare.
    """
    declared = [task for task in TASKS if task in profile]
    if declared:
        return TaskFound(declared[0])
    if classes.points:
        return TaskFound("pose")
    found = set(lengths)
    if found == {_OBB}:
        return TaskFound("obb", is_guess=True)
    return TaskFound("segment" if any(one >= _FEWEST for one in found) else "detect")


def coordinates_of(task: Task, length: int, classes: Classes) -> tuple[int, bool] | None:
    """How many coordinates a row of this length has and whether a value follows them; None for no row of this task."""
    allowed = {"detect": _BOX, "obb": _OBB, "pose": _BOX + classes.points * classes.values}
    if task == "segment":
        if length in (_BOX, _BOX + 1):
            return 4, length == _BOX + 1
        return (length - 1, False) if length >= _FEWEST and length % 2 == 1 else None
    whole = allowed[task]
    return (whole - 1, length == whole + 1) if length in (whole, whole + 1) else None
