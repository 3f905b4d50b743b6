"""By slice: one section an attribute, its values worst first."""

from __future__ import annotations

from ..fields import COUNTS, Node, child, count, items, reading, text
from ..marks import outcome_word
from ..markup import Html, join
from ..termlines import Term, TermLine, gravest, lookup
from ..wording import floor_text, metric_name, whole
from .dots import Dot, Row, Rows, dot_rows
from .frame import Entry, figure_table, section

_Lines = dict[tuple[str, str], TermLine]
_LOCATED = "pairwise_f1"


def slices_sections(document: Node, terms: list[Term]) -> Html | None:
    """The sections of all attributes."""
    found = items(document, "slices")
    attributes = list(dict.fromkeys(text(row, "attribute") for row in found))
    by_gold, by_people = lookup(terms, "slice", gold=True), lookup(terms, "slice", gold=False)
    shown = [
        _section(
            document,
            attribute,
            [row for row in found if text(row, "attribute") == attribute],
            by_gold,
            by_people,
        )
        for attribute in attributes
    ]
    return join(shown) if shown else None


def _section(document: Node, attribute: str, found: list[Node], by_gold: _Lines, by_people: _Lines) -> Html:
    with_gold = any(reading(row.get("gold")) for row in found)
    with_people = any(reading(row.get("agreement")) for row in found)
    counts = tuple(key for key in ("items", "labels") if any(count(row, key) is not None for row in found))
    rows = []
    for row in found:
        value = text(row, "value")
        gold, people = _line(by_gold, attribute, value), _line(by_people, attribute, value)
        dots = [Dot(reading(row.get("gold")), gold)] if with_gold else []
        dots += [Dot(reading(row.get("agreement")), people)] if with_people else []
        judged = [line.state for line in (gold, people) if line]
        tail = (outcome_word(gravest(judged)) if judged else "",) if by_gold or by_people else ()
        rows.append(Row(value, tuple(_count(row, key) for key in counts), tuple(dots), tail))
    against = metric_name("f1") if _between(document) == _LOCATED else "Against gold"
    titles = ([_title(by_gold, against)] if with_gold else []) + (
        [_title(by_people, metric_name(_between(document)))] if with_people else []
    )
    table = Rows(
        subject=attribute,
        facts=counts,
        titles=tuple(titles),
        rows=tuple(rows),
        tail=("result",) if by_gold or by_people else (),
        noun="slice",
        style="result",
    )
    lines = [line for (of, _), line in {**by_gold, **by_people}.items() if of in ("", attribute)]
    floors = {floor_text(line.floor) for line in lines if line.floor is not None}
    note = (
        f"All classes together, floor {' and '.join(sorted(floors))} in every {attribute}" if floors else None
    )
    entries = _entries(document, attribute, found)
    return section(
        f"slice-{attribute}",
        f"By {attribute}",
        dot_rows(table),
        figure_table(entries, subject=attribute),
        note=note,
    )


def _between(document: Node) -> str:
    """What agreement of a slice is measured by."""
    return _LOCATED if child(document, "located") else "krippendorff_alpha"


def _entries(document: Node, attribute: str, found: list[Node]) -> list[Entry]:
    entries = []
    for row in found:
        value = text(row, "value")
        entries.append(Entry(value, "gold", reading(row.get("gold"))))
        entries.append(Entry(value, "agreement", reading(row.get("agreement"))))
        gold = child(document, "gold", "by_slice", attribute, value)
        entries += [Entry(value, f"gold_{key}", reading(gold[key])) for key in gold if key not in COUNTS]
        people = child(document, "agreement", "by_slice", attribute, value)
        entries += [Entry(value, key, reading(people[key])) for key in people]
    return entries


def _line(lines: _Lines, attribute: str, value: str) -> TermLine | None:
    return lines.get((attribute, value)) or lines.get(("", value))


def _title(lines: _Lines, otherwise: str) -> str:
    line = next(iter(lines.values()), None)
    return metric_name(line.metric) if line else otherwise


def _count(row: Node, key: str) -> str:
    number = count(row, key)
    return whole(number) if number is not None else "–"
