"""The report page: complete, self-contained, escaped, quick."""

from __future__ import annotations

import base64
import copy
import hashlib
import html
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.report import demo_page, for_audience, render_html
from assay.report.wording import value_text
from tests.report.figures import Document, figure
from tests.report.hostile import spoiled
from tests.report.other_kinds import ALL, empty, large, preflight, rework, texts
from tests.report.reading import Outline, figures

POISONS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "]]><!-- --!> &amp; &#x3c;",
    "\u202e\u2067 txet \x00\x1b\ud800",
    "x" * 3000,
)
kinds = pytest.mark.parametrize("build", ALL.values(), ids=ALL.keys())


@kinds
def test_every_kind_of_batch_renders_as_well_formed_html(build: Callable[[], Document]) -> None:
    assert Outline(render_html(build())).faults == []


@kinds
def test_the_finding_is_the_only_first_heading(build: Callable[[], Document]) -> None:
    page = Outline(render_html(build()))
    assert len(page.of("h1")) == 1


@kinds
def test_every_figure_of_the_document_stands_in_the_text(build: Callable[[], Document]) -> None:
    document = build()
    if len(document["agreement"]["pairs"]) > 120:
        document["agreement"]["pairs"] = []
    text = Outline(render_html(document)).text
    missing = [
        path
        for path, found in figures(document)
        if found["value"] is not None
        and "per_100_items" not in path
        and value_text(found["value"]) not in text
    ]
    assert missing == []


@kinds
def test_the_page_holds_no_script_no_style_attribute_and_nothing_from_outside(
    build: Callable[[], Document],
) -> None:
    page = Outline(render_html(build()))
    names = {element for element, _ in page.elements}
    assert not names & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "button",
        "base",
    }
    for _, attributes in page.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert not attributes.get("src")


def test_the_policy_allows_this_stylesheet_and_no_other() -> None:
    page = render_html(rework())
    sheet = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert sheet
    digest = base64.b64encode(hashlib.sha256(sheet.group(1).encode()).digest()).decode()
    policy = html.unescape(str(Outline(page).of("meta")[1]["content"]))
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}';" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy


@kinds
def test_an_undefined_figure_says_why_in_its_place(build: Callable[[], Document]) -> None:
    document = build()
    document["agreement"]["overall"]["krippendorff_alpha"] = figure(
        None, 40, reason="only one class was used"
    )
    assert "only one class was used" in Outline(render_html(document)).text


@pytest.mark.parametrize("poison", POISONS)
@pytest.mark.parametrize("name", ["rework", "not-provable", "preflight", "provisional"])
def test_hostile_text_in_every_field_stays_text(name: str, poison: str) -> None:
    clean, spoilt = Outline(render_html(ALL[name]())), Outline(render_html(spoiled(ALL[name](), poison)))
    assert spoilt.faults == []
    assert {element for element, _ in spoilt.elements} <= {element for element, _ in clean.elements}
    assert {key for _, attributes in spoilt.elements for key in attributes} <= {
        key for _, attributes in clean.elements for key in attributes
    }


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_any_text_can_be_a_name(poison: str) -> None:
    page = render_html(spoiled(rework(), poison))
    assert Outline(page).faults == []
    page.encode()


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVa\nScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example/x",
        "\x01javascript:x",
    ],
)
def test_a_link_that_runs_or_leaves_by_a_side_door_is_shown_but_not_followed(address: str) -> None:
    document = rework()
    document["clusters"][0]["items"][0]["link"] = address
    document["rework"]["files"] = [address]
    page = Outline(render_html(document))
    followed = [str(link["href"]) for link in page.of("a")]
    assert all(each.startswith(("#", "https://media.example/")) for each in followed)


def test_a_media_link_opens_without_telling_where_it_was_found() -> None:
    links = [
        link for link in Outline(render_html(rework())).of("a") if str(link["href"]).startswith("https:")
    ]
    assert links
    assert all(link["rel"] == "noopener noreferrer" for link in links)


def test_every_link_within_the_page_leads_to_a_section() -> None:
    for build in ALL.values():
        page = Outline(render_html(build()))
        anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
        targets = {str(link["href"])[1:] for link in page.of("a") if str(link["href"]).startswith("#")}
        assert targets <= anchors


def test_every_chart_says_what_it_shows() -> None:
    charts = [svg for svg in Outline(render_html(rework())).of("svg") if "chart" in str(svg.get("class"))]
    assert len(charts) > 40
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in charts)
    assert any("0.846, 95% interval 0.790 to 0.889; floor 0.90" in str(svg["aria-label"]) for svg in charts)


def test_what_needs_evidence_stands_first_and_is_never_the_worst() -> None:
    page = render_html(rework())
    classes = page[page.index('id="classes"') :]
    assert classes.index("fraud report") < classes.index("refund") < classes.index("cancellation")
    terms = page[page.index('id="terms"') : page.index('id="classes"')]
    assert 'class="who"><bdi>refund</bdi>' in terms
    assert 'class="who"><bdi>fraud report</bdi>' not in terms


def test_a_watched_subject_is_never_drawn_as_proven() -> None:
    document = rework()
    for row in document["verdict"]["terms"]:
        row |= {"outcome": "pass", "standing": "watched"}
    page = render_html(document)
    assert "s-proven" not in page[page.index('id="terms"') : page.index('id="review"')]


