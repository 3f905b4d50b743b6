"""Which items are drawn, with which layers, objects and errors."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.judge.drawn import MOST_ERRORS, MOST_OBJECTS, drawn_items
from assay.judge.drawn_choice import exemplars_in_turn
from tests.judge.located_desk import Desk, made
from tests.judge.located_marks import Drawn, box, field, span

SIZE = (640, 480)


def _drawn(kind, classes, desks, named=(), most=24):
    batch = made(kind, classes, desks)
    return drawn_items(batch.batch, *batch.sides, named, most)


def _errors(item):
    return [(error["kind"], error["text"]) for error in item["errors"]]


def test_every_kind_of_error_against_gold_is_named_with_its_objects() -> None:
    gold = [box(0, 0, 100, 60), box(300, 0, 40, 40), box(0, 200, 80, 40), box(400, 400, 40, 40), box(200, 400, 30, 30), box(230, 400, 30, 30)]  # fmt: skip
    own = [
        box(0, 0, 50, 60), box(50, 0, 50, 60), box(300, 0, 40, 40, label=1), box(40, 200, 80, 40), box(500, 100, 20, 20),
        box(200, 400, 60, 30),
    ]  # fmt: skip
    [item] = _drawn("boxes", ("car", "van"), [Desk("a.jpg", {"annotator-1": own}, gold, SIZE)])
    assert sorted(_errors(item)) == [
        ("extra", "car: annotator-1 marks it, gold does not"),
        ("loose", "car: annotator-1 overlaps it by 0.33 only"),
        ("merged", "car: annotator-1 draws 2 as one"),
        ("missed", "car: annotator-1 misses it"),
        ("split", "car: annotator-1 draws it in 2 parts"),
        ("wrong_class", "car in gold, van for annotator-1"),
    ]
    by_kind = {error["kind"]: error["objects"] for error in item["errors"]}
    assert [layer for layer, _ in by_kind["split"]] == [0, 1, 1]
    assert [layer for layer, _ in by_kind["merged"]] == [0, 0, 1]
    for error in item["errors"]:
        for layer, number in error["objects"]:
            thing = item["layers"][layer]["objects"][number - 1]
            assert (thing["number"], thing["error"]) == (number, error["kind"])
    assert (
        item["text"]
        == "annotator-1 against gold: 1 missed, 1 extra, 1 wrong class, 1 loose, 1 split, 1 merged."
    )


def test_an_item_without_gold_shows_the_two_people_who_differ_most() -> None:
    alike = [box(10, 10, 50, 50)]
    desk = Desk(
        "b.jpg",
        {"annotator-1": alike, "annotator-2": alike, "annotator-3": [box(300, 300, 50, 50)]},
        None,
        SIZE,
    )
    [item] = _drawn("boxes", ("car",), [desk])
    assert [layer["who"] for layer in item["layers"]] == ["annotator-1", "annotator-3"]
    assert not item["of_gold"]
    assert not any(layer["gold"] for layer in item["layers"])
    assert _errors(item) == [
        ("missed", "car: only annotator-1 marks it"),
        ("extra", "car: only annotator-3 marks it"),
    ]


def test_named_items_come_first_and_every_kind_of_error_has_an_item() -> None:
    fine = [box(10, 10, 50, 50)]
    desks = [Desk(f"fine-{n}.jpg", {"annotator-1": fine}, fine, SIZE) for n in range(5)]
    desks += [Desk(f"missed-{n}.jpg", {"annotator-1": []}, fine, SIZE) for n in range(30)]
    desks += [Desk("wrong.jpg", {"annotator-1": [box(10, 10, 50, 50, label=1)]}, fine, SIZE)]
    found = _drawn("boxes", ("car", "van"), desks, ["fine-3.jpg", "unknown.jpg"], most=6)
    assert len(found) == 6
    assert found[0]["item"] == "fine-3.jpg"
    assert found[0]["text"] == "annotator-1 against gold: no difference."
    assert {"missed", "wrong_class"} == {error["kind"] for item in found for error in item["errors"]}


def test_some_items_without_gold_are_drawn_beside_those_with_gold() -> None:
    one = [box(10, 10, 50, 50)]
    desks = [Desk(f"gold-{n}.jpg", {"annotator-1": [], "annotator-2": one}, one, SIZE) for n in range(20)]
    desks += [Desk(f"people-{n}.jpg", {"annotator-1": [], "annotator-2": one}, None, SIZE) for n in range(20)]
    found = _drawn("boxes", ("car",), desks, most=9)
    assert sum(item["of_gold"] for item in found) == 6
    assert sum(not item["of_gold"] for item in found) == 3


def test_ends_of_spans_are_told_in_characters() -> None:
    desks = [
        Desk("m-1", {"annotator-1": [span((4, 12))]}, [span((4, 10))]),
        Desk("m-2", {"annotator-1": [span((1, 3), (5, 11))]}, [span((0, 3), (5, 10))]),
    ]
    batch = made("spans", ("date",), desks, threshold=1.0)
    found = {item["item"]: item for item in drawn_items(batch.batch, *batch.sides, ())}
    assert _errors(found["m-1"]) == [("loose", "date: annotator-1 ends 2 characters later")]
    assert _errors(found["m-2"]) == [
        ("loose", "date: annotator-1 starts 1 character later and ends 1 character later")
    ]
    assert found["m-2"]["layers"][0]["objects"][0]["parts"] == [[0, 3], [5, 10]]


def test_fields_carry_their_values() -> None:
    desk = Desk("invoice", {"annotator-1": [field("total", "12.40")]}, [field("total", "12.48")], (600, 800))
    [item] = _drawn("fields", ("total",), [desk])
    assert [layer["objects"][0]["text"] for layer in item["layers"]] == ["12.48", "12.40"]
    assert _errors(item) == [("wrong_value", "total: “12.48”, for annotator-1 “12.40”")]


def test_a_wrong_attribute_of_a_matched_object_is_told_with_both_values() -> None:
    gold = [
        box(0, 0, 40, 40, attributes={"occluded": "no", "colour": "red"}),
        box(100, 0, 40, 40, attributes={"occluded": "no"}),
    ]
    own = [box(0, 0, 40, 40, attributes={"occluded": "yes", "colour": "red"}), box(100, 0, 40, 40)]
    [item] = _drawn("boxes", ("car",), [Desk("a.jpg", {"annotator-1": own}, gold, SIZE)])
    assert _errors(item) == [
        ("attribute", "car: occluded “no” in gold, “yes” for annotator-1"),
        ("attribute", "car: occluded “no” in gold, no value for annotator-1"),
    ]
    assert item["layers"][1]["objects"][0]["error"] == "attribute"
    assert item["text"] == "annotator-1 against gold: 2 attribute."


def test_a_crowded_item_keeps_its_errors_within_the_limits() -> None:
    grid = [box(20.0 * x, 20.0 * y, 15, 15) for x in range(20) for y in range(20)]
    desk = Desk("crowd.jpg", {"annotator-1": [*grid[:-10], box(600, 500, 9, 9)]}, grid, (800, 800))
    [item] = _drawn("boxes", ("car",), [desk])
    assert all(len(layer["objects"]) == MOST_OBJECTS for layer in item["layers"])
    assert len(item["errors"]) == 11 <= MOST_ERRORS
    assert sum(thing["error"] == "missed" for thing in item["layers"][0]["objects"]) == 10


def test_exemplars_of_clusters_take_turns() -> None:
    clusters = [
        {"items": [{"item": "a"}, {"item": "b"}, {"item": "c"}]},
        {"items": [{"item": "d"}, {"item": "a"}]},
    ]
    assert exemplars_in_turn(clusters) == ["a", "d", "b", "c"]


@st.composite
def desks(draw: st.DrawFn) -> list[Desk]:
    grid = st.builds(
        lambda x, y, w, h, label: box(10.0 * x, 10.0 * y, 10.0 * w, 10.0 * h, label=label),
        st.integers(0, 8), st.integers(0, 8), st.integers(1, 4), st.integers(1, 4), st.integers(0, 1),
    )  # fmt: skip
    some = st.lists(grid, max_size=4, unique_by=lambda one: (tuple(one.box), one.label))
    found = []
    for number in range(draw(st.integers(1, 5))):
        by = {
            who: draw(some) for who in draw(st.sets(st.sampled_from(("anna", "berta", "carla")), min_size=1))
        }
        found.append(Desk(f"item-{number}", by, draw(st.none() | some), SIZE))
    return found


@settings(max_examples=60, deadline=None)
@given(desks(), st.integers(0, 1_000))
def test_the_drawing_does_not_depend_on_the_order_of_items_or_objects(
    given_desks: list[Desk], seed: int
) -> None:
    shuffle = random.Random(seed)

    def mixed(some: list[Drawn]) -> list[Drawn]:
        return shuffle.sample(some, len(some))

    other = [
        replace(desk, by={who: mixed(list(some)) for who, some in desk.by.items()}, gold=None if desk.gold is None else mixed(list(desk.gold)))
        for desk in shuffle.sample(given_desks, len(given_desks))
    ]  # fmt: skip
    first, second = (_drawn("boxes", ("car", "van"), some, most=3) for some in (given_desks, other))
    assert [item["item"] for item in first] == [item["item"] for item in second]
    for one, two in zip(first, second, strict=True):
        assert [layer["who"] for layer in one["layers"]] == [layer["who"] for layer in two["layers"]]
        assert [layer["objects"] for layer in one["layers"]] == [layer["objects"] for layer in two["layers"]]


@settings(max_examples=60, deadline=None)
@given(desks())
def test_what_is_drawn_is_what_was_marked(given_desks: list[Desk]) -> None:
    by_name = {desk.name: desk for desk in given_desks}
    for item in _drawn("boxes", ("car", "van"), given_desks):
        desk = by_name[item["item"]]
        assert item["of_gold"] == (desk.gold is not None)
        for layer in item["layers"]:
            marked = desk.gold if layer["gold"] else desk.by[layer["who"]]
            assert sorted(thing["box"] for thing in layer["objects"]) == sorted(
                list(map(float, one.box)) for one in marked or ()
            )
            assert all(np.isfinite(thing["box"]).all() for thing in layer["objects"])
