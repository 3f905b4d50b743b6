"""Chance-corrected agreement of located labels: of the classes of matched objects, of objects, of code points.

``label_alpha`` and ``token_alpha`` have a background of their own. ``instance_alpha`` takes the absence of an object
for a class; it is shown with the sentence that says what it measures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from assay.measure.candidates import Candidates, Floats, Objects
from assay.measure.comparisons import Work, spread
from assay.measure.figure import Figure, undefined
from assay.measure.located_errors import ErrorKind
from assay.measure.located_units import (
    LocatedUnits,
    UnitFrame,
    instance_state,
    label_state,
    located_units,
    unit_state,
)
from assay.measure.nominal import NominalState, overall_figures
from assay.measure.units import Ints

from .located_batch import LocatedBatch, Marks, Outcomes
from .located_overlap import in_parts
from .located_panel import Panel, Pending
from .located_shapes import SPAN, Shapes

INSTANCE_SENTENCE = (
    "Instance alpha counts an object that somebody did not draw as a class of its own. So it measures the mix of "
    "classes as much as agreement: more agreed objects of another class raise it, and one class alone gives about zero "
    "however well people agree. No contract takes it; use pairwise F1."
)
_LABEL = "Krippendorff's alpha, nominal, of the classes that people gave one object, over objects that two or more drew"
_INSTANCE = "Krippendorff's alpha, nominal, over all objects, with absence as a class"
_CODE_POINTS = "Krippendorff's alpha, nominal, of the class of every code point, with 'outside' as a class"
_SCORE = "; Wilson on observed agreement with effective trials"
_ALPHA = "krippendorff_alpha"
_NOBODY = "no object was drawn by two people"


@dataclass(frozen=True)
class Drawn:
    """What people drew on items that two or more worked on, merged into units; crowd regions are left out.

    ``index`` leads back to the rows of the batch's marks.
    """

    objects: Objects
    index: Ints
    units: LocatedUnits
    work: Work
    frame: UnitFrame


def drawn_units(batch: LocatedBatch, between: Outcomes, panel: Panel, threshold: float) -> Drawn:
    """The units of a batch, from the matches of all pairs of people."""
    kept = np.flatnonzero(~batch.marks.crowd & np.isin(batch.marks.objects.item, panel.items))
    near, objects, by = matched(between, threshold), batch.marks.objects, batch.by
    if len(kept) < len(batch.marks):
        place = np.full(len(batch.marks), -1)
        place[kept] = np.arange(len(kept))
        near = Candidates(place[near.left], place[near.right], near.overlap)
        objects, by = objects.take(kept), by[kept]
    work = batch.work.take(np.isin(batch.work.item, panel.items))
    largest = int(np.bincount(work.item).max(initial=0))
    frame = UnitFrame(panel.row, panel.stratum, panel.design.rows, len(panel.weight), largest)
    return Drawn(objects, kept, located_units(objects, by, near), work, frame)


def matched(outcomes: Outcomes, threshold: float) -> Candidates:
    """The matches of all comparisons, of one class or not; the largest part of a split object is its match."""
    whole = (outcomes.kind == ErrorKind.RIGHT) | (outcomes.kind == ErrorKind.WRONG_CLASS)
    parts = (outcomes.kind == ErrorKind.SPLIT) | (outcomes.kind == ErrorKind.MERGED)
    kept = np.flatnonzero(whole | (parts & (outcomes.overlap >= threshold)))
    return Candidates(outcomes.left[kept], outcomes.right[kept], outcomes.overlap[kept])


def label_alpha(batch: LocatedBatch, drawn: Drawn, panel: Panel) -> Pending | Figure:
    """Alpha of the class among the objects that two or more people drew."""
    state = label_state(drawn.units, drawn.objects.label, drawn.frame, classes=len(batch.classes))
    return alpha(state, panel, _LABEL, _NOBODY)


def instance_alpha(batch: LocatedBatch, drawn: Drawn, panel: Panel) -> Pending | Figure:
    """Alpha over all objects, absence being a class."""
    if not len(drawn.objects):
        return undefined("nobody drew an object", method=_INSTANCE)
    state = instance_state(
        drawn.units, drawn.objects.label, drawn.work, drawn.frame, classes=len(batch.classes)
    )
    return alpha(state, panel, _INSTANCE, _NOBODY)


def alpha(state: NominalState, panel: Panel, method: str, reason: str) -> Pending | Figure:
    """Nominal alpha of units inside items; ``reason`` says why there is none where no unit has two votes."""
    units = int(state.units[:, 2:].sum())
    if not units:
        return undefined(reason, method=method)
    labels = int(state.count[:, 2:].sum())
    items = int((state.rows[:, -2] > 0).sum())

    def make(sums: Floats) -> Figure:
        design = panel.within(units)
        found = overall_figures(state, sums, panel.weight, categories=state.classes, design=design)[_ALPHA]
        return replace(
            found, units=min(items, len(panel.items)), labels=labels, positives=units, method=method + _SCORE
        )

    return Pending(state.rows, make)


def token_alpha(batch: LocatedBatch, panel: Panel) -> Pending | Figure:
    """Alpha of the class of every code point of the texts that two or more people worked on.

    Code points between two ends of spans are alike, so stretches are counted with their length. Several classes on one
    code point are a class of their own. A text of unknown length ends with its last span.
    """
    work = batch.work.take(np.isin(batch.work.item, panel.items))
    item, start, end, person, label = _parts(batch.marks, batch.by, panel.items)
    length = np.maximum(batch.facts.width, 0)
    np.maximum.at(length, item, end)
    at, stretch, size = _stretches(item, start, end, panel.items, length)
    if not len(at):
        return undefined("the texts hold no span", method=_CODE_POINTS)
    people = int(max(batch.by.max(initial=0), work.annotator.max(initial=0))) + 1
    low, high = (np.searchsorted(stretch, item * (int(length.max()) + 1) + edge) for edge in (start, end))
    covered = spread(low, high - low)
    votes = _votes(
        covered, np.repeat(person, high - low), np.repeat(label, high - low), people, len(batch.classes)
    )
    several = np.bincount(work.item, minlength=len(batch.items))
    absent = several[at] - np.bincount(votes[0], minlength=len(at))
    unit = np.concatenate([votes[0], np.repeat(np.arange(len(at)), absent)])
    voted = np.concatenate([votes[1], np.full(int(absent.sum()), len(batch.classes))])
    frame = UnitFrame(
        panel.row, panel.stratum, panel.design.rows, len(panel.weight), int(several.max(initial=0))
    )
    state = _weighted(at, size, unit, voted, frame, int(voted.max(initial=0)) + 1)
    return alpha(state, panel, _CODE_POINTS, "no text was worked on by two people")


def _parts(marks: Marks, by: Ints, items: Ints) -> tuple[Ints, ...]:
    """Item, start, end, person and class of every part of every span on some items."""
    chosen = (marks.kind == SPAN) & np.isin(marks.objects.item, items)
    several = in_parts(marks)
    whole, shapes = np.flatnonzero(chosen & ~several), Shapes(marks)
    parts = [(row, *part) for row in np.flatnonzero(chosen & several).tolist() for part in shapes.parts(row)]
    row, start, end = np.array(parts, np.int64).reshape(-1, 3).T
    box = marks.objects.box[whole].astype(np.int64)
    row = np.concatenate([whole, row])
    start, end = np.concatenate([box[:, 0], start]), np.concatenate([box[:, 0] + box[:, 2], end])
    return marks.objects.item[row], start, end, by[row], marks.objects.label[row]


def _stretches(item: Ints, start: Ints, end: Ints, items: Ints, length: Ints) -> tuple[Ints, Ints, Ints]:
    """Stretches between ends of spans: the item of each, its key (item and start), and its code points."""
    wide = int(length.max(initial=0)) + 1
    held = items[length[items] > 0]
    edges = [held * wide, held * wide + length[held], item * wide + start, item * wide + end]
    key = np.unique(np.concatenate(edges))
    size = np.diff(key)
    at = key[:-1] // wide
    inside = at == key[1:] // wide
    return at[inside], key[:-1][inside], size[inside]


def _votes(stretch: Ints, person: Ints, label: Ints, people: int, classes: int) -> tuple[Ints, Ints]:
    """One vote of each person on each stretch they marked; several classes make a class behind the background's."""
    code = np.unique((stretch * people + person) * classes + label)
    owner, said = code // classes, code % classes
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    count = np.diff(np.append(first, len(owner)))
    voted = said[first]
    mixed = np.flatnonzero(count > 1)
    sets: dict[tuple[int, ...], int] = {}
    for at in mixed.tolist():
        chosen = tuple(said[first[at] : first[at] + count[at]].tolist())
        voted[at] = sets.setdefault(chosen, classes + 1 + len(sets))
    return owner[first] // people, voted


def _weighted(at: Ints, size: Ints, unit: Ints, voted: Ints, frame: UnitFrame, classes: int) -> NominalState:
    """The state of stretches counted with their lengths: states add up, so powers of two of them do."""
    total: NominalState | None = None
    for bit in range(int(size.max()).bit_length()):
        inside = (size[unit] >> bit) & 1 == 1
        state = unit_state(at, unit[inside], voted[inside], frame, classes=classes)
        times = 1 << bit
        state = NominalState(state.same * times, state.count * times, state.units * times, state.rows * times)
        total = state if total is None else total + state
    if total is None:
        raise ValueError("a stretch has a length")
    return total
