"""Measuring a batch of located labels: F1 against gold and between people, overall and by class, person, slice, pair.

Against gold every task is one item and one person (or the later layer that settled the item); between people it is one
item and two people. Objects are matched as ``measure.matching`` says, at the overlap that the contract names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.annotation.errors import LimitError
from assay.measure.accuracy import f1_figure
from assay.measure.candidates import Objects
from assay.measure.comparisons import Comparison, against_gold, between_people
from assay.measure.figure import Figure, undefined
from assay.measure.located import LocatedState
from assay.measure.located_errors import LOOSE_FROM
from assay.measure.located_figures import (
    LocatedFigures,
    located_figures,
    mean_overlap_figure,
    overlap_rows,
    pairwise_figures,
)
from assay.measure.replicates import Design, replicate_sums
from assay.measure.units import Ints

from .designs import panel_design
from .figures import Figures, Method, all_undefined
from .located_batch import LocatedBatch, Marks, Outcomes
from .located_crowds import Excused, in_crowds
from .located_overlap import overlap_of, prepare_marks
from .located_tasks import SHOWN_AT, Compared, Tasks, compare

MOST_CLASSES = 10_000


@dataclass(frozen=True)
class LocatedPair:
    """Two people by their codes, and how well their objects agree."""

    a: int
    b: int
    figure: Figure


@dataclass(frozen=True)
class LocatedAgreement:
    """Figures between people, and the outcomes behind them (rows of ``marks``)."""

    overall: Figures
    by_class: Mapping[str, Figures]
    by_slice: Mapping[tuple[str, str], Figures]
    by_annotator: Mapping[str, Figure]
    pairs: tuple[LocatedPair, ...]
    state: LocatedState
    tasks: Tasks
    outcomes: Outcomes
    confusion: Ints


@dataclass(frozen=True)
class LocatedGold:
    """Figures against gold, and the outcomes behind them (rows of ``gold`` and ``final``)."""

    overall: Figures
    by_class: Mapping[str, Figures]
    by_annotator: Mapping[str, Figures]
    by_slice: Mapping[tuple[str, str], Figures]
    state: LocatedState
    tasks: Tasks
    outcomes: Outcomes
    confusion: Ints


@dataclass(frozen=True)
class LocatedMeasured:
    """Everything measured on one batch."""

    batch: LocatedBatch
    threshold: float
    agreement: LocatedAgreement | None
    gold: LocatedGold | None


def measure_located(batch: LocatedBatch, threshold: float, method: Method) -> LocatedMeasured:
    """Measure a batch at a threshold of overlap.

    Raises :class:`LimitError` where too many objects lie on each other, or too many classes are in use: figures of a
    class take memory for every replicate.
    """
    if len(batch.classes) > MOST_CLASSES:
        raise LimitError(
            "objects of too many classes are compared", found=f"{len(batch.classes):,} classes in use",
            expected=f"at most {MOST_CLASSES:,}; a text that differs on every object is an attribute, not a class",
        )  # fmt: skip
    return LocatedMeasured(
        batch, threshold, _between(batch, threshold, method), _against(batch, threshold, method)
    )


@dataclass(frozen=True)
class _Side:
    """The objects of one side that count: crowd regions are neither missed nor extra. ``index`` leads back."""

    marks: Marks
    objects: Objects
    index: Ints

    @staticmethod
    def of(batch: LocatedBatch, marks: Marks) -> _Side:
        kept = np.flatnonzero(~marks.crowd)
        if len(kept) < len(marks):
            marks = marks.take(kept)
        return _Side(marks, prepare_marks(batch.kind, marks), kept)

    def on(self, items: Ints) -> _Side:
        """The objects on some items."""
        kept = np.isin(self.objects.item, items)
        return self if kept.all() else _Side(self.marks.take(kept), self.objects.take(kept), self.index[kept])


def _against(batch: LocatedBatch, threshold: float, method: Method) -> LocatedGold | None:
    if not len(batch.gold_items):
        return None
    gold, final = _Side.of(batch, batch.gold), _Side.of(batch, batch.final)
    row, design, problem = _design(batch, batch.gold_items, method, "gold items")
    found = _compared(
        batch,
        against_gold(gold.objects, batch.gold_items, final.objects, batch.final_by[final.index], batch.final_work),
        (gold, final), row, design, threshold, Excused(right=in_crowds(batch.kind, final.marks, batch.gold)),
    )  # fmt: skip
    whole = found.states[0]
    people = [found.tasks.where(found.tasks.second == code) for code in range(len(batch.annotators))]
    parts = list(_slices(batch, found.tasks))
    small = [part.state(row, design.rows) for _, part in parts] + [
        part.state(row, design.rows) for part in people
    ]
    shown = list(found.states[1:])
    sums = replicate_sums(
        [whole.rows, overlap_rows(whole), *(_pooled(state).rows for state in shown), *(one.rows for one in small)],
        design, method.replicates, method.seed,
    )  # fmt: skip
    figures = _gold_figures(batch, whole, sums[0], sums[1], design)
    overall = dict(figures.overall)
    for at, state, drawn in zip(SHOWN_AT, shown, sums[2:], strict=False):
        pooled = located_figures(_pooled(state), drawn, design.weight, unit=design.unit)
        overall[f"f1_at_{at:g}"] = pooled.overall["f1"]
    rest = [
        located_figures(state, drawn, design.weight, unit=design.unit).overall
        for state, drawn in zip(small, sums[2 + len(shown) :], strict=True)
    ]
    by_slice = {key: dict(one) for (key, _), one in zip(parts, rest, strict=False)}
    by_person = {name: dict(one) for name, one in zip(batch.annotators, rest[len(parts) :], strict=True)}
    by_class = dict(zip(batch.classes, figures.by_class, strict=True))
    if problem is not None:
        overall, by_class, by_slice = all_undefined(problem, overall, by_class, by_slice)
    there = found.outcomes.take(~np.isin(found.outcomes.item, batch.absent))
    return LocatedGold(
        overall, by_class, by_person, by_slice, whole, found.tasks, _back(there, gold, final), found.confusion
    )


def _between(batch: LocatedBatch, threshold: float, method: Method) -> LocatedAgreement | None:
    item, people = np.unique(batch.work.item, return_counts=True)
    several = item[people > 1]
    if not len(several):
        return None
    side = _Side.of(batch, batch.marks)
    row, design, problem = _design(batch, several, method, "items with two people")
    side = side.on(several)
    work = batch.work.take(np.isin(batch.work.item, several))
    by = batch.by[side.index]
    inside = in_crowds(batch.kind, side.marks, batch.marks, by, batch.by)
    found = _compared(
        batch,
        between_people(side.objects, by, work),
        (side, side),
        row,
        design,
        threshold,
        Excused(inside, inside),
    )
    whole, shown = found.states[0], found.states[1:]
    parts = list(_slices(batch, found.tasks))
    small = [part.state(row, design.rows) for _, part in parts]
    sums = replicate_sums(
        [whole.rows, *(_pooled(state).rows for state in shown), *(one.rows for one in small)],
        design, method.replicates, method.seed,
    )  # fmt: skip
    figures = pairwise_figures(whole, sums[0], design.weight, unit=design.unit)
    overall = dict(figures.overall)
    for at, state, drawn in zip(SHOWN_AT, shown, sums[1:], strict=False):
        pooled = pairwise_figures(_pooled(state), drawn, design.weight, unit=design.unit)
        overall[f"pairwise_f1_at_{at:g}"] = pooled.overall["pairwise_f1"]
    by_slice: dict[tuple[str, str], Figures] = {
        key: dict(pairwise_figures(state, drawn, design.weight, unit=design.unit).overall)
        for (key, _), state, drawn in zip(parts, small, sums[1 + len(shown) :], strict=True)
    }
    by_class = dict(zip(batch.classes, figures.by_class, strict=True))
    if problem is not None:
        overall, by_class, by_slice = all_undefined(problem, overall, by_class, by_slice)
    return LocatedAgreement(
        overall, by_class, by_slice, _with_others(batch, found.tasks), tuple(_pairs(found.tasks)), whole,
        found.tasks, _back(found.outcomes, side, side), found.confusion,
    )  # fmt: skip


def _compared(
    batch: LocatedBatch,
    comparisons: Iterator[Comparison],
    sides: tuple[_Side, _Side],
    row: Ints,
    design: Design,
    threshold: float,
    excused: Excused,
) -> Compared:
    thresholds = (threshold, *SHOWN_AT)
    overlap = overlap_of(batch.kind, sides[0].marks, sides[1].marks, least=min(LOOSE_FROM, *thresholds))
    return compare(
        comparisons,
        row,
        thresholds,
        classes=len(batch.classes),
        rows=design.rows,
        overlap=overlap,
        excused=excused,
    )


def _design(batch: LocatedBatch, items: Ints, method: Method, what: str) -> tuple[Ints, Design, str | None]:
    """The replicate row of every item of the batch (0 for those not of the panel) and the design of the rows."""
    facts = batch.facts
    cluster = None if facts.cluster is None else facts.cluster[items]
    row, design, problem = panel_design(
        facts.number[items], facts.stratum[items], cluster, strata=batch.strata, clusters=batch.clusters,
        seed=method.seed, what=what,
    )  # fmt: skip
    every = np.zeros(len(batch.items), np.int64)
    every[items] = row
    return every, design, problem


def _slices(batch: LocatedBatch, tasks: Tasks) -> Iterator[tuple[tuple[str, str], Tasks]]:
    for attribute, codes in zip(batch.slices, batch.facts.slices, strict=True):
        of_task = codes[tasks.item]
        for code, value in enumerate(attribute.values):
            yield (attribute.name, value), tasks.where(of_task == code)


def _pooled(state: LocatedState) -> LocatedState:
    """The state with all classes in one."""
    k = state.classes
    parts = [state.rows[:, n * k : (n + 1) * k].sum(axis=1) for n in range(3)]
    return LocatedState(
        np.column_stack([*parts, state.rows[:, 3 * k :]]), state.overlap.sum(axis=1, keepdims=True)
    )


def _gold_figures(
    batch: LocatedBatch,
    state: LocatedState,
    sums: NDArray[np.float64],
    overlaps: NDArray[np.float64],
    design: Design,
) -> LocatedFigures:
    figures = located_figures(state, sums, design.weight, unit=design.unit)
    overall = figures.overall | {"mean_iou": mean_overlap_figure(state, overlaps, design.weight)}
    by_class = tuple(
        one | {"mean_iou": mean_overlap_figure(state, overlaps, design.weight, class_number=number)}
        for number, one in enumerate(figures.by_class)
    )
    positives = state.matched + state.missed
    return LocatedFigures(
        overall,
        tuple(
            {name: replace(figure, positives=int(count)) for name, figure in one.items()}
            for one, count in zip(by_class, positives, strict=True)
        ),
    )


def _back(outcomes: Outcomes, left: _Side, right: _Side) -> Outcomes:
    """Outcomes by the rows of the batch instead of those of the sides."""

    def rows(index: Ints, at: Ints) -> Ints:
        return np.where(at >= 0, index[np.maximum(at, 0)], -1) if len(index) else at

    return replace(outcomes, left=rows(left.index, outcomes.left), right=rows(right.index, outcomes.right))


def _pairs(tasks: Tasks) -> Iterator[LocatedPair]:
    width = int(max(tasks.first.max(initial=0), tasks.second.max(initial=0))) + 1
    code = np.minimum(tasks.first, tasks.second) * width + np.maximum(tasks.first, tasks.second)
    pairs, place = np.unique(code, return_inverse=True)
    counts = _counted(tasks, place, len(pairs))
    for number, pair in enumerate(pairs.tolist()):
        yield LocatedPair(pair // width, pair % width, _share(*counts[number]))


def _with_others(batch: LocatedBatch, tasks: Tasks) -> dict[str, Figure]:
    counts = _counted(tasks, tasks.first, len(batch.annotators)) + _counted(
        tasks, tasks.second, len(batch.annotators)
    )
    return {name: _share(*counts[code]) for code, name in enumerate(batch.annotators)}


def _counted(tasks: Tasks, place: Ints, size: int) -> Ints:
    """Matched objects, objects without a partner and items, added up by place (size, 3)."""
    single = tasks.extra + tasks.missed
    columns = [np.bincount(place, weights=part, minlength=size) for part in (tasks.matched, single)]
    return np.column_stack([*columns, np.bincount(place, minlength=size)]).astype(np.int64)


def _share(matched: int, single: int, items: int) -> Figure:
    """Pairwise F1 of counts alone: objects are taken to stand alone."""
    matched, touched = int(matched), int(matched + single)
    if not items:
        return undefined("nobody else worked on the same items")
    if not touched:
        return undefined("nobody drew an object", units=int(items))
    figure = f1_figure(matched / touched, touched, 0.0, units=int(items), positives=int(2 * matched + single))
    return replace(figure, method="pairwise F1, 2 matched / objects of both; Wilson on J over objects")
