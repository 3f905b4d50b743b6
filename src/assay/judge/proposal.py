"""A contract proposed from data: the fitting template, with its floors where this batch would just stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import cast

from assay.terms.metrics import METRICS
from assay.terms.templates import TEMPLATES, load_template
from assay.terms.term import Term

from .judgement import Judgement

_STEP = Decimal("0.05")


def propose_contract(judgement: Judgement) -> str:
    """YAML of the standard template (starter where none ships), each floor lowered to what this batch shows.

    A floor that no figure of the batch reaches would make every batch fail from the first day, so it is set to the
    lower end of the worst figure of its scope that could be judged, rounded down to 0.05; people are to raise it on
    purpose. Classes, people and slices that fail even here set no floor while others pass.
    """
    batch = cast("Mapping[str, object]", judgement.document["batch"])
    kind = str(batch["kind"])
    name = f"standard-{kind}" if f"standard-{kind}" in TEMPLATES else f"starter-{kind}"
    template = load_template(name)
    rows = cast(
        "list[Mapping[str, object]]", cast("Mapping[str, object]", judgement.document["verdict"])["terms"]
    )
    terms = tuple(_fitted(term, rows) for term in template.acceptance)
    contract = replace(template, id=str(batch["id"]), acceptance=terms)
    head = (
        f"# Proposed from one batch ({batch['id']}). Floors of the template stand where this batch reaches them;\n"
        "# the others were lowered to what it shows. Read every line, then see `assay plan contract` for the odds\n"
        "# before anyone signs.\n"
    )
    return head + contract.as_yaml()


def _fitted(term: Term, rows: list[Mapping[str, object]]) -> Term:
    judged = [
        row
        for row in rows
        if row["metric"] == term.metric
        and row["low"] is not None
        and row["outcome"] != "not provable"
        and set(cast("Mapping[str, str]", row["subject"])) - {"attribute"} == _subject_of(term)
    ]
    lows = [Decimal(str(row["low"])) for row in judged if row["outcome"] == "pass"] or [
        Decimal(str(row["low"])) for row in judged
    ]
    if METRICS[term.metric].at_most or not lows or min(lows) >= term.floor:
        return term
    floor = max((min(lows) / _STEP).to_integral_value(ROUND_DOWN) * _STEP, _STEP)
    reject = None if term.reject_below is None else min(term.reject_below, floor - _STEP)
    return replace(term, floor=floor, reject_below=reject if reject and reject > 0 else None)


def _subject_of(term: Term) -> set[str]:
    """The keys that the subject of a row of this scope has."""
    return set() if term.scope.kind == "overall" else {term.scope.kind}
