"""Whole commands side by side: `assay judge` and a pipeline of public packages, on the same generated batches."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from assay.annotation.strict_json import load_json

from .results import RESULTS, Json, machine, write
from .running import Usage, middle, run

PEERS = Path(__file__).resolve().parent.parent.parent / "shared" / "bench"
OURS = Path(sys.executable).with_name("assay")
OUTCOMES = (0, 1, 3)

LIMITS = {1_000_000: (1.5, 400), 10_000_000: (8.0, 2000)}
"""CPU seconds and MB that our command may use, by rows."""


@dataclass(frozen=True)
class Match:
    """Rows of the batch and what the pipeline leaves out: its loops over package functions, or Dawid-Skene too."""

    rows: int
    skip: str
    said: str


MATCHES = (
    Match(1_000_000, "", "whole"),
    Match(1_000_000, "boot,kappa", "without its two loops"),
    Match(1_000_000, "boot,kappa,ds", "without three stages"),
    Match(10_000_000, "boot,kappa,ds", "without three stages"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m benchmarks speed``."""
    parser.add_argument("--rounds", type=int, default=3, help="runs of each command, taken in turn (3)")
    parser.add_argument(
        "--rows", type=int, action="append", choices=sorted(LIMITS), help="only batches of so many rows"
    )
    parser.add_argument(
        "--peers", type=Path, default=PEERS, help="folder of peer_pipeline.py and gen_batch.py"
    )
    parser.add_argument("--work", type=Path, help="folder for the generated data (a temporary one)")
    parser.add_argument("--out", type=Path, default=RESULTS / "speed.json")


def run_speed(options: argparse.Namespace) -> int:
    """Time every match and write the result file; 1 when ours needs more than its limits."""
    if not (options.peers / "peer_pipeline.py").is_file():
        print(f"the pipeline to compare with is not in {options.peers}; name its folder with --peers")
        return 2
    with tempfile.TemporaryDirectory(prefix="assay-bench-", dir=options.work) as folder:
        found = []
        for match in MATCHES:
            if options.rows is None or match.rows in options.rows:
                found.append(_timed(match, options, Path(folder)))
                print(_told(found[-1]), flush=True)
    document: Json = {
        "command": "python -m benchmarks speed",
        "rounds": options.rounds,
        "machine": machine(),
        "matches": found,
    }
    write(options.out, document)
    return int(any(not entry["within"] for entry in found))


def _timed(match: Match, options: argparse.Namespace, folder: Path) -> Json:
    home = generated(match.rows, options.peers, folder)
    ours, peers = [], []
    load = os.getloadavg()[0]
    for _ in range(options.rounds):
        ours.append(run(our_command(home), log=home / "ours.log", accepted=OUTCOMES))
        peer = [sys.executable, options.peers / "peer_pipeline.py", "cat", home]
        if match.skip:
            peer += ["--skip", match.skip]
        peers.append(_with_own_peak(run(peer, log=home / "peer.log"), home))
    mine, other = middle(ours), middle(peers)
    seconds, megabytes = LIMITS[match.rows]
    return {
        "rows": match.rows,
        "pipeline": match.said,
        "ours": mine.as_json(),
        "peer": other.as_json(),
        "cpu_ratio": round(other.cpu_s / mine.cpu_s, 1),
        "memory_ratio": round(other.peak_mb / mine.peak_mb, 1),
        "limits": {"cpu_s": seconds, "peak_mb": megabytes},
        "within": mine.cpu_s <= seconds and mine.peak_mb <= megabytes,
        "each": {"ours": _each(ours), "peer": _each(peers)},
        "load_before": round(load, 2),
    }


def _with_own_peak(used: Usage, home: Path) -> Usage:
    """The pipeline resets the kernel's mark of its largest size between stages and notes the largest itself."""
    told = load_json(home / "peer_timing.json")
    if not isinstance(told, dict):
        raise TypeError("the pipeline wrote no timings")
    return replace(used, peak_mb=max(used.peak_mb, float(str(told["peak_mb"]))))


def _each(runs: list[Usage]) -> list[dict[str, float]]:
    return [one.as_json() for one in runs]


def our_command(home: Path) -> list[str | Path]:
    """Judging a generated batch with gold and a manifest of two slices."""
    return [
        OURS, "judge", home / "labels.csv", "--gold", home / "gold.csv", "--items", home / "items.csv",
        "--out", home / "report",
    ]  # fmt: skip


def generated(rows: int, peers: Path, folder: Path) -> Path:
    """A batch of so many rows with its gold, and a manifest with a second slice column."""
    home = folder / f"batch-{rows}"
    if home.exists():
        return home
    run([sys.executable, peers / "gen_batch.py", "cat", home, "--rows", str(rows)], log=folder / "gen.log")
    with duckdb.connect() as connection:
        tasks, items = home / "tasks.csv", home / "items.csv"
        connection.execute(
            f"COPY (SELECT task, segment, segment % 2 AS side FROM read_csv('{tasks}')) TO '{items}' (HEADER)"
        )
    return home


def _told(entry: Json) -> str:
    ours, peer = entry["ours"], entry["peer"]
    if not isinstance(ours, dict) or not isinstance(peer, dict):
        raise TypeError("an entry holds two usages")
    return (
        f"{entry['rows']:>11,} rows, pipeline {entry['pipeline']}: ours {ours['cpu_s']:.2f} CPU s, "
        f"{ours['peak_mb']:,.0f} MB; pipeline {peer['cpu_s']:.2f} CPU s, {peer['peak_mb']:,.0f} MB; "
        f"{entry['cpu_ratio']} times the time, {entry['memory_ratio']} times the memory"
    )
