"""From the tables of a delivery of located labels to the arrays of a batch: who counts, which objects, which gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from assay.analytics.batch import SliceAttribute
from assay.analytics.stored import make_enum, name_items
from assay.annotation.layers import ItemState, Layer
from assay.annotation.schema import Schema
from assay.formats.delivery import DeliveryFile
from assay.formats.located_kinds import LocatedKind
from assay.formats.objects import KIND_CODES
from assay.formats.pseudonyms import propose_pseudonyms
from assay.measure.candidates import Objects
from assay.measure.comparisons import Work
from assay.measure.units import Ints

from .located_batch import Facts, LocatedBatch, Marks
from .prepare import MODEL_PREFIX, final_rule, manifest_codes
from .request import Request
from .sources import Sources

_OWN = (Layer.FIRST_PASS, Layer.SELF_CHECK)
_LATER = (Layer.REVIEW, Layer.ADJUDICATION, Layer.FINAL)
_ROUNDS = 256
_LAYERS = 8
NO_CLASS = "(no class)"
Columns = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Delivered:
    """A batch and what is known of its delivery beyond it.

    ``delivered`` says of each item whether anyone's work on it is judged; ``unexpected`` items are not in the
    manifest, ``gold_outside`` gold items not of this batch: neither is measured.
    """

    batch: LocatedBatch
    names: Mapping[str, str]
    delivered: NDArray[np.bool_]
    unexpected: int
    gold_outside: int
    layers: Mapping[Layer, int]


@dataclass(frozen=True)
class _Rows:
    """Rows of the annotation table or of the object table: item, person as delivered, layer, round."""

    item: Ints
    raw: Ints
    layer: Ints
    round: Ints

    @staticmethod
    def of(columns: Columns) -> _Rows:
        return _Rows(*(np.asarray(columns[name], np.int64) for name in ("key", "raw", "layer", "round")))

    @property
    def code(self) -> Ints:
        """One number for each answer: of one person on one item in one layer and round."""
        people = int(self.raw.max(initial=0)) + 1
        return ((self.item * people + self.raw) * _LAYERS + self.layer) * _ROUNDS + self.round

    def take(self, kept: Ints | NDArray[np.bool_]) -> _Rows:
        return _Rows(self.item[kept], self.raw[kept], self.layer[kept], self.round[kept])


def read_batch(request: Request, sources: Sources) -> Delivered:
    """The batch of a delivery. Raises :class:`InputError` for a declared annotator who is not in it."""
    connection, declared = sources.connection, sources.delivery.declared
    kind: LocatedKind = sources.delivery.kind  # type: ignore[assignment]  # the caller asked whether it is located
    name_items(connection, ["annotation", *(["manifest"] if sources.manifest else [])])
    found = connection.execute("SELECT item FROM item_name ORDER BY key").fetchnumpy()
    items = [str(item) for item in found["item"].tolist()]
    raw = _raw_people(connection)
    names = propose_pseudonyms(_people(connection, declared), request.pseudonyms)
    classes = _classes(connection, sources.schema)
    make_enum(connection, "raw_text", raw)
    make_enum(connection, "class_text", classes)
    answers = connection.execute(
        "SELECT key, enum_code(annotator::raw_text)::INTEGER AS raw, layer, round, state FROM annotation "
        f"JOIN item_name USING (item) WHERE layer <> {Layer.PRELABEL:d}"
    ).fetchnumpy()
    people = sorted(names, key=lambda one: names[one])
    code_of = np.full(max(len(raw), 1), -1, np.int64)
    for number, one in enumerate(people):
        code_of[raw.index(one)] = number
    annotators = tuple(names[one] for one in people)
    paid = final_rule(declared, names)
    marked = _marked(connection, kind)
    chosen = _Chosen.of(answers, code_of, _paid(paid, annotators))
    marks, by, work = chosen.first_pass(marked, code_of)
    final, final_by, final_work = (
        chosen.final(marked, code_of, len(people)) if chosen.has_others else (marks, by, work)
    )
    listed = _Listed.of(connection, sources, len(items))
    gold, gold_items, outside = _gold(connection, marked, chosen, listed, final_work, sources)
    absent = np.setdiff1d(gold_items, final_work.item) if sources.counts_missing_gold else gold_items[:0]
    if len(absent):
        final_work = _with_absent(final_work, absent, len(people))
    delivered = np.zeros(len(items), bool)
    delivered[chosen.final_items] = True
    expected = delivered if listed.expected is None else listed.expected
    unexpected = int((delivered & ~expected).sum())
    batch = LocatedBatch(
        kind, tuple(items), tuple(classes), annotators, marks, by, work, final, final_by, final_work, gold, gold_items,
        Facts(listed.number, listed.slices, listed.stratum, expected, listed.cluster, *_sizes(connection, len(items))),
        listed.attributes, listed.strata or (int(expected.sum()),), listed.clusters,
        _skipped(answers, code_of, annotators), _rule_text(chosen, paid), absent,
    )  # fmt: skip
    if unexpected:
        batch = _without(batch, ~expected & delivered)
    layers = np.bincount(np.asarray(answers["layer"], np.int64), minlength=_LAYERS)
    return Delivered(
        batch, names, delivered & expected, unexpected, outside,
        {Layer(code): int(layers[code]) for code in np.flatnonzero(layers).tolist()},
    )  # fmt: skip


def _raw_people(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [
        str(row[0])
        for row in connection.execute("SELECT DISTINCT annotator FROM annotation ORDER BY 1").fetchall()
    ]


def _people(connection: duckdb.DuckDBPyConnection, declared: DeliveryFile) -> list[str]:
    """Raw ids of those who worked on items in a first pass or a self-check, who did most first."""
    own = ", ".join(str(int(layer)) for layer in _OWN)
    rows = connection.execute(
        f"SELECT annotator, count(*) AS n FROM annotation WHERE layer IN ({own}) GROUP BY 1 ORDER BY n DESC, 1"
    ).fetchall()
    return [
        str(name)
        for name, _ in rows
        if not str(name).startswith(MODEL_PREFIX) and name not in declared.copies
    ]


def _classes(connection: duckdb.DuckDBPyConnection, schema: Schema | None) -> list[str]:
    """Classes of the schema, else in the order in which the sources list them; those that nobody used are left out."""
    used = connection.execute(
        f"SELECT DISTINCT coalesce(class, '{NO_CLASS}') FROM object WHERE layer <> {Layer.PRELABEL:d}"
    ).fetchall()
    found = {str(row[0]) for row in used}
    order = [one.name for one in schema.classes] if schema else []
    order += [
        str(row[0])
        for row in connection.execute("SELECT class FROM object_class ORDER BY position").fetchall()
    ]
    ordered = list(dict.fromkeys(name for name in order if name in found))
    return ordered + sorted(found.difference(ordered))


@dataclass(frozen=True)
class _Marked:
    """All objects that may count, in order of item, person and position."""

    rows: _Rows
    marks: Marks

    def of(self, answers: _Rows) -> tuple[Marks, Ints]:
        """The objects of some answers, and the row of the answer that each belongs to."""
        people = int(max(self.rows.raw.max(initial=0), answers.raw.max(initial=0))) + 1
        codes = [
            ((rows.item * people + rows.raw) * _LAYERS + rows.layer) * _ROUNDS + rows.round
            for rows in (self.rows, answers)
        ]
        order = np.argsort(codes[1], kind="stable")
        place = np.searchsorted(codes[1][order], codes[0])
        held = np.append(codes[1][order], -1)[place] == codes[0]
        kept = np.flatnonzero(held)
        marks = self.marks if len(kept) == len(self.marks) else self.marks.take(kept)
        return marks, order[place[kept]]


def _marked(connection: duckdb.DuckDBPyConnection, kind: LocatedKind) -> _Marked:
    counts = connection.execute(
        "SELECT count(shape), count(text), count(attributes), count(angle) FROM object"
    )
    shapes, texts, attributes, angles = counts.fetchall()[0]
    wanted = ["key", "enum_code(annotator::raw_text)::INTEGER AS raw", "layer", "round", "position"]
    wanted += [f"enum_code(coalesce(class, '{NO_CLASS}')::class_text)::INTEGER AS label"]
    wanted += [
        "coalesce(x, 0) AS x",
        "coalesce(y, 0) AS y",
        "coalesce(w, 0) AS w",
        "coalesce(h, 0) AS h",
        "crowd",
    ]
    cases = " ".join(f"WHEN '{name}' THEN {code}" for name, code in KIND_CODES.items())
    wanted += [f"(CASE kind {cases} END)::UTINYINT AS kind"]
    wanted += ["shape"] if shapes and kind != "boxes" else []
    wanted += ["text"] if texts else []
    wanted += ["attributes"] if attributes else []
    wanted += ["coalesce(angle, 'nan'::DOUBLE) AS angle"] if angles else []
    found = connection.execute(
        f"SELECT {', '.join(wanted)} FROM object JOIN item_name USING (item) WHERE layer <> {Layer.PRELABEL:d}"
    ).fetchnumpy()
    rows = _Rows.of(found)
    order = np.lexsort((np.asarray(found["position"], np.int64), rows.code))
    size = len(order)
    box = np.column_stack([np.asarray(found[name], np.float64) for name in ("x", "y", "w", "h")])
    box = np.column_stack([box[:, :2], np.maximum(box[:, 2:], 0.0)])
    nothing = np.full(size, None, dtype=object)
    told = [
        _objects(found[name])[order] if name in found else nothing for name in ("shape", "text", "attributes")
    ]
    marks = Marks(
        Objects(rows.item[order], np.asarray(found["label"], np.int64)[order], box[order]),
        np.asarray(found["kind"], np.uint8)[order],
        np.asarray(found["angle"], np.float64)[order] if angles else np.full(size, np.nan),
        told[0],
        told[1],
        told[2],
        np.asarray(found["crowd"], np.bool_)[order],
    )
    return _Marked(rows.take(order), marks)


def _objects(column: NDArray[np.generic]) -> NDArray[np.object_]:
    """A column of texts with None where the source holds nothing."""
    texts = np.asarray(np.ma.getdata(column), dtype=object).copy()
    texts[np.ma.getmaskarray(column)] = None
    return texts


@dataclass(frozen=True)
class _Chosen:
    """Which answers count: those of the first pass for agreement, and those that are paid for against gold."""

    answers: _Rows
    first: Ints
    paid: Ints
    settled: Ints
    gold: Ints

    @staticmethod
    def of(columns: Columns, code_of: Ints, paid: int | None) -> _Chosen:
        answers = _Rows.of(columns)
        state = np.asarray(columns["state"], np.int64)
        worked = (state == ItemState.ANNOTATED) | (state == ItemState.EMPTY)
        person = code_of[answers.raw] >= 0
        own = worked & person & np.isin(answers.layer, _OWN)
        rank = answers.layer * _ROUNDS + answers.round
        first = _latest(answers, rank, np.flatnonzero(own & (answers.layer == Layer.FIRST_PASS)))
        later = np.flatnonzero(worked & np.isin(answers.layer, _LATER))
        settled = _latest(answers, rank, later, by_person=False)
        open_ = own & ~np.isin(answers.item, answers.item[settled])
        if paid is not None:
            open_ &= code_of[answers.raw] == paid
        gold = np.flatnonzero(worked & (answers.layer == Layer.GOLD))
        return _Chosen(answers, first, _latest(answers, rank, np.flatnonzero(open_)), settled, gold)

    @property
    def has_others(self) -> bool:
        """Whether anything but the first passes is judged against gold."""
        return bool(len(self.settled)) or not np.array_equal(self.first, self.paid)

    @property
    def final_items(self) -> Ints:
        """The items with work that is judged."""
        return np.unique(self.answers.item[np.concatenate([self.paid, self.settled])])

    def first_pass(self, marked: _Marked, code_of: Ints) -> tuple[Marks, Ints, Work]:
        """The objects of first passes, whose each is, and who worked on what."""
        rows = self.answers.take(self.first)
        marks, owner = marked.of(rows)
        person = code_of[rows.raw]
        return marks, person[owner], Work(rows.item, person)

    def final(self, marked: _Marked, code_of: Ints, nobody: int) -> tuple[Marks, Ints, Work]:
        """The objects that are paid for; what a later layer decided is nobody's, which is one more code."""
        rows = self.answers.take(np.concatenate([self.paid, self.settled]))
        marks, owner = marked.of(rows)
        person = np.concatenate([code_of[rows.raw[: len(self.paid)]], np.full(len(self.settled), nobody)])
        return marks, person[owner], Work(rows.item, person)


