"""Which of the delivered files and folders hold located labels, and why they are taken for that."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from assay.annotation.archives import open_stream, unpack_zip
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.json_members import Piece, json_members
from assay.annotation.limits import Limits
from assay.annotation.regular_file import open_regular

from .corner_pairs import PROFILE as CORNER_PAIRS
from .delivery import FILE_NAME, DeliveryFile, FileEntry, find_delivery
from .row_search import row_format
from .unit import LocatedFormat, Unit, files_below

#: Endings of pictures and films: they are what was labelled, not labels.
MEDIA = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".mp4", ".avi", ".mov", ".mkv"}
)
_VOC = re.compile(rb"<annotation[\s>]")
_HEAD = 4096
_PIECES = 60
_DECLARABLE = ("coco", "voc", "yolo", "bio", "spans", "cvat", "masks")
_YOLO_LISTS = frozenset({"classes.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "readme.txt"})
_YOLO_ROW = re.compile(rb"\s*[0-9]+(\.0+)?(\s+-?[0-9.]+(e-?[0-9]+)?){4,}\s*(\r?\n|$)")
_LABEL_FOLDER = re.compile(r"labels|obj_.*_data")


@dataclass(frozen=True)
class Found:
    """The units of a delivery of located labels, and what was seen besides them."""

    units: tuple[Unit, ...]
    findings: tuple[Finding, ...]
    declared: DeliveryFile


@dataclass(frozen=True)
class _Candidate:
    path: Path
    name: str
    format: LocatedFormat
    why: str


def find_units(
    sources: Sequence[Path], declared: DeliveryFile | None, *, scratch: Path, limits: Limits,
    exclude: Collection[Path] = (),
) -> Found | None:  # fmt: skip
    """The units of the sources, or None when nothing in them is located.

    Raises :class:`InputError` when a delivery mixes located labels with other files that it lists.
    """
    described = declared or find_delivery(list(sources)) or DeliveryFile()
    skip = {path.resolve() for path in exclude}
    if described.items is not None:
        skip.add(described.items.resolve())
    units: list[Unit] = []
    unread: list[str] = []
    if described.files:
        other = []
        for entry in described.files:
            found, _ = _candidates(
                entry.path, entry.request.name, entry.format, skip, scratch, limits, entry.profile
            )
            units += [_unit(len(units) + at, one, entry, described) for at, one in enumerate(found)]
            other += [] if found else [entry.request.name]
        if units and other:
            raise InputError(
                "a delivery holds located labels or other labels, not both", file=other[0],
                found="a file without located labels beside files with them", expected="two deliveries",
            )  # fmt: skip
    else:
        for source in sources:
            if source.name == FILE_NAME or not source.exists():
                continue
            found, rest = _candidates(source, str(source), None, skip, scratch, limits)
            units += [
                _unit(len(units) + at, one, FileEntry(one.path), described) for at, one in enumerate(found)
            ]
            unread += rest
    if not units:
        return None
    return Found(tuple(units), tuple(_not_read(unread)), described)


def _unit(number: int, one: _Candidate, entry: FileEntry, described: DeliveryFile) -> Unit:
    words = frozenset(re.split(r"[\s,]+", entry.profile.strip())) if entry.profile else frozenset()
    layer = entry.layer
    return Unit(
        number, one.path, one.name, one.format, entry.annotator, words, layer, one.why,
        entry.profile, entry.columns or described.columns, described.duplicates,
    )  # fmt: skip


def _candidates(
    path: Path, name: str, form: str | None, skip: AbstractSet[Path], scratch: Path, limits: Limits,
    control: str | None = None,
) -> tuple[list[_Candidate], list[str]]:  # fmt: skip
    if path.suffix.lower() == ".zip" and path.is_file() and not _is_declared_else(form):
        path = _unpacked(path, scratch, limits)
    located: LocatedFormat | None = form if form in _DECLARABLE else None  # type: ignore[assignment]
    if form == "label_studio" and path.is_file():
        row = row_format(path, name, limits, declared=form, control=control)
        return ([], [name]) if row is None else ([_Candidate(path, name, *row)], [])
    if control is not None and CORNER_PAIRS in control.split() and form in (None, "csv", "tsv", "json"):
        return [_Candidate(path, name, "corner_pairs", "declared")], []
    if form is not None and located is None:
        return [], [name]
    if path.is_dir():
        if located in ("voc", "yolo", "masks"):
            return [_Candidate(path, name, located, "declared")], []
        return _in_folder(path, name, skip, limits)
    if located is not None:
        return [_Candidate(path, name, located, "declared")], []
    candidate = _file(path, name, limits, control)
    return ([candidate], []) if candidate is not None else ([], [name])


def _is_declared_else(form: str | None) -> bool:
    return form is not None and form not in (*_DECLARABLE, "label_studio")


def _unpacked(path: Path, scratch: Path, limits: Limits) -> Path:
    into = scratch / f"located-{sum(1 for _ in scratch.iterdir())}"
    into.mkdir()
    unpack_zip(path, into, limits=limits)
    return into


def _file(path: Path, name: str, limits: Limits, control: str | None = None) -> _Candidate | None:
    ending = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if ending == "json":
        why = _why_coco(path, limits)
        if why:
            return _Candidate(path, name, "coco", why)
    if ending == "xml" and _is_voc(path, limits):
        return _Candidate(path, name, "voc", "an XML file of one <annotation>")
    row = row_format(path, name, limits, control=control)
    return None if row is None else _Candidate(path, name, *row)


def _in_folder(
    folder: Path, name: str, skip: AbstractSet[Path], limits: Limits
) -> tuple[list[_Candidate], list[str]]:
    files = [path for path in files_below(folder, limits) if path.suffix.lower() not in MEDIA]
    if skip:
        files = [path for path in files if skip.isdisjoint((full := path.resolve(), *full.parents))]
    files = [path for path in files if path.name != FILE_NAME]

    def named(path: Path) -> str:
        return f"{name}/{path.relative_to(folder).as_posix()}" if path != folder else name

    candidates, taken = _yolo_roots(folder, files, named, limits)
    rest = [path for path in files if path not in taken]
    by_folder: dict[Path, list[Path]] = {}
    for path in rest:
        if path.suffix.lower() == ".xml":
            by_folder.setdefault(path.parent, []).append(path)
    for parent, inside in by_folder.items():
        if _is_voc(inside[0], limits):
            why = f"{len(inside):,} XML files of one <annotation> each"
            candidates.append(_Candidate(parent, named(parent), "voc", why))
            taken.update(inside)
    unread = []
    for path in rest:
        if path in taken:
            continue
        one = _file(path, named(path), limits)
        if one is None:
            unread.append(named(path))
        else:
            candidates.append(one)
    return candidates, unread


def _yolo_roots(
    folder: Path, files: Iterable[Path], named: object, limits: Limits
) -> tuple[list[_Candidate], set[Path]]:
    """Folders with names of classes and rows of YOLO below them; each file belongs to the nearest such folder."""
    roots: dict[Path, str] = {}
    texts: list[Path] = []
    for path in files:
        lower = path.name.lower()
        if lower == "classes.txt" or lower.endswith(".names") or is_data_yaml(path, limits):
            roots.setdefault(path.parent, path.name)
        elif lower.endswith(".txt") and lower not in _YOLO_LISTS:
            texts.append(path)
    by_root: dict[Path, list[Path]] = {}
    for path in texts:
        above = [parent for parent in path.parents if parent in roots]
        label_folder = next((up for up in path.parents if is_label_folder(up)), None)
        if above:
            by_root.setdefault(above[0], []).append(path)
        elif label_folder is not None and label_folder.is_relative_to(folder):
            by_root.setdefault(label_folder, []).append(path)
    candidates, taken = [], set()
    for root, inside in by_root.items():
        if not any(_is_yolo(path, limits) for path in inside[:20]):
            continue
        classes = roots.get(root)
        why = f"{len(inside):,} files of numbers" + (f" and the classes of {classes}" if classes else "")
        candidates.append(_Candidate(root, named(root), "yolo", why))  # type: ignore[operator]  # the naming of the caller
        taken.update(inside)
        taken.update(path for path in files if path.parent == root and _belongs_to_yolo(path))
    return candidates, taken


def _belongs_to_yolo(path: Path) -> bool:
    lower = path.name.lower()
    return lower in _YOLO_LISTS or lower.endswith((".names", ".data", ".yaml", ".yml", ".cache"))


def is_label_folder(path: Path) -> bool:
    """Whether a folder is called as those of YOLO that hold labels alone."""
    return _LABEL_FOLDER.fullmatch(path.name) is not None


def is_data_yaml(path: Path, limits: Limits) -> bool:
    """Whether a file describes a YOLO data set: YAML with ``names``."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        return False
    head = _head(path, limits)
    return re.search(rb"^names\s*:", head, re.MULTILINE) is not None and not head.startswith(b"assay:")


