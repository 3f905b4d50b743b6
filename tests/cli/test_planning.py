from __future__ import annotations

import csv
from pathlib import Path

import pytest

from .commands import assay, files, refused


def test_the_odds_of_a_contract_are_a_document(programme: Path, tmp_path: Path) -> None:
    arguments = ("--items", "300", "--runs", "10", "--points=-10,5", "--json")
    odds = assay("plan", "contract", programme / "contract.yaml", *arguments, folder=tmp_path).document
    assert odds["schema"] == "assay-odds/1"
    below, above = odds["qualities"]
    assert below["accept"] < above["accept"]
    for one in (below, above):
        assert one["accept"] + one["rework"] + one["reject"] + one["not_provable"] == pytest.approx(1)


def test_the_odds_are_printed_with_a_curve(programme: Path, tmp_path: Path) -> None:
    arguments = ("--items", "300", "--runs", "10", "--points", "5")
    text = assay("plan", "contract", programme / "contract.yaml", *arguments, folder=tmp_path, expected=0).out
    assert "points   accept" in text
    assert "against points above (or below) every floor" in text


def test_gold_is_sized_by_the_rarest_class_of_a_delivery(programme: Path, tmp_path: Path) -> None:
    text = assay(
        "plan", "gold", "--template", "starter-choice", "--like", programme, folder=tmp_path, expected=0
    ).out
    assert text.index("fraud") < text.index("delivery")
    assert "Drawn by class" in text


def test_a_sample_is_drawn_with_a_seed_committed_before(programme: Path, tmp_path: Path) -> None:
    before = assay("plan", "sample", "--commit", folder=tmp_path, expected=0).out
    commitment = before.split()[-1]
    arguments = ("plan", "sample", programme, "--template", "standard-choice")
    after = assay(*arguments, folder=tmp_path, expected=0).out
    assert commitment in after
    with (tmp_path / "sample.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    drawn = [row for row in rows if row["assigned_to"]]
    assert len(rows) == 300
    assert f"{len(drawn)} of 300 items drawn" in after
    assert assay(*arguments, "--out", "again.csv", folder=tmp_path).code == 0
    assert files(tmp_path)["again.csv"] == files(tmp_path)["sample.csv"]
    refused(assay(*arguments, folder=tmp_path), "sample.csv", "a new name")
    refused(assay("plan", "sample", "--commit", folder=tmp_path), "sample.seed", "a new name")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["contract"], ["--template"]),
        (["contract", "nothing.yaml"], ["nothing.yaml", "no such file"]),
        (["contract", "{p}/contract.yaml", "--points", "high"], ["--points", "high"]),
        (["contract", "{p}/contract.yaml", "--runs", "1"], ["--runs"]),
        (["gold", "--template", "gold"], ["gold", "starter-choice"]),
        (["sample", "{p}", "--template", "standard-choice"], ["sample.seed", "--commit"]),
        (["sample"], ["--commit"]),
        (["pilots"], ["pilots"]),
    ],
)
def test_what_cannot_be_planned_is_refused(
    programme: Path, tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    given = [text.replace("{p}", str(programme)) for text in arguments]
    refused(assay("plan", *given, folder=tmp_path), *parts)
    assert list(tmp_path.iterdir()) == []
