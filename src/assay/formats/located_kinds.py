"""The kinds of located labels, as ``delivery.yaml`` and reports name them."""

from __future__ import annotations

from typing import Literal, get_args

LocatedKind = Literal["boxes", "shapes", "masks", "keypoints", "spans", "fields"]

LOCATED_KINDS: tuple[LocatedKind, ...] = get_args(LocatedKind)
