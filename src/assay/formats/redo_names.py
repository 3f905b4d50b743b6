"""The files that a redo list of located labels is written to."""

from __future__ import annotations

from .located_kinds import LocatedKind

CVAT_FILE = "rework.cvat.xml"
STUDIO_FILE = "rework.label-studio.json"
IN_IMAGES: frozenset[LocatedKind] = frozenset({"boxes", "shapes", "masks", "keypoints"})


def redo_files(kind: LocatedKind) -> list[str]:
    """The names of the files for other tools that a redo list of a kind of labels is written to."""
    return [CVAT_FILE, STUDIO_FILE] if kind in IN_IMAGES else [STUDIO_FILE]
