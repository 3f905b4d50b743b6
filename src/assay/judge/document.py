"""The report document: everything that was found, in the shape of ``report.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

import numpy as np

from assay.analytics.batch import Batch
from assay.annotation.finding import Finding
from assay.annotation.layers import Layer
from assay.formats.inputs import InputFile
from assay.measure.figure import Figure, rounded
from assay.measure.nominal import FIXED_POINT, score_figure
from assay.measure.replicates import HASH_VERSION
from assay.terms.calendar import Duration
from assay.terms.contract import Contract
from assay.terms.verdict import Need, SubjectFigure, TermRow, Verdict
from assay.terms.wording import date_text

from .evidence import Measured, defect_figure, error_kinds
from .figures import Against, Agreement, Method
from .measured import Measurement
from .pooling import pool_entry
from .prepare import Prepared
from .redo import RedoList
from .sentences import slice_rows

SCHEMA = "assay-report/1"
MOST_PAIRS = 5_000
Json = dict[str, object]


@dataclass(frozen=True)
class Stated:
    """What callers and files say about the batch, beyond what is measured."""

    batch: str
    programme: str | None
    buyer: str | None
    vendor: str | None
    delivered_at: str | None
    judged_at: str | None
    round: int
    phase: str
    versions: Mapping[str, str | None]
    command: str | None


def opening(stated: Stated) -> Json:
    """The head of every report document."""
    return {
        "schema": SCHEMA,
        "software": {"name": "assay", "version": version("assay")},
        "audience": "buyer",
        "judged_at": stated.judged_at,
    }


def batch_section(stated: Stated, prepared: Prepared, measurement: Measurement) -> Json:
    """What was delivered."""
    batch, tally = prepared.batch, measurement.state.tally
    sizes = tally.sizes
    counted = np.flatnonzero(sizes[1:]) + 1
    middle = int(np.searchsorted(np.cumsum(sizes[1:]), sizes[1:].sum() / 2) + 1) if len(counted) else 0
    votes = {"min": int(counted[0]), "median": middle, "max": int(counted[-1])} if len(counted) else None
    return {
        "id": stated.batch,
        "programme": stated.programme,
        "buyer": stated.buyer,
        "vendor": stated.vendor,
        "delivered_at": stated.delivered_at,
        "round": stated.round,
        "phase": stated.phase,
        "kind": batch.kind,
        "level": batch.level,
        "items": tally.delivered,
        "items_expected": tally.items,
        "labels": int(measurement.state.people.labels.sum()),
        "annotators": len(batch.annotators),
        "votes_per_item": votes,
        "versions": dict(stated.versions),
        "final_rule": _final_rule(prepared, measurement),
        "classes": list(batch.classes),
    }


def _final_rule(prepared: Prepared, measurement: Measurement) -> str:
    tally, rule = measurement.state.tally, prepared.batch.final
    if rule == "each vote":
        return "each vote is judged by itself"
    if rule.startswith("annotator:"):
        return f"the label of {rule.removeprefix('annotator:')}"
    parts = []
    if tally.settled:
        parts.append(f"{tally.settled:,} items settled by review, adjudication or a final layer")
    if len(tally.sizes) > 2:
        parts.append("majority of votes")
        parts.append(f"{tally.undecided:,} ties are undecided" if tally.undecided else "no tie")
    else:
        parts.append("the only label of each item")
    return "; ".join(parts)


def agreement_section(prepared: Prepared, agreement: Agreement) -> Json:
    """Figures between people."""
    people = prepared.batch.annotators
    by_slice: dict[str, Json] = {}
    for (attribute, value), figures in agreement.by_slice.items():
        by_slice.setdefault(attribute, {})[value] = _figures(figures)
    pairs = sorted(
        agreement.pairs, key=lambda p: (p.kappa.value if p.kappa.value is not None else 2.0, p.a, p.b)
    )
    return {
        "overall": _figures(agreement.overall),
        "by_class": {name: _figures(figures) for name, figures in agreement.by_class.items()},
        "by_slice": by_slice,
        "pairs": [
            {
                "a": people[p.a],
                "b": people[p.b],
                "metric": "cohen_kappa",
                "value": rounded(p.kappa.value),
                "low": rounded(p.kappa.low),
                "high": rounded(p.kappa.high),
                "units": p.kappa.units,
                "percent_agreement": rounded(p.observed),
                "reason": p.kappa.reason,
            }
            for p in pairs[:MOST_PAIRS]
        ],
        "pairs_left_out": max(0, len(pairs) - MOST_PAIRS),
    }


def _figures(figures: Mapping[str, Figure]) -> Json:
    return {name: figure.as_json() for name, figure in sorted(figures.items())}


def gold_section(prepared: Prepared, gold: Against, makers: Json) -> Json:
    """Figures against gold, with the confusion matrix."""
    batch = prepared.batch
    confusion = gold.state.confusion.sum(axis=0)
    support = confusion.sum(axis=1)
    answered = np.bincount(gold.votes.annotator, minlength=len(batch.annotators))
    by_slice: dict[str, Json] = {}
    for (attribute, value), figures in gold.by_slice.items():
        by_slice.setdefault(attribute, {})[value] = {
            **_figures(figures),
            "support": figures["accuracy"].units,
        }
    section: Json = {
        "items": len(batch.gold),
        "scored": len(np.unique(gold.scored.gold)),
        "not_delivered": int((gold.scored.given == -2).sum()),
        "undecided": int((gold.scored.given == -1).sum()),
        "outside_batch": prepared.gold_outside,
        "compartments": _compartments(prepared),
        "makers": makers,
        "overall": {**_figures(gold.overall), "support": len(gold.scored.gold)},
        "by_class": {
            name: {**_figures(figures), "support": int(support[n])}
            for n, (name, figures) in enumerate(gold.by_class.items())
        },
        "by_annotator": {
            name: {**_figures(figures), "support": int(answered[n])}
            for n, (name, figures) in enumerate(gold.by_annotator.items())
        },
        "by_slice": by_slice,
    }
    if batch.sets is None and batch.kind == "choice":
        section["confusion"] = {
            "classes": list(batch.classes),
            "matrix": confusion[:, :-1].tolist(),
            "undecided": confusion[:, -1].tolist(),
        }
    return section


def _compartments(prepared: Prepared) -> dict[str, int]:
    """How many gold items each compartment holds."""
    rows = prepared.connection.execute(
        "SELECT coalesce(compartment, 'acceptance') AS c, count(*) FROM gold GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return {str(name): int(count) for name, count in rows}


def defects_section(contract: Contract, measured: Measured) -> Json | None:
    """Critical and minor errors per 100 items, by the contract's severities."""
    if measured.gold is None:
        return None
    counts, out = error_kinds(measured), {}
    for severity in ("critical", "minor"):
        kinds = [kind for kind, s in contract.errors.items() if s == severity and kind in counts]
        if not kinds:
            continue
        figure = defect_figure(measured, kinds)
        out[severity] = {
            "per_100_items": _times(figure, 100).as_json(),
            "kinds": {kind: counts[kind] for kind in kinds if counts[kind]},
        }
    return dict(out)


