"""Tags of tokens: every scheme there and back, strictness, detection with evidence, and files as people have them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.annotation.limits import DEFAULT_LIMITS
from assay.formats.bio import bio_rows, rebuild_text
from assay.formats.bio_write import write_bio
from assay.formats.located_rows import ObjectRow, span
from assay.formats.row_search import row_format
from assay.formats.tag_schemes import Scheme, TagCounts, TagSpan, spans_of, tags_of
from assay.formats.token_columns import is_token_columns
from tests.formats.deliveries import write
from tests.formats.gathered_rows import Located, gather
from tests.paths import SHARED, needs_shared

CLASSES = st.sampled_from(["PER", "LOC", "creative-work"])
CLOSED: tuple[Scheme, ...] = ("iob1", "iob2", "bioes", "bilou")


@st.composite
def sentences(draw: st.DrawFn) -> tuple[int, list[TagSpan]]:
    """A length and spans beside each other."""
    spans = []
    at = 0
    for _ in range(draw(st.integers(0, 5))):
        first = at + draw(st.integers(0, 2))
        last = first + draw(st.integers(0, 3))
        spans.append(TagSpan(draw(CLASSES), first, last))
        at = last + 1
    return at + draw(st.integers(0, 2)), spans


def read(path: Path, **declared: object) -> Located:
    return gather(path, partial(bio_rows, **declared))  # type: ignore[arg-type]  # keywords of the reader


@given(sentences(), st.sampled_from(CLOSED))
def test_spans_written_as_tags_are_read_back(sentence: tuple[int, list[TagSpan]], scheme: Scheme) -> None:
    length, spans = sentence
    assert spans_of(tags_of(spans, length, scheme), scheme) == (spans, [])


@given(st.lists(st.sampled_from(["O", "B-A", "I-A", "E-A", "S-A", "B-B", "I-B", "E-B", "S-B"]), max_size=12))
def test_every_tag_that_is_not_o_is_in_one_span_or_broken(tags: list[str]) -> None:
    spans, broken = spans_of(tags, "bioes")
    covered = [at for one in spans for at in range(one.first, one.last + 1)]
    assert sorted(covered + broken) == [at for at, tag in enumerate(tags) if tag != "O"]


@given(
    st.lists(st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"]), max_size=12),
    st.sampled_from(["iob1", "iob2"]),
)
def test_open_schemes_account_for_every_tag_too(tags: list[str], scheme: Scheme) -> None:
    spans, broken = spans_of(tags, scheme)
    covered = [at for one in spans for at in range(one.first, one.last + 1)]
    assert sorted(covered + broken) == [at for at, tag in enumerate(tags) if tag != "O"]


def test_a_span_that_begins_inside_is_no_span_in_iob2() -> None:
    assert spans_of(["I-PER", "I-PER", "O", "B-PER"], "iob2") == ([TagSpan("PER", 3, 3)], [0, 1])


def test_the_same_tags_are_spans_in_iob1() -> None:
    assert spans_of(["I-PER", "I-PER", "B-PER", "O"], "iob1")[0] == [
        TagSpan("PER", 0, 1),
        TagSpan("PER", 2, 2),
    ]


def test_a_change_of_class_inside_ends_the_span() -> None:
    assert spans_of(["B-PER", "I-LOC"], "iob2") == ([TagSpan("PER", 0, 0)], [1])


def test_a_span_without_an_end_is_broken_in_bioes() -> None:
    assert spans_of(["B-PER", "I-PER", "O", "S-LOC"], "bioes") == ([TagSpan("LOC", 3, 3)], [0, 1])


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        (["B-A", "I-A", "O", "B-B"], "iob2"),
        (["I-A", "I-A", "O", "I-B", "B-B"], "iob1"),
        (["B-A", "E-A", "S-B"], "bioes"),
        (["B-A", "L-A", "U-B"], "bilou"),
        (["B-A", "I-A", "O", "I-B"], "iob2"),
        (["B-A", "L-A", "S-B"], None),
        (["NN", "VB"], None),
    ],
)
def test_the_scheme_is_told_from_the_tags(tags: list[str], scheme: Scheme | None) -> None:
    counts = TagCounts()
    counts.add(tags)
    assert counts.decide()[0] == scheme


def test_sentences_are_items_and_the_text_is_rebuilt(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.conll", "-DOCSTART-\tO\n\nEU\tB-ORG\nrejects\tO\n\nPeter\tB-PER\nBlackburn\tI-PER"
    )
    got = read(path, annotator="ann-1")
    assert got.texts == {"1": "EU rejects", "2": "Peter Blackburn"}
    assert got.spans == [("ORG", 0, 2, "EU"), ("PER", 0, 15, "Peter Blackburn")]
    assert {one.annotator for one in got.work} == {"ann-1"}
    assert "offsets are of the rebuilt texts" in got.findings["text_rebuilt"].text
    assert got.findings["scheme_detected"].evidence["scheme"] == "iob2"


def test_a_sentence_without_spans_is_annotated_as_empty(tmp_path: Path) -> None:
    got = read(write(tmp_path, "a.conll", "a\tO\n\nb\tB-X\n"))
    assert [one.state.label for one in got.work] == ["annotated_empty", "annotated"]


def test_offsets_follow_the_text_where_a_comment_gives_it(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conll", "# sent_id = s-7\n# text = in Paris.\nin\tO\nParis\tB-LOC\n.\tO\n")
    got = read(path)
    assert got.texts == {"s-7": "in Paris."}
    assert got.spans == [("LOC", 3, 8, "Paris")]
    assert "text_rebuilt" not in got.findings


def test_a_token_may_begin_with_a_number_sign(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.conll", "#MH17\tB-X\n#\tO\n# O\tI-X\n")).texts == {"1": "#MH17 # # O"}


def test_broken_tags_are_counted_with_their_lines(tmp_path: Path) -> None:
    got = read(write(tmp_path, "a.conll", "a B-X\nb O\nc I-X\nd I-X\n"))
    assert got.findings["broken_tags"].evidence == {
        "file": "a.conll",
        "count": 2,
        "items": ["line 3", "line 4"],
    }
    assert got.spans == [("X", 0, 1, "a")]


def test_a_declared_scheme_that_the_tags_contradict_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conll", "a B-X\nb E-X\n")
    assert "look like BIOES" in read(path, profile="iob2").findings["scheme_contradicted"].text


@pytest.mark.parametrize("scheme", ["iob1", "bio", "bioes", "bilou", "io"])
def test_a_fitting_declaration_is_not_contradicted(tmp_path: Path, scheme: str) -> None:
    tags = {"iob1": "I-X", "bio": "B-X", "bioes": "S-X", "bilou": "U-X", "io": "X"}[scheme]
    got = read(write(tmp_path, "a.conll", f"a\t{tags}\nb\tO\n"), profile=scheme)
    assert got.spans == [("X", 0, 1, "a")]
    assert not got.findings.keys() & {"scheme_contradicted", "broken_tags", "scheme_detected"}


def test_the_only_column_of_tags_is_found_and_named(tmp_path: Path) -> None:
    got = read(write(tmp_path, "a.conll", "Paris NNP B-LOC _\nis VBZ O _\n"))
    assert got.spans == [("LOC", 0, 5, "Paris")]
    assert got.findings["tag_column"].evidence["column"] == 3


def test_a_declared_column_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conll", "Paris B-LOC O\nis O O\n")
    assert read(path).spans == []
    assert read(path, columns={"label": 2}).spans == [("LOC", 0, 5, "Paris")]


@pytest.mark.parametrize(
    ("content", "declared", "message"),
    [
        ("a\tB-X\nb\n", {}, "another number of columns"),
        ("a NN\nb VB\n", {}, "no column holds tags"),
        ("a B-X\n", {"profile": "bi"}, "not known"),
        ("a B-X\nb S-X\nc L-X\n", {}, "no one scheme"),
        ("a B-X\n", {"columns": {"label": 7}}, "is not there"),
        ("\n\n", {}, "no token"),
    ],
)
def test_what_cannot_be_read_is_refused(
    tmp_path: Path, content: str, declared: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(write(tmp_path, "a.conll", content), **declared)


def test_a_file_that_is_called_conll_is_refused_as_one(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conll", "a B-X\nb O\nc\n")
    assert row_format(path, "a.conll", DEFAULT_LIMITS) == ("bio", "the ending .conll")
    assert row_format(write(tmp_path, "a.tsv", "a B-X\nb O\nc\n"), "a.tsv", DEFAULT_LIMITS) is None


def test_a_table_of_labels_is_no_file_of_tags(tmp_path: Path) -> None:
    for content in ("item\tlabel\n1\tO\n", "1\tO\n2\tB\n", "a,b\nB-X,c\n", ""):
        assert not is_token_columns(write(tmp_path, "a.txt", content), "a.txt", DEFAULT_LIMITS)
    assert is_token_columns(write(tmp_path, "a.txt", "a O\nb B-X\n"), "a.txt", DEFAULT_LIMITS)


def test_ten_thousand_spans_on_one_item_are_read(tmp_path: Path) -> None:
    got = read(write(tmp_path, "a.conll", "a\tB-X\n" * 10_000))
    assert len(got.objects) == 10_000


@settings(max_examples=30)
@given(st.lists(sentences(), min_size=1, max_size=4), st.sampled_from(CLOSED), st.data())
def test_texts_written_as_tokens_are_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    found: list[tuple[int, list[TagSpan]]],
    scheme: Scheme,
    data: st.DataObject,
) -> None:
    rows: list[tuple[str, list[ObjectRow]]] = []
    for length, spans in found:
        word = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=4)
        tokens = data.draw(st.lists(word, min_size=length, max_size=length)) or ["x"]
        text, places = rebuild_text(tokens)
        objects = [
            span(
                one.label,
                ((places[one.first][0], places[one.last][1]),),
                text=text[places[one.first][0] : places[one.last][1]],
            )
            for one in spans
        ]
        rows.append((text, objects))
    target = tmp_path_factory.mktemp("bio") / "a.conll"
    items = [(f"item {at}", text, objects) for at, (text, objects) in enumerate(rows)]
    assert +write_bio(target, items, scheme=scheme) == {}
    got = read(target, profile=scheme)
    assert got.texts == {item: text for item, text, _ in items}
    assert [list(one.objects) for one in got.work] == [objects for _, objects in rows]


def test_what_tags_cannot_carry_is_counted(tmp_path: Path) -> None:
    text = "New York City, 😀"
    objects = [
        span("LOC", ((0, 13),)),
        span("LOC", ((4, 8),)),
        span("X", ((0, 3), (9, 13))),
        span("E", ((15, 16),), attributes={"kind": "face"}, confidence=0.5),
        span("E", ((30, 40),)),
    ]
    losses = write_bio(tmp_path / "a.conll", [("1", text, objects), ("2", " \n", [])])
    assert +losses == {
        "overlapping_spans": 1, "discontinuous_spans": 1, "attributes": 1, "confidence": 1, "no_tokens": 1,
        "empty_texts": 1,
    }  # fmt: skip
    assert read(tmp_path / "a.conll").spans == [("LOC", 0, 13, "New York City"), ("E", 15, 16, "😀")]


@pytest.mark.parametrize("first", ["#a=b", "-DOCSTART-", "#", "O", "B-X"])
def test_tokens_that_look_like_something_else_are_read_back(tmp_path: Path, first: str) -> None:
    objects = [span("A", ((0, len(first)),), text=first)]
    write_bio(tmp_path / "a.conll", [("i", f"{first} b\nc", objects)])
    got = read(tmp_path / "a.conll", profile="iob2")
    assert (got.texts, got.objects) == ({"i": f"{first} b c"}, objects)


def test_people_who_cut_one_text_differently_still_share_it(tmp_path: Path) -> None:
    for name, parts in (("a", (0, 2)), ("b", (1, 3))):
        write_bio(tmp_path / name, [("1", "abcd\nef", [span("X", (parts,))])])
    assert read(tmp_path / "a").texts == read(tmp_path / "b").texts


@pytest.mark.parametrize(("item", "label"), [("a\tb", "X"), ("a ", "X"), ("a", "X\n"), ("a", "")])
def test_names_that_no_line_can_hold_are_refused(tmp_path: Path, item: str, label: str) -> None:
    with pytest.raises(InputError, match="cannot stand in a line of tags"):
        write_bio(tmp_path / "a.conll", [(item, "abc", [span(label, ((0, 2),))])])


@needs_shared
def test_every_sample_of_tags_is_read() -> None:
    paths = [path for path in (SHARED / "samples" / "bio_conll").rglob("*") if path.is_file()]
    assert len(paths) >= 9
    for path in paths:
        assert is_token_columns(path, path.name, DEFAULT_LIMITS)
        assert read(path).work


@needs_shared
def test_the_gold_of_the_tweets_holds_every_tweet() -> None:
    got = read(SHARED / "datasets" / "btc_section_e" / "e.conll")
    assert (len(got.work), len(got.objects)) == (200, 325)
    assert "broken_tags" not in got.findings
