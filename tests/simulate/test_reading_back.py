"""What is simulated is what Assay's own readers find in the files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assay.annotation.connection import open_connection
from assay.annotation.layers import ItemState, Layer
from assay.annotation.schema import load_schema
from assay.formats.delivery import load_delivery
from assay.formats.gold import read_gold
from assay.formats.manifest import read_manifest
from assay.formats.read import read_delivery
from assay.simulate import NOTHING, Final, Gold, Reviewer, Slice, Spec, simulate

SPECS = {
    "choice": Spec(
        items=200, gold=Gold(items=40, makers=2), final=Final("drawn"), reviewer=Reviewer(), skipped=0.1
    ),
    "multi": Spec(kind="multi", items=200, gold=Gold(items=40)),
    "rating": Spec(kind="rating", classes=("1", "2", "3", "4", "5"), items=200, gold=Gold(items=40)),
    "text": Spec(kind="text", items=60, gold=Gold(items=20), final=Final("drawn")),
    "odd names": Spec(items=100, classes=("no", "007", "12:30", 'a "b", c', "#x"), gold=Gold(items=20)),
    "slices": Spec(
        items=100, slices=(Slice("channel", ("mail", "chat, phone")),), missing=0.2, duplicates=0.1
    ),
}


@pytest.mark.parametrize("name", SPECS)
def test_the_readers_find_what_was_drawn(name: str, tmp_path: Path) -> None:
    programme = simulate(SPECS[name])
    programme.write(tmp_path)
    draw, names = programme.draw, programme.items
    connection = open_connection(readable=[tmp_path])
    schema = load_schema(tmp_path / "schema.yaml")
    assert schema.kind == draw.spec.kind
    declared = load_delivery(tmp_path / "delivery.yaml", inside=True)
    delivery = read_delivery(
        [tmp_path / "labels.csv"], connection=connection, declared=declared, schema=schema
    )
    assert delivery.kind == draw.spec.kind
    assert {finding.kind for finding in delivery.findings if finding.severity != "note"} <= {"duplicate_rows"}

    found = Counter(
        connection.execute("SELECT item, annotator, value, layer, state FROM annotation").fetchall()
    )
    expected: Counter[tuple[str, str, str | None, int, int]] = Counter()
    for item, person, label in zip(draw.item, draw.annotator, draw.label, strict=True):
        expected[names[item], draw.people[person], *_answer(draw.values, label, Layer.FIRST_PASS)] += 1
    for item, label in zip(draw.review_item, draw.review_label, strict=True):
        expected[names[item], "reviewer-01", *_answer(draw.values, label, Layer.REVIEW)] += 1
    for item, label in enumerate(draw.final if draw.final is not None else []):
        if label != NOTHING:
            expected[names[item], "lead-01", *_answer(draw.values, label, Layer.FINAL)] += 1
    assert found == expected


@pytest.mark.parametrize("name", SPECS)
def test_the_readers_find_the_gold_and_the_slices(name: str, tmp_path: Path) -> None:
    programme = simulate(SPECS[name])
    programme.write(tmp_path)
    draw, names = programme.draw, programme.items
    connection = open_connection(readable=[tmp_path])
    if len(draw.gold_item):
        separator = load_delivery(tmp_path / "delivery.yaml").separator
        read_gold(tmp_path / "gold.csv", connection=connection, kind=draw.spec.kind, separator=separator)
        answers = dict(connection.execute("SELECT item, coalesce(value, '') FROM gold").fetchall())
        assert answers == {
            names[item]: draw.values[label]
            for item, label in zip(draw.gold_item, draw.gold_label, strict=True)
        }
    manifest = read_manifest(tmp_path / "items.csv", connection=connection)
    assert manifest.slices == tuple(one.name for one in draw.spec.slices)
    items = [row[0] for row in connection.execute("SELECT item FROM manifest ORDER BY item").fetchall()]
    assert items == names


def _answer(values: tuple[str, ...], label: int, layer: Layer) -> tuple[str | None, int, int]:
    if label == NOTHING:
        return None, layer, ItemState.SKIPPED
    if values[label] == "":
        return None, layer, ItemState.EMPTY
    return values[label], layer, ItemState.ANNOTATED
