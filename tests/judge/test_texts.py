"""Short texts: word and character error rates, which text of an item counts, what is missing, what goes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.judge.api import judge
from assay.simulate import Annotator, Gold, Slice, Spec
from assay.terms.contract import Contract
from tests.judge.judging import Home, Json, by_hand, contract_of, kinds, saved, simulated, table, term

WER = "id: gold, metric: wer, scope: overall, ceiling: 0.20"
PEOPLE = "id: people, metric: wer, scope: every annotator, ceiling: 0.20, redo: annotator"
COLUMNS = "labels: text\ncolumns: {item: item, annotator: annotator, label: label, layer: layer}"


def agreed(*terms: str, form: str = "[NFC]", more: str = "") -> Contract:
    return contract_of(*terms, labels="text", measurement=f"normal_form: {form}\n  {more}")


def spoken(folder: Path, rows: list[tuple[object, ...]], gold: list[str], *terms: str, **more: str) -> Home:
    """Rows of item, annotator, text and layer, with gold for items 0, 1, …"""
    return by_hand(
        folder,
        table("item,annotator,label,layer", rows),
        gold=table("item,label", enumerate(gold)),
        delivery=COLUMNS,
        contract=agreed(*(terms or (WER,))),
        **more,
    )


def rate(document: Json, unit: str = "wer") -> float:
    return float(document["gold"]["overall"][unit]["value"])


def test_edits_add_up_over_all_texts(tmp_path: Path) -> None:
    # one word of four replaced, one of two left out: 2 edits over 6 words
    rows = [(0, "p", "the cat sat there", "first_pass"), (1, "p", "go", "first_pass")]
    document = spoken(tmp_path, rows, ["the cat sat here", "go home"]).document()
    assert rate(document) == pytest.approx(2 / 6)
    assert rate(document, "cer") == pytest.approx(
        (1 + len(" home")) / (len("the cat sat here") + len("go home"))
    )


def test_the_normal_form_of_the_contract_decides_what_is_equal(tmp_path: Path) -> None:
    rows = [(n, "p", "Well  then!", "first_pass") for n in range(4)]
    plain = spoken(tmp_path / "plain", rows, ["well then"] * 4)
    form = "[NFC, lower case, without punctuation, runs of white space as one space]"
    assert rate(plain.document()) == 1.0
    document = plain.document(contract=agreed(WER, form=form))
    assert rate(document) == 0.0
    assert document["method"]["normal_form"].startswith("NFC, lower case")


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([("p", "bad", "first_pass")], 1.0),
        ([("p", "bad", "first_pass"), ("p", "good", "self_check")], 0.0),
        ([("p", "bad", "first_pass"), ("q", "good", "first_pass")], 0.5),
        ([("p", "bad", "first_pass"), ("q", "good", "first_pass"), ("x", "good", "review")], 0.0),
        ([("p", "good", "first_pass"), ("x", "good", "review"), ("y", "bad", "final")], 1.0),
        ([("p", "good", "first_pass"), ("model:m", "bad", "first_pass"), ("r", "bad", "prelabel")], 0.0),
    ],
)
def test_a_later_layer_takes_the_place_of_earlier_texts(
    tmp_path: Path, rows: list[tuple[str, str, str]], wrong: float
) -> None:
    everywhere = [(n, *row) for n in range(5) for row in rows]
    assert rate(spoken(tmp_path, everywhere, ["good"] * 5).document()) == wrong


def test_one_annotator_is_judged_where_the_delivery_says_so(tmp_path: Path) -> None:
    rows = [(n, who, text, "first_pass") for n in range(5) for who, text in (("p", "good"), ("q", "bad"))]
    for who, expected in (("p", 0.0), ("q", 1.0)):
        home = spoken(tmp_path / who, rows, ["good"] * 5)
        home.delivery.write_text(home.delivery.read_text() + f"final: {{annotator: {who}}}\n")
        assert rate(home.document()) == expected
    home.delivery.write_text(home.delivery.read_text().replace("annotator: q}", "annotator: z}"))
    with pytest.raises(InputError, match="not in the delivery"):
        home.document()


def test_gold_without_a_text_counts_as_the_contract_says(tmp_path: Path) -> None:
    rows = [(n, "p", "one two", "first_pass") for n in range(8)]
    counted = spoken(tmp_path / "counted", rows, ["one two"] * 10).document()
    assert rate(counted) == pytest.approx(4 / 20)
    assert counted["gold"]["not_delivered"] == 2
    left_out = agreed(WER, more="missing: {gold_not_delivered: left out}")
    document = spoken(tmp_path / "left", rows, ["one two"] * 10).document(contract=left_out)
    assert rate(document) == 0.0
    assert "gold_outside_batch" in kinds(document)


def test_the_manifest_says_what_the_batch_is(tmp_path: Path) -> None:
    rows = [(n, "p", "one two", "first_pass") for n in range(8)] + [(77, "p", "never asked", "first_pass")]
    home = spoken(
        tmp_path, rows, ["one two"] * 20, WER, "id: all, metric: delivered_share, scope: overall, floor: 0.9",
        items=table("item", [(n,) for n in range(10)]),
    )  # fmt: skip
    document = home.document()
    assert rate(document) == pytest.approx(4 / 20)  # of the twenty gold items ten are of this batch
    assert term(document, "all")["value"] == 0.8
    assert {"missing_items", "extra_items", "gold_outside_batch"} <= kinds(document)
    assert (document["batch"]["items"], document["batch"]["items_expected"]) == (8, 10)


def test_practice_gold_is_not_scored(tmp_path: Path) -> None:
    home = spoken(tmp_path, [(n, "p", "good", "first_pass") for n in range(6)], ["good"] * 6)
    gold = [(n, "good" if n < 4 else "bad", "acceptance" if n < 4 else "practice") for n in range(6)]
    assert home.gold is not None
    home.gold.write_text(table("item,label,compartment", gold))
    assert rate(home.document()) == 0.0


def weak(folder: Path, *terms: str) -> Home:
    """Five transcribers of whom one gets half of the words wrong."""
    people = (*(Annotator(f"p{n}") for n in range(4)), Annotator("weak", accuracy=0.5))
    spec = Spec(
        kind="text", items=300, annotators=people, votes_per_item=1, accuracy=0.97, gold=Gold(items=200),
        slices=(Slice("room", ("quiet", "loud")),), seed=2,
    )  # fmt: skip
    return simulated(folder, spec, contract=agreed(*terms))


def test_a_failed_person_sends_back_the_own_texts(tmp_path: Path) -> None:
    home = weak(tmp_path, PEOPLE)
    document = home.document()
    assert document["verdict"]["outcome"] == "rework"
    (part,) = document["rework"]["by_reason"]
    own = {
        line.split(",")[0] for line in (tmp_path / "labels.csv").read_text().splitlines() if ",weak," in line
    }
    verdict = judge(home.delivery, home.gold, home.contract, home.items, schema=home.schema)
    assert set(verdict.rework) == own
    assert part["items"] == document["rework"]["items"] == len(own)
    assert document["rework"]["stand"] == document["batch"]["items"] - len(own)
    assert document["verdict"]["headline"].startswith(f"Rework: {len(own)} of 300 items")
    assert document["verdict"]["next"]
    assert document["verdict"]["summary"] == [part["text"]]


def test_a_failed_batch_goes_back_whole_and_a_slice_alone(tmp_path: Path) -> None:
    everything = weak(tmp_path / "all", WER.replace("0.20", "0.02")).document()
    assert everything["rework"]["items"] == everything["batch"]["items"] == 300
    loud = "id: rooms, metric: wer, scope: {every: slice, of: room}, ceiling: 0.02, redo: slice"
    document = weak(tmp_path / "slices", loud).document()
    parts = document["rework"]["by_reason"]
    assert {part["subject"]["slice"] for part in parts} == {"quiet", "loud"}
    assert sum(part["items"] for part in parts) == 300


def test_the_redo_list_is_written(tmp_path: Path) -> None:
    home = weak(tmp_path / "in", PEOPLE)
    folder = saved(home, tmp_path / "out")
    lines = (folder / "rework.csv").read_text().splitlines()
    assert lines[0] == "item,reason,subject,annotator,round"
    assert len(lines) - 1 == home.document()["rework"]["items"]
    assert (folder / "rework.label-studio.json").read_text().count("assay_item") == len(lines) - 1


def test_the_weak_person_is_suspected_and_nobody_else(tmp_path: Path) -> None:
    document = weak(tmp_path, PEOPLE).document()
    (suspected,) = [f["subject"] for f in document["suspicions"] if f["kind"] == "worse_on_gold"]
    (failed,) = [
        row["subject"]["annotator"] for row in document["verdict"]["terms"] if row["outcome"] == "fail"
    ]
    assert suspected == failed


def test_a_sample_design_that_is_not_applied_is_said(tmp_path: Path) -> None:
    rows = [(n, "p", "one two", "first_pass") for n in range(8)]
    home = spoken(
        tmp_path, rows, ["one two"] * 8, items=table("item,stratum", [(n, "xy"[n % 2]) for n in range(8)])
    )
    assert any("sample design" in said for said in home.document()["not_proven"])
