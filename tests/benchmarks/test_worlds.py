"""The true figures of a world are those of a very large panel of it."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.worlds import OF_A_CLASS, TRUE_FIGURES, VOTES, Floats, Ints, World, answers, draw, world_of


@pytest.mark.parametrize("figure", sorted(TRUE_FIGURES))
@pytest.mark.parametrize(("clustered", "weighted"), [(False, False), (False, True), (True, True)])
def test_a_large_panel_has_the_true_figure(figure: str, clustered: bool, weighted: bool) -> None:
    size = 40_000 if figure in OF_A_CLASS else 200_000
    world = world_of(figure, 0.85, size, clustered=clustered, weighted=weighted)
    assert TRUE_FIGURES[figure](world) == pytest.approx(0.85)
    random = np.random.default_rng(11)
    panel = draw(world, 1, random)
    votes = [answers(world, panel, random)[0] for _ in range(VOTES)]
    assert found(figure, world, panel.truth[0], votes) == pytest.approx(0.85, abs=0.01)


def found(figure: str, world: World, truth: Ints, votes: list[Ints]) -> float:
    weight = np.repeat(world.weights(), [stratum.items for stratum in world.strata])
    if figure in OF_A_CLASS:
        truth, votes = (truth == 0).astype(int), [(vote == 0).astype(int) for vote in votes]
    if figure.endswith("alpha"):
        return alpha(figure, weight, votes)
    given = votes[0]
    if figure == "accuracy":
        return float(np.average(given == truth, weights=weight))
    if figure == "f1":
        return float(2 * weight @ (given * truth) / (weight @ given + weight @ truth))
    right = np.average(given == truth, weights=weight)
    kinds = range(int(truth.max()) + 1)
    chance = sum(
        np.average(given == k, weights=weight) * np.average(truth == k, weights=weight) for k in kinds
    )
    return float((right - chance) / (1 - chance))


def alpha(figure: str, weight: Floats, votes: list[Ints]) -> float:
    def apart(one: Ints, other: Ints) -> Floats:
        far = (one - other) ** 2 if figure == "rating alpha" else one != other
        return far.astype(np.float64)

    pairs = [apart(votes[0], votes[1]), apart(votes[0], votes[2]), apart(votes[1], votes[2])]
    observed = np.average(np.mean(pairs, axis=0), weights=weight)
    kinds = np.arange(max(int(vote.max()) for vote in votes) + 1)
    shares = np.array(
        [np.average(np.mean([vote == k for vote in votes], axis=0), weights=weight) for k in kinds]
    )
    return float(1 - observed / (shares @ apart(kinds[:, None], kinds[None, :]) @ shares))
