"""Label Studio JSON: people, predictions, skips and reviews keep their place; what has none is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.formats.inspect import inspect
from tests.formats.deliveries import Outcome, read_file

Json = dict[str, object]


def answer(value: object, *, control: str = "sentiment", kind: str = "choices") -> Json:
    key = {"textarea": "text"}.get(kind, kind)
    content = value if kind in ("rating", "number") else value if isinstance(value, list) else [value]
    return {"from_name": control, "to_name": "text", "type": kind, "value": {key: content}}


def annotation(person: object, *results: Json, **more: object) -> Json:
    return {"completed_by": person, "result": list(results), **more}


def task(number: object, *annotations: Json, **more: object) -> Json:
    return {"id": number, "data": {"text": f"text {number}"}, "annotations": list(annotations), **more}


def read(folder: Path, tasks: object, declare: str | None = None) -> Outcome:
    return read_file(folder, "export.json", json.dumps(tasks), declare=declare)


def test_choices_of_several_people_are_read(tmp_path: Path) -> None:
    out = read(
        tmp_path,
        [task(1, annotation(7, answer("pos")), annotation({"id": 8, "email": "b@x"}, answer("neg")))],
    )
    assert out.triples == [("1", "7", "pos"), ("1", "b@x", "neg")]
    assert (out.delivery.kind, out.delivery.has_content) == ("choice", True)
    assert out.rows("*", "content") == [("1", "text 1", None)]


def test_a_single_task_may_be_an_object(tmp_path: Path) -> None:
    assert read(tmp_path, task(1, annotation(7, answer("pos")))).triples == [("1", "7", "pos")]


def test_one_person_under_number_and_address_is_one_person(tmp_path: Path) -> None:
    tasks = [
        task(1, annotation(8, answer("pos"))),
        task(2, annotation({"id": 8, "email": "b@x"}, answer("neg"))),
    ]
    assert read(tmp_path, tasks).triples == [("1", "b@x", "pos"), ("2", "b@x", "neg")]


def test_predictions_are_prelabels_of_a_model(tmp_path: Path) -> None:
    predictions = [{"model_version": "m2", "result": [answer("pos")]}, {"result": [answer("neg")]}]
    out = read(tmp_path, [task(1, annotation(7, answer("pos")), predictions=predictions)])
    assert out.rows("annotator, value, layer") == [
        ("7", "pos", 1),
        ("model:m2", "pos", 0),
        ("model:unnamed", "neg", 0),
    ]


def test_cancelled_is_skipped_and_nothing_chosen_is_empty(tmp_path: Path) -> None:
    tasks = [
        task(1, annotation(7, answer("pos"), was_cancelled=True), annotation(8), annotation(9, answer("neg")))
    ]
    assert read(tmp_path, tasks).rows("annotator, value, state") == [
        ("7", None, 3),
        ("8", None, 1),
        ("9", "neg", 2),
    ]


def test_ground_truth_is_the_gold_layer(tmp_path: Path) -> None:
    out = read(
        tmp_path, [task(1, annotation(7, answer("pos"), ground_truth=True), annotation(8, answer("neg")))]
    )
    assert out.rows("annotator, layer") == [("7", 6), ("8", 1)]


def test_reviews_are_a_layer_and_bare_rejections_a_finding(tmp_path: Path) -> None:
    accepted = {"created_by": 20, "accepted": True}
    fixed = {"created_by": 21, "accepted": False, "result": [answer("neg")]}
    rejected = {"created_by": 22, "accepted": False, "result": None}
    tasks = [
        task(1, annotation(7, answer("pos"), reviews=[accepted])),
        task(2, annotation(7, answer("pos"), reviews=[fixed])),
        task(3, annotation(7, answer("pos"), reviews=[rejected])),
    ]
    out = read(tmp_path, tasks)
    assert out.rows("item, annotator, value, layer") == [
        ("1", "20", "pos", 3),
        ("1", "7", "pos", 1),
        ("2", "21", "neg", 3),
        ("2", "7", "pos", 1),
        ("3", "7", "pos", 1),
    ]
    assert "1 annotations" in out.finding("rejected_in_review")


def test_several_choices_are_a_set(tmp_path: Path) -> None:
    out = read(tmp_path, [task(1, annotation(7, answer(["b", "a"]))), task(2, annotation(7, answer(["a"])))])
    assert out.triples == [("1", "7", "a\x1fb"), ("2", "7", "a")]
    assert out.delivery.kind == "multi"


@pytest.mark.parametrize(
    ("kind", "given", "value", "expected"),
    [
        ("rating", 4, "4", "rating"),
        ("number", 2.5, "2.5", "rating"),
        ("textarea", ["one", "two"], "one\ntwo", "text"),
        ("choices", [["a", "b"]], "a / b", "choice"),
    ],
)
def test_each_control_has_its_kind(
    tmp_path: Path, kind: str, given: object, value: str, expected: str
) -> None:
    out = read(tmp_path, [task(1, annotation(7, answer(given, kind=kind)))])
    assert (out.triples, out.delivery.kind) == ([("1", "7", value)], expected)


def test_several_controls_need_a_profile(tmp_path: Path) -> None:
    both = [answer("pos"), answer(4, control="stars", kind="rating")]
    tasks = [task(1, annotation(7, *both)), task(2, annotation(7, answer("neg")))]
    with pytest.raises(InputError, match="more than one control") as refusal:
        read(tmp_path, tasks)
    assert "sentiment (2 answers), stars (1 answers)" in (refusal.value.found or "")
    out = read(tmp_path, tasks, "files: [{path: export.json, profile: stars}]\n")
    assert out.rows("item, value, state") == [("1", "4", 2), ("2", None, 1)]


def test_drafts_and_results_of_other_kinds_are_said(tmp_path: Path) -> None:
    box = {"from_name": "b", "type": "rectanglelabels", "value": {"x": 1, "rectanglelabels": ["car"]}}
    out = read(tmp_path, [task(1, annotation(7, answer("pos"), box), drafts=[{"result": []}])])
    assert out.triples == [("1", "7", "pos")]
    assert "rectanglelabels (1)" in out.finding("results_not_read")
    assert "1 drafts" in out.finding("drafts")


def test_secrets_in_links_are_cut(tmp_path: Path) -> None:
    link = "https://bucket/a.png?X-Amz-Signature=abc&X-Amz-Expires=1"
    tasks = [{"id": 1, "data": {"image": link}, "annotations": [annotation(7, answer("pos"))]}]
    out = read(tmp_path, tasks)
    assert out.rows("*", "content") == [("1", None, "https://bucket/a.png")]
    assert "signed_link" in out.kinds_of_findings


def test_the_item_may_be_a_key_of_the_data(tmp_path: Path) -> None:
    tasks = [{"data": {"doc": "d1", "text": "t"}, "annotations": [annotation(7, answer("pos"))]}]
    assert read(tmp_path, tasks, "columns: {item: doc}\n").triples == [("d1", "7", "pos")]


def test_tasks_without_an_id_are_named_by_their_place(tmp_path: Path) -> None:
    tasks = [
        {"data": {"text": "one"}, "predictions": [{"result": [answer("pos")]}]},
        {"annotations": [annotation(7, answer("neg"))]},
    ]
    out = read(tmp_path, tasks)
    assert out.triples == [("1", "model:unnamed", "pos"), ("2", "7", "neg")]
    assert "2 tasks" in out.finding("task_without_id")


def test_the_better_of_two_is_a_choice(tmp_path: Path) -> None:
    chosen = {"from_name": "better", "type": "pairwise", "value": {"selected": "right"}}
    out = read(tmp_path, [task(1, annotation(7, chosen))])
    assert (out.triples, out.delivery.kind) == ([("1", "7", "right")], "choice")


def test_inspecting_shows_exports_of_which_nothing_can_be_judged(tmp_path: Path) -> None:
    ranked = {"from_name": "rank", "type": "ranker", "value": {"ranker": ["b", "a"]}}
    for number, tasks in enumerate(([task(1, annotation(7, ranked))], [task(1)])):
        (tmp_path / f"{number}.json").write_text(json.dumps(tasks))
        found = inspect([tmp_path / f"{number}.json"])
        assert found["labels"] == 0
        assert "results_not_read" in str(found["findings"]) or number
        with pytest.raises(InputError, match=r"no choices|no annotation"):
            read(tmp_path, tasks)


def test_json_min_rows_are_a_table(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "annotator": 7, "sentiment": {"choices": ["b", "a"]}},
        {"id": 2, "annotator": 7, "sentiment": "a"},
    ]
    out = read(tmp_path, rows, "columns: {item: id, annotator: annotator, label: sentiment}\n")
    assert out.triples == [("1", "7", "a\x1fb"), ("2", "7", "a")]


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([{"image": "a.jpg", "annotations": [{"label": "car", "coordinates": {}}]}], "a task has no id"),
        ([{"id": [1], "data": {}, "annotations": [annotation(7, answer("pos"))]}], "a task has no id"),
        ([task(1, annotation(7, answer("a"), answer("b")))], "regions of the item"),
        ([task(1, annotation(7, answer(4, kind="rating"))), 3], "a task is no object"),
        ([task(1, annotation(7, answer({"x": 1}, kind="number")))], "an answer is no text"),
        ([{"id": 1, "data": {}, "completions": []}], "older than Label Studio 1.0"),
        (
            [task(1, annotation(7, {"from_name": "b", "type": "polygonlabels", "value": {}}))],
            "no choices, ratings",
        ),
        ([task(1)], "no annotation"),
        ([], "no object"),
    ],
)
def test_bad_exports_are_refused(tmp_path: Path, tasks: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        read(tmp_path, tasks)
    assert (refusal.value.file or "").endswith("export.json")


@pytest.mark.parametrize("value", [5, "pos", {"pos": True}, 0, False])
def test_choices_that_are_no_list_are_refused(tmp_path: Path, value: object) -> None:
    chosen = {"choices": value}
    bare: Json = {"from_name": "sentiment", "to_name": "text", "type": "choices", "value": chosen}
    with pytest.raises(InputError, match="choices of an answer are no list") as refusal:
        read(tmp_path, [task(1, annotation(7, bare))])
    assert str(value) in (refusal.value.found or "")
    assert refusal.value.expected == "a list of choices"


def test_a_profile_that_nobody_answered_is_refused(tmp_path: Path) -> None:
    tasks = [task(1, annotation(7, answer("pos")))]
    with pytest.raises(InputError, match="never answered"):
        read(tmp_path, tasks, "files: [{path: export.json, profile: mood}]\n")


def test_a_truncated_export_is_refused(tmp_path: Path) -> None:
    text = json.dumps([task(1, annotation(7, answer("pos"))), task(2)])
    with pytest.raises(InputError):
        read_file(tmp_path, "export.json", text[:-20])
