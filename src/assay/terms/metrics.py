"""The metrics a contract may gate on, which kinds of labels they fit, and what to use where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

LabelKind = Literal[
    "choice",
    "multi",
    "rating",
    "text",
    "boxes",
    "shapes",
    "masks",
    "keypoints",
    "spans",
    "fields",
    "transcripts",
]
LABEL_KINDS: Final[tuple[LabelKind, ...]] = get_args(LabelKind)

ScopeKind = Literal["overall", "class", "annotator", "slice"]
Source = Literal["gold", "agreement", "delivery"]

_ANY: Final = frozenset[str](LABEL_KINDS)
_WRITTEN: Final = frozenset({"text", "transcripts"})
_WITHOUT_CLASSES: Final = _WRITTEN | {"rating"}
_AREAS: Final = frozenset({"boxes", "shapes", "masks"})
_LOCATED: Final = _AREAS | {"keypoints", "spans"}


@dataclass(frozen=True)
class Metric:
    """One metric. ``title`` names it in sentences; ``source`` says who can supply evidence for it.

    ``at_most``: lower is better, the contract sets a ceiling. ``counted``: a count of the whole batch, not an estimate.
    ``proportion``: a share of items, so that a sampling plan can count its errors. ``unbounded``: may exceed 1.
    """

    name: str
    title: str
    source: Source
    kinds: frozenset[str]
    at_most: bool = False
    counted: bool = False
    proportion: bool = False
    unbounded: bool = False

    @property
    def scopes(self) -> tuple[ScopeKind, ...]:
        """What the metric can be measured for."""
        if self.counted:
            return ("overall", "slice")
        if self.source == "agreement":
            return ("overall", "class", "slice")
        return ("overall", "class", "annotator", "slice")


METRICS: Final[dict[str, Metric]] = {
    metric.name: metric
    for metric in (
        Metric("gold_f1", "F1 against gold", "gold", _ANY - _WITHOUT_CLASSES),
        Metric("gold_precision", "Precision against gold", "gold", _ANY - _WITHOUT_CLASSES),
        Metric("gold_recall", "Recall against gold", "gold", _ANY - _WITHOUT_CLASSES),
        Metric("gold_kappa", "Kappa against gold", "gold", frozenset({"choice"})),
        Metric(
            "gold_accuracy", "Accuracy against gold", "gold", _ANY - _LOCATED - {"fields"}, proportion=True
        ),
        Metric(
            "field_accuracy", "Field accuracy against gold", "gold", frozenset({"fields"}), proportion=True
        ),
        Metric("mean_iou", "Mean overlap (IoU) with gold", "gold", _AREAS),
        Metric(
            "mean_absolute_error",
            "Mean absolute error against gold",
            "gold",
            frozenset({"rating"}),
            at_most=True,
            unbounded=True,
        ),
        Metric("wer", "Word error rate against gold", "gold", _WRITTEN, at_most=True, unbounded=True),
        Metric("cer", "Character error rate against gold", "gold", _WRITTEN, at_most=True, unbounded=True),
        Metric(
            "critical_error_rate",
            "Share of items with a critical error",
            "gold",
            _ANY,
            at_most=True,
            proportion=True,
        ),
        Metric(
            "krippendorff_alpha",
            "Krippendorff's alpha between annotators",
            "agreement",
            frozenset({"choice", "multi", "rating"}),
        ),
        Metric("cohen_kappa", "Cohen's kappa between two annotators", "agreement", frozenset({"choice"})),
        Metric("pairwise_f1", "Pairwise F1 between annotators", "agreement", _LOCATED | {"fields"}),
        Metric(
            "delivered_share", "Share of items delivered", "delivery", _ANY, counted=True, proportion=True
        ),
    )
}

VAGUE: Final[dict[str, str]] = {
    "accuracy": "gold_accuracy, or gold_f1 for every class so that a rare class counts",
    "quality": "gold_f1 for every class, and krippendorff_alpha for agreement",
    "f1": "gold_f1, F1 against gold",
    "precision": "gold_precision",
    "recall": "gold_recall",
    "iaa": "krippendorff_alpha (choices, ratings) or pairwise_f1 (boxes, spans)",
    "agreement": "krippendorff_alpha (choices, ratings) or pairwise_f1 (boxes, spans)",
    "percent_agreement": "krippendorff_alpha: raw agreement is high whenever one class is common",
    "alpha": "krippendorff_alpha",
    "kappa": "gold_kappa against gold, or cohen_kappa between two annotators",
    "fleiss_kappa": "krippendorff_alpha, which also holds when people labelled different items",
    "iou": "mean_iou, or gold_f1 at the overlap that the contract names",
    "map": "gold_f1 at the overlap that the contract names: people give no confidence to rank by",
    "mae": "mean_absolute_error",
    "completeness": "delivered_share",
    "coverage": "delivered_share",
    "error_rate": "critical_error_rate",
    "defects": "critical_error_rate",
}
"""Words that name no measurement, each with what could have been meant."""


def misfit(metric: Metric, kind: LabelKind) -> tuple[str, str] | None:
    """Why a metric does not fit a kind of label, and what to use instead; None when it fits."""
    if kind in metric.kinds:
        return None
    coefficient = metric.name in ("krippendorff_alpha", "cohen_kappa", "gold_kappa")
    if coefficient and kind in (_LOCATED | {"fields"}):
        return (
            f"{metric.title} of {kind} has no true negatives to count: nobody can count the objects that everybody "
            "rightly left out, so the figure measures the mix of classes and not the agreement",
            "use gold_f1 against gold and pairwise_f1 between annotators",
        )
    if coefficient and kind in _WRITTEN:
        return (
            f"{metric.title} needs answers that can coincide by chance; free text does not",
            "use wer or cer with a ceiling",
        )
    if kind == "rating":
        return (
            f"{metric.title} counts a neighbouring rating as wholly wrong",
            "use mean_absolute_error with a ceiling, gold_accuracy with a tolerance (within: 1) "
            "or krippendorff_alpha at the level of the scale",
        )
    if metric.name == "gold_kappa" or metric.name == "cohen_kappa":
        return (
            f"{metric.title} compares one label per item; here an item may carry several",
            "use gold_f1 for every class, and krippendorff_alpha for agreement",
        )
    return f"{metric.title} does not exist for {kind}", "use " + " or ".join(_alternatives(metric, kind))


def _alternatives(metric: Metric, kind: LabelKind) -> list[str]:
    fitting = [other for other in METRICS.values() if kind in other.kinds and not other.counted]
    same_source = [other.name for other in fitting if other.source == metric.source]
    return (same_source or [other.name for other in fitting])[:3]
