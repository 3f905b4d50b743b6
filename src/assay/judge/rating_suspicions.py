"""Suspicions about ratings: people whose ratings lie far from the others' or from gold, in units of the scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.analytics.batch import Batch
from assay.analytics.measuring import Scored
from assay.annotation.finding import Finding
from assay.measure.figure import rounded
from assay.measure.nominal import FIXED_POINT
from assay.measure.people import PeopleState
from assay.measure.suspicion import Suspect, Thresholds, farther

_ONE = float(1 << FIXED_POINT)


def far_from_others(batch: Batch, people: PeopleState, suspects: Sequence[Suspect]) -> list[Finding]:
    """People who agree less with the others than these with each other, said as distances of ratings."""
    out = []
    for s in suspects:
        person = s.subject[0]
        name, votes = batch.annotators[person], float(people.own[person].sum(axis=0)[0])
        lean = float(people.lean[person]) / _ONE / votes
        text = (
            f"{name}’s ratings lie {_amount(batch, 1 - s.shown)} from the others’, which lie "
            f"{_amount(batch, 1 - s.expected)} from each other on the same items (over {s.observations:,} ratings)"
            f"{_direction(batch, lean)}."
        )
        out.append(_finding("worse_than_others", batch, s, lean, text))
    return out


def far_from_gold(batch: Batch, votes: Scored, thresholds: Thresholds) -> list[Finding]:
    """People whose ratings of gold items lie farther from gold than the others' ratings of the same items."""
    if batch.positions is None:
        return []
    place, known = batch.positions / _ONE, votes.given >= 0
    votes = Scored(votes.gold[known], votes.given[known], votes.annotator[known])
    above = place[votes.given] - place[batch.gold.label[votes.gold]]
    out = []
    for s in farther(np.abs(above), votes.gold, votes.annotator, len(batch.annotators), thresholds):
        lean = float(above[votes.annotator == s.subject[0]].mean())
        text = (
            f"{batch.annotators[s.subject[0]]}’s ratings lie {_amount(batch, 1 - s.shown)} from gold over "
            f"{s.observations:,} items; the others’ on the same items lie {_amount(batch, 1 - s.expected)} from it"
            f"{_direction(batch, lean)}."
        )
        out.append(_finding("worse_on_gold", batch, s, lean, text))
    return out


def _direction(batch: Batch, lean: float) -> str:
    if abs(lean) < Thresholds().effect:
        return ""
    return f"; they are {_amount(batch, abs(lean))} {'higher' if lean > 0 else 'lower'} on average"


def _span(batch: Batch) -> float:
    """The length of the scale: steps where only the order counts, else units."""
    if batch.level == "ordinal" or batch.numbers is None:
        return float(len(batch.classes) - 1)
    return float(batch.numbers.max() - batch.numbers.min())


def _amount(batch: Batch, share: float) -> str:
    unit = " steps" if batch.level == "ordinal" else ""
    return f"{share * _span(batch):.3g}{unit}"


def _finding(kind: str, batch: Batch, s: Suspect, lean: float, text: str) -> Finding:
    span = _span(batch)
    evidence = {
        "distance": rounded((1 - s.shown) * span),
        "expected_distance": rounded((1 - s.expected) * span),
        "lean": rounded(lean * span),
        "observations": s.observations,
        "p": rounded(s.p),
    }
    return Finding(kind, "major", batch.annotators[s.subject[0]], text, evidence)
