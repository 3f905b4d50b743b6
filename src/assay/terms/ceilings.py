"""Floors that gold cannot support: its own makers agree less than a floor asks of a delivery.

A ceiling is an estimate too. It speaks against a floor only with the evidence that the contract asks of any figure and
when its interval lies wholly below the floor, widened by Holm for the classes that are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Final

from assay.measure.figure import Figure

from .document import Contract
from .holm import holm_adjusted
from .plain import decimal_text
from .problem import Problem
from .term import Term

CAPPED: Final = ("gold_f1", "gold_accuracy", "gold_precision", "gold_recall")
_ONE_SIDED: Final = 0.025


def floors_above_gold(contract: Contract, ceilings: Mapping[str | None, Figure]) -> list[Problem]:
    """A problem for each floor shown to be above what the makers of gold agree on; None names their whole agreement."""
    least = contract.measurement.evidence.minimum_positives
    known = {name: figure for name, figure in ceilings.items() if figure.exists and figure.positives >= least}
    return [problem for term in contract.acceptance for problem in _of_term(term, known)]


def _of_term(term: Term, ceilings: Mapping[str | None, Figure]) -> Iterator[Problem]:
    if term.metric not in CAPPED:
        return
    names: list[str | None] = []
    if term.scope.kind == "class":
        names = [name for name in ceilings if name is not None and term.scope.subject in (None, name)]
    elif None in ceilings:
        names = [None]
    adjusted = holm_adjusted([_p_reachable(ceilings[name], term.floor_of(name)) for name in names])
    for name, p in zip(names, adjusted, strict=True):
        if p < _ONE_SIDED:
            yield _problem(term, name, ceilings[name])


def _p_reachable(ceiling: Figure, floor: Decimal) -> float:
    """How well the ceiling goes with gold that supports the floor: small means that it is shown below."""
    if ceiling.spread is not None:
        return ceiling.spread.p_below(float(floor))
    return 1.0 if ceiling.high is None or Decimal(f"{ceiling.high:.12g}") >= floor else 0.0


def _problem(term: Term, name: str | None, ceiling: Figure) -> Problem:
    floor, of = term.floor_of(name), "" if name is None else f" of {name}"
    low, high = ceiling.low or 0.0, 1.0 if ceiling.high is None else ceiling.high
    reachable = Decimal(high).quantize(Decimal("0.01"), ROUND_DOWN)
    return Problem(
        term.place,
        f"the floor {decimal_text(floor)}{of} is above what gold can support: its makers agree only "
        f"{ceiling.value:.3f} ({low:.3f}–{high:.3f})",
        f"lower the floor{of} to at most {reachable}, or have more makers adjudicate the gold{of}",
    )
