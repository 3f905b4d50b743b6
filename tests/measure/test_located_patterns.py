"""Where cases gather: planted conditions are found, told once and in their telling form, and chance is not told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.measure.located_patterns import Condition, Pattern, Source, Trait, Trials, find_patterns
from assay.measure.replicates import hash_items

ITEMS, PER_ITEM = 100, 10


def column(values: np.ndarray, name: str = "a", *, ordered: bool = False) -> Trait:
    """A trait that is a column of codes."""
    return Trait(name, int(values.max()) + 1, lambda row: values[row], ordered)


def trials(failed: np.ndarray, traits: list[Trait], item: np.ndarray | None = None) -> Trials:
    """Trials of items with ten rows each."""
    rows = np.arange(len(failed))
    item = rows // PER_ITEM if item is None else item
    hashes = hash_items(np.arange(int(item.max()) + 1).astype(np.uint64), "x")
    return Trials(rows, failed, Source(item, (), traits, hashes))


def world(seed: int, rate: float = 0.1) -> tuple[np.random.Generator, np.ndarray, np.ndarray, np.ndarray]:
    """Random traits a (3 values) and b (8 bands), and trials that fail at random."""
    draw = np.random.default_rng(seed)
    size = ITEMS * PER_ITEM
    return draw, draw.integers(0, 3, size), draw.integers(0, 8, size), draw.random(size) < rate


def test_a_band_of_an_ordered_trait_is_told_as_one_condition() -> None:
    draw, a, b, failed = world(1)
    failed |= (b < 3) & (draw.random(len(b)) < 0.5)
    (one,), _ = find_patterns(trials(failed, [column(a), column(b, "b", ordered=True)]))
    assert one.conditions == (Condition(1, 0, 3),)
    assert (len(one.cases), one.trials) == (int(failed[b < 3].sum()), int((b < 3).sum()))


def test_two_conditions_that_only_together_matter_are_told_together() -> None:
    draw, a, b, failed = world(2)
    failed |= (a == 1) & (b < 2) & (draw.random(len(b)) < 0.7)
    (one,), rest = find_patterns(trials(failed, [column(a), column(b, "b", ordered=True)]))
    assert one.conditions == (Condition(0, 1, 2), Condition(1, 0, 2))
    assert not ((a[rest.row] == 1) & (b[rest.row] < 2)).any()


def test_what_follows_from_another_condition_is_not_told_again() -> None:
    draw, a, _, failed = world(3)
    failed |= (a == 1) & (draw.random(len(a)) < 0.5)
    copy = np.where(draw.random(len(a)) < 0.95, a, 2)
    found, _ = find_patterns(trials(failed, [column(a), column(copy, "copy")]))
    assert [one.conditions for one in found] == [(Condition(0, 1, 2),)]


def test_one_bad_item_is_no_pattern() -> None:
    _, a, b, failed = world(4)
    item = np.arange(len(a)) // PER_ITEM
    a = np.where(item < 2, 3, a)
    failed = failed | (item < 2)
    assert find_patterns(trials(failed, [column(a), column(b, "b")]))[0] == []


def test_trials_that_fail_together_count_for_less() -> None:
    draw = np.random.default_rng(5)
    bad = draw.random(ITEMS) < 0.15
    item = np.arange(ITEMS * PER_ITEM) // PER_ITEM
    found = 0
    for _ in range(20):
        kind = draw.integers(0, 6, ITEMS)
        found += bool(find_patterns(trials(bad[item], [column(kind[item])]))[0])
    assert found <= 1


@pytest.mark.parametrize("rate", [0.02, 0.2, 0.6])
def test_chance_is_told_in_at_most_five_per_cent(rate: float) -> None:
    told = 0
    for seed in range(100):
        _, a, b, failed = world(100 + seed, rate)
        told += bool(find_patterns(trials(failed, [column(a), column(b, "b", ordered=True)]))[0])
    assert told <= 5


def test_nothing_and_everything_failed_is_no_pattern() -> None:
    _, a, _, failed = world(6)
    for all_or_none in (np.zeros_like(failed), np.ones_like(failed)):
        assert find_patterns(trials(all_or_none, [column(a)]))[0] == []


def test_large_problems_are_searched_on_a_part_and_counted_on_all(monkeypatch: pytest.MonkeyPatch) -> None:
    draw, a, b, failed = world(7)
    failed |= (a == 2) & (draw.random(len(a)) < 0.6)
    given_trials = trials(failed, [column(a), column(b, "b")])
    whole = find_patterns(given_trials)[0]
    monkeypatch.setattr("assay.measure.located_patterns._SEARCHED", 400)
    assert 200 < len(given_trials.sampled()) < 700
    (part,) = find_patterns(given_trials)[0]
    assert (part.conditions, part.trials) == (whole[0].conditions, whole[0].trials)


def told(found: list[Pattern]) -> list[tuple[tuple[Condition, ...], int, int, float]]:
    """Patterns as values that compare."""
    return [(one.conditions, len(one.cases), one.trials, round(one.expected, 9)) for one in found]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_trials_and_the_numbers_of_items_change_nothing(seed: int) -> None:
    draw, a, b, failed = world(seed)
    failed |= (a == seed % 3) & (b > 4) & (draw.random(len(a)) < 0.5)
    traits = [column(a), column(b, "b", ordered=True)]
    first = trials(failed, traits)
    order = draw.permutation(len(a))
    number = draw.permutation(ITEMS)
    hashes = np.empty(ITEMS, np.uint64)
    hashes[number] = first.source.hash
    back = np.argsort(order)
    turned = [
        Trait(one.name, one.values, lambda row, one=one: one.code(order[row]), one.ordered) for one in traits
    ]
    source = Source(number[first.item[order]], (), turned, hashes)
    again = Trials(back, failed, source) if seed % 2 else Trials(np.arange(len(a)), failed[order], source)
    assert told(find_patterns(first)[0]) == told(find_patterns(again)[0])
