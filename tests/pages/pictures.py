"""The pictures of the documentation: `python -m tests.pages.pictures` draws them anew in docs/screenshots."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.pages.browser import browser
from tests.pages.conftest import PAGES
from tests.paths import ROOT


@dataclass(frozen=True)
class Picture:
    """A page at a size; ``height`` None is the whole page, ``focus`` scrolls to a section."""

    page: str
    width: int = 1440
    height: int = 900
    scheme: str = "light"
    focus: str = ""


PICTURES = {
    "report-rework": Picture("rework"),
    "report-rework-dark": Picture("rework", scheme="dark"),
    "report-rework-classes": Picture("rework", focus="classes"),
    "report-rework-people": Picture("rework", focus="people"),
    "report-rework-disagreements": Picture("rework", focus="disagreements"),
    "report-rework-phone": Picture("rework", width=390, height=1600),
    "report-rework-phone-classes": Picture("rework", width=390, height=1200, focus="classes"),
    "report-not-provable": Picture("not-provable"),
    "report-accepted": Picture("accepted"),
    "report-preflight": Picture("preflight"),
    "report-boxes-drawn": Picture("boxes-pictured", height=1360, focus="drawn"),
    "report-boxes-phone": Picture("boxes-pictured", width=390, height=1500, focus="drawn"),
    "report-spans-drawn": Picture("spans", height=780, focus="drawn"),
    "report-spans-phone": Picture("spans", width=390, height=1300, focus="drawn"),
    "report-shapes-drawn": Picture("shapes", height=1180, focus="drawn"),
    "demo": Picture("demo", height=780),
    "demo-phone": Picture("demo", width=390, height=1600),
}


def draw(folder: Path) -> None:
    """Draw every picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as pages, browser() as tab:
        for name, picture in PICTURES.items():
            path = Path(pages) / f"{picture.page}.html"
            path.write_text(PAGES[picture.page](), encoding="utf-8")
            tab.size(picture.width, picture.height)
            tab.media(picture.scheme)
            tab.open(path)
            top = 0
            if picture.focus:
                top = tab.ask(f"document.getElementById({picture.focus!r}).getBoundingClientRect().top - 24")
            tab.picture(folder / f"{name}.png", clip=(0, round(top), picture.width, picture.height))


if __name__ == "__main__":
    draw(ROOT / "docs" / "screenshots")
