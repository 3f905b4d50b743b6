"""With two votes on an item: how a person agrees with each colleague, beside how that colleague agrees with others.

A disagreement of two does not say who erred. It speaks against a person when the colleague agrees with everybody else;
so a colleague whom nobody else met says nothing, and a single colleague counts only if two others met them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .nominal import FIXED_POINT
from .people import PairState

Floats = NDArray[np.float64]
_WITNESSES = 2


@dataclass(frozen=True)
class Beside:
    """A person's agreement and what would be usual, as shares, the votes behind each, and how sure the usual is."""

    shown: float
    expected: float
    votes: int
    elsewhere: float
    deviation: float


def beside_colleagues(pairs: PairState, person: int, *, effect: float) -> Beside | None:
    """A person's agreement with the colleagues whom others met too, or None where that rests on one colleague alone.

    A person who is more than ``effect`` below what is usual must be so whichever colleague is left out. Where there is
    one only, at least two others must have met that colleague.
    """
    shared, close = _with_each(pairs, person)
    others, agreeing, met = _elsewhere(pairs, person, shared, close)
    known = np.flatnonzero((shared > 0) & (others > 0))
    if len(known) == 0 or (len(known) == 1 and met[known[0]] < _WITNESSES):
        return None
    shared, close, others, rate = (
        shared[known],
        close[known],
        others[known],
        (agreeing / np.maximum(others, 1))[known],
    )
    found = _beside(shared, close, others, rate)
    if found.shown < found.expected - effect and len(known) > 1:
        for left_out in range(len(known)):
            kept = np.arange(len(known)) != left_out
            rest = _beside(shared[kept], close[kept], others[kept], rate[kept])
            if rest.shown >= rest.expected - effect:
                return None
    return found


def _with_each(pairs: PairState, person: int) -> tuple[Floats, Floats]:
    """Votes shared with each colleague, and how alike they are in sum."""
    shared = (pairs.shared[person] + pairs.shared[:, person]).astype(np.float64)
    close = (pairs.close[person] + pairs.close[:, person]) / float(1 << FIXED_POINT)
    return shared, close


def _elsewhere(pairs: PairState, person: int, shared: Floats, close: Floats) -> tuple[Floats, Floats, Floats]:
    """Of each colleague: votes shared with others than the person, how alike, and with how many others."""
    together = pairs.shared + pairs.shared.T
    alike = (pairs.close.sum(axis=0) + pairs.close.sum(axis=1)) / float(1 << FIXED_POINT)
    met = (together > 0).sum(axis=1) - (together[person] > 0)
    return together.sum(axis=1) - shared, alike - close, met.astype(np.float64)


def _beside(shared: Floats, close: Floats, others: Floats, rate: Floats) -> Beside:
    """The person's mean over some colleagues and the colleagues' own, weighted by the votes shared with the person."""
    total = float(shared.sum())
    expected = float((shared * rate).sum()) / total
    effective = total**2 / float((shared**2 / others).sum())
    variance = max(expected * (1 - expected), 0.25 / max(effective, 1.0))
    return Beside(
        float(close.sum()) / total, expected, int(total), effective, math.sqrt(variance / effective)
    )
