"""A batch in one pass: what is scored, what is counted, and the layout of replicate rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.analytics.batch import UNKNOWN, Batch, GoldPanel, ItemFacts, SliceAttribute, Stretch, memory_batch
from assay.analytics.measuring import MISSING, UNDECIDED, delivered_labels, measure
from assay.analytics.rows import Rows, plan_rows
from assay.measure.replicates import GROUPS, SINGLE_ITEMS_UP_TO
from assay.measure.units import Votes
from tests.laws.batches import batches

Row = tuple[int, int, int]


def small(votes: list[Row], gold: Mapping[int, int], *, items: int = 6, final: str = "majority") -> Batch:
    """Votes (item, annotator, label) of the people p, q, r on classes a, b, c."""
    item, annotator, label = (np.array([row[n] for row in votes], np.int64) for n in range(3))
    return memory_batch(
        item, annotator.astype(np.int32), label.astype(np.int32), classes="abc", annotators="pqr",
        gold=GoldPanel(np.array(sorted(gold)), np.array([gold[k] for k in sorted(gold)])), items=items, final=final,
    )  # fmt: skip


def with_standing(batch: Batch, votes: list[Row], settled: Mapping[int, int] | None = None) -> Batch:
    """The batch whose finals follow from other votes, or are settled."""
    (stretch,) = batch.stretches()
    item, annotator, label = (np.array([row[n] for row in votes], np.int64) for n in range(3))
    standing = Votes.sorted_from(item, annotator.astype(np.int32), label.astype(np.int32))
    keys = sorted(settled or {})
    changed = replace(
        stretch, standing=standing, settled_key=np.array(keys, np.int64),
        settled_label=np.array([(settled or {})[k] for k in keys], np.int64),
    )  # fmt: skip
    return replace(batch, stretches=lambda: iter((changed,)))


def finals(batch: Batch) -> dict[int, int]:
    """The scored label of each gold item."""
    state, _ = measure(batch, "s")
    keys = batch.gold.key[state.final.gold]
    return dict(zip(keys.tolist(), state.final.given.tolist(), strict=True))


VOTES = [(0, 0, 1), (0, 1, 1), (0, 2, 2), (1, 0, 0), (1, 1, 1), (3, 2, 2)]
GOLD = {0: 1, 1: 0, 2: 2, 3: 2}


def test_majority_tie_and_missing() -> None:
    assert finals(small(VOTES, GOLD)) == {0: 1, 1: UNDECIDED, 2: MISSING, 3: 2}


def test_one_annotator() -> None:
    assert finals(small(VOTES, GOLD, final="annotator:q")) == {0: 1, 1: 1, 2: MISSING, 3: MISSING}


def test_each_vote_scores_every_vote_and_every_missing_item_once() -> None:
    state, _ = measure(small(VOTES, GOLD, final="each vote"), "s")
    scored = Counter(zip(state.final.gold.tolist(), state.final.given.tolist(), strict=True))
    assert scored == Counter([(0, 1), (0, 1), (0, 2), (1, 0), (1, 1), (2, MISSING), (3, 2)])


def test_standing_votes_decide_and_first_votes_agree() -> None:
    batch = with_standing(small(VOTES, GOLD), [(0, 0, 2), (0, 1, 1), (0, 2, 2), (1, 0, 1), (1, 1, 1)])
    assert finals(batch) == {0: 2, 1: 1, 2: MISSING, 3: MISSING}
    one, other = (measure(b, "s")[0] for b in (batch, small(VOTES, GOLD)))
    assert one.nominal.same.tolist() == other.nominal.same.tolist()
    assert one.people.labels.tolist() == other.people.labels.tolist()


def test_settled_items_are_what_they_were_settled_to() -> None:
    batch = with_standing(small(VOTES, GOLD), VOTES, {1: 0, 2: 2, 3: UNDECIDED})
    assert finals(batch) == {0: 1, 1: 0, 2: 2, 3: UNDECIDED}
    assert measure(batch, "s")[0].tally.settled == 3


def test_a_label_that_no_schema_has_may_win_and_is_wrong() -> None:
    unknown = [(0, 0, UNKNOWN), (0, 1, UNKNOWN), (0, 2, 1), (1, 0, UNKNOWN), (1, 1, 0), (3, 2, UNKNOWN)]
    batch = with_standing(small([(0, 2, 1), (1, 1, 0)], GOLD), unknown)
    assert finals(batch) == {0: UNKNOWN, 1: UNDECIDED, 2: MISSING, 3: UNKNOWN}
    tally = measure(batch, "s")[0].tally
    assert (tally.delivered, tally.undecided, int(tally.labels.sum())) == (3, 1, 0)


def test_votes_on_gold_name_their_person() -> None:
    state, _ = measure(small(VOTES, {1: 0, 3: 2}), "s")
    found = zip(
        state.votes.gold.tolist(), state.votes.annotator.tolist(), state.votes.given.tolist(), strict=True
    )
    assert sorted(found) == [(0, 0, 0), (0, 1, 1), (1, 2, 2)]


def test_delivered_labels_are_those_that_are_scored() -> None:
    batch = with_standing(small(VOTES, GOLD), VOTES, {2: 2})
    keys, labels = delivered_labels(batch)
    assert dict(zip(keys.tolist(), labels.tolist(), strict=True)) == {0: 1, 1: UNDECIDED, 2: 2, 3: 2}


@given(batches())
def test_counts_add_up(batch: Batch) -> None:
    state, _ = measure(batch, "s")
    tally = state.tally
    (stretch,) = batch.stretches()
    labelled = set(stretch.settled_key.tolist())
    votes = stretch.votes
    mine = votes.annotator == 0 if batch.final == "annotator:p0" else np.ones(len(votes), bool)
    labelled |= set(votes.item[mine].tolist())
    assert tally.delivered == len(labelled)
    assert int(tally.labels.sum()) + tally.undecided == tally.delivered
    assert tally.items == len(stretch.items.key)
    assert int((tally.sizes * np.arange(len(tally.sizes))).sum()) == len(votes)
    assert int(state.people.labels.sum()) == len(votes)
    if batch.final != "each vote":
        assert sorted(state.final.gold.tolist()) == list(range(len(batch.gold)))


@given(batches())
def test_slices_count_their_own_items(batch: Batch) -> None:
    state, _ = measure(batch, "s")
    (stretch,) = batch.stretches()
    first = 0
    for number, attribute in enumerate(batch.slices):
        codes = stretch.items.slices[number]
        for code in range(len(attribute.values)):
            assert state.tally.expected_by_slice[first + code] == (codes == code).sum()
        first += len(attribute.values)


# Replicate rows


def facts_of(items: int, stratum: np.ndarray, cluster: np.ndarray | None = None) -> ItemFacts:
    key = np.arange(items)
    return ItemFacts(key, key.astype(np.uint64), (), stratum, np.ones(items, bool), cluster)


def rows_of(
    items: int, strata: tuple[int, ...], cluster: np.ndarray | None = None
) -> tuple[Rows, np.ndarray]:
    """The layout for items in strata one after the other, and every item's row."""
    stratum = np.repeat(np.arange(len(strata)), strata)
    batch = replace(
        small([(0, 0, 0)], {}, items=items), strata=strata,
        clusters=None if cluster is None else int(cluster.max()) + 1,
    )  # fmt: skip
    plan = plan_rows(batch, "s")
    rows = Rows(plan)
    facts = facts_of(items, stratum, cluster)
    hashes = np.random.default_rng(0).integers(0, 2**63, items).astype(np.uint64)
    return rows, rows.of(facts, facts.key, hashes)


