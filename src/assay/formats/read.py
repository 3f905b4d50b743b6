"""Read a delivery of any known format into the annotation table, and say everything that was found on the way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from assay.annotation.connection import has_table
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState, Layer
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown
from assay.annotation.schema import Schema
from assay.annotation.schema_values import Kind, Level

from .annotation_table import NOBODY, LoadedFile, Target, create_tables, insert_table
from .content import settle_content
from .delivery import DeliveryFile, FileEntry
from .duplicates import settle_duplicates
from .frames import frame_file, is_table, open_frame, row_hash
from .gold import Gold
from .inputs import InputFile, PlainFile, examine
from .label_studio import label_studio_source
from .located_kinds import LOCATED_KINDS, LocatedKind
from .located_schema import settle_classes, settle_kind
from .located_search import Found, find_units
from .mapping import annotator_mapping
from .prodigy_answers import prodigy_answers
from .records import JsonForm, json_form
from .relation import scratch_folder
from .sources import list_files
from .table_source import TableRequest, TableSource, open_table
from .values import NUMBER, Sources, check_values, count_labels, decide_kind

if TYPE_CHECKING:
    from .located import LocatedDelivery

_REQUIRED = ("item", "label")


@dataclass(frozen=True)
class Delivery:
    """What was read: the rows are in the tables ``annotation`` and ``content`` of the connection."""

    inputs: tuple[InputFile, ...]
    findings: tuple[Finding, ...]
    kind: Kind | LocatedKind
    level: Level
    declared: DeliveryFile
    has_content: bool
    is_settled: bool = True
    gold: Gold | None = None

    @property
    def is_located(self) -> bool:
        """Whether the labels are objects: their rows are in ``object``, ``image`` and ``object_class`` too."""
        return self.kind in LOCATED_KINDS


def read_delivery(
    sources: Sequence[Path | str | object],
    *,
    connection: duckdb.DuckDBPyConnection,
    declared: DeliveryFile | None = None,
    schema: Schema | None = None,
    limits: Limits = DEFAULT_LIMITS,
    exclude: Collection[Path] = (),
    settle: bool = True,
    gold: Path | None = None,
    may_be_empty: bool = False,
) -> Delivery:
    """Read files, folders, archives and tables in memory into ``annotation`` and ``content``.

    Located labels (boxes, spans) are read together with their ``gold`` into ``object`` as well; the gold of labels of
    whole items has a reader of its own.

    ``declared`` is what ``delivery.yaml`` says; without it, one that lies in a delivered folder is used. Files in
    ``exclude`` (gold, for example) are not read when a folder holds them. Repeated rows of one person on one item are
    settled, unless a caller who will meet them anyway says not to and the rows are plain first answers; the items of
    such a delivery of one file are then ``NOT_COUNTED`` either. A delivery without an annotation is refused unless it
    ``may_be_empty``. Raises :class:`InputError` for input that cannot be
    read or contradicts itself; the connection then holds no half of it that anyone should use.
    """
    if not sources:
        raise InputError(
            "nothing was delivered", found="no source", expected="at least one file, folder or table"
        )
    paths = [Path(source) for source in sources if isinstance(source, (str, Path))]
    tables = [source for source in sources if is_table(source)]
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder(connection))
        found = find_units(paths, declared, scratch=scratch, limits=limits, exclude=exclude)
        if found is not None:
            return _located(found, connection, scratch, limits, gold, schema)
        listing = list_files(paths, declared, exclude=exclude, scratch=scratch, limits=limits)
        create_tables(connection)
        loading = _Loading(connection, listing.declared, scratch, limits, stack, list(listing.findings))
        loading.may_be_empty = may_be_empty
        loading.count_items = settle or len(listing.entries) + len(tables) > 1
        loading.schema = schema
        for entry in listing.entries:
            loading.file(entry)
        for number, table in enumerate(tables, start=1):
            loading.table(table, f"table {number}" if len(tables) > 1 else "table")
        rows = sum(one.input.rows for one in loading.loaded)
        if not loading.loaded or (rows == 0 and not may_be_empty):
            raise InputError(
                "there is no annotation in what was delivered",
                file=", ".join(one.input.path for one in loading.loaded[:5]) or None,
                found="no rows", expected="rows of item, annotator and label",
            )  # fmt: skip
        return _finished(loading, schema, settle)


def _located(
    found: Found,
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
    limits: Limits,
    gold: Path | None,
    schema: Schema | None,
) -> Delivery:
    # Its readers take longer to load than many a batch of whole items takes to judge.
    reading = import_module(f"{__package__}.located_reading")
    read: LocatedDelivery = reading.read_found(
        found, connection=connection, scratch=scratch, limits=limits, gold=gold
    )
    if not connection.execute(
        "SELECT count(*) FROM annotation WHERE layer <> ?", [int(Layer.GOLD)]
    ).fetchall()[0][0]:
        raise InputError(
            "there is no annotation in what was delivered", file=found.units[0].name,
            found="no item that anyone worked on", expected="objects, or items without any",
        )  # fmt: skip
    has_content, about_content = settle_content(connection)
    kind = settle_kind(schema, found.declared.located, read.kind)
    findings = (*read.findings, *about_content, *settle_classes(connection, schema))
    return Delivery(read.inputs, findings, kind, "nominal", found.declared, has_content, True, read.gold)


@dataclass
class _Loading:
    """One file after the other into the tables."""

    connection: duckdb.DuckDBPyConnection
    declared: DeliveryFile
    scratch: Path
    limits: Limits
    stack: ExitStack
    findings: list[Finding]
    loaded: list[LoadedFile] = field(default_factory=list)
    kinds: set[Kind] = field(default_factory=set)
    has_lists: bool = False
    plain_tables: list[str] = field(default_factory=list)
    count_items: bool = True
    may_be_empty: bool = False
    schema: Schema | None = None

    def file(self, entry: FileEntry) -> None:
        """Read one file of any format."""
        file = examine(entry.request, scratch=self.scratch, limits=self.limits)
        form = self._form(file)
        if form == "label_studio":
            self._label_studio(_as(file, "label_studio"), entry)
        elif form == "prodigy":
            self._prodigy(file, entry)
        elif form == "mapping":
            self._mapping(_as(file, "mapping"), entry, is_json=file.format in ("json", "jsonl"))
        else:
            request = self._request(entry)
            source = self.stack.enter_context(
                open_table(self.connection, file, request, scratch=self.scratch, limits=self.limits)
            )
            self._insert(source, file, entry)
            self._note_table(source, file)

    def table(self, table: object, name: str) -> None:
        """Read one table in memory."""
        entry = FileEntry(Path(name), name)
        request = self._request(entry)
        source = self.stack.enter_context(open_frame(self.connection, table, name, request, self.limits))
        self._insert(source, frame_file(name), entry)
        self._note_columns(source)
        last = self.loaded[-1]
        query = f"SELECT * EXCLUDE (file) FROM annotation WHERE file = {len(self.loaded) - 1}"
        hashed = replace(last.input, sha256=row_hash(self.connection, query))
        self.loaded[-1] = replace(last, input=hashed)

    def _form(self, file: PlainFile) -> JsonForm:
        if file.format in ("json", "jsonl"):
            return json_form(file, self.limits)
        if file.format == "label_studio" or file.format == "mapping":
            return file.format
        return "rows"

    def _request(self, entry: FileEntry) -> TableRequest:
        return TableRequest(
            subject="delivery",
            required=_REQUIRED,
            columns=entry.columns or self.declared.columns,
            header=self.declared.header if entry.header is None else entry.header,
            profile=entry.profile,
        )

    def _label_studio(self, file: PlainFile, entry: FileEntry) -> None:
        columns = entry.columns or self.declared.columns
        source, staging, told = label_studio_source(
            self.connection, file, control=entry.profile, columns=columns, limits=self.limits,
            may_be_empty=self.may_be_empty,
        )  # fmt: skip
        self.stack.callback(staging.drop)
        self.kinds |= told.kinds
        self.findings += told.findings(file.name)
        self._insert(source, file, entry)

    def _prodigy(self, file: PlainFile, entry: FileEntry) -> None:
        columns = entry.columns or self.declared.columns
        source, staging = prodigy_answers(self.connection, file, columns=columns, limits=self.limits)
        self.stack.callback(staging.drop)
        self._insert(source, file, entry)

    def _mapping(self, file: PlainFile, entry: FileEntry, *, is_json: bool) -> None:
        source, staging = annotator_mapping(self.connection, file, is_json=is_json, limits=self.limits)
        self.stack.callback(staging.drop)
        self._insert(source, file, entry)

    def _insert(self, source: TableSource, file: PlainFile, entry: FileEntry) -> None:
        named = entry.annotator is not None or source.cell("annotator") is not None
        layer = entry.layer if entry.layer is not None else Layer.FIRST_PASS if named else Layer.FINAL
        target = Target(
            len(self.loaded), layer, self.declared.round, entry.annotator, self.declared.separator,
            self.count_items, *self._codes(),
        )  # fmt: skip
        loaded = insert_table(self.connection, source, file, target, self.limits)
        self.has_lists = self.has_lists or source.is_list("label") or self.declared.separator is not None
        self.loaded.append(loaded)
        if not loaded.input.rows:
            text = f"{file.name} holds a header and no rows."
            self.findings.append(Finding("no_rows", "major", "delivery", text, {"file": file.name}))
        if not named:
            self.findings.append(_nobody_named(file.name, layer))

    def _codes(self) -> tuple[bool, str]:
        """Whether rows may be kept as codes, and of which form labels then are.

        Texts are not; a rating that is no number loses its value later.
        """
        kinds = {self.declared.labels, self.schema.kind if self.schema is not None else None, *self.kinds}
        return not self.count_items and "text" not in kinds, NUMBER if "rating" in kinds else ""

    def _note_table(self, source: TableSource, file: PlainFile) -> None:
        if not source.is_list("label") and self.declared.separator is None:
            self.plain_tables.append(file.name)
        self._note_columns(source)
        if source.delimited is not None and source.delimited.may_swallow_rows:
            self.findings += _swallowed_rows(self.connection, file.name, len(self.loaded) - 1)
        if source.delimited is not None and not file.ends_with_line_end:
            text = f"The last line of {file.name} has no line end; if the file was cut, so may its last label be."
            self.findings.append(Finding("no_final_line_end", "note", "delivery", text, {"file": file.name}))

    def _note_columns(self, source: TableSource) -> None:
        if source.plan.declared:
            return
        parts = {role: source.relation.names[at] for role, at in source.plan.roles.items()}
        listed = ", ".join(f"{role} = {shown(name)}" for role, name in parts.items())
        text = f"Nobody declared the columns of {source.name}; they were read as {listed}."
        evidence = {"file": source.name, "columns": parts}
        self.findings.append(Finding("columns_detected", "note", "delivery", text, evidence))


def _finished(loading: _Loading, schema: Schema | None, settle: bool) -> Delivery:
    connection, declared = loading.connection, loading.declared
    findings = loading.findings
    settled = settle or not _holds_only_first_answers(connection)
    if settled:
        findings += settle_duplicates(connection, loading.loaded, declared.duplicates)
    count_labels(connection)
    try:
        told = Sources(loading.has_lists, frozenset(loading.kinds))
        judged = decide_kind(connection, declared, schema, told)
        if judged.kind == "multi" and loading.plain_tables:
            raise InputError(
                "sets of labels need a separator in a table", file=loading.plain_tables[0],
                found="one text in each cell", expected='`separator: "|"` in delivery.yaml, or lists in JSON',
            )  # fmt: skip
        findings += judged.findings
        findings += check_values(connection, judged.kind, schema, loading.limits)
    finally:
        connection.execute("DROP TABLE label_count")
    has_content, about_content = settle_content(connection)
    findings += [*about_content, *_unnamed_rows(connection)]
    inputs = tuple(one.input for one in loading.loaded)
    if settled and not loading.count_items:
        items = connection.execute("SELECT count(DISTINCT item) FROM annotation").fetchall()[0][0]
        inputs = tuple(replace(one, items=int(items)) for one in inputs)
    return Delivery(inputs, tuple(findings), judged.kind, judged.level, declared, has_content, settled)


def _holds_only_first_answers(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether every row is an answer of a first pass: only such rows are kept as codes."""
    if has_table(connection, "coded"):
        return True
    row = connection.execute(
        "SELECT min(layer), max(layer), min(state), max(state) FROM annotation"
    ).fetchall()[0]
    return row == (Layer.FIRST_PASS, Layer.FIRST_PASS, ItemState.ANNOTATED, ItemState.ANNOTATED)


