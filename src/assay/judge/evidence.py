"""Which figure each term of a contract asks for, for every one of its subjects; thin evidence is pooled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from assay.analytics.batch import UNKNOWN, Batch
from assay.analytics.measuring import MISSING, UNDECIDED, Tally
from assay.measure.figure import Figure, undefined
from assay.measure.nominal import score_figure
from assay.terms.contract import Contract
from assay.terms.term import Term
from assay.terms.verdict import NeedContext, SubjectFigure

from .figures import Against, Agreement, right_answers
from .pooling import Pool, pooled

_GOLD = {
    "gold_f1": "f1",
    "gold_precision": "precision",
    "gold_recall": "recall",
    "gold_accuracy": "accuracy",
    "gold_kappa": "kappa",
    "mean_absolute_error": "mean_absolute_error",
    "wer": "wer",
    "cer": "cer",
}
_NO_GOLD = "there is no gold for this batch"


@dataclass(frozen=True)
class Measured:
    """Everything measured on one batch. ``gold`` is None when no gold was given.

    ``again`` measures the same votes with ratings right within another tolerance.
    """

    batch: Batch
    agreement: Agreement | None
    gold: Against | None
    tally: Tally
    again: Callable[[Decimal], Measured]

    def for_term(self, term: Term) -> Measured:
        """What a term speaks of: a rating is right within the tolerance that the term itself states, else exactly."""
        tolerance = term.within or Decimal(0)
        if self.gold is None or self.batch.kind != "rating" or term.metric != "gold_accuracy":
            return self
        return self if tolerance == self.batch.tolerance else self.again(tolerance)


def error_kinds(measured: Measured) -> dict[str, int]:
    """How many final labels on gold items are wrong, by kind of error."""
    gold = measured.gold
    if gold is None:
        return {}
    given, wrong = gold.scored.given, ~right_answers(measured.batch, gold.scored)
    named = "wrong_value" if measured.batch.kind == "rating" else "wrong_class"
    return {
        named: int((wrong & ((given >= 0) | (given == UNKNOWN))).sum()),
        "undecided": int((given == UNDECIDED).sum()),
        "not_delivered": int((given == MISSING).sum()),
    }


def defect_figure(measured: Measured, kinds: Sequence[str]) -> Figure:
    """The share of final labels on gold items with an error of one of the kinds."""
    counts = error_kinds(measured)
    scored = 0 if measured.gold is None else len(measured.gold.scored.given)
    if scored == 0:
        return undefined(_NO_GOLD)
    wrong = sum(counts.get(kind, 0) for kind in kinds)
    method = "share of gold items with such an error; Wilson"
    return score_figure(wrong / scored, scored, np.zeros(0), units=scored, positives=scored, method=method)


def evidence(contract: Contract, measured: Measured, earlier: Sequence[Pool] = ()) -> Iterator[SubjectFigure]:
    """One figure per term and subject, pooled over earlier batches of the same versions where evidence is thin."""
    for term in contract.acceptance:
        for subject in _subjects(term, measured):
            figure = _figure(term, subject, contract, measured.for_term(term))
            batches = 1
            if (
                term.scope.kind == "class"
                and figure.positives < contract.measurement.evidence.minimum_positives
            ):
                figure, batches = pooled(term, subject, figure, measured, earlier)
            named = {k: v for k, v in subject.items() if k != "attribute" or term.scope.of is None}
            yield SubjectFigure(term.id, named, figure, batches, _context(term, subject, measured))


def _subjects(term: Term, measured: Measured) -> Iterator[Mapping[str, str]]:
    batch, scope = measured.batch, term.scope
    if scope.kind == "overall":
        yield {}
    elif scope.kind == "class":
        yield from ({"class": name} for name in batch.classes if scope.subject in (None, name))
    elif scope.kind == "annotator":
        yield from ({"annotator": name} for name in batch.annotators if scope.subject in (None, name))
    else:
        for attribute in batch.slices:
            if scope.of not in (None, attribute.name):
                continue
            for value in attribute.values:
                if scope.subject in (None, value):
                    yield {"slice": value, "attribute": attribute.name}


def _figure(term: Term, subject: Mapping[str, str], contract: Contract, measured: Measured) -> Figure:
    if term.metric == "delivered_share":
        return delivered_share(measured, subject)
    if term.metric == "critical_error_rate":
        if subject:
            return undefined("critical errors are counted for the whole batch only")
        return defect_figure(
            measured, [kind for kind, severity in contract.errors.items() if severity == "critical"]
        )
    if term.metric in _GOLD:
        return _gold_figure(_GOLD[term.metric], subject, measured)
    return _agreement_figure(term.metric, subject, measured)


def delivered_share(measured: Measured, subject: Mapping[str, str]) -> Figure:
    """The share of the items expected that carry a label: a count of the whole batch, which has no interval."""
    tally, batch = measured.tally, measured.batch
    expected, delivered = tally.items, tally.delivered
    if subject:
        row = 0
        for attribute in batch.slices:
            if attribute.name == subject["attribute"]:
                row += attribute.values.index(subject["slice"])
                break
            row += len(attribute.values)
        expected, delivered = int(tally.expected_by_slice[row]), int(tally.by_slice[row])
    if expected == 0:
        return undefined("no item was expected")
    share = delivered / expected
    method = "items with a label of items expected, a count"
    return Figure(share, None, None, expected, delivered, expected, method)


def _gold_figure(name: str, subject: Mapping[str, str], measured: Measured) -> Figure:
    gold = measured.gold
    if gold is None:
        return undefined(_NO_GOLD)
    if "class" in subject:
        figures = gold.by_class.get(subject["class"], {})
    elif "annotator" in subject:
        figures = gold.by_annotator.get(subject["annotator"], {})
    elif "slice" in subject:
        figures = gold.by_slice.get((subject["attribute"], subject["slice"]), {})
    else:
        figures = gold.overall
    if name in ("precision", "recall") and "annotator" in subject:
        name = "f1"
    return figures.get(name) or undefined(f"{name} is not measured for this subject")


def _agreement_figure(metric: str, subject: Mapping[str, str], measured: Measured) -> Figure:
    agreement = measured.agreement
    if agreement is None:
        return undefined("no item has two blind first-pass votes")
    if "class" in subject:
        figures = agreement.by_class.get(subject["class"], {})
    elif "slice" in subject:
        figures = agreement.by_slice.get((subject["attribute"], subject["slice"]), {})
    else:
        figures = agreement.overall
    if metric == "cohen_kappa" and metric not in figures:
        return undefined(f"Cohen's kappa is of exactly two people; here are {len(measured.batch.annotators)}")
    return figures.get(metric) or undefined(f"{metric} is not measured for this subject")


def _context(term: Term, subject: Mapping[str, str], measured: Measured) -> NeedContext:
    """What share of items drawn would carry a positive of the subject, from what was delivered."""
    tally, batch = measured.tally, measured.batch
    if "class" in subject:
        number = batch.classes.index(subject["class"])
        labels = tally.labels
        if batch.sets is not None:
            labels = labels @ batch.sets.astype(np.int64)
        total = int(tally.labels.sum())
        share = int(labels[number]) / total if total else None
        return NeedContext(share, "by delivered class")
    return NeedContext(1.0, None)
