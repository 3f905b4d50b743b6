"""Spans of text as located objects: exact and by overlap, with classes, nested, crossing or in several parts.

A span is one or more parts [start, end) in code points of its text. Its overlap with another is common code points over
the code points of either; spans are the same exactly when it is 1. Spans of one person may lie in each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .candidates import Candidates, Floats, Objects, Overlap
from .comparisons import spread
from .units import Ints

Part = tuple[int, int]


@dataclass(frozen=True)
class Spans:
    """Spans of many texts: ``objects`` (their enclosing boxes of height 1), and their parts laid end to end."""

    objects: Objects
    start: Ints
    end: Ints
    begin: Ints
    parts: Ints

    @staticmethod
    def whole(item: Ints, label: Ints, start: Ints, end: Ints) -> Spans:
        """Spans of one part each.

        >>> Spans.whole(*(np.array([n]) for n in (0, 0, 3, 7))).objects.box.tolist()
        [[3.0, 0.0, 4.0, 1.0]]
        """
        if (start < 0).any() or (end <= start).any():
            raise ValueError("a span starts at 0 or later and ends after its start")
        box = np.column_stack([start, np.zeros(len(start)), end - start, np.ones(len(start))]).astype(
            np.float64
        )
        one = np.ones(len(start), np.int64)
        return Spans(Objects(item, label, box), start, end, np.arange(len(start)), one)

    @staticmethod
    def of_parts(item: Ints, label: Ints, parts: Sequence[Sequence[Part]]) -> Spans:
        """Spans of one part or more. Parts that touch or overlap are joined."""
        joined = [_joined(some) for some in parts]
        count = np.array([len(some) for some in joined], np.int64)
        flat = np.array([part for some in joined for part in some], np.int64).reshape(-1, 2)
        begin = np.cumsum(count) - count
        first, last = flat[begin, 0], flat[begin + count - 1, 1]
        box = np.column_stack([first, np.zeros(len(first)), last - first, np.ones(len(first))])
        size = np.add.reduceat(flat[:, 1] - flat[:, 0], begin) if len(begin) else first
        detail = np.column_stack([size, count]).astype(np.float64)
        objects = Objects(item, label, box.astype(np.float64), detail)
        return Spans(objects, flat[:, 0], flat[:, 1], begin, count)

    @property
    def discontinuous(self) -> bool:
        """Whether any span has several parts."""
        return bool((self.parts > 1).any())

    @property
    def length(self) -> Ints:
        """Code points of each span."""
        if not len(self.begin):
            return np.zeros(0, np.int64)
        return np.asarray(np.add.reduceat(self.end - self.start, self.begin), np.int64)


def _joined(parts: Sequence[Part]) -> list[Part]:
    if not parts:
        raise ValueError("a span has at least one part")
    joined: list[Part] = []
    for start, end in sorted(parts):
        if start < 0 or end <= start:
            raise ValueError("a part of a span starts at 0 or later and ends after its start")
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def span_overlap(left: Spans, right: Spans) -> Overlap | None:
    """The overlap of two sides, for :func:`candidates`; None where all spans have one part and their boxes do."""
    if not (left.discontinuous or right.discontinuous):
        return None
    lengths = left.length, right.length

    def overlap(one: Ints, other: Ints) -> Floats:
        pair, mine, theirs = _part_pairs(left, right, one, other)
        common = np.minimum(left.end[mine], right.end[theirs]) - np.maximum(
            left.start[mine], right.start[theirs]
        )
        both = np.bincount(pair, weights=np.maximum(common, 0), minlength=len(one))
        return np.asarray(both / (lengths[0][one] + lengths[1][other] - both), np.float64)

    return overlap


def _part_pairs(left: Spans, right: Spans, one: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """Every part of the one with every part of the other, for many pairs of spans."""
    count = left.parts[one]
    pair = np.repeat(np.arange(len(one)), count)
    mine = spread(left.begin[one], count)
    again = right.parts[other][pair]
    return np.repeat(pair, again), np.repeat(mine, again), spread(right.begin[other][pair], again)


def exact_span_matches(left: Spans, right: Spans) -> Candidates:
    """Spans that both sides hold with the same text, parts and class; repeated spans match one to one.

    The same as matching within classes at an overlap of 1, without a sweep: the keys of both sides are joined.
    """
    if left.discontinuous or right.discontinuous:
        return _equal_rows(_keys(left, right))
    sides = [
        np.column_stack([s.objects.item, s.start, s.end, s.objects.label]).astype(np.int64)
        for s in (left, right)
    ]
    return _equal_rows((sides[0], sides[1]))


def _keys(left: Spans, right: Spans) -> tuple[Ints, Ints]:
    """Rows of item, class and a number for the list of parts."""
    number: dict[tuple[tuple[int, ...], ...], int] = {}
    rows = []
    for side in (left, right):
        codes = []
        for begin, count in zip(side.begin.tolist(), side.parts.tolist(), strict=True):
            ends = slice(begin, begin + count)
            key = tuple(side.start[ends].tolist()), tuple(side.end[ends].tolist())
            codes.append(number.setdefault(key, len(number)))
        rows.append(np.column_stack([side.objects.item, side.objects.label, np.array(codes, np.int64)]))
    return rows[0], rows[1]


def _equal_rows(rows: tuple[Ints, Ints]) -> Candidates:
    """One-to-one pairs of equal rows of two tables, in the order of the first."""
    left = len(rows[0])
    code = _row_codes(np.concatenate(rows))
    repeat = _repeats(code, left)
    width = int(repeat.max(initial=0)) + 1
    key = code * width + repeat
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(key[order][1:] == key[order][:-1])
    one, other = order[same], order[same + 1] - left
    sorting = np.argsort(one, kind="stable")
    return Candidates(one[sorting], other[sorting], np.ones(len(one)))


def _row_codes(rows: Ints) -> Ints:
    """Equal rows to equal numbers: rows packed into one number where they fit, else sorted."""
    if not len(rows):
        return np.zeros(0, np.int64)
    low, high = rows.min(axis=0), rows.max(axis=0)
    spans = [int(b) - int(a) + 1 for a, b in zip(low, high, strict=True)]
    room = 1
    for span in spans:
        room *= span
    if room < 1 << 40:
        code = np.zeros(len(rows), np.int64)
        for column, span in enumerate(spans):
            code = code * span + (rows[:, column] - low[column])
        return code
    return np.asarray(np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1), np.int64)


def _repeats(code: Ints, left: int) -> Ints:
    """The how-many-eth of its kind each row is, on each side."""
    side = (np.arange(len(code)) >= left).astype(np.int64)
    order = np.lexsort((side, code))
    fresh = np.ones(len(code), bool)
    fresh[1:] = (code[order][1:] != code[order][:-1]) | (side[order][1:] != side[order][:-1])
    start = np.maximum.accumulate(np.where(fresh, np.arange(len(code)), 0)) if len(code) else order
    repeat = np.empty(len(code), np.int64)
    repeat[order] = np.arange(len(code)) - start
    return repeat
