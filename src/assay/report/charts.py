"""Charts drawn on the server: fluid SVG whose places are shares of the width and whose colours are classes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .fields import Reading
from .marks import state_word
from .markup import Html, escape, join, tag
from .termlines import State, TermLine
from .wording import figure_sentence, floor_text, percent

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_EDGE = 2.0
_LABELS_APART = 34
_DEPTH = 0.45
_REACH = 0.72


@dataclass(frozen=True)
class Scale:
    """A linear scale from ``low`` to ``high``; what lies outside is drawn at the edge with an open end."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a value stands, in per cent of the width."""
        inside = min(max(value, self.low), self.high)
        return _EDGE + (100 - 2 * _EDGE) * (inside - self.low) / (self.high - self.low)

    def at(self, value: float) -> str:
        """The place as an SVG length."""
        return f"{self.share(value):.2f}%"

    def ticks(self, most: int = 7) -> list[float]:
        """Round values to label, at most so many."""
        span = self.high - self.low
        step = next((step for step in _STEPS if span / step <= most - 1), span)
        first = math.ceil(self.low / step - 1e-9)
        return [round(index * step, 6) for index in range(first, math.floor(self.high / step + 1e-9) + 1)]


def scale_for(
    figures: Iterable[Reading | None], floors: Iterable[float | None] = (), *, at_most: bool = False
) -> Scale:
    """A scale that shows every interval, except what reaches further below the floors than a chart can carry."""
    known = [figure for figure in figures if figure is not None and figure.value is not None]
    lows = [value for figure in known for value in (figure.value, figure.low) if value is not None]
    highs = [value for figure in known for value in (figure.value, figure.high) if value is not None]
    marks = [floor for floor in floors if floor is not None]
    if at_most:
        top = max([*highs, *(1.6 * mark for mark in marks)], default=1.0) or 1.0
        return Scale(0.0, _rounded(top, up=True))
    top = max([1.0, *highs, *marks])
    bottom = min([*lows, *(mark - 0.1 for mark in marks)], default=0.0)
    deepest = (
        min([*marks, *(figure.value for figure in known if figure.value is not None)], default=1.0) - _DEPTH
    )
    return Scale(
        _rounded(max(bottom, min(deepest, top - 0.1)), up=False), top if top == 1 else _rounded(top, up=True)
    )


def row_chart(
    figure: Reading | None,
    scale: Scale,
    *,
    label: str,
    state: State = "plain",
    floor: float | None = None,
    reject: float | None = None,
    at_most: bool = False,
    grid: Sequence[float] = (),
    kind: str = "mini",
) -> Html:
    """One subject: interval, mark, floor line and the tinted region beyond it."""
    back = _ground(scale, floor, reject, at_most, grid)
    said = f"{label}: {figure_sentence(figure)}" if figure else f"{label}: not measured"
    if floor is not None:
        said += f"; {'ceiling' if at_most else 'floor'} {floor_text(floor)}; {state_word(state)}"
    drawn = _subject(figure, scale, state, interval=True) if figure and figure.value is not None else Html("")
    return _chart(said, join([back, _middle(drawn)]), kind)


def strip(lines: Sequence[TermLine], scale: Scale, *, label: str) -> Html:
    """All subjects of a term on one line; those below or without evidence carry their interval."""
    head = lines[0]
    back = _ground(scale, head.floor, head.reject_below, head.at_most, ())
    alone = len(lines) == 1
    order: tuple[State, ...] = ("plain", "proven", "watched", "unprovable", "below", "reject")
    drawn = []
    for state in order:
        group = [line for line in lines if line.state == state and line.figure.value is not None]
        group.sort(key=lambda line: line.distance, reverse=True)
        wide = alone or (state not in ("plain", "proven", "watched") and len(group) <= 12)
        drawn += [_subject(line.figure, scale, state, interval=wide) for line in _thinned(group, scale)]
    return _chart(label, join([back, _middle(join(drawn))]), "strip")


