"""Suspicions in plain words: what stands out about a person, a pair of people or a slice, and by how much."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assay.analytics.batch import Batch
from assay.analytics.measuring import BatchState
from assay.analytics.rows import Plan
from assay.annotation.finding import Finding
from assay.measure.copies import copies
from assay.measure.figure import rounded
from assay.measure.nominal import FIXED_POINT
from assay.measure.suspicion import (
    Suspect,
    Thresholds,
    better_on_gold,
    near_constant,
    never_wrong,
    worse_share,
    worse_than_others,
)

from .coding import Coding
from .figures import Against, right_answers
from .rating_suspicions import far_from_gold, far_from_others


def suspicions_of(
    batch: Batch, coding: Coding, state: BatchState, plan: Plan, gold: Against | None, thresholds: Thresholds
) -> list[Finding]:
    """Every suspicion of a batch as a finding; they ask for a look and decide nothing."""
    out = _of_people(batch, state, gold if len(batch.gold) else None, thresholds)
    if gold is not None and len(batch.gold):
        out += [_leak(batch, s) for s in better_on_gold(state.people, thresholds)]
        out += [_perfect(batch, s) for s in never_wrong(*_gold_by_person(batch, gold), thresholds)]
    out += _slice_suspicions(batch, state, plan, thresholds)
    if state.pairs is not None:
        out += [_copy(batch, s) for s in copies(state.pairs, thresholds)]
    out += [_constant(batch, coding, s) for s in near_constant(state.people, thresholds)]
    return out


def _of_people(
    batch: Batch, state: BatchState, gold: Against | None, thresholds: Thresholds
) -> list[Finding]:
    """People who do worse than the others, beside them and against gold."""
    worse = worse_than_others(state.people, thresholds, state.pairs)
    if batch.kind == "rating":
        far = far_from_others(batch, state.people, worse)
        return far + (far_from_gold(batch, gold.votes, thresholds) if gold is not None else [])
    if gold is None:
        return [_worse(batch, s, None) for s in worse]
    correct, answered = _gold_by_person(batch, gold)
    out = [_worse(batch, s, (correct, answered)) for s in worse]
    return out + [_worse_on_gold(batch, s) for s in worse_share(correct, answered, thresholds)]


def _gold_by_person(batch: Batch, gold: Against) -> tuple[np.ndarray, np.ndarray]:
    people = len(batch.annotators)
    right = right_answers(batch, gold.votes)
    person = gold.votes.annotator
    return (
        np.bincount(person[right], minlength=people),
        np.bincount(person, minlength=people),
    )


def _slice_suspicions(batch: Batch, state: BatchState, plan: Plan, thresholds: Thresholds) -> list[Finding]:
    out, first = [], 0
    for number, attribute in enumerate(batch.slices):
        values = len(attribute.values)
        agreeing, units = _agreement_of_slices(batch, state, plan, number, slice(first, first + values))
        first += values
        for suspect in worse_share(agreeing, units, thresholds):
            out.append(_hard_slice(attribute.name, attribute.values[suspect.subject[0]], suspect))
    return out


def _agreement_of_slices(
    batch: Batch, state: BatchState, plan: Plan, number: int, own: slice
) -> tuple[np.ndarray, np.ndarray]:
    """Agreement summed over the items of each value of an attribute, and the items; of sets, how many are unanimous."""
    if batch.sets is not None:
        units = state.disagreement.units_slice[own]
        return units - state.disagreement.mixed_slice[own], units
    found, values = state.slices[number], own.stop - own.start
    rows = found.rows.reshape(-1, plan.rows, found.rows.shape[1])[:values].sum(axis=1)
    units = found.units.reshape(-1, len(batch.strata), found.units.shape[1])[:values, :, 2:].sum(axis=(1, 2))
    return (rows[:, -3] >> FIXED_POINT).astype(np.int64), units


def _evidence(s: Suspect) -> Mapping[str, object]:
    return {
        "shown": rounded(s.shown),
        "expected": rounded(s.expected),
        "low": rounded(s.low),
        "high": rounded(s.high),
        "observations": s.observations,
        "p": rounded(s.p),
    }


def _worse(batch: Batch, s: Suspect, gold: tuple[np.ndarray, np.ndarray] | None) -> Finding:
    name = batch.annotators[s.subject[0]]
    text = (
        f"{name} agrees with the others in {s.shown:.1%} of cases, where the others agree with each other in "
        f"{s.expected:.1%} (over {s.observations:,} votes)."
    )
    return Finding("worse_than_others", "major", name, text + _on_gold(s.subject[0], gold), _evidence(s))


def _on_gold(person: int, gold: tuple[np.ndarray, np.ndarray] | None) -> str:
    """What gold says of someone who differs from the others: it may be the others who err."""
    if gold is None:
        return ""
    correct, answered = (counts.astype(np.int64) for counts in gold)
    mine, rest = int(answered[person]), int(answered.sum() - answered[person])
    if mine < Thresholds().least or rest < Thresholds().least:
        return ""
    others = (correct.sum() - correct[person]) / rest
    return f" On gold: right on {correct[person] / mine:.1%} of {mine:,} answers, all others on {others:.1%}."


def _worse_on_gold(batch: Batch, s: Suspect) -> Finding:
    name = batch.annotators[s.subject[0]]
    text = (
        f"{name} is right on {s.shown:.1%} of {s.observations:,} gold answers; "
        f"all others together on {s.expected:.1%}."
    )
    return Finding("worse_on_gold", "major", name, text, _evidence(s))


def _leak(batch: Batch, s: Suspect) -> Finding:
    name = batch.annotators[s.subject[0]]
    text = (
        f"{name} agrees with the others on gold items in {s.shown:.1%} of cases, where {s.expected:.1%} would fit "
        "the same person’s work on other items: gold items may be known to this person."
    )
    return Finding("knows_gold", "major", name, text, _evidence(s))


def _perfect(batch: Batch, s: Suspect) -> Finding:
    name = batch.annotators[s.subject[0]]
    text = (
        f"{name} matches gold on all {s.observations:,} gold answers, which the next best person would hardly do: "
        "the answers may be a copy of gold, or gold a copy of them."
    )
    return Finding("copy_of_gold", "major", name, text, _evidence(s))


def _hard_slice(attribute: str, value: str, s: Suspect) -> Finding:
    text = (
        f"Where {attribute} is {value}, people agree in {s.shown:.1%} of cases; elsewhere in {s.expected:.1%} "
        f"(over {s.observations:,} items)."
    )
    return Finding("hard_slice", "major", f"{attribute}: {value}", text, _evidence(s))


def _copy(batch: Batch, s: Suspect) -> Finding:
    a, b = (batch.annotators[n] for n in s.subject)
    text = (
        f"{a} and {b} give the same label on {s.shown:.1%} of {s.observations:,} items where people differ; "
        f"{s.expected:.0%} would fit their work with others: one may copy the other."
    )
    return Finding("copy_of_person", "major", f"{a}, {b}", text, _evidence(s))


def _constant(batch: Batch, coding: Coding, s: Suspect) -> Finding:
    name, label = batch.annotators[s.subject[0]], coding.text(s.subject[1])
    text = (
        f"{name} gives “{label}” in {s.shown:.1%} of {s.observations:,} votes; others give it on the same items in "
        f"{s.expected:.1%}."
    )
    return Finding("near_constant", "major", name, text, _evidence(s))
