"""Spans in JSON lines: every form, who took part, offsets against the text, and records that break their form."""

from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path

import orjson
import pytest

from assay.annotation.errors import InputError
from assay.formats.spans_jsonl import SpanRequest, span_form, span_rows
from tests.formats.deliveries import write
from tests.formats.gathered_rows import Located, gather
from tests.paths import SHARED, needs_shared


def lines(folder: Path, *records: object, name: str = "a.jsonl") -> Path:
    return write(folder, name, b"".join(orjson.dumps(one) + b"\n" for one in records))


def read(path: Path, **declared: object) -> Located:
    return gather(path, partial(span_rows, request=SpanRequest(**declared)))  # type: ignore[arg-type]  # its fields


def states(got: Located) -> list[tuple[str, str | None, str]]:
    return [(one.item, one.annotator, one.state.label) for one in got.work]


def test_triples_of_doccano_are_spans_in_code_points(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        {"id": 7, "text": "😀 EU rejects", "label": [[2, 4, "ORG"]]},
        {"id": 8, "text": "x", "label": []},
    )
    got = read(path, annotator="ann-1")
    assert got.spans == [("ORG", 2, 4, "EU")]
    assert states(got) == [("7", "ann-1", "annotated"), ("8", "ann-1", "annotated_empty")]
    assert got.texts == {"7": "😀 EU rejects", "8": "x"}


def test_relations_are_kept_on_the_spans_they_join(tmp_path: Path) -> None:
    entities = [
        {"id": 0, "start_offset": 0, "end_offset": 6, "label": "ORG"},
        {"id": 1, "start_offset": 10, "end_offset": 15, "label": "PER"},
    ]
    relations = [{"from_id": 0, "to_id": 1, "type": "foundedBy"}, {"from_id": 0, "to_id": 9, "type": "lost"}]
    got = read(lines(tmp_path, {"text": "Google by Larry", "entities": entities, "relations": relations}))
    assert [one.attributes for one in got.objects] == ['{"id":"0","relation":"foundedBy → 1"}', '{"id":"1"}']
    assert got.findings["relation_lost"].evidence["count"] == 1


def test_keys_of_other_names_are_found_where_there_is_no_choice_and_declared_otherwise(
    tmp_path: Path,
) -> None:
    record = {"body": "EU rejects", "marks": [[0, 2, "ORG"]], "who": "ann-1", "doc": "d1"}
    alone = {"body": "EU rejects", "marks": [[0, 2, "ORG"]]}
    assert read(lines(tmp_path, alone)).spans == [("ORG", 0, 2, "EU")]
    declared = {"text": "body", "label": "marks", "annotator": "who", "item": "doc"}
    got = read(lines(tmp_path, record), columns=declared)
    assert states(got) == [("d1", "ann-1", "annotated")]
    assert got.spans == [("ORG", 0, 2, "EU")]


def test_one_id_with_two_texts_is_two_items(tmp_path: Path) -> None:
    got = read(
        lines(tmp_path, *({"id": 1, "text": text, "label": [[0, 1, "A"]]} for text in ("ab", "ac", "ab")))
    )
    assert [one.item for one in got.work] == ["1", "1#2", "1"]
    assert got.findings["id_repeated"].evidence["count"] == 1


def test_offsets_outside_of_the_text_are_findings(tmp_path: Path) -> None:
    path = lines(
        tmp_path, {"text": "abc", "label": [[1, 9, "A"], [-2, 1, "A"], [2, 2, "A"], [2, 1, "A"], [0, 3, "A"]]}
    )
    got = read(path)
    assert got.findings["span_outside_text"].evidence["count"] == 2
    assert got.findings["empty_span"].evidence["count"] == 2
    assert [one.w for one in got.objects] == [8, 3, 0, 0, 3]


def test_offsets_that_count_utf16_units_are_turned_into_code_points(tmp_path: Path) -> None:
    entity = {"start": 3, "end": 5, "label": "ORG", "text": "EU"}
    got = read(lines(tmp_path, {"text": "😀 EU", "spans": [entity]}))
    assert got.spans == [("ORG", 2, 4, "EU")]
    assert got.findings["utf16_offsets"].evidence["count"] == 1


def test_another_text_than_the_offsets_cover_is_a_finding_and_moves_nothing(tmp_path: Path) -> None:
    got = read(
        lines(
            tmp_path, {"text": "in Paris", "spans": [{"start": 0, "end": 2, "label": "LOC", "text": "Paris"}]}
        )
    )
    assert got.spans == [("LOC", 0, 2, "in")]
    assert got.findings["span_text_differs"].evidence["items"] == ["1"]


