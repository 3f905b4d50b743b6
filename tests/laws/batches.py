"""Random batches in memory, and how to take them apart: by items, never by rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from assay.analytics.batch import Batch, GoldPanel, ItemFacts, Kind, SliceAttribute, Stretch
from assay.analytics.measuring import BatchState
from assay.judge.figures import GoldFacts
from assay.measure.units import Votes

PEOPLE, CLASSES = 4, 3
ATTRIBUTES = (SliceAttribute("place", ("x", "y")), SliceAttribute("hour", ("am", "noon", "pm")))
NAMES = tuple("abc")
NUMBERS = np.array([1.0, 2.0, 5.0])
SETS = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0]], bool)

Row = tuple[int, int, int]


@st.composite
def batches(draw: st.DrawFn, kinds: tuple[Kind, ...] = ("choice", "rating", "multi")) -> Batch:
    """A batch of at most 14 items, with slices, strata, gold, and later layers for some items."""
    items = draw(st.integers(2, 14))
    votes = draw(
        st.lists(
            st.tuples(st.integers(0, items - 1), st.integers(0, PEOPLE - 1), st.integers(0, CLASSES - 1)),
            max_size=50, unique_by=lambda row: row[:2],
        )
    )  # fmt: skip
    settled = draw(st.dictionaries(st.integers(0, items - 1), st.integers(-1, CLASSES - 1), max_size=3))
    gold = draw(st.dictionaries(st.integers(0, items - 1), st.integers(0, CLASSES - 1), max_size=items))
    codes = [draw(st.lists(st.integers(-1, 1), min_size=items, max_size=items)) for _ in range(3)]
    kind = draw(st.sampled_from(kinds))
    final = draw(st.sampled_from(["majority", "each vote", "annotator:p0"]))
    return batch_of(items, votes, settled, gold, codes, kind, final)


def batch_of(
    items: int,
    votes: list[Row],
    settled: Mapping[int, int],
    gold: Mapping[int, int],
    codes: list[list[int]],
    kind: Kind,
    final: str,
) -> Batch:
    """The batch of these rows, in one stretch; the last list of codes gives strata where it is not negative."""
    item, annotator, label = (np.array([row[n] for row in votes], np.int64) for n in range(3))
    sorted_votes = Votes.sorted_from(item, annotator.astype(np.int32), label.astype(np.int32))
    key = np.arange(items, dtype=np.int64)
    stratum = np.maximum(np.array(codes[2], np.int64), 0)
    facts = ItemFacts(
        key, key.astype(np.uint64) * np.uint64(7919), (np.array(codes[0]), np.array(codes[1])), stratum,
        np.ones(items, bool),
    )  # fmt: skip
    chosen = sorted(settled)
    stretch = Stretch(
        sorted_votes,
        sorted_votes,
        facts,
        np.array(chosen, np.int64),
        np.array([settled[k] for k in chosen], np.int64),
    )
    panel = sorted(gold)
    return Batch(
        kind, "interval" if kind == "rating" else "nominal", NAMES, tuple(f"p{n}" for n in range(PEOPLE)), ATTRIBUTES,
        tuple(np.bincount(stratum, minlength=2).tolist()),
        GoldPanel(np.array(panel, np.int64), np.array([gold[k] for k in panel], np.int64)),
        lambda: iter((stretch,)), NUMBERS if kind == "rating" else None, SETS if kind == "multi" else None, final,
    )  # fmt: skip


def gold_facts(batch: Batch) -> GoldFacts:
    """What is known of the gold items."""
    (stretch,) = batch.stretches()
    place = stretch.items.rows_of(batch.gold.key)
    return GoldFacts(
        stretch.items.number[place],
        tuple(codes[place] for codes in stretch.items.slices),
        stretch.items.stratum[place],
    )


def in_stretches(batch: Batch, cuts: list[int]) -> Batch:
    """The same batch, its items cut into stretches before the keys given."""
    (whole,) = batch.stretches()
    edges = [-1, *sorted(set(cuts)), len(whole.items.key)]
    parts = tuple(_part(whole, low, high) for low, high in pairwise(edges))
    return replace(batch, stretches=lambda: iter(parts))


def _part(whole: Stretch, low: int, high: int) -> Stretch:
    def of_votes(votes: Votes) -> Votes:
        mine = (votes.item >= low) & (votes.item < high)
        return Votes(votes.item[mine], votes.annotator[mine], votes.label[mine])

    items = whole.items
    mine = (items.key >= low) & (items.key < high)
    settled = (whole.settled_key >= low) & (whole.settled_key < high)
    facts = ItemFacts(
        items.key[mine], items.number[mine], tuple(codes[mine] for codes in items.slices), items.stratum[mine],
        items.expected[mine],
    )  # fmt: skip
    votes = of_votes(whole.votes)
    return Stretch(votes, votes, facts, whole.settled_key[settled], whole.settled_label[settled])


def plain(state: Any) -> Any:
    """Everything in a state as lists, so that states can be compared to the bit."""
    if isinstance(state, np.ndarray):
        return state.tolist()
    if isinstance(state, (list, tuple)):
        return [plain(part) for part in state]
    if is_dataclass(state):
        return {field.name: plain(getattr(state, field.name)) for field in fields(state)}
    return state


def summed(state: BatchState) -> dict[str, Any]:
    """The states of a batch that add up, without the sample of items and the order in which gold was met."""
    out: dict[str, Any] = {
        name: plain(getattr(state, name)) for name in ("nominal", "slices", "ordered", "ordered_slices")
    }
    out |= {name: plain(getattr(state, name)) for name in ("people", "pairs", "tally")}
    out["disagreement"] = {k: v for k, v in plain(state.disagreement).items() if k != "sample"}
    for name in ("final", "votes"):
        found = getattr(state, name)
        out[name] = sorted(zip(*(plain(found)[k] for k in ("gold", "given", "annotator")), strict=True))
    return out
