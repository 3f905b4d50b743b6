"""Judging short texts and transcripts: the verdict on their word and character error rates, and the redo list."""

from __future__ import annotations

from assay.annotation.finding import Finding
from assay.formats.manifest import Manifest
from assay.formats.pseudonyms import keep_pseudonyms
from assay.report.headline import headline
from assay.terms.contract import Contract
from assay.terms.money import settle
from assay.terms.verdict import SubjectFigure, TermRow, Verdict

from .batch_findings import batch_findings
from .document import Json, Stated, opening, rework_section
from .judgement import SEED, Judgement, decide_on, stated_of, verdict_section
from .redo import RedoList, RedoPart, failed_rows
from .redo_table import listed_items
from .request import Request
from .sources import Sources, inputs_of
from .text_delivery import Texts, read_texts
from .text_figures import TextFigures, gold_section, people_section, text_suspicions
from .word_clusters import word_clusters


def judge_texts(request: Request, sources: Sources) -> Judgement:
    """Judge a delivery of texts. The figures are pooled edits over pooled lengths, resampled by item."""
    texts = read_texts(request, sources)
    stated, contract = stated_of(request, sources), sources.contract
    figures = TextFigures(texts, contract.measurement.interval.replicates)
    verdict, outcome, unjudged = decide_on(sources, list(figures.evidence(contract)), stated)
    redo = _redo_list(verdict, sources, texts)
    suspicions = text_suspicions(figures)
    wrong = [(a.item, a.annotator, a.text) for a in texts.answers if a.words and a.words[0]]
    document: Json = opening(stated)
    document["batch"] = _batch_section(stated, texts)
    document["verdict"] = verdict_section(sources, verdict, outcome, unjudged, redo, stated)
    document["money"] = _money(contract, verdict, texts, redo) if outcome else None
    document["rework"] = rework_section(redo, len(texts.items))
    document["agreement"] = None
    document["gold"] = gold_section(figures) if texts.gold else None
    document["defects"] = None
    document["people"] = people_section(figures, suspicions)
    document["slices"] = []
    document["clusters"], document["clusters_rest"] = word_clusters(wrong, texts.gold, texts.form)
    document["findings"] = [f.as_json() for f in _findings(sources, stated, texts)]
    document["suspicions"] = [f.as_json() for f in suspicions]
    document["review"] = {}
    document["proven"] = ["Every figure follows from the files listed below and the stated normal form."]
    document["not_proven"] = _not_proven(contract, sources.manifest)
    document["method"] = {
        "agreement": "not measured for texts",
        "accuracy": texts.rule,
        "interval": {"level": 0.95, "replicates": figures.replicates, "unit": "item", "seed": SEED},
        "normal_form": str(texts.form),
    }
    document["inputs"] = inputs_of(sources)
    document["command"] = request.command
    document["pool"] = {}
    section = document["verdict"]
    if isinstance(section, dict):
        section["headline"] = headline(document)
    counts: Json = {"schema": "assay-counts/1", "texts": figures.counts()}
    keep_pseudonyms(texts.names, request.pseudonyms)
    return Judgement(
        document, counts, None, redo, contract, lambda other: list(figures.evidence(other)), request.stage
    )


def text_evidence(contract: Contract, texts: Texts, replicates: int, seed: str) -> list[SubjectFigure]:
    """The figures that the terms of a contract ask for."""
    return list(TextFigures(texts, replicates, seed).evidence(contract))


def _batch_section(stated: Stated, texts: Texts) -> Json:
    return {
        "id": stated.batch, "programme": stated.programme, "buyer": stated.buyer, "vendor": stated.vendor,
        "delivered_at": stated.delivered_at, "round": stated.round, "phase": stated.phase, "kind": "text",
        "level": "nominal", "items": len(texts.items), "items_expected": texts.expected,
        "labels": len(texts.answers), "annotators": len(texts.people), "votes_per_item": None,
        "versions": dict(stated.versions), "final_rule": texts.rule,
    }  # fmt: skip


def _findings(sources: Sources, stated: Stated, texts: Texts) -> list[Finding]:
    return batch_findings(
        sources, stated, [], expected=texts.expected, delivered=len(texts.items), unexpected=texts.unexpected,
        gold_outside=texts.gold_outside, answered=len(texts.answers), skipped=sum(texts.skipped.values()),
    )  # fmt: skip


def _money(contract: Contract, verdict: Verdict, texts: Texts, redo: RedoList) -> Json | None:
    items, labels = len(texts.items), len(texts.answers)
    several = labels - items
    settlement = settle(
        contract, verdict, delivered={"item": items, "label": labels},
        standing={"item": items - redo.items + redo.missing, "label": labels},
        sample={"item": several, "label": labels},
    )  # fmt: skip
    return settlement.as_json() if settlement else None


def _not_proven(contract: Contract, manifest: Manifest | None) -> list[str]:
    out = ["That the reference texts are the only right ones: an error rate counts every difference."]
    if manifest is not None and (manifest.has_stratum or manifest.has_probability):
        out.append(
            "That the error rates stand for the whole batch: the sample design of the manifest is not applied."
        )
    if contract.measurement.interval.unit != "item":
        unit = contract.measurement.interval.unit
        out.append(
            f"How far errors come together in each {unit}: error rates of texts are resampled by item."
        )
    return out


def _redo_list(verdict: Verdict, sources: Sources, texts: Texts) -> RedoList:
    """Which items to redo; each is counted once, under the first reason that names it."""
    parts: list[RedoPart] = []
    taken: dict[str, int] = {}
    overlap = 0
    for row in failed_rows(verdict):
        missing = row.metric == "delivered_share" and sources.manifest is not None
        found = _missing_items(row, sources, texts) if missing else _items_of(row, texts)
        fresh = sorted(found - taken.keys())
        overlap += len(found) - len(fresh)
        taken |= dict.fromkeys(fresh, len(parts))
        parts.append(RedoPart(row, None, None, None, len(fresh), missing=missing))
    absent = sum(part.items for part in parts if part.missing)
    listed = listed_items(
        sources.connection, sorted(taken.items()), with_manifest=sources.manifest is not None
    )
    return RedoList(tuple(parts), len(taken), overlap, listed, absent)


def _missing_items(row: TermRow, sources: Sources, texts: Texts) -> frozenset[str]:
    """The items of the manifest (of one slice) that carry no text."""
    expected = {str(item) for (item,) in sources.connection.execute("SELECT item FROM manifest").fetchall()}
    if "slice" in row.subject:
        attribute = row.subject.get("attribute") or row.scope.rpartition(" of ")[2]
        expected &= texts.slices[attribute][row.subject["slice"]]
    return frozenset(expected - texts.items)


def _items_of(row: TermRow, texts: Texts) -> frozenset[str]:
    """The delivered items that a failed row sends back."""
    if row.redo == "annotator" and "annotator" in row.subject:
        return frozenset(answer.item for answer in texts.by_person.get(row.subject["annotator"], ()))
    if row.redo == "slice" and "slice" in row.subject:
        attribute = row.subject.get("attribute") or row.scope.rpartition(" of ")[2]
        return texts.items & texts.slices[attribute][row.subject["slice"]]
    return texts.items
