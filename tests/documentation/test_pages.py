"""Pages that show commands or Python run as they stand, and show what comes out.

When a change of the product changes what comes out, `python -m tests.documentation.pages PAGE...` writes the pages anew;
read what changed before it is committed.
"""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from assay.terms.templates import TEMPLATES, template_text
from tests.documentation.pages import (
    FENCE,
    Step,
    agrees,
    python_steps,
    run_python,
    run_shell,
    shell_steps,
    written_anew,
)
from tests.paths import ROOT

DOCS = ROOT / "docs"
TUTORIAL = DOCS / "tutorial.md"
PYTHON = DOCS / "python.md"
HOW_TO = sorted((DOCS / "how-to").glob("*.md"))
SECTIONS = ("how-to", "reference")


def _differences(steps: list[Step], printed: list[str]) -> list[str]:
    return [
        f"{step.source.strip()}\n--- the page shows\n{step.shown}--- what comes out\n{out}"
        for step, out in zip(steps, printed, strict=True)
        if step.shown is not None and not agrees(step.shown, out)
    ]


@pytest.mark.parametrize("page", [TUTORIAL, *HOW_TO], ids=lambda page: page.stem)
def test_the_commands_of_a_page_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    steps = shell_steps(page.read_text(encoding="utf-8"))
    assert steps, f"{page.name} shows no command"
    assert _differences(steps, run_shell(steps, tmp_path)) == []


def test_the_cells_of_the_python_page_print_what_it_shows(tmp_path: Path) -> None:
    steps = python_steps(PYTHON.read_text(encoding="utf-8"))
    assert len(steps) > 5
    assert _differences(steps, run_python(steps, tmp_path)) == []


def test_the_tutorial_meets_every_verdict_that_its_data_can_show() -> None:
    text = TUTORIAL.read_text(encoding="utf-8")
    codes = re.findall(r"^\$ echo \$\?\n(\d+)$", text, re.MULTILINE)
    assert codes == ["1", "0", "3"]


def test_a_page_that_shows_something_else_is_found_and_written_anew(tmp_path: Path) -> None:
    page = "```console\n$ echo one\ntwo\n$ printf 'a\\nb\\nc\\n'\na\n[…]\n```\n"
    steps = shell_steps(page)
    printed = run_shell(steps, tmp_path)
    assert len(_differences(steps, printed)) == 1
    assert written_anew(page, steps, printed) == page.replace("two", "one")


def test_a_gap_stays_a_gap_when_a_page_is_written_anew(tmp_path: Path) -> None:
    page = "```console\n$ printf 'a\\nb\\nc\\nd\\n'\nx\n[…]\nd\n```\n"
    steps = shell_steps(page)
    assert written_anew(page, steps, run_shell(steps, tmp_path)) == page.replace("x\n[…]", "a\n[…]")


def test_a_script_that_fails_stops_the_page(tmp_path: Path) -> None:
    steps = shell_steps("```sh\nfalse\n```\n\n```console\n$ echo never\nnever\n```\n")
    with pytest.raises(AssertionError, match="stopped in step"):
        run_shell(steps, tmp_path)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_page_of_a_section_is_in_the_index(section: str) -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for page in (DOCS / section).glob("*.md"):
        assert f"({section}/{page.name})" in index, page.name


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_page_of_templates_holds_each_as_it_ships_with_its_odds(name: str) -> None:
    page = (DOCS / "reference" / "templates.md").read_text(encoding="utf-8")
    part = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    blocks = {block[1]: block[2] for block in FENCE.finditer(part)}
    assert blocks["yaml"] == template_text(name)
    assert blocks["text"].startswith(f"{name}: 200 batches of ")


def test_the_examples_of_the_schema_page_run() -> None:
    failed, tried = doctest.testfile(
        str(DOCS / "reference" / "schema.md"), module_relative=False, encoding="utf-8"
    )
    assert (failed, tried > 0) == (0, True)
