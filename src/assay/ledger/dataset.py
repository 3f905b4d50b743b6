"""The files that go through the gate, and how they differ from those that a verdict is over."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .problem import LedgerError, Problem
from .signed_report import InputHash, hash_file

_MOST_FILES = 1_000_000


@dataclass(frozen=True)
class DatasetFile:
    """A file to be let through: its path, its parts below the folder that was named, its SHA-256."""

    path: Path
    parts: tuple[str, ...]
    is_named: bool
    sha256: str


def dataset_files(datasets: Sequence[Path]) -> list[DatasetFile]:
    """Every file that was named or lies in a folder that was named, hashed."""
    files = []
    for path in datasets:
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise LedgerError("there is no such data set", file=str(path), found=reason) from None
        if stat.S_ISREG(mode):
            files.append(DatasetFile(path, path.parts, True, hash_file(path)))
        elif stat.S_ISDIR(mode):
            files += [
                DatasetFile(one, one.relative_to(path).parts, False, hash_file(one)) for one in _inside(path)
            ]
        else:
            raise LedgerError("this is no data set", file=str(path), expected="a file or a folder")
    if not files:
        raise LedgerError("the data set is empty", file=", ".join(map(str, datasets)), expected="files")
    return files


def _inside(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if not stat.S_ISREG(path.lstat().st_mode):
                raise LedgerError(
                    "a data set holds files only", file=str(path), expected="no links, no devices"
                )
            found.append(path)
        if len(found) > _MOST_FILES:
            raise LedgerError(
                "the data set holds too many files", file=str(folder), expected=f"{_MOST_FILES:,}"
            )
    return found


def differences(files: Sequence[DatasetFile], inputs: Sequence[InputHash]) -> list[Problem]:
    """What is wrong between files and the inputs of a verdict: changed, not judged, given twice, missing."""
    left = [one for one in inputs if one.role == "delivery"]
    others = {one.sha256 for one in inputs if one.role != "delivery"}
    by_hash: dict[str, list[InputHash]] = {}
    for one in left:
        by_hash.setdefault(one.sha256, []).append(one)
    wrong, unmatched = [], []
    for file in files:
        fits = next((one for one in by_hash.get(file.sha256, ()) if _same_name(file, one)), None)
        if fits is not None:
            by_hash[file.sha256].remove(fits)
        elif file.sha256 not in others:
            unmatched.append(file)
    missing = [one for listed in by_hash.values() for one in listed]
    for file in unmatched:
        changed = next((one for one in missing if _same_name(file, one)), None)
        if changed is not None:
            missing.remove(changed)
            wrong.append(Problem(str(file.path), "changed since the verdict", file.sha256, changed.sha256))
        else:
            wrong.append(
                Problem(
                    str(file.path), "the verdict is not over this file", file.sha256,
                    "only files that were judged; name the label files if the folder holds others too",
                )
            )  # fmt: skip
    return wrong + [
        Problem(one.path, "the verdict is over this file too, and it is not here", None, one.sha256)
        for one in missing
    ]


def _same_name(file: DatasetFile, one: InputHash) -> bool:
    """Whether a file has the name it was judged under: one path ends with the other, or, for a file that was named
    itself, the last part is the same.
    """
    judged = tuple(part for part in one.path.split("/") if part)
    most = 1 if file.is_named else min(len(judged), len(file.parts))
    return file.parts[-most:] == judged[-most:]
