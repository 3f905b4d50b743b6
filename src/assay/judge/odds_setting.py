"""The batches that odds are computed for: what a contract speaks of, and what is asked for instead."""

from __future__ import annotations

from dataclasses import dataclass

from assay.simulate import Slice
from assay.terms.contract import Contract
from assay.terms.verdict import Verdict

_ITEMS = 5000
_VOTES = 3
_SLICE_SHARES = (0.4, 0.3, 0.15, 0.15)


@dataclass(frozen=True)
class Setting:
    """The batches that odds are computed for. What is None is taken from the contract, else a default.

    ``gold_items`` are drawn at random, ``gold_per_class`` at least so many of each class. ``per_item`` objects lie
    on an item of located labels.
    """

    classes: tuple[str, ...] | None = None
    shares: tuple[float, ...] | None = None
    per_item: float | None = None
    items: int | None = None
    people: int = 8
    votes_per_item: int | None = None
    overlap: float | None = None
    gold_items: int | None = None
    gold_per_class: int | None = None
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """Items of a batch, people on each item of the sample, the share of items in it, and gold items."""

    items: int
    votes: int
    overlap: float
    gold: int


def sizes_of(contract: Contract, setting: Setting) -> Sizes:
    """The sizes that the contract names in its cadence, sample and gold, unless the setting has its own."""
    sample = contract.measurement.sample
    steady = contract.cadence.get("steady")
    items = setting.items or (steady.items if steady else _ITEMS)
    compared = any(term.measure.source == "agreement" for term in contract.acceptance)
    votes = setting.votes_per_item or (sample.annotators_per_item if sample else _VOTES if compared else 1)
    overlap = setting.overlap
    if overlap is None:
        overlap = float(sample.share) if sample and sample.share is not None else 1.0
    gold = setting.gold_items
    if gold is None:
        gold = contract.gold.items or round(float(contract.gold.share or 0) * items)
    return Sizes(items, votes, overlap if votes > 1 else 1.0, min(gold, items))


def slices_of(contract: Contract) -> tuple[Slice, ...]:
    """What terms on slices speak of: the attributes and values that they name, each with four values or more."""
    scopes = [term.scope for term in contract.acceptance if term.scope.kind == "slice"]
    named: dict[str, list[str]] = {scope.of: [] for scope in scopes if scope.of}
    for scope in scopes:
        if scope.of and scope.subject and scope.subject not in named[scope.of]:
            named[scope.of].append(scope.subject)
    if scopes and not named:
        named["condition"] = []
    out = []
    for name, subjects in named.items():
        others = max(len(_SLICE_SHARES) - len(subjects), 1)
        values = (*subjects, *(f"other {number + 1}" for number in range(others)))
        out.append(Slice(name, values, _SLICE_SHARES if len(values) == len(_SLICE_SHARES) else None))
    return tuple(out)


@dataclass(frozen=True)
class Trial:
    """One simulated batch: outcome, share of items to redo, payment, and the terms that failed or lacked evidence."""

    outcome: str
    redone: float
    paid_minor: int
    failed: tuple[str, ...]
    lacking: tuple[str, ...]

    @staticmethod
    def of(verdict: Verdict, redone: float, paid_minor: int = 0) -> Trial:
        """What a verdict came to."""
        return Trial(
            verdict.outcome,
            redone,
            paid_minor,
            tuple(sorted({r.id for r in verdict.rows if r.outcome in ("fail", "reject")})),
            tuple(sorted({r.id for r in verdict.rows if r.outcome == "not provable"})),
        )
