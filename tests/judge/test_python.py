"""Judging from Python: tables in memory and paths give the same figures, and a verdict says what the report says."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow
import pytest

import assay
from assay.annotation.strict_json import load_json
from assay.judge.api import judge
from assay.judge.proposal import propose_contract
from assay.simulate import Annotator, Gold, Slice, Spec
from assay.terms.contract import load_contract
from tests.judge.judging import Home, by_hand, contract_of, simulated, table

Rows = dict[str, list[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    people = (*(Annotator(f"p{n}") for n in range(5)), Annotator("weak", accuracy=0.4))
    spec = Spec(
        items=300, classes=("a", "b", "c"), annotators=people, accuracy=0.95, votes_per_item=2, gold=Gold(items=150),
        slices=(Slice("place", ("x", "y")),), messages=False,
    )  # fmt: skip
    return simulated(tmp_path_factory.mktemp("batch"), spec)


def columns(path: Path | None) -> Rows:
    assert path is not None
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def same_figures(one: assay.Verdict, other: assay.Verdict) -> None:
    documents = [verdict.report.document for verdict in (one, other)]
    for key in ("agreement", "gold", "clusters", "people", "slices", "rework"):
        assert documents[0][key] == documents[1][key], key
    assert (one.outcome, one.headline, one.rework) == (other.outcome, other.headline, other.rework)


@pytest.mark.parametrize("make", [pandas.DataFrame, polars.DataFrame, pyarrow.table])
def test_tables_in_memory_give_the_figures_of_the_files(home: Home, make: Callable[[Rows], object]) -> None:
    folder = home.folder
    by_path = judge(
        folder / "labels.csv", home.gold, items=home.items, schema=home.schema, contract=home.contract
    )
    labels, gold, items = (make(columns(path)) for path in (folder / "labels.csv", home.gold, home.items))
    same_figures(judge(labels, gold, items=items, schema=home.schema, contract=home.contract), by_path)
    same_figures(judge(home.delivery, home.gold, home.contract, home.items, schema=home.schema), by_path)


def test_several_tables_are_one_delivery(home: Home) -> None:
    frame = polars.DataFrame(columns(home.folder / "labels.csv"))
    whole = judge(frame, home.gold, home.contract, home.items, schema=home.schema)
    parts = judge([frame[:100], frame[100:]], home.gold, home.contract, home.items, schema=home.schema)
    same_figures(whole, parts)


def test_texts_of_paths_do_as_well_as_paths(home: Home) -> None:
    given = [str(path) for path in (home.delivery, home.gold, home.contract, home.items)]
    same_figures(
        judge(*given, schema=str(home.schema)),
        judge(home.delivery, home.gold, home.contract, home.items, schema=home.schema),
    )  # type: ignore[arg-type]  # texts


def test_a_verdict_says_what_the_report_says(home: Home, tmp_path: Path) -> None:
    verdict = judge(home.delivery, home.gold, home.contract, home.items, schema=home.schema)
    document: Any = verdict.report.document
    assert verdict.outcome == document["verdict"]["outcome"] == "rework"
    assert verdict.terms == document["verdict"]["terms"]
    assert verdict.headline == document["verdict"]["headline"]
    assert verdict.figures == {"agreement": document["agreement"], "gold": document["gold"]}
    assert len(verdict.rework) == document["rework"]["items"] > 0
    assert not verdict.is_provisional
    assert verdict.exit_code == 1
    assert "rework" in repr(verdict)
    out = verdict.report.save(tmp_path / "report")
    assert load_json(out / "report.json") == document
    listed = [line.split(",")[0] for line in (out / "rework.csv").read_text().splitlines()[1:]]
    assert listed == verdict.rework


def test_a_report_may_be_saved_twice_and_for_several_readers(home: Home, tmp_path: Path) -> None:
    report = judge(home.delivery, home.gold, home.contract, home.items, schema=home.schema).report
    first = (report.save(tmp_path / "out") / "report.json").read_bytes()
    assert (report.save(tmp_path / "out") / "report.json").read_bytes() == first
    vendor: Any = load_json(report.save(tmp_path / "vendor", audience="vendor") / "report.json")
    assert vendor == report.for_audience("vendor")
    assert vendor["audience"] == "vendor"


def test_a_folder_with_other_files_is_never_replaced(home: Home, tmp_path: Path) -> None:
    report = judge(home.delivery, home.gold, schema=home.schema).report
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(assay.InputError, match="would replace something that is not a report"):
        report.save(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_package_itself_is_called(home: Home) -> None:
    verdict = assay.judge(home.delivery, gold=home.gold, schema=home.schema)
    assert isinstance(verdict, assay.Verdict)


def test_a_contract_may_be_what_the_loader_returns(home: Home) -> None:
    assert home.contract is not None
    loaded = judge(home.delivery, home.gold, load_contract(home.contract), home.items, schema=home.schema)
    same_figures(loaded, judge(home.delivery, home.gold, home.contract, home.items, schema=home.schema))


def test_input_that_cannot_be_judged_is_refused_with_its_class(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("item,annotator,label\n")
    with pytest.raises(assay.InputError, match="there is no annotation"):
        judge(empty)
    with pytest.raises(assay.InputError):
        judge(tmp_path / "nothing.csv")
    with pytest.raises(assay.InputError):
        judge(pandas.DataFrame({"unrelated": [1, 2]}))


# Exit codes


def outcome_of(
    folder: Path, right: int, gold: int, *, floor: str = "0.80", reject: str = "0.50"
) -> assay.Verdict:
    """A batch of 200 with so many of the gold items right."""
    home = by_hand(
        folder,
        table("item,annotator,label", [(n, "p", "a" if n < right or n >= gold else "b") for n in range(200)]),
        gold=table("item,label", [(n, "a") for n in range(gold)]),
        contract=contract_of(
            f"id: gold, metric: gold_accuracy, scope: overall, floor: {floor}, reject_below: {reject}"
        ),
    )
    return judge(home.delivery, home.gold, home.contract)


@pytest.mark.parametrize(
    ("right", "gold", "outcome", "code"),
    [(100, 100, "accept", 0), (70, 100, "rework", 1), (20, 100, "reject", 1), (9, 9, "not provable", 3)],
)
def test_the_exit_code_is_that_of_the_outcome(
    tmp_path: Path, right: int, gold: int, outcome: str, code: int
) -> None:
    verdict = outcome_of(tmp_path, right, gold)
    assert (verdict.outcome, verdict.exit_code) == (outcome, code)


def test_without_a_contract_the_starter_speaks_and_the_exit_code_is_0(tmp_path: Path) -> None:
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, "p", "b") for n in range(60)]),
        gold=table("item,label", [(n, "a") for n in range(60)]),
    )
    verdict = judge(home.delivery, home.gold)
    assert (verdict.outcome, verdict.is_provisional, verdict.exit_code) == ("reject", True, 0)


def test_without_gold_there_is_no_verdict_but_for_what_needs_none(tmp_path: Path) -> None:
    calm = table("item,annotator,label", [(n, who, "ab"[n % 2]) for n in range(60) for who in "pq"])
    verdict = judge(by_hand(tmp_path / "calm", calm).delivery)
    assert (verdict.outcome, verdict.exit_code) == (None, 0)
    assert verdict.figures["gold"] is None
    agreed = contract_of(
        "id: agreement, metric: krippendorff_alpha, scope: every class, floor: 0.8, redo: class",
        measurement="sample: {share: 10%, by: buyer, annotators_per_item: 2}",
    )
    split = table(
        "item,annotator,label",
        [(n, who, "ab"[(n + (who == "q" and n % 3 == 0)) % 2]) for n in range(90) for who in "pq"],
    )
    failing = by_hand(tmp_path / "split", split, contract=agreed)
    assert judge(failing.delivery, contract=failing.contract).exit_code == 1


# A contract proposed from the data


@pytest.mark.parametrize(
    "spec",
    [
        Spec(items=700, annotators=5, accuracy=0.97, gold=Gold(items=300, per_class=30), messages=False),
        Spec(items=700, annotators=5, accuracy=0.8, gold=Gold(items=300, per_class=30), messages=False),
        Spec(
            items=700, annotators=5, accuracy=0.75, gold=Gold(items=300, per_class=30), messages=False,
            slices=(Slice("place", ("x", "y")),),
        ),
        Spec(
            kind="rating", classes=("1", "2", "3", "4", "5"), level="ordinal", items=500, annotators=5, accuracy=0.5,
            gold=Gold(items=250), messages=False,
        ),
        Spec(kind="multi", classes=("a", "b", "c"), items=500, annotators=5, accuracy=0.6, gold=Gold(items=300), messages=False),
        Spec(kind="text", items=200, annotators=3, accuracy=0.6, votes_per_item=1, gold=Gold(items=120)),
        Spec(items=500, annotators=5, accuracy=0.9, gold=Gold(items=40), messages=False),
    ],
    ids=["good", "weak", "weak with slices", "ratings", "tags", "texts", "little gold"],
)  # fmt: skip
def test_the_proposed_contract_passes_the_batch_it_was_made_from_or_says_what_it_does_not(
    tmp_path: Path, spec: Spec
) -> None:
    home = simulated(tmp_path / "batch", spec)
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(propose_contract(home.judge(contract=None)), encoding="utf-8")
    load_contract(proposed)
    document = home.document(contract=proposed)
    head = "".join(line for line in proposed.read_text().splitlines() if line.startswith("#"))
    assert f"the batch would be: {document['verdict']['outcome']}." in head
    rows = document["verdict"]["terms"]
    for row in rows:
        if row["outcome"] != "pass":
            assert " ".join([row["id"], *row["subject"].values()]) in head
    failed = [row for row in rows if row["outcome"] in ("fail", "reject")]
    for name in {row["id"] for row in failed}:
        own = [row for row in rows if row["id"] == name]
        assert sum(row["outcome"] == "fail" for row in own) <= len(own) / 4, name


def test_the_proposed_contract_keeps_floors_that_the_batch_reaches(tmp_path: Path) -> None:
    spec = Spec(items=900, annotators=5, accuracy=0.985, gold=Gold(items=600, per_class=60), messages=False)
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(propose_contract(simulated(tmp_path / "batch", spec).judge(contract=None)))
    floors = {term.id: str(term.floor) for term in load_contract(proposed).acceptance}
    assert floors["gold"] == "0.90"
    assert floors["people"] == "0.80"


def test_one_weak_person_lowers_no_floor_and_is_named(tmp_path: Path) -> None:
    people = (*(Annotator(f"p{n}") for n in range(7)), Annotator("weak", accuracy=0.4))
    spec = Spec(
        items=900, classes=("a", "b", "c"), annotators=people, accuracy=0.98, votes_per_item=1, gold=Gold(items=600),
        messages=False,
    )  # fmt: skip
    home = simulated(tmp_path / "batch", spec)
    text = propose_contract(home.judge(contract=None))
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(text)
    (people_term,) = [term for term in load_contract(proposed).acceptance if term.id == "people"]
    assert str(people_term.floor) == "0.80"
    assert "would be: rework" in text
    (row,) = [r for r in home.document(contract=proposed)["verdict"]["terms"] if r["outcome"] == "fail"]
    assert f"Still failing: people {row['subject']['annotator']}." in text
