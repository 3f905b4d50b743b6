"""Gwet's coefficients with missing labels, weights and standard errors beside irrCAC."""

from __future__ import annotations

import pandas as pd
import pytest
from irrCAC.raw import CAC

from assay.measure.chance import brennan_prediger, conger_kappa, fleiss_kappa, gwet_ac2
from assay.measure.coincidence import AgreementState, alpha_of_distances
from assay.measure.ratings import Ratings
from assay.measure.standard_errors import standard_error
from assay.measure.weights import agreement_weights
from tests.peers.randomness import SEEDS, ratings

pytestmark = pytest.mark.filterwarnings("ignore")
SCHEMES = ["identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar"]


def theirs(rows: list[list[int | None]], scheme: str) -> CAC:
    # The classes are given: under recent pandas, irrCAC takes a missing label for a class of its own.
    used = sorted({float(cell) for row in rows for cell in row if cell is not None})
    return CAC(pd.DataFrame(rows, dtype=float), weights=scheme, categories=used, digits=15)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seed", range(4))
def test_coefficients_with_missing_labels_equal_irrcac(seed: int, scheme: str) -> None:
    rows = ratings(seed)
    table = Ratings.from_rows(rows)
    state, peer = AgreementState.of(table), theirs(rows, scheme)
    found = {
        "gwet": gwet_ac2(state, scheme),
        "fleiss": fleiss_kappa(state, scheme),
        "bp": brennan_prediger(state, scheme),
        "conger": conger_kappa(table, scheme),
        "krippendorff": alpha_of_distances(state.matrix(), 1 - agreement_weights(state.values, scheme)),
    }
    for name, value in found.items():
        assert value == pytest.approx(getattr(peer, name)()["est"]["coefficient_value"], abs=1e-9), name


@pytest.mark.parametrize("scheme", ["identity", "linear", "quadratic"])
@pytest.mark.parametrize("seed", SEEDS)
def test_standard_errors_equal_irrcac(seed: int, scheme: str) -> None:
    rows = ratings(seed)
    table, peer = Ratings.from_rows(rows), theirs(rows, scheme)
    names = {
        "gwet": "gwet_ac",
        "fleiss": "fleiss_kappa",
        "bp": "brennan_prediger",
        "conger": "conger_kappa",
        "krippendorff": "krippendorff_alpha",
    }
    for name, coefficient in names.items():
        expected = getattr(peer, name)()["est"]["se"]
        assert standard_error(coefficient, table, scheme) == pytest.approx(expected, abs=1e-9), name
