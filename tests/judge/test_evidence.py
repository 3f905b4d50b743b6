"""Which figure each term asks for, for every one of its subjects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judge.judging import Home, Json, by_hand, contract_of, table, term, terms

MORE = "sample: {share: 10%, by: buyer, annotators_per_item: 2}"


def batch(folder: Path, *wanted: str, people: str = "pq", gold: bool = True) -> Home:
    """Two votes on 120 items of a and b in two rooms and two shifts; q errs on every tenth."""
    rows = [(n, who, "ab"[(n + (who == "q" and n % 10 == 0)) % 2]) for n in range(120) for who in people]
    return by_hand(
        folder, table("item,annotator,label", rows),
        gold=table("item,label", [(n, "ab"[n % 2]) for n in range(60)]) if gold else None,
        items=table("item,room,shift", [(n, "xy"[n % 2], ("am", "pm")[n // 2 % 2]) for n in range(120)]),
        contract=contract_of(*wanted, measurement=MORE),
    )  # fmt: skip


def document(folder: Path, *wanted: str, people: str = "pq") -> Json:
    return batch(folder, *wanted, people=people).document()


def test_every_class_person_and_slice_has_its_row(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "id: classes, metric: gold_f1, scope: every class, floor: 0.5",
        "id: people, metric: gold_f1, scope: every annotator, floor: 0.5",
        "id: rooms, metric: gold_f1, scope: {every: slice, of: room}, floor: 0.5",
        "id: slices, metric: gold_accuracy, scope: every slice, floor: 0.5",
    )
    assert [row["subject"] for row in terms(found, "classes")] == [{"class": "a"}, {"class": "b"}]
    assert {row["subject"]["annotator"] for row in terms(found, "people")} == {"annotator-01", "annotator-02"}
    assert {row["subject"]["slice"] for row in terms(found, "rooms")} == {"x", "y"}
    assert {(row["subject"]["attribute"], row["subject"]["slice"]) for row in terms(found, "slices")} == {
        ("room", "x"), ("room", "y"), ("shift", "am"), ("shift", "pm"),
    }  # fmt: skip


def test_one_named_subject_is_the_only_one(tmp_path: Path) -> None:
    found = document(tmp_path, "id: b, metric: gold_recall, scope: {class: b}, floor: 0.5")
    assert [row["subject"] for row in terms(found, "b")] == [{"class": "b"}]


@pytest.mark.parametrize(
    ("metric", "place"),
    [
        ("gold_f1", "f1"), ("gold_accuracy", "accuracy"), ("gold_precision", "precision"), ("gold_recall", "recall"),
        ("gold_kappa", "kappa"),
    ],
)  # fmt: skip
def test_metrics_against_gold_are_those_of_the_report(tmp_path: Path, metric: str, place: str) -> None:
    found = document(
        tmp_path,
        f"id: whole, metric: {metric}, scope: overall, floor: 0.1",
        f"id: classes, metric: {metric}, scope: every class, floor: 0.1",
    )
    assert term(found, "whole")["value"] == found["gold"]["overall"][place]["value"]
    for name in "ab":
        assert (
            term(found, "classes", **{"class": name})["value"]
            == found["gold"]["by_class"][name][place]["value"]
        )


def test_agreement_is_asked_for_overall_by_class_and_by_slice(tmp_path: Path) -> None:
    metric = "krippendorff_alpha"
    found = document(
        tmp_path,
        f"id: whole, metric: {metric}, scope: overall, floor: 0.1",
        f"id: classes, metric: {metric}, scope: every class, floor: 0.1",
        f"id: rooms, metric: {metric}, scope: {{every: slice, of: room}}, floor: 0.1",
    )
    agreement = found["agreement"]
    assert term(found, "whole")["value"] == agreement["overall"][metric]["value"]
    assert term(found, "classes", **{"class": "a"})["value"] == agreement["by_class"]["a"][metric]["value"]
    assert term(found, "rooms", slice="y")["value"] == agreement["by_slice"]["room"]["y"][metric]["value"]


def test_cohens_kappa_is_of_exactly_two_people(tmp_path: Path) -> None:
    kappa = "id: kappa, metric: cohen_kappa, scope: overall, floor: 0.1"
    two = document(tmp_path / "two", kappa)
    assert term(two, "kappa")["value"] == two["agreement"]["pairs"][0]["value"]
    three = document(tmp_path / "three", kappa, people="pqr")
    row = term(three, "kappa")
    assert (row["value"], row["outcome"]) == (None, "not provable")
    assert "two" in row["figure"]["reason"]


def test_a_term_on_gold_without_gold_is_left_out_and_said(tmp_path: Path) -> None:
    home = batch(tmp_path, "id: gold, metric: gold_f1, scope: overall, floor: 0.9",
                 "id: whole, metric: krippendorff_alpha, scope: overall, floor: 0.1", gold=False)  # fmt: skip
    found = home.document()
    assert [row["id"] for row in found["verdict"]["terms"]] == ["whole"]
    assert found["verdict"]["left_out"] == ["gold"]
    assert found["verdict"]["outcome"] is None


def test_critical_errors_are_counted_as_the_contract_names_them(tmp_path: Path) -> None:
    agreed = contract_of(
        "id: errors, metric: critical_error_rate, scope: overall, ceiling: 0.05",
        more="errors: {wrong_class: minor, undecided: critical, not_delivered: critical}",
    )
    found = batch(tmp_path, "id: gold, metric: gold_f1, scope: overall, floor: 0.1").document(contract=agreed)
    ties = found["gold"]["undecided"] / found["gold"]["overall"]["support"]
    assert term(found, "errors")["value"] == pytest.approx(ties)
    assert term(found, "errors")["outcome"] == "fail"


def test_a_need_says_how_many_from_whom(tmp_path: Path) -> None:
    rows = [(n, "p", "rare" if n % 40 == 0 else "a") for n in range(400)]
    home = by_hand(
        tmp_path, table("item,annotator,label", rows), gold=table("item,label", [(n, rows[n][2]) for n in range(200)]),
        contract=contract_of("id: classes, metric: gold_f1, scope: every class, floor: 0.7, redo: class"),
    )  # fmt: skip
    row = term(home.document(), "classes", **{"class": "rare"})
    assert row["outcome"] == "not provable"
    assert row["needs"]["positives"] == 15
    assert row["needs"]["from"] == "buyer"
    assert row["needs"]["items"] >= 15
