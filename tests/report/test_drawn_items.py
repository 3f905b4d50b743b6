"""Items drawn on the page: every object and error is there, in its place, as text that stays text."""

from __future__ import annotations

import re
from collections.abc import Callable

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.report import for_audience, render_html
from assay.report.drawing import drawing, needs_a_closer_look
from assay.report.marked_text import marked_text
from assay.report.scene_window import HEIGHT, WIDTH, Window
from assay.report.wording import value_text
from tests.report.figures import Document
from tests.report.hostile import spoiled
from tests.report.located_documents import LOCATED, boxes, fields, shapes, spans, street_pictures
from tests.report.other_kinds import rework
from tests.report.reading import Outline, figures
from tests.report.test_page import POISONS
from tests.report.test_schema import VALIDATOR

kinds = pytest.mark.parametrize("build", LOCATED.values(), ids=LOCATED.keys())
_PICTURE = "data:image/jpeg;base64,AAAA"


@kinds
def test_a_located_report_is_well_formed_and_fits_its_schema(build: Callable[[], Document]) -> None:
    document = build()
    assert Outline(render_html(document)).faults == []
    assert [fault.message for fault in VALIDATOR.iter_errors(document)] == []


@kinds
@pytest.mark.parametrize("audience", ["vendor", "annotator"])
def test_a_copy_without_gold_is_well_formed_and_fits_its_schema(
    build: Callable[[], Document], audience: str
) -> None:
    copy = for_audience(build(), audience, annotator="annotator-11")
    assert Outline(render_html(copy)).faults == []
    jsonschema.validate(copy, VALIDATOR.schema)


@kinds
def test_every_figure_stands_in_the_text(build: Callable[[], Document]) -> None:
    document = build()
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
def test_every_item_is_there_with_every_error_and_every_object(build: Callable[[], Document]) -> None:
    document = build()
    page = Outline(render_html(document))
    anchors = {attributes.get("id") for _, attributes in page.elements}
    for at, item in enumerate(document["drawn"], 1):
        assert f"item-{at}" in anchors
        assert item["text"] in page.text
        for error in item["errors"]:
            assert re.sub(r"\s+", " ", error["text"]) in page.text
    objects = sum(len(layer["objects"]) for item in document["drawn"] for layer in item["layers"])
    assert sum(attributes.get("class") == "data" for attributes in page.of("table")) >= len(document["drawn"])
    assert len(page.of("tr")) > objects


@kinds
def test_every_link_within_the_page_leads_somewhere(build: Callable[[], Document]) -> None:
    page = Outline(render_html(build()))
    anchors = {attributes.get("id") for _, attributes in page.elements}
    inner = [str(link["href"])[1:] for link in page.of("a") if str(link["href"]).startswith("#")]
    assert inner
    assert set(inner) <= anchors


def test_kinds_of_errors_and_clusters_open_items_that_show_them() -> None:
    document = boxes()
    page = render_html(document)
    shown = {kind: re.findall(r'href="#item-(\d+)"', row) for kind, row in _rows(page).items()}
    for kind, numbers in shown.items():
        for number in numbers:
            assert any(error["kind"] == kind for error in document["drawn"][int(number) - 1]["errors"])
    assert shown["missed"]
    assert 'href="#item-1"' in page.partition('id="disagreements"')[2].partition('id="drawn"')[0]


def test_without_errors_against_gold_the_differences_between_people_are_shown() -> None:
    document = boxes()
    document["located"]["errors"] = []
    row = {"kind": "alone", "count": 7, "severity": None, "per_100_items": None, "per_100_objects": 3.1}
    document["located"]["differences"] = [row]
    page = render_html(document)
    assert "Differences by kind" in page
    numbers = [int(number) for number in re.findall(r'href="#item-(\d+)"', _rows(page)["one_only"])]
    assert numbers
    assert not any(document["drawn"][number - 1]["of_gold"] for number in numbers)


def _rows(page: str) -> dict[str, str]:
    section = page.partition('id="errors"')[2].partition("</section>")[0]
    rows = re.findall(r"<tr><th scope=\"row\"><b>(.*?)</b>(.*?)</tr>", section)
    return {kind.replace(" ", "_"): row for kind, row in rows}


def test_pictures_are_embedded_only_for_drawn_items_and_only_as_data() -> None:
    document = boxes()
    plain, pictured = render_html(document), render_html(document, pictures=street_pictures())
    assert "img-src" not in plain
    assert "<image" not in plain
    assert "img-src data:" in pictured
    sources = [str(image["href"]) for image in Outline(pictured).of("image")]
    assert sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert "<image" not in render_html(rework(), pictures={"0401.jpg": _PICTURE})


@pytest.mark.parametrize("poison", POISONS)
@pytest.mark.parametrize("name", LOCATED)
def test_hostile_text_in_every_field_stays_text(name: str, poison: str) -> None:
    clean, document = Outline(render_html(LOCATED[name]())), spoiled(LOCATED[name](), poison)
    spoilt = Outline(render_html(document))
    assert spoilt.faults == []
    known = {element for element, _ in clean.elements} | {"rect", "details", "summary"}
    assert {element for element, _ in spoilt.elements} <= known
    for _, attributes in spoilt.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_a_box_lies_where_it_was_drawn() -> None:
    item = _item(800, 600, [(0, 0, 800, 600), (400, 300, 200, 150)])
    places = re.findall(
        r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" class="line"',
        drawing(item, title="i"),
    )
    scale = HEIGHT / 600
    left = (WIDTH - 800 * scale) / 2
    numbers = [tuple(map(float, place)) for place in places]
    assert numbers[0] == pytest.approx((left, 0, 800 * scale, 600 * scale), abs=0.1)
    assert numbers[1] == pytest.approx((left + 400 * scale, 300 * scale, 200 * scale, 150 * scale), abs=0.1)


