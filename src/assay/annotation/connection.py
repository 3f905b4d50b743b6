"""The one function that makes a DuckDB connection, and the quoting of everything that enters SQL as text.

A connection reads the paths it was given and nothing else: no network, no other file, no extension that was not
built in, no variable of the running program, and its configuration cannot be changed afterwards.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

import duckdb

from .errors import InputError, UsageError
from .regular_file import open_regular

_MAGIC = b"DUCK"
_STARTUP: dict[str, str | bool | int | float | list[str]] = {
    "allow_community_extensions": False,
    "allow_extension_repositories": "forbidden",
    "allow_persistent_secrets": False,
    "allow_unsigned_extensions": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,
    "python_enable_replacements": False,
    "python_scan_all_frames": False,
}


def open_connection(
    *,
    readable: Sequence[Path],
    spill: Path | None = None,
    memory: str = "2GB",
    threads: int | None = None,
    database: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """A connection that may open the ``readable`` files, what is in the ``readable`` folders, and nothing else.

    What does not fit in ``memory`` goes to a private folder made inside ``spill`` (or the system's folder for
    temporary files), which is removed with the connection. ``database`` keeps the tables in a file instead of
    memory. Raises :class:`InputError` when a readable path does not exist, ``spill`` cannot be written to or
    ``database`` is no database, :class:`UsageError` for an amount of memory or threads that cannot be understood.
    """
    allowed = [_existing(path) for path in readable]
    try:
        private = tempfile.mkdtemp(prefix="assay-spill-", dir=spill)
    except OSError as error:
        raise InputError(
            "nothing can be written into this folder", file=None if spill is None else os.fspath(spill),
            found=error.strerror, expected="a folder with room that may be written",
        ) from None  # fmt: skip
    try:
        connection = _connect(private, memory, threads, database)
        _lock(connection, allowed)
    except BaseException:
        shutil.rmtree(private, ignore_errors=True)
        raise
    weakref.finalize(connection, shutil.rmtree, private, ignore_errors=True)
    return connection


def _existing(path: Path) -> str:
    if "\0" in str(path) or not path.exists():
        raise InputError(
            "there is no such file or folder", file=str(path), found="nothing", expected="a file or folder"
        )
    return os.path.abspath(path)


def _connect(
    private: str, memory: str, threads: int | None, database: Path | None
) -> duckdb.DuckDBPyConnection:
    config = _STARTUP | {"memory_limit": memory, "temp_directory": private}
    if threads is not None:
        if threads < 1:
            raise UsageError(f"memory {memory}, threads {threads}: at least one thread is needed")
        config["threads"] = threads
    if database is not None and database.exists() and _head(database)[8:12] != _MAGIC:
        # DuckDB would open a table or another engine's database in its own way, some of them with extensions.
        raise InputError(
            "this is no database of Assay", file=os.fspath(database), found="a file of another kind"
        )
    try:
        return duckdb.connect(":memory:" if database is None else os.fspath(database), config=config)
    except (duckdb.ParserException, duckdb.InvalidInputException, duckdb.OutOfRangeException) as error:
        raise UsageError(f"memory {memory}, threads {threads}: {_first_line(error)}") from None
    except duckdb.Error as error:
        if database is None:
            raise
        raise InputError(
            "the database cannot be opened", file=os.fspath(database), found=_first_line(error)
        ) from None


def _head(path: Path) -> bytes:
    with open_regular(path) as stream:
        return stream.read(16)


def _first_line(error: duckdb.Error) -> str:
    return str(error).partition("\n")[0]


def _lock(connection: duckdb.DuckDBPyConnection, allowed: Sequence[str]) -> None:
    folders = [path for path in allowed if os.path.isdir(path)]
    # A pattern is checked before it is expanded, so the quoted form of a name is allowed beside the name.
    files = sorted(
        {form for path in allowed if path not in folders for form in (path, _literal_pattern(path))}
    )
    for statement in (
        "SET enable_progress_bar = false",
        "SET TimeZone = 'UTC'",
        f"SET allowed_paths = [{', '.join(map(sql_text, files))}]",
        f"SET allowed_directories = [{', '.join(sql_text(os.path.join(path, '')) for path in folders)}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.execute(statement)


def has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether the connection holds a table (not a view) of this name."""
    found = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [name])
    return bool(found.fetchall()[0][0])


def sql_text(value: str) -> str:
    """The value as a quoted SQL literal.

    >>> sql_text("it's")
    "'it''s'"
    """
    if "\0" in value:
        raise InputError("a text with a NUL character cannot enter a query", found=ascii(value[:40]))
    return "'" + value.replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """The name of a column or table as a quoted SQL identifier.

    >>> sql_name('a "label" column')
    '"a ""label"" column"'
    """
    if "\0" in name or not name:
        raise InputError("a column name is not empty and has no NUL character", found=ascii(name[:40]))
    return '"' + name.replace('"', '""') + '"'


def sql_path(path: Path) -> str:
    """The path of one file as a quoted SQL literal in which ``*``, ``?`` and ``[`` mean themselves.

    >>> sql_path(Path("/data/batch[1].csv"))
    "'/data/batch[[]1].csv'"
    """
    return sql_text(_literal_pattern(os.path.abspath(path)))


def _literal_pattern(path: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)
