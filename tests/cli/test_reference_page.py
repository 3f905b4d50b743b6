"""The reference page says every option of every command, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.paths import ROOT

from .commands import assay

PAGE = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## assay ([a-z ]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
OPTION = re.compile(r"--[a-z][a-z-]*")


def options_of(command: str, folder: Path) -> set[str]:
    listed = assay(*command.split(), "--help", folder=folder, expected=0).out.partition("\nOptions:\n")[2]
    starts = [line for line in listed.splitlines() if re.match(r"  -", line)]
    return {name for line in starts for name in OPTION.findall(line)} - {"--help"}


@pytest.mark.parametrize("command", sorted(SECTIONS))
def test_the_options_of_a_command_are_those_of_its_section(command: str, tmp_path: Path) -> None:
    rows = [line.split("|")[1] for line in SECTIONS[command].splitlines() if line.startswith("| `--")]
    documented = {name for cell in rows for name in OPTION.findall(cell)}
    assert documented == options_of(command, tmp_path)


def test_every_command_has_a_section() -> None:
    assert set(SECTIONS) == {
        "judge", "agree", "inspect", "convert", "plan contract", "plan gold", "plan sample", "gate", "verify", "simulate",
        "demo",
    }  # fmt: skip


def test_every_metric_and_plant_is_on_the_page() -> None:
    from_help = {
        "agree": ("Metrics:", re.compile(r"[a-z][a-z0-9_.]*[a-z0-9]")),
        "simulate": ("Plants:", re.compile(r"[a-z][a-z-]+")),
    }
    for command, (title, word) in from_help.items():
        listed = assay(command, "--help", folder=ROOT, expected=0).out.partition(title)[2]
        names = set(word.findall(re.sub(r"-\n\s+", "-", listed)))
        assert len(names) > 5
        assert names <= set(re.findall(r"`([a-z0-9_.-]+)`", SECTIONS[command]))
