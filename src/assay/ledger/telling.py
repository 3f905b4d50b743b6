"""The findings as a screenful of text: what is wrong, what is proven, what happened, what is not proven."""

from __future__ import annotations

from collections.abc import Sequence

from .gate import Gated
from .outcome import FINE, WRONG, Outcome
from .problem import Problem

_MOST = 40


def told(outcome: Outcome) -> str:
    """What ``assay verify`` prints."""
    lines = [_headline(outcome), ""]
    lines += _wrong(outcome.problems, outcome.more_problems)
    lines += _listed("What holds" if outcome.problems else "Proven", "✓", outcome.proven)
    if outcome.steps:
        lines += ["What happened"]
        lines += [f"  {s.index:>9,}  {s.at}  {s.says}  ({s.by[:15]})" for s in outcome.steps[:_MOST]]
        lines += [*_more(len(outcome.steps) - _MOST, "entries"), ""]
    lines += _listed("Missing for a proof", "?", outcome.needs)
    lines += _listed("Not proven", "–", outcome.not_proven)
    return _text(lines)


def _headline(outcome: Outcome) -> str:
    of = (
        f"{outcome.bundle}: {outcome.entries:,} of {outcome.size:,} entries of {outcome.origin or 'a ledger'}"
    )
    if outcome.code == FINE:
        return f"Proven. {of}."
    if outcome.code == WRONG:
        count = len(outcome.problems) + outcome.more_problems
        return f"Wrong in {count:,} place{'s' if count != 1 else ''}. {of}."
    return f"Nothing is wrong, and it is not provable yet. {of}."


def gate_told(gated: Gated) -> str:
    """What ``assay gate`` prints."""
    lines = [gated.headline, ""]
    lines += _wrong(gated.problems, 0)
    lines += _listed("Missing", "?", gated.needs)
    lines += _listed("Found", "✓", gated.facts)
    return _text(lines)


def _wrong(problems: Sequence[Problem], more: int) -> list[str]:
    if not problems:
        return []
    lines = ["Wrong"]
    for problem in problems[:_MOST]:
        lines += [f"  {'✗ ' if first else ''}{line}" for first, line in _first(str(problem).splitlines())]
    return [*lines, *_more(len(problems) - _MOST + more, "problems"), ""]


def _first(lines: Sequence[str]) -> list[tuple[bool, str]]:
    return [(number == 0, line) for number, line in enumerate(lines)]


def _listed(title: str, mark: str, entries: Sequence[str]) -> list[str]:
    return [title, *(f"  {mark} {entry}" for entry in entries), ""] if entries else []


def _more(count: int, what: str) -> list[str]:
    return [f"  … and {count:,} more {what}"] if count > 0 else []


def _text(lines: Sequence[str]) -> str:
    """The lines, with characters that a terminal would act on escaped."""
    return "\n".join(
        "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in lines
    ).rstrip("\n")
