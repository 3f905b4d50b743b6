"""The one reader of numbers: digits, one point, one minus sign, and nothing that a machine would have to guess."""

from __future__ import annotations

import re
from decimal import Decimal

from .errors import InputError
from .place import NOWHERE, Place, shown

__all__ = ["MAXIMUM_DIGITS", "Place", "check_range", "parse_decimal", "parse_integer", "parse_share"]

MAXIMUM_DIGITS = 30
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]+")
_ONE = Decimal(1)


def parse_decimal(text: str, *, where: Place | None = None) -> Decimal:
    """The exact number that ``text`` writes, of at most 30 digits. Raises :class:`InputError`.

    >>> parse_decimal("0.0350")
    Decimal('0.0350')
    """
    return _number(text, _DECIMAL, where or NOWHERE, "a number such as 12 or 0.85")


def parse_integer(text: str, *, where: Place | None = None) -> int:
    """The whole number that ``text`` writes, of at most 30 digits. Raises :class:`InputError`.

    >>> parse_integer("-12")
    -12
    """
    return int(_number(text, _INTEGER, where or NOWHERE, "a whole number such as 12"))


def parse_share(text: str, *, where: Place | None = None) -> Decimal:
    """A share between 0 and 1, written as such or in per cent. Raises :class:`InputError`.

    >>> parse_share("10%"), parse_share("0.1")
    (Decimal('0.10'), Decimal('0.1'))
    """
    place = where or NOWHERE
    expected = "a share such as 10% or 0.1, between 0 and 1"
    percent = text.endswith("%")
    number = _number(text[:-1] if percent else text, _DECIMAL, place, expected, written=text)
    share = number.scaleb(-2) if percent else number
    if not 0 <= share <= _ONE:
        hint = f"; {text} in a hundred is written {text}%" if not percent and 1 < number <= 100 else ""
        raise place.refuse("this is not a share", found=shown(text), expected=expected + hint)
    return share


def _number(
    text: str, pattern: re.Pattern[str], place: Place, expected: str, *, written: str | None = None
) -> Decimal:
    if not pattern.fullmatch(text):
        found = shown(text if written is None else written)
        raise place.refuse("this is not a number", found=found, expected=expected + _hint(text))
    digits = len(text) - text.startswith("-") - ("." in text)
    if digits > MAXIMUM_DIGITS:
        raise place.refuse(
            "the number is too long", found=f"{digits} digits", expected=f"at most {MAXIMUM_DIGITS} digits"
        )
    number = Decimal(text)
    return number if number else abs(number)  # minus zero is zero


def _hint(text: str) -> str:
    if text != text.strip():
        return ", without blanks around it"
    if re.fullmatch(r"-?[0-9]+,[0-9]+", text):
        return ", with a point and not a comma"
    if re.fullmatch(r"-?[0-9.]+[eE][-+]?[0-9]+", text):
        return ", without an exponent"
    return ""


def check_range(
    number: Decimal | int, *, low: Decimal | int | None, high: Decimal | int | None, where: Place
) -> InputError | None:
    """The refusal of a number outside ``low``-``high`` (both included), or None when it lies inside."""
    if (low is None or number >= low) and (high is None or number <= high):
        return None
    if low is not None and high is not None:
        expected = f"a number from {low} to {high}"
    elif low is not None:
        expected = f"a number of at least {low}"
    else:
        expected = f"a number of at most {high}"
    return where.refuse("the number is out of range", found=str(number), expected=expected)