def _times(figure: Figure, factor: float) -> Figure:
    if figure.value is None or figure.low is None or figure.high is None:
        return figure
    return Figure(
        figure.value * factor, figure.low * factor, figure.high * factor,
        figure.units, figure.labels, figure.positives, figure.method,
    )  # fmt: skip


def people_section(prepared: Prepared, measurement: Measurement, suspicions: Sequence[Finding]) -> list[Json]:
    """One entry per person: volume, agreement with the others, figure against gold, share of classes."""
    batch, people, gold = prepared.batch, measurement.state.people, measurement.measured.gold
    out: list[Json] = []
    for number, name in enumerate(batch.annotators):
        labels = people.labels[number]
        total = int(labels.sum())
        own = people.own[number].sum(axis=0)
        shares: dict[str, float | None] = {}
        if batch.sets is None and total:
            shares = {batch.classes[c]: rounded(labels[c] / total) for c in np.flatnonzero(labels).tolist()}
        out.append(
            {
                "id": name,
                "labels": total,
                "items": total,
                "skipped": batch.skipped.get(name, 0),
                "agreement": _with_others(own).as_json() if own[0] else None,
                "gold": gold.by_annotator[name]["accuracy"].as_json() if gold else None,
                "share": shares,
                "suspicions": [f.text for f in suspicions if name in f.subject.split(", ")],
            }
        )
    return out


def _with_others(own: np.ndarray) -> Figure:
    count = int(own[0])
    share = float(own[1]) / (1 << FIXED_POINT) / count
    method = "share of the other votes on the same items that agree; Wilson over votes"
    return score_figure(min(share, 1.0), count, np.zeros(0), units=count, positives=count, method=method)


def slices_section(prepared: Prepared, measurement: Measurement) -> list[Json]:
    """One entry per slice value."""
    tally, measured = measurement.state.tally, measurement.measured
    out: list[Json] = []
    for number, row in enumerate(slice_rows(prepared.batch)):
        key = (row.attribute, row.value)
        gold = measured.gold.by_slice[key]["f1"].as_json() if measured.gold else None
        found = measured.agreement.by_slice.get(key) if measured.agreement else None
        out.append(
            {
                "attribute": row.attribute,
                "value": row.value,
                "items": int(tally.by_slice[number]),
                "items_expected": int(tally.expected_by_slice[number]),
                "labels": _slice_labels(prepared, measurement, number),
                "gold": gold,
                "agreement": found["krippendorff_alpha"].as_json() if found else None,
            }
        )
    return out


def _slice_labels(prepared: Prepared, measurement: Measurement, row: int) -> int:
    """How many first-pass votes fall on items of a slice value."""
    for attribute, state in zip(prepared.batch.slices, measurement.state.slices, strict=True):
        if row < len(attribute.values):
            strata = len(prepared.batch.strata)
            units = state.units[row * strata : (row + 1) * strata].sum(axis=0)
            return int((units * np.arange(len(units))).sum())
        row -= len(attribute.values)
    return 0


