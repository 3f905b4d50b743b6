"""What a vendor and an annotator get to see of a real batch: no gold item or answer, no figure over too little gold."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assay.annotation.errors import InputError
from assay.annotation.strict_json import load_json
from assay.simulate import Annotator, Gold, HardSlice, Slice, Spec
from tests.judge.judging import Home, Json, by_hand, contract_of, saved, simulated, table

AGREED = contract_of(
    "id: people, metric: gold_f1, scope: every annotator, floor: 0.80, redo: annotator",
    "id: classes, metric: gold_f1, scope: every class, floor: 0.60, redo: class",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A batch with a weak person, a hard slice, a class of three gold items, and makers of the gold."""
    people = (*(Annotator(f"person-{n}") for n in range(5)), Annotator("person-weak", accuracy=0.5))
    spec = Spec(
        items=900, classes=("a", "b", "rare"), prior=(0.55, 0.43, 0.02), annotators=people, accuracy=0.96,
        slices=(Slice("place", ("x", "y", "z"), (0.6, 0.39, 0.01)),), hard_slices=(HardSlice("place", "y"),),
        gold=Gold(items=220, per_class={"rare": 3}, makers=2, maker_accuracy=1.0), seed=5,
    )  # fmt: skip
    return simulated(tmp_path_factory.mktemp("batch"), spec, contract=AGREED)


