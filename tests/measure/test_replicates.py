"""Replicate weights: a fixed stream, means that are right, and rows that are drawn together."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.replicates import (
    Design,
    groups_of,
    hash_items,
    mix,
    replicate_sums,
    replicate_weights,
    seed_number,
)


def weights(design: Design, replicates: int = 400, seed: str = "s", block: int = 250) -> np.ndarray:
    return np.concatenate(list(replicate_weights(design, replicates, seed, block)))


def test_the_stream_is_part_of_the_method_and_never_changes() -> None:
    # SplitMix64 from the state 0: its first three numbers, as published with the generator
    gamma = 0x9E3779B97F4A7C15
    states = np.array([(n * gamma) % 2**64 for n in range(3)], np.uint64)
    assert [hex(int(x)) for x in mix(states)] == [
        "0xe220a8397b1dcdaf",
        "0x6e789e6aa1b965f4",
        "0x6c45d188009454f",
    ]
    drawn = weights(Design.simple(7), 50, "assay/1").astype(np.int64)
    assert hashlib.sha256(drawn.tobytes()).hexdigest()[:16] == "9ae8fd26e4f107a2"
    assert seed_number("assay") == int.from_bytes(hashlib.sha256(b"assay").digest()[:8], "big")


def test_groups_belong_to_item_and_seed_alone() -> None:
    numbers = np.arange(10_000, dtype=np.uint64)
    one, other = (groups_of(hash_items(numbers, seed)) for seed in ("a", "b"))
    assert (one == groups_of(hash_items(numbers, "a"))).all()
    assert (one != other).mean() > 0.99
    assert one[::-1].tolist() == groups_of(hash_items(numbers[::-1], "a")).tolist()
    assert np.bincount(one, minlength=1024).min() > 0


@given(st.integers(1, 40), st.integers(1, 30), st.integers(1, 9))
def test_a_simple_draw_takes_n_of_n(rows: int, replicates: int, block: int) -> None:
    drawn = weights(Design.simple(rows), replicates, "s", block)
    assert drawn.shape == (replicates, rows)
    assert (drawn.sum(axis=1) == rows).all()
    assert (drawn == np.rint(drawn)).all()


@given(st.integers(2, 20), st.integers(1, 12))
def test_the_blocks_in_which_replicates_are_made_do_not_show(rows: int, block: int) -> None:
    assert (weights(Design.simple(rows), 30, "s", block) == weights(Design.simple(rows), 30, "s", 30)).all()


def test_strata_are_drawn_by_themselves_and_keep_their_weights() -> None:
    stratum = np.array([0] * 5 + [1] * 3)
    share = np.array([2.0] * 5 + [7.0] * 3)
    drawn = weights(Design(stratum, share), 3_000)
    # in each replicate a stratum weighs what it weighs in the population (Rao and Wu 1988)
    assert drawn[:, :5].sum(axis=1) == pytest.approx(np.full(3_000, 10.0))
    assert drawn[:, 5:].sum(axis=1) == pytest.approx(np.full(3_000, 21.0))
    assert drawn.mean(axis=0) == pytest.approx(share, rel=0.1)


def test_the_variance_of_a_stratified_mean_is_that_of_the_sample() -> None:
    # two strata of n = 6 and 4 with weights N/n: the variance of the total is sum of W² n s²
    values = np.array([1.0, 4, 2, 8, 5, 7, 10, 3, 6, 6])
    stratum = np.array([0] * 6 + [1] * 4)
    share = np.where(stratum == 0, 5.0, 2.0)
    totals = weights(Design(stratum, share), 40_000) @ values
    expected = sum(
        share[stratum == h][0] ** 2 * (stratum == h).sum() * values[stratum == h].var(ddof=1) for h in (0, 1)
    )
    assert totals.var() == pytest.approx(expected, rel=0.05)


def test_a_stratum_of_one_row_is_always_drawn() -> None:
    drawn = weights(Design(np.array([0, 0, 0, 1]), np.array([1.0, 1, 1, 9])), 50)
    assert (drawn[:, 3] == 9).all()


def test_rows_of_one_unit_are_drawn_together_and_keep_their_own_weights() -> None:
    unit = np.array([0, 1, 1, 2, 2])
    share = np.array([1.0, 1, 3, 1, 3])
    drawn = weights(Design(np.zeros(5, np.int64), share, unit), 300)
    times = drawn / share
    assert (times[:, 1] == times[:, 2]).all()
    assert (times[:, 3] == times[:, 4]).all()
    assert (times[:, [0, 1, 3]].sum(axis=1) == 3).all()


def test_units_of_one_row_each_are_drawn_as_rows_are() -> None:
    plain = weights(Design.simple(9), 100)
    assert (weights(Design(np.zeros(9, np.int64), np.ones(9), np.arange(9)), 100) == plain).all()


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=30), st.integers(1, 5))
def test_sums_of_whole_numbers_are_exact(amounts: list[int], columns: int) -> None:
    state = np.array([[amount + c for c in range(columns)] for amount in amounts], np.int64)
    (sums,) = replicate_sums([state], Design.simple(len(amounts)), 20, "s")
    drawn = weights(Design.simple(len(amounts)), 20).astype(object)
    assert sums.tolist() == (drawn @ state.astype(object)).tolist()


def test_several_states_share_one_draw() -> None:
    state = np.arange(12, dtype=np.int64).reshape(6, 2)
    one, other = replicate_sums([state, state[:, :1] * 10], Design.simple(6), 30, "s")
    assert (one[:, 0] * 10 == other[:, 0]).all()


def test_no_rows_have_no_replicates() -> None:
    (sums,) = replicate_sums([np.zeros((0, 4))], Design.simple(0), 20, "s")
    assert sums.shape == (0, 4)
