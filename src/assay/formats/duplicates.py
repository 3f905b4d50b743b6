"""One person, one item, one layer, one round: one annotation. What happens to the others is declared, and said."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np

from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState
from assay.annotation.place import shown

from .annotation_table import LoadedFile
from .delivery import Duplicates
from .typed import SEPARATOR

_KEY = "item, annotator, layer, round"
_ANY = (
    f"SELECT {_KEY}, min(value) AS value, min(state) AS state, min(file) AS file "
    f"FROM annotation SEMI JOIN repeated USING ({_KEY}) GROUP BY ALL"
)
_SHOWN = 5
_PART = 40_000_000


def settle_duplicates(
    connection: duckdb.DuckDBPyConnection, files: Sequence[LoadedFile], rule: Duplicates
) -> list[Finding]:
    """Leave one row for each person, item, layer and round.

    Identical answers collapse. Different ones are refused with :class:`InputError`, unless ``rule`` takes the first
    or the last in the order of the files and their rows.
    """
    repeated = repeated_hashes(connection, "annotation", _KEY)
    if not repeated.size:
        return []
    connection.register("repeated_hash", {"h": repeated})
    try:
        connection.execute(
            f"CREATE TEMP TABLE repeated AS SELECT {_KEY}, count(*) AS n, "
            "count(DISTINCT {'value': value, 'state': state}) AS answers, "
            f"count(*) FILTER (state = {ItemState.SKIPPED:d}) AS skips "
            f"FROM annotation WHERE hash({_KEY}) IN (SELECT h FROM repeated_hash) GROUP BY ALL HAVING count(*) > 1"
        )
    finally:
        connection.unregister("repeated_hash")
    try:
        return _collapse(connection, files, rule)
    finally:
        connection.execute("DROP TABLE repeated")


def repeated_hashes(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> np.ndarray:
    """The 64-bit hashes of keys that occur more than once in a table: every repeated key is among them.

    Sorting numbers is several times cheaper than a group-by over texts; the caller looks exactly at what is found.
    """
    rows = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    parts = 1 + rows // _PART
    found = []
    for part in range(parts):
        where = f"WHERE hash({key}) % {parts} = {part}" if parts > 1 else ""
        hashes = connection.execute(f"SELECT hash({key}) AS h FROM {table} {where}").fetchnumpy()["h"]
        hashes.sort()
        found.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    return np.concatenate(found)


def _collapse(
    connection: duckdb.DuckDBPyConnection, files: Sequence[LoadedFile], rule: Duplicates
) -> list[Finding]:
    findings = _drop_skips(connection)
    same, extra, different, conflicting = connection.execute(
        "SELECT count(*) FILTER (answers = 1), coalesce(sum(n - 1) FILTER (answers = 1), 0), "
        "count(*) FILTER (answers > 1), coalesce(sum(n) FILTER (answers > 1), 0) FROM repeated"
    ).fetchall()[0]
    if different and rule == "refuse":
        raise _refusal(connection, files, int(different))
    chosen = _chosen(files, rule) if different else _ANY
    connection.execute(f"CREATE TEMP TABLE kept AS {chosen}")
    connection.execute(f"DELETE FROM annotation WHERE ({_KEY}) IN (SELECT ({_KEY}) FROM repeated)")
    connection.execute(
        "INSERT INTO annotation SELECT item, annotator, value, layer, state, file, round FROM kept"
    )
    connection.execute("DROP TABLE kept")
    if same:
        findings.append(_identical(int(same), int(extra), _examples(connection, "answers = 1")))
    if different:
        findings.append(
            _conflict(rule, int(different), int(conflicting), _examples(connection, "answers > 1"))
        )
    return findings


def _drop_skips(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Someone who skips an item and answers it afterwards has answered it."""
    mixed = "skips > 0 AND skips < n"
    rows = connection.execute(f"SELECT coalesce(sum(skips), 0) FROM repeated WHERE {mixed}").fetchall()[0][0]
    if not rows:
        return []
    connection.execute(
        f"DELETE FROM annotation WHERE state = {ItemState.SKIPPED:d} "
        f"AND ({_KEY}) IN (SELECT ({_KEY}) FROM repeated WHERE {mixed})"
    )
    items = _examples(connection, mixed)
    connection.execute(f"UPDATE repeated SET n = n - skips, answers = answers - 1, skips = 0 WHERE {mixed}")
    text = f"{rows:,} times an item was skipped and also answered by the same person; the answer counts."
    return [Finding("skipped_and_answered", "note", "delivery", text, {"rows": int(rows), "items": items})]


def _chosen(files: Sequence[LoadedFile], rule: Duplicates) -> str:
    ordered = " UNION ALL ".join(f"SELECT * FROM ({loaded.ordered})" for loaded in files)
    direction = "DESC" if rule == "last" else "ASC"
    return (
        f"SELECT all_rows.* FROM ({ordered}) AS all_rows JOIN repeated USING ({_KEY}) "
        f"WHERE all_rows.state <> {ItemState.SKIPPED:d} OR n = skips "
        f"QUALIFY row_number() OVER (PARTITION BY {_KEY} ORDER BY file {direction}, r {direction}) = 1"
    )


def _examples(connection: duckdb.DuckDBPyConnection, condition: str) -> list[str]:
    rows = connection.execute(
        f"SELECT DISTINCT item FROM repeated WHERE {condition} ORDER BY item LIMIT {_SHOWN}"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _identical(pairs: int, rows: int, items: list[str]) -> Finding:
    return Finding(
        "duplicate_rows",
        "minor",
        "delivery",
        f"{rows:,} rows repeat an answer that the same person had given on the same item; each counts once.",
        {"rows": rows, "pairs": pairs, "items": items},
    )


def _conflict(rule: Duplicates, pairs: int, rows: int, items: list[str]) -> Finding:
    return Finding(
        "duplicate_answers",
        "major",
        "delivery",
        f"In {pairs:,} cases one person gave different answers on one item; the {rule} of each counts.",
        {"rows": rows, "pairs": pairs, "items": items, "rule": rule},
    )


def _refusal(connection: duckdb.DuckDBPyConnection, files: Sequence[LoadedFile], pairs: int) -> InputError:
    key = connection.execute(
        f"SELECT {_KEY} FROM repeated WHERE answers > 1 ORDER BY {_KEY} LIMIT 1"
    ).fetchall()[0]
    places, answers = [], []
    for loaded in files:
        rows = connection.execute(
            f"SELECT r, value FROM ({loaded.ordered}) WHERE ({_KEY}) = (?, ?, ?, ?) ORDER BY r LIMIT 2",
            list(key),
        ).fetchall()
        places += [f"{loaded.input.path}, {loaded.place(int(row))}" for row, _ in rows]
        answers += ["nothing" if value is None else _answer(value) for _, value in rows]
    more = f" ({pairs - 1:,} more such cases)" if pairs > 1 else ""
    return InputError(
        f"one person gave different answers on one item{more}",
        file=files[0].input.path if len(files) == 1 else None,
        place="; ".join(places[:2])
        if len(files) > 1
        else " and ".join(p.rpartition(", ")[2] for p in places[:2]),
        found=f"item {shown(str(key[0]))}, annotator {shown(str(key[1]))}: {' and then '.join(answers[:2])}",
        expected="one answer, or `duplicates: first` or `duplicates: last` in delivery.yaml",
    )


def _answer(value: str) -> str:
    return shown(value.replace(SEPARATOR, ", "))
