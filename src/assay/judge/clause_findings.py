"""What a delivery does against clauses of the contract that no acceptance term measures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from assay.annotation.finding import Finding
from assay.terms.contract import Contract

from .document import Stated


def clause_findings(
    contract: Contract, stated: Stated, delivered: date | None, *, skipped: int, answered: int
) -> Iterator[Finding]:
    """Findings on time in force, versions, rounds of rework and the share of skipped items."""
    yield from _in_force(contract, delivered)
    yield from _versions(contract, stated)
    rounds = contract.rework.rounds
    if stated.round > rounds + 1:
        text = f"This is round {stated.round}; the contract allows {rounds} rounds of rework after the first delivery."
        yield Finding(
            "too_many_rounds", "major", "contract", text, {"round": stated.round, "allowed": rounds}
        )
    most, total = contract.measurement.missing.skipped, skipped + answered
    if most is not None and total and Decimal(skipped) / total > most:
        text = f"{skipped:,} of {total:,} answers are skips; the contract allows {most:.0%}."
        yield Finding("skipped_too_many", "major", "delivery", text, {"skipped": skipped, "answers": total})


def _in_force(contract: Contract, delivered: date | None) -> Iterator[Finding]:
    force = contract.in_force
    if force is None or delivered is None:
        return
    if delivered < force.start or (force.end is not None and delivered > force.end):
        until = f" to {force.end.isoformat()}" if force.end else ""
        text = f"Delivered on {delivered.isoformat()}; the contract is in force from {force.start.isoformat()}{until}."
        yield Finding("not_in_force", "major", "contract", text, {"delivered": delivered.isoformat()})


def _versions(contract: Contract, stated: Stated) -> Iterator[Finding]:
    """Guideline and gold versions other than agreed; a minor guideline version only clarifies."""
    agreed = {"guideline": contract.versions.guideline, "gold": contract.versions.gold}
    for name, wanted in agreed.items():
        found = stated.versions.get(name)
        if wanted is None or found is None or found == wanted:
            continue
        if name == "guideline" and found.partition(".")[0] == wanted.partition(".")[0]:
            continue
        text = f"The batch was made with {name} {found}; the contract was agreed for {name} {wanted}."
        yield Finding(
            "other_version", "major", "contract", text, {"what": name, "found": found, "agreed": wanted}
        )
