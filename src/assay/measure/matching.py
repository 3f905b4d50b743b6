"""Pair matching: which object of one side is which of the other, first within classes, then across them.

1. Pairs below the threshold are dropped.
2. Within each class the sum of overlaps is maximised. Equal sums: the smallest list of object positions. F1 and
   ``pairwise_f1`` count these matches only.
3. What is left is matched in the same way regardless of class: these matches name the confusions.

An object's position is its place in the order of x, y, width, height, class and detail, over both sides: no order of
rows and no name of a person enters, so neither changes a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .assignment import Order, best_choice
from .candidates import Candidates, Floats, Objects, fixed, fixed_threshold
from .units import Ints


@dataclass(frozen=True)
class Matches:
    """Matched objects by index on both sides, sorted by the left one."""

    left: Ints
    right: Ints
    overlap: Floats
    same_class: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.left)

    def of_class(self) -> Candidates:
        """The matches of one class, which F1 counts."""
        kept = self.same_class
        return Candidates(self.left[kept], self.right[kept], self.overlap[kept])


def match(left: Objects, right: Objects, candidates: Candidates, threshold: float = 0.5) -> Matches:
    """Both stages of pair matching of many items at once."""
    near = candidates.reaching(threshold)
    same = left.label[near.left] == right.label[near.right]
    of_class = _chosen(left, right, near.take(same))
    free_left, free_right = np.ones(len(left), bool), np.ones(len(right), bool)
    free_left[of_class.left] = False
    free_right[of_class.right] = False
    rest = near.take(~same)
    across = _chosen(left, right, rest.take(free_left[rest.left] & free_right[rest.right]))
    both = [np.concatenate(part) for part in zip(_parts(of_class), _parts(across), strict=True)]
    order = np.argsort(both[0], kind="stable")
    same_class = order < len(of_class)
    return Matches(both[0][order], both[1][order], both[2][order], same_class)


def class_matches(
    left: Objects, right: Objects, candidates: Candidates, thresholds: Sequence[float]
) -> tuple[Candidates, ...]:
    """The matches within classes at each of several thresholds; each is the best choice of its own.

    Pairs that compete with no other at the lowest threshold compete with none above it, so they are settled once.
    """
    if not thresholds:
        return ()
    near = candidates.reaching(min(thresholds))
    near = near.take(left.label[near.left] == right.label[near.right])
    alone = (np.bincount(near.left, minlength=1)[near.left] == 1) & (
        np.bincount(near.right, minlength=1)[near.right] == 1
    )
    settled, open_ = near.take(alone), near.take(~alone)
    found = []
    for threshold in thresholds:
        sure, chosen = settled.reaching(threshold), _chosen(left, right, open_.reaching(threshold))
        joined = (np.concatenate(part) for part in zip(_parts(sure), _parts(chosen), strict=True))
        found.append(Candidates(*joined))
    return tuple(found)


def _parts(found: Candidates) -> tuple[Ints, Ints, Floats]:
    return found.left, found.right, found.overlap


def _chosen(left: Objects, right: Objects, near: Candidates) -> Candidates:
    order = _by_position(left, right, near)
    return near.take(best_choice(near.left, near.right, fixed(near.overlap), order))


def _by_position(left: Objects, right: Objects, near: Candidates) -> Order:
    """Ranks of pairs by the positions of their objects, the earlier object first, whichever side it is on."""

    def ranks(pairs: Ints) -> Ints:
        one, one_at = np.unique(near.left[pairs], return_inverse=True)
        other, other_at = np.unique(near.right[pairs], return_inverse=True)
        place = positions(left.take(one), right.take(other))
        first, second = place[one_at], place[len(one) + other_at]
        low, high = np.minimum(first, second), np.maximum(first, second)
        order = np.lexsort((near.right[pairs], near.left[pairs], high, low))
        rank = np.empty(len(pairs), np.int64)
        rank[order] = np.arange(len(pairs))
        return rank

    return ranks


def positions(*sides: Objects) -> Ints:
    """Positions of the objects of several sides together, equal for objects that nothing tells apart.

    >>> one = Objects(np.zeros(2, int), np.zeros(2, int), np.array([[5.0, 0, 2, 2], [1.0, 0, 2, 2]]))
    >>> positions(one, one).tolist()
    [1, 0, 1, 0]
    """
    columns = [np.concatenate([side.box for side in sides])]
    columns.append(np.concatenate([side.label for side in sides])[:, None].astype(np.float64))
    if all(side.detail is not None for side in sides):
        columns.append(np.concatenate([side.detail for side in sides if side.detail is not None]))
    table = np.concatenate(columns, axis=1)
    if not len(table):
        return np.zeros(0, np.int64)
    order = np.lexsort(table.T[::-1])
    fresh = (table[order[1:]] != table[order[:-1]]).any(axis=1)
    place = np.empty(len(table), np.int64)
    place[order] = np.concatenate(([0], np.cumsum(fresh)))
    return place


@dataclass(frozen=True)
class MatrixMatch:
    """Rows and columns that were matched, and the sum of their overlaps."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    total: float

    def __len__(self) -> int:
        return len(self.rows)


def match_matrix(overlap: ArrayLike, threshold: float = 0.5) -> MatrixMatch:
    """The matching of one table of overlaps: pairs below the threshold dropped, then the largest sum.

    The greedy choice of the largest overlap first may find fewer pairs:

    >>> match_matrix([[0.9, 0.8], [0.8, 0.1]]), greedy_match_matrix([[0.9, 0.8], [0.8, 0.1]])
    (MatrixMatch(rows=(0, 1), columns=(1, 0), total=1.6), MatrixMatch(rows=(0,), columns=(0,), total=0.9))
    """
    table = _table(overlap)
    rows, columns = np.nonzero(fixed(table) >= fixed_threshold(threshold))
    chosen = best_choice(rows, columns, fixed(table[rows, columns]), lambda pairs: pairs)
    return _matrix_match(table, rows[chosen], columns[chosen])


def greedy_match_matrix(overlap: ArrayLike, threshold: float = 0.5) -> MatrixMatch:
    """What tools find that take the largest overlap first, for comparison; no figure of Assay rests on it."""
    table = _table(overlap)
    rows, columns = np.nonzero(fixed(table) >= fixed_threshold(threshold))
    taken: dict[int, int] = {}
    for pair in np.argsort(-table[rows, columns], kind="stable"):
        if rows[pair] not in taken and columns[pair] not in taken.values():
            taken[int(rows[pair])] = int(columns[pair])
    ends = sorted(taken.items())
    return _matrix_match(table, *(np.array([end[k] for end in ends], np.int64) for k in (0, 1)))


def _table(overlap: ArrayLike) -> Floats:
    table = np.asarray(overlap, np.float64)
    if table.size == 0:
        return table.reshape(0, 0)
    if table.ndim != 2 or not ((table >= 0) & (table <= 1)).all():
        raise ValueError("overlaps are a table of numbers from 0 to 1")
    return table


def _matrix_match(table: Floats, rows: Ints, columns: Ints) -> MatrixMatch:
    total = round(float(table[rows, columns].sum()), 12)
    return MatrixMatch(tuple(rows.tolist()), tuple(columns.tolist()), total)