def test_a_figure_just_below_its_floor_is_not_rounded_onto_it() -> None:
    assert value_text(0.89996, 0.9) == "0.89996"
    assert value_text(0.9996) == "0.9996"
    assert value_text(0.846) == "0.846"


def test_a_metric_where_less_is_better_is_judged_against_a_ceiling() -> None:
    text = Outline(render_html(texts())).text
    assert "≤ 0.10" in text
    assert "Ceiling" in text
    assert "1 above" in text


def test_a_provisional_verdict_says_so_and_is_stamped_as_an_outline() -> None:
    page = render_html(ALL["provisional"]())
    text = Outline(page).text
    assert "Would be: rework" in text
    assert "no contract was given" in text
    assert "stamp fail provisional" in page
    assert "Terms of the contract" not in text


def test_without_gold_the_page_is_a_preflight_and_claims_no_verdict() -> None:
    text = Outline(render_html(preflight())).text
    assert "Pre-flight" in text
    assert "No gold, so no verdict." in text
    assert "Terms of" not in text


def test_long_text_is_folded_and_whole() -> None:
    page = render_html(rework())
    long = rework()["clusters"][0]["items"][1]["text"]
    assert "all 978 characters" in page
    assert html.escape(long) in page


def test_nothing_is_dropped_from_a_large_batch() -> None:
    document = large(people=44, classes=80, findings=300, verdict=True)
    text = Outline(render_html(document)).text
    for each in document["agreement"]["by_class"]:
        assert each in text
    for person in document["people"]:
        assert person["id"] in text
    for finding in document["findings"]:
        assert finding["subject"] in text


def test_five_hundred_people_and_two_hundred_classes_render_within_a_second() -> None:
    document = large(people=500, classes=200, findings=1000, verdict=True)
    render_html(document)
    started = time.process_time()
    page = render_html(document)
    assert time.process_time() - started < 1.0
    assert len(page) < 6_000_000
    first = page[: page.index("<details")]
    assert first.count('class="what"') <= 4


def test_the_same_document_gives_the_same_bytes() -> None:
    assert render_html(rework()) == render_html(copy.deepcopy(rework()))
    assert render_html(json.loads(json.dumps(rework()))) == render_html(rework())


def test_rendering_leaves_the_document_as_it_was() -> None:
    document = rework()
    before = copy.deepcopy(document)
    render_html(document)
    assert document == before


def test_a_page_adds_less_than_400_kilobytes_to_what_it_says() -> None:
    assert len(render_html(empty()).encode()) < 200_000
    vietnamese = empty()
    vietnamese["batch"]["programme"] = "Tin nhắn hỗ trợ: Łódź"
    assert len(render_html(vietnamese).encode()) < 400_000


def test_fonts_for_vietnamese_come_only_with_vietnamese_text() -> None:
    plain, other = empty(), empty()
    other["batch"]["programme"] = "Cảnh đường phố"
    assert render_html(plain).count("@font-face") == 4
    assert render_html(other).count("@font-face") > 4


def test_the_hash_of_the_report_stands_at_the_foot_of_printed_pages() -> None:
    page = render_html(rework(), report_sha256="0b7e62d4" + "0" * 52 + "e918")
    assert "0b7e62d4\\2026 e918" in page


_KEYS = st.lists(st.integers(0, 400), min_size=1, max_size=6)


@settings(max_examples=30)
@given(_KEYS)
def test_a_document_with_missing_parts_still_renders(cuts: list[int]) -> None:
    document = rework()
    for cut in cuts:
        _remove(document, cut)
    assert Outline(render_html(document)).faults == []


@settings(max_examples=30)
@given(_KEYS, st.sampled_from([None, 7, "text", [], {}, [1, "a", None], {"a": 1}, True, 1e400, -0.5]))
def test_a_part_of_another_type_is_read_as_empty(places: list[int], other: Any) -> None:
    document = rework()
    for place in places:
        holder, key = _slots(document)[place % len(_slots(document))]
        holder[key] = other
    assert Outline(render_html(document)).faults == []


def test_demo_shows_each_delivery_with_its_answer_and_then_ones_own_file() -> None:
    cards = [
        {"document": ALL[name](), "href": f"{name}/report.html", "note": f"note of {name}"}
        for name in ("accepted", "rework", "not-provable")
    ]
    page = Outline(demo_page(cards, note="judged in 21 s"))
    assert page.faults == []
    for said in (
        "Accepted: 4,998 of 5,000 items.",
        "380 of 5,000",
        "8 more gold fraud reports",
        "judged in 21 s",
    ):
        assert said in page.text
    assert [link["href"] for link in page.of("a")] == [
        "accepted/report.html",
        "rework/report.html",
        "not-provable/report.html",
    ]
    assert [link["class"] for link in page.of("a")].count("button filled") == 1
    assert "assay judge my-labels.csv --gold gold.csv" in page.text


def test_the_copy_for_a_vendor_renders_like_any_other() -> None:
    assert Outline(render_html(for_audience(rework(), "vendor"))).faults == []


def _slots(node: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    if isinstance(node, dict):
        for key in sorted(node):
            found += [(node, key), *_slots(node[key])]
    elif isinstance(node, list):
        for at, inner in enumerate(node):
            found += [(node, at), *_slots(inner)]
    return found


def _remove(document: Document, cut: int) -> None:
    slots = _slots(document)
    holder, key = slots[(cut * 7919) % len(slots)]
    del holder[key]
