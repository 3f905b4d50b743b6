"""The files of a simulated programme hold what was drawn, and the truth beside them says what that is."""

from __future__ import annotations

import csv
import hashlib
import json
import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from assay.annotation.strict_yaml import load_yaml
from assay.formats.delivery import load_delivery
from assay.simulate import (
    NOTHING,
    PLANTS,
    Annotator,
    Final,
    Gold,
    Reviewer,
    Slice,
    Spec,
    plant,
    simulate,
)
from assay.terms.contract import load_contract
from assay.terms.templates import load_template

CHANNEL = Slice("channel", ("mail", "chat, phone"), (0.7, 0.3))
FULL = Spec(
    items=300,
    slices=(CHANNEL,),
    gold=Gold(items=60, per_class=5, makers=2),
    final=Final("drawn"),
    reviewer=Reviewer(),
    missing=0.1,
    skipped=0.05,
    duplicates=0.05,
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def test_the_label_table_holds_every_vote_review_and_final_label_of_the_draw(tmp_path: Path) -> None:
    programme = simulate(FULL)
    programme.write(tmp_path)
    draw, names = programme.draw, programme.items
    found = Counter(
        (row["item"], row["annotator"], row["label"], row["layer"], row["state"])
        for row in rows(tmp_path / "labels.csv")
    )
    expected: Counter[tuple[str, str, str, str, str]] = Counter()
    for at, (item, person, label) in enumerate(zip(draw.item, draw.annotator, draw.label, strict=True)):
        answer = (
            ("", "first_pass", "skipped")
            if label == NOTHING
            else (draw.values[label], "first_pass", "annotated")
        )
        expected[names[item], draw.people[person], *answer] += 2 if at in set(draw.repeated.tolist()) else 1
    for item, label in zip(draw.review_item, draw.review_label, strict=True):
        expected[names[item], "reviewer-01", draw.values[label], "review", "annotated"] += 1
    assert draw.final is not None
    for item, label in enumerate(draw.final):
        if label != NOTHING:
            expected[names[item], "lead-01", draw.values[label], "final", "annotated"] += 1
    assert found == expected


def test_gold_and_manifest_hold_every_item_they_should(tmp_path: Path) -> None:
    programme = simulate(FULL)
    programme.write(tmp_path)
    draw, names = programme.draw, programme.items
    gold = rows(tmp_path / "gold.csv")
    assert Counter(row["maker"] for row in gold) == {"maker-01": 60, "maker-02": 60, "final": 60}
    final = {row["item"]: row["label"] for row in gold if row["maker"] == "final"}
    assert final == {
        names[item]: draw.values[label] for item, label in zip(draw.gold_item, draw.gold_label, strict=True)
    }
    items = rows(tmp_path / "items.csv")
    assert [row["item"] for row in items] == names
    assert [row["channel"] for row in items] == [CHANNEL.values[code] for code in draw.slices["channel"]]
    assert [row["text"] for row in items] == list(programme.messages or ())


def test_a_plain_delivery_has_three_columns_and_gold_two(tmp_path: Path) -> None:
    simulate(Spec(items=20, gold=Gold(items=5))).write(tmp_path)
    assert (tmp_path / "labels.csv").read_text().splitlines()[0] == "item,annotator,label"
    assert (tmp_path / "gold.csv").read_text().splitlines()[0] == "item,label"


def test_the_delivery_describes_the_table(tmp_path: Path) -> None:
    simulate(FULL).write(tmp_path)
    declared = load_delivery(tmp_path / "delivery.yaml", inside=True)
    assert (declared.batch, declared.labels, declared.round) == ("batch-01", "choice", 1)
    assert declared.items == tmp_path / "items.csv"
    assert set(declared.columns or ()) == {"item", "annotator", "label", "layer", "state"}


def test_tags_are_kept_apart_by_the_separator_that_the_delivery_declares(tmp_path: Path) -> None:
    programme = simulate(Spec(kind="multi", items=200, gold=Gold(items=40)))
    programme.write(tmp_path)
    declared = load_delivery(tmp_path / "delivery.yaml")
    draw = programme.draw
    assert declared.separator is not None
    for row, label in zip(rows(tmp_path / "labels.csv"), draw.label, strict=True):
        tags = row["label"].split(declared.separator) if row["label"] else []
        assert "\x1f".join(tags) == draw.values[label]
        assert row["state"] == ("annotated" if tags else "annotated_empty")


def test_the_schema_names_the_classes_or_the_scale(tmp_path: Path) -> None:
    simulate(Spec(items=5)).write(tmp_path / "choice")
    simulate(Spec(kind="rating", classes=("1", "2", "10"), items=5)).write(tmp_path / "rating")
    choice = load_yaml(tmp_path / "choice" / "schema.yaml").plain()
    rating = load_yaml(tmp_path / "rating" / "schema.yaml").plain()
    assert isinstance(choice, dict)
    assert isinstance(rating, dict)
    assert [c["id"] for c in choice["classes"]] == list(Spec().classes)  # type: ignore[union-attr,index]
    assert (rating["low"], rating["high"]) == ("1", "10")


def test_names_that_a_table_could_misread_come_back_whole(tmp_path: Path) -> None:
    classes = ("no", "007", 'say "yes", then go', "#hash", " padded ", "línea\nnueva")
    people = tuple(Annotator(name) for name in ("a,b", "NA", "null"))
    programme = simulate(Spec(items=60, classes=classes, annotators=people, messages=False))
    programme.write(tmp_path)
    found = rows(tmp_path / "labels.csv")
    assert {row["label"] for row in found} <= set(classes)
    assert [row["label"] for row in found] == [programme.draw.values[code] for code in programme.draw.label]
    assert {row["annotator"] for row in found} == {"a,b", "NA", "null"}
    named = load_yaml(tmp_path / "schema.yaml").plain()
    assert isinstance(named, dict)
    assert [c["id"] for c in named["classes"]] == list(classes)  # type: ignore[union-attr,index]


def test_the_truth_names_everything_that_was_planted_and_what_came_of_it(tmp_path: Path) -> None:
    programme = simulate(plant(replace(FULL, annotators=12), *PLANTS))
    programme.write(tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert {fact["what"] for fact in truth["planted"]} == {
        "weak annotator", "spammer", "constant answer", "copies a person", "copies gold", "drift", "mixes up",
        "hard slice", "guideline gap", "rubber stamp", "missing", "skipped", "duplicates",
    }  # fmt: skip
    spammer = next(fact["annotator"] for fact in truth["planted"] if fact["what"] == "spammer")
    own = programme.draw.annotator == programme.draw.people.index(spammer)
    given = own & (programme.draw.label != NOTHING)
    right = (programme.draw.label == programme.draw.truth[programme.draw.item])[given].mean()
    assert truth["annotators"][spammer] == {
        "votes": int(given.sum()),
        "right": pytest.approx(right, abs=1e-6),
    }
    assert truth["items"]["delivered"] == int(programme.draw.delivered.sum())
    assert sum(facts["items"] for facts in truth["classes"].values()) == 300


def test_a_clean_programme_has_nothing_planted() -> None:
    assert simulate(Spec(items=10)).truth["planted"] == []


@pytest.mark.parametrize("name", PLANTS)
def test_each_named_plant_says_what_it_is(name: str) -> None:
    facts = simulate(plant(Spec(items=10), name)).truth["planted"]
    assert isinstance(facts, list)
    assert len(facts) == 1


def test_an_unknown_plant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="weak-annotator"):
        plant(Spec(), "gremlin")


def test_messages_are_about_their_class_and_speak_of_both_in_a_gap() -> None:
    programme = simulate(plant(Spec(items=3_000), "guideline-gap"))
    messages = programme.messages or ()
    draw = programme.draw
    fraud = [m for m, c in zip(messages, draw.truth, strict=True) if draw.values[c] == "fraud"]
    assert all("card" in m or "address I do not know" in m or "code" in m for m in fraud)
    in_gap = (draw.slices["channel"] == 2) & (draw.truth == 1)
    assert all(("and also" in m) == bool(split) for m, split in zip(messages, in_gap, strict=True))
    assert len(set(messages)) > 2_000


def test_classes_we_have_no_words_for_still_get_readable_messages() -> None:
    programme = simulate(Spec(items=50, classes=("night_shift", "day_shift")))
    assert all("shift" in message for message in programme.messages or ())


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    def digest(folder: str, seed: int) -> dict[str, str]:
        paths = simulate(FULL, seed).write(tmp_path / folder)
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}

    first, again, other = digest("a", 3), digest("b", 3), digest("c", 4)
    assert set(first) == {
        "labels.csv", "gold.csv", "items.csv", "delivery.yaml", "schema.yaml", "truth.json", "contract.yaml"
    }  # fmt: skip
    assert first == again
    assert first["labels.csv"] != other["labels.csv"]


def test_a_million_rows_are_drawn_and_written_in_less_than_two_seconds(tmp_path: Path) -> None:
    start = time.process_time()
    simulate(Spec(items=334_000, annotators=50, gold=Gold(items=1_000), slices=(CHANNEL,))).write(tmp_path)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("kind", ["choice", "multi", "rating", "text"])
def test_the_contract_is_the_starter_for_the_kind_or_the_one_given(kind: str, tmp_path: Path) -> None:
    classes = ("0", "5", "10") if kind == "rating" else ("a", "b")
    programme = simulate(Spec(kind=kind, classes=classes, items=5))  # type: ignore[arg-type]
    programme.write(tmp_path)
    found = load_contract(tmp_path / "contract.yaml")
    assert (found.template, found.labels) == (f"starter-{kind}", kind)
    if kind == "rating":
        assert found.term("gold").within == Decimal("2.5")
        assert found.level == "ordinal"
    other = load_template("standard-choice")
    programme.write(tmp_path, contract=other)
    assert load_contract(tmp_path / "contract.yaml") == other
