from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .commands import assay, files, refused, table


def inspected(*arguments: str | Path, folder: Path) -> dict[str, Any]:
    return assay("inspect", *arguments, "--json", folder=folder).document


def test_a_programme_is_described(programme: Path, tmp_path: Path) -> None:
    found = inspected(programme, folder=tmp_path)
    assert found["schema"] == "assay-inspect/1"
    assert (found["items"], found["annotators"], found["labels"]) == (300, 8, 900)
    assert found["labels_per_item"] == [{"labels": 3, "items": 300}]
    assert sum(one["labels"] for one in found["classes"]) == 900
    assert found["layers"] == {"first_pass": 900}
    assert found["inputs"][0]["why"] == "the ending of its name"


def test_the_text_says_what_is_there(programme: Path, tmp_path: Path) -> None:
    text = assay("inspect", programme, folder=tmp_path, expected=0).out
    for part in (
        "labels.csv",
        "300 with 3 labels each",
        "annotators  8",
        "first_pass 900",
        "delivery",
        "Findings",
    ):
        assert part in text


def test_looking_changes_nothing(programme: Path, tmp_path: Path) -> None:
    before = files(programme)
    assay("inspect", programme, folder=tmp_path, expected=0)
    assert files(programme) == before
    assert list(tmp_path.iterdir()) == []


def test_lengths_of_texts_are_part_of_the_profile(tmp_path: Path) -> None:
    rows = [("i1", "ann", "x", "four"), ("i1", "bob", "y", "four"), ("i2", "ann", "x", "a longer text")]
    table(tmp_path / "labels.csv", rows, "item,annotator,label,text")
    found = inspected("labels.csv", folder=tmp_path)
    assert found["text_lengths"] == {"items": {"texts": 2, "shortest": 4, "median": 4, "longest": 13}}
    assert "2 texts of items: 4 to 13 characters" in assay("inspect", "labels.csv", folder=tmp_path).out


def test_empty_sets_are_answers(sets: Path, tmp_path: Path) -> None:
    found = inspected(sets, folder=tmp_path)
    assert found["states"]["annotated_empty"] > 0
    assert found["labels_per_item"] == [{"labels": 3, "items": 200}]


def test_nobody_is_no_annotator(tmp_path: Path) -> None:
    table(tmp_path / "final.csv", [("i1", "x"), ("i2", "y")], "item,label")
    found = inspected("final.csv", folder=tmp_path)
    assert found["annotators"] == 0
    assert found["layers"] == {"final": 2}
    assert "annotator_missing" in [finding["kind"] for finding in found["findings"]]


def test_different_answers_of_one_person_are_a_finding(tmp_path: Path) -> None:
    table(tmp_path / "labels.csv", [("i1", "ann", "x"), ("i1", "ann", "y"), ("i2", "ann", "x")])
    found = inspected("labels.csv", folder=tmp_path)
    assert "duplicate_answers" in [finding["kind"] for finding in found["findings"]]


def test_several_files_are_looked_at_together(tmp_path: Path) -> None:
    table(tmp_path / "one.csv", [("i1", "ann", "x")])
    table(tmp_path / "two.csv", [("i1", "bob", "x")])
    found = inspected("one.csv", "two.csv", folder=tmp_path)
    assert [one["path"] for one in found["inputs"]] == ["one.csv", "two.csv"]
    assert (found["items"], found["annotators"]) == (1, 2)


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        ("empty.csv", b"", ["empty.csv", "empty"]),
        ("nul.csv", b"item,annotator,label\ni1,ann,x\0\n", ["nul.csv", "line 2", "NUL"]),
        (
            "latin.csv",
            "item,annotator,label\ni1,ann,caf\xe9\n".encode("latin-1"),
            ["latin.csv", "line 2", "found:"],
        ),
        ("open.csv", b'item,annotator,label\ni1,"ann,x\n', ["open.csv", "line 2", "quote"]),
        ("twice.json", b'[{"item": "i1", "item": "i2"}]', ["twice.json", "item"]),
        ("bare.csv", b"w1,i1,x\nw2,i1,y\n", ["bare.csv", "line 1", "found:", "expected:", "columns:"]),
        ("labels.xyz", b"item,annotator,label\n", ["labels.xyz"]),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, name: str, content: bytes, parts: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    refused(assay("inspect", name, folder=tmp_path), *parts)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(assay("inspect", "nothing.csv", folder=tmp_path), "nothing.csv", "no such file")
    refused(assay("inspect", "empty", folder=tmp_path), "empty", "no file to read")
    refused(assay("inspect", folder=tmp_path), "PATH")
