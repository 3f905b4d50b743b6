"""One cell of the coverage table: many panels of one world, each measured as ``assay judge`` measures it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from assay.measure.accuracy import gold_figures, gold_state
from assay.measure.figure import Figure
from assay.measure.nominal import nominal_figures, nominal_state
from assay.measure.ordered import metric_of, ordered_alpha, ordered_columns, ordered_state
from assay.measure.replicates import replicate_sums
from assay.measure.units import Runs, runs_of

from .worlds import TRUE_FIGURES, VOTES, Ints, Panel, World, answers, draw, world_of

PIECE = 100

# The figures measured in the worlds of each figure; all of them have the true value of the cell.
MEASURED = {name: ("f1", "precision", "recall") if name == "f1" else (name,) for name in TRUE_FIGURES}


@dataclass(frozen=True, order=True)
class Cell:
    """A figure with its true value, the positives of the panel, and the kind of panel."""

    figure: str
    clustered: bool
    weighted: bool
    value: float
    positives: int

    def world(self) -> World:
        """The world of the cell."""
        return world_of(
            self.figure, self.value, self.positives, clustered=self.clustered, weighted=self.weighted
        )


@dataclass
class Coverage:
    """How often the interval of a figure held its true value; what had no value is counted aside."""

    runs: int = 0
    undefined: int = 0
    below: int = 0
    above: int = 0
    width: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, figure: Figure, truth: float) -> None:
        """Count one interval."""
        self.runs += 1
        if figure.low is None or figure.high is None:
            self.undefined += 1
            self.reasons[str(figure.reason)] = self.reasons.get(str(figure.reason), 0) + 1
            return
        self.below += figure.high < truth
        self.above += figure.low > truth
        self.width += figure.high - figure.low

    @property
    def share(self) -> float:
        """The share of intervals that hold the true value, of those that exist."""
        defined = self.runs - self.undefined
        return 1 - (self.below + self.above) / defined if defined else math.nan

    def as_json(self) -> dict[str, object]:
        """The entry of a result file. ``too_low``: the whole interval lies below the truth."""
        defined = max(self.runs - self.undefined, 1)
        return {
            "coverage": round(self.share, 4) if self.runs > self.undefined else None,
            "too_low": round(self.below / defined, 4),
            "too_high": round(self.above / defined, 4),
            "mean_width": round(self.width / defined, 4),
            "undefined": self.undefined,
            "reasons": self.reasons,
        }


def measure_cell(cell: Cell, runs: int, replicates: int, seed: int) -> dict[str, Coverage]:
    """Coverage of every figure of the cell's world over so many runs."""
    world = cell.world()
    truth = TRUE_FIGURES[cell.figure](world)
    found = {name: Coverage() for name in MEASURED[cell.figure]}
    key = (list(TRUE_FIGURES).index(cell.figure), round(cell.value * 10_000), cell.positives)
    random = np.random.default_rng([seed, *key, cell.clustered, cell.weighted])
    for number, start in enumerate(range(0, runs, PIECE)):
        size = min(PIECE, runs - start)
        for figures in _figures(cell.figure, world, size, replicates, f"{seed}/{number}", random):
            for name, coverage in found.items():
                coverage.add(figures[name], truth)
    return found


def _figures(
    figure: str, world: World, runs: int, replicates: int, seed: str, random: np.random.Generator
) -> Iterator[dict[str, Figure]]:
    panel = draw(world, runs, random)
    if not figure.endswith("alpha"):
        return _against_gold(world, panel, answers(world, panel, random), replicates, seed)
    votes = np.stack([answers(world, panel, random) for _ in range(VOTES)], axis=2)
    if figure == "rating alpha":
        return _of_ratings(world, panel, votes, replicates, seed)
    return _between_people(world, panel, votes, replicates, seed)


def _against_gold(
    world: World, panel: Panel, given: Ints, replicates: int, seed: str
) -> Iterator[dict[str, Figure]]:
    design, block = world.design(), np.zeros(world.items, np.int64)
    states = [
        gold_state(gold, label, block, panel.row, classes=world.classes, blocks=1, rows=design.rows)
        for gold, label in zip(panel.truth, given, strict=True)
    ]
    sums = replicate_sums([state.rows for state in states], design, replicates, seed)
    for state, drawn in zip(states, sums, strict=True):
        found = gold_figures(state, drawn, design.weight, together=design.together)
        rare = found.by_class[0]
        of_class = {name: rare[name] for name in ("f1", "precision", "recall")}
        yield {**found.overall, **of_class, "class kappa": rare["kappa"]}


def _runs(world: World, votes: Ints) -> tuple[Ints, Ints, Runs]:
    """The units of one panel's votes: their sizes, their number by vote, and the runs of equal labels."""
    unit = np.repeat(np.arange(world.items), VOTES)
    return np.full(world.items, VOTES), unit, runs_of(unit, votes.ravel(), world.items, world.classes)


def _between_people(
    world: World, panel: Panel, votes: Ints, replicates: int, seed: str
) -> Iterator[dict[str, Figure]]:
    design = world.design()
    states = []
    for one in votes:
        size, _, runs = _runs(world, one)
        states.append(
            nominal_state(
                runs, size, panel.stratum, panel.row,
                classes=world.classes, largest=VOTES, blocks=len(world.strata), rows=design.rows,
            )
        )  # fmt: skip
    sums = replicate_sums([state.rows for state in states], design, replicates, seed)
    for state, drawn in zip(states, sums, strict=True):
        found = nominal_figures(state, drawn, world.weights(), categories=world.classes, design=design)
        yield {"alpha": found.overall["krippendorff_alpha"], "class alpha": found.alpha[0]}


def _of_ratings(
    world: World, panel: Panel, votes: Ints, replicates: int, seed: str
) -> Iterator[dict[str, Figure]]:
    design, weight = world.design(), world.weights()
    states, metrics = [], []
    for one in votes:
        size, _, runs = _runs(world, one)
        state = ordered_state(
            runs, size, panel.stratum, panel.row,
            values=world.classes, blocks=len(world.strata), rows=design.rows,
        )  # fmt: skip
        states.append(state)
        metrics.append(metric_of(state, np.arange(world.classes, dtype=np.float64), "interval", weight))
    columns = [ordered_columns(state, metric) for state, metric in zip(states, metrics, strict=True)]
    sums = replicate_sums(columns, design, replicates, seed)
    for state, metric, drawn in zip(states, metrics, sums, strict=True):
        yield {"rating alpha": ordered_alpha(state, metric, drawn, weight, design=design)}
