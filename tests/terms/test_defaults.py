"""The numbers of the programme stand in one module."""

from __future__ import annotations

from assay.terms import defaults
from assay.terms.document import Contract
from assay.terms.templates import load_template


def test_a_contract_that_says_nothing_takes_every_default() -> None:
    silent = Contract("c", "choice", load_template("starter-choice").acceptance)
    evidence, interval = silent.measurement.evidence, silent.measurement.interval
    assert (evidence.minimum_positives, evidence.tolerance, evidence.pool) == (
        defaults.MINIMUM_POSITIVES,
        defaults.TOLERANCE,
        defaults.POOL_BATCHES,
    )
    assert (interval.level, interval.replicates) == (defaults.INTERVAL_LEVEL, defaults.INTERVAL_REPLICATES)
    assert silent.decision.within.count == defaults.DECISION_DAYS
    assert (silent.rework.rounds, silent.rework.within.count) == (
        defaults.REWORK_ROUNDS,
        defaults.REWORK_DAYS,
    )
    assert (silent.gold.makers, silent.gold.minutes) == (defaults.GOLD_MAKERS, defaults.GOLD_MINUTES)
    assert (silent.calendar.zone, silent.calendar.weekend) == (defaults.ZONE, defaults.WEEKEND)
