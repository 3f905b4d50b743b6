"""What the readers of located labels hand out for small files of tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assay.annotation.finding import Finding
from assay.formats.located_rows import ContentRow, ImageRow, LocatedRows, Notes, ObjectRow, Work


@dataclass(frozen=True)
class Located:
    """The rows of one file, sorted by what they are."""

    work: list[Work]
    images: list[ImageRow]
    texts: dict[str, str | None]
    findings: dict[str, Finding]
    notes: Notes

    @property
    def objects(self) -> list[ObjectRow]:
        """The objects of everyone, in order."""
        return [one for work in self.work for one in work.objects]

    @property
    def spans(self) -> list[tuple[str, int, int, str | None]]:
        """Class, start, end and text of every span."""
        return [(one.label, int(one.x), int(one.x + one.w), one.text) for one in self.objects]


def gather(path: Path, read: Callable[[Path, str, Notes], LocatedRows]) -> Located:
    """Read a file to its end."""
    notes = Notes(path.name)
    rows = list(read(path, path.name, notes))
    return Located(
        [one for one in rows if isinstance(one, Work)],
        [one for one in rows if isinstance(one, ImageRow)],
        {one.item: one.text for one in rows if isinstance(one, ContentRow)},
        {one.kind: one for one in notes.finish()},
        notes,
    )
