"""Evidence of earlier batches: a rare class is judged over the last batches of the same versions together.

A report carries the integer counts of its gated class figures under ``pool``. Counts add up; the design effect and
the width of an interval are combined from what each report states, so a pooled figure never claims more than its parts.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.measure.accuracy import f1_figure
from assay.measure.figure import Figure
from assay.measure.spread import NormalSpread, ScoreSpread
from assay.terms.term import Term

_SHARES = ("gold_precision", "gold_recall", "gold_accuracy")


@dataclass(frozen=True)
class Pool:
    """Per term and class of one earlier batch: value, 95 % interval, effective trials, positives and units."""

    batch: str
    versions: Mapping[str, object]
    contract: str
    figures: Mapping[str, Mapping[str, Mapping[str, float]]]


def pool_entry(figure: Figure) -> dict[str, float] | None:
    """What a report keeps of a figure so that later batches can pool it.

    >>> pool_entry(Figure(0.9, 0.8, 0.95, units=40, positives=12))
    {'value': 0.9, 'low': 0.8, 'high': 0.95, 'positives': 12.0, 'units': 40.0}
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return None
    entry: dict[str, float] = {
        "value": figure.value, "low": figure.low, "high": figure.high,
        "positives": figure.positives, "units": figure.units,
    }  # fmt: skip
    if isinstance(figure.spread, ScoreSpread):
        entry |= {"share": figure.spread.share, "trials": figure.spread.trials}
    return {key: float(f"{number:.12g}") for key, number in entry.items()}


def with_openness(
    pool: Mapping[str, object], closed: Collection[str], earlier: Sequence[Pool]
) -> dict[str, dict[str, dict[str, float]]]:
    """The pool of a report with what a vendor saw: ``open`` in this batch, ``pooled_open`` in every batch pooled.

    A pooled figure less those of other batches is that of one batch, so a vendor sees it only if no part was hidden.
    """
    out: dict[str, dict[str, dict[str, float]]] = {}
    for term, classes in pool.items():
        entries = classes if isinstance(classes, dict) else {}
        for name, entry in entries.items():
            before = [p.figures[term][name] for p in earlier if name in p.figures.get(term, {})]
            seen = name not in closed
            every = seen and all(one.get("open") == 1 for one in before)
            marks = {"open": int(seen), "pooled_open": int(every)}
            out.setdefault(term, {})[name] = {**entry, **marks}
    return out


def read_pool(document: Mapping[str, object], path: str) -> Pool:
    """The pool of an earlier report. Raises :class:`InputError` when it carries none."""
    pool, batch, verdict = document.get("pool"), document.get("batch"), document.get("verdict")
    if not isinstance(pool, dict) or not isinstance(batch, dict) or not isinstance(verdict, dict):
        raise InputError(
            "this report carries no counts to pool",
            file=path,
            found=f"a report for {document.get('audience') or 'the buyer'} without `pool`"
            if isinstance(batch, dict)
            else "another document",
            expected="the report.json of an earlier batch (buyer's audience)",
        )
    contract = verdict.get("contract")
    name = str(contract.get("id")) if isinstance(contract, dict) else ""
    return Pool(str(batch.get("id")), dict(batch.get("versions") or {}), name, pool)


def usable(
    pools: Sequence[Pool], versions: Mapping[str, object], contract: str, batch: str, most: int
) -> list[Pool]:
    """The latest pools of the same contract and the same schema, guideline and gold versions.

    A batch counts once: of several reports on one the last given stands, and none on the batch that is judged.
    """
    latest: dict[str, Pool] = {}
    for pool in pools:
        if pool.batch != batch and pool.contract == contract and _same(pool.versions, versions):
            latest.pop(pool.batch, None)
            latest[pool.batch] = pool
    return list(latest.values())[-(most - 1) :] if most > 1 else []


def left_out(given: Sequence[Pool], used: Sequence[Pool]) -> list[Finding]:
    """A note on earlier reports that could not be pooled."""
    number = len(given) - len(used)
    if not number:
        return []
    text = (
        f"{number:,} of {len(given):,} earlier reports were not pooled: they are of another contract or of other "
        "versions, of a batch that counts already, or of more batches ago than the contract pools."
    )
    return [Finding("earlier_left_out", "note", "gold", text, {"reports": number})]


def _same(mine: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Equal versions; a minor guideline version clarifies and does not separate batches."""

    def major(versions: Mapping[str, object]) -> tuple[object, ...]:
        guideline = versions.get("guideline")
        return (
            versions.get("schema"),
            str(guideline).partition(".")[0] if guideline else None,
            versions.get("gold"),
        )

    return major(mine) == major(other)


def pooled(
    term: Term, subject: Mapping[str, str], figure: Figure, measured: object, earlier: Sequence[Pool]
) -> tuple[Figure, int]:
    """The figure over this and the earlier batches, and over how many; unchanged when there is nothing to add."""
    found = [
        entry
        for pool in earlier
        if (entry := pool.figures.get(term.id, {}).get(subject["class"])) is not None
    ]
    own = pool_entry(figure)
    parts = ([own] if own else []) + found
    if not found:
        return figure, 1
    if all("trials" in part for part in parts):
        return _pooled_share(term, parts), len(parts) if own else len(parts) + 1
    return _pooled_value(parts, figure.method), len(parts) if own else len(parts) + 1


def _totals(parts: Sequence[Mapping[str, float]]) -> tuple[int, int]:
    return int(sum(p["units"] for p in parts)), int(sum(p["positives"] for p in parts))


def _pooled_share(term: Term, parts: Sequence[Mapping[str, float]]) -> Figure:
    """Proportions weighted by their effective trials, which add up."""
    units, positives = _totals(parts)
    trials = sum(p["trials"] for p in parts)
    share = sum(p["share"] * p["trials"] for p in parts) / trials
    if term.metric == "gold_f1":
        return f1_figure(share, trials, 0.0, units=units, positives=positives)
    spread = ScoreSpread(share, trials)
    low, high = spread.interval(0.95)
    method = "pooled over batches; Wilson with the effective trials of each"
    return Figure(share, low, high, units, positives, positives, method, None, spread)


def _pooled_value(parts: Sequence[Mapping[str, float]], method: str) -> Figure:
    """Coefficients weighted by positives; half-widths combined as independent."""
    units, positives = _totals(parts)
    weights = [max(p["positives"], 1.0) for p in parts]
    total = sum(weights)
    value = sum(w * p["value"] for w, p in zip(weights, parts, strict=True)) / total
    below = (
        math.sqrt(sum((w * (p["value"] - p["low"])) ** 2 for w, p in zip(weights, parts, strict=True)))
        / total
    )
    above = (
        math.sqrt(sum((w * (p["high"] - p["value"])) ** 2 for w, p in zip(weights, parts, strict=True)))
        / total
    )
    low, high = value - below, min(value + above, 1.0)
    return Figure(
        value,
        low,
        high,
        units,
        positives,
        positives,
        f"pooled over batches: {method}",
        None,
        NormalSpread(value, low, high),
    )
