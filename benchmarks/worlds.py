"""Worlds with known truth: items, difficulty, answers, drawn for many runs at once, and the exact true figures.

A world has one stratum or two. Stratum A holds 80 % of the population with half of the prevalence of stratum B and
half of its error rate; a weighted panel takes half of its items from each, so the weights differ by a factor of four.
A clustered world has clusters of five items that share one difficulty, drawn from a Beta distribution whose
correlation within clusters is 0.2. Given its difficulty b an item of class t is answered wrongly with chance
b times ``rate[t]``, and then with class v with chance ``where[t, v]``. The mean difficulty is solved so that the
figure in question has exactly the true value asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.measure.replicates import Design

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

VOTES = 3
CLUSTER = 5
CORRELATION = 0.2
PREVALENCE = 0.2
RATINGS = (0.1, 0.2, 0.4, 0.2, 0.1)


@dataclass(frozen=True, eq=False)
class Stratum:
    """One stratum: its share of the population, items in the panel, relative difficulty, classes and errors."""

    share: float
    items: int
    relative: float
    classes: Floats
    rate: Floats
    where: Floats

    def answers(self, difficulty: float) -> Floats:
        """The chance of each answer (columns) to an item of each class (rows)."""
        wrong = difficulty * self.rate[:, None]
        return np.asarray((1 - wrong) * np.eye(len(self.classes)) + wrong * self.where)


@dataclass(frozen=True)
class World:
    """Strata, items per cluster (1: none), and the mean difficulty before the strata's own factors."""

    strata: tuple[Stratum, ...]
    cluster: int
    difficulty: float = 0.0

    @property
    def items(self) -> int:
        """Items in the panel."""
        return sum(stratum.items for stratum in self.strata)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.strata[0].classes)

    def weights(self) -> Floats:
        """What an item of each stratum stands for; ones in a world of one stratum."""
        if len(self.strata) == 1:
            return np.ones(1)
        return np.array([stratum.share * self.items / stratum.items for stratum in self.strata])

    def design(self) -> Design:
        """The design of the replicate rows: single items or clusters, in their strata, with their weights."""
        rows = [stratum.items // self.cluster for stratum in self.strata]
        number = np.repeat(np.arange(len(rows)), rows)
        return Design(number, self.weights()[number], together=float(self.cluster))


@dataclass(frozen=True)
class Panel:
    """Drawn panels: per run and item the true class and the difficulty; per item its stratum and replicate row."""

    truth: Ints
    difficulty: Floats
    stratum: Ints
    row: Ints


def draw(world: World, runs: int, random: np.random.Generator) -> Panel:
    """Panels of a world for many runs."""
    truth, difficulty = [], []
    for stratum in world.strata:
        cumulative = np.cumsum(stratum.classes)[:-1]
        truth.append(np.searchsorted(cumulative, random.random((runs, stratum.items)), side="right"))
        mean = world.difficulty * stratum.relative
        if world.cluster == 1:
            difficulty.append(np.full((runs, stratum.items), mean))
        else:
            spread = 1 / CORRELATION - 1
            shape = (runs, stratum.items // world.cluster)
            drawn = random.beta(max(mean * spread, 1e-9), (1 - mean) * spread, shape)
            difficulty.append(np.repeat(drawn, world.cluster, axis=1))
    counts = [stratum.items for stratum in world.strata]
    return Panel(
        np.concatenate(truth, axis=1),
        np.concatenate(difficulty, axis=1),
        np.repeat(np.arange(len(counts)), counts),
        np.arange(sum(counts)) // world.cluster,
    )


def answers(world: World, panel: Panel, random: np.random.Generator) -> Ints:
    """One answer to every item of every panel, given its difficulty."""
    given = []
    for number, stratum in enumerate(world.strata):
        mine = panel.stratum == number
        truth = panel.truth[:, mine]
        wrong = random.random(truth.shape) < panel.difficulty[:, mine] * stratum.rate[truth]
        chosen = random.random(truth.shape)
        cumulative = np.cumsum(stratum.where, axis=1)[:, :-1]
        other = (chosen[..., None] >= cumulative[truth]).sum(axis=2)
        given.append(np.where(wrong, other, truth))
    return np.concatenate(given, axis=1)


def confusion(world: World) -> Floats:
    """The true share of each pair of true class and answer in the population."""
    parts = [s.share * s.classes[:, None] * s.answers(world.difficulty * s.relative) for s in world.strata]
    return np.asarray(sum(parts))


def accuracy(world: World) -> float:
    """The true share of right answers."""
    return float(np.trace(confusion(world)))


def f1_of_rare(world: World) -> float:
    """The true F1 of class 0; its precision and recall are the same number."""
    shares = confusion(world)
    return float(2 * shares[0, 0] / (shares[0].sum() + shares[:, 0].sum()))


def kappa(world: World) -> float:
    """The true Cohen's kappa of an answer against the truth."""
    return _kappa(confusion(world))


def kappa_of_rare(world: World) -> float:
    """The true kappa of class 0 against the rest."""
    shares = confusion(world)
    hit, gold, given = float(shares[0, 0]), float(shares[0].sum()), float(shares[:, 0].sum())
    return _kappa(np.array([[hit, gold - hit], [given - hit, 1 - gold - given + hit]]))


def _kappa(shares: Floats) -> float:
    chance = float(shares.sum(axis=0) @ shares.sum(axis=1))
    return (float(np.trace(shares)) - chance) / (1 - chance)


def alpha(world: World) -> float:
    """The true nominal alpha between people: one minus disagreement over disagreement by chance, in the population."""
    return _alpha(world, 1 - np.eye(world.classes))


def alpha_of_rare(world: World) -> float:
    """The true alpha of class 0 against the rest."""
    rare = np.arange(world.classes) == 0
    return _alpha(world, (rare[:, None] != rare[None, :]).astype(np.float64))


def alpha_of_ratings(world: World) -> float:
    """The true interval alpha of the ratings 0, 1, 2, …"""
    ratings = np.arange(world.classes, dtype=np.float64)
    return _alpha(world, (ratings[:, None] - ratings[None, :]) ** 2)


def _alpha(world: World, apart: Floats) -> float:
    """Two votes on an item are independent given its class and difficulty b, and their chances are linear in b."""
    observed, marginal = 0.0, np.zeros(world.classes)
    for s in world.strata:
        mean = world.difficulty * s.relative
        square = mean**2 + (mean * (1 - mean) * CORRELATION if world.cluster > 1 else 0.0)
        right, slope = s.answers(0.0), s.answers(1.0) - s.answers(0.0)
        for held, base, step in zip(s.classes, right, slope, strict=True):
            by_item = 2 * mean * (base @ apart @ step) + square * (step @ apart @ step)
            observed += s.share * float(held * by_item)
        marginal += s.share * (s.classes @ s.answers(mean))
    return 1 - observed / float(marginal @ apart @ marginal)


TRUE_FIGURES: dict[str, Callable[[World], float]] = {
    "f1": f1_of_rare,
    "accuracy": accuracy,
    "class alpha": alpha_of_rare,
    "alpha": alpha,
    "rating alpha": alpha_of_ratings,
    "class kappa": kappa_of_rare,
    "kappa": kappa,
}
OF_A_CLASS = ("f1", "class alpha", "class kappa")


def world_of(figure: str, value: float, positives: int, *, clustered: bool, weighted: bool) -> World:
    """The world in which a figure has a true value, with a panel sized for so many positives.

    Positives are the items of class 0 expected in the panel for figures of a class, which holds 20 % of the panel, and
    the items of the panel for the others.
    """
    cluster = CLUSTER if clustered else 1
    items = round(positives / PREVALENCE) if figure in OF_A_CLASS else positives
    parts = [(0.8, 2 / 3, 0.5), (0.2, 4 / 3, 1.0)] if weighted else [(1.0, 1.0, 1.0)]
    strata = []
    for share, factor, relative in parts:
        count = round(items / len(parts) / cluster) * cluster
        held = PREVALENCE * factor
        classes = np.array(RATINGS) if figure == "rating alpha" else np.array([held, *[(1 - held) / 2] * 2])
        strata.append(Stratum(share, count, relative, classes, *_errors(figure, classes)))
    return _solved(World(tuple(strata), cluster), TRUE_FIGURES[figure], value)


def _errors(figure: str, classes: Floats) -> tuple[Floats, Floats]:
    """How often classes are mistaken, relative to the difficulty, and for which.

    In the worlds of a class, class 0 is taken for class 1 and the others for class 0 as often in numbers, so that its
    precision and recall are equal. Ratings are off by one, one time in seven by two. Else every other class is alike.
    """
    kinds = len(classes)
    if figure in OF_A_CLASS:
        rate = np.array([1.0, *[classes[0] / (1 - classes[0])] * (kinds - 1)])
        return rate, np.array([[0.0, 1.0, 0.0], *[[1.0, 0.0, 0.0]] * (kinds - 1)])
    if figure == "rating alpha":
        steps = np.abs(np.subtract.outer(np.arange(kinds), np.arange(kinds)))
        where = np.where(steps == 1, 6.0, np.where(steps == 2, 1.0, 0.0))
        return np.ones(kinds), where / where.sum(axis=1, keepdims=True)
    return np.ones(kinds), (1 - np.eye(kinds)) / (kinds - 1)


def _solved(world: World, figure: Callable[[World], float], value: float) -> World:
    """The world with the difficulty at which a figure, falling in it, has a value; by bisection."""
    low, high = 0.0, 0.95
    for _ in range(80):
        middle = (low + high) / 2
        if figure(replace(world, difficulty=middle)) > value:
            low = middle
        else:
            high = middle
    return replace(world, difficulty=(low + high) / 2)
