"""One class against the rest, from the four counts of a comparison: true and false positives and negatives."""

from __future__ import annotations

from .kappa import cohen_kappa
from .undefined import Undefined, ratio


def precision(true_positives: int, false_positives: int) -> float | Undefined:
    """The share of what was delivered as the class that is right: TP / (TP + FP).

    >>> precision(40, 10), precision(0, 0).reason
    (0.8, 'the class was never delivered')
    """
    return ratio(true_positives, true_positives + false_positives, "the class was never delivered")


def recall(true_positives: int, false_negatives: int) -> float | Undefined:
    """The share of the class in the reference that was delivered: TP / (TP + FN).

    >>> recall(40, 10), recall(0, 0).reason
    (0.8, 'the reference does not hold the class')
    """
    return ratio(true_positives, true_positives + false_negatives, "the reference does not hold the class")


def f1(true_positives: int, false_positives: int, false_negatives: int) -> float | Undefined:
    """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN).

    As agreement of two people it is what kappa tends to when true negatives have no number.

    Source: G. Hripcsak & A. S. Rothschild 2005, J. Am. Med. Inform. Assoc. 12:296.

    >>> round(f1(40, 7, 9), 4)
    0.8333
    """
    wrong = false_positives + false_negatives
    return ratio(2 * true_positives, 2 * true_positives + wrong, "neither side holds the class")


def binary_kappa(
    true_positives: int, false_positives: int, false_negatives: int, true_negatives: int
) -> float | Undefined:
    """Cohen's kappa of one class against the rest.

    >>> [round(binary_kappa(40, 7, 9, negatives), 4) for negatives in (100, 10_000)]
    [0.7593, 0.8325]
    """
    return cohen_kappa([[true_positives, false_negatives], [false_positives, true_negatives]])
