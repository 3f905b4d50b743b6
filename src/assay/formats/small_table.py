"""Small CSV files of our own with a fixed header: read strictly, written as a whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from assay.annotation.errors import InputError
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown

from .delimited import open_delimited
from .inputs import ReadRequest, examine

_PRIVATE, _PUBLIC = 0o600, 0o644


def read_small_table(
    path: Path, header: Sequence[str], *, limits: Limits = DEFAULT_LIMITS
) -> list[tuple[int, list[str]]]:
    """The rows with their lines. Raises :class:`InputError` when the first row is not exactly the header."""
    with tempfile.TemporaryDirectory(prefix="assay-") as scratch:
        file = examine(ReadRequest(path, str(path), "csv"), scratch=Path(scratch), limits=limits)
        table = open_delimited(file, profile=None, limits=limits)
        if list(table.first_row) != list(header):
            raise InputError(
                "the header is another one", file=str(path), place="line 1",
                found=shown(",".join(table.first_row)), expected=",".join(header),
            )  # fmt: skip
        return list(table.records())[1:]


def write_small_table(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], *, private: bool = False
) -> None:
    """Write header and rows; a private file can be read by its owner alone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_whole(path, [text.getvalue().encode()], private=private)


def write_whole(path: Path, chunks: Iterable[bytes], *, private: bool = False) -> None:
    """Put bytes into a file that appears complete or not at all. Raises :class:`InputError` where none can be made."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:64]}-", dir=path.parent)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise InputError(
            "the file cannot be written here", file=str(path), found=error.strerror,
            expected="a folder that exists and may be written",
        ) from error  # fmt: skip
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(chunks)
        os.chmod(name, _PRIVATE if private else _PUBLIC)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
