"""Unitizing alpha and the positional dissimilarity of gamma."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.undefined import Undefined
from assay.measure.unitizing import (
    Continuum,
    Unit,
    positional_dissimilarity,
    unitizing_alpha,
    unitizing_disagreement,
)

# Krippendorff 2004, Quality & Quantity 38:787: two people, two classes.
CONTINUUM = Continuum(150, 300, 2)
UNITS = [
    Unit(225, 70, 0, "c"),
    Unit(370, 30, 0, "c"),
    Unit(220, 80, 1, "c"),
    Unit(355, 20, 1, "c"),
    Unit(400, 20, 1, "c"),
    Unit(180, 60, 0, "k"),
    Unit(300, 50, 0, "k"),
    Unit(180, 60, 1, "k"),
    Unit(300, 50, 1, "k"),
]


def test_classes_together_pool_their_disagreements_and_not_their_alphas() -> None:
    assert unitizing_alpha(UNITS, CONTINUUM) == pytest.approx(0.8587, abs=5e-5)
    parts = [unitizing_disagreement(UNITS, label, CONTINUUM).alpha() for label in "ck"]
    assert unitizing_alpha(UNITS, CONTINUUM) != pytest.approx(sum(parts) / 2, abs=1e-3)


def test_a_class_nobody_marked_has_no_alpha() -> None:
    assert isinstance(unitizing_disagreement(UNITS, "z", CONTINUUM).alpha(), Undefined)
    assert isinstance(unitizing_alpha([], CONTINUUM), Undefined)


def test_someone_without_units_still_took_part() -> None:
    alone = [Unit(160, 10, 0, "c"), Unit(200, 20, 0, "c")]
    found = unitizing_disagreement(alone, "c", CONTINUUM)
    assert found.observed == pytest.approx(2 * (10**2 + 20**2) / (2 * 300**2))
    assert found.alpha() < 0.1


def test_units_outside_or_over_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="leaves the continuum"):
        unitizing_disagreement([Unit(440, 20, 0, "c")], "c", CONTINUUM)
    with pytest.raises(ValueError, match="overlaps"):
        unitizing_disagreement([Unit(200, 20, 0, "c"), Unit(210, 20, 0, "c")], "c", CONTINUUM)
    with pytest.raises(ValueError, match="3 people"):
        unitizing_disagreement([Unit(200, 5, name, "c") for name in "xyz"], "c", CONTINUUM)
    with pytest.raises(ValueError, match="at least one step"):
        Unit(1, 0, 0, "c")


@given(st.permutations(UNITS), st.integers(-150, 500))
def test_order_names_and_place_change_nothing(units: list[Unit], shift: int) -> None:
    moved = [Unit(unit.start + shift, unit.length, f"p{unit.annotator}", unit.label) for unit in units]
    continuum = Continuum(CONTINUUM.begin + shift, CONTINUUM.length, 2)
    assert unitizing_alpha(moved, continuum) == pytest.approx(unitizing_alpha(UNITS, CONTINUUM), abs=1e-12)


def test_the_same_units_agree_completely() -> None:
    both = [Unit(unit.start, unit.length, person, "c") for unit in UNITS[:2] for person in (0, 1)]
    assert unitizing_disagreement(both, "c", CONTINUUM).alpha() == 1


def test_positional_dissimilarity_is_symmetric_and_scaled_by_the_cost_of_nothing() -> None:
    assert positional_dissimilarity((4, 14), (20, 25)) == positional_dissimilarity((20, 25), (4, 14))
    assert positional_dissimilarity((4, 14), (20, 25), empty=2) == pytest.approx(6.48)
    assert positional_dissimilarity((4, 14), (4, 14)) == 0
    with pytest.raises(ValueError, match="ends after"):
        positional_dissimilarity((5, 5), (5, 5))
