"""Whole commands, measured from outside: CPU seconds of the process tree and the peak memory of its largest process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Run:
    """One run of a command."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    code: int


@dataclass(frozen=True)
class Summary:
    """The median of several runs."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    runs: int

    @staticmethod
    def of(runs: Sequence[Run]) -> Summary:
        """Medians; memory is the largest seen."""
        return Summary(
            median(r.cpu_s for r in runs),
            median(r.wall_s for r in runs),
            max(r.peak_mb for r in runs),
            len(runs),
        )

    def as_json(self) -> dict[str, float | int]:
        """The summary for a result file."""
        return {
            "cpu_s": round(self.cpu_s, 3), "wall_s": round(self.wall_s, 3), "peak_mb": round(self.peak_mb),
            "runs": self.runs,
        }  # fmt: skip


def assay() -> str:
    """The command beside this interpreter."""
    return str(Path(sys.executable).with_name("assay"))


def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, its output thrown away. CPU covers it and every child that it waited for."""
    with open(os.devnull, "wb") as nowhere:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdout=nowhere, stderr=nowhere, env={**os.environ, **(environment or {})}
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, process.returncode)


def in_turn(commands: Mapping[str, Sequence[str]], *, runs: int, folder: Path) -> dict[str, Summary]:
    """Several commands A B A B …, so that a slow minute of the machine falls on all of them."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            one = run(command, folder=folder)
            if one.code not in (0, 1, 3):
                raise RuntimeError(f"{name} ended with {one.code}")
            found[name].append(one)
    return {name: Summary.of(each) for name, each in found.items()}