def review_section(prepared: Prepared) -> Json:
    """How many items each later layer touched, changed, and by how many people."""
    out: Json = {}
    first = Layer.FIRST_PASS.value
    for layer in (Layer.SELF_CHECK, Layer.REVIEW, Layer.ADJUDICATION, Layer.FINAL):
        if layer not in prepared.layer_rows:
            continue
        items, people, changed = prepared.connection.execute(
            "WITH votes AS (SELECT key, mode(label ORDER BY label) AS usual FROM vote "
            "WHERE layer = ? AND label >= 0 GROUP BY key) "
            "SELECT count(DISTINCT key), count(DISTINCT annotator), count(DISTINCT key) FILTER (label <> usual) "
            "FROM vote LEFT JOIN votes USING (key) WHERE layer = ? AND label >= 0",
            [first, layer.value],
        ).fetchall()[0]
        out[layer.label] = {"items": int(items), "by": int(people), "changed": int(changed)}
    return out


def _what_is_right(batch: Batch) -> str:
    scored = "one final label per gold item" if batch.final != "each vote" else "each vote on a gold item"
    return f"{scored}; a rating is right within {batch.tolerance:f} of gold" if batch.tolerance else scored


def method_section(prepared: Prepared, method: Method, contract: Contract) -> Json:
    """How everything was measured, so that anyone can do it again."""
    batch = prepared.batch
    strata = (
        f"{len(batch.strata)} strata of the manifest, weighted by N/n"
        if len(batch.strata) > 1
        else "all items weigh the same"
    )
    return {
        "agreement": "blind first-pass votes of people; gold, models and later layers never enter",
        "accuracy": _what_is_right(batch),
        "interval": {
            "level": float(contract.measurement.interval.level),
            "replicates": method.replicates,
            "unit": contract.measurement.interval.unit,
            "groups": "single items up to 4,096, else 1,024 groups by hash",
            "hash": HASH_VERSION,
            "seed": method.seed,
            "design": strata,
        },
        "multiplicity": "Holm over the subjects of each `every …` term; Holm per kind of suspicion, effect of 3 points",
    }


def term_rows(rows: Sequence[TermRow]) -> list[Json]:
    """The rows of a verdict as they stand in the document."""
    return [row.as_json() for row in rows]


def pool_section(evidence: Sequence[SubjectFigure]) -> Json:
    """What later batches may pool: the effective counts of every class figure of this batch that a term asks for."""
    out: dict[str, Json] = {}
    for given in evidence:
        if "class" in given.subject and (entry := pool_entry(given.figure)):
            out.setdefault(given.term_id, {})[given.subject["class"]] = entry
    return dict(out)


def rework_section(redo: RedoList, delivered: int) -> Json:
    """The redo list in numbers: of what was delivered and what is missing of it, and how much stands."""
    return {
        "items": redo.items,
        "missing": redo.missing,
        "of": delivered + redo.missing,
        "stand": max(delivered - (redo.items - redo.missing), 0),
        "files": _redo_files(redo) if redo.items else [],
        "by_reason": [part.as_json() for part in redo.parts],
        "overlap": redo.overlap,
    }


def _redo_files(redo: RedoList) -> list[str]:
    return ["rework.csv", *(["rework.label-studio.json"] if redo.located is None else redo.located.files)]


def next_steps(verdict: Verdict, redo: RedoList, contract: Contract, delivered: date | None) -> list[Json]:
    """Who does what by when."""

    def due(duration: Duration) -> str | None:
        return contract.calendar.deadline(delivered, duration).isoformat() if delivered else None

    steps: list[Json] = []
    if verdict.outcome == "rework":
        verb = "Label" if redo.missing == redo.items else "Relabel"
        what = f"{verb} the {redo.items:,} items of rework.csv; they are measured again on a fresh sample"
        steps.append({"who": "vendor", "what": what, "by": due(contract.rework.within)})
    if verdict.outcome == "reject":
        steps.append(
            {"who": "vendor", "what": "The batch goes back whole", "by": due(contract.rework.within)}
        )
    steps += [
        {"who": need.from_whom, "what": _asked(need), "by": need.by.isoformat() if need.by else None}
        for need in verdict.needs
    ]
    what = {
        "accept": "Confirm the verdict and release the payment",
        "not provable": "Supply the evidence, or accept with a concession and a reason",
    }.get(verdict.outcome, "Confirm the verdict, accept with a concession, or override with a reason")
    steps.append({"who": "buyer", "what": what, "by": due(contract.decision.within)})
    return steps


def _asked(need: Need) -> str:
    """What somebody is asked for, without who and by when: a step says these beside it."""
    by = f", by {date_text(need.by)}" if need.by else ""
    return need.sentence.replace(f", from the {need.from_whom}{by}", "", 1).rstrip(".")


def input_entries(files: Sequence[InputFile], roles: Sequence[str]) -> list[Json]:
    """The inputs with their hashes and what each was."""
    return [{"role": role, **file.as_json()} for file, role in zip(files, roles, strict=True)]
