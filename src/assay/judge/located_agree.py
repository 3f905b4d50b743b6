"""Agreement between people on located labels: pairwise F1 overall, by class and by pair, and what its kind adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from assay.annotation.errors import InputError
from assay.formats.pseudonyms import keep_pseudonyms

from .document import Json
from .figures import Method
from .located_batch import LocatedBatch
from .located_delivery import read_batch
from .located_extras import extra_figures
from .located_measure import measure_located
from .located_sections import agreement_section
from .request import Request
from .sources import Sources, inputs_of

#: What can be asked for by name; all of them hold overall, the first also per class and per pair.
LOCATED_METRICS = (
    "pairwise_f1", "pairwise_f1_at_0.5", "pairwise_f1_at_0.75", "label_alpha", "instance_alpha", "token_alpha",
    "exact_pairwise_f1", "relaxed_pairwise_f1", "oks", "dice", "boundary_iou", "value_agreement",
    "value_agreement_exact",
)  # fmt: skip
_OF_CLASSES = "pairwise_f1"
_ON_REQUEST = "instance_alpha"
_BESIDE = ("units", "joints", "attributes", "instance_alpha_sentence")
_EXACT, _HALF = 1.0, 0.5


def agree_located(
    request: Request, sources: Sources, metrics: Sequence[str], threshold: float | None, method: Method
) -> Json:
    """The sections of the agreement document. Raises :class:`InputError` for a metric that objects do not have."""
    _refuse_others(metrics, sources)
    delivered = read_batch(request, sources)
    batch = delivered.batch
    at = threshold if threshold is not None else _EXACT if batch.kind == "spans" else _HALF
    measured = measure_located(batch, at, method)
    if measured.agreement is None:
        raise InputError(
            "no two people worked on one item, so there is nothing to compare",
            file=sources.delivery.inputs[0].path, found=f"{len(batch.annotators)} people",
            expected="items that several people worked on, each blind to the others",
        )  # fmt: skip
    found = extra_figures(batch, None, measured.agreement.outcomes, threshold=at, method=method)
    between = cast("Json", found["between"])
    section = _section(agreement_section(batch, measured.agreement), between, metrics)
    keep_pseudonyms(delivered.names, request.pseudonyms)
    told: Json = {"threshold": at, "overlap": found["overlap"]}
    told |= {key: between[key] for key in _BESIDE if key in between}
    return {
        "agreement": section,
        "batch": _batch(batch),
        "located": told,
        "findings": [finding.as_json() for finding in sources.delivery.findings],
        "inputs": inputs_of(sources),
    }


def _refuse_others(metrics: Sequence[str], sources: Sources) -> None:
    wrong = [name for name in metrics if name not in LOCATED_METRICS]
    if wrong:
        raise InputError(
            f"these are {sources.delivery.kind}: objects that nobody drew cannot be counted, and {wrong[0]} needs them",
            file=sources.delivery.inputs[0].path, found=", ".join(wrong), expected=" or ".join(LOCATED_METRICS[:4]),
        )  # fmt: skip


def _section(section: Json, between: Json, metrics: Sequence[str]) -> Json:
    """The section of a report with the figures of its kind; with ``metrics`` exactly these."""
    overall = cast("Json", section["overall"]) | {
        name: between[name] for name in LOCATED_METRICS if name in between
    }
    if not metrics:
        overall.pop(_ON_REQUEST, None)
        return section | {"overall": overall}
    missing = [name for name in metrics if name not in overall]
    if missing:
        raise InputError(
            "these labels do not have this measure", found=", ".join(missing), expected=", ".join(overall)
        )
    keeps = _OF_CLASSES in metrics
    return {
        "overall": {name: overall[name] for name in metrics},
        "by_class": section["by_class"] if keeps else {},
        "pairs": section["pairs"] if keeps else [],
        "pairs_left_out": section["pairs_left_out"] if keeps else 0,
    }


def _batch(batch: LocatedBatch) -> Json:
    several = np.unique(batch.work.item, return_counts=True)[1]
    return {
        "kind": batch.kind,
        "level": "nominal",
        "items": len(several),
        "items_with_two_votes": int((several > 1).sum()),
        "labels": int((~batch.marks.crowd).sum()),
        "annotators": len(np.unique(batch.work.annotator)),
        "classes": list(batch.classes),
    }
