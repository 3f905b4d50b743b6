"""What kind of labels these are, and which of them cannot be what they should be."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from assay.annotation.connection import has_table
from assay.annotation.errors import InputError, LimitError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState
from assay.annotation.limits import Limits
from assay.annotation.place import shown
from assay.annotation.schema import Schema
from assay.annotation.schema_values import KINDS, Kind, Level

from .delivery import DeliveryFile
from .typed import SEPARATOR

#: A rating is written like this.
NUMBER = r"-?[0-9]+(\.[0-9]+)?"
_MISSING_WORDS = frozenset(
    {"nan", "null", "none", "n/a", "na", "#n/a", "undefined", "inf", "-inf", "infinity"}
)
_LEVELS: dict[Kind, Level] = {
    "choice": "nominal",
    "multi": "nominal",
    "rating": "interval",
    "text": "nominal",
}
_SHOWN = 8
_NAMED = 1_000


@dataclass(frozen=True)
class Sources:
    """What the files themselves say about their labels: lists of labels, ratings or texts of a tool."""

    lists: bool = False
    kinds: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Judged:
    """The kind and level of the labels, and why where nobody declared it."""

    kind: Kind
    level: Level
    findings: tuple[Finding, ...]


def count_labels(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``label_count(value, n)``: every distinct value once."""
    if has_table(connection, "coded"):
        connection.execute("CREATE TEMP TABLE label_count AS SELECT text AS value, n FROM value_met")
        return
    connection.execute(
        "CREATE TEMP TABLE label_count AS "
        "SELECT value, count(*) AS n FROM annotation WHERE value IS NOT NULL GROUP BY value"
    )


def _of_whole_items(schema: Schema | None, declared: DeliveryFile) -> Kind | None:
    """The kind that a schema gives to labels of whole items."""
    if schema is None:
        return None
    for kind in KINDS:
        if kind == schema.kind:
            return kind
    raise InputError(
        "delivery and schema disagree about the kind of labels", file=_file(declared),
        found="labels of whole items", expected=schema.kind,
    )  # fmt: skip


def decide_kind(
    connection: duckdb.DuckDBPyConnection, declared: DeliveryFile, schema: Schema | None, sources: Sources
) -> Judged:
    """The kind of the labels: declared, else of the schema, else of the tool's own controls, else found.

    Numbers are never taken for ratings unless someone says so. Raises :class:`InputError` when the schema and the
    delivery contradict each other.
    """
    if schema is not None and declared.labels not in (None, schema.kind):
        raise InputError(
            "delivery and schema disagree about the kind of labels", file=_file(declared), place="key labels",
            found=str(declared.labels), expected=schema.kind,
        )  # fmt: skip
    kind: Kind | None = declared.labels or _of_whole_items(schema, declared)
    findings: tuple[Finding, ...] = ()
    if kind is None:
        kind, reason = _found_kind(connection, sources)
        findings = (_kind_finding(kind, reason),)
    if kind != "multi" and sources.lists and _holds_sets(connection):
        raise InputError(
            f"the labels are sets of several labels, and were declared as {kind}", file=_file(declared),
            found="lists of more than one label", expected="`labels: multi`",
        )  # fmt: skip
    level = declared.level or (schema.level if schema is not None and schema.kind == kind else None)
    return Judged(kind, level or _LEVELS[kind], findings)


def check_values(
    connection: duckdb.DuckDBPyConnection, kind: Kind, schema: Schema | None, limits: Limits
) -> list[Finding]:
    """Look at every distinct label once. What breaks the schema is a finding; a rating that is no number loses its
    value, because nothing can be computed from it, and the finding says how many did.
    """
    findings = _empty(connection, kind)
    if kind == "text":
        return findings
    if kind == "rating":
        return findings + _ratings(connection, schema)
    counts = _distinct(connection, kind, limits)
    findings += _missing_words(counts)
    if schema is not None and schema.class_names:
        return findings + _unknown_classes(counts, schema)
    return findings + _similar(counts)


def _found_kind(connection: duckdb.DuckDBPyConnection, sources: Sources) -> tuple[Kind, str]:
    if sources.lists and _holds_sets(connection):
        return "multi", "some answers are lists of more than one label"
    if len(sources.kinds) == 1:
        (kind,) = sources.kinds
        return kind, "the annotation tool says so"
    labels, different = connection.execute(
        "SELECT coalesce(sum(n), 0), count(*) FROM label_count"
    ).fetchall()[0]
    if labels >= 10 and different >= labels / 2 and _words(connection) >= 3:
        return "text", "most answers are different and several words long"
    if labels and different <= _NAMED and _all_numbers(connection):
        return "choice", "numbers are names of classes unless `labels: rating` is declared"
    return "choice", "the answers repeat a few values"


def _words(connection: duckdb.DuckDBPyConnection) -> float:
    blanks = "length(value) - length(replace(value, ' ', ''))"
    return float(
        connection.execute(
            f"SELECT coalesce(sum({blanks} + 1) / count(*), 0) FROM annotation WHERE value IS NOT NULL"
        ).fetchall()[0][0]
    )


def _all_numbers(connection: duckdb.DuckDBPyConnection) -> bool:
    rows = connection.execute(
        f"SELECT count(*) FROM label_count WHERE NOT regexp_full_match(value, '{NUMBER}')"
    ).fetchall()
    return not rows[0][0]


