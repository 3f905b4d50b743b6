"""Dawid-Skene and majority beside crowd-kit, step by step (its own stop comes too early)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from crowdkit.aggregation import DawidSkene, MajorityVote, OneCoinDawidSkene

from assay.measure.truth import dawid_skene, majority, one_coin
from assay.measure.undefined import Undefined
from tests.peers.randomness import SEEDS, ratings

pytestmark = pytest.mark.filterwarnings("ignore")
STEPS = 7


def rows_of(seed: int) -> list[tuple[int, str, int]]:
    table = ratings(seed, classes=3, items=60)
    return [
        (item, f"p{person}", label)
        for item, row in enumerate(table)
        for person, label in enumerate(row)
        if label is not None
    ]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("ours", "theirs"), [(dawid_skene, DawidSkene), (one_coin, OneCoinDawidSkene)])
def test_posteriors_after_the_same_steps_equal_crowd_kit(seed: int, ours: object, theirs: object) -> None:
    rows = rows_of(seed)
    frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
    expected = theirs(n_iter=STEPS, tol=-np.inf).fit_predict_proba(frame)
    found = ours(rows, iterations=STEPS, tolerance=0)
    expected = expected.reindex(index=list(found.items), columns=list(found.classes)).to_numpy()
    assert np.allclose(found.posterior, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_majorities_that_are_no_ties_equal_crowd_kit(seed: int) -> None:
    rows = rows_of(seed)
    expected = MajorityVote().fit_predict(pd.DataFrame(rows, columns=["task", "worker", "label"]))
    decided = 0
    for item in {item for item, _, _ in rows}:
        found = majority(label for other, _, label in rows if other == item)
        if not isinstance(found, Undefined):
            decided += 1
            assert found == expected[item]
    assert decided > 30
