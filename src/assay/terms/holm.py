"""Holm's step-down test (Holm 1979, Scandinavian Journal of Statistics 6): many subjects, one stated risk.

Of m p-values in ascending order, the k-th is compared with level / (m - k + 1), and the first that is larger stops the
rejections. The risk that even one true hypothesis is rejected is at most ``level``, whatever depends on what.
"""

from __future__ import annotations

from collections.abc import Sequence


def holm(p: Sequence[float], level: float) -> list[bool]:
    """Which of the p-values are rejected when all of them together may err with probability ``level``.

    >>> holm([0.01, 0.04, 0.03, 0.005], 0.05)
    [True, False, False, True]
    """
    return [adjusted <= level for adjusted in holm_adjusted(p)]


def holm_adjusted(p: Sequence[float]) -> list[float]:
    """Each p-value as it compares with the level of the whole family: the largest (m - k + 1) p so far, at most 1.

    >>> holm_adjusted([0.01, 0.04, 0.03, 0.005])
    [0.03, 0.06, 0.06, 0.02]
    """
    for value in p:
        if not 0 <= value <= 1:
            raise ValueError(f"a p-value lies between 0 and 1, not {value}")
    order = sorted(range(len(p)), key=lambda index: p[index])
    adjusted = [0.0] * len(p)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = largest
    return adjusted