def _as(file: PlainFile, form: Literal["label_studio", "mapping"]) -> PlainFile:
    return replace(file, format=form)


def _swallowed_rows(connection: duckdb.DuckDBPyConnection, name: str, index: int) -> list[Finding]:
    rows = connection.execute(
        "SELECT count(*) FROM annotation WHERE file = ? AND contains(value, chr(10)) AND contains(value, chr(9))",
        [index],
    ).fetchall()[0][0]
    if not rows:
        return []
    text = (
        f"{rows:,} labels in {name} hold both tabs and line breaks between quotes. If these are rows of the table, "
        "the quotes are part of the texts: declare `profile: unquoted`."
    )
    return [Finding("cell_spans_rows", "major", "delivery", text, {"file": name, "rows": int(rows)})]


def _nobody_named(name: str, layer: Layer) -> Finding:
    text = (
        f"{name} does not say who labelled what: it is read as the layer {layer.label}, "
        "and nothing can be said about agreement or about people."
    )
    return Finding("annotator_missing", "major", "delivery", text, {"file": name, "layer": layer.label})


def _unnamed_rows(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    rows = connection.execute(
        "SELECT count(*) FROM annotation WHERE annotator = ? AND layer <> ?", [NOBODY, int(Layer.FINAL)]
    ).fetchall()[0][0]
    if not rows:
        return []
    text = f"{rows:,} annotations name no person; they stand under the name {NOBODY}."
    return [Finding("annotator_unnamed", "major", "delivery", text, {"rows": int(rows)})]
