"""Two annotators and Fleiss' kappa beside scikit-learn, statsmodels and NLTK."""

from __future__ import annotations

import numpy as np
import pytest
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats import inter_rater

from assay.measure.chance import (
    bennett_s,
    fleiss_kappa,
    light_kappa,
    percent_agreement,
    randolph_kappa,
    scott_pi,
)
from assay.measure.coincidence import AgreementState
from assay.measure.kappa import cohen_kappa, cohen_kappa_errors, pairwise_kappa
from assay.measure.ratings import Ratings
from assay.measure.weights import from_disagreement
from tests.peers.randomness import SEEDS, ratings, table


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("weights", "theirs"), [("identity", None), ("linear", "linear"), ("quadratic", "quadratic")]
)
def test_pairwise_kappa_equals_scikit_learn(seed: int, weights: str, theirs: str | None) -> None:
    rows = Ratings.from_rows(ratings(seed), values=[1, 2, 3, 4])
    for (one, other), found in pairwise_kappa(rows, weights).items():
        both = rows.codes[(rows.codes[:, one] >= 0) & (rows.codes[:, other] >= 0)]
        expected = cohen_kappa_score(both[:, one], both[:, other], labels=[0, 1, 2, 3], weights=theirs)
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("weights", "theirs"), [("identity", None), ("linear", "linear"), ("quadratic", "quadratic")]
)
def test_kappa_and_its_errors_equal_statsmodels(seed: int, weights: str, theirs: str | None) -> None:
    counts = np.array(table(seed))
    expected = inter_rater.cohens_kappa(counts, wt=theirs)
    found = cohen_kappa_errors(counts, weights)
    assert found.value == pytest.approx(expected.kappa, abs=1e-9)
    assert found.error == pytest.approx(expected.std_kappa, abs=1e-9)
    assert found.error_by_chance == pytest.approx(expected.std_kappa0, abs=1e-9)
    assert found.z == pytest.approx(expected.z_value, abs=1e-9)
    assert found.interval() == pytest.approx((expected.kappa_low, expected.kappa_upp), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_kappa_with_weights_of_ones_own_equals_statsmodels(seed: int) -> None:
    counts = np.array(table(seed, 3))
    apart = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    expected = inter_rater.cohens_kappa(counts, weights=apart)
    found = cohen_kappa_errors(counts, from_disagreement(apart))
    assert found.value == pytest.approx(expected.kappa, abs=1e-9)
    assert found.error == pytest.approx(expected.std_kappa, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_fleiss_and_randolph_equal_statsmodels(seed: int) -> None:
    rows = Ratings.from_rows(ratings(seed, missing=0), values=[1, 2, 3, 4])
    state = AgreementState.of(rows)
    assert fleiss_kappa(state) == pytest.approx(inter_rater.fleiss_kappa(rows.counts()), abs=1e-9)
    assert randolph_kappa(state) == pytest.approx(
        inter_rater.fleiss_kappa(rows.counts(), method="randolph"), abs=1e-9
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_pi_s_and_agreement_of_two_equal_nltk(seed: int) -> None:
    rows = Ratings.from_table(table(seed))
    task = AnnotationTask(
        data=[
            (person, item, label)
            for item, labels in enumerate(rows.codes.tolist())
            for person, label in enumerate(labels)
        ]
    )
    assert percent_agreement(AgreementState.of(rows)) == pytest.approx(task.avg_Ao(), abs=1e-9)
    assert scott_pi(table(seed)) == pytest.approx(task.pi(), abs=1e-9)
    assert bennett_s(table(seed)) == pytest.approx(task.S(), abs=1e-9)
    assert cohen_kappa(table(seed)) == pytest.approx(task.kappa(), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_mean_of_pairs_equals_nltk(seed: int) -> None:
    rows = Ratings.from_rows(ratings(seed, missing=0))
    task = AnnotationTask(
        data=[
            (person, item, label)
            for item, labels in enumerate(rows.codes.tolist())
            for person, label in enumerate(labels)
        ]
    )
    assert light_kappa(rows) == pytest.approx(task.kappa(), abs=1e-9)
