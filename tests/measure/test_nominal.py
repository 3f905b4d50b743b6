"""Nominal agreement from integer states: beside the exact modules, published cases and tables worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.chance import brennan_prediger, fleiss_kappa, gwet_ac1, percent_agreement
from assay.measure.coincidence import AgreementState, alpha, alpha_by_class, krippendorff_alpha
from assay.measure.figure import Figure
from assay.measure.nominal import (
    COEFFICIENTS,
    NominalFigures,
    class_alphas,
    coefficients,
    moments,
    nominal_figures,
    nominal_state,
    score_figure,
)
from assay.measure.ratings import Ratings
from assay.measure.replicates import Design, replicate_sums
from assay.measure.undefined import Undefined
from assay.measure.units import runs_of
from tests.measure.strategies import rows
from tests.measure.votes import SEED, Table, figures_of, nominal_figures_of, nominal_of

CODES = (0, 1, 2, 3)

# Krippendorff 2011: example A (two observers, binary) and example C (four observers, missing values), codes from 0.
EXAMPLE_A = [[0, 0], [1, 1], [0, 1], [0, 0], [0, 0], [0, 1], [0, 0], [0, 1], [1, 0], [0, 0]]
EXAMPLE_C: Table = [
    [0, 0, None, 0], [1, 1, 2, 1], [2, 2, 2, 2], [2, 2, 2, 2], [1, 1, 1, 1], [0, 1, 2, 3],
    [3, 3, 3, 3], [0, 0, 1, 0], [1, 1, 1, 1], [None, 4, 4, 4], [None, None, 0, 0], [None, 2, None, None],
]  # fmt: skip


def values_of(table: Table) -> dict[str, float | None]:
    found = coefficients(moments(nominal_of(table, len(CODES)), np.ones(1)), len(CODES))
    return {name: finite(float(value)) for name, value in found.items()}


def finite(number: float) -> float | None:
    return None if math.isnan(number) else number


def plain(found: float | Undefined) -> float | None:
    return None if isinstance(found, Undefined) else found


@pytest.mark.parametrize(("table", "classes", "published"), [(EXAMPLE_A, 2, 0.095), (EXAMPLE_C, 5, 0.743)])
def test_published_examples_of_alpha(table: Table, classes: int, published: float) -> None:
    found = nominal_figures_of(table, classes).overall["krippendorff_alpha"]
    assert found.value == pytest.approx(published, abs=0.0006)


def test_coefficients_of_a_table_worked_by_hand() -> None:
    # aa | ab | bb: observed 2/3. Coincidences aa 2, ab 1 + 1, bb 2 of n = 6; shares 1/2 and 1/2
    found = nominal_figures_of([[0, 0], [0, 1], [1, 1]], 2).overall
    assert found["percent_agreement"].value == pytest.approx(2 / 3)
    assert found["krippendorff_alpha"].value == pytest.approx(1 - (2 / 6) / (18 / 30))
    for name in ("fleiss_kappa", "gwet_ac1", "brennan_prediger"):
        assert found[name].value == pytest.approx((2 / 3 - 1 / 2) / (1 / 2))


def test_figures_of_each_class_worked_by_hand() -> None:
    # a a a | a a b | b b b: o_aa = 3 + 2/2 = 4 of n_a = 5, o_bb = 3 of n_b = 4; D_o = 2 (5 - 4) / 9, D_e = 40 / 72
    found = nominal_figures_of([[0, 0, 0], [0, 0, 1], [1, 1, 1]], 2)
    assert [figure.value for figure in found.specific] == pytest.approx([4 / 5, 3 / 4])
    assert [figure.value for figure in found.prevalence] == pytest.approx([5 / 9, 4 / 9])
    assert [figure.value for figure in found.alpha] == pytest.approx([1 - (2 / 9) / (40 / 72)] * 2)


def test_a_class_that_nobody_used_changes_only_what_counts_categories() -> None:
    narrow, wide = (nominal_figures_of(EXAMPLE_A, classes).overall for classes in (2, 5))
    for name in ("krippendorff_alpha", "fleiss_kappa", "percent_agreement"):
        assert narrow[name].value == pytest.approx(wide[name].value, abs=1e-14)
    # K is 2 and 5 in the chance agreement 1 / K, with agreement .6 of the ten items
    assert narrow["brennan_prediger"].value == pytest.approx((0.6 - 1 / 2) / (1 - 1 / 2))
    assert wide["brennan_prediger"].value == pytest.approx((0.6 - 1 / 5) / (1 - 1 / 5))


@given(rows(CODES))
def test_every_coefficient_is_that_of_the_exact_module(table: Table) -> None:
    state = AgreementState.of(Ratings.from_rows(table, values=CODES))
    found = values_of(table)
    expected = {
        "krippendorff_alpha": alpha(state.matrix(), state.values),
        "fleiss_kappa": fleiss_kappa(state),
        "gwet_ac1": gwet_ac1(state),
        "brennan_prediger": brennan_prediger(state),
        "percent_agreement": percent_agreement(state),
    }
    for name in COEFFICIENTS:
        assert found[name] == pytest.approx(plain(expected[name]), abs=1e-12), name


@given(rows(CODES))
def test_alpha_of_each_class_is_that_of_the_exact_module(table: Table) -> None:
    state = AgreementState.of(Ratings.from_rows(table, values=CODES))
    found = class_alphas(moments(nominal_of(table, len(CODES)), np.ones(1)))
    expected = alpha_by_class(state.matrix(), state.values)
    assert [finite(float(x)) for x in found] == pytest.approx(
        [plain(expected[code]) for code in CODES], abs=1e-12
    )


@given(rows(CODES))
def test_intervals_hold_their_value_and_are_never_of_width_zero(table: Table) -> None:
    found = nominal_figures_of(table, len(CODES), replicates=60)
    for figure in (*found.overall.values(), *found.alpha, *found.specific, *found.prevalence):
        assert_sound(figure)


def assert_sound(figure: Figure) -> None:
    if figure.value is None:
        assert figure.reason
        assert figure.low is None
        assert figure.high is None
    else:
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= figure.value <= figure.high
        assert figure.high - figure.low > 1e-9


def test_perfect_agreement_is_not_certain_agreement() -> None:
    found = nominal_figures_of([[0, 0], [1, 1]] * 10, 2)
    for name in COEFFICIENTS:
        figure = found.overall[name]
        assert figure.value == 1.0
        assert figure.high == 1.0
        assert (figure.low or 0) < 0.99, name


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([], "no item has two blind first-pass votes"),
        ([[0, None], [None, 1]], "no item has two blind first-pass votes"),
        ([[2, 2], [2, 2, 2]], "only one class was used"),
        ([[0, 1]], "one item says nothing about others"),
    ],
)
def test_what_is_undefined_says_why_and_has_no_value(table: Table, reason: str) -> None:
    figure = nominal_figures_of(table, len(CODES)).overall["krippendorff_alpha"]
    assert figure.value is None
    assert figure.reason is not None
    assert reason in figure.reason


def test_a_class_never_chosen_and_one_always_chosen_have_no_alpha() -> None:
    found = nominal_figures_of([[0, 0], [0, 1], [1, 1], [0, 0]], 3)
    assert found.alpha[2].reason == "the class was never chosen"
    assert found.specific[2].value is None
    only = nominal_figures_of([[1, 1], [1, 1]], 2)
    assert only.alpha[1].value is None


def test_adding_agreeing_items_lifts_percent_agreement_and_adding_split_ones_lowers_it() -> None:
    table: Table = [[0, 1, 1], [2, 2, None], [0, 0, 3]]
    before = nominal_figures_of(table, 4).overall["percent_agreement"].value
    agreeing = nominal_figures_of([*table, [1, 1, 1]], 4).overall["percent_agreement"].value
    split = nominal_figures_of([*table, [0, 1, 2]], 4).overall["percent_agreement"].value
    assert before is not None
    assert (split or 0) < before < (agreeing or 0)


@given(rows(CODES), st.sampled_from(CODES))
def test_an_agreeing_item_never_lowers_percent_agreement(table: Table, label: int) -> None:
    before, after = (values_of(t)["percent_agreement"] for t in (table, [*table, [label, label]]))
    assert after is not None
    assert before is None or after >= before - 1e-12


# Labels that are not exclusive: a vote may hold several tags


def tag_figures(sets: list[list[set[int] | None]], tags: int) -> NominalFigures:
    """Figures per tag from people's sets; None is an item a person did not label."""
    voted = [[s for s in row if s is not None] for row in sets]
    size = np.array([len(row) for row in voted], np.int64)
    cells = [(i, tag) for i, row in enumerate(voted) for s in row for tag in sorted(s)]
    unit, label = (np.array([cell[n] for cell in cells], np.int64) for n in range(2))
    runs = runs_of(unit, label, len(voted), tags)
    none = np.zeros(len(voted), np.int64)
    state = nominal_state(
        runs,
        size,
        none,
        np.arange(len(voted)),
        classes=tags,
        largest=int(size.max()),
        blocks=1,
        rows=len(voted),
    )
    (sums,) = replicate_sums([state.rows], Design.simple(len(voted)), 100, SEED)
    return nominal_figures(state, sums, np.ones(1), categories=tags, exclusive=False)


