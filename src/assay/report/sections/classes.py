"""By class: gold and agreement side by side, each on its own scale."""

from __future__ import annotations

from collections.abc import Sequence

from ..fields import COUNTS, Node, child, number, reading, text
from ..located_wording import nouns, object_noun
from ..markup import Html, join
from ..termlines import Term, lookup
from ..wording import counted, metric_name, percent, value_text
from .dots import Dot, Row, Rows, dot_rows
from .frame import Entry, figure_table, section

_GOLD_METRICS = ("f1", "kappa", "accuracy", "recall", "precision")
_RAW = {"percent_agreement": "raw agreement", "specific_agreement": "specific agreement"}
_AGREEMENT_METRICS = ("krippendorff_alpha", "cohen_kappa", "fleiss_kappa", "percent_agreement", "pairwise_f1")
_BESIDE_F1 = {"precision": "precision", "recall": "recall", "mean_iou": "mean IoU"}


def classes_section(document: Node, terms: list[Term]) -> Html | None:
    """One row a class: its gold items and prevalence, its figures, raw agreement beside the coefficient.

    Located labels have their objects of gold, and beside F1 precision, recall and mean overlap.
    """
    gold, people = child(document, "gold", "by_class"), child(document, "agreement", "by_class")
    names = list(dict.fromkeys([*gold, *people]))
    if not names:
        return None
    gold_key = _metric(terms, _GOLD_METRICS, gold, gold_side=True)
    people_key = _metric(terms, _AGREEMENT_METRICS, people, gold_side=False)
    raw_key = next(
        (key for key in _RAW if key != people_key and any(key in child(people, each) for each in people)), ""
    )
    noun = object_noun(text(child(document, "batch"), "kind"))
    beside = [key for key in _BESIDE_F1 if noun and any(key in child(gold, each) for each in gold)]
    by_gold, by_people = lookup(terms, "class", gold=True), lookup(terms, "class", gold=False)
    rows = []
    for each in names:
        dots = []
        if gold_key:
            dots.append(Dot(reading(child(gold, each).get(gold_key)), by_gold.get(("", each))))
        if people_key:
            dots.append(Dot(reading(child(people, each).get(people_key)), by_people.get(("", each))))
        tail = _beside(child(gold, each), beside) if noun else _tail(child(people, each), raw_key)
        facts = _facts(gold, {} if noun else people, each)
        rows.append(Row(each, facts, tuple(dots), tail))
    table = Rows(
        subject="class",
        facts=_titles(gold, people, noun),
        titles=tuple(metric_name(key) for key in (gold_key, people_key) if key),
        rows=tuple(rows),
        tail=tuple(_BESIDE_F1[key] for key in beside) if noun else (_RAW[raw_key],) if raw_key else (),
        noun="class",
    )
    body = [dot_rows(table), _all_figures(gold, people)]
    return section("classes", "By class", body, note=_note(document, len(names), terms))


def _metric(terms: list[Term], order: tuple[str, ...], figures: Node, *, gold_side: bool) -> str:
    judged = [
        term.head.metric.removeprefix("gold_")
        for term in terms
        if term.head.kind == "class" and term.head.against_gold == gold_side
    ]
    present = {key for each in figures for key in child(figures, each)}
    return next((key for key in (*judged, *order) if key in present), "")


def _facts(gold: Node, people: Node, each: str) -> tuple[str, ...]:
    facts = []
    if gold:
        support = number(child(gold, each), "support")
        facts.append(f"{support:,.0f}" if support is not None else "–")
    if people:
        prevalence = reading(child(people, each).get("prevalence"))
        facts.append(percent(prevalence.value) if prevalence and prevalence.value is not None else "–")
    return tuple(facts)


def _titles(gold: Node, people: Node, noun: str) -> tuple[str, ...]:
    if noun:
        return (f"gold {nouns(noun)}",) if gold else ()
    return tuple(title for title, there in (("gold items", gold), ("share", people)) if there)


def _beside(figures: Node, keys: Sequence[str]) -> tuple[str, ...]:
    found = [reading(figures.get(key)) for key in keys]
    return tuple(value_text(one.value) if one and one.value is not None else "–" for one in found)


def _tail(figures: Node, raw_key: str) -> tuple[str, ...]:
    raw = reading(figures.get(raw_key)) if raw_key else None
    return () if not raw_key else (value_text(raw.value) if raw and raw.value is not None else "–",)


def _all_figures(gold: Node, people: Node) -> Html | None:
    entries = []
    for each in dict.fromkeys([*gold, *people]):
        for figures, prefix in ((child(gold, each), "gold_"), (child(people, each), "")):
            for key in figures:
                metric = f"{prefix}{key}" if prefix else key
                if key not in COUNTS:
                    entries.append(Entry(each, metric, reading(figures[key])))
    return figure_table(entries, subject="Class")


def _note(document: Node, number_of: int, terms: list[Term]) -> Html:
    interval = child(document, "method", "interval")
    level, replicates = number(interval, "level") or 0.95, number(interval, "replicates")
    unit = text(interval, "unit") or "item"
    sentence = f"What needs evidence first, then furthest below its floor. {percent(level)} intervals"
    if replicates:
        sentence += f" from {replicates:,.0f} resamples of {unit}s"
    widened = any(term.head.kind == "class" and term.head.rule == "unless_shown_below" for term in terms)
    tail = (
        f"; the decision widens them for {counted(number_of, 'class')} (Holm)."
        if widened and number_of > 1
        else "."
    )
    return join([sentence, tail])
