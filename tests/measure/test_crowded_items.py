"""Items with many votes: people are measured a part of the votes at a time, with the same sums."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.measure import people
from assay.measure.people import PeopleState, people_state, scale_positions
from tests.measure.votes import cut

_LABELS = 5
_ROW = st.lists(st.none() | st.integers(0, _LABELS - 1), min_size=7, max_size=7)


def measured(table: list[list[int | None]], *, rated: bool) -> PeopleState:
    found = cut(table, _LABELS, people=7)
    return people_state(
        found.votes, found.units, found.runs, found.units.item % 2 == 0, annotators=7, classes=_LABELS,
        positions=scale_positions(np.arange(_LABELS, dtype=np.float64), by_rank=False) if rated else None,
    )  # fmt: skip


@given(st.lists(_ROW, min_size=1, max_size=12), st.booleans(), st.integers(1, 20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_sums_do_not_depend_on_how_many_votes_are_taken_at_a_time(
    table: list[list[int | None]], rated: bool, cells: int
) -> None:
    if not any(label is not None for row in table for label in row):
        return
    whole = measured(table, rated=rated)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "_MOST_CELLS", cells)
        parted = measured(table, rated=rated)
    for field in fields(PeopleState):
        np.testing.assert_array_equal(getattr(parted, field.name), getattr(whole, field.name))
