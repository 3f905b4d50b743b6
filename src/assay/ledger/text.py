"""Reading the small text formats strictly: one byte form for each number, hash and line."""

from __future__ import annotations

import base64
import binascii
import re

from .problem import LedgerError, shown
from .tree import HASH_BYTES

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


def number(text: str, what: str) -> int:
    """A whole number in decimal digits, without leading zeros."""
    if not _NUMBER.fullmatch(text):
        raise LedgerError(f"the {what} is no number", found=shown(text), expected="digits, no leading zero")
    return int(text)


def to_base64(data: bytes) -> str:
    """Bytes in the standard base64 alphabet."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str, what: str) -> bytes:
    """Bytes from standard base64 with its padding; another text for the same bytes is refused."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or to_base64(data) != text:
        raise LedgerError(f"the {what} is not base64", found=shown(text), expected="base64 of RFC 4648")
    return data


def hash_of(text: str, what: str) -> bytes:
    """A SHA-256 hash in base64."""
    data = from_base64(text, what)
    if len(data) != HASH_BYTES:
        raise LedgerError(f"the {what} is no hash", found=f"{len(data)} bytes", expected="32 bytes in base64")
    return data


def text_of(data: bytes, what: str) -> str:
    """UTF-8 text without control characters other than the newline."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LedgerError(f"the {what} is not UTF-8", place=f"byte {error.start}") from None
    at = next((i for i, character in enumerate(text) if character < " " and character != "\n"), None)
    if at is not None:
        raise LedgerError(
            f"a control character in the {what}", place=f"character {at}", found=shown(text[at])
        )
    return text