def axis_head(scale: Scale, floor: float | None, reject: float | None, *, at_most: bool = False) -> Html:
    """The labels over a column of rows: the floor, and where the contract rejects."""
    parts = []
    if floor is not None:
        at, beside = (
            scale.share(floor),
            reject is not None and abs(scale.share(reject) - scale.share(floor)) < _LABELS_APART,
        )
        word = "ceiling" if at_most else "floor"
        parts.append(
            _label(at, f"{word} {floor_text(floor)}", "floor-word", start=beside and (reject or 0) < floor)
        )
    if reject is not None:
        near = floor is not None and abs(scale.share(reject) - scale.share(floor)) < _LABELS_APART
        side = "above" if at_most else "below"
        parts.append(
            _label(scale.share(reject), f"reject {side} {floor_text(reject)}", "reject-word", end=near)
        )
    return Html(f'<svg class="axis" aria-hidden="true">{join(parts)}</svg>')


def axis_foot(scale: Scale) -> Html:
    """The tick labels under a column of rows."""
    ticks = scale.ticks()
    digits = 2 if any(abs(tick * 10 - round(tick * 10)) > 1e-9 for tick in ticks) or scale.high <= 1 else 1
    labels = [
        _label(
            scale.share(tick),
            f"{tick:.{digits}f}".replace("-", "−"),
            "tick-word" if at % 2 == 0 else "tick-word odd",
        )
        for at, tick in enumerate(reversed(ticks))
    ]
    return Html(f'<svg class="axis" aria-hidden="true">{join(labels)}</svg>')


def share_bar(share: float, low: float | None, high: float | None, *, label: str) -> Html:
    """A neutral bar from zero with its interval: the share of a cluster among all disagreements."""
    parts = [f'<rect class="amount" width="{100 * min(max(share, 0), 1):.2f}%" height="100%"/>']
    if low is not None and high is not None:
        scale = Scale(-_EDGE / (100 - 2 * _EDGE), 1 + _EDGE / (100 - 2 * _EDGE))
        whisker = _interval(scale, low, high)
        parts.append(f'<svg y="50%" class="o s-plain">{whisker}</svg>')
    said = f"{label}: {percent(share)}"
    if low is not None and high is not None:
        said += f", 95% interval {percent(low)} to {percent(high)}"
    return _chart(said, Html("".join(parts)), "share")


def amount_bar(share: float, high: float | None, *, label: str) -> Html:
    """A neutral bar from zero, a share of the largest of its column, with a line to the upper end of its interval."""
    parts = [f'<rect class="amount" width="{100 * min(max(share, 0), 1) * _REACH:.2f}%" height="100%"/>']
    if high is not None and high > share:
        ends = f'x1="{100 * share * _REACH:.2f}%" x2="{min(100 * high * _REACH, 100):.2f}%"'
        parts.append(f'<svg y="50%" class="o s-plain"><line {ends}/></svg>')
    return _chart(label, Html("".join(parts)), "share")


def marker(state: State, at: str) -> Html:
    """The mark of a state: circle, half-filled circle, diamond or hollow circle."""
    if state in ("below", "reject"):
        return Html(f'<svg x="{at}" class="o"><path d="M0-5 5 0 0 5-5 0z" class="dot"/></svg>')
    if state == "watched":
        half = f'<svg x="{at}" class="o"><path d="M0-4A4 4 0 0 0 0 4z" class="dot"/></svg>'
        return Html(f'<circle cx="{at}" r="4" class="ring"/>{half}')
    return Html(f'<circle cx="{at}" r="{4 if state == "unprovable" else 4.4}" class="dot"/>')


def sample(state: State) -> Html:
    """The mark with its interval, for a legend."""
    bars = '<line x1="1" x2="39"/><path d="M1-4V4M39-4V4"/>'
    drawn = f'<svg y="50%" class="o s-{state}">{bars}{marker(state, "20")}</svg>'
    return Html(f'<svg class="sample" width="40" height="14" aria-hidden="true">{drawn}</svg>')


def _chart(label: str, inner: Html, kind: str) -> Html:
    return Html(f'<svg class="chart {kind}" role="img" aria-label="{escape(label)}">{inner}</svg>')


def _middle(inner: Html) -> Html:
    return Html(f'<svg y="50%" class="o">{inner}</svg>')


