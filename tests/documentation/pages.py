"""Runs what pages show. ``python -m tests.documentation.pages PAGE...`` writes what came out back into the pages.

A ``sh`` block is a script that has to succeed. In a ``console`` block a line that begins with ``$ `` is a command (``> ``
continues it) and the lines after it are what it prints, errors included. A ``python`` block is a cell; a ``text`` block
right after it is what it prints, then the value of its last expression. All blocks of a page run in order in one folder
and one session. ``[…]`` stands for what differs between runs: on a line of its own for any lines, else inside a line.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GAP = "[…]"
_MARK = "\x1e"
_SECONDS = 300

_CELLS = """
import ast, sys, traceback
names = {"__name__": "__main__"}
for number, source in enumerate(CELLS):
    print(MARK + str(number), flush=True)
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        if value is not None:
            print(value)
    sys.stdout.flush()
"""


@dataclass(frozen=True)
class Step:
    """One command or cell of a page: what is run, what the page shows, and where the latter stands in the text.

    ``shown`` is None where the page shows no output.
    """

    source: str
    shown: str | None
    start: int
    end: int


def shell_steps(page: str) -> list[Step]:
    """The scripts and commands of a page in their order."""
    out = []
    for block in FENCE.finditer(page):
        if block[1] == "sh":
            out.append(Step(block[2], None, block.start(2), block.end(2)))
        elif block[1] == "console":
            out += _commands(block[2], block.start(2))
    return out


def _commands(text: str, offset: int) -> list[Step]:
    found = list(re.finditer(r"^\$ (.*\n(?:> .*\n)*)", text, re.MULTILINE))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [
        Step(
            re.sub(r"^> ", "", match[1], flags=re.MULTILINE),
            text[match.end() : end],
            offset + match.end(),
            offset + end,
        )
        for match, end in zip(found, ends, strict=True)
    ]


def python_steps(page: str) -> list[Step]:
    """The cells of a page in their order; a text block that follows at once is what the cell shows."""
    blocks = list(FENCE.finditer(page))
    out = []
    for number, block in enumerate(blocks):
        if block[1] != "python":
            continue
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        follows = after is not None and after[1] == "text" and not page[block.end() : after.start()].strip()
        if after is not None and follows:
            out.append(Step(block[2], after[2], after.start(2), after.end(2)))
        else:
            out.append(Step(block[2], None, block.end(2), block.end(2)))
    return out


def run_shell(steps: list[Step], folder: Path) -> list[str]:
    """What each step printed. Raises AssertionError where a script fails."""
    lines = ["exec 2>&1"]
    for number, step in enumerate(steps):
        lines += [f"__status=$?; printf '{_MARK}%d\\n' {number}; (exit $__status)", step.source]
        if step.shown is None:
            lines.append("[ $? = 0 ] || exit 1")
    lines.append("exit 0")
    return _parts(["bash", "-c", "\n".join(lines)], folder, len(steps))


def run_python(steps: list[Step], folder: Path) -> list[str]:
    """What each cell printed. Raises AssertionError where one fails."""
    head = f"CELLS = {[step.source for step in steps]!r}\nMARK = {_MARK!r}\n"
    return _parts([sys.executable, "-c", head + _CELLS], folder, len(steps))


def _parts(command: list[str], folder: Path, expected: int) -> list[str]:
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    plain = {"PATH": paths, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "120", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        env=os.environ | plain,
        cwd=folder,
        timeout=_SECONDS,
        check=False,
    )
    parts = done.stdout.split(_MARK)[1:]
    ended = done.returncode == 0 and len(parts) == expected
    assert ended, f"stopped in step {len(parts)} of {expected}:\n{done.stdout[-3000:]}"
    return [part.partition("\n")[2] for part in parts]


def agrees(shown: str, printed: str) -> bool:
    """Whether a page shows what came out, gaps aside.

    >>> agrees("a […] c", "a b c"), agrees("a\\n[…]\\nd\\n", "a\\nb\\nc\\nd\\n"), agrees("a\\n", "b\\n")
    (True, True, False)
    """
    pattern = "".join(_line(line) for line in _lines(shown))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(printed))) is not None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")] if text.strip() else []


def _line(line: str) -> str:
    if line == GAP:
        return r"(?:.*\n)*?"
    return ".*?".join(re.escape(part) for part in line.split(GAP)) + r"\n"


def written_anew(page: str, steps: list[Step], printed: list[str]) -> str:
    """The page with what came out in place of what it shows, where the two differ. One gap of lines stays a gap."""
    for step, out in reversed(list(zip(steps, printed, strict=True))):
        if step.shown is not None and not agrees(step.shown, out):
            lines = "".join(f"{line}\n" for line in _with_gap(_lines(step.shown), _lines(out)))
            page = page[: step.start] + lines + page[step.end :]
    return page


def _with_gap(shown: list[str], printed: list[str]) -> list[str]:
    """What came out, with as many lines before and after the gap as the page shows."""
    if shown.count(GAP) != 1:
        return printed
    before = shown.index(GAP)
    after = len(shown) - before - 1
    if len(printed) < before + after:
        return printed
    return [*printed[:before], GAP, *printed[len(printed) - after :]]


def main() -> None:
    """Run pages and write what came out into them."""
    for name in sys.argv[1:]:
        path = Path(name)
        for find, run in ((shell_steps, run_shell), (python_steps, run_python)):
            page = path.read_text(encoding="utf-8")
            steps = find(page)
            with tempfile.TemporaryDirectory() as folder:
                printed = run(steps, Path(folder)) if steps else []
            path.write_text(written_anew(page, steps, printed), encoding="utf-8")


if __name__ == "__main__":
    main()
