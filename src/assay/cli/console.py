"""What commands share in talking to people: running a typer command, progress on stderr, a summary of a verdict."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import cast

import typer

from assay.terms.money import format_money

from .layout import interval, number, printable

USAGE = 2
_QUIET_SECONDS = 1.0


def run_app(app: typer.Typer, name: str, arguments: Sequence[str]) -> int:
    """Run a typer command with our exit codes: what it returns, or 2 for bad usage.

    Raises :class:`BrokenPipeError` when nobody reads the output any more, which typer would call 1, a verdict.
    """
    try:
        code = app(list(arguments), prog_name=f"assay {name}", standalone_mode=False)
    except SystemExit as end:
        raise BrokenPipeError from end
    except Exception as error:
        if not callable(show := getattr(error, "show", None)):
            raise
        show()  # the call is wrong, and typer says how
        return USAGE
    return code if isinstance(code, int) else 0


class Progress:
    """Says on stderr what is being done, once it has taken over a second; silent where nobody watches."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._shown = 0.0
        self._lives = sys.stderr.isatty()

    def __call__(self, what: str, done: int | None) -> None:
        """Tell what is being done and how much of it."""
        now = time.monotonic()
        if not self._lives or now - self._begun < _QUIET_SECONDS:
            return
        counted = f" {done:,}" if done is not None else ""
        print(f"\r\x1b[2K{what}{counted} … {now - self._begun:.0f} s", end="", file=sys.stderr, flush=True)
        self._shown = now

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)


_MARKS = {"pass": "✓", "fail": "◆", "reject": "✗", "not provable": "?"}


def summary(document: Mapping[str, object], where: str | None) -> str:
    """The verdict as a screenful of text; for an annotator, who is shown no verdict, the own scores."""
    if document["verdict"] is None:
        lines = _own_scores(document)
        return "\n".join(printable(line) for line in [*lines, *(["", f"Report: {where}"] if where else [])])
    verdict = cast("Mapping[str, object]", document["verdict"])
    lines = [str(verdict["headline"])]
    if verdict["outcome"] == "not provable":
        lines.append("Not provable: evidence is missing. Nothing goes back.")
    lines.append("")
    lines += _terms(cast("Sequence[Mapping[str, object]]", verdict["terms"]))
    lines += _listed("Where people disagree", document["clusters"], 3)
    lines += _listed("Suspicions, for a person to look at", document["suspicions"], 5)
    lines += _listed("Findings", document["findings"], 5)
    steps = cast("Sequence[Mapping[str, object]]", verdict["next"])
    if steps:
        lines += ["", "Next"]
        lines += [f"  {s['who']}: {s['what']}" + (f" (by {s['by']})" if s["by"] else "") for s in steps]
        lines += _money(cast("Mapping[str, object] | None", document.get("money")))
    if where:
        lines += ["", f"Report: {where}"]
    return "\n".join(printable(line) for line in lines)


def _money(money: Mapping[str, object] | None) -> list[str]:
    """What may be paid and what waits, where the contract has prices."""
    if money is None:
        return []
    payable, held = (
        format_money(str(money["currency"]), int(str(money[key]))) for key in ("payable_minor", "held_minor")
    )
    return [f"  payable {payable}" + (f", held until accepted {held}" if money["held_minor"] else "")]


def _own_scores(document: Mapping[str, object]) -> list[str]:
    rework = cast("Mapping[str, object]", document["rework"])
    batch = cast("Mapping[str, object]", document["batch"])
    gold = "word error rate" if batch["kind"] == "text" else "right against gold"
    lines = []
    for person in cast("Sequence[Mapping[str, object]]", document["people"]):
        lines.append(f"{person['id']}: {person['labels']:,} labels, {rework['items']:,} items to do again.")
        for name, key in ((gold, "gold"), ("same label as others", "agreement")):
            figure = cast("Mapping[str, object] | None", person[key])
            if figure is not None:
                reason = f"not shown: {figure['reason']}" if figure["value"] is None else interval(figure)
                lines.append(f"  {name:<20}  {number(figure['value'])}  {reason}")
    return lines


def _terms(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """One line per term: its worst row, and how the others stand."""
    by_term: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        by_term.setdefault(str(row["id"]), []).append(row)
    width = max((len(name) for name in by_term), default=0)
    order = ("reject", "fail", "not provable", "pass")
    out = []
    for name, found in by_term.items():
        worst = min(found, key=lambda row: (order.index(str(row["outcome"])), not _is_judged(row)))
        counts = ", ".join(
            f"{n} {what}"
            for what in order
            if (n := sum(1 for r in found if r["outcome"] == what)) and len(found) > 1
        )
        others = f" [{counts}]" if counts else ""
        out.append(f"  {_MARKS[str(worst['outcome'])]} {name:<{width}}  {worst['reason']}{others}")
    return out


def _is_judged(row: Mapping[str, object]) -> bool:
    """Whether the row rests on a figure: of rows with one outcome, one without a figure says least."""
    return row["outcome"] != "pass" or row["value"] is not None


def _listed(title: str, found: object, most: int) -> list[str]:
    entries = [
        entry for entry in cast("Sequence[Mapping[str, object]]", found) if entry.get("severity") != "note"
    ]
    if not entries:
        return []
    more = [f"  … and {len(entries) - most} more in the report"] if len(entries) > most else []
    return ["", title, *(f"  {entry['text']}" for entry in entries[:most]), *more]