def _kind_finding(kind: Kind, reason: str) -> Finding:
    text = f"Nobody declared what kind of labels these are; they were read as {kind}: {reason}."
    return Finding("kind_detected", "note", "delivery", text, {"kind": kind, "reason": reason})


def _holds_sets(connection: duckdb.DuckDBPyConnection) -> bool:
    rows = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM label_count WHERE contains(value, '{SEPARATOR}') LIMIT 1)"
    ).fetchall()
    return bool(rows[0][0])


def _file(declared: DeliveryFile) -> str | None:
    return None if declared.path is None else str(declared.path)


def _empty(connection: duckdb.DuckDBPyConnection, kind: Kind) -> list[Finding]:
    if kind in ("multi", "text"):
        return []
    count = connection.execute(
        f"SELECT count(*) FROM annotation WHERE state = {ItemState.EMPTY:d}"
    ).fetchall()[0][0]
    if not count:
        return []
    text = f"{count:,} rows name an item and a person and no label; they count as answered with nothing."
    return [Finding("empty_label", "minor", "delivery", text, {"rows": int(count)})]


def _distinct(connection: duckdb.DuckDBPyConnection, kind: Kind, limits: Limits) -> list[tuple[str, int]]:
    value = f"unnest(string_split(value, '{SEPARATOR}'))" if kind == "multi" else "value"
    rows = connection.execute(
        f"SELECT label, sum(n)::BIGINT FROM (SELECT {value} AS label, n FROM label_count) "
        f"GROUP BY label ORDER BY label LIMIT {limits.classes + 1}"
    ).fetchall()
    if len(rows) > limits.classes:
        raise LimitError(
            "there are too many different labels for a choice", found=f"more than {limits.classes:,}",
            expected="`labels: text` in delivery.yaml if the labels are texts",
        )  # fmt: skip
    for label, _ in rows:
        if SEPARATOR in label:
            raise InputError(
                "a label holds the control character U+001F",
                found=shown(label),
                expected="a label without it",
            )
    return [(str(label), int(count)) for label, count in rows]


def _missing_words(counts: Sequence[tuple[str, int]]) -> list[Finding]:
    findings = []
    for label, count in counts:
        if label.strip().casefold() in _MISSING_WORDS:
            text = (
                f"{count:,} labels read {shown(label)}: counted as a class of that name. "
                "If it stands for a missing answer, deliver an empty cell."
            )
            findings.append(Finding("missing_word", "minor", label, text, {"label": label, "rows": count}))
    return findings


def _unknown_classes(counts: Sequence[tuple[str, int]], schema: Schema) -> list[Finding]:
    unknown = [(label, count) for label, count in counts if schema.resolve(label) is None]
    if not unknown:
        return []
    rows = sum(count for _, count in unknown)
    shown_labels = ", ".join(shown(label) for label, _ in unknown[:_SHOWN])
    text = f"{rows:,} labels are no class of schema {schema.version}: {shown_labels}" + (
        f" and {len(unknown) - _SHOWN:,} more." if len(unknown) > _SHOWN else "."
    )
    evidence = {"rows": rows, "labels": dict(unknown[:_SHOWN]), "different": len(unknown)}
    return [Finding("unknown_class", "major", "delivery", text, evidence)]


def _similar(counts: Sequence[tuple[str, int]]) -> list[Finding]:
    alike: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for label, count in counts:
        alike[re.sub(r"\s+", " ", unicodedata.normalize("NFC", label).strip()).casefold()].append(
            (label, count)
        )
    findings = []
    for group in alike.values():
        if len(group) > 1:
            names = " and ".join(shown(label) for label, _ in group[:_SHOWN])
            text = f"{names} differ only in case, blanks or Unicode form; they count as different classes."
            findings.append(
                Finding("similar_classes", "minor", group[0][0], text, {"labels": dict(group[:_SHOWN])})
            )
    return findings


def _ratings(connection: duckdb.DuckDBPyConnection, schema: Schema | None) -> list[Finding]:
    broken = f"value IS NOT NULL AND NOT regexp_full_match(value, '{NUMBER}')"
    findings = _rating_finding(
        connection, broken, "not_a_number", "are no number and have no value to compute with"
    )
    if findings:
        state = f"{ItemState.NOT_ANNOTATED:d}"
        connection.execute(f"UPDATE annotation SET value = NULL, state = {state} WHERE {broken}")
    bounds = [] if schema is None else [("<", schema.low), (">", schema.high)]
    for sign, bound in bounds:
        if isinstance(bound, Decimal):
            outside = f"TRY_CAST(value AS DOUBLE) {sign} {bound:f}"
            text = f"lie outside the scale of schema {schema.version if schema else ''}"
            findings += _rating_finding(connection, outside, "out_of_scale", text)
    return findings


def _rating_finding(
    connection: duckdb.DuckDBPyConnection, condition: str, kind: str, says: str
) -> list[Finding]:
    rows = connection.execute(
        f"SELECT value, n FROM label_count WHERE {condition} ORDER BY n DESC, value"
    ).fetchall()
    if not rows:
        return []
    total = sum(int(count) for _, count in rows)
    examples = ", ".join(shown(str(value)) for value, _ in rows[:_SHOWN])
    evidence = {"rows": total, "labels": {str(value): int(count) for value, count in rows[:_SHOWN]}}
    return [Finding(kind, "major", "delivery", f"{total:,} ratings {says}: {examples}.", evidence)]
