"""The public data sets, files as they are, with a delivery.yaml or gold.yaml beside them where they need one."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError
from assay.annotation.schema_values import Kind
from assay.formats.gold import read_gold
from assay.formats.gold_file import gold_paths
from tests.formats.deliveries import Outcome, attempt, read_sources, write
from tests.paths import SHARED, needs_shared

pytestmark = needs_shared
DATA = SHARED / "datasets"
SAMPLES = SHARED / "samples"


def read(folder: Path, name: str, declare: str = "") -> Outcome:
    yaml = write(folder, "delivery.yaml", f"assay: delivery/1\nfiles: [{{path: {DATA / name}}}]\n{declare}")
    return read_sources([yaml], yaml=yaml)


_DELIVERIES = {
    "adultcontent2/labels.txt.gz": (
        "columns: [annotator, item, label]\nduplicates: first",
        92_721,
        11_040,
        825,
        89_799,
    ),
    "bluebirds/labels.yaml": ("", 4_212, 108, 39, 4_212),
    "snow_rte/rte.standardized.tsv.gz": ("", 8_000, 800, 164, 8_000),
    "music_genre/MS.csv": ("columns: [annotator, item, label, -]", 2_945, 700, 44, 2_945),
    "fact_eval/label.csv.gz": ("duplicates: first", 216_725, 42_624, 57, 214_915),
    "snow_affect/anger.standardized.tsv": ("labels: rating", 1_000, 100, 38, 1_000),
    "snow_affect/valence.standardized.tsv": ("labels: rating", 1_000, 100, 38, 1_000),
    "crowdspeech/crowdspeech-dev-clean-crowd.tsv.gz": ("", 18_921, 2_703, 748, 18_921),
    "crowdwsa2019/T1_label.tsv": ("labels: text\nduplicates: first", 1_000, 100, 42, 882),
}


@pytest.mark.parametrize("name", _DELIVERIES)
def test_a_public_delivery_is_read_in_full(tmp_path: Path, name: str) -> None:
    declare, rows, items, annotators, kept = _DELIVERIES[name]
    out = read(tmp_path, name, declare)
    one = out.delivery.inputs[0]
    assert (one.rows, one.items, one.annotators) == (rows, items, annotators)
    assert out.rows("count(*)") == [(kept,)]


@pytest.mark.parametrize(
    ("name", "declare"),
    [
        ("adultcontent2/labels.txt.gz", "columns: [annotator, item, label]"),
        ("fact_eval/label.csv.gz", ""),
        ("crowdwsa2019/T1_label.tsv", ""),
    ],
)
def test_different_answers_of_one_person_need_a_declaration(tmp_path: Path, name: str, declare: str) -> None:
    with pytest.raises(InputError, match="different answers"):
        read(tmp_path, name, declare)


def test_quoted_line_breaks_do_not_make_phantom_items(tmp_path: Path) -> None:
    out = read(tmp_path, "crowdspeech/crowdspeech-dev-clean-crowd.tsv.gz")
    assert out.rows("count(*) FILTER (contains(value, chr(10)))")[0][0] > 0
    assert out.rows("count(*) FILTER (NOT starts_with(item, 'https://'))") == [(0,)]
    assert out.delivery.kind == "text"


_GOLD: dict[str, tuple[str | None, Kind, int]] = {
    "adultcontent2/gold.txt": ("[item, label]", "choice", 1_517),
    "bluebirds/gt.yaml": (None, "choice", 108),
    "snow_rte/rte.standardized.tsv.gz": (None, "choice", 800),
    "music_genre/MS.csv": ("[-, item, -, label]", "choice", 700),
    "fact_eval/truth.csv": (None, "choice", 576),
    "snow_affect/valence.standardized.tsv": (None, "rating", 100),
    "crowdspeech/crowdspeech-dev-clean-gt.txt.gz": ("[item, label]", "text", 2_703),
    "crowdwsa2019/T1_gt.tsv": (None, "text", 100),
}


@pytest.mark.parametrize("name", _GOLD)
def test_public_gold_is_read_in_full(tmp_path: Path, name: str) -> None:
    columns, kind, items = _GOLD[name]
    path = DATA / name
    if columns is not None:
        text = f"assay: gold/1\nfiles: [{{path: {path}}}]\ncolumns: {columns}\n"
        path = write(tmp_path, "gold.yaml", text)
    gold = read_gold(path, connection=open_connection(readable=gold_paths(path)), kind=kind)
    assert (gold.items, gold.slices) == (items, ())


@pytest.mark.parametrize(
    "path",
    sorted((SAMPLES / "label_studio").rglob("*.json")),
    ids=lambda path: path.relative_to(SAMPLES).as_posix(),
)
def test_every_sample_of_label_studio_is_read_or_refused_by_name(path: Path) -> None:
    out = attempt([path])
    if isinstance(out, InputError):
        assert out.file == str(path)
        assert out.expected
    else:
        assert out.delivery.inputs[0].format == "label_studio"


@pytest.mark.parametrize(
    "path",
    sorted(
        p for folder in ("jsonl_csv", "multi_annotator") for p in (SAMPLES / folder).rglob("*") if p.is_file()
    ),
    ids=lambda path: path.relative_to(SAMPLES).as_posix(),
)
def test_every_sample_of_tables_is_read_or_refused_by_name(path: Path) -> None:
    out = attempt([path])
    if isinstance(out, InputError):
        assert out.file is not None
        assert out.expected
    else:
        assert out.delivery.inputs[0].rows > 0
