"""JSON as a document and as a stream: what was written is what is read, or it is refused with its place."""

from __future__ import annotations

import io
import json
import random
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation import strict_json
from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import Limits
from assay.annotation.strict_json import json_records, load_json, parse_json

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8) | st.sampled_from(
    ['"', "\\", '\\"', "{", "}]", "a : b", '":', "\\\\", "[,", "\n"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(-1e18, 1e18) | _TEXTS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(_TEXTS, below, max_size=4),
    max_leaves=16,
)
_RECORDS = st.lists(_VALUES, min_size=1, max_size=8)


class Dribble(io.RawIOBase):
    """A stream that hands out a few bytes at a time, cut anywhere."""

    def __init__(self, data: bytes, seed: int) -> None:
        self._data = io.BytesIO(data)
        self._random = random.Random(seed)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(self._random.randint(1, 7))


def refused(read: Callable[[], object]) -> InputError | None:
    try:
        read()
    except InputError as error:
        return error
    return None


def refusal(data: bytes | str) -> str:
    with pytest.raises(InputError) as caught:
        parse_json(data.encode() if isinstance(data, str) else data, file="f.json")
    return str(caught.value)


def records(data: bytes) -> list[object]:
    return [record for _, record in json_records(io.BytesIO(data), file="f.json")]


@given(_VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_a_document_of_a_common_writer_is_read_as_it_was_meant(
    value: object, escaped: bool, indent: int | None
) -> None:
    written = json.dumps(value, ensure_ascii=escaped, indent=indent).encode()
    assert parse_json(written, file="f") == value


@given(_RECORDS, st.integers(0, 99), st.sampled_from([None, 2]), st.booleans())
def test_a_list_is_read_record_by_record(
    values: list[object], seed: int, indent: int | None, escaped: bool
) -> None:
    written = json.dumps(values, indent=indent, ensure_ascii=escaped).encode()
    found = list(json_records(Dribble(written, seed), file="f"))
    assert found == list(enumerate(values, 1))


@given(_RECORDS, st.integers(0, 99), st.sampled_from(["\n", "\r\n", "\n\n", " \n\t"]), st.booleans())
def test_lines_are_read_record_by_record(values: list[object], seed: int, ending: str, last: bool) -> None:
    first = {"first": 1}  # a list on the first line would be a list of records
    written = ending.join(map(json.dumps, [first, *values])) + (ending if last else "")
    found = list(json_records(Dribble(written.encode(), seed), file="f"))
    assert found == list(enumerate([first, *values], 1))


@given(_RECORDS, st.data())
def test_a_list_cut_off_anywhere_is_refused(values: list[object], data: st.DataObject) -> None:
    written = json.dumps(values).encode()
    cut = data.draw(st.integers(0, len(written) - 1))
    seen: list[object] = []
    with pytest.raises(InputError):
        seen.extend(record for _, record in json_records(io.BytesIO(written[:cut]), file="f"))
    assert seen == values[: len(seen)]


@given(st.binary(max_size=120) | st.text('[]{},:"\\ \n01eEnaN.-', max_size=40).map(str.encode))
def test_arbitrary_bytes_are_read_as_the_standard_reader_does_or_refused(data: bytes) -> None:
    for read in (lambda: parse_json(data, file="f"), lambda: list(json_records(io.BytesIO(data), file="f"))):
        error = refused(read)
        assert error is None or error.file == "f"
    if refused(lambda: parse_json(data, file="f")) is None:
        assert json.loads(data) == parse_json(data, file="f")


@given(st.text('[]{},:"\\ a1\n', max_size=30))
def test_a_duplicate_key_is_found_wherever_it_stands(text: str) -> None:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise KeyError
        return dict(pairs)

    try:
        json.loads(text, object_pairs_hook=unique)
    except KeyError:
        assert "is given twice" in refusal(text)
    except ValueError:
        assert refusal(text)
    else:
        assert parse_json(text.encode(), file="f") == json.loads(text)


@pytest.mark.parametrize(
    "duplicate",
    [
        '{"a":1,"a":2}',
        '{"a" :1,"b":":","a":2}',
        '{"\\u0061":1,"a":2}',
        '{"x":[{"k":1},{"k":1,"k\\u0020":2,"k ":3}]}',
        '{"":0,"":0}',
        '{"a\\\\":1,"a\\\\" : 2}',
    ],
)
def test_a_key_given_twice_is_refused_in_documents_and_streams(duplicate: str) -> None:
    assert "is given twice" in refusal(duplicate)
    for stream in (f"[0, {duplicate}]", f"0\n{duplicate}\n", f"0\n{duplicate}"):
        with pytest.raises(InputError, match=r"record 2, .*is given twice"):
            records(stream.encode())


def test_a_refusal_names_record_line_and_key() -> None:
    data = b'[\n  {"id": 1},\n  {"id": 2,\n   "result": [{"value": {"choices": ["a"], "choices": ["b"]}}]}\n]'
    with pytest.raises(InputError) as caught:
        records(data)
    assert caught.value.file == "f.json"
    assert caught.value.place == "record 2, line 4, key result[0].value.choices"
    assert str(caught.value).startswith(
        "f.json, record 2, line 4, key result[0].value.choices: the key 'choices'"
    )


def test_a_place_of_the_caller_stands_first() -> None:
    with pytest.raises(InputError) as caught:
        parse_json(b'{"a": tru}', file="f.csv", place="line 7, column 3")
    assert caught.value.place == "line 7, column 3, line 1, column 7"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "there is nothing to read"),
        (" \n", "there is nothing to read"),
        ("[1,]", "line 1, column 3: this is not JSON: trailing comma"),
        ('{"a": 1', "unexpected end of data"),
        ('{"a": "b', "f.json, line 1"),
        ("{'a': 1}", "this is not JSON"),
        ("[1\n,2\n,x]", "line 3, column 2"),
        ("1 2", "unexpected content"),
        ("[NaN]", "no number that JSON knows"),
        ("[-Infinity]", "no number that JSON knows"),
        ("[1e999]", "no number that JSON knows"),
        ('["\\ud800"]', "half of a surrogate pair"),
        ('["\\udc00\\ud800"]', "half of a surrogate pair"),
        ('["a\\u0000"]', "key [0]: a text holds a NUL character"),
        ('{"a\\u0000": 1}', "a text holds a NUL character"),
        ("[18446744073709551616]", "too large to stay exact"),
        ('{"a":{"id":-9223372036854775809}}', "key a.id: the whole number is too large to stay exact"),
        ("[123456789012345678901234567890]", "too large to stay exact"),
        ("[01]", "leading zero"),
        ("[1.]", "this is not JSON"),
        ("\x00", "this is not JSON"),
        ("[\t1, \x0b2]", "this is not JSON"),
        ('["\n"]', "control character"),
    ],
)
def test_what_is_not_strict_json_is_refused(data: str, said: str) -> None:
    assert said in refusal(data)
    with pytest.raises(InputError):
        records(data.encode())


