"""Running a whole command and counting what it and everything it starts use: CPU seconds and peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


class CommandError(Exception):
    """Raised when a measured command ends with a code that none of its outcomes has."""


@dataclass(frozen=True)
class Usage:
    """What one run of a command used: user and system CPU seconds, wall seconds, the largest resident set in MB."""

    cpu_s: float
    wall_s: float
    peak_mb: float

    def as_json(self) -> dict[str, float]:
        """The entry of a result file."""
        return {name: round(value, 2) for name, value in vars(self).items()}


def run(command: Sequence[str | Path], *, log: Path, accepted: Sequence[int] = (0,)) -> Usage:
    """Run a command to its end. The kernel adds up what its waited-for children used, and takes the largest of all.

    Raises :class:`CommandError` with the end of its output when its exit code is none of ``accepted``.
    """
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in accepted:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise CommandError(f"{' '.join(map(str, command))} ended with {code}:\n{tail}")
    return Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def middle(runs: Sequence[Usage]) -> Usage:
    """The median of each number."""
    return Usage(
        median(r.cpu_s for r in runs), median(r.wall_s for r in runs), median(r.peak_mb for r in runs)
    )


def quiet() -> bool:
    """Whether the machine has a core to spare: nothing else should run beside a measurement."""
    return os.getloadavg()[0] < (os.cpu_count() or 1) / 2
