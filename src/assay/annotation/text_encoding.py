"""Bytes to text, strictly: UTF-8 unless a byte order mark or a declaration says otherwise, and never a guess."""

from __future__ import annotations

import codecs

from .errors import InputError

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_CUT_OFF = ("unexpected end of data", "truncated data", "incomplete multibyte sequence")

#: The encodings that a delivery may declare; all others are refused by name.
DECLARABLE = frozenset(
    {
        "utf-8", "utf-16", "ascii", "iso8859-1", "iso8859-2", "iso8859-15", "cp1250", "cp1251", "cp1252", "cp1254",
        "cp1258", "cp874", "cp932", "cp949", "koi8-r", "shift_jis", "euc_jp", "euc_kr", "gb18030", "big5", "tis-620",
    }
)  # fmt: skip


def detect_encoding(head: bytes, *, file: str, declared: str | None = None) -> tuple[str, int]:
    """The encoding of a text that begins with ``head``, and the length of its byte order mark.

    Raises :class:`InputError` for an encoding that cannot be declared, for UTF-32, for UTF-16 without a mark and
    for a mark that contradicts the declaration.
    """
    wanted = None if declared is None else _known(declared, file)
    mark, marked = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", None))
    if marked == "utf-32":
        raise InputError(
            "UTF-32 is not read", file=file, found="the byte order mark of UTF-32", expected="UTF-8"
        )
    if marked is None:
        if wanted == "utf-16":
            raise InputError(
                "UTF-16 is read only with its byte order mark",
                file=file,
                found=head[:2].hex(" ") or "an empty file",
            )
        return wanted or "utf-8", 0
    if wanted not in (None, marked, marked[:6]):
        raise InputError(
            "the byte order mark contradicts the declared encoding",
            file=file,
            found=f"the mark of {marked.upper()}",
            expected=str(wanted).upper(),
        )
    return marked, len(mark)


def decode_strictly(data: bytes, *, file: str, encoding: str | None = None) -> str:
    """The text of ``data`` without its byte order mark.

    Raises :class:`InputError` with line and byte where the bytes are not text in the encoding.
    """
    name, mark = detect_encoding(data, file=file, declared=encoding)
    try:
        return data[mark:].decode(name)
    except UnicodeDecodeError as error:
        before = data[mark : mark + error.start].decode(name, errors="replace")
        raise refuse_bytes(
            error, file=file, encoding=name, line=before.count("\n") + 1, offset=mark + error.start
        ) from None


def refuse_bytes(
    error: UnicodeDecodeError, *, file: str, encoding: str, line: int, offset: int, declarable: bool = False
) -> InputError:
    """The refusal of bytes that are no text; ``offset`` counts bytes of the unpacked file from 0.

    ``declarable`` says that the encoding of this kind of file may be declared.
    """
    found = error.object[error.start : error.start + 4].hex(" ")
    hint = ""
    if encoding == "utf-8" and declarable:
        hint = "; a file in another encoding is saved as UTF-8 or declared, for example `encoding: cp1252`"
    return InputError(
        f"these bytes are not {encoding.upper()}",
        file=file,
        place=f"line {line}, byte {offset}",
        found=f"bytes {found}" + (" and the end of the file" if error.reason in _CUT_OFF else ""),
        expected=f"text in {encoding.upper()}{hint}",
    )


def _known(declared: str, file: str) -> str:
    try:
        name = codecs.lookup(declared).name if declared.isascii() and declared.isprintable() else ""
    except (LookupError, ValueError):
        name = ""
    if name not in DECLARABLE:
        raise InputError(
            "this encoding cannot be declared",
            file=file,
            found=ascii(declared[:40]),
            expected="one of " + ", ".join(sorted(DECLARABLE)),
        )
    return name
