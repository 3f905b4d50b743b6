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
    plain_confusion,
    true_accuracy,
    true_alpha,
    true_alphas,
    true_error,
    true_f1,
)
from .spec import Final, Matrix, Share, Spec, accuracies

_STEPS = 40
_WORST = 0.98


@dataclass(frozen=True)
class Quality:
    """What a vendor truly reaches.

    ``final`` is the F1 of each class of the delivered label; for ratings the share that is off by at most ``within``;
    for texts one minus the word error rate. ``final_error`` asks for a mean absolute error of ratings instead.
    ``agreement`` is the alpha of the votes: of each class against the rest, or of the whole scale for ratings.
    ``people`` is each person's own accuracy on gold (``people_error`` their mean absolute error). Where even
    independent errors agree more than asked at that accuracy, accuracy is kept and alpha is higher than asked. Figures
    of tags hold on gold that is drawn at random; those of choices on gold composed as the specification says.
    """

    final: Share = 0.97
    final_error: float | None = None
    agreement: Share | None = None
    people: float | None = None
    people_error: float | None = None
    within: float = 0
    delivered: float = 1.0


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
    values = [float(name) for name in spec.classes] if spec.kind == "rating" else None
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
    composition = gold_composition(spec)
    if spec.kind == "rating":
        return _rating_matrix(spec, composition, quality.final, quality.final_error, quality.within)
    return balanced_confusion(composition, accuracies(quality.final, spec.classes), affinity(spec))


def _rating_matrix(
    spec: Spec, composition: Sequence[float], right: Share, error: float | None, within: float
) -> Floats:
    """Ratings whose mean absolute error, or else the share near enough, is the wanted one."""
    values = [float(name) for name in spec.classes]

    def matrix(wrong: float) -> Floats:
        return plain_confusion([1 - wrong] * len(values), affinity(spec))

    if error is not None:
        return matrix(_where(lambda wrong: true_error(matrix(wrong), composition, values), error))
    missed = 1 - float(np.mean(accuracies(right, spec.classes)))
    near = max(within, 1e-9)
    return matrix(_where(lambda wrong: true_error(matrix(wrong), composition, values, near), missed))


def _vote_matrix(spec: Spec, quality: Quality) -> tuple[Floats, float]:
    """The matrix of votes and the chance of shared errors that give agreement and accuracy of people."""
    composition = gold_composition(spec)

    def skilled() -> Floats:
        if spec.kind == "rating":
            return _rating_matrix(
                spec, spec.shares, quality.people or 0.0, quality.people_error, quality.within
            )
        return balanced_confusion(spec.shares, [quality.people or 0.0] * len(spec.classes), affinity(spec))

    asked = quality.people is not None or quality.people_error is not None
    if quality.agreement is None:
        if not asked:
            return _final_matrix(spec, quality), spec.shared_errors
        return skilled(), spec.shared_errors
    targets = accuracies(quality.agreement, spec.classes)
    if not asked:
        return _agreeing(spec, targets, spec.shared_errors**2), spec.shared_errors

    def shortfall(together: float) -> float:
        matrix = _agreeing(spec, targets, together)
        if quality.people_error is not None:
            return true_error(matrix, composition, [float(name) for name in spec.classes])
        if spec.kind == "rating" and quality.within:
            return true_error(matrix, composition, [float(name) for name in spec.classes], quality.within)
        return 1 - true_accuracy(matrix, composition)

    wanted = quality.people_error if quality.people_error is not None else 1 - (quality.people or 0.0)
    if shortfall(0.0) >= wanted:
        return skilled(), 0.0
    together = _where(shortfall, wanted, high=min(targets) * (1 - 1e-6))
    return _agreeing(spec, targets, together), float(np.sqrt(together))


def _agreeing(spec: Spec, targets: Sequence[float], together: float) -> Floats:
    """Votes with these alphas, when two people answer alike for a shared reason with chance ``together``."""
    alone = (np.asarray(targets) - together) / (1 - together)
    near = affinity(spec)
    if spec.kind == "rating":
        wanted = float(alone.mean())

        def distance(wrong: float) -> float:
            matrix = plain_confusion([1 - wrong] * len(near), near)
            return 1 - true_alpha(coincidences(matrix, spec.shares), spec.classes, spec.level)

        wrong = _where(distance, 1 - wanted)
        return plain_confusion([1 - wrong] * len(near), near)
    weights = np.asarray(spec.shares)
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


def _where(rising: Callable[[float], float], wanted: float, *, high: float = _WORST) -> float:
    """Where a rising function reaches a value, between 0 and ``high``; the nearer end where it does not."""
    low = 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


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

    def recalls(together: float) -> Floats:
        alone = (targets - together) / (1 - together)
        # with m misses per tag and as many false tags: alpha = (1 - m / (1 - share))²
        return np.asarray(1 - (1 - np.sqrt(np.clip(alone, 0, 1))) * (1 - shares))

    def shortfall(together: float) -> float:
        return 1 - float(shares @ recalls(together) / shares.sum())

    together = spec.shared_errors**2
    if quality.people is not None:
        if shortfall(0.0) >= 1 - quality.people:
            return replace(spec, final=final, accuracy=quality.people, shared_errors=0.0)
        together = _where(shortfall, 1 - quality.people, high=float(targets.min()))
    found = dict(zip(spec.classes, recalls(together).tolist(), strict=True))
    return replace(spec, final=final, accuracy=found, shared_errors=float(np.sqrt(together)))
