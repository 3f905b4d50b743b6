"""The commands that pages name exist, and every command is documented."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from assay.simulate import Gold, Spec, simulate
from tests.paths import ROOT

PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
GROUPS = ("plan",)
NAMED = re.compile(r"\bassay ((?:plan )?[a-z]+)\b")
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


ASSAY = str(Path(sys.executable).with_name("assay"))


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    plain = os.environ | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=plain,
        cwd=folder,
        timeout=120,
        check=False,
    )


@cache
def commands() -> frozenset[str]:
    """What `assay --help` and the help of its groups list."""
    found = set(_listed(run(ASSAY, "--help").stdout))
    for group in GROUPS:
        found |= {f"{group} {name}" for name in _listed(run(ASSAY, group, "--help").stdout)}
    return frozenset(found)


def _listed(text: str) -> list[str]:
    return re.findall(r"^[│|\s]\s([a-z]+)\s{2,}\S", text.partition("Commands")[2], re.MULTILINE)


def documented() -> set[str]:
    code = (
        re.findall(r"`([^`\n]+)`|^    (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        for page in PAGES
    )
    pieces = [inline or block for page in code for inline, block in page]
    return {name for piece in pieces for name in NAMED.findall(piece)}


def test_every_documented_command_exists() -> None:
    assert documented() - set(GROUPS) <= commands() | set(GROUPS)


def test_every_command_is_documented() -> None:
    assert commands() - set(GROUPS) <= documented()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if BLOCK.search(page.read_text(encoding="utf-8"))], ids=lambda p: p.name
)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    simulate(Spec(items=400, gold=Gold(items=150))).write(tmp_path)
    program = "\n".join(BLOCK.findall(page.read_text(encoding="utf-8")))
    (tmp_path / "example.py").write_text(program, encoding="utf-8")
    done = run("example.py", folder=tmp_path)
    assert done.returncode == 0, done.stderr
