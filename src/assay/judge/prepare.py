"""Tables of delivery, gold and manifest become a batch: codes, pseudonyms, slices, strata, and what is odd in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np

from assay.analytics.batch import Batch, GoldPanel, Kind, Level, SliceAttribute
from assay.analytics.coded import manifest_keys
from assay.analytics.stored import (
    Dictionaries,
    ManifestCodes,
    StoredVotes,
    encode,
    in_key_order,
    keyed,
    make_enum,
    met,
    named_only_beside,
)
from assay.annotation.connection import sql_name
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState, Layer
from assay.annotation.schema import Schema
from assay.formats.delivery import DeliveryFile
from assay.formats.gold import Gold
from assay.formats.manifest import Manifest
from assay.formats.pseudonyms import propose_pseudonyms
from assay.formats.read import Delivery
from assay.measure.units import Ints

from .coding import SEPARATOR, Coding, code_labels
from .rating_scale import Ends, ends_of_scale

MODEL_PREFIX = "model:"
MOST_SLICE_VALUES = 200
COUNTED_EXACTLY = 400_000


_Listed = tuple[ManifestCodes | None, tuple[SliceAttribute, ...], list[tuple[str, int]] | None]
_NO_MANIFEST: _Listed = (None, (), None)


@dataclass(frozen=True)
class Prepared:
    """A batch with everything that is needed to speak about it in texts again."""

    connection: duckdb.DuckDBPyConnection
    batch: Batch
    coding: Coding
    dictionaries: Dictionaries
    pseudonyms: Mapping[str, str]
    people: Ints
    manifest: Manifest | None
    manifest_codes: ManifestCodes | None
    gold: Gold | None
    gold_outside: int
    stratum_names: tuple[str, ...]
    layer_rows: Mapping[Layer, int]
    findings: tuple[Finding, ...] = field(default=())
    scale: Ends | None = None


def prepare(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    *,
    gold: Gold | None,
    manifest: Manifest | None,
    schema: Schema | None,
    count_missing_gold: bool,
    tolerance: Decimal = Decimal(0),
    cluster: str | None = None,
    pseudonyms: Path | None = None,
) -> Prepared:
    """Encode the tables. Raises :class:`InputError` where gold contradicts the schema or an order is missing."""
    kind, level = _kind(delivery), _level(delivery, schema)
    sources = ["annotation", *(["gold"] if gold else []), *(["manifest"] if manifest else [])]
    label_votes, annotator_votes = met(connection)
    beside = named_only_beside(connection)
    gold_values = _gold_values(connection) if gold else []
    coding = code_labels(kind, level, {*label_votes, *gold_values}, schema)
    _refuse_unknown_gold(coding, gold_values, gold)
    people = _people(annotator_votes, delivery.declared, beside, pseudonyms)
    dictionaries = encode(connection, sources, sorted(label_votes), people.raw)
    people = replace(people, codes=people.codes_of(dictionaries.annotators))
    whole, listed = dictionaries.whole_keys, _NO_MANIFEST
    if manifest is not None:
        listed = manifest_codes(connection, whole, manifest, cluster)
    codes, slices, strata = listed
    panel, outside = GoldPanel.none(), 0
    if gold is not None:
        panel, outside = _gold_panel(connection, whole, coding, codes, count_missing_gold)
    layers = _layers(connection)
    items, votes, rounds = _sizes(connection)
    stored = StoredVotes(
        connection, whole, people.codes, coding.of_raw(dictionaries.labels), codes, panel.key, frozenset(layers), votes,
        coding.empty, rounds, delivery.is_settled,
    )  # fmt: skip
    batch = Batch(
        kind, level, coding.classes, people.annotators, slices,
        tuple(size for _, size in strata) if strata else (len(codes.key) if codes else items + len(panel),),
        panel, stored.stretches, coding.numbers, coding.sets, final_rule(delivery.declared, people.names), votes,
        _skipped(connection, dictionaries, people.names), len(codes.key) if codes else None, _cluster_count(codes),
        tolerance,
    )  # fmt: skip
    findings = (*_label_findings(coding, label_votes), *_unmet_gold(kind, schema, label_votes, gold_values))
    return Prepared(
        connection, batch, coding, dictionaries, people.names, people.codes, manifest, codes, gold, outside,
        tuple(name for name, _ in strata) if strata else (), layers, findings,
        _scale(coding, schema) if kind == "rating" else None,
    )  # fmt: skip


def _scale(coding: Coding, schema: Schema | None) -> Ends | None:
    """The ends of the scale of ratings."""
    if coding.numbers is None or len(coding.numbers) == 0:
        return None
    low, high = (Decimal(f"{number:.12g}") for number in (coding.numbers[0], coding.numbers[-1]))
    return ends_of_scale(schema, (low, high))


@dataclass(frozen=True)
class _People:
    """Pseudonyms by raw id; all raw ids, those of people who vote first; and the code of each, -1 for the others."""

    names: Mapping[str, str]
    raw: list[str]
    codes: Ints

    @property
    def annotators(self) -> tuple[str, ...]:
        """The pseudonyms of people who vote, in order of their codes."""
        return tuple(self.names[raw] for raw in self.raw[: len(self.names)])

    def codes_of(self, raw: Sequence[str]) -> Ints:
        """The code of raw ids in any order, -1 for those who do not vote."""
        place = {name: n for n, name in enumerate(self.raw[: len(self.names)])}
        return np.array([place.get(name, -1) for name in raw] or [-1], np.int64)


def _people(
    votes: Mapping[str, int], declared: DeliveryFile, beside: Collection[str], pseudonyms: Path | None
) -> _People:
    names = propose_pseudonyms(_people_by_votes(votes, declared, beside), pseudonyms)
    own, others = sorted(names, key=lambda raw: names[raw]), sorted(votes.keys() - names.keys())
    codes = np.array([*range(len(own)), *([-1] * max(len(others), 1))], np.int64)
    return _People(names, [*own, *others], codes)


def _kind(delivery: Delivery) -> Kind:
    if delivery.kind not in ("choice", "multi", "rating"):
        raise InputError(
            "these labels are not judged as choices", found=delivery.kind, expected="choice, multi or rating"
        )
    return delivery.kind


def _level(delivery: Delivery, schema: Schema | None) -> Level:
    if delivery.declared.level:
        return delivery.declared.level
    if schema is not None:
        return schema.level
    return "interval" if delivery.kind == "rating" else "nominal"


def _gold_values(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [
        row[0] or "" for row in connection.execute("SELECT DISTINCT value FROM gold ORDER BY 1").fetchall()
    ]


def _refuse_unknown_gold(coding: Coding, values: Sequence[str], gold: Gold | None) -> None:
    wrong = [value for value in values if coding.codes.get(value, 0) < 0]
    if wrong:
        raise InputError(
            "gold holds labels that the schema does not have; it was made for another version, or is misread",
            file=gold.input.path if gold else None,
            found=", ".join(wrong[:5]),
            expected=f"one of {', '.join(coding.classes[:12])}",
        )


def _people_by_votes(votes: Mapping[str, int], declared: DeliveryFile, beside: Collection[str]) -> list[str]:
    """Raw ids of the people whose votes count, most votes first: neither models nor declared copies.

    Nor is anybody who made only gold or prelabels one of the batch's annotators.
    """
    out = {*declared.copies, *beside}
    people = [a for a in votes if not a.startswith(MODEL_PREFIX) and a not in out]
    return sorted(people, key=lambda a: (-votes[a], a))


def manifest_codes(
    connection: duckdb.DuckDBPyConnection, whole: bool, manifest: Manifest, cluster: str | None
) -> _Listed:
    """Slices and strata as codes. An attribute with too many values (an id, a date) cuts no slices."""
    if manifest.raw and not (manifest.has_stratum or manifest.has_probability) and cluster is None:
        return _row_codes(connection, whole, manifest)
    attributes: list[SliceAttribute] = []
    columns: list[str] = []
    for name in manifest.slices:
        column = _column(name)
        values = _distinct(connection, column, MOST_SLICE_VALUES + 1)
        if name != cluster and 2 <= len(values) <= MOST_SLICE_VALUES:
            columns.append(_code_of(connection, f"slice_{len(attributes)}", column, values))
            attributes.append(SliceAttribute(name, tuple(values)))
    parts = [sql_name("stratum")] if manifest.has_stratum else []
    parts += ["inclusion_probability::VARCHAR"] if manifest.has_probability else []
    strata = None
    if parts:
        design = "concat_ws(', ', " + ", ".join(f"coalesce({part}, '')" for part in parts) + ")"
        found = connection.execute(
            f"SELECT {design} AS v, count(*) FROM manifest GROUP BY 1 ORDER BY 1"
        ).fetchall()
        strata = [(str(name), int(size)) for name, size in found]
        columns.append(_code_of(connection, "stratum_text", design, [name for name, _ in strata]))
    if cluster is not None:
        columns_there = manifest_columns(connection)
        if cluster not in columns_there:
            raise InputError(
                "the contract resamples whole groups of items by a column that the manifest does not have",
                file=manifest.input.path, place="measurement.interval.unit",
                found=cluster, expected=f"one of {', '.join(columns_there)}",
            )  # fmt: skip
        columns.append(f"dense_rank() OVER (ORDER BY {_column(cluster)}) - 1")
    listed = ", ".join(f"{column} AS c{n}" for n, column in enumerate(columns)) or "0 AS none"
    found_arrays = keyed(connection, whole, "manifest", listed)
    arrays = [np.asarray(found_arrays[f"c{n}"], np.int64) for n in range(len(columns))]
    key = np.asarray(found_arrays["key"], np.int64)
    groups = arrays.pop() if cluster is not None else None
    stratum = arrays.pop() if parts else np.zeros(len(key), np.int64)
    return ManifestCodes(key, tuple(arrays), stratum, groups), tuple(attributes), strata


def _row_codes(connection: duckdb.DuckDBPyConnection, whole: bool, manifest: Manifest) -> _Listed:
    """Slices as codes straight from the rows of the manifest: each value is read as a text once, not for every item."""
    attributes: list[SliceAttribute] = []
    columns, joined = "", ""
    for name in manifest.slices:
        raw, texts = manifest.raw[name]
        table = f"slice_{len(attributes)}"
        values = f"SELECT raw, value, dense_rank() OVER (ORDER BY value) - 1 AS code FROM {texts}"
        connection.execute(f"CREATE TEMP TABLE {table} AS {values}")
        found = connection.execute(f"SELECT DISTINCT code, value FROM {table} ORDER BY code").fetchall()
        if not 2 <= len(found) <= MOST_SLICE_VALUES:
            connection.execute(f"DROP TABLE {table}")
            continue
        columns += f", coalesce({table}.code, -1)::SMALLINT AS c{len(attributes)}"
        joined += f" LEFT JOIN {table} ON {table}.raw = manifest_row.{raw}"
        attributes.append(SliceAttribute(name, tuple(str(value) for _, value in found)))
    own, named = manifest_keys(connection, whole)
    found_arrays = in_key_order(connection, f"SELECT {own} AS key{columns} FROM {named}{joined}")
    arrays = tuple(np.asarray(found_arrays[f"c{n}"]) for n in range(len(attributes)))
    key = np.asarray(found_arrays["key"], np.int64)
    return ManifestCodes(key, arrays, np.zeros(len(key), np.int8)), tuple(attributes), None


def _column(name: str) -> str:
    """An attribute of the manifest, whatever other tables call their columns."""
    return f"manifest.{sql_name(name)}"


def manifest_columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of all columns of the manifest, slices or not."""
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'manifest' ORDER BY column_index"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _cluster_count(codes: ManifestCodes | None) -> int | None:
    return None if codes is None or codes.cluster is None else int(codes.cluster.max(initial=-1)) + 1


