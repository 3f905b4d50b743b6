"""Where records end: the short way over brackets finds what the way over all commas finds."""

from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.annotation.json_structure import _containers, _elements

KEYS = st.text('a":,{}', max_size=3)
VALUES = st.recursive(
    st.none() | st.integers(-9, 999) | st.text('ab",:[]{}\\ \n', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(VALUES, max_size=2) | st.dictionaries(KEYS, VALUES, max_size=3)


@settings(max_examples=200)
@given(
    st.lists(RECORDS | VALUES, max_size=5) | st.lists(RECORDS, max_size=5), st.booleans(), st.data(),
    st.text(' ,]}[{"x\n', max_size=4),
)  # fmt: skip
def test_both_ways_find_the_same_records(
    values: list[object], indented: bool, data: st.DataObject, tail: str
) -> None:
    whole = orjson.dumps(values, option=orjson.OPT_INDENT_2 if indented else 0)[1:] + tail.encode()
    block = whole[: data.draw(st.integers(0, len(whole)))]
    short = _containers(block)
    assert short is None or short == _elements(block)


@given(st.lists(RECORDS, min_size=1, max_size=5), st.booleans())
def test_lists_of_objects_take_the_short_way(values: list[object], indented: bool) -> None:
    whole = orjson.dumps(values, option=orjson.OPT_INDENT_2 if indented else 0)[1:]
    found = _containers(whole)
    assert found is not None
    assert [orjson.loads(whole[a:b]) for a, b in zip(found.begins, found.ends, strict=True)] == values
