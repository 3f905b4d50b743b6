"""Reading what was written gives back what was there; what a format cannot carry is on the loss report."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState, Layer
from assay.annotation.schema_values import Kind
from assay.formats.annotation_table import create_tables
from assay.formats.convert import convert, inferred_target
from assay.formats.inspect import inspect
from assay.formats.write import RedoRow, Target, write_labels, write_redo, write_redo_studio
from tests.formats.deliveries import Row, read_sources, write

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1f\x1d"), min_size=1, max_size=8)
_NAMES = {
    "csv": "l.csv",
    "tsv": "l.tsv",
    "jsonl": "l.jsonl",
    "parquet": "l.parquet",
    "label_studio": "l.json",
}
_STATES = st.sampled_from([ItemState.ANNOTATED, ItemState.EMPTY, ItemState.SKIPPED])


def _table(rows: list[tuple[str, str, str | None, Layer, ItemState, int]]) -> duckdb.DuckDBPyConnection:
    connection = open_connection(readable=[])
    create_tables(connection)
    for item, annotator, value, layer, state, number in rows:
        kept = value if state is ItemState.ANNOTATED else None
        connection.execute(
            "INSERT INTO annotation VALUES (?, ?, ?, ?, ?, 0, ?)",
            [item, annotator, kept, int(layer), int(state), number],
        )
    return connection


def _content(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    return connection.execute(
        "SELECT item, annotator, value, layer, state, round FROM annotation ORDER BY ALL"
    ).fetchall()


def _round_trip(connection: duckdb.DuckDBPyConnection, folder: Path, form: Target, kind: Kind) -> list[Row]:
    path = folder / _NAMES[form]
    separator = write_labels(connection, path, form, kind=kind)
    mark = f'separator: "{separator}"\n' if separator else ""
    yaml = write(folder, "delivery.yaml", f"assay: delivery/1\nlabels: {kind}\n{mark}")
    out = read_sources([path], yaml=yaml)
    rows = _content(out.connection)
    out.connection.close()
    return rows


@given(
    rows=st.lists(
        st.tuples(_TEXT, _TEXT, _TEXT, st.sampled_from(list(Layer)), _STATES, st.integers(1, 3)),
        min_size=1, max_size=8, unique_by=lambda row: (row[0], row[1], row[3], row[5]),
    ),
    form=st.sampled_from(["csv", "tsv", "jsonl", "parquet"]),
)  # fmt: skip
def test_a_label_table_gives_back_every_row(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str | None, Layer, ItemState, int]],
    form: Target,
) -> None:
    connection = _table(rows)
    assert _round_trip(connection, tmp_path_factory.mktemp("trip"), form, "text") == _content(connection)
    connection.close()


@given(
    sets=st.lists(st.frozensets(st.text("ab|;¦@ é", min_size=1, max_size=3).filter(lambda t: t.strip() == t)), min_size=1),
    form=st.sampled_from(["csv", "tsv", "jsonl", "parquet", "label_studio"]),
)  # fmt: skip
def test_sets_of_labels_come_back_as_the_same_sets(
    tmp_path_factory: pytest.TempPathFactory, sets: list[frozenset[str]], form: Target
) -> None:
    rows = []
    for number, labels in enumerate(sets):
        state = ItemState.ANNOTATED if labels else ItemState.EMPTY
        value = "\x1f".join(sorted(labels)) or None
        rows.append((f"i{number}", "w", value, Layer.FIRST_PASS, state, 1))
    connection = _table(rows)
    assert _round_trip(connection, tmp_path_factory.mktemp("sets"), form, "multi") == _content(connection)
    connection.close()


@given(
    rows=st.lists(
        st.tuples(_TEXT, _TEXT, _TEXT, st.sampled_from([Layer.FIRST_PASS, Layer.GOLD]), _STATES, st.just(1)),
        min_size=1, max_size=8, unique_by=lambda row: (row[0], row[1], row[3]),
    )
)  # fmt: skip
def test_label_studio_gives_back_what_its_tasks_can_hold(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str | None, Layer, ItemState, int]],
) -> None:
    connection = _table(rows)
    assert _round_trip(connection, tmp_path_factory.mktemp("tasks"), "label_studio", "choice") == _content(
        connection
    )
    connection.close()


SOURCE = (
    "item,annotator,label,layer,round,text,link\n"
    "1,w1,a,first_pass,1,hello,http://x/1.png\n1,w2,b,first_pass,1,hello,http://x/1.png\n"
    "1,w3,b,final,1,hello,http://x/1.png\n1,model:m1,a,prelabel,1,hello,http://x/1.png\n"
)


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "parquet"])
def test_converting_between_tables_loses_nothing(tmp_path: Path, form: Target) -> None:
    source = write(tmp_path, "source.csv", SOURCE)
    target = tmp_path / _NAMES[form]
    report = convert([source], target, form, strict=True)
    assert (report.rows, report.losses) == (4, ())
    one, two = read_sources([source]), read_sources([target])
    assert _content(one.connection) == _content(two.connection)
    assert one.rows("*", "content") == two.rows("*", "content") == [("1", "hello", "http://x/1.png")]


def test_a_layer_that_label_studio_cannot_hold_is_a_loss_with_its_count(tmp_path: Path) -> None:
    target = tmp_path / "l.json"
    report = convert([write(tmp_path, "source.csv", SOURCE)], target, "label_studio")
    assert [(loss.kind, loss.count) for loss in report.losses] == [("layer", 1)]
    assert "final" in report.lines()[1]
    assert report.as_json()["losses"] == [{"kind": "layer", "count": 1, "text": report.losses[0].text}]
    (task,) = json.loads(target.read_text())
    assert task["data"] == {"assay_item": "1", "text": "hello", "link": "http://x/1.png"}
    assert [one["completed_by"]["email"] for one in task["annotations"]] == ["w1", "w2"]
    assert task["predictions"][0]["model_version"] == "m1"


def test_strict_refuses_a_loss_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lose something"):
        convert([write(tmp_path, "source.csv", SOURCE)], tmp_path / "l.json", "label_studio", strict=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source.csv"]


def test_a_layer_that_was_not_asked_for_is_no_loss(tmp_path: Path) -> None:
    source = write(tmp_path, "source.csv", SOURCE)
    report = convert([source], tmp_path / "l.json", "label_studio", layers=[Layer.FIRST_PASS], strict=True)
    assert (report.rows, report.losses) == (2, ())


def test_what_reading_left_out_is_a_loss_too(tmp_path: Path) -> None:
    source = write(tmp_path, "source.csv", "item,annotator,label\n1,w1,a\n1,w1,a\n")
    report = convert([source], tmp_path / "l.jsonl", "jsonl")
    assert [loss.kind for loss in report.losses] == ["duplicate_rows"]


@pytest.mark.parametrize("target", ["source.csv", "absent/l.csv"])
def test_a_target_that_cannot_be_is_refused(tmp_path: Path, target: str) -> None:
    source = write(tmp_path, "source.csv", SOURCE)
    with pytest.raises(InputError):
        convert([source], tmp_path / target, "csv")
    assert source.read_text() == SOURCE


def test_the_format_of_a_target_follows_from_its_name() -> None:
    names = ("a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.json", "a.xml")
    assert [inferred_target(Path(name)) for name in names] == [
        "csv",
        "tsv",
        "jsonl",
        "parquet",
        "label_studio",
        None,
    ]


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = [(f"i{n}", "w", str(n % 3), Layer.FIRST_PASS, ItemState.ANNOTATED, 1) for n in range(200)]
    for form in ("csv", "jsonl", "parquet", "label_studio"):
        write_labels(_table(rows), tmp_path / f"a-{form}", form, kind="choice")
        write_labels(_table(rows[::-1]), tmp_path / f"b-{form}", form, kind="choice")
        assert (tmp_path / f"a-{form}").read_bytes() == (tmp_path / f"b-{form}").read_bytes()


def test_the_redo_list_is_a_table_with_its_reasons(tmp_path: Path) -> None:
    path = tmp_path / "rework.csv"
    write_redo(
        path,
        [
            RedoRow("i1", "people", "annotator-17", "annotator-17"),
            RedoRow("i,2", "classes", "fraud", round=2),
        ],
    )
    assert path.read_text() == (
        'item,reason,subject,annotator,round\ni1,people,annotator-17,annotator-17,1\n"i,2",classes,fraud,,2\n'
    )


def test_the_redo_list_for_label_studio_carries_what_the_items_look_like(tmp_path: Path) -> None:
    out = read_sources([write(tmp_path, "source.csv", SOURCE)])
    path = tmp_path / "rework.json"
    rows = [RedoRow("1", "people", "w1"), RedoRow("1", "classes", "fraud"), RedoRow("2", "classes")]
    write_redo_studio(path, rows, connection=out.connection)
    assert json.loads(path.read_text()) == [
        {
            "data": {
                "assay_item": "1",
                "text": "hello",
                "link": "http://x/1.png",
                "reason": "people; classes",
                "subject": "w1; fraud",
            }
        },
        {"data": {"assay_item": "2", "reason": "classes"}},
    ]


def test_inspecting_counts_what_is_there(tmp_path: Path) -> None:
    found = inspect([write(tmp_path, "source.csv", SOURCE)])
    assert (found["items"], found["annotators"], found["annotations"], found["kind"]) == (1, 4, 4, "choice")
    assert found["layers"] == {"prelabel": 1, "first_pass": 2, "final": 1}
    assert found["classes"] == [{"class": "a", "labels": 2}, {"class": "b", "labels": 2}]
    assert found["labels_per_item"] == [{"labels": 4, "items": 1}]
    assert json.loads(json.dumps(found)) == found


def test_inspecting_is_not_stopped_by_different_answers(tmp_path: Path) -> None:
    found = inspect([write(tmp_path, "source.csv", "item,annotator,label\n1,w1,a\n1,w1,b\n")])
    findings = found["findings"]
    assert isinstance(findings, list)
    assert "duplicate_answers" in {finding["kind"] for finding in findings}
