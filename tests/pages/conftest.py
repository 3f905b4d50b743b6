"""One browser for all page tests; without Chromium they are skipped with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assay.report import demo_page, for_audience, render_html
from tests.pages.browser import CHROMIUM, Page, browser
from tests.report.hostile import spoiled
from tests.report.located_documents import LOCATED, street_pictures
from tests.report.other_kinds import ALL, large

POISON = '<script>document.title="ran"</script><img src="x" onerror="document.title=\'ran\'">\u202e'


@pytest.fixture(scope="session")
def tab() -> Iterator[Page]:
    """A tab of a headless browser."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; these tests look at the page in a real browser")
    with browser() as page:
        yield page


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a page, by its name."""
    folder = tmp_path_factory.mktemp("pages")

    def write(name: str) -> Path:
        path = folder / f"{name}.html"
        if not path.exists():
            path.write_text(PAGES[name](), encoding="utf-8")
        return path

    return write


def _demo() -> str:
    notes = {
        "accepted": "Every class is above its floor; two are watched because their interval still reaches below it.",
        "rework": "Known truth: annotator-17 was made careless and charges made twice were left out of the guideline. "
        "The report should find both, and nothing else.",
        "not-provable": "Too little gold is never counted as a pass. It is a list of what to fetch, from whom, by when.",
    }
    cards = [{"document": ALL[name](), "href": f"{name}.html", "note": note} for name, note in notes.items()]
    return demo_page(cards, note="three deliveries with a known truth · nothing left this machine")


def _page_of(name: str) -> Callable[[], str]:
    return lambda: render_html(ALL[name]())


def _located(name: str) -> Callable[[], str]:
    return lambda: render_html(LOCATED[name]())


PAGES: dict[str, Callable[[], str]] = {
    **{name: _page_of(name) for name in ALL},
    **{name: _located(name) for name in LOCATED},
    "boxes-pictured": lambda: render_html(LOCATED["boxes"](), pictures=street_pictures()),
    "hostile-spans": lambda: render_html(spoiled(LOCATED["spans"](), POISON)),
    "vendor": lambda: render_html(for_audience(ALL["rework"](), "vendor")),
    "annotator": lambda: render_html(for_audience(ALL["rework"](), "annotator", annotator="annotator-17")),
    "hostile": lambda: render_html(spoiled(ALL["rework"](), POISON)),
    "endless-words": lambda: render_html(spoiled(ALL["rework"](), "x" * 400)),
    "huge": lambda: render_html(large(people=300, classes=120, findings=400, verdict=True)),
    "demo": _demo,
}
