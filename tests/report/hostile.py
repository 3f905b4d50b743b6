"""Documents whose every text is hostile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.report.figures import Document


def spoiled(document: Document, poison: str) -> Document:
    """The document with every text a person could have written made hostile; words of the format stay."""
    return {key: _spoil(value, poison, (key,)) for key, value in document.items()}


_KEPT = {
    "schema", "audience", "judged_at", "outcome", "standing", "metric", "scope", "rule", "floor", "ceiling", "reject_below",
    "kind", "level", "severity", "delivered_at", "phase", "sha256", "by", "price", "currency",
}  # fmt: skip


def _spoil(value: Any, poison: str, path: Sequence[str]) -> Any:
    if isinstance(value, str):
        return value if path[-1] in _KEPT and path[0] != "findings" else f"{value}{poison}"
    if isinstance(value, list):
        return [_spoil(each, poison, path) for each in value]
    if isinstance(value, dict):
        named = path[-1] in (
            "by_class",
            "by_annotator",
            "by_slice",
            "share",
            "kinds",
            "slice",
            "evidence",
            "compartments",
        )
        return {
            (f"{key}{poison}" if named else key): _spoil(each, poison, (*path, key))
            for key, each in value.items()
        }
    return value
