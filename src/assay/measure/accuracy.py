"""Accuracy against gold from integer states: precision, recall, F1, accuracy, kappa and the confusion matrix.

A scored label is one delivered label on one gold item: the final label, or each vote. F1 = 2J / (1 + J) with
J = TP / (TP + FP + FN); the interval of F1 is Wilson's interval of J with the trials divided by the design effect,
which keeps its coverage near 1 where the percentile bootstrap fails.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figure import Figure, undefined
from .nominal import replicate_figure, score_figure
from .spread import ScoreSpread, snapped
from .units import Ints

Floats = NDArray[np.float64]

_F1 = "F1 against gold, 2TP/(2TP+FP+FN); Wilson on J = TP/(TP+FP+FN) with design effect"
_SHARE = "against gold; Wilson with design effect"
_KAPPA = "Cohen's kappa against gold (1960); replicates of items with half a unit added to each cell"
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
    gold: NDArray[np.bool_], given: NDArray[np.bool_], block: Ints, row: Ints, *, blocks: int, rows: int
) -> GoldState:
    """The state of multi-label sets: ``gold`` and ``given`` (N, K) say which tags hold.

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
    whole = (gold == given).all(axis=1)
    columns += [np.bincount(row[whole], minlength=rows), *([np.bincount(row, minlength=rows)] * 2)]
    return GoldState(confusion, np.stack(columns, axis=1))


def _tally(row: Ints, label: Ints, rows: int, classes: int) -> Ints:
    return np.bincount(row * classes + label, minlength=rows * classes).reshape(rows, classes)


@dataclass(frozen=True)
class GoldFigures:
    """Figures overall and per class, by metric name."""

    overall: dict[str, Figure]
    by_class: tuple[dict[str, Figure], ...]


def gold_figures(state: GoldState, sums: Floats, weight: Floats, *, exclusive: bool = True) -> GoldFigures:
    """Every figure against gold with its 95 % interval.

    ``sums`` are the replicate sums of ``state.rows``, ``weight`` the weights of those rows. ``exclusive`` is false for
    multi-label tags.
    """
    classes = state.classes
    overall = overall_gold_figures(state, sums, weight, exclusive=exclusive)
    raw = state.rows.sum(axis=0)
    if raw[3 * classes + 1] == 0:
        return GoldFigures(overall, tuple(dict(overall) for _ in range(classes)))
    point = weight @ state.rows.astype(np.float64)
    return GoldFigures(
        overall, tuple(_of_class(c, raw, point, sums, classes, exclusive) for c in range(classes))
    )


def overall_gold_figures(
    state: GoldState, sums: Floats, weight: Floats, *, exclusive: bool = True
) -> dict[str, Figure]:
    """The overall figures alone. They are all that a pooled state can give: its one column is no class."""
    raw = state.rows.sum(axis=0)
    if raw[3 * state.classes + 1] == 0:
        nothing = undefined("no gold item was scored")
        return dict.fromkeys(("precision", "recall", "f1", "accuracy", "kappa"), nothing)
    return _overall(raw, weight @ state.rows.astype(np.float64), sums, state.classes, exclusive)


def _overall(raw: Ints, point: Floats, drawn: Floats, classes: int, exclusive: bool) -> dict[str, Figure]:
    correct, scored = 3 * classes, 3 * classes + 1
    units = int(raw[scored])
    figures = {
        "accuracy": _share(
            point[correct], point[scored], units, drawn[:, correct], drawn[:, scored], units, "accuracy"
        )
    }
    tp, fp, fn = (point[k * classes : (k + 1) * classes].sum() for k in range(3))
    drawn_tp, drawn_fp, drawn_fn = (drawn[:, k * classes : (k + 1) * classes].sum(axis=1) for k in range(3))
    trials = units if exclusive else int(raw[: 3 * classes].sum())
    delivered = int(raw[:classes].sum() + raw[classes : 2 * classes].sum())
    gold = int(raw[:classes].sum() + raw[2 * classes : 3 * classes].sum())
    figures["precision"] = _share(tp, tp + fp, delivered, drawn_tp, drawn_tp + drawn_fp, units, "precision")
    figures["recall"] = _share(tp, tp + fn, gold, drawn_tp, drawn_tp + drawn_fn, units, "recall")
    if exclusive:
        figures["f1"] = _share(
            2 * tp,
            2 * tp + fp + fn,
            trials,
            2 * drawn_tp,
            2 * drawn_tp + drawn_fp + drawn_fn,
            units,
            "F1, all classes pooled,",
        )
        figures["kappa"] = (
            _overall_kappa(point, drawn, classes, units) if classes > 1 else undefined("one class only")
        )
    else:
        figures["f1"] = _f1(tp, fp, fn, trials, drawn_tp, drawn_fp, drawn_fn, units, gold)
        figures["kappa"] = undefined(
            "tags are not exclusive: kappa is given per tag", units=units, method=_KAPPA
        )
    return figures


