"""The sections of a report on located labels, in the shape that reports on labels of whole items have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assay.annotation.finding import Finding
from assay.annotation.layers import Layer
from assay.measure.figure import Figure, rounded
from assay.measure.replicates import HASH_VERSION
from assay.measure.units import Ints
from assay.terms.contract import Contract

from .document import MOST_PAIRS, Json
from .figures import Figures, Method
from .located_batch import LocatedBatch
from .located_delivery import Delivered
from .located_evidence import NOT_DELIVERED, defect_rate, in_slice, named_counts
from .located_measure import LocatedAgreement, LocatedMeasured
from .sources import Sources

_OVERLAP = {
    "boxes": "intersection over union of boxes",
    "shapes": "intersection over union of exact areas",
    "masks": "intersection over union of pixels",
    "keypoints": "object keypoint similarity (OKS)",
    "spans": "intersection over union of code points",
    "fields": "the same key and the same value in the normal form",
}
_LATER = (Layer.SELF_CHECK, Layer.REVIEW, Layer.ADJUDICATION, Layer.FINAL)


def as_json(figures: Figures) -> Json:
    """Figures by name."""
    return {name: figure.as_json() for name, figure in sorted(figures.items())}


def agreement_section(batch: LocatedBatch, agreement: LocatedAgreement) -> Json:
    """Figures between people."""
    by_slice: dict[str, Json] = {}
    for (attribute, value), figures in agreement.by_slice.items():
        by_slice.setdefault(attribute, {})[value] = as_json(figures)
    pairs = sorted(
        agreement.pairs, key=lambda p: (p.figure.value if p.figure.value is not None else 2.0, p.a, p.b)
    )
    return {
        "overall": as_json(agreement.overall),
        "by_class": {name: as_json(figures) for name, figures in agreement.by_class.items()},
        "by_slice": by_slice,
        "pairs": [
            {
                "a": batch.annotators[pair.a], "b": batch.annotators[pair.b], "metric": "pairwise_f1",
                "value": rounded(pair.figure.value), "low": rounded(pair.figure.low),
                "high": rounded(pair.figure.high), "units": pair.figure.units, "reason": pair.figure.reason,
            }
            for pair in pairs[:MOST_PAIRS]
        ],
        "pairs_left_out": max(0, len(pairs) - MOST_PAIRS),
    }  # fmt: skip


def gold_section(delivered: Delivered, measured: LocatedMeasured) -> Json:
    """Figures against gold, with the confusion of matched objects.

    ``support`` counts objects of gold (of people and slices items), ``gold_items`` the gold items behind a figure.
    """
    batch, gold = measured.batch, measured.gold
    if gold is None:
        raise ValueError("there is no gold")
    classes = len(batch.classes)
    support, holding = gold.state.matched + gold.state.missed, _items_with(batch)
    by_slice: dict[str, Json] = {}
    for (attribute, value), figures in gold.by_slice.items():
        items = figures["f1"].units
        by_slice.setdefault(attribute, {})[value] = {
            **as_json(figures),
            "support": items,
            "gold_items": items,
        }
    scored = len(np.unique(gold.tasks.item)) - len(batch.absent)
    return {
        "items": len(batch.gold_items),
        "scored": scored,
        "not_delivered": len(batch.absent),
        "undecided": 0,
        "outside_batch": delivered.gold_outside,
        "objects": int((~batch.gold.crowd).sum()),
        "makers": {"count": 0, "agreement": None, "ceiling": {"overall": None, "by_class": {}}},
        "overall": {**as_json(gold.overall), "support": int(support.sum()), "gold_items": scored},
        "by_class": {
            name: {**as_json(figures), "support": int(support[n]), "gold_items": int(holding[n])}
            for n, (name, figures) in enumerate(gold.by_class.items())
        },
        "by_annotator": {
            name: {**as_json(figures), "support": figures["f1"].units, "gold_items": figures["f1"].units}
            for name, figures in gold.by_annotator.items()
        },
        "by_slice": by_slice,
        "confusion": {
            "classes": list(batch.classes),
            "matrix": gold.confusion[:classes, :classes].tolist(),
            "missed": gold.confusion[:classes, classes].tolist(),
            "extra": gold.confusion[classes, :classes].tolist(),
        },
    }


def _items_with(batch: LocatedBatch) -> Ints:
    """How many gold items hold an object of each class."""
    objects = batch.gold.objects
    held = np.unique(np.column_stack([objects.label, objects.item]), axis=0)[:, 0]
    return np.bincount(held, minlength=len(batch.classes))


def defects_section(contract: Contract, measured: LocatedMeasured) -> Json | None:
    """Errors by kind, and those of each severity per 100 items and per 100 objects of gold."""
    gold, batch = measured.gold, measured.batch
    if gold is None or not len(gold.tasks.item):
        return None
    counts = named_counts(batch, gold.outcomes)
    counts[NOT_DELIVERED] = len(batch.absent)
    objects = int((gold.state.matched + gold.state.missed).sum())
    out: Json = {}
    for severity in ("critical", "minor"):
        kinds = [kind for kind, s in contract.errors.items() if s == severity and kind in counts]
        if not kinds:
            continue
        told = {kind: counts[kind] for kind in kinds if counts[kind]}
        out[severity] = {
            "per_100_items": _times(defect_rate(measured, kinds), 100).as_json(),
            "per_100_objects": rounded(100 * sum(told.values()) / objects) if objects else None,
            "kinds": told,
        }
    return out


def _times(figure: Figure, factor: float) -> Figure:
    if figure.value is None or figure.low is None or figure.high is None:
        return figure
    return replace(
        figure, value=figure.value * factor, low=figure.low * factor, high=figure.high * factor, spread=None
    )


def people_section(
    batch: LocatedBatch, measured: LocatedMeasured, suspicions: Sequence[Finding]
) -> list[Json]:
    """One entry per person: volume, agreement with the others, F1 against gold, share of classes."""
    agreement, gold = measured.agreement, measured.gold
    worked = batch.work if len(batch.work) else batch.final_work
    items = np.bincount(worked.annotator, minlength=len(batch.annotators) + 1)
    objects = np.zeros((len(batch.annotators) + 1, len(batch.classes)), np.int64)
    np.add.at(objects, (batch.by, batch.marks.objects.label), 1)
    out: list[Json] = []
    for number, name in enumerate(batch.annotators):
        total = int(objects[number].sum())
        share = {
            batch.classes[c]: rounded(objects[number, c] / total)
            for c in np.flatnonzero(objects[number]).tolist()
        }
        with_others = agreement.by_annotator[name] if agreement else None
        out.append(
            {
                "id": name,
                "labels": total,
                "items": int(items[number]),
                "skipped": batch.skipped.get(name, 0),
                "agreement": with_others.as_json() if with_others is not None and with_others.units else None,
                "gold": gold.by_annotator[name]["f1"].as_json() if gold else None,
                "share": share,
                "suspicions": [f.text for f in suspicions if name in f.subject.split(", ")],
            }
        )
    return out


def slices_section(delivered: Delivered, measured: LocatedMeasured) -> list[Json]:
    """One entry per slice value."""
    batch, out = delivered.batch, []
    for attribute in batch.slices:
        for value in attribute.values:
            mine, key = in_slice(batch, attribute.name, value), (attribute.name, value)
            gold = measured.gold.by_slice[key]["f1"].as_json() if measured.gold else None
            agreement = measured.agreement.by_slice.get(key) if measured.agreement else None
            out.append(
                {
                    "attribute": attribute.name,
                    "value": value,
                    "items": int((mine & delivered.delivered).sum()),
                    "items_expected": int((mine & batch.facts.expected).sum()),
                    "labels": int(mine[batch.final.objects.item].sum()),
                    "gold": gold,
                    "agreement": agreement["pairwise_f1"].as_json() if agreement else None,
                }
            )
    return out


def review_section(sources: Sources, delivered: Delivered) -> Json:
    """How many items each later layer touched, and by how many people."""
    out: Json = {}
    for layer in _LATER:
        if layer not in delivered.layers:
            continue
        items, people = sources.connection.execute(
            "SELECT count(DISTINCT item), count(DISTINCT annotator) FROM annotation WHERE layer = ?",
            [int(layer)],
        ).fetchall()[0]
        out[layer.label] = {"items": int(items), "by": int(people), "changed": None}
    return out


def method_section(
    batch: LocatedBatch, measured: LocatedMeasured, method: Method, contract: Contract
) -> Json:
    """How everything was measured, so that anyone can do it again."""
    strata = (
        f"{len(batch.strata)} strata of the manifest, weighted by N/n"
        if len(batch.strata) > 1
        else "all items weigh the same"
    )
    return {
        "agreement": "blind first-pass objects of people; gold, models and later layers never enter",
        "accuracy": batch.rule or "the objects delivered",
        "match": {
            "overlap": _OVERLAP[batch.kind],
            "threshold": rounded(measured.threshold),
            "rule": "pairs below the threshold are dropped, then the sum of overlaps within each class is largest; "
            "what is left is matched across classes and names the confusions",
        },
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
