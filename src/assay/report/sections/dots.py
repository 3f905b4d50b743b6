"""Rows of dots: one row a subject, its figures side by side on their own scales against their floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..charts import Scale, axis_foot, axis_head, legend, row_chart, scale_for
from ..fields import Reading
from ..markup import Child, Html, join, name, tag
from ..termlines import State, TermLine
from ..wording import counted, floor_text
from .frame import fold, value_and_interval


@dataclass(frozen=True)
class Dot:
    """A figure and the term line that judges it, if one does."""

    figure: Reading | None
    line: TermLine | None = None

    @property
    def state(self) -> State:
        """How the mark is drawn."""
        return self.line.state if self.line else "plain"

    @property
    def floor(self) -> float | None:
        """The floor it stands against."""
        return self.line.floor if self.line else None


@dataclass(frozen=True)
class Row:
    """One subject with its counts, its dots and what follows them."""

    name: str
    facts: tuple[str, ...]
    dots: tuple[Dot, ...]
    tail: tuple[Child, ...] = ()

    @property
    def rank(self) -> tuple[int, float, str]:
        """What needs evidence first, then furthest below its floor, then the lowest figure; thin figures last."""
        if any(dot.state == "unprovable" for dot in self.dots):
            return (0, 0.0, self.name)
        known = [dot.line for dot in self.dots if dot.line and dot.line.figure.value is not None]
        gaps = [line.distance for line in known if line.ranks]
        if gaps:
            return (1, min(gaps), self.name)
        if known:
            return (3, min(line.distance for line in known), self.name)
        values = [dot.figure.value for dot in self.dots if dot.figure and dot.figure.value is not None]
        return (2, min(values, default=9.0), self.name)


@dataclass(frozen=True)
class Rows:
    """A table of dots: headings, rows, and how many stand open."""

    subject: str
    facts: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    tail: tuple[str, ...] = ()
    visible: int = 14
    noun: str = "row"
    style: str = field(default="")


def dot_rows(table: Rows) -> Html:
    """The drawn table, with its legend; rows beyond the visible ones are folded, never dropped."""
    rows = sorted(table.rows, key=lambda row: row.rank)
    scales = [_scale(rows, column) for column in range(len(table.titles))]
    visible = table.visible if len(rows) > table.visible + 2 else len(rows)
    parts: list[Child] = [_table(table, rows[:visible], scales)]
    if rows[visible:]:
        rest = counted(len(rows) - visible, f"further {table.noun}")
        parts.append(
            fold(f"{rest}, standing higher or known from little", _table(table, rows[visible:], scales))
        )
    parts.append(_legend(rows))
    return join(parts)


def _scale(rows: Sequence[Row], column: int) -> Scale:
    dots = [row.dots[column] for row in rows]
    lines = [dot.line for dot in dots if dot.line]
    marks = [mark for line in lines for mark in (line.floor, line.reject_below)]
    return scale_for((dot.figure for dot in dots), marks, at_most=any(line.at_most for line in lines))


def _table(table: Rows, rows: Sequence[Row], scales: Sequence[Scale]) -> Html:
    columns = [tag("col", class_="name")] + [tag("col", class_="fact") for _ in table.facts]
    for _ in table.titles:
        columns += [tag("col", class_="plot"), tag("col", class_="value")]
    columns += [tag("col", class_="tail") for _ in table.tail]
    body = [_row(table, row, scales) for row in rows]
    foot: list[Child] = [tag("td", colspan=1 + len(table.facts))]
    for scale in scales:
        foot += [tag("td", axis_foot(scale), class_="axis-cell"), tag("td")]
    foot += [tag("td") for _ in table.tail]
    return tag(
        "table",
        tag("colgroup", columns),
        tag("thead", _titles(table), _heads(table, scales)),
        tag("tbody", body),
        tag("tfoot", tag("tr", foot, aria_hidden="true")),
        class_=f"dots n{len(table.titles)} {table.style}".strip(),
    )


def _titles(table: Rows) -> Html:
    cells = [tag("td", colspan=1 + len(table.facts))]
    cells += [tag("th", title, colspan=2, scope="colgroup", class_="title") for title in table.titles]
    return tag("tr", cells, [tag("td") for _ in table.tail])


def _heads(table: Rows, scales: Sequence[Scale]) -> Html:
    cells = [tag("th", table.subject, scope="col")] + [
        tag("th", fact, scope="col", class_="n") for fact in table.facts
    ]
    for column, scale in enumerate(scales):
        judged = [line for line in (row.dots[column].line for row in table.rows) if line is not None]
        floor = next((line.floor for line in judged if line.floor is not None), None)
        reject = next((line.reject_below for line in judged if line.reject_below is not None), None)
        drawn = (
            axis_head(scale, floor, reject, at_most=any(line.at_most for line in judged)) if judged else None
        )
        cells += [tag("td", drawn, class_="axis-cell"), tag("td")]
    return tag("tr", cells, [tag("th", title, scope="col", class_="tail") for title in table.tail])


def _row(table: Rows, row: Row, scales: Sequence[Scale]) -> Html:
    marked = any(dot.state in ("below", "reject", "unprovable") for dot in row.dots)
    cells: list[Html] = [tag("th", name(row.name), scope="row")]
    cells += [
        tag("td", fact, class_="n fact", data_title=title)
        for fact, title in zip(row.facts, table.facts, strict=True)
    ]
    for at, (dot, scale, title) in enumerate(zip(row.dots, scales, table.titles, strict=True)):
        chart = row_chart(
            dot.figure,
            scale,
            label=f"{row.name}, {title}",
            state=dot.state,
            floor=dot.floor,
            reject=dot.line.reject_below if dot.line else None,
            at_most=bool(dot.line and dot.line.at_most),
            grid=scale.ticks(),
            kind="row",
        )
        heading = f"{title}, floor {floor_text(dot.floor)}" if dot.floor is not None else title
        value = value_and_interval(dot.figure, state=dot.state, floor=dot.floor)
        drawn = tag("td", chart, class_=f"plot c{at}")
        cells += [drawn, tag("td", value, class_=f"value c{at}", data_title=heading)]
    cells += [
        tag("td", part, class_="tail", data_title=title)
        for part, title in zip(row.tail, table.tail, strict=True)
    ]
    return tag("tr", cells, class_="marked" if marked else None)


def _legend(rows: Sequence[Row]) -> Html:
    dots = [dot for row in rows for dot in row.dots if dot.figure and dot.figure.value is not None]
    return legend(
        (dot.state for dot in dots),
        floor=any(dot.floor is not None for dot in dots),
        reject=next(
            (dot.line.reject_below for dot in dots if dot.line and dot.line.reject_below is not None), None
        ),
        at_most=any(dot.line and dot.line.at_most for dot in dots),
    )