def prodigy(number: int, who: str, answer: str, *spans: tuple[int, int]) -> dict[str, object]:
    marked = [{"start": start, "end": end, "label": "ORG"} for start, end in spans]
    return {"text": "EU and UN", "spans": marked, "answer": answer, "_input_hash": number, "_session_id": who}


def test_answers_of_prodigy_say_who_took_part(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        prodigy(-1, "s-ann", "accept", (0, 2)),
        prodigy(-1, "s-ann", "reject", (3, 6)),
        prodigy(-1, "s-bob", "accept"),
        prodigy(-1, "s-cy", "reject", (0, 2)),
        prodigy(-1, "s-di", "ignore", (0, 2)),
        prodigy(-1, "s-ann", "accept", (7, 9)),
    )
    got = read(path)
    assert states(got) == [
        ("-1", "s-ann", "annotated"), ("-1", "s-bob", "annotated_empty"), ("-1", "s-cy", "skipped"),
        ("-1", "s-di", "skipped"),
    ]  # fmt: skip
    assert got.spans == [("ORG", 0, 2, "EU"), ("ORG", 7, 9, "UN")]
    assert got.findings["rejected_suggestions"].evidence["count"] == 2


def test_the_annotator_of_prodigy_comes_before_the_session(tmp_path: Path) -> None:
    record = prodigy(1, "session", "accept", (0, 2)) | {"_annotator_id": "ann-1"}
    assert read(lines(tmp_path, record)).work[0].annotator == "ann-1"


def test_the_last_token_of_a_span_counts_in(tmp_path: Path) -> None:
    tokens = [{"text": "EU", "start": 0, "end": 2, "id": 0}, {"text": "and", "start": 3, "end": 6, "id": 1}]
    fine = {"start": 0, "end": 6, "label": "A", "token_start": 0, "token_end": 1}
    record = {"text": "EU and", "tokens": tokens, "spans": [fine], "_input_hash": 1, "answer": "accept"}
    assert "span_tokens_differ" not in read(lines(tmp_path, record)).findings
    for wrong in ({"token_end": 2}, {"token_end": 0}, {"token_end": -1}):
        got = read(lines(tmp_path, record | {"spans": [fine | wrong]}))
        assert got.findings["span_tokens_differ"].evidence["count"] == 1


def test_shapes_of_prodigy_are_in_pixels(tmp_path: Path) -> None:
    spans = [
        {"label": "car", "type": "rect", "points": [[10, 20], [10, 60], [40, 60], [40, 20]]},
        {"label": "road", "type": "polygon", "points": [[0, 0], [9, 0], [9, 9]]},
    ]
    record = {
        "image": "a/b.jpg",
        "width": 100,
        "height": 80,
        "spans": spans,
        "_input_hash": 5,
        "answer": "accept",
    }
    got = read(lines(tmp_path, record))
    assert [(one.kind, one.x, one.y, one.w, one.h) for one in got.objects] == [
        ("box", 10, 20, 30, 40), ("polygon", 0, 0, 9, 9),
    ]  # fmt: skip
    assert [(one.width, one.height, one.path) for one in got.images] == [(100, 80, "a/b.jpg")]


def test_an_empty_list_is_an_answer_and_a_missing_annotator_is_none(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        {"docid": "7", "Participants": {"a": [[0, 5], [9, 12]], "b": []}},
        {"docid": "8", "Participants": {}},
    )
    got = read(path)
    assert states(got) == [("7", "a", "annotated"), ("7", "b", "annotated_empty")]
    assert [(one.label, one.x, one.w) for one in got.objects] == [
        ("Participants", 0, 5),
        ("Participants", 9, 3),
    ]
    assert got.findings["nobody_answered"].evidence["items"] == ["8"]
    assert got.findings["text_missing"].evidence["items"] == 2


def test_tokens_with_tags_are_aligned_with_the_text(tmp_path: Path) -> None:
    record = {"id": 1, "text": "in Paris.", "tokens": ["in", "Paris", "."], "ner_tags": ["O", "B-LOC", "O"]}
    got = read(lines(tmp_path, record))
    assert got.spans == [("LOC", 3, 8, "Paris")]
    assert read(lines(tmp_path, record | {"text": "other"})).texts == {"1": "in Paris ."}


def unit(*answers: dict[str, object]) -> dict[str, object]:
    judgments = [{"worker_id": f"w{at}", "data": data} for at, data in enumerate(answers)]
    data = {"documentId": "d1", "tokens": ["New", "York", "and", "Rome"]}
    return {"id": 3, "data": data, "results": {"judgments": judgments}}


