"""With two votes on an item nobody is blamed on the word of one colleague, nor for a colleague's own errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.colleagues import beside_colleagues
from assay.measure.exact import binomial_quantile
from assay.measure.people import pair_state, people_state, scale_positions
from assay.measure.suspicion import Thresholds, worse_than_others
from tests.measure.votes import Table, cut, pairs_of, people_of

CLASSES, LIMITS = 4, Thresholds()
EFFECT = LIMITS.effect


def shared(plan: Mapping[tuple[int, int], int], errors: Sequence[float], seed: int) -> Table:
    """Items of two votes: how many each pair of people shares, and how often each person errs."""
    luck = np.random.default_rng(seed)
    table: list[list[int | None]] = []
    for (a, b), items in plan.items():
        for _ in range(items):
            truth = int(luck.integers(CLASSES))
            row: list[int | None] = [None] * len(errors)
            for who in (a, b):
                row[who] = int(luck.integers(CLASSES)) if luck.random() < errors[who] else truth
            table.append(row)
    return table


def named(table: Table) -> set[int]:
    found = worse_than_others(people_of(table, CLASSES), LIMITS, pairs_of(table, CLASSES))
    return {suspect.subject[0] for suspect in found}


@pytest.mark.parametrize("seed", range(5))
def test_a_careful_person_is_not_blamed_for_a_colleague_whom_nobody_else_met(seed: int) -> None:
    # person 0 shares items with 1, who works well with 2 and 3, and with the careless 4, who meets nobody else
    plan = {(0, 1): 100, (0, 4): 100, (1, 2): 100, (2, 3): 100}
    assert 0 not in named(shared(plan, (0.02, 0.02, 0.02, 0.02, 0.7), seed))


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_blamed_on_the_word_of_one_colleague(seed: int) -> None:
    # 1 and 2 err alike with each other only; without them nothing speaks against 0
    plan = {(0, 1): 120, (1, 2): 120}
    table = shared(plan, (0.5, 0.02, 0.02), seed)
    assert named(table) == set()
    assert beside_colleagues(pairs_of(table, CLASSES), 0, effect=EFFECT) is None


@pytest.mark.parametrize("seed", range(5))
def test_a_quarrel_of_two_names_neither(seed: int) -> None:
    # 0 and 1 disagree with each other, and both agree with everybody else
    table = shared({(a, b): 80 for a in range(4) for b in range(a + 1, 4)}, (0.02,) * 4, seed)
    quarrel: Table = [[0, 1, None, None]] * 60
    assert named([*table, *quarrel]) == set()


@pytest.mark.parametrize("seed", range(5))
def test_a_careless_person_is_named_beside_one_colleague_whom_others_met(seed: int) -> None:
    plan = {(0, 1): 120, (1, 2): 80, (1, 3): 80, (2, 3): 80}
    assert named(shared(plan, (0.6, 0.02, 0.02, 0.02), seed)) == {0}


def test_a_careless_rater_is_named_by_distance() -> None:
    luck = np.random.default_rng(4)
    table: list[list[int | None]] = []
    for _ in range(600):
        truth = int(luck.integers(1, 4))
        row: list[int | None] = [None] * 5
        for who in luck.choice(5, 2, replace=False).tolist():
            row[who] = int(luck.integers(0, 5)) if who == 3 else truth + int(luck.integers(-1, 2))
        table.append(row)
    found = cut(table, 5)
    place = scale_positions(np.arange(5.0), by_rank=True)
    several = {"annotators": found.people, "classes": 5, "positions": place}
    in_gold = np.zeros(len(found.units), bool)
    people = people_state(found.votes, found.units, found.runs, in_gold, **several)  # type: ignore[arg-type]  # as named
    pairs = pair_state(found.votes, found.units, found.runs, **several)  # type: ignore[arg-type]  # as named
    (suspect,) = worse_than_others(people, LIMITS, pairs)
    assert suspect.subject == (3,)
    assert 0.5 < suspect.shown < suspect.expected < 1


def test_clean_batches_of_two_votes_stay_at_the_stated_level() -> None:
    number, plan = 60, {(a, b): 25 for a in range(5) for b in range(a + 1, 5)}
    blamed = sum(bool(named(shared(plan, (0.15,) * 5, seed))) for seed in range(number))
    assert blamed <= binomial_quantile(0.9999, number, 0.05)


@given(st.permutations(range(5)), st.integers(0, 20))
def test_names_do_not_matter(order: list[int], seed: int) -> None:
    table = shared(
        {(0, 1): 30, (1, 2): 30, (2, 3): 20, (0, 3): 30, (3, 4): 15}, (0.5, 0.1, 0.1, 0.1, 0.3), seed
    )
    renamed: Table = [[row[order.index(n)] for n in range(5)] for row in table]
    pairs, other = pairs_of(table, CLASSES), pairs_of(renamed, CLASSES)
    for person in range(5):
        one = beside_colleagues(pairs, person, effect=EFFECT)
        two = beside_colleagues(other, order[person], effect=EFFECT)
        assert (one is None) == (two is None)
        if one is not None and two is not None:
            assert (one.votes, one.shown) == pytest.approx((two.votes, two.shown))
            assert (one.expected, one.deviation) == pytest.approx((two.expected, two.deviation))