def test_a_vote_for_several_tags_is_one_vote() -> None:
    # {a, b} {a} | {a} {} | {} {} | {a, b} {a, b}: tag a is said 5 times in 8 votes, b 3 times
    found = tag_figures([[{0, 1}, {0}], [{0}, set()], [set(), set()], [{0, 1}, {0, 1}]], 2)
    assert [figure.value for figure in found.prevalence] == pytest.approx([5 / 8, 3 / 8])
    # o_aa = 2 + 2 of n_a = 5: D_o = 2 (5 - 4) / 8, D_e = 2 * 5 * 3 / (8 * 7)
    assert found.alpha[0].value == pytest.approx(1 - (2 / 8) / (30 / 56))
    assert found.overall == {}


@given(
    st.lists(
        st.lists(st.none() | st.sets(st.integers(0, 2)), min_size=3, max_size=3).filter(
            lambda row: sum(s is not None for s in row) >= 2
        ),
        min_size=2,
        max_size=10,
    )
)
def test_alpha_of_a_tag_is_the_alpha_of_saying_it_or_not(sets: list[list[set[int] | None]]) -> None:
    found = tag_figures(sets, 3)
    for tag in range(3):
        said = [[None if s is None else int(tag in s) for s in row] for row in sets]
        expected = plain(krippendorff_alpha(said))
        if found.alpha[tag].value is not None or expected is None:
            assert found.alpha[tag].value == pytest.approx(expected, abs=1e-12)
        else:
            assert "resamples" in (found.alpha[tag].reason or "")


