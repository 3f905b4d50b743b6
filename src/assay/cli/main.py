"""The entry point: finds the module of a command by name, loads only that, and runs it in a supervised child.

Every command but the help reads files that somebody sent, so it runs in one child process with limits. The parent
imports nothing heavy; it turns a killed child, a full disk or a lack of memory into exit code 4 and one sentence.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from assay.annotation.limits import DEFAULT_LIMITS
from assay.annotation.supervised import run_supervised

COMMANDS = {
    "judge": ("judging", "judge a delivery: verdict, report and redo list"),
    "agree": ("agreeing", "agreement between annotators, by any of the usual measures"),
    "inspect": ("inspecting", "what is in a file or folder, and what is odd about it"),
    "convert": ("converting", "write a delivery in another format, with a list of losses"),
    "plan": ("planning", "odds, sizes and costs before anyone signs: contract, gold, sample"),
    "gate": ("gating", "let files through only with a signed verdict that accepts them"),
    "verify": (
        "verifying",
        "check a bundle of the ledger: what is proven, what is wrong, what is not proven",
    ),
    "simulate": ("simulating", "a programme with known truth, to try things on"),
    "demo": ("demonstrating", "three deliveries judged side by side"),
}

USAGE = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and exit with its code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no ✓ still gets its report
    if not given or given[0] in ("--help", "-h", "help"):
        print(help_text())
        sys.exit(0 if given else USAGE)
    if given[0] == "--version":
        print(f"assay {version('assay')}")
        sys.exit(0)
    if given[0] not in COMMANDS:
        print(f"assay: there is no command {given[0]!r}; known are {', '.join(COMMANDS)}", file=sys.stderr)
        sys.exit(USAGE)
    module = COMMANDS[given[0]][0]
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # its threads wait by spinning: five times the CPU, no time won

    def work() -> int:
        """Load the command's module by its name and run it."""
        gc.set_threshold(100_000, 50, 100)  # records are no garbage; a fifth of the time of reading
        return int(import_module(f"assay.cli.{module}").run(given[1:]))

    sys.exit(run_supervised(work, memory_bytes=_memory(), cpu_seconds=DEFAULT_LIMITS.cpu_seconds))


def help_text() -> str:
    """What ``assay --help`` prints."""
    width = max(len(name) for name in COMMANDS)
    listed = "\n".join(f"  {name:<{width}}  {what}" for name, (_, what) in COMMANDS.items())
    return (
        "Usage: assay COMMAND [OPTIONS]\n\n"
        "May these labels be accepted and paid for? Decided from evidence that both sides can check.\n\n"
        f"Commands:\n{listed}\n\n"
        "Example:\n  assay judge labels.csv --gold gold.csv\n\n"
        "Exit codes: 0 accept · 1 rework or reject · 2 bad usage or input · 3 not provable · 4 internal error · "
        "130 interrupted\n"
        "assay COMMAND --help shows the options of a command."
    )


def _memory() -> int:
    """The address space of the child: what the limits say, at most nine tenths of the machine's memory and swap."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(DEFAULT_LIMITS.memory_bytes, max(physical * 9 // 10, 4 << 30))
