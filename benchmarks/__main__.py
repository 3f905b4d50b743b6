"""``python -m benchmarks``: without a sub-command, the speed of whole commands."""

from __future__ import annotations

import argparse
import sys

from . import coverage, growth, ledger, located, pages, speed


def main(arguments: list[str]) -> int:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="benchmark")
    for name, module, work in (
        ("speed", speed, speed.run_speed),
        ("located", located, located.run_located),
        ("growth", growth, growth.run_growth),
        ("ledger", ledger, ledger.run_ledger),
        ("coverage", coverage, coverage.run),
        ("pages", pages, pages.run),
    ):
        one = commands.add_parser(name, help=(module.__doc__ or "").strip())
        module.add_arguments(one)
        one.set_defaults(work_of=work)
    options = parser.parse_args(arguments or ["speed"])
    if options.benchmark is None:
        options = parser.parse_args(["speed", *arguments])
    return int(options.work_of(options))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
