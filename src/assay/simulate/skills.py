"""How often people err on an item, before the kind of label decides what they answer instead."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .frame import Codes, Flags, Floats, Frame, Stream, in_slice, stream
from .spec import Spec

MOST_ERRORS = 0.98
"""Nobody errs more often than this, however much is planted."""


def person_errors(spec: Spec, wrong: Floats) -> Floats:
    """How often each person errs on each class (rows: people), from how often an average one does.

    A person's accuracy scales the errors of every class alike, so that it holds over the prior.
    """
    weights = np.asarray(spec.shares)
    mean = float(weights @ wrong / weights.sum())
    found = np.empty((len(spec.people), len(spec.classes)))
    for row, person in zip(found, spec.people, strict=True):
        if person.accuracy is None:
            row[:] = wrong
        else:
            row[:] = wrong * ((1 - person.accuracy) / mean) if mean else 1 - person.accuracy
        for name, accuracy in person.by_class.items():
            row[spec.classes.index(name)] = 1 - accuracy
    return found


def pressed(errors: Floats, spec: Spec, frame: Frame) -> Floats:
    """Errors of votes under hard slices and drift."""
    if spec.hard_slices:
        errors = errors * frame.harder[frame.item]
    drift = np.array([person.drift for person in spec.people])
    if drift.any():
        errors = errors - drift[frame.annotator] * frame.position[frame.item]
    return np.clip(errors, 0, MOST_ERRORS)


def gap_votes(spec: Spec, seed: int, frame: Frame, code: int) -> Flags:
    """The votes that the other reading of the guideline would turn, by person, slice and chance."""
    gap = spec.guideline_gaps[code]
    chance = stream(seed + 7919 * code, Stream.GAPS)
    people = chance.permutation(len(spec.people)) < round(gap.camp * len(spec.people))
    slice_ = in_slice(spec, frame.slices, gap.attribute, gap.value)
    turned = chance.random(len(frame.item)) < gap.share
    return np.asarray(turned & people[frame.annotator] & slice_[frame.item])


def final_errors(spec: Spec, frame: Frame, wrong: Floats) -> Floats:
    """How often the delivered final label of each item is wrong under hard slices."""
    return np.clip(wrong * frame.harder, 0, MOST_ERRORS) if spec.hard_slices else wrong


def final_gap(spec: Spec, frame: Frame, code: int, chance: np.random.Generator) -> Flags:
    """The items whose final label follows the other reading of the guideline."""
    gap = spec.guideline_gaps[code]
    turned = chance.random(spec.items) < gap.share * gap.camp
    return np.asarray(turned & in_slice(spec, frame.slices, gap.attribute, gap.value))


def gap_items(spec: Spec, slices: Mapping[str, Codes]) -> list[Flags]:
    """The items of the slice of each guideline gap."""
    return [in_slice(spec, slices, gap.attribute, gap.value) for gap in spec.guideline_gaps]
