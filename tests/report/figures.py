"""Builders of figures and verdict rows for report documents."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]  # a JSON document: tests reach into it by keys
Z = 1.959964

CLASSES = (
    "refund",
    "fraud report",
    "cancellation",
    "delivery",
    "billing question",
    "account access",
    "feature request",
    "bug report",
    "other",
)
PEOPLE = {
    "annotator-17": 0.712,
    "annotator-13": 0.836,
    "annotator-03": 0.872,
    "annotator-12": 0.916,
    "annotator-14": 0.924,
    "annotator-05": 0.929,
    "annotator-11": 0.934,
    "annotator-09": 0.938,
    "annotator-04": 0.941,
    "annotator-15": 0.946,
    "annotator-02": 0.951,
    "annotator-07": 0.957,
}
BY_CLASS = {
    "refund": (0.846, 203, 0.742),
    "fraud report": (0.880, 14, 0.713),
    "cancellation": (0.908, 160, 0.829),
    "delivery": (0.921, 310, 0.842),
    "billing question": (0.927, 402, 0.861),
    "account access": (0.934, 188, 0.873),
    "feature request": (0.948, 470, 0.888),
    "bug report": (0.951, 620, 0.884),
    "other": (0.968, 700, 0.932),
}
CHANNELS = {
    "email": (0.952, 802),
    "web form": (0.943, 691),
    "app": (0.931, 572),
    "phone": (0.914, 431),
    "chat": (0.836, 332),
}
METHOD_F1 = "F1 of the class against gold; Wilson interval of J = TP / (TP + FP + FN), mapped"
METHOD_ALPHA = "Krippendorff alpha, nominal, class against the rest; 2,000 replicates of items"


def figure(
    value: float | None, n: int, *, method: str = METHOD_F1, spread: float = 1.0, reason: str = ""
) -> Document:
    """A figure over n units with a Wilson interval, or the reason why there is none."""
    counts = {"units": n, "labels": 3 * n, "positives": n, "method": method}
    if value is None:
        return {
            "value": None,
            "low": None,
            "high": None,
            **counts,
            "reason": reason or "no item of the class in gold",
        }
    low, high = wilson(min(max(value, 0.0), 1.0), n / spread)
    return {"value": value, "low": round(low, 12), "high": round(high, 12), **counts, "reason": None}


def term(
    identity: str, metric: str, subject: Mapping[str, str], floor: str, found: Document, **more: Any
) -> Document:
    """A row of the verdict, judged as *unless shown below* unless it says otherwise."""
    outcome, standing = judged(found, float(floor), more.pop("minimum", 20))
    scope = next(iter(subject), "overall")
    row = {
        "id": identity,
        "metric": metric,
        "scope": scope,
        "subject": dict(subject),
        "floor": floor,
        "reject_below": None,
        "rule": "unless_shown_below" if subject else "point",
        **{key: found[key] for key in ("value", "low", "high", "positives", "units")},
        "figure": found,
        "outcome": outcome,
        "standing": standing,
        "reason": "",
        "needs": None,
        "changes": "",
        "redo": scope if subject else None,
        "pooled_batches": 1,
    }
    return {**row, **more}


def wilson(share: float, n: float) -> tuple[float, float]:
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return centre - half, centre + half


def judged(found: Document, floor: float, minimum: int) -> tuple[str, str | None]:
    if found["value"] is None or found["positives"] < minimum:
        return "not provable", None
    if found["high"] < floor:
        return "fail", None
    return "pass", "proven" if found["low"] >= floor else "watched"


def ends(found: Document) -> Document:
    return {key: found[key] for key in ("value", "low", "high")}
