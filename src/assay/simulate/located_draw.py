"""A programme of located labels in memory, all from a specification and a seed: truth, marks of people, final, gold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from assay.measure.candidates import Objects

from . import fields, scenes, spans
from .frame import Codes
from .located_frame import Chance, Flags, Frame, Ints, chance_of, frame_of
from .located_marks import Marks, Skill, draw_marks, true_marks
from .located_spec import LocatedSpec
from .located_tricks import camps, tricked
from .spec import accuracies

Texts = NDArray[np.object_]
_WAYS: Mapping[str, ModuleType] = {"spans": spans, "fields": fields}


@dataclass(frozen=True)
class Drawn:
    """Objects (N) with the marks they came from; ``value`` what fields enter, None for all others."""

    objects: Objects
    marks: Marks
    value: Texts | None = None

    def __len__(self) -> int:
        return len(self.objects)


@dataclass(frozen=True)
class LocatedDraw:
    """A programme in memory. ``by`` says whose each of ``votes`` is, ``work_*`` who worked on what whether or not they
    drew anything, ``gold`` are the true objects on ``gold_items``, ``camp`` says who reads which gap their own way.
    """

    spec: LocatedSpec
    seed: int
    frame: Frame
    truth: Drawn
    votes: Drawn
    by: Ints
    work_item: Ints
    work_person: Ints
    gold: Drawn
    gold_items: Ints
    camp: Flags

    @property
    def delivered(self) -> Flags:
        """Whether each item was delivered."""
        return self.frame.delivered

    @property
    def slices(self) -> Mapping[str, Codes]:
        """The code of each item's value, by attribute."""
        return self.frame.slices


def draw_located(spec: LocatedSpec, seed: int | None = None) -> LocatedDraw:
    """Draw a programme. The same specification and seed give the same arrays."""
    seed = spec.seed if seed is None else seed
    frame = frame_of(spec, seed)
    camp = camps(spec, chance_of(seed, Chance.CAMPS))
    work = frame.work_item, frame.work_person
    skill = Skill.of(spec, [spec.f1_of(one) for one in spec.people], accuracies(spec.shared, spec.classes))
    marks = draw_marks(
        spec, frame, skill, work, chance_of(seed, Chance.VOTES), chance_of(seed, Chance.COMMON),
        _forced(spec, frame, camp, seed),
    )  # fmt: skip
    marks = tricked(spec, frame, marks, seed)
    truth = true_marks(frame)
    true = Drawn(
        Objects(truth.item, truth.label, _way(spec).true_boxes(spec, frame, truth)),
        truth,
        _values(spec, frame, truth),
    )
    on_gold = np.isin(truth.item, frame.gold_item)
    return LocatedDraw(
        spec, seed, frame, true, _made(spec, frame, marks), frame.work_person[marks.owner], *work,
        _some(true, np.flatnonzero(on_gold)), frame.gold_item, camp,
    )  # fmt: skip


def _way(spec: LocatedSpec) -> ModuleType:
    """The module that knows the geometry of a kind."""
    return _WAYS.get(spec.kind, scenes)


def _values(spec: LocatedSpec, frame: Frame, marks: Marks) -> Texts | None:
    return fields.values_of(frame, marks) if spec.kind == "fields" else None


def _made(spec: LocatedSpec, frame: Frame, marks: Marks) -> Drawn:
    box = _way(spec).boxes_of(spec, frame, marks)
    return Drawn(Objects(marks.item, marks.label, box), marks, _values(spec, frame, marks))


def _some(drawn: Drawn, index: Ints) -> Drawn:
    value = None if drawn.value is None else drawn.value[index]
    return Drawn(drawn.objects.take(index), drawn.marks.take(index), value)


def _forced(spec: LocatedSpec, frame: Frame, camp: Flags, seed: int) -> Flags | None:
    """The (person, object) pairs that a gap of the guideline decides."""
    if not spec.gaps:
        return None
    chance = chance_of(seed, Chance.CAMPS)
    open_ = spans.before_comma(frame) if spec.kind == "spans" else scenes.is_small(frame)
    forced = np.zeros((len(spec.people), len(frame.item)), bool)
    for number, gap in enumerate(spec.gaps):
        values = next(one.values for one in spec.slices if one.name == gap.attribute)
        inside = frame.slices[gap.attribute][frame.item] == values.index(gap.value)
        struck = open_ & inside & (chance.random(len(frame.item)) < gap.share)
        forced |= camp[number][:, None] & struck[None]
    return forced
