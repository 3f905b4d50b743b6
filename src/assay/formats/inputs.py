"""What lies in a file before anyone reads a row: its hash, its size, its form, and a plain copy where it was packed."""

from __future__ import annotations

import codecs
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from assay.annotation.archives import open_stream
from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import Limits
from assay.annotation.regular_file import open_regular
from assay.annotation.text_encoding import detect_encoding, refuse_bytes

Format = Literal[
    "csv", "tsv", "jsonl", "json", "parquet", "label_studio", "mapping", "dataframe", "coco", "voc", "yolo", "bio",
    "spans", "cvat", "masks", "corner_pairs",
]  # fmt: skip

FORMATS: tuple[str, ...] = (
    "csv", "tsv", "jsonl", "json", "parquet", "label_studio", "mapping", "coco", "voc", "yolo", "bio", "spans", "cvat",
    "masks",
)  # fmt: skip
_BY_ENDING: dict[str, Format] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".yaml": "mapping",
    ".yml": "mapping",
}
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class InputFile:
    """One file that was read, as it stands in ``report.json``: counts are of the file, before duplicates collapse."""

    path: str
    sha256: str
    bytes: int
    format: str
    rows: int
    items: int
    annotators: int
    labels: int

    def as_json(self) -> dict[str, object]:
        """The entry of ``inputs`` in ``report.json``."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "format": self.format,
            "rows": self.rows,
            "items": self.items,
            "annotators": self.annotators,
            "labels": self.labels,
        }


@dataclass(frozen=True)
class ReadRequest:
    """A file to read: where it lies, how people call it, and what was declared about its bytes."""

    path: Path
    name: str
    format: Format | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class PlainFile:
    """A file whose bytes can be read as they are; ``path`` may be a copy, ``name`` is what people see."""

    path: Path
    name: str
    sha256: str
    bytes: int
    format: Format
    has_quotes: bool
    ends_with_line_end: bool


@dataclass(frozen=True)
class _Scan:
    sha256: str
    bytes: int
    nul_at: int
    has_quotes: bool
    ends_with_line_end: bool


def format_of(path: Path) -> Format | None:
    """The format that the ending of a file name promises, looked at without ``.gz``; None if it promises nothing."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return _BY_ENDING.get(suffixes[-1]) if suffixes else None


def examine(request: ReadRequest, *, scratch: Path, limits: Limits) -> PlainFile:
    """Hash a file, refuse what cannot be read, and unpack or recode it into ``scratch`` where that is needed.

    Raises :class:`InputError` for a missing or empty file, an unknown form or a NUL byte, and
    :class:`LimitError` when the file is larger than the limits allow, packed or unpacked.
    """
    path = request.path
    plain, scan = path, _scan(path, limits)
    form = request.format or format_of(path)
    if form is None:
        raise InputError(
            "the ending of the name does not say what format this is",
            file=request.name,
            found=path.suffix or "no ending",
            expected=f"one of {', '.join(_BY_ENDING)}, also with .gz, or `format:` in delivery.yaml",
        )
    sha256, size = scan.sha256, scan.bytes
    if size and _is_packed(path, limits):
        plain, scan = _unpacked(path, scratch, limits)
    if scan.bytes and form != "parquet":
        plain, scan = _as_utf8(plain, scan, request, scratch, limits)
        _refuse_nul(plain, scan, request.name)
    if scan.bytes == 0:
        raise InputError("the file is empty", file=request.name, found="0 bytes", expected="rows of labels")
    return PlainFile(plain, request.name, sha256, size, form, scan.has_quotes, scan.ends_with_line_end)


def _scan(path: Path, limits: Limits) -> _Scan:
    digest, total, nul_at, quotes, last = hashlib.sha256(), 0, -1, False, b""
    with open_regular(path, limits=limits) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            if nul_at < 0 and (at := chunk.find(b"\0")) >= 0:
                nul_at = total + at
            quotes = quotes or b'"' in chunk
            total += len(chunk)
            last = chunk[-1:]
    return _Scan(digest.hexdigest(), total, nul_at, quotes, last in (b"\n", b"\r"))


def _is_packed(path: Path, limits: Limits) -> bool:
    """Whether the file is gzip; other packings are refused here, whatever the name says."""
    with open_regular(path, limits=limits) as stream:
        if stream.read(len(_GZIP)) == _GZIP or path.suffix.lower() == ".gz":
            return True
    open_stream(path, limits=limits).close()
    return False


def _unpacked(path: Path, scratch: Path, limits: Limits) -> tuple[Path, _Scan]:
    target = _free_name(scratch, path.name.removesuffix(".gz"))
    with open_stream(path, limits=limits) as packed:
        _write(packed, target)
    return target, _scan(target, limits)


def _write(stream: BinaryIO, target: Path) -> None:
    with target.open("xb") as copy:
        while chunk := stream.read(_CHUNK):
            copy.write(chunk)


def _as_utf8(
    path: Path, scan: _Scan, request: ReadRequest, scratch: Path, limits: Limits
) -> tuple[Path, _Scan]:
    with open_regular(path, limits=limits) as stream:
        name, mark = detect_encoding(stream.read(4), file=request.name, declared=request.encoding)
        if name in ("utf-8", "ascii"):
            return path, scan
        stream.seek(mark)
        target = _free_name(scratch, path.name)
        _recode(stream, target, encoding=name, file=request.name)
    return target, _scan(target, limits)


def _recode(stream: BinaryIO, target: Path, *, encoding: str, file: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    line, offset = 1, stream.tell()
    with target.open("xb") as copy:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
                copy.write(text.encode())
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(encoding, errors="replace").count("\n")
                raise refuse_bytes(
                    error, file=file, encoding=encoding, line=line + before, offset=offset + error.start
                ) from None
            line += text.count("\n")
            offset += len(chunk)
            if not chunk:
                return


def _refuse_nul(path: Path, scan: _Scan, name: str) -> None:
    if scan.nul_at < 0:
        return
    with path.open("rb") as stream:
        line = 1 + sum(chunk.count(b"\n") for chunk in _chunks_until(stream, scan.nul_at))
    raise InputError(
        "a NUL byte: this is not a text file",
        file=name,
        place=f"line {line}, byte {scan.nul_at + 1}",
        found="byte 0",
        expected="text in UTF-8, or UTF-16 with a byte order mark",
    )


def _chunks_until(stream: BinaryIO, end: int) -> list[bytes]:
    chunks = []
    while end > 0 and (chunk := stream.read(min(_CHUNK, end))):
        chunks.append(chunk)
        end -= len(chunk)
    return chunks


def _free_name(folder: Path, name: str) -> Path:
    stem = os.path.basename(name) or "unpacked"
    for number in range(1_000_000):
        target = folder / f"{number}-{stem}"
        if not target.exists():
            return target
    raise LimitError("too many unpacked files", file=name)
