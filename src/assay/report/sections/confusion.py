"""Confusion: what gold says in rows, what was delivered in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..fields import Node, child, sequence, text
from ..located_wording import nouns, object_noun
from ..markup import Child, Html, join, name, tag
from ..wording import counted, percent, whole
from .frame import fold, scroll, section

_MATRIX_CLASSES = 16
_VISIBLE = 12
_LISTED = 200


@dataclass(frozen=True)
class _Confusion:
    classes: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    undelivered: tuple[int, ...]
    undecided: tuple[int, ...]
    extra: tuple[int, ...] = ()
    absent: str = "not delivered"
    noun: str = "item"

    def total(self, row: int) -> int:
        """All gold items of a class."""
        return sum(self.matrix[row]) + self.undelivered[row] + self.undecided[row]


def confusion_section(document: Node) -> Html | None:
    """A matrix for a few classes; for many, the pairs that are confused most."""
    noun = object_noun(text(child(document, "batch"), "kind")) or "item"
    found = _read(child(document, "gold", "confusion"), noun)
    if found is None:
        return None
    items = sum(found.total(row) for row in range(len(found.classes)))
    right = sum(found.matrix[row][row] for row in range(len(found.classes)))
    of = f"{whole(items)} gold {nouns(noun) if items != 1 else noun}"
    note = f"Gold in rows, delivered in columns: {whole(right)} of {of} agree"
    if len(found.classes) <= _MATRIX_CLASSES:
        return section(
            "confusion", "Gold against delivered", _matrix(found), _pairs(found, folded=True), note=note
        )
    return section("confusion", "Gold against delivered", _pairs(found, folded=False), note=note)


def _read(node: Node, noun: str) -> _Confusion | None:
    classes = tuple(str(each) for each in sequence(node, "classes"))
    size = len(classes)
    matrix = tuple(_whole_row(row, size) for row in sequence(node, "matrix"))
    if not classes or len(matrix) != size:
        return None
    undecided = _whole_row(node.get("undecided"), size)
    if "missed" in node:
        extra = _whole_row(node.get("extra"), size)
        return _Confusion(
            classes, matrix, _whole_row(node.get("missed"), size), undecided, extra, "missed", noun
        )
    return _Confusion(classes, matrix, _whole_row(node.get("undelivered"), size), undecided)


def _whole_row(row: object, size: int) -> tuple[int, ...]:
    found = [cell if isinstance(cell, int) else 0 for cell in row] if isinstance(row, (list, tuple)) else []
    return tuple((found + [0] * size)[:size])


def _matrix(found: _Confusion) -> Html:
    extra = [
        (title, cells)
        for title, cells in (("undecided", found.undecided), (found.absent, found.undelivered))
        if any(cells)
    ]
    heads: list[Child] = [tag("th", "gold", scope="col", class_="corner")]
    heads += [tag("th", tag("span", name(each)), scope="col", class_="turned") for each in found.classes]
    heads += [tag("th", tag("span", title), scope="col", class_="turned") for title, _ in extra]
    heads += [
        tag("th", nouns(found.noun), scope="col", class_="n"),
        tag("th", "agree", scope="col", class_="n"),
    ]
    rows = [_matrix_row(found, row, [cells[row] for _, cells in extra]) for row in range(len(found.classes))]
    if any(found.extra):
        rows.append(_extra_row(found, len(extra)))
    table = tag("table", tag("thead", tag("tr", heads)), tag("tbody", rows), class_="confusion")
    return scroll(table)


def _extra_row(found: _Confusion, more: int) -> Html:
    """What was delivered where gold has nothing."""
    total = sum(found.extra)
    cells = [_cell(value, total, same=False) for value in found.extra]
    blank = [tag("td") for _ in range(more)]
    ends = [tag("td", whole(total), class_="n"), tag("td")]
    return tag("tr", tag("th", "no match in gold", scope="row"), cells, blank, ends)


def _matrix_row(found: _Confusion, row: int, extra: Sequence[int]) -> Html:
    total = found.total(row)
    cells = [_cell(value, total, same=column == row) for column, value in enumerate(found.matrix[row])]
    cells += [_cell(value, total, same=False) for value in extra]
    agree = percent(found.matrix[row][row] / total) if total else "–"
    ends = [tag("td", whole(total), class_="n"), tag("td", agree, class_="n")]
    return tag("tr", tag("th", name(found.classes[row]), scope="row"), cells, ends)


def _cell(value: int, total: int, *, same: bool) -> Html:
    if same:
        return tag("td", tag("b", whole(value)), class_="same")
    if not value:
        return tag("td", "·", class_="nil")
    share = value / total if total else 0
    depth = sum(share >= bound for bound in (0.02, 0.05, 0.1, 0.2))
    return tag("td", whole(value), class_=f"t{depth}")


def _pairs(found: _Confusion, *, folded: bool) -> Html | None:
    pairs = _confused(found)
    if not pairs:
        return tag("p", f"No {found.noun} of gold was delivered as another class.", class_="text")
    head = tag(
        "tr",
        tag("th", "Gold"),
        tag("th", "Delivered as"),
        tag("th", nouns(found.noun).capitalize(), class_="n"),
        tag("th", "Of its gold", class_="n"),
    )
    rows = [
        tag(
            "tr",
            tag("th", name(gold), scope="row"),
            tag("td", name(delivered) if known else tag("span", delivered, class_="none")),
            tag("td", whole(number), class_="n"),
            tag("td", percent(share), class_="n"),
        )
        for number, gold, delivered, share, known in pairs[:_LISTED]
    ]
    left_out = len(pairs) - _LISTED
    more = (
        tag("p", f"{whole(left_out)} rarer confusions stand in report.json.", class_="small")
        if left_out > 0
        else None
    )
    style = "plain-table narrow"
    if folded:
        table = tag("table", tag("thead", head), tag("tbody", rows), class_=style)
        return fold(
            f"As a list, most confused first: {counted(len(pairs), 'pair')}", table, more, style="twin"
        )
    first = tag("table", tag("thead", head), tag("tbody", rows[:_VISIBLE]), class_=style)
    if not rows[_VISIBLE:]:
        return first
    rest = tag("table", tag("thead", head), tag("tbody", rows[_VISIBLE:]), class_=style)
    return join([first, fold(counted(len(rows) - _VISIBLE, "further pair"), rest, more)])


def _confused(found: _Confusion) -> list[tuple[int, str, str, float, bool]]:
    pairs = []
    for row, gold in enumerate(found.classes):
        total = found.total(row)
        others = [
            (value, found.classes[column], True)
            for column, value in enumerate(found.matrix[row])
            if column != row
        ]
        others += [
            (found.undecided[row], "undecided", False),
            (found.undelivered[row], found.absent, False),
        ]
        pairs += [
            (value, gold, delivered, value / total, known)
            for value, delivered, known in others
            if value and total
        ]
    return sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2]))
