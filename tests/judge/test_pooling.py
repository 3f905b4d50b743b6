"""A rare class is judged over the last batches together, and a pooled figure never claims more than its parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.judge.pooling import Pool, pool_entry, pooled, usable
from assay.measure.accuracy import f1_figure, share_figure
from assay.measure.figure import Figure, undefined
from assay.measure.spread import NormalSpread
from assay.simulate import Gold, Spec
from assay.terms.contract import Contract
from tests.judge.judging import Home, contract_of, kinds, report_file, simulated, term

CLASSES = contract_of("id: classes, metric: gold_f1, scope: every class, floor: 0.70, redo: class")
(TERM,) = CLASSES.acceptance
VERSIONS = {"schema": "1", "guideline": "1.0", "gold": "1"}


def rare_batch(folder: Path, number: int, contract: Contract = CLASSES) -> Home:
    """A batch whose class `rare` has nine gold items."""
    spec = Spec(
        items=700, classes=("a", "b", "rare"), prior=(0.6, 0.37, 0.03), annotators=3, votes_per_item=1, accuracy=0.97,
        gold=Gold(items=120, per_class={"rare": 9}), batch=f"batch-{number}", seed=number, messages=False,
    )  # fmt: skip
    return simulated(folder / f"batch-{number}", spec, contract=contract)


def entry(figure: Figure) -> Mapping[str, float]:
    kept = pool_entry(figure)
    assert kept is not None
    return kept


def pool_of(figure: Figure, batch: str = "earlier", **changes: object) -> Pool:
    given: dict[str, object] = {"versions": VERSIONS, "contract": "agreed"} | changes
    return Pool(batch, given["versions"], given["contract"], {TERM.id: {"rare": entry(figure)}})  # type: ignore[arg-type]  # as given


def over(figure: Figure, *pools: Pool) -> tuple[Figure, int]:
    return pooled(TERM, {"class": "rare"}, figure, None, pools)


def test_batch_after_batch_reaches_the_minimum(tmp_path: Path) -> None:
    reports: list[Path] = []
    rows = []
    for number in (1, 2, 3):
        home = rare_batch(tmp_path, number)
        document = home.document(earlier=tuple(reports))
        reports.append(report_file(document, tmp_path / f"{number}.json"))
        rows.append(term(document, "classes", **{"class": "rare"}))
    assert [row["outcome"] for row in rows] == ["not provable", "not provable", "pass"]
    assert [row["pooled_batches"] for row in rows] == [1, 2, 3]
    assert rows[0]["positives"] < rows[1]["positives"] < 20 <= rows[2]["positives"]


def test_a_report_given_twice_and_one_of_the_same_batch_add_nothing(tmp_path: Path) -> None:
    first, second = rare_batch(tmp_path, 1), rare_batch(tmp_path, 2)
    report = report_file(first.document(), tmp_path / "first.json")
    once, thrice = second.document(earlier=(report,)), second.document(earlier=(report,) * 3)
    assert term(once, "classes", **{"class": "rare"}) == term(thrice, "classes", **{"class": "rare"})
    assert "earlier_left_out" in kinds(thrice)
    assert "earlier_left_out" not in kinds(once)
    again = first.document(earlier=(report,))
    assert term(again, "classes", **{"class": "rare"})["pooled_batches"] == 1


def test_a_class_with_enough_evidence_is_judged_on_its_own_batch(tmp_path: Path) -> None:
    first, second = rare_batch(tmp_path, 1), rare_batch(tmp_path, 2)
    report = report_file(first.document(), tmp_path / "first.json")
    alone, later = second.document(), second.document(earlier=(report,))
    assert term(alone, "classes", **{"class": "a"}) == term(later, "classes", **{"class": "a"})


def test_a_report_without_counts_is_refused(tmp_path: Path) -> None:
    home = rare_batch(tmp_path, 1)
    vendor = {k: v for k, v in home.document().items() if k != "pool"}
    path = report_file(vendor, tmp_path / "vendor.json")
    with pytest.raises(InputError, match="carries no counts to pool"):
        home.judge(earlier=(path,))


def test_only_the_last_batches_of_the_same_contract_and_versions_are_pooled() -> None:
    figure = share_figure(9, 10)
    pools = [pool_of(figure, f"b{n}") for n in range(5)]
    other = [
        pool_of(figure, "other contract", contract="another"),
        pool_of(figure, "other gold", versions=VERSIONS | {"gold": "2"}),
        pool_of(figure, "major guideline", versions=VERSIONS | {"guideline": "2.0"}),
        pool_of(figure, "b9"),
    ]
    minor = pool_of(figure, "minor guideline", versions=VERSIONS | {"guideline": "1.7"})
    found = usable([*pools, *other, minor], VERSIONS, "agreed", "b9", 4)
    assert [pool.batch for pool in found] == ["b3", "b4", "minor guideline"]
    assert usable(pools, VERSIONS, "agreed", "b9", 1) == []


def test_the_last_report_on_a_batch_stands() -> None:
    old, new = pool_of(share_figure(1, 10), "b1"), pool_of(share_figure(9, 10), "b1")
    found = usable([old, pool_of(share_figure(5, 10), "b2"), new], VERSIONS, "agreed", "b9", 4)
    assert [pool.batch for pool in found] == ["b2", "b1"]
    assert found[-1] is new


def test_counts_pool_as_if_they_were_one_batch() -> None:
    # J = 8/10 and 18/20 of independent items: together 26/30
    mine, earlier = (f1_figure(right / n, n, 0.0, units=n, positives=n) for right, n in ((8, 10), (18, 20)))
    found, batches = over(mine, pool_of(earlier))
    whole = f1_figure(26 / 30, 30, 0.0, units=30, positives=30)
    assert batches == 2
    assert (found.value, found.low, found.high) == pytest.approx((whole.value, whole.low, whole.high))
    assert (found.units, found.positives) == (30, 30)


shares = st.integers(2, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.floats(1, 6)))


@given(st.lists(shares, min_size=2, max_size=4))
def test_a_pooled_share_claims_no_more_trials_than_its_parts_hold(
    parts: list[tuple[int, int, float]],
) -> None:
    figures = [
        f1_figure(right / n, n, effect * right / n * (1 - right / n) / n, units=n, positives=n)
        for right, n, effect in parts
    ]
    found, _ = over(figures[0], *(pool_of(f, f"b{i}") for i, f in enumerate(figures[1:])))
    trials = [f.spread.trials for f in figures]  # type: ignore[union-attr]  # all are scores
    assert found.spread.trials == pytest.approx(sum(trials), rel=1e-9)  # type: ignore[union-attr]  # a score
    assert sum(trials) <= sum(n for _, n, _ in parts) + 1e-6
    values = [f.value for f in figures]
    assert min(values) - 1e-9 <= found.value <= max(values) + 1e-9  # type: ignore[operator, type-var]  # all exist
    assert found.low < found.value or found.value == 0  # type: ignore[operator]  # exists
    assert found.high - found.low > 1e-6  # type: ignore[operator]  # exists


@given(
    st.lists(
        st.tuples(st.floats(0.1, 0.95), st.floats(0.01, 0.2), st.integers(1, 60)), min_size=2, max_size=4
    )
)
def test_a_pooled_coefficient_is_never_narrower_than_independent_parts_allow(
    parts: list[tuple[float, float, int]],
) -> None:
    figures = []
    for value, half, positives in parts:
        low, high = value - half, min(value + half, 1.0)
        spread = NormalSpread(value, low, high)
        figures.append(Figure(value, low, high, 100, 200, positives, "alpha", None, spread))
    found, _ = over(figures[0], *(pool_of(f, f"b{i}") for i, f in enumerate(figures[1:])))
    widths = [f.value - f.low for f in figures]  # type: ignore[operator]  # all exist
    assert found.value - found.low >= min(widths) / len(parts) ** 0.5 - 1e-9  # type: ignore[operator]  # exists
    assert found.low <= found.value <= found.high  # type: ignore[operator]  # exists


def test_a_class_without_any_figure_here_is_judged_on_earlier_evidence_and_says_how_many_batches() -> None:
    nothing = undefined("neither gold nor the delivery holds this class on a gold item")
    found, batches = over(nothing, pool_of(share_figure(18, 20)))
    assert found.exists
    assert batches == 2
    assert over(nothing) == (nothing, 1)
