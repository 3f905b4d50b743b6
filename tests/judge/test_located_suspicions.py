"""Suspicions of located labels name the person who stands out, and nobody on clean batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from assay.annotation.finding import Finding
from assay.judge.located_clusters import located_clusters
from assay.judge.located_suspicions import located_suspicions

from .located_batches import Mark, Skill, World, clean, drawn, outcomes_of, scenes, span


def suspicions(world: World, threshold: float = 0.5, *, gold: bool = True) -> list[Finding]:
    """All suspicions of a world."""
    batch = world.batch()
    against, between = outcomes_of(batch, threshold)
    return located_suspicions(batch, against if gold else None, between)


def named(found: Sequence[Finding]) -> dict[str, list[str]]:
    """Subjects by kind."""
    out: dict[str, list[str]] = {}
    for one in found:
        out.setdefault(one.kind, []).append(one.subject)
    return out


def with_one(
    seed: int, make: Callable[[np.random.Generator, Sequence[Mark], Sequence[Mark]], list[Mark]]
) -> World:
    """A clean world in which annotator-3 is somebody else: made of a generator, gold, and annotator-1's objects."""
    world = clean(seed, items=50)
    draw = np.random.default_rng(seed + 10_000)
    people = dict(world.people)
    people["annotator-3"] = make(draw, world.gold, people["annotator-1"])
    return replace(world, people=people)


def test_who_misses_more_than_the_others_is_named_with_the_kind_of_error() -> None:
    world = with_one(1, lambda draw, gold, _: drawn(draw, gold, Skill(missed=0.3)))
    found = suspicions(world)
    assert named(found) == {"worse_than_others": ["annotator-3"], "worse_on_gold": ["annotator-3"]}
    texts = {one.kind: one.text for one in found}
    assert "misses " in texts["worse_on_gold"]
    assert "On gold: right on " in texts["worse_than_others"]
    assert suspicions(world, gold=False)[0].subject == "annotator-3"


def test_fields_that_differ_have_a_wrong_value_and_are_not_loose() -> None:
    batch = with_one(2, lambda draw, gold, _: drawn(draw, gold, Skill(off=0.4))).batch()
    against, between = outcomes_of(batch)
    fields = replace(batch, kind="fields")
    texts = [one.text for one in located_suspicions(fields, against, between)]
    texts += [str(cluster["text"]) for cluster in located_clusters(fields, against, between)[0]]
    texts += [str(cluster["text"]) for cluster in located_clusters(fields, None, between)[0]]
    for said in ("have a wrong value", "gives fields a wrong value", "different values"):
        assert any(said in text for text in texts), said
    assert not any("loose" in text for text in texts)


def test_who_marks_what_is_not_there_is_named() -> None:
    world = with_one(2, lambda draw, gold, _: drawn(draw, gold, Skill(extra=0.4)))
    (found,) = [one for one in suspicions(world) if one.kind == "worse_on_gold"]
    assert found.subject == "annotator-3"
    assert "are extra" in found.text


def test_two_people_an_item_do_not_blame_the_colleague_of_a_careless_one() -> None:
    draw = np.random.default_rng(3)
    gold = scenes(draw, 120)
    skills = {name: Skill(missed=0.5 if name == "c" else 0.05) for name in "abcdef"}
    pairs = ["ab", "bc", "cd", "de", "ef", "fa"]
    worked = {name: [i for i in range(120) if name in pairs[i % 6]] for name in skills}
    people = {name: drawn(draw, [m for m in gold if m.item in worked[name]], skills[name]) for name in skills}
    found = suspicions(World(120, gold, people, worked=worked), gold=False)
    assert named(found) == {"worse_than_others": ["c"]}


def test_a_copy_of_gold_is_named() -> None:
    found = suspicions(with_one(4, lambda _, gold, __: list(gold)))
    assert named(found) == {"copy_of_gold": ["annotator-3"]}
    assert "on 100.0% of 50 items; 0.0% would fit" in found[0].text


def test_who_copies_three_items_in_four_is_named_where_nobody_else_ever_marks_the_same() -> None:
    def most(draw: np.random.Generator, gold: Sequence[Mark], _: Sequence[Mark]) -> list[Mark]:
        own = [mark for mark in gold if mark.item % 4 == 0]
        return [mark for mark in gold if mark.item % 4] + drawn(draw, own, Skill(off=0.05))

    found = [one for one in suspicions(with_one(4, most)) if one.kind == "copy_of_gold"]
    assert [one.subject for one in found] == ["annotator-3"]


def test_a_copy_of_a_colleague_is_named() -> None:
    found = suspicions(with_one(5, lambda _, __, first: list(first)))
    assert named(found) == {"copy_of_person": ["annotator-1, annotator-3"]}


def test_prelabels_that_everybody_kept_are_no_copies() -> None:
    world = clean(6, items=40)
    kept = world.people["annotator-1"]
    assert suspicions(replace(world, people={f"annotator-{n}": kept for n in range(1, 5)}), gold=False) == []


