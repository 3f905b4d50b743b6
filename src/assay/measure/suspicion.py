"""Suspicions: people, pairs and slices that stand out by at least a stated effect, with Holm at a stated level.

A suspicion asks for a human look; it decides nothing. Every test is one-sided against the minimum effect, not against
zero, and the family of a kind is all its subjects, so a clean batch shows a suspicion of a kind in at most 5 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .colleagues import Beside, beside_colleagues
from .nominal import FIXED_POINT
from .people import PairState, PeopleState
from .spread import wilson

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_NORMAL = NormalDist()
_ONE = float(1 << FIXED_POINT)
_LEAST_OF_CLASS = 5
_PRIOR = 5
_LEAST_VARIANCE = 1e-6


@dataclass(frozen=True)
class Thresholds:
    """The stated effect (as a share), level and least number of observations of a test."""

    effect: float = 0.03
    level: float = 0.05
    least: int = 20
    constant_share: float = 0.90
    least_perfect: int = 30
    copied_share: float = 0.7
    least_copied: int = 8


@dataclass(frozen=True)
class Suspect:
    """A subject (one code, or two for a pair) with what it shows, what was expected, and the adjusted p-value."""

    subject: tuple[int, ...]
    shown: float
    expected: float
    low: float
    high: float
    observations: int
    p: float


def adjusted(p: Sequence[float], *, family: int | None = None) -> list[float]:
    """Holm's step-down adjusted p-values (Holm 1979). A ``family`` larger than the list adds tests with p = 1.

    >>> adjusted([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p)), key=lambda n: p[n])
    size = len(p) if family is None else family
    out, running = [0.0] * len(p), 0.0
    for rank, number in enumerate(order):
        running = max(running, min(1.0, (size - rank) * p[number]))
        out[number] = running
    return out


def held(tests: list[Suspect], thresholds: Thresholds, *, family: int | None = None) -> list[Suspect]:
    """The tests that hold after Holm, most certain first."""
    after = adjusted([t.p for t in tests], family=family)
    kept = [
        Suspect(t.subject, t.shown, t.expected, t.low, t.high, t.observations, p)
        for t, p in zip(tests, after, strict=True)
        if p < thresholds.level
    ]
    return sorted(kept, key=lambda t: (t.p, -abs(t.shown - t.expected), t.subject))


def worse(
    subject: tuple[int, ...],
    shown: float,
    expected: float,
    deviation: float,
    observations: int,
    effect: float,
) -> Suspect:
    """Test that ``shown`` lies more than ``effect`` below ``expected``; the interval is of the difference."""
    difference = shown - expected
    p = _NORMAL.cdf((difference + effect) / deviation)
    return Suspect(
        subject,
        shown,
        expected,
        difference - 1.96 * deviation,
        difference + 1.96 * deviation,
        observations,
        p,
    )


def worse_mean(
    subject: tuple[int, ...],
    shown: float,
    expected: float,
    deviation: float,
    observations: int,
    effect: float,
) -> Suspect:
    """The same where the deviation is itself estimated from these observations (Student 1908).

    The tail is Wallace's (1959) normal approximation of Student's distribution.
    """
    test = worse(subject, shown, expected, deviation, observations, effect)
    t, degrees = (shown - expected + effect) / deviation, max(observations - 1, 1)
    z = math.sqrt(degrees * math.log1p(t * t / degrees)) * (8 * degrees + 1) / (8 * degrees + 3)
    return replace(test, p=_NORMAL.cdf(math.copysign(z, t)))


def _deviation(count: int, variance: float, pooled: float) -> float:
    """The deviation of a mean; the variance of few observations is drawn towards everybody's."""
    softened = (variance * count + _PRIOR * pooled) / (count + _PRIOR)
    return math.sqrt(max(softened, _LEAST_VARIANCE) / count)


