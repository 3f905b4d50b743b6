"""Clusters of located labels say what a person would say, and nothing that chance explains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.judge.located_batch import LocatedBatch, Outcomes
from assay.judge.located_clusters import located_clusters

from .located_batches import Mark, Skill, World, clean, drawn, outcomes_of, scenes, span

Document = dict[str, Any]  # clusters as in report.json, whose parts the tests name


def clusters(world: World, threshold: float = 0.5, *, gold: bool = True) -> list[Document]:
    """The clusters of a world, against gold or between people."""
    batch = world.batch()
    against, between = outcomes_of(batch, threshold)
    return located_clusters(batch, against if gold else None, between)[0]


def texts(found: Sequence[Document]) -> str:
    """All sentences."""
    return "\n".join(one["text"] for one in found)


def with_gap(seed: int, hits: Any, people: Sequence[int] = range(1, 6)) -> World:
    """Equal people of whom some also miss what ``hits`` says of a gold object and the time of its item, in 70 %."""
    draw = np.random.default_rng(seed)
    gold = scenes(draw, 80)
    times = ["night" if draw.random() < 0.4 else "day" for _ in range(80)]
    named = {}
    for n in range(1, 6):
        seen = [m for m in gold if not (n in people and hits(m, times[m.item]) and draw.random() < 0.7)]
        named[f"annotator-{n}"] = drawn(draw, seen, Skill())
    return World(80, gold, named, slices={"time": times})


def small(mark: Mark) -> bool:
    return max(mark.box[2:]) < 30


def test_small_objects_at_night_are_missed() -> None:
    (one, *_) = clusters(with_gap(1, lambda m, time: small(m) and time == "night"))
    assert one["kind"] == "missed"
    assert one["slice"] == {"time": "night", "size": "smaller than 30 px"}
    assert one["text"].startswith("Misses objects smaller than 30 px, where time is “night”: ")
    assert one["low"] < one["share"] < one["high"]
    assert one["lift"] > 5
    assert one["on_items"] >= 5
    assert 1 <= len(one["items"]) <= 8


def test_a_person_who_misses_a_class_is_named() -> None:
    found = clusters(with_gap(2, lambda m, _: m.label == 1, people=[4]))
    assert found[0]["annotators"] == ["annotator-4"]
    assert found[0]["values"] == ["van", "(nothing)"]
    assert found[0]["text"].startswith("annotator-4 misses “van”: ")


@pytest.mark.parametrize("seed", range(3, 8))
def test_a_gap_is_among_the_first_three_clusters_between_people(seed: int) -> None:
    found = clusters(with_gap(seed, lambda m, time: small(m) and time == "night"), gold=False)
    assert any("night" in str(one["slice"]) and one["kind"] == "alone" for one in found[:3])


def test_one_class_for_another() -> None:
    draw = np.random.default_rng(9)
    gold = scenes(draw, 60, classes=4)
    named = {}
    for n in range(1, 4):
        marks = drawn(draw, gold, replace(Skill(), confused=0.0), classes=4)
        named[f"annotator-{n}"] = [
            replace(m, label=0) if m.label == 2 and draw.random() < 0.6 else m for m in marks
        ]
    found = clusters(World(60, gold, named, classes=("car", "bus", "van", "bike")))
    assert found[0]["values"] == ["van", "car"]
    assert found[0]["text"].startswith("“car” for “van”: ")


def test_an_edge_that_is_off_is_told_with_its_direction() -> None:
    draw = np.random.default_rng(10)
    gold = scenes(draw, 60)
    named = {}
    for n in range(1, 4):
        marks = drawn(draw, gold, Skill())
        named[f"annotator-{n}"] = [
            replace(m, box=(m.box[0], m.box[1], m.box[2] * 3, m.box[3])) if draw.random() < 0.1 else m
            for m in marks
        ]
    found = [one for one in clusters(World(60, gold, named)) if one["kind"] == "loose"]
    assert "the right edge is too far out" in found[0]["text"]


def sentences(draw: np.random.Generator, items: int = 60) -> tuple[list[Mark], list[Mark]]:
    """Gold spans before a comma, and the same with the comma behind them."""
    gold, after = [], []
    for item in range(items):
        for n in range(4):
            word = "".join(draw.choice(list("abcdefgh"), 6))
            gold.append(span(item, 40 * n, word))
            after.append(span(item, 40 * n, word + ","))
    return gold, after


def test_the_end_of_a_span_after_the_comma() -> None:
    draw = np.random.default_rng(11)
    gold, after = sentences(draw)
    named = {
        f"annotator-{n}": [a if draw.random() < 0.3 else g for g, a in zip(gold, after, strict=True)]
        for n in range(1, 4)
    }
    world = World(60, gold, named, classes=("name",), kind="spans")
    (one,) = clusters(world, threshold=1.0)
    assert one["kind"] == "ends"
    assert one["text"].startswith("For spans, the end is put after the comma: ")
    (other,) = clusters(world, threshold=1.0, gold=False)
    assert other["text"].startswith("Of spans, one of two people puts the end after the comma: ")


@pytest.mark.parametrize(
    ("gold", "given", "said"),
    [
        ("dogs", "the dogs", "the start is put before the word “the”"),
        ("the dogs", "dogs", "the start is put after the word “the”"),
        ("dogs", "dogs ", "the end is put after a blank"),
        ("dogs", "dogs.", "the end is put after the full stop"),
        ("dogs.", "dogs", "the end is put before the full stop"),
        ("dogs, cats", "dogs", "the end is put before the comma and words beside it"),
        ("dogs", "dogs and cats", "the end is put after several words"),
        ("dogs", "dog", "the end is put before a part of a word"),
        ("name", "@name", "the start is put before the @"),
    ],
)
def test_the_ways_in_which_ends_differ(gold: str, given: str, said: str) -> None:
    shift = given.find(gold) if gold in given else -gold.find(given)
    wanted = [span(n, 50, gold) for n in range(20)]
    others = [span(n, 200, "right") for n in range(20)]
    off = [span(n, 50 - shift, given) for n in range(20)]
    world = World(
        20, wanted + others, {"a": off + others, "b": wanted + others}, classes=("x",), kind="spans"
    )
    assert said in texts(clusters(world, threshold=1.0))


def test_spans_of_one_form_are_told_by_it() -> None:
    draw = np.random.default_rng(12)
    gold = [
        span(item, 50 * n, ("@" if n == 0 else "") + "".join(draw.choice(list("abcdefgh"), 7)))
        for item in range(60) for n in range(4)
    ]  # fmt: skip
    named = {f"annotator-{n}": [m for m in gold if not (m.text or "").startswith("@")] for n in range(1, 4)}
    (one,) = clusters(World(60, gold, named, classes=("name",), kind="spans"), threshold=1.0)
    assert one["slice"] == {"form": "beginning with @"}
    assert one["text"].startswith("Misses spans beginning with @: 180 of 180 (100%)")


def test_attributes_of_objects_are_slices() -> None:
    draw = np.random.default_rng(13)
    gold = [
        replace(m, attributes=f'{{"occluded":{str(draw.random() < 0.3).lower()}}}') for m in scenes(draw, 60)
    ]
    named = {
        f"annotator-{n}": drawn(
            draw, [m for m in gold if not ("true" in (m.attributes or "") and draw.random() < 0.5)], Skill()
        )
        for n in range(1, 4)
    }
    assert clusters(World(60, gold, named))[0]["slice"] == {"occluded": "yes"}


def test_a_slice_of_the_manifest_keeps_its_name_beside_one_for_free() -> None:
    world = with_gap(14, lambda m, time: small(m) and time == "night")
    world = replace(world, slices={"size": world.slices["time"]})
    assert clusters(world)[0]["slice"] == {"size": "night", "object size": "smaller than 30 px"}


def test_what_is_told_and_the_rest_make_up_all_errors() -> None:
    batch = with_gap(15, lambda m, time: small(m) and time == "night").batch()
    against, between = outcomes_of(batch)
    found, rest = located_clusters(batch, against, between)
    assert rest is not None
    assert sum(one["count"] for one in found) + rest["count"] == rest["of"]  # type: ignore[misc, operator]
    assert against is not None
    assert rest["of"] == int((against.kind > 0).sum())


def test_without_errors_or_outcomes_there_is_no_cluster() -> None:
    gold = scenes(np.random.default_rng(16), 10)
    batch = World(10, gold, {"a": gold, "b": gold}).batch()
    against, between = outcomes_of(batch)
    assert located_clusters(batch, against, between) == ([], {"count": 0, "share": 0.0, "of": 0})
    assert located_clusters(batch, None, None) == ([], None)


@pytest.mark.parametrize("gold", [True, False])
def test_chance_makes_clusters_of_conditions_in_few_clean_batches(gold: bool) -> None:
    told = [
        any(one["slice"] or one["annotators"] for one in clusters(clean(seed), gold=gold))
        for seed in range(20)
    ]
    assert sum(told) <= 3


def renamed(
    batch: LocatedBatch, outcomes: Outcomes, order: np.ndarray, *, of_people: bool
) -> tuple[LocatedBatch, Outcomes]:
    """The same batch with its objects in another order (``left`` and ``right`` follow)."""
    place = np.argsort(order)
    marks, by = batch.marks.take(order), batch.by[order]
    batch = replace(batch, marks=marks, by=by, final=marks, final_by=by)
    moved = np.where(outcomes.right >= 0, place[np.maximum(outcomes.right, 0)], -1)
    left = (
        np.where(outcomes.left >= 0, place[np.maximum(outcomes.left, 0)], -1) if of_people else outcomes.left
    )
    return batch, replace(outcomes, right=moved, left=left)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), of_people=st.booleans())
def test_the_order_of_objects_and_of_outcomes_changes_nothing(seed: int, of_people: bool) -> None:
    draw = np.random.default_rng(seed)
    batch = with_gap(seed, lambda m, time: small(m) and time == "night", people=[1, 2]).batch()
    both = outcomes_of(batch)
    outcomes = both[1] if of_people else both[0]
    assert outcomes is not None
    again, turned = renamed(batch, outcomes, draw.permutation(len(batch.marks)), of_people=of_people)
    turned = turned.take(draw.permutation(len(turned)))
    pairs = [
        located_clusters(one, *((None, rows) if of_people else (rows, None)))
        for one, rows in ((batch, outcomes), (again, turned))
    ]
    assert pairs[0] == pairs[1]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), gold=st.booleans())
def test_names_and_the_order_of_items_change_nothing_but_names(seed: int, gold: bool) -> None:
    draw = np.random.default_rng(seed)
    world = with_gap(seed, lambda m, time: small(m) and time == "night", people=[3])
    first = world.batch()
    names = sorted(world.people)
    new = dict(zip(names, draw.permutation(names).tolist(), strict=True))
    items = draw.permutation(world.items)
    number = np.empty(world.items, np.uint64)
    number[items] = first.facts.number

    def moved(marks: Sequence[Mark]) -> list[Mark]:
        return [replace(m, item=int(items[m.item])) for m in marks]

    times = np.empty(world.items, dtype=object)
    times[items] = world.slices["time"]
    second = replace(
        world, gold=moved(world.gold), people={new[name]: moved(world.people[name]) for name in names},
        slices={"time": times.tolist()}, number=number,
    )  # fmt: skip
    expected = clusters(world, gold=gold)
    for one in expected:
        one["annotators"] = one["annotators"] and [new[name] for name in one["annotators"]]
        one["text"] = re.sub(r"annotator-\d", lambda name: new[name.group()], one["text"])
        for item in one["items"]:
            item["answers"] = None
    found = clusters(second, gold=gold)
    for one in found:
        for item in one["items"]:
            item["answers"] = None
    assert found == expected
