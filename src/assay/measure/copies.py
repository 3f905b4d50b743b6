"""Copies: pairs of people who give the same answers where people differ, more than their work with others explains.

Only items with three or more votes that are not unanimous count. There, two people who work for themselves agree in
proportion to how well each agrees with everybody else: the share is the product of two closenesses, fitted to all other
pairs. Two people who give one label nearly always agree anyway; that is said of each of them and is no copy. What is
shown above expectation, as a part of what there is room for, estimates the share of answers that were taken over; the
test allows one standard error of the expectation beside the stated effect.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .people import PairState
from .suspicion import Suspect, Thresholds, held

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 25
_FLOOR, _CEILING = 0.25, 0.97


def copies(state: PairState, thresholds: Thresholds) -> list[Suspect]:
    """Pairs of whom one seems to take over at least the stated share of the other's answers; Holm over all pairs."""
    mixed = (state.mixed + state.mixed.T).astype(np.float64)
    agree = (state.mixed_agree + state.mixed_agree.T).astype(np.float64)
    a, b = np.nonzero(np.triu(mixed, 1) >= thresholds.least_copied)
    if len(a) == 0:
        return []
    count = mixed[a, b]
    shown = agree[a, b] / count
    expected = np.clip(np.maximum(_expected(mixed, agree, a, b), _alike(state, a, b)), _FLOOR, _CEILING)
    alone = mixed.sum(axis=1)
    known = alone[a] + alone[b] - 2 * count
    margin = np.sqrt(expected * (1 - expected) / np.maximum(known, 1)) + thresholds.effect
    copied = (shown - expected) / (1 - expected)
    tests = []
    for n in np.flatnonzero(copied >= thresholds.copied_share).tolist():
        bound = min(float(expected[n] + margin[n]), 1.0)
        p = at_least(round(float(agree[a[n], b[n]])), int(count[n]), bound)
        deviation = math.sqrt(float(expected[n]) * (1 - float(expected[n])) / float(count[n]))
        gap = float(shown[n] - expected[n])
        low, high = gap - 1.96 * deviation, gap + 1.96 * deviation
        pair = (int(a[n]), int(b[n]))
        tests.append(Suspect(pair, float(shown[n]), float(expected[n]), low, high, int(count[n]), p))
    return held(tests, thresholds, family=len(a))


def _expected(mixed: Floats, agree: Floats, a: Ints, b: Ints) -> Floats:
    """The product of two closenesses, each from the work with everybody but the other of the pair."""
    close = np.full(len(mixed), math.sqrt(max(float(agree.sum()) / float(mixed.sum()), 1e-6)))
    for _ in range(_ROUNDS):
        fitted = (agree @ close) / np.maximum(mixed @ close**2, 1e-9)
        close = np.sqrt(close * np.clip(fitted, 0.01, 1.0))
    over, under = agree @ close, mixed @ close**2
    sides = []
    for one, other in ((a, b), (b, a)):
        rest = under[one] - mixed[one, other] * close[other] ** 2
        alone = rest < 1e-9
        part = (over[one] - agree[one, other] * close[other]) / np.where(alone, 1.0, rest)
        sides.append(np.where(alone, 1.0, np.clip(part, 0.0, 1.0)))
    return np.asarray(sides[0] * sides[1])


def _alike(state: PairState, a: Ints, b: Ints) -> Floats:
    """How often two people would agree who hand out their labels without looking, on items where people differ."""
    labels = state.mixed_labels / np.maximum(state.mixed_labels.sum(axis=1, keepdims=True), 1)
    return np.asarray((labels[a] * labels[b]).sum(axis=1))


def at_least(successes: int, trials: int, chance: float) -> float:
    """The binomial chance of so many successes or more.

    >>> round(at_least(9, 10, 0.5), 6)
    0.010742
    """
    if chance >= 1 or successes <= 0:
        return 1.0
    log = math.lgamma(trials + 1)
    total = 0.0
    for k in range(successes, trials + 1):
        choose = log - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        total += math.exp(choose + k * math.log(chance) + (trials - k) * math.log1p(-chance))
    return min(total, 1.0)
