"""The one file of a bundle: a zip archive in which nothing is packed and every byte has one possible value.

Names in order, one after the other, time 1980-01-01, no extra fields, no comment. Usual programs unpack it; the reader
refuses any archive that this writer would not have written, so a flipped bit in a header is seen and nothing has to be
unpacked. A folder with the same files is read as well.
"""

from __future__ import annotations

import binascii
import io
import os
import re
import stat
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from .problem import LedgerError, Problem, shown

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}(/[a-z0-9][a-z0-9.-]{0,63}){0,3}")
MOST_FILES, MOST_BYTES = 65_535, 0xFFFF_FFFF
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _UNIX, _MODE, _DATE = 20, 3 << 8, 0o100644 << 16, 0x21
_CHUNK = 1 << 20


class Container(Protocol):
    """The files of a bundle."""

    def names(self) -> list[str]:
        """All names, sorted."""

    def size(self, name: str) -> int:
        """The bytes of a file."""

    def open(self, name: str) -> BinaryIO:
        """A file, for reading from its beginning."""

    def damaged(self) -> Iterator[Problem]:
        """The files whose bytes do not have the checksum stated for them."""


def read_all(container: Container, name: str, most: int) -> bytes:
    """All bytes of a small file. Raises :class:`LedgerError` for one of more than ``most`` bytes."""
    if container.size(name) > most:
        found = f"{container.size(name):,} bytes"
        raise LedgerError("the file is too large", place=name, found=found, expected=f"at most {most:,}")
    with container.open(name) as stream:
        return stream.read()


