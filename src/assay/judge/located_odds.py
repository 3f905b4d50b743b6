"""Odds of contracts on located labels: scenes, texts and documents of known truth, judged as deliveries are."""

from __future__ import annotations

import math

import numpy as np
import orjson

from assay.analytics.batch import SliceAttribute
from assay.formats.objects import KIND_CODES
from assay.measure.comparisons import Work
from assay.measure.units import Ints
from assay.simulate import Gold
from assay.simulate.located_draw import Drawn, LocatedDraw, draw_located
from assay.simulate.located_spec import LOCATED, LocatedKind, LocatedSpec, crew
from assay.simulate.scenes import HEIGHT, WIDTH, figures, outlines
from assay.terms.contract import Contract
from assay.terms.decide import decide
from assay.terms.money import settle
from assay.terms.verdict import TermRow, Verdict

from .figures import Method
from .located_batch import Facts, LocatedBatch, Marks, Texts
from .located_evidence import Evidence, in_slice
from .located_measure import measure_located
from .located_threshold import threshold_of
from .odds_setting import Setting, Sizes, Trial, slices_of

_OBJECT_KIND = {
    "boxes": "box",
    "shapes": "polygon",
    "keypoints": "keypoints",
    "spans": "span",
    "fields": "field",
}
_SEEN = 2.0
OBJECTS = 5.0
"""Objects on an item where nothing else is said."""


def simulated_kind(contract: Contract) -> LocatedKind | None:
    """As what the labels of a contract are simulated: masks as outlines; None for labels that are not located."""
    if contract.labels == "masks":
        return "shapes"
    return next((kind for kind in LOCATED if kind == contract.labels), None)


def located_spec(contract: Contract, setting: Setting, sizes: Sizes) -> LocatedSpec:
    """The batch that a contract speaks of, drawn only as far as figures need it."""
    kind = simulated_kind(contract)
    if kind is None:
        raise ValueError(f"{contract.labels} are not located")
    return LocatedSpec(
        kind=kind, classes=setting.classes or (), prior=setting.shares, items=sizes.items,
        per_item=setting.per_item or OBJECTS,
        people=crew(setting.people), votes_per_item=sizes.votes, overlap=sizes.overlap,
        threshold=threshold_of(contract), gold=Gold(items=sizes.gold),
        slices=setting.slices or slices_of(contract), only_measured=True,
    )  # fmt: skip


def located_trial(contract: Contract, spec: LocatedSpec, seed: int, replicates: int) -> Trial:
    """Draw one batch, judge it, and say what came of it."""
    draw = draw_located(spec, seed)
    batch = located_batch(draw, enclosed=True)
    measured = measure_located(batch, spec.threshold, Method(replicates, f"odds/{seed}"))
    evidence = Evidence(measured, draw.delivered)
    verdict = decide(contract, list(evidence.figures(contract)))
    redone = _redone(verdict, evidence)
    delivered = int(draw.delivered.sum())
    settlement = settle(
        contract, verdict, delivered={"item": delivered},
        standing={"item": delivered - round(redone * delivered)},
        sample={"item": int((np.bincount(batch.work.item) > 1).sum())},
    ) if contract.pricing is not None and _by_item(contract) else None  # fmt: skip
    return Trial.of(verdict, redone, settlement.payable_minor if settlement else 0)


def _by_item(contract: Contract) -> bool:
    """Whether all prices are per item: objects of items that nobody measures are not drawn."""
    return contract.pricing is not None and all(line.per.endswith(" item") for line in contract.pricing.lines)


