"""A vendor of known quality: the specification under which every figure truly has its wanted value at once.

The final label has the wanted F1 in every class, votes the wanted alpha, each person the wanted accuracy. Alpha and
accuracy of the same votes can be chosen apart because errors may be shared: people who go wrong on the same items in
the same way agree more than their accuracy says, and nobody's accuracy changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .confusion import (
    Floats,
    affinity,
    balanced_confusion,
    coincidences,
    rating_confusion,
    true_accuracy,
    true_alpha,
    true_alphas,
    true_error,
    true_f1,
)
from .spec import Final, Matrix, Share, Spec, accuracies

_STEPS = 40


@dataclass(frozen=True)
class Quality:
    """What a vendor truly reaches.

    ``final`` is the F1 of each class of the delivered label; for ratings the share that is off by at most ``within``;
    for texts one minus the word error rate. ``final_error`` asks for a mean absolute error of ratings instead, or
    beside it if ``within`` is given.
    ``agreement`` is the alpha of the votes: of each class against the rest, or of the whole scale for ratings.
    ``people`` is each person's own accuracy on gold (or ``people_error`` their mean absolute error). Where even
    independent errors agree more than asked at that accuracy, both cannot hold: votes are then better than the alpha
    asked for, or with ``at_most`` worse than the accuracy asked for. Figures of tags hold on gold that is drawn at
    random; those of choices and ratings on gold composed as the specification says.
    """

    final: Share = 0.97
    final_error: float | None = None
    agreement: Share | None = None
    people: float | None = None
    people_error: float | None = None
    within: float = 0
    delivered: float = 1.0
    at_most: bool = False


@dataclass(frozen=True)
class TrueFigures:
    """What a specification without plants truly has, on items composed like its gold."""

    final_f1: Floats
    final_accuracy: float
    final_error: float | None
    people_accuracy: float
    people_error: float | None
    alpha: float
    alpha_by_class: Floats


def vendor(spec: Spec, quality: Quality) -> Spec:
    """The specification of a vendor of this quality, with items, people, gold and slices of the one given."""
    shaped = replace(spec, missing=1 - quality.delivered, confusion=None, spread=0.0)
    if spec.kind == "text":
        final = Final("drawn", quality.final)
        return replace(
            shaped, final=final, accuracy=quality.final if quality.people is None else quality.people
        )
    if spec.kind == "multi":
        return _tagging_vendor(shaped, quality)
    final = Final("drawn", confusion=_rows(_final_matrix(spec, quality)))
    matrix, shared = _vote_matrix(spec, quality)
    return replace(shaped, final=final, confusion=_rows(matrix), shared_errors=shared)


def gold_composition(spec: Spec) -> tuple[float, ...]:
    """The expected shares of the classes in the gold panel; the prior where it is drawn at random or not at all."""
    wanted = np.array(spec.gold.wanted(spec.classes), np.float64)
    filled = wanted + max(0.0, spec.gold.items - wanted.sum()) * np.asarray(spec.shares)
    total = filled.sum()
    return tuple((filled / total).tolist()) if total else spec.shares


def true_figures(spec: Spec) -> TrueFigures:
    """What a specification of choices or ratings with given matrices truly has, plants left aside."""
    if spec.confusion is None or spec.final.confusion is None:
        raise ValueError("true figures need the confusion matrices of votes and final labels")
    votes, final = np.asarray(spec.confusion), np.asarray(spec.final.confusion)
    composition = gold_composition(spec)
    table = coincidences(votes, spec.shares, spec.shared_errors)
    values = _scale(spec) if spec.kind == "rating" else None
    by_class = true_alphas(table, spec.classes)
    return TrueFigures(
        final_f1=true_f1(final, composition),
        final_accuracy=true_accuracy(final, composition),
        final_error=true_error(final, composition, values) if values else None,
        people_accuracy=true_accuracy(votes, composition),
        people_error=true_error(votes, composition, values) if values else None,
        alpha=true_alpha(table, spec.classes, spec.level),
        alpha_by_class=np.array([by_class.get(name, np.nan) for name in spec.classes]),
    )


# Choices and ratings


def _final_matrix(spec: Spec, quality: Quality) -> Floats:
    if spec.kind == "rating":
        exact = quality.final_error is not None and not quality.within
        return _rating_matrix(spec, None if exact else quality.final, quality.final_error, quality)
    return balanced_confusion(gold_composition(spec), accuracies(quality.final, spec.classes), affinity(spec))


def _rating_matrix(spec: Spec, right: Share | None, error: float | None, quality: Quality) -> Floats:
    """Ratings whose share near enough and mean absolute error are the wanted ones.

    They have one width; where both are wanted, the one that needs the smaller width decides (``at_most``: the larger).
    """
    values, composition = _scale(spec), gold_composition(spec)

    def width(missed: float, within: float) -> float:
        return _where(
            lambda deviation: true_error(rating_confusion(values, deviation), composition, values, within),
            missed,
            high=_widest(values),
        )

    widths = [] if error is None else [width(error, 0)]
    if right is not None:
        widths.append(width(1 - float(np.mean(accuracies(right, spec.classes))), max(quality.within, 1e-9)))
    return rating_confusion(values, max(widths) if quality.at_most else min(widths))


def _vote_matrix(spec: Spec, quality: Quality) -> tuple[Floats, float]:
    """The matrix of votes and the chance of shared errors that give agreement and accuracy of people."""
    asked = quality.people is not None or quality.people_error is not None
    if quality.agreement is None:
        return (_skilled(spec, quality) if asked else _final_matrix(spec, quality)), spec.shared_errors
    targets = accuracies(quality.agreement, spec.classes)
    if not asked:
        return _agreeing(spec, targets, spec.shared_errors**2), spec.shared_errors

    def shortfall(together: float) -> float:
        return _people_miss(spec, quality, _agreeing(spec, targets, together))

    wanted = 1 - quality.people if quality.people is not None else quality.people_error or 0.0
    if shortfall(0.0) >= wanted:
        alone = _agreeing(spec, targets, 0.0)
        return (alone if quality.at_most else _improved(spec, quality, alone, wanted)), 0.0
    together = _where(shortfall, wanted, high=min(targets) * (1 - 1e-6))
    return _agreeing(spec, targets, together), float(np.sqrt(together))


def _skilled(spec: Spec, quality: Quality) -> Floats:
    """Votes of people who have their accuracy, whatever their agreement."""
    if spec.kind == "rating":
        return _rating_matrix(spec, quality.people, quality.people_error, quality)
    return balanced_confusion(spec.shares, [quality.people or 0.0] * len(spec.classes), affinity(spec))


def _people_miss(spec: Spec, quality: Quality, matrix: Floats) -> float:
    """What people miss on gold, in the terms in which it was asked for."""
    composition = gold_composition(spec)
    if spec.kind != "rating":
        return 1 - true_accuracy(matrix, composition)
    return true_error(
        matrix, composition, _scale(spec), max(quality.within, 1e-9) if quality.people is not None else 0
    )


def _improved(spec: Spec, quality: Quality, matrix: Floats, wanted: float) -> Floats:
    """Votes that err less in every class alike, until people miss no more than wanted."""
    if spec.kind == "rating":
        return _skilled(spec, quality)
    kept = np.eye(len(matrix))

    def miss(share: float) -> float:
        return _people_miss(spec, quality, kept + share * (matrix - kept))

    return np.asarray(kept + _where(miss, wanted, high=1.0) * (matrix - kept))


def _agreeing(spec: Spec, targets: Sequence[float], together: float) -> Floats:
    """Votes with these alphas, when two people answer alike for a shared reason with chance ``together``."""
    alone = (np.asarray(targets) - together) / (1 - together)
    if spec.kind == "rating":
        values = _scale(spec)

        def distance(width: float) -> float:
            table = coincidences(rating_confusion(values, width), spec.shares)
            return 1 - true_alpha(table, spec.classes, spec.level)

        return rating_confusion(values, _where(distance, 1 - float(alone.mean()), high=_widest(values)))
    near, weights = affinity(spec), np.asarray(spec.shares)
    both = alone * weights * (1 - weights) + weights**2
    recall = np.sqrt(np.clip(both / weights, 0, 1))
    for _ in range(200):
        matrix = balanced_confusion(spec.shares, recall.tolist(), near)
        chance = (weights[:, None] * matrix**2).sum(axis=0) - weights * np.diag(matrix) ** 2
        better = np.sqrt(np.clip((both - chance) / weights, 0, 1))
        if np.abs(better - recall).max() < 1e-9:
            break
        recall = better
    return balanced_confusion(spec.shares, recall.tolist(), near)


def _where(rising: Callable[[float], float], wanted: float, *, high: float) -> float:
    """Where a rising function reaches a value, between 0 and ``high``; the nearer end where it does not."""
    low = 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _scale(spec: Spec) -> list[float]:
    return [float(name) for name in spec.classes]


def _widest(values: Sequence[float]) -> float:
    """Beyond this, ratings hardly depend on the item."""
    return 4 * (max(values) - min(values))


def _rows(matrix: Floats) -> Matrix:
    return tuple(tuple(row) for row in matrix.tolist())


# Tags


def _tagging_vendor(spec: Spec, quality: Quality) -> Spec:
    """Tags are independent of each other: recall of each follows from its alpha."""
    final = Final("drawn", dict(zip(spec.classes, accuracies(quality.final, spec.classes), strict=True)))
    shares = np.asarray(spec.shares)
    if quality.agreement is None:
        people = quality.final if quality.people is None else quality.people
        return replace(spec, final=final, accuracy=people)
    targets = np.asarray(accuracies(quality.agreement, spec.classes))

    def misses(together: float) -> Floats:
        alone = (targets - together) / (1 - together)
        # with m misses per tag and as many false tags: alpha = (1 - m / (1 - share))²
        return np.asarray((1 - np.sqrt(np.clip(alone, 0, 1))) * (1 - shares))

    def shortfall(together: float) -> float:
        return float(shares @ misses(together) / shares.sum())

    together, easier = spec.shared_errors**2, 1.0
    if quality.people is not None and shortfall(0.0) >= 1 - quality.people:
        together, easier = 0.0, 1.0 if quality.at_most else (1 - quality.people) / shortfall(0.0)
    elif quality.people is not None:
        together = _where(shortfall, 1 - quality.people, high=float(targets.min()) * (1 - 1e-6))
    found = dict(zip(spec.classes, (1 - easier * misses(together)).tolist(), strict=True))
    return replace(spec, final=final, accuracy=found, shared_errors=float(np.sqrt(together)))
