"""From the states of a batch to all its figures: agreement and gold, overall and per class, slice, person and pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from assay.analytics.batch import Batch
from assay.analytics.measuring import BatchState, Scored
from assay.analytics.rows import Plan
from assay.measure.accuracy import (
    GoldFigures,
    GoldState,
    gold_figures,
    gold_state,
    overall_gold_figures,
    share_figure,
    tag_state,
)
from assay.measure.figure import Figure, undefined
from assay.measure.nominal import NominalFigures, NominalState, nominal_figures, overall_figures
from assay.measure.ordered import (
    SET_DISTANCES,
    Metric,
    OrderedState,
    metric_of,
    ordered_alpha,
    ordered_columns,
    set_metric,
)
from assay.measure.pairs import PairFigure, pair_figures
from assay.measure.ratings_error import RatingErrors, rating_errors
from assay.measure.replicates import Design, replicate_sums
from assay.measure.units import Ints

from .designs import cluster_size, panel_design

Floats = NDArray[np.float64]
Figures = dict[str, Figure]


@dataclass(frozen=True)
class Method:
    """How intervals are made: number of replicates and seed, as the contract and the batch give them."""

    replicates: int
    seed: str


@dataclass(frozen=True)
class Agreement:
    """Figures between people: overall by metric; per class and per (attribute, value) by metric; per pair."""

    overall: Figures
    by_class: Mapping[str, Figures]
    by_slice: Mapping[tuple[str, str], Figures]
    pairs: tuple[PairFigure, ...]


@dataclass(frozen=True)
class Against:
    """Figures against gold. ``state`` is the integer state they come from; ``scored`` the labels behind it."""

    overall: Figures
    by_class: Mapping[str, Figures]
    by_annotator: Mapping[str, Figures]
    by_slice: Mapping[tuple[str, str], Figures]
    state: GoldState
    scored: Scored
    votes: Scored
    support: Mapping[str, int] = field(default_factory=dict)


def agreement_figures(batch: Batch, state: BatchState, plan: Plan, method: Method) -> Agreement:
    """Every figure between people, from one draw of replicates."""
    weight, problem = _block_weights(batch, state.nominal)
    used = _used_rows(state.nominal)
    design = _agreement_design(batch, plan, weight, state.nominal.rows[:, -2])
    strata, exclusive = len(batch.strata), batch.sets is None
    ordered = _metrics(batch, state, weight)
    slices = [part for whole in state.slices for part in _per_value(whole, plan, strata)]
    ordered_slices = _ordered_parts(batch, state, plan, weight)
    columns: list[Floats | Ints] = [state.nominal.rows[used]]
    columns += [part.rows[used] for part in slices]
    columns += [ordered_columns(part, metric)[used] for _, part, metric in (*ordered, *ordered_slices)]
    sums = replicate_sums(columns, design.only(used), method.replicates, method.seed)
    categories = len(batch.classes)
    found = nominal_figures(
        state.nominal, sums.pop(0), weight, categories=categories, exclusive=exclusive, design=design
    )
    drawn = [sums.pop(0) for _ in slices]
    slice_figures: list[Figures] = [
        overall_figures(part, one, weight, categories=categories, design=design) if exclusive else {}
        for part, one in zip(slices, drawn, strict=True)
    ]
    overall = dict(found.overall)
    if ordered and exclusive:
        overall["nominal_alpha"] = overall.pop("krippendorff_alpha")
    for name, part, metric in ordered:
        overall[name] = ordered_alpha(part, metric, sums.pop(0), weight, design=design)
    for figures, (name, part, metric) in zip(slice_figures, ordered_slices, strict=False):
        figures[name] = ordered_alpha(part, metric, sums.pop(0), weight, design=design)
    pairs = tuple(pair_figures(state.pairs)) if state.pairs is not None else ()
    voters = int((state.people.labels.sum(axis=1) > 0).sum())  # a reviewer of two annotators is no third one
    if exclusive and voters == 2 and pairs:
        overall["cohen_kappa"] = pairs[0].kappa
    keys = [(attribute.name, value) for attribute in batch.slices for value in attribute.values]
    by_slice = {key: figures for key, figures in zip(keys, slice_figures, strict=True) if figures}
    by_class = _by_class(batch, found)
    if problem is not None:
        overall, by_class, by_slice = all_undefined(problem, overall, by_class, by_slice)
    return Agreement(overall, by_class, by_slice, pairs)


def _by_class(batch: Batch, found: NominalFigures) -> dict[str, Figures]:
    parts = zip(batch.classes, found.alpha, found.specific, found.prevalence, strict=True)
    return {
        name: {"krippendorff_alpha": alpha, "specific_agreement": specific, "prevalence": prevalence}
        for name, alpha, specific, prevalence in parts
    }


def _metrics(batch: Batch, state: BatchState, weight: Floats) -> list[tuple[str, OrderedState, Metric]]:
    """The alphas beside the nominal one: at the level of ordered labels, or of sets by MASI and by Jaccard."""
    if state.ordered is None:
        return []
    if batch.sets is not None:
        masi, jaccard = (set_metric(batch.sets, distance) for distance in SET_DISTANCES)
        return [
            ("krippendorff_alpha", state.ordered, masi),
            ("krippendorff_alpha_jaccard", state.ordered, jaccard),
        ]
    metric = _level_metric(batch, state.ordered, weight)
    return [("krippendorff_alpha", state.ordered, metric)] if metric is not None else []


def _level_metric(batch: Batch, state: OrderedState, weight: Floats) -> Metric | None:
    if batch.numbers is None or batch.level == "nominal":
        return None
    return metric_of(state, batch.numbers, batch.level, weight)


def _ordered_parts(
    batch: Batch, state: BatchState, plan: Plan, weight: Floats
) -> list[tuple[str, OrderedState, Metric]]:
    """Alpha of each slice value at the level of the labels; of sets by MASI."""
    out, strata = [], len(batch.strata)
    for attribute, whole in zip(batch.slices, state.ordered_slices, strict=False):
        for number in range(len(attribute.values)):
            part = whole.part(number, strata, plan.rows)
            metric = (
                set_metric(batch.sets, "masi")
                if batch.sets is not None
                else _level_metric(batch, part, weight)
            )
            if metric is not None:
                out.append(("krippendorff_alpha", part, metric))
    return out


def all_undefined(
    reason: str,
    overall: Figures,
    by_class: Mapping[str, Figures],
    by_slice: Mapping[tuple[str, str], Figures],
) -> tuple[Figures, dict[str, Figures], dict[tuple[str, str], Figures]]:
    """The same figures without values, all for one reason; their evidence stays."""

    def without(figures: Figures) -> Figures:
        return {name: undefined(reason, units=f.units, positives=f.positives) for name, f in figures.items()}

    return (
        without(overall),
        {name: without(figures) for name, figures in by_class.items()},
        {name: without(figures) for name, figures in by_slice.items()},
    )


def _block_weights(batch: Batch, state: NominalState) -> tuple[Floats, str | None]:
    """N_h / n_h per stratum, ones without a design; and why there is not enough evidence, if so."""
    if len(batch.strata) == 1:
        return np.ones(1), None
    measured = state.units[:, 2:].sum(axis=1)
    if (measured < 2).any():
        short = int((measured < 2).sum())
        return np.ones(len(batch.strata)), (
            f"not enough evidence: {short} of {len(batch.strata)} strata have fewer than two items with several votes"
        )
    return np.array(batch.strata) / measured, None


def _used_rows(state: NominalState) -> NDArray[np.bool_]:
    """Replicate rows that hold any unit with two votes; the others would only blur the draw."""
    return np.asarray(state.rows[:, -2] > 0)


def _agreement_design(batch: Batch, plan: Plan, weight: Floats, items: Ints) -> Design:
    """How the replicate rows are drawn; ``items`` is the number of items measured in each."""
    stratum = plan.stratum_of_row
    if plan.unit_of_row is None:
        return Design(stratum, weight[stratum])
    sizes = np.bincount(plan.unit_of_row, weights=items)
    together = cluster_size(sizes) if plan.single else sizes.sum() / (batch.clusters or 1)
    return Design(stratum, weight[stratum], plan.unit_of_row, max(float(together), 1.0))


def _per_value(state: NominalState, plan: Plan, strata: int) -> list[NominalState]:
    """The states of an attribute's values; the last block collects units without a value and is left out."""
    values = len(state.units) // strata - 1
    return [
        NominalState(
            state.same[n * strata : (n + 1) * strata],
            state.count[n * strata : (n + 1) * strata],
            state.units[n * strata : (n + 1) * strata],
            state.rows[n * plan.rows : (n + 1) * plan.rows],
        )
        for n in range(values)
    ]


