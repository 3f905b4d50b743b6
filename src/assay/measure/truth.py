"""What several labels on an item say together: majority with ties undecided, and the models of Dawid and Skene.

A model's answer is a help for people; nobody is paid or turned down on it alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .ratings import Floats, Integers, Value, in_order
from .undefined import Undefined

Annotation: TypeAlias = tuple[Value, Value, Value]


def majority(labels: Iterable[Value]) -> Value | Undefined:
    """The label given most often; a tie is undecided.

    >>> majority(["cat", "dog", "cat"]), majority(["cat", "dog"]).reason
    ('cat', "'cat' and 'dog' were given equally often")
    """
    votes = Counter(labels)
    if not votes:
        return Undefined("nobody labelled the item")
    most = max(votes.values())
    first = in_order(label for label, number in votes.items() if number == most)
    if len(first) == 1:
        return first[0]
    return Undefined(" and ".join(repr(label) for label in first) + " were given equally often")


@dataclass(frozen=True, eq=False)
class TruthModel:
    """A fitted model. Arrays follow ``items``, ``annotators`` and ``classes``.

    ``posterior``: items by classes. ``prior``: the share of each class. ``confusion``: annotators by true class by
    class said; a row is NaN where the annotator is never thought to have met that class. ``converged`` says whether
    the posteriors came to rest within the iterations allowed.
    """

    items: tuple[Value, ...]
    annotators: tuple[Value, ...]
    classes: tuple[Value, ...]
    posterior: Floats
    prior: Floats
    confusion: Floats
    log_likelihood: float
    iterations: int
    converged: bool

    def labels(self) -> dict[Value, Value | Undefined]:
        """The most probable class of each item; equal ones are undecided."""
        found: dict[Value, Value | Undefined] = {}
        for item, row in zip(self.items, self.posterior, strict=True):
            first = np.flatnonzero(row == row.max())
            found[item] = (
                self.classes[int(first[0])]
                if len(first) == 1
                else Undefined("several classes are equally probable")
            )
        return found

    def skill(self) -> dict[Value, float]:
        """The share of right answers expected of each annotator on items with the model's mix of classes.

        Classes that the annotator is never thought to have met do not count.
        """
        right = np.diagonal(self.confusion, axis1=1, axis2=2)
        known = ~np.isnan(right)
        weight = np.where(known, self.prior, 0.0)
        shares = (np.where(known, right, 0.0) * weight).sum(axis=1) / weight.sum(axis=1)
        return {person: float(share) for person, share in zip(self.annotators, shares, strict=True)}


def dawid_skene(
    annotations: Iterable[Annotation],
    *,
    classes: Sequence[Value] | None = None,
    smoothing: float = 0.0,
    tolerance: float = 1e-12,
    iterations: int = 10_000,
) -> TruthModel | Undefined:
    """The model of Dawid and Skene: a confusion matrix per annotator, found by EM from the shares of the votes.

    E: T_ik ∝ p_k Π_j Π_l π_jkl^n_ijl. M: p_k = mean T_ik, π_jkl = (Σ_i T_ik n_ijl + s) / Σ_l (…). One annotator may
    label an item several times. It ends when no posterior changes by ``tolerance`` or more. Rows are (item,
    annotator, label).

    Source: A. P. Dawid & A. M. Skene 1979, Appl. Stat. 28:20.

    >>> said = {"ann": "aabb", "bob": "aabb", "cid": "abab"}
    >>> rows = [(item, who, label) for who, labels in said.items() for item, label in enumerate(labels)]
    >>> model = dawid_skene(rows)
    >>> model.labels(), model.confusion[2].round(3).tolist()
    ({0: 'a', 1: 'a', 2: 'b', 3: 'b'}, [[0.5, 0.5], [0.5, 0.5]])
    """
    table = _Table.of(annotations, classes)
    return _fit(table, _FullModel(table, smoothing), tolerance, iterations)


def one_coin(
    annotations: Iterable[Annotation],
    *,
    classes: Sequence[Value] | None = None,
    tolerance: float = 1e-12,
    iterations: int = 10_000,
) -> TruthModel | Undefined:
    """Dawid-Skene with one number per annotator, for sparse data: right with a_j, else any other class alike.

    M: a_j = Σ_i T_i,said / labels of j; a wrong class has the probability (1 - a_j) / (K - 1).

    Source: Y. Zhang, X. Chen, D. Zhou & M. I. Jordan 2016, J. Mach. Learn. Res. 17:1.

    >>> said = {"ann": "aabb", "bob": "aabb", "cid": "abab"}
    >>> rows = [(item, who, label) for who, labels in said.items() for item, label in enumerate(labels)]
    >>> {who: round(share, 3) for who, share in one_coin(rows).skill().items()}
    {'ann': 1.0, 'bob': 1.0, 'cid': 0.5}
    """
    table = _Table.of(annotations, classes)
    return _fit(table, _OneCoin(table), tolerance, iterations)


@dataclass(frozen=True, eq=False)
class _Table:
    """Distinct (item, annotator, label) with how often each was given, sorted, so that row order changes nothing."""

    items: tuple[Value, ...]
    annotators: tuple[Value, ...]
    classes: tuple[Value, ...]
    item: Integers
    person: Integers
    label: Integers
    times: Integers

    @classmethod
    def of(cls, annotations: Iterable[Annotation], classes: Sequence[Value] | None) -> _Table:
        rows = list(annotations)
        items, people = in_order(row[0] for row in rows), in_order(row[1] for row in rows)
        scale = in_order(row[2] for row in rows) if classes is None else tuple(classes)
        places = [{value: code for code, value in enumerate(values)} for values in (items, people, scale)]
        if any(label not in places[2] for _, _, label in rows):
            raise ValueError("a label is not among the classes declared")
        codes = [[place[value] for place, value in zip(places, row, strict=True)] for row in rows]
        distinct, times = np.unique(
            np.array(codes, dtype=np.int64).reshape(len(rows), 3), axis=0, return_counts=True
        )
        return cls(
            items, people, scale, distinct[:, 0], distinct[:, 1], distinct[:, 2], times.astype(np.int64)
        )

    def vote_shares(self) -> Floats:
        size = len(self.classes)
        votes = np.bincount(
            self.item * size + self.label, weights=self.times, minlength=len(self.items) * size
        )
        table = votes.reshape(len(self.items), size)
        return np.asarray(table / table.sum(axis=1, keepdims=True), dtype=np.float64)


class _FullModel:
    """The M-step with a whole confusion matrix per annotator."""

    def __init__(self, table: _Table, smoothing: float) -> None:
        if smoothing < 0:
            raise ValueError("smoothing is not negative")
        self._table, self._smoothing = table, smoothing

    def confusion(self, posterior: Floats) -> Floats:
        """Annotators by true class by class said; a row without any weight is NaN."""
        table = self._table
        people, size = len(table.annotators), len(table.classes)
        counts = np.full((people, size, size), self._smoothing, dtype=np.float64)
        cell = table.person * size + table.label
        for true in range(size):
            weight = posterior[table.item, true] * table.times
            counts[:, true, :] += np.bincount(cell, weights=weight, minlength=people * size).reshape(
                people, size
            )
        totals = counts.sum(axis=2, keepdims=True)
        shares = np.full(counts.shape, np.nan)
        np.divide(counts, totals, out=shares, where=totals > 0)
        return shares


class _OneCoin:
    """The M-step with one share of right answers per annotator."""

    def __init__(self, table: _Table) -> None:
        self._table = table

    def confusion(self, posterior: Floats) -> Floats:
        """Annotators by true class by class said, all from one number each."""
        table = self._table
        people, size = len(table.annotators), len(table.classes)
        hits = posterior[table.item, table.label] * table.times
        right = np.bincount(table.person, weights=hits, minlength=people)
        right = np.minimum(right / np.bincount(table.person, weights=table.times, minlength=people), 1.0)
        wrong = (1 - right) / max(size - 1, 1)
        return np.where(np.eye(size, dtype=bool), right[:, None, None], wrong[:, None, None])


def _fit(
    table: _Table, model: _FullModel | _OneCoin, tolerance: float, iterations: int
) -> TruthModel | Undefined:
    if not table.items:
        return Undefined("there is no label")
    if iterations < 1:
        raise ValueError("a model needs at least one iteration")
    posterior, likelihood, done, converged = table.vote_shares(), 0.0, 0, False
    while done < iterations and not converged:
        before = posterior
        posterior, likelihood = _expect(table, before.mean(axis=0), model.confusion(before))
        converged = float(np.abs(posterior - before).max()) < tolerance
        done += 1
    return TruthModel(
        table.items,
        table.annotators,
        table.classes,
        posterior,
        posterior.mean(axis=0),
        model.confusion(posterior),
        likelihood,
        done,
        converged,
    )


def _expect(table: _Table, prior: Floats, confusion: Floats) -> tuple[Floats, float]:
    """The posteriors and the log likelihood. What has no weight keeps none: log 0 is minus infinity, never more."""
    with np.errstate(divide="ignore"):
        logs = np.log(np.nan_to_num(confusion, nan=0.0))
        joint = np.tile(np.log(prior), (len(table.items), 1))
    for true in range(len(table.classes)):
        weight = logs[table.person, true, table.label] * table.times
        joint[:, true] += np.bincount(table.item, weights=weight, minlength=len(table.items))
    highest = joint.max(axis=1, keepdims=True)
    shares = np.exp(joint - highest)
    sums = shares.sum(axis=1, keepdims=True)
    return shares / sums, float((np.log(sums) + highest).sum())
