"""The pictures of the tutorial: ``python -m tests.documentation.pictures`` runs it and draws its own report."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.documentation.pages import run_shell, shell_steps
from tests.pages.browser import browser
from tests.paths import ROOT

WIDTH = 1280
#: Name of the picture, the id of the section it begins with, its height.
PICTURES = (
    ("tutorial-verdict", "", 780),
    ("tutorial-classes", "classes", 470),
    ("tutorial-people", "people", 860),
    ("tutorial-disagreements", "disagreements", 640),
)


def draw(folder: Path) -> None:
    """Draw every picture into a folder."""
    steps = shell_steps((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as made, browser() as tab:
        run_shell(steps, Path(made))
        tab.size(WIDTH, 900)
        tab.media("light")
        tab.open(Path(made) / "report" / "report.html")
        for name, section, height in PICTURES:
            place = f"document.getElementById({section!r}).getBoundingClientRect().top - 24"
            top = tab.ask(place) if section else 0
            tab.picture(folder / f"{name}.png", clip=(0, round(top), WIDTH, height))


if __name__ == "__main__":
    draw(ROOT / "docs" / "screenshots")