@dataclass(frozen=True)
class GoldFacts:
    """What is known of each gold item of the panel: its 64-bit number, slice codes, stratum and cluster."""

    number: NDArray[np.uint64]
    slices: tuple[Ints, ...]
    stratum: Ints
    cluster: Ints | None = None


def against_gold(batch: Batch, state: BatchState, facts: GoldFacts, method: Method) -> Against:
    """Every figure against gold. Raises nothing; an empty panel gives figures with their reason."""
    row, design, problem = _gold_design(batch, facts, method)
    scored, votes = state.final, state.votes
    whole = _scored_state(batch, scored, row, design.rows)
    parts: list[Floats | Ints] = [whole.rows]
    states, inside, keys = [whole], [scored], []
    for number, attribute in enumerate(batch.slices):
        for code, value in enumerate(attribute.values):
            mine = facts.slices[number][scored.gold] == code
            inside.append(_where(scored, mine))
            states.append(_scored_state(batch, inside[-1], row, design.rows).pooled())
            parts.append(states[-1].rows)
            keys.append((attribute.name, value))
    sums = replicate_sums(parts, design, method.replicates, method.seed)
    exclusive = batch.sets is None
    found = gold_figures(
        whole, sums[0], design.weight, exclusive=exclusive, unit=design.unit, together=design.together
    )
    if batch.kind == "rating":
        found = _with_errors(batch, scored, row, design, method, found)
    by_slice = {}
    for number, key in enumerate(keys, start=1):
        figures = overall_gold_figures(
            states[number], sums[number], design.weight,
            exclusive=exclusive, unit=design.unit, together=design.together,
        )  # fmt: skip
        if exclusive:
            figures["kappa"] = _slice_kappa(batch, inside[number])
        by_slice[key] = figures
    people = {
        name: _person(batch, _where(votes, votes.annotator == n)) for n, name in enumerate(batch.annotators)
    }
    overall, by_class = found.overall, dict(zip(batch.classes, found.by_class, strict=True))
    if problem is not None:
        overall, by_class, by_slice = all_undefined(problem, overall, by_class, by_slice)
    return Against(overall, by_class, people, by_slice, whole, scored, votes)