def _latest(answers: _Rows, rank: Ints, among: Ints, *, by_person: bool = True) -> Ints:
    """Of several answers of one person on one item (or of anyone) the latest."""
    people = int(answers.raw.max(initial=0)) + 1
    subject = answers.item[among] * (people if by_person else 1) + (answers.raw[among] if by_person else 0)
    order = np.lexsort((-answers.raw[among], rank[among], subject))
    last = np.append(subject[order][1:] != subject[order][:-1], True) if len(order) else np.zeros(0, bool)
    return np.asarray(among[np.sort(order[last])], np.int64)


@dataclass(frozen=True)
class _Listed:
    """What the manifest says of every item."""

    number: NDArray[np.uint64]
    expected: NDArray[np.bool_] | None
    attributes: tuple[SliceAttribute, ...]
    slices: tuple[Ints, ...]
    stratum: Ints
    strata: tuple[int, ...]
    cluster: Ints | None
    clusters: int | None

    @staticmethod
    def of(connection: duckdb.DuckDBPyConnection, sources: Sources, items: int) -> _Listed:
        numbers = connection.execute("SELECT number FROM item_name ORDER BY key").fetchnumpy()["number"]
        number, none = np.asarray(numbers, np.uint64), np.zeros(items, np.int64)
        if sources.manifest is None:
            return _Listed(number, None, (), (), none, (), None, None)
        unit = sources.contract.measurement.interval.unit
        codes, attributes, strata = manifest_codes(
            connection, False, sources.manifest, None if unit == "item" else unit
        )
        if codes is None:
            raise ValueError("a manifest has codes")
        expected = np.zeros(items, bool)
        expected[codes.key] = True

        def laid(column: Ints, blank: int) -> Ints:
            out = np.full(items, blank, np.int64)
            out[codes.key] = column
            return out

        cluster = None if codes.cluster is None else laid(codes.cluster, 0)
        return _Listed(
            number, expected, attributes, tuple(laid(one, -1) for one in codes.slices), laid(codes.stratum, 0),
            tuple(size for _, size in strata) if strata else (), cluster,
            None if cluster is None else int(cluster.max(initial=-1)) + 1,
        )  # fmt: skip


