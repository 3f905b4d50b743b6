"""Writing a judgement: report, counts and redo list, all of them or none."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import cast

import orjson

from assay.annotation.connection import sql_text
from assay.annotation.errors import InputError
from assay.annotation.regular_file import nameable
from assay.formats.redo_names import CVAT_FILE, STUDIO_FILE
from assay.report.audience import for_audience
from assay.report.closed import MINIMUM_GOLD_ITEMS, Closed, closed_subjects
from assay.report.page import render_html

from .judgement import Judgement
from .redo import Listed
from .request import Audience

REPORT, COUNTS, PAGE = "report.json", "counts.json", "report.html"
REDO, REDO_STUDIO = "rework.csv", STUDIO_FILE
SIGNATURE = "report.sig.json"
_ROWS_AT_ONCE = 10_000
_OURS = frozenset({REPORT, COUNTS, PAGE, REDO, REDO_STUDIO, CVAT_FILE, SIGNATURE})


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A private folder beside ``out`` that takes its place when everything in it is complete.

    An earlier report in ``out`` is replaced; a folder with anything else in it is refused.
    """
    if nameable(out).exists():
        strange = (
            sorted(entry.name for entry in out.iterdir() if entry.name not in _OURS)
            if out.is_dir()
            else [out.name]
        )
        if strange:
            raise InputError(
                "the report would replace something that is not a report", file=str(out),
                found=", ".join(strange[:5]), expected="a new folder, or one that holds an earlier report",
            )  # fmt: skip
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise InputError(
            "the report cannot be written here", file=str(out), found=error.strerror,
            expected="a folder that exists or can be made, and may be written",
        ) from error  # fmt: skip
    try:
        yield stage
        _swap(stage, out)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _swap(stage: Path, out: Path) -> None:
    for path in stage.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    stage.chmod(0o755)
    old = None
    if out.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
        out.rename(old / "report")
    stage.rename(out)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def save(
    judgement: Judgement, folder: Path, *, audience: Audience = "buyer", annotator: str | None = None
) -> None:
    """Write everything that an audience may see into an existing folder."""
    document = audience_document(judgement, audience, annotator)
    report = document_bytes(document)
    (folder / REPORT).write_bytes(report)
    if audience != "annotator":
        counts = judgement.counts
        if audience != "buyer":
            counts = _vendor_counts(counts, closed_subjects(judgement.document))
        (folder / COUNTS).write_bytes(document_bytes(counts))
        _save_redo(judgement, folder, _told(document))
    page = render_html(
        document, report_sha256=hashlib.sha256(report).hexdigest(), pictures=judgement.pictures
    )
    (folder / PAGE).write_text(page, encoding="utf-8")


def audience_document(
    judgement: Judgement, audience: Audience, annotator: str | None = None
) -> dict[str, object]:
    """The report document as an audience may see it. Raises :class:`InputError` for an annotator who is not in it."""
    people = [str(person["id"]) for person in cast("list[dict[str, object]]", judgement.document["people"])]
    if audience == "annotator" and annotator not in people:
        raise InputError(
            "nobody of this name is in the report",
            found=annotator,
            expected=f"one of {', '.join(people[:12])}",
        )
    return for_audience(judgement.document, audience, annotator=annotator)


def document_bytes(document: Mapping[str, object]) -> bytes:
    """A document as its file holds it: indented, keys in their order, a line end at the end."""
    return orjson.dumps(
        document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    )


def _vendor_counts(counts: Mapping[str, object], closed: Closed) -> dict[str, object]:
    """Counts without those of subjects whose figures against gold the vendor's report hides."""
    out = dict(counts)
    classes = cast("Sequence[str]", counts.get("classes", ()))
    gold = counts.get("gold")
    if isinstance(gold, dict):
        confusion = [
            [None if name in closed.classes else row for row, name in zip(block, classes, strict=True)]
            for block in gold["confusion"]
        ]
        out["gold"] = {**_closed_subjects(gold, closed), "confusion": confusion}
    located = counts.get("located")
    if isinstance(located, dict) and located["gold"] is not None:
        out["located"] = {**located, "gold": _closed_subjects(located["gold"], closed)}
    texts = counts.get("texts")
    if isinstance(texts, dict):
        out["texts"] = {
            unit: sums if sums["items"] >= MINIMUM_GOLD_ITEMS else None for unit, sums in texts.items()
        }
    return out


