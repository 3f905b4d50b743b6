"""Objects that repeat: the same place on nearly every item of a person, the same object twice on one item."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .candidates import Objects
from .comparisons import Work
from .located_people import Hashes, mixed, object_hashes
from .suspicion import Suspect, Thresholds, held, worse
from .units import Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Constant:
    """Somebody who marks the same object, or nothing, on nearly every item. ``example`` is a row of the objects, -1
    for nothing."""

    suspect: Suspect
    example: int


def constant_answers(
    objects: Objects, annotator: Ints, work: Work, people: int, thresholds: Thresholds
) -> list[Constant]:
    """People with an object at the very same place on nearly all their items, far more often than others have it there
    on the same items; and people who mark nothing on nearly all of theirs where others do."""
    row = _work_rows(objects.item, annotator, work)
    codes = object_hashes(objects)
    empty = np.bincount(row, minlength=len(work)) == 0
    found = []
    worked = np.bincount(work.annotator, minlength=people)
    for person, example, count in _often(codes, annotator, thresholds.least):
        if count < thresholds.constant_share * worked[person]:
            continue
        holds = np.zeros(len(work), bool)
        holds[row[codes == codes[example]]] = True
        found.append((person, example, holds))
    nothing = np.bincount(work.annotator[empty], minlength=people) >= thresholds.constant_share * np.maximum(
        worked, 1
    )
    found += [(person, -1, empty) for person in np.flatnonzero(nothing).tolist()]
    tests = (_test(holds, work, person, example, thresholds) for person, example, holds in found)
    kept = held([one for one in tests if one is not None], thresholds, family=max(2 * people, 1))
    return [Constant(one, one.subject[1]) for one in kept]


def _work_rows(item: Ints, annotator: Ints, work: Work) -> Ints:
    people = int(max(annotator.max(initial=-1), work.annotator.max(initial=-1))) + 1
    return np.searchsorted(work.item * people + work.annotator, item * people + annotator)


def _often(codes: Hashes, annotator: Ints, least: int) -> Iterator[tuple[int, int, int]]:
    """Each person's most frequent object of those that stand so often: the person, a row that shows it, how often."""
    values, counts = np.unique(codes, return_counts=True)
    index = np.flatnonzero(np.isin(codes, values[counts >= least]))
    if not len(index):
        return
    owner = annotator[index]
    both = mixed(np.column_stack([codes[index], owner.astype(np.uint64)]))
    _, first, count = np.unique(both, return_index=True, return_counts=True)
    order = np.lexsort((codes[index][first], -count, owner[first]))
    people = owner[first][order]
    for place in order[np.append(True, people[1:] != people[:-1])].tolist():
        if count[place] >= least:
            yield int(owner[first[place]]), int(index[first[place]]), int(count[place])


def _test(holds: Bools, work: Work, person: int, example: int, thresholds: Thresholds) -> Suspect | None:
    """How often a person's answers hold something, and how often the others' answers on the same items do."""
    mine = work.annotator == person
    items = int(mine.sum())
    shown = float(holds[mine].mean())
    if items < thresholds.least or shown < thresholds.constant_share:
        return None
    beside = ~mine & np.isin(work.item, work.item[mine])
    others = int(beside.sum())
    if not others:
        return None
    expected = float(holds[beside].mean())
    soft = (float(holds[mine].sum()) + 1) / (items + 2), (float(holds[beside].sum()) + 1) / (others + 2)
    deviation = math.sqrt(sum(s * (1 - s) / (n + 2) for s, n in zip(soft, (items, others), strict=True)))
    test = worse((person, example), -shown, -expected, deviation, items, thresholds.effect)
    return Suspect((person, example), shown, expected, -test.high, -test.low, items, test.p)


def repeated(
    objects: Objects, annotator: Ints, kept: Bools, detail: Callable[[Ints], Ints] | None = None
) -> Bools:
    """Which objects repeat an earlier one of the same person on the same item, in class and place.

    ``kept`` says which objects are compared at all; ``detail`` gives numbers that differ where rows of one enclosing
    box differ otherwise.
    """
    index = np.flatnonzero(kept)
    columns = [object_hashes(objects)[index], objects.item[index], annotator[index]]
    same = mixed(np.column_stack([one.astype(np.uint64) for one in columns]))
    ranked = np.sort(same)
    several = np.isin(same, ranked[1:][ranked[1:] == ranked[:-1]])
    index, same = index[several], same[several]
    if detail is not None:
        same = mixed(np.column_stack([same, detail(index).astype(np.uint64)]))
    again = np.zeros(len(objects), bool)
    again[index] = True
    again[index[np.unique(same, return_index=True)[1]]] = False
    return again
