"""Files of spans, of Label Studio regions and of CVAT as units of a delivery of located labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from assay.annotation.limits import Limits

from .bio import bio_rows
from .corner_pairs import corner_rows
from .cvat_images import cvat_rows
from .inputs import format_of
from .label_studio_regions import region_rows
from .objects import ObjectCollector
from .spans_jsonl import SpanRequest, span_rows
from .unit import Sizes, Unit, UnitRead
from .unit_rows import read_rows


def read_bio(unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes) -> UnitRead:
    """Token columns with tags."""
    del sizes
    return read_rows(
        unit, collector, limits, scratch,
        lambda file, notes: bio_rows(
            file.path, file.name, notes, profile=unit.words, columns=unit.columns, limits=limits
        ),
    )  # fmt: skip


def read_spans(
    unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes
) -> UnitRead:
    """Spans in JSON lines."""
    del sizes
    asked = SpanRequest(profile=unit.words, columns=unit.columns)
    return read_rows(
        unit, collector, limits, scratch,
        lambda file, notes: span_rows(file.path, file.name, notes, asked, limits=limits),
    )  # fmt: skip


def read_label_studio(
    unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes
) -> UnitRead:
    """Regions of Label Studio."""
    del sizes
    return read_rows(
        unit, collector, limits, scratch,
        lambda file, notes: region_rows(
            file.path, file.name, notes, control=unit.words, columns=unit.columns, limits=limits
        ),
    )  # fmt: skip


def read_cvat(
    unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes
) -> UnitRead:
    """CVAT for images."""
    del sizes
    return read_rows(
        unit, collector, limits, scratch,
        lambda file, notes: cvat_rows(file.path, file.name, notes, annotator=unit.annotator, limits=limits),
    )  # fmt: skip


def read_corner_pairs(
    unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes
) -> UnitRead:
    """Boxes as corner pairs in a table or a JSON mapping."""
    del sizes
    return read_rows(
        unit, collector, limits, scratch,
        lambda file, notes: corner_rows(
            replace(file, format=format_of(unit.path) or "csv"), notes, profile=unit.profile, columns=unit.columns,
            limits=limits,
        ),
    )  # fmt: skip
