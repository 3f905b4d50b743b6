"""The one reader of packed files: gzip as a stream, zip into a folder, everything counted while it comes out."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from .errors import InputError, LimitError
from .limits import DEFAULT_LIMITS, MIB, Limits, bytes_text
from .place import shown
from .regular_file import open_regular

_GZIP = b"\x1f\x8b"
_MAGIC = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
)
_PACKED_SUFFIXES = frozenset(
    {
        ".zip",
        ".gz",
        ".tgz",
        ".bz2",
        ".tbz2",
        ".xz",
        ".txz",
        ".zst",
        ".7z",
        ".rar",
        ".tar",
        ".lz4",
        ".br",
        ".cab",
        ".jar",
    }
)
_HEAD = 512
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
)


def open_stream(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> BinaryIO:
    """The bytes of a file, unpacked if it is gzip. Raises :class:`InputError` for any other packing.

    Reading raises :class:`InputError` where gzip is broken or cut off, :class:`LimitError` where too much comes out.
    """
    raw = open_regular(path, limits=limits)
    try:
        name = os.fspath(path)
        head = raw.read(_HEAD)
        raw.seek(0)
        if not head.startswith(_GZIP):
            if path.suffix.lower() == ".gz":
                raise InputError("the name says gzip, the content does not", file=name, found=_kind(head))
            _refuse_packed(head, name)
            return raw
        stream = io.BufferedReader(_Unpacking(raw, name, limits), MIB)
        inner = stream.peek(_HEAD)
        if inner.startswith(_GZIP):
            raise InputError(
                "a packed file is packed again", file=name, found="gzip inside gzip",
                expected="a file that is packed once",
            )  # fmt: skip
        _refuse_packed(inner, name)
    except BaseException:
        raw.close()
        raise
    return cast(BinaryIO, stream)  # typeshed: a BufferedReader is a BinaryIO in all but name


class _Unpacking(io.RawIOBase):
    """What comes out of a gzip file, counted."""

    def __init__(self, raw: BinaryIO, file: str, limits: Limits) -> None:
        self._raw = raw
        self._gzip = gzip.GzipFile(fileobj=raw, mode="rb")
        self._counter = _Counter(file, limits)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower than typeshed's Buffer
        file, place = self._counter.file, f"byte {self._counter.unpacked} of the unpacked file"
        try:
            data = self._gzip.read(len(buffer))
        except EOFError:
            raise InputError(
                "the gzip file is cut off", file=file, place=place, found="the end of the file",
                expected="the rest of the packed bytes",
            ) from None  # fmt: skip
        except (gzip.BadGzipFile, zlib.error, struct.error) as error:
            raise InputError(
                "the gzip file is broken", file=file, place=place, found=_reason(error)
            ) from None
        self._counter.count(len(data), self._raw.tell())
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._gzip.close()
            self._raw.close()
        super().close()


class _Counter:
    """Counts what came out against what went in."""

    def __init__(self, file: str, limits: Limits) -> None:
        self.file = file
        self.unpacked = 0
        self._limits = limits

    def count(self, unpacked: int, packed: int) -> None:
        """Add ``unpacked`` bytes that came out; ``packed`` went in until now. Raises :class:`LimitError`."""
        self.unpacked += unpacked
        limits = self._limits
        if self.unpacked > limits.unpacked_bytes:
            most = f"at most {bytes_text(limits.unpacked_bytes)}"
            raise LimitError("too much comes out of the packed file", file=self.file, expected=most)
        if self.unpacked > limits.unpack_free_bytes and self.unpacked > limits.unpack_ratio * max(packed, 1):
            raise LimitError(
                "the packed file unpacks to far more than it holds",
                file=self.file,
                found=f"{bytes_text(self.unpacked)} from {bytes_text(packed)}",
                expected=f"at most {limits.unpack_ratio} times as much",
            )


def unpack_zip(path: Path, into: Path, *, limits: Limits = DEFAULT_LIMITS) -> list[Path]:
    """Unpack an archive into the folder ``into`` (made if need be); the files, sorted by name.

    Raises :class:`InputError` for links, absolute names, names with ``..``, names given twice, encryption, archives in
    the archive, overlapping or broken entries, :class:`LimitError` for too much. Then nothing is left in ``into``.
    """
    file = os.fspath(path)
    existed = into.exists()
    with open_regular(path, limits=limits) as raw:
        entries, archive = _open_zip(raw, file, limits)
        into.mkdir(mode=0o700, exist_ok=True)
        unpacker = _ZipUnpacker(archive, file, into, limits)
        try:
            return sorted(unpacker.unpack(entries))
        except BaseException:
            unpacker.remove()
            if not existed:
                into.rmdir()
            raise


def _open_zip(raw: BinaryIO, file: str, limits: Limits) -> tuple[list[zipfile.ZipInfo], zipfile.ZipFile]:
    _check_directory(raw, file, limits)
    try:
        archive = _zip_with_names(raw)
    except (*_BROKEN, OSError) as error:
        raise InputError("the zip archive is broken", file=file, found=_reason(error)) from None
    entries = archive.infolist()
    _check_entries(entries, archive.start_dir, file, limits)
    return entries, archive


def _zip_with_names(raw: BinaryIO) -> zipfile.ZipFile:
    """Names without the mark of UTF-8 are UTF-8 where all of them can be, else code page 437 as the format says."""
    try:
        return zipfile.ZipFile(raw, metadata_encoding="utf-8")
    except UnicodeDecodeError:
        return zipfile.ZipFile(raw)


def _check_directory(raw: BinaryIO, file: str, limits: Limits) -> None:
    """Refuse an archive whose list of entries is too long, before that list is read into memory."""
    size = raw.seek(0, os.SEEK_END)
    raw.seek(max(0, size - 66_000))
    tail = raw.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise InputError(
            "this is not a zip archive, or it is cut off", file=file, found=_kind(tail[:_HEAD]),
            expected="a zip archive with its directory at the end",
        )  # fmt: skip
    entries, length = struct.unpack_from("<HL", tail, end + 10)
    if tail[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raw.seek(min(struct.unpack_from("<Q", tail, end - 12)[0], size))
        wide = raw.read(56)
        if len(wide) == 56:
            entries, length = struct.unpack_from("<QQ", wide, 32)
    raw.seek(0)
    if entries > limits.archive_entries or length > limits.archive_entries * (
        limits.name_characters * 4 + 200
    ):
        raise _too_many(entries, file, limits)


def _too_many(entries: int, file: str, limits: Limits) -> LimitError:
    expected = f"at most {limits.archive_entries} entries"
    return LimitError(
        "the archive holds too many entries", file=file, found=f"{entries} entries", expected=expected
    )


def _check_entries(
    entries: list[zipfile.ZipInfo], start_of_directory: int, file: str, limits: Limits
) -> None:
    if len(entries) > limits.archive_entries:
        raise _too_many(len(entries), file, limits)
    seen: dict[str, str] = {}
    files: set[str] = set()
    for entry in entries:
        _check_entry(entry, file, limits)
        name = unicodedata.normalize("NFC", entry.filename.rstrip("/")).casefold()
        if name in seen:
            found = f"{shown(seen[name])} and {shown(entry.filename)}"
            raise InputError("the archive holds two entries of one name", file=file, found=found)
        seen[name] = entry.filename
        if not entry.is_dir():
            files.add(name)
    for name, written in seen.items():
        if any(os.fspath(parent) in files for parent in PurePosixPath(name).parents):
            raise InputError(
                "a file of the archive is used as a folder", file=file, place=shown(written),
                found="an entry below another entry that is a file", expected="files below folders",
            )  # fmt: skip
    _check_overlap(entries, start_of_directory, file)


def _check_entry(entry: zipfile.ZipInfo, file: str, limits: Limits) -> None:
    name = entry.filename
    place = f"entry {shown(name)}"
    parts = name.rstrip("/").split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if len(name) > limits.name_characters or len(parts) > limits.folder_depth:
        raise LimitError("the name of an archived file is too long or too deep", file=file, place=place)
    if (
        name.startswith("/")
        or "\\" in name
        or ":" in parts[0]
        or any(part in ("", ".", "..") for part in parts)
    ):
        expected = "names inside the archive, without a drive, a leading slash or .."
        raise InputError(
            "the name of an archived file leads out of the folder",
            file=file,
            place=place,
            found=shown(name),
            expected=expected,
        )
    # zipfile cuts a name at its first NUL; the name as it was written tells.
    if (
        not name.isprintable()
        or "\0" in entry.orig_filename
        or any(len(part.encode()) > 255 for part in parts)
    ):
        raise InputError(
            "the name of an archived file cannot be used", file=file, place=place,
            found=ascii(entry.orig_filename)[:80], expected="printable names, no part of them over 255 bytes",
        )  # fmt: skip
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        found = "a link" if kind == stat.S_IFLNK else "a special file"
        raise InputError("the archive holds more than files and folders", file=file, place=place, found=found)
    if entry.is_dir() and entry.file_size:
        found = f"a folder of {entry.file_size:,} bytes"
        raise InputError("a folder of the archive has a content", file=file, place=place, found=found)
    if entry.flag_bits & 0x1:
        raise InputError(
            "the archive is encrypted", file=file, place=place, found="an entry with a password",
            expected="an archive without a password",
        )  # fmt: skip
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        expected = "an archive packed with deflate"
        raise InputError(
            "the packing of an archived file is not read", file=file, place=place,
            found=f"packing method {entry.compress_type}", expected=expected,
        )  # fmt: skip
    if not entry.is_dir() and PurePosixPath(name).suffix.lower() in _PACKED_SUFFIXES:
        raise _nested(file, name, "a packed file")


def _check_overlap(entries: list[zipfile.ZipInfo], start_of_directory: int, file: str) -> None:
    """Refuse entries that share packed bytes: a small archive would unpack to a huge one."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise InputError(
                "entries of the archive overlap", file=file, place=f"entry {shown(entry.filename)}",
                found=f"an entry from byte {entry.header_offset:,}, the one before up to byte {end:,}",
                expected="entries one after the other",
            )  # fmt: skip
        end = entry.header_offset + 30 + len(entry.orig_filename) + entry.compress_size
    if end > start_of_directory:
        raise InputError(
            "entries of the archive overlap", file=file, place="the end of the archive",
            found=f"entries up to byte {end:,}, the directory from byte {start_of_directory:,}",
            expected="the directory after the entries",
        )  # fmt: skip


