"""A small ledger of the benchmark is verified by our own command and told as a row of the page."""

from __future__ import annotations

from pathlib import Path

from benchmarks import ledger, pages
from benchmarks.__main__ import main
from benchmarks.results import read


def test_a_small_ledger_is_measured_and_the_same_again(tmp_path: Path) -> None:
    first, _ = ledger.grown(30)
    assert first.entries == ledger.grown(30)[0].entries
    assert len(first) == 30
    out = tmp_path / "ledger.json"
    arguments = ["ledger", "--entries", "30", "--rounds", "1", "--work", str(tmp_path), "--out", str(out)]
    assert main(arguments) == 0
    document = read(out)
    assert document is not None
    assert "| 30 |" in pages.ledger_table(document)
