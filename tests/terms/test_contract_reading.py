"""Contracts are read, printed with every default in force, and read back to the same value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.annotation.strict_yaml import parse_yaml
from assay.terms.calendar import DURATION_UNITS, WEEKDAYS, Duration, make_calendar
from assay.terms.clauses import (
    ERROR_KINDS,
    LACK_OUTCOMES,
    NORMAL_FORM,
    ROUNDINGS,
    SEVERITIES,
    Changes,
    Decision,
    Deletion,
    Dispute,
    Evidence,
    GeneralClauses,
    GoldClause,
    InForce,
    Interval,
    Measurement,
    Migration,
    Missing,
    NotProvable,
    Parties,
    Phase,
    PriceLine,
    Pricing,
    ReducedSample,
    Refresh,
    Rework,
    Sample,
    Versions,
)
from assay.terms.contract import Contract, ContractError, Plan, Scope, Term, load_contract, parse_contract
from assay.terms.term import default_lacking, default_redo

# The contract of the design, word for word.
STREET_SCENES = """
assay: contract/1
id: street-scenes-north-2026
parties: {buyer: buyer-ml, vendor: north-pod}
in_force: {from: 2026-03-01, to: 2027-02-28}
versions: {schema: 3, guideline: "5.2", gold: 4}        # minor guideline versions clarify and cost nothing
labels: boxes
judged: {accuracy: final, agreement: first_pass}
measurement:
  match: {overlap: iou, threshold: 0.5}
  sample: {share: 10%, drawn: after delivery, by: buyer, strata: [delivered class, weather], annotators_per_item: 3, reduced: {share: 3%, after: 5 accepted}}
  interval: {level: 95%, unit: item, replicates: 2000}
  evidence: {minimum_positives: 20, tolerance: 0.10, pool: 4 batches}
  missing: {gold_not_delivered: wrong, skipped: at most 2%}
acceptance:
  - {id: complete,   metric: delivered_share, scope: overall, floor: 0.99}
  - {id: gold,       metric: gold_f1, scope: overall, floor: 0.90, reject_below: 0.75}
  - {id: classes,    metric: gold_f1, scope: every class, floor: 0.90, redo: class}
  - {id: agreement,  metric: pairwise_f1, scope: every class, floor: 0.80, redo: class}
  - {id: people,     metric: gold_f1, scope: every annotator, floor: 0.80, redo: annotator}
  - {id: conditions, metric: gold_f1, scope: {every: slice, of: weather}, floor: 0.80, redo: slice}
errors: {missed: critical, wrong_class: critical, loose: minor, attribute: minor}
gold: {scored: every batch, share: 5%, refresh: {every: 3 months, share: 25%, after_exposures: 5}}
cadence:
  steady: {items: 5000, per: week, variance: 10%}
  burst: {items: 15000, per: week, consecutive: 2 weeks, notice: 10 business days, floors: {gold: 0.88}}
decision: {within: 10 business days, else: proposed verdict stands}
not_provable: {lack_of: {buyer: pay and list, vendor: hold until supplied}}
dispute: {within: 5 business days, by: joint adjudication, then: named expert}
rework: {at_cost_of: vendor, rounds: 2, within: 5 business days, remeasure: fresh sample}
changes: {clarification: free, scope: change order, migration: {notice: 10 business days, price_per: relabelled item}}
clauses: {ip: buyer, no_reuse: yes, deletion: {within: 30 days, evidence: certificate}, termination: {notice: 30 days}, minimum_commit: none}
payment: batch                                          # or part
pricing: {currency: USD, rounding: once per line, half away from zero, lines: [{per: accepted box, price: "0.0350"}, {per: sample box, price: "0.0350"}], rework: "0"}
"""

SMALLEST = """
assay: contract/1
id: smallest
labels: choice
acceptance:
  - {id: gold, metric: gold_f1, scope: overall, floor: 0.9}
