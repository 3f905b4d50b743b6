"""Batches of located labels made by hand, item by item: who marked what, and what gold says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from assay.formats.located_kinds import LocatedKind
from assay.judge.figures import Method
from assay.judge.located_batch import Facts, LocatedBatch
from assay.judge.located_measure import LocatedMeasured, measure_located
from assay.measure.comparisons import Work
from tests.judge.located_marks import Drawn, marks


@dataclass(frozen=True)
class Desk:
    """One item: its size, the objects of each person who worked on it, and gold's (None: no gold item)."""

    name: str
    by: Mapping[str, Sequence[Drawn]]
    gold: Sequence[Drawn] | None = None
    size: tuple[int, int] = (-1, -1)


@dataclass(frozen=True)
class Made:
    """A batch with its outcomes."""

    batch: LocatedBatch
    measured: LocatedMeasured = field(repr=False)

    @property
    def sides(self) -> tuple[object, object]:
        """Outcomes against gold and between people, as far as there are any."""
        gold, people = self.measured.gold, self.measured.agreement
        return (gold.outcomes if gold else None, people.outcomes if people else None)


def made(kind: LocatedKind, classes: Sequence[str], desks: Sequence[Desk], threshold: float = 0.5) -> Made:
    """The batch of some items, measured at a threshold."""
    people = sorted({who for desk in desks for who in desk.by})
    rows = [
        (at, people.index(who), one)
        for at, desk in enumerate(desks)
        for who, some in desk.by.items()
        for one in some
    ]
    work = [(at, people.index(who)) for at, desk in enumerate(desks) for who in desk.by]
    gold = [(at, one) for at, desk in enumerate(desks) for one in desk.gold or ()]
    own = marks(*(replace(one, item=at) for at, _, one in rows))
    by = np.array([person for _, person, _ in rows], np.int64)
    worked = Work(*(np.array([pair[n] for pair in work], np.int64) for n in (0, 1)))
    count = len(desks)
    blank = np.zeros(count, np.int64)
    width, height = (np.array([desk.size[n] for desk in desks], np.int64) for n in (0, 1))
    # Numbers follow names, so that the order in which items are given changes nothing.
    number = np.array([int.from_bytes(desk.name.encode()[-8:].rjust(8), "big") for desk in desks], np.uint64)
    facts = Facts(number, (), blank, np.ones(count, bool), None, width, height)
    batch = LocatedBatch(
        kind, tuple(desk.name for desk in desks), tuple(classes), tuple(people), own, by, worked, own, by, worked,
        marks(*(replace(one, item=at) for at, one in gold)),
        np.array([at for at, desk in enumerate(desks) if desk.gold is not None], np.int64), facts,
        strata=(count,),
    )  # fmt: skip
    return Made(batch, measure_located(batch, threshold, Method(200, "seed")))
