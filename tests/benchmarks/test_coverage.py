"""Coverage is counted right, and a cell of a few panels holds what it should."""

from __future__ import annotations

import argparse
from math import comb
from pathlib import Path

import pytest

from assay.annotation.strict_json import load_json
from assay.measure.figure import Figure, undefined
from benchmarks import coverage
from benchmarks.attainable import nearest
from benchmarks.cells import MEASURED, Cell, Coverage, measure_cell
from benchmarks.worlds import TRUE_FIGURES


def test_an_interval_beside_the_truth_counts_on_its_side_and_what_is_undefined_apart() -> None:
    counted = Coverage()
    for low, high in ((0.8, 0.9), (0.7, 0.8), (0.9, 0.95), (0.84, 0.86)):
        counted.add(Figure(high, low, high), 0.85)
    counted.add(undefined("no positives"), 0.85)
    assert (counted.below, counted.above, counted.undefined) == (1, 1, 1)
    assert counted.share == 0.5
    assert counted.as_json()["reasons"] == {"no positives": 1}


@pytest.mark.parametrize("figure", sorted(TRUE_FIGURES))
@pytest.mark.parametrize("weighted", [False, True])
def test_most_intervals_of_a_cell_hold_the_truth(figure: str, weighted: bool) -> None:
    found = measure_cell(Cell(figure, True, weighted, 0.9, 100), runs=100, replicates=100, seed=3)
    assert tuple(found) == MEASURED[figure]
    for counted in found.values():
        assert counted.runs == 100
        assert counted.undefined == 0
        assert 0.86 <= counted.share <= 1  # 95 of 100 give or take four standard errors


def test_the_same_seed_draws_the_same_panels() -> None:
    cell = Cell("f1", False, False, 0.95, 20)
    once, again = (measure_cell(cell, 20, 50, 5)["f1"] for _ in range(2))
    assert once == again


def test_a_result_file_goes_on_where_it_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    coverage.add_arguments(parser)
    out = tmp_path / "coverage.json"
    options = parser.parse_args(["--runs", "2", "--replicates", "10", "--figure", "alpha", "--out", str(out)])
    assert coverage.run(options) == 0
    first = load_json(out)
    assert isinstance(first, dict)
    assert len(first["cells"]) == 80
    assert "coverage" in capsys.readouterr().out
    assert coverage.run(options) == 0
    assert load_json(out) == first
    assert len(capsys.readouterr().out.splitlines()) == 1  # nothing was measured again


def test_twenty_trials_of_a_share_of_95_percent_have_no_coverage_near_95_percent() -> None:
    below, above = nearest(20, 0.95)
    assert below == pytest.approx(1 - sum(binomial(k) for k in range(18)))
    assert above == pytest.approx(1 - sum(binomial(k) for k in range(17)))


def binomial(right: int) -> float:
    return comb(20, right) * 0.95**right * 0.05 ** (20 - right)