@contextmanager
def opened(path: Path) -> Iterator[Container]:
    """A bundle, from a file or a folder. Raises :class:`LedgerError` for anything else."""
    file = str(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise LedgerError("the bundle cannot be opened", file=file, found=reason) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            yield _Folder(path)
        elif stat.S_ISREG(mode):
            yield _Zip(descriptor)
        else:
            raise LedgerError("this is no bundle", file=file, expected="a file or a folder")
    except LedgerError as error:
        error.file = error.file or file
        raise
    except OSError as error:
        raise LedgerError("a part of the bundle cannot be read", file=file, found=error.strerror) from None
    finally:
        os.close(descriptor)


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes: dict[str, int] = {}
        for folder, folders, files in os.walk(path):
            for name in [*folders, *files]:
                self._look_at(Path(folder, name), is_folder=name in folders)

    def _look_at(self, path: Path, *, is_folder: bool) -> None:
        inner, status = path.relative_to(self._path).as_posix(), path.lstat()
        if not (stat.S_ISDIR if is_folder else stat.S_ISREG)(status.st_mode):
            raise LedgerError("a bundle holds files and folders only", place=shown(inner))
        if not NAME.fullmatch(inner):
            raise LedgerError("a file of the bundle cannot have this name", place=shown(inner))
        if not is_folder:
            self._sizes[inner] = status.st_size
        if len(self._sizes) > MOST_FILES:
            raise LedgerError("the bundle holds too many files", expected=f"at most {MOST_FILES:,}")

    def names(self) -> list[str]:
        return sorted(self._sizes)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def open(self, name: str) -> BinaryIO:
        return self._path.joinpath(*name.split("/")).open("rb")

    def damaged(self) -> Iterator[Problem]:
        return iter(())


class _Slice(io.RawIOBase):
    """A part of a file that is open."""

    def __init__(self, descriptor: int, begin: int, size: int) -> None:
        self._descriptor, self._at, self._end = descriptor, begin, begin + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower than typeshed's Buffer
        data = os.pread(self._descriptor, min(len(buffer), self._end - self._at), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Zip:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._files: dict[str, tuple[int, int, int]] = {}  # name → first byte, bytes, checksum
        self._read_directory(os.fstat(descriptor).st_size)

    def _read_directory(self, size: int) -> None:
        end = max(0, size - _END.size)
        tail = os.pread(self._descriptor, _END.size, end)
        if len(tail) < _END.size or tail[:4] != b"PK\x05\x06":
            raise LedgerError(
                "this is no bundle, or it is cut off", place=f"byte {end}", found=shown(tail[:4]),
                expected="the end of a zip archive as `assay` writes it",
            )  # fmt: skip
        count, length, begin = _END.unpack(tail)[4:7]
        _exactly(tail, _end_record(count, length, begin), end, "the end of the archive")
        if begin + length != end or length > count * (_CENTRAL.size + 260):
            raise LedgerError(
                "the directory of the archive does not end where it has to", place=f"byte {end}",
                found=f"{length} bytes from byte {begin}", expected=f"up to byte {end}",
            )  # fmt: skip
        data = os.pread(self._descriptor, length, begin)
        at, offset, last = 0, 0, ""
        for _ in range(count):
            name, stored, checksum = self._directory_entry(data, at, begin + at, offset)
            if name <= last:
                raise LedgerError(
                    "the files are not in order", place=f"byte {begin + at}", found=shown(name),
                    expected=f"a name after {shown(last)}",
                )  # fmt: skip
            at, last = at + _CENTRAL.size + len(name), name
            self._files[name] = (offset + _LOCAL.size + len(name), stored, checksum)
            offset += _LOCAL.size + len(name) + stored
        if at != length or offset != begin:
            raise LedgerError(
                "the archive holds bytes that belong to no file", place=f"byte {offset}",
                found=f"the directory at byte {begin}", expected=f"at byte {offset}",
            )  # fmt: skip

    def _directory_entry(self, data: bytes, at: int, byte: int, offset: int) -> tuple[str, int, int]:
        head = data[at : at + _CENTRAL.size]
        if len(head) < _CENTRAL.size:
            raise LedgerError("the directory of the archive is cut off", place=f"byte {byte}")
        fields = _CENTRAL.unpack(head)
        checksum, size, length = fields[7], fields[8], fields[10]
        raw = data[at + _CENTRAL.size : at + _CENTRAL.size + length]
        name = raw.decode("ascii", "replace")
        if not NAME.fullmatch(name):
            raise LedgerError(
                "a file of the bundle cannot have this name", place=f"byte {byte}", found=shown(raw)
            )
        _exactly(head + raw, _directory_record(name, size, checksum, offset), byte, f"the directory ({name})")
        local = os.pread(self._descriptor, _LOCAL.size + length, offset)
        _exactly(local, _local_record(name, size, checksum), offset, f"the header of {name}")
        return name, size, checksum

    def names(self) -> list[str]:
        return list(self._files)

    def size(self, name: str) -> int:
        return self._files[name][1]

    def open(self, name: str) -> BinaryIO:
        begin, size, _ = self._files[name]
        stream = io.BufferedReader(_Slice(self._descriptor, begin, size), _CHUNK)
        return cast(BinaryIO, stream)  # typeshed: a BufferedReader is a BinaryIO in all but name

    def damaged(self) -> Iterator[Problem]:
        for name, (_, _, expected) in self._files.items():
            found = 0
            with self.open(name) as stream:
                while chunk := stream.read(_CHUNK):
                    found = binascii.crc32(chunk, found)
            if found != expected:
                yield Problem(
                    name, "the file and its checksum in the archive differ", f"{found:08x}", f"{expected:08x}"
                )


def _exactly(found: bytes, expected: bytes, begin: int, what: str) -> None:
    """Refuse bytes of the archive that are not the only ones that can stand there."""
    if found != expected:
        pairs = zip(found, expected, strict=False)
        at = next((i for i, (a, b) in enumerate(pairs) if a != b), len(found))
        raise LedgerError(
            f"the archive is damaged in {what}", place=f"byte {begin + at}",
            found=found[at : at + 4].hex() or "the end", expected=expected[at : at + 4].hex(),
        )  # fmt: skip


def _local_record(name: str, size: int, checksum: int) -> bytes:
    head = _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, 0, 0, _DATE, checksum, size, size, len(name), 0)
    return head + name.encode("ascii")


def _directory_record(name: str, size: int, checksum: int, offset: int) -> bytes:
    head = _CENTRAL.pack(
        b"PK\x01\x02", _UNIX | _VERSION, _VERSION, 0, 0, 0, _DATE, checksum, size, size, len(name), 0, 0, 0, 0,
        _MODE, offset,
    )  # fmt: skip
    return head + name.encode("ascii")


def _end_record(count: int, length: int, begin: int) -> bytes:
    return _END.pack(b"PK\x05\x06", 0, 0, count, count, length, begin, 0)


def write_container(path: Path, files: Mapping[str, Iterator[bytes]]) -> None:
    """Write a new archive; each file as its chunks. Raises :class:`LedgerError` beyond 4 GB, for odd names, and where
    there is a file already.
    """
    if len(files) > MOST_FILES:
        raise LedgerError("the bundle would hold too many files", expected=f"at most {MOST_FILES:,}")
    try:
        stream = path.open("xb")
    except OSError as error:
        raise LedgerError(
            "the bundle cannot be written", file=str(path), found=error.strerror, expected="a new file"
        ) from None
    try:
        with stream:
            _write(stream, files)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(stream: BinaryIO, files: Mapping[str, Iterator[bytes]]) -> None:
    directory = b""
    for name in sorted(files):
        if not NAME.fullmatch(name):
            raise LedgerError("a file of the bundle cannot have this name", found=shown(name))
        offset, size, checksum = stream.tell(), 0, 0
        stream.write(_local_record(name, 0, 0))
        for chunk in files[name]:
            stream.write(chunk)
            size, checksum = size + len(chunk), binascii.crc32(chunk, checksum)
        end = stream.tell()
        if end > MOST_BYTES - len(directory) - MOST_FILES:
            raise LedgerError("the bundle is too large", expected="less than 4 GB; split it by batch")
        stream.seek(offset)
        stream.write(_local_record(name, size, checksum))
        stream.seek(end)
        directory += _directory_record(name, size, checksum, offset)
    stream.write(directory + _end_record(len(files), len(directory), stream.tell()))
    stream.flush()
    os.fsync(stream.fileno())
