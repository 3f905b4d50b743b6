"""The report in a real browser: on a desk, on a phone, in the dark, on paper, without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.report import render_html
from tests.pages.browser import Page
from tests.pages.conftest import PAGES
from tests.report.other_kinds import rework

pytestmark = pytest.mark.browser
Written = Callable[[str], Path]
pages = pytest.mark.parametrize("name", PAGES)

# Elements that reach beyond the window and are in no frame that scrolls by itself.
OVERFLOWING = """(() => {
  const out = [];
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    if (box.right <= innerWidth + 0.5 || box.width === 0 || element.closest(".scroll, svg")) continue;
    out.push(element.tagName + "." + element.className + " " + Math.round(box.right));
  }
  return out.slice(0, 5).concat(
    document.documentElement.scrollWidth > innerWidth ? ["page " + document.documentElement.scrollWidth] : []);
})()"""

# Every text that is too faint for its ground: WCAG 2.2, contrast of 4.5 to 1.
FAINT = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const seen = new Map();
  const rgba = (colour) => {
    if (!seen.has(colour)) {
      canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
      seen.set(colour, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return seen.get(colour);
  };
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const part = c[i] / 255;
    return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 255) break;
    }
    return layers.reduceRight((below, above) => above.map((part, i) =>
      i === 3 ? 255 : part * above[3] / 255 + below[i] * (1 - above[3] / 255)), [255, 255, 255, 255]);
  };
  const out = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const inChart = element.namespaceURI.endsWith("svg");
    const chip = inChart && element.previousElementSibling?.tagName === "rect" && element.previousElementSibling;
    const under = chip ? rgba(getComputedStyle(chip).fill) : ground(element);
    const [a, b] = [light(rgba(inChart ? style.fill : style.color)), light(under)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) out.add(element.tagName + "." + element.className + " " + contrast.toFixed(2));
  }
  return [...out];
})()"""

SMALL = """(() => [...new Set([...document.querySelectorAll("body *")].filter((element) =>
  [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && element.checkVisibility()
  && parseFloat(getComputedStyle(element).fontSize) < 12).map((element) => element.className))])()"""

# Texts of the axes and heads that lie on one another.
COLLIDING = """(() => {
  const out = [];
  for (const axis of document.querySelectorAll("svg.axis")) {
    const boxes = [...axis.querySelectorAll("text")].filter((text) => text.checkVisibility())
      .map((text) => text.getBoundingClientRect()).sort((a, b) => a.left - b.left);
    boxes.forEach((box, i) => { if (i && boxes[i - 1].right > box.left) out.push(axis.textContent); });
  }
  return out;
})()"""


@pages
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_reaches_beyond_the_window(tab: Page, written: Written, name: str, width: int) -> None:
    assert _overflowing(tab, written(name), width) == []


@pytest.mark.parametrize("name", ["rework", "endless-words", "demo"])
@pytest.mark.parametrize("width", [1200, 1024, 950, 768, 320])
def test_it_reflows_at_the_widths_between(tab: Page, written: Written, name: str, width: int) -> None:
    assert _overflowing(tab, written(name), width) == []


def _overflowing(tab: Page, path: Path, width: int) -> object:
    tab.size(width)
    tab.media("light")
    tab.open(path)
    tab.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    return tab.ask(OVERFLOWING)


@pages
def test_the_browser_blocks_nothing_loads_nothing_and_runs_nothing(
    tab: Page, written: Written, name: str
) -> None:
    tab.size(1440)
    tab.open(written(name))
    assert tab.complaints() == []
    assert tab.requests() == []
    assert tab.ask("document.scripts.length") == 0
    assert tab.ask("document.title") != "ran"
    assert tab.ask("[...document.fonts].filter((face) => face.status === 'error').length") == 0


@pytest.mark.parametrize("family", ["Inter", "Assay Serif", "Source Serif 4", "IBM Plex Mono"])
def test_the_embedded_fonts_are_the_ones_in_use(tab: Page, written: Written, family: str) -> None:
    tab.size(1440)
    tab.open(written("rework"))
    loaded = tab.ask(
        "[...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family.replaceAll('\"', ''))"
    )
    assert family in loaded


