"""Writing located labels as tags, records, tasks or elements: token tags, doccano, Prodigy, CVAT, Label Studio."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal, get_args

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.layers import Layer
from assay.annotation.place import shown

from .annotation_table import NOBODY
from .bio_write import write_bio
from .cvat_write import write_cvat
from .delivery import FILE_NAME
from .delivery_write import DeliveredFile, write_delivery
from .doccano_write import TextItem, write_doccano
from .located_answers import Answer, answers_of, where_group, where_layers
from .located_groups import Group
from .located_rows import Work
from .prodigy_write import write_prodigy
from .regions_write import RegionTask, write_regions

RowTarget = Literal["bio", "doccano", "prodigy", "cvat", "label_studio"]

ROW_TARGETS: tuple[RowTarget, ...] = get_args(RowTarget)
#: Endings of a target that mean one file and no folder.
_FILES: Mapping[str, frozenset[str]] = {
    "bio": frozenset({".conll", ".bio", ".iob", ".iob2", ".txt", ".tsv"}),
    "doccano": frozenset({".jsonl"}),
    "prodigy": frozenset({".jsonl"}),
    "cvat": frozenset({".xml"}),
}
_SHOWN = 5
_ENDING = {"bio": "conll", "doccano": "jsonl", "cvat": "xml"}
_DECLARED: Mapping[str, tuple[str, ...]] = {
    "bio": ("format: bio", "profile: iob2"),
    "doccano": ("format: spans", "columns: {item: id, text: text, label: entities}"),
    "prodigy": ("format: spans",),
    "cvat": ("format: cvat",),
}


def is_file_target(to: RowTarget, target: Path) -> bool:
    """Whether the target is one file: always for Label Studio, else if its ending says so."""
    return to == "label_studio" or target.suffix.lower() in _FILES[to]


def refuse_other_kind(connection: duckdb.DuckDBPyConnection, target: Path, to: str) -> None:
    """Raise :class:`InputError` where a format can hold nothing of what there is: spans as boxes, boxes as tags."""
    spans, others = connection.execute(
        "SELECT count(*) FILTER (kind = 'span'), count(*) FILTER (kind NOT IN ('span', 'field')) FROM object"
    ).fetchall()[0]
    if to in ("coco", "voc", "yolo", "cvat") and spans and not others:
        raise InputError(
            "spans of texts cannot be written as boxes or shapes", file=str(target), found=f"{spans:,} spans as {to}",
            expected="one of bio, doccano, prodigy, label_studio",
        )  # fmt: skip
    if to in ("bio", "doccano") and others and not spans:
        raise InputError(
            "boxes and shapes cannot be written as spans of texts", file=str(target),
            found=f"{others:,} objects on images as {to}",
            expected="one of coco, voc, yolo, cvat, label_studio, prodigy",
        )  # fmt: skip


def refuse_mixed(target: Path, to: RowTarget, groups: Sequence[Group]) -> None:
    """Raise :class:`InputError` where several people would end in one file that cannot keep them apart."""
    keeps_people = to in ("prodigy", "label_studio")
    one = len({group.layer for group in groups}) if to == "prodigy" else 1 if keeps_people else len(groups)
    if is_file_target(to, target) and one > 1:
        listed = ", ".join(f"{shown(group.annotator)} ({group.layer.label})" for group in groups[:_SHOWN])
        raise InputError(
            "one file would mix the answers of several people or layers", file=str(target),
            found=f"{listed}{', …' if len(groups) > _SHOWN else ''}",
            expected="a folder as target: it holds a file for each person and layer; or --layer",
        )  # fmt: skip


def write_rows(
    connection: duckdb.DuckDBPyConnection, target: Path, to: RowTarget, groups: Sequence[Group],
    layers: Collection[Layer] | None,
) -> Counter[str]:  # fmt: skip
    """Write a file, or a folder with a delivery.yaml; how much was lost, by kind."""
    if to == "label_studio":
        return write_regions(target, _tasks(answers_of(connection, where_layers(layers))))
    if is_file_target(to, target):
        return _write_file(connection, target, to, groups, layers)
    return _write_folder(connection, target, to, groups)


def _write_file(
    connection: duckdb.DuckDBPyConnection, target: Path, to: RowTarget, groups: Sequence[Group],
    layers: Collection[Layer] | None,
) -> Counter[str]:  # fmt: skip
    named = [group.annotator for group in groups if group.is_named]
    found = {group.layer for group in groups}
    if to == "prodigy":
        losses = write_prodigy(target, answers_of(connection, where_layers(layers)))
        usual = Layer.FIRST_PASS if named else Layer.FINAL
    else:
        losses = _write_group(connection, target, to, groups[0])
        losses["annotator"] += len(named)
        usual = Layer.FINAL
    losses["layer"] += found != {usual}
    return losses


def _write_folder(
    connection: duckdb.DuckDBPyConnection, target: Path, to: RowTarget, groups: Sequence[Group]
) -> Counter[str]:
    """Write into a folder beside the target first: the target appears complete or not at all."""
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        losses: Counter[str] = Counter()
        files = []
        for path, annotator, layer, some in _files(to, groups):
            where = " OR ".join(f"({where_group(group)})" for group in some)
            if to == "prodigy":
                losses += write_prodigy(partial / path, answers_of(connection, where))
            else:
                losses += _write_group(connection, partial / path, to, some[0])
            if (partial / path).stat().st_size:
                files.append(DeliveredFile(path, _DECLARED[to], annotator, layer))
            else:
                (partial / path).unlink()
        if not files:
            raise InputError("there is nothing to write", file=target.name, found="texts without a token")
        write_delivery(partial / FILE_NAME, files)
        partial.chmod(0o755)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return losses


def _files(
    to: RowTarget, groups: Sequence[Group]
) -> Iterator[tuple[str, str | None, Layer, Sequence[Group]]]:
    """Path, person, layer and answers of each file: one for each person, or of Prodigy one for each layer."""
    if to == "prodigy":
        for layer in sorted({group.layer for group in groups}):
            yield f"{layer.label}.jsonl", None, layer, [group for group in groups if group.layer is layer]
        return
    for group in groups:
        name = group.annotator if group.is_named else None
        yield f"{group.folder}.{_ENDING[to]}", name, group.layer, [group]


def _write_group(
    connection: duckdb.DuckDBPyConnection, path: Path, to: RowTarget, group: Group
) -> Counter[str]:
    undone = Counter[str]()
    answers = _done(answers_of(connection, where_group(group)), undone)
    if to == "cvat":
        losses = write_cvat(path, ((one.item, one.width, one.height, one.objects) for one in answers))
    else:
        items: Iterator[TextItem] = ((one.item, one.text, one.objects) for one in answers)
        losses = write_bio(path, items) if to == "bio" else write_doccano(path, items)
    return losses + undone


def _done(answers: Iterable[Answer], undone: Counter[str]) -> Iterator[Answer]:
    for one in answers:
        if one.is_done:
            yield one
        else:
            undone["state"] += 1


def _tasks(answers: Iterable[Answer]) -> Iterator[RegionTask]:
    for item, some in groupby(answers, key=lambda one: one.item):
        found = list(some)
        work = [
            Work(
                item, None if one.annotator == NOBODY else one.annotator, one.layer, one.state, one.objects, 0
            )
            for one in found
        ]
        first = found[0]
        yield RegionTask(item, work, first.text, first.link, first.width, first.height)