@pytest.mark.parametrize("strata", [(40,), (25, 10, 5)])
def test_few_items_have_a_row_each_within_their_stratum(strata: tuple[int, ...]) -> None:
    rows, row = rows_of(40, strata)
    assert rows.plan.single
    assert sorted(row.tolist()) == list(range(40))
    assert rows.plan.stratum_of_row[row].tolist() == np.repeat(np.arange(len(strata)), strata).tolist()


@pytest.mark.parametrize("strata", [(9_000,), (8_000, 990, 10)])
def test_many_items_fall_into_groups_within_their_stratum(strata: tuple[int, ...]) -> None:
    items = sum(strata)
    assert items > SINGLE_ITEMS_UP_TO
    rows, row = rows_of(items, strata)
    assert not rows.plan.single
    assert rows.plan.rows <= max(GROUPS, 64 * len(strata))
    assert rows.plan.stratum_of_row[row].tolist() == np.repeat(np.arange(len(strata)), strata).tolist()
    assert rows.order() is None


def test_clusters_have_a_row_in_each_stratum_and_are_drawn_together() -> None:
    cluster = np.arange(40) % 7
    rows, row = rows_of(40, (25, 15), cluster)
    unit = rows.plan.unit_of_row
    assert unit is not None
    assert unit[row].tolist() == cluster.tolist()
    assert rows.plan.stratum_of_row[row].tolist() == [0] * 25 + [1] * 15
    assert rows.plan.rows == 14


def test_many_clusters_fall_into_groups() -> None:
    cluster = np.arange(5_000)
    rows, row = rows_of(5_000, (5_000,), cluster)
    assert not rows.plan.single
    assert rows.plan.rows == GROUPS
    assert len(np.unique(row)) > GROUPS * 0.95


@given(st.permutations(range(12)), st.integers(1, 11))
def test_rows_end_in_the_order_of_hashes_whatever_the_stretches_were(order: list[int], cut: int) -> None:
    batch = replace(small([(0, 0, 0)], {}, items=12), strata=(7, 5))
    hashes = np.array(order, np.uint64)
    stratum = np.array([0] * 7 + [1] * 5)
    facts = facts_of(12, stratum)
    ends = []
    for places in ([np.arange(12)], [np.arange(cut), np.arange(cut, 12)]):
        rows = Rows(plan_rows(batch, "s"))
        row = np.concatenate([rows.of(facts, place, hashes[place]) for place in places])
        end = rows.order()
        if end is not None:
            back = np.empty(12, np.int64)
            back[end] = np.arange(12)
            row = back[row]
        ends.append(row.tolist())
    assert ends[0] == ends[1]
    expected = np.empty(12, np.int64)
    expected[np.lexsort((hashes, stratum))] = np.arange(12)
    assert ends[0] == expected.tolist()


def test_a_batch_without_a_stretch_is_a_mistake_of_the_caller() -> None:
    empty = replace(small([], {}), stretches=lambda: iter(()))
    with pytest.raises(ValueError, match="at least one stretch"):
        measure(empty, "s")


def test_progress_counts_votes() -> None:
    told: list[int] = []
    measure(small(VOTES, GOLD), "s", progress=told.append)
    assert told == [len(VOTES)]


def test_a_batch_without_votes_has_states_and_nothing_in_them() -> None:
    batch = replace(small([], {1: 0}), slices=(SliceAttribute("x", ("a", "b")),))
    (stretch,) = batch.stretches()
    facts = replace(stretch.items, slices=(np.full(6, -1),))
    none = Stretch(stretch.votes, stretch.votes, facts, stretch.settled_key, stretch.settled_label)
    state, _ = measure(replace(batch, stretches=lambda: iter((none,))), "s")
    assert state.nominal.units.sum() == 0
    assert state.final.given.tolist() == [MISSING]
