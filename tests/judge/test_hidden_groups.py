"""From no file that a vendor receives follows a figure over fewer than five gold items."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.annotation.strict_json import load_json
from assay.judge.saving import document_bytes
from assay.report import for_audience
from assay.simulate import Gold, Spec
from tests.judge.judging import Home, Json, by_hand, contract_of, report_file, saved, simulated, table, term
from tests.report.disclosure import small_groups_that_follow

TERM = "id: classes, metric: gold_f1, scope: every class, floor: 0.70, redo: class"
TERMS = contract_of(
    "id: classes, metric: gold_f1, scope: every class, floor: 0.60, redo: class",
    "id: people, metric: gold_f1, scope: every annotator, floor: 0.60, redo: annotator",
    "id: places, metric: gold_accuracy, scope: {every: slice, of: place}, floor: 0.60, redo: slice",
)
CLASSES, PEOPLE, PLACES = ("a", "b", "c", "d"), ("p", "q", "r"), ("north", "south", "east", "")


def panel(folder: Path, seed: int, votes: int, final: str) -> Home:
    """A batch whose gold is spread at random: some classes, people and places hold few of it."""
    draw = random.Random(seed)
    weight = {
        name: [draw.choice((1, 3, 30)) for _ in group]
        for name, group in (("c", CLASSES), ("w", PLACES), ("p", PEOPLE))
    }
    truth = draw.choices(CLASSES, weight["c"], k=80)
    places = draw.choices(PLACES, weight["w"], k=80)
    rows = []
    for item, right in enumerate(truth):
        people = draw.sample(PEOPLE, votes) if votes > 1 else draw.choices(PEOPLE, weight["p"])
        rows += [(item, who, right if draw.random() < 0.8 else draw.choice(CLASSES)) for who in people]
    chosen = draw.sample(range(80), draw.randint(6, 50))
    return by_hand(
        folder,
        table("item,annotator,label", rows),
        gold=table("item,label", [(n, truth[n]) for n in sorted(chosen)]),
        items=table("item,place", enumerate(places)),
        delivery=f"final: {final}",
        contract=TERMS,
    )  # fmt: skip


def seen(vendor: Json, counts: Json, kind: str) -> set[str]:
    """The subjects of a kind with a number against gold in any place of the report or its counts."""
    gold, found = vendor["gold"], set()
    sections = {
        "class": gold["by_class"],
        "annotator": gold["by_annotator"],
        "slice": gold["by_slice"].get("place", {}),
    }
    found |= set(sections[kind])
    for row in vendor["verdict"]["terms"]:
        if kind in row["subject"] and (row["value"] is not None or row["units"] or row["positives"]):
            found.add(row["subject"][kind])
    if kind == "class":
        found |= set((gold["confusion"] or {"classes": []})["classes"]) - {"classes with less gold"}
        (block,) = counts["gold"]["confusion"]
        found |= {name for name, row in zip(counts["classes"], block, strict=True) if row is not None}
    if kind == "annotator":
        found |= {person["id"] for person in vendor["people"] if person["gold"]}
        found |= {name for name, one in counts["gold"]["by_annotator"].items() if one}
    if kind == "slice":
        found |= {row["value"] for row in vendor["slices"] if row["gold"]}
        found |= {name for name, one in counts["gold"]["by_slice"]["place"].items() if one}
    return found


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 2, 3]))
def test_no_combination_of_what_is_shown_gives_a_group_of_under_five(seed: int, votes: int) -> None:
    with TemporaryDirectory() as folder:
        home = panel(Path(folder), seed, votes, "majority")
        buyer = home.document()
        out = saved(home, Path(folder) / "vendor", audience="vendor")
        vendor: Any = load_json(out / "report.json")
        counts: Any = load_json(out / "counts.json")
    gold, matrix = buyer["gold"], buyer["gold"]["confusion"]["matrix"]
    support = {
        name: {key: one["support"] for key, one in gold[name].items()}
        for name in ("by_class", "by_annotator")
    }
    places = {key: one["support"] for key, one in gold["by_slice"]["place"].items()}
    places["no value"] = gold["overall"]["support"] - sum(places.values())
    delivered = {name: sum(row[n] for row in matrix) for n, name in enumerate(counts["classes"])}
    for sizes, kind in (
        (support["by_class"], "class"), (delivered, "class"), (support["by_annotator"], "annotator"), (places, "slice"),
    ):  # fmt: skip
        assert small_groups_that_follow(sizes, seen(vendor, counts, kind)) == [], kind


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6))
def test_of_single_votes_every_group_shown_holds_five_items(seed: int) -> None:
    with TemporaryDirectory() as folder:
        home = panel(Path(folder), seed, 3, "each vote")
        vendor: Json = for_audience(home.document(), "vendor")
    for name in ("by_class", "by_slice"):
        groups = vendor["gold"][name] if name == "by_class" else vendor["gold"][name]["place"]
        assert all(one["support"] >= 15 for one in groups.values())


def test_a_need_does_not_tell_how_much_gold_a_hidden_class_has(tmp_path: Path) -> None:
    truth = ["a"] * 60 + ["b"] * 40 + ["c"] * 3
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, "p", label) for n, label in enumerate(truth)]),
        gold=table("item,label", enumerate(truth)),
        contract=contract_of(TERM),
    )
    buyer, vendor = home.document(), for_audience(home.document(), "vendor")
    assert "17 more gold items of c" in str(buyer["verdict"])
    assert "17 more" not in str(vendor)
    need = term(vendor, "classes", **{"class": "c"})["needs"]
    assert need["sentence"].startswith("More gold items of c, from the buyer")
    assert "More gold items of c" in {step["what"] for step in vendor["verdict"]["next"]}  # type: ignore[index]  # a JSON document


@pytest.mark.parametrize(("items", "shown"), [(9, True), (3, False)])
def test_a_pooled_figure_is_shown_only_where_every_batch_of_it_was(
    tmp_path: Path, items: int, shown: bool
) -> None:
    def batch(number: int, rare: int) -> Home:
        spec = Spec(
            items=500, classes=("a", "b", "rare"), prior=(0.6, 0.35, 0.05), annotators=3, votes_per_item=1,
            accuracy=0.97, gold=Gold(items=10 * rare, per_class={"rare": rare}), batch=f"batch-{number}", seed=number,
            messages=False,
        )  # fmt: skip
        return simulated(tmp_path / f"batch-{number}", spec, contract=contract_of(TERM))

    first = batch(1, items).document()
    assert (first["gold"]["by_class"]["rare"]["support"] >= 5) is shown
    earlier = report_file(first, tmp_path / "earlier.json")
    buyer = batch(2, 15).document(earlier=(earlier,))
    row = term(buyer, "classes", **{"class": "rare"})
    assert row["pooled_batches"] == 2
    assert row["value"] is not None
    closed = term(for_audience(buyer, "vendor"), "classes", **{"class": "rare"})
    assert (closed["value"] == row["value"]) is shown
    assert (closed["positives"] is not None) is shown
    assert b"pooled_open" not in document_bytes(for_audience(buyer, "vendor"))
