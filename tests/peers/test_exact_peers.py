"""Intervals of proportions beside statsmodels."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from assay.measure.exact import clopper_pearson
from assay.measure.spread import wilson

CASES = [(0, 20), (1, 1), (15, 148), (81, 263), (263, 263), (999, 1000)]


@pytest.mark.parametrize(("successes", "trials"), CASES)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_intervals_of_proportions_equal_statsmodels_and_scipy(
    successes: int, trials: int, level: float
) -> None:
    exact = clopper_pearson(successes, trials, level)
    assert exact == pytest.approx(
        proportion_confint(successes, trials, alpha=1 - level, method="beta"), abs=1e-9
    )
    assert exact == pytest.approx(tuple(binomtest(successes, trials).proportion_ci(level, "exact")), abs=1e-9)
    score = proportion_confint(successes, trials, alpha=1 - level, method="wilson")
    assert wilson(successes, trials, level) == pytest.approx(score, abs=1e-9)
