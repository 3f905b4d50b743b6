"""Small deliveries of located labels for tests: COCO files from lists, what was read, and what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assay.annotation.connection import open_connection
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.formats.delivery import load_delivery, readable_paths
from assay.formats.located import LocatedDelivery
from assay.formats.located_reading import read_if_located

Row = tuple[object, ...]

BOX = "item, annotator, class, x, y, w, h"


@dataclass(frozen=True)
class Seen:
    """What was read, with the connection that holds it."""

    delivery: LocatedDelivery
    connection: duckdb.DuckDBPyConnection

    def rows(self, columns: str, table: str = "object") -> list[Row]:
        """Columns of a table, in order."""
        return self.connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()

    @property
    def finding_kinds(self) -> set[str]:
        """The kinds of all findings."""
        return {finding.kind for finding in self.delivery.findings}

    def finding(self, kind: str) -> str:
        """The text of the only finding of a kind."""
        (text,) = [finding.text for finding in self.delivery.findings if finding.kind == kind]
        return text


@contextmanager
def read(*sources: Path, yaml: Path | None = None, limits: Limits = DEFAULT_LIMITS) -> Iterator[Seen]:
    """Read located labels; the test fails if there are none."""
    declared = load_delivery(yaml) if yaml is not None else None
    with open_connection(readable=readable_paths(list(sources), declared), threads=1) as connection:
        delivery = read_if_located(sources, connection=connection, declared=declared, limits=limits)
        assert delivery is not None
        yield Seen(delivery, connection)


def coco(
    path: Path, annotations: Sequence[dict[str, object]], *, images: int = 2, categories: Sequence[str] = ("car", "bus"),
    **more: object,
) -> Path:  # fmt: skip
    """A COCO file with images a1.jpg, a2.jpg … of 100 by 80 pixels and categories numbered 3, 90, 177 …"""
    document = {
        "images": [
            {"id": at, "file_name": f"a{at}.jpg", "width": 100, "height": 80} for at in range(1, images + 1)
        ],
        "annotations": [{"id": at, **one} for at, one in enumerate(annotations, start=1)],
        "categories": [{"id": 3 + 87 * at, "name": name} for at, name in enumerate(categories)],
        **more,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def box(*numbers: float, image: int = 1, category: int = 3, **more: object) -> dict[str, object]:
    """One annotation with a box."""
    return {"image_id": image, "category_id": category, "bbox": list(numbers), **more}
