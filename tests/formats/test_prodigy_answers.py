"""Prodigy's answers about whole texts: accepted labels count, rejected ones do not, ignored ones say nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState
from tests.formats.deliveries import Outcome, read_file

Json = dict[str, object]


def record(item: int, answer: str = "accept", **more: object) -> Json:
    return {"_input_hash": item, "_task_hash": -item, "text": f"text {item}", "answer": answer, **more}


def read(folder: Path, *records: object, declare: str | None = None) -> Outcome:
    lines = "".join(json.dumps(one) + "\n" for one in records)
    return read_file(folder, "answers.jsonl", lines, declare=declare)


def test_accepted_labels_are_sets_and_rejected_ones_are_in_none(tmp_path: Path) -> None:
    out = read(
        tmp_path,
        record(1, label="sport", _annotator_id="ann"),
        record(1, label="news", _annotator_id="ann"),
        record(1, "reject", label="news", _annotator_id="bob"),
        record(2, "reject", label="sport", _annotator_id="ann"),
        record(3, "ignore", label="sport", _annotator_id="ann"),
    )
    assert out.delivery.kind == "multi"
    assert out.rows("item, annotator, value, state") == [
        ("1", "ann", "news\x1fsport", ItemState.ANNOTATED),
        ("1", "bob", None, ItemState.EMPTY),
        ("2", "ann", None, ItemState.EMPTY),
        ("3", "ann", None, ItemState.SKIPPED),
    ]
    assert ("1", "text 1", None) in out.rows("*", "content")


def test_one_option_of_several_is_a_choice(tmp_path: Path) -> None:
    options = [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]
    out = read(tmp_path, *(record(n, options=options, accept=["ab"[n % 2]], _session_id="s") for n in (1, 2)))
    assert (out.delivery.kind, out.triples) == ("choice", [("1", "s", "b"), ("2", "s", "a")])


def test_several_options_are_a_set(tmp_path: Path) -> None:
    out = read(tmp_path, record(1, accept=["b", "a"], _session_id="s"), record(2, accept=[], _session_id="s"))
    assert out.delivery.kind == "multi"
    assert out.rows("value, state") == [("a\x1fb", ItemState.ANNOTATED), (None, ItemState.EMPTY)]


def test_other_keys_are_declared(tmp_path: Path) -> None:
    declare = "columns: {item: doc, annotator: who, label: tag}\n"
    out = read(tmp_path, record(1, doc="d", who="w", tag="x"), declare=declare)
    assert out.triples == [("d", "w", "x")]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (record(2, "maybe", label="x"), "this answer is not known"),
        (record(2), "asks about no label"),
        (record(2, label={"a": 1}), "a label is no text"),
        ({"text": "t", "label": "x", "answer": "accept"}, "names no item"),
        (3, "a record is no object"),
    ],
)
def test_bad_records_are_refused_with_their_place(tmp_path: Path, second: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        read(tmp_path, record(1, label="x"), second)
    assert (refusal.value.file or "").endswith("answers.jsonl")
    assert refusal.value.place == "record 2"
    assert refusal.value.found
    assert refusal.value.expected
