"""The one label of an item that is paid for: final, else adjudication, else review, else self-check, else the votes."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.judge.api import judge
from tests.judge.judging import Home, Json, by_hand, contract_of, kinds, table

SCHEMA = """\
assay: schema/1
version: "1"
kind: choice
classes:
- {id: a, name: a}
- {id: b, name: b}
- {id: c, name: c}
"""
TEN = range(10)


def delivered(
    home: Path, rows: list[tuple[str, str, str]], *, delivery: str = "", schema: str | None = None
) -> Home:
    """The same rows (annotator, label, layer) on items 0…9, whose gold is a."""
    return by_hand(
        home,
        table("item,annotator,label,layer", [(n, *row) for n in TEN for row in rows]),
        gold=table("item,label", [(n, "a") for n in TEN]),
        delivery=f"columns: {{item: item, annotator: annotator, label: label, layer: layer}}\n{delivery}",
        schema=schema,
    )


def accuracy(document: Json) -> tuple[float, int, int]:
    """Accuracy of the final labels, how many are undecided, and how many are missing."""
    gold = document["gold"]
    return gold["overall"]["accuracy"]["value"], gold["undecided"], gold["not_delivered"]


VOTES = [("p", "b", "first_pass"), ("q", "b", "first_pass"), ("r", "a", "first_pass")]
RIGHT, WRONG, TIED = (1.0, 0, 0), (0.0, 0, 0), (0.0, 10, 0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (VOTES, WRONG),
        ([*VOTES, ("p", "a", "self_check")], RIGHT),
        ([*VOTES, ("p", "a", "self_check"), ("x", "b", "review")], WRONG),
        ([*VOTES, ("x", "b", "review"), ("y", "a", "adjudication")], RIGHT),
        ([*VOTES, ("y", "a", "adjudication"), ("x", "b", "review")], RIGHT),
        ([*VOTES, ("y", "b", "adjudication"), ("z", "a", "final")], RIGHT),
        ([*VOTES, ("z", "b", "final"), ("y", "a", "adjudication")], WRONG),
        ([("p", "a", "first_pass")], RIGHT),
    ],
)
def test_a_later_layer_decides(tmp_path: Path, rows: list[tuple[str, str, str]], expected: object) -> None:
    assert accuracy(delivered(tmp_path, rows).document()) == expected


def test_a_self_check_stands_in_place_of_the_own_vote_and_of_no_other(tmp_path: Path) -> None:
    # b b a → the first annotator corrects the own b to c: b, c, a is a tie
    document = delivered(tmp_path, [*VOTES, ("p", "c", "self_check")]).document()
    assert accuracy(document) == TIED


def test_agreement_is_of_blind_first_votes_whatever_came_later(tmp_path: Path) -> None:
    later = [
        ("p", "a", "self_check"),
        ("x", "a", "review"),
        ("z", "a", "final"),
        ("model:m", "a", "first_pass"),
    ]
    plain = delivered(tmp_path / "plain", VOTES).document()
    full = delivered(tmp_path / "full", [*VOTES, *later]).document()
    assert plain["agreement"]["overall"]["percent_agreement"]["value"] == pytest.approx(1 / 3)
    assert full["agreement"]["overall"] == plain["agreement"]["overall"]
    assert full["batch"]["labels"] == plain["batch"]["labels"] == 30


@pytest.mark.parametrize("turned", [False, True])
def test_a_tie_is_undecided_and_counts_as_wrong_whatever_the_order(tmp_path: Path, turned: bool) -> None:
    rows = [("p", "a", "first_pass"), ("q", "b", "first_pass")]
    home = delivered(tmp_path, rows[::-1] if turned else rows)
    document = home.document()
    assert accuracy(document) == TIED
    assert "10 ties are undecided" in document["batch"]["final_rule"]
    assert document["gold"]["confusion"]["undecided"] == [10, 0]


@pytest.mark.parametrize("turned", [False, True])
def test_two_reviewers_who_differ_decide_nothing_and_three_by_majority(tmp_path: Path, turned: bool) -> None:
    reviews = [("x", "a", "review"), ("y", "b", "review")]
    rows = [*VOTES, *(reviews[::-1] if turned else reviews)]
    assert accuracy(delivered(tmp_path / "two", rows).document()) == TIED
    assert accuracy(delivered(tmp_path / "three", [*rows, ("z", "a", "review")]).document()) == RIGHT
    assert accuracy(delivered(tmp_path / "same", [*rows, ("z", "a", "adjudication")]).document()) == RIGHT


def test_each_vote_is_judged_by_itself_where_the_delivery_says_so(tmp_path: Path) -> None:
    document = delivered(tmp_path, VOTES, delivery="final: each vote").document()
    assert accuracy(document) == (pytest.approx(1 / 3), 0, 0)
    assert document["gold"]["overall"]["support"] == 30
    assert document["batch"]["final_rule"] == "each vote is judged by itself"


def test_one_annotator_is_judged_where_the_delivery_says_so(tmp_path: Path) -> None:
    for person, expected in (("r", RIGHT), ("p", WRONG)):
        home = delivered(tmp_path / person, VOTES, delivery=f"final: {{annotator: {person}}}")
        assert accuracy(home.document()) == expected
    with pytest.raises(InputError, match="not in the delivery"):
        delivered(tmp_path / "nobody", VOTES, delivery="final: {annotator: nobody}").document()


def test_items_that_the_one_annotator_did_not_label_are_not_delivered(tmp_path: Path) -> None:
    rows = [(n, "p", "a") for n in range(8)] + [(n, "q", "a") for n in range(10)]
    home = by_hand(
        tmp_path,
        table("item,annotator,label", rows),
        gold=table("item,label", [(n, "a") for n in TEN]),
        items=table("item", [(n,) for n in TEN]),
        delivery="final: {annotator: p}",
        contract=contract_of("id: all, metric: delivered_share, scope: overall, floor: 1.0"),
    )
    document = home.document()
    assert accuracy(document) == (0.8, 0, 2)
    assert document["verdict"]["terms"][0]["value"] == 0.8
    verdict = judge(home.delivery, gold=home.gold, items=home.items, contract=home.contract)
    assert verdict.rework == ["8", "9"]  # what is missing is asked for, and what was delivered stands
    assert (document["rework"]["items"], document["rework"]["stand"]) == (2, 8)


def test_a_label_that_the_schema_does_not_have_counts_as_wrong(tmp_path: Path) -> None:
    # two of three say “A!”: what they decided is no class, so nothing right was delivered
    rows = [("p", "A!", "first_pass"), ("q", "A!", "first_pass"), ("r", "a", "first_pass")]
    document = delivered(tmp_path / "majority", rows, schema=SCHEMA).document()
    assert accuracy(document) == WRONG
    assert {p["id"]: p["gold"]["value"] for p in document["people"]} == {
        "annotator-01": 0.0, "annotator-02": 0.0, "annotator-03": 1.0,
    }  # fmt: skip
    assert "unknown_label" in kinds(document)
    assert document["defects"]["critical"]["kinds"] == {"wrong_class": 10}
    one = [("p", "A!", "first_pass"), ("q", "a", "first_pass"), ("r", "a", "first_pass")]
    assert accuracy(delivered(tmp_path / "outvoted", one, schema=SCHEMA).document()) == RIGHT
    tied = [("p", "A!", "first_pass"), ("q", "a", "first_pass")]
    assert accuracy(delivered(tmp_path / "tied", tied, schema=SCHEMA).document()) == TIED
    final = [*VOTES, ("z", "A!", "final")]
    assert accuracy(delivered(tmp_path / "final", final, schema=SCHEMA).document()) == WRONG


def test_a_label_that_the_schema_does_not_have_enters_no_agreement(tmp_path: Path) -> None:
    rows = [("p", "a", "first_pass"), ("q", "b", "first_pass")]
    plain = delivered(tmp_path / "plain", rows, schema=SCHEMA).document()
    extra = delivered(tmp_path / "extra", [*rows, ("r", "A!", "first_pass")], schema=SCHEMA).document()
    assert extra["agreement"]["overall"] == plain["agreement"]["overall"]


def test_items_of_an_unknown_label_are_redone_with_the_class_they_were_missed_for(tmp_path: Path) -> None:
    home = by_hand(
        tmp_path,
        table(
            "item,annotator,label", [(n, "p", "A!" if n % 3 else "a") for n in range(90)] + [(99, "p", "c")]
        ),
        gold=table("item,label", [(n, "a") for n in range(90)]),
        schema=SCHEMA,
        contract=contract_of("id: classes, metric: gold_f1, scope: every class, floor: 0.80, redo: class"),
    )
    verdict = judge(home.delivery, gold=home.gold, schema=home.schema, contract=home.contract)
    assert set(verdict.rework) == {str(n) for n in range(90)}
    assert verdict.report.document["batch"]["items"] == 91  # type: ignore[index]  # a section


def test_answers_of_several_rounds_are_checked_for_contradictions_too(tmp_path: Path) -> None:
    columns = "columns: {item: item, annotator: annotator, label: label, round: round}"
    rows = [(n, "p", "a", 1) for n in TEN] + [(n, "p", "b", 2) for n in TEN]
    home = by_hand(
        tmp_path / "rounds", table("item,annotator,label,round", rows), delivery=columns,
        gold=table("item,label", [(n, "b") for n in TEN]),
    )  # fmt: skip
    assert accuracy(home.document()) == RIGHT  # the latest round stands
    again = table("item,annotator,label,round", [*rows, (0, "p", "c", 1)])
    with pytest.raises(InputError, match="different answers on one item"):
        by_hand(tmp_path / "again", again, delivery=columns).document()


def test_gold_in_the_delivery_and_models_are_no_votes(tmp_path: Path) -> None:
    rows = [
        ("p", "a", "first_pass"),
        ("q", "b", "gold"),
        ("r", "b", "prelabel"),
        ("model:x", "b", "first_pass"),
    ]
    document = delivered(tmp_path, rows).document()
    assert accuracy(document) == RIGHT
    assert sum(person["labels"] for person in document["people"]) == document["batch"]["labels"] == 10
    assert [person["id"] for person in document["people"]] == ["annotator-01"]
    assert document["batch"]["annotators"] == 1
