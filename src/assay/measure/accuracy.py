"""Accuracy against gold from integer states: precision, recall, F1, accuracy, kappa and the confusion matrix.

A scored label is one delivered label on one gold item: the final label, or each vote. F1 = 2J / (1 + J) with
J = TP / (TP + FP + FN); the interval of F1 is Wilson's interval of J with the trials divided by the design effect,
which keeps its coverage near 1 where the percentile bootstrap fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figure import Figure, undefined
from .nominal import coefficient_figure
from .replicates import Design
from .spread import CoefficientSpread, ScoreSpread, snapped
from .trials import Evidence
from .units import Ints

Floats = NDArray[np.float64]
Factors = Mapping[int, float]

_F1 = "F1 against gold, 2TP/(2TP+FP+FN); Wilson on J = TP/(TP+FP+FN) with effective trials"
_SHARE = "against gold; Wilson with effective trials"
_KAPPA = "Cohen's kappa against gold (1960); Wilson on observed agreement with effective trials"
_UNDECIDED = -1


@dataclass(frozen=True)
class GoldState:
    """Integer sums over scored labels. B blocks (strata), K classes, R replicate rows (gold items or groups of them).

    ``confusion`` (B, K, K + 1): gold class by delivered class; the last column counts missing or undecided labels.
    ``rows`` (R, 3K + 3): true positives, false positives, false negatives per class, then correct, scored, delivered.
    """

    confusion: Ints
    rows: Ints

    def __add__(self, other: GoldState) -> GoldState:
        return GoldState(self.confusion + other.confusion, self.rows + other.rows)

    def __sub__(self, other: GoldState) -> GoldState:
        return GoldState(self.confusion - other.confusion, self.rows - other.rows)

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return int(self.rows.shape[1] - 3) // 3

    def pooled(self) -> GoldState:
        """The same with all classes in one column each: enough for overall figures, and much smaller."""
        parts = [self.rows[:, k * self.classes : (k + 1) * self.classes].sum(axis=1) for k in range(3)]
        return GoldState(self.confusion, np.column_stack([*parts, self.rows[:, 3 * self.classes :]]))


def gold_state(
    gold: Ints, given: Ints, block: Ints, row: Ints, *, classes: int, blocks: int, rows: int
) -> GoldState:
    """Sum scored labels. ``given`` is -1 where the label is missing or undecided, which counts as wrong."""
    column = np.where(given == _UNDECIDED, classes, given)
    cell = (block * classes + gold) * (classes + 1) + column
    confusion = np.bincount(cell, minlength=blocks * classes * (classes + 1)).reshape(
        blocks, classes, classes + 1
    )
    right, decided = given == gold, given != _UNDECIDED
    spurious = decided & ~right
    parts = [
        _tally(row[right], gold[right], rows, classes),
        _tally(row[spurious], given[spurious], rows, classes),
        _tally(row[~right], gold[~right], rows, classes),
        np.stack(
            [np.bincount(row[mask], minlength=rows) for mask in (right, np.ones(len(row), bool), decided)],
            axis=1,
        ),
    ]
    return GoldState(confusion, np.concatenate(parts, axis=1))


def tag_state(
    gold: NDArray[np.bool_],
    given: NDArray[np.bool_],
    answered: NDArray[np.bool_],
    block: Ints,
    row: Ints,
    *,
    blocks: int,
    rows: int,
) -> GoldState:
    """The state of multi-label sets: ``gold`` and ``given`` (N, K) say which tags hold.

    Where nothing was ``answered`` (N,), no tag is given and the whole is wrong, even where gold holds no tag either.
    The confusion of each tag is its own two-by-two table, so ``confusion`` keeps TP on the diagonal, FN in the last
    column, and false positives are read from ``rows``. ``correct`` counts labels whose whole set is right.
    """
    classes = gold.shape[1]
    hit, extra, missed = gold & given, given & ~gold, gold & ~given
    confusion = np.zeros((blocks, classes, classes + 1), np.int64)
    for number in range(classes):
        confusion[:, number, number] = np.bincount(block[hit[:, number]], minlength=blocks)
        confusion[:, number, classes] = np.bincount(block[missed[:, number]], minlength=blocks)
    columns = [
        np.bincount(row[part[:, number]], minlength=rows)
        for part in (hit, extra, missed)
        for number in range(classes)
    ]
    whole = answered & (gold == given).all(axis=1)
    scored = np.ones(len(row), bool)
    columns += [np.bincount(row[part], minlength=rows) for part in (whole, scored, answered)]
    return GoldState(confusion, np.stack(columns, axis=1))


def _tally(row: Ints, label: Ints, rows: int, classes: int) -> Ints:
    return np.bincount(row * classes + label, minlength=rows * classes).reshape(rows, classes)


@dataclass(frozen=True)
class GoldFigures:
    """Figures overall and per class, by metric name."""

    overall: dict[str, Figure]
    by_class: tuple[dict[str, Figure], ...]


def gold_figures(
    state: GoldState,
    sums: Floats,
    weight: Floats,
    *,
    exclusive: bool = True,
    unit: Ints | None = None,
    together: float = 1.0,
) -> GoldFigures:
    """Every figure against gold with its 95 % interval.

    ``sums`` are the replicate sums of ``state.rows`` and ``weight`` the weights of those rows; ``unit`` names the rows
    that were drawn together (without it each was drawn by itself) and ``together`` is the size of their clusters in
    items, as in :class:`Design`. ``exclusive`` is false for multi-label tags.
    """
    overall = overall_gold_figures(state, sums, weight, exclusive=exclusive, unit=unit, together=together)
    shown = _Shown.of(state, sums, weight, unit, together)
    if shown.units == 0:
        return GoldFigures(overall, tuple(dict(overall) for _ in range(state.classes)))
    return GoldFigures(overall, tuple(_of_class(shown, c) for c in range(state.classes)))


def overall_gold_figures(
    state: GoldState,
    sums: Floats,
    weight: Floats,
    *,
    exclusive: bool = True,
    unit: Ints | None = None,
    together: float = 1.0,
) -> dict[str, Figure]:
    """The overall figures alone. They are all that a pooled state can give: its one column is no class."""
    shown = _Shown.of(state, sums, weight, unit, together)
    if shown.units == 0:
        nothing = undefined("no gold item was scored")
        return dict.fromkeys(("precision", "recall", "f1", "accuracy", "kappa"), nothing)
    return _overall(shown, exclusive)


@dataclass(frozen=True)
class _Shown:
    """The evidence of a state, the unweighted totals of its columns, and the number of classes."""

    evidence: Evidence
    raw: Ints
    classes: int

    @staticmethod
    def of(state: GoldState, sums: Floats, weight: Floats, unit: Ints | None, together: float) -> _Shown:
        design = Design(np.zeros(len(weight), np.int64), weight, unit, together)
        return _Shown(Evidence.of(state.rows, sums, design), state.rows.sum(axis=0), state.classes)

    @property
    def correct(self) -> int:
        """The column of right labels."""
        return 3 * self.classes

    @property
    def scored(self) -> int:
        """The column of scored labels."""
        return 3 * self.classes + 1

    @property
    def units(self) -> int:
        """Number of scored labels."""
        return int(self.raw[self.scored])

    def parts(self, c: int | None) -> tuple[Ints, Ints, Ints]:
        """The columns of true positives, false positives and false negatives, of one class or of all."""
        every = np.arange(self.classes) if c is None else np.array([c])
        return every, every + self.classes, every + 2 * self.classes

    def count(self, *columns: Ints) -> int:
        """The unweighted total of some columns."""
        return int(sum(self.raw[some].sum() for some in columns))

    def share(self, right: Factors, wrong: Factors, trials: int) -> tuple[float, float] | None:
        """A share right / (right + wrong) of sums of columns, with its effective trials; None where it is 0/0."""
        columns = np.array([*right, *(k for k in wrong if k not in right)], np.int64)
        good, bad = (np.array([side.get(int(k), 0.0) for k in columns]) for side in (right, wrong))
        total = self.evidence.total[columns]
        whole = float((good + bad) @ total)
        if trials == 0 or whole <= 0:
            return None
        right_share = snapped(float(good @ total) / whole)
        error = 1 - right_share
        slopes = (bad - error * (good + bad)) / whole
        counted = float((good + bad) @ self.raw[columns])
        least = float((good + bad) @ self.evidence.squares[columns]) / whole**2 * counted / trials
        effective = self.evidence.trials(
            columns, slopes, error, least, most=float(trials), density=trials / self.units
        )
        return right_share, max(effective, 1.0)


def _times(factor: float, *columns: Ints) -> dict[int, float]:
    return {int(k): factor for some in columns for k in some}


def _overall(shown: _Shown, exclusive: bool) -> dict[str, Figure]:
    units, (tp, fp, fn) = shown.units, shown.parts(None)
    wrong = {shown.scored: 1.0, shown.correct: -1.0}
    figures = {
        "accuracy": _share(shown, {shown.correct: 1.0}, wrong, units, "accuracy"),
        "precision": _share(shown, _times(1, tp), _times(1, fp), shown.count(tp, fp), "precision"),
        "recall": _share(shown, _times(1, tp), _times(1, fn), shown.count(tp, fn), "recall"),
    }
    if exclusive:
        figures["f1"] = _share(shown, _times(2, tp), _times(1, fp, fn), units, "F1, all classes pooled,")
        figures["kappa"] = _overall_kappa(shown) if shown.classes > 1 else undefined("one class only")
    else:
        figures["f1"] = _f1(shown, None)
        figures["kappa"] = undefined(
            "tags are not exclusive: kappa is given per tag", units=units, method=_KAPPA
        )
    return figures


def _of_class(shown: _Shown, c: int) -> dict[str, Figure]:
    tp, fp, fn = shown.parts(c)
    positives = shown.count(tp, fn)
    accurate = {shown.scored: 1.0, **_times(-1, fp, fn)}
    return {
        "precision": _share(shown, _times(1, tp), _times(1, fp), shown.count(tp, fp), "precision", positives),
        "recall": _share(shown, _times(1, tp), _times(1, fn), positives, "recall", positives),
        "f1": _f1(shown, c),
        "accuracy": _share(
            shown, accurate, _times(1, fp, fn), shown.units, "accuracy, class against rest,", positives
        ),
        "kappa": _class_kappa(shown, c, positives),
    }


def _share(
    shown: _Shown, right: Factors, wrong: Factors, trials: int, name: str, positives: int | None = None
) -> Figure:
    method, units = f"{name} {_SHARE}", shown.units
    positives = units if positives is None else positives
    found = shown.share(right, wrong, trials)
    if found is None:
        reason = "no label of this class was delivered" if name == "precision" else "gold holds no such label"
        return undefined(reason, units=units, positives=positives, method=method)
    spread = ScoreSpread(*found)
    low, high = spread.interval(0.95)
    return Figure(spread.share, low, high, units, trials, positives, method, None, spread)


def _f1(shown: _Shown, c: int | None) -> Figure:
    """F1 of a class, or of all tags together."""
    tp, fp, fn = shown.parts(c)
    trials, positives = shown.count(tp, fp, fn), shown.count(tp, fn)
    found = shown.share(_times(1, tp), _times(1, fp, fn), trials)
    if found is None:
        reason = "neither gold nor the delivery holds this class on a gold item"
        return undefined(reason, units=shown.units, positives=positives, method=_F1)
    return _f1_figure(*found, labels=trials, units=shown.units, positives=positives)


def f1_figure(jaccard: float, trials: float, variance: float, *, units: int, positives: int) -> Figure:
    """F1 from J, its number of trials and the variance of J over replicates.

    >>> figure = f1_figure(0.6, 40, 0.0, units=50, positives=30)
    >>> round(figure.value, 4), round(figure.low, 4), round(figure.high, 4)
    (0.75, 0.6168, 0.8483)
    """
    jaccard = snapped(jaccard)
    binomial = jaccard * (1 - jaccard) / trials
    effect = max(1.0, variance / binomial) if binomial > 0 else 1.0
    effective = max(trials / effect, 1.0)
    return _f1_figure(jaccard, effective, labels=int(trials), units=units, positives=positives)


def _f1_figure(jaccard: float, effective: float, *, labels: int, units: int, positives: int) -> Figure:
    spread = ScoreSpread(jaccard, effective, "f1")
    low, high = spread.interval(0.95)
    return Figure(2 * jaccard / (1 + jaccard), low, high, units, labels, positives, _F1, None, spread)


def _class_kappa(shown: _Shown, c: int, positives: int) -> Figure:
    """Kappa of a class against the rest: chance agreement g h + (1 - g)(1 - h) of its shares in gold and delivery."""
    tp, fp, fn = shown.parts(c)
    columns = np.concatenate([tp, fp, fn, [shown.scored]])
    hit, extra, missed, total = (float(x) for x in shown.evidence.total[columns])
    gold, given = (hit + missed) / total, (hit + extra) / total
    room = 1 - (gold * given + (1 - gold) * (1 - given))
    error = (extra + missed) / total
    by_gold, by_given = 2 * given - 1, 2 * gold - 1
    by_chance = np.array([by_gold + by_given, by_given, by_gold, -by_gold * gold - by_given * given])
    slopes = np.array([0.0, 1.0, 1.0, -error]) / total
    return _kappa(shown, error, room, columns, slopes, by_chance / total, positives)


def _overall_kappa(shown: _Shown) -> Figure:
    """Kappa of all classes: chance agreement is the sum over classes of shares in gold times shares delivered."""
    tp, fp, fn = shown.parts(None)
    hit, extra, missed = (shown.evidence.total[k] for k in (tp, fp, fn))
    total = float(shown.evidence.total[shown.scored])
    gold, given = (hit + missed) / total, (hit + extra) / total
    chance = float(gold @ given)
    error = 1 - float(shown.evidence.total[shown.correct]) / total
    columns = np.concatenate([tp, fp, fn, [shown.correct, shown.scored]])
    nothing = np.zeros(shown.classes)
    slopes = np.concatenate([nothing, nothing, nothing, [-1.0, 1 - error]]) / total
    by_chance = np.concatenate([gold + given, gold, given, [0.0, -2 * chance]]) / total
    return _kappa(shown, error, 1 - chance, columns, slopes, by_chance, shown.units)


def _kappa(
    shown: _Shown, error: float, room: float, columns: Ints, slopes: Floats, by_chance: Floats, positives: int
) -> Figure:
    """Kappa 1 - error / room with the derivatives of the error and of chance agreement by the totals of columns."""
    units = shown.units
    if room <= 1e-15:
        mixed = positives not in (0, units)
        reason = "no variation" if mixed else "gold and delivery both hold one class only"
        return undefined(reason, units=units, positives=positives, method=_KAPPA)
    if units < 2:
        reason = "one item says nothing about others"
        return undefined(reason, units=units, positives=positives, method=_KAPPA)
    error = min(max(error, 0.0), 1.0)
    value = 1 - error / room
    least = shown.evidence.least(shown.scored)
    trials = shown.evidence.trials(columns, slopes + (1 - value) * by_chance, error, least)
    spread = CoefficientSpread(1 - error, trials, room)
    return coefficient_figure(value, spread, units=units, labels=units, positives=positives, method=_KAPPA)


def share_figure(correct: int, trials: int, *, name: str = "accuracy") -> Figure:
    """A proportion of independent trials (one person's answers on gold items) with Wilson's interval.

    >>> figure = share_figure(81, 90)
    >>> figure.value, round(figure.low, 4), round(figure.high, 4)
    (0.9, 0.8208, 0.9465)
    """
    method = f"{name} against gold; Wilson"
    if trials == 0:
        return undefined("no answer on a gold item", method=method)
    spread = ScoreSpread(correct / trials, float(trials))
    low, high = spread.interval(0.95)
    return Figure(correct / trials, low, high, trials, trials, trials, method, None, spread)
