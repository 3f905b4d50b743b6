"""The flow itself: delivery, gold and contract in; verdict, report and redo list out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import cast

from assay.analytics.stored import RepeatedRowsError
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.formats.pseudonyms import keep_pseudonyms
from assay.measure.suspicion import Thresholds
from assay.report.closed import closed_subjects
from assay.report.headline import headline
from assay.terms.contract import Contract
from assay.terms.money import settle
from assay.terms.verdict import Verdict

from .batch_findings import batch_findings
from .contract_check import check_contract
from .document import (
    Json,
    Stated,
    agreement_section,
    batch_section,
    defects_section,
    gold_section,
    method_section,
    opening,
    people_section,
    pool_section,
    review_section,
    rework_section,
    slices_section,
)
from .evidence import evidence
from .figures import Against, Method, right_answers
from .judgement import SEED, Judgement, decide_on, stated_of, verdict_section
from .makers import NOBODY, Makers, gold_makers
from .measured import Measurement, measure_prepared
from .pooling import Pool, left_out, usable, with_openness
from .prepare import Prepared, prepare
from .redo import RedoList, redo_list
from .request import Request
from .sentences import clusters_of
from .sources import Sources, inputs_of, read_sources
from .statements import not_proven, proven
from .suspicions import suspicions_of


def judge_request(request: Request) -> Judgement:
    """Judge what a caller delivered. Raises :class:`InputError` for input that cannot be judged.

    Repeated rows are rare, and looking for them beforehand costs as much as measuring: they are met while measuring,
    and then the files are read once more with the rows settled.
    """
    try:
        return _judge(request, read_sources(request, settle=False))
    except RepeatedRowsError:
        return _judge(request, read_sources(request))


def _judge(request: Request, sources: Sources) -> Judgement:
    if sources.delivery.is_located:
        return _judge_of("located")(request, sources)
    if sources.delivery.kind == "text":
        return _judge_of("texts")(request, sources if sources.delivery.is_settled else read_sources(request))
    method = Method(sources.contract.measurement.interval.replicates, SEED)
    prepared = prepare_sources(request, sources)
    makers = gold_makers(sources.connection, prepared.coding, method) if sources.gold else NOBODY
    check_contract(sources, prepared.batch.classes, makers.ceilings or None, request)
    request.progress("measuring", None)
    measurement = measure_prepared(
        prepared, method, progress=lambda done: request.progress("votes measured", done)
    )
    judgement = _judged(request, sources, prepared, measurement, makers, method)
    keep_pseudonyms(prepared.pseudonyms, request.pseudonyms)
    return judgement


def _judge_of(kind: str) -> Callable[[Request, Sources], Judgement]:
    """The judge of located labels or of texts: its libraries take longer to load than many a batch to judge."""
    judge: Callable[[Request, Sources], Judgement] = getattr(
        import_module(f"assay.judge.{kind}"), f"judge_{kind}"
    )
    return judge


def prepare_sources(request: Request, sources: Sources) -> Prepared:
    """The tables that were read, as a batch."""
    contract = sources.contract
    unit = contract.measurement.interval.unit
    tolerance = next((t.within for t in contract.acceptance if t.within is not None), Decimal(0))
    if unit != "item" and sources.manifest is None:
        raise InputError(
            "the contract resamples whole groups of items, and no manifest says which item is in which group",
            found=f"measurement.interval.unit: {unit}", expected=f"a manifest (--items) with the column {unit}",
        )  # fmt: skip
    return prepare(
        sources.connection, sources.delivery, gold=sources.gold, manifest=sources.manifest, schema=sources.schema,
        count_missing_gold=sources.counts_missing_gold, tolerance=tolerance, cluster=None if unit == "item" else unit,
        pseudonyms=request.pseudonyms,
    )  # fmt: skip


@dataclass(frozen=True)
class _Decided:
    """What was decided on a batch: the verdict, what it sends back, and the terms that could not be judged."""

    stated: Stated
    pools: list[Pool]
    verdict: Verdict
    outcome: str | None
    unjudged: list[str]
    redo: RedoList


def _judged(
    request: Request,
    sources: Sources,
    prepared: Prepared,
    measurement: Measurement,
    makers: Makers,
    method: Method,
) -> Judgement:
    contract, measured = sources.contract, measurement.measured
    decided = _decided(request, sources, prepared, measurement)
    document: Json = {
        **opening(decided.stated),
        **_verdict_sections(sources, prepared, measurement, decided),
        **_measured_sections(sources, prepared, measurement, makers, decided),
        "proven": proven(sources.gold is not None, decided.stated, measurement.state.tally),
        "not_proven": not_proven(
            sources.gold, sources.manifest, prepared, makers, measurement, decided.unjudged
        ),
        "method": method_section(prepared, method, contract),
        "inputs": inputs_of(sources, items=_labelled_items(prepared, measurement)),
        "command": request.command,
        "pool": pool_section(list(evidence(contract, measured))),
    }
    hidden = closed_subjects(document).classes
    document = {**document, "pool": with_openness(cast("Json", document["pool"]), hidden, decided.pools)}
    verdict_json = cast("Json", document["verdict"])
    verdict_json["headline"] = headline(document)
    return Judgement(
        document, counts_of(prepared, measurement), prepared, decided.redo, contract,
        lambda other: list(evidence(other, measured)), request.stage,
    )  # fmt: skip


def _decided(request: Request, sources: Sources, prepared: Prepared, measurement: Measurement) -> _Decided:
    stated, contract = stated_of(request, sources), sources.contract
    pools = usable(
        sources.pools, stated.versions, contract.id, stated.batch, contract.measurement.evidence.pool
    )
    figures = list(evidence(contract, measurement.measured, pools))
    verdict, outcome, unjudged = decide_on(sources, figures, stated)
    request.progress("finding disagreements", None)
    redo = redo_list(contract, verdict, prepared, measurement.measured, measurement.facts)
    return _Decided(stated, pools, verdict, outcome, unjudged, redo)


def _verdict_sections(
    sources: Sources, prepared: Prepared, measurement: Measurement, decided: _Decided
) -> Json:
    """What was delivered, what was decided on it, what is paid and what goes back."""
    verdict, outcome, redo = decided.verdict, decided.outcome, decided.redo
    return {
        "batch": batch_section(decided.stated, prepared, measurement),
        "verdict": verdict_section(sources, verdict, outcome, decided.unjudged, redo, decided.stated),
        "money": _money(sources.contract, verdict, measurement, redo) if outcome else None,
        "rework": rework_section(redo, measurement.state.tally.delivered),
    }


def _measured_sections(
    sources: Sources, prepared: Prepared, measurement: Measurement, makers: Makers, decided: _Decided
) -> Json:
    """Every figure, and what stands out."""
    agreement, gold = measurement.measured.agreement, measurement.measured.gold
    suspicions = suspicions_of(
        prepared.batch, prepared.coding, measurement.state, measurement.plan, gold, Thresholds()
    )
    clusters, rest = clusters_of(prepared, measurement.state)
    findings = all_findings(sources, prepared, measurement, decided.stated)
    return {
        "agreement": agreement_section(prepared, agreement) if agreement else None,
        "gold": gold_section(prepared, gold, makers.as_json()) if gold else None,
        "defects": defects_section(sources.contract, measurement.measured),
        "people": people_section(prepared, measurement, suspicions),
        "slices": slices_section(prepared, measurement),
        "clusters": clusters,
        "clusters_rest": rest,
        "findings": [f.as_json() for f in (*findings, *left_out(sources.pools, decided.pools))],
        "suspicions": [f.as_json() for f in suspicions],
        "review": review_section(prepared),
    }


def _money(contract: Contract, verdict: Verdict, measurement: Measurement, redo: RedoList) -> Json | None:
    tally = measurement.state.tally
    labels = int(measurement.state.people.labels.sum())
    sampled = int(measurement.state.nominal.units[:, 2:].sum())
    settlement = settle(
        contract,
        verdict,
        delivered={"item": tally.delivered, "label": labels},
        standing={"item": tally.delivered - redo.items + redo.missing, "label": labels},
        sample={"item": sampled, "label": labels},
    )
    return settlement.as_json() if settlement else None


def all_findings(
    sources: Sources, prepared: Prepared, measurement: Measurement, stated: Stated
) -> list[Finding]:
    """Findings of reading and of measuring, the worst first."""
    tally, pairs = measurement.state.tally, measurement.state.pairs
    found = [*prepared.findings]
    if pairs is not None and pairs.left_out:
        text = f"{pairs.left_out:,} items with more than 256 votes are left out of pair figures."
        found.append(Finding("crowded_items", "note", "delivery", text, {"items": pairs.left_out}))
    return batch_findings(
        sources, stated, found, expected=tally.items, delivered=tally.delivered, unexpected=tally.unexpected,
        gold_outside=prepared.gold_outside, answered=int(measurement.state.people.labels.sum()),
        skipped=sum(prepared.batch.skipped.values()),
    )  # fmt: skip


def _labelled_items(prepared: Prepared, measurement: Measurement) -> int:
    """The number of items with a row in the delivery."""
    if prepared.coding.unknown() or (prepared.people[: len(prepared.dictionaries.annotators)] < 0).any():
        found = prepared.connection.execute("SELECT count(DISTINCT key) FROM vote").fetchall()
        return int(found[0][0])
    return int(measurement.state.nominal.units.sum()) + measurement.state.tally.unexpected


def _person_counts(prepared: Prepared, gold: Against) -> Json:
    """Right answers and answers on gold items of each person."""
    batch = prepared.batch
    right = right_answers(batch, gold.votes)
    return {
        name: {
            "right": int(right[gold.votes.annotator == n].sum()),
            "answers": int((gold.votes.annotator == n).sum()),
        }
        for n, name in enumerate(batch.annotators)
    }


def _slice_counts(prepared: Prepared, measurement: Measurement, gold: Against) -> Json:
    """Right labels and labels on gold items of each slice value."""
    right = right_answers(prepared.batch, gold.scored)
    out: dict[str, Json] = {}
    codes = measurement.facts.slices if measurement.facts else ()
    for attribute, code in zip(prepared.batch.slices, codes, strict=True):
        of_label = code[gold.scored.gold]
        out[attribute.name] = {
            value: {"right": int(right[of_label == n].sum()), "labels": int((of_label == n).sum())}
            for n, value in enumerate(attribute.values)
        }
    return dict(out)


def counts_of(prepared: Prepared, measurement: Measurement) -> Json:
    """The integer states behind the figures: from them a vendor recomputes figures and verdict without gold."""
    state, gold = measurement.state, measurement.measured.gold
    return {
        "schema": "assay-counts/1",
        "classes": list(prepared.batch.classes),
        "sizes": "second index of same and count: number of votes on the item",
        "agreement": {
            "same": state.nominal.same.tolist(),
            "count": state.nominal.count.tolist(),
            "units": state.nominal.units.tolist(),
        },
        "gold": {
            "confusion": gold.state.confusion.tolist(),
            "columns": "delivered class; the last column counts missing and undecided labels",
            "by_annotator": _person_counts(prepared, gold),
            "by_slice": _slice_counts(prepared, measurement, gold),
        } if gold else None,
        "delivered": state.tally.labels.tolist(),
        "items": {
            "expected": state.tally.items,
            "delivered": state.tally.delivered,
            "undecided": state.tally.undecided,
        },
    }  # fmt: skip
