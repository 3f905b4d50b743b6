"""Judging located labels (boxes, shapes, masks, keypoints, spans, fields): figures, verdict, redo list, document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from assay.annotation.finding import Finding
from assay.formats.geometry_findings import geometry_findings
from assay.formats.pseudonyms import keep_pseudonyms
from assay.report.closed import closed_subjects
from assay.report.headline import headline
from assay.terms.contract import Contract
from assay.terms.money import settle
from assay.terms.verdict import Verdict

from .batch_findings import batch_findings
from .contract_check import check_contract
from .document import Json, Stated, opening, pool_section, rework_section
from .drawn import drawn_items
from .drawn_choice import exemplars_in_turn
from .drawn_sources import add_content, pictures_of, show_content
from .figures import Method
from .judgement import SEED, Judgement, decide_on, stated_of, verdict_section
from .located_batch import LocatedBatch
from .located_clusters import located_clusters, located_suspicions
from .located_counts import located_counts
from .located_delivery import Delivered, read_batch
from .located_error_rows import difference_rows, error_rows
from .located_evidence import Evidence
from .located_extras import extra_figures
from .located_measure import LocatedMeasured, measure_located
from .located_redo import located_redo_list
from .located_sections import (
    agreement_section,
    defects_section,
    gold_section,
    method_section,
    people_section,
    review_section,
    slices_section,
)
from .located_statements import not_proven, proven
from .located_threshold import threshold_of
from .pooling import Pool, left_out, usable, with_openness
from .redo import RedoList
from .request import Request
from .sources import Sources, inputs_of


@dataclass(frozen=True)
class _Decided:
    """What was decided on a batch."""

    stated: Stated
    pools: list[Pool]
    verdict: Verdict
    outcome: str | None
    unjudged: list[str]
    redo: RedoList


def judge_located(request: Request, sources: Sources) -> Judgement:
    """Judge a delivery of located labels. Raises :class:`InputError` for input that cannot be judged."""
    method = Method(sources.contract.measurement.interval.replicates, SEED)
    delivered = read_batch(request, sources)
    check_contract(sources, delivered.batch.classes, None, request)
    request.progress("measuring", None)
    measured = measure_located(delivered.batch, threshold_of(sources.contract), method)
    evidence = Evidence(measured, delivered.delivered)
    decided = _decided(request, sources, evidence, delivered.names)
    request.progress("finding disagreements", None)
    document: Json = {
        **opening(decided.stated),
        **_verdict_sections(sources, delivered, decided),
        **_measured_sections(sources, delivered, measured, decided, method),
        "proven": proven(sources.gold is not None, int(delivered.delivered.sum())),
        "not_proven": not_proven(sources, measured, decided.unjudged),
        "method": method_section(delivered.batch, measured, method, sources.contract),
        "inputs": inputs_of(sources),
        "command": request.command,
        "pool": pool_section(list(evidence.figures(sources.contract))),
    }
    hidden = closed_subjects(document).classes
    document["pool"] = with_openness(cast("Json", document["pool"]), hidden, decided.pools)
    cast("Json", document["verdict"])["headline"] = headline(document)
    keep_pseudonyms(delivered.names, request.pseudonyms)
    return Judgement(
        document, located_counts(measured), None, decided.redo, sources.contract,
        lambda other: list(evidence.figures(other)), request.stage,
        pictures_of(cast("list[Json]", document["drawn"]), sources.connection, request.deliveries, request.limits),
    )  # fmt: skip


def _decided(request: Request, sources: Sources, evidence: Evidence, names: Mapping[str, str]) -> _Decided:
    stated, contract = stated_of(request, sources), sources.contract
    pools = usable(
        sources.pools, stated.versions, contract.id, stated.batch, contract.measurement.evidence.pool
    )
    verdict, outcome, unjudged = decide_on(sources, list(evidence.figures(contract, pools)), stated)
    redo = located_redo_list(verdict, sources, evidence, names)
    return _Decided(stated, pools, verdict, outcome, unjudged, redo)


def _verdict_sections(sources: Sources, delivered: Delivered, decided: _Decided) -> Json:
    verdict, redo, items = decided.verdict, decided.redo, int(delivered.delivered.sum())
    return {
        "batch": _batch_section(decided.stated, delivered),
        "verdict": verdict_section(sources, verdict, decided.outcome, decided.unjudged, redo, decided.stated),
        "money": _money(sources.contract, verdict, delivered, redo) if decided.outcome else None,
        "rework": rework_section(redo, items),
    }


def _measured_sections(
    sources: Sources, delivered: Delivered, measured: LocatedMeasured, decided: _Decided, method: Method
) -> Json:
    """Every figure, and what stands out."""
    batch = measured.batch
    against = measured.gold.outcomes if measured.gold else None
    between = measured.agreement.outcomes if measured.agreement else None
    suspicions = located_suspicions(batch, against, between)
    clusters, rest = located_clusters(batch, against, between)
    tables = ["content", *(["manifest"] if sources.manifest is not None else [])]
    exemplars = [item for cluster in clusters for item in cast("list[Json]", cluster["items"])]
    show_content(exemplars, sources.connection, tables)
    findings = _findings(sources, delivered, decided)
    return {
        "agreement": agreement_section(batch, measured.agreement) if measured.agreement else None,
        "gold": gold_section(delivered, measured) if measured.gold else None,
        "defects": defects_section(sources.contract, measured),
        "people": people_section(batch, measured, suspicions),
        "slices": slices_section(delivered, measured),
        "clusters": clusters,
        "clusters_rest": rest,
        "located": {
            **extra_figures(batch, against, between, threshold=measured.threshold, method=method),
            "errors": error_rows(sources.contract, measured),
            "differences": difference_rows(measured),
        },
        "drawn": _drawn(sources, measured, clusters, tables),
        "findings": [f.as_json() for f in (*findings, *left_out(sources.pools, decided.pools))],
        "suspicions": [f.as_json() for f in suspicions],
        "review": review_section(sources, delivered),
    }


def _drawn(
    sources: Sources, measured: LocatedMeasured, clusters: list[Json], tables: list[str]
) -> list[Json]:
    """The items that are drawn, with their texts."""
    against = measured.gold.outcomes if measured.gold else None
    between = measured.agreement.outcomes if measured.agreement else None
    drawn = drawn_items(measured.batch, against, between, exemplars_in_turn(clusters))
    add_content(drawn, sources.connection, tables)
    return drawn


def _batch_section(stated: Stated, delivered: Delivered) -> Json:
    batch = delivered.batch
    sizes = np.unique(batch.work.item, return_counts=True)[1]
    votes = None
    if len(sizes):
        votes = {
            "min": int(sizes.min()),
            "median": int(np.sort(sizes)[(len(sizes) - 1) // 2]),
            "max": int(sizes.max()),
        }
    return {
        "id": stated.batch, "programme": stated.programme, "buyer": stated.buyer, "vendor": stated.vendor,
        "delivered_at": stated.delivered_at, "round": stated.round, "phase": stated.phase, "kind": batch.kind,
        "level": "nominal", "items": int(delivered.delivered.sum()),
        "items_expected": int(batch.facts.expected.sum()), "labels": len(batch.final),
        "annotators": len(batch.annotators), "votes_per_item": votes, "versions": dict(stated.versions),
        "final_rule": batch.rule, "classes": list(batch.classes),
    }  # fmt: skip


def _findings(sources: Sources, delivered: Delivered, decided: _Decided) -> list[Finding]:
    batch = delivered.batch
    return batch_findings(
        sources, decided.stated, geometry_findings(sources.connection, delivered_only=True),
        expected=int(batch.facts.expected.sum()), delivered=int(delivered.delivered.sum()),
        unexpected=delivered.unexpected, gold_outside=delivered.gold_outside, answered=_answers(batch),
        skipped=sum(batch.skipped.values()),
    )  # fmt: skip


def _answers(batch: LocatedBatch) -> int:
    return len(batch.work) or len(batch.final_work) - len(batch.absent)


def _money(contract: Contract, verdict: Verdict, delivered: Delivered, redo: RedoList) -> Json | None:
    """What is paid: per item, or per object of the kind that the contract prices."""
    batch, items = delivered.batch, int(delivered.delivered.sum())
    objects = batch.final.objects.item
    unit = {"boxes": "box", "shapes": "shape", "masks": "mask", "spans": "span", "fields": "field"}.get(
        batch.kind, "keypoint"
    )
    back = {
        str(row[0])
        for row in redo.listed.connection.execute(f"SELECT item FROM ({redo.listed.query})").fetchall()
    }
    again = np.array([name in back for name in batch.items], bool)
    several = np.unique(batch.work.item, return_counts=True)
    sample = several[0][several[1] > 1]
    settlement = settle(
        contract, verdict, delivered={"item": items, "label": len(objects), unit: len(objects)},
        standing={
            "item": items - redo.items + redo.missing, "label": int((~again[objects]).sum()),
            unit: int((~again[objects]).sum()),
        },
        sample={
            "item": len(sample), "label": len(batch.marks),
            unit: int(np.isin(batch.marks.objects.item, sample).sum()),
        },
    )  # fmt: skip
    return settlement.as_json() if settlement else None
