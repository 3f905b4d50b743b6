"""Error rates of texts and the form they are measured in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.text import (
    EditCounts,
    NormalForm,
    character_edits,
    character_error_rate,
    sum_of_edits,
    word_edits,
    word_error_rate,
)
from assay.measure.undefined import Undefined

words = st.text(alphabet="ab ế\u0301", max_size=12)


def distance(one: str, other: str) -> int:
    """Levenshtein's distance by the textbook table."""
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (sign != against))
    return row[-1]


def test_the_character_error_rate_depends_on_the_unicode_form() -> None:
    line, typed = ["Hà Nội là thủ đô"], ["Ha Nội là thu đô"]
    assert character_error_rate(line, typed, NormalForm("NFC")) == 2 / 16
    assert character_error_rate(line, typed, NormalForm("NFD")) == pytest.approx(2 / 22)


def test_the_same_letter_in_two_spellings_is_an_error_only_without_a_form() -> None:
    composed, combined = "\u1ebf", "e\u0302\u0301"
    assert character_error_rate([composed], [combined]) == 0
    assert character_error_rate([composed], [combined], NormalForm(None)) == 3
    assert character_error_rate(["\ufb01"], ["fi"], NormalForm("NFKC")) == 0


def test_the_form_is_said_in_words() -> None:
    assert str(NormalForm()) == "NFC"
    assert str(NormalForm(None, strip_punctuation=True, squeeze=True)) == (
        "code points as delivered, without punctuation, runs of white space as one space"
    )
    with pytest.raises(ValueError, match="normal form"):
        NormalForm("nfc")


def test_white_space_at_the_ends_never_counts_and_inside_only_for_characters() -> None:
    assert word_error_rate(["a  b "], [" a b"]) == 0
    assert character_error_rate(["a  b "], [" a b"]) == 1 / 4
    assert character_error_rate(["a  b "], [" a b"], NormalForm(squeeze=True)) == 0


def test_several_texts_are_pooled_and_not_averaged() -> None:
    assert word_error_rate(["a b c d", "x"], ["a b c d", "y"]) == 1 / 5


def test_an_empty_reference_has_no_rate() -> None:
    assert word_error_rate([" "], ["a"]) == Undefined("the reference is empty")
    assert character_error_rate([], []) == Undefined("the reference is empty")
    assert isinstance(EditCounts().match_error_rate(), Undefined)
    assert isinstance(word_edits("a", "").information_kept(), Undefined)


def test_nothing_delivered_is_wholly_wrong_and_too_much_is_more_than_that() -> None:
    assert word_error_rate(["a b"], [""]) == 1
    assert word_error_rate(["a"], ["x y z"]) == 3


def test_texts_and_references_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="2 references for 1 texts"):
        word_error_rate(["a", "b"], ["a"])


@given(words, words)
def test_edits_are_the_smallest_possible(reference: str, given_text: str) -> None:
    counts = character_edits(reference, given_text, NormalForm(None))
    assert counts.edits == distance(reference.strip(), given_text.strip())
    assert counts.hits >= 0
    assert counts.given == len(given_text.strip())
    assert counts.edits == character_edits(given_text, reference, NormalForm(None)).edits


@given(st.lists(st.tuples(words, words), max_size=8), st.integers(0, 8))
def test_counts_of_two_halves_make_those_of_the_whole(pairs: list[tuple[str, str]], cut: int) -> None:
    counts = [word_edits(one, other) for one, other in pairs]
    whole = sum_of_edits(counts)
    assert sum_of_edits(counts[cut:]) + sum_of_edits(counts[:cut]) == whole
    assert whole - sum_of_edits(counts[cut:]) == sum_of_edits(counts[:cut])
    assert whole.texts == len(pairs)