def _distinct(connection: duckdb.DuckDBPyConnection, column: str, most: int) -> list[str]:
    query = f"SELECT DISTINCT {column} AS v FROM manifest WHERE {column} IS NOT NULL ORDER BY 1 LIMIT {most}"
    return [str(row[0]) for row in connection.execute(query).fetchall()]


def _code_of(connection: duckdb.DuckDBPyConnection, name: str, expression: str, values: Sequence[str]) -> str:
    """SQL for the rank of a text among sorted values, -1 where there is none."""
    make_enum(connection, name, values)
    return f"coalesce(enum_code(({expression})::{name})::INTEGER, -1)"


def _gold_panel(
    connection: duckdb.DuckDBPyConnection,
    whole: bool,
    coding: Coding,
    manifest: ManifestCodes | None,
    count_missing: bool,
) -> tuple[GoldPanel, int]:
    """Gold answers of this batch, and how many gold items are not of it.

    With a manifest the batch is what the manifest lists. Without one it is what was delivered, unless the contract
    says that an undelivered gold item is wrong.
    """
    found = keyed(connection, whole, "gold", "value, coalesce(compartment, '') AS compartment")
    key = np.asarray(found["key"], np.int64)
    values = [
        value if isinstance(value, str) else "" for value in np.asarray(found["value"], object).tolist()
    ]
    label = np.array([coding.codes[value] for value in values], np.int64).reshape(-1)
    keep = np.array([text != "practice" for text in found["compartment"].tolist()], bool).reshape(-1)
    if manifest is not None:
        keep &= np.isin(key, manifest.key)
    elif not count_missing:
        joined = "gold" if whole else "gold JOIN item_name USING (item)"
        own = "item::BIGINT" if whole else "item_name.key"
        delivered = connection.execute(
            f"SELECT DISTINCT key FROM vote SEMI JOIN (SELECT {own} AS key FROM {joined}) USING (key)"
        ).fetchnumpy()["key"]
        keep &= np.isin(key, np.asarray(delivered, np.int64))
    return GoldPanel(key[keep], label[keep]), int((~keep).sum())