def test_the_same_box_on_every_item_and_nothing_at_all_are_named() -> None:
    box = (30.0, 30.0, 50.0, 50.0)
    same = suspicions(with_one(7, lambda *_: [Mark(item, 0, box) for item in range(50)]))
    (one,) = [one for one in same if one.kind == "near_constant"]
    assert "marks “car” at the very same place (x 30, y 30, 50 by 50 px) on 100.0% of 50 items" in one.text
    nothing = suspicions(with_one(8, lambda *_: []))
    (one,) = [one for one in nothing if one.kind == "near_constant"]
    assert one.subject == "annotator-3"
    assert "marks nothing on 100.0% of 50 items" in one.text


def test_a_scene_that_never_changes_makes_nobody_constant() -> None:
    gold = [Mark(item, 0, (30.0, 30.0, 50.0, 50.0)) for item in range(50)]
    found = suspicions(World(50, gold, {name: list(gold) for name in "abc"}), gold=False)
    assert found == []


def test_who_marks_objects_twice_is_named() -> None:
    def twice(draw: np.random.Generator, gold: Sequence[Mark], _: Sequence[Mark]) -> list[Mark]:
        marks = drawn(draw, gold, Skill())
        return marks + [m for m in marks if draw.random() < 0.15]

    found = suspicions(with_one(9, twice), gold=False)
    (one,) = [one for one in found if one.kind == "duplicate_objects"]
    assert one.subject == "annotator-3"
    assert "twice, in the same class and place" in one.text


def test_a_hard_slice_is_named_and_blames_nobody() -> None:
    draw = np.random.default_rng(10)
    gold = scenes(draw, 100)
    times = ["fog" if item % 4 == 0 else "clear" for item in range(100)]
    people = {}
    for n in range(1, 6):
        parts = [
            drawn(draw, [m for m in gold if times[m.item] == time], Skill(missed=missed))
            for time, missed in (("fog", 0.35), ("clear", 0.05))
        ]
        people[f"annotator-{n}"] = parts[0] + parts[1]
    assert named(suspicions(World(100, gold, people, slices={"weather": times}))) == {
        "hard_slice": ["weather: fog"]
    }


def words(draw: np.random.Generator, gold: Sequence[Mark], wrong: float) -> list[Mark]:
    """Spans of which some end elsewhere, each in its own way."""
    return [
        span(m.item, int(m.box[0]), "x" * int(m.box[2] + draw.integers(1, 12)))
        if draw.random() < wrong
        else m
        for m in gold
    ]


def test_of_spans_a_copy_shows_where_people_differ() -> None:
    draw = np.random.default_rng(11)
    gold = [span(item, 40 * n, "x" * int(draw.integers(3, 12))) for item in range(80) for n in range(3)]
    people = {f"annotator-{n}": words(draw, gold, 0.25) for n in range(1, 5)}
    people["annotator-5"] = list(people["annotator-2"])
    world = World(80, gold, people, classes=("name",), kind="spans")
    assert named(suspicions(world, 1.0))["copy_of_person"] == ["annotator-2, annotator-5"]
    del people["annotator-5"]
    assert suspicions(replace(world, people=people), 1.0) == []


def test_of_spans_gold_is_copied_where_nobody_else_is_without_error() -> None:
    draw = np.random.default_rng(12)
    gold = [span(item, 40 * n, "x" * int(draw.integers(3, 12))) for item in range(80) for n in range(3)]
    people = {f"annotator-{n}": words(draw, gold, 0.1) for n in range(1, 4)} | {"annotator-4": list(gold)}
    found = suspicions(World(80, gold, people, classes=("name",), kind="spans"), 1.0)
    assert named(found) == {"copy_of_gold": ["annotator-4"]}


@pytest.mark.parametrize("gold", [True, False])
def test_clean_batches_show_a_suspicion_in_at_most_five_per_cent(gold: bool) -> None:
    assert sum(bool(suspicions(clean(seed, items=30), gold=gold)) for seed in range(40)) <= 3


def test_of_two_people_alone_neither_is_told_from_the_other_without_gold() -> None:
    world = clean(5, items=50)
    people = dict(list(world.people.items())[:1])
    (name,) = people
    people["annotator-2"] = drawn(np.random.default_rng(9), world.gold, Skill(missed=0.4))
    found = suspicions(replace(world, people=people), gold=False)
    assert [one.subject for one in found if one.kind == "worse_than_others"] == []
    assert name not in {one.subject for one in suspicions(replace(world, people=people))}


def test_one_person_alone_is_measured_without_a_word() -> None:
    world = clean(13, items=30)
    alone = replace(world, people={"a": world.people["annotator-1"]})
    assert suspicions(alone) == []
    assert suspicions(replace(alone, people={"a": []})) == []
