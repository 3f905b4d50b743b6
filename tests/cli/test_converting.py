from __future__ import annotations

import json
from pathlib import Path

import pytest

from .commands import assay, files, refused, table


def labels(path: Path) -> Path:
    rows = [("i1", "ann", "x", "first_pass"), ("i1", "bob", "y", "first_pass"), ("i1", "rita", "x", "review")]
    return table(path, rows, "item,annotator,label,layer")


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.jsonl", "out.parquet"])
def test_the_ending_names_the_format_and_people_come_along(tmp_path: Path, name: str) -> None:
    labels(tmp_path / "labels.csv")
    report = assay("convert", "labels.csv", name, "--json", folder=tmp_path).document
    assert report == {
        "schema": "assay-losses/1", "source": ["labels.csv"], "target": name, "format": name.split(".")[1], "rows": 3,
        "left_out": 0, "losses": [], "read_back": ["labels: choice"],
    }  # fmt: skip
    again = assay("inspect", name, "--json", folder=tmp_path).document
    assert (again["items"], again["annotators"], again["labels"]) == (1, 3, 3)
    assert again["layers"] == {"first_pass": 2, "review": 1}


def test_losses_are_printed_and_counted(tmp_path: Path) -> None:
    labels(tmp_path / "labels.csv")
    done = assay("convert", "labels.csv", "out.json", "--to", "label_studio", folder=tmp_path, expected=0)
    assert "2 annotations written to out.json as label_studio." in done.out
    assert "Lost: 1 annotations of the layer review, with their people" in done.out
    (task,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [one["completed_by"]["email"] for one in task["annotations"]] == ["ann", "bob"]


def test_strict_writes_nothing_when_something_would_be_lost(tmp_path: Path) -> None:
    labels(tmp_path / "labels.csv")
    refused(
        assay("convert", "labels.csv", "out.json", "--strict", folder=tmp_path),
        "out.json",
        "review",
        "no loss",
    )
    assert set(files(tmp_path)) == {"labels.csv"}


def test_one_layer_may_be_written_and_the_rest_is_counted(tmp_path: Path) -> None:
    labels(tmp_path / "labels.csv")
    arguments = ("convert", "labels.csv", "out.csv", "--layer", "first_pass", "--strict")
    done = assay(*arguments, folder=tmp_path, expected=0)
    assert "2 annotations written" in done.out
    assert "1 of other layers were left out, as asked" in done.out
    assert "rita" not in (tmp_path / "out.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["labels.csv", "old.csv"], ["old.csv", "not replaced", "a new name"]),
        (["labels.csv", "labels.csv"], ["labels.csv", "not replaced"]),
        (["labels.csv", "out.docx"], ["out.docx", "--to csv|tsv|jsonl|parquet|label_studio"]),
        (["labels.csv", "out.csv", "--to", "docx"], ["--to", "docx"]),
        (["labels.csv", "out.csv", "--layer", "gold"], ["first_pass, review", "gold"]),
        (["labels.csv", "out.csv", "--layer", "second"], ["--layer", "second"]),
        (["labels.csv", "no/such/folder/out.csv"], ["no/such/folder"]),
        (["nothing.csv", "out.csv"], ["nothing.csv", "no such file"]),
        (["labels.csv"], ["DST"]),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, arguments: list[str], parts: list[str]) -> None:
    labels(tmp_path / "labels.csv")
    (tmp_path / "old.csv").write_text("mine", encoding="utf-8")
    before = files(tmp_path)
    refused(assay("convert", *arguments, folder=tmp_path), *parts)
    assert files(tmp_path) == before


def test_a_delivery_that_contradicts_itself_is_not_converted(tmp_path: Path) -> None:
    table(tmp_path / "labels.csv", [("i1", "ann", "x"), ("i1", "ann", "y")])
    refused(assay("convert", "labels.csv", "out.csv", folder=tmp_path), "labels.csv", "line 2 and line 3")
    assert set(files(tmp_path)) == {"labels.csv"}
