"""The section ``located`` of a report: what each kind of located labels is measured by beside F1.

Keys are documented in ``docs/reference/located.md``. Figures against gold stand under ``gold``, those between people
under ``between``; either is null where nothing was compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from assay.measure.comparisons import against_gold, between_people

from .document import Json
from .figures import Method
from .judgement import SEED
from .located_alphas import (
    INSTANCE_SENTENCE,
    drawn_units,
    instance_alpha,
    label_alpha,
    token_alpha,
)
from .located_attributes import gold_attributes, people_attributes
from .located_batch import LocatedBatch, Marks, Outcomes
from .located_details import Matched, joint_details, mask_details, span_details, value_details
from .located_fields import VALUE_FORM
from .located_joints import DEFAULT_SIGMA, POINT_AREA
from .located_overlap import LINE_TOLERANCE, LINE_TOLERANCE_PIXELS, prepare_marks
from .located_panel import Panel, Tree

#: How the overlap of each kind is measured, as it stands beside the figures.
OVERLAP_TEXT: Mapping[str, str] = {
    "boxes": "intersection over union of boxes",
    "shapes": (
        "intersection over union of exact areas; of two lines, the length within "
        f"{LINE_TOLERANCE:.1%} of the longer diagonal (at least {LINE_TOLERANCE_PIXELS:g} px) of the other line over "
        "the length of both without it"
    ),
    "masks": "intersection over union of pixels; outlines beside masks are filled as COCO fills them",
    "keypoints": (
        f"object keypoint similarity; sigmas of COCO for 17 joints, {DEFAULT_SIGMA:g} for all others; a single joint "
        f"counts as an object of {POINT_AREA:,.0f} square pixels; between people the mean of both directions"
    ),
    "spans": "common code points over those of either, over all parts",
    "fields": f"equal values ({VALUE_FORM}), then the overlap of their boxes where both have one",
}
_METHOD = Method(2_000, SEED)
_HALF = 0.5


def extra_figures(
    batch: LocatedBatch,
    against: Outcomes | None,
    between: Outcomes | None,
    *,
    threshold: float | None = None,
    method: Method = _METHOD,
) -> Json:
    """The section ``located``. ``threshold`` is the overlap that the outcomes were matched at (a half unless said)."""
    gold = None if against is None or not len(batch.gold_items) else _gold(batch, against, method)
    people = None if between is None else _people(batch, between, method, threshold or _HALF)
    return {
        "kind": batch.kind,
        "overlap": OVERLAP_TEXT[batch.kind],
        "crowd": {"gold": int(batch.gold.crowd.sum()), "delivered": int(batch.final.crowd.sum())},
        "gold": gold,
        "between": people,
    }


def _gold(batch: LocatedBatch, against: Outcomes, method: Method) -> Json:
    panel = Panel.of(batch, batch.gold_items, method, "gold items")
    tree = _of_kind(batch, (batch.gold, batch.final), against, panel)
    if batch.kind == "spans":
        tree |= span_details(
            batch,
            against_gold(
                prepare_marks(batch.kind, batch.gold), batch.gold_items, prepare_marks(batch.kind, batch.final),
                batch.final_by, batch.final_work,
            ),
            (batch.gold, batch.final), panel, gold=True,
        )  # fmt: skip
    if _has_attributes(batch.gold):
        tree["attributes"] = gold_attributes(batch, against, panel)
    return cast("Json", panel.resolve(tree))


def _people(batch: LocatedBatch, between: Outcomes, method: Method, threshold: float) -> Json | None:
    item, people = np.unique(batch.work.item, return_counts=True)
    several = item[people > 1]
    if not len(several):
        return None
    panel = Panel.of(batch, several, method, "items with two people")
    drawn = drawn_units(batch, between, panel, threshold)
    tree: dict[str, Tree] = {
        "label_alpha": label_alpha(batch, drawn, panel),
        "instance_alpha": instance_alpha(batch, drawn, panel),
        "instance_alpha_sentence": INSTANCE_SENTENCE,
        "units": {"number": len(drawn.units), "refused_merges": drawn.units.refused},
    }
    tree |= _of_kind(batch, (batch.marks, batch.marks), between, panel)
    if batch.kind == "spans":
        kept = np.isin(batch.marks.objects.item, several)
        marks = batch.marks.take(kept)
        tasks = between_people(
            prepare_marks(batch.kind, marks),
            batch.by[kept],
            batch.work.take(np.isin(batch.work.item, several)),
        )
        tree |= span_details(batch, tasks, (marks, marks), panel, gold=False)
        tree["token_alpha"] = token_alpha(batch, panel)
    if _has_attributes(batch.marks):
        tree["attributes"] = people_attributes(batch, between, drawn, panel)
    return cast("Json", panel.resolve(tree))


def _of_kind(
    batch: LocatedBatch, sides: tuple[Marks, Marks], outcomes: Outcomes, panel: Panel
) -> dict[str, Tree]:
    """What only some kinds have."""
    if batch.kind not in ("masks", "keypoints", "fields"):
        return {}
    matched = Matched.of(*sides, outcomes)
    if batch.kind == "masks":
        return mask_details(batch, matched, panel)
    if batch.kind == "keypoints":
        return joint_details(batch, matched, panel)
    return value_details(batch, matched.left, matched.right, outcomes, panel)


def _has_attributes(marks: Marks) -> bool:
    return bool(marks.attributes.astype(bool).any())
