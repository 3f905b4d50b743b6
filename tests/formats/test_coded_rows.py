"""Rows kept as codes: the same annotations as rows kept as texts, and texts where codes would lose something."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.annotation.connection import has_table, open_connection
from assay.annotation.schema import load_schema
from assay.formats.delivery import load_delivery
from assay.formats.read import Delivery, read_delivery
from tests.formats.deliveries import Row, write

_COLUMNS = "item, annotator, value, layer, state, file, round"
_TEXTS = st.sampled_from(
    ["1", "2", "10", "007", "-3", "1e2", "0x1F", " 4", "a", "é", 'q"q', "b,c", "class_00"]
)
_CELLS = st.lists(st.tuples(_TEXTS, _TEXTS, _TEXTS), min_size=1, max_size=30)


def read(
    source: object, *, settle: bool, declared: Path | None = None, schema: Path | None = None
) -> tuple[Delivery, duckdb.DuckDBPyConnection]:
    connection = open_connection(readable=[source] if isinstance(source, Path) else [])
    delivery = read_delivery(
        [source], connection=connection, settle=settle,
        declared=load_delivery(declared) if declared else None, schema=load_schema(schema) if schema else None,
    )  # fmt: skip
    return delivery, connection


def rows(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    return connection.execute(f"SELECT {_COLUMNS} FROM annotation ORDER BY ALL").fetchall()


def csv(folder: Path, cells: list[tuple[str, str, str]], head: str = "item,annotator,label") -> Path:
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells)
    return write(folder, "labels.csv", "\n".join([head, *quoted]) + "\n")


def both(source: object, **options: Path | None) -> tuple[list[Row], list[Row], bool]:
    """Rows as they are when settled and when not, and whether the latter were kept as codes."""
    told, texts = read(source, settle=True, **options)
    untold, codes = read(source, settle=False, **options)
    assert (untold.kind, untold.level, untold.findings) == (told.kind, told.level, told.findings)
    assert [one.annotators for one in untold.inputs] == [one.annotators for one in told.inputs]
    assert [(one.rows, one.labels) for one in untold.inputs] == [
        (one.rows, one.labels) for one in told.inputs
    ]
    return rows(texts), rows(codes), has_table(codes, "coded")


@given(_CELLS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_codes_stand_for_the_same_annotations(tmp_path: Path, cells: list[tuple[str, str, str]]) -> None:
    once = list({(item, who): (item, who, label) for item, who, label in cells}.values())
    texts, codes, is_coded = both(csv(tmp_path, once))
    assert is_coded
    assert codes == texts


@pytest.mark.parametrize(
    ("items", "number"),
    [
        (["1", "20", "-3"], True),
        (["1", "02"], False),
        (["1", "1e2"], False),
        (["a", "1"], False),
        (["-0"], False),
    ],
)
def test_ids_are_numbers_only_when_all_are_written_as_numbers_are(
    tmp_path: Path, items: list[str], number: bool
) -> None:
    _, connection = read(csv(tmp_path, [(item, "p", "x") for item in items]), settle=False)
    (kind,) = {type(item) for (item,) in connection.execute("SELECT item FROM coded").fetchall()}
    assert kind is (int if number else str)


@pytest.mark.parametrize(
    ("item", "annotator", "label"),
    [
        ([1, 2, 2], [1.0, 2.0, 1.0], ["a", "b", "a"]),
        ([1.0, 2.5, 2.5], ["p", "p", "q"], [1, 0, 1]),
        (["x", "y", "y"], [True, False, True], [["a", "b"], ["b", "a"], ["a"]]),
    ],
)
def test_tables_in_memory_are_coded_by_their_own_values(
    item: list[object], annotator: list[object], label: list[object]
) -> None:
    texts, codes, is_coded = both(pandas.DataFrame({"item": item, "annotator": annotator, "label": label}))
    assert is_coded
    assert codes == texts


def test_parquet_is_coded_by_its_own_values(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i // 2 AS item, (i % 2)::DOUBLE AS annotator, 'c' || (i % 3) AS label "
            f"FROM range(100) AS r(i)) TO '{path}'"
        )
    texts, codes, is_coded = both(path)
    assert is_coded
    assert codes == texts
    assert codes[0][:3] == ("0", "0", "c0")


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("item,annotator,label", [("1", "p", "a"), ("1", "q", "")]),
        ("item,annotator,label", [("1", "", "a"), ("1", "q", "a")]),
        ("item,annotator,label,layer", [("1", "p", "a", "first_pass"), ("1", "r", "b", "review")]),
        ("item,annotator,label,round", [("1", "p", "a", "1"), ("2", "p", "b", "2")]),
        ("item,annotator,label,state", [("1", "p", "a", "annotated"), ("2", "p", "", "skipped")]),
        ("item,label", [("1", "a"), ("2", "b")]),
    ],
)
def test_what_is_no_plain_first_answer_is_kept_as_text(
    tmp_path: Path, head: str, cells: list[tuple[str, str, str]]
) -> None:
    texts, other, is_coded = both(csv(tmp_path, cells, head))
    assert not is_coded
    assert other == texts


def test_texts_of_their_own_are_kept_as_texts(tmp_path: Path) -> None:
    cells = [(str(n), "p", f"the {n} words of this item") for n in range(1500)]
    _, _, is_coded = both(csv(tmp_path, cells))
    assert not is_coded


@pytest.mark.parametrize(("label", "coded"), [("4", True), ("four", False)])
def test_ratings_are_coded_when_all_are_numbers(tmp_path: Path, label: str, coded: bool) -> None:
    declared = write(tmp_path, "delivery.yaml", "assay: delivery/1\nlabels: rating\n")
    cells = [("1", "p", "3"), ("2", "p", label), ("2", "q", "3")]
    texts, other, is_coded = both(csv(tmp_path, cells), declared=declared)
    assert is_coded is coded
    assert other == texts


def test_several_files_are_kept_as_texts(tmp_path: Path) -> None:
    for name in ("p", "q"):
        write(tmp_path, f"{name}.csv", f"item,annotator,label\n1,{name},a\n")
    connection = open_connection(readable=[tmp_path])
    read_delivery([tmp_path], connection=connection, settle=False)
    assert not has_table(connection, "coded")
    assert len(rows(connection)) == 2
