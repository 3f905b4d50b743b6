"""Where wrong answers go, and which figures a way of answering truly has.

A confusion matrix gives for each true class (row) the chance of each answer. In a *balanced* one as many items of class
a are called b as the other way round, so that recall, precision and F1 of each class are the same number and the
answers have the same distribution as the truth; that is how a vendor with a wanted F1 in every class is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.measure.coincidence import Level, alpha, alpha_by_class
from assay.measure.undefined import Undefined

from .spec import Spec, accuracies

Floats = NDArray[np.float64]

_MANY_LABELS = 1e12  # the small-sample term of alpha vanishes
_NEAR = 0.7  # share of the errors that goes to the class one is confused with
_DECAY = 0.25  # of a rating: each further step is so much rarer


def affinity(spec: Spec) -> Floats:
    """How readily each class is taken for each other: neighbours in a rating, else pairs of classes in their order.

    The classes 1 and 2, 3 and 4, … are confusable unless ``spec.confusable`` names other pairs.
    """
    size = len(spec.classes)
    if spec.kind == "rating":
        steps = np.abs(np.arange(size)[:, None] - np.arange(size)[None, :])
        near: Floats = _DECAY ** np.maximum(steps - 1.0, 0)
    else:
        near = np.full((size, size), (1 - _NEAR) / max(size - 2, 1))
        pairs = dict(spec.confusable) or {
            (spec.classes[i], spec.classes[i + 1]): _NEAR for i in range(0, size - 1, 2)
        }
        for (one, other), weight in pairs.items():
            a, b = spec.classes.index(one), spec.classes.index(other)
            near[a, b] = near[b, a] = weight
    np.fill_diagonal(near, 0)
    return near


def vote_confusion(spec: Spec) -> Floats:
    """The confusion matrix of an average vote, before anything is planted."""
    if spec.confusion is not None:
        return as_matrix(spec.confusion)
    return plain_confusion(accuracies(spec.accuracy, spec.classes), affinity(spec))


def final_confusion(spec: Spec) -> Floats:
    """The confusion matrix of the delivered final label where it is drawn."""
    if spec.final.confusion is not None:
        return as_matrix(spec.final.confusion)
    return plain_confusion(accuracies(spec.final.accuracy, spec.classes), affinity(spec))


def as_matrix(rows: ArrayLike) -> Floats:
    """The rows as an array; raises ValueError unless each is a distribution over the classes."""
    matrix = np.asarray(rows, np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or (matrix < 0).any():
        raise ValueError("a confusion matrix is square and has no negative share")
    if not np.allclose(matrix.sum(axis=1), 1, atol=1e-9):
        raise ValueError("each row of a confusion matrix adds up to 1")
    return matrix


def plain_confusion(right: Sequence[float], near: Floats) -> Floats:
    """Each class is answered rightly with its accuracy; errors are shared out by affinity.

    >>> plain_confusion([0.75, 0.5], np.array([[0, 1], [1, 0]])).tolist()
    [[0.75, 0.25], [0.5, 0.5]]
    """
    kept = np.asarray(right, np.float64)
    wrong = near / near.sum(axis=1, keepdims=True) * (1 - kept)[:, None]
    return np.asarray(wrong + np.diag(kept))


def rating_confusion(values: Sequence[float], deviation: float) -> Floats:
    """Ratings that lie about the true one like a normal distribution cut to the scale.

    >>> rating_confusion([1, 2, 3], 0.8).round(2).tolist()
    [[0.67, 0.3, 0.03], [0.24, 0.52, 0.24], [0.03, 0.3, 0.67]]
    """
    scale = np.asarray(values, np.float64)
    gaps = np.abs(scale[:, None] - scale[None, :])
    near = np.exp(-((gaps / max(deviation, 1e-6)) ** 2) / 2)
    return np.asarray(near / near.sum(axis=1, keepdims=True))


def balanced_confusion(composition: Sequence[float], f1: Sequence[float], near: Floats) -> Floats:
    """A matrix under which every class has its F1 (= recall = precision) on items of this composition.

    Where one class is so common that its errors cannot all be balanced by the others', it has a higher F1 than asked
    for; with two classes that is always the more common one.

    >>> matrix = balanced_confusion([0.5, 0.3, 0.2], [0.9, 0.85, 0.8], np.ones((3, 3)) - np.eye(3))
    >>> true_f1(matrix, [0.5, 0.3, 0.2]).round(9).tolist()
    [0.9, 0.85, 0.8]
    """
    weights = np.asarray(composition, np.float64)
    weights = weights / weights.sum()
    flows = _symmetric_flows(near, weights * (1 - np.asarray(f1, np.float64)))
    matrix: Floats = np.divide(flows, weights[:, None], out=np.zeros_like(flows), where=weights[:, None] > 0)
    np.fill_diagonal(matrix, 1 - matrix.sum(axis=1))
    return matrix


def _symmetric_flows(near: Floats, sums: Floats) -> Floats:
    """A symmetric table with zero diagonal, shaped like ``near``, whose rows have these sums."""
    largest = int(np.argmax(sums))
    others = np.delete(sums, largest).sum()
    if sums[largest] >= others * (1 - 1e-9):
        star = np.zeros_like(near)
        star[largest, :] = star[:, largest] = sums
        star[largest, largest] = 0
        return star
    scale = np.sqrt(sums)
    for _ in range(20_000):
        reach = near @ scale
        found = scale * reach
        if np.abs(found - sums).max() < 1e-13:
            break
        scale = np.sqrt(scale * np.divide(sums, reach, out=np.zeros_like(sums), where=reach > 0))
    return np.asarray(near * scale[:, None] * scale[None, :])


def true_f1(confusion: Floats, composition: Sequence[float]) -> Floats:
    """F1 of each class that the matrix has on items of this composition."""
    joint = np.asarray(composition, np.float64)[:, None] * confusion
    found: Floats = 2 * np.diag(joint) / (joint.sum(axis=0) + joint.sum(axis=1))
    return found


def true_accuracy(confusion: Floats, composition: Sequence[float]) -> float:
    """Share of right answers on items of this composition."""
    weights = np.asarray(composition, np.float64)
    return float(weights @ np.diag(confusion) / weights.sum())


def true_error(
    confusion: Floats, composition: Sequence[float], values: Sequence[float], within: float = 0
) -> float:
    """Mean absolute error of ratings; with ``within``, the share of ratings that are off by more than that."""
    weights = np.asarray(composition, np.float64)
    gaps = np.abs(np.subtract.outer(np.asarray(values), np.asarray(values)))
    cost = (gaps > within).astype(np.float64) if within else gaps
    return float((weights / weights.sum()) @ (confusion * cost).sum(axis=1))


def coincidences(confusion: Floats, prior: Sequence[float], shared: float = 0.0) -> Floats:
    """The chances of two votes on one item, for two people who both answer by this matrix.

    Both follow what makes the item hard for everyone with chance ``shared`` squared, and then answer alike.
    """
    weights = np.asarray(prior, np.float64)
    alone = confusion.T @ (weights[:, None] * confusion)
    together = shared**2
    return np.asarray(together * np.diag(weights @ confusion) + (1 - together) * alone)


def true_alpha(table: Floats, values: Sequence[str], level: Level = "nominal") -> float:
    """Krippendorff's alpha of a table of coincidences, as if of endlessly many labels."""
    scale: list[float] | list[str] = (
        [float(value) for value in values] if level == "interval" else list(values)
    )
    found = alpha(table * _MANY_LABELS, scale, level)
    if isinstance(found, Undefined):
        raise ValueError(f"agreement does not exist here: {found.reason}")
    return found


def true_alphas(table: Floats, values: Sequence[str]) -> Mapping[str, float]:
    """Alpha of each class against all others together; classes that nobody uses are left out."""
    found = alpha_by_class(table * _MANY_LABELS, list(values))
    return {str(name): value for name, value in found.items() if not isinstance(value, Undefined)}