def _gold(
    connection: duckdb.DuckDBPyConnection,
    marked: _Marked,
    chosen: _Chosen,
    listed: _Listed,
    final_work: Work,
    sources: Sources,
) -> tuple[Marks, Ints, int]:
    """Gold objects and gold items of this batch, and how many gold items are of others."""
    marks, owner = marked.of(chosen.answers.take(chosen.gold))
    if sources.gold is None:
        return marks.take(np.zeros(0, np.int64)), np.zeros(0, np.int64), 0
    rows = connection.execute(
        "SELECT key FROM gold_item JOIN item_name USING (item) WHERE compartment <> 'practice' ORDER BY key"
    ).fetchnumpy()
    items = np.asarray(rows["key"], np.int64)
    if listed.expected is not None:
        kept = listed.expected[items]
    elif sources.counts_missing_gold:
        kept = np.ones(len(items), bool)
    else:
        kept = np.isin(items, final_work.item)
    mine = items[kept]
    return marks.take(np.isin(chosen.answers.item[chosen.gold][owner], mine)), mine, int((~kept).sum())


def _with_absent(work: Work, absent: Ints, nobody: int) -> Work:
    """Gold items that nobody delivered, as if nobody had found anything on them."""
    people = np.full(len(absent), nobody)
    return Work(np.concatenate([work.item, absent]), np.concatenate([work.annotator, people]))


