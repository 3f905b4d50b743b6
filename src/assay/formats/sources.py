"""From what a caller names (files, folders, archives) to the list of files to read, in a fixed order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assay.annotation.archives import unpack_zip
from assay.annotation.errors import InputError, LimitError
from assay.annotation.finding import Finding
from assay.annotation.limits import Limits
from assay.annotation.regular_file import open_regular

from .delivery import FILE_NAME, DeliveryFile, FileEntry, load_delivery
from .inputs import format_of

_HIDDEN = ("__MACOSX", ".")


@dataclass(frozen=True)
class Listing:
    """The files to read, what else was seen, and the description that was found inside."""

    entries: tuple[FileEntry, ...]
    findings: tuple[Finding, ...]
    declared: DeliveryFile


def list_files(
    sources: Sequence[Path],
    declared: DeliveryFile | None,
    *,
    exclude: Collection[Path],
    scratch: Path,
    limits: Limits,
) -> Listing:
    """Every file to read: those that ``delivery.yaml`` lists, and those that the caller names.

    A folder stands for the files in it. Raises :class:`InputError` for a path that does not exist and for a folder
    or archive without a file that can be read.
    """
    roots = [_Root(source, str(source)) for source in sources if source.name != FILE_NAME]
    roots = [_unpacked(root, scratch, limits) for root in roots]
    if declared is None:
        declared = _declared_inside(roots)
    described = declared or DeliveryFile()
    skip = {path.resolve() for path in exclude}
    skip |= {described.items.resolve()} if described.items is not None else set()
    entries = [part for entry in described.files for part in _parts(entry, scratch, limits)]
    listed = {entry.path.resolve() for entry in entries}
    findings: list[Finding] = []
    for root in roots:
        if not root.path.is_dir():
            if root.path.resolve() not in listed:
                entries.append(FileEntry(root.path, root.name))
            continue
        found, unread = _in_folder(root, skip, limits)
        extra = [entry for entry in found if entry.path.resolve() not in listed]
        if described.files:
            unread += [entry.name for entry in extra]
        else:
            entries += extra
        findings += _not_read(root, unread, listed=bool(described.files))
        if not entries:
            raise InputError(
                "there is no file to read", file=root.name, found="no table, JSON, Parquet or YAML file",
                expected="the delivered labels",
            )  # fmt: skip
    return Listing(tuple(entries), tuple(findings), described)


@dataclass(frozen=True)
class _Root:
    path: Path
    name: str


def _unpacked(root: _Root, scratch: Path, limits: Limits) -> _Root:
    if not root.path.exists():
        raise InputError(
            "there is no such file or folder", file=root.name, found="nothing", expected="a file or folder"
        )
    if root.path.suffix.lower() != ".zip":
        return root
    return _Root(_unpack(root.path, scratch, limits), root.name)


def _unpack(path: Path, scratch: Path, limits: Limits) -> Path:
    number = sum(1 for _ in scratch.iterdir())
    into = scratch / f"archive-{number}"
    into.mkdir()
    unpack_zip(path, into, limits=limits)
    return into


def _parts(entry: FileEntry, scratch: Path, limits: Limits) -> list[FileEntry]:
    if entry.path.suffix.lower() != ".zip":
        return [entry]
    root = _Root(_unpack(entry.path, scratch, limits), entry.request.name)
    found, _ = _in_folder(root, frozenset(), limits)
    return [replace(entry, path=part.path, name=part.name) for part in found]


def _declared_inside(roots: Sequence[_Root]) -> DeliveryFile | None:
    found = [root for root in roots if (root.path / FILE_NAME).is_file()]
    if len(found) > 1:
        raise InputError(
            "more than one delivery is described", found=", ".join(root.name for root in found),
            expected=f"one {FILE_NAME}: one batch at a time",
        )  # fmt: skip
    if not found:
        return None
    declared = load_delivery(found[0].path / FILE_NAME, inside=True)
    return replace(
        declared,
        files=tuple(replace(entry, name=f"{found[0].name}/{entry.name}") for entry in declared.files),
    )


def _in_folder(root: _Root, skip: Collection[Path], limits: Limits) -> tuple[list[FileEntry], list[str]]:
    entries, unread = [], []
    for path in _walk(root.path, root, limits):
        name = f"{root.name}/{path.relative_to(root.path).as_posix()}"
        if path.name == FILE_NAME or path.resolve() in skip:
            continue
        if path.is_symlink() or format_of(path) is None or _is_document(path, limits):
            unread.append(name)
        else:
            entries.append(FileEntry(path, name))
    return entries, unread


def _walk(folder: Path, root: _Root, limits: Limits) -> Iterator[Path]:
    count = 0
    pending = [folder]
    while pending:
        here = pending.pop()
        if len(here.relative_to(folder).parts) > limits.folder_depth:
            raise LimitError(
                "folders stand too deep inside each other",
                file=root.name,
                expected=f"{limits.folder_depth} levels",
            )
        inside = sorted(path for path in here.iterdir() if not path.name.startswith(_HIDDEN))
        pending += [path for path in reversed(inside) if path.is_dir() and not path.is_symlink()]
        for path in inside:
            if path.is_dir() and not path.is_symlink():
                continue
            count += 1
            if count > limits.folder_files:
                raise LimitError(
                    "the folder holds too many files",
                    file=root.name,
                    expected=f"at most {limits.folder_files}",
                )
            yield path


def _is_document(path: Path, limits: Limits) -> bool:
    """Whether a YAML file is one of our own documents (schema, gold, contract) and so no labels."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        return False
    with open_regular(path, limits=limits) as stream:
        return any(line.startswith(b"assay:") for line in stream.read(4096).splitlines())


def _not_read(root: _Root, names: Sequence[str], *, listed: bool) -> list[Finding]:
    if not names:
        return []
    why = f"{FILE_NAME} does not list them" if listed else "they are no labels in a known format"
    text = f"{len(names):,} files in {root.name} were not read, because {why}: {', '.join(names[:5])}" + (
        ", …" if len(names) > 5 else ""
    )
    return [
        Finding(
            "file_not_read", "note", "delivery", f"{text}.", {"files": list(names[:50]), "count": len(names)}
        )
    ]
