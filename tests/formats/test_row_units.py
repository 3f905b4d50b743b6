"""Spans, regions and CVAT as deliveries: files that are found by themselves, people, layers, repeated answers, texts."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import orjson
import pytest

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError
from assay.annotation.layers import Layer
from assay.annotation.limits import DEFAULT_LIMITS
from assay.formats.delivery import find_delivery, load_delivery, readable_paths
from assay.formats.inspect import inspect
from assay.formats.located import LocatedDelivery
from assay.formats.located_reading import read_if_located
from tests.formats.deliveries import write
from tests.formats.test_regions import rectangle, task
from tests.paths import SHARED, needs_shared


@contextmanager
def located(
    *paths: Path, yaml: str | None = None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, LocatedDelivery]]:
    sources: Sequence[Path] = paths
    declared = find_delivery(list(sources))
    if yaml is not None:
        declared = load_delivery(write(paths[0].parent, "delivery.yaml", f"assay: delivery/1\n{yaml}"))
        sources = []
    with open_connection(readable=readable_paths(list(sources), declared)) as connection:
        delivery = read_if_located(sources, connection=connection, declared=declared, limits=DEFAULT_LIMITS)
        assert delivery is not None
        yield connection, delivery


def kinds(delivery: LocatedDelivery) -> set[str]:
    return {finding.kind for finding in delivery.findings}


def test_two_people_on_the_same_tokens_are_compared(tmp_path: Path) -> None:
    ann = write(tmp_path, "ann.conll", "EU\tB-ORG\nrejects\tO\n\nRome\tB-LOC\n")
    bob = write(tmp_path, "bob.conll", "EU\tO\nrejects\tO\n\nRome\tB-LOC\n")
    yaml = f"files:\n  - {{path: {ann.name}, annotator: ann}}\n  - {{path: {bob.name}, annotator: bob}}\n"
    with located(ann, bob, yaml=yaml) as (connection, delivery):
        rows = connection.execute("SELECT item, annotator, state FROM annotation ORDER BY ALL").fetchall()
        assert rows == [("1", "ann", 2), ("1", "bob", 1), ("2", "ann", 2), ("2", "bob", 2)]
        found = connection.execute(
            "SELECT item, annotator, class, x, w, text, shape FROM object ORDER BY ALL"
        ).fetchall()
        assert found[0] == ("1", "ann", "ORG", 0, 2, "EU", '{"parts":[[0,2]]}')
        assert connection.execute("SELECT * FROM content ORDER BY ALL").fetchall() == [
            ("1", "EU rejects", None), ("2", "Rome", None),
        ]  # fmt: skip
        assert delivery.kind == "spans"
        assert "item_with_another_text" not in kinds(delivery)


def test_sentences_of_other_texts_are_other_items(tmp_path: Path) -> None:
    train = write(tmp_path, "train.conll", "a\tB-X\n\nb\tB-X\n")
    test = write(tmp_path, "test.conll", "a\tB-X\n\nc\tB-X\n")
    with located(train, test) as (connection, delivery):
        items = connection.execute("SELECT DISTINCT item FROM object ORDER BY ALL").fetchall()
        assert [one for (one,) in items] == ["1", "2", "test.conll:2"]
        assert "item_with_another_text" in kinds(delivery)


def test_layers_of_one_export_stay_apart(tmp_path: Path) -> None:
    annotations = [
        {"completed_by": 1, "result": [rectangle(1, 1, 5, 5)]},
        {"completed_by": 2, "result": [rectangle(1, 1, 5, 5)], "ground_truth": True},
    ]
    predictions = [{"model_version": "v1", "result": [rectangle(2, 2, 5, 5, score=0.5)]}]
    path = write(tmp_path, "a.json", orjson.dumps([task(annotations=annotations, predictions=predictions)]))
    with located(path) as (connection, delivery):
        rows = connection.execute(
            "SELECT annotator, layer, position, confidence FROM object ORDER BY ALL"
        ).fetchall()
        assert rows == [
            ("1", Layer.FIRST_PASS, 0, None), ("2", Layer.GOLD, 0, None), ("model:v1", Layer.PRELABEL, 0, 0.5),
        ]  # fmt: skip
        assert connection.execute("SELECT item, width, height, path FROM image").fetchall() == [
            ("1", 200, 100, "a/b.jpg")
        ]
        assert "annotator_missing" not in kinds(delivery)


def test_a_number_and_an_address_are_one_person(tmp_path: Path) -> None:
    tasks = [
        {"id": 1, "data": {}, "annotations": [{"completed_by": 3, "result": [rectangle(1, 1, 5, 5)]}]},
        {**task(rectangle(1, 1, 5, 5)), "id": 2},
    ]
    with located(write(tmp_path, "a.json", orjson.dumps(tasks))) as (connection, _):
        assert connection.execute("SELECT DISTINCT annotator FROM object").fetchall() == [
            ("ann@example.org",)
        ]


def test_who_skipped_and_answered_has_answered(tmp_path: Path) -> None:
    annotations = [
        {"completed_by": 1, "result": [], "was_cancelled": True},
        {"completed_by": 1, "result": [rectangle(1, 1, 5, 5)]},
    ]
    with located(write(tmp_path, "a.json", orjson.dumps([task(annotations=annotations)]))) as (connection, _):
        assert connection.execute("SELECT state FROM annotation").fetchall() == [(2,)]


def repeated(folder: Path, x: float) -> Path:
    annotations = [{"completed_by": 1, "result": [rectangle(at, 1, 5, 5)]} for at in (1, x)]
    return write(folder, "a.json", orjson.dumps([task(annotations=annotations)]))


def test_the_same_boxes_again_count_once(tmp_path: Path) -> None:
    with located(repeated(tmp_path, 1)) as (connection, delivery):
        assert connection.execute("SELECT count(*) FROM object").fetchall() == [(1,)]
        assert "same_objects_again" in kinds(delivery)


def test_other_boxes_of_one_person_on_one_item_are_refused_unless_declared(tmp_path: Path) -> None:
    path = repeated(tmp_path, 9)
    with pytest.raises(InputError, match="marked one item twice"), located(path):
        pass
    for rule, x in (("first", 2), ("last", 18)):
        with located(path, yaml=f"duplicates: {rule}\nfiles: [{{path: a.json}}]\n") as (connection, delivery):
            assert connection.execute("SELECT x FROM object").fetchall() == [(x,)]
            assert "different_objects_again" in kinds(delivery)


def test_a_declared_control_makes_regions_of_a_mixed_export(tmp_path: Path) -> None:
    whole = {"type": "choices", "from_name": "weather", "id": "w", "value": {"choices": ["fog"]}}
    path = write(tmp_path, "a.json", orjson.dumps([task(rectangle(1, 1, 5, 5), whole)]))
    assert inspect([path])["kind"] == "choice"
    with located(path, yaml="files: [{path: a.json, format: label_studio, profile: label}]\n") as (
        connection,
        _,
    ):
        assert connection.execute("SELECT class FROM object").fetchall() == [("Car",)]


def test_declared_keys_and_formats_reach_the_readers(tmp_path: Path) -> None:
    record = {"body": "EU rejects", "title": "x", "marks": [[0, 2, "ORG"]], "who": "ann", "doc": "d1"}
    path = write(tmp_path, "a.jsonl", orjson.dumps(record))
    columns = "columns: {item: doc, annotator: who, text: body, label: marks}"
    with located(path, yaml=f"files: [{{path: a.jsonl, format: spans, {columns}}}]\n") as (connection, _):
        assert connection.execute("SELECT item, annotator, text FROM object").fetchall() == [
            ("d1", "ann", "EU")
        ]


def test_packed_files_and_folders_of_cvat_are_found(tmp_path: Path) -> None:
    text = '<annotations><image id="0" name="f/a.jpg" width="9" height="9"><box label="c" xtl="1" ytl="1" xbr="3" ybr="4"/></image></annotations>'
    write(tmp_path, "ann.xml", text)
    write(tmp_path, "bob.xml.gz", gzip.compress(text.encode()))
    with located(tmp_path) as (connection, delivery):
        rows = connection.execute("SELECT item, annotator, x, y, w, h FROM object ORDER BY ALL").fetchall()
        assert [row[:1] + row[2:] for row in rows] == [("a.jpg", 1, 1, 2, 3)] * 2
        assert len({row[1] for row in rows}) == 2
        assert [one.format for one in delivery.inputs] == ["cvat", "cvat"]


def test_annotations_without_a_person_are_said(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", orjson.dumps([task(annotations=[{"result": [rectangle(1, 1, 5, 5)]}])]))
    with located(path) as (_, delivery):
        assert "annotator_unnamed" in kinds(delivery)


@needs_shared
@pytest.mark.parametrize(
    ("names", "annotations", "labels", "people"),
    [
        (["pico_participants/PICO-annos-crowdsourcing.jsonl"], 575, 1616, 79),
        (["pico_participants/PICO-annos-professional.jsonl"], 94, 351, 1),
        (["btc_section_e/job_629602.loc.json.gz"], 875, 548, 39),
        (["btc_section_e/job_630015.per.json.gz"], 1000, 141, 23),
        (["btc_section_e/job_633475.org.json.gz"], 1000, 338, 16),
        (["btc_section_e/e.conll"], 200, 325, 0),
        (["btc_section_e/e.json.gz"], 200, 322, 0),
    ],
)
def test_public_data_is_inspected_as_it_is(
    names: list[str], annotations: int, labels: int, people: int
) -> None:
    found = inspect([SHARED / "datasets" / name for name in names])
    assert (found["kind"], found["annotations"], found["labels"], found["annotators"]) == (
        "spans", annotations, labels, people,
    )  # fmt: skip
