"""Which items to redo and why: every failed term names its subject, narrowed to a slice where the rest stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from assay.analytics.coded import manifest_keys
from assay.annotation.connection import sql_name, sql_text
from assay.annotation.layers import ItemState, Layer
from assay.formats.located_kinds import LocatedKind
from assay.formats.redo_names import redo_files
from assay.measure.accuracy import f1_figure, share_figure
from assay.measure.figure import Figure
from assay.report.closed import MINIMUM_GOLD_ITEMS
from assay.terms.contract import Contract
from assay.terms.verdict import TermRow, Verdict

from .coding import UNKNOWN
from .evidence import Measured
from .figures import GoldFacts, right_answers
from .prepare import Prepared

_SHOWN_LEVEL = 0.025
_OWN = f"{Layer.FIRST_PASS.value}, {Layer.SELF_CHECK.value}"
_LATER = f"{Layer.REVIEW.value}, {Layer.ADJUDICATION.value}, {Layer.FINAL.value}"
_LEAST_MISSED, _MISSED_SHARE = 3, 0.2


@dataclass(frozen=True)
class RedoPart:
    """One reason to redo items: the row of the verdict, the slice it is narrowed to, and both figures then."""

    row: TermRow
    slice: tuple[str, str] | None
    inside: Figure | None
    rest: Figure | None
    items: int = 0
    stands: bool = False
    missing: bool = False

    def as_json(self) -> dict[str, object]:
        """The entry of ``rework.by_reason`` in ``report.json``."""
        figure = (self.inside or self.row.figure).as_json()
        return {
            "term": self.row.id,
            "subject": dict(self.row.subject),
            "slice": {self.slice[0]: self.slice[1]} if self.slice else None,
            "text": self.text(),
            "items": self.items,
            "value": figure["value"],
            "low": figure["low"],
            "high": figure["high"],
            "floor": str(self.row.floor),
            "rest": self.rest.as_json() if self.rest else None,
        }

    def text(self) -> str:
        """The reason as a sentence."""
        if self.stands and self.rest is not None and self.rest.value is not None:
            return f"{self.row.reason} Without the items above it is {self.rest.value:.3f}, so nothing more is redone."
        if self.missing:
            return f"{self.row.reason} The items without a label are to be delivered."
        if self.slice is None:
            return self.row.reason
        inside = self.inside.value if self.inside and self.inside.value is not None else float("nan")
        rest = self.rest.value if self.rest and self.rest.value is not None else float("nan")
        return (
            f"{self.row.reason} Where {self.slice[0]} is {self.slice[1]} it is {inside:.3f}, elsewhere {rest:.3f}: "
            "only that slice is redone."
        )


@dataclass(frozen=True)
class Listed:
    """Where the listed items stand: a query for their ``key`` (which orders them), ``item`` and ``part``.

    ``tables`` hold the text and the link of items, the first that has any first.
    """

    connection: duckdb.DuckDBPyConnection
    query: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class LocatedStart:
    """What the redo list of located labels begins with: their kind, and the pseudonyms of those who made them."""

    kind: LocatedKind
    names: Mapping[str, str]

    @property
    def files(self) -> list[str]:
        """The names of its files for other tools."""
        return redo_files(self.kind)


@dataclass(frozen=True)
class RedoList:
    """The parts of the redo list; each item is counted once, under the first part that names it.

    ``missing`` of the ``items`` were never delivered: they are to be labelled for the first time. ``located`` is set
    for located labels, which go back with what was delivered as a start.
    """

    parts: tuple[RedoPart, ...]
    items: int
    overlap: int
    listed: Listed
    missing: int = 0
    located: LocatedStart | None = None


def redo_list(
    contract: Contract, verdict: Verdict, prepared: Prepared, measured: Measured, facts: GoldFacts | None
) -> RedoList:
    """Fill the table ``redo(key, part)`` and count it. A rejected batch is redone whole."""
    connection = prepared.connection
    connection.execute("CREATE OR REPLACE TEMP TABLE redo(key BIGINT, part USMALLINT)")
    terms = {term.id: term for term in contract.acceptance}
    parts: list[RedoPart] = []
    overlap, delivered = 0, _delivered(prepared)
    for row in failed_rows(verdict):
        left = _left(prepared, measured) if parts else None
        part = _narrowed(row, measured.for_term(terms[row.id]), facts, left)
        if part.stands:
            parts.append(part)
            continue
        found, missing = _found(part, prepared, measured, delivered)
        if found is None:
            continue
        number = len(parts)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE part_keys AS {found}")
        together = connection.execute("SELECT count(*) FROM part_keys").fetchall()[0][0]
        connection.execute(f"INSERT INTO redo SELECT key, {number} FROM part_keys ANTI JOIN redo USING (key)")
        added = connection.execute(f"SELECT count(*) FROM redo WHERE part = {number}").fetchall()[0][0]
        overlap += int(together) - int(added)
        parts.append(RedoPart(part.row, part.slice, part.inside, part.rest, int(added), missing=missing))
    absent = sum(part.items for part in parts if part.missing)
    return RedoList(tuple(parts), sum(part.items for part in parts), overlap, _listed_items(prepared), absent)


def _found(part: RedoPart, prepared: Prepared, measured: Measured, delivered: str) -> tuple[str | None, bool]:
    """A query for the keys that a part sends back, and whether they were never delivered.

    Too few items delivered sends back the items that are missing; what was delivered stands.
    """
    if part.row.metric == "delivered_share" and prepared.manifest is not None:
        where = ""
        if "slice" in part.row.subject:
            where = f" WHERE {_slice_condition(prepared, *_slice_of(part.row))}"
        labelled = f"SELECT key FROM vote WHERE {delivered}"
        return (
            f"SELECT key FROM ({_manifest_keys(prepared)}{where}) AS listed(key) WHERE key NOT IN ({labelled})",
            True,
        )
    condition = _condition(part, prepared, measured)
    if condition is None:
        return None, False
    found = f"SELECT DISTINCT key FROM vote WHERE {delivered} AND {condition}"
    if prepared.manifest is not None and measured.tally.unexpected:
        found += f" AND key IN ({_manifest_keys(prepared)})"
    return found, False


def _slice_of(row: TermRow) -> tuple[str, str]:
    """The attribute and the value that a row speaks of."""
    return row.subject.get("attribute") or row.scope.rpartition(" of ")[2], row.subject["slice"]


def _slice_condition(prepared: Prepared, attribute: str, value: str) -> str:
    """Which rows of the manifest have the value, by the few values that the column holds."""
    manifest = prepared.manifest
    if manifest is None or not manifest.raw:
        return f"manifest.{sql_name(attribute)} = {sql_text(value)}"
    column, texts = manifest.raw[attribute]
    return f"{column} IN (SELECT raw FROM {texts} WHERE value = {sql_text(value)})"


def _listed_items(prepared: Prepared) -> Listed:
    query = "SELECT key, key::VARCHAR AS item, part FROM redo"
    if not prepared.dictionaries.whole_keys:
        query = "SELECT redo.key AS key, item_name.item AS item, part FROM redo JOIN item_name USING (key)"
    tables = ("content", "manifest") if prepared.manifest is not None else ("content",)
    return Listed(prepared.connection, query, tables)


def failed_rows(verdict: Verdict) -> Iterator[TermRow]:
    """Failed rows that name something to redo: people first, then slices, classes and whole batches.

    A failed figure of the whole batch sends everything back only where nothing narrower explains it. Of a rejected
    batch the row that rejects it, and everything.
    """
    order = {"annotator": 0, "slice": 1, "class": 2, "batch": 3}
    if verdict.outcome == "reject":
        yield next(replace(row, redo="batch") for row in verdict.rows if row.outcome == "reject")
        return
    rows = [row for row in verdict.rows if row.outcome == "fail" and row.redo]
    named = [row for row in rows if row.redo != "batch" or row.subject or row.metric == "delivered_share"]
    yield from sorted(
        named or rows, key=lambda row: -1 if row.metric == "delivered_share" else order.get(row.redo or "", 9)
    )


def _condition(part: RedoPart, prepared: Prepared, measured: Measured) -> str | None:
    subject = part.row.subject
    if part.row.redo == "annotator" and "annotator" in subject:
        person = prepared.batch.annotators.index(subject["annotator"])
        raw = np.flatnonzero(prepared.people == person).tolist()
        condition = f"annotator IN ({_listed(raw)}) AND layer IN ({_OWN})"
    elif part.row.redo == "class" and "class" in subject:
        condition = _holds(_classes_to_redo(part.row, measured), prepared)
    elif part.row.redo == "slice" and "slice" in subject:
        condition = _in_slice(prepared, *_slice_of(part.row))
    elif part.row.redo == "batch":
        condition = "true"
    else:
        return None
    return f"{condition} AND {_in_slice(prepared, *part.slice)}" if part.slice else condition


def _delivered(prepared: Prepared) -> str:
    """Rows that delivered a label: answers of the people who vote, and labels of later layers. Skipping is no label."""
    batch = prepared.batch
    states = [ItemState.ANNOTATED] + ([ItemState.EMPTY] if prepared.coding.empty is not None else [])
    answered = f"state IN ({_listed([state.value for state in states])})"
    own = f"layer IN ({_OWN})"
    if (prepared.people[: len(prepared.dictionaries.annotators)] < 0).any():
        own += f" AND annotator IN ({_listed(np.flatnonzero(prepared.people >= 0).tolist())})"
    rows = f"{answered} AND (layer IN ({_LATER}) OR {own})"
    if not batch.final.startswith("annotator:"):
        return rows
    paid = batch.annotators.index(batch.final.removeprefix("annotator:"))
    raw = _listed(np.flatnonzero(prepared.people == paid).tolist())
    whose = f"layer IN ({_LATER}) OR (layer IN ({_OWN}) AND annotator IN ({raw}))"
    return f"{rows} AND key IN (SELECT key FROM vote WHERE {answered} AND ({whose}))"


def _classes_to_redo(row: TermRow, measured: Measured) -> list[int]:
    """The class, and where too many of its items are missed also the labels that they were delivered as.

    Redoing only what carries the class would leave the missed items as they are.
    """
    code = measured.batch.classes.index(row.subject["class"])
    gold = measured.gold
    if gold is None or measured.batch.sets is not None or not row.metric.startswith("gold_"):
        return [code]
    recall = gold.by_class[row.subject["class"]]["recall"].value
    if recall is None or recall >= float(row.floor):
        return [code]
    missed = gold.state.confusion.sum(axis=0)[code].copy()
    missed[code] = 0
    often = np.flatnonzero(missed >= max(_LEAST_MISSED, _MISSED_SHARE * missed.sum())).tolist()
    last = len(missed) - 1  # no class: the label is missing, undecided, or one that the schema does not have
    return [code, *(UNKNOWN if other == last else other for other in often)]


def _holds(codes: Sequence[int], prepared: Prepared) -> str:
    """Items with any vote or later label of the classes: what was delivered as them, and what someone took for them."""
    labels = prepared.coding.of_raw(prepared.dictionaries.labels)
    if prepared.coding.sets is not None:
        holding = np.flatnonzero(prepared.coding.sets[:, list(codes)].any(axis=1))
        raw = np.flatnonzero(np.isin(labels, holding)).tolist()
    else:
        raw = np.flatnonzero(np.isin(labels, list(codes))).tolist()
    return f"label IN ({_listed(raw)})"


def _manifest_keys(prepared: Prepared) -> str:
    """A query for the keys of the items that the manifest lists."""
    key, named = manifest_keys(prepared.connection, prepared.dictionaries.whole_keys)
    return f"SELECT {key} FROM {named}"


def _in_slice(prepared: Prepared, attribute: str, value: str) -> str:
    return f"key IN ({_manifest_keys(prepared)} WHERE {_slice_condition(prepared, attribute, value)})"


def _listed(codes: Sequence[int]) -> str:
    return ", ".join(str(code) for code in codes) or "-1"


def _left(prepared: Prepared, measured: Measured) -> NDArray[np.bool_]:
    """Which gold items are not in the redo list yet."""
    found = prepared.connection.execute("SELECT key FROM redo ORDER BY key").fetchnumpy()["key"]
    return ~np.isin(measured.batch.gold.key, np.asarray(found, np.int64))


def _narrowed(
    row: TermRow, measured: Measured, facts: GoldFacts | None, left: NDArray[np.bool_] | None
) -> RedoPart:
    """The same row, or narrowed to the slice value that carries its errors when the rest passes on its own.

    ``left`` are the gold items that no earlier part sends back: what is redone anyway is not held against the rest.
    """
    whole = RedoPart(row, None, None, None)
    if facts is None or measured.gold is None or row.at_most or row.redo not in ("class", "annotator"):
        return whole
    if not row.metric.startswith("gold_") or measured.batch.sets is not None:
        return whole
    everything = np.ones(len(measured.batch.gold), bool) if left is None else left
    if left is not None:
        rest, _ = _split(row.subject, measured, everything, everything)
        if (
            rest.value is not None
            and rest.value >= float(row.floor)
            and rest.units >= max(MINIMUM_GOLD_ITEMS, row.figure.positives // 3)
        ):
            return RedoPart(row, None, None, rest, 0, True)
    best: RedoPart | None = None
    for number, attribute in enumerate(measured.batch.slices):
        for code, value in enumerate(attribute.values):
            inside, rest = _split(row.subject, measured, facts.slices[number] == code, everything)
            if _carries(inside, rest, row) and (
                best is None or _gap(inside, rest) > _gap(best.inside, best.rest)
            ):
                best = RedoPart(row, (attribute.name, value), inside, rest)
    return best or whole


def _split(
    subject: Mapping[str, str], measured: Measured, mask: NDArray[np.bool_], counted: NDArray[np.bool_]
) -> tuple[Figure, Figure]:
    """The subject's figure on gold items inside and outside a slice: accuracy of a person, F1 of a class."""
    gold = measured.gold
    if gold is None:
        raise ValueError("narrowing needs gold")
    if "annotator" in subject:
        scored = gold.votes
        mine = scored.annotator == measured.batch.annotators.index(subject["annotator"])
    else:
        scored = gold.scored
        code = measured.batch.classes.index(subject["class"])
        mine = (measured.batch.gold.label[scored.gold] == code) | (scored.given == code)
    mine = mine & counted[scored.gold]
    right, inside = right_answers(measured.batch, scored), mask[scored.gold]
    counts = [(int((right & part).sum()), int(part.sum())) for part in (mine & inside, mine & ~inside)]
    if "annotator" in subject:
        return share_figure(*counts[0]), share_figure(*counts[1])
    return _class_figure(*counts[0]), _class_figure(*counts[1])


def _class_figure(right: int, touched: int) -> Figure:
    """F1 of a class from its true positives among the items that gold or delivery gives it."""
    if touched == 0:
        return share_figure(0, 0)
    return f1_figure(right / touched, touched, 0.0, units=touched, positives=touched)


def _carries(inside: Figure, rest: Figure, row: TermRow) -> bool:
    """Whether the slice is shown below the floor and the rest reaches it with at least the evidence of the slice.

    Both figures are printed for the vendor too, so neither may rest on gold that it would open.
    """
    if inside.value is None or rest.value is None or inside.spread is None:
        return False
    floor = float(row.floor)
    return (
        inside.units >= MINIMUM_GOLD_ITEMS
        and inside.spread.p_below(floor) < _SHOWN_LEVEL
        and rest.value >= floor
        and rest.units >= max(inside.units, row.figure.positives // 3)
    )


def _gap(inside: Figure | None, rest: Figure | None) -> float:
    if inside is None or rest is None or inside.value is None or rest.value is None:
        return 0.0
    return rest.value - inside.value
