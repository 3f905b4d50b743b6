"""Figures of nominal agreement with their intervals: alpha, Fleiss, AC1, Brennan-Prediger, percent agreement.

Each coefficient is 1 - (observed disagreement) / (disagreement by chance). Its interval is Wilson's interval of the
observed disagreement with the effective trials of the whole coefficient (see :mod:`assay.measure.trials`), mapped with
chance held where it was found: what is uncertain in chance is part of the trials. Percentiles of replicates cover a
true alpha of .99 in 40 to 80 % of panels of 20 to 100 items, these intervals in 92 to 97 %, and they reach down to
alpha's own lower end where people agree no more than by chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figure import Figure, undefined
from .nominal_state import (
    FIXED_POINT,
    Moments,
    NominalState,
    class_alphas,
    coefficients,
    moments,
    nominal_state,
)
from .replicates import Design
from .spread import CoefficientSpread, ScoreSpread, snapped
from .trials import Columns, Evidence
from .units import Ints

__all__ = [
    "COEFFICIENTS",
    "FIXED_POINT",
    "Moments",
    "NominalFigures",
    "NominalState",
    "class_alphas",
    "coefficient_figure",
    "coefficients",
    "moments",
    "nominal_figures",
    "nominal_state",
    "overall_figures",
    "score_figure",
]

Floats = NDArray[np.float64]

COEFFICIENTS = ("krippendorff_alpha", "fleiss_kappa", "gwet_ac1", "brennan_prediger", "percent_agreement")

_SCORE = "Wilson on observed agreement with effective trials"
_METHODS = {
    "krippendorff_alpha": f"Krippendorff's alpha, nominal (2011); {_SCORE}",
    "fleiss_kappa": f"Fleiss' kappa with missing votes (1971); {_SCORE}",
    "gwet_ac1": f"Gwet's AC1 (2008); {_SCORE}",
    "brennan_prediger": f"Brennan-Prediger kappa (1981); {_SCORE}",
    "percent_agreement": "share of agreeing pairs, mean over items; Wilson with effective trials",
    "prevalence": "share of votes for the class; Wilson with design effect",
}


@dataclass(frozen=True)
class NominalFigures:
    """Figures of one state: overall by metric, and per class alpha, specific agreement and prevalence."""

    overall: Mapping[str, Figure]
    alpha: tuple[Figure, ...]
    specific: tuple[Figure, ...]
    prevalence: tuple[Figure, ...]


def nominal_figures(
    state: NominalState,
    sums: Floats,
    weight: Floats,
    *,
    categories: int,
    exclusive: bool = True,
    design: Design | None = None,
) -> NominalFigures:
    """Figures with 95 % intervals from a state with per-class columns.

    ``sums`` are the replicate sums of ``state.rows``, ``weight`` the weights of its blocks, ``design`` how those rows
    were drawn (without it each by itself, all alike). ``exclusive`` is false for multi-label tags: then only the
    per-class figures have a meaning. What cannot be computed is a figure with its reason.
    """
    classes = state.classes
    found = moments(state, weight)
    units = int(state.units[:, 2:].sum())
    if units == 0:
        reason = "no item has two blind first-pass votes"
        nothing = tuple(undefined(reason) for _ in range(classes))
        return NominalFigures({m: undefined(reason) for m in COEFFICIENTS}, nothing, nothing, nothing)
    positives = np.rint(state.count[:, 2:].sum(axis=(0, 1)) / max(found.mean_size, 1.0)).astype(np.int64)
    shown = _Shown(found, _evidence(state, sums, design), _one_dissent(state, found, weight), units)
    overall = _overall_figures(shown, classes, categories) if exclusive else {}
    return NominalFigures(
        overall,
        tuple(_alpha_figure(shown, c, classes, int(positives[c])) for c in range(classes)),
        tuple(_specific_figure(shown, c, classes, int(positives[c])) for c in range(classes)),
        _prevalence_figures(found, sums, units, positives),
    )


def overall_figures(
    state: NominalState, sums: Floats, weight: Floats, *, categories: int, design: Design | None = None
) -> dict[str, Figure]:
    """Alpha and percent agreement of a state without per-class replicate columns (slices)."""
    units = int(state.units[:, 2:].sum())
    if units == 0:
        reason = "no item of this slice has two blind first-pass votes"
        return {m: undefined(reason) for m in ("krippendorff_alpha", "percent_agreement")}
    found = moments(state, weight)
    shown = _Shown(found, _evidence(state, sums, design), _one_dissent(state, found, weight), units)
    alpha = float(coefficients(found, categories)["krippendorff_alpha"])
    return {
        "krippendorff_alpha": _overall_alpha(shown, alpha, slice(0, 1), 1),
        "percent_agreement": _agreement_figure(shown, state.classes + 1),
    }


def _evidence(state: NominalState, sums: Floats, design: Design | None) -> Evidence:
    return Evidence.of(state.rows, sums, design or Design.simple(len(state.rows)))


def _one_dissent(state: NominalState, found: Moments, weight: Floats) -> float:
    """What one dissenting vote on one item adds to observed disagreement, two over the votes, at the weights met."""
    units = state.units[:, 2:].sum(axis=1)
    typical = float((weight**2 @ units) / (weight @ units))
    return 2 * typical / float(found.votes)


@dataclass(frozen=True)
class _Shown:
    """The moments of a state, its evidence, the size of one dissent in observed disagreement, and its units."""

    found: Moments
    evidence: Evidence
    dissent: float
    units: int

    def figure(
        self,
        name: str,
        value: float,
        room: float,
        columns: Columns,
        slopes: Floats,
        positives: int | None = None,
    ) -> Figure:
        """A coefficient; ``slopes`` are those of (1 - value) times its room by the totals of the columns."""
        positives = self.units if positives is None else positives
        labels, method = int(self.found.values), _METHODS[name]
        if np.isnan(value) or self.units < 2:
            reason = self._reason(positives) if np.isnan(value) else "one item says nothing about others"
            return undefined(reason, units=self.units, labels=labels, positives=positives, method=method)
        error = min(max((1 - value) * room, 0.0), 1.0)
        density = positives / self.units
        trials = self.evidence.trials(columns, slopes, error, self.dissent, density=density)
        return coefficient_figure(
            value, CoefficientSpread(1 - error, trials, room), units=self.units, labels=labels,
            positives=positives, method=method,
        )  # fmt: skip

    def _reason(self, positives: int) -> str:
        if int((self.found.count > 0).sum()) <= 1:
            return "only one class was used, so there is nothing to agree beyond chance"
        return "the class was never chosen" if positives == 0 else "every vote chose this class"


def coefficient_figure(
    value: float, spread: CoefficientSpread, *, units: int, labels: int, positives: int, method: str
) -> Figure:
    """A coefficient with the score interval of its observed agreement."""
    low, high = spread.interval(0.95)
    low, high = min(low, value), max(high, value)
    return Figure(value, low, high, units, labels, positives, method, None, spread)


def _overall_figures(shown: _Shown, classes: int, categories: int) -> dict[str, Figure]:
    found, point = shown.found, coefficients(shown.found, categories)
    figures = {
        "krippendorff_alpha": _overall_alpha(
            shown, float(point["krippendorff_alpha"]), slice(0, classes), classes
        )
    }
    uniform = np.zeros(classes)
    by_chance = {
        "fleiss_kappa": (float((found.share**2).sum()), 2 * found.share),
        "gwet_ac1": (
            float((found.share * (1 - found.share)).sum()) / max(categories - 1, 1),
            (1 - 2 * found.share) / max(categories - 1, 1),
        ),
        "brennan_prediger": (1 / categories, uniform),
    }
    for name, (chance, slopes) in by_chance.items():
        figures[name] = _kappa_figure(shown, name, float(point[name]), chance, slopes, classes)
    figures["percent_agreement"] = _agreement_figure(shown, 3 * classes + 1)
    return figures


def _overall_alpha(shown: _Shown, value: float, same: slice, classes_before: int) -> Figure:
    """Alpha of all classes: observed disagreement 1 - S/M, by chance f (1 - sum of C²/M²)."""
    found, scale = shown.found, float(1 << FIXED_POINT)
    count, total, agree = found.count, float(found.count.sum()), float(found.same.sum())
    factor, squares = _small_sample(found), float((count**2).sum())
    room = factor * (1 - squares / total**2)
    by_chance = factor * (-2 * count / total**2 + 2 * squares / total**3)
    heads = np.full(same.stop - same.start, -1 / (total * scale))
    slopes = np.concatenate([heads, agree / total**2 - (1 - value) * by_chance])
    return shown.figure(
        "krippendorff_alpha", value, room, slice(same.start, classes_before + len(count)), slopes
    )


def _kappa_figure(
    shown: _Shown, name: str, value: float, chance: float, slopes: Floats, classes: int
) -> Figure:
    """A coefficient over the mean agreement of units, with chance agreement from the mean shares of classes."""
    found, total, scale = shown.found, shown.evidence.total, float(1 << FIXED_POINT)
    observed, several, everyone = 3 * classes + 1, 3 * classes + 2, 3 * classes + 3
    shares = (1 - value) * slopes
    by_column = np.concatenate(
        [
            shares / (scale * total[everyone]),
            [-1 / (scale * total[several]), float(found.observed) / total[several]],
            [-float(shares @ found.share) / total[everyone]],
        ]
    )
    columns = np.array([*range(2 * classes, 3 * classes), observed, several, everyone])
    return shown.figure(name, value, 1 - chance, columns, by_column)


def _small_sample(found: Moments) -> float:
    return found.values / (found.values - 1) if found.values > 1 else np.nan


def _alpha_figure(shown: _Shown, c: int, classes: int, positives: int) -> Figure:
    """Alpha of a class against the rest: observed 2 (C - S) / M, by chance f 2 C (M - C) / M²."""
    found, scale = shown.found, float(1 << FIXED_POINT)
    value, factor = float(class_alphas(found)[c]), _small_sample(found)
    said, agree, total = float(found.count[c]), float(found.same[c]), float(found.votes)
    room = factor * 2 * said * (total - said) / total**2
    slopes = np.array(
        [
            -2 / (total * scale),
            2 / total - (1 - value) * factor * 2 * (total - 2 * said) / total**2,
            -2 * (said - agree) / total**2 - (1 - value) * factor * 2 * said * (2 * said - total) / total**3,
        ]
    )
    columns = np.array([c, classes + c, 3 * classes])
    return shown.figure("krippendorff_alpha", value, room, columns, slopes, positives)


def _specific_figure(shown: _Shown, c: int, classes: int, positives: int) -> Figure:
    """Agreement on the class: the chance that another vote says it too when one does (Dice's form)."""
    found, scale, method = (
        shown.found,
        float(1 << FIXED_POINT),
        "agreement on the class; Wilson with effective trials",
    )
    said, agree = float(found.count[c]), float(found.same[c])
    if positives == 0 or said == 0:
        return undefined("the class was never chosen", units=shown.units, positives=positives, method=method)
    slopes = np.array([-1 / (said * scale), agree / said**2])
    least = shown.dissent * float(found.votes) / (2 * said)
    density = positives / shown.units
    trials = shown.evidence.trials(
        np.array([c, classes + c]), slopes, 1 - agree / said, least, density=density
    )
    return _share(agree / said, trials, shown.units, positives, method)


def _prevalence_figures(found: Moments, sums: Floats, units: int, positives: Ints) -> tuple[Figure, ...]:
    classes = len(found.count)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = sums[:, classes : 2 * classes] / sums[:, 3 * classes, None]
    return tuple(
        _share_figure(
            float(found.count[c] / found.votes),
            int(found.values),
            spread[:, c],
            units,
            int(positives[c]),
            _METHODS["prevalence"],
        )
        for c in range(classes)
    )


def _agreement_figure(shown: _Shown, observed: int) -> Figure:
    """The mean agreement of pairs of votes on an item; ``observed`` is the column of its sum, the number follows."""
    found, total, scale = shown.found, shown.evidence.total, float(1 << FIXED_POINT)
    share = float(found.observed)
    slopes = np.array([-1 / (scale * total[observed + 1]), share / total[observed + 1]])
    trials = shown.evidence.trials(slice(observed, observed + 2), slopes, 1 - share, shown.dissent)
    return _share(share, trials, shown.units, shown.units, _METHODS["percent_agreement"])


def _share(share: float, trials: float, units: int, positives: int, method: str) -> Figure:
    share = snapped(share)
    spread = ScoreSpread(share, max(trials, 1.0))
    low, high = spread.interval(0.95)
    return Figure(share, low, high, units, 0, positives, method, None, spread)


def _share_figure(
    share: float, trials: int, spread: Floats, units: int, positives: int, method: str
) -> Figure:
    """A proportion with Wilson's interval, its trials divided by the design effect (at least 1)."""
    if trials == 0 or np.isnan(share):
        return undefined("the class was never chosen", units=units, positives=positives, method=method)
    return score_figure(share, trials, spread, units=units, positives=positives, method=method)


def score_figure(
    share: float, trials: float, spread: Floats, *, units: int, positives: int, method: str, labels: int = 0
) -> Figure:
    """Wilson's interval of ``share`` with the effective number of trials that the replicates support.

    >>> independent = score_figure(0.9, 90, np.zeros(0), units=90, positives=90, method="")
    >>> round(independent.low, 4), round(independent.high, 4)
    (0.8208, 0.9465)
    """
    share = snapped(share)
    variance = float(np.nanvar(spread)) if len(spread) else 0.0
    binomial = share * (1 - share) / trials
    effect = max(1.0, variance / binomial) if binomial > 0 else 1.0
    score = ScoreSpread(share, max(trials / effect, 1.0))
    low, high = score.interval(0.95)
    return Figure(share, low, high, units, labels, positives, method, None, score)