def _of_class(
    c: int, raw: Ints, point: Floats, drawn: Floats, classes: int, exclusive: bool
) -> dict[str, Figure]:
    columns = (c, classes + c, 2 * classes + c)
    units = int(raw[3 * classes + 1])
    tp, fp, fn = (point[k] for k in columns)
    drawn_tp, drawn_fp, drawn_fn = (drawn[:, k] for k in columns)
    raw_tp, raw_fp, raw_fn = (int(raw[k]) for k in columns)
    positives = raw_tp + raw_fn
    total, drawn_total = point[3 * classes + 1], drawn[:, 3 * classes + 1]
    return {
        "precision": _share(
            tp, tp + fp, raw_tp + raw_fp, drawn_tp, drawn_tp + drawn_fp, units, "precision", positives
        ),
        "recall": _share(tp, tp + fn, positives, drawn_tp, drawn_tp + drawn_fn, units, "recall", positives),
        "f1": _f1(tp, fp, fn, raw_tp + raw_fp + raw_fn, drawn_tp, drawn_fp, drawn_fn, units, positives),
        "accuracy": _share(
            total - fp - fn,
            total,
            units,
            drawn_total - drawn_fp - drawn_fn,
            drawn_total,
            units,
            "accuracy, class against rest,",
            positives,
        ),
        "kappa": _class_kappa(tp, fp, fn, total, drawn_tp, drawn_fp, drawn_fn, drawn_total, units, positives),
    }


def _share(
    part: float,
    whole: float,
    trials: int,
    drawn_part: Floats,
    drawn_whole: Floats,
    units: int,
    name: str,
    positives: int | None = None,
) -> Figure:
    method = f"{name} {_SHARE}"
    positives = units if positives is None else positives
    if whole <= 0 or trials == 0:
        reason = "no label of this class was delivered" if name == "precision" else "gold holds no such label"
        return undefined(reason, units=units, positives=positives, method=method)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = drawn_part / drawn_whole
    return score_figure(
        float(part / whole), trials, spread, units=units, positives=positives, method=method, labels=trials
    )


def _f1(
    tp: float,
    fp: float,
    fn: float,
    trials: int,
    drawn_tp: Floats,
    drawn_fp: Floats,
    drawn_fn: Floats,
    units: int,
    positives: int,
) -> Figure:
    if tp + fp + fn <= 0:
        reason = "neither gold nor the delivery holds this class on a gold item"
        return undefined(reason, units=units, positives=positives, method=_F1)
    jaccard = float(tp / (tp + fp + fn))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = float(np.nanvar(drawn_tp / (drawn_tp + drawn_fp + drawn_fn)))
    return f1_figure(jaccard, trials, variance, units=units, positives=positives)


def f1_figure(jaccard: float, trials: float, variance: float, *, units: int, positives: int) -> Figure:
    """F1 from J, its number of trials and the variance of J over replicates."""
    jaccard = snapped(jaccard)
    binomial = jaccard * (1 - jaccard) / trials
    effect = max(1.0, variance / binomial) if binomial > 0 else 1.0
    spread = ScoreSpread(jaccard, max(trials / effect, 1.0), "f1")
    low, high = spread.interval(0.95)
    return Figure(2 * jaccard / (1 + jaccard), low, high, units, int(trials), positives, _F1, None, spread)


def _class_kappa(
    tp: float,
    fp: float,
    fn: float,
    total: float,
    drawn_tp: Floats,
    drawn_fp: Floats,
    drawn_fn: Floats,
    drawn_total: Floats,
    units: int,
    positives: int,
) -> Figure:
    value = float(_kappa_2x2(np.array([tp]), np.array([fp]), np.array([fn]), np.array([total]))[0])
    if np.isnan(value):
        reason = "gold and delivery both hold one class only" if positives in (0, units) else "no variation"
        return undefined(reason, units=units, positives=positives, method=_KAPPA)
    smooth = _kappa_2x2(drawn_tp + 0.5, drawn_fp + 0.5, drawn_fn + 0.5, drawn_total + 2)
    return replicate_figure(value, smooth, units=units, labels=units, positives=positives, method=_KAPPA)


def _kappa_2x2(tp: Floats, fp: Floats, fn: Floats, total: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        gold, given = (tp + fn) / total, (tp + fp) / total
        observed = 1 - (fp + fn) / total
        chance = gold * given + (1 - gold) * (1 - given)
        return np.where(1 - chance > 1e-15, (observed - chance) / (1 - chance), np.nan)


def _overall_kappa(point: Floats, drawn: Floats, classes: int, units: int) -> Figure:
    value = float(_kappa_of_sums(point[None, :], classes, 0.0)[0])
    if np.isnan(value):
        return undefined(
            "gold and delivery both hold one class only", units=units, positives=units, method=_KAPPA
        )
    smooth = _kappa_of_sums(drawn, classes, 0.5)
    return replicate_figure(value, smooth, units=units, labels=units, positives=units, method=_KAPPA)


def _kappa_of_sums(sums: Floats, classes: int, extra: float) -> Floats:
    """Kappa of all classes; ``extra`` adds that many right and wrong labels to soften the ceiling."""
    tp, fp, fn = (sums[:, k * classes : (k + 1) * classes] for k in range(3))
    total = sums[:, 3 * classes + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = (sums[:, 3 * classes] + extra) / (total + 2 * extra)
        chance = ((tp + fn) * (tp + fp)).sum(axis=1) / total**2
        return np.where(1 - chance > 1e-15, (observed - chance) / (1 - chance), np.nan)


def share_figure(correct: int, trials: int, *, name: str = "accuracy") -> Figure:
    """A proportion of independent trials (one person's answers on gold items) with Wilson's interval."""
    method = f"{name} against gold; Wilson"
    if trials == 0:
        return undefined("no answer on a gold item", method=method)
    spread = ScoreSpread(correct / trials, float(trials))
    low, high = spread.interval(0.95)
    return Figure(correct / trials, low, high, trials, trials, trials, method, None, spread)
