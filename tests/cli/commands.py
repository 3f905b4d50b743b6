"""The real `assay` as a user runs it, and the few files that its tests need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ASSAY = str(Path(sys.executable).with_name("assay"))
PLAIN = os.environ | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}
COMMANDS = ("judge", "agree", "inspect", "convert", "plan", "gate", "verify", "simulate", "demo")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout; raises if there is anything else, or anything on stderr."""
        if self.err:
            raise AssertionError(f"stderr is not empty: {self.err}")
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def assay(
    *arguments: str | Path, folder: Path, env: Mapping[str, str] | None = None, expected: int | None = None
) -> Done:
    """Run a command in a folder; with ``expected``, its exit code is checked."""
    done = subprocess.run(
        [ASSAY, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", errors="replace", cwd=folder,
        env={**PLAIN, **(env or {})}, timeout=120, check=False,
    )  # fmt: skip
    if expected is not None and done.returncode != expected:
        raise AssertionError(f"exit code {done.returncode}, not {expected}\n{done.stdout}\n{done.stderr}")
    return Done(done.returncode, done.stdout, done.stderr)


def start(*arguments: str | Path, folder: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a command and wait until its child process is there; returns the command and the child's id."""
    running = subprocess.Popen(
        [ASSAY, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=PLAIN,
    )
    listed = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    until = time.monotonic() + 30
    while time.monotonic() < until and running.poll() is None:
        children = listed.read_text(encoding="ascii").split()
        if children:
            return running, int(children[0])
        time.sleep(0.002)
    raise AssertionError("the command started no child process")


def refused(done: Done, *parts: str) -> None:
    """A refusal: exit code 2, nothing on stdout, everything that is named on stderr, and no traceback."""
    assert done.code == 2, done
    assert done.out == ""
    assert "Traceback" not in done.err
    for part in parts:
        assert part in done.err


def table(path: Path, rows: Sequence[Sequence[str]], header: str = "item,annotator,label") -> Path:
    """Write a small label table."""
    lines = [header, *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def contract(path: Path, floor: str, *more: str, kind: str = "choice") -> Path:
    """Write a contract with one term: accuracy against gold."""
    term = ", ".join(["id: gold", "metric: gold_accuracy", "scope: overall", f'floor: "{floor}"', *more])
    text = f"assay: contract/1\nid: test\nlabels: {kind}\nacceptance:\n  - {{{term}}}\n"
    path.write_text(text, encoding="utf-8")
    return path


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, hidden files too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
