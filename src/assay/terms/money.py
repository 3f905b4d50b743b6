"""Money: exact unit prices, amounts in whole minor units, rounded once per invoice line by the contract's rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Final

from .clauses import Pricing, Rounding
from .document import Contract
from .verdict import Outcome, Verdict

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_WITHOUT_MINOR: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"}
    | {"XAF", "XOF", "XPF"}
)
_THOUSANDTHS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_ROUNDING: Final[dict[Rounding, str]] = {
    "once per line, half away from zero": ROUND_HALF_UP,
    "once per line, half to even": ROUND_HALF_EVEN,
}


@dataclass(frozen=True)
class InvoiceLine:
    """A quantity at an exact price; ``amount_minor`` is rounded, ``text`` shows how."""

    per: str
    quantity: int
    price: Decimal
    amount_minor: int
    text: str

    def as_json(self) -> dict[str, object]:
        """The line as it stands in ``report.json``."""
        return {
            "per": self.per,
            "quantity": self.quantity,
            "price": f"{self.price:f}",
            "amount_minor": self.amount_minor,
            "text": self.text,
        }


@dataclass(frozen=True)
class Settlement:
    """What a verdict pays now and what it holds back; ``lines`` add up to what is payable, else to what is held."""

    currency: str
    payable_minor: int
    held_minor: int
    lines: tuple[InvoiceLine, ...]

    def as_json(self) -> dict[str, object]:
        """The settlement as it stands in ``report.json``."""
        return {
            "currency": self.currency,
            "payable_minor": self.payable_minor,
            "held_minor": self.held_minor,
            "lines": [line.as_json() for line in self.lines],
        }


def is_currency(text: str) -> bool:
    """Whether a text looks like a currency of ISO 4217."""
    return _CURRENCY.fullmatch(text) is not None


def minor_digits(currency: str) -> int:
    """How many digits of the amount are minor units: 2 for USD, 0 for VND."""
    if currency in _WITHOUT_MINOR:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


def format_money(currency: str, minor: int) -> str:
    """An amount as people read it.

    >>> format_money("USD", 214571), format_money("VND", 5000), format_money("USD", -5)
    ('USD 2,145.71', 'VND 5,000', 'USD -0.05')
    """
    digits = minor_digits(currency)
    whole, part = divmod(abs(minor), 10**digits)
    return f"{currency} {'-' if minor < 0 else ''}{whole:,}" + (f".{part:0{digits}d}" if digits else "")


def amount_minor(quantity: int, price: Decimal, currency: str, rounding: Rounding) -> int:
    """Quantity times price in minor units, rounded once.

    >>> amount_minor(15, Decimal("0.0350"), "USD", "once per line, half away from zero")
    53
    """
    with localcontext(prec=60):
        exact = (quantity * price).scaleb(minor_digits(currency))
        return int(exact.quantize(Decimal(1), rounding=_ROUNDING[rounding]))


def invoice_line(pricing: Pricing, per: str, quantity: int, price: Decimal) -> InvoiceLine:
    """One line with its amount and the sentence that shows the sum."""
    amount = amount_minor(quantity, price, pricing.currency, pricing.rounding)
    units = per if quantity == 1 else f"{per}s"
    text = f"{quantity:,} {units} at {pricing.currency} {price:f}: {format_money(pricing.currency, amount)}"
    return InvoiceLine(per, quantity, price, amount, text)


def payable(
    contract: Contract, accepted_items: int, sample_items: int = 0, *, counts: Mapping[str, int] | None = None
) -> list[InvoiceLine]:
    """The lines of an invoice. ``counts`` holds quantities of other units: ``{"accepted label": 15000}``.

    Raises ValueError when the contract prices a unit whose quantity is not given. No pricing, no lines.
    """
    if contract.pricing is None:
        return []
    quantities = {"accepted item": accepted_items, "sample item": sample_items, "relabelled item": 0}
    quantities.update(counts or {})
    missing = [line.per for line in contract.pricing.lines if line.per not in quantities]
    if missing:
        raise ValueError("no quantity is known for the price per " + ", ".join(missing))
    lines = (
        invoice_line(contract.pricing, line.per, quantities[line.per], line.price)
        for line in contract.pricing.lines
    )
    return [line for line in lines if line.quantity]


def settle(
    contract: Contract,
    verdict: Verdict,
    *,
    delivered: Mapping[str, int],
    standing: Mapping[str, int],
    sample: Mapping[str, int],
) -> Settlement | None:
    """What is paid now and what is held, None without pricing. Quantities are by unit: ``{"item": 5000}``.

    ``delivered`` is the whole batch, ``standing`` the part of it that nobody has to redo. A contract that pays by
    batch pays all of an accepted one and nothing of another; one that pays by part pays what stands.
    """
    if contract.pricing is None:
        return None
    everything = _lines(contract, delivered, sample)
    total = sum(line.amount_minor for line in everything)
    if _is_paid(contract, verdict):
        return Settlement(contract.pricing.currency, total, 0, tuple(everything))
    if contract.payment == "part" and verdict.outcome == "rework":
        part = _lines(contract, standing, sample)
        paid = sum(line.amount_minor for line in part)
        return Settlement(contract.pricing.currency, paid, total - paid, tuple(part))
    held = 0 if verdict.outcome == "reject" else total
    return Settlement(contract.pricing.currency, 0, held, tuple(everything) if held else ())


def _lines(contract: Contract, accepted: Mapping[str, int], sample: Mapping[str, int]) -> list[InvoiceLine]:
    counts = {f"accepted {unit}": count for unit, count in accepted.items()}
    counts.update({f"sample {unit}": count for unit, count in sample.items()})
    return payable(contract, accepted.get("item", 0), sample.get("item", 0), counts=counts)


def _is_paid(contract: Contract, verdict: Verdict) -> bool:
    outcome: Outcome = verdict.outcome
    if outcome == "not provable":
        lack = {need.from_whom for need in verdict.needs}
        return all(getattr(contract.not_provable, party) == "pay and list" for party in lack)
    return outcome == "accept"
