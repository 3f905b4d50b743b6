from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from assay.terms.plan import Plan, accept_number, acceptance_probability, plan_risks

PLAN = Plan(200, 5, Decimal("0.99"), Decimal("0.05"), Decimal("0.10"))


@given(st.integers(1, 2000), st.data(), st.floats(0, 1))
def test_the_acceptance_probability_is_the_binomial_distribution(
    items: int, data: st.DataObject, errors: float
) -> None:
    accept = data.draw(st.integers(0, items))
    assert acceptance_probability(items, accept, errors) == pytest.approx(
        binom.cdf(accept, items, errors), abs=1e-9
    )


def test_both_risks_of_a_plan() -> None:
    # 200 items, at most 5 wrong. P(X > 5 | 1%) = 0.0160 and P(X <= 5 | 5%) = 0.0623 (tables of the binomial distribution).
    risks = plan_risks(PLAN, good_errors=Decimal("0.01"), floor_errors=Decimal("0.05"))
    assert risks.vendor == pytest.approx(0.0160, abs=5e-5)
    assert risks.buyer == pytest.approx(0.0623, abs=5e-5)


def test_more_items_than_planned_keep_the_risk_of_the_buyer() -> None:
    assert accept_number(PLAN, 200, Decimal("0.05")) == 5
    larger = accept_number(PLAN, 400, Decimal("0.05"))
    assert acceptance_probability(400, larger, 0.05) <= 0.10 < acceptance_probability(400, larger + 1, 0.05)


def test_fewer_items_than_planned_decide_nothing() -> None:
    with pytest.raises(ValueError, match="fewer items"):
        accept_number(PLAN, 199, Decimal("0.05"))


@pytest.mark.parametrize(("items", "accept"), [(0, 0), (10, 10), (10, -1)])
def test_a_plan_accepts_fewer_errors_than_items(items: int, accept: int) -> None:
    with pytest.raises(ValueError, match="fewer errors"):
        Plan(items, accept, Decimal("0.99"), Decimal("0.05"), Decimal("0.10"))
