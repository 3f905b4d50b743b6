"""The odds of a contract as a table and a curve of characters."""

from __future__ import annotations

from assay.judge.odds import Odds, QualityOdds
from assay.simulate.located_spec import LocatedSpec
from assay.terms.money import format_money

from .layout import counted

_BAR = 40


def odds_table(odds: Odds) -> str:
    """One line per true quality, then the promise and the weakest term."""
    spec, contract = odds.spec, odds.contract
    gold = f"{spec.gold.items:,} gold items" + (
        f", at least {spec.gold.per_class} of each class" if spec.gold.per_class else ""
    )
    lines = [
        f"{contract.id}: {odds.runs:,} batches of {spec.items:,} items at each quality, judged by the real judge",
        f"{_objects(odds)}{len(spec.classes)} classes, {len(spec.people)} annotators, {gold}; "
        f"{counted(spec.votes_per_item, 'vote')} on {spec.overlap:.0%} of items",
        "",
        f"{'points':>7} {'accept':>8} {'':>13} {'rework':>8} {'reject':>8} {'not provable':>13} {'redone':>8}"
        + ("  paid" if contract.pricing else ""),
    ]
    lines += [_line(q, odds) for q in odds.qualities]
    lines += ["", _promise(odds)]
    above = next((q for q in odds.qualities if q.points > 0 and q.weakest()), None)
    if above is not None and (weakest := above.weakest()) is not None:
        lines.append(
            f"Weakest term: {weakest[0]}, which kept {weakest[1]} of {odds.runs} batches "
            f"{above.points * 100:+.0f} points above the floors from being accepted."
        )
    lines.append(
        f"Evidence for one batch: about {odds.evidence_hours():.0f} hours of gold makers and extra votes."
    )
    return "\n".join(lines)


def _objects(odds: Odds) -> str:
    """How many objects lie on an item, of located labels."""
    return f"{odds.spec.per_item:g} objects on an item, " if isinstance(odds.spec, LocatedSpec) else ""


def _line(q: QualityOdds, odds: Odds) -> str:
    low, high = q.interval("accept")
    line = (
        f"{q.points * 100:>+7.0f} {q.share('accept'):>8.1%} {f'{low:.1%}–{high:.1%}':>13} {q.share('rework'):>8.1%} "
        f"{q.share('reject'):>8.1%} {q.share('not provable'):>13.1%} {q.redone:>8.1%}"
    )
    pricing = odds.contract.pricing
    return line + (f"  {format_money(pricing.currency, round(q.paid_minor))}" if pricing else "")


def _promise(odds: Odds) -> str:
    if odds.keeps_promise is None:
        return "Not simulated at +3 and -5 points, so nothing is said about the two promised qualities."
    above, below = odds.at(0.03), odds.at(-0.05)
    if above is None or below is None:
        raise ValueError("a promise is of two qualities")
    sentence = (
        f"A vendor 3 points above every floor is accepted in {_share(above)} of batches, "
        f"one 5 points below in {_share(below)}."
    )
    return (
        sentence
        if odds.keeps_promise
        else f"{sentence} That is not enough: ask for more evidence or move the floors."
    )


def _share(q: QualityOdds) -> str:
    """The share accepted as the table has it: rounding to whole percents could promise what is not kept."""
    return f"{q.share('accept'):.1%}".replace(".0%", "%")


def curve(odds: Odds) -> str:
    """Share accepted against points above the floors."""
    lines = ["", "share of batches accepted, against points above (or below) every floor"]
    for q in odds.qualities:
        filled = round(q.share("accept") * _BAR)
        lines.append(f"{q.points * 100:>+6.0f} │{'█' * filled}{'·' * (_BAR - filled)}│ {_share(q)}")
    return "\n".join(lines)
