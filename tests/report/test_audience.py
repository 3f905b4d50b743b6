"""What vendor and annotator see: nothing that opens gold, nothing of anybody else."""

from __future__ import annotations

import copy
import json

import pytest

from assay.report import for_audience, render_html
from tests.report.figures import Document, figure, term
from tests.report.other_kinds import ALL, preflight, rework
from tests.report.reading import Outline, figures

ANSWERS = {"m-040388": "refund", "m-044512": "account access"}


def _few() -> Document:
    """A rework batch in which class *cancellation* rests on four gold items and annotator-03 on three."""
    document = rework()
    found, gold = figure(0.7512345, 4), document["gold"]
    gold["by_class"]["cancellation"] = {"f1": found, "accuracy": found, "support": 4}
    gold["by_annotator"]["annotator-03"] = {"f1": figure(0.6612345, 3), "support": 3, "labels": 3}
    gold["by_slice"]["channel"]["chat"] = {"f1": figure(0.5512345, 2), "support": 2}
    gold["makers"]["ceiling"]["by_class"]["cancellation"] = figure(0.4412345, 4)
    gold["confusion"]["matrix"][2] = [0, 1, 3, 0, 0, 0, 0, 0, 0]
    gold["confusion"]["matrix"][3] = [0, 0, 1, 2, 0, 0, 0, 0, 0]
    gold["confusion"]["undecided"] = [0] * 9
    for person in document["people"]:
        if person["id"] == "annotator-03":
            person["gold"] = figure(0.6612345, 3)
    document["slices"][-1]["gold"] = figure(0.5512345, 2)
    row = term(
        "classes", "gold_f1", {"class": "cancellation"}, "0.90", found, reason="0.7512345 over 4 items."
    )
    rows = document["verdict"]["terms"]
    rows[2] = row
    document["verdict"]["summary"].append("cancellation: 0.7512345 over 4 items.")
    document["suspicions"].append(
        {
            "kind": "copy_of_gold",
            "severity": "major",
            "subject": "annotator-05",
            "text": "annotator-05 matches gold on all answers",
            "evidence": {"items": ["m-gold-1", "m-gold-2"], "observations": 40},
        }
    )
    document["findings"] += [
        {"kind": "gold_not_delivered", "severity": "major", "subject": "m-gold-2", "text": "m-gold-2 has no label", "evidence": {}},
        {"kind": "repeated_row", "severity": "minor", "subject": "x", "text": "item m-gold-1 stands twice", "evidence": {}},
    ]  # fmt: skip
    return document


@pytest.mark.parametrize("audience", ["vendor", "annotator"])
def test_no_gold_item_and_no_gold_answer_is_in_the_copy(audience: str) -> None:
    document = for_audience(_few(), audience, annotator="annotator-03")
    written = json.dumps(document, ensure_ascii=False)
    for item in [*ANSWERS, "m-gold-1", "m-gold-2"]:
        assert item not in written
        assert item not in render_html(document)


def test_the_buyer_sees_everything() -> None:
    document = _few()
    assert for_audience(document, "buyer") == document


@pytest.mark.parametrize("audience", ["vendor", "annotator"])
def test_no_gold_figure_over_fewer_than_five_items_is_in_the_copy(audience: str) -> None:
    document = for_audience(_few(), audience, annotator="annotator-03")
    written = json.dumps(document) + Outline(render_html(document)).text
    for small in ("0.7512345", "0.6612345", "0.5512345", "0.4412345"):
        assert small not in written


def test_a_hidden_figure_says_why_in_its_place() -> None:
    document = for_audience(_few(), "vendor")
    row = next(row for row in document["verdict"]["terms"] if row["subject"] == {"class": "cancellation"})  # type: ignore[index] # a JSON document
    assert row["value"] is None
    assert row["figure"]["reason"].startswith("Over fewer than 5 gold items")
    assert "Over fewer than 5 gold items" in render_html(document)


def test_figures_between_people_stay_whatever_gold_says() -> None:
    document = for_audience(_few(), "vendor")
    assert document["agreement"] == rework()["agreement"]


def test_small_rows_of_the_confusion_matrix_become_one_and_no_item_is_lost() -> None:
    before = _few()["gold"]["confusion"]
    after = for_audience(_few(), "vendor")["gold"]["confusion"]  # type: ignore[index] # a JSON document
    assert after["classes"][-1] == "classes with less gold"
    assert not {"cancellation", "delivery"} & set(after["classes"])
    assert sum(map(sum, after["matrix"])) == sum(map(sum, before["matrix"]))
    assert all(sum(row) >= 5 for row in after["matrix"])


def test_a_matrix_with_a_single_small_row_is_left_out_whole() -> None:
    document = rework()
    document["gold"]["confusion"] = {"classes": ["a", "b"], "matrix": [[20, 1], [1, 2]], "undecided": [0, 0]}
    assert for_audience(document, "vendor")["gold"]["confusion"] is None  # type: ignore[index] # a JSON document


def test_a_short_gold_file_cannot_be_guessed_from_its_hash() -> None:
    document = rework()
    del document["inputs"][1]["role"]
    inputs = for_audience(document, "vendor")["inputs"]
    assert [entry["sha256"] != "" for entry in inputs] == [True, False, True]  # type: ignore[attr-defined] # a JSON document


def test_what_the_copy_does_not_know_is_absent() -> None:
    document = rework() | {"pool": {"classes": {"refund": {"successes": 3}}}, "later": {"gold": ["m-1"]}}
    document["gold"]["items_listed"] = ["m-gold-1"]
    copied = for_audience(document, "vendor")
    assert not {"pool", "later"} & copied.keys()
    assert "m-gold-1" not in json.dumps(copied)


def test_an_annotator_sees_only_their_own_row_and_no_price() -> None:
    document = for_audience(rework(), "annotator", annotator="annotator-03")
    written = json.dumps(document) + Outline(render_html(document)).text
    assert "annotator-03" in written
    for other in rework()["people"]:
        assert other["id"] == "annotator-03" or other["id"] not in written
    assert "USD" not in written
    assert "0.4200" not in written
    assert document["verdict"] is None


def test_without_a_name_an_annotators_copy_holds_nobodys_scores() -> None:
    document = for_audience(rework(), "annotator")
    assert document["people"] == []
    assert document["gold"] is None
    assert "annotator-" not in json.dumps(document)


@pytest.mark.parametrize("build", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize("audience", ["vendor", "annotator"])
def test_copying_changes_nothing_in_the_original_and_can_be_repeated(build: object, audience: str) -> None:
    document = build()  # type: ignore[operator] # one of the builders
    before = copy.deepcopy(document)
    once = for_audience(document, audience, annotator="annotator-17")
    assert document == before
    assert for_audience(once, audience, annotator="annotator-17") == once


def test_every_gold_figure_left_in_a_vendors_copy_rests_on_five_items() -> None:
    copied = for_audience(_few(), "vendor")
    small = [
        path
        for path, found in figures(copied)
        if "gold" in path and found["value"] is not None and found.get("units", 5) < 5
    ]
    assert small == []


def test_a_preflight_has_no_gold_to_hide() -> None:
    copied = for_audience(preflight(), "vendor")
    assert copied["gold"] is None
    assert copied["verdict"] is None


def test_an_audience_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="buyer, vendor or annotator"):
        for_audience(rework(), "press")
