"""What is there to mark: items with their difficulty, their objects in places of their own, who works on what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .frame import Codes, pick
from .located_spec import LocatedSpec

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SPARE = 5


class Chance(IntEnum):
    """The purposes chance is used for. The numbers are part of what a seed means."""

    ITEMS = 101
    OBJECTS = 102
    PLACES = 103
    SLICES = 104
    ASSIGNMENT = 105
    GOLD = 106
    MISSING = 107
    COMMON = 108
    VOTES = 109
    CAMPS = 110
    COPIES = 111
    NOISE = 112


def chance_of(seed: int, purpose: Chance) -> np.random.Generator:
    """The random numbers of one purpose under a seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, int(purpose)])))


@dataclass(frozen=True)
class Frame:
    """Items and objects. Every item is a grid of ``side`` by ``side`` places (texts: as many in a row), each for one
    object or two halves of a pair; what lies in different places never overlaps.

    Objects (N), sorted by item: their item, class, place, half (-1 alone, 0 or 1 in a pair) and size (0 to 1).
    ``first`` and ``count`` lead from an item to its objects. ``free`` are the places without an object, item by item
    from ``free_first`` on, in random order. ``hard`` is the difficulty of an item.
    """

    hard: Floats
    side: Ints
    delivered: Flags
    slices: Mapping[str, Codes]
    item: Ints
    label: Ints
    place: Ints
    half: Ints
    size: Floats
    first: Ints
    count: Ints
    free: Ints
    free_first: Ints
    free_count: Ints
    work_item: Ints
    work_person: Ints
    gold_item: Ints

    @property
    def items(self) -> int:
        """Number of items."""
        return len(self.hard)


def frame_of(spec: LocatedSpec, seed: int) -> Frame:
    """Draw everything that does not depend on how anyone marks it."""
    chance = chance_of(seed, Chance.ITEMS)
    hard = chance.gamma(spec.evenness, 1 / spec.evenness, spec.items)
    crowd = chance.gamma(spec.spread, 1 / spec.spread, spec.items)
    places = chance.poisson(crowd * spec.per_item / (1 + spec.doubles)).astype(np.int64)
    delivered = np.ones(spec.items, bool)
    if spec.missing:
        delivered = chance_of(seed, Chance.MISSING).random(spec.items) >= spec.missing
    work_item, work_person = _work(spec, seed, delivered)
    gold = np.sort(
        chance_of(seed, Chance.GOLD).choice(spec.items, min(spec.gold.items, spec.items), replace=False)
    ).astype(np.int64)
    if spec.only_measured:
        places[~_measured(spec, work_item, gold)] = 0
    side = np.ceil(np.sqrt(2 * places + _SPARE)).astype(np.int64)
    taken, free, free_first, free_count = _seated(side, places, chance_of(seed, Chance.PLACES))
    objects = _objects(spec, seed, places, taken)
    count = np.bincount(objects[0], minlength=spec.items)
    return Frame(
        hard, side, delivered, _slices(spec, seed), *objects, np.cumsum(count) - count, count,
        free, free_first, free_count, work_item, work_person, gold,
    )  # fmt: skip


def _measured(spec: LocatedSpec, work_item: Ints, gold: Ints) -> Flags:
    """The items that any figure speaks of."""
    counted = np.bincount(work_item, minlength=spec.items) > 1
    counted[gold] = True
    return counted


def _seated(side: Ints, places: Ints, chance: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    """The places of objects, in the order of item and place, and the free ones of items with any, in random order."""
    room = np.where(places > 0, side**2, 0)
    begin = np.cumsum(room) - room
    item = np.repeat(np.arange(len(side)), room)
    order = np.lexsort((chance.random(len(item)), item))
    local = order - begin[item]
    rank = np.arange(len(item)) - begin[item]
    used = rank < places[item]
    taken, owner = local[used], item[used]
    taken = taken[np.lexsort((taken, owner))]
    count = room - places
    return taken, local[~used], np.cumsum(count) - count, count


def _objects(
    spec: LocatedSpec, seed: int, places: Ints, taken: Ints
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    chance = chance_of(seed, Chance.OBJECTS)
    label = pick(chance.random(len(taken)), np.asarray(spec.shares)).astype(np.int64)
    double = chance.random(len(taken)) < spec.doubles
    size = chance.random(len(taken))
    index = np.repeat(np.arange(len(taken)), 1 + double)
    second = np.append(False, index[1:] == index[:-1]) if len(index) else np.zeros(0, bool)
    half = np.where(double[index], second.astype(np.int64), -1)
    item = np.repeat(np.arange(len(places)), places)[index]
    return item, label[index], taken[index], half, size[index]


def _slices(spec: LocatedSpec, seed: int) -> Mapping[str, Codes]:
    chance = chance_of(seed, Chance.SLICES)
    return {
        one.name: pick(chance.random(spec.items), np.asarray(one.shares or (1.0,) * len(one.values)))
        for one in spec.slices
    }


def _work(spec: LocatedSpec, seed: int, delivered: Flags) -> tuple[Ints, Ints]:
    """Different people for each item, every set of people equally likely; sorted by item and person."""
    chance = chance_of(seed, Chance.ASSIGNMENT)
    ranks = np.argsort(chance.random((spec.items, len(spec.people))), axis=1)[:, : spec.votes_per_item]
    several = chance.random(spec.items) < spec.overlap
    kept = (several[:, None] | (np.arange(spec.votes_per_item) == 0)) & delivered[:, None]
    item, turn = np.nonzero(kept)
    person = ranks[item, turn]
    order = np.lexsort((person, item))
    return item[order].astype(np.int64), person[order].astype(np.int64)