# Weights


def two_strata(tables: list[Table], weight: list[float]) -> dict[str, float]:
    """Coefficients of strata that weigh differently."""
    states = [nominal_of(table, 2, largest=3) for table in tables]
    joined = [
        np.concatenate([getattr(state, name) for state in states]) for name in ("same", "count", "units")
    ]
    state = type(states[0])(*joined, states[0].rows)
    return {k: float(v) for k, v in coefficients(moments(state, np.array(weight)), 2).items()}


def test_a_stratum_of_double_weight_counts_as_if_its_items_came_twice() -> None:
    calm: Table = [[0, 0, 0], [1, 1, None], [0, 0, 1]]
    split: Table = [[0, 1, 1], [0, 1, None]]
    weighted = two_strata([calm, split], [1.0, 2.0])
    doubled = two_strata([calm, [*split, *split]], [1.0, 1.0])
    for name in COEFFICIENTS:
        if name != "krippendorff_alpha":
            assert weighted[name] == pytest.approx(doubled[name], abs=1e-12), name
    # alpha keeps the number of labels really given, 13 and not 18, in its small-sample term (n - 1) / n
    labels, again = 13, 18
    assert 1 - weighted["krippendorff_alpha"] == pytest.approx(
        (1 - doubled["krippendorff_alpha"]) * (labels - 1) / labels * again / (again - 1), abs=1e-12
    )


@given(st.integers(1, 50), st.floats(0.3, 4.0))
def test_weights_that_do_not_add_up_exactly_never_push_a_share_past_one(items: int, weight: float) -> None:
    part = float(np.sum(np.full(items, weight)))
    whole = weight * items
    figure = score_figure(part / whole, items, np.zeros(0), units=items, positives=items, method="")
    assert figure.value == pytest.approx(1.0)
    assert (figure.value or 2) <= 1.0
    assert (figure.low or 2) < 1.0


def test_clustered_votes_widen_the_interval_of_agreement() -> None:
    agreeing, split = [0, 0, 0], [0, 1, 2]
    table: Table = ([agreeing] * 10 + [split] * 10) * 6
    alone = nominal_figures_of(table, 3).overall["percent_agreement"]
    clusters = figures_of(nominal_of(sorted_in_rows(table, 12), 3, rows=12), 3).overall["percent_agreement"]
    assert alone.value == pytest.approx(clusters.value)
    assert width(clusters) > 2 * width(alone)


def sorted_in_rows(table: Table, groups: int) -> Table:
    """The items in an order in which items alike fall into one of the groups taken in turn."""
    alike = sorted(table, key=str)
    size = len(alike) // groups
    return [alike[group * size + place] for place in range(size) for group in range(groups)]


def width(figure: Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low
