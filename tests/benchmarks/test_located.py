"""Located labels are timed on data that both sides read alike, and both sides find the same."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from assay.formats.inspect import inspect
from benchmarks import located_data, pages
from benchmarks.__main__ import main
from benchmarks.located import ROWS
from benchmarks.located_jobs import AGAIN, JOBS, THRESHOLDS
from benchmarks.located_jobs import main as job


def needs(*names: str) -> None:
    for name in names:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed; `make peers` does it")


def test_matching_finds_what_scipy_finds() -> None:
    told = JOBS["matching"](300)()
    assert told == JOBS["matching-scipy"](300)()
    assert isinstance(told, list)
    assert len(told) == len(THRESHOLDS)
    assert told == sorted(told, reverse=True)
    assert told[0] > told[-1] > 0


def test_coco_finds_no_more_than_the_best_matching() -> None:
    ours, theirs = JOBS["matching"](60)(), JOBS["matching-pycocotools"](60)()
    assert isinstance(ours, list)
    assert isinstance(theirs, list)
    assert all(-1 <= best - found <= 2 for best, found in zip(ours, theirs, strict=True))


def test_both_find_the_same_in_a_crowded_frame() -> None:
    needs("datumaro")
    assert JOBS["frame"](40)() == JOBS["frame-datumaro"](40)()


def test_spans_have_the_f1_of_seqeval() -> None:
    needs("seqeval")
    told = JOBS["spans"](5_000)()
    assert told == JOBS["spans-seqeval"](5_000)()
    assert isinstance(told, float)
    assert 0.8 < told < 0.95


def test_a_job_says_what_it_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert job(["frame", "10"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["peak_mb"] > 10
    assert 0 < told["cpu_s"] < 1
    assert set(AGAIN) <= set(JOBS)


def test_a_generated_coco_file_is_read_whole(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        located_data.write_coco(tmp_path / name, 30)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    found = inspect([tmp_path / "one.json"])
    assert found["labels"] == 300


def test_a_generated_export_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    tasks = located_data.write_label_studio(path, 1)
    assert path.stat().st_size >= 1_000_000
    found = inspect([path])
    assert (found["items"], found["annotations"]) == (tasks, 2 * tasks)
    results = json.loads(path.read_bytes())
    assert found["labels"] == sum(len(one["result"]) for task in results for one in task["annotations"])


def test_a_row_is_timed_and_stands_on_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "located.json"
    asked = ["--row", "coco-yolo", "--scale", "0.0005", "--rounds", "1", "--without-peers"]
    assert main(["located", *asked, "--out", str(out), "--work", str(tmp_path)]) == 0
    assert "COCO to YOLO, 10 images" in capsys.readouterr().out
    assert not list(tmp_path.glob("assay-bench-*"))
    assert "| COCO to YOLO, 10 images, ten boxes each |" in pages.page(tmp_path)


def test_what_was_measured_before_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "located.json"
    for name in ("spans", "frame"):
        row = ["--row", name, "--rounds", "1", "--without-peers"] + ["--scale", "0.001"] * (name == "spans")
        main(["located", *row, "--out", str(out), "--work", str(tmp_path)])
    rows = json.loads(out.read_bytes())["rows"]
    order = [row.name for row in ROWS]
    assert [one["row"] for one in rows] == sorted(("spans", "frame"), key=order.index)


def test_judging_without_the_pipeline_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["located", "--row", "judge-10k", "--peers", str(tmp_path)]) == 2
    assert "--peers" in capsys.readouterr().out
