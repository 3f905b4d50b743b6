"""What people make of the objects of an item: right, missed, of another class, loose, split, merged, and false ones.

A mark is where and how something was drawn, before any kind of label gives it a geometry.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from .frame import pick_by_row
from .located_chance import confused_with, hazard
from .located_frame import Flags, Floats, Frame, Ints
from .located_spec import LocatedSpec

WHOLE, BOTH = -1, 2
_COLUMNS = 7
_TINY = 1e-12
_FAR = 1 << 30


class Act(IntEnum):
    """What was done with an object. ``EXTRA`` is an object that is not there."""

    RIGHT = 0
    MISSED = 1
    CONFUSED = 2
    LOOSE = 3
    SPLIT = 4
    MERGED = 5
    EXTRA = 6


@dataclass(frozen=True)
class Marks:
    """Marks (M), one row each.

    ``owner`` is the row of work, ``source`` the object meant (-1 for false ones), ``half`` the half of the place (BOTH
    for a pair drawn as one, -1 for all of it), ``part`` the part of a split object (-1 for all of it). ``amount`` and
    ``turn`` are uniform numbers that say how far off a mark is, and in which way.
    """

    owner: Ints
    source: Ints
    item: Ints
    label: Ints
    act: Ints
    place: Ints
    half: Ints
    part: Ints
    size: Floats
    amount: Floats
    turn: Floats

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, index: Ints | Flags) -> Marks:
        """Some of the marks."""
        return Marks(*(getattr(self, one.name)[index] for one in fields(self)))


def joined(*some: Marks) -> Marks:
    """Marks of several, one after another."""
    return Marks(*(np.concatenate([getattr(m, one.name) for m in some]) for one in fields(Marks)))


def true_marks(frame: Frame) -> Marks:
    """The objects themselves, exactly as they are; ``owner`` is their own row."""
    size = len(frame.item)
    whole, half = np.full(size, WHOLE), np.full(size, 0.5)
    row = np.arange(size)
    return Marks(
        row, row, frame.item, frame.label, np.zeros(size, np.int64), frame.place, frame.half, whole, frame.size,
        half, half,
    )  # fmt: skip


@dataclass(frozen=True)
class Skill:
    """How a group of people marks: chances of errors by person and class (h), confusions, following everybody."""

    hazard: Floats
    confused: Floats
    shared: Floats

    @staticmethod
    def of(spec: LocatedSpec, f1: list[tuple[float, ...]], shared: tuple[float, ...]) -> Skill:
        """The skill of people with these F1 in each class."""
        table = np.array([hazard(one, spec.evenness) for one in f1])
        mean = np.asarray(f1, np.float64).mean(axis=0)
        return Skill(table, confused_with(spec, mean.tolist()), np.asarray(shared, np.float64))


@dataclass(frozen=True)
class _Seen:
    """Objects in the eyes of those who work on their items: row of work, object, uniform numbers, and where in the row
    of free places false objects begin."""

    owner: Ints
    object: Ints
    chance: Floats
    begin: Ints


def draw_marks(
    spec: LocatedSpec,
    frame: Frame,
    skill: Skill,
    work: tuple[Ints, Ints],
    own: np.random.Generator,
    common: np.random.Generator,
    forced: Flags | None = None,
) -> Marks:
    """The marks of everyone on the items of ``work`` (items, people). ``forced`` are (person, object) pairs, people in
    rows, on which a gap of the guideline decides: the object is missed, or its end is loose in one way."""
    item, person = work
    seen = _seen(frame, item, skill, own, common)
    label, who = frame.label[seen.object], person[seen.owner]
    wrong = 1 - np.exp(-skill.hazard[who, label] * frame.hard[item[seen.owner]])
    act = _acts(spec, frame, seen, wrong)
    turn = seen.chance[:, 4].copy()
    if forced is not None:
        gap = forced[who, seen.object]
        act[gap] = Act.LOOSE if spec.kind == "spans" else Act.MISSED
        turn[gap] = 0.0
    given = label.copy()
    confused = act == Act.CONFUSED
    given[confused] = pick_by_row(label[confused].astype(np.int32), seen.chance[confused, 2], skill.confused)
    drawn = _drawn(frame, seen, act, given, turn)
    return joined(drawn, _extras(spec, frame, seen, wrong))


def _seen(
    frame: Frame, item: Ints, skill: Skill, own: np.random.Generator, common: np.random.Generator
) -> _Seen:
    count = frame.count[item]
    owner = np.repeat(np.arange(len(item)), count)
    begin = np.cumsum(count) - count
    which = np.arange(len(owner)) - begin[owner] + frame.first[item][owner]
    chance = own.random((len(owner), _COLUMNS))
    start = own.integers(0, _FAR, len(item))[owner]
    if skill.shared.any():
        follows = own.random(len(owner)) < skill.shared[frame.label[which]]
        everybody = common.random((len(frame.item), _COLUMNS))
        chance[follows] = everybody[which[follows]]
        start[follows] = 0
    return _Seen(owner, which, chance, start)


def _acts(spec: LocatedSpec, frame: Frame, seen: _Seen, wrong: Floats) -> Ints:
    """What becomes of each object seen. Pairs are merged first, by the numbers of their first half."""
    mix = spec.mix
    half = frame.half[seen.object]
    merging = np.where(half >= 0, mix.merged / max(spec.in_pairs, _TINY), 0.0) * wrong
    decides = np.arange(len(half)) - (half == 1)
    merged = seen.chance[decides, 6] < merging
    rest = (wrong - merging) / np.maximum(1 - merging, _TINY)
    other = (seen.chance[:, 0] < rest) & ~merged
    shares = np.array([mix.missed, mix.confused, mix.loose, mix.split])
    edges = np.cumsum(shares) / shares.sum()
    kind = np.searchsorted(edges[:-1], seen.chance[:, 1], "right") + int(Act.MISSED)
    act = np.where(other, kind, int(Act.RIGHT))
    act[merged] = Act.MERGED
    return act


def _drawn(frame: Frame, seen: _Seen, act: Ints, label: Ints, turn: Floats) -> Marks:
    """The marks that remain: nothing of what was missed, two of what was split, one of each merged pair."""
    half = frame.half[seen.object]
    times = np.ones(len(act), np.int64)
    times[act == Act.MISSED] = 0
    times[(act == Act.MERGED) & (half == 1)] = 0
    times[act == Act.SPLIT] = 2
    row = np.repeat(np.arange(len(act)), times)
    second = np.append(False, row[1:] == row[:-1]) if len(row) else np.zeros(0, bool)
    part = np.where(act[row] == Act.SPLIT, second.astype(np.int64), WHOLE)
    source = seen.object[row]
    where = np.where(act[row] == Act.MERGED, BOTH, frame.half[source])
    return Marks(
        seen.owner[row], source, frame.item[source], label[row], act[row], frame.place[source], where, part,
        frame.size[source], seen.chance[row, 3], turn[row],
    )  # fmt: skip


def _extras(spec: LocatedSpec, frame: Frame, seen: _Seen, wrong: Floats) -> Marks:
    """False objects, as many of each class as keep the number delivered at the number there is."""
    kept = np.flatnonzero(seen.chance[:, 5] < spec.mix.extra * wrong)
    source, owner = seen.object[kept], seen.owner[kept]
    at = frame.item[source]
    turn = (seen.begin[kept] + source) % np.maximum(frame.free_count[at], 1)
    size = len(kept)
    nothing, whole = np.full(size, -1), np.full(size, WHOLE)
    return Marks(
        owner, nothing, at, frame.label[source], np.full(size, int(Act.EXTRA)),
        frame.free[frame.free_first[at] + turn], whole, whole, seen.chance[kept, 3], seen.chance[kept, 3],
        seen.chance[kept, 4],
    )  # fmt: skip
