"""delivery.yaml: every key has a meaning, and what is not understood is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.annotation.layers import Layer
from assay.formats.delivery import DeliveryFile, find_delivery, load_delivery, readable_paths
from tests.formats.deliveries import write

FULL = """assay: delivery/1
batch: batch-24
delivered_at: 2026-11-20T23:00:00+07:00
round: 2
phase: burst
schema: 3
guideline: "5.2"
gold: 4
labels: multi
level: nominal
separator: "|"
files:
  - {path: a.csv, format: tsv, profile: unquoted, annotator: w1, layer: review, encoding: cp1252, header: no}
  - {path: /data/b.csv, columns: {item: 1, label: verdict}}
columns: [annotator, item, label, -]
header: yes
items: {path: items.csv, columns: {item: task}}
duplicates: last
final: {annotator: w9}
copies: [w3, "007"]
normal_form: [nfc, lower]
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    found = load_delivery(write(tmp_path, "delivery.yaml", FULL))
    assert found.batch == "batch-24"
    assert found.delivered_at == "2026-11-20T16:00:00Z"
    assert (found.round, found.phase, found.schema, found.guideline, found.gold) == (
        2,
        "burst",
        "3",
        "5.2",
        "4",
    )
    assert (found.labels, found.level, found.separator, found.duplicates) == ("multi", "nominal", "|", "last")
    first, second = found.files
    assert (first.path, first.format, first.profile) == (tmp_path / "a.csv", "tsv", "unquoted")
    assert (first.annotator, first.layer, first.encoding, first.header) == (
        "w1",
        Layer.REVIEW,
        "cp1252",
        False,
    )
    assert (second.path, second.columns) == (Path("/data/b.csv"), {"item": "1", "label": "verdict"})
    assert found.columns == {"annotator": 1, "item": 2, "label": 3}
    assert (found.items, found.items_columns, found.header) == (
        tmp_path / "items.csv",
        {"item": "task"},
        True,
    )
    assert (found.final, found.final_annotator) == ("annotator", "w9")
    assert (found.copies, found.normal_form) == (("w3", "007"), ("nfc", "lower"))


def test_a_delivery_that_declares_nothing_has_the_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, "delivery.yaml", "assay: delivery/1\n")
    assert load_delivery(path) == DeliveryFile(path=path)
    assert (DeliveryFile().final, DeliveryFile().duplicates, DeliveryFile().round) == (
        "majority",
        "refuse",
        1,
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("assay: delivery/2", "key assay"),
        ("assay: delivery/1\nbacth: x", "key bacth"),
        ("batch: x", None),
        ("assay: delivery/1\nround: 0", "key round"),
        ("assay: delivery/1\nround: 1.5", "key round"),
        ("assay: delivery/1\nphase: slow", "key phase"),
        ("assay: delivery/1\nlabels: cuboids", "key labels"),
        ("assay: delivery/1\nduplicates: both", "key duplicates"),
        ("assay: delivery/1\ndelivered_at: yesterday", "key delivered_at"),
        ("assay: delivery/1\ndelivered_at: 2026-11-20T16:00:00", "key delivered_at"),
        ("assay: delivery/1\nfiles: []", "key files"),
        ("assay: delivery/1\nfiles: [{format: csv}]", "key files[0]"),
        ("assay: delivery/1\nfiles: [{path: a, layer: fourth}]", "key files[0].layer"),
        ("assay: delivery/1\ncolumns: [item, item]", "key columns[1]"),
        ("assay: delivery/1\ncolumns: {thing: x}", "key columns.thing"),
        ("assay: delivery/1\nfinal: best", "key final"),
        ('assay: delivery/1\nseparator: "\\t"', "key separator"),
        ("assay: delivery/1\nassay: delivery/1", "line 2"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(
    tmp_path: Path, text: str, place: str | None
) -> None:
    with pytest.raises(InputError) as refusal:
        load_delivery(write(tmp_path, "delivery.yaml", text + "\n"))
    assert refusal.value.file == str(tmp_path / "delivery.yaml")
    assert place is None or place in (refusal.value.place or "")


def test_a_day_is_a_moment_too(tmp_path: Path) -> None:
    path = write(tmp_path, "delivery.yaml", "assay: delivery/1\ndelivered_at: 2026-11-20\n")
    assert load_delivery(path).delivered_at == "2026-11-20"


def test_the_description_in_a_folder_is_found(tmp_path: Path) -> None:
    write(tmp_path, "delivery.yaml", "assay: delivery/1\nbatch: b\nfiles: [{path: a.csv}]\n")
    write(tmp_path, "a.csv", "x\n")
    found = find_delivery([tmp_path])
    assert found is not None
    assert found.batch == "b"
    assert readable_paths([tmp_path], None) == [tmp_path, tmp_path / "a.csv"]


def test_files_that_do_not_exist_are_not_readable_paths(tmp_path: Path) -> None:
    path = write(tmp_path, "delivery.yaml", "assay: delivery/1\nfiles: [{path: absent.csv}]\n")
    assert readable_paths([path], load_delivery(path)) == []
