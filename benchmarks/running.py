"""Running a whole command and counting what it and everything it starts use: CPU seconds and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# A process keeps the peak memory of the one it was forked from, so that of a small command started from a large
# process would be the large one's. The command is therefore started by a process that holds nothing.
_STARTER = """
import os, sys, time
sending, command = int(sys.argv[1]), sys.argv[2:]
os.set_inheritable(sending, False)
started = time.perf_counter()
process = os.posix_spawnp(command[0], command, os.environ)
_, status, used = os.wait4(process, 0)
wall, code = time.perf_counter() - started, os.waitstatus_to_exitcode(status)
os.write(sending, f"{code} {used.ru_utime + used.ru_stime} {wall} {used.ru_maxrss}".encode())
"""


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
    receiving, sending = os.pipe()
    with log.open("wb") as output, open(receiving, encoding="ascii") as answer:
        starter = [sys.executable, "-I", "-S", "-c", _STARTER, str(sending), *map(str, command)]
        with subprocess.Popen(starter, stdout=output, stderr=subprocess.STDOUT, pass_fds=(sending,)):
            os.close(sending)
            measured = answer.read().split()
    if not measured:
        raise CommandError(f"{' '.join(map(str, command))} could not be started:\n{_end(log)}")
    code, cpu, wall, peak = int(measured[0]), *map(float, measured[1:])
    if code not in accepted:
        raise CommandError(f"{' '.join(map(str, command))} ended with {code}:\n{_end(log)}")
    return Usage(cpu, wall, peak / 1024)


def _end(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]


def middle(runs: Sequence[Usage]) -> Usage:
    """The median of each number."""
    return Usage(
        median(r.cpu_s for r in runs), median(r.wall_s for r in runs), median(r.peak_mb for r in runs)
    )


def quiet() -> bool:
    """Whether the machine has a core to spare: nothing else should run beside a measurement."""
    return os.getloadavg()[0] < (os.cpu_count() or 1) / 2
