"""Agreement beyond chance for any number of annotators, from integer states; labels may be missing.

Every coefficient is (p_a - p_e) / (1 - p_e). They share the observed agreement p_a (the mean over items with two or
more labels of the share of agreeing pairs) and differ in what they call chance p_e. Items with one label count for
the shares of the classes only, as in Gwet's handbook. Cohen's kappa of two annotators is in ``kappa``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .coincidence import AgreementState
from .kappa import pairwise_kappa
from .ratings import MISSING, Floats, Ratings, Value, square
from .undefined import NO_PAIRS, Undefined, beyond_chance, ratio
from .weights import Weights, weights_of

_ONE_CLASS = Undefined("the scale has one class only")


def percent_agreement(state: AgreementState, weights: Weights = "identity") -> float | Undefined:
    """Observed agreement: the mean over items of the (weighted) share of pairs of labels that agree.

    p_a = Σ_i Σ_kl w_kl (pairs of k with l on i) / (m_i (m_i - 1)) / n, over the n items with m_i ≥ 2 labels.

    >>> state = AgreementState.of(Ratings.from_rows([["a", "a", "b"], ["b", "b", "b"]]))
    >>> round(percent_agreement(state), 4)
    0.6667
    """
    scheme = weights_of(weights, state.values)
    total = 0.0
    for m in sorted(state.pairs):
        if m > 1:
            total += float((scheme * state.pairs[m]).sum()) / (m * (m - 1))
    return ratio(total, sum(number for m, number in state.items.items() if m > 1), NO_PAIRS.reason)


def class_shares(state: AgreementState) -> Floats | Undefined:
    """The mean share of each class on an item, over all items with a label: π_k = Σ_i n_ik / m_i / n.

    >>> class_shares(AgreementState.of(Ratings.from_rows([["a", "a"], ["a", "b"], ["b", None]]))).tolist()
    [0.5, 0.5]
    """
    items = sum(state.items.values())
    if items == 0:
        return Undefined("no item carries a label")
    shares = np.zeros(len(state.values))
    for m in sorted(state.totals):
        shares += state.totals[m] / m
    return shares / items


def prevalence(state: AgreementState, value: Value) -> float | Undefined:
    """The share of a class among all labels, each label counting the same.

    >>> prevalence(AgreementState.of(Ratings.from_rows([["a", "a"], ["a", "b"], ["b", None]])), "a")
    0.6
    """
    place = state.values.index(value)
    labels = sum(m * number for m, number in state.items.items())
    return ratio(
        sum(int(totals[place]) for totals in state.totals.values()), labels, "no item carries a label"
    )


def fleiss_kappa(state: AgreementState, weights: Weights = "identity") -> float | Undefined:
    """Fleiss' kappa, generalised to missing labels and weights: p_e = Σ_kl w_kl π_k π_l.

    Source: J. L. Fleiss 1971, Psychol. Bull. 76:378; missing labels and weights: K. L. Gwet 2014, ch. 2-3.

    >>> round(fleiss_kappa(AgreementState.of(Ratings.from_counts([[6, 1, 0], [0, 7, 0]]))), 6)
    0.708333
    """
    shares = class_shares(state)
    if isinstance(shares, Undefined):
        return shares
    expected = float(shares @ weights_of(weights, state.values) @ shares)
    return beyond_chance(percent_agreement(state, weights), expected)


def scott_pi(table: ArrayLike, weights: Weights = "identity") -> float | Undefined:
    """Scott's pi of two annotators: chance from the labels of both together, p_e = Σ w_kl π_k π_l.

    Source: W. A. Scott 1955, Public Opin. Q. 19:321. On a table without missing labels it is Fleiss' kappa.

    >>> round(scott_pi([[20, 10], [20, 50]]), 4)
    0.3407
    """
    return fleiss_kappa(AgreementState.of(Ratings.from_table(square(table))), weights)


def gwet_ac1(state: AgreementState) -> float | Undefined:
    """Gwet's AC1: chance is p_e = Σ π_k (1 - π_k) / (q - 1) over a scale of q classes.

    A class on the declared scale counts in q even if nobody used it.

    Source: K. L. Gwet 2008, Br. J. Math. Stat. Psychol. 61:29.

    >>> round(gwet_ac1(AgreementState.of(Ratings.from_table([[8, 1], [0, 1]]))), 4)
    0.8658
    """
    return gwet_ac2(state, "identity")


def gwet_ac2(state: AgreementState, weights: Weights) -> float | Undefined:
    """Gwet's AC2, AC1 with weights: p_e = Σ_kl w_kl Σ_k π_k (1 - π_k) / (q (q - 1)).

    Source: K. L. Gwet 2014, Handbook of Inter-Rater Reliability, ch. 3.

    >>> state = AgreementState.of(Ratings.from_rows([[1, 1, 2], [2, 2, 3], [3, 3, None]]))
    >>> round(gwet_ac2(state, "linear"), 4)
    0.5221
    """
    size = len(state.values)
    shares = class_shares(state)
    if isinstance(shares, Undefined):
        return shares
    if size < 2:
        return NO_PAIRS if isinstance(percent_agreement(state), Undefined) else _ONE_CLASS
    weight = float(weights_of(weights, state.values).sum())
    expected = weight * float((shares * (1 - shares)).sum()) / (size * (size - 1))
    return beyond_chance(percent_agreement(state, weights), expected)


def brennan_prediger(state: AgreementState, weights: Weights = "identity") -> float | Undefined:
    """The coefficient of Brennan and Prediger: chance is the same for all q classes, p_e = Σ w_kl / q².

    For two annotators it is also called S (Bennett, Alpert & Goldstein 1954); a declared class nobody used counts.

    Source: R. L. Brennan & D. J. Prediger 1981, Educ. Psychol. Meas. 41:687.

    >>> round(brennan_prediger(AgreementState.of(Ratings.from_table([[50, 0, 0], [10, 10, 10], [20, 0, 0]]))), 3)
    0.4
    """
    size = len(state.values)
    observed = percent_agreement(state, weights)
    if size < 2:
        return observed if isinstance(observed, Undefined) else _ONE_CLASS
    return beyond_chance(observed, float(weights_of(weights, state.values).sum()) / size**2)


def bennett_s(table: ArrayLike) -> float | Undefined:
    """Bennett's S of two annotators: (q p_o - 1) / (q - 1) over the q classes of the table.

    >>> round(bennett_s([[20, 10], [20, 50]]), 4)
    0.4
    """
    return brennan_prediger(AgreementState.of(Ratings.from_table(square(table))))


def pabak(table: ArrayLike) -> float | Undefined:
    """Prevalence- and bias-adjusted kappa: 2 p_o - 1, whatever the number of classes (Byrt et al. 1993).

    For two classes it equals S; show it beside the prevalence, it does not replace kappa.

    >>> round(pabak([[40, 9], [6, 45]]), 4)
    0.7
    """
    observed = percent_agreement(AgreementState.of(Ratings.from_table(square(table))))
    return observed if isinstance(observed, Undefined) else 2 * observed - 1


def randolph_kappa(state: AgreementState) -> float | Undefined:
    """Randolph's free-marginal kappa: chance is 1 / q; the multi-annotator name of Brennan-Prediger.

    Source: J. J. Randolph 2005, Joensuu Learning and Instruction Symposium.

    >>> round(randolph_kappa(AgreementState.of(Ratings.from_counts([[6, 1, 0], [0, 7, 0]]))), 6)
    0.785714
    """
    return brennan_prediger(state)


def conger_kappa(ratings: Ratings, weights: Weights = "identity") -> float | Undefined:
    """Conger's kappa: chance is the mean over pairs of people of Σ w_kl p_gk p_hl, each with own class shares.

    For two annotators without missing labels it is Cohen's kappa.

    Source: A. J. Conger 1980, Psychol. Bull. 88:322; missing labels: K. L. Gwet 2014, ch. 2.

    >>> rows = [["a", "a", "b"], ["b", "b", "b"], ["a", "b", "a"]]
    >>> round(conger_kappa(Ratings.from_rows(rows)), 4)
    0.1429
    """
    shares = shares_by_person(ratings)
    if isinstance(shares, Undefined):
        return shares
    scheme = weights_of(weights, ratings.values)
    return beyond_chance(
        percent_agreement(AgreementState.of(ratings), weights), chance_between(shares, scheme)
    )


def light_kappa(ratings: Ratings, weights: Weights = "identity") -> float | Undefined:
    """Light's kappa: the mean of Cohen's kappa over all pairs of annotators; undefined where one of them is.

    Source: R. J. Light 1971, Psychol. Bull. 76:365.

    >>> rows = [["a", "a", "a"], ["b", "b", "b"], ["a", "b", "a"], ["b", "b", "a"]]
    >>> round(light_kappa(Ratings.from_rows(rows)), 4)
    0.4
    """
    found = pairwise_kappa(ratings, weights)
    values = [value for value in found.values() if not isinstance(value, Undefined)]
    if not found:
        return Undefined("there is no pair of annotators")
    if len(values) < len(found):
        reason = next(value.reason for value in found.values() if isinstance(value, Undefined))
        return Undefined(f"{len(found) - len(values)} of {len(found)} pairs have no kappa: {reason}")
    return math.fsum(values) / len(values)


@dataclass(frozen=True)
class FleissTest:
    """Fleiss' kappa with its standard error if agreement were chance alone, and the test against that."""

    value: float
    error_by_chance: float
    z: float


