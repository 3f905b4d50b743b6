"""Spans of many sentences of tags are those of reading sentence by sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.formats.tag_schemes import spans_of
from assay.measure.tag_spans import TagScheme, tagged_f1, tagged_spans
from assay.measure.undefined import Undefined

PREFIXES: dict[TagScheme, str] = {"iob1": "BI", "iob2": "BI", "bioes": "BIES", "bilou": "BILU"}


@st.composite
def codings(draw: st.DrawFn) -> tuple[TagScheme, list[list[str]]]:
    scheme = draw(st.sampled_from(sorted(PREFIXES)))
    tag = st.sampled_from(["O", *(f"{one}-{label}" for one in PREFIXES[scheme] for label in "XY")])
    return scheme, draw(st.lists(st.lists(tag, max_size=8), max_size=6))


@given(codings())
def test_spans_are_those_of_one_sentence_after_the_other(coding: tuple[TagScheme, list[list[str]]]) -> None:
    scheme, sentences = coding
    found = tagged_spans(sentences, scheme)
    spans = found.spans
    rows = zip(spans.objects.item, spans.objects.label, spans.start, spans.end, strict=True)
    ours = sorted((int(i), found.labels[c], int(a), int(b)) for i, c, a, b in rows)
    expected = [
        (number, one.label, one.first, one.last + 1)
        for number, tags in enumerate(sentences)
        for one in spans_of(tags, scheme)[0]
    ]
    assert ours == sorted(expected)


@given(codings())
def test_a_coding_agrees_with_itself(coding: tuple[TagScheme, list[list[str]]]) -> None:
    scheme, sentences = coding
    value = tagged_f1(sentences, sentences, scheme)
    if len(tagged_spans(sentences, scheme).spans.objects):
        assert value == 1.0
    else:
        assert isinstance(value, Undefined)


def test_classes_of_both_sides_are_told_apart_by_name() -> None:
    assert tagged_f1([["B-X", "O", "B-Y"]], [["B-Y", "O", "B-Y"]], "iob2") == 0.5


@pytest.mark.parametrize("tag", ["X-PER", "B", "B-", "PER", "S-PER"])
def test_a_tag_of_no_scheme_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="no tag of IOB2"):
        tagged_spans([["O", tag]], "iob2")


def test_sides_of_different_sentences_are_refused() -> None:
    with pytest.raises(ValueError, match="same sentences"):
        tagged_f1([["O"]], [["O", "O"]], "iob2")
