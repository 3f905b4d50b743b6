"""What a reader of labels of whole items says when it is given boxes, shapes, masks or keypoints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits

from .delivery import DeliveryFile
from .located_search import Found, find_units

_SHOWN = 3


def refuse_located(
    paths: Sequence[Path],
    declared: DeliveryFile | None,
    *,
    scratch: Path,
    limits: Limits,
    exclude: Collection[Path] = (),
) -> None:
    """Raise :class:`InputError` when the paths hold located labels, which cannot be judged yet."""
    found = find_units(paths, declared, scratch=scratch, limits=limits, exclude=exclude)
    if found is not None:
        raise InputError(
            "boxes, shapes, masks and keypoints cannot be judged yet by this version",
            file=found.units[0].name, found=_found(found),
            expected="labels of whole items; `assay inspect` shows what is in these files, `assay convert` writes them "
            "as COCO, Pascal VOC or YOLO",
        )  # fmt: skip


def _found(found: Found) -> str:
    units = "; ".join(f"{unit.name}: {unit.format}, {unit.why}" for unit in found.units[:_SHOWN])
    more = len(found.units) - _SHOWN
    return units + (f"; and {more:,} more" if more > 0 else "")
