"""Opening a delivered path: a regular file or nothing, so that no pipe, device or folder can hold up a reader."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from .errors import InputError, LimitError
from .limits import DEFAULT_LIMITS, Limits, bytes_text

_NAME_SHOWN = 80
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def nameable(path: Path) -> Path:
    """The path, which may be missing. Raises :class:`InputError` for one that the system cannot even look for."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return path
    except (OSError, ValueError) as error:
        name = ascii_name(os.fspath(path))
        shown = name if len(name) <= _NAME_SHOWN else f"{name[:_NAME_SHOWN]}…"
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(
            f"there can be no file here: {reason}",
            file=shown,
            found=f"a path of {len(name):,} characters",
            expected="the path of a file or folder",
        ) from None
    return path


def open_regular(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> BinaryIO:
    """The file, opened for reading bytes. Raises :class:`InputError` for anything but a readable regular file."""
    name = os.fspath(path)
    try:
        # Without O_NONBLOCK the opening of a pipe waits for its other end.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise InputError(
            "there is no such file", file=ascii_name(name), found="nothing", expected="a regular file"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError("the file cannot be opened", file=ascii_name(name), found=reason) from None
    try:
        _check(os.fstat(descriptor), name, limits)
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def read_whole(path: Path, *, at_most: int, what: str, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """All bytes of a file of at most ``at_most`` bytes; ``what`` names the kind of file in the refusal."""
    with open_regular(path, limits=limits) as stream:
        data = stream.read(at_most + 1)
    if len(data) > at_most:
        raise LimitError(
            f"this is too large for {what}", file=os.fspath(path), expected=f"at most {bytes_text(at_most)}"
        )
    return data


def ascii_name(name: str) -> str:
    """The name of a file as an error prints it: characters that are no text are escaped."""
    return name if name.isprintable() else ascii(name)


def _check(status: os.stat_result, name: str, limits: Limits) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        found = _KINDS.get(kind, "something else")
        raise InputError("this cannot be read as a file", file=name, found=found, expected="a regular file")
    if status.st_size > limits.file_bytes:
        raise LimitError(
            "the file is too large",
            file=name,
            found=bytes_text(status.st_size),
            expected=f"at most {bytes_text(limits.file_bytes)}",
        )
