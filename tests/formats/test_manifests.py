"""The manifest: one row for each item with its slices, stratum and probability."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError
from assay.formats.manifest import Manifest, read_manifest
from tests.formats.deliveries import Row, write


def read(source: object, **options: object) -> tuple[Manifest, list[Row]]:
    connection = open_connection(readable=[source] if isinstance(source, Path) else [])
    manifest = read_manifest(source, connection=connection, **options)  # type: ignore[arg-type]
    return manifest, connection.execute("SELECT * FROM manifest ORDER BY ALL").fetchall()


def test_known_columns_keep_their_meaning_and_others_are_slices(tmp_path: Path) -> None:
    text = (
        "item,weather,stratum,inclusion_probability,assigned_to,text,link,Time of day\n"
        "i1,fog,s1,0.25,w1,hello,http://x/1,night\ni2,sun,s2,1,w2,,,day\n"
    )
    manifest, rows = read(write(tmp_path, "items.csv", text))
    assert rows == [
        ("i1", "s1", 0.25, "w1", "hello", "http://x/1", "fog", "night"),
        ("i2", "s2", 1.0, "w2", None, None, "sun", "day"),
    ]
    assert manifest.slices == ("weather", "Time of day")
    assert (manifest.has_stratum, manifest.has_probability, manifest.has_assigned) == (True, True, True)
    assert (manifest.input.rows, manifest.input.items) == (2, 2)


def test_a_list_of_items_is_a_manifest(tmp_path: Path) -> None:
    manifest, rows = read(write(tmp_path, "items.csv", "task\n1\n2\n"))
    assert [row[0] for row in rows] == ["1", "2"]
    assert (manifest.slices, manifest.has_stratum) == ((), False)


@pytest.mark.parametrize("name", ["items.jsonl", "items.json"])
def test_json_rows_and_tables_in_memory_are_manifests(tmp_path: Path, name: str) -> None:
    lines = ['{"item": 1, "weather": "fog"}', '{"item": 2, "weather": "sun"}']
    text = "\n".join(lines) if name == "items.jsonl" else f"[{','.join(lines)}]"
    _, rows = read(write(tmp_path, name, text))
    manifest, same = read(pandas.DataFrame({"item": [1, 2], "weather": ["fog", "sun"]}))
    assert (
        rows
        == same
        == [("1", None, None, None, None, None, "fog"), ("2", None, None, None, None, None, "sun")]
    )
    assert len(manifest.input.sha256) == 64


def test_columns_may_be_declared(tmp_path: Path) -> None:
    manifest, rows = read(write(tmp_path, "items.csv", "key,weather\n1,fog\n"), columns={"item": "key"})
    assert (rows[0][0], manifest.slices) == ("1", ("weather",))


def test_equal_rows_collapse_with_a_finding(tmp_path: Path) -> None:
    manifest, rows = read(write(tmp_path, "items.csv", "item,weather\n1,fog\n1,fog\n2,sun\n"))
    assert len(rows) == 2
    assert [finding.kind for finding in manifest.findings] == ["manifest_duplicates"]


def test_a_column_of_many_values_is_no_slice(tmp_path: Path) -> None:
    text = "item,weather,name\n" + "".join(f"{n},{n % 3},n{n}\n" for n in range(100))
    manifest, _ = read(write(tmp_path, "items.csv", text))
    assert manifest.slices == ("weather",)
    assert [finding.kind for finding in manifest.findings] == ["no_slice"]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("item,weather\n1,fog\n1,sun\n", "twice with different attributes", "line 2"),
        ("item,weather,Weather\n1,fog,x\n", "same name", "line 1"),
        ("item,weather,TEXT,text\n1,fog,x,y\n", "same name|more than one", "line 1"),
        ("item,inclusion_probability\n1,0\n", "probability", "line 2"),
        ("item,inclusion_probability\n1,0.5\n2,1.01\n", "probability", "line 3"),
        ("item,inclusion_probability\n1,0.5\n2,\n", "probability", "line 3"),
        ("item,inclusion_probability\n1,NaN\n", "probability", "line 2"),
        ("item,inclusion_probability\n1,1e-3\n", "probability", "line 2"),
        ("item\n1\n\n2,3\n", "another number of cells", "line 4"),
        ("item,weather\n,fog\n", "names no item", "line 2"),
        ("weather,light\nfog,dim\n", "known to be the item", "line 1"),
        ("", "empty", None),
    ],
)
def test_bad_manifests_are_refused(tmp_path: Path, text: str, message: str, place: str | None) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        read(write(tmp_path, "items.csv", text))
    assert place is None or place in (refusal.value.place or "")


@pytest.mark.parametrize(
    ("items", "number"),
    [(["1", "20"], True), (["1", "02"], False), (["a", "1"], False), (["1", "1e2"], False)],
)
def test_ids_are_kept_as_numbers_only_when_all_are_written_as_numbers_are(
    tmp_path: Path, items: list[str], number: bool
) -> None:
    path = write(tmp_path, "items.csv", "item,side\n" + "".join(f"{item},left\n" for item in items))
    connection = open_connection(readable=[path])
    read_manifest(path, connection=connection)
    (kind,) = {type(item) for (item,) in connection.execute("SELECT item FROM manifest_row").fetchall()}
    assert kind is (int if number else str)
    assert {item for (item,) in connection.execute("SELECT item FROM manifest").fetchall()} == set(items)


def test_the_values_of_a_slice_are_texts_once_each() -> None:
    table = pandas.DataFrame(
        {"item": [1, 2, 3, 4], "score": [1.0, 2.5, None, 1.0], "side": ["l", "", "r", "l"]}
    )
    connection = open_connection(readable=[])
    manifest = read_manifest(table, connection=connection)
    found = {
        name: sorted(connection.execute(f"SELECT value FROM {texts}").fetchall())
        for name, (_, texts) in manifest.raw.items()
    }
    assert found == {"score": [("1",), ("2.5",)], "side": [("l",), ("r",)]}
    assert connection.execute("SELECT score, side FROM manifest ORDER BY item").fetchall() == [
        ("1", "l"), ("2.5", None), (None, "r"), ("1", "l"),
    ]  # fmt: skip
