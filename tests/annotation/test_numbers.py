"""Numbers are read exactly or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.annotation.numbers import Place, check_range, parse_decimal, parse_integer, parse_share

_WRITTEN = st.from_regex(r"-?[0-9]{1,14}(\.[0-9]{1,14})?", fullmatch=True, alphabet="-.0123456789")


@given(_WRITTEN)
def test_a_number_is_exactly_what_was_written(text: str) -> None:
    number = parse_decimal(text)
    assert number == Decimal(text)
    assert parse_decimal(f"{number:f}") == number


@given(st.text(max_size=40))
def test_arbitrary_text_is_a_number_or_refused(text: str) -> None:
    for read in (parse_decimal, parse_integer, parse_share):
        try:
            number = read(text)
        except InputError:
            continue
        assert text.isascii()
        assert text.strip("-.%0123456789") == ""
        assert Decimal(number).is_finite()


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", ".5", "5.", "+1", "1e3", "1E-400", "NaN", "nan", "Infinity", "-inf", "0x10", "1_000", "1,5", "1 000",
     " 1", "1 ", "1\n", "١٢", "１", "½", "--1", "1.2.3", "1\0", "true"],
)  # fmt: skip
def test_what_a_machine_would_guess_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_decimal(text)
    with pytest.raises(InputError):
        parse_integer(text)
    with pytest.raises(InputError):
        parse_share(text)


def test_thirty_digits_are_read_and_one_more_is_refused() -> None:
    assert parse_decimal("-0." + "1" * 29) == Decimal("-0." + "1" * 29)
    assert parse_integer("9" * 30) == int("9" * 30)
    for text in ("9" * 31, "0." + "0" * 30, "1" * 1_000_000):
        with pytest.raises(InputError, match="the number is too long"):
            parse_decimal(text)


def test_minus_zero_is_zero() -> None:
    assert str(parse_decimal("-0.00")) == "0.00"
    assert parse_integer("-0") == 0


def test_a_whole_number_has_no_point() -> None:
    assert parse_integer("007") == 7
    with pytest.raises(InputError, match="expected: a whole number such as 12"):
        parse_integer("7.0")


@pytest.mark.parametrize(
    ("text", "share"),
    [("10%", "0.1"), ("0.1", "0.1"), ("100%", "1"), ("0", "0"), ("1", "1"), ("0.5%", "0.005")],
)
def test_a_share_is_exact(text: str, share: str) -> None:
    assert parse_share(text) == Decimal(share)


@pytest.mark.parametrize("text", ["101%", "-1%", "1.01", "10", "%", "10%%", "10 %", "1e1%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_share(text)


def test_a_refusal_helps() -> None:
    where = Place("contract.yaml", "line 3, key price")
    with pytest.raises(InputError) as caught:
        parse_decimal("0,35", where=where)
    assert str(caught.value) == (
        "contract.yaml, line 3, key price: this is not a number\n"
        "  found:    '0,35'\n"
        "  expected: a number such as 12 or 0.85, with a point and not a comma"
    )
    with pytest.raises(InputError, match="10 in a hundred is written 10%"):
        parse_share("10")
    with pytest.raises(InputError, match="without blanks"):
        parse_decimal(" 1")
    with pytest.raises(InputError, match="without an exponent"):
        parse_decimal("1e5")


def test_a_range_includes_its_ends() -> None:
    where = Place("f")
    assert check_range(1, low=1, high=1, where=where) is None
    assert check_range(Decimal("1.01"), low=None, high=1, where=where) is not None
    assert "from 2 to 3" in str(check_range(1, low=2, high=3, where=where))
    assert "at least 2" in str(check_range(1, low=2, high=None, where=where))
