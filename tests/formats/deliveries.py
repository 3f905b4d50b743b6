"""Small deliveries for tests: files from texts, read into a connection of their own, and what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.schema import Schema
from assay.formats.delivery import load_delivery, readable_paths
from assay.formats.read import Delivery, read_delivery

Row = tuple[object, ...]


@dataclass(frozen=True)
class Outcome:
    """What was read, with the connection that holds it."""

    delivery: Delivery
    connection: duckdb.DuckDBPyConnection

    @property
    def triples(self) -> list[Row]:
        """Item, annotator and value of every row, in order."""
        return self.rows("item, annotator, value")

    @property
    def kinds_of_findings(self) -> set[str]:
        """The kinds of all findings."""
        return {finding.kind for finding in self.delivery.findings}

    def rows(self, columns: str, table: str = "annotation") -> list[Row]:
        """Columns of a table, in order."""
        return self.connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()

    def finding(self, kind: str) -> str:
        """The text of the only finding of a kind."""
        (found,) = [finding.text for finding in self.delivery.findings if finding.kind == kind]
        return found


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """One file, its folders included."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read_sources(
    sources: Sequence[object],
    *,
    yaml: Path | None = None,
    schema: Schema | None = None,
    limits: Limits = DEFAULT_LIMITS,
    exclude: Sequence[Path] = (),
    threads: int | None = None,
) -> Outcome:
    """Read what a caller names, with a delivery.yaml or without."""
    declared = load_delivery(yaml) if yaml is not None else None
    connection = open_connection(readable=readable_paths(sources, declared), threads=threads)
    delivery = read_delivery(
        sources, connection=connection, declared=declared, schema=schema, limits=limits, exclude=exclude
    )
    return Outcome(delivery, connection)


def attempt(sources: Sequence[object]) -> Outcome | InputError:
    """What was read, or the refusal."""
    try:
        return read_sources(sources)
    except InputError as error:
        return error


def read_file(
    folder: Path,
    name: str,
    content: str | bytes,
    *,
    declare: str | None = None,
    schema: Schema | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Outcome:
    """Read one file; ``declare`` is what delivery.yaml says besides its first line."""
    path = write(folder, name, content)
    yaml = write(folder, "delivery.yaml", f"assay: delivery/1\n{declare}") if declare is not None else None
    return read_sources([path], yaml=yaml, schema=schema, limits=limits)


def read_folder(folder: Path, files: Mapping[str, str | bytes], **options: object) -> Outcome:
    """Read a folder with these files in it."""
    for name, content in files.items():
        write(folder, name, content)
    return read_sources([folder], **options)  # type: ignore[arg-type]
