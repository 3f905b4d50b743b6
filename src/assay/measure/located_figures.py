"""Figures of located objects with their intervals: F1, precision and recall against gold, and ``pairwise_f1``.

True negatives do not exist for objects and spans, so kappa does not either; F1 is what kappa tends to as they grow
(Hripcsak & Rothschild 2005). ``pairwise_f1`` is the agreement: over all pairs of people on an item, twice the matches
of one class over the objects of both. It does not need gold and is about F1-to-truth squared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .accuracy import GoldFigures, GoldState, gold_figures
from .figure import Figure, undefined
from .located import FIXED_POINT, LocatedState
from .spread import Z95, NormalSpread
from .units import Ints

Floats = NDArray[np.float64]

_PAIRWISE = (
    "pairwise F1, 2 matched / objects of both, over all pairs of people on an item; Wilson on "
    "J = matched / (matched + unmatched) with effective trials"
)
_AGAINST_GOLD = ("f1", "precision", "recall")
_MEAN_OVERLAP = "mean overlap of matched objects of one class; replicates of items"


@dataclass(frozen=True)
class LocatedFigures:
    """Figures by metric name, overall and per class."""

    overall: dict[str, Figure]
    by_class: tuple[dict[str, Figure], ...]


def located_figures(
    state: LocatedState, sums: Floats, weight: Floats, *, unit: Ints | None = None
) -> LocatedFigures:
    """F1, precision and recall against gold, overall and per class, and the share of items without a mistake.

    ``sums`` are the replicate sums of ``state.rows``, ``weight`` and ``unit`` as for ``gold_figures``.
    """
    items = state.items
    if items == 0:
        nothing = dict.fromkeys(_AGAINST_GOLD, undefined("no gold item was worked on"))
        return LocatedFigures(nothing | {"items_right": nothing["f1"]}, (nothing,) * state.classes)
    found = _object_figures(state, sums, weight, unit)
    overall = {name: replace(found.overall[name], units=items) for name in _AGAINST_GOLD}
    positives = int((state.matched + state.missed).sum())
    for name, figure in overall.items():
        reason = "no object was delivered" if name == "precision" else "gold holds no object"
        overall[name] = replace(figure, positives=positives, reason=None if figure.exists else reason)
    overall["items_right"] = _items_right(state, sums, weight, unit)
    return LocatedFigures(
        overall,
        tuple(
            {name: replace(figures[name], units=items) for name in _AGAINST_GOLD}
            for figures in found.by_class
        ),
    )


def pairwise_figures(
    state: LocatedState, sums: Floats, weight: Floats, *, unit: Ints | None = None
) -> LocatedFigures:
    """``pairwise_f1`` overall and per class from the state of all pairs of people.

    ``units`` are the items that two people or more worked on, ``positives`` the objects of both people of each pair
    added up, ``labels`` the matches and the objects without one.
    """
    if state.items == 0:
        nothing = {"pairwise_f1": undefined("no two people worked on one item", method=_PAIRWISE)}
        return LocatedFigures(nothing, (nothing,) * state.classes)
    found = _object_figures(state, sums, weight, unit)
    both = 2 * state.matched + state.extra + state.missed
    figures = [found.overall["f1"], *(figures["f1"] for figures in found.by_class)]
    reasons = ["nobody drew an object", *["nobody drew an object of this class"] * state.classes]
    told = [
        {
            "pairwise_f1": replace(
                figure,
                units=state.items,
                positives=int(number),
                method=_PAIRWISE,
                reason=None if figure.exists else reason,
            )
        }
        for figure, number, reason in zip(figures, [both.sum(), *both], reasons, strict=True)
    ]
    return LocatedFigures(told[0], tuple(told[1:]))


def _object_figures(state: LocatedState, sums: Floats, weight: Floats, unit: Ints | None) -> GoldFigures:
    """Figures of the same counts as tags have: every object of either side is scored, matched ones are correct."""
    k = state.classes
    folds = np.zeros((3 * k + 3, 3 * k + 3), np.int64)
    folds[: 3 * k, : 3 * k] = np.eye(3 * k, dtype=np.int64)
    folds[:k, 3 * k] = 1
    folds[: 3 * k, 3 * k + 1] = 1
    folds[: 2 * k, 3 * k + 2] = 1
    if not state.rows[:, : 3 * k].any():
        nothing = dict.fromkeys(_AGAINST_GOLD, undefined("neither side holds an object"))
        return GoldFigures(nothing, (nothing,) * k)
    table = GoldState(np.zeros((1, k, k + 1), np.int64), state.rows @ folds)
    return gold_figures(table, sums @ folds.astype(np.float64), weight, exclusive=False, unit=unit)


def _items_right(state: LocatedState, sums: Floats, weight: Floats, unit: Ints | None) -> Figure:
    right, every = 3 * state.classes, 3 * state.classes + 1
    folds = np.zeros((state.rows.shape[1], 6), np.int64)
    folds[right, [0, 3]] = 1
    folds[every, [2, 4, 5]] = 1
    folds[right, 2] = -1
    table = GoldState(np.zeros((1, 1, 2), np.int64), state.rows @ folds)
    found = gold_figures(table, sums @ folds.astype(np.float64), weight, exclusive=False, unit=unit)
    return replace(
        found.overall["accuracy"], method="share of items without a mistake; Wilson with effective trials"
    )


def mean_overlap_figure(
    state: LocatedState, sums: Floats, weight: Floats, *, class_number: int | None = None
) -> Figure:
    """The mean overlap of matches, of one class or all. ``sums`` are the replicate sums of ``overlap_rows``."""
    k = state.classes
    columns = np.arange(k) if class_number is None else np.array([class_number])
    rows = overlap_rows(state)
    count = int(rows[:, columns + k].sum())
    if count == 0:
        return undefined("no object was matched", method=_MEAN_OVERLAP)
    scale = 1 << FIXED_POINT
    total = weight @ rows
    value = float(total[columns].sum() / total[columns + k].sum()) / scale
    drawn = sums[:, columns + k].sum(axis=1)
    kept = drawn > 0
    shares = sums[kept][:, columns].sum(axis=1) / drawn[kept] / scale
    deviation = float(np.std(shares)) if len(shares) else 0.0
    deviation = max(deviation, (1 - value) / count / 2, 1e-9)
    low, high = max(value - Z95 * deviation, 0.0), min(value + Z95 * deviation, 1.0)
    spread = NormalSpread(value, value - Z95 * deviation, value + Z95 * deviation, linear=True)
    items = int((rows[:, columns + k].sum(axis=1) > 0).sum())
    return Figure(value, low, high, items, count, count, _MEAN_OVERLAP, None, spread)


def overlap_rows(state: LocatedState) -> Ints:
    """What replicates of the mean overlap are drawn from: overlaps, then matches, per class."""
    return np.concatenate([state.overlap, state.rows[:, : state.classes]], axis=1)
