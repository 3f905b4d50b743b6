"""Figures of located objects: who is compared, states, F1, errors by kind and units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.measure.candidates import Candidates, Objects
from assay.measure.comparisons import Work, against_gold, two_sides
from assay.measure.located import LocatedState, confusions, located_f1, states_at
from assay.measure.located_errors import LOOSE_FROM, ErrorKind, located_errors
from assay.measure.located_units import UnitFrame, instance_state, label_state, located_units, people_matches
from assay.measure.matching import match
from assay.measure.nominal import coefficients, moments
from assay.measure.undefined import Undefined

from .located_scenes import CLASSES, Scene, agreement, objects, scene, shuffled, sides


def brute_pairwise_f1(given: Scene) -> float:
    matched = both = 0
    for item in np.unique(given.work.item):
        people = given.work.annotator[given.work.item == item]
        for place, one in enumerate(people):
            for other in people[place + 1 :]:
                first, second = (
                    given.objects.take((given.objects.item == item) & (given.annotator == p))
                    for p in (one, other)
                )
                f1 = located_f1(first, second)
                if not isinstance(f1, Undefined):
                    both += len(first) + len(second)
                    matched += round(f1 * (len(first) + len(second)) / 2)
    return 2 * matched / both


@pytest.mark.parametrize("seed", range(6))
def test_pairwise_f1_is_that_of_all_pairs_of_people_on_every_item(seed: int) -> None:
    given = scene(seed)
    assert agreement(given).f1() == pytest.approx(brute_pairwise_f1(given), abs=1e-12)


def counts_of(state: LocatedState) -> tuple[list[int], ...]:
    """What pairwise F1 and the mean overlap rest on, per item."""
    k = state.classes
    single = state.rows[:, k : 2 * k] + state.rows[:, 2 * k : 3 * k]
    return tuple(
        part.tolist() for part in (state.rows[:, :k], single, state.rows[:, 3 * k : 3 * k + 2], state.overlap)
    )


@pytest.mark.parametrize("seed", range(12))
def test_pairwise_f1_is_the_same_when_people_are_renamed_and_objects_shuffled(seed: int) -> None:
    given = scene(seed, grid=8.0)
    told = counts_of(agreement(given))
    for turn in range(3):
        assert counts_of(agreement(shuffled(given, turn))) == told


def test_somebody_who_drew_nothing_took_part_and_somebody_without_a_file_did_not() -> None:
    box = sides([0], [0], [[0, 0, 10, 10]])
    drew = np.array([0])
    alone = Scene(box, drew, Work(np.array([0]), np.array([0])))
    assert agreement(alone).items == 0
    empty_file = replace(alone, work=Work(np.array([0, 0]), np.array([0, 1])))
    assert (agreement(empty_file).items, agreement(empty_file).f1()) == (1, 0)
    stranger = replace(alone, work=Work(np.array([0]), np.array([1])))
    with pytest.raises(ValueError, match="without having worked on it"):
        agreement(stranger)
    with pytest.raises(ValueError, match="twice"):
        Work(np.array([0, 0]), np.array([1, 1]))


def gold_state(given: Scene, gold: Objects, items: np.ndarray, people: list[int]) -> LocatedState:
    kept, worked = np.isin(given.annotator, people), np.isin(given.work.annotator, people)
    rows = int(given.work.item.max()) + 1
    total = LocatedState.empty(CLASSES, rows)
    for task in against_gold(
        gold, items, given.objects.take(kept), given.annotator[kept], given.work.take(worked)
    ):
        total += states_at(task, task.item, [0.5], classes=CLASSES, rows=rows)[0]
    return total


def test_f1_against_gold_of_one_person_does_not_change_when_the_boxes_of_another_do() -> None:
    given = scene(3)
    gold_items = np.arange(0, 20, 2)
    truth = given.objects.take((given.annotator == 0) & np.isin(given.objects.item, gold_items))
    alone = gold_state(given, truth, gold_items, [1])
    rows = 20
    for task in against_gold(truth, gold_items, given.objects, given.annotator, given.work):
        mine = task.second == 1
        (state,) = states_at(task, np.where(mine, task.item, rows), [0.5], classes=CLASSES, rows=rows + 1)
    assert np.array_equal(state.rows[:rows, : 3 * CLASSES], alone.rows[:, : 3 * CLASSES])
    assert alone.matched.sum() > 0


def test_states_of_parts_of_the_items_add_up_to_that_of_all() -> None:
    given = scene(4)
    whole = agreement(given)
    total = LocatedState.empty(CLASSES, 20)
    for part in (given.objects.item < 7, given.objects.item >= 7):
        low = part[0]
        worked = (given.work.item < 7) == low
        some = agreement(Scene(given.objects.take(part), given.annotator[part], given.work.take(worked)))
        rows = np.zeros_like(total.rows)
        rows[: len(some.rows)] = some.rows
        overlap = np.zeros_like(total.overlap)
        overlap[: len(some.rows)] = some.overlap
        total += LocatedState(rows, overlap)
    assert np.array_equal(total.rows, whole.rows)
    assert np.array_equal((total - whole).overlap, np.zeros_like(whole.overlap))


def test_states_by_hand_and_items_without_a_mistake() -> None:
    gold = sides([0, 0, 0, 1], [0, 0, 1, 1], [[0, 0, 10, 10], [20, 0, 10, 10], [40, 0, 10, 10], [0, 0, 4, 4]])
    given = sides(
        [0, 0, 0, 1], [0, 1, 1, 1], [[0, 0, 10, 10], [20, 0, 10, 10], [80, 0, 10, 10], [0, 0, 4, 4]]
    )
    task = two_sides(gold, given, np.array([0, 1]))
    (state,) = states_at(task, task.item, [0.5], classes=2, rows=2)
    assert (state.matched.tolist(), state.extra.tolist(), state.missed.tolist()) == ([1, 1], [0, 2], [1, 1])
    assert state.rows[:, 6:].tolist() == [[0, 1, 3], [1, 1, 1]]
    assert (state.f1(), state.f1(0), state.items) == (0.5, pytest.approx(2 / 3), 2)
    nothing = sides([], [], [])
    assert isinstance(located_f1(nothing, nothing), Undefined)


def test_the_confusion_table_holds_every_object_once() -> None:
    gold = sides([0, 0, 0], [0, 0, 1], [[0, 0, 10, 10], [20, 0, 10, 10], [40, 0, 10, 10]])
    given = sides([0, 0], [0, 1], [[0, 0, 10, 10], [20, 0, 10, 10]])
    task = two_sides(gold, given, np.array([0]))
    table = confusions(task, match(task.left, task.right, task.near(0.5)), classes=2)
    assert table.tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 0]]


def kinds(gold: Objects, given: Objects) -> tuple[list[str], list[str], dict[str, int]]:
    task = two_sides(gold, given, np.array([0]))
    errors = located_errors(task, task.near(LOOSE_FROM), 0.5)
    counts = errors.counts(task, np.zeros(1, np.int64), 1)[0]
    told = {kind.name: int(counts[kind]) for kind in ErrorKind if kind and counts[kind]}
    sorted_back = np.argsort(task.left_index), np.argsort(task.right_index)
    return (
        [ErrorKind(kind).name for kind in errors.left[sorted_back[0]]],
        [ErrorKind(kind).name for kind in errors.right[sorted_back[1]]],
        told,
    )


WHOLE_BOX = [0.0, 0, 100, 10]


@pytest.mark.parametrize(
    ("gold", "given", "expected"),
    [
        ([(0, WHOLE_BOX)], [(0, WHOLE_BOX)], {}),
        ([(0, WHOLE_BOX)], [], {"MISSED": 1}),
        ([], [(0, WHOLE_BOX)], {"EXTRA": 1}),
        ([(0, WHOLE_BOX)], [(1, WHOLE_BOX)], {"WRONG_CLASS": 1}),
        ([(0, WHOLE_BOX)], [(0, [0.0, 0, 30, 10])], {"LOOSE": 1}),
        ([(0, WHOLE_BOX)], [(0, [0.0, 0, 5, 10])], {"MISSED": 1, "EXTRA": 1}),
        ([(0, WHOLE_BOX)], [(0, [0.0, 0, 45, 10]), (0, [50.0, 0, 45, 10])], {"SPLIT": 1}),
        ([(0, WHOLE_BOX)], [(0, [0.0, 0, 60, 10]), (0, [60.0, 0, 40, 10])], {"SPLIT": 1}),
        ([(0, [0.0, 0, 45, 10]), (0, [50.0, 0, 45, 10])], [(0, WHOLE_BOX)], {"MERGED": 1}),
        ([(0, WHOLE_BOX)], [(0, WHOLE_BOX), (0, [1.0, 0, 99, 10])], {"EXTRA": 1}),
        ([(0, WHOLE_BOX)], [(0, [0.0, 0, 45, 10]), (1, [50.0, 0, 45, 10])], {"LOOSE": 1, "EXTRA": 1}),
    ],
)
def test_errors_by_kind(gold: list, given: list, expected: dict[str, int]) -> None:
    def side(rows: list) -> Objects:
        return sides([0] * len(rows), [row[0] for row in rows], [row[1] for row in rows])

    assert kinds(side(gold), side(given))[2] == expected


@settings(max_examples=100)
@given(objects(items=1), objects(items=1))
def test_every_object_has_one_kind_and_matches_are_right_or_split_or_merged(
    gold: Objects, given: Objects
) -> None:
    left, right, counts = kinds(gold, given)
    assert not set(left) & {"EXTRA"}
    assert not set(right) & {"MISSED"}
    assert left.count("LOOSE") == right.count("LOOSE") == counts.get("LOOSE", 0)
    assert left.count("WRONG_CLASS") >= counts.get("WRONG_CLASS", 0)
    assert counts.get("MISSED", 0) == left.count("MISSED")


def units_of(given: Scene) -> tuple[list[tuple], int]:
    pairs = people_matches(given.objects, given.annotator, given.work)
    units = located_units(given.objects, given.annotator, pairs)
    rows = [
        tuple(row)
        for row in np.column_stack([given.objects.item, given.objects.label, given.objects.box]).tolist()
    ]
    groups: dict[int, list[tuple]] = {}
    for row, unit in zip(rows, units.of_object.tolist(), strict=True):
        groups.setdefault(unit, []).append(row)
    return sorted(sorted(group) for group in groups.values()), units.refused


@pytest.mark.parametrize("seed", range(12))
def test_units_are_the_same_when_people_are_renamed_and_objects_shuffled(seed: int) -> None:
    given = scene(seed, people=6, grid=8.0)
    told = units_of(given)
    for turn in range(3):
        assert units_of(shuffled(given, turn)) == told


@pytest.mark.parametrize("seed", range(6))
def test_no_unit_holds_one_person_twice(seed: int) -> None:
    given = scene(seed, people=6, grid=8.0)
    pairs = people_matches(given.objects, given.annotator, given.work)
    units = located_units(given.objects, given.annotator, pairs)
    held = list(zip(units.of_object.tolist(), given.annotator.tolist(), strict=True))
    assert len(held) == len(set(held))
    assert (units.item[units.of_object] == given.objects.item).all()


def test_a_merge_that_would_hold_a_person_twice_is_refused_and_counted() -> None:
    line = sides([0] * 4, [0] * 4, [[0, 0, 10, 10], [2, 0, 10, 10], [4, 0, 10, 10], [5, 0, 10, 10]])
    pairs = Candidates(np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([0.6, 0.6, 0.9]))
    units = located_units(line, np.array([0, 1, 2, 0]), pairs)
    assert units.refused == 1
    assert units.of_object[2] == units.of_object[3] != units.of_object[0] == units.of_object[1]


def test_label_alpha_is_over_objects_that_two_people_saw_and_instance_alpha_counts_absence() -> None:
    box = [0.0, 0, 10, 10]
    given = sides([0, 0, 1, 1, 2], [0, 0, 1, 1, 0], [box] * 5)
    annotator, work = np.array([0, 1, 0, 1, 0]), Work(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1] * 3))
    units = located_units(given, annotator, people_matches(given, annotator, work))
    frame = UnitFrame.plain(np.arange(3), 3, 2)
    labels = label_state(units, given.label, frame, classes=2)
    instances = instance_state(units, given.label, work, frame, classes=2)
    found = moments(labels, np.ones(1))
    assert float(coefficients(found, 2)["krippendorff_alpha"]) == 1
    assert labels.units[:, 2:].sum() == 2
    assert float(moments(instances, np.ones(1)).observed) == pytest.approx(2 / 3)


@settings(max_examples=50)
@given(st.integers(0, 10_000))
def test_people_are_interchangeable_against_gold(seed: int) -> None:
    given = scene(seed, items=4, people=3)
    gold_items = np.arange(4)
    truth = scene(seed + 1, items=4, people=1).objects
    names = np.array([2, 0, 1])
    turned = shuffled(given, seed, names)
    for person in range(3):
        one = (
            gold_state(given, truth, gold_items, [person]) if (given.work.annotator == person).any() else None
        )
        if one is not None and len(turned.work):
            other = gold_state(turned, truth, gold_items, [int(names[person])])
            size = min(len(one.rows), len(other.rows))
            assert np.array_equal(one.rows[:size], other.rows[:size])
