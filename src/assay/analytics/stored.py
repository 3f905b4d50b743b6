"""A delivery's tables as a batch: text becomes codes once, then items come out in sorted stretches.

Item keys: when every item id of delivery, gold and manifest is a whole number as text (no leading zeros), the key is
that number; otherwise the key is the rank of the id. The 64-bit number that is hashed into replicate groups belongs to
the id alone: the whole number itself, or the low half of the MD5 of the id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import duckdb
import numpy as np
from numpy.typing import NDArray

from assay.annotation.connection import has_table, sql_text
from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState, Layer
from assay.measure.units import Ints, Votes, majority, runs_of

from .batch import UNKNOWN, ItemFacts, Stretch
from .coded import coded_texts, coded_votes, is_number

STRETCH_VOTES = 400_000
MOST_LABELS = 5_000
_SAMPLED = 20_000
_WHOLE = "try_cast(item AS BIGINT)::VARCHAR = item"
_NUMBER = (
    f"CASE WHEN {_WHOLE} THEN (item::BIGINT)::HUGEINT & 18446744073709551615::HUGEINT "
    "ELSE md5_number_lower(item) END"
)
_LATER = (Layer.REVIEW, Layer.ADJUDICATION, Layer.FINAL)


class RepeatedRowsError(Exception):
    """Raised while stretches are cut when one person answered an item twice and nobody has settled that yet."""


@dataclass(frozen=True)
class Dictionaries:
    """The texts behind the raw codes of the ``vote`` table, and whether item keys are the ids themselves."""

    labels: tuple[str, ...]
    annotators: tuple[str, ...]
    whole_keys: bool


def met(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], dict[str, int]]:
    """The labels and the annotators of the ``annotation`` table, with their numbers of rows.

    Raises :class:`InputError` when there are more different labels than a choice can have.
    """
    count = coded_texts if has_table(connection, "coded") else _counted
    labels = count(connection, "value")
    if len(labels) > MOST_LABELS:
        raise InputError(
            "too many different labels for choices",
            found=f"{len(labels):,} different labels",
            expected=f"at most {MOST_LABELS:,}; for free texts write `labels: text` in delivery.yaml",
        )
    return labels, count(connection, "annotator")


def encode(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[str],
    labels: Sequence[str],
    annotators: Sequence[str],
) -> Dictionaries:
    """Make the tables ``vote`` and, where ids are not whole numbers, ``item_name``, from ``annotation``.

    ``sources`` are the tables that name items: annotation, and gold or manifest where they exist. Codes of labels and
    annotators are their places in the lists given; rows that were read as codes keep the codes they have. The table
    ``annotation`` is dropped: texts take most of the memory.
    """
    if has_table(connection, "coded"):
        return _encode_coded(connection, sources)
    make_enum(connection, "label_text", labels)
    make_enum(connection, "annotator_text", annotators)
    codes = (
        "enum_code(annotator::annotator_text)::INTEGER AS annotator, "
        "coalesce(enum_code(value::label_text)::INTEGER, -1) AS label, layer, state, round"
    )
    others = [table for table in sources if table != "annotation"]
    if all(_is_whole(connection, table) for table in others):
        connection.execute(
            f"CREATE TABLE vote AS SELECT try_cast(item AS BIGINT) AS key, {codes}, "
            f"coalesce({_WHOLE}, false) AS is_whole FROM annotation"
        )
        if _all_of(connection, "is_whole", "vote"):
            connection.execute("DROP TABLE annotation")
            return Dictionaries(tuple(labels), tuple(annotators), True)
        connection.execute("DROP TABLE vote")
    name_items(connection, sources)
    connection.execute(
        f"CREATE TABLE vote AS SELECT item_name.key AS key, {codes} FROM annotation JOIN item_name USING (item)"
    )
    connection.execute("DROP TABLE annotation")
    return Dictionaries(tuple(labels), tuple(annotators), False)


def _encode_coded(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> Dictionaries:
    """The same from the table ``coded``: where its items are numbers already, ``vote`` is a view of it."""
    labels, annotators = (tuple(coded_texts(connection, name)) for name in ("value", "annotator"))
    columns = coded_votes(connection)
    others = [table for table in sources if table != "annotation"]
    whole = is_number(connection, "coded") and all(_is_whole(connection, table) for table in others)
    if whole:
        connection.execute(f"CREATE VIEW vote AS SELECT item AS key, {columns} FROM coded")
        return Dictionaries(labels, annotators, True)
    rows = "(SELECT CAST(item AS VARCHAR) AS item, annotator, value FROM coded)"
    name_items(connection, [rows, *others])
    connection.execute(
        f"CREATE TABLE vote AS SELECT item_name.key AS key, {columns} FROM {rows} JOIN item_name USING (item)"
    )
    connection.execute("DROP TABLE coded")
    return Dictionaries(labels, annotators, False)


def _is_whole(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether every id of a table is a whole number as numbers are written."""
    if table == "manifest" and is_number(connection, "manifest_row"):
        return True
    return _all_of(connection, _WHOLE, table)