def worse_than_others(
    state: PeopleState, thresholds: Thresholds, pairs: PairState | None = None
) -> list[Suspect]:
    """People whose votes agree less with the others than the others agree among themselves on the same items.

    With three or more votes on an item the comparison is within the item, so hard items do not count against anyone.
    With two votes it is, colleague by colleague, with how often the same colleagues agree with everybody else, and it
    must not rest on one colleague alone (:mod:`.colleagues`); without ``pairs``, with everybody else's agreement.
    """
    own = state.own.sum(axis=1)
    within = state.paired.sum(axis=(1, 2))
    pooled = [_moments(sums.sum(axis=0))[2] for sums in (within, own)]
    tests = []
    for person in range(len(own)):
        paired, alone = within[person], own[person]
        if paired[0] >= thresholds.least and paired[0] >= alone[0] / 2:
            count, mean, variance = _moments(paired)
            shown = alone[1] / alone[0] / _ONE
            deviation = _deviation(count, variance, pooled[0])
            tests.append(worse_mean((person,), shown, shown - mean, deviation, count, thresholds.effect))
        elif alone[0] >= thresholds.least:
            beside = _beside(own, person, pairs, thresholds)
            if beside is None:
                continue
            deviation = math.hypot(_deviation(beside.votes, _moments(alone)[2], pooled[1]), beside.deviation)
            tests.append(
                worse_mean(
                    (person,), beside.shown, beside.expected, deviation, beside.votes, thresholds.effect
                )
            )
    return held(tests, thresholds)


def _beside(own: Ints, person: int, pairs: PairState | None, thresholds: Thresholds) -> Beside | None:
    """A person's agreement beside what it is compared with, or None where there is too little of either."""
    if pairs is not None:
        found = beside_colleagues(pairs, person, effect=thresholds.effect)
    else:
        (votes, mean, _), (rest, usual, variance) = (
            _moments(own[person]),
            _moments(own.sum(axis=0) - own[person]),
        )
        found = Beside(mean, usual, votes, rest, math.sqrt(variance / rest)) if rest else None
    if found is None or min(found.votes, found.elsewhere) < thresholds.least:
        return None
    return replace(found, votes=min(found.votes, int(own[person, 0])))


def _moments(sums: Ints) -> tuple[int, float, float]:
    """Count, mean and variance of fixed-point sums (count, sum, sum of squares)."""
    count = int(sums[0])
    if count == 0:
        return 0, 0.0, 0.0
    mean = float(sums[1]) / _ONE / count
    return count, mean, max(float(sums[2]) / _ONE / count - mean * mean, 0.0)


def worse_share(
    part: Ints, whole: Ints, thresholds: Thresholds, *, least: int | None = None
) -> list[Suspect]:
    """Subjects whose share of successes lies below that of all the others together (gold accuracy, agreement)."""
    least = thresholds.least if least is None else least
    tests = []
    for subject in range(len(whole)):
        count, rest = int(whole[subject]), int(whole.sum() - whole[subject])
        if count < least or rest < least:
            continue
        shown, expected = part[subject] / count, (part.sum() - part[subject]) / rest
        deviation = math.sqrt(
            _soft_variance(int(part[subject]), count) + _soft_variance(int(part.sum() - part[subject]), rest)
        )
        tests.append(worse((subject,), float(shown), float(expected), deviation, count, thresholds.effect))
    return held(tests, thresholds)


def farther(distance: Floats, item: Ints, person: Ints, people: int, thresholds: Thresholds) -> list[Suspect]:
    """People whose ratings lie farther from gold than the others' on the same items; distances as shares of the scale.

    ``distance``, ``item`` and ``person`` are given per rating. Where nobody else rated an item, everybody else's mean
    stands for it. The figures of a suspect are closeness: one less the mean distance.
    """
    items = int(item.max(initial=-1)) + 1
    total, votes = np.bincount(item, distance, items), np.bincount(item, minlength=items)
    others = votes[item] - 1
    whole, count = np.bincount(person, distance, people), np.bincount(person, minlength=people)
    elsewhere = (distance.sum() - whole) / np.maximum(len(distance) - count, 1)
    usual = np.where(others > 0, (total[item] - distance) / np.maximum(others, 1), elsewhere[person])
    beyond = distance - usual
    pooled = float(beyond.var()) if len(beyond) else 0.0
    tests = []
    for subject in np.flatnonzero((count >= thresholds.least) & (count < len(distance))).tolist():
        mine = beyond[person == subject]
        shown, mean = 1 - float(whole[subject] / count[subject]), float(mine.mean())
        deviation = _deviation(len(mine), float(mine.var()), pooled)
        tests.append(worse_mean((subject,), shown, shown + mean, deviation, len(mine), thresholds.effect))
    return held(tests, thresholds)


def _soft_variance(part: int, whole: int) -> float:
    """Variance of a share with one success and one failure added, so that 0 of n is never certain."""
    share = (part + 1) / (whole + 2)
    return share * (1 - share) / (whole + 2)