@pytest.fixture(scope="module")
def folders(home: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("out")
    return {
        "buyer": saved(home, out / "buyer"),
        "vendor": saved(home, out / "vendor", audience="vendor"),
        "annotator": saved(home, out / "annotator", audience="annotator", annotator="annotator-01"),
    }


def report(folder: Path) -> Json:
    document: Any = load_json(folder / "report.json")
    return dict(document)


def gold_answers(home: Home) -> dict[str, str]:
    assert home.gold is not None
    with home.gold.open(encoding="utf-8") as file:
        return {row["item"]: row["label"] for row in csv.DictReader(file) if row["maker"] == "final"}


def objects(node: Any, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every object of a document with where it stands."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from objects(value, f"{path}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from objects(value, f"{path}[{number}]")


def test_the_batch_shows_what_must_be_hidden(home: Home, folders: dict[str, Path]) -> None:
    buyer = report(folders["buyer"])
    shown = {item["item"] for cluster in buyer["clusters"] for item in cluster["items"] if item["gold"]}
    assert shown
    assert shown <= set(gold_answers(home))
    assert 0 < buyer["gold"]["by_class"]["rare"]["support"] < 5
    assert buyer["rework"]["items"] > 0


def test_no_answer_of_an_item_stands_in_a_closed_report(folders: dict[str, Path]) -> None:
    for audience in ("vendor", "annotator"):
        for path, node in objects(report(folders[audience])):
            if "answers" in node:
                assert node["gold"] is None, path


def test_no_gold_item_is_shown_as_an_example(home: Home, folders: dict[str, Path]) -> None:
    # an item of the redo list may be gold: that it is one must not show
    secret = set(gold_answers(home))
    for audience in ("vendor", "annotator"):
        document = report(folders[audience])
        named = {node["item"] for _, node in objects(document) if isinstance(node.get("item"), str)}
        assert not named & secret


def test_no_file_for_a_vendor_names_which_items_are_gold(home: Home, folders: dict[str, Path]) -> None:
    buyer, vendor = ((folders[audience] / "rework.csv").read_text() for audience in ("buyer", "vendor"))
    redone = {line.split(",")[0] for line in vendor.splitlines()[1:]}
    assert redone == {line.split(",")[0] for line in buyer.splitlines()[1:]}
    page = (folders["vendor"] / "report.html").read_text()
    secret = set(gold_answers(home)) - redone
    assert secret
    assert not {item for item in secret if item in page}


def test_gold_figures_over_fewer_than_five_items_are_hidden(folders: dict[str, Path]) -> None:
    vendor = report(folders["vendor"])
    # with "a" and "b" both shown, the three items of "rare" would follow from the whole
    assert set(vendor["gold"]["by_class"]) == {"a"}
    for path, node in objects(vendor["gold"]):
        if node.get("value") is not None and "units" in node:
            assert node["units"] >= 5, path
    (row,) = [
        row
        for row in vendor["verdict"]["terms"]
        if row["id"] == "classes" and row["subject"] == {"class": "rare"}
    ]
    assert row["value"] is None
    assert row["low"] is None


def test_counts_for_a_vendor_hold_no_row_of_a_class_with_little_gold(folders: dict[str, Path]) -> None:
    vendor: Any = load_json(folders["vendor"] / "counts.json")
    buyer: Any = load_json(folders["buyer"] / "counts.json")
    assert vendor["classes"] == ["a", "b", "rare"]
    for block, whole in zip(vendor["gold"]["confusion"], buyer["gold"]["confusion"], strict=True):
        assert sum(whole[2]) < 5
        assert block == [whole[0], None, None]
    assert {**vendor, "gold": 0} == {**buyer, "gold": 0}
    for name, size in (("by_annotator", "answers"), ("by_slice", "labels")):
        for path, node in objects(vendor["gold"][name]):
            assert node.get(size, 5) >= 5, path
    assert buyer["gold"]["by_slice"]["place"]["z"]["labels"] < 5
    assert vendor["gold"]["by_slice"]["place"]["z"] is None


def test_an_annotator_sees_only_the_own_scores_and_no_counts(folders: dict[str, Path]) -> None:
    files = {path.name for path in folders["annotator"].iterdir()}
    assert files == {"report.json", "report.html"}
    document = report(folders["annotator"])
    assert [person["id"] for person in document["people"]] == ["annotator-01"]
    assert document.get("money") is None
    others = {f"annotator-{n:02d}" for n in range(2, 7)}
    page = (folders["annotator"] / "report.html").read_text()
    assert not {name for name in others if name in page}


def test_an_annotator_who_is_not_in_the_batch_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody of this name"):
        saved(home, tmp_path / "out", audience="annotator", annotator="annotator-99")


def test_nobody_sees_raw_ids_of_people(folders: dict[str, Path]) -> None:
    for folder in folders.values():
        for path in folder.iterdir():
            assert "person-" not in path.read_text(), path.name


def test_a_closed_report_carries_no_counts_for_pooling(folders: dict[str, Path]) -> None:
    assert report(folders["buyer"])["pool"]
    assert not report(folders["vendor"]).get("pool")


def test_reasons_in_the_redo_list_are_those_that_the_vendor_may_read(tmp_path: Path) -> None:
    # four gold items of class b, all wrong: failed by its interval alone, and hidden
    home = by_hand(
        tmp_path / "in",
        table("item,annotator,label", [(n, "p", "a" if n < 60 or n < 64 else "b") for n in range(100)]),
        gold=table("item,label", [(n, "a" if n < 60 else "b") for n in range(64)]),
        contract=contract_of(
            "id: classes, metric: gold_recall, scope: {class: b}, floor: 0.90, redo: class, rule: point"
        ),
    )
    buyer, vendor = (saved(home, tmp_path / who, audience=who) for who in ("buyer", "vendor"))  # type: ignore[arg-type]  # two of three
    assert report(buyer)["verdict"]["outcome"] == "rework"
    said = report(buyer)["rework"]["by_reason"][0]["text"]
    assert said in (buyer / "rework.csv").read_text().replace('""', '"')
    for path in vendor.iterdir():
        assert said not in path.read_text().replace('""', '"'), path.name
    rows = [line.split(",")[0] for line in (vendor / "rework.csv").read_text().splitlines()]
    assert rows == [line.split(",")[0] for line in (buyer / "rework.csv").read_text().splitlines()]


def test_error_rates_of_texts_over_too_little_gold_are_in_no_file_for_a_vendor(tmp_path: Path) -> None:
    spec = Spec(kind="text", items=40, annotators=2, votes_per_item=1, accuracy=0.5, gold=Gold(items=3))
    home = simulated(tmp_path / "in", spec)
    buyer, vendor = (saved(home, tmp_path / who, audience=who) for who in ("buyer", "vendor"))  # type: ignore[arg-type]  # two of three
    whole: Any = load_json(buyer / "counts.json")
    closed: Any = load_json(vendor / "counts.json")
    assert whole["texts"]["wer"]["items"] == 3
    assert closed["texts"] == {"wer": None, "cer": None}
    for path, node in objects(report(vendor)):
        if str(node.get("method")).startswith(("WER", "CER")):
            assert node["value"] is None, path
