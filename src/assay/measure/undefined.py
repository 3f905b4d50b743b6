"""The answer of a measure that does not exist on the data it was given: the reason, never a number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Undefined:
    """Why a measure has no value here, as a clause for people: "only one class was used".

    Measures return ``float | Undefined``; the caller asks with ``isinstance``. A call that makes no sense whatever
    the data (an unknown level, a table that is not square) raises ``ValueError`` instead.
    """

    reason: str

    def __post_init__(self) -> None:
        if not self.reason:
            raise ValueError("an undefined measure needs its reason")


NO_PAIRS = Undefined("no item carries two labels")
ONE_VALUE = Undefined("only one class was used, so chance agreement is total")


def ratio(numerator: float, denominator: float, reason: str) -> float | Undefined:
    """The quotient, or the reason why it does not exist.

    >>> ratio(3, 4, "no item was scored"), ratio(0, 0, "no item was scored")
    (0.75, Undefined(reason='no item was scored'))
    """
    return Undefined(reason) if denominator == 0 else float(numerator / denominator)


def beyond_chance(observed: float | Undefined, expected: float | Undefined) -> float | Undefined:
    """The part of the agreement left over by chance that was reached: (observed - expected) / (1 - expected).

    >>> beyond_chance(0.85, 0.5)
    0.7
    >>> beyond_chance(1.0, 1.0).reason
    'only one class was used, so chance agreement is total'
    """
    if isinstance(observed, Undefined):
        return observed
    if isinstance(expected, Undefined):
        return expected
    return ONE_VALUE if expected == 1 else (observed - expected) / (1 - expected)
