"""`python -m benchmarks [speed|growth|coverage]`: what `make bench` runs. Results go to `benchmarks/results`."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import growth, speed

RESULTS = Path(__file__).parent / "results"
PICTURES = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one benchmark, or speed and growth one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("which", nargs="?", choices=("speed", "growth", "all"), default="all")
    parser.add_argument("--work", type=Path, help="folder for the data, kept; else a temporary one")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command, in turn")
    parser.add_argument("--rows", type=int, nargs="*", help="sizes of the batches")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        print(
            f"load average {os.getloadavg()[0]:.1f}; CPU seconds are of whole commands, medians of runs in turn"
        )
        if given.which in ("speed", "all"):
            _keep("speed", speed.measure(work, given.rows or [10**6, 10**7], given.runs))
        if given.which in ("growth", "all"):
            found = growth.measure(work, given.rows or [10**5, 10**6, 10**7])
            _keep("growth", {str(rows): one.as_json() for rows, one in found.items()})
            PICTURES.mkdir(parents=True, exist_ok=True)
            (PICTURES / "growth.svg").write_text(growth.plot(found), encoding="utf-8")


def _keep(name: str, found: object) -> None:
    if found:
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps({"command": f"python -m benchmarks {name}", "found": found}, indent=1)
        (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
