"""Suspicions: people, pairs and slices that stand out by at least a stated effect, with Holm at a stated level.

A suspicion asks for a human look; it decides nothing. Every test is one-sided against the minimum effect, not against
zero, and the family of a kind is all its subjects, so a clean batch shows a suspicion of a kind in at most 5 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .nominal import FIXED_POINT
from .people import PairState, PeopleState
from .spread import wilson

Ints = NDArray[np.int64]
_NORMAL = NormalDist()
_ONE = float(1 << FIXED_POINT)


@dataclass(frozen=True)
class Thresholds:
    """The stated effect (as a share), level and least number of observations of a test."""

    effect: float = 0.03
    level: float = 0.05
    least: int = 20
    constant_share: float = 0.90
    least_perfect: int = 30
    copy_share: float = 0.95


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


def adjusted(p: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values (Holm 1979).

    >>> adjusted([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p)), key=lambda n: p[n])
    out, running = [0.0] * len(p), 0.0
    for rank, number in enumerate(order):
        running = max(running, min(1.0, (len(p) - rank) * p[number]))
        out[number] = running
    return out


def held(tests: list[Suspect], thresholds: Thresholds) -> list[Suspect]:
    """The tests that hold after Holm, most certain first."""
    after = adjusted([t.p for t in tests])
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


def worse_than_others(state: PeopleState, thresholds: Thresholds) -> list[Suspect]:
    """People whose votes agree less with the others than the others agree among themselves on the same items.

    With three or more votes on an item the comparison is within the item, so hard items do not count against anyone;
    with two votes it is against everybody else's agreement.
    """
    own = state.own.sum(axis=1)
    whole = own.sum(axis=0)
    tests = []
    for person in range(len(own)):
        paired, alone = state.paired[person], own[person]
        if paired[0] >= thresholds.least and paired[0] >= alone[0] / 2:
            count, mean, variance = _moments(paired)
            shown = alone[1] / alone[0] / _ONE
            deviation = math.sqrt((variance + 0.25 / count) / count)
            tests.append(worse((person,), shown, shown - mean, deviation, count, thresholds.effect))
        elif alone[0] >= thresholds.least and whole[0] - alone[0] >= thresholds.least:
            count, mean, variance = _moments(alone)
            rest_count, rest_mean, rest_variance = _moments(whole - alone)
            deviation = math.sqrt((variance + 0.25 / count) / count + rest_variance / rest_count)
            tests.append(worse((person,), mean, rest_mean, deviation, count, thresholds.effect))
    return held(tests, thresholds)


def _moments(sums: Ints) -> tuple[int, float, float]:
    """Count, mean and variance of fixed-point sums (count, sum, sum of squares)."""
    count = int(sums[0])
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


def _soft_variance(part: int, whole: int) -> float:
    """Variance of a share with one success and one failure added, so that 0 of n is never certain."""
    share = (part + 1) / (whole + 2)
    return share * (1 - share) / (whole + 2)


def better_on_gold(state: PeopleState, thresholds: Thresholds) -> list[Suspect]:
    """People who agree with the others more on gold items than elsewhere: they may know which items are gold."""
    tests = []
    for person in range(len(state.own)):
        outside, inside = state.own[person, 0], state.own[person, 1]
        if outside[0] < thresholds.least or inside[0] < thresholds.least:
            continue
        count, mean, variance = _moments(inside)
        _, elsewhere, other_variance = _moments(outside)
        deviation = math.sqrt(
            (variance + 0.25 / count) / count + (other_variance + 0.25 / int(outside[0])) / int(outside[0])
        )
        reverse = worse((person,), -mean, -elsewhere, deviation, count, thresholds.effect)
        tests.append(Suspect((person,), mean, elsewhere, -reverse.high, -reverse.low, count, reverse.p))
    return held(tests, thresholds)


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


def copies(people: PeopleState, state: PairState, thresholds: Thresholds) -> list[Suspect]:
    """Pairs who nearly always say the same on items where people differ, more than any third person explains.

    Only items with three or more votes that are not unanimous count. Two careful people agree there whenever a third
    one errs, so the expectation takes the least careful third: e_c / (e_a + e_b + e_c), and at least 1 - f_a - f_b + f
    from their disagreements with everyone else.
    """
    mixed = state.mixed + state.mixed.T
    agree = state.mixed_agree + state.mixed_agree.T
    whole = float(mixed.sum())
    if whole == 0:
        return []
    overall = 1 - float(agree.sum()) / whole
    errors = _error_rates(people)
    tests = []
    for a, b in zip(*np.nonzero(np.triu(mixed, 1) >= thresholds.least), strict=True):
        n = int(mixed[a, b])
        shown = float(agree[a, b] / n)
        third = float(np.delete(errors, [a, b]).max(initial=0.0))
        expected = max(
            third / max(errors[a] + errors[b] + third, 1e-9), _apart(mixed, agree, int(a), int(b), overall)
        )
        expected = min(max(expected, 0.05), 0.97)
        if shown < thresholds.copy_share:
            tests.append(Suspect((int(a), int(b)), shown, expected, 0.0, 0.0, n, 1.0))
            continue
        deviation = math.sqrt(expected * (1 - expected) / n)
        reverse = worse((int(a), int(b)), -shown, -expected, deviation, n, thresholds.effect)
        tests.append(Suspect((int(a), int(b)), shown, expected, -reverse.high, -reverse.low, n, reverse.p))
    return held(tests, thresholds)


def _error_rates(people: PeopleState) -> NDArray[np.float64]:
    """Each person's rate of disagreement with the others, less half of everybody's: about their own share of it."""
    own = people.own.sum(axis=1).astype(np.float64)
    apart = 1 - own[:, 1] / _ONE / np.maximum(own[:, 0], 1)
    whole = own.sum(axis=0)
    everybody = 1 - whole[1] / _ONE / max(whole[0], 1)
    return np.where(own[:, 0] > 0, np.maximum(apart - everybody / 2, 0.001), 0.0)


def _apart(mixed: Ints, agree: Ints, a: int, b: int, overall: float) -> float:
    rates = []
    for person in (a, b):
        count = mixed[person].sum() - mixed[a, b]
        if count <= 0:
            return 0.0
        rates.append(1 - (agree[person].sum() - agree[a, b]) / count)
    return float(1 - sum(rates) + overall)


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