def _gold_design(batch: Batch, facts: GoldFacts, method: Method) -> tuple[Ints, Design, str | None]:
    """The replicate row of each gold item, its design, and why a stratified figure cannot stand, if so."""
    return panel_design(
        facts.number, facts.stratum, facts.cluster, strata=batch.strata, clusters=batch.clusters, seed=method.seed,
        what="gold items",
    )  # fmt: skip


def _where(scored: Scored, mask: NDArray[np.bool_]) -> Scored:
    return Scored(scored.gold[mask], scored.given[mask], scored.annotator[mask])


def right_answers(batch: Batch, scored: Scored) -> NDArray[np.bool_]:
    """Which scored labels are right: equal to gold, or within the contract's tolerance for ratings."""
    gold = batch.gold.label[scored.gold]
    if batch.kind == "rating" and batch.tolerance > Decimal(0) and batch.numbers is not None:
        apart = np.abs(batch.numbers[np.maximum(scored.given, 0)] - batch.numbers[gold])
        return np.asarray((scored.given >= 0) & (apart <= float(batch.tolerance) + 1e-9))
    return np.asarray(scored.given == gold)


def _scored_state(batch: Batch, scored: Scored, row: Ints, rows: int) -> GoldState:
    gold, block = batch.gold.label[scored.gold], np.zeros(len(scored.gold), np.int64)
    given = np.where(scored.given < 0, -1, scored.given)
    if batch.sets is not None:
        chosen = np.where(given[:, None] >= 0, batch.sets[np.maximum(given, 0)], False)
        return tag_state(batch.sets[gold], chosen, given >= 0, block, row[scored.gold], blocks=1, rows=rows)
    if batch.kind == "rating":
        given = np.where(right_answers(batch, scored), gold, given)
    return gold_state(gold, given, block, row[scored.gold], classes=len(batch.classes), blocks=1, rows=rows)


