"""The kinds of located labels, as ``delivery.yaml``, schemas and reports name them."""

from __future__ import annotations

from assay.annotation.schema_values import LOCATED_KINDS, LocatedKind

__all__ = ["LOCATED_KINDS", "LocatedKind"]
