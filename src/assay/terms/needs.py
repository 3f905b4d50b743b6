"""What is missing where a term cannot decide: which evidence, how much, from whom, by when, at what cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from assay.measure.figure import Figure

from .document import Contract
from .money import amount_minor, format_money
from .term import Term
from .verdict import Need, NeedContext
from .wording import date_text, pooled_text, subject_name

_MOST_POSITIVES: Final = 1_000_000
_MINUTES_OF_AN_HOUR: Final = 60


@dataclass(frozen=True)
class Lack:
    """Why evidence does not suffice: how many positives the decision takes and how many there are.

    ``reason`` is set where no number of positives of this kind is known to help.
    """

    wanted: int
    there: int
    reason: str | None = None

    @property
    def missing(self) -> int:
        """Positives that are still to come, at least one."""
        return max(1, min(self.wanted - self.there, _MOST_POSITIVES))


def positives_for(positives: int, half_width: Decimal, allowed: Decimal, *, widening: float = 1.0) -> int:
    """Positives at which an interval's lower half would be as short as ``allowed``: it shrinks with their root."""
    if positives < 1 or allowed <= 0:
        return _MOST_POSITIVES
    factor = float(half_width / allowed) * widening
    return min(_MOST_POSITIVES, math.ceil(positives * factor * factor))


def need_of(
    contract: Contract,
    term: Term,
    subject: Mapping[str, str],
    lack: Lack,
    *,
    context: NeedContext | None,
    pooled_batches: int,
    delivered: date | None,
) -> Need:
    """The need that the row of a subject states."""
    giver: Literal["buyer", "vendor"] = "vendor" if term.measure.source == "agreement" else "buyer"
    things = _things(contract, term, subject)
    items = _items(term, lack.missing, context)
    due = (
        None
        if delivered is None
        else contract.calendar.deadline(delivered, contract.not_provable.supply_within)
    )
    if lack.reason is None:
        what = f"{lack.wanted:,} {things}; there are {lack.there:,}{pooled_text(pooled_batches)}"
    else:
        what = f"{things} that make the figure exist: {lack.reason}"
    return Need(
        what=what,
        positives=lack.missing,
        items=items,
        from_whom=giver,
        by=due,
        cost=_cost(contract, term, items),
        sentence=_sentence(things, lack, items, giver, due, context),
    )


def need_of_manifest(contract: Contract, delivered: date | None) -> Need:
    """The need of a count of items that nobody listed."""
    return _whole(
        contract,
        "the list of all items of the batch (an item manifest)",
        "buyer",
        delivered,
        "nothing beyond the list",
    )


def need_of_subjects(contract: Contract, term: Term, delivered: date | None) -> Need:
    """The need of a term that met no subject at all."""
    scope = term.scope
    if scope.kind == "annotator" and scope.subject is None:
        what = "the name or pseudonym of the annotator on every label"
        return _whole(contract, what, "vendor", delivered, None)
    if scope.kind == "slice":
        what = f"a column {scope.of} in the item manifest" if scope.of else "slices in the item manifest"
        if scope.subject is not None:
            what = f"items whose {scope.of} is {scope.subject}"
        return _whole(contract, what, "buyer", delivered, None)
    if scope.subject is None and scope.kind != "overall":
        if term.measure.source == "gold":
            return _whole(contract, "gold items of every class", "buyer", delivered, None)
        what = "items of every class, each labelled by several people"
        return _whole(contract, what, "vendor", delivered, None)
    lack = Lack(contract.measurement.evidence.minimum_positives, 0)
    subject: dict[str, str] = {} if scope.subject is None else {scope.kind: scope.subject}
    return need_of(contract, term, subject, lack, context=None, pooled_batches=1, delivered=delivered)


def _whole(
    contract: Contract,
    what: str,
    giver: Literal["buyer", "vendor"],
    delivered: date | None,
    cost: str | None,
) -> Need:
    due = (
        None
        if delivered is None
        else contract.calendar.deadline(delivered, contract.not_provable.supply_within)
    )
    by = "" if due is None else f", by {date_text(due)}"
    sentence = f"{what[:1].upper()}{what[1:]}, from the {giver}{by}."
    return Need(what, 0, None, giver, due, cost, sentence)


def _sentence(
    things: str,
    lack: Lack,
    items: int | None,
    giver: str,
    due: date | None,
    context: NeedContext | None,
) -> str:
    more = "about " if lack.wanted - lack.there >= _MOST_POSITIVES else ""
    by = "" if due is None else f", by {date_text(due)}"
    counted = things.replace("items", "item", 1) if lack.missing == 1 else things
    head = f"{more}{lack.missing:,} more {counted}, from the {giver}{by}"
    if lack.reason is not None:
        head = f"{things}, from the {giver}{by}"
    drawn = f", drawn {context.drawn}" if context is not None and context.drawn else ""
    tail = (
        f": about {items:,} {'item' if items == 1 else 'items'} to label{drawn}" if items is not None else ""
    )
    return f"{head[:1].upper()}{head[1:]}{tail}."


def _things(contract: Contract, term: Term, subject: Mapping[str, str]) -> str:
    kind = term.scope.kind
    name = "" if kind == "overall" else subject_name(term.scope, subject)
    if term.measure.source == "agreement":
        sample = contract.measurement.sample
        votes = (
            f"labelled by {sample.annotators_per_item} people each"
            if sample
            else "labelled by several people"
        )
        chosen = {"class": f" that somebody called {name}", "slice": f" of {name}"}.get(kind, "")
        return f"items{chosen}, {votes}"
    return (
        "gold items"
        + {
            "overall": "",
            "class": f" delivered as {name}" if term.metric == "gold_precision" else f" of {name}",
            "annotator": f" labelled by {name}",
            "slice": f" of {name}",
        }[kind]
    )


def _items(term: Term, missing: int, context: NeedContext | None) -> int | None:
    share = context.share if context is not None else None
    if share is None:
        return missing if term.scope.kind == "overall" else None
    return math.ceil(missing / share) if share > 0 else None


def _cost(contract: Contract, term: Term, items: int | None) -> str | None:
    if items is None:
        return None
    if term.measure.source == "agreement":
        return _cost_of_votes(contract, items)
    makers, minutes = contract.gold.makers, contract.gold.minutes
    people = "one maker" if makers == 1 else f"{makers} makers"
    return f"{_time_text(items * makers * minutes)} in all for {people}; nothing to the vendor"


def _cost_of_votes(contract: Contract, items: int) -> str:
    sample = contract.measurement.sample
    votes = items * (sample.annotators_per_item if sample else 1)
    for line in contract.pricing.lines if contract.pricing else ():
        quantity = {"sample item": items, "sample label": votes}.get(line.per)
        if quantity is not None and contract.pricing is not None:
            pricing = contract.pricing
            minor = amount_minor(quantity, line.price, pricing.currency, pricing.rounding)
            return f"{format_money(pricing.currency, minor)} for {votes:,} labels"
    return f"{votes:,} labels; the contract sets no price for them"


def _time_text(minutes: Decimal) -> str:
    if minutes < _MINUTES_OF_AN_HOUR:
        return f"about {max(1, math.ceil(minutes))} minutes"
    hours = Decimal(math.ceil(minutes / 6)) / 10
    text = f"{hours.quantize(Decimal(1)) if hours == hours.to_integral_value() else hours:,}"
    return f"about {text} {'hour' if hours == 1 else 'hours'}"


def lack_of_positives(contract: Contract, figure: Figure) -> Lack:
    """Too few positives for the contract's minimum."""
    return Lack(contract.measurement.evidence.minimum_positives, figure.positives)
