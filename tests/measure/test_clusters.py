"""Disagreement clusters: what is planted comes first, named by its labels, its slice or its person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.clusters import Cluster, evidence, find_clusters
from assay.measure.disagreement import DisagreementState, disagreement_state
from assay.measure.replicates import mix
from tests.measure.votes import Table, cut

CLASSES, PEOPLE = 5, 6


def state_of(table: Table, slices: np.ndarray | None = None, values: int = 4) -> DisagreementState:
    found = cut(table, CLASSES, people=PEOPLE)
    code = np.full(len(table), -1) if slices is None else slices
    return disagreement_state(
        found.votes, found.units, found.runs, mix(found.units.item.astype(np.uint64)), [(code, 0, values)],
        classes=CLASSES, annotators=PEOPLE, slice_values=values,
    )  # fmt: skip


def batch(
    seed: int, items: int = 1500, noise: float = 0.06
) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Three votes of six people on items of five classes, wrong at random; and each item's slice value of four."""
    luck = np.random.default_rng(seed)
    truth = luck.integers(0, CLASSES, items)
    votes = np.full((items, PEOPLE), -1)
    for item in range(items):
        for who in luck.choice(PEOPLE, 3, replace=False):
            wrong = luck.random() < noise
            votes[item, who] = luck.integers(0, CLASSES) if wrong else truth[item]
    return votes, luck.integers(0, 4, items), luck


def rows(votes: np.ndarray) -> Table:
    return [[None if x < 0 else int(x) for x in row] for row in votes]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_labels_that_are_mixed_up_everywhere_come_first(seed: int) -> None:
    votes, slices, luck = batch(seed)
    votes[(votes == 1) & (luck.random(votes.shape) < 0.15)] = 3
    first = find_clusters(state_of(rows(votes), slices))[0]
    assert (first.labels, first.slice_row, first.person) == ((1, 3), None, None)
    assert first.lift is not None
    assert first.lift > 1.5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_gap_in_one_slice_comes_first_with_its_slice(seed: int) -> None:
    votes, slices, luck = batch(seed)
    here = (votes == 2) & (slices == 1)[:, None]
    votes[here & (luck.random(votes.shape) < 0.5)] = 4
    first = find_clusters(state_of(rows(votes), slices))[0]
    assert (first.labels, first.slice_row, first.person) == ((2, 4), 1, None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_person_who_mixes_up_two_labels_is_named(seed: int) -> None:
    votes, slices, luck = batch(seed)
    own = votes[:, 5]
    own[(own == 0) & (luck.random(len(own)) < 0.7)] = 2
    first = find_clusters(state_of(rows(votes), slices))[0]
    assert (first.labels, first.slice_row, first.person) == ((0, 2), None, 5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_slice_that_is_hard_as_a_whole_is_named_without_labels(seed: int) -> None:
    votes, slices, luck = batch(seed)
    here = (votes >= 0) & (slices == 3)[:, None] & (luck.random(votes.shape) < 0.25)
    votes[here] = luck.integers(0, CLASSES, int(here.sum()))
    first = find_clusters(state_of(rows(votes), slices))[0]
    assert (first.labels, first.slice_row) == ((), 3)


def test_what_was_planted_is_found_under_other_names_of_the_classes() -> None:
    votes, slices, luck = batch(4)
    votes[(votes == 1) & (luck.random(votes.shape) < 0.2)] = 3
    names = np.array([2, 0, 4, 1, 3])
    renamed = np.where(votes < 0, -1, names[votes])
    one, other = (find_clusters(state_of(rows(v), slices))[0] for v in (votes, renamed))
    assert sorted(names[list(one.labels)]) == list(other.labels)
    assert (one.count, one.weight, one.expected) == (other.count, other.weight, pytest.approx(other.expected))


def test_unanimous_votes_have_no_clusters() -> None:
    assert find_clusters(state_of([[0, 0, None, 0], [1, 1]])) == []
    assert find_clusters(state_of([])) == []


def assert_sound(cluster: Cluster, state: DisagreementState) -> None:
    assert 0 < cluster.count <= state.mixed
    assert cluster.low <= cluster.share <= cluster.high
    assert cluster.high > cluster.low
    assert cluster.excess > 0
    assert cluster.evidence > 0
    assert list(cluster.labels) == sorted(set(cluster.labels))


@given(st.integers(0, 200), st.integers(1, 5))
def test_clusters_stand_in_order_of_evidence_and_are_no_more_than_asked(seed: int, most: int) -> None:
    votes, slices, _ = batch(seed, items=120, noise=0.4)
    state = state_of(rows(votes), slices)
    found = find_clusters(state, most=most)
    assert len(found) <= most
    assert [c.evidence for c in found] == sorted((c.evidence for c in found), reverse=True)
    for cluster in found:
        assert_sound(cluster, state)
    everything = find_clusters(state, most=100)
    assert found == everything[:most]


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_evidence_grows_with_what_was_found_and_is_nothing_below_expectation(
    found: float, expected: float
) -> None:
    assert evidence(found, expected) >= 0
    assert evidence(found + 1, expected) >= evidence(found, expected)
    if found <= expected:
        assert evidence(found, expected) == 0


def test_nothing_expected_has_no_lift_and_still_evidence() -> None:
    cluster = Cluster((0, 1), None, None, 4, 4.0, 0.0, 0.5, 0.2, 0.8)
    assert cluster.lift is None
    assert cluster.evidence == pytest.approx(4 * np.log(8) - 3.5)
