from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation import json_members as module
from assay.annotation.errors import InputError, LimitError
from assay.annotation.json_members import json_members
from assay.annotation.limits import Limits

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab\"\\{}[],:é", max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def whole(data: bytes, limits: Limits | None = None) -> dict[str, object]:
    """The document put together again from its pieces."""
    found: dict[str, object] = {}
    for piece in json_members(io.BytesIO(data), file="x", limits=limits or Limits()):
        if piece.is_list:
            records = found.setdefault(piece.key, [])
            assert isinstance(records, list)
            assert len(records) == piece.first
            records += piece.records
        else:
            (found[piece.key],) = piece.records
    return found


@given(
    st.dictionaries(st.text('ab"\\ é', max_size=6), VALUES, max_size=5),
    st.sampled_from([None, 1]),
    st.integers(7, 60),
)
def test_pieces_make_up_the_document_wherever_blocks_end(
    document: dict[str, object], indent: int | None, block: int
) -> None:
    data = json.dumps(document, indent=indent).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        assert whole(data) == document


def test_a_list_is_one_member_without_a_name() -> None:
    assert whole(b' [1, {"a": [2]}] ') == {"": [1, {"a": [2]}]}
    assert whole(b"[]") == {"": []}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[", b"{]", b"[}", b'{"a"}', b'{"a":}', b'{"a":1,}', b'{"a":1 "b":2}', b'{"a":[1,]}', b'{"a":[,1]}',
        b'{"a":1,"a":2}', b'{"a":[{"b":1,"b":2}]}', b'{"a":[1}', b'{"a":[1,2', b'{"a":[1]} x', b'{"a":[NaN]}',
        b'{"a":[1e999]}', b'{a:1}', b"7", b'{"a', b'{"a":[{]}]}', b'\xff\xfe{\x00}\x00', b'{"a":["\\u0000"]}',
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        whole(data)


def test_a_broken_record_is_named() -> None:
    records = ",".join(['{"a": 1}'] * 500 + ['{"a": NaN}'] + ['{"a": 1}'] * 20)
    with pytest.raises(InputError, match=r"annotations\[500\]"):
        whole(f'{{"annotations": [{records}]}}'.encode())


def test_too_many_members_and_too_large_records_are_refused() -> None:
    with pytest.raises(LimitError):
        whole(json.dumps({str(at): 1 for at in range(2_000)}).encode())
    with pytest.raises(LimitError):
        whole(json.dumps({"a": ["x" * 4_000_000]}).encode(), Limits(record_bytes=1_000_000))
