"""Every refusal says what was found, whatever it refuses."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.paths import ROOT

SOURCE = ROOT / "src" / "assay"
MODULES = sorted(path for name in ("annotation", "judge", "terms") for path in (SOURCE / name).rglob("*.py"))


def refusals(path: Path) -> list[ast.Call]:
    """The calls that make an InputError, by its name or through a node or place of a document."""
    return [
        call
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and (
            (isinstance(call.func, ast.Name) and call.func.id == "InputError")
            or (isinstance(call.func, ast.Attribute) and call.func.attr == "refuse" and call.keywords)
        )
    ]


def says(call: ast.Call) -> bool:
    named = {keyword.arg for keyword in call.keywords}
    problem = len(call.args) > 1 or any(isinstance(each, ast.Starred) for each in call.args)
    return "found" in named or None in named or problem  # a problem of a contract is said with its remedy


def test_the_check_sees_refusals() -> None:
    assert sum(len(refusals(path)) for path in MODULES) > 100


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(SOURCE)) for path in MODULES])
def test_every_refusal_names_what_was_found(path: Path) -> None:
    silent = [f"line {call.lineno}" for call in refusals(path) if not says(call)]
    assert silent == []
