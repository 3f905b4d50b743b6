"""One unit of a delivery of located labels: a file or a folder of one person, layer and round."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from assay.annotation.errors import LimitError
from assay.annotation.finding import Finding
from assay.annotation.layers import Layer
from assay.annotation.limits import Limits

LocatedFormat = Literal[
    "coco", "voc", "yolo", "bio", "spans", "label_studio", "cvat", "masks", "corner_pairs",
]  # fmt: skip
#: Width and height by item, as a manifest says them.
Sizes = Mapping[str, tuple[int, int]]

#: Files in a folder of located labels: one for each image and as many images.
MOST_FILES = 2_000_000


@dataclass(frozen=True)
class Unit:
    """What is read as one: where it lies, its format, and what was declared about it."""

    number: int
    path: Path
    name: str
    format: LocatedFormat
    annotator: str | None = None
    profile: frozenset[str] = frozenset()
    layer: Layer | None = None
    why: str = ""
    words: str | None = None
    columns: Mapping[str, str | int] | None = None
    duplicates: Literal["refuse", "first", "last"] = "refuse"


@dataclass(frozen=True)
class UnitRead:
    """What a reader says about a unit after it was read.

    ``person`` is the number of whoever made what names nobody; ``layer`` and ``owner`` are what the file itself says
    about its layer and its person; ``named`` tells whether annotations name their people.
    """

    person: int
    sha256: str
    bytes: int
    findings: list[Finding] = field(default_factory=list)
    layer: Layer | None = None
    owner: str | None = None
    named: bool = False


class FolderHash:
    """The SHA-256 over names and hashes of the files of a folder."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.bytes = 0

    def add(self, name: str, data: bytes) -> None:
        """One file; files are added in the order of their names."""
        self._digest.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode(errors="surrogateescape"))
        self.bytes += len(data)

    @property
    def sha256(self) -> str:
        """The hash of what was added."""
        return self._digest.hexdigest()


def files_below(folder: Path, limits: Limits) -> Iterator[Path]:
    """Every regular file in a folder and the folders in it, in order; links and hidden files are left out.

    Raises :class:`LimitError` for too many files and for folders too deep inside each other.
    """
    count = 0
    pending = [(folder, 0)]
    while pending:
        here, depth = pending.pop()
        if depth > limits.folder_depth:
            expected = f"{limits.folder_depth} levels"
            raise LimitError("folders stand too deep inside each other", file=str(folder), expected=expected)
        with os.scandir(here) as listing:
            entries = sorted(
                (one for one in listing if not one.name.startswith((".", "__MACOSX"))),
                key=lambda one: one.name,
            )
        pending += [
            (here / one.name, depth + 1) for one in reversed(entries) if one.is_dir(follow_symlinks=False)
        ]
        for one in entries:
            if one.is_file(follow_symlinks=False):
                count += 1
                if count > MOST_FILES:
                    raise LimitError(
                        "the folder holds too many files", file=str(folder), expected=f"{MOST_FILES:,}"
                    )
                yield here / one.name