def _with_errors(
    batch: Batch, scored: Scored, row: Ints, design: Design, method: Method, found: GoldFigures
) -> GoldFigures:
    """Mean absolute error and bias of ratings beside the shares of right answers."""
    errors = _errors(batch, scored)
    extra = rating_errors(errors, row[scored.gold][scored.given >= 0], design, method.replicates, method.seed)
    return GoldFigures(
        {**found.overall, "mean_absolute_error": extra.absolute, "bias": extra.bias}, found.by_class
    )


def _errors(batch: Batch, scored: Scored) -> Floats:
    answered = scored.given >= 0
    if batch.numbers is None:
        return np.zeros(0)
    return batch.numbers[scored.given[answered]] - batch.numbers[batch.gold.label[scored.gold[answered]]]


def _person(batch: Batch, votes: Scored) -> Figures:
    """One person's answers on gold items: each item counts once, so Wilson's interval needs no replicates."""
    right = right_answers(batch, votes)
    correct, answered = int(right.sum()), len(right)
    figures = {"accuracy": share_figure(correct, answered)}
    if batch.sets is None:
        figures["f1"] = share_figure(correct, answered, name="F1 (every item has one label: the accuracy)")
        figures["kappa"] = _plain_kappa(batch, votes)
    if batch.kind == "rating":
        design = Design.simple(answered)
        errors: RatingErrors = rating_errors(_errors(batch, votes), np.arange(answered), design, 0, "")
        figures["mean_absolute_error"] = errors.absolute
        figures["bias"] = errors.bias
    return figures


def _slice_kappa(batch: Batch, scored: Scored) -> Figure:
    """Kappa on the gold items of a slice. Its chance agreement has no weights, so a sample by strata has none."""
    if len(batch.strata) > 1:
        return undefined("kappa of a slice is not measured in a sample by strata", units=len(scored.gold))
    return _plain_kappa(batch, scored)


def _plain_kappa(batch: Batch, votes: Scored) -> Figure:
    """Kappa of some answers on gold items, with the interval of their accuracy and chance held."""
    classes, right = len(batch.classes), right_answers(batch, votes)
    correct, answered = int(right.sum()), len(right)
    if answered == 0:
        return undefined("no answer on a gold item")
    gold = np.bincount(batch.gold.label[votes.gold], minlength=classes) / answered
    given = np.bincount(votes.given[votes.given >= 0], minlength=classes) / answered
    chance = float(gold @ given)
    if 1 - chance < 1e-12:
        return undefined("gold and answers hold one class only", units=answered, positives=answered)
    share = share_figure(correct, answered)
    values = [
        (float(x) - chance) / (1 - chance) for x in (share.value, share.low, share.high) if x is not None
    ]
    method = "Cohen's kappa against gold (1960); Wilson interval of accuracy, chance agreement held"
    return Figure(values[0], values[1], values[2], answered, answered, answered, method)
