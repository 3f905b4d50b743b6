"""Masks as PNG files: one file for each item, in a folder for each person, or in folders of Pascal VOC.

What the pixels mean is declared as ``profile``, in any order: ``black`` or ``white`` (the colour of the one object),
``classes`` (each value but 0 and 255 is a class) or ``objects`` (each such value is an object); ``class=NAME`` for the
class of objects that have none; and a pattern of the folders that are read, such as ``Experts/Person*``, each of which
is one person. Without a colour, the masks tell it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Literal, cast

import numpy as np

from assay.annotation.errors import InputError
from assay.annotation.limits import MIB, Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import read_whole

from .located_rows import ImageRow, LocatedRows, Notes, ObjectRow, Work, work_state
from .mask_pictures import Sides, Values, dark_pixels, sides_of, values_of
from .objects import ObjectCollector
from .shapes import Told, mask
from .unit import FolderHash, Sizes, Unit, UnitRead, files_below
from .unit_rows import write_unit

Meaning = Literal["black", "white", "classes", "objects"]
MEANINGS: tuple[Meaning, ...] = ("black", "white", "classes", "objects")

_MOST_BYTES = 64 * MIB
_VOID = 255
_SAMPLE = 200
_SHOWN = 5


@dataclass(frozen=True)
class MaskProfile:
    """What was declared of the pixels and the folders."""

    meaning: Meaning | None
    label: str
    folders: tuple[str, ...]

    def holds(self, folder: str) -> bool:
        """Whether a folder, named from the root, is read."""
        return not self.folders or any(fnmatchcase(folder, pattern) for pattern in self.folders)


@dataclass(frozen=True)
class MaskFile:
    """One mask: where it lies, how people call it, the folder of its person, and its item."""

    path: Path
    name: str
    folder: str
    item: str


def read_masks(
    unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes
) -> UnitRead:
    """Read a file, a folder or an unpacked archive of masks. Raises :class:`InputError`."""
    del scratch
    profile = mask_profile(unit)
    notes = Notes(unit.name)
    known = [name for name in collector.image_names if name is not None]
    files = _files(unit, profile, [*sizes, *known], notes, limits)
    reader = _Reader(unit, profile, notes, limits)
    default, named = write_unit(unit, collector, limits, notes, reader.rows(files))
    return UnitRead(default, reader.hash.sha256, reader.hash.bytes, notes.finish(), named=named)


def mask_profile(unit: Unit) -> MaskProfile:
    """The declared profile. Raises :class:`InputError` for two meanings of the pixels."""
    meanings = sorted(unit.profile & set(MEANINGS))
    if len(meanings) > 1:
        raise InputError(
            "the pixels of masks are declared to mean two things", file=unit.name, place="key profile",
            found=", ".join(meanings), expected=f"one of {', '.join(MEANINGS)}",
        )  # fmt: skip
    labels = sorted(word.removeprefix("class=") for word in unit.profile if word.startswith("class="))
    folders = sorted(word for word in unit.profile - set(MEANINGS) if not word.startswith("class="))
    meaning = cast("Meaning", meanings[0]) if meanings else None
    return MaskProfile(meaning, labels[0] if labels else "object", tuple(folders))


def _files(
    unit: Unit, profile: MaskProfile, known: Sequence[str], notes: Notes, limits: Limits
) -> list[MaskFile]:
    """The masks of a unit. An item is called as where it was met first, in capital letters or not."""
    root = unit.path if unit.path.is_dir() else unit.path.parent
    paths = files_below(root, limits) if unit.path.is_dir() else [unit.path]
    found = []
    seen: set[str] = set()
    for path in paths:
        inner = PurePosixPath(path.relative_to(root).as_posix())
        folder = "" if str(inner.parent) == "." else str(inner.parent)
        if inner.suffix.lower() == ".png":
            seen.add(folder)
            if profile.holds(folder):
                found.append((path, inner, folder))
    if not found:
        raise InputError(
            "there is no mask in these folders", file=unit.name,
            found=", ".join(map(shown, sorted(seen)[:_SHOWN])) or "no PNG file",
            expected="PNG files" + (f" in {', '.join(profile.folders)}" if profile.folders else ""),
        )  # fmt: skip
    names = {(folder, inner.stem) for _, inner, folder in found}
    fold = len({(folder, stem.casefold()) for folder, stem in names}) == len(names)
    spelled: dict[str, str] = {}
    for item in known:
        spelled.setdefault(_key(PurePosixPath(item).stem, fold), item)
    files = []
    for path, inner, folder in found:
        item = spelled.setdefault(_key(inner.stem, fold), inner.stem)
        if item != inner.stem and item.casefold() == inner.stem.casefold():
            notes.count(
                "item_case_differs", item, "note",
                f"{{n}} files of {notes.file} are named as another one but for capital letters; they are of one item.",
            )  # fmt: skip
        files.append(MaskFile(path, f"{unit.name}/{inner}", folder, item))
    return files


def _key(stem: str, fold: bool) -> str:
    return stem.casefold() if fold else stem


@dataclass
class _Reader:
    unit: Unit
    profile: MaskProfile
    notes: Notes
    limits: Limits
    hash: FolderHash = field(default_factory=FolderHash)

    def rows(self, files: Sequence[MaskFile]) -> LocatedRows:
        """The size of each image and the objects of each mask."""
        meaning = self._meaning(files)
        people = _people(sorted({one.folder for one in files}))
        for one in files:
            data = self._data(one)
            self.hash.add(one.name, data)
            values = values_of(data, file=one.name, indexed=meaning in ("classes", "objects"))
            height, width = values.shape
            yield ImageRow(one.item, width, height, None)
            objects = list(self._objects(values, meaning))
            yield Work(one.item, people[one.folder], None, work_state(objects), objects, 0)

    def _data(self, one: MaskFile) -> bytes:
        return read_whole(one.path, at_most=_MOST_BYTES, what="a mask", limits=self.limits)

    def _objects(self, values: Values, meaning: Meaning) -> Iterator[ObjectRow]:
        height, width = values.shape
        if meaning in ("black", "white"):
            drawn = dark_pixels(values) if meaning == "black" else ~dark_pixels(values)
            if drawn.any():
                yield mask(Told(self.profile.label), drawn, 0, 0, width, height)
            return
        for value in np.unique(values).tolist():
            if value not in (0, _VOID):
                label = str(value) if meaning == "classes" else self.profile.label
                yield mask(Told(label), values == value, 0, 0, width, height)

    def _meaning(self, files: Sequence[MaskFile]) -> Meaning:
        """What the pixels mean: as declared, else as the first masks tell; said with the evidence."""
        if self.profile.meaning in ("classes", "objects"):
            return self.profile.meaning
        sides = []
        for one in files[:: max(1, len(files) // _SAMPLE)]:
            values = values_of(self._data(one), file=one.name, indexed=False)
            told = sides_of(values)
            if told.gray and self.profile.meaning is None and np.unique(values).size > 2:
                raise InputError(
                    "nobody declared what the values of these masks mean", file=one.name,
                    found=", ".join(map(str, np.unique(values)[:_SHOWN].tolist())) + ", …",
                    expected=f"`profile:` with one of {', '.join(MEANINGS)}",
                )  # fmt: skip
            sides.append(told)
        return self._polarity(sides)

    def _polarity(self, sides: Sequence[Sides]) -> Meaning:
        for_black = sum(one.dark_border < 0.5 for one in sides)
        better: Meaning = "black" if 2 * for_black >= len(sides) else "white"
        dark, border = (
            sum(share) / len(sides)
            for share in ([one.dark for one in sides], [one.dark_border for one in sides])
        )
        seen = (
            f"black covers {dark:.1%} of the pixels and {border:.1%} of the borders, and most of the border in "
            f"{len(sides) - for_black:,} of {len(sides):,} masks"
        )
        evidence = {"masks": len(sides), "dark_share": round(dark, 6), "dark_border_share": round(border, 6)}
        declared = self.profile.meaning
        if declared is None:
            text = (
                f"Nobody declared which pixels of {self.unit.name} are the object; they are read as {better}: {seen}. "
                f"Declare it: `profile: {better}`."
            )
            self.notes.say("mask_polarity_assumed", "major", text, **evidence)
        elif declared != better:
            text = f"{self.unit.name} is declared as {declared}, and its masks look like {better}: {seen}."
            self.notes.say("mask_polarity_contradicted", "major", text, **evidence)
        return declared or better


def _people(folders: Sequence[str]) -> dict[str, str | None]:
    """Each folder is a person, called after it; files that lie in no folder are nobody's in particular."""
    last = [folder.rpartition("/")[2] for folder in folders]
    short = len(set(last)) == len(last)
    return {folder: (name if short else folder) or None for folder, name in zip(folders, last, strict=True)}
