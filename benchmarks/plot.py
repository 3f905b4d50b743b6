"""A small logarithmic line chart as SVG, drawn without a library."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 360, 300
LEFT, RIGHT, TOP, BOTTOM = 72, 34, 44, 44
INSET = 14
INK, MUTED, LINE, LIMIT = "#1a1a1a", "#6b6b6b", "#1f5fa8", "#b3541e"
FULL = 10**8
POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def growth_plot(points: Sequence[tuple[int, float, float]], *, limits: tuple[float, float]) -> str:
    """Two charts side by side over the number of rows: CPU seconds and peak memory, each with its limit at 10^8."""
    rows = [p[0] for p in points]
    seconds = _chart(0, "CPU seconds", rows, [p[1] for p in points], limits[0])
    memory = _chart(WIDTH, "Peak memory, MB", rows, [p[2] for p in points], limits[1])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" role="img" '
        f'aria-label="CPU seconds and peak memory by number of rows" font-family="sans-serif" font-size="11">\n'
        f'<rect width="{2 * WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{seconds}{memory}</svg>\n'
    )


def _chart(shift: int, title: str, rows: Sequence[int], values: Sequence[float], limit: float) -> str:
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(*values, limit)))
    first, last = math.log10(min(rows)), math.log10(max(*rows, FULL))

    def x(number: float) -> float:
        inside = (math.log10(number) - first) / (last - first)
        return shift + LEFT + INSET + inside * (WIDTH - LEFT - RIGHT - INSET)

    def y(number: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(number) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [_text(shift + LEFT, 24, title, INK, weight="bold")]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(_rule(shift + LEFT, at, shift + WIDTH - RIGHT, at))
        parts.append(_text(shift + LEFT - 8, at + 4, f"{10.0**power:,g}", MUTED, anchor="end"))
    for power in range(round(first), round(last) + 1):
        label = f"10{str(power).translate(POWERS)} rows"
        parts.append(_text(x(10.0**power), HEIGHT - BOTTOM + 18, label, MUTED, anchor="middle"))
    line = " ".join(f"{x(r):.1f},{y(v):.1f}" for r, v in zip(rows, values, strict=True))
    parts.append(f'<polyline points="{line}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    for number, value in zip(rows, values, strict=True):
        parts.append(f'<circle cx="{x(number):.1f}" cy="{y(value):.1f}" r="3.5" fill="{LINE}"/>')
        above = -9 if number < FULL else 18  # the limit stands above the last point
        parts.append(_text(x(number), y(value) + above, _short(value), INK, anchor="middle"))
    end, height = x(FULL), y(limit)
    parts.append(
        f'<path d="M {end - 7:.1f} {height:.1f} H {end + 7:.1f}" stroke="{LIMIT}" stroke-width="2.5"/>'
    )
    parts.append(_text(end - 10, height + 4, f"limit {_short(limit)}", LIMIT, anchor="end"))
    return "\n".join(parts) + "\n"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M {x1:.1f} {y1:.1f} L {x2:.1f} {y2:.1f}" stroke="#e3e3e3"/>'


def _text(x: float, y: float, text: str, ink: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}" text-anchor="{anchor}" font-weight="{weight}">{text}</text>'
