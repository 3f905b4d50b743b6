"""Label texts to codes: classes, numbers and sets of tags; what the schema does not have is known as such."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.annotation.schema import ClassDefinition, Schema
from assay.judge.coding import SEPARATOR, UNKNOWN, code_labels


def schema(
    *classes: ClassDefinition, kind: str = "choice", low: str | None = None, high: str | None = None
) -> Schema:
    ends = (None if end is None else Decimal(end) for end in (low, high))
    level = "interval" if kind == "rating" else "nominal"
    return Schema("1", kind, level, classes, (), *ends)  # type: ignore[arg-type]  # one of the kinds and levels


def named(name: str, *aliases: str) -> ClassDefinition:
    return ClassDefinition(name.lower(), name, None, aliases)


def test_classes_without_a_schema_stand_in_order_of_numbers_or_of_texts() -> None:
    assert code_labels("choice", "nominal", ["10", "9", "2"], None).classes == ("2", "9", "10")
    assert code_labels("choice", "nominal", ["b", "10", "9"], None).classes == ("10", "9", "b")


def test_a_schema_gives_the_order_the_names_and_other_words() -> None:
    found = code_labels(
        "choice",
        "nominal",
        ["Fraud", "fraud", "scam", "spam?"],
        schema(named("Spam"), named("Fraud", "scam")),
    )
    assert found.classes == ("Spam", "Fraud")
    assert [found.codes[text] for text in ("Fraud", "fraud", "scam")] == [1, 1, 1]
    assert found.codes["spam?"] == UNKNOWN
    assert found.unknown() == ["spam?"]
    assert found.of_raw(["scam", "spam?"]).tolist() == [1, UNKNOWN]


def test_ordered_classes_have_places_and_measured_ones_their_numbers() -> None:
    places = code_labels("choice", "ordinal", ["low", "high"], schema(named("low"), named("high")))
    assert places.numbers is not None
    assert places.numbers.tolist() == [0, 1]
    sizes = code_labels("choice", "interval", ["10", "2.5"], None)
    assert sizes.numbers is not None
    assert sizes.numbers.tolist() == [2.5, 10]
    assert code_labels("choice", "nominal", ["a"], None).numbers is None
    with pytest.raises(InputError, match="is not a number"):
        code_labels("choice", "interval", ["small"], schema(named("small"), named("large")))
    with pytest.raises(InputError, match="order of the classes is not known"):
        code_labels("choice", "interval", ["small", "2"], None)


@given(st.lists(st.decimals(-999, 999, places=2), min_size=1, max_size=12))
def test_ratings_of_one_value_share_a_code_and_stand_in_order(values: list[Decimal]) -> None:
    texts = [form for value in values for form in (f"{value:f}", f"{value:f}0")]
    found = code_labels("rating", "interval", texts, None)
    assert found.numbers is not None
    assert (np.diff(found.numbers) > 0).all()
    for value in values:
        assert found.codes[f"{value:f}"] == found.codes[f"{value:f}0"]
        assert found.numbers[found.codes[f"{value:f}"]] == float(value)
        assert Decimal(found.classes[found.codes[f"{value:f}"]]) == value


@pytest.mark.parametrize(
    ("text", "name"), [("-0", "0"), ("0.00", "0"), ("1200", "1200"), ("0.50", "0.5"), (" 4 ", "4")]
)
def test_a_rating_is_shown_plainly(text: str, name: str) -> None:
    assert code_labels("rating", "interval", [text], None).classes == (name,)


def test_what_is_no_rating_of_the_scale_is_unknown() -> None:
    ends = schema(kind="rating", low="1", high="5")
    found = code_labels("rating", "ordinal", ["1", "5", "6", "0.9", "n/a", "NaN", "1e1", ""], ends)
    assert found.classes == ("1", "5")
    assert found.unknown() == ["", "0.9", "1e1", "6", "NaN", "n/a"]


def test_sets_of_tags_are_codes_and_the_empty_set_is_one_of_them() -> None:
    found = code_labels("multi", "nominal", [f"b{SEPARATOR}a", f"a{SEPARATOR}b", "a", ""], None)
    assert found.classes == ("a", "b")
    assert found.sets is not None
    assert found.empty == found.codes[""] == 0
    assert found.codes[f"b{SEPARATOR}a"] == found.codes[f"a{SEPARATOR}b"]
    assert found.sets[found.codes["a"]].tolist() == [True, False]
    assert found.text(found.codes[f"a{SEPARATOR}b"]) == "a, b"
    assert found.text(0) == "(none)"


def test_a_set_with_a_tag_that_the_schema_does_not_have_is_unknown() -> None:
    found = code_labels(
        "multi", "nominal", ["a", f"a{SEPARATOR}z"], schema(named("a"), named("b"), kind="multi")
    )
    assert found.classes == ("a", "b")
    assert found.codes[f"a{SEPARATOR}z"] == UNKNOWN


tags = st.sets(st.sampled_from("abcde"), max_size=5)


@given(st.lists(tags, max_size=8))
def test_every_set_comes_back_from_its_code(sets: list[set[str]]) -> None:
    texts = [SEPARATOR.join(sorted(chosen)) for chosen in sets]
    found = code_labels("multi", "nominal", texts, None)
    assert found.sets is not None
    for text, chosen in zip(texts, sets, strict=True):
        held = {found.classes[n] for n in np.flatnonzero(found.sets[found.codes[text]])}
        assert held == chosen
    assert len({tuple(row) for row in found.sets.tolist()}) == len(found.sets)
