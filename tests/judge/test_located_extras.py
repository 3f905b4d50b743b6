"""The section ``located``: figures of each kind worked out by hand, and their laws."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.judge.figures import Method
from assay.judge.flow import judge_request
from assay.judge.located_evidence import defect_rate, named_counts
from assay.judge.located_measure import measure_located
from assay.judge.request import Request
from assay.measure.comparisons import Work
from assay.measure.overlap_masks import Mask, boundary_iou
from tests.judge.located_marks import (
    Drawn,
    batch_of,
    box,
    extras_of,
    field,
    joints,
    mask,
    span,
)


def far(item: int, at: int, **more: object) -> Drawn:
    """A box apart from all others of its item."""
    return box(100 * at, 0, 50, 50, item=item, **more)


def test_without_gold_and_with_one_person_there_is_nothing_to_compare() -> None:
    found = extras_of(batch_of("boxes", {"p": [far(0, 0)]}))
    assert found["gold"] is None
    assert found["between"] is None
    assert found["overlap"].startswith("intersection over union")


def test_label_alpha_is_over_objects_that_two_people_drew() -> None:
    first = [far(item, at, label=at % 2) for item in range(4) for at in range(4)]
    second = [far(item, at, label=at % 2) for item in range(4) for at in range(3)]
    found = extras_of(batch_of("boxes", {"p": first, "q": second}, items=4))["between"]
    assert found["label_alpha"]["value"] == 1
    assert found["label_alpha"]["positives"] == 12
    assert found["label_alpha"]["low"] < 1
    assert found["instance_alpha"]["value"] < 1
    assert "No contract takes it" in found["instance_alpha_sentence"]


def test_one_class_has_no_label_alpha_but_a_reason() -> None:
    drawn = [far(item, 0) for item in range(4)]
    found = extras_of(batch_of("boxes", {"p": drawn, "q": drawn}, items=4))["between"]
    assert found["label_alpha"]["value"] is None
    assert "one class" in found["label_alpha"]["reason"]


def test_agreed_objects_of_another_class_raise_instance_alpha_and_not_label_alpha() -> None:
    def scene(trees: int) -> dict[str, list[Drawn]]:
        cars = [far(item, 0) for item in range(20)]
        green = [far(item, 1 + at, label=1) for item in range(20) for at in range(trees)]
        return {"p": cars[:15] + green, "q": cars[5:] + green}

    few, many = (extras_of(batch_of("boxes", scene(n), items=20))["between"] for n in (0, 9))
    assert few["instance_alpha"]["value"] < 0.1
    assert many["instance_alpha"]["value"] > 0.7
    assert many["label_alpha"]["value"] == 1


def test_attributes_are_measured_each_on_its_own_scale() -> None:
    def drawn(shade: str, grade: list[int]) -> list[Drawn]:
        return [
            far(item, 0, attributes={"shade": shade if item else "dark", "grade": str(grade[item])})
            for item in range(4)
        ]

    gold, given_one = drawn("light", [1, 2, 3, 4]), drawn("dark", [1, 2, 3, 2])
    people = {"p": given_one, "q": gold}
    found = extras_of(batch_of("boxes", people, gold, items=4))
    against, between = found["gold"]["attributes"], found["between"]["attributes"]
    assert against["shade"]["level"] == "nominal"
    assert against["shade"]["accuracy"]["value"] == pytest.approx((1 + 4) / 8)
    assert against["grade"]["level"] == "interval"
    assert against["grade"]["accuracy"]["value"] == pytest.approx(7 / 8)
    assert against["grade"]["mean_absolute_error"]["value"] == pytest.approx(2 / 8)
    assert between["shade"]["agreement"]["value"] == pytest.approx(1 / 4)
    assert between["grade"]["alpha"]["method"].startswith("Krippendorff's alpha, interval")
    assert between["shade"]["alpha"]["value"] == pytest.approx(
        alpha_by_hand([("dark", "dark")] + [("dark", "light")] * 3)
    )


def alpha_by_hand(units: list[tuple[str, ...]]) -> float:
    """Nominal alpha of units of two votes each, from its definition."""
    votes = [vote for unit in units for vote in unit]
    observed = sum(one != other for one, other in units) / len(units)
    pairs = list(combinations(votes, 2))
    return 1 - observed / (sum(one != other for one, other in pairs) / len(pairs))


def test_a_value_left_out_is_wrong_against_gold_and_says_nothing_between_people() -> None:
    gold = [far(item, 0, attributes={"shade": "dark" if item else "light"}) for item in range(3)]
    bare = [far(item, 0) for item in range(3)]
    found = extras_of(batch_of("boxes", {"p": bare, "q": gold}, gold, items=3))
    assert found["gold"]["attributes"]["shade"]["accuracy"]["value"] == pytest.approx(0.5)
    assert found["gold"]["attributes"]["shade"]["left_out"] == 3
    assert found["between"]["attributes"]["shade"]["agreement"]["value"] is None


def test_a_wrong_attribute_is_one_error_of_its_own_kind() -> None:
    gold = [far(item, 0, attributes={"shade": "dark", "size": "s"}) for item in range(4)]
    given_ones = [
        far(item, 0, attributes={"shade": "dark" if item else "light", "size": "s" if item > 1 else "m"})
        for item in range(4)
    ]
    batch = batch_of("boxes", {"p": given_ones}, gold, items=4)
    measured = measure_located(batch, 0.5, Method(50, "seed"))
    assert named_counts(batch, measured.gold.outcomes)["attribute"] == 2
    assert defect_rate(measured, ["attribute"]).value == 0.5
    assert defect_rate(measured, ["missed"]).value == 0


def test_boundary_iou_is_that_of_the_pair_alone() -> None:
    table = np.zeros((2, 60, 80), bool)
    table[0, 10:40, 10:50] = True
    table[1, 12:40, 10:53] = True
    gold, given_one = (mask(one) for one in table)
    found = extras_of(batch_of("masks", {"p": [given_one]}, [gold]))["gold"]
    alone = boundary_iou(*(Mask.of_bitmap(one) for one in table))
    assert found["boundary_iou"]["value"] == pytest.approx(alone, abs=1e-5)
    both, either = (table[0] & table[1]).sum(), (table[0] | table[1]).sum()
    assert found["boundary_errors"]["value"] == float(alone < 0.5)
    assert found["dice"]["value"] == pytest.approx(2 * both / (both + either), abs=1e-5)


def test_every_joint_has_its_own_error() -> None:
    frame = (0, 0, 100, 100)
    gold = joints(10, 10, 2, 50, 50, 2, 90, 90, 2, frame=frame)
    given_one = joints(10, 10, 2, 53, 54, 2, 0, 0, 0, frame=frame)
    found = extras_of(batch_of("keypoints", {"p": [given_one]}, [gold]))["gold"]
    first, second, third = found["joints"]
    assert first["distance"]["value"] == 0
    assert second["distance"]["value"] == pytest.approx(5)
    assert second["relative"]["value"] == pytest.approx(0.05, abs=1e-5)
    assert (third["missed"], third["distance"]["value"]) == (1, None)
    assert 0.6 < found["oks"]["value"] < 0.67


def test_fields_are_right_exactly_or_in_the_normal_form() -> None:
    gold = [field("total", "12.50"), field("name", "ACME Ltd", label=1), field("name", "X", label=1, item=1)]
    given_ones = [field("total", "12.50"), field("name", "acme  ltd", label=1)]
    found = extras_of(batch_of("fields", {"p": given_ones}, gold, items=2))["gold"]
    assert found["field_accuracy"]["value"] == pytest.approx(2 / 3)
    assert found["field_accuracy_exact"]["value"] == pytest.approx(1 / 3)
    assert found["by_class"]["a"]["field_accuracy"]["value"] == 1
    assert found["by_class"]["b"]["field_accuracy"]["value"] == pytest.approx(1 / 2)


def test_fields_of_items_that_nobody_delivered_are_wrong() -> None:
    gold = [field("total", "1", item=item) for item in range(4)]
    batch = batch_of("fields", {"p": gold[:2]}, gold, items=4)
    work = Work(np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1]))
    found = extras_of(replace(batch, final_work=work, absent=np.array([2, 3])))["gold"]
    assert found["field_accuracy"]["value"] == 0.5
    assert found["field_accuracy"]["labels"] == 4


def test_spans_have_exact_and_relaxed_f1() -> None:
    gold = [span((0, 5)), span((10, 15), label=1)]
    given_ones = [span((0, 5)), span((10, 16), label=1), span((20, 22))]
    found = extras_of(batch_of("spans", {"p": given_ones}, gold, width=30), threshold=1.0)["gold"]
    assert found["exact_f1"]["value"] == pytest.approx(2 / 5)
    assert found["relaxed_f1"]["value"] == pytest.approx(4 / 5)


@st.composite
def texts(draw: st.DrawFn) -> list[list[list[tuple[int, int, int]]]]:
    """Spans (start, end, class) of three people on two texts of 12 code points."""
    one = st.tuples(st.integers(0, 9), st.integers(1, 3), st.integers(0, 1))
    return [
        [[(s, s + n, c) for s, n, c in draw(st.lists(one, max_size=3))] for _ in range(2)] for _ in range(3)
    ]


@settings(max_examples=60, deadline=None)
@given(texts())
def test_token_alpha_is_the_alpha_of_every_code_point(people: list[list[list[tuple[int, int, int]]]]) -> None:
    drawn = {
        f"p{code}": [span((s, e), label=c, item=item) for item, spans in enumerate(text) for s, e, c in spans]
        for code, text in enumerate(people)
    }
    found = extras_of(batch_of("spans", drawn, items=2, width=12), threshold=1.0)["between"]["token_alpha"]
    units = []
    for item in range(2):
        for at in range(12):
            units.append([frozenset(c for s, e, c in text[item] if s <= at < e) for text in people])
    votes = [vote for unit in units for vote in unit]
    if len(set(votes)) < 2:
        assert found["value"] is None
        return
    observed = sum(one != other for unit in units for one, other in combinations(unit, 2)) / (3 * len(units))
    pairs = list(combinations(votes, 2))
    expected = sum(one != other for one, other in pairs) / len(pairs)
    assert found["value"] == pytest.approx(1 - observed / expected, abs=1e-9)


def test_parts_of_one_span_are_one_object_and_its_gap_is_outside() -> None:
    two = {"p": [span((0, 2), (6, 8))], "q": [span((0, 8))]}
    found = extras_of(batch_of("spans", two, width=10), threshold=1.0)["between"]
    assert found["token_alpha"]["labels"] == 20
    assert found["exact_pairwise_f1"]["value"] == 0
    assert found["relaxed_pairwise_f1"]["value"] == 1


def drawn_boxes(noise: np.random.Generator, item: int, at: int) -> Drawn:
    place = noise.integers(0, 30, 2) / 2 + 40 * at
    shade = {"shade": str(noise.integers(0, 3))}
    return box(
        *place, *noise.integers(20, 30, 2), item=item, label=int(noise.integers(0, 2)), attributes=shade
    )


def drawn_masks(noise: np.random.Generator, item: int, at: int) -> Drawn:
    table = np.zeros((40, 90), bool)
    x, y = 30 * at + noise.integers(0, 6), noise.integers(0, 6)
    table[y : y + 20, x : x + 20] = True
    return mask(table, item=item)


def drawn_joints(noise: np.random.Generator, item: int, at: int) -> Drawn:
    points = np.array([[10, 10], [20, 30], [30, 10]]) + 60 * at + noise.normal(0, 2, (3, 2)).round(1)
    seen = np.where(noise.random(3) < 0.8, 2, 0)
    return joints(
        *np.column_stack([points, seen]).ravel().tolist(), frame=(60 * at, 60 * at, 40, 40), item=item
    )


def drawn_fields(noise: np.random.Generator, item: int, at: int) -> Drawn:
    return field(f"key {at % 2}", str(noise.choice(["12", "12 ", "13", "Ab", "ab"])), item=item, label=at % 2)


def drawn_spans(noise: np.random.Generator, item: int, at: int) -> Drawn:
    start = 10 * at + int(noise.integers(0, 4))
    return span((start, start + int(noise.integers(1, 6))), item=item, label=int(noise.integers(0, 2)))


@pytest.mark.parametrize(
    ("kind", "draw"),
    [("boxes", drawn_boxes), ("masks", drawn_masks), ("keypoints", drawn_joints), ("fields", drawn_fields),
     ("spans", drawn_spans)],
)  # fmt: skip
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_names_and_orders_change_no_figure(kind: str, draw: Callable[..., Drawn], seed: int) -> None:
    noise = np.random.default_rng(seed)

    def person() -> list[Drawn]:
        return [draw(noise, item, at) for item in range(3) for at in range(3) if noise.random() < 0.8]

    people = {name: person() for name in "pqr"}
    turned = {}
    for name in "rpq":
        objects = list(people[name])
        noise.shuffle(objects)
        turned[f"other {name}"] = objects
    gold = person()
    one, other = (
        extras_of(batch_of(kind, given_ones, truth, items=3, gold_items=range(3), width=100))
        for given_ones, truth in ((people, gold), (turned, gold[::-1]))
    )
    assert one == other


def test_the_background_of_token_alpha_is_the_whole_text(tmp_path: Path) -> None:
    text = "Anna 🤦 went to Graz by train."
    (tmp_path / "d").mkdir()
    for name, end in (("ann", 4), ("bob", 6)):
        record = {"id": 1, "text": text, "label": [[0, end, "PER"]]}
        (tmp_path / "d" / f"{name}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    found = judge_request(Request([tmp_path / "d"])).document["located"]["between"]["token_alpha"]
    assert found["positives"] == len(text)
    observed, inside = 2 / len(text), 10
    votes = 2 * len(text)
    by_chance = 2 * inside * (votes - inside) / (votes * (votes - 1))
    assert found["value"] == pytest.approx(1 - observed / by_chance)
