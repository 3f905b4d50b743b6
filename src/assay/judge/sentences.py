"""Disagreement clusters in plain words, with the items that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from assay.analytics.batch import Batch
from assay.analytics.measuring import BatchState
from assay.analytics.stored import item_texts
from assay.annotation.connection import sql_text
from assay.measure.clusters import Cluster, find_clusters
from assay.measure.figure import rounded

from .prepare import Prepared

EXEMPLARS = 3
MOST_CLUSTERS = 12


@dataclass(frozen=True)
class SliceRow:
    """One row of the slice tables: an attribute and one of its values."""

    attribute: str
    value: str


def slice_rows(batch: Batch) -> list[SliceRow]:
    """The rows of tables that hold all attributes' values end to end."""
    return [SliceRow(a.name, value) for a in batch.slices for value in a.values]


def clusters_of(prepared: Prepared, state: BatchState) -> tuple[list[dict[str, object]], dict[str, object]]:
    """The clusters as they stand in ``report.json``, and what falls in none of them."""
    total = int(state.disagreement.pairs.sum())
    found = find_clusters(state.disagreement, most=MOST_CLUSTERS)
    rows = slice_rows(prepared.batch)
    out = [
        _cluster(number, c, prepared, state, rows, _beside(c, found, prepared, rows))
        for number, c in enumerate(found, start=1)
    ]
    _show_content(
        prepared, [item for entry in out for item in cast("list[dict[str, object]]", entry["items"])]
    )
    covered = min(sum(c.count for c in found if c.labels), total)
    rest = max(1 - sum(c.share for c in found if c.labels), 0.0) if total else 0.0
    return out, {"count": total - covered, "share": rounded(rest), "of": total}


def _cluster(
    number: int,
    cluster: Cluster,
    prepared: Prepared,
    state: BatchState,
    rows: Sequence[SliceRow],
    beside: str,
) -> dict[str, object]:
    names = [_name(prepared, code) for code in cluster.labels]
    where = rows[cluster.slice_row] if cluster.slice_row is not None else None
    person = prepared.batch.annotators[cluster.person] if cluster.person is not None else None
    return {
        "id": f"c{number}",
        "values": names,
        "slice": {where.attribute: where.value} if where else None,
        "annotators": [person] if person else None,
        "count": cluster.count,
        "share": rounded(cluster.share),
        "low": rounded(cluster.low),
        "high": rounded(cluster.high),
        "lift": rounded(cluster.lift),
        "expected": rounded(cluster.expected),
        "excess": rounded(cluster.excess),
        "items": _exemplars(cluster, prepared, state, where),
        "text": _sentence(cluster, names, where, person, beside),
    }


def _name(prepared: Prepared, code: int) -> str:
    """What stands on one side of a cluster: a label, or a band of ratings."""
    batch = prepared.batch
    if batch.bands is None or batch.numbers is None:
        return prepared.coding.text(code)
    inside = batch.numbers[batch.bands == code]
    return f"{inside.min():g} to {inside.max():g}" if len(inside) else "–"


def _beside(cluster: Cluster, found: Sequence[Cluster], prepared: Prepared, rows: Sequence[SliceRow]) -> str:
    """Which part of a pair's disagreement has a cluster of its own and is not counted here."""
    if cluster.slice_row is not None or cluster.person is not None:
        return ""
    for other in found:
        if other.labels == cluster.labels and other.slice_row is not None:
            return f" outside {rows[other.slice_row].attribute} {rows[other.slice_row].value}"
        if other.labels == cluster.labels and other.person is not None:
            return f" without {prepared.batch.annotators[other.person]}"
    return ""


def _sentence(
    cluster: Cluster, names: Sequence[str], where: SliceRow | None, person: str | None, beside: str
) -> str:
    times = f"{cluster.lift:.1f} times" if cluster.lift is not None else "far more than"
    share = f"{cluster.count:,} items, {cluster.share:.1%} of all disagreement"
    if not names and where is not None:
        return (
            f"People differ on {cluster.count:,} items where {where.attribute} is {where.value}: "
            f"{times} as often as on other items."
        )
    pair = f"“{names[0]}” or “{names[1]}”"
    if where is not None:
        return f"{pair} where {where.attribute} is {where.value}: {share}, {times} as often as elsewhere."
    if person is not None:
        return f"{pair} when {person} votes: {share}, {times} as often as with others."
    return f"{pair}{beside}: {share}, {times} what the frequency of the two explains."


def _exemplars(
    cluster: Cluster, prepared: Prepared, state: BatchState, where: SliceRow | None
) -> list[dict[str, object]]:
    """A few real items of the cluster: those with the smallest hashes, so always the same ones."""
    sample = state.disagreement.sample
    if len(sample.key) == 0:
        return []
    keys = sample.key[np.lexsort((sample.key, sample.hash))]
    if cluster.labels:
        left, right = cluster.labels
        bands = prepared.batch.bands
        label = sample.vote_label if bands is None else bands[sample.vote_label]
        holds = np.intersect1d(sample.vote_key[label == left], sample.vote_key[label == right])
        keys = keys[np.isin(keys, holds)]
    if cluster.person is not None:
        keys = keys[np.isin(keys, sample.vote_key[sample.vote_annotator == cluster.person])]
    if where is not None and prepared.manifest_codes is not None:
        names = [a.name for a in prepared.batch.slices]
        column = names.index(where.attribute)
        code = prepared.batch.slices[column].values.index(where.value)
        manifest = prepared.manifest_codes
        mine = manifest.key[manifest.slices[column] == code]
        keys = keys[np.isin(keys, mine)]
    keys = keys[:EXEMPLARS]
    texts = item_texts(prepared.connection, prepared.dictionaries.whole_keys, keys)
    return [_item(key, text, prepared, state) for key, text in zip(keys.tolist(), texts, strict=True)]


def _item(key: int, text: str, prepared: Prepared, state: BatchState) -> dict[str, object]:
    sample = state.disagreement.sample
    mine = np.flatnonzero(sample.vote_key == key)
    answers = [
        {
            "annotator": prepared.batch.annotators[int(sample.vote_annotator[n])],
            "value": prepared.coding.text(int(sample.vote_label[n])),
        }
        for n in mine
    ]
    gold = np.flatnonzero(prepared.batch.gold.key == key)
    answer = prepared.coding.text(int(prepared.batch.gold.label[gold[0]])) if len(gold) else None
    return {"item": text, "text": None, "link": None, "answers": answers, "gold": answer}


def _show_content(prepared: Prepared, items: Sequence[dict[str, object]]) -> None:
    """Give items their text and link, from the delivery or else the manifest."""
    listed = ", ".join(sorted({sql_text(str(item["item"])) for item in items}))
    if not listed:
        return
    found: dict[str, tuple[str | None, str | None]] = {}
    for table in ["content"] + (["manifest"] if prepared.manifest is not None else []):
        rows = prepared.connection.execute(
            f"SELECT item, text, link FROM {table} WHERE item IN ({listed}) AND (text IS NOT NULL OR link IS NOT NULL)"
        ).fetchall()
        for item, text, link in rows:
            found.setdefault(str(item), (text, link))
    for entry in items:
        entry["text"], entry["link"] = found.get(str(entry["item"]), (None, None))
