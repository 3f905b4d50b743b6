"""From which overlap on two located objects are the same one."""

from __future__ import annotations

from assay.terms.contract import Contract

EXACT = 1.0
HALF = 0.5


def threshold_of(contract: Contract) -> float:
    """The overlap from which two objects are the same: the contract's, else a half, and the whole span for spans."""
    match = contract.measurement.match
    if match is not None:
        return float(match.threshold)
    return EXACT if contract.labels == "spans" else HALF