def test_text_that_looks_doubtful_is_not_refused() -> None:
    data = '{"a :": ":b", "c": "d\\\\u0000 \\" : {", "e\\\\" : ["\\":", 1e300, 9223372036854775808, 1.0e25]}'
    assert parse_json(data.encode(), file="f") == json.loads(data)
    assert records(data.encode()) == [json.loads(data)]
    assert records(f"[{data}]".encode()) == [json.loads(data)]


def test_bytes_in_another_encoding_are_refused_with_line_and_byte() -> None:
    assert "f.json, line 2, byte 10: these bytes are not UTF-8" in refusal(
        '{"a": 1,\n"é": 2}'.encode("latin-1")
    )
    with pytest.raises(InputError) as caught:
        records(b'[{"a": 1},\n {"b": "caf\xe9"}]')
    assert caught.value.place == "line 2, byte 22"
    assert "found:    UTF-16" in refusal("[1]".encode("utf-16"))
    assert parse_json("[1]".encode("utf-8-sig"), file="f") == [1]
    assert records('{"a":1}\n'.encode("utf-8-sig")) == [{"a": 1}]


def test_depth_is_limited() -> None:
    at_most = b"[" * 64 + b"]" * 64
    assert parse_json(at_most, file="f")
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        for depth in (65, 1_000, 200_000):
            text = opening * depth + "1" + closing * depth
            with pytest.raises(LimitError, match="too deep"):
                parse_json(text.encode(), file="f")
            with pytest.raises(LimitError, match="too deep"):
                records(f"[{text}]".encode())
        with pytest.raises(InputError):
            parse_json(opening.encode() * 500_000, file="f")
        with pytest.raises(InputError):
            records(opening.encode() * 500_000)