def located_batch(draw: LocatedDraw, *, enclosed: bool = False) -> LocatedBatch:
    """A drawn programme as a batch in memory; gold items that were not delivered count as wrong.

    ``enclosed`` outlines are judged by the boxes around them, which overlap as much: marks of one object are alike.
    """
    spec, frame = draw.spec, draw.frame
    marks = located_marks(spec.kind, draw.votes, enclosed=enclosed)
    work = Work(draw.work_item, draw.work_person)
    absent = np.setdiff1d(draw.gold_items, draw.work_item)
    nobody = np.full(len(absent), len(spec.people))
    paid = Work(np.concatenate([draw.work_item, absent]), np.concatenate([draw.work_person, nobody]))
    items = frame.items
    codes: list[Ints] = [frame.slices[one.name].astype(np.int64) for one in spec.slices]
    blank, sizes = np.zeros(items, np.int64), (np.full(items, WIDTH), np.full(items, HEIGHT))
    return LocatedBatch(
        "boxes" if enclosed and spec.kind == "shapes" else spec.kind, tuple(map(str, range(items))), spec.classes,
        tuple(person.id for person in spec.people), marks, draw.by, work, marks, draw.by, paid,
        located_marks(spec.kind, draw.gold, enclosed=enclosed), draw.gold_items,
        Facts(np.arange(items).astype(np.uint64), tuple(codes), blank, np.ones(items, bool), None, *sizes),
        tuple(SliceAttribute(one.name, one.values) for one in spec.slices), (items,), absent=absent,
    )  # fmt: skip


def located_marks(kind: LocatedKind, drawn: Drawn, *, enclosed: bool = False) -> Marks:
    """Drawn objects with the shapes that their kind has, unless the boxes around them are enough."""
    size = len(drawn)
    nothing = np.full(size, None, dtype=object)
    text = nothing if drawn.value is None else drawn.value
    shape = nothing if enclosed and kind == "shapes" else _shapes(kind, drawn, nothing)
    return Marks(
        drawn.objects, np.full(size, KIND_CODES[_OBJECT_KIND[kind]], np.uint8), np.full(size, np.nan),
        shape, text, nothing, np.zeros(size, bool),
    )  # fmt: skip


def _shapes(kind: LocatedKind, drawn: Drawn, nothing: Texts) -> Texts:
    if kind not in ("shapes", "keypoints"):
        return nothing
    found = np.empty(len(drawn), dtype=object)
    if kind == "shapes":
        rings = outlines(drawn.objects.box).reshape(len(drawn), -1)
        found[:] = [orjson.dumps({"rings": [ring], "holes": []}).decode() for ring in rings.tolist()]
        return found
    joints = figures(drawn.objects.box)
    seen = np.full((*joints.shape[:2], 1), _SEEN)
    points = np.concatenate([joints, seen], axis=2).reshape(len(drawn), -1)
    found[:] = [orjson.dumps({"points": row}).decode() for row in points.tolist()]
    return found


def _redone(verdict: Verdict, evidence: Evidence) -> float:
    """The share of delivered items that the failed rows send back, each counted once as far as shares can tell."""
    rows = [row for row in verdict.rows if row.outcome in ("fail", "reject") and row.redo]
    narrow = [row for row in rows if row.redo != "batch"]
    if not rows:
        return 0.0
    return 1 - math.prod(1 - _touched(row, evidence) for row in narrow) if narrow else 1.0


def _touched(row: TermRow, evidence: Evidence) -> float:
    """The share of items that a row sends back; that of a class is read off the items whose objects are drawn."""
    batch, delivered = evidence.batch, evidence.delivered
    if "annotator" in row.subject:
        mine = batch.work.annotator == batch.annotators.index(row.subject["annotator"])
        return len(np.unique(batch.work.item[mine])) / max(int(delivered.sum()), 1)
    if "slice" in row.subject:
        attribute = row.subject.get("attribute") or row.scope.rpartition(" of ")[2]
        inside = in_slice(batch, attribute, row.subject["slice"])
        return float((inside & delivered).sum() / max(delivered.sum(), 1))
    objects = batch.marks.objects
    holding = np.unique(objects.item[objects.label == batch.classes.index(row.subject["class"])])
    return min(len(holding) / max(len(np.unique(objects.item)), 1), 1.0)
