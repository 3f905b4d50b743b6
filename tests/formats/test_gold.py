"""Gold: one answer for each item, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas
import pytest

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError
from assay.annotation.schema_values import Kind
from assay.formats.gold import Gold, read_gold
from assay.formats.gold_file import gold_paths
from tests.formats.deliveries import Row, write


@dataclass(frozen=True)
class Panel:
    """Gold that was read, with its connection."""

    gold: Gold
    connection: duckdb.DuckDBPyConnection

    def rows(self, columns: str, table: str = "gold") -> list[Row]:
        """Columns of a table, in order."""
        return self.connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()

    def finding(self, kind: str) -> str:
        """The text of the only finding of a kind."""
        (found,) = [finding.text for finding in self.gold.findings if finding.kind == kind]
        return found


def read(path: object, *, kind: Kind | None = None, separator: str | None = None) -> Panel:
    connection = open_connection(readable=gold_paths(path) if isinstance(path, Path) else [])
    return Panel(read_gold(path, connection=connection, kind=kind, separator=separator), connection)


def read_text(folder: Path, name: str, text: str, **options: object) -> Panel:
    return read(write(folder, name, text), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.csv", "item,label\ni1,no\ni2,007\n"),
        ("g.csv", "item,truth\ni1,no\ni2,007\n"),
        ("g.tsv", "sentence\ttrueanswer\ni1\tno\ni2\t007\n"),
        ("g.csv", "item,worker,response,gold\ni1,w1,x,no\ni1,w2,y,no\ni2,w1,z,007\n"),
        ("g.jsonl", '{"item": "i1", "label": "no"}\n{"item": "i2", "label": "007"}\n'),
        ("g.yaml", "{i1: no, i2: 007}\n"),
        ("g.json", '{"i1": "no", "i2": "007"}'),
    ],
)
def test_every_form_gives_the_same_answers(tmp_path: Path, name: str, text: str) -> None:
    panel = read_text(tmp_path, name, text)
    assert panel.rows("item, value, compartment, opened") == [
        ("i1", "no", "acceptance", False),
        ("i2", "007", "acceptance", False),
    ]
    assert panel.gold.items == 2


def test_a_table_in_memory_is_gold_too() -> None:
    panel = read(pandas.DataFrame({"item": [1, 2], "label": ["a", "b"]}))
    assert panel.rows("item, value") == [("1", "a"), ("2", "b")]
    assert len(panel.gold.input.sha256) == 64


def test_the_majority_of_makers_decides_and_ties_are_left_out(tmp_path: Path) -> None:
    text = "item,label,maker\ni1,a,m1\ni1,b,m2\ni1,b,m3\ni2,a,m1\ni2,b,m2\n"
    panel = read_text(tmp_path, "g.csv", text)
    assert panel.rows("item, value") == [("i1", "b")]
    assert "1 items" in panel.finding("gold_tied")
    assert panel.gold.makers == ("m1", "m2", "m3")
    assert len(panel.rows("*", "gold_maker")) == 5


@pytest.mark.parametrize("decisive", ["final", "adjudicated"])
def test_an_agreed_answer_outweighs_the_makers(tmp_path: Path, decisive: str) -> None:
    text = f"item,label,maker\ni1,a,m1\ni1,a,m2\ni1,b,{decisive}\n"
    panel = read_text(tmp_path, "g.csv", text)
    assert panel.rows("item, value") == [("i1", "b")]
    assert panel.gold.makers == ("m1", "m2")


def test_repeated_answers_collapse(tmp_path: Path) -> None:
    assert read_text(tmp_path, "g.csv", "item,label\ni1,a\ni1,a\n").rows("item, value") == [("i1", "a")]


def test_other_columns_that_say_one_thing_of_an_item_are_slices(tmp_path: Path) -> None:
    text = "item,label,maker,weather,seconds\ni1,a,m1,fog,3\ni1,a,m2,fog,4\ni2,b,m1,sun,5\n"
    panel = read_text(tmp_path, "g.csv", text)
    assert panel.gold.slices == ("weather",)
    assert panel.rows("*", "gold_slice") == [("i1", "fog"), ("i2", "sun")]


def test_items_without_an_answer_are_left_out_and_said(tmp_path: Path) -> None:
    panel = read_text(tmp_path, "g.csv", "item,label\ni1,a\ni2,\n")
    assert panel.rows("item") == [("i1",)]
    assert "1 items" in panel.finding("gold_without_answer")


def test_the_empty_set_is_an_answer(tmp_path: Path) -> None:
    panel = read_text(tmp_path, "g.csv", "item,label\ni1,b|a\ni2,\n", kind="multi", separator="|")
    assert panel.rows("item, value") == [("i1", "a\x1fb"), ("i2", None)]


DOCUMENT = """assay: gold/1
version: 4
schema: 3
files:
  - {path: a.txt, maker: m1}
  - {path: b.csv, columns: {item: what, label: said}, maker: m2, compartment: calibration}
columns: [item, label]
compartments: {practice: [i1]}
retired: [i2]
opened: [i3]
"""


def test_a_gold_document_names_files_makers_and_compartments(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "i1\ta\ni2\tb\ni3\tc\n")
    write(tmp_path, "b.csv", "what,said\ni4,d\n")
    panel = read_text(tmp_path, "gold.yaml", DOCUMENT)
    assert panel.rows("item, value, compartment, opened") == [
        ("i1", "a", "practice", False),
        ("i3", "c", "acceptance", True),
        ("i4", "d", "calibration", False),
    ]
    assert (panel.gold.version, panel.gold.schema, panel.gold.makers) == ("4", "3", ("m1", "m2"))
    assert panel.gold.input.format == "gold"
    assert len(panel.gold.inputs) == 2
    assert "1 retired" in panel.finding("gold_retired")


@pytest.mark.parametrize(
    ("name", "text", "message", "place"),
    [
        ("g.csv", "item,label\ni1,a\ni1,b\n", "different answers", "line 2"),
        ("g.csv", "item,label,maker\ni1,a,m1\ni1,b,m1\n", "different answers", "line 2"),
        ("g.csv", "item,label\n", "no answer", None),
        ("g.csv", "item,label\n,a\n", "names no item", "line 2"),
        ("g.csv", "item,label,compartment\ni1,a,secret\n", "compartment is not known", "line 2"),
        ("g.csv", "item,label,compartment\ni1,a,practice\ni1,a,acceptance\n", "two compartments", None),
        ("g.txt", "i1\ta\n", "known to be", "line 1"),
        ("g.csv", "item,label\ni1\n", "another number of cells", "line 2"),
        ("g.yaml", "assay: gold/2\nfiles: [{path: a}]\n", "this is no gold", "line 1"),
        ("g.yaml", "assay: gold/1\n", "files", "line 1"),
        ("g.yaml", "assay: gold/1\nfiles: []\n", "empty", "line 2"),
        ("g.yaml", "{i1: {x: y}}\n", "another shape", None),
        ("g.json", '[{"id": 1, "data": {}, "annotations": []}]', "Label Studio", None),
    ],
)
def test_bad_gold_is_refused(tmp_path: Path, name: str, text: str, message: str, place: str | None) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        read_text(tmp_path, name, text)
    assert place is None or place in (refusal.value.place or "")


def test_a_gold_rating_must_be_a_number(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no number") as refusal:
        read_text(tmp_path, "g.csv", "item,label\ni1,3\ni2,NaN\n", kind="rating")
    assert refusal.value.place == "line 3"