def _ground(
    scale: Scale, floor: float | None, reject: float | None, at_most: bool, grid: Sequence[float]
) -> Html:
    parts = []
    if floor is not None:
        edge = scale.share(floor)
        place = f'x="{edge:.2f}%" width="{100 - edge:.2f}%"' if at_most else f'width="{edge:.2f}%"'
        parts.append(f'<rect class="beyond" {place} height="100%"/>')
    parts.append('<line class="rail" x2="100%" y1="50%" y2="50%"/>')
    for tick in grid:
        parts.append(f'<line class="grid" x1="{scale.at(tick)}" x2="{scale.at(tick)}" y2="100%"/>')
    if reject is not None:
        parts.append(f'<line class="reject-line" x1="{scale.at(reject)}" x2="{scale.at(reject)}" y2="100%"/>')
    if floor is not None:
        parts.append(f'<line class="floor-line" x1="{scale.at(floor)}" x2="{scale.at(floor)}" y2="100%"/>')
    return Html("".join(parts))


def _subject(figure: Reading, scale: Scale, state: State, *, interval: bool) -> Html:
    value = figure.value
    if value is None:
        return Html("")
    ends = _interval(scale, *figure.span) if interval and figure.span else ""
    return Html(f'<g class="s-{state}">{ends}{marker(state, scale.at(value))}</g>')


def _interval(scale: Scale, low: float, high: float) -> str:
    left, right = scale.at(low), scale.at(high)
    line = f'<line x1="{left}" x2="{right}"/>'
    cap = "" if low < scale.low else f'<line class="cap" x1="{left}" x2="{left}" y1="-4" y2="4"/>'
    arrow = (
        f'<svg x="{left}" class="o"><path d="M4-4 0 0 4 4" class="open"/></svg>' if low < scale.low else ""
    )
    far = "" if high > scale.high else f'<line class="cap" x1="{right}" x2="{right}" y1="-4" y2="4"/>'
    return line + cap + arrow + far


def _label(share: float, words: str, style: str, *, start: bool = False, end: bool = False) -> Html:
    anchor = "start" if start or share < 8 else "end" if end or share > 92 else "middle"
    shift = {"start": -4, "end": 4, "middle": 0}[anchor]
    return Html(
        f'<text x="{share:.2f}%" dx="{shift}" y="100%" dy="-5" class="{style} {anchor}">{escape(words)}</text>'
    )


def _thinned(lines: Sequence[TermLine], scale: Scale) -> list[TermLine]:
    """Of subjects that would cover one another at a quarter of a per cent, one mark stands for all."""
    seen: set[int] = set()
    kept = []
    for line in lines:
        place = round(4 * scale.share(line.figure.value or 0.0))
        if place not in seen:
            seen.add(place)
            kept.append(line)
    return kept


def _rounded(value: float, *, up: bool) -> float:
    step = 0.05 if abs(value) <= 1.5 else 0.5 if abs(value) <= 15 else 5
    steps = math.ceil(value / step - 1e-9) if up else math.floor(value / step + 1e-9)
    return round(steps * step, 6)


def legend(
    states: Iterable[State], *, floor: bool, reject: float | None = None, at_most: bool = False
) -> Html:
    """What the marks on this page mean; only those that occur."""
    side, other = ("below", "above") if at_most else ("above", "below")
    words: dict[State, str] = {
        "proven": f"shown at or {side} the {'ceiling' if at_most else 'floor'}",
        "watched": "passes, watched",
        "below": f"{other} the {'ceiling' if at_most else 'floor'}",
        "reject": f"shown {other} the reject line",
        "unprovable": "not provable",
        "plain": "figure, 95% interval",
    }
    present = set(states)
    parts = [tag("li", sample(state), words[state]) for state in words if state in present]
    if floor:
        parts.append(tag("li", _sample_line("floor-line"), "floor of the contract"))
    if reject is not None:
        parts.append(tag("li", _sample_line("reject-line"), f"reject {other} {floor_text(reject)}"))
    return tag("ul", parts, class_="legend")


def _sample_line(style: str) -> Html:
    line = f'<line class="{style}" x1="5" x2="5" y2="14"/>'
    return Html(f'<svg class="sample" width="10" height="14" aria-hidden="true">{line}</svg>')
