"""What kind of labels these are: as declared, and never a rating because something looks like a number."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.annotation.schema import load_schema
from tests.formats.deliveries import read_file, write

HEADER = "item,annotator,label\n"


def _rows(labels: list[str]) -> str:
    return HEADER + "".join(f"i{at},w1,{label}\n" for at, label in enumerate(labels))


def test_numbers_are_choices_unless_someone_says_rating(tmp_path: Path) -> None:
    text = _rows(["1", "2", "3", "2"])
    found = read_file(tmp_path, "l.csv", text)
    assert (found.delivery.kind, found.delivery.level) == ("choice", "nominal")
    assert "labels: rating" in found.finding("kind_detected")
    declared = read_file(tmp_path, "l.csv", text, declare="labels: rating\n")
    assert (declared.delivery.kind, declared.delivery.level) == ("rating", "interval")
    assert "kind_detected" not in declared.kinds_of_findings


def test_many_different_sentences_are_texts(tmp_path: Path) -> None:
    assert (
        read_file(tmp_path, "l.csv", _rows([f"this is sentence {n}" for n in range(20)])).delivery.kind
        == "text"
    )


def test_many_different_words_are_still_choices(tmp_path: Path) -> None:
    assert read_file(tmp_path, "l.csv", _rows([f"class_{n}" for n in range(20)])).delivery.kind == "choice"


def test_the_level_is_declared(tmp_path: Path) -> None:
    out = read_file(tmp_path, "l.csv", _rows(["1", "2"]), declare="labels: rating\nlevel: ordinal\n")
    assert out.delivery.level == "ordinal"


def test_sets_need_a_separator_in_a_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="separator"):
        read_file(tmp_path, "l.csv", _rows(["a|b", "a"]), declare="labels: multi\n")


def test_lists_of_labels_contradict_a_single_choice(tmp_path: Path) -> None:
    rows = '{"item": 1, "annotator": "w", "label": ["a", "b"]}\n'
    with pytest.raises(InputError, match="declared as choice"):
        read_file(tmp_path, "l.jsonl", rows, declare="labels: choice\n")
    assert read_file(tmp_path, "m.jsonl", rows).delivery.kind == "multi"


@pytest.mark.parametrize("value", ["NaN", "inf", "1e5", "+1", "1,5", "five", ".5"])
def test_a_rating_that_is_no_number_loses_its_value_and_is_named(tmp_path: Path, value: str) -> None:
    cell = f'"{value}"'
    out = read_file(tmp_path, "l.csv", _rows(["1", "-2.50", cell]), declare="labels: rating\n")
    assert out.rows("value, state") == [("-2.50", 2), ("1", 2), (None, 0)]
    assert value in out.finding("not_a_number")


def test_a_word_for_nothing_is_a_class_with_a_finding(tmp_path: Path) -> None:
    out = read_file(tmp_path, "l.csv", _rows(["a", "NaN", "null"]))
    assert [value for (value,) in out.rows("value")] == ["NaN", "a", "null"]
    assert [f.subject for f in out.delivery.findings if f.kind == "missing_word"] == ["NaN", "null"]


def test_classes_that_differ_only_in_form_are_named(tmp_path: Path) -> None:
    out = read_file(tmp_path, "l.csv", _rows(["Cat", "cat ", "dog", "caf\u00e9", "cafe\u0301"]))
    texts = [f.text for f in out.delivery.findings if f.kind == "similar_classes"]
    assert len(texts) == 2
    assert "'Cat' and 'cat '" in texts[0] + texts[1]


def _schema(folder: Path, text: str) -> Path:
    return write(folder, "schema.yaml", f"assay: schema/1\nversion: 3\n{text}")


def test_labels_outside_the_schema_are_a_finding_and_stay(tmp_path: Path) -> None:
    schema = load_schema(_schema(tmp_path, "kind: choice\nclasses: [a, {id: b, name: bee, aliases: [B]}]\n"))
    out = read_file(tmp_path, "l.csv", _rows(["a", "bee", "B", "b", "z", "z"]), schema=schema)
    assert len(out.triples) == 6
    assert "2 labels are no class of schema 3: 'z'" in out.finding("unknown_class")


def test_ratings_outside_the_scale_are_a_finding(tmp_path: Path) -> None:
    schema = load_schema(_schema(tmp_path, "kind: rating\nlevel: interval\nlow: 1\nhigh: 5\n"))
    out = read_file(tmp_path, "l.csv", _rows(["1", "5", "6", "0.5"]), schema=schema)
    assert {f.kind for f in out.delivery.findings if f.severity == "major"} == {"out_of_scale"}
    assert len([f for f in out.delivery.findings if f.kind == "out_of_scale"]) == 2
    assert (out.delivery.kind, out.delivery.level) == ("rating", "interval")


def test_delivery_and_schema_may_not_disagree(tmp_path: Path) -> None:
    schema = load_schema(_schema(tmp_path, "kind: choice\nclasses: [a, b]\n"))
    with pytest.raises(InputError, match="disagree"):
        read_file(tmp_path, "l.csv", _rows(["a"]), declare="labels: rating\n", schema=schema)
