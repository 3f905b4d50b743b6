"""The one reader of lines: split at LF and CRLF and nowhere else, decoded strictly, in flat memory."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .archives import open_stream
from .errors import InputError, LimitError
from .limits import DEFAULT_LIMITS, MIB, Limits
from .text_encoding import decode_strictly, detect_encoding, refuse_bytes

__all__ = ["decode_strictly", "text_lines"]

_BLOCK = 1 * MIB


def text_lines(
    source: BinaryIO | Path,
    *,
    file: str | None = None,
    encoding: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[tuple[int, str]]:
    """The lines of a stream or file (plain or gzip) with their numbers from 1, without their line ends.

    UTF-8 with or without a byte order mark, UTF-16 with one, or the ``encoding`` that was declared. Raises
    :class:`InputError` for bytes that are no text and for NUL, :class:`LimitError` for a line that is too long.
    """
    if isinstance(source, Path):
        with open_stream(source, limits=limits) as stream:
            yield from _Lines(stream, file or os.fspath(source), encoding, limits).read()
    else:
        yield from _Lines(source, file or "the stream", encoding, limits).read()


class _Lines:
    """Decodes block by block; a line that is not finished waits for the next block."""

    def __init__(self, stream: BinaryIO, file: str, encoding: str | None, limits: Limits) -> None:
        self._stream, self._file, self._limits = stream, file, limits
        self._head = _at_least_four(stream)
        self._encoding, self._mark = detect_encoding(self._head, file=file, declared=encoding)
        self._decoder = codecs.getincrementaldecoder(self._encoding)("strict")
        self._byte = self._mark
        self._line = 0

    def read(self) -> Iterator[tuple[int, str]]:
        waiting = ""
        data = self._head[self._mark :]
        while True:
            *finished, waiting = (waiting + self._decode(data)).split("\n")
            for text in finished:
                self._line += 1
                yield self._line, self._checked(text.removesuffix("\r"))
            if len(waiting) > self._limits.line_characters:
                raise self._too_long()
            data = self._stream.read(_BLOCK)
            if not data:
                break
        waiting += self._decode(b"", final=True)
        if waiting:
            self._line += 1
            yield self._line, self._checked(waiting.removesuffix("\r"))

    def _decode(self, data: bytes, *, final: bool = False) -> str:
        waiting = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            # What the decoder held back from the block before stands at the beginning of the bytes it complains about.
            before = error.object[: error.start].decode(self._encoding, errors="replace")
            raise refuse_bytes(
                error,
                file=self._file,
                encoding=self._encoding,
                line=self._line + 1 + before.count("\n"),
                offset=self._byte - waiting + error.start,
                declarable=True,
            ) from None
        self._byte += len(data)
        return text

    def _checked(self, text: str) -> str:
        if len(text) > self._limits.line_characters:
            raise self._too_long(self._line)
        if "\0" in text:
            hint = "; UTF-16 is read only with its byte order mark" if self._line == 1 else ""
            raise InputError(
                "a line holds a NUL character",
                file=self._file,
                place=f"line {self._line}, character {text.index(chr(0)) + 1}",
                found="the character U+0000",
                expected="text" + hint,
            )
        return text

    def _too_long(self, line: int | None = None) -> LimitError:
        return LimitError(
            "the line is too long",
            file=self._file,
            place=f"line {self._line + 1 if line is None else line}",
            expected=f"at most {self._limits.line_characters} characters",
        )


def _at_least_four(stream: BinaryIO) -> bytes:
    """The first bytes of the stream: enough to see a byte order mark even if they come one by one."""
    head = b""
    while len(head) < 4:
        more = stream.read(_BLOCK)
        if not more:
            break
        head += more
    return head
