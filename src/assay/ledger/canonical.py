"""The one byte form of JSON that Assay writes into a ledger, and the reader that accepts no other.

Keys sorted, no blanks, every character outside printable ASCII escaped, numbers whole and within ±(2⁵³ − 1); a number
that is not whole is a decimal text. Two documents that mean the same therefore have the same bytes, or one is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Never

from .problem import LedgerError, shown

Value = None | bool | int | str | list["Value"] | dict[str, "Value"]

LARGEST = 2**53 - 1
_DEPTH = 16
_SURROGATE = re.compile(rb"\\ud[89a-f]")


def canonical(value: object) -> bytes:
    r"""The bytes of a document. Raises :class:`LedgerError` for a float, a huge number, a lone surrogate or a NUL.

    >>> canonical({"b": 1, "a": ["é", True]})
    b'{"a":["\\u00e9",true],"b":1}'
    """
    _check(value, _DEPTH)
    return _written(value)


def read_canonical(data: bytes) -> dict[str, object]:
    """The document of these bytes. Raises :class:`LedgerError` when it is no object in exactly this byte form."""
    try:
        value = _DECODER.decode(data.decode("ascii"))
        same = _written(value) == data
    except LedgerError:
        raise
    except (ValueError, RecursionError) as error:
        reason = "too deep" if isinstance(error, RecursionError) else str(error)
        raise LedgerError("this is not JSON", found=reason) from None
    if type(value) is not dict:
        raise LedgerError("this is not a JSON object", found=shown(data), expected="{…}")
    if not same:
        raise _other_form(data, _written(value))
    if b"\\u0000" in data or _SURROGATE.search(data):
        _check(value, _DEPTH)
    return value


def read_json(data: bytes) -> dict[str, object]:
    """A JSON object in any byte form. Raises :class:`LedgerError` for anything else, and for a key given twice."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_float)
    except LedgerError:
        raise
    except (ValueError, RecursionError) as error:
        reason = "too deep" if isinstance(error, RecursionError) else str(error)
        raise LedgerError("this is not JSON", found=reason) from None
    if type(value) is not dict:
        raise LedgerError("this is not a JSON object", found=shown(data), expected="{…}")
    return value


def _written(value: object) -> bytes:
    return _ENCODER.encode(value).encode("ascii")


def _check(value: object, depth: int) -> None:
    if depth < 0:
        raise LedgerError("the document is too deep", expected=f"at most {_DEPTH} levels")
    if isinstance(value, Mapping):
        for key, one in value.items():
            if type(key) is not str or not key.isascii():
                raise LedgerError("a key is not plain ASCII text", found=shown(str(key)))
            _check(one, depth - 1)
    elif isinstance(value, list | tuple):
        for one in value:
            _check(one, depth - 1)
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float) or (isinstance(value, int) and not -LARGEST <= value <= LARGEST):
        raise LedgerError(
            "a number that cannot be written exactly everywhere", found=str(value)[:40],
            expected=f"whole numbers up to {LARGEST}, or a decimal as text",
        )  # fmt: skip
    elif value is not None and not isinstance(value, bool | int):
        raise LedgerError("this cannot be written as JSON", found=type(value).__name__)


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise LedgerError("a text with a NUL or half a surrogate pair", found=shown(text))


def _no_float(text: str) -> Never:
    raise LedgerError(
        "a number that is not whole", found=shown(text), expected="whole numbers, or a decimal as text"
    )


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise LedgerError("a key is given twice", found=shown(twice), expected="each key once")
    return found


def _other_form(data: bytes, expected: bytes) -> LedgerError:
    """Why bytes are not those that Assay would have written: a key given twice, or another spelling."""
    try:
        json.loads(data.decode("ascii"), object_pairs_hook=_once)
    except LedgerError as error:
        return error
    at = next((i for i, (a, b) in enumerate(zip(data, expected, strict=False)) if a != b), len(expected))
    return LedgerError(
        "the same meaning in other bytes", place=f"byte {at}", found=shown(data[at : at + 24]),
        expected=f"{shown(expected[at : at + 24])}: sorted keys, no blanks, ASCII",
    )  # fmt: skip


_DECODER = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
