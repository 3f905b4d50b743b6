"""Figures with known evidence, and contracts of one term, for the tests of deciding."""

from __future__ import annotations

from assay.annotation.strict_yaml import parse_yaml
from assay.measure.figure import Figure
from assay.measure.spread import NormalSpread, ScoreSpread
from assay.terms.contract import Contract, parse_contract

HEAD = """
assay: contract/1
id: messages
labels: {labels}
measurement:
  sample: {{share: 10%, annotators_per_item: 3}}
  evidence: {{minimum_positives: 20, tolerance: 0.10, pool: 4 batches}}
errors: {{wrong_class: critical}}
acceptance:
"""


def contract_of(*terms: str, labels: str = "choice", more: str = "") -> Contract:
    """A contract with these terms, each the inside of a flow mapping."""
    lines = "".join(f"  - {{{term}}}\n" for term in terms)
    return parse_contract(parse_yaml(HEAD.format(labels=labels) + lines + more, file="contract.yaml"))


def share(right: int, of: int, *, positives: int | None = None) -> Figure:
    """A share of items with Wilson's interval."""
    spread = ScoreSpread(right / of, of)
    low, high = spread.interval(0.95)
    return Figure(
        right / of, low, high, of, of, of if positives is None else positives, "share", None, spread
    )


def errors(wrong: int, of: int) -> Figure:
    """A share of errors with its interval."""
    spread = ScoreSpread(1 - wrong / of, of, "error")
    low, high = spread.interval(0.95)
    return Figure(wrong / of, low, high, of, of, of, "errors", None, spread)


def coefficient(value: float, low: float, high: float, positives: int = 100) -> Figure:
    """A coefficient whose interval came from replicates."""
    return Figure(
        value, low, high, positives, positives, positives, "alpha", None, NormalSpread(value, low, high)
    )


def count(delivered: int, of: int) -> Figure:
    """A counted share, which has no interval."""
    return Figure(delivered / of, None, None, of, of, delivered, "count")
