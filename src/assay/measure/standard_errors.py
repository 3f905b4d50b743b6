"""Standard errors of agreement over a random sample of items (Gwet's linearisation), labels may be missing.

Each coefficient is written as a mean over items of a linearised value; its variance over items is the variance of the
coefficient: Var = Σ_i (c*_i - c)² / (n (n - 1)). Items are the sampling unit, annotators are taken as they are.

Source: K. L. Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014, ch. 5-6; K. L. Gwet 2008, BJMSP 61:29.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from .chance import chance_between, shares_by_person
from .ratings import MISSING, Floats, Integers, Ratings
from .undefined import NO_PAIRS, ONE_VALUE, Undefined
from .weights import Weights, weights_of

Coefficient: TypeAlias = Literal[
    "percent_agreement",
    "gwet_ac",
    "fleiss_kappa",
    "brennan_prediger",
    "krippendorff_alpha",
    "conger_kappa",
]


def standard_error(
    coefficient: Coefficient, ratings: Ratings, weights: Weights = "identity"
) -> float | Undefined:
    """The standard error of a coefficient over items; the coefficients themselves are in ``chance``.

    >>> rows = [[1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4],
    ...         [1, 1, 2, 1], [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, None, 3, None]]
    >>> ratings = Ratings.from_rows(rows)
    >>> [round(standard_error(name, ratings), 5) for name in ("gwet_ac", "fleiss_kappa", "conger_kappa")]
    [0.14295, 0.15302, 0.14917]
    """
    if coefficient not in _LINEARISED:
        raise ValueError(f"unknown coefficient {coefficient!r}; expected one of {', '.join(_LINEARISED)}")
    labelled = np.any(ratings.codes != MISSING, axis=1)
    kept = Ratings(ratings.codes[labelled], ratings.values, ratings.told_apart)
    counts = kept.counts()
    pairable = int(np.count_nonzero(counts.sum(axis=1) > 1))
    if pairable == 0:
        return NO_PAIRS
    if len(kept.values) < 2:
        return ONE_VALUE
    values = _LINEARISED[coefficient](kept, counts, weights_of(weights, kept.values))
    if isinstance(values, Undefined):
        return values
    if len(values) < 2:
        return Undefined("one item says nothing about the spread over items")
    return _error_of_mean(values)


def _error_of_mean(values: Floats) -> float:
    spread = math.fsum((values - math.fsum(values) / len(values)) ** 2)
    return math.sqrt(spread / (len(values) * (len(values) - 1)))


def _agreement_by_item(counts: Integers, scheme: Floats) -> tuple[Floats, Floats]:
    """Observed agreement of each item scaled so that the mean over all items is p_a, and n / n₂ where it counts."""
    labels = counts.sum(axis=1)
    some = labels > 1
    agreeing = (counts * (counts @ scheme - 1)).sum(axis=1)
    shares = np.divide(agreeing, labels * (labels - 1), out=np.zeros(len(labels)), where=some)
    scale = some * (len(labels) / np.count_nonzero(some))
    return shares * scale, scale


def _corrected(
    counts: Integers, scheme: Floats, expected: float, by_item: Floats | None
) -> Floats | Undefined:
    """The linearised values of (p_a - p_e) / (1 - p_e); ``by_item`` has mean p_e and carries half its influence."""
    if expected == 1:
        return ONE_VALUE
    observed, scale = _agreement_by_item(counts, scheme)
    values = (observed - expected * scale) / (1 - expected)
    if by_item is None:
        return values
    value = float(values.mean())
    return np.asarray(values - 2 * (1 - value) * (by_item - expected) / (1 - expected), dtype=np.float64)


def _item_shares(counts: Integers) -> Floats:
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def _percent_agreement(_: Ratings, counts: Integers, scheme: Floats) -> Floats:
    return _agreement_by_item(counts, scheme)[0]


def _gwet_ac(_: Ratings, counts: Integers, scheme: Floats) -> Floats | Undefined:
    size = len(scheme)
    by_item = _item_shares(counts)
    shares = by_item.mean(axis=0)
    factor = float(scheme.sum()) / (size * (size - 1))
    expected = factor * float((shares * (1 - shares)).sum())
    return _corrected(counts, scheme, expected, factor * (by_item @ (1 - shares)))


def _fleiss(_: Ratings, counts: Integers, scheme: Floats) -> Floats | Undefined:
    by_item = _item_shares(counts)
    shares = by_item.mean(axis=0)
    expected = float(shares @ scheme @ shares)
    return _corrected(counts, scheme, expected, by_item @ ((scheme + scheme.T) @ shares / 2))


def _brennan_prediger(_: Ratings, counts: Integers, scheme: Floats) -> Floats | Undefined:
    return _corrected(counts, scheme, float(scheme.sum()) / len(scheme) ** 2, None)


def _alpha(_: Ratings, counts: Integers, scheme: Floats) -> Floats | Undefined:
    """Alpha without its small-sample term; items count by their number of labels, so that mean is a ratio."""
    kept = counts[counts.sum(axis=1) > 1]
    labels = kept.sum(axis=1)
    mean = float(labels.mean())
    excess = (labels - mean) / mean
    shares = kept.sum(axis=0) / (len(kept) * mean)
    expected = float(shares @ scheme @ shares)
    if expected == 1:
        return ONE_VALUE
    agreeing = (kept * (kept @ scheme - 1)).sum(axis=1) / (mean * (labels - 1))
    share = float(agreeing.mean())
    small_sample = 1 / float(labels.sum())
    observed = agreeing - ((1 - small_sample) * share + small_sample) * excess
    chance = kept @ ((scheme + scheme.T) @ shares / 2) / mean - expected * excess
    value = (share - expected) / (1 - expected)
    return np.asarray(
        (observed - expected - 2 * (1 - value) * (chance - expected)) / (1 - expected), dtype=np.float64
    )


def _conger(ratings: Ratings, counts: Integers, scheme: Floats) -> Floats | Undefined:
    shares = shares_by_person(ratings)
    if isinstance(shares, Undefined):
        return shares
    people, items = len(shares), ratings.items
    symmetric = (scheme + scheme.T) / 2
    facing = (shares.sum(axis=0) - shares) @ symmetric
    by_item = np.zeros(items)
    columns = [column for column in ratings.codes.T if np.any(column != MISSING)]
    for codes, own, others in zip(columns, shares, facing, strict=True):
        present = codes != MISSING
        mean = float(own @ others)
        chosen = np.where(present, others[np.where(present, codes, 0)] - mean, 0.0)
        by_item += chosen * items / np.count_nonzero(present) + mean
    expected = chance_between(shares, scheme)
    return _corrected(counts, scheme, expected, by_item / (people * (people - 1)))


_LINEARISED: dict[Coefficient, Callable[[Ratings, Integers, Floats], Floats | Undefined]] = {
    "percent_agreement": _percent_agreement,
    "gwet_ac": _gwet_ac,
    "fleiss_kappa": _fleiss,
    "brennan_prediger": _brennan_prediger,
    "krippendorff_alpha": _alpha,
    "conger_kappa": _conger,
}
