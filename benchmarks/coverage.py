"""Coverage: how often 95 % intervals hold the truth, over figures, true values, positives and kinds of panels."""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import cast

from .cells import Cell, measure_cell
from .results import RESULTS, Json, machine, read, write
from .worlds import TRUE_FIGURES

VALUES = (0.80, 0.85, 0.90, 0.95, 0.99)
POSITIVES = (20, 50, 100, 300)
LOW, HIGH = 0.93, 0.97


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m benchmarks coverage``."""
    parser.add_argument("--runs", type=int, default=4000, help="panels drawn for each cell (4,000)")
    parser.add_argument("--replicates", type=int, default=500, help="replicates of each panel (500)")
    parser.add_argument("--figure", action="append", choices=list(TRUE_FIGURES), help="only these figures")
    parser.add_argument("--value", type=float, action="append", choices=VALUES, help="only these true values")
    parser.add_argument(
        "--positives", type=int, action="append", choices=POSITIVES, help="only so many positives"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS / "coverage.json")
    parser.add_argument("--fresh", action="store_true", help="measure cells again that the file has already")


def run(options: argparse.Namespace) -> int:
    """Measure the cells that the result file lacks, and print each as it comes."""
    method = {"runs": options.runs, "replicates": options.replicates, "seed": options.seed}
    document = read(options.out)
    if document is None or options.fresh or document["method"] != method:
        document = {"command": "python -m benchmarks coverage", "method": method, "machine": {}, "cells": []}
    document["machine"] = machine()
    cells = cast("list[Json]", document["cells"])
    done = {_key(entry) for entry in cells}
    for cell in grid(options.figure or TRUE_FIGURES, options.value or VALUES, options.positives or POSITIVES):
        if _key(asdict(cell)) in done:
            continue
        started = time.process_time()
        found = measure_cell(cell, options.runs, options.replicates, options.seed)
        seconds = round(time.process_time() - started, 1)
        for name, coverage in found.items():
            entry = {**asdict(cell), "measured": name, **coverage.as_json()}
            cells.append(entry)
            print(line(entry, options.runs), flush=True)
        document["cpu_s"] = round(float(cast("float", document.get("cpu_s", 0.0))) + seconds, 1)
        write(options.out, document)
    counted = Counter(standing(entry, options.runs) for entry in cells)
    print(", ".join(f"{count} {name}" for name, count in sorted(counted.items())))
    return 0


def grid(figures: Iterable[str], values: Sequence[float], positives: Sequence[int]) -> Iterator[Cell]:
    """All cells of some figures, true values and numbers of positives, in both kinds of panels."""
    for figure, clustered, weighted in product(figures, (False, True), (False, True)):
        for value, count in product(values, positives):
            yield Cell(figure, clustered, weighted, value, count)


def _key(entry: Json) -> tuple[object, ...]:
    return tuple(entry[name] for name in ("figure", "clustered", "weighted", "value", "positives"))


def standing(entry: Json, runs: int) -> str:
    """``inside`` 93-97 %, ``edge`` where two standard errors of the simulation reach it, else ``outside``."""
    if entry["coverage"] is None:
        return "outside"
    found = float(cast("float", entry["coverage"]))
    beyond = max(LOW - found, found - HIGH, 0.0)
    if beyond == 0:
        return "inside"
    return "edge" if beyond <= 2 * math.sqrt(found * (1 - found) / runs) else "outside"


def line(entry: Json, runs: int) -> str:
    """One cell as a line."""
    kind = f"{'clustered' if entry['clustered'] else 'single':9} {'weighted' if entry['weighted'] else 'equal':8}"
    return (
        f"{entry['measured']!s:12} {kind} {entry['value']:.2f} {entry['positives']:4} "
        f"coverage {entry['coverage']:.3f} width {entry['mean_width']:.3f} {standing(entry, runs)}"
    )