def better_on_gold(state: PeopleState, thresholds: Thresholds) -> list[Suspect]:
    """People who agree with the others on gold items more than their other work explains: they may know the gold.

    Gold is seldom a fair sample: clear cases are chosen, rare classes are filled up. So what counts is how much more a
    person gains on gold items than the others do on the same items (or, with two votes, on gold items altogether).
    """
    tests = []
    pooled = [_moments(sums)[2] for sums in (state.paired.sum(axis=(0, 1, 2)), state.own.sum(axis=(0, 1)))]
    for person in range(len(state.own)):
        outside, inside = state.own[person, 0], state.own[person, 1]
        if outside[0] < thresholds.least or inside[0] < thresholds.least:
            continue
        gain = _gain_within(state, person, pooled[0], thresholds)
        gain = gain or _gain_beside(state, person, pooled[1], thresholds)
        if gain is None:
            continue
        count, shown, _ = _moments(inside)
        reverse = worse_mean((person,), -gain[0], 0.0, gain[1], count, thresholds.effect)
        tests.append(
            Suspect((person,), shown, shown - gain[0], -reverse.high, -reverse.low, count, reverse.p)
        )
    return held(tests, thresholds)


def _gain_within(
    state: PeopleState, person: int, pooled: float, thresholds: Thresholds
) -> tuple[float, float] | None:
    """How much more a person stands out on gold items than elsewhere, with its deviation, from items of three votes.

    Class by class, so that someone who is good at a class of which gold holds many does not seem to know the gold.
    """
    outside, inside = state.paired[person]
    known = (outside[:, 0] >= _LEAST_OF_CLASS) & (inside[:, 0] > 0)
    count = int(inside[known, 0].sum())
    if count < max(thresholds.least, state.own[person, 1, 0] / 2):
        return None
    gain, variance = 0.0, 0.0
    for there, here in zip(outside[known], inside[known], strict=True):
        part = int(here[0]) / count
        (n, mean, spread), (m, usual, usual_spread) = _moments(here), _moments(there)
        gain += part * (mean - usual)
        variance += part**2 * (_deviation(n, spread, pooled) ** 2 + _deviation(m, usual_spread, pooled) ** 2)
    return gain, math.sqrt(variance)


def _gain_beside(
    state: PeopleState, person: int, pooled: float, thresholds: Thresholds
) -> tuple[float, float] | None:
    """The same against what everybody else gains on gold items."""
    rest = state.own.sum(axis=0) - state.own[person]
    if (rest[:, 0] < thresholds.least).any():
        return None
    mine = [_moments(part) for part in state.own[person]]
    theirs = [_moments(part) for part in rest]
    gain = (mine[1][1] - mine[0][1]) - (theirs[1][1] - theirs[0][1])
    return gain, math.hypot(*(_deviation(n, v, pooled) for n, _, v in (*mine, *theirs)))


def never_wrong(correct: Ints, answered: Ints, thresholds: Thresholds) -> list[Suspect]:
    """People without one error on gold where even the next best person, at the upper end, would have made some."""
    tests = []
    for person in np.flatnonzero((answered >= thresholds.least_perfect) & (correct == answered)).tolist():
        others = [
            wilson(int(correct[n]), int(answered[n]), 0.95)[1]
            for n in range(len(answered))
            if n != person and answered[n] >= thresholds.least_perfect and correct[n] < answered[n]
        ]
        if not others:
            continue
        best, count = max(others), int(answered[person])
        low = wilson(count, count, 0.95)[0]
        tests.append(Suspect((person,), 1.0, best, low - best, 1 - best, count, best**count))
    return held(tests, thresholds)


def near_constant(state: PeopleState, thresholds: Thresholds) -> list[Suspect]:
    """People who give nearly always one label, clearly more often than the others do on the same items."""
    tests = []
    totals, beside = state.labels.sum(axis=1), state.beside.sum(axis=1)
    for person in np.flatnonzero((totals >= thresholds.least) & (beside > 0)).tolist():
        label = int(state.labels[person].argmax())
        count = int(totals[person])
        shown = state.labels[person, label] / count
        expected = float(state.beside[person, label] / beside[person])
        if shown < thresholds.constant_share:
            continue
        deviation = math.sqrt(
            _soft_variance(int(state.labels[person, label]), count) + expected * (1 - expected) / count
        )
        reverse = worse((person, label), -float(shown), -expected, deviation, count, thresholds.effect)
        tests.append(
            Suspect((person, label), float(shown), expected, -reverse.high, -reverse.low, count, reverse.p)
        )
    return held(tests, thresholds)
