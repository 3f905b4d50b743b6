"""Laws of figures on whole batches: what may not change, what may only grow, and what is never claimed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.analytics.batch import Batch
from assay.judge.evidence import Measured, evidence
from assay.judge.figures import Method
from assay.judge.measured import measure_batch
from assay.measure.figure import Figure
from assay.measure.units import Votes
from assay.terms.contract import Contract
from assay.terms.decide import decide
from assay.terms.metrics import METRICS
from assay.terms.templates import TEMPLATES, load_template
from tests.judge.judging import by_hand, contract_of, kinds, table
from tests.laws.batches import batches, gold_facts

METHOD = Method(40, "s")
EXAMPLES = settings(max_examples=40)


def measured(batch: Batch) -> Measured:
    return measure_batch(batch, METHOD, gold_facts(batch) if len(batch.gold) else None).measured


def every_figure(found: Measured) -> Iterator[tuple[str, Figure]]:
    agreement, gold = found.agreement, found.gold
    assert agreement is not None
    for pair in agreement.pairs:
        yield f"pair {pair.a} {pair.b}", pair.kappa
    groups: list[tuple[str, Any]] = [("agreement", {"": agreement.overall})]
    groups += [("agreement class", agreement.by_class), ("agreement slice", agreement.by_slice)]
    if gold is not None:
        groups += [("gold", {"": gold.overall}), ("class", gold.by_class), ("person", gold.by_annotator)]
        groups.append(("slice", gold.by_slice))
    for group, subjects in groups:
        for subject, figures in subjects.items():
            for name, figure in figures.items():
                yield f"{group} {subject} {name}", figure


@EXAMPLES
@given(batches())
def test_a_figure_has_a_value_inside_an_interval_of_some_width_or_a_reason(batch: Batch) -> None:
    for name, figure in every_figure(measured(batch)):
        if figure.value is None:
            assert figure.reason, name
            assert figure.low is None, name
            assert figure.high is None, name
            continue
        assert figure.low is not None, name
        assert figure.high is not None, name
        assert figure.low <= figure.value <= figure.high, (name, figure)
        assert figure.high - figure.low > 1e-9, (name, figure)
        assert np.isfinite([figure.low, figure.value, figure.high]).all(), (name, figure)


@EXAMPLES
@given(batches())
def test_shares_lie_between_nought_and_one_and_coefficients_below_one(batch: Batch) -> None:
    shares = (
        "accuracy",
        "precision",
        "recall",
        "f1",
        "percent_agreement",
        "specific_agreement",
        "prevalence",
    )
    for name, figure in every_figure(measured(batch)):
        if figure.value is None or name.endswith(("mean_absolute_error", "bias")):
            continue
        assert (figure.high or 0) <= 1 + 1e-9, (name, figure)
        if name.split()[-1] in shares:
            assert (figure.low or 0) >= 0, (name, figure)


# Nobody's figures hang on what others do


def with_votes(batch: Batch, votes: Votes) -> Batch:
    (stretch,) = batch.stretches()
    changed = replace(stretch, votes=votes, standing=votes)
    return replace(batch, stretches=lambda: iter((changed,)))


@EXAMPLES
@given(batches(), st.integers(0, 2), st.booleans())
def test_figures_of_a_person_against_gold_do_not_change_with_the_votes_of_others(
    batch: Batch, turn: int, gone: bool
) -> None:
    (stretch,) = batch.stretches()
    votes = stretch.votes
    label = np.where(votes.annotator == 1, votes.label, (votes.label + turn) % 3).astype(np.int32)
    kept = (votes.annotator == 1) | (not gone)
    other = with_votes(batch, Votes(votes.item[kept], votes.annotator[kept], label[kept]))
    one, two = measured(batch).gold, measured(other).gold
    if one is not None and two is not None:
        assert one.by_annotator["p1"] == two.by_annotator["p1"]


@EXAMPLES
@given(batches(("choice",)))
def test_kappa_of_a_pair_does_not_change_with_the_votes_of_others(batch: Batch) -> None:
    (stretch,) = batch.stretches()
    votes = stretch.votes
    kept = votes.annotator <= 1
    alone = with_votes(batch, Votes(votes.item[kept], votes.annotator[kept], votes.label[kept]))
    one, two = (measured(b).agreement for b in (batch, alone))
    assert one is not None
    assert two is not None
    assert [p for p in one.pairs if (p.a, p.b) == (0, 1)] == list(two.pairs)


@EXAMPLES
@given(batches(("choice", "rating")))
def test_agreement_does_not_hang_on_gold_or_on_later_layers(batch: Batch) -> None:
    (stretch,) = batch.stretches()
    nothing = np.zeros(0, np.int64)
    bare = replace(
        batch, gold=replace(batch.gold, key=nothing, label=nothing),
        stretches=lambda: iter((replace(stretch, settled_key=nothing, settled_label=nothing),)),
    )  # fmt: skip
    assert measured(bare).agreement == measured(batch).agreement


# Undefined or unprovable is never a pass


def judged(contract: Contract, found: Measured) -> None:
    verdict = decide(contract, list(evidence(contract, found)))
    for row in verdict.rows:
        if METRICS[row.metric].counted:
            continue
        if row.figure.value is None:
            assert row.outcome == "not provable" or (row.outcome, row.standing) == ("pass", "watched"), row
        if row.scope == "overall" and row.outcome == "pass":
            assert row.figure.value is not None, row
            assert row.figure.positives >= contract.measurement.evidence.minimum_positives, row
        if row.standing == "proven":
            assert row.figure.low is not None, row
            assert row.figure.high is not None, row
            worse = row.figure.high if row.at_most else row.figure.low
            assert (worse <= float(row.floor)) if row.at_most else (worse >= float(row.floor)), row


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(("choice", "multi", "rating"))])
@settings(max_examples=15)
@given(data=st.data())
def test_no_template_passes_a_batch_of_fourteen_items_on_what_it_does_not_know(
    name: str, data: st.DataObject
) -> None:
    template = load_template(name)
    batch = data.draw(batches((template.labels,)))  # type: ignore[arg-type]  # choice, rating or multi
    judged(template, measured(batch))


def test_a_batch_without_votes_and_gold_is_not_accepted(tmp_path: Path) -> None:
    home = by_hand(
        tmp_path, table("item,annotator,label", [(n, "p", "a") for n in range(100)]),
        contract=contract_of("id: gold, metric: gold_f1, scope: overall, floor: 0.5"),
        gold=table("item,label", [(n, "a") for n in range(500, 600)]), items=table("item", [(n,) for n in range(100)]),
    )  # fmt: skip
    document = home.document()
    assert document["verdict"]["outcome"] == "not provable"
    (row,) = document["verdict"]["terms"]
    assert row["value"] is None
    assert row["needs"]["positives"] >= 20


# Repeated rows


def rows_of(times: int) -> str:
    rows = [(n, who, "ab"[(n + (who == "q" and n % 5 == 0)) % 2]) for n in range(60) for who in "pq"]
    return table("item,annotator,label", rows * times)


def test_identical_answers_collapse_and_change_no_figure(tmp_path: Path) -> None:
    gold = table("item,label", [(n, "ab"[n % 2]) for n in range(60)])
    once, thrice = (by_hand(tmp_path / str(n), rows_of(n), gold=gold).document() for n in (1, 3))
    for key in ("agreement", "gold", "people", "clusters", "verdict", "rework"):
        assert once[key] == thrice[key], key
    assert "duplicate_rows" in kinds(thrice)
    assert "duplicate_rows" not in kinds(once)
    (found,) = [f for f in thrice["findings"] if f["kind"] == "duplicate_rows"]
    assert found["evidence"]["rows"] == 240


def test_adding_items_that_everybody_agrees_on_lifts_percent_agreement_and_may_lower_alpha(
    tmp_path: Path,
) -> None:
    more = rows_of(1) + "".join(f"{n},{who},a\n" for n in range(1000, 1900) for who in "pq")
    before, after = (
        by_hand(tmp_path / name, text).document()["agreement"]["overall"]
        for name, text in (("before", rows_of(1)), ("after", more))
    )
    assert after["percent_agreement"]["value"] > before["percent_agreement"]["value"]
    rare = rows_of(1) + "".join(f"{n},{who},c\n" for n in range(1000, 1900) for who in "pq")
    lifted = by_hand(tmp_path / "rare", rare).document()["agreement"]["by_class"]
    assert lifted["c"]["krippendorff_alpha"]["value"] == 1.0
