"""The evaluator of published cases, and the cases themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT, SHARED, needs_shared
from tests.reference.__main__ import evaluate, main
from tests.reference.cases import agrees
from tests.reference.metrics import METRICS

CASES = SHARED / "reference" / "agreement_cases.json"
ALPHA = {
    "id": "own-1",
    "metric": "krippendorff_alpha",
    "params": {"level": "nominal"},
    "data": {"ratings_items_by_raters": [["a", "a"], ["a", "b"], ["b", "b"]]},
    "expected": 0.4444444444,
    "tolerance": 1e-9,
}


def first(case: dict[str, object], **changes: object) -> dict[str, object]:
    return next(evaluate([case | changes]))


@needs_shared
def test_every_published_case_of_a_built_metric_is_ok() -> None:
    rows = list(evaluate(json.loads(CASES.read_text(encoding="utf-8"))))
    assert [row["id"] for row in rows if row["ok"] is False] == []
    assert sum(row["ok"] is True for row in rows) == 56


@needs_shared
def test_the_command_prints_one_line_of_json_per_case() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.reference", str(CASES)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert len(lines) == 56
    assert all(set(line) == {"id", "ok", "got", "expected"} for line in lines)


def test_a_wrong_figure_is_not_ok() -> None:
    assert first(ALPHA)["ok"] is True
    assert first(ALPHA, expected=0.45)["ok"] is False


def test_a_metric_that_is_not_built_is_unsupported() -> None:
    row = first(ALPHA, metric="phase_of_the_moon")
    assert (row["ok"], row["got"]) == ("unsupported", None)


def test_an_undefined_figure_is_expected_as_undefined() -> None:
    one_class = {"ratings_items_by_raters": [["a", "a"], ["a", "a"]]}
    assert first(ALPHA, data=one_class, expected=None)["ok"] is True
    row = first(ALPHA, data=one_class, expected="undefined")
    assert row["ok"] is True
    assert "one class" in row["got"]["undefined"]
    assert first(ALPHA, data=one_class, expected=1.0)["ok"] is False
    assert first(ALPHA, expected=None)["ok"] is False


def test_a_case_that_makes_no_sense_is_told_with_its_error() -> None:
    row = first(ALPHA, params={"level": "spherical"})
    assert row["ok"] is False
    assert "spherical" in row["got"]["error"]


@pytest.mark.parametrize(
    "data",
    [
        {"ratings_raters_by_items": [["a", "a", "b"], ["a", "b", "b"]]},
        {"counts_items_by_categories": [[2, 0], [1, 1], [0, 2]]},
        {"table": [[1, 1], [0, 1]]},
        {
            "rows_item_rater_label": [
                [1, 1, "a"],
                [1, 2, "a"],
                [2, 1, "a"],
                [2, 2, "b"],
                [3, 1, "b"],
                [3, 2, "b"],
            ]
        },
        {"a": ["a", "a", "b"], "b": ["a", "b", "b"]},
    ],
)
def test_the_same_ratings_in_any_shape_give_the_same_figure(data: dict[str, object]) -> None:
    assert first(ALPHA, data=data)["ok"] is True


def test_every_number_expected_must_be_met() -> None:
    assert agrees({"x": 1.0, "y": 2.0}, {"x": 1.0}, 0)
    assert not agrees({"x": 1.0}, {"x": 1.0, "y": 2.0}, 1)
    assert not agrees([1.0], [1.0, 2.0], 1)
    assert not agrees(True, 1.0, 0.5)


def test_a_file_that_cannot_be_read_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "cases.json"
    broken.write_text("{", encoding="utf-8")
    assert main([str(broken)]) == 2
    assert main([str(tmp_path / "missing.json")]) == 2
    assert main([]) == 2
    assert "cases.json" in capsys.readouterr().err


def test_metrics_answer_what_they_are_named_for() -> None:
    table = {"table": [[20, 10], [20, 50]]}
    published = {"scott_pi": 0.3407, "cohen_kappa": 0.3478, "percent_agreement": 0.7, "brennan_prediger": 0.4}
    for metric, figure in published.items():
        assert metric in METRICS
        assert (
            first(ALPHA, metric=metric, params={}, data=table, expected=figure, tolerance=5e-5)["ok"] is True
        )
