"""Real documents: they fit the published schema for every audience, and what they count adds up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from assay.annotation.errors import InputError
from assay.judge.saving import COUNTS, PAGE, REDO, REPORT, audience_document, staged
from assay.measure.coincidence import alpha
from assay.simulate import Annotator, Gold, GuidelineGap, Reviewer, Slice, Spec
from assay.terms.templates import TEMPLATES, load_template
from tests.judge.judging import Home, Json, by_hand, contract_of, kinds, saved, simulated, table
from tests.paths import ROOT

SCHEMA = json.loads((ROOT / "docs" / "reference" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
PLACES = Slice("place", ("x", "y"))
PEOPLE = (*(Annotator(f"p{n}") for n in range(4)), Annotator("weak", accuracy=0.5))
SPECS = {
    "choice": Spec(
        items=300, classes=("a", "b", "c"), annotators=PEOPLE, accuracy=0.94, slices=(PLACES,), gold=Gold(items=150, makers=2),
        guideline_gaps=(GuidelineGap(("a", "b"), "place", "x"),), reviewer=Reviewer(share=0.1), missing=0.02, skipped=0.02,
        duplicates=0.01,
    ),
    "rating": Spec(
        kind="rating", classes=("1", "2", "3", "4", "5"), level="ordinal", items=300, annotators=PEOPLE, accuracy=0.7,
        slices=(PLACES,), gold=Gold(items=150),
    ),
    "multi": Spec(
        kind="multi", classes=("a", "b", "c"), items=300, annotators=PEOPLE, accuracy=0.85, slices=(PLACES,), gold=Gold(items=150)
    ),
    "text": Spec(kind="text", items=150, annotators=PEOPLE, votes_per_item=1, accuracy=0.9, slices=(PLACES,), gold=Gold(items=100)),
}  # fmt: skip
KINDS = tuple(SPECS)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Home]:
    out = {}
    for kind, spec in SPECS.items():
        name = f"standard-{kind}" if f"standard-{kind}" in TEMPLATES else f"starter-{kind}"
        template = load_template(name)
        agreed = replace(template, level="ordinal") if kind == "rating" else template
        out[kind] = simulated(tmp_path_factory.mktemp(kind), spec, contract=agreed)
    return out


def faults(document: Any) -> list[str]:
    plain = json.loads(json.dumps(document))
    return [f"{'/'.join(map(str, f.absolute_path))}: {f.message}" for f in VALIDATOR.iter_errors(plain)]


def numbers(node: Any, path: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(node, bool):
        return
    if isinstance(node, float):
        yield path, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from numbers(value, f"{path}.{key}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from numbers(value, f"{path}[{place}]")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_batch_fits_the_published_schema_for_every_audience(
    homes: dict[str, Home], kind: str
) -> None:
    judgement = homes[kind].judge()
    assert faults(judgement.document) == []
    assert faults(audience_document(judgement, "vendor")) == []
    assert faults(audience_document(judgement, "annotator", "annotator-01")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_pre_flight_and_a_batch_without_contract_fit_it_too(homes: dict[str, Home], kind: str) -> None:
    home = homes[kind]
    without_gold = home.document(gold=None)
    assert faults(without_gold) == []
    assert without_gold["gold"] is None
    assert any("no gold" in said for said in without_gold["not_proven"]) or kind == "text"
    provisional = home.document(contract=None)
    assert faults(provisional) == []
    assert provisional["verdict"]["provisional"] is True


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_have_twelve_significant_digits_and_are_numbers(homes: dict[str, Home], kind: str) -> None:
    for path, number in numbers(homes[kind].document()):
        assert np.isfinite(number), path
        assert float(f"{number:.12g}") == number, path


def objects(node: Any, path: str = "") -> Iterator[tuple[str, Json]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from objects(value, f"{path}.{key}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from objects(value, f"{path}[{place}]")


@pytest.mark.parametrize("kind", KINDS)
def test_no_interval_has_a_width_of_zero_and_every_value_lies_in_its_own(
    homes: dict[str, Home], kind: str
) -> None:
    document = homes[kind].document()
    for path, node in objects({key: document[key] for key in document if key not in ("pool", "suspicions")}):
        if node.get("low") is None or node.get("high") is None:
            continue
        assert node["low"] < node["high"], path
        value = node.get("share") if path.startswith(".clusters") else node.get("value", node["low"])
        assert node["low"] <= value <= node["high"], path


@pytest.mark.parametrize("kind", KINDS)
def test_the_redo_list_adds_up(homes: dict[str, Home], kind: str) -> None:
    document = homes[kind].document()
    rework, batch = document["rework"], document["batch"]
    assert sum(part["items"] for part in rework["by_reason"]) == rework["items"]
    assert rework["items"] + rework["stand"] == rework["of"]
    assert rework["of"] == batch["items"] + rework.get("missing", 0)
    assert batch["items"] <= batch["items_expected"]


@pytest.mark.parametrize("kind", KINDS)
def test_people_of_the_document_are_those_of_the_batch(homes: dict[str, Home], kind: str) -> None:
    document = homes[kind].document()
    assert len(document["people"]) == document["batch"]["annotators"]
    assert sum(person["labels"] for person in document["people"]) == document["batch"]["labels"]
    assert [person["id"] for person in document["people"]] == sorted(
        person["id"] for person in document["people"]
    )
    for person in document["people"]:
        if person["share"]:
            assert sum(person["share"].values()) == pytest.approx(1)


def test_figures_follow_from_the_counts_alone(homes: dict[str, Home]) -> None:
    judgement = homes["choice"].judge()
    counts: Any = judgement.counts
    document: Json = judgement.document
    confusion = np.array(counts["gold"]["confusion"]).sum(axis=0)
    support, right = confusion.sum(), np.trace(confusion[:, :-1])
    assert document["gold"]["overall"]["accuracy"]["value"] == pytest.approx(right / support, abs=1e-12)
    for place, name in enumerate(counts["classes"]):
        tp, fp = confusion[place, place], confusion[:, place].sum() - confusion[place, place]
        fn = confusion[place].sum() - tp
        found = document["gold"]["by_class"][name]["f1"]["value"]
        assert found == pytest.approx(2 * tp / (2 * tp + fp + fn), abs=1e-12)
    same, count = (np.array(counts["agreement"][name], float).sum(axis=0) for name in ("same", "count"))
    sizes = np.arange(len(same))
    pairable = sizes >= 2
    matched = (same[pairable] / (sizes[pairable, None] - 1)).sum(axis=0)
    used = count[pairable].sum(axis=0)
    total = used.sum()
    disagree = 1 - matched.sum() / total
    chance = (total**2 - (used**2).sum()) / (total * (total - 1))
    assert document["agreement"]["overall"]["krippendorff_alpha"]["value"] == pytest.approx(
        1 - disagree / chance, abs=1e-12
    )
    assert alpha(np.diag(matched) + 0, counts["classes"]) is not None


def test_review_is_counted_by_layer(homes: dict[str, Home]) -> None:
    review = homes["choice"].document()["review"]["review"]
    assert review["by"] == 1
    assert 0 <= review["changed"] <= review["items"]
    assert review["items"] == pytest.approx(30, abs=15)


def test_what_is_odd_about_a_batch_is_said(homes: dict[str, Home]) -> None:
    found = kinds(homes["choice"].document())
    assert {"missing_items", "duplicate_rows"} <= found


def test_time_stands_on_a_report_only_when_it_is_given(homes: dict[str, Home]) -> None:
    home = homes["choice"]
    assert home.document()["judged_at"] is None
    moment = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert home.document(judged_at=moment)["judged_at"] == "2026-11-20T17:00:00Z"


def test_money_is_paid_for_what_is_accepted_and_held_for_what_is_not(tmp_path: Path) -> None:
    price = 'pricing: {currency: USD, lines: [{per: accepted item, price: "0.11"}]}'
    agreed = contract_of("id: gold, metric: gold_f1, scope: overall, floor: 0.8", more=price)
    votes = table("item,annotator,label", [(n, "p", "ab"[n % 2]) for n in range(200)])
    good, bad = (table("item,label", [(n, "ab"[(n + n % turn) % 2]) for n in range(100)]) for turn in (1, 3))
    accepted = by_hand(tmp_path / "good", votes, gold=good, contract=agreed).document()
    assert (accepted["money"]["payable_minor"], accepted["money"]["held_minor"]) == (2200, 0)
    refused = by_hand(tmp_path / "bad", votes, gold=bad, contract=agreed).document()
    assert refused["verdict"]["outcome"] == "rework"
    assert (refused["money"]["payable_minor"], refused["money"]["held_minor"]) == (0, 2200)
    assert by_hand(tmp_path / "none", votes, gold=good).document()["money"] is None


# Written whole or not at all


def stop_midway(out: Path) -> None:
    with staged(out) as stage:
        (stage / REPORT).write_text("half")
        raise RuntimeError("stopped")


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="stopped"):
        stop_midway(tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_report_stays_until_the_new_one_is_complete(
    homes: dict[str, Home], tmp_path: Path
) -> None:
    out = tmp_path / "report"
    with staged(out) as stage:
        for name in (REPORT, COUNTS, PAGE, REDO):
            (stage / name).write_text("old")
    with pytest.raises(RuntimeError, match="stopped"):
        stop_midway(out)
    assert (out / REPORT).read_text() == "old"
    with staged(out) as stage:
        (stage / REPORT).write_text("new")
    assert [path.name for path in out.iterdir()] == [REPORT]
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="cannot be written here"), staged(tmp_path / "file" / "report"):
        pass


def test_the_files_of_a_report_hold_what_the_judgement_holds(homes: dict[str, Home], tmp_path: Path) -> None:
    home = homes["choice"]
    folder = saved(home, tmp_path / "out")
    judgement = home.judge()
    assert json.loads((folder / REPORT).read_bytes()) == json.loads(json.dumps(judgement.document))
    assert json.loads((folder / COUNTS).read_bytes()) == json.loads(json.dumps(judgement.counts))
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert judgement.document["verdict"]["headline"].split(".")[0] in page  # type: ignore[index]  # a section