def _layers(connection: duckdb.DuckDBPyConnection) -> dict[Layer, int]:
    rows = connection.execute("SELECT layer, count(*) FROM vote GROUP BY 1 ORDER BY 1").fetchall()
    return {Layer(layer): int(count) for layer, count in rows}


def _sizes(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, bool]:
    """The number of items (or of votes, where they are many: no more is asked of it), of votes, and several rounds."""
    votes, first, last = connection.execute("SELECT count(*), min(round), max(round) FROM vote").fetchall()[0]
    items = votes
    if votes <= COUNTED_EXACTLY:
        items = connection.execute("SELECT count(DISTINCT key) FROM vote").fetchall()[0][0]
    return int(items), int(votes), first != last


def final_rule(declared: DeliveryFile, names: Mapping[str, str]) -> str:
    """Which label of an item is paid for. Raises :class:`InputError` for an annotator who is not in the delivery."""
    if declared.final != "annotator":
        return declared.final
    person = names.get(declared.final_annotator or "")
    if person is None:
        raise InputError(
            "the final label is declared to be one annotator's, who is not in the delivery",
            file=str(declared.path) if declared.path else None,
            place="key final",
            found=declared.final_annotator,
            expected="an annotator of the delivery",
        )
    return f"annotator:{person}"


def _skipped(
    connection: duckdb.DuckDBPyConnection, dictionaries: Dictionaries, names: Mapping[str, str]
) -> dict[str, int]:
    rows = connection.execute(
        f"SELECT annotator, count(*) FROM vote WHERE state = {ItemState.SKIPPED.value} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    raw = {dictionaries.annotators[code]: int(count) for code, count in rows}
    return {names[a]: count for a, count in raw.items() if a in names}


def _unmet_gold(
    kind: Kind, schema: Schema | None, label_votes: Mapping[str, int], gold_values: Sequence[str]
) -> list[Finding]:
    """Classes of gold that nobody delivered: missed altogether, or written in another way."""
    if kind == "rating" or schema is not None:
        return []
    separator = SEPARATOR if kind == "multi" else None
    delivered = {tag for label in label_votes for tag in (label.split(separator) if separator else [label])}
    wanted = {tag for value in gold_values for tag in (value.split(separator) if separator else [value])}
    unmet = sorted(wanted - delivered - {""})
    if not unmet:
        return []
    shown = ", ".join(f"“{label}”" for label in unmet[:5])
    more = f" and {len(unmet) - 5} more" if len(unmet) > 5 else ""
    text = f"Nobody delivered these classes of gold: {shown}{more}. They were missed, or are written in another way."
    return [Finding("gold_class_not_delivered", "major", "gold", text, {"classes": unmet[:20]})]


def _label_findings(coding: Coding, label_votes: Mapping[str, int]) -> list[Finding]:
    wrong = [label for label in coding.unknown() if label in label_votes]
    if not wrong:
        return []
    votes = sum(label_votes[label] for label in wrong)
    shown = ", ".join(f"“{label}”" for label in wrong[:5])
    more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    text = (
        f"{votes:,} labels are not in the schema: {shown}{more}. They count as wrong, and stand in no figure of "
        "agreement."
    )
    return [Finding("unknown_label", "major", "delivery", text, {"labels": wrong[:20], "votes": votes})]
