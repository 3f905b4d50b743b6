"""Figures of located objects with their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from assay.measure.candidates import Objects
from assay.measure.comparisons import Work, two_sides
from assay.measure.located import LocatedState, states_at
from assay.measure.located_figures import (
    LocatedFigures,
    located_figures,
    mean_overlap_figure,
    overlap_rows,
    pairwise_figures,
)
from assay.measure.replicates import Design, replicate_sums

from .located_scenes import Scene, agreement, scene, shuffled, sides


def pairwise(state: LocatedState) -> list[tuple[float | None, ...]]:
    design = Design.simple(len(state.rows))
    (sums,) = replicate_sums([state.rows], design, 200, "seed")
    found = pairwise_figures(state, sums, design.weight)
    figures = [found.overall["pairwise_f1"], *(figures["pairwise_f1"] for figures in found.by_class)]
    return [(figure.value, figure.low, figure.high, figure.units) for figure in figures]


def one_frame(gold: Objects, given: Objects) -> tuple[LocatedState, LocatedFigures]:
    task = two_sides(gold, given, np.array([0, 1]))
    (state,) = states_at(task, task.item, [0.5], classes=2, rows=2)
    design = Design.simple(2)
    (sums,) = replicate_sums([state.rows], design, 50, "seed")
    return state, located_figures(state, sums, design.weight)


def test_figures_against_gold_by_hand() -> None:
    gold = sides([0, 0, 0, 1], [0, 0, 1, 1], [[0, 0, 10, 10], [20, 0, 10, 10], [40, 0, 10, 10], [0, 0, 4, 4]])
    given = sides(
        [0, 0, 0, 1], [0, 1, 1, 1], [[0, 0, 10, 10], [20, 0, 10, 10], [80, 0, 10, 10], [0, 0, 4, 4]]
    )
    _, figures = one_frame(gold, given)
    assert figures.overall["f1"].value == pytest.approx(0.5)
    assert figures.overall["items_right"].value == pytest.approx(0.5)
    assert figures.overall["f1"].positives == 4
    assert figures.by_class[0]["f1"].value == pytest.approx(2 / 3)
    assert figures.by_class[0]["precision"].value == 1
    assert set(figures.by_class[0]) == {"f1", "precision", "recall"}


def test_figures_that_do_not_exist_say_why() -> None:
    nothing, box = sides([], [], []), sides([0], [0], [[0, 0, 10, 10]])
    assert one_frame(box, nothing)[1].overall["precision"].reason == "no object was delivered"
    assert one_frame(nothing, box)[1].overall["recall"].reason == "gold holds no object"
    assert one_frame(nothing, nothing)[1].overall["f1"].reason == "gold holds no object"


def test_the_mean_overlap_counts_matches_within_a_class() -> None:
    gold = sides([0, 1], [0, 0], [[0, 0, 10, 10], [0, 0, 10, 10]])
    given = sides([0, 1], [0, 0], [[0, 0, 10, 10], [0, 0, 10, 6]])
    state, _ = one_frame(gold, given)
    (sums,) = replicate_sums([overlap_rows(state)], Design.simple(2), 200, "seed")
    figure = mean_overlap_figure(state, sums, np.ones(2))
    assert figure.value == pytest.approx(0.8, abs=1e-6)
    assert figure.low < 0.8 < figure.high <= 1
    assert mean_overlap_figure(state, sums, np.ones(2), class_number=1).reason == "no object was matched"


@pytest.mark.parametrize("seed", range(6))
def test_pairwise_figures_are_the_same_when_people_are_renamed_and_objects_shuffled(seed: int) -> None:
    given = scene(seed, grid=8.0)
    told = pairwise(agreement(given))
    again = pairwise(agreement(shuffled(given, seed)))
    assert np.allclose(again, told, rtol=0, atol=1e-12)
    assert told[0][0] == pytest.approx(agreement(given).f1(), abs=1e-15)
    assert told[0][1] < told[0][0] < told[0][2]


def test_pairwise_f1_of_one_person_does_not_exist() -> None:
    alone = Scene(sides([0], [0], [[0, 0, 9, 9]]), np.array([0]), Work(np.array([0]), np.array([0])))
    assert pairwise(agreement(alone))[0] == (None, None, None, 0)