@given(st.floats(0, 500), st.floats(0, 500), st.floats(1, 500), st.floats(1, 500))
def test_a_window_shows_all_of_its_box_and_keeps_proportions(x: float, y: float, w: float, h: float) -> None:
    window = Window.around((x, y, w, h))
    left, top = window.at(x, y)
    right, bottom = window.at(x + w, y + h)
    assert -0.01 <= left <= right <= WIDTH + 0.01
    assert -0.01 <= top <= bottom <= HEIGHT + 0.01
    assert (right - left) * h == pytest.approx((bottom - top) * w)


def test_a_small_error_is_drawn_closer() -> None:
    assert needs_a_closer_look(_item(4000, 3000, [(100, 100, 20, 20)]))
    assert not needs_a_closer_look(_item(4000, 3000, [(100, 100, 900, 900)]))


def _item(width: int, height: int, found: list[tuple[int, int, int, int]]) -> Document:
    objects = [
        {"kind": "box", "class": "car", "box": list(box), "angle": None, "shape": None, "parts": [], "text": None, "error": "missed", "number": at}
        for at, box in enumerate(found, 1)
    ]  # fmt: skip
    errors = [{"kind": "missed", "text": "car", "objects": [[0, at]]} for at in range(1, len(found) + 1)]
    layers = [{"who": "gold", "gold": True, "objects": objects}]
    return {
        "item": "a.jpg",
        "width": width,
        "height": height,
        "layers": layers,
        "errors": errors,
        "text": "",
        "of_gold": True,
    }


PARTS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda part: [part[0], part[0] + part[1]]),
    min_size=1,
    max_size=3,
)


@given(st.text(max_size=45), st.lists(st.tuples(PARTS, st.booleans(), st.integers(0, 2)), max_size=8))
def test_marked_text_keeps_every_character_and_nests_well(
    content: str, found: list[tuple[list[list[int]], bool, int]]
) -> None:
    layers: list[Document] = [{"who": str(n), "gold": False, "objects": []} for n in range(3)]
    for number, (parts, wrong, layer) in enumerate(found, 1):
        thing = {
            "kind": "span",
            "class": "‹§›",
            "parts": parts,
            "error": "missed" if wrong else None,
            "number": number,
        }
        layers[layer]["objects"].append(thing)
    drawn = marked_text({"content": content, "layers": layers, "errors": []})
    if not content:
        assert drawn is None
        return
    outline = Outline(str(drawn))
    assert outline.faults == []
    bare = re.sub(r'<span class="span-label[^"]*">.*?</span>', "", str(drawn))
    assert _unescaped(re.sub(r"<[^>]*>", "", bare)) == _printable(content)


def _unescaped(text: str) -> str:
    for code, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        text = text.replace(code, character)
    return text


def _printable(text: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


def test_a_long_text_is_folded_around_what_differs_and_opens() -> None:
    page = Outline(render_html(spans()))
    [long] = [item for item in spans()["drawn"] if len(item["content"]) > 2_000]
    near = str(marked_text(long)).partition("<details>")[0]
    assert "Aurora" in near
    assert len(re.sub(r"<[^>]*>", "", near)) < 900
    assert f"All {len(long['content']):,} characters" in page.text


def test_fields_show_their_values_side_by_side() -> None:
    text = Outline(render_html(fields())).text
    assert re.search(r"date 2026-11-20 none", text)
    assert re.search(r"total 12\.48 12\.40", text)


def test_outlines_masks_lines_and_joints_are_drawn() -> None:
    page = render_html(shapes())
    assert page.count('fill-rule="evenodd"') >= 5
    assert 'class="line open"' in page
    assert page.count('class="joint') >= 20


def test_a_vendor_sees_no_drawn_item_with_gold() -> None:
    document = boxes()
    of_gold = {item["item"] for item in document["drawn"] if item["of_gold"]}
    assert of_gold
    copy = for_audience(document, "vendor")
    assert {item["item"] for item in copy["drawn"]} == {
        i["item"] for i in document["drawn"] if not i["of_gold"]
    }
    assert not any(layer["gold"] for item in copy["drawn"] for layer in item["layers"])
    assert "gold" not in copy["located"]
    page = render_html(copy, pictures=street_pictures())
    assert not [name for name in of_gold if name in page]


def test_an_annotator_sees_own_items_and_nobody_by_name() -> None:
    copy = for_audience(boxes(), "annotator", annotator="annotator-11")
    assert copy["drawn"]
    page = Outline(render_html(copy)).text
    assert "annotator-03" not in page
    assert "annotator-04" not in page
    assert "another annotator" in page
    assert "located" not in copy


@pytest.mark.parametrize("broken", [None, [], {}, "x", 7, [[1]], [{"objects": 3}], -1, float("nan")])
@pytest.mark.parametrize("key", ["layers", "errors", "width", "content", "item", "text"])
def test_a_part_that_is_missing_or_of_another_type_is_left_out(key: str, broken: object) -> None:
    document = boxes()
    document["drawn"][0][key] = broken
    assert Outline(render_html(document)).faults == []


def test_the_head_of_a_cluster_of_objects_says_the_kind_of_error_as_a_word() -> None:
    document = boxes()
    document["clusters"][0] |= {"kind": "missed", "values": ["car", "(nothing)"]}
    page = render_html(document)
    assert "missed: <b><bdi>car</bdi></b>" in page
    assert "(nothing)" not in page
