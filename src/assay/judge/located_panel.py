"""Figures of one panel of items that share one draw of replicates: against gold, or between people.

A quantity is put down as the integers it is drawn from (:class:`Pending`) and becomes a figure when the whole panel is
resolved: the replicates are drawn once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.measure.candidates import Floats
from assay.measure.figure import Figure, undefined
from assay.measure.means import mean_figure, mean_rows, share_of_trials, share_rows
from assay.measure.replicates import Design, replicate_sums
from assay.measure.units import Ints

from .designs import panel_design
from .figures import Method
from .located_batch import LocatedBatch

#: A document with figures still to come: dicts and lists of Figure, Pending and plain JSON values.
Tree = object


@dataclass(frozen=True)
class Pending:
    """Integers per replicate row, and the figure that their replicate sums make."""

    rows: Ints
    make: Callable[[Floats], Figure]


@dataclass(frozen=True)
class Panel:
    """Items that are measured together. ``row`` (I,) is the replicate row of every item of the batch.

    ``stratum`` (I,) and ``weight`` (H,) are the strata of items and what an item of each weighs; ``problem`` says why a
    stratified figure cannot stand.
    """

    items: Ints
    row: Ints
    design: Design
    problem: str | None
    stratum: Ints
    weight: Floats
    method: Method

    @staticmethod
    def of(batch: LocatedBatch, items: Ints, method: Method, what: str) -> Panel:
        """The panel of some items; ``what`` says in words which."""
        facts = batch.facts
        cluster = None if facts.cluster is None else facts.cluster[items]
        row, design, problem = panel_design(
            facts.number[items], facts.stratum[items], cluster, strata=batch.strata, clusters=batch.clusters,
            seed=method.seed, what=what,
        )  # fmt: skip
        every = np.zeros(len(batch.items), np.int64)
        every[items] = row
        weight = np.ones(len(batch.strata))
        weight[design.stratum] = design.weight
        return Panel(items, every, design, problem, facts.stratum, weight, method)

    def share(self, item: Ints, right: NDArray[np.bool_], method: str, reason: str) -> Pending:
        """The share of right trials; ``item`` is the item of each."""
        rows = share_rows(self.row[item], right, self.design.rows)
        items = len(np.unique(item))

        def make(sums: Floats) -> Figure:
            return share_of_trials(rows, sums, self.design, items=items, method=method, reason=reason)

        return Pending(rows, make)

    def mean(
        self, item: Ints, values: Floats, method: str, reason: str, *, most: float | None = 1.0
    ) -> Pending:
        """The mean of values from 0 to ``most``; ``item`` is the item of each."""
        rows = mean_rows(self.row[item], values, self.design.rows)
        items = len(np.unique(item))

        def make(sums: Floats) -> Figure:
            return mean_figure(rows, sums, self.design, items=items, method=method, reason=reason, most=most)

        return Pending(rows, make)

    def within(self, units: int) -> Design:
        """The design for figures over so many units inside the items: units of one item are a cluster."""
        together = max(units / max(len(self.items), 1), 1.0) * self.design.together
        return replace(self.design, together=together)

    def resolve(self, tree: Tree) -> Tree:
        """The tree with every figure as it stands in ``report.json``."""
        waiting = list(_pending(tree))
        sums = replicate_sums(
            [one.rows for one in waiting], self.design, self.method.replicates, self.method.seed
        ) if waiting else []  # fmt: skip
        found = {id(one): one.make(drawn) for one, drawn in zip(waiting, sums, strict=True)}
        return self._told(tree, found)

    def _told(self, tree: Tree, found: dict[int, Figure]) -> Tree:
        if isinstance(tree, dict):
            return {key: self._told(value, found) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self._told(value, found) for value in tree]
        figure = found[id(tree)] if isinstance(tree, Pending) else tree
        if not isinstance(figure, Figure):
            return figure
        if self.problem is not None:
            figure = undefined(self.problem, units=figure.units, positives=figure.positives)
        return figure.as_json()


def _pending(tree: Tree) -> Iterator[Pending]:
    if isinstance(tree, Pending):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from _pending(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _pending(value)
