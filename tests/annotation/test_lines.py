"""Lines end at LF and CRLF, bytes are the text they claim to be, and a long line does not fill the memory."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation import lines
from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import Limits
from assay.annotation.lines import decode_strictly, text_lines
from assay.annotation.text_encoding import DECLARABLE

_LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=20)


def read(data: bytes, **options: str) -> list[tuple[int, str]]:
    return list(text_lines(io.BytesIO(data), file="f.csv", **options))  # type: ignore[arg-type]


def refusal(data: bytes, **options: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(data, **options)
    assert caught.value.file == "f.csv"
    return caught.value


@given(
    st.lists(_LINE.filter(lambda line: not line.startswith("\ufeff"))),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_lines_come_back_as_they_were_written(written: list[str], ending: str, encoding: str) -> None:
    text = "".join(line + ending for line in written)
    assert read(text.encode(encoding)) == list(enumerate(written, 1))
    assert read((text + "last").encode(encoding)) == list(enumerate([*written, "last"], 1))


@given(st.lists(_LINE, min_size=1), st.integers(1, 9), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_it_does_not_matter_how_the_bytes_arrive(written: list[str], size: int, encoding: str) -> None:
    data = "\r\n".join(written).encode(encoding)

    class Dribble(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            return super().read(size)

    assert list(text_lines(Dribble(data), file="f")) == read(data)


def test_lines_are_split_nowhere_else() -> None:
    odd = "a\rb\x0bc\x0cd\x1ce\x85f\u2028g\u2029h"
    assert read((odd + "\n" + odd).encode()) == [(1, odd), (2, odd)]
    assert read(b"a\r\r\nb\n\n\r\n") == [(1, "a\r"), (2, "b"), (3, ""), (4, "")]
    assert read(b"") == []
    assert read(b"\n") == [(1, "")]


@pytest.mark.parametrize(
    ("data", "place", "found"),
    [
        (b"a\nb\ncaf\xe9,x\n", "line 3, byte 7", "bytes e9 2c 78 0a"),
        (b"\xef\xbb\xbfa\n\xff", "line 2, byte 5", "bytes ff"),
        (b"a\n\xc3", "line 2, byte 2", "bytes c3 and the end of the file"),
        (b"\xed\xa0\x80", "line 1, byte 0", "bytes ed a0 80"),
        (b"\xc0\xaf", "line 1, byte 0", "bytes c0 af"),
        ("a\nb".encode("utf-16")[:-1], "line 2, byte 6", "bytes 62 and the end of the file"),
        (b"\xff\xfea\x00\x00\xd8b\x00", "line 1, byte 4", "bytes 00 d8 62 00"),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_line_and_byte(data: bytes, place: str, found: str) -> None:
    error = refusal(data)
    assert error.place == place
    assert error.found == found


def test_the_place_is_right_in_a_later_block_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_BLOCK", 7)
    for count in range(20):
        data = "é\nab\n".encode() * count + b"\xc3\xa9\xc3("
        error = refusal(data)
        assert error.place == f"line {2 * count + 1}, byte {6 * count + 2}"


def test_a_declared_encoding_is_followed() -> None:
    assert read("café\n".encode("cp1252"), encoding="cp1252") == [(1, "café")]
    assert read("nhãn ê".encode("utf-16"), encoding="utf-16") == [(1, "nhãn ê")]
    assert read("ラベル\n二".encode("cp932"), encoding="Shift_JIS") == [(1, "ラベル"), (2, "二")]
    assert refusal(b"a\x81b", encoding="cp1252").place == "line 1, byte 1"
    assert refusal("a\nラ".encode("shift_jis")[:-1], encoding="shift_jis").place == "line 2, byte 2"


def test_an_encoding_that_cannot_be_declared_is_refused() -> None:
    for name in ("utf-7", "unicode_escape", "idna", "rot13", "zlib", "nonsense", "", "a\0b", "é"):
        assert "this encoding cannot be declared" in str(refusal(b"a", encoding=name))
    assert "the byte order mark contradicts" in str(refusal("a".encode("utf-16"), encoding="cp1252"))
    assert "the byte order mark contradicts" in str(refusal("a".encode("utf-8-sig"), encoding="utf-16"))
    assert "only with its byte order mark" in str(refusal(b"a\x00", encoding="utf-16"))
    assert "UTF-32" in str(refusal("a".encode("utf-32")))


@given(st.binary(max_size=60), st.sampled_from([None, *sorted(DECLARABLE)]))
def test_arbitrary_bytes_are_read_or_refused(data: bytes, encoding: str | None) -> None:
    def refused(call: Callable[[], object]) -> InputError | None:
        try:
            call()
        except InputError as error:
            return error
        return None

    error = refused(lambda: decode_strictly(data, file="f", encoding=encoding))
    assert error is None or error.file == "f"
    streamed = refused(lambda: list(text_lines(io.BytesIO(data), file="f", encoding=encoding)))
    assert (streamed is None) == (
        error is None and "\0" not in decode_strictly(data, file="f", encoding=encoding)
    )
    if error is not None and streamed is not None and error.place and "NUL" not in str(streamed):
        assert streamed.place == error.place


def test_a_nul_is_refused_and_a_missing_mark_guessed_at_in_words_only() -> None:
    error = refusal("item\n".encode("utf-16-le"))
    assert error.place == "line 1, character 2"
    assert "UTF-16 is read only with its byte order mark" in str(error)
    assert refusal(b"a\nb\0").place == "line 2, character 2"


def test_a_long_line_is_refused_before_it_fills_the_memory() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(LimitError, match="f, line 1: the line is too long"):
        list(text_lines(endless, file="f", limits=Limits(line_characters=3 << 20)))  # type: ignore[arg-type]
    assert endless.given <= 5 << 20
    with pytest.raises(LimitError, match="line 2: the line is too long"):
        list(text_lines(io.BytesIO(b"ab\nabc\n"), file="f", limits=Limits(line_characters=2)))


def test_a_path_is_read_plain_or_packed(tmp_path: Path) -> None:
    for name, data in (("a.csv", b"a\nb\n"), ("a.csv.gz", gzip.compress(b"a\nb\n"))):
        (tmp_path / name).write_bytes(data)
        assert list(text_lines(tmp_path / name)) == [(1, "a"), (2, "b")]
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a\nb\n")[:-9])
    with pytest.raises(InputError, match=r"a\.csv\.gz"):
        list(text_lines(tmp_path / "a.csv.gz"))
