from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.terms.clauses import ROUNDINGS
from assay.terms.contract import Contract
from assay.terms.decide import decide
from assay.terms.money import amount_minor, format_money, payable, settle
from assay.terms.verdict import SubjectFigure, Verdict
from tests.terms.evidence import contract_of, share

PRICES = """
payment: {payment}
pricing:
  currency: USD
  lines: [{{per: accepted item, price: "0.4291"}}, {{per: sample label, price: "0.0350"}}]
"""
DELIVERED = {"item": 5000, "label": 15000}
STANDING = {"item": 4620, "label": 13860}
SAMPLE = {"item": 500, "label": 1501}


def contract(payment: str = "batch", more: str = "") -> Contract:
    term = "id: gold, metric: gold_accuracy, scope: overall, floor: 0.90, reject_below: 0.60"
    return contract_of(term, more=PRICES.format(payment=payment) + more)


def verdict(agreed: Contract, right: int, of: int = 200) -> Verdict:
    return decide(agreed, [SubjectFigure("gold", {}, share(right, of))])


@pytest.mark.parametrize(
    ("quantity", "price", "currency", "rounding", "minor"),
    [
        (15, "0.0350", "USD", ROUNDINGS[0], 53),  # 0.525 dollars
        (15, "0.0350", "USD", ROUNDINGS[1], 52),
        (3, "0.0350", "USD", ROUNDINGS[0], 11),  # 0.105
        (3, "0.0350", "USD", ROUNDINGS[1], 10),
        (5000, "870.5", "VND", ROUNDINGS[0], 4_352_500),
        (3, "0.0005", "KWD", ROUNDINGS[0], 2),
        (0, "1", "USD", ROUNDINGS[0], 0),
    ],
)
def test_an_amount_is_rounded_once(
    quantity: int, price: str, currency: str, rounding: str, minor: int
) -> None:
    assert amount_minor(quantity, Decimal(price), currency, rounding) == minor  # type: ignore[arg-type]


@given(st.integers(0, 10**9), st.decimals(0, 1000, places=6))
def test_rounding_moves_an_amount_by_at_most_half_a_minor_unit(quantity: int, price: Decimal) -> None:
    minor = amount_minor(quantity, price, "USD", ROUNDINGS[0])
    assert abs(Decimal(minor) - quantity * price * 100) <= Decimal("0.5")


def test_an_amount_as_people_read_it() -> None:
    assert format_money("USD", 214571) == "USD 2,145.71"
    assert format_money("VND", 4_352_500) == "VND 4,352,500"
    assert format_money("KWD", 1) == "KWD 0.001"


def test_a_line_shows_its_sum() -> None:
    first, second = payable(contract(), 5000, 500, counts={"sample label": 1501})
    assert first.as_json() == {
        "per": "accepted item",
        "quantity": 5000,
        "price": "0.4291",
        "amount_minor": 214550,
        "text": "5,000 accepted items at USD 0.4291: USD 2,145.50",
    }
    assert second.amount_minor == 5254  # 52.535 dollars, half away from zero


def test_a_price_of_something_uncounted_is_refused() -> None:
    with pytest.raises(ValueError, match="sample label"):
        payable(contract(), 5000, 500)


def test_an_accepted_batch_is_paid_whole() -> None:
    agreed = contract()
    settled = settle(agreed, verdict(agreed, 195), delivered=DELIVERED, standing=DELIVERED, sample=SAMPLE)
    assert settled is not None
    assert (settled.payable_minor, settled.held_minor) == (214550 + 5254, 0)


def test_rework_is_held_by_batch_and_paid_in_part_by_part() -> None:
    agreed = contract()
    held = settle(agreed, verdict(agreed, 170), delivered=DELIVERED, standing=STANDING, sample=SAMPLE)
    agreed = contract("part")
    part = settle(agreed, verdict(agreed, 170), delivered=DELIVERED, standing=STANDING, sample=SAMPLE)
    assert held is not None
    assert part is not None
    assert (held.payable_minor, held.held_minor) == (0, 214550 + 5254)
    assert (part.payable_minor, part.held_minor) == (198244 + 5254, 214550 - 198244)


def test_a_rejected_batch_pays_and_holds_nothing() -> None:
    agreed = contract()
    settled = settle(agreed, verdict(agreed, 80), delivered=DELIVERED, standing={}, sample=SAMPLE)
    assert settled is not None
    assert (settled.payable_minor, settled.held_minor, settled.lines) == (0, 0, ())


def test_missing_evidence_is_paid_or_held_by_who_lacks_it() -> None:
    buyer_pays = contract()
    buyer_holds = contract(more="not_provable: {lack_of: {buyer: hold until supplied}}\n")
    for agreed, paid in ((buyer_pays, True), (buyer_holds, False)):
        settled = settle(
            agreed, verdict(agreed, 9, 10), delivered=DELIVERED, standing=DELIVERED, sample=SAMPLE
        )
        assert settled is not None
        assert (settled.payable_minor > 0) is paid
        assert (settled.held_minor > 0) is not paid


def test_without_prices_nothing_is_settled() -> None:
    agreed = contract_of("id: gold, metric: gold_accuracy, scope: overall, floor: 0.90")
    assert (
        settle(agreed, verdict(agreed, 195), delivered=DELIVERED, standing=DELIVERED, sample=SAMPLE) is None
    )