"""


def parsed(text: str) -> Contract:
    return parse_contract(parse_yaml(text, file="contract.yaml"))


def test_the_contract_of_the_design_is_read_whole() -> None:
    contract = parsed(STREET_SCENES)
    assert contract.parties == Parties("buyer-ml", "north-pod")
    assert contract.in_force == InForce(date(2026, 3, 1), date(2027, 2, 28))
    assert contract.versions == Versions("3", "5.2", "4")
    assert contract.measurement.sample is not None
    assert contract.measurement.sample.reduced == ReducedSample(Decimal("0.03"), 5)
    assert contract.measurement.missing == Missing("wrong", Decimal("0.02"))
    assert [term.rule for term in contract.acceptance] == ["point", "point", *["unless_shown_below"] * 4]
    assert [term.without_evidence for term in contract.acceptance] == [
        *["not provable"] * 4,
        *["watched"] * 2,
    ]
    assert contract.acceptance[5].scope == Scope("slice", of="weather")
    assert contract.cadence["burst"].floors == {"gold": Decimal("0.88")}
    assert contract.phase_floor("gold", "burst") == Decimal("0.88")
    assert contract.phase_floor("gold", "steady") is None
    assert contract.pricing == Pricing(
        "USD",
        (PriceLine("accepted box", Decimal("0.0350")), PriceLine("sample box", Decimal("0.0350"))),
        "once per line, half away from zero",
        Decimal(0),
    )
    assert parsed(contract.as_yaml()) == contract


def test_what_a_contract_leaves_open_takes_the_defaults_and_is_printed_with_them() -> None:
    contract = parsed(SMALLEST)
    written = contract.as_yaml()
    for line in (
        "interval: {level: 95%, unit: item, replicates: 2000}",
        "evidence: {minimum_positives: 20, tolerance: 0.10, pool: 4 batches}",
        "decision: {within: 10 business days, else: proposed verdict stands}",
        "rule: point, without_evidence: not provable, redo: batch",
    ):
        assert line in written
    assert parsed(written) == contract


def test_a_contract_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(SMALLEST, encoding="utf-8")
    assert load_contract(path) == parsed(SMALLEST)


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(SMALLEST.replace("floor: 0.9", "floor: 90%"), encoding="utf-8")
    with pytest.raises(
        ContractError, match=r"contract\.yaml: the contract has one problem\n  line 6, key acceptance"
    ):
        load_contract(path)


@pytest.mark.parametrize("text", ["", "[]", "a", "- 1", "{assay: contract/2, id: x}", "id: x\nid: y"])
def test_what_is_no_contract_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parsed(text)


def test_a_term_knows_its_place_and_is_equal_to_itself_elsewhere() -> None:
    here, there = parsed(SMALLEST).acceptance[0], parsed("# moved\n\n" + SMALLEST).acceptance[0]
    assert (here.place, there.place) == ("line 6, key acceptance[0]", "line 8, key acceptance[0]")
    assert here == there


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
SHARES = st.decimals("0.001", "0.999", places=3)
FLOORS = st.decimals("0.4", "0.99", places=3)
DURATIONS = st.builds(Duration, st.integers(1, 999), st.sampled_from(DURATION_UNITS))
DATES = st.dates(date(2000, 1, 1), date(2100, 1, 1))
COUNTS = st.integers(1, 10**6)


@st.composite
def terms(draw: st.DrawFn, name: str, metric: str, *, at: int) -> Term:
    every = draw(st.sampled_from(["class", "annotator", "slice"]))
    scope = draw(
        st.sampled_from(
            [
                Scope("overall"),
                Scope("class", subject=f"{draw(WORDS)}{at}"),
                Scope("slice", of=f"{draw(WORDS)}{at}"),
                Scope("slice", of=draw(WORDS), subject=f"{draw(WORDS)}{at}"),
                Scope(every),  # type: ignore[arg-type]  # drawn from the kinds
            ]
        )
    )
    floor = draw(FLOORS)
    rule = draw(st.sampled_from(["point", "unless_shown_below", "shown"]))
    if metric == "gold_accuracy" and scope.kind == "overall" and draw(st.booleans()):
        rule, floor = Plan(100, 2, Decimal("0.999"), Decimal("0.05"), Decimal("0.2")), Decimal("0.9")
    floors = draw(st.dictionaries(WORDS, FLOORS, max_size=2)) if scope.is_every else {}
    return Term(
        name,
        metric,
        scope,
        floor,
        draw(st.none() | st.just(Decimal("0.35"))),
        rule,  # type: ignore[arg-type]  # drawn from the rules
        draw(st.sampled_from([default_redo(scope), "batch"])),
        floors,
        None,
        default_lacking(scope, rule),  # type: ignore[arg-type]  # as above
    )


@st.composite
def acceptances(draw: st.DrawFn) -> tuple[Term, ...]:
    metrics = ["gold_f1", "gold_accuracy", "gold_kappa", "gold_precision", "gold_recall"]
    chosen = draw(st.lists(st.sampled_from(metrics), min_size=1, max_size=4, unique=True))
    return tuple(
        draw(terms(f"{draw(NAMES)}{index}", metric, at=index)) for index, metric in enumerate(chosen)
    )


MEASUREMENTS = st.builds(
    Measurement,
    sample=st.none()
    | st.builds(
        Sample,
        share=SHARES,
        by=st.sampled_from(["buyer", "neutral keeper"]),
        strata=st.lists(WORDS, unique=True, max_size=2).map(tuple),
        annotators_per_item=st.integers(2, 9),
        reduced=st.none() | st.builds(ReducedSample, SHARES, COUNTS),
    ),
    interval=st.builds(Interval, st.decimals("0.8", "0.999", places=3), WORDS, st.integers(200, 9999)),
    evidence=st.builds(Evidence, st.integers(1, 50), st.decimals("0", "0.3", places=2), st.integers(1, 20)),
    missing=st.builds(Missing, st.sampled_from(["wrong", "left out"]), st.none() | SHARES),
)
PRICINGS = st.builds(
    Pricing,
    st.sampled_from(["USD", "VND"]),
    st.lists(
        st.builds(
            PriceLine, st.sampled_from(["accepted item", "sample label"]), st.decimals(0, 10**6, places=4)
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda line: line.per,
    ).map(tuple),
    st.sampled_from(ROUNDINGS),
    st.decimals(0, 100, places=2),
)
CONTRACTS = st.builds(
    Contract,
    id=NAMES,
    labels=st.just("choice"),
    acceptance=acceptances(),
    template=st.none() | WORDS,
    parties=st.builds(Parties, NAMES, NAMES),
    in_force=st.none() | st.builds(InForce, st.just(date(2000, 1, 1)), st.none() | DATES),
    versions=st.builds(Versions, st.none() | WORDS, st.none() | WORDS, st.none() | st.just("007")),
    level=st.sampled_from([None, "nominal", "ordinal"]),
    measurement=MEASUREMENTS,
    errors=st.dictionaries(st.sampled_from(ERROR_KINDS), st.sampled_from(SEVERITIES)),
    gold=st.builds(
        GoldClause,
        scored=WORDS,
        share=st.none() | SHARES,
        items=st.none() | st.integers(100, 10**6),
        refresh=st.none() | st.builds(Refresh, DURATIONS, SHARES, st.none() | COUNTS),
        makers=st.integers(1, 9),
        minutes=st.decimals(0, 60, places=1),
    ),
    cadence=st.dictionaries(
        st.sampled_from(["steady", "burst"]),
        st.builds(
            Phase,
            COUNTS,
            st.sampled_from(["day", "week", "batch"]),
            st.none() | SHARES,
            st.none() | DURATIONS,
        ),
    ),
    decision=st.builds(Decision, DURATIONS, WORDS),
    not_provable=st.builds(
        NotProvable, st.sampled_from(LACK_OUTCOMES), st.sampled_from(LACK_OUTCOMES), DURATIONS
    ),
    dispute=st.builds(Dispute, DURATIONS, WORDS, WORDS),
    rework=st.builds(
        Rework,
        st.sampled_from([{"vendor": Decimal(1)}, {"buyer": Decimal("0.3"), "vendor": Decimal("0.7")}]),
        st.integers(0, 9),
        DURATIONS,
    ),
    changes=st.none() | st.builds(Changes, WORDS, WORDS, st.none() | st.builds(Migration, DURATIONS, WORDS)),
    clauses=st.none()
    | st.builds(
        GeneralClauses,
        st.sampled_from(["buyer", "vendor"]),
        st.booleans(),
        st.none() | st.builds(Deletion, DURATIONS, WORDS),
        st.none() | DURATIONS,
        WORDS,
    ),
    payment=st.sampled_from(["batch", "part"]),
    pricing=st.none() | PRICINGS,
    calendar=st.builds(
        make_calendar,
        st.sampled_from(["UTC", "Asia/Ho_Chi_Minh"]),
        st.sets(st.sampled_from(WEEKDAYS), max_size=6),
        st.sets(DATES, max_size=4),
    ),
)


@given(CONTRACTS)
def test_a_contract_reads_back_as_it_was_written(contract: Contract) -> None:
    assert parsed(contract.as_yaml()) == contract


@given(st.lists(st.sampled_from(NORMAL_FORM[3:]), unique=True))
def test_the_normal_form_of_texts_reads_back(steps: list[str]) -> None:
    form = ", ".join(steps)
    text = SMALLEST.replace("choice", "text").replace("gold_f1", "cer").replace("floor: 0.9", "ceiling: 0.1")
    if not steps:
        with pytest.raises(ContractError, match="normal form"):
            parsed(text)
        return
    contract = parsed(f"{text}measurement: {{normal_form: [{form}]}}\n")
    assert set(contract.measurement.normal_form) == set(steps)
    assert parsed(contract.as_yaml()) == contract
