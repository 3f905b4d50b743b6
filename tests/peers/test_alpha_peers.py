"""Alpha beside the package krippendorff and NLTK."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from nltk.metrics.agreement import AnnotationTask

from assay.measure.coincidence import LEVELS, AgreementState, alpha_by_class, krippendorff_alpha
from assay.measure.ratings import Ratings
from assay.measure.sets import set_alpha
from tests.peers.randomness import SEEDS, ratings


def columns(rows: list[list[int | None]]) -> np.ndarray:
    """Annotators by items with NaN, as krippendorff takes them."""
    return np.array(rows, dtype=float).T


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("level", LEVELS)
def test_alpha_equals_krippendorff_at_every_level(seed: int, level: str) -> None:
    rows = ratings(seed)
    expected = krippendorff.alpha(reliability_data=columns(rows), level_of_measurement=level)
    assert krippendorff_alpha(rows, level) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_alpha_of_uneven_numbers_equals_krippendorff(seed: int, level: str) -> None:
    scale = {None: None, 1: 0.5, 2: 2.0, 3: 2.25, 4: 11.0}
    rows = [[scale[cell] for cell in row] for row in ratings(seed, missing=0.5)]
    expected = krippendorff.alpha(reliability_data=columns(rows), level_of_measurement=level)
    assert krippendorff_alpha(rows, level) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_alpha_by_class_equals_krippendorff_on_class_against_rest(seed: int) -> None:
    rows = ratings(seed)
    state = AgreementState.of(Ratings.from_rows(rows))
    for value, found in alpha_by_class(state.matrix(), state.values).items():
        folded = [[None if cell is None else int(cell == value) for cell in row] for row in rows]
        expected = krippendorff.alpha(reliability_data=columns(folded), level_of_measurement="nominal")
        assert found == pytest.approx(expected, abs=1e-9)


def masi(one: frozenset[str], other: frozenset[str]) -> float:
    """The distance from its definition: NLTK's own rounds the thirds to .67 and .33."""
    shared = len(one & other) / len(one | other)
    if one == other:
        return 0.0
    if not one & other:
        return 1.0
    return 1 - shared * (2 / 3 if one < other or other < one else 1 / 3)


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return 1 - len(one & other) / len(one | other)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "distance"), [("masi", masi), ("jaccard", jaccard)])
def test_alpha_of_label_sets_equals_nltk(seed: int, name: str, distance: object) -> None:
    draw = np.random.default_rng(seed)
    rows: list[list[frozenset[str] | None]] = []
    for _ in range(25):
        shared = {label for label in "abc" if draw.random() < 0.5} | {"a"}
        rows.append(
            [
                frozenset(shared ^ ({str(draw.choice(list("bcd")))} if draw.random() < 0.4 else set()))
                if draw.random() < 0.8
                else None
                for _ in range(4)
            ]
        )
    triples = [
        (f"p{person}", f"i{item}", chosen)
        for item, row in enumerate(rows)
        for person, chosen in enumerate(row)
        if chosen is not None and sum(cell is not None for cell in row) > 1
    ]
    expected = AnnotationTask(data=triples, distance=distance).alpha()
    assert set_alpha(rows, name) == pytest.approx(expected, abs=1e-9)
