"""YAML and JSON that map annotator → item → label."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from tests.formats.deliveries import read_file


def test_yaml_scalars_stay_texts(tmp_path: Path) -> None:
    out = read_file(tmp_path, "l.yaml", "w1: {1: no, 2: 007, 3: 12:30, 4: true}\nw2: {1: off}\n")
    assert out.triples == [
        ("1", "w1", "no"),
        ("1", "w2", "off"),
        ("2", "w1", "007"),
        ("3", "w1", "12:30"),
        ("4", "w1", "true"),
    ]


def test_json_mappings_are_read(tmp_path: Path) -> None:
    out = read_file(tmp_path, "l.json", '{"w1": {"i1": "a", "i2": null}, "w2": {"i1": 3}}')
    assert out.triples == [("i1", "w1", "a"), ("i1", "w2", "3"), ("i2", "w1", None)]


def test_lists_are_sets(tmp_path: Path) -> None:
    out = read_file(tmp_path, "l.yaml", "w1: {i1: [b, a], i2: []}\n")
    assert out.rows("item, value, state") == [("i1", "a\x1fb", 2), ("i2", None, 1)]
    assert out.delivery.kind == "multi"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("l.yaml", "w1: a\n", "another shape"),
        ("l.yaml", "w1: {i1: {x: y}}\n", "another shape"),
        ("l.yaml", "w1: {i1: a, i1: b}\n", "twice"),
        ("l.yaml", "w1: &x {i1: a}\nw2: *x\n", "anchor|alias"),
        ("l.yaml", "- a\n", "another type"),
        ("l.json", '{"w1": {"i1": {"x": 1}}}', "another shape"),
        ("l.json", '{"w1": {"i1": "a"}, "w2": 3}', "known to be the item|another shape"),
    ],
)
def test_other_shapes_are_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        read_file(tmp_path, name, text)
    assert (refusal.value.file or "").endswith(name)
