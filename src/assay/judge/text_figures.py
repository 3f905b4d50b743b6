"""Error rates of texts against gold: overall, by person and slice, and what the terms of a contract ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from assay.annotation.finding import Finding
from assay.measure.error_rates import ErrorSums, error_rate, worse_rates
from assay.measure.figure import Figure, rounded, undefined
from assay.measure.nominal import score_figure
from assay.measure.suspicion import Thresholds
from assay.terms.contract import Contract
from assay.terms.term import Term
from assay.terms.verdict import NeedContext, SubjectFigure

from .document import Json
from .judgement import SEED
from .text_delivery import Answer, Texts

UNITS = ("wer", "cer")


class TextFigures:
    """Error rates of any part of the answers; each is computed when asked for."""

    def __init__(self, texts: Texts, replicates: int, seed: str = SEED) -> None:
        self.texts = texts
        self.replicates = replicates
        self.seed = seed

    def rate(self, unit: str, answers: Iterable[Answer]) -> Figure:
        """WER (``wer``) or CER (``cer``) of some answers."""
        method = f"{unit.upper()}, {self.texts.form}"
        return error_rate(self.sums(unit, answers), self.replicates, self.seed, method)

    def sums(self, unit: str, answers: Iterable[Answer]) -> ErrorSums:
        """Edits and lengths per item, in order of the items."""
        by_item: dict[str, list[int]] = {}
        for answer in answers:
            counted = answer.words if unit == "wer" else answer.characters
            if counted is not None:
                row = by_item.setdefault(answer.item, [0, 0])
                row[0] += counted[0]
                row[1] += counted[1]
        table = [by_item[item] for item in sorted(by_item)]
        return ErrorSums(np.array(table, np.int64).reshape(-1, 2))

    def of_person(self, name: str) -> Sequence[Answer]:
        """The answers of one person."""
        return self.texts.by_person.get(name, ())

    def of_items(self, items: frozenset[str]) -> list[Answer]:
        """What counts against gold on some items."""
        return [answer for answer in self.texts.judged if answer.item in items]

    def counts(self) -> dict[str, object]:
        """The integer sums of the whole batch."""
        out: dict[str, object] = {}
        for unit in UNITS:
            table = self.sums(unit, self.texts.judged).table
            edits, reference = (int(total) for total in table.sum(axis=0)) if len(table) else (0, 0)
            out[unit] = {"edits": edits, "reference": reference, "items": len(table)}
        return out

    def evidence(self, contract: Contract) -> Iterator[SubjectFigure]:
        """The figures that the terms of a contract ask for."""
        for term in contract.acceptance:
            for subject, answers, items in self._subjects(term):
                figure = self._figure(term, answers, items)
                yield SubjectFigure(term.id, subject, figure, 1, NeedContext(1.0))

    def _subjects(
        self, term: Term
    ) -> Iterator[tuple[dict[str, str], Sequence[Answer], frozenset[str] | None]]:
        scope, texts = term.scope, self.texts
        if scope.kind == "overall":
            yield {}, texts.judged, None
        elif scope.kind == "annotator":
            for name in texts.people:
                if scope.subject in (None, name):
                    yield {"annotator": name}, self.of_person(name), None
        elif scope.kind == "slice":
            for attribute, values in texts.slices.items():
                for value, items in values.items():
                    if scope.of in (None, attribute) and scope.subject in (None, value):
                        named = {"slice": value} | ({} if scope.of else {"attribute": attribute})
                        yield named, self.of_items(items), items

    def _figure(self, term: Term, answers: Sequence[Answer], items: frozenset[str] | None) -> Figure:
        if term.metric in UNITS:
            return self.rate(term.metric, answers)
        if term.metric == "delivered_share":
            expected = self.texts.expected if items is None else len(items)
            delivered = len({answer.item for answer in answers} & self.texts.items)
            if not expected:
                return undefined("no item was expected")
            share = delivered / expected
            method = "items with a text of items expected, a count"
            return Figure(share, None, None, expected, delivered, expected, method)
        if term.metric == "critical_error_rate":
            return different(answers)
        return undefined(f"{term.metric} is not measured for texts")


def different(answers: Iterable[Answer]) -> Figure:
    """The share of texts that differ from gold in any word."""
    scored = [answer.words for answer in answers if answer.words is not None]
    return _share(sum(edits > 0 for edits, _ in scored), len(scored), "texts with any difference; Wilson")


def _share(part: int, whole: int, method: str) -> Figure:
    if whole == 0:
        return undefined("no text on a gold item", method=method)
    return score_figure(
        part / whole, whole, np.zeros(0), units=whole, positives=whole, method=method, labels=whole
    )


def gold_section(figures: TextFigures) -> Json:
    """The section ``gold`` of the report."""
    texts = figures.texts
    scored = [answer for answer in texts.judged if answer.words is not None]
    right = sum(answer.words is not None and answer.words[0] == 0 for answer in scored)
    exact = _share(right, len(scored), "texts equal to gold in the normal form; Wilson")
    overall = {unit: figures.rate(unit, texts.judged).as_json() for unit in UNITS}
    return {
        "items": len(texts.gold),
        "scored": len({answer.item for answer in scored}),
        "not_delivered": len(texts.missing),
        "undecided": 0,
        "outside_batch": texts.gold_outside,
        "makers": {"count": 0, "agreement": None, "ceiling": {"overall": None, "by_class": {}}},
        "overall": {"accuracy": exact.as_json(), "support": len(scored), **overall},
        "by_class": {},
        "by_annotator": {name: _scores(figures, figures.of_person(name)) for name in texts.people},
        "by_slice": {
            attribute: {value: _scores(figures, figures.of_items(items)) for value, items in values.items()}
            for attribute, values in texts.slices.items()
        },
        "text": {**overall, "normal_form": str(texts.form)},
    }


def _scores(figures: TextFigures, answers: Sequence[Answer]) -> Json:
    rates: Json = {unit: figures.rate(unit, answers).as_json() for unit in UNITS}
    return {**rates, "support": sum(answer.words is not None for answer in answers)}


def people_section(figures: TextFigures, suspicions: Sequence[Finding]) -> list[Json]:
    """One entry per person: volume and error rate."""
    texts, out = figures.texts, []
    for name in texts.people:
        mine = figures.of_person(name)
        out.append(
            {
                "id": name,
                "labels": len(mine),
                "items": len({answer.item for answer in mine}),
                "skipped": texts.skipped.get(name, 0),
                "agreement": None,
                "gold": figures.rate("wer", mine).as_json() if texts.gold else None,
                "share": {},
                "suspicions": [f.text for f in suspicions if name in f.subject.split(", ")],
            }
        )
    return out


def text_suspicions(figures: TextFigures) -> list[Finding]:
    """People whose error rate lies above the others' on the same items, and people who give one text for many items."""
    texts, thresholds, out = figures.texts, Thresholds(), []
    sums = [figures.sums("wer", figures.of_person(name)) for name in texts.people]
    for s in worse_rates(sums, thresholds, _usual_edits(figures)):
        name = texts.people[s.subject[0]]
        text = (
            f"{name} has a word error rate of {s.shown:.3f} over {s.observations:,} texts; "
            f"the others on the same items {s.expected:.3f}."
        )
        evidence = {"shown": rounded(s.shown), "expected": rounded(s.expected), "p": rounded(s.p)}
        out.append(Finding("worse_on_gold", "major", name, text, evidence))
    for name in texts.people:
        given = Counter(texts.form.apply(answer.text) for answer in figures.of_person(name))
        total = sum(given.values())
        most, times = min(given.items(), key=lambda entry: (-entry[1], entry[0]), default=("", 0))
        if times >= thresholds.least and times >= total / 2:
            text = f"{name} gives one and the same text for {times:,} of {total:,} items."
            out.append(Finding("near_constant", "major", name, text, {"text": most[:200], "times": times}))
    return out


def _usual_edits(figures: TextFigures) -> list[NDArray[np.float64]]:
    """For each person and item, in their order, the mean edits of the others; where there are none, their rate."""
    edits, answers = Counter[str](), Counter[str]()
    whole = np.zeros(2)
    tables: list[dict[str, tuple[int, int]]] = []
    for name in figures.texts.people:
        mine = {a.item: a.words for a in figures.of_person(name) if a.words is not None}
        tables.append({item: mine[item] for item in sorted(mine)})
        for item, (needed, length) in mine.items():
            edits[item] += needed
            answers[item] += 1
            whole += (needed, length)
    out = []
    for table in tables:
        own = np.array(list(table.values()), np.float64).reshape(-1, 2)
        others = np.array([answers[item] - 1 for item in table], np.float64)
        theirs = np.array([edits[item] for item in table], np.float64) - own[:, 0]
        elsewhere = whole - own.sum(axis=0)
        rate = elsewhere[0] / max(elsewhere[1], 1.0)
        out.append(np.where(others > 0, theirs / np.maximum(others, 1), rate * own[:, 1]))
    return out
