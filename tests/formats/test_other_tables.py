"""JSON rows, Parquet, packed files and tables in memory hold the same labels as a CSV."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow
import pytest

from assay.annotation.errors import InputError
from assay.annotation.limits import MIB, Limits
from tests.formats.deliveries import read_file, read_sources, write

HEADER = "item,annotator,label\n"
CSV = f"{HEADER}i1,w1,a\ni2,w1,b\n"
EXPECTED = [("i1", "w1", "a"), ("i2", "w1", "b")]
RECORDS = [{"item": "i1", "annotator": "w1", "label": "a"}, {"item": "i2", "annotator": "w1", "label": "b"}]


def _parquet(path: Path, sql: str) -> Path:
    duckdb.connect().execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize("name", ["l.jsonl", "l.ndjson"])
def test_json_lines_are_rows(tmp_path: Path, name: str) -> None:
    text = "".join(json.dumps(record) + "\n" for record in RECORDS)
    assert read_file(tmp_path, name, text).triples == EXPECTED


def test_a_json_list_of_flat_objects_is_rows(tmp_path: Path) -> None:
    assert read_file(tmp_path, "l.json", json.dumps(RECORDS)).triples == EXPECTED


def test_json_values_become_texts_without_an_exponent(tmp_path: Path) -> None:
    values = ['"no"', "7", "true", "1.5", "2.0", "1e-7", "null", '""']
    text = "".join(f'{{"item": {n}, "annotator": "w", "label": {v}}}\n' for n, v in enumerate(values))
    out = read_file(tmp_path, "l.jsonl", text)
    assert [value for _, value in out.rows("item::INT, value")] == [
        "no",
        "7",
        "true",
        "1.5",
        "2",
        "0.0000001",
        None,
        None,
    ]


def test_keys_may_come_late_and_be_missing(tmp_path: Path) -> None:
    text = '{"item": 1, "annotator": "w"}\n{"x": {"y": 1}, "item": 2, "label": "a", "annotator": "w"}\n'
    assert read_file(tmp_path, "l.jsonl", text).triples == [("1", "w", None), ("2", "w", "a")]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('{"item": 1, "annotator": "w", "label": {"a": 1}}\n', "the label is no text", "record 1"),
        ('{"item": 1, "annotator": "w", "label": "a"}\n[1]\n', "a record is no object", "record 2"),
        ('{"item": 1, "annotator": "w", "label": NaN}\n', "no number that JSON knows", "record 1"),
        ('{"item": 1, "item": 2, "annotator": "w", "label": "a"}\n', "given twice", "record 1"),
        ('[{"item": 1, "annotator": "w", "label": "a"}', "ends before the list", "record 1"),
        (
            '{"item": 1, "annotator": "w", "label": "a"}\n{"item": null, "annotator": "w"}\n',
            "names no item",
            "record 2",
        ),
        ('{"text": "x", "_task_hash": 1, "answer": "reject"}\n', "Prodigy", "record 1"),
        ('{"item": [1, 2], "annotator": "w", "label": "a"}\n', "the item is a list", ""),
    ],
)
def test_bad_json_rows_are_refused_with_their_record(
    tmp_path: Path, text: str, message: str, place: str
) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        read_file(tmp_path, "l.jsonl", text)
    assert place in (refusal.value.place or "")


def test_parquet_types_become_the_texts_people_wrote(tmp_path: Path) -> None:
    path = _parquet(
        tmp_path / "l.parquet",
        "SELECT * FROM (VALUES (1, 'w1', 1.0::DOUBLE), (2, 'w1', 2.5), (3, 'w1', 'nan'::DOUBLE)) t(item, annotator, label)",
    )
    assert read_sources([path]).triples == [("1", "w1", "1"), ("2", "w1", "2.5"), ("3", "w1", None)]


def test_parquet_lists_are_sets(tmp_path: Path) -> None:
    path = _parquet(tmp_path / "l.parquet", "SELECT 1 AS item, 'w' AS annotator, ['b', 'a', 'b'] AS label")
    out = read_sources([path])
    assert out.triples == [("1", "w", "a\x1fb")]
    assert out.delivery.kind == "multi"


@pytest.mark.parametrize("cut", [3, 40, -1])
def test_a_truncated_parquet_file_is_refused(tmp_path: Path, cut: int) -> None:
    whole = _parquet(tmp_path / "w.parquet", "SELECT 1 AS item, 'w' AS annotator, 'a' AS label").read_bytes()
    with pytest.raises(InputError, match="Parquet"):
        read_file(tmp_path, "l.parquet", whole[:cut])


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = _parquet(tmp_path / "w.parquet", "SELECT 1 AS item, 'w' AS annotator, 'a' AS label").read_bytes()
    with pytest.raises(InputError, match="damaged") as refusal:
        read_file(tmp_path, "l.parquet", whole[:4] + b"\xff" * (len(whole) - 12) + whole[-8:])
    assert "DuckDB" not in str(refusal.value)


@pytest.mark.parametrize("name", ["l.csv.gz", "l.csv"])
def test_gzip_is_unpacked_whatever_its_name(tmp_path: Path, name: str) -> None:
    out = read_file(tmp_path, name, gzip.compress(CSV.encode()))
    assert out.triples == EXPECTED


def test_the_hash_of_a_packed_file_is_of_its_packed_bytes(tmp_path: Path) -> None:
    packed = gzip.compress(CSV.encode(), mtime=0)
    out = read_file(tmp_path, "l.csv.gz", packed)
    assert out.delivery.inputs[0].bytes == len(packed)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(CSV.encode())[:-4], "cut off|broken"),
        (gzip.compress(gzip.compress(CSV.encode())), "packed again"),
        (gzip.compress(b"0" * (64 * MIB)), "packed|too much|ratio|more"),
        (b"BZh91AY", "bzip2"),
    ],
)
def test_bad_packed_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_file(tmp_path, "l.csv.gz", content, limits=Limits(unpacked_bytes=32 * MIB))


def _zip(entries: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_a_zip_is_read_like_the_folder_in_it(tmp_path: Path) -> None:
    content = _zip(
        {
            "a/l.txt": b"w1\ti1\ta\nw1\ti2\tb\n",
            "delivery.yaml": b"assay: delivery/1\nfiles: [{path: a/l.txt}]\ncolumns: [annotator, item, label]\nbatch: b7\n",
        }
    )
    out = read_file(tmp_path, "d.zip", content)
    assert out.triples == EXPECTED
    assert out.delivery.declared.batch == "b7"
    assert out.delivery.inputs[0].path.endswith("d.zip/a/l.txt")


@pytest.mark.parametrize(
    "entries", [{}, {"readme.md": b"x"}, {"../l.csv": CSV.encode()}, {"bomb.csv": b"0" * (64 * MIB)}]
)
def test_bad_archives_are_refused(tmp_path: Path, entries: dict[str, bytes]) -> None:
    with pytest.raises(InputError):
        read_file(tmp_path, "d.zip", _zip(entries), limits=Limits(unpacked_bytes=32 * MIB))
    assert not (tmp_path.parent / "l.csv").exists()


@pytest.mark.parametrize(
    "table",
    [
        pandas.DataFrame(RECORDS),
        pandas.DataFrame(RECORDS).astype("category"),
        polars.DataFrame(RECORDS),
        polars.DataFrame(RECORDS).lazy(),
        pyarrow.table({key: [record[key] for record in RECORDS] for key in RECORDS[0]}),
        pyarrow.table({key: [record[key] for record in RECORDS] for key in RECORDS[0]}).to_reader(),
    ],
    ids=["pandas", "pandas categories", "polars", "polars lazy", "arrow", "arrow stream"],
)
def test_tables_in_memory_are_read(table: object) -> None:
    out = read_sources([table])
    assert out.triples == EXPECTED
    assert out.delivery.inputs[0].format == "dataframe"


def test_integers_that_pandas_made_floating_are_integers_again() -> None:
    frame = pandas.DataFrame({"item": [1, 2, 3], "annotator": ["w"] * 3, "label": [1, None, 2]})
    assert read_sources([frame]).triples == [("1", "w", "1"), ("2", "w", None), ("3", "w", "2")]


def test_the_hash_of_a_table_does_not_depend_on_the_order_of_its_rows() -> None:
    frame = pandas.DataFrame(
        {"item": range(500), "annotator": ["w"] * 500, "label": [n % 3 for n in range(500)]}
    )
    one, two = read_sources([frame]), read_sources([frame.iloc[::-1]])
    other = read_sources([frame.replace({"label": {0: 9}})])
    assert one.delivery.inputs[0].sha256 == two.delivery.inputs[0].sha256
    assert one.delivery.inputs[0].sha256 != other.delivery.inputs[0].sha256


def test_the_first_of_several_answers_in_a_table_is_the_first_row(tmp_path: Path) -> None:
    frame = pandas.DataFrame(
        {"item": [1] * 50, "annotator": ["w"] * 50, "label": [f"c{n}" for n in range(50)]}
    )
    yaml = write(tmp_path, "delivery.yaml", "assay: delivery/1\nduplicates: first\n")
    assert read_sources([frame], yaml=yaml).triples == [("1", "w", "c0")]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(InputError, match="no table"):
        read_sources([object()])
