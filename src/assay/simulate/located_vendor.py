"""A vendor of located labels who truly stands so many points above, or below, every floor of a contract at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from assay.terms.document import Contract
from assay.terms.term import Term

from .located_chance import alone_agreement, mix_for, shared_for
from .located_spec import LocatedSpec
from .spec import accuracies

_BEST, _WORST = 0.999, 0.05
_STEPS = 30
_USUAL_F1 = 0.97
_OF_MARKS: Final = ("gold_f1", "gold_precision", "gold_recall", "field_accuracy")
_KINDS: Final[Mapping[str, str]] = {
    "missed": "missed",
    "wrong_class": "confused",
    "loose": "loose",
    "wrong_value": "loose",
    "split": "split",
    "merged": "merged",
}
"""What a contract calls the kinds of errors."""


def located_vendor(contract: Contract, points: float, spec: LocatedSpec) -> LocatedSpec:
    """The specification of a vendor whose every figure is off its floor by at least ``points`` (0.03 is three points).

    People judge for themselves, so a person's F1, that of a class and that of the batch are one number, and precision
    and recall are the same. Where people agree more than asked at that F1 they do so above the floors, and below them
    they are worse than asked. Errors are of the kinds that bring as many items with a critical one as wanted.
    """
    f1 = {name: _beyond(_floors(contract, name), points) or _USUAL_F1 for name in spec.classes}
    asked = {name: _beyond(_agreement_floors(contract, name), points) for name in spec.classes}
    spec = _erring(contract, points, spec, f1)
    if points <= 0:
        f1 = {name: _agreeing_less(spec, f1, name, asked[name]) for name in spec.classes}
        spec = _erring(contract, points, spec, f1)
    if all(one is not None for one in asked.values()):
        shared = shared_for(spec, accuracies(f1, spec.classes), [one or 0.0 for one in asked.values()])
        spec = replace(spec, shared=dict(zip(spec.classes, shared.tolist(), strict=True)))
    tight = _beyond((float(t.floor) for t in contract.acceptance if t.metric == "mean_iou"), points)
    share = _beyond((float(t.floor) for t in contract.acceptance if t.metric == "delivered_share"), points)
    missing = 0.0 if share is None or (points > 0 and share > 1 - points) else 1 - share
    return replace(spec, f1=f1, missing=missing, tight=spec.tight if tight is None else tight)


def _erring(contract: Contract, points: float, spec: LocatedSpec, f1: Mapping[str, float]) -> LocatedSpec:
    """The errors of such kinds that as many items as wanted have a critical one."""
    ceilings = [float(t.floor) for t in contract.acceptance if t.metric == "critical_error_rate"]
    if not ceilings:
        return spec
    most = max((min if points > 0 else max)(ceilings) - points, 0.001)
    critical = {
        _KINDS[kind] for kind, grade in contract.errors.items() if grade == "critical" and kind in _KINDS
    }
    return replace(spec, mix=mix_for(spec, accuracies(f1, spec.classes), critical, most))


def _beyond(floors: Iterable[float], points: float) -> float | None:
    """The nearest value that is off all floors by the points; None without a floor."""
    known = list(floors)
    if not known:
        return None
    return min(max((max if points > 0 else min)(known) + points, _WORST), _BEST)


def _floors(contract: Contract, name: str) -> list[float]:
    """What is asked of the marks of a class: by terms on it, on the batch, on people and on slices."""
    return [float(term.floor_of(name)) for term in contract.acceptance if _speaks_of(term, name, _OF_MARKS)]


def _agreement_floors(contract: Contract, name: str) -> list[float]:
    return [
        float(term.floor_of(name)) for term in contract.acceptance if _speaks_of(term, name, ("pairwise_f1",))
    ]


def _speaks_of(term: Term, name: str, metrics: tuple[str, ...]) -> bool:
    return term.metric in metrics and not (
        term.scope.kind == "class" and term.scope.subject not in (None, name)
    )


def _agreeing_less(spec: LocatedSpec, f1: Mapping[str, float], name: str, most: float | None) -> float:
    """F1 of a class at which people who share nothing agree no more than this."""
    place, high = spec.classes.index(name), f1[name]
    if most is None or alone_agreement(spec, accuracies(f1, spec.classes))[place] <= most:
        return high
    low = _WORST
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if alone_agreement(spec, accuracies({**f1, name: middle}, spec.classes))[place] > most:
            high = middle
        else:
            low = middle
    return low