def _is_yolo(path: Path, limits: Limits) -> bool:
    head = _head(path, limits)
    return _YOLO_ROW.match(head) is not None


def _is_voc(path: Path, limits: Limits) -> bool:
    return _VOC.search(_head(path, limits)) is not None


def _head(path: Path, limits: Limits) -> bytes:
    """The first bytes; none of what cannot be opened, which is left to the reader of other files to refuse."""
    try:
        with open_regular(path, limits=limits) as stream:
            return stream.read(_HEAD)
    except InputError:
        return b""


def _why_coco(path: Path, limits: Limits) -> str:
    """Why a JSON file is COCO; an empty text if it is not, or is no JSON: another reader refuses it then."""
    try:
        with open_stream(path, limits=limits) as stream:
            seen: set[str] = set()
            for number, piece in enumerate(json_members(stream, file=str(path), limits=limits)):
                seen.add(piece.key)
                told = _told_by(piece)
                if told is not None:
                    return told
                if number > _PIECES:
                    break
            return "lists of images and annotations" if {"images", "annotations"} <= seen else ""
    except InputError:
        return ""


def _told_by(piece: Piece) -> str | None:
    """What a member says about the format of its file; None if it says nothing."""
    first = piece.records[0] if piece.records and piece.is_list else None
    if not isinstance(first, dict):
        return "" if piece.key == "" else None
    if piece.key == "":
        located = first.keys() & {"bbox", "segmentation", "keypoints", "caption"}
        return "a list of results with image_id" if "image_id" in first and located else ""
    if piece.key == "images":
        if "id" not in first:
            return ""
        return "a list of images with ids" if first.keys() & {"file_name", "width"} else None
    if piece.key == "annotations":
        return "annotations with image_id" if "image_id" in first else ""
    return None


def _not_read(names: Sequence[str]) -> list[Finding]:
    if not names:
        return []
    listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    text = (
        f"{len(names):,} files were not read, because they are no located labels in a known format: {listed}."
    )
    evidence = {"files": list(names[:50]), "count": len(names)}
    return [Finding("file_not_read", "note", "delivery", text, evidence)]
