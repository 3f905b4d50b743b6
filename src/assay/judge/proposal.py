"""A contract proposed from data: the fitting template, with its floors where this batch would just stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_UP, Decimal
from typing import cast

from assay.terms.contract import Contract
from assay.terms.decide import decide, decide_term
from assay.terms.templates import TEMPLATES, load_template, on_scale
from assay.terms.term import Term
from assay.terms.verdict import SubjectFigure, TermRow, Verdict

from .judgement import Judgement

_STEP = Decimal("0.05")
_MAY_FAIL = 4


def propose_contract(judgement: Judgement) -> str:
    """YAML of the standard template (starter where none ships), each floor lowered to what this batch shows.

    A floor that hardly anything in the batch reaches would make every batch fail from the first day, so it is lowered
    in steps of 0.05 until the whole batch, or three in four of its classes, people or slices, no longer fail. Who fails
    even then sets no floor: the comment at the top names them, and what the batch would be.
    """
    batch = cast("Mapping[str, object]", judgement.document["batch"])
    kind = str(batch["kind"])
    name = f"standard-{kind}" if f"standard-{kind}" in TEMPLATES else f"starter-{kind}"
    scale = judgement.prepared.scale if judgement.prepared is not None else None
    template = _within(on_scale(load_template(name), scale), judgement.contract)
    figures = judgement.figures_for(template)
    terms = tuple(
        _fitted(template, term, [f for f in figures if f.term_id == term.id]) for term in template.acceptance
    )
    contract = replace(template, id=str(batch["id"]), acceptance=terms)
    head = [
        f"Proposed from one batch ({batch['id']}). Floors of the template stand where this batch reaches them.",
        *_lowered(template, contract),
        *_verdict_lines(decide(contract, figures)),
        "Read every line, then see `assay plan contract` for the odds before anyone signs.",
    ]
    return "".join(f"# {line}\n" for line in head) + contract.as_yaml()


def _within(template: Contract, judged: Contract) -> Contract:
    """The template with the tolerance of ratings that the batch was judged by, if its contract stated one."""
    given = next((term.within for term in judged.acceptance if term.within is not None), None)
    if given is None:
        return template
    terms = (replace(term, within=given) if term.within is not None else term for term in template.acceptance)
    return replace(template, acceptance=tuple(terms))


def _fitted(contract: Contract, term: Term, given: Sequence[SubjectFigure]) -> Term:
    step = _STEP * max(1, int(term.floor.to_integral_value(ROUND_UP)))
    while _fails(decide_term(contract, term, given)) and (term.measure.at_most or term.floor > step):
        term = _lower(term, -step if term.measure.at_most else step)
    return term


def _fails(rows: Sequence[TermRow]) -> bool:
    """Whether too much fails: the batch, or more than one in four of the subjects that can be judged."""
    failed = [row for row in rows if row.outcome in ("fail", "reject")]
    judged = [row for row in rows if row.figure.exists and row.outcome != "not provable"]
    return len(failed) > len(judged) // _MAY_FAIL


def _lower(term: Term, step: Decimal) -> Term:
    """The term with its floor lowered (its ceiling raised, for a step below zero) and its bound of rejection beyond."""
    floor, bound = term.floor - step, term.reject_below
    if bound is not None:
        bound = min(bound, floor - step) if step > 0 else max(bound, floor - step)
    return replace(term, floor=floor, reject_below=bound if bound is not None and bound > 0 else None)


def _lowered(template: Contract, contract: Contract) -> list[str]:
    """What was changed, from which number to which."""
    changed = [
        f"{new.id} {old.floor} to {new.floor}"
        for old, new in zip(template.acceptance, contract.acceptance, strict=True)
        if old.floor != new.floor
    ]
    return [f"Changed to what it shows: {', '.join(changed)}."] if changed else []


def _verdict_lines(verdict: Verdict) -> list[str]:
    """What this batch would be under the proposal, and what still fails or lacks evidence."""
    said = [f"Under this contract the batch would be: {verdict.outcome}."]
    for outcomes, words in (
        (("fail", "reject"), "Still failing"),
        (("not provable",), "Not provable with what was given"),
    ):
        named = [" ".join([row.id, *row.subject.values()]) for row in verdict.rows if row.outcome in outcomes]
        if named:
            said.append(f"{words}: {', '.join(named)}.")
    return said
