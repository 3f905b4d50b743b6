"""Judging short texts and transcripts: word and character error rates against gold, by person and slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assay.annotation.connection import sql_name
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState, Layer
from assay.formats.pseudonyms import assign_pseudonyms
from assay.measure.error_rates import ErrorSums, error_rate, worse_rates
from assay.measure.figure import Figure, rounded, undefined
from assay.measure.spread import wilson
from assay.measure.suspicion import Thresholds
from assay.measure.text import NormalForm, character_edits, word_edits
from assay.report.headline import headline
from assay.terms.clauses import UNICODE_FORMS
from assay.terms.contract import Contract
from assay.terms.term import Term
from assay.terms.verdict import NeedContext, SubjectFigure

from .document import Json, opening
from .judgement import SEED, Judgement, decide_on, stated_of, verdict_section
from .prepare import MODEL_PREFIX
from .request import Request
from .sources import Sources, inputs_of
from .word_clusters import word_clusters

_LATER = f"{Layer.REVIEW.value}, {Layer.ADJUDICATION.value}, {Layer.FINAL.value}"


@dataclass(frozen=True)
class Answer:
    """One delivered text. ``edits`` and ``length`` are in words, then in characters, or None without gold."""

    item: str
    annotator: str
    text: str
    words: tuple[int, int] | None
    characters: tuple[int, int] | None


@dataclass(frozen=True)
class Texts:
    """The delivered texts on which figures rest. ``gold`` maps items to reference texts."""

    answers: tuple[Answer, ...]
    gold: Mapping[str, str]
    items: int
    expected: int
    people: tuple[str, ...]
    slices: Mapping[str, Mapping[str, frozenset[str]]]
    form: NormalForm
    rule: str


def normal_form(steps: Sequence[str]) -> NormalForm:
    """The normal form that a contract or delivery names in words; NFC when it names none."""
    unicode = next((step for step in steps if step in UNICODE_FORMS), "NFC")
    return NormalForm(
        unicode,  # type: ignore[arg-type]  # one of the four forms, checked when the contract was read
        lower="lower case" in steps,
        strip_punctuation="without punctuation" in steps,
        squeeze="runs of white space as one space" in steps,
    )


def judge_texts(request: Request, sources: Sources) -> Judgement:
    """Judge a delivery of texts. The figures are pooled edits over pooled lengths, resampled by item."""
    texts = _texts(request, sources)
    stated, contract = stated_of(request, sources), sources.contract
    replicates = contract.measurement.interval.replicates
    figures = _Figures(texts, replicates)
    evidence = list(_evidence(contract, texts, figures))
    verdict, outcome, left_out = decide_on(sources, evidence, stated)
    suspicions = _suspicions(texts, figures)
    document: Json = opening(stated)
    document["batch"] = {
        "id": stated.batch, "programme": stated.programme, "buyer": stated.buyer, "vendor": stated.vendor,
        "delivered_at": stated.delivered_at, "round": stated.round, "phase": stated.phase, "kind": "text",
        "level": "nominal", "items": texts.items, "items_expected": texts.expected, "labels": len(texts.answers),
        "annotators": len(texts.people), "votes_per_item": None, "versions": dict(stated.versions),
        "final_rule": texts.rule,
    }  # fmt: skip
    document["verdict"] = verdict_section(sources, verdict, outcome, left_out, None, stated)
    document["money"] = None
    document["rework"] = {
        "items": 0,
        "of": texts.items,
        "stand": texts.items,
        "files": [],
        "by_reason": [],
        "overlap": 0,
    }
    document["agreement"] = None
    document["gold"] = _gold_section(texts, figures) if texts.gold else None
    document["defects"] = None
    document["people"] = [_person(name, texts, figures, suspicions) for name in texts.people]
    document["slices"] = []
    wrong = [(a.item, a.annotator, a.text) for a in texts.answers if a.words and a.words[0]]
    document["clusters"], document["clusters_rest"] = word_clusters(wrong, texts.gold, texts.form)
    document["findings"] = [f.as_json() for f in sources.delivery.findings]
    document["suspicions"] = [f.as_json() for f in suspicions]
    document["review"] = {}
    document["proven"] = ["Every figure follows from the files listed below and the stated normal form."]
    document["not_proven"] = [
        "That the reference texts are the only right ones: an error rate counts every difference."
    ]
    document["method"] = {
        "agreement": "not measured for texts", "accuracy": texts.rule,
        "interval": {"level": 0.95, "replicates": replicates, "unit": "item", "seed": SEED},
        "normal_form": str(texts.form),
    }  # fmt: skip
    document["inputs"] = inputs_of(sources)
    document["command"] = request.command
    document["pool"] = {}
    section = document["verdict"]
    if isinstance(section, dict):
        section["headline"] = headline(document)
    counts: Json = {"schema": "assay-counts/1", "texts": figures.counts()}
    return Judgement(
        document, counts, None, None, contract, lambda other: list(_evidence(other, texts, figures))
    )


def _texts(request: Request, sources: Sources) -> Texts:
    declared, connection = sources.delivery.declared, sources.connection
    rows = connection.execute(
        f"SELECT item, annotator, value, layer FROM annotation WHERE state = {ItemState.ANNOTATED.value} "
        f"AND layer NOT IN ({Layer.PRELABEL.value}, {Layer.GOLD.value}) ORDER BY item, layer, annotator, value"
    ).fetchall()
    people = Counter(str(row[1]) for row in rows if not str(row[1]).startswith(MODEL_PREFIX))
    names = assign_pseudonyms(sorted(people, key=lambda a: (-people[a], a)), request.pseudonyms)
    form = normal_form(sources.contract.measurement.normal_form or declared.normal_form)
    gold = {}
    if sources.gold is not None:
        gold = {
            str(i): str(v)
            for i, v in connection.execute("SELECT item, value FROM gold ORDER BY item").fetchall()
        }
    settled = {str(row[0]) for row in rows if row[3] in (Layer.REVIEW, Layer.ADJUDICATION, Layer.FINAL)}
    kept = [
        r
        for r in rows
        if (str(r[0]) not in settled) or r[3] in (Layer.REVIEW, Layer.ADJUDICATION, Layer.FINAL)
    ]
    answers = tuple(_answer(str(i), names.get(str(a), str(a)), str(v), gold, form) for i, a, v, _ in kept)
    items = {answer.item for answer in answers}
    expected = len(items)
    if sources.manifest is not None:
        expected = int(connection.execute("SELECT count(*) FROM manifest").fetchall()[0][0])
    several = len(answers) > len(items)
    rule = "each text is judged by itself" if several else "the only text of each item"
    return Texts(
        answers, gold, len(items), expected, tuple(sorted(names.values())), _slices(sources), form, rule
    )


def _answer(item: str, person: str, text: str, gold: Mapping[str, str], form: NormalForm) -> Answer:
    reference = gold.get(item)
    if reference is None:
        return Answer(item, person, text, None, None)
    words, characters = word_edits(reference, text, form), character_edits(reference, text, form)
    return Answer(
        item, person, text, (words.edits, words.reference), (characters.edits, characters.reference)
    )


def _slices(sources: Sources) -> dict[str, dict[str, frozenset[str]]]:
    if sources.manifest is None:
        return {}
    out: dict[str, dict[str, set[str]]] = {}
    for attribute in sources.manifest.slices:
        column = sql_name(attribute)
        for item, value in sources.connection.execute(
            f"SELECT item, {column} FROM manifest WHERE {column} IS NOT NULL"
        ).fetchall():
            out.setdefault(attribute, {}).setdefault(str(value), set()).add(str(item))
    return {a: {v: frozenset(items) for v, items in values.items()} for a, values in out.items()}


def drawn_texts(
    given: Sequence[tuple[str, str]], gold: Mapping[str, str], form: NormalForm, expected: int
) -> Texts:
    """Texts in memory, one per item and by one person: for simulation."""
    answers = tuple(_answer(item, "annotator-01", text, gold, form) for item, text in given)
    return Texts(
        answers, gold, len(answers), expected, ("annotator-01",), {}, form, "the only text of each item"
    )


def text_evidence(contract: Contract, texts: Texts, replicates: int, seed: str) -> list[SubjectFigure]:
    """The figures that the terms of a contract ask for."""
    return list(_evidence(contract, texts, _Figures(texts, replicates, seed)))


class _Figures:
    """Error rates of any part of the answers; each is computed when asked for."""

    def __init__(self, texts: Texts, replicates: int, seed: str = SEED) -> None:
        self.texts = texts
        self.replicates = replicates
        self.seed = seed

    def rate(self, unit: str, answers: Iterable[Answer]) -> Figure:
        """WER (``wer``) or CER (``cer``) of some answers."""
        return error_rate(
            self.sums(unit, answers), self.replicates, self.seed, f"{unit.upper()}, {self.texts.form}"
        )

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

    def of_person(self, name: str) -> list[Answer]:
        """The answers of one person."""
        return [a for a in self.texts.answers if a.annotator == name]

    def of_items(self, items: frozenset[str]) -> list[Answer]:
        """The answers on some items."""
        return [a for a in self.texts.answers if a.item in items]

    def counts(self) -> dict[str, object]:
        """The integer sums of the whole batch."""
        out: dict[str, object] = {}
        for unit in ("wer", "cer"):
            table = self.sums(unit, self.texts.answers).table
            out[unit] = {
                "edits": int(table[:, 0].sum()),
                "reference": int(table[:, 1].sum()),
                "items": len(table),
            }
        return out


def _evidence(contract: Contract, texts: Texts, figures: _Figures) -> Iterable[SubjectFigure]:
    for term in contract.acceptance:
        for subject, answers, items in _subjects(term, texts, figures):
            yield SubjectFigure(
                term.id, subject, _figure(term, texts, figures, answers, items), 1, NeedContext(1.0)
            )


def _subjects(
    term: Term, texts: Texts, figures: _Figures
) -> Iterable[tuple[dict[str, str], list[Answer], frozenset[str] | None]]:
    scope = term.scope
    if scope.kind == "overall":
        yield {}, list(texts.answers), None
    elif scope.kind == "annotator":
        for name in texts.people:
            if scope.subject in (None, name):
                yield {"annotator": name}, figures.of_person(name), None
    elif scope.kind == "slice":
        for attribute, values in texts.slices.items():
            for value, items in values.items():
                if scope.of in (None, attribute) and scope.subject in (None, value):
                    named = {"slice": value} | ({} if scope.of else {"attribute": attribute})
                    yield named, figures.of_items(items), items


def _figure(
    term: Term, texts: Texts, figures: _Figures, answers: list[Answer], items: frozenset[str] | None
) -> Figure:
    if term.metric in ("wer", "cer"):
        return figures.rate(term.metric, answers)
    if term.metric == "delivered_share":
        expected = texts.expected if items is None else len(items)
        delivered = len({a.item for a in answers})
        share = delivered / expected if expected else 0.0
        return Figure(
            share, share, share, expected, delivered, expected, "items with a text of items expected, a count"
        )
    if term.metric == "critical_error_rate" and texts.gold:
        scored = [a for a in answers if a.words is not None]
        wrong = sum(1 for a in scored if a.words and a.words[0])
        if scored:
            low, high = wilson(wrong, len(scored), 0.95)
            return Figure(
                wrong / len(scored),
                low,
                high,
                len(scored),
                len(scored),
                len(scored),
                "texts with any difference; Wilson",
            )
    return undefined(f"{term.metric} is not measured for texts")


def _gold_section(texts: Texts, figures: _Figures) -> Json:
    scored = [a for a in texts.answers if a.words is not None]
    same = sum(1 for a in scored if a.words and a.words[0] == 0)
    low, high = wilson(same, len(scored), 0.95) if scored else (0.0, 1.0)
    exact = (
        Figure(
            same / len(scored),
            low,
            high,
            len(scored),
            len(scored),
            len(scored),
            "texts equal to gold in the normal form; Wilson",
        )
        if scored
        else undefined("no gold item was delivered")
    )
    missing = len(set(texts.gold) - {a.item for a in texts.answers})
    overall = {unit: figures.rate(unit, texts.answers).as_json() for unit in ("wer", "cer")}
    return {
        "items": len(texts.gold), "scored": len({a.item for a in scored}), "not_delivered": missing, "undecided": 0,
        "makers": {"count": 0, "agreement": None, "ceiling": {"overall": None, "by_class": {}}},
        "overall": {"accuracy": exact.as_json(), "support": len(scored), **overall},
        "by_class": {},
        "by_annotator": {
            name: {
                "wer": figures.rate("wer", figures.of_person(name)).as_json(),
                "cer": figures.rate("cer", figures.of_person(name)).as_json(),
                "support": sum(1 for a in figures.of_person(name) if a.words is not None),
            }
            for name in texts.people
        },
        "by_slice": {
            attribute: {
                value: {"wer": figures.rate("wer", figures.of_items(items)).as_json()}
                for value, items in values.items()
            }
            for attribute, values in texts.slices.items()
        },
        "text": {**overall, "normal_form": str(texts.form)},
    }  # fmt: skip


def _person(name: str, texts: Texts, figures: _Figures, suspicions: Sequence[Finding]) -> Json:
    mine = figures.of_person(name)
    return {
        "id": name,
        "labels": len(mine),
        "items": len({a.item for a in mine}),
        "skipped": 0,
        "agreement": None,
        "gold": figures.rate("wer", mine).as_json() if texts.gold else None,
        "share": {},
        "suspicions": [f.text for f in suspicions if name in f.subject.split(", ")],
    }


def _suspicions(texts: Texts, figures: _Figures) -> list[Finding]:
    """People whose error rate lies above everybody else's, and people who give one text for many items."""
    out = []
    thresholds = Thresholds()
    sums = [figures.sums("wer", figures.of_person(name)) for name in texts.people]
    for s in worse_rates(sums, thresholds):
        name = texts.people[s.subject[0]]
        text = (
            f"{name} has a word error rate of {s.shown:.3f} over {s.observations:,} texts; "
            f"all others together {s.expected:.3f}."
        )
        out.append(
            Finding(
                "worse_on_gold",
                "major",
                name,
                text,
                {"shown": rounded(s.shown), "expected": rounded(s.expected), "p": rounded(s.p)},
            )
        )
    for name in texts.people:
        given = Counter(texts.form.apply(a.text) for a in figures.of_person(name))
        most, times = given.most_common(1)[0] if given else ("", 0)
        total = sum(given.values())
        if times >= thresholds.least and times >= total / 2:
            text = f"{name} gives one and the same text for {times:,} of {total:,} items."
            out.append(Finding("near_constant", "major", name, text, {"text": most[:200], "times": times}))
    return out
