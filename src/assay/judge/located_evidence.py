"""Which figure of located labels each term of a contract asks for, for every one of its subjects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.measure.figure import Figure, undefined
from assay.measure.located_errors import ErrorKind
from assay.measure.nominal import score_figure
from assay.terms.contract import Contract
from assay.terms.term import Term
from assay.terms.verdict import NeedContext, SubjectFigure

from .located_attributes import wrong_attributes
from .located_batch import LocatedBatch, Outcomes
from .located_measure import LocatedMeasured
from .located_tasks import Tasks, error_counts
from .pooling import Pool, pooled

_GOLD = {
    "gold_f1": "f1",
    "gold_precision": "precision",
    "gold_recall": "recall",
    "mean_iou": "mean_iou",
    "field_accuracy": "recall",
}
_NO_GOLD = "there is no gold for this batch"
NOT_DELIVERED = "not_delivered"
ATTRIBUTE = "attribute"


@dataclass(frozen=True)
class Evidence:
    """What was measured and what was delivered (``delivered`` is one truth value for each item of the batch)."""

    measured: LocatedMeasured
    delivered: NDArray[np.bool_]

    @property
    def batch(self) -> LocatedBatch:
        """The batch that was measured."""
        return self.measured.batch

    def figures(self, contract: Contract, earlier: Sequence[Pool] = ()) -> Iterator[SubjectFigure]:
        """One figure per term and subject, pooled over earlier batches of the same versions where evidence is thin."""
        least = contract.measurement.evidence.minimum_positives
        for term in contract.acceptance:
            for subject in self._subjects(term):
                figure, batches = self.figure(term, subject, contract), 1
                if term.scope.kind == "class" and figure.positives < least:
                    figure, batches = pooled(term, subject, figure, self.measured, earlier)
                named = {k: v for k, v in subject.items() if k != "attribute" or term.scope.of is None}
                yield SubjectFigure(term.id, named, figure, batches, self._context(subject))

    def _subjects(self, term: Term) -> Iterator[Mapping[str, str]]:
        batch, scope = self.batch, term.scope
        if scope.kind == "overall":
            yield {}
        elif scope.kind == "class":
            yield from ({"class": name} for name in batch.classes if scope.subject in (None, name))
        elif scope.kind == "annotator":
            yield from ({"annotator": name} for name in batch.annotators if scope.subject in (None, name))
        else:
            for attribute in batch.slices:
                for value in attribute.values if scope.of in (None, attribute.name) else ():
                    if scope.subject in (None, value):
                        yield {"slice": value, "attribute": attribute.name}

    def figure(self, term: Term, subject: Mapping[str, str], contract: Contract) -> Figure:
        """The figure of one term and subject, or why there is none."""
        if term.metric == "delivered_share":
            return self.delivered_share(subject)
        if term.metric == "critical_error_rate":
            if subject:
                return undefined("critical errors are counted for the whole batch only")
            kinds = [kind for kind, severity in contract.errors.items() if severity == "critical"]
            return defect_rate(self.measured, kinds)
        if term.metric in _GOLD:
            return self._gold(_GOLD[term.metric], subject)
        return self._agreement(term.metric, subject)

    def _gold(self, name: str, subject: Mapping[str, str]) -> Figure:
        gold = self.measured.gold
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
        return figures.get(name) or undefined(f"{name} is not measured for this subject")

    def _agreement(self, metric: str, subject: Mapping[str, str]) -> Figure:
        agreement = self.measured.agreement
        if agreement is None:
            return undefined("no item was worked on by two people in a blind first pass")
        if "class" in subject:
            figures = agreement.by_class.get(subject["class"], {})
        elif "slice" in subject:
            figures = agreement.by_slice.get((subject["attribute"], subject["slice"]), {})
        else:
            figures = agreement.overall
        return figures.get(metric) or undefined(f"{metric} is not measured for this subject")

    def delivered_share(self, subject: Mapping[str, str]) -> Figure:
        """The share of the items expected that were worked on: a count of the whole batch, without an interval."""
        wanted = self.batch.facts.expected.copy()
        if subject:
            wanted &= in_slice(self.batch, subject["attribute"], subject["slice"])
        expected, delivered = int(wanted.sum()), int((wanted & self.delivered).sum())
        if not expected:
            return undefined("no item was expected")
        method = "items worked on of items expected, a count"
        return Figure(delivered / expected, None, None, expected, delivered, expected, method)

    def _context(self, subject: Mapping[str, str]) -> NeedContext:
        """What share of items drawn would carry an object of the class, from what was delivered."""
        if "class" not in subject:
            return NeedContext(1.0, None)
        number, objects = self.batch.classes.index(subject["class"]), self.batch.final.objects
        items = int(self.delivered.sum())
        with_class = len(np.unique(objects.item[objects.label == number]))
        return NeedContext(min(with_class / items, 1.0) if items else None, "by delivered class")


def in_slice(batch: LocatedBatch, attribute: str, value: str) -> NDArray[np.bool_]:
    """Which items of the batch are in a slice."""
    for known, codes in zip(batch.slices, batch.facts.slices, strict=True):
        if known.name == attribute:
            return np.asarray(codes == known.values.index(value), np.bool_)
    return np.zeros(len(batch.items), bool)


def error_name(kind: int, batch: LocatedBatch) -> str:
    """What a contract calls a kind of error: a field that does not match has the wrong value."""
    if batch.kind == "fields" and kind == ErrorKind.LOOSE:
        return "wrong_value"
    return ErrorKind(kind).name.lower()


def named_counts(batch: LocatedBatch, outcomes: Outcomes) -> dict[str, int]:
    """How many errors against gold there are of each kind, by the names that contracts use."""
    found = enumerate(error_counts(outcomes).values(), start=1)
    counts = {error_name(code, batch): count for code, count in found}
    wrong = wrong_attributes(batch, outcomes)
    return counts if wrong is None else counts | {ATTRIBUTE: int(wrong.sum())}


def defect_rate(measured: LocatedMeasured, kinds: Sequence[str]) -> Figure:
    """The share of judged answers on gold items (one person's work on one item) with an error of one of the kinds."""
    gold = measured.gold
    if gold is None or not len(gold.tasks.item):
        return undefined(_NO_GOLD)
    wrong = tasks_with(measured.batch, gold.tasks, gold.outcomes, kinds)
    scored = len(gold.tasks.item)
    method = "share of answers on gold items with such an error; Wilson"
    return score_figure(
        wrong / scored, scored, np.zeros(0), units=scored, positives=scored, method=method, labels=scored
    )


def tasks_with(batch: LocatedBatch, tasks: Tasks, outcomes: Outcomes, kinds: Sequence[str]) -> int:
    """How many tasks have an error of one of the kinds, or were not delivered at all if that is one of them."""
    codes = [kind for kind in ErrorKind if kind and error_name(kind, batch) in kinds]
    wrong = np.isin(outcomes.kind, codes)
    if ATTRIBUTE in kinds and (attributes := wrong_attributes(batch, outcomes)) is not None:
        wrong |= attributes
    found = np.unique(outcomes.item[wrong] * (len(batch.annotators) + 1) + outcomes.second[wrong])
    lost = int(np.isin(tasks.item, batch.absent).sum()) if NOT_DELIVERED in kinds else 0
    return len(found) + lost
