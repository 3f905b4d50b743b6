"""Entities from tags, and F1 of exact spans."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.spans import Entity, SpanCounts, entities, entity_f1, span_counts
from assay.measure.undefined import Undefined

tags = st.lists(st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y"]), max_size=12)


def test_an_entity_must_be_the_same_in_start_end_and_class() -> None:
    truth = [["B-PER", "I-PER", "O", "B-LOC"]]
    assert entity_f1(truth, [["B-PER", "O", "O", "B-LOC"]]) == 0.5
    assert entity_f1(truth, [["B-PER", "I-PER", "O", "B-ORG"]]) == 0.5
    assert entity_f1(truth, truth) == 1


def test_two_entities_side_by_side_are_two() -> None:
    assert entities(["B-X", "B-X", "I-X"]) == (Entity(0, 1, "X"), Entity(1, 3, "X"))


def test_a_tag_that_continues_nothing_is_refused_unless_asked_otherwise() -> None:
    stray = ["O", "I-X", "I-X", "B-Y", "I-X"]
    with pytest.raises(ValueError, match="token 1 continues no entity"):
        entities(stray)
    assert entities(stray, stray="begin") == (Entity(1, 3, "X"), Entity(3, 4, "Y"), Entity(4, 5, "X"))
    assert entities(stray, stray="ignore") == (Entity(3, 4, "Y"),)


@pytest.mark.parametrize("tag", ["X", "S-X", "B-", "", "b-x"])
def test_what_is_no_bio_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="no BIO tag"):
        entities([tag])


def test_texts_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 tags on one side and 1"):
        entity_f1([["O", "O"]], [["O"]])
    with pytest.raises(ValueError, match="1 texts on one side and 0"):
        entity_f1([["O"]], [])


def test_without_any_entity_f1_is_undefined() -> None:
    assert isinstance(entity_f1([["O"]], [["O"]]), Undefined)


@given(tags, tags)
def test_f1_is_the_same_in_both_directions_and_counts_add_up(one: list[str], other: list[str]) -> None:
    first, second = entities(one, stray="begin"), entities(other, stray="begin")
    forward, back = span_counts(first, second), span_counts(second, first)
    assert forward.f1() == back.f1()
    assert (SpanCounts() + forward + back).both == 2 * forward.both
    assert all(early.end <= late.start for early, late in pairwise(first))
