"""Several labels on one item: figures per tag, empty sets, and sets as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.judge.api import judge
from assay.measure.coincidence import krippendorff_alpha
from assay.measure.sets import set_alpha
from assay.measure.undefined import Undefined
from assay.simulate import Gold, Slice, Spec
from tests.judge.judging import Home, Json, by_hand, contract_of, simulated, table, term

DECLARED = (
    'labels: multi\nseparator: "|"\ncolumns: {item: item, annotator: annotator, label: label, state: state}'
)


def tagged(
    folder: Path, votes: list[tuple[str, ...]], gold: list[str] | None = None, contract: object = None
) -> Home:
    """Rows of items by the annotators p, q, …; an empty text is the empty set."""
    rows = [
        (n, "pqrs"[who], sets, "annotated" if sets else "annotated_empty")
        for n, row in enumerate(votes)
        for who, sets in enumerate(row)
    ]
    return by_hand(
        folder,
        table("item,annotator,label,state", rows),
        gold=None if gold is None else table("item,label", enumerate(gold)),
        delivery=DECLARED,
        contract=contract,  # type: ignore[arg-type]  # a contract or None
    )


def by_class(document: Json, name: str, metric: str) -> float:
    return float(document["gold"]["by_class"][name][metric]["value"])


def test_figures_of_each_tag_worked_by_hand(tmp_path: Path) -> None:
    # a: twice found, once missed, once too much; b: once found, never wrong
    votes = [("a|b",), ("a",), ("",), ("a",), ("",)]
    document = tagged(tmp_path, votes, ["a|b", "a", "a", "", ""]).document()
    assert by_class(document, "a", "precision") == pytest.approx(2 / 3)
    assert by_class(document, "a", "recall") == pytest.approx(2 / 3)
    assert by_class(document, "a", "f1") == pytest.approx(2 / 3)
    assert by_class(document, "a", "accuracy") == pytest.approx(3 / 5)
    assert by_class(document, "b", "f1") == 1.0
    overall = document["gold"]["overall"]
    assert overall["accuracy"]["value"] == 3 / 5  # whole sets
    assert overall["f1"]["value"] == pytest.approx(2 * 3 / (2 * 3 + 1 + 1))  # tags pooled
    assert overall["kappa"]["value"] is None
    assert "exclusive" in overall["kappa"]["reason"]


def test_an_empty_set_is_an_answer_and_a_missing_one_is_not(tmp_path: Path) -> None:
    home = by_hand(
        tmp_path,
        table("item,annotator,label,state", [(0, "p", "", "annotated_empty"), (1, "p", "", "skipped"), (2, "p", "a", "annotated")]),
        gold=table("item,label", [(0, ""), (1, ""), (2, "a")]),
        items=table("item", [(0,), (1,), (2,)]),
        delivery=DECLARED,
    )  # fmt: skip
    document = home.document()
    assert document["batch"]["items"] == 2
    assert document["gold"]["not_delivered"] == 1
    assert document["gold"]["overall"]["accuracy"]["value"] == pytest.approx(2 / 3)


def test_agreement_per_tag_and_of_whole_sets_is_that_of_the_exact_modules(tmp_path: Path) -> None:
    spec = Spec(
        kind="multi", classes=("a", "b", "c"), items=150, annotators=4, accuracy=0.8, messages=False,
        slices=(Slice("place", ("x", "y")),),
    )  # fmt: skip
    home = simulated(tmp_path, spec)
    votes: dict[str, list[frozenset[str]]] = {}
    for line in (tmp_path / "labels.csv").read_text().splitlines()[1:]:
        item, _, label, _ = line.split(",")
        votes.setdefault(item, []).append(frozenset(label.split("|")) - {""})
    agreement = home.document(contract=None)["agreement"]
    for tag in spec.classes:
        said = [[int(tag in chosen) for chosen in row] for row in votes.values()]
        found = agreement["by_class"][tag]
        expected = krippendorff_alpha(said)
        assert not isinstance(expected, Undefined)
        assert found["krippendorff_alpha"]["value"] == pytest.approx(expected, abs=1e-9)
        assert found["krippendorff_alpha"]["low"] < expected < found["krippendorff_alpha"]["high"]
        share = sum(map(sum, said)) / sum(map(len, said))
        assert found["prevalence"]["value"] == pytest.approx(share, abs=1e-9)
    masi = set_alpha(votes.values(), "masi")
    assert agreement["overall"]["krippendorff_alpha"]["value"] == pytest.approx(masi, abs=1e-9)


def test_sets_tie_as_sets(tmp_path: Path) -> None:
    document = tagged(tmp_path, [("a|b", "a")] * 6, ["a"] * 6).document()
    assert document["gold"]["undecided"] == 6
    assert document["gold"]["overall"]["accuracy"]["value"] == 0.0
    document = tagged(tmp_path / "third", [("a|b", "a", "b|a")] * 6, ["a|b"] * 6).document()
    assert document["gold"]["overall"]["accuracy"]["value"] == 1.0


def test_the_order_of_tags_does_not_matter(tmp_path: Path) -> None:
    document = tagged(tmp_path, [("b|a", "a|b")] * 20, ["a|b"] * 20).document()
    assert document["gold"]["overall"]["accuracy"]["value"] == 1.0
    assert document["agreement"]["pairs"][0]["percent_agreement"] == 1.0


def test_a_failed_tag_sends_back_the_items_that_carry_it(tmp_path: Path) -> None:
    votes = [(("a|b", "b", "a", "")[n % 4],) for n in range(200)]
    gold = [("b", "b", "a", "")[n % 4] for n in range(200)]  # a is too much on every fourth item
    agreed = contract_of(
        "id: tags, metric: gold_f1, scope: every class, floor: 0.90, redo: class", labels="multi"
    )
    home = tagged(tmp_path, votes, gold, agreed)
    document = home.document()
    assert [term(document, "tags", **{"class": name})["outcome"] for name in "ab"] == ["fail", "pass"]
    verdict = judge(home.delivery, gold=home.gold, contract=home.contract)
    assert set(verdict.rework) == {str(n) for n in range(200) if n % 4 in (0, 2)}


def test_tags_with_slices_and_people_are_judged_whole(tmp_path: Path) -> None:
    spec = Spec(
        kind="multi", classes=("a", "b", "c"), items=400, annotators=5, accuracy=0.85, messages=False,
        slices=(Slice("place", ("x", "y", "z")),), gold=Gold(items=150),
    )  # fmt: skip
    document = simulated(tmp_path, spec).document()
    assert set(document["gold"]["by_slice"]["place"]) == {"x", "y", "z"}
    assert {row["value"] for row in document["slices"]} == {"x", "y", "z"}
    assert all(person["gold"]["units"] > 0 for person in document["people"])


def test_a_batch_in_which_nothing_ever_applies_is_judged(tmp_path: Path) -> None:
    document = tagged(tmp_path, [("", "")] * 40, [""] * 40).document()
    assert document["batch"]["classes"] == []
    assert document["gold"]["overall"]["accuracy"]["value"] == 1.0
    assert document["gold"]["overall"]["f1"]["value"] is None
    assert document["agreement"]["overall"]["krippendorff_alpha"]["value"] is None