class _ZipUnpacker:
    """Writes the entries of a checked archive, and can take back what it wrote."""

    def __init__(self, archive: zipfile.ZipFile, file: str, into: Path, limits: Limits) -> None:
        self._archive, self._file, self._into = archive, file, into
        self._counter = _Counter(file, limits)
        self._packed = 0
        self._made: list[Path] = []

    def unpack(self, entries: list[zipfile.ZipInfo]) -> Iterator[Path]:
        for entry in entries:
            target = self._into.joinpath(*entry.filename.rstrip("/").split("/"))
            self._make_folders(target if entry.is_dir() else target.parent)
            if not entry.is_dir():
                self._write(entry, target)
                yield target

    def remove(self) -> None:
        """Take back everything that was written."""
        for path in reversed(self._made):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _make_folders(self, folder: Path) -> None:
        missing = []
        while folder != self._into and not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            one.mkdir(mode=0o700)
            self._made.append(one)

    def _write(self, entry: zipfile.ZipInfo, target: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._packed += entry.compress_size
        with self._opened(entry) as source, os.fdopen(os.open(target, flags, 0o600), "wb") as sink:
            self._made.append(target)
            first = True
            while data := self._read(source, entry):
                if first and (kind := _packed_kind(data)):
                    raise _nested(self._file, entry.filename, kind)
                self._counter.count(len(data), self._packed)
                sink.write(data)
                first = False

    def _opened(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        try:
            return self._archive.open(entry)
        except (*_BROKEN, OSError) as error:
            raise self._broken(entry, error) from None

    def _read(self, source: IO[bytes], entry: zipfile.ZipInfo) -> bytes:
        try:
            return source.read(MIB)
        except (*_BROKEN, OSError) as error:
            raise self._broken(entry, error) from None

    def _broken(self, entry: zipfile.ZipInfo, error: Exception) -> InputError:
        place = f"entry {shown(entry.filename)}"
        return InputError("the zip archive is broken", file=self._file, place=place, found=_reason(error))


def _nested(file: str, name: str, kind: str) -> InputError:
    return InputError(
        "the archive holds a packed file",
        file=file,
        place=f"entry {shown(name)}",
        found=kind,
        expected="files that are packed once: put the unpacked file into the archive",
    )


def _refuse_packed(head: bytes, file: str) -> None:
    kind = _packed_kind(head)
    if kind:
        raise InputError(
            "this packing is not read here", file=file, found=kind, expected="a plain file, or gzip"
        )


def _packed_kind(head: bytes) -> str | None:
    if head.startswith(_GZIP):
        return "a gzip file"
    if head[257:262] == b"ustar":
        return "a tar archive"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def _kind(head: bytes) -> str:
    return _packed_kind(head) or (f"bytes {head[:4].hex(' ')}" if head else "an empty file")


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200] if text.isprintable() else ascii(text[:200])
