"""Everything about a programme except the answers: who labels what, slices, what is missing, and chance itself.

Each purpose has a stream of its own, so that planting one thing leaves all others as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .spec import Spec

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]


class Stream(IntEnum):
    """The purposes chance is used for. The numbers are part of what a seed means."""

    TRUTH = 1
    SLICES = 2
    ASSIGNMENT = 3
    VOTES = 4
    HARDNESS = 5
    GAPS = 6
    NOISE = 7
    COPIES = 8
    FINAL = 9
    REVIEW = 10
    GOLD = 11
    MAKERS = 12
    MISSING = 13
    SKIPPED = 14
    DUPLICATES = 15
    MESSAGES = 16


def stream(seed: int, purpose: Stream) -> np.random.Generator:
    """The random numbers of one purpose under a seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, int(purpose)])))


@dataclass(frozen=True)
class Frame:
    """Votes to be given, sorted by (item, annotator), and what holds for the items whatever is answered.

    ``slices`` has the code of each item's value; ``harder`` how many times as often people err on an item;
    ``position`` where an item lies between the first (0) and the last (1).
    """

    item: Codes
    annotator: Codes
    slices: Mapping[str, Codes]
    harder: Floats
    position: Floats
    delivered: Flags


def frame_of(spec: Spec, seed: int) -> Frame:
    """Draw who labels what, the slices and the items that are never delivered."""
    slices = _slices(spec, seed)
    delivered = np.ones(spec.items, bool)
    if spec.missing:
        delivered = stream(seed, Stream.MISSING).random(spec.items) >= spec.missing
    item, annotator = _assignment(spec, seed)
    if spec.missing:
        kept = delivered[item]
        item, annotator = item[kept], annotator[kept]
    harder = np.ones(spec.items)
    for hard in spec.hard_slices:
        harder[in_slice(spec, slices, hard.attribute, hard.value)] *= hard.factor
    position = np.arange(spec.items) / max(spec.items - 1, 1)
    return Frame(item, annotator, slices, harder, position, delivered)


def in_slice(spec: Spec, slices: Mapping[str, Codes], attribute: str | None, value: str | None) -> Flags:
    """The items of a slice; all of them without an attribute."""
    if attribute is None:
        return np.ones(spec.items, bool)
    values = next(one.values for one in spec.slices if one.name == attribute)
    return np.asarray(slices[attribute] == values.index(value or ""))


def _slices(spec: Spec, seed: int) -> Mapping[str, Codes]:
    chance = stream(seed, Stream.SLICES)
    found = {}
    for one in spec.slices:
        shares = np.asarray(one.shares or (1.0,) * len(one.values))
        found[one.name] = pick(chance.random(spec.items), shares)
    return found


def _assignment(spec: Spec, seed: int) -> tuple[Codes, Codes]:
    """Different people for each item, every set of people equally likely."""
    chance = stream(seed, Stream.ASSIGNMENT)
    people, wanted = len(spec.people), spec.votes_per_item
    chosen = np.empty((spec.items, wanted), np.int32)
    for turn in range(wanted):
        # the turn-th pick is a rank among those still free; it moves past each smaller earlier pick
        pick_ = chance.integers(0, people - turn, spec.items, dtype=np.int32)
        earlier = np.sort(chosen[:, :turn], axis=1)
        for rank in range(turn):
            pick_ += pick_ >= earlier[:, rank]
        chosen[:, turn] = pick_
    if spec.overlap < 1:
        alone = chance.random(spec.items) >= spec.overlap
        chosen[alone, 1:] = people
    chosen.sort(axis=1)
    item = np.repeat(np.arange(spec.items, dtype=np.int32), wanted)
    annotator = chosen.ravel()
    kept = annotator < people
    return (item, annotator) if kept.all() else (item[kept], annotator[kept])


def pick(uniform: Floats, shares: Floats) -> Codes:
    """The code whose stretch of the unit interval, as long as its share, holds each uniform number.

    >>> pick(np.array([0.1, 0.6, 0.99]), np.array([1, 1, 2])).tolist()
    [0, 2, 2]
    """
    edges = np.cumsum(shares / shares.sum())[:-1]
    return np.searchsorted(edges, uniform, side="right").astype(np.int32)


def pick_by_row(row: Codes, uniform: Floats, shares: Floats) -> Codes:
    """As ``pick``, with the shares of a row of a table for each number.

    >>> pick_by_row(np.array([0, 1]), np.array([0.3, 0.3]), np.array([[0, 1.0], [1.0, 0]])).tolist()
    [1, 0]
    """
    rows, size = shares.shape
    totals = shares.sum(axis=1, keepdims=True)
    edges = np.cumsum(np.divide(shares, totals, out=np.full_like(shares, 1 / size), where=totals > 0), axis=1)
    edges[:, -1] = 1
    flat = (edges + np.arange(rows)[:, None]).ravel()
    found = np.searchsorted(flat, row + uniform, side="right") - row * size
    return np.asarray(np.minimum(found, size - 1), np.int32)


def shared_uniforms(
    own: np.random.Generator, common: np.random.Generator, item: Codes, items: int, shared: float
) -> tuple[Floats, Floats]:
    """Two uniform numbers per vote; with chance ``shared`` both are those of the item, the same for everyone."""
    first, second = own.random(len(item)), own.random(len(item))
    if shared:
        follows = own.random(len(item)) < shared
        first[follows] = common.random(items)[item[follows]]
        second[follows] = common.random(items)[item[follows]]
    return first, second