def test_size_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_text(json.dumps(["a" * 100]))
    assert load_json(path) == ["a" * 100]
    with pytest.raises(LimitError, match=r"long\.json: this is too large for a JSON document"):
        load_json(path, limits=Limits(json_bytes=103))
    with pytest.raises(LimitError):
        parse_json(path.read_bytes(), file="f", limits=Limits(json_bytes=103))


def test_a_record_without_end_is_refused_before_it_fills_the_memory() -> None:
    limits = Limits(record_bytes=3 * strict_json.MIB)
    for start in (b'["', b'[{"a": 1}, [', b'{"a": 1}\n"'):
        endless = Endless(start)
        with pytest.raises(LimitError, match=r"record . ?.*the record is too large"):
            list(json_records(endless, file="f", limits=limits))
        assert endless.given < 20 * strict_json.MIB
    with pytest.raises(LimitError, match="too many blanks"):
        list(json_records(Endless(b" ", b" "), file="f", limits=limits))


class Endless(io.RawIOBase):
    """A stream that never stops."""

    def __init__(self, start: bytes, rest: bytes = b"x") -> None:
        self._start, self._rest = start, rest
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        data = (self._start + self._rest * size)[:size]
        self._start = b""
        self.given += len(data)
        return data


def test_a_long_stream_does_not_fill_the_memory() -> None:
    record = json.dumps({"item": "i" * 50, "result": [{"label": "x"}] * 10}).encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(1 for _ in json_records(Repeated(b"[" + record, b"," + record, b"]", 300_000), file="f"))
    assert count == 300_001
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
    )  # kilobytes, of some 70 million read


class Repeated(io.RawIOBase):
    """A list of many records that is never held as a whole."""

    def __init__(self, first: bytes, one: bytes, last: bytes, count: int) -> None:
        self._parts = iter([first, *[one] * count, last])
        self._held = b""

    def read(self, size: int = -1) -> bytes:
        parts = [self._held]
        length = len(self._held)
        while length < size and (part := next(self._parts, b"")):
            parts.append(part)
            length += len(part)
        data = b"".join(parts)
        self._held = data[size:]
        return data[:size]


def test_records_before_a_broken_one_are_handed_out() -> None:
    seen: list[int] = []
    broken = io.BytesIO(b'{"a":1}\n{"a":2}\n{"a":\n{"a":4}\n')
    with pytest.raises(InputError) as caught:
        seen.extend(number for number, _ in json_records(broken, file="f"))
    assert seen == [1, 2]
    assert caught.value.place is not None
    assert caught.value.place.startswith("record 3, line 3")


@pytest.mark.parametrize("written", ["[]", " [ ] ", "[\n]\n"])
def test_an_empty_list_has_no_records(written: str) -> None:
    assert records(written.encode()) == []


def test_one_object_over_several_lines_is_one_record() -> None:
    assert records(json.dumps({"a": [1, {"b": 2}]}, indent=2).encode()) == [{"a": [1, {"b": 2}]}]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[1, 2", "the file ends before the list does"),
        ("[", "the file ends before the list does"),
        ("[1, 2,", "the file ends before the list does"),
        ('[{"a": 1}, {"a"', "record 2.*the file ends before the list does"),
        ("[1, 2] 3", "something stands behind the list"),
        ("[1]\n[2]\n", "line 2: something stands behind the list"),
        ("[1, 2}", "the wrong bracket"),
        ("[1,]", "record 2"),
        ("[,]", "record 1"),
        ("[1 2]", "record 1.*unexpected content"),
        ('[{"a": 1}{"a": 2}]', "record 1.*unexpected content"),
        ('{"a": 1}{"a": 2}\n', "record 1.*unexpected content"),
        ('{"a": 1},\n{"a": 2}\n', "record 1"),
        ('[{"a": 1]}, 2]', "record 1"),
    ],
)
def test_a_broken_list_is_refused(written: str, said: str) -> None:
    with pytest.raises(InputError, match=f"(?s)^f.json, .*{said}"):
        records(written.encode())


def test_a_document_is_counted_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.annotation.json_structure._BLOCK", 3)
    value = {'a\\"': [":", {'\\\\"': "\\\\\\"}], ":": {"b": '"""'}}
    assert parse_json(json.dumps(value).encode(), file="f") == value
    with pytest.raises(InputError, match="given twice"):
        parse_json(b'{"a": "\\\\\\"", "b": ":", "a": 1}', file="f")
