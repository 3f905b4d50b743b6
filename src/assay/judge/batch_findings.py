"""What is to be said about a batch as a whole: findings of reading and of measuring, the worst first."""

from __future__ import annotations

from collections.abc import Sequence

from assay.annotation.finding import Finding

from .clause_findings import clause_findings
from .document import Stated
from .judgement import delivered_on
from .sources import Sources

_ORDER = {"critical": 0, "major": 1, "minor": 2, "note": 3}


def batch_findings(
    sources: Sources,
    stated: Stated,
    more: Sequence[Finding],
    *,
    expected: int,
    delivered: int,
    unexpected: int,
    gold_outside: int,
    answered: int,
    skipped: int,
) -> list[Finding]:
    """Findings of the files, ``more`` of measuring, and what items are missing or too many."""
    found = [*sources.delivery.findings, *more]
    found += sources.manifest.findings if sources.manifest else ()
    found += sources.gold.findings if sources.gold else ()
    if sources.manifest is not None and expected > delivered:
        missing = expected - delivered
        text = f"{missing:,} of {expected:,} items of the manifest carry no label."
        found.append(Finding("missing_items", "major", "delivery", text, {"items": missing}))
    if unexpected:
        text = f"{unexpected:,} labelled items are not in the manifest. They are not measured and not paid."
        found.append(Finding("extra_items", "minor", "delivery", text, {"items": unexpected}))
    if gold_outside:
        found.append(_gold_outside(gold_outside, sources.gold.items if sources.gold else 0))
    if not sources.is_starter:
        day = delivered_on(stated, sources.contract)
        found += clause_findings(sources.contract, stated, day, skipped=skipped, answered=answered)
    return sorted(found, key=lambda f: (_ORDER[f.severity], f.kind, f.subject))


def _gold_outside(outside: int, of: int) -> Finding:
    """Gold for other batches is usual; gold of which nothing fits is a mix-up of files or of ids."""
    if outside < of:
        text = f"{outside:,} gold items are not of this batch and were not scored."
        return Finding("gold_outside_batch", "note", "gold", text, {"items": outside})
    text = f"None of the {outside:,} gold items is of this batch: the gold, or its item ids, may be another batch's."
    return Finding("gold_outside_batch", "major", "gold", text, {"items": outside})
