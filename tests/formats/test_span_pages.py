"""The pages of spans, regions and CVAT name every finding that their readers make."""

from __future__ import annotations

import ast
from pathlib import Path

from assay.formats import located_rows
from tests.paths import ROOT

FOLDER = Path(located_rows.__file__).parent
PAGES = [
    ROOT / "docs" / "reference" / "formats" / name
    for name in ("bio.md", "spans.md", "cvat.md", "label-studio.md", "masks.md")
]
SHARED_PAGE = ROOT / "docs" / "reference" / "formats" / "README.md"


def noted() -> set[str]:
    """The kinds of findings that are said or counted while a file is read row by row."""
    kinds = set()
    for source in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                owner, first = ast.unparse(node.func.value), node.args[0]
                is_note = owner in ("notes", "self.notes", "self._notes") or (owner, node.func.attr) == (
                    "self",
                    "_count",
                )
                if (
                    is_note
                    and node.func.attr in ("say", "count", "_count")
                    and isinstance(first, ast.Constant)
                ):
                    kinds.add(str(first.value))
    return kinds


def test_every_finding_of_a_reader_of_rows_is_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in [*PAGES, SHARED_PAGE])
    assert len(noted()) > 20
    assert {kind for kind in noted() if f"`{kind}`" not in text} == set()
