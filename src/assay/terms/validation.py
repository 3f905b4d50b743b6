"""What makes a contract undecidable: clauses that contradict each other, and a world that it does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Final

from assay.measure.figure import Figure

from .ceilings import floors_above_gold
from .document import Contract
from .plain import decimal_text
from .problem import Problem
from .term import Term

_OVERLAPS: Final = {
    "boxes": "iou",
    "shapes": "iou",
    "masks": "iou",
    "keypoints": "oks",
    "spans": "iou",
}
"""By what objects of a kind are matched."""
_WRITTEN: Final = ("text", "transcripts")
_LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "choice": ("nominal", "ordinal"),
    "multi": ("nominal",),
    "rating": ("ordinal", "interval", "ratio"),
}
_UNITS: Final[dict[str, tuple[str, ...]]] = {
    "boxes": ("box",),
    "shapes": ("shape",),
    "masks": ("mask",),
    "spans": ("span",),
    "fields": ("field",),
    "keypoints": ("keypoint",),
    "text": ("character", "word"),
    "transcripts": ("character", "word", "minute"),
}
_DELIVERED_CLASS: Final = "delivered class"


def validate(
    contract: Contract,
    *,
    schema_classes: Collection[str] | None = None,
    slices: Collection[str] | None = None,
    ceilings: Mapping[str | None, Figure] | None = None,
) -> list[Problem]:
    """Every reason why a contract cannot be decided, with its remedy; empty when there is none.

    ``schema_classes`` are the names of the classes, ``slices`` the attributes of the manifest, ``ceilings`` how far the
    makers of gold agree, by class and under None for all of it. What is None is not compared.
    """
    problems = contradictions(contract)
    if schema_classes is not None:
        problems += _unknown_classes(contract, schema_classes)
    if slices is not None:
        problems += _unknown_slices(contract, slices)
    if ceilings is not None:
        problems += floors_above_gold(contract, ceilings)
    return problems


def contradictions(contract: Contract, *, unread: Collection[str] = ()) -> list[Problem]:
    """Clauses of a contract that contradict each other; checks of clauses that could not be read are left out."""
    return [problem for keys, check in _CHECKS if not set(keys) & set(unread) for problem in check(contract)]


def _repeated_terms(contract: Contract) -> Iterator[Problem]:
    ids: set[str] = set()
    judged: dict[tuple[object, ...], str] = {}
    for term in contract.acceptance:
        if term.id in ids:
            yield Problem(term.place, f"two terms have the id {term.id}", "give each term an id of its own")
        same = judged.setdefault((term.metric, term.scope, term.within), term.id)
        if same != term.id:
            yield Problem(
                term.place,
                f"{term.id} judges what {same} already judges: {term.metric}, {term.scope}",
                "keep one of them",
            )
        ids.add(term.id)


def _phase_floors(contract: Contract) -> Iterator[Problem]:
    terms = {term.id: term for term in contract.acceptance}
    for phase, clause in contract.cadence.items():
        for name, floor in clause.floors.items():
            place = f"key cadence.{phase}.floors.{name}"
            term = terms.get(name)
            if term is None:
                yield Problem(place, f"no term has the id {name}", _nearest(name, terms))
            elif not _bound_fits(term, floor):
                yield Problem(
                    place,
                    f"{decimal_text(floor)} is no bound for {term.metric}"
                    + ("" if term.reject_below is None else f" that rejects beyond {term.reject_below}"),
                    "write one that the term could have itself",
                )


def _bound_fits(term: Term, floor: Decimal) -> bool:
    low, high = (0, 1) if not term.measure.unbounded else (0, 1_000_000)
    if not low <= floor <= high or (floor == 0 and not term.at_most):
        return False
    if term.reject_below is None:
        return True
    return floor < term.reject_below if term.at_most else floor > term.reject_below


def _evidence_of_agreement(contract: Contract) -> Iterator[Problem]:
    sample = contract.measurement.sample
    for term in contract.acceptance:
        if term.measure.source != "agreement":
            continue
        if sample is None:
            yield Problem(
                term.place,
                f"{term.measure.title} needs items that several people labelled, and no sample is agreed",
                "write measurement: {sample: {share: 10%, by: buyer, annotators_per_item: 3}}",
            )
        elif sample.annotators_per_item < 2:
            yield Problem(
                term.place,
                "one person for each item of the sample cannot agree with anybody",
                "write annotators_per_item: 2 or more",
            )
        elif sample.items is not None and sample.items * _pool(contract) < _minimum(contract):
            yield Problem(term.place, *_too_few(contract, sample.items, "items in the sample"))


def _evidence_of_gold(contract: Contract) -> Iterator[Problem]:
    items = contract.gold.items
    if items is None or items * _pool(contract) >= _minimum(contract):
        return
    for term in contract.acceptance:
        if term.measure.source == "gold":
            yield Problem(term.place, *_too_few(contract, items, "gold items"))


def _too_few(contract: Contract, items: int, what: str) -> tuple[str, str]:
    return (
        f"{items} {what}, pooled over {_pool(contract)} batches, never reach the minimum of "
        f"{_minimum(contract)} positives",
        f"raise them to at least {-(-_minimum(contract) // _pool(contract))}, or lower minimum_positives",
    )


def _pool(contract: Contract) -> int:
    return contract.measurement.evidence.pool


def _minimum(contract: Contract) -> int:
    return contract.measurement.evidence.minimum_positives


def _critical_errors(contract: Contract) -> Iterator[Problem]:
    if "critical" in contract.errors.values():
        return
    for term in contract.acceptance:
        if term.metric == "critical_error_rate":
            yield Problem(
                term.place,
                "no kind of error is called critical, so no item can have one",
                "write errors: {wrong_class: critical}",
            )


def _level(contract: Contract) -> Iterator[Problem]:
    fitting = _LEVELS.get(contract.labels, ())
    if contract.level is not None and contract.level not in fitting:
        yield Problem(
            "key level",
            f"{contract.labels} labels have no {contract.level} scale",
            "write level: " + " or ".join(fitting) if fitting else "leave level out",
        )


def _matching(contract: Contract) -> Iterator[Problem]:
    match, by = contract.measurement.match, _OVERLAPS.get(contract.labels)
    if match is not None and match.overlap != by:
        yield Problem(
            "key measurement.match",
            f"{contract.labels} labels have no {'overlap' if by is None else match.overlap} to match by",
            "leave match out" if by is None else f"write overlap: {by}",
        )
    if match is None and by is not None and contract.labels != "spans":
        yield Problem(
            "key measurement",
            f"nobody can say which {contract.labels} are the same one",
            f"write measurement: {{match: {{overlap: {by}, threshold: 0.5}}}}",
        )


def _normal_form(contract: Contract) -> Iterator[Problem]:
    form = contract.measurement.normal_form
    if form and contract.labels not in _WRITTEN:
        yield Problem(
            "key measurement.normal_form", f"{contract.labels} labels have no normal form", "leave it out"
        )
    if form:
        return
    for term in contract.acceptance:
        if term.metric in ("wer", "cer"):
            yield Problem(
                term.place,
                f"{term.metric} depends on the normal form of the text, and none is agreed",
                "write measurement: {normal_form: [NFC]}",
            )


def _priced_units(contract: Contract) -> Iterator[Problem]:
    if contract.pricing is None:
        return
    units = ("item", "label", *_UNITS.get(contract.labels, ()))
    for line in contract.pricing.lines:
        unit = line.per.partition(" ")[2]
        if unit not in units:
            yield Problem(
                "key pricing.lines",
                f"nobody counts {unit!r} in a delivery of {contract.labels} labels",
                "price one of " + ", ".join(units),
            )


_CHECKS: Final[tuple[tuple[tuple[str, ...], Callable[[Contract], Iterator[Problem]]], ...]] = (
    (("acceptance",), _repeated_terms),
    (("acceptance", "cadence"), _phase_floors),
    (("acceptance", "measurement"), _evidence_of_agreement),
    (("acceptance", "measurement", "gold"), _evidence_of_gold),
    (("acceptance", "errors"), _critical_errors),
    (("labels", "level"), _level),
    (("labels", "measurement"), _matching),
    (("labels", "acceptance", "measurement"), _normal_form),
    (("labels", "pricing"), _priced_units),
)


def _unknown_classes(contract: Contract, classes: Collection[str]) -> Iterator[Problem]:
    for term in contract.acceptance:
        if term.scope.kind != "class":
            continue
        named = [*term.floors] if term.scope.subject is None else [term.scope.subject]
        for name in named:
            if name not in classes:
                yield Problem(term.place, f"the schema has no class {name!r}", _nearest(name, classes))


def _unknown_slices(contract: Contract, slices: Collection[str]) -> Iterator[Problem]:
    for term in contract.acceptance:
        if term.scope.of is not None and term.scope.of not in slices:
            yield Problem(
                term.place,
                f"no item says its {term.scope.of!r}",
                _nearest(term.scope.of, slices, "the manifest has"),
            )
    sample, unit = contract.measurement.sample, contract.measurement.interval.unit
    for stratum in sample.strata if sample is not None else ():
        if stratum != _DELIVERED_CLASS and stratum not in slices:
            yield Problem(
                "key measurement.sample.strata",
                f"no item says its {stratum!r}",
                _nearest(stratum, [_DELIVERED_CLASS, *slices], "strata can be"),
            )
    if unit != "item" and unit not in slices:
        yield Problem(
            "key measurement.interval.unit",
            f"no item says its {unit!r}",
            _nearest(unit, ["item", *slices], "intervals can resample"),
        )


def _nearest(name: str, names: Collection[str], introduction: str = "there are") -> str:
    close = difflib.get_close_matches(name, list(names)[:1000], n=1)
    if close:
        return f"write {close[0]}"
    listed = sorted(names)[:12]
    return f"{introduction} " + (", ".join(listed) if listed else "none")
