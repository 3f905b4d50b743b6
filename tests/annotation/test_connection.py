"""What a connection may touch, and what it refuses."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.connection import open_connection, sql_name, sql_path, sql_text
from assay.annotation.errors import InputError, UsageError

_SHARED = open_connection(readable=[], threads=1, memory="100MB")


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "labels.csv").write_text("item,label\n1,cat\n")
    (tmp_path / "secret.csv").write_text("salary\n1\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    return folder


@pytest.fixture
def connection(delivery: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_connection(readable=[delivery], spill=tmp_path, memory="200MB", threads=1) as opened:
        yield opened


def test_a_file_in_a_readable_folder_is_read(connection: duckdb.DuckDBPyConnection, delivery: Path) -> None:
    query = f"SELECT * FROM read_csv({sql_path(delivery / 'labels.csv')}, all_varchar = true)"
    assert connection.execute(query).fetchall() == [("1", "cat")]


def test_a_readable_file_does_not_open_its_neighbours(delivery: Path, tmp_path: Path) -> None:
    connection = open_connection(readable=[delivery / "labels.csv"], spill=tmp_path)
    assert connection.execute(f"SELECT count(*) FROM {sql_path(delivery / 'labels.csv')}").fetchall() == [
        (1,)
    ]
    with pytest.raises(duckdb.PermissionException):
        connection.execute(f"SELECT * FROM {sql_path(delivery / 'link.csv')}")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('{folder}/link.csv')",
        "SELECT * FROM read_csv('{folder}/../secret.csv')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM 'https://example.org/labels.csv'",
        "COPY (SELECT 1) TO '{folder}/../out.csv'",
        "ATTACH '{folder}/../other.db'",
        "EXPORT DATABASE '{folder}/../all'",
        "INSTALL httpfs",
        "LOAD httpfs",
    ],
)
def test_everything_else_outside_is_refused(
    connection: duckdb.DuckDBPyConnection, delivery: Path, statement: str
) -> None:
    before = sorted(delivery.parent.rglob("*"))
    with pytest.raises((duckdb.PermissionException, duckdb.IOException)):
        connection.execute(statement.format(folder=delivery))
    assert sorted(delivery.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "statement",
    [
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "SET lock_configuration = false",
        "SET allowed_paths = ['/etc/passwd']",
        "SET python_enable_replacements = true",
        "SET autoload_known_extensions = true",
        "SET memory_limit = '100GB'",
        "SET temp_directory = '/tmp'",
        "SET TimeZone = 'Asia/Ho_Chi_Minh'",
    ],
)
def test_the_configuration_is_locked(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    with pytest.raises(duckdb.Error):
        connection.execute(statement)


def test_a_variable_of_the_program_is_no_table(connection: duckdb.DuckDBPyConnection) -> None:
    labels = np.arange(3)
    with pytest.raises(duckdb.CatalogException):
        connection.execute("SELECT * FROM labels")
    connection.register("labels_given", {"label": labels})
    assert connection.execute("SELECT count(*) FROM labels_given").fetchall() == [(3,)]


def test_what_does_not_fit_in_memory_goes_to_a_private_folder_that_vanishes(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    connection = open_connection(readable=[], spill=spill, memory="40MB", threads=1)
    connection.execute("CREATE TABLE big AS SELECT md5(range::VARCHAR) AS h FROM range(1500000)")
    (private,) = spill.iterdir()
    assert private.stat().st_mode & 0o777 == 0o700
    assert sum(file.stat().st_size for file in private.iterdir()) > 1_000_000
    del connection
    gc.collect()
    assert list(spill.iterdir()) == []


def test_a_memory_limit_is_held(tmp_path: Path) -> None:
    connection = open_connection(readable=[], spill=tmp_path, memory="20MB", threads=1)
    with pytest.raises(duckdb.OutOfMemoryException):
        connection.execute("SELECT string_agg(md5(range::VARCHAR), ',') FROM range(5000000)").fetchall()


def test_tables_may_be_kept_in_a_file(tmp_path: Path) -> None:
    database = tmp_path / "kept.duckdb"
    with open_connection(readable=[], spill=tmp_path, database=database) as first:
        first.execute("CREATE TABLE kept AS SELECT 7 AS n")
    with open_connection(readable=[], spill=tmp_path, database=database) as second:
        assert second.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_a_path_that_does_not_exist_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gold\.csv: there is no such file or folder"):
        open_connection(readable=[tmp_path / "gold.csv"], spill=tmp_path)
    with pytest.raises(InputError):
        open_connection(readable=[Path("a\0b")], spill=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["in[1].csv", "in*.csv", "in?.csv", "it's.csv", 'a "b".csv', "a;b -- c.csv", "ê.csv"]
)
def test_a_file_name_is_never_a_pattern(tmp_path: Path, name: str) -> None:
    for other in ("in1.csv", "inx.csv"):
        (tmp_path / other).write_text("a\nother\n")
    path = tmp_path / name
    path.write_text("a\nthis one\n")
    connection = open_connection(readable=[path], spill=tmp_path)
    assert connection.execute(f"SELECT a FROM read_csv({sql_path(path)})").fetchall() == [("this one",)]


@given(st.text().filter(lambda text: "\0" not in text and text.isprintable()))
def test_any_text_comes_back_from_its_literal(text: str) -> None:
    assert _SHARED.execute(f"SELECT {sql_text(text)}").fetchall() == [(text,)]


@given(st.text(min_size=1, max_size=40).filter(lambda text: "\0" not in text and text.isprintable()))
def test_any_name_comes_back_from_its_identifier(name: str) -> None:
    cursor = _SHARED.execute(f"SELECT 1 AS {sql_name(name)}")
    assert cursor.description is not None
    assert cursor.description[0][0] == name


def test_nul_and_empty_names_cannot_enter_a_query() -> None:
    for quote, value in ((sql_text, "a\0b"), (sql_name, "a\0b"), (sql_name, "")):
        with pytest.raises(InputError):
            quote(value)


def test_a_relative_path_is_allowed_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labels.csv").write_text("a\n1\n")
    connection = open_connection(readable=[Path("labels.csv")], spill=tmp_path)
    assert connection.execute(f"SELECT * FROM {sql_path(Path('labels.csv'))}").fetchall() == [(1,)]
    assert os.fspath(tmp_path) in sql_path(Path("labels.csv"))


def test_what_cannot_be_opened_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("item,label\n" * 100)
    (tmp_path / "broken").write_bytes(b"12345678DUCK" + b"?" * 5000)
    with pytest.raises(InputError, match=r"labels\.csv: this is no database"):
        open_connection(readable=[], spill=tmp_path, database=tmp_path / "labels.csv")
    with pytest.raises(InputError, match="broken: the database cannot be opened"):
        open_connection(readable=[], spill=tmp_path, database=tmp_path / "broken")
    with pytest.raises(InputError, match="nowhere: nothing can be written into this folder"):
        open_connection(readable=[], spill=tmp_path / "nowhere")
    for memory, threads in (("banana", 1), ("0", 1), ("1GB", 0), ("1GB", -3)):
        with pytest.raises(UsageError, match=f"memory {memory}, threads {threads}"):
            open_connection(readable=[], spill=tmp_path, memory=memory, threads=threads)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "labels.csv"]