def name_items(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> None:
    """Make ``item_name(item, key, number)`` of the items that the tables name: keys in order of ids, hashed numbers."""
    named = " UNION ".join(f"SELECT DISTINCT item FROM {table}" for table in tables)
    connection.execute(
        f"CREATE TABLE item_name AS SELECT item, row_number() OVER (ORDER BY item) - 1 AS key, "
        f"({_NUMBER})::UBIGINT AS number FROM ({named})"
    )


def _all_of(connection: duckdb.DuckDBPyConnection, condition: str, table: str) -> bool:
    query = f"SELECT coalesce(bool_and(coalesce({condition}, false)), true) FROM {table}"
    return bool(connection.execute(query).fetchall()[0][0])


def _counted(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    found = connection.execute(
        f"SELECT {column}, count(*) FROM annotation WHERE {column} IS NOT NULL GROUP BY 1 LIMIT 2000000"
    ).fetchall()
    return {str(text): int(count) for text, count in found}


def named_only_beside(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Annotators who labelled nothing in this batch: all their rows are prelabels or gold."""
    beside = f"layer IN ({Layer.PRELABEL.value}, {Layer.GOLD.value})"
    if not connection.execute(f"SELECT 1 FROM annotation WHERE {beside} LIMIT 1").fetchall():
        return frozenset()
    found = connection.execute(
        f"SELECT annotator FROM annotation WHERE annotator IS NOT NULL GROUP BY 1 HAVING bool_and({beside})"
    ).fetchall()
    return frozenset(str(row[0]) for row in found)


def make_enum(connection: duckdb.DuckDBPyConnection, name: str, texts: Sequence[str]) -> None:
    """A type whose codes are the places of the texts given, in their order."""
    listed = ", ".join(sql_text(text) for text in texts) or "''"
    connection.execute(f"CREATE TYPE {name} AS ENUM ({listed})")


def _key(whole: bool, table: str) -> tuple[str, str]:
    if whole:
        return "item::BIGINT", table
    return "item_name.key", f"{table} JOIN item_name USING (item)"


def keyed(
    connection: duckdb.DuckDBPyConnection, whole: bool, table: str, columns: str
) -> dict[str, NDArray[np.generic]]:
    """Columns of a table that names items, as arrays in order of the item's key."""
    key, joined = _key(whole, table)
    return in_key_order(connection, f"SELECT {key} AS key, {columns} FROM {joined}")


def in_key_order(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, NDArray[np.generic]]:
    """The columns of a query as arrays, in order of its column ``key``."""
    found = connection.execute(query).fetchnumpy()
    keys = np.asarray(found["key"], np.int64)
    if (keys[1:] > keys[:-1]).all():
        return found
    order = np.argsort(keys, kind="stable")
    return {name: values[order] for name, values in found.items()}


def item_texts(connection: duckdb.DuckDBPyConnection, whole: bool, keys: Ints) -> list[str]:
    """The ids behind keys, in the order given."""
    if whole or len(keys) == 0:
        return [str(key) for key in keys.tolist()]
    listed = ", ".join(str(key) for key in np.unique(keys).tolist())
    found = dict(connection.execute(f"SELECT key, item FROM item_name WHERE key IN ({listed})").fetchall())
    return [str(found[key]) for key in keys.tolist()]


@dataclass(frozen=True)
class ManifestCodes:
    """The manifest as sorted arrays: key, a code per slice attribute (-1 = not stated), and the stratum.

    Codes may be of any size of integer: there is one of each for every item.
    """

    key: Ints
    slices: tuple[NDArray[np.integer], ...]
    stratum: NDArray[np.integer]
    cluster: Ints | None = None


@dataclass(frozen=True)
class StoredVotes:
    """How to cut the ``vote`` table into stretches. Codes of people and labels are mapped by the tables given.

    ``people`` maps raw annotator codes to person codes (-1: not a person whose votes count), ``classes`` raw label
    codes to class codes (-1: not in the schema). ``keep`` is the duplicates rule: refuse, first or last.
    """

    connection: duckdb.DuckDBPyConnection
    whole_keys: bool
    people: Ints
    classes: Ints
    manifest: ManifestCodes | None
    gold_key: Ints
    layers: frozenset[Layer]
    votes: int
    empty: int | None = None
    rounds: bool = False
    is_settled: bool = True

    def stretches(self) -> Iterator[Stretch]:
        """Stretches in ascending order of key; every item of delivery, manifest and gold is in exactly one."""
        for low, high in self._bounds():
            yield self._stretch(low, high)

    def _bounds(self) -> list[tuple[int, int]]:
        least, most = self.connection.execute("SELECT min(key), max(key) FROM vote").fetchall()[0]
        keys = [k for k in (least, most) if k is not None]
        for more in (self.gold_key, self.manifest.key if self.manifest else None):
            if more is not None and len(more):
                keys += [int(more[0]), int(more[-1])]
        if not keys:
            return [(0, 0)]
        parts = max(1, -(-self.votes // STRETCH_VOTES))
        cuts: list[int] = []
        if parts > 1:
            found = self._spread_keys()
            places = np.linspace(0, len(found), parts + 1)[1:-1].astype(np.int64)
            cuts = sorted({int(cut) for cut in found[places].tolist() if min(keys) < cut <= max(keys)})
        edges = [min(keys), *cuts, max(keys) + 1]
        return list(pairwise(edges))

    def _spread_keys(self) -> Ints:
        """Ascending keys that lie about as densely as the votes: the manifest's, else a share of the votes' own.

        Where stretches are cut changes no sum, so a random share will do.
        """
        if self.manifest is not None and len(self.manifest.key):
            return self.manifest.key
        rows = self.connection.execute(f"SELECT key FROM vote USING SAMPLE {_SAMPLED} ROWS").fetchnumpy()
        return np.sort(np.asarray(rows["key"], np.int64))

    def _stretch(self, low: int, high: int) -> Stretch:
        votes = self._votes(low, high, (Layer.FIRST_PASS,))
        standing = votes
        if Layer.SELF_CHECK in self.layers:
            standing = self._votes(low, high, (Layer.FIRST_PASS, Layer.SELF_CHECK), keep_unknown=True)
        elif (self.classes < 0).any():
            standing = self._votes(low, high, (Layer.FIRST_PASS,), keep_unknown=True)
        key, label = self._settled(low, high)
        facts = self._facts(low, high, [_distinct(standing.item), key, _within(self.gold_key, low, high)])
        if facts.expected.all():
            return Stretch(votes, standing, facts, key, label)
        alone = standing is votes
        votes = _only(votes, facts)
        settled = facts.expected[facts.rows_of(key)]
        return Stretch(votes, votes if alone else _only(standing, facts), facts, key[settled], label[settled])

    def _votes(self, low: int, high: int, layers: tuple[Layer, ...], *, keep_unknown: bool = False) -> Votes:
        """Votes of people in sorted order; of one person's several layers and rounds the latest stands."""
        several = len(layers) > 1 or self.rounds
        if several and not self.is_settled:
            raise RepeatedRowsError
        rows = (
            f"SELECT key, annotator, label FROM vote WHERE layer IN ({_codes(layers)}) AND state IN ({self._states()}) "
            "AND key >= ? AND key < ?"
        )
        if not several:
            found = self.connection.execute(rows, [low, high]).fetchnumpy()
            votes = self._in_order(found, low, keep_unknown=keep_unknown)
            if votes is not None:
                return votes
        ordered = f"{rows} ORDER BY key, annotator{', layer, round' if several else ''}"
        found = self.connection.execute(ordered, [low, high]).fetchnumpy()
        key = np.asarray(found["key"], np.int64)
        raw_person, raw = np.asarray(found["annotator"], np.int64), np.asarray(found["label"], np.int64)
        if len(key) == 0:
            return Votes(key, key.astype(np.int32), key.astype(np.int32))
        person, label = self.people[raw_person], self._classes(raw)
        keep = (person >= 0) & ((label >= 0) | keep_unknown)
        if several or not self.is_settled:
            last = (key[1:] != key[:-1]) | (raw_person[1:] != raw_person[:-1])
            if not self.is_settled and not last.all():
                raise RepeatedRowsError
            keep[:-1] &= last
        if not keep.all():
            key, person, label = key[keep], person[keep], label[keep]
        return _canonical(key, person.astype(np.int32), label.astype(np.int32))

    def _in_order(
        self, found: Mapping[str, NDArray[np.generic]], low: int, *, keep_unknown: bool
    ) -> Votes | None:
        """Votes sorted as numbers that hold item, person and label; None where 63 bits do not hold them.

        Repeated rows that nobody settled raise :class:`RepeatedRowsError`.
        """
        people, classes = len(self.people), len(self.classes) + 1
        key = np.asarray(found["key"], np.int64)
        if len(key) == 0:
            return Votes(key, key.astype(np.int32), key.astype(np.int32))
        if (int(key.max()) - low + 1) * people * classes >= 1 << 62:
            return None
        order = np.argsort(np.where(self.people < 0, people, self.people), kind="stable")
        rank = np.empty(people, np.int64)
        rank[order] = np.arange(people)
        packed = (key - low) * people + rank[found["annotator"]]
        packed = packed * classes + found["label"] + 1
        packed.sort()
        vote, label = np.divmod(packed, classes)
        if not self.is_settled and (vote[1:] == vote[:-1]).any():
            raise RepeatedRowsError
        item, place = np.divmod(vote, people)
        person, code = self.people[order][place], self._classes(label - 1)
        keep = (person >= 0) & ((code >= 0) | keep_unknown)
        item += low
        if not keep.all():
            item, person, code = item[keep], person[keep], code[keep]
        return Votes(item, person.astype(np.int32), code.astype(np.int32))

    def _states(self) -> str:
        states = [ItemState.ANNOTATED] + ([ItemState.EMPTY] if self.empty is not None else [])
        return ", ".join(str(state.value) for state in states)

    def _classes(self, raw: Ints) -> Ints:
        """Class codes of raw labels; no label at all is the empty set where sets are labelled."""
        absent = UNKNOWN if self.empty is None else self.empty
        found = np.where(raw < 0, absent, self.classes[np.maximum(raw, 0)])
        return np.where(found < 0, UNKNOWN, found)

    def _settled(self, low: int, high: int) -> tuple[Ints, Ints]:
        nothing = np.zeros(0, np.int64)
        if not self.layers.intersection(_LATER):
            return nothing, nothing
        found = self.connection.execute(
            f"SELECT key, layer::INTEGER * 256 + round AS rank, label FROM vote WHERE layer IN ({_codes(_LATER)}) "
            f"AND state IN ({self._states()}) AND key >= ? AND key < ? ORDER BY key, rank",
            [low, high],
        ).fetchnumpy()
        if len(found["key"]) == 0:
            return nothing, nothing
        key, rank = np.asarray(found["key"], np.int64), np.asarray(found["rank"], np.int64)
        return _last_word(key, rank, self._classes(np.asarray(found["label"], np.int64)))

    def _facts(self, low: int, high: int, keys: list[Ints]) -> ItemFacts:
        manifest = self.manifest
        if manifest is None:
            key = _union(keys)
            none = np.zeros(len(key), np.int64)
            return ItemFacts(key, self._numbers(key, low, high), (), none, np.ones(len(key), bool))
        first, last = np.searchsorted(manifest.key, (low, high))
        listed = manifest.key[first:last]
        key = _union([listed, *keys])
        place = np.searchsorted(listed, key)
        known = np.zeros(len(key), bool)
        inside = place < len(listed)
        known[inside] = listed[place[inside]] == key[inside]
        position = first + place[known]

        def spread(codes: NDArray[np.integer], absent: int) -> Ints:
            out = np.full(len(key), absent, np.int64)
            out[known] = codes[position]
            return out

        slices = tuple(spread(codes, -1) for codes in manifest.slices)
        cluster = None if manifest.cluster is None else spread(manifest.cluster, 0)
        return ItemFacts(
            key, self._numbers(key, low, high), slices, spread(manifest.stratum, 0), known, cluster
        )

    def _numbers(self, key: Ints, low: int, high: int) -> NDArray[np.uint64]:
        if self.whole_keys:
            return key.astype(np.uint64)
        found = self.connection.execute(
            "SELECT key, number FROM item_name WHERE key >= ? AND key < ? ORDER BY key", [low, high]
        ).fetchnumpy()
        return np.asarray(found["number"], np.uint64)[
            np.searchsorted(np.asarray(found["key"], np.int64), key)
        ]


def _only(votes: Votes, facts: ItemFacts) -> Votes:
    """The votes on items that the manifest lists; others are no part of the batch."""
    listed = facts.expected[facts.rows_of(votes.item)]
    return Votes(votes.item[listed], votes.annotator[listed], votes.label[listed])


def _last_word(key: Ints, rank: Ints, label: Ints) -> tuple[Ints, Ints]:
    """The label of each key at its highest rank; where several stand there, their majority, and -1 for a tie.

    Keys and ranks are ascending.
    """
    last = np.append(np.flatnonzero(key[1:] != key[:-1]), len(key) - 1)
    if len(last) == len(key):
        return key, label
    size = np.diff(last, prepend=-1)
    top = rank == np.repeat(rank[last], size)
    unit = np.repeat(np.arange(len(last)), size)[top]
    codes = label[top] - UNKNOWN
    winner = majority(runs_of(unit, codes, len(last), int(codes.max()) + 1))
    return key[last], np.where(winner < 0, -1, winner + UNKNOWN)


def _codes(layers: Sequence[Layer]) -> str:
    return ", ".join(str(layer.value) for layer in layers)


def _distinct(ascending: Ints) -> Ints:
    if len(ascending) == 0:
        return ascending
    return ascending[np.concatenate(([True], ascending[1:] != ascending[:-1]))]


def _within(ascending: Ints, low: int, high: int) -> Ints:
    first, last = np.searchsorted(ascending, (low, high))
    return ascending[first:last]


def _union(keys: list[Ints]) -> Ints:
    """Distinct keys of ascending lists, ascending."""
    parts = [part for part in keys if len(part)]
    if not parts:
        return np.zeros(0, np.int64)
    longest = max(parts, key=len)
    rest = [part[~np.isin(part, longest, assume_unique=True)] for part in parts if part is not longest]
    extra = np.unique(np.concatenate(rest)) if rest else np.zeros(0, np.int64)
    return np.sort(np.concatenate([longest, extra]), kind="stable") if len(extra) else longest


def _canonical(key: Ints, person: NDArray[np.int32], label: NDArray[np.int32]) -> Votes:
    """Votes sorted by (item, person); rows whose raw codes are in another order than persons are sorted again."""
    ascending = (key[1:] > key[:-1]) | ((key[1:] == key[:-1]) & (person[1:] > person[:-1]))
    return Votes(key, person, label) if ascending.all() else Votes.sorted_from(key, person, label)
