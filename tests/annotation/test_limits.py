"""Limits are positive, and what is printed about a refused value fits on one line."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import DEFAULT_LIMITS, Limits, bytes_text
from assay.annotation.place import Place, shown


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_a_limit_of_nothing_is_a_mistake(name: str) -> None:
    assert getattr(DEFAULT_LIMITS, name) >= 1
    with pytest.raises(ValueError, match=f"the limit {name} is at least 1"):
        Limits(**{name: 0})


@given(st.integers(0, 2**80))
def test_an_amount_of_bytes_is_told_in_few_characters(count: int) -> None:
    said = bytes_text(count)
    assert said.rpartition(" ")[2] in {"byte", "bytes", "KiB", "MiB", "GiB"}
    if count < 2**50:
        assert len(said) <= 13


@given(st.text())
def test_what_is_shown_is_one_short_printable_line(text: str) -> None:
    said = shown(text)
    assert said.isprintable()
    assert len(said) < 900
    if text.isprintable() and len(text) < 80:
        assert text in said


def test_a_refusal_is_an_input_error_and_a_limit_is_a_kind_of_it() -> None:
    where = Place("labels.csv", "line 7")
    assert (
        str(where.refuse("no", found="1", expected="2"))
        == "labels.csv, line 7: no\n  found:    1\n  expected: 2"
    )
    assert isinstance(where.exceed("too much"), LimitError)
    assert isinstance(where.exceed("too much"), InputError)
    assert str(Place().refuse("no")) == "no"
