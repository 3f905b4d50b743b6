"""Every kind of finding and suspicion that judging makes stands in the reference page of the report."""

from __future__ import annotations

import ast
import re

import pytest

from tests.paths import ROOT

JUDGE = ROOT / "src" / "assay" / "judge"
PAGE = (ROOT / "docs" / "reference" / "report.md").read_text(encoding="utf-8")


def made() -> dict[str, set[str]]:
    """The severities of every kind of finding that the package makes with its name written out."""
    found: dict[str, set[str]] = {}
    for path in sorted(JUDGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                kind, severity = node.args[:2]
                if isinstance(kind, ast.Constant) and isinstance(severity, ast.Constant):
                    found.setdefault(str(kind.value), set()).add(str(severity.value))
    return found


def rows(heading: str) -> dict[str, str]:
    """The kinds of a table of the page with its second column."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", table, re.MULTILINE))


def test_the_page_has_both_tables() -> None:
    assert "earlier_left_out" in rows("finding")
    assert "worse_than_others" in rows("suspicion")


@pytest.mark.parametrize(("kind", "severities"), made().items())
def test_every_kind_is_documented_with_its_severity(kind: str, severities: set[str]) -> None:
    if kind in rows("suspicion"):
        assert severities == {"major"}
    else:
        assert set(rows("finding")[kind].split(", ")) == severities