def _closed_subjects(gold: Mapping[str, Mapping[str, object]], closed: Closed) -> dict[str, object]:
    """Counts against gold without those of hidden subjects."""
    slices = cast("Mapping[str, Mapping[str, object]]", gold["by_slice"])
    out: dict[str, object] = {
        **gold,
        "by_annotator": _closed(gold["by_annotator"], closed.annotators),
        "by_slice": {
            name: _closed(values, {value for attribute, value in closed.slices if attribute == name})
            for name, values in slices.items()
        },
        "left_out": (
            f"classes, people and slices of fewer than {MINIMUM_GOLD_ITEMS} gold items, "
            "and those from which these would follow"
        ),
    }
    if "by_class" in gold:
        out["by_class"] = _closed(gold["by_class"], closed.classes)
    return out


def _closed(counts: Mapping[str, object], hidden: Collection[str]) -> dict[str, object]:
    """Counts of subjects, without those that are hidden."""
    return {name: None if name in hidden else one for name, one in counts.items()}


def _told(document: Mapping[str, object]) -> list[str]:
    """The reasons to redo items as this document tells them."""
    rework = cast("Mapping[str, list[Mapping[str, object]]]", document["rework"])
    return [str(part["text"]) for part in rework["by_reason"]]


def _save_redo(judgement: Judgement, folder: Path, reasons: Sequence[str]) -> None:
    """The redo list as CSV and as an import for Label Studio, one row per item, in order of the items.

    ``reasons`` are those of the audience: what its report does not show stands in no other file either.
    """
    redo, listed = judgement.redo, judgement.redo.listed
    if not redo.items:
        return
    told = []
    for number, (part, reason) in enumerate(zip(redo.parts, reasons, strict=True)):
        subject = next(iter(part.row.subject.values()), "") if part.row.subject else ""
        person = part.row.subject.get("annotator", "")
        told.append(f"({number}, {sql_text(reason)}, {sql_text(subject)}, {sql_text(person)})")
    batch = judgement.document["batch"]
    round_number = int(batch["round"]) + 1 if isinstance(batch, dict) else 2
    select = (
        f"SELECT key, item, reason, subject, annotator, {round_number} AS round FROM ({listed.query}) "
        f"JOIN (VALUES {', '.join(told)}) AS why(part, reason, subject, annotator) USING (part)"
    )
    stage = judgement.stage or folder
    target = sql_text(str(stage / REDO))
    in_order = f"SELECT * EXCLUDE (key) FROM ({select}) ORDER BY key"
    listed.connection.execute(f"COPY ({in_order}) TO {target} (FORMAT csv, HEADER true)")
    if redo.located is None:
        _save_tasks(listed, select, folder / REDO_STUDIO)
    else:
        rows = listed.connection.execute(f"SELECT item FROM ({listed.query}) ORDER BY key").fetchall()
        items = [str(row[0]) for row in rows]
        writing = import_module("assay.formats.redo_import")  # it loads the writers of other tools
        writing.write_redo_import(listed.connection, items, folder, redo.located.kind, redo.located.names)
    if stage != folder:
        shutil.copyfile(stage / REDO, folder / REDO)


def _save_tasks(listed: Listed, select: str, path: Path) -> None:
    """The redo list as Label Studio imports it: a task per item, with its text and link where there are any."""
    content = " UNION ALL ".join(
        f"SELECT item, text, link, {number} AS rank FROM {table} WHERE text IS NOT NULL OR link IS NOT NULL"
        for number, table in enumerate(listed.tables)
    )
    shown = ", ".join(
        f"first({name} ORDER BY rank) FILTER ({name} IS NOT NULL) AS {name}" for name in ("text", "link")
    )
    looks = f"SELECT item, {shown} FROM ({content}) GROUP BY item"
    cursor = listed.connection.execute(
        f"SELECT item, text, link, reason, subject FROM ({select}) LEFT JOIN ({looks}) USING (item) ORDER BY key"
    )
    names = ("assay_item", "text", "link", "reason", "subject")
    before = b"[\n"
    with path.open("wb") as file:
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            for row in rows:
                data = {
                    name: value for name, value in zip(names, row, strict=True) if value not in (None, "")
                }
                file.write(before + orjson.dumps({"data": data}))
                before = b",\n"
        file.write(b"\n]\n")
