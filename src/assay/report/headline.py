"""The finding of a report in one sentence, built from its verdict."""

from __future__ import annotations

from .fields import Node, child, count, items, number, reading, text
from .termlines import TermLine, terms_of
from .wording import (
    counted,
    day,
    figure_sentence,
    floor_text,
    metric_name,
    money,
    outcome_name,
    value_text,
    whole,
)


def headline(document: Node) -> str:
    """The sentence the verdict carries, or the one its figures make: *Rework: 380 of 5,000 items. 4,620 stand.*"""
    verdict = child(document, "verdict")
    written = text(verdict, "headline")
    if written:
        return written
    sentence = _composed(document, text(verdict, "outcome"))
    if verdict.get("provisional") is True and text(verdict, "outcome"):
        return f"No contract. Under the starter template: {sentence[:1].lower()}{sentence[1:]}"
    return sentence


def need_sentence(line: TermLine) -> str:
    """What a term still needs: *8 more gold fraud reports, from the buyer, by 10 Apr 2026, about 2 hours*."""
    written = text(line.needs, "sentence").rstrip(".")
    if written:
        return "; ".join(part for part in (written, text(line.needs, "cost")) if part)
    return ", ".join(part for part in (need_count(line), *_need_rest(line)) if part)


def need_count(line: TermLine) -> str:
    """How many of what are missing."""
    what, missing = text(line.needs, "what"), count(line.needs, "positives")
    if not missing or not what or what[:1].isdigit():
        return what
    return f"{whole(missing)} more {what}"


def _need_rest(line: TermLine) -> list[str]:
    source, until, cost = text(line.needs, "from"), text(line.needs, "by"), text(line.needs, "cost")
    source = f"the {source}" if source in ("buyer", "vendor") else source
    return [f"from {source}" if source else "", f"by {day(until)}" if until else "", cost]


def _composed(document: Node, outcome: str) -> str:
    match outcome:
        case "accept":
            return _accepted(document)
        case "rework":
            return _rework(document)
        case "reject":
            return _rejected(document)
        case "not provable":
            return _unprovable(document)
    return _own_scores(document) if text(document, "audience") == "annotator" else _read(document)


def _accepted(document: Node) -> str:
    batch, paid = child(document, "batch"), child(document, "money")
    amount = count(paid, "payable_minor")
    pay = f" Pay {money(text(paid, 'currency'), amount)}." if amount else ""
    return f"Accepted: {_of_expected(batch)} items.{pay}"


def _of_expected(batch: Node) -> str:
    delivered = count(batch, "items") or 0
    expected = count(batch, "items_expected") or delivered
    return f"{whole(delivered)} of {whole(expected)}"


def _rework(document: Node) -> str:
    rework = child(document, "rework")
    redo, total = (
        count(rework, "items") or 0,
        count(rework, "of") or count(child(document, "batch"), "items") or 0,
    )
    stand = count(rework, "stand")
    return f"Rework: {whole(redo)} of {whole(total)} items. {whole(total - redo if stand is None else stand)} stand."


def _rejected(document: Node) -> str:
    lines = [line for term in terms_of(document) for line in term.having("reject")]
    if not lines:
        return f"Rejected: {_of_expected(child(document, 'batch'))} items."
    line = lines[0]
    of = f" of {line.title}" if line.subject else ""
    bound = (
        f", shown {'above' if line.at_most else 'below'} {floor_text(line.reject_below or line.floor or 0)}"
    )
    value = f" is {value_text(line.figure.value)}" if line.figure.value is not None else ""
    return f"Rejected: {metric_name(line.metric)}{of}{value}{bound}."


def _unprovable(document: Node) -> str:
    lines = [line for term in terms_of(document) for line in term.having("unprovable")]
    needed = [line for line in lines if line.needs]
    if not needed:
        return (
            f"Not provable: {counted(len(lines), 'figure')} without enough evidence."
            if lines
            else "Not provable."
        )
    written = text(needed[0].needs, "sentence").rstrip(".").split(": about ")[0]
    until = text(needed[0].needs, "by")
    parts = (
        [written]
        if written
        else [need_count(needed[0]), _need_rest(needed[0])[0], f"by {day(until)}" if until else ""]
    )
    sentence = ", ".join(part for part in parts if part)
    return f"{sentence[:1].upper()}{sentence[1:]}" + (
        "." if len(needed) == 1 else f"; and {len(needed) - 1} more."
    )


def _own_scores(document: Node) -> str:
    people = items(document, "people")
    if len(people) != 1:
        return _read(document)
    gold, others = reading(people[0].get("gold")), reading(people[0].get("agreement"))
    parts = []
    if gold and gold.value is not None:
        parts.append(f"{value_text(gold.value)} against gold")
    if others and others.value is not None:
        parts.append(f"{value_text(others.value)} with the others")
    return f"{text(people[0], 'id')}: {', '.join(parts) or 'no figure yet'}."


def _read(document: Node) -> str:
    batch = child(document, "batch")
    sentence = f"{counted(count(batch, 'items') or 0, 'item')} read"
    people = count(batch, "annotators")
    sentence += f", from {counted(people, 'annotator')}." if people else "."
    overall = child(document, "agreement", "overall")
    name, key = ("pairwise F1", "pairwise_f1") if "pairwise_f1" in overall else ("α", "krippendorff_alpha")
    alpha = reading(overall.get(key))
    if alpha and alpha.value is not None:
        sentence += f" They agree at {name} {value_text(alpha.value)}."
    elif alpha and alpha.reason:
        sentence += f" Agreement is {figure_sentence(alpha)}."
    return sentence + ("" if child(document, "gold") else " No gold, so no verdict.")


def verdict_word(document: Node) -> str:
    """The word of the stamp."""
    verdict = child(document, "verdict")
    outcome = text(verdict, "outcome")
    if text(document, "audience") == "annotator":
        return "Own scores"
    if not outcome:
        return "No verdict" if child(document, "gold") else "Pre-flight"
    word = outcome_name(outcome)
    return f"Would be: {word[:1].lower()}{word[1:]}" if verdict.get("provisional") is True else word


def odds_sentence(document: Node) -> str:
    """What the contract promises a vendor above and below every floor, if it was simulated."""
    odds = child(document, "verdict", "odds")
    above, below = number(odds, "above"), number(odds, "below")
    if above is None or below is None:
        return ""
    return (
        f"A vendor 3 points above every floor is accepted in {100 * above:.0f}% of batches, "
        f"one 5 points below in {100 * below:.0f}%."
    )
