"""The judgement of a batch: its document, and how the contract decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

from assay.terms.contract import Contract
from assay.terms.decide import decide
from assay.terms.metrics import METRICS
from assay.terms.templates import odds_of
from assay.terms.verdict import SubjectFigure, Verdict

from .document import Json, Stated, next_steps, term_rows
from .prepare import Prepared
from .redo import RedoList
from .request import Request
from .sources import Sources

SEED = "assay/1"
"""The seed of every replicate; with the ids of the items it fixes all intervals."""


@dataclass(frozen=True)
class Judgement:
    """A judged batch: the document of ``report.json``, the integer states, and the redo list behind it.

    ``figures_for`` gives the figures that the terms of any contract ask for, without earlier batches.
    ``pictures`` are thumbnails of drawn items for the page, by item.
    ``exit_code`` is 0 accept, 1 rework or reject, 3 not provable; 0 without a contract or gold.
    """

    document: Json
    counts: Json
    prepared: Prepared | None
    redo: RedoList
    contract: Contract
    figures_for: Callable[[Contract], Sequence[SubjectFigure]]
    stage: Path | None = None
    pictures: Mapping[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """What the command returns."""
        verdict = cast("Mapping[str, object]", self.document["verdict"])
        if verdict["provisional"]:
            return 0
        return {"accept": 0, "rework": 1, "reject": 1, "not provable": 3}.get(str(verdict["outcome"]), 0)


def stated_of(request: Request, sources: Sources) -> Stated:
    """What is stated about the batch, from delivery.yaml, contract and gold."""
    declared, contract = sources.delivery.declared, sources.contract
    named = None if sources.is_starter else contract
    return Stated(
        batch=declared.batch
        or (Path(sources.delivery.inputs[0].path).stem if sources.delivery.inputs else "batch"),
        programme=named.id if named else None,
        buyer=named.parties.buyer if named else None,
        vendor=named.parties.vendor if named else None,
        delivered_at=declared.delivered_at,
        judged_at=request.judged_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if request.judged_at
        else None,
        round=declared.round,
        phase=declared.phase or "steady",
        versions={
            "schema": declared.schema or (sources.schema.version if sources.schema else None),
            "guideline": declared.guideline,
            "gold": (sources.gold.version if sources.gold else None) or declared.gold,
        },
        command=request.command,
    )


def delivered_on(stated: Stated, contract: Contract) -> date | None:
    """The day that deadlines count from."""
    moment = stated.delivered_at or stated.judged_at
    if moment is None:
        return None
    if len(moment) == len("2026-01-01"):
        return date.fromisoformat(moment)
    return contract.calendar.local_date(datetime.fromisoformat(moment))


def decide_on(
    sources: Sources, figures: Sequence[SubjectFigure], stated: Stated
) -> tuple[Verdict, str | None, list[str]]:
    """The verdict, its outcome for the document (None for a pre-flight that shows nothing amiss), and terms left out.

    Without gold the terms that need it are not judged: that is the pre-flight a vendor runs before delivering.
    """
    contract, left_out = sources.contract, []
    if sources.gold is None:
        kept = tuple(t for t in contract.acceptance if METRICS[t.metric].source != "gold")
        left_out = [t.id for t in contract.acceptance if t not in kept]
        contract = replace(contract, acceptance=kept)
    kept_ids = {t.id for t in contract.acceptance}
    verdict = decide(
        contract, [f for f in figures if f.term_id in kept_ids], phase=stated.phase,
        delivered=delivered_on(stated, contract),
    )  # fmt: skip
    outcome: str | None = verdict.outcome
    if sources.gold is None and outcome not in ("rework", "reject"):
        outcome = None
    return verdict, outcome, left_out


def verdict_section(
    sources: Sources,
    verdict: Verdict,
    outcome: str | None,
    left_out: Sequence[str],
    redo: RedoList,
    stated: Stated,
) -> Json:
    """The verdict with its rows and what to do next."""
    contract, odds = sources.contract, odds_of(sources.contract)
    steps = next_steps(verdict, redo, contract, delivered_on(stated, contract)) if outcome else []
    return {
        "outcome": outcome,
        "provisional": sources.is_starter,
        "contract": {"id": contract.id, "template": contract.template},
        "headline": "",
        "summary": [part.text() for part in redo.parts],
        "terms": term_rows(verdict.rows),
        "left_out": list(left_out),
        "next": steps,
        "odds": None if odds is None else {"above": odds.above, "below": odds.below, "runs": odds.runs},
    }
