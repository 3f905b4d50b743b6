"""The best one-to-one choice among candidate pairs: the largest sum of weights, ties by the order of positions.

Weights are positive integers, so sums are exact. Most pairs need no search: a pair heavier than the best rivals of both
its ends together is in every best choice. What is left falls into components; small ones are compared in all ways,
many at a time, larger ones go to an assignment solver. Of choices with equal sums the one with the smallest list of
pairs stands, in an order that the caller gives and that no order of rows or names of people enters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from ..annotation.errors import LimitError
from .units import Ints

Bools = NDArray[np.bool_]
Order = Callable[[Ints], Ints]

_SMALL_CELLS = 16
_MOST_SIDE = 2048


def best_choice(left: Ints, right: Ints, weight: Ints, order: Order) -> Bools:
    """Which pairs belong to the choice. ``order`` ranks pairs, given their indices; smaller comes first.

    >>> left, right = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> best_choice(left, right, np.array([9, 8, 8, 1]), lambda pairs: pairs).tolist()
    [False, True, True, False]
    """
    chosen = np.zeros(len(left), bool)
    if not len(left):
        return chosen
    chosen[:] = (np.bincount(left)[left] == 1) & (np.bincount(right)[right] == 1)
    rest = _without_rivals(left, right, weight, np.flatnonzero(~chosen), chosen)
    if len(rest):
        _choose_in_components(left, right, weight, rest, order, chosen)
    return chosen


def _without_rivals(left: Ints, right: Ints, weight: Ints, rest: Ints, chosen: Bools) -> Ints:
    """Choose pairs that outweigh their rivals at both ends together, until there is none; what is left over."""
    while len(rest):
        _, one = np.unique(left[rest], return_inverse=True)
        _, other = np.unique(right[rest], return_inverse=True)
        amount = weight[rest]
        sure = amount > _best_rival(one, amount) + _best_rival(other, amount)
        if not sure.any():
            return rest
        chosen[rest[sure]] = True
        taken_one, taken_other = np.zeros(one.max() + 1, bool), np.zeros(other.max() + 1, bool)
        taken_one[one[sure]] = True
        taken_other[other[sure]] = True
        rest = rest[~(taken_one[one] | taken_other[other])]
    return rest


def _best_rival(node: Ints, weight: Ints) -> Ints:
    """The heaviest other pair at the same end, 0 if there is none."""
    order = np.lexsort((-weight, node))
    first = np.flatnonzero(np.diff(node[order], prepend=-1))
    heaviest = order[first]
    has_second = np.diff(np.append(first, len(node))) > 1
    second = np.zeros(len(first), np.int64)
    second[has_second] = weight[order[first[has_second] + 1]]
    rival = weight[heaviest][node]
    rival[heaviest] = second
    return rival


def components(one: Ints, other: Ints) -> Ints:
    """The component of each pair, numbered from 0: labels spread along pairs until none changes."""
    label = np.arange(int(one.max()) + 1)
    while True:
        across = np.full(int(other.max()) + 1, len(label))
        np.minimum.at(across, other, label[one])
        spread = label.copy()
        np.minimum.at(spread, one, across[other])
        spread = spread[spread]
        if np.array_equal(spread, label):
            found = label[one]
            used = np.zeros(len(label), bool)
            used[found] = True
            return np.asarray((np.cumsum(used) - 1)[found], np.int64)
        label = spread


@dataclass(frozen=True)
class _Pairs:
    """Pairs sorted by component and order; ends and pairs are numbered within their component."""

    component: Ints
    one: Ints
    other: Ints
    place: Ints
    weight: Ints
    row: Ints


def _choose_in_components(
    left: Ints, right: Ints, weight: Ints, rest: Ints, order: Order, chosen: Bools
) -> None:
    one, other = (np.unique(end[rest], return_inverse=True)[1] for end in (left, right))
    component = components(one, other)
    sorting = np.lexsort((order(rest), component))
    rest, component = rest[sorting], component[sorting]
    size = np.bincount(component)
    start = np.cumsum(size) - size
    ones, others = (_numbered_within(component, end[sorting]) for end in (one, other))
    wide, tall = np.zeros(len(size), np.int64), np.zeros(len(size), np.int64)
    np.maximum.at(wide, component, ones + 1)
    np.maximum.at(tall, component, others + 1)
    pairs = _Pairs(component, ones, others, np.arange(len(rest)) - start[component], weight[rest], rest)
    small = wide * tall <= _SMALL_CELLS
    shape = wide * (_SMALL_CELLS + 1) + tall
    for kind in np.unique(shape[small]):
        members = np.flatnonzero(small & (shape == kind))
        _choose_small(pairs, members, int(wide[members[0]]), int(tall[members[0]]), chosen)
    for number in np.flatnonzero(~small):
        where = slice(start[number], start[number] + size[number])
        _choose_large(pairs, where, max(int(wide[number]), int(tall[number])), chosen)


def _numbered_within(component: Ints, end: Ints) -> Ints:
    """Ends numbered from 0 within each component."""
    code, inverse = np.unique(component * (int(end.max()) + 1) + end, return_inverse=True)
    owner = code // (int(end.max()) + 1)
    first = np.searchsorted(owner, owner, "left")
    number: Ints = np.arange(len(code)) - first
    return number[inverse]


@cache
def _ways(wide: int, tall: int) -> Ints:
    """Every way to give each of ``wide`` ends one of ``tall`` others, wide at most tall."""
    return np.array(list(permutations(range(tall), wide)), np.int64)


def _choose_small(pairs: _Pairs, members: Ints, wide: int, tall: int, chosen: Bools) -> None:
    """Compare all ways of many components of one shape. Low bits hold the order, so that equal sums never meet."""
    inside = np.flatnonzero(np.isin(pairs.component, members))
    which = np.searchsorted(members, pairs.component[inside])
    score = np.zeros((len(members), wide, tall), np.int64)
    row = np.full((len(members), wide, tall), -1)
    cell = which, pairs.one[inside], pairs.other[inside]
    score[cell] = (pairs.weight[inside] << _SMALL_CELLS) + (1 << (_SMALL_CELLS - 1 - pairs.place[inside]))
    row[cell] = pairs.row[inside]
    if wide > tall:
        score, row = score.transpose(0, 2, 1), row.transpose(0, 2, 1)
    ways = _ways(min(wide, tall), max(wide, tall))
    ends = np.arange(ways.shape[1])
    sums = score[:, ends[:, None], ways.T].sum(axis=1)
    best = ways[sums.argmax(axis=1)]
    taken = np.take_along_axis(row, best[:, :, None], axis=2).ravel()
    chosen[taken[taken >= 0]] = True


def _choose_large(pairs: _Pairs, where: slice, side: int, chosen: Bools) -> None:
    """One component by assignment, its ties resolved in order. Pairs that are no candidates weigh nothing."""
    if side > _MOST_SIDE:
        raise LimitError(
            "too many objects of one item lie on each other",
            found=f"{side:,} objects that all overlap each other in a chain",
            expected=f"at most {_MOST_SIDE:,}",
        )
    one, other, weight, row = (part[where] for part in (pairs.one, pairs.other, pairs.weight, pairs.row))
    table = np.zeros((side, side), np.int64)
    table[one, other] = weight
    # SciPy's optimisers take .3 s to load, and few deliveries need one.
    solve = import_module("scipy.optimize").linear_sum_assignment
    partner = np.asarray(solve(table, maximize=True)[1], np.int64)
    partner = smallest_of_best(table, partner, one, other)
    chosen[row[partner[one] == other]] = True


def smallest_of_best(table: Ints, partner: Ints, one: Ints, other: Ints) -> Ints:
    """Of all assignments with the sum of ``partner``, the one whose list of pairs comes first.

    ``one`` and ``other`` are the candidate pairs in their order. Prices of the rows prove ``partner`` best; pairs
    that the prices make tight are those of any best assignment, and a cycle of them leads from one to another.
    """
    side = len(table)
    partner = partner.copy()
    held = table[np.arange(side), partner]
    gain = table[:, partner] - held[None, :]
    price = np.zeros(side, np.int64)
    while True:
        higher = np.maximum(price, (gain + price[None, :]).max(axis=1))
        if np.array_equal(higher, price):
            break
        price = higher
    across = np.empty(side, np.int64)
    across[partner] = held - price
    tight = price[:, None] + across[None, :] == table
    owner = np.empty(side, np.int64)
    owner[partner] = np.arange(side)
    free = np.ones(side, bool)
    for row, column in zip(one[tight[one, other]], other[tight[one, other]], strict=True):
        if not (free[row] and free[owner[column]]):
            continue
        cycle = _cycle(tight, partner, owner[column], row, free)
        if cycle is None:
            continue
        partner[cycle] = np.roll(partner[cycle], -1)
        owner[partner[cycle]] = cycle
        free[row] = False
    return partner


def _cycle(tight: Bools, partner: Ints, start: int, goal: int, free: Bools) -> Ints | None:
    """Rows from ``start`` to ``goal``, each tight with the partner of the next, or None."""
    if start == goal:
        return np.array([goal])
    before = np.full(len(partner), -1)
    before[start] = start
    frontier = np.array([start])
    while len(frontier):
        reached = tight[frontier][:, partner] & free & (before < 0)
        fresh = np.flatnonzero(reached.any(axis=0))
        before[fresh] = frontier[reached[:, fresh].argmax(axis=0)]
        if before[goal] >= 0:
            path = [goal]
            while path[-1] != start:
                path.append(int(before[path[-1]]))
            return np.array([goal, *path[:0:-1]])
        frontier = fresh
    return None
