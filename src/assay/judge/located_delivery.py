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
from assay.formats.pseudonyms import propose_pseudonyms
from assay.measure.comparisons import Work
from assay.measure.units import Ints

from .located_batch import Facts, LocatedBatch, Marks
from .located_marks import LAYERS, NO_CLASS, ROUNDS, Answers, Marked, read_marks
from .prepare import MODEL_PREFIX, final_rule, manifest_codes
from .request import Request
from .sources import Sources

_OWN = (Layer.FIRST_PASS, Layer.SELF_CHECK)
_LATER = (Layer.REVIEW, Layer.ADJUDICATION, Layer.FINAL)
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
    marked = read_marks(
        connection, kind, len(code_of), layers=f"layer NOT IN ({Layer.PRELABEL:d}, {Layer.GOLD:d})"
    )
    chosen = _Chosen.of(answers, code_of, _paid(paid, annotators))
    marks, by, work = chosen.first_pass(marked, code_of)
    final, final_by, final_work = (
        chosen.final(marked, code_of, len(people)) if chosen.has_others else (marks, by, work)
    )
    listed = _Listed.of(connection, sources, len(items))
    kept = read_marks(connection, kind, len(code_of), layers=f"layer = {Layer.GOLD:d}")
    gold, gold_items, outside = _gold(connection, kept, chosen, listed, final_work, sources)
    absent = np.setdiff1d(gold_items, final_work.item) if sources.counts_missing_gold else gold_items[:0]
    if len(absent):
        final_work = _with_absent(final_work, absent, len(people))
    delivered = np.zeros(len(items), bool)
    delivered[chosen.final_items] = True
    expected = delivered if listed.expected is None else listed.expected
    unexpected = int((delivered & ~expected).sum())
    batch = LocatedBatch(
        kind, tuple(items), tuple(classes), annotators, marks, by, work, final, final_by, final_work, gold, gold_items,
        Facts(
            listed.number, listed.slices, listed.stratum, expected, listed.cluster,
            *_sizes(connection, kind, len(items)),
        ),
        listed.attributes, listed.strata or (int(expected.sum()),), listed.clusters,
        _skipped(answers, code_of, annotators), _rule_text(chosen, paid), absent,
    )  # fmt: skip
    if unexpected:
        batch = _without(batch, ~expected & delivered)
    layers = np.bincount(np.asarray(answers["layer"], np.int64), minlength=LAYERS)
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
class _Chosen:
    """Which answers count: those of the first pass for agreement, and those that are paid for against gold."""

    answers: Answers
    first: Ints
    paid: Ints
    settled: Ints
    gold: Ints

    @staticmethod
    def of(columns: Columns, code_of: Ints, paid: int | None) -> _Chosen:
        answers = Answers.of(columns, len(code_of))
        state = np.asarray(columns["state"], np.int64)
        worked = (state == ItemState.ANNOTATED) | (state == ItemState.EMPTY)
        person = code_of[answers.raw] >= 0
        own = worked & person & np.isin(answers.layer, _OWN)
        rank = answers.layer * ROUNDS + answers.round
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

    def first_pass(self, marked: Marked, code_of: Ints) -> tuple[Marks, Ints, Work]:
        """The objects of first passes, whose each is, and who worked on what."""
        rows = self.answers.take(self.first)
        marks, owner = marked.of(rows)
        person = code_of[rows.raw]
        return marks, person[owner], Work(rows.item, person)

    def final(self, marked: Marked, code_of: Ints, nobody: int) -> tuple[Marks, Ints, Work]:
        """The objects that are paid for; what a later layer decided is nobody's, which is one more code."""
        rows = self.answers.take(np.concatenate([self.paid, self.settled]))
        marks, owner = marked.of(rows)
        person = np.concatenate([code_of[rows.raw[: len(self.paid)]], np.full(len(self.settled), nobody)])
        return marks, person[owner], Work(rows.item, person)


def _latest(answers: Answers, rank: Ints, among: Ints, *, by_person: bool = True) -> Ints:
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

        def laid(column: NDArray[np.integer], blank: int) -> Ints:
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
    marked: Marked,
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


def _sizes(connection: duckdb.DuckDBPyConnection, kind: LocatedKind, items: int) -> tuple[Ints, Ints]:
    """Width and height of images; a text is as wide as it has code points, and 1 high."""
    source = "image WHERE width IS NOT NULL AND height IS NOT NULL"
    if kind == "spans":
        source = "(SELECT item, length(text) AS width, 1 AS height FROM content WHERE text IS NOT NULL)"
    rows = connection.execute(
        "SELECT key, max(width) AS width, max(height) AS height "
        f"FROM (SELECT item, width, height FROM {source}) JOIN item_name USING (item) GROUP BY key"
    ).fetchnumpy()
    out = []
    for name in ("width", "height"):
        size = np.full(items, -1, np.int64)
        size[np.asarray(rows["key"], np.int64)] = np.asarray(rows[name], np.int64)
        out.append(size)
    return out[0], out[1]


def _skipped(answers: Columns, code_of: Ints, annotators: Sequence[str]) -> dict[str, int]:
    rows = Answers.of(answers, len(code_of))
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