def _without(batch: LocatedBatch, dropped: NDArray[np.bool_]) -> LocatedBatch:
    """The batch without what was marked on some items."""
    kept, final_kept = ~dropped[batch.marks.objects.item], ~dropped[batch.final.objects.item]
    same = batch.final is batch.marks
    marks, by, work = batch.marks.take(kept), batch.by[kept], batch.work.take(~dropped[batch.work.item])
    final = (marks, by, work) if same else (
        batch.final.take(final_kept), batch.final_by[final_kept],
        batch.final_work.take(~dropped[batch.final_work.item]),
    )  # fmt: skip
    return replace(
        batch, marks=marks, by=by, work=work, final=final[0], final_by=final[1], final_work=final[2]
    )


def _sizes(connection: duckdb.DuckDBPyConnection, items: int) -> tuple[Ints, Ints]:
    rows = connection.execute(
        "SELECT key, max(width) AS width, max(height) AS height FROM image JOIN item_name USING (item) "
        "WHERE width IS NOT NULL AND height IS NOT NULL GROUP BY key"
    ).fetchnumpy()
    out = []
    for name in ("width", "height"):
        size = np.full(items, -1, np.int64)
        size[np.asarray(rows["key"], np.int64)] = np.asarray(rows[name], np.int64)
        out.append(size)
    return out[0], out[1]


def _skipped(answers: Columns, code_of: Ints, annotators: Sequence[str]) -> dict[str, int]:
    rows = _Rows.of(answers)
    skipped = (np.asarray(answers["state"], np.int64) == ItemState.SKIPPED) & (code_of[rows.raw] >= 0)
    counts = np.bincount(code_of[rows.raw[skipped]], minlength=len(annotators))
    return {annotators[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}


def _paid(rule: str, annotators: Sequence[str]) -> int | None:
    return annotators.index(rule.removeprefix("annotator:")) if rule.startswith("annotator:") else None


def _rule_text(chosen: _Chosen, paid: str) -> str:
    parts = []
    settled = len(np.unique(chosen.answers.item[chosen.settled]))
    if settled:
        parts.append(f"{settled:,} items settled by review, adjudication or a final layer")
    own = chosen.answers.item[chosen.paid]
    if paid.startswith("annotator:"):
        parts.append(f"the objects of {paid.removeprefix('annotator:')}")
    elif len(np.unique(own)) < len(own):
        parts.append("the objects of each person are judged by themselves")
    elif len(own):
        parts.append("the only objects of each item")
    return "; ".join(parts)
