"""People who do not look: copiers take over what another one drew, spammers draw anything anywhere."""

from __future__ import annotations

import numpy as np

from .located_frame import Chance, Flags, Frame, Ints
from .located_marks import WHOLE, Act, Marks, joined, true_marks
from .located_spec import LocatedSpec


def camps(spec: LocatedSpec, chance: np.random.Generator) -> Flags:
    """Who reads each gap of the guideline their own way: gaps in rows, people in columns."""
    people = len(spec.people)
    camp = np.zeros((len(spec.gaps), people), bool)
    for number, gap in enumerate(spec.gaps):
        camp[number, chance.permutation(people)[: max(1, round(gap.camp * people))]] = True
    return camp


def tricked(spec: LocatedSpec, frame: Frame, marks: Marks, seed: int) -> Marks:
    """The marks after spammers and copiers did their part."""
    for code, person in enumerate(spec.people):
        if person.noise:
            marks = _spammed(spec, frame, marks, code, person.noise, seed)
    ids = [person.id for person in spec.people]
    for code, person in enumerate(spec.people):
        if person.copies is not None:
            source = None if person.copies == "gold" else ids.index(person.copies)
            marks = _copied(frame, marks, code, source, person.copied, seed)
    return marks


def _rows_of(frame: Frame, code: int, share: float, chance: np.random.Generator) -> Ints:
    rows = np.flatnonzero(frame.work_person == code)
    return rows[chance.random(len(rows)) < share]


def _spammed(spec: LocatedSpec, frame: Frame, marks: Marks, code: int, share: float, seed: int) -> Marks:
    """About as many objects as there are on average, of any class, in any place without looking."""
    chance = np.random.default_rng([seed, int(Chance.NOISE), code])
    rows = _rows_of(frame, code, share, chance)
    wanted = chance.poisson(spec.per_item, len(rows))
    owner = np.repeat(rows, wanted)
    size = len(owner)
    item = frame.work_item[owner]
    place = (chance.random(size) * frame.side[item] ** 2).astype(np.int64)
    whole = np.full(size, WHOLE)
    false = Marks(
        owner, np.full(size, -1), item, chance.integers(0, len(spec.classes), size), np.full(size, int(Act.EXTRA)),
        place, whole, whole, chance.random(size), chance.random(size), chance.random(size),
    )  # fmt: skip
    return joined(marks.take(~np.isin(marks.owner, rows)), false)


def _copied(frame: Frame, marks: Marks, code: int, source: int | None, share: float, seed: int) -> Marks:
    """The marks of one person replaced by those of another, or of gold, on items where there are any to see."""
    rows = _rows_of(frame, code, share, np.random.default_rng([seed, int(Chance.COPIES), code]))
    if source is None:
        rows = rows[np.isin(frame.work_item[rows], frame.gold_item)]
        seen, of = true_marks(frame), frame.item
    else:
        other = frame.work_person[marks.owner] == source
        theirs = frame.work_item[frame.work_person == source]
        rows = rows[np.isin(frame.work_item[rows], theirs)]
        seen, of = marks.take(other), marks.item[other]
    items = frame.work_item[rows]
    order = np.argsort(items, kind="stable")
    kept = np.isin(of, items)
    taken = seen.take(kept)
    owner = rows[order][np.searchsorted(items[order], of[kept])]
    copy = Marks(owner, *(getattr(taken, name) for name in list(Marks.__dataclass_fields__)[1:]))
    return joined(marks.take(~np.isin(marks.owner, rows)), copy)