@pages
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(tab: Page, written: Written, name: str, scheme: str) -> None:
    tab.size(1440)
    tab.media(scheme)
    tab.open(written(name))
    faint = tab.ask(FAINT)
    tab.media("light")
    assert faint == []


@pages
@pytest.mark.parametrize("width", [1440, 390])
def test_no_text_is_smaller_than_twelve_pixels(tab: Page, written: Written, name: str, width: int) -> None:
    tab.size(width)
    tab.open(written(name))
    assert tab.ask(SMALL) == []


@pages
@pytest.mark.parametrize("width", [1440, 1100])
def test_labels_of_an_axis_do_not_lie_on_one_another(
    tab: Page, written: Written, name: str, width: int
) -> None:
    tab.size(width)
    tab.open(written(name))
    assert tab.ask(COLLIDING) == []


def test_all_that_decides_stands_on_the_first_screen(tab: Page, written: Written) -> None:
    tab.size(1440, 900)
    tab.open(written("rework"))
    for selector in (
        "h1",
        ".redo",
        ".files",
        ".evidence",
        ".key-figures",
        ".contents",
        ".card",
        ".terms tbody tr:last-child",
    ):
        assert tab.ask(f"document.querySelector({selector!r}).getBoundingClientRect().bottom") <= 900, (
            selector
        )


def test_a_fold_opens_without_script(tab: Page, written: Written) -> None:
    tab.size(1440)
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(written("rework"))
    tab.call("Emulation.setScriptExecutionDisabled", value=False)
    assert tab.ask("document.querySelector('details.long-text blockquote').checkVisibility()") is False
    tab.ask("document.querySelector('details.long-text summary').click()")
    assert tab.ask("document.querySelector('details.long-text blockquote').checkVisibility()") is True
    assert tab.ask("document.querySelector('details.long-text .lead').checkVisibility()") is False


def test_on_paper_folded_text_is_whole_and_nothing_is_dark(tab: Page, written: Written) -> None:
    tab.size(700)
    tab.media("dark", "print")
    tab.open(written("rework"))
    whole = tab.ask("document.querySelector('details.long-text blockquote').getBoundingClientRect().height")
    ground = tab.ask("getComputedStyle(document.documentElement).backgroundColor")
    overflowing = tab.ask(OVERFLOWING)
    tab.media("light")
    assert whole > 50
    assert ground == "rgb(255, 255, 255)"
    assert overflowing == []


def test_it_prints_on_a4_with_a_foot(tab: Page, written: Written, tmp_path: Path) -> None:
    tab.size(1440)
    tab.open(written("rework"))
    tab.print_to(tmp_path / "report.pdf")
    printed = (tmp_path / "report.pdf").read_bytes()
    boxes = set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", printed))
    assert {tuple(round(float(edge)) for edge in box.split()) for box in boxes} == {(0, 0, 595, 842)}
    assert printed.count(b"/Type /Page\n") >= 4


def test_every_mark_of_a_row_lies_where_its_figure_says(tab: Page, written: Written) -> None:
    tab.size(1440)
    tab.open(written("rework"))
    places = tab.ask(
        """(() => {
          const row = [...document.querySelectorAll("#classes tbody tr")].find((tr) => tr.textContent.includes("refund"));
          const chart = row.querySelector("svg.chart");
          const box = (selector) => { const b = chart.querySelector(selector).getBoundingClientRect();
            return (b.left + b.right) / 2; };
          return {floor: box(".floor-line"), reject: box(".reject-line"), mark: box("path.dot")};
        })()"""
    )
    per_unit = (places["floor"] - places["reject"]) / (0.90 - 0.75)
    assert 0.90 - (places["floor"] - places["mark"]) / per_unit == pytest.approx(0.846, abs=0.002)


def test_the_tokens_are_those_of_the_design() -> None:
    page = render_html(rework())
    for token, light, dark in (
        ("paper", "#FAF9F6", "#131417"),
        ("ink", "#1A1B1E", "#EDECE8"),
        ("pass", "#0B6E62", "#5CC9B5"),
        ("fail", "#B23A06", "#FF9C69"),
        ("reject", "#8E1230", "#FF8FA3"),
        ("unp", "#5A5673", "#B7B3D4"),
    ):
        assert f"--{token}:{light}" in page
        assert f"--{token}:{dark}" in page
