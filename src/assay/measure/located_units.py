"""Units of located objects: what three or more people mean by one object, for clusters, consensus and label alpha.

All pair matches of an item, sorted by (-overlap, position, annotator), merge objects into units unless one person would
stand twice in a unit. The number of refused merges is part of the answer. Every object lies in one unit; alone in it
if nobody else saw it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .assignment import components
from .candidates import Candidates, Objects, Overlap, fixed
from .comparisons import Work, between_people
from .matching import match, positions
from .nominal import NominalState, nominal_state
from .units import Ints, Runs, runs_of


@dataclass(frozen=True)
class LocatedUnits:
    """The unit of each object (numbered from 0), the item of each unit, and how many merges were refused."""

    of_object: Ints
    item: Ints
    refused: int

    def __len__(self) -> int:
        return len(self.item)


def people_matches(
    objects: Objects, annotator: Ints, work: Work, threshold: float = 0.5, overlap: Overlap | None = None
) -> Candidates:
    """The matches of all pairs of people, of one class or not, by index into ``objects``."""
    found = []
    for task in between_people(objects, annotator, work):
        pairs = match(task.left, task.right, task.near(threshold, overlap), threshold)
        found.append((task.left_index[pairs.left], task.right_index[pairs.right], pairs.overlap))
    if not found:
        nothing = np.zeros(0, np.int64)
        return Candidates(nothing, nothing, np.zeros(0))
    return Candidates(*(np.concatenate(part) for part in zip(*found, strict=True)))


def located_units(objects: Objects, annotator: Ints, pairs: Candidates) -> LocatedUnits:
    """Merge the pair matches of people (``people_matches``) into units."""
    link = np.arange(len(pairs))
    joined = (
        components(np.concatenate([pairs.left, pairs.right]), np.concatenate([link, link]))
        if len(pairs)
        else link
    )
    component = np.full(len(objects), -1)
    component[pairs.left], component[pairs.right] = joined[: len(pairs)], joined[len(pairs) :]
    alone = component < 0
    component[alone] = component.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    twice = _holding_somebody_twice(component, annotator)
    refused = 0
    if twice.any():
        open_ = pairs.take(twice[component[pairs.left]])
        members = np.flatnonzero(twice[component])
        refused, roots = _merged(objects, annotator, open_, members)
        component[members] = component.max() + 1 + roots
    used = np.zeros(int(component.max(initial=-1)) + 1, bool)
    used[component] = True
    unit = (np.cumsum(used) - 1)[component]
    item = np.empty(int(used.sum()), np.int64)
    item[unit] = objects.item
    return LocatedUnits(unit, item, refused)


def _holding_somebody_twice(component: Ints, annotator: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    order = np.lexsort((annotator, component))
    group, person = component[order], annotator[order]
    again = (group[1:] == group[:-1]) & (person[1:] == person[:-1])
    twice = np.zeros(int(component.max(initial=-1)) + 1, bool)
    twice[group[1:][again]] = True
    return twice


def _merged(objects: Objects, annotator: Ints, pairs: Candidates, members: Ints) -> tuple[int, Ints]:
    """Merge one pair after another; how many merges were refused, and the root object of each member."""
    place = np.zeros(len(objects), np.int64)
    place[members] = positions(objects.take(members))
    ends = place[pairs.left], place[pairs.right]
    people = annotator[pairs.left], annotator[pairs.right]
    order = np.lexsort(
        (
            np.maximum(*people),
            np.minimum(*people),
            np.maximum(*ends),
            np.minimum(*ends),
            -fixed(pairs.overlap),
        )
    )
    root = {int(one): int(one) for one in members}
    held = {int(one): {int(annotator[one])} for one in members}
    inside = {int(one): [int(one)] for one in members}
    refused = 0
    for one, other in zip(pairs.left[order].tolist(), pairs.right[order].tolist(), strict=True):
        mine, theirs = root[one], root[other]
        if mine == theirs:
            continue
        if held[mine] & held[theirs]:
            refused += 1
            continue
        mine, theirs = min(mine, theirs), max(mine, theirs)
        for moved in inside.pop(theirs):
            root[moved] = mine
            inside[mine].append(moved)
        held[mine] |= held.pop(theirs)
    return refused, np.array([root[int(one)] for one in members], np.int64)


@dataclass(frozen=True)
class UnitFrame:
    """Where units stand: replicate row and stratum of each item, how many there are, and the most people on an item."""

    row: Ints
    block: Ints
    rows: int
    blocks: int
    largest: int

    @staticmethod
    def plain(row: Ints, rows: int, largest: int) -> UnitFrame:
        """Without strata."""
        return UnitFrame(row, np.zeros(len(row), np.int64), rows, 1, largest)


def label_state(units: LocatedUnits, labels: Ints, frame: UnitFrame, *, classes: int) -> NominalState:
    """The state of ``label_alpha``: the classes that people gave one object, over units that two or more saw.

    Replicate columns are those of figures over all classes together.
    """
    size = np.bincount(units.of_object, minlength=len(units))
    several = size[units.of_object] >= 2
    return unit_state(units.item, units.of_object[several], labels[several], frame, classes=classes)


def instance_state(
    units: LocatedUnits, labels: Ints, work: Work, frame: UnitFrame, *, classes: int
) -> NominalState:
    """The state of ``instance_alpha``: "absent" is one more class, the vote of people who worked on the item and drew
    nothing there. This alpha measures the mix of classes as much as agreement; no contract takes it."""
    people = np.bincount(work.item, minlength=int(units.item.max(initial=0)) + 1)
    absent = people[units.item] - np.bincount(units.of_object, minlength=len(units))
    unit = np.concatenate([units.of_object, np.repeat(np.arange(len(units)), absent)])
    voted = np.concatenate([labels, np.full(int(absent.sum()), classes)])
    return unit_state(units.item, unit, voted, frame, classes=classes + 1)


def unit_state(item: Ints, unit: Ints, label: Ints, frame: UnitFrame, *, classes: int) -> NominalState:
    """The state of votes on units; ``item`` is the item of each unit, units without a vote do not count."""
    runs, size, kept = voted_runs(unit, label, classes)
    at = item[kept]
    return nominal_state(
        runs, size, frame.block[at], frame.row[at], classes=classes, largest=frame.largest, blocks=frame.blocks,
        rows=frame.rows, per_class=False,
    )  # fmt: skip


def voted_runs(unit: Ints, label: Ints, classes: int) -> tuple[Runs, Ints, Ints]:
    """The labels of each unit with their counts, the votes on each, and which units these are."""
    votes = np.bincount(unit)
    kept = np.flatnonzero(votes)
    order = np.argsort(unit, kind="stable")
    of_vote = np.repeat(np.arange(len(kept)), votes[kept])
    return runs_of(of_vote, label[order], len(kept), classes), votes[kept], kept