def test_marked_neighbours_of_a_crowd_unit_are_one_span(tmp_path: Path) -> None:
    path = lines(
        tmp_path, unit({"answer": ["1", "0", "3"]}, {"noentities": "1"}, {"comment": "?"}), name="j.loc.jsonl"
    )
    got = read(path)
    assert got.spans == [("LOC", 0, 8, "New York"), ("LOC", 13, 17, "Rome")]
    assert states(got) == [
        ("d1", "w0", "annotated"),
        ("d1", "w1", "annotated_empty"),
        ("d1", "w2", "skipped"),
    ]
    assert "'LOC'" in got.findings["one_class_asked"].text
    assert read(path, profile="place").spans[0][0] == "place"


def test_a_marked_token_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    got = read(lines(tmp_path, unit({"answer": ["3", "4"]})))
    assert got.findings["span_outside_text"].evidence["count"] == 1
    assert len(got.objects) == 1


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"text": "a"}, "no spans in a known form"),
        ({"text": "a", "label": [[0, 1, "A"], [0, "b", "A"]]}, "no spans in a known form"),
        (unit({"answer": ["one"]}), "no number of a token"),
        (prodigy(1, "a", "maybe", (0, 1)), "answer is not known"),
        (
            {"_input_hash": 1, "text": "a", "spans": [{"start": 0.5, "end": 1, "label": "A"}]},
            "no whole number",
        ),
        ({"tokens": ["a"], "tags": ["B-A", "O"], "label": [[0, 1, "A"]]}, ""),
    ],
)
def test_records_that_break_their_form_are_refused(tmp_path: Path, record: object, message: str) -> None:
    path = lines(tmp_path, record)
    if message:
        with pytest.raises(InputError, match=message):
            read(path)
    else:
        assert span_form(path, "a.jsonl") == "doccano"


def test_a_span_that_breaks_its_form_later_is_refused_with_its_record(tmp_path: Path) -> None:
    records = [{"text": "a", "label": [[0, 1, "A"]]}] * 100 + [{"text": "a", "label": [[0, 1]]}]
    with pytest.raises(InputError, match="record 101"):
        read(lines(tmp_path, *records))


def test_ten_thousand_spans_on_one_item_are_read(tmp_path: Path) -> None:
    spans = [[at, at + 5, "A"] for at in range(10_000)]
    assert len(read(lines(tmp_path, {"text": "x" * 10_010, "label": spans})).objects) == 10_000


@needs_shared
def test_the_abstracts_are_read_as_they_are() -> None:
    folder = SHARED / "datasets" / "pico_participants"
    crowd = read(folder / "PICO-annos-crowdsourcing.jsonl")
    assert (len(crowd.work), len({one.item for one in crowd.work}), len(crowd.objects)) == (575, 96, 1616)
    gold = read(folder / "PICO-annos-professional.jsonl")
    assert len(gold.work) == 94
    assert gold.findings["nobody_answered"].evidence["count"] == 2


@needs_shared
def test_the_marked_tweets_are_read_as_they_are(tmp_path: Path) -> None:
    folder = SHARED / "datasets" / "btc_section_e"
    sizes = {}
    for packed in sorted(folder.glob("job_*.gz")):
        got = read(write(tmp_path, packed.name.removesuffix(".gz"), gzip.decompress(packed.read_bytes())))
        sizes[got.objects[0].label] = (len(got.work), len(got.objects))
    assert sizes == {"LOC": (875, 548), "PER": (1000, 141), "ORG": (1000, 338)}


@needs_shared
@pytest.mark.parametrize(
    ("name", "spans"),
    [
        ("doccano/data_import/pipeline/examples/sequence_labeling/example.jsonl", 3),
        ("doccano/data_import/pipeline/examples/relation_extraction/example.jsonl", 4),
        ("doccano/data_import/pipeline/examples/intent_detection/example.jsonl", 3),
        ("flair/train.jsonl", 7),
    ],
)
def test_samples_with_spans_are_read(name: str, spans: int) -> None:
    assert len(read(SHARED / "samples" / "jsonl_csv" / name).objects) == spans


@needs_shared
def test_samples_without_spans_are_taken_for_none() -> None:
    folder = SHARED / "samples" / "jsonl_csv"
    for name in ("sequence_to_sequence", "text_classification"):
        path = folder / "doccano" / "data_import" / "pipeline" / "examples" / name / "example.jsonl"
        assert span_form(path, path.name) is None