def fleiss_test(state: AgreementState) -> FleissTest | Undefined:
    """The test of Fleiss' kappa against chance; every item must carry the same number of labels.

    Var = 2 [(Σ π q)² - Σ π q (q - π)] / (n m (m - 1) (Σ π q)²) with q = 1 - π, n items and m labels each.

    Source: J. L. Fleiss, J. C. M. Nee & J. R. Landis 1979, Psychol. Bull. 86:974.

    >>> found = fleiss_test(AgreementState.of(Ratings.from_counts([[6, 1, 0], [0, 7, 0]])))
    >>> round(found.value, 4), round(found.z, 4)
    (0.7083, 4.5905)
    """
    value, shares = fleiss_kappa(state), class_shares(state)
    if isinstance(value, Undefined):
        return value
    if isinstance(shares, Undefined):
        return shares
    if len(state.items) != 1:
        return Undefined("the test needs the same number of labels on every item")
    ((labels, items),) = state.items.items()
    spread = shares * (1 - shares)
    total = float(spread.sum())
    variance = 2 * (total**2 - float((spread * (1 - 2 * shares)).sum()))
    error = math.sqrt(variance / (items * labels * (labels - 1))) / total
    return FleissTest(value, error, value / error)


def shares_by_person(ratings: Ratings) -> Floats | Undefined:
    """The class shares of every annotator who labelled anything: annotators by values."""
    if not ratings.told_apart:
        raise ValueError("chance per annotator needs ratings by person, not counts")
    size = len(ratings.values)
    rows = [
        np.bincount(column[column != MISSING], minlength=size) / np.count_nonzero(column != MISSING)
        for column in ratings.codes.T
        if np.any(column != MISSING)
    ]
    return np.array(rows) if len(rows) > 1 else NO_PAIRS


def chance_between(shares: Floats, scheme: Floats) -> float:
    """Chance agreement averaged over pairs of different people with the class shares given."""
    together = shares.sum(axis=0)
    own = float(((shares @ scheme) * shares).sum())
    return (float(together @ scheme @ together) - own) / (len(shares) * (len(shares) - 1))
