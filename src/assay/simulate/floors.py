"""The quality of a vendor who lies so many points above, or below, every floor of a contract at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from assay.terms.document import Contract
from assay.terms.term import Term

from .spec import Spec
from .vendor import Quality, gold_composition

_BEST = 0.999
_WORST = 0.02


def quality_at(contract: Contract, points: float, spec: Spec) -> Quality:
    """What a vendor truly reaches whose every figure is off its floor by at least ``points`` (0.03 is three points).

    A figure that several terms gate lies above the highest of their floors or below the lowest. Accuracy, precision,
    recall and F1 are one number for such a vendor, and so are a class and the slices it falls into; kappa is put back
    to the accuracy it takes. Word error rates and shares of errors are one minus theirs.
    """
    final = {name: _beyond(_final_floors(contract, spec, name), points) for name in spec.classes}
    agreement = {name: _beyond(_agreement_floors(contract, name), points) for name in spec.classes}
    people = _beyond(_people_floors(contract, spec), points)
    delivered = _beyond((float(t.floor) for t in _of(contract, "delivered_share")), points)
    return Quality(
        final={name: value for name, value in final.items() if value is not None} or Quality().final,
        final_error=_error(contract, points, everyone=True),
        agreement={name: value for name, value in agreement.items() if value is not None} or None,
        people=people,
        people_error=None if people is not None else _error(contract, points, everyone=False),
        within=max(
            (float(term.within) for term in contract.acceptance if term.within is not None), default=0.0
        ),
        delivered=1.0 if delivered is None or (points > 0 and delivered > 1 - points) else delivered,
        at_most=points < 0,
    )


def _of(contract: Contract, *metrics: str) -> list[Term]:
    return [term for term in contract.acceptance if term.metric in metrics]


def _beyond(floors: Iterable[float], points: float) -> float | None:
    """The nearest value that is off all floors by the points; None without a floor."""
    known = list(floors)
    if not known:
        return None
    return min(max((max if points > 0 else min)(known) + points, _WORST), _BEST)


def _final_floors(contract: Contract, spec: Spec, name: str) -> list[float]:
    """What the terms ask of the delivered labels of a class."""
    return [
        _as_accuracy(term, spec, name if term.scope.kind == "class" else term.scope.subject)
        for term in contract.acceptance
        if term.measure.source == "gold"
        and term.metric != "mean_absolute_error"
        and term.scope.kind != "annotator"
        and not (term.scope.kind == "class" and term.scope.subject not in (None, name))
    ]


def _people_floors(contract: Contract, spec: Spec) -> list[float]:
    return [
        _as_accuracy(term, spec, term.scope.subject)
        for term in contract.acceptance
        if term.measure.source == "gold"
        and term.metric != "mean_absolute_error"
        and term.scope.kind == "annotator"
    ]


def _agreement_floors(contract: Contract, name: str) -> list[float]:
    return [
        float(term.floor_of(name if term.scope.kind == "class" else term.scope.subject))
        for term in contract.acceptance
        if term.measure.source == "agreement"
        and not (term.scope.kind == "class" and term.scope.subject not in (None, name))
    ]


def _error(contract: Contract, points: float, *, everyone: bool) -> float | None:
    """The mean absolute error that keeps the points from its ceilings."""
    ceilings = [
        float(term.floor)
        for term in _of(contract, "mean_absolute_error")
        if (term.scope.kind != "annotator") == everyone
    ]
    if not ceilings:
        return None
    return max((min if points > 0 else max)(ceilings) - points, 0.001)


def _as_accuracy(term: Term, spec: Spec, subject: str | None) -> float:
    floor = float(term.floor_of(subject))
    if term.metric == "gold_kappa":
        by_chance = float((np.asarray(gold_composition(spec)) ** 2).sum())
        return floor + (1 - floor) * by_chance
    return 1 - floor if term.at_most else floor
