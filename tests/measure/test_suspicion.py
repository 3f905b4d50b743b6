"""Suspicions: planted trouble is named, clean work is not, and every kind keeps its level over all its subjects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.copies import at_least, copies
from assay.measure.exact import binomial_quantile
from assay.measure.suspicion import (
    Suspect,
    Thresholds,
    adjusted,
    better_on_gold,
    farther,
    held,
    near_constant,
    never_wrong,
    worse,
    worse_mean,
    worse_share,
    worse_than_others,
)
from assay.terms.holm import holm
from tests.measure.votes import Table, pairs_of, people_of

LIMITS = Thresholds()
PEOPLE, CLASSES = 6, 4
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def crowd(seed: int, items: int = 400, votes: int = 3, noise: float = 0.08) -> np.ndarray:
    """Votes of six people, wrong at random; -1 is no vote."""
    luck = np.random.default_rng(seed)
    truth = luck.integers(0, CLASSES, items)
    table = np.full((items, PEOPLE), -1)
    for item in range(items):
        for who in luck.choice(PEOPLE, votes, replace=False):
            table[item, who] = luck.integers(0, CLASSES) if luck.random() < noise else truth[item]
    return table


def rows(votes: np.ndarray) -> Table:
    return [[None if x < 0 else int(x) for x in row] for row in votes]


def subjects(found: list[Suspect]) -> list[tuple[int, ...]]:
    return [suspect.subject for suspect in found]


# Holm


@given(probabilities)
def test_adjusted_values_decide_as_holm_does(p: list[float]) -> None:
    after = adjusted(p)
    assert all(a >= b for a, b in zip(after, p, strict=True))
    assert [value < 0.05 for value in after] == [
        shown and value < 0.05 for shown, value in zip(holm(p, 0.05), after, strict=True)
    ]


@given(probabilities, st.integers(0, 30))
def test_a_larger_family_is_as_if_tests_without_effect_were_added(p: list[float], more: int) -> None:
    assert adjusted(p, family=len(p) + more) == pytest.approx(adjusted([*p, *[1.0] * more])[: len(p)])


@given(probabilities)
def test_adjusting_keeps_the_order(p: list[float]) -> None:
    after = adjusted(p)
    for a in range(len(p)):
        for b in range(len(p)):
            if p[a] < p[b]:
                assert after[a] <= after[b]


def test_what_holds_stands_with_its_adjusted_value_most_certain_first() -> None:
    tests = [worse((n,), 0.5, 0.9, deviation, 50, 0.03) for n, deviation in enumerate((0.4, 0.05, 0.1))]
    found = held(tests, LIMITS)
    assert subjects(found) == [(1,), (2,)]
    assert all(suspect.p < 0.05 for suspect in found)


def test_a_test_asks_for_more_than_the_stated_effect() -> None:
    assert worse((0,), 0.87, 0.90, 0.001, 500, 0.03).p == pytest.approx(0.5)
    assert worse((0,), 0.86, 0.90, 0.001, 500, 0.03).p < 1e-6
    assert worse((0,), 0.90, 0.90, 0.001, 500, 0.03).p > 0.99


def test_few_observations_are_less_certain_than_many() -> None:
    few, many = (worse_mean((0,), 0.8, 0.9, 0.03, n, 0.03).p for n in (5, 500))
    assert few > many
    assert many == pytest.approx(worse((0,), 0.8, 0.9, 0.03, 500, 0.03).p, rel=0.1)


# People beside others


@pytest.mark.parametrize("votes", [2, 3])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_careless_person_is_the_only_one_named(seed: int, votes: int) -> None:
    table = crowd(seed, votes=votes)
    luck = np.random.default_rng(seed + 100)
    own = table[:, 4]
    wrong = (own >= 0) & (luck.random(len(own)) < 0.4)
    own[wrong] = luck.integers(0, CLASSES, int(wrong.sum()))
    found = worse_than_others(people_of(rows(table), CLASSES), LIMITS, pairs_of(rows(table), CLASSES))
    assert subjects(found) == [(4,)]
    (suspect,) = found
    assert suspect.shown < suspect.expected
    assert suspect.low < suspect.shown - suspect.expected < suspect.high


def test_a_careful_person_paired_with_a_careless_one_is_not_blamed() -> None:
    luck = np.random.default_rng(8)
    truth = luck.integers(0, CLASSES, 600)
    table = np.full((600, PEOPLE), -1)
    for item in range(600):
        rest = tuple(luck.choice([2, 3, 4, 5], 2, replace=False).tolist())
        pair = (rest, (0, 1), (1, 3), (0, 1))[item % 4]
        for who in pair:
            bad = luck.random() < (0.5 if who == 1 else 0.03)
            table[item, who] = luck.integers(0, CLASSES) if bad else truth[item]
    found = worse_than_others(people_of(rows(table), CLASSES), LIMITS, pairs_of(rows(table), CLASSES))
    assert (0,) not in subjects(found)
    assert (1,) in subjects(found)


def clean_batches(number: int) -> dict[str, int]:
    """In how many clean batches each kind of suspicion names anybody."""
    kinds = {"worse": 0, "copies": 0, "constant": 0, "gold": 0, "share": 0}
    for seed in range(number):
        table = rows(crowd(seed, items=250, noise=0.15))
        luck = np.random.default_rng(seed + 10_000)
        people, pairs = people_of(table, CLASSES, gold=range(60)), pairs_of(table, CLASSES)
        answered = np.full(PEOPLE, 40)
        correct = luck.binomial(40, 0.9, PEOPLE)
        kinds["worse"] += bool(worse_than_others(people, LIMITS, pairs))
        kinds["copies"] += bool(copies(pairs, LIMITS))
        kinds["constant"] += bool(near_constant(people, LIMITS))
        kinds["gold"] += bool(better_on_gold(people, LIMITS))
        kinds["share"] += bool(worse_share(correct, answered, LIMITS))
    return kinds


def assert_at_most_five_percent(number: int) -> None:
    # so many would be seen in less than one in ten thousand runs of tests that keep their level
    most = binomial_quantile(0.9999, number, 0.05)
    assert {kind: n for kind, n in clean_batches(number).items() if n > most} == {}


def test_clean_batches_stay_at_the_stated_level() -> None:
    assert_at_most_five_percent(60)


@pytest.mark.soak
def test_clean_batches_stay_at_the_stated_level_over_many() -> None:
    assert_at_most_five_percent(1_000)


def test_nobody_is_compared_on_fewer_votes_than_stated() -> None:
    table: Table = [[0, 0, 1]] * 19
    assert worse_than_others(people_of(table, 2), LIMITS) == []
    assert subjects(worse_than_others(people_of([*table, [0, 0, 1]], 2), LIMITS)) == [(2,)]


# Shares


def test_a_share_far_below_all_others_together_is_named() -> None:
    found = worse_share(np.array([95, 60, 96, 94]), np.full(4, 100), LIMITS)
    assert subjects(found) == [(1,)]
    assert found[0].expected == pytest.approx(285 / 300)


def test_all_wrong_of_a_few_is_not_certain() -> None:
    found = worse_share(np.array([0, 90]), np.array([20, 100]), LIMITS)
    assert subjects(found) == [(0,)]
    assert found[0].low < -0.9 < found[0].high


# Ratings


def test_ratings_far_from_gold_are_named_beside_the_same_items() -> None:
    luck = np.random.default_rng(2)
    item = np.tile(np.arange(80), 3)
    person = np.repeat(np.arange(3), 80)
    distance = np.where(person == 1, 0.3, 0.05) + luck.uniform(0, 0.05, 240)
    found = farther(distance, item, person, 3, LIMITS)
    assert subjects(found) == [(1,)]
    assert found[0].shown < found[0].expected


# Gold


def test_a_person_who_agrees_far_more_on_gold_items_may_know_them() -> None:
    table, luck = crowd(6, items=600, noise=0.25), np.random.default_rng(7)
    gold = np.arange(150)
    majority = np.array([np.bincount(row[row >= 0]).argmax() for row in table])
    knows = (table[:, 2] >= 0) & np.isin(np.arange(600), gold)
    table[knows, 2] = majority[knows]
    careless = (table[:, 2] >= 0) & ~knows & (luck.random(600) < 0.3)
    table[careless, 2] = luck.integers(0, CLASSES, int(careless.sum()))
    found = better_on_gold(people_of(rows(table), CLASSES, gold=gold.tolist()), LIMITS)
    assert subjects(found) == [(2,)]
    assert found[0].shown > found[0].expected


def test_gold_that_is_easier_for_everybody_names_nobody() -> None:
    table = crowd(9, items=600, noise=0.3)
    for item in range(150):
        table[item, table[item] >= 0] = item % CLASSES
    assert better_on_gold(people_of(rows(table), CLASSES, gold=range(150)), LIMITS) == []


def test_never_wrong_where_the_next_best_would_have_erred() -> None:
    correct, answered = np.array([180, 300, 181]), np.array([200, 300, 200])
    assert subjects(never_wrong(correct, answered, LIMITS)) == [(1,)]
    assert (
        never_wrong(np.array([28, 30, 29]), np.full(3, 30), LIMITS) == []
    )  # thirty right answers are no wonder
    assert never_wrong(np.array([29]), np.array([29]), LIMITS) == []
    assert never_wrong(np.array([300, 300]), np.array([300, 300]), LIMITS) == []  # nobody to compare with


# Constant answers


def test_one_label_for_nearly_everything_is_named_unless_the_others_say_so_too() -> None:
    table = crowd(3)
    own = table[:, 1]
    own[own >= 0] = 2
    found = near_constant(people_of(rows(table), CLASSES), LIMITS)
    assert subjects(found) == [(1, 2)]
    assert found[0].shown == 1.0
    skewed = np.where(table >= 0, 2, -1)
    assert near_constant(people_of(rows(skewed), CLASSES), LIMITS) == []


# Copies


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_who_give_the_same_answers_where_people_differ_are_named(seed: int) -> None:
    table = crowd(seed, votes=4, noise=0.2)
    both = (table[:, 0] >= 0) & (table[:, 3] >= 0)
    table[both, 3] = table[both, 0]
    assert subjects(copies(pairs_of(rows(table), CLASSES), LIMITS)) == [(0, 3)]


def test_two_careful_people_beside_careless_ones_are_no_copies() -> None:
    luck = np.random.default_rng(11)
    truth = luck.integers(0, CLASSES, 500)
    table = np.tile(truth[:, None], (1, PEOPLE))
    for who in range(2, PEOPLE):
        wrong = luck.random(500) < 0.3
        table[wrong, who] = luck.integers(0, CLASSES, int(wrong.sum()))
    slips = luck.random((500, 2)) < 0.03
    table[:, :2][slips] = luck.integers(0, CLASSES, int(slips.sum()))
    assert copies(pairs_of(rows(table), CLASSES), LIMITS) == []


@given(st.integers(1, 40), st.floats(0.05, 0.95))
def test_the_binomial_tail_adds_up(trials: int, chance: float) -> None:
    assert at_least(0, trials, chance) == 1.0
    one = [
        at_least(k, trials, chance) - (at_least(k + 1, trials, chance) if k < trials else 0.0)
        for k in range(trials + 1)
    ]
    assert sum(one) == pytest.approx(1.0)
    assert at_least(trials, trials, chance) == pytest.approx(chance**trials)
