"""Coefficients by name, from votes gathered in stretches, equal the measures on the whole table of ratings."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.analytics.batch import Batch, GoldPanel, memory_batch
from assay.judge.agree import METRICS
from assay.judge.coefficients import NAMED
from assay.judge.vote_tables import vote_tables
from assay.measure.chance import (
    brennan_prediger,
    conger_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    light_kappa,
    percent_agreement,
)
from assay.measure.coincidence import AgreementState, krippendorff_alpha
from assay.measure.kappa import cohen_kappa
from assay.measure.ratings import MISSING, Ratings
from assay.measure.undefined import Undefined

CLASSES = ("1", "2", "4")
MEASURES: dict[str, Callable[[Ratings], float | Undefined]] = {
    "krippendorff_alpha": lambda ratings: krippendorff_alpha(ratings, "ordinal"),
    "nominal_alpha": krippendorff_alpha,
    "percent_agreement": lambda ratings: percent_agreement(AgreementState.of(ratings)),
    "fleiss_kappa": lambda ratings: fleiss_kappa(AgreementState.of(ratings)),
    "gwet_ac1": lambda ratings: gwet_ac1(AgreementState.of(ratings)),
    "gwet_ac2": lambda ratings: gwet_ac2(AgreementState.of(ratings), "ordinal"),
    "gwet_ac2_linear": lambda ratings: gwet_ac2(AgreementState.of(ratings), "linear"),
    "gwet_ac2_quadratic": lambda ratings: gwet_ac2(AgreementState.of(ratings), "quadratic"),
    "brennan_prediger": lambda ratings: brennan_prediger(AgreementState.of(ratings)),
    "conger_kappa": conger_kappa,
    "light_kappa": light_kappa,
}

tables = st.integers(2, 5).flatmap(
    lambda people: st.lists(
        st.lists(st.integers(MISSING, len(CLASSES) - 1), min_size=people, max_size=people),
        min_size=2,
        max_size=30,
    )
)


def batch_of(codes: np.ndarray, cut: int) -> Batch:
    """The votes of a table as a batch that comes in two stretches."""
    item, person = np.nonzero(codes != MISSING)
    parts = [
        memory_batch(
            item[mine], person[mine].astype(np.int32), codes[item[mine], person[mine]].astype(np.int32),
            classes=CLASSES, annotators=[f"p{n}" for n in range(codes.shape[1])], gold=GoldPanel.none(),
            level="ordinal", items=len(codes),
        )
        for mine in (item < cut, item >= cut)
    ]  # fmt: skip
    stretches = [stretch for part in parts for stretch in part.stretches()]
    return dataclasses.replace(parts[0], stretches=lambda: iter(stretches))


@given(tables, st.data())
def test_every_coefficient_equals_the_measure_on_the_whole_table(
    rows: list[list[int]], data: st.DataObject
) -> None:
    codes = np.array(rows, np.int64)
    votes = vote_tables(batch_of(codes, data.draw(st.integers(0, len(rows)))))
    shared = Ratings(codes, CLASSES)
    for name, measure in MEASURES.items():
        figure, expected = NAMED[name].figure(votes, "ordinal"), measure(shared)
        if name == "light_kappa" and len(votes.pairs) < codes.shape[1] * (codes.shape[1] - 1) / 2:
            continue  # here two people who share no item are no pair
        if isinstance(expected, Undefined):
            assert figure.value is None, name
            continue
        assert figure.value == pytest.approx(expected, abs=1e-12), name
        assert figure.low is None or figure.low <= figure.value <= figure.high  # type: ignore[operator]


@given(tables)
def test_pairs_and_classes_equal_the_measure_on_their_part(rows: list[list[int]]) -> None:
    codes = np.array(rows, np.int64)
    votes = vote_tables(batch_of(codes, len(rows) // 2))
    ratings = Ratings(codes, CLASSES)
    for a, b in votes.pairs:
        expected = cohen_kappa(ratings.table(a, b))
        figure = NAMED["cohen_kappa"].figure(votes.of_pair(a, b), "nominal")
        assert figure.value == (
            None if isinstance(expected, Undefined) else pytest.approx(expected, abs=1e-12)
        )
    for chosen, name in enumerate(CLASSES):
        folded = Ratings(np.where(codes == MISSING, MISSING, (codes != chosen) * 1), (name, "rest"))
        for metric in ("nominal_alpha", "fleiss_kappa", "conger_kappa"):
            expected = MEASURES[metric](folded)
            figure = NAMED[metric].figure(votes.of_class(name), "nominal")
            assert figure.value == (
                None if isinstance(expected, Undefined) else pytest.approx(expected, abs=1e-12)
            )


def test_every_coefficient_can_be_asked_for() -> None:
    assert set(NAMED) <= set(METRICS)


def test_the_figures_of_a_report_need_no_scipy() -> None:
    program = "import sys, assay.cli.agreeing; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
