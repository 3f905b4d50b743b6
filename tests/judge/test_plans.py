"""Plans before and after delivery: how much gold, which items to measure, drawn by a seed committed before."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.judge.flow import prepare_sources
from assay.judge.gold_plan import gold_plan
from assay.judge.prepare import Prepared
from assay.judge.sample_plan import SamplePlan, allocate, commitment, draw_sample, new_seed
from assay.judge.shares import delivered_shares
from assay.judge.sources import read_sources
from assay.measure.exact import binomial_quantile
from assay.terms.contract import Contract
from assay.terms.templates import load_template
from tests.judge.judging import Home, by_hand, contract_of, table

SEED = "5a" * 32
SAMPLED = contract_of(
    "id: gold, metric: gold_f1, scope: every class, floor: 0.8, redo: class",
    measurement="sample: {share: 10%, drawn: after delivery, by: buyer, annotators_per_item: 2}",
)


def batch(folder: Path, *, prefix: str = "i", items: int = 1000) -> Home:
    """Items of a (90 %), b (9 %), c (1 %) by four people, and some that people tie on."""
    rows = []
    for n in range(items):
        label = "c" if n % 100 == 7 else "b" if n % 11 == 3 else "a"
        rows.append((f"{prefix}{n}", f"p{n % 4}", label))
        if n % 50 == 1:
            rows.append((f"{prefix}{n}", f"p{(n + 1) % 4}", "b" if label == "a" else "a"))
    return by_hand(folder, table("item,annotator,label", rows))


def prepared(home: Home) -> Prepared:
    request = home.request(contract=SAMPLED)
    return prepare_sources(request, read_sources(request))


def sample(
    home: Home, seed: str = SEED, *, items: int | None = None, contract: Contract = SAMPLED
) -> SamplePlan:
    return draw_sample(prepared(home), contract, seed, items=items)


# Sample


def test_a_commitment_fixes_the_seed_and_does_not_tell_it() -> None:
    seed = new_seed()
    assert seed != new_seed()
    assert commitment(seed) == hashlib.sha256(f"assay-sample-seed/1\n{seed}\n".encode()).hexdigest()
    assert seed not in commitment(seed)
    for wrong in ("", "5a", SEED.upper(), SEED + "\n", SEED[:-1] + "g"):
        with pytest.raises(InputError, match="no seed of a sample"):
            commitment(wrong)


def test_the_same_seed_draws_the_same_sample_and_another_one_another(tmp_path: Path) -> None:
    home = batch(tmp_path)
    one, again, other = sample(home), sample(home), sample(home, "77" * 32)
    assert one.rows == again.rows
    drawn = [{row.item for row in plan.rows if row.drawn} for plan in (one, other)]
    assert len(drawn[0]) == len(drawn[1]) == one.drawn
    assert drawn[0] != drawn[1]


def test_the_order_of_the_rows_does_not_choose_the_sample(tmp_path: Path) -> None:
    home = batch(tmp_path / "in")
    head, *rows = home.delivery.read_text().splitlines()
    turned = by_hand(tmp_path / "turned", "\n".join([head, *rows[::-1]]) + "\n")
    assert sample(turned).rows == sample(home).rows


def test_whole_numbers_and_texts_as_ids_are_both_drawn(tmp_path: Path) -> None:
    for prefix in ("", "i"):
        plan = sample(batch(tmp_path / f"p{prefix}", prefix=prefix))
        assert {row.item for row in plan.rows} == {f"{prefix}{n}" for n in range(1000)}
        assert sum(row.drawn for row in plan.rows) == plan.drawn


def test_every_stratum_is_reached_and_probabilities_are_those_drawn(tmp_path: Path) -> None:
    plan = sample(batch(tmp_path))
    assert {stratum.name for stratum in plan.strata} == {"a", "b", "c", "(undecided)"}
    for stratum in plan.strata:
        own = [row for row in plan.rows if row.stratum == stratum.name]
        assert len(own) == stratum.items
        assert sum(row.drawn for row in own) == stratum.drawn > 0
        assert {row.probability for row in own} == {stratum.drawn / stratum.items}
    least = {s.name: s.drawn for s in plan.strata}
    assert least["c"] == 10  # all there are
    assert least["b"] >= 30  # half as much again as a class needs


def test_people_get_equal_shares_and_nobody_an_item_twice(tmp_path: Path) -> None:
    plan = sample(batch(tmp_path))
    given_to = [row.assigned_to.split("|") for row in plan.rows if row.drawn]
    assert all(len(set(people)) == len(people) == 2 for people in given_to)
    counts = Counter(name for people in given_to for name in people)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert not any(row.assigned_to for row in plan.rows if not row.drawn)


def test_the_size_may_be_asked_for_and_must_be_agreed_otherwise(tmp_path: Path) -> None:
    home = batch(tmp_path)
    assert sample(home, items=400).drawn == 400
    assert sample(home, items=100_000).drawn == 1000
    without = contract_of("id: gold, metric: gold_f1, scope: overall, floor: 0.8")
    with pytest.raises(InputError, match="agrees on no sample"):
        sample(home, contract=without)


def test_the_sample_is_a_manifest_that_a_judge_understands(tmp_path: Path) -> None:
    home = batch(tmp_path / "in")
    plan = sample(home, items=300)
    rows = [(row.item, row.stratum.strip("()"), f"{row.probability:.12g}") for row in plan.rows]
    gold = [(row.item, "a") for row in plan.rows if row.drawn]
    manifest = table("item,stratum,inclusion_probability", rows)
    judged = by_hand(
        tmp_path / "out", home.delivery.read_text(), items=manifest, gold=table("item,label", gold)
    ).document()
    # everything is truly a: the figure is the share of items delivered as a, 89 % and not that of the sample
    share = sum(row.stratum == "a" for row in plan.rows) / 1000
    assert judged["gold"]["overall"]["accuracy"]["value"] == pytest.approx(share, abs=1e-9)
    drawn = sum(row.stratum == "a" for row in plan.rows if row.drawn) / plan.drawn
    assert abs(drawn - share) > 0.05


sizes = st.lists(st.integers(0, 200), min_size=1, max_size=6)


@given(sizes, st.integers(0, 500), st.integers(0, 40))
def test_an_allocation_is_whole_and_never_more_than_there_is(
    sizes_: list[int], wanted: int, minimum: int
) -> None:
    drawn = allocate(sizes_, wanted, minimum)
    assert all(min(size, minimum) <= d <= size for d, size in zip(drawn, sizes_, strict=True))
    least = sum(min(size, minimum) for size in sizes_)
    assert sum(drawn) == min(max(wanted, least), sum(sizes_))


# Gold


def test_gold_is_sized_by_the_rarest_class() -> None:
    contract = load_template("standard-choice")
    plan = gold_plan(contract, {"common": 0.9, "rare": 0.1})
    assert [need.name for need in plan.classes] == ["rare", "common"]
    rare = plan.classes[0]
    assert rare.positives == 30  # half as much again as the twenty a class needs
    assert plan.at_random == rare.drawn
    assert binomial_quantile(0.05, rare.drawn, 0.1) >= 30 > binomial_quantile(0.05, rare.drawn - 1, 0.1)
    assert plan.by_class == max(60, contract.gold.items or 0)
    assert plan.overall_half_width < rare.half_width


def test_rarer_classes_need_larger_draws_and_stricter_contracts_more_gold() -> None:
    contract = load_template("standard-choice")
    drawn = [gold_plan(contract, {"x": share, "y": 1 - share}).at_random for share in (0.5, 0.2, 0.05, 0.01)]
    assert drawn == sorted(drawn)
    assert drawn[-1] > 30 / 0.01
    evidence = replace(contract.measurement.evidence, minimum_positives=60)
    strict = replace(contract, measurement=replace(contract.measurement, evidence=evidence))
    assert gold_plan(strict, {"x": 0.5, "y": 0.5}).classes[0].positives == 90


def test_hours_are_those_of_all_makers() -> None:
    contract = load_template("standard-choice")
    making = replace(contract.gold, makers=3, minutes=Decimal(2))
    plan = gold_plan(replace(contract, gold=making), {"x": 0.5, "y": 0.5})
    assert plan.hours == pytest.approx(plan.by_class * 3 * 2 / 60)
    assert plan.as_json()["by_class"] == plan.by_class


def test_a_class_that_never_occurs_cannot_be_planned_for() -> None:
    with pytest.raises(ValueError, match="share above 0"):
        gold_plan(load_template("standard-choice"), {"x": 1.0, "y": 0.0})


def test_shares_are_those_of_the_votes(tmp_path: Path) -> None:
    rows = table("item,annotator,label", [(n, "p", "a" if n % 4 else "b") for n in range(100)])
    assert delivered_shares(by_hand(tmp_path / "one", rows).delivery) == {"a": 0.75, "b": 0.25}
    only = table("item,annotator,label", [(n, "p", "a") for n in range(100)])
    with pytest.raises(InputError, match="at least two classes"):
        delivered_shares(by_hand(tmp_path / "only", only).delivery)
