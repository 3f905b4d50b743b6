"""Commands are measured whole, generated batches are read by our own command, pictures and pages are sound."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import duckdb
import pytest

from benchmarks import growth, pages
from benchmarks.__main__ import main
from benchmarks.plot import growth_plot
from benchmarks.results import RESULTS
from benchmarks.running import CommandError, Usage, middle, run
from tests.paths import ROOT

BUSY = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass\n"


def test_what_a_child_of_the_command_uses_counts(tmp_path: Path) -> None:
    grows = "held = bytearray(150_000_000)\n" + BUSY.format(0.3)
    calls = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {grows!r}], check=True)"
    used = run([sys.executable, "-c", calls], log=tmp_path / "log")
    assert 0.3 <= used.cpu_s < 3
    assert used.peak_mb > 140
    small = run([sys.executable, "-c", "pass"], log=tmp_path / "log")
    assert small.peak_mb < used.peak_mb / 2


def test_the_size_of_the_measuring_process_does_not_count(tmp_path: Path) -> None:
    held = bytearray(b"x") * 300_000_000
    used = run([sys.executable, "-c", "pass"], log=tmp_path / "log")
    assert used.peak_mb < 100 < len(held) / 2**20


def test_a_command_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="could not be started"):
        run([tmp_path / "none"], log=tmp_path / "log")


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ended with 3:\nbroken"):
        run([sys.executable, "-c", "import sys; print('broken'); sys.exit(3)"], log=tmp_path / "log")
    ended = run([sys.executable, "-c", "import sys; sys.exit(3)"], log=tmp_path / "log", accepted=(0, 3))
    assert ended.wall_s > 0


def test_the_middle_of_three_runs_is_taken_number_by_number() -> None:
    assert middle([Usage(1, 9, 5), Usage(2, 7, 6), Usage(3, 8, 4)]) == Usage(2, 8, 5)


def test_a_grown_batch_has_its_rows_and_is_the_same_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        growth.generate(3000, tmp_path / name)
    with duckdb.connect() as connection:

        def rows(name: str) -> list[tuple[object, ...]]:
            path = tmp_path / name / "labels.parquet"
            return connection.execute(f"SELECT * FROM '{path}' ORDER BY ALL").fetchall()

        labels = rows("one")
        assert labels == rows("two")
        assert len(labels) == 3000
        assert (
            len({(item, annotator) for item, annotator, _ in labels}) == 3000
        )  # nobody votes twice on an item


def test_growth_is_measured_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, picture = tmp_path / "growth.json", tmp_path / "growth.svg"
    code = main(
        ["growth", "--rows", "3000", "--out", str(out), "--picture", str(picture), "--work", str(tmp_path)]
    )
    assert code == 0
    assert "3,000 rows" in capsys.readouterr().out
    assert ET.fromstring(picture.read_text()).tag.endswith("svg")
    assert not list(tmp_path.glob("assay-bench-*"))


def test_a_picture_stays_inside_its_frame() -> None:
    picture = ET.fromstring(growth_plot([(10**5, 0.5, 160), (10**8, 79, 3900)], limits=(80, 4096)))
    width, height = (float(n) for n in picture.attrib["viewBox"].split()[2:])
    for mark in picture.iter():
        if "cx" in mark.attrib:
            assert 0 < float(mark.attrib["cx"]) < width
            assert 0 < float(mark.attrib["cy"]) < height


def test_the_page_says_what_the_result_files_say() -> None:
    assert (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8") == pages.page(RESULTS)


def test_without_results_the_page_says_so(tmp_path: Path) -> None:
    assert pages.page(tmp_path).count("Not measured yet.") == 6


def test_speed_without_the_pipeline_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["speed", "--peers", str(tmp_path)]) == 2
    assert "--peers" in capsys.readouterr().out
