"""Boxes as corner pairs in cells and mappings: parsed by our own pattern, refused with their place, never run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.formats.convert import convert
from assay.formats.corner_pairs import corner_pairs, one_pair
from tests.formats.deliveries import write
from tests.formats.located_files import BOX, read
from tests.paths import SHARED, needs_shared

COORDINATES = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 6) + 0.0)
COLUMNS = "columns: {item: item, annotator: uid, label: annotation}"


@given(st.lists(st.tuples(*[COORDINATES] * 4), max_size=6))
def test_what_a_program_prints_is_read(boxes: list[tuple[float, float, float, float]]) -> None:
    text = str([([x, y], [v, w]) for x, y, v, w in boxes])
    assert corner_pairs(text) == boxes
    assert corner_pairs(json.dumps([[[x, y], [v, w]] for x, y, v, w in boxes])) == boxes
    assert [one_pair(str(([x, y], [v, w]))) for x, y, v, w in boxes] == boxes


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "()", "[", "[([1, 2], [3, 4])", "[([1, 2], [3, 4]),]", "[([1, 2], [3])]", "[([1, 2], [3, nan])]",
        "[([1, 2], [3, 4]])]", "[([1, 2], [3, 4]) ([1, 2], [3, 4])]", "[([1, 2], [3, 1e999])]", "[(1, 2, 3, 4)]",
        "__import__('os').getcwd()", "[([1, 2], [3, 4]), __import__('os')]", "[([1, 2), [3, 4])]", "[[[1, 2], [3, 4])]",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no list of corner pairs"):
        corner_pairs(text)


def test_many_blanks_do_not_slow_it() -> None:
    with pytest.raises(InputError):
        corner_pairs("[(" + " " * 200_000 + "]")


def test_a_declared_column_holds_boxes(tmp_path: Path) -> None:
    rows = 'uid,item,annotation\n1,a,"[([5.0, 6.0], [1.0, 2.0])]"\n2,a,[]\n3,a,\n'
    write(tmp_path, "b.csv", rows)
    write(
        tmp_path, "delivery.yaml",
        f"assay: delivery/1\nfiles:\n  - {{path: b.csv, profile: corner-pairs class=person, {COLUMNS}}}\n",
    )  # fmt: skip
    with read(tmp_path) as seen:
        assert seen.rows(BOX) == [("a", "1", "person", 1, 2, 4, 4)]
        assert seen.rows("annotator, layer, state", "annotation") == [("1", 1, 2), ("2", 1, 1), ("3", 1, 0)]


def test_a_broken_cell_is_refused_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, "b.csv", 'uid,item,annotation\n1,a,[]\n1,b,"[(1, 2)]"\n')
    write(
        tmp_path,
        "delivery.yaml",
        f"assay: delivery/1\nfiles:\n  - {{path: b.csv, profile: corner-pairs, {COLUMNS}}}\n",
    )
    with pytest.raises(InputError, match="line 3"), read(tmp_path):
        pass
    write(
        tmp_path,
        "delivery.yaml",
        f"assay: delivery/1\nfiles:\n  - {{path: b.csv, profile: corner-pairs x, {COLUMNS}}}\n",
    )
    with pytest.raises(InputError, match="not known"), read(tmp_path):
        pass


def test_a_mapping_of_items_to_pairs_is_recognised(tmp_path: Path) -> None:
    path = write(tmp_path, "g.json", json.dumps({"a": ["([1, 2], [3, 4])", "([0, 0], [1, 1])"], "b": []}))
    with read(path) as seen:
        assert seen.rows("item, x, y, w, h") == [("a", 0, 0, 1, 1), ("a", 1, 2, 2, 2)]
        assert seen.rows("item, state", "annotation") == [("a", 2), ("b", 1)]
    write(tmp_path, "g.json", json.dumps({"a": ["([1, 2], [3, 4])"], "b": ["x"]}))
    with pytest.raises(InputError, match="key 'b'"), read(path):
        pass


@needs_shared
def test_the_crowd_boxes_are_read_as_published(tmp_path: Path) -> None:
    folder = SHARED / "datasets" / "crowd_boxes"
    line = f"  - {{path: {folder / 'boundingbox_data.csv'}, profile: corner-pairs, {COLUMNS}}}\n"
    gold = f"  - {{path: {folder / 'boundingbox_gold.json'}, layer: gold}}\n"
    yaml = write(tmp_path, "delivery.yaml", f"assay: delivery/1\nfiles:\n{line}{gold}")
    with read(folder / "boundingbox_data.csv", yaml=yaml) as seen:
        counts = seen.connection.execute(
            "SELECT layer, count(*), count(DISTINCT item), count(DISTINCT annotator) FROM object GROUP BY ALL ORDER BY 1"
        ).fetchall()
        assert counts == [(1, 3682, 100, 161), (6, 664, 100, 1)]
    with read(folder / "boundingbox_gold.json") as seen:
        assert seen.delivery.why == ("a mapping of items to corner pairs",)
    report = convert([yaml], tmp_path / "coco", "coco")
    assert (report.rows, report.losses) == (4346, ())
