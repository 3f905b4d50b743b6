"""Spans in JSON lines: doccano, Prodigy, offsets by annotator, tokens with tags, and marked tokens of crowd units.

The first records say which it is. Offsets are Unicode code points with the end not included, and are checked against
the text where there is one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assay.annotation.archives import open_stream
from assay.annotation.errors import InputError
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown
from assay.annotation.strict_json import json_records

from .doccano import DoccanoReader, doccano_keys
from .located_rows import LocatedRows, Notes
from .marked_tokens import CrowdUnitReader, TaggedTokensReader, is_crowd_unit, is_tagged_tokens
from .offsets_by_annotator import OffsetsReader, is_offsets_by_annotator
from .prodigy import ProdigyReader, is_prodigy
from .span_checks import SpanChecker

SpanForm = Literal["doccano", "prodigy", "offsets_by_annotator", "tagged_tokens", "crowd_units"]
SPAN_FORMS: tuple[SpanForm, ...] = (
    "doccano", "prodigy", "offsets_by_annotator", "tagged_tokens", "crowd_units",
)  # fmt: skip

_SAMPLE = 100


@dataclass(frozen=True)
class SpanRequest:
    """What was declared about a file of spans."""

    annotator: str | None = None
    profile: str | None = None
    columns: Mapping[str, str | int] | None = None
    form: SpanForm | None = None

    def key(self, role: str) -> str | None:
        """The declared key of a role."""
        found = (self.columns or {}).get(role)
        return None if found is None else str(found)


def span_form(path: Path, name: str, limits: Limits = DEFAULT_LIMITS) -> SpanForm | None:
    """Which form of spans the first records of a JSON file have; None for a file of something else."""
    records = [record for record in _sample(path, name, limits) if isinstance(record, dict)]
    if not records:
        return None
    if all(is_crowd_unit(record) for record in records):
        return "crowd_units"
    if any(is_prodigy(record) for record in records):
        return "prodigy"
    if all(is_tagged_tokens(record) for record in records):
        return "tagged_tokens"
    if any(is_offsets_by_annotator(record) for record in records):
        return "offsets_by_annotator"
    return "doccano" if doccano_keys(records, {}) is not None else None


def span_rows(
    path: Path,
    name: str,
    notes: Notes,
    request: SpanRequest | None = None,
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> LocatedRows:
    """The records of a file as items with the spans of their annotators.

    Raises :class:`InputError` when the records hold no spans in a known form.
    """
    asked = request or SpanRequest()
    form = asked.form or span_form(path, name, limits)
    if form is None:
        raise InputError(
            "there are no spans in a known form", file=name, place="record 1",
            expected=f"one of {', '.join(SPAN_FORMS)}; or `columns:` with the keys of text and label",
        )  # fmt: skip
    yield from _READERS[form](path, name, notes, asked, limits)


def _doccano(path: Path, name: str, notes: Notes, asked: SpanRequest, limits: Limits) -> LocatedRows:
    declared = {role: key for role in ("item", "annotator", "label", "text") if (key := asked.key(role))}
    keys = doccano_keys([one for one in _sample(path, name, limits) if isinstance(one, dict)], declared)
    if keys is None:
        raise InputError(
            "no key of the records holds spans", file=name, place="record 1",
            found=", ".join(f"{role}: {key}" for role, key in declared.items()) or None,
            expected="lists of [start, end, label] beside a text; `columns: {text: …, label: …}` names the keys",
        )  # fmt: skip
    reader = DoccanoReader(keys, asked.annotator, notes, SpanChecker(notes))
    for number, record in _objects(path, name, limits):
        yield from reader.rows(number, record)


def _prodigy(path: Path, name: str, notes: Notes, asked: SpanRequest, limits: Limits) -> LocatedRows:
    reader = ProdigyReader(
        asked.key("item"), asked.key("annotator"), asked.annotator, notes, SpanChecker(notes)
    )
    for number, record in _objects(path, name, limits):
        reader.add(number, record)
    yield from reader.rows()


def _offsets(path: Path, name: str, notes: Notes, asked: SpanRequest, limits: Limits) -> LocatedRows:
    reader = OffsetsReader(asked.key("item"), asked.key("text"), notes, SpanChecker(notes))
    for number, record in _objects(path, name, limits):
        yield from reader.rows(number, record)
    reader.finish()


def _tagged(path: Path, name: str, notes: Notes, asked: SpanRequest, limits: Limits) -> LocatedRows:
    reader = TaggedTokensReader(asked.key("item"), asked.annotator, asked.profile, notes)
    for _, record in _objects(path, name, limits):
        reader.see(record)
    reader.decide()
    for number, record in _objects(path, name, limits):
        yield from reader.rows(number, record)


def _crowd(path: Path, name: str, notes: Notes, asked: SpanRequest, limits: Limits) -> LocatedRows:
    reader = CrowdUnitReader(asked.key("item"), asked.profile, notes)
    for number, record in _objects(path, name, limits):
        yield from reader.rows(number, record)


_READERS = {
    "doccano": _doccano, "prodigy": _prodigy, "offsets_by_annotator": _offsets, "tagged_tokens": _tagged,
    "crowd_units": _crowd,
}  # fmt: skip


def _sample(path: Path, name: str, limits: Limits) -> list[object]:
    with open_stream(path, limits=limits) as stream:
        found = itertools.islice(json_records(stream, file=name, limits=limits), _SAMPLE)
        return [record for _, record in found]


def _objects(path: Path, name: str, limits: Limits) -> Iterator[tuple[int, Mapping[str, object]]]:
    with open_stream(path, limits=limits) as stream:
        for number, record in json_records(stream, file=name, limits=limits):
            if not isinstance(record, dict):
                raise InputError(
                    "a record is no object", file=name, place=f"record {number}", found=shown(str(record)),
                    expected="an object with a text and its spans",
                )  # fmt: skip
            yield number, record
