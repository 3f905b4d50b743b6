"""How `assay judge` grows with the batch: 10^5 to 10^8 rows from Parquet, CPU seconds and peak memory."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from .commands import Summary, assay, in_turn

VOTES, CLASSES, PEOPLE, SEGMENTS, GOLD = 3, 12, 50, 20, 1_000
_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 360, 70, 30


def batch(work: Path, rows: int) -> Path:
    """A batch in Parquet, drawn by hashes in bounded memory; made once."""
    folder = work / f"parquet-{rows}"
    if (folder / "items.parquet").is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    items = rows // VOTES
    connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(work)})
    truth = f"hash(item, 1) % {CLASSES}"
    wrong = "hash(item, person, 3) % 1000 < 70"
    person = f"(hash(item, 2) % {PEOPLE} + vote * (1 + hash(item, 5) % 15)) % {PEOPLE}"
    copies = {
        "labels.parquet": (
            f"SELECT item::VARCHAR AS item, 'w' || person AS annotator, 'class_' || CASE WHEN {wrong} "
            f"THEN hash(item, person, 4) % {CLASSES} ELSE {truth} END AS label FROM (SELECT item, {person} AS person "
            f"FROM range({items}) AS i(item), range({VOTES}) AS v(vote))"
        ),
        "gold.csv": f"SELECT item, 'class_' || ({truth}) AS label FROM range({GOLD}) AS i(item)",
        "items.parquet": (
            f"SELECT item::VARCHAR AS item, 's' || hash(item, 6) % {SEGMENTS} AS segment, "
            "'h' || hash(item, 7) % 2 AS half "
            f"FROM range({items}) AS i(item)"
        ),
    }
    for name, query in copies.items():
        connection.execute(f"COPY ({query}) TO '{folder / name}'")
    connection.close()
    return folder


def measure(work: Path, sizes: Sequence[int]) -> dict[int, Summary]:
    """Judge every size once, the smallest three times."""
    out = {}
    for rows in sizes:
        folder, report = batch(work, rows), work / "growth-report"
        shutil.rmtree(report, ignore_errors=True)
        command = [
            assay(), "judge", str(folder / "labels.parquet"), "--gold", str(folder / "gold.csv"),
            "--items", str(folder / "items.parquet"), "--out", str(report),
        ]  # fmt: skip
        out[rows] = in_turn({"assay": command}, runs=3 if rows <= 10**6 else 1, folder=work)["assay"]
        print(f"{rows:>12,} rows  {out[rows].cpu_s:>8.2f} CPU s  {out[rows].peak_mb:>7.0f} MB", flush=True)
    return out


def plot(found: dict[int, Summary]) -> str:
    """CPU seconds and memory against rows, both axes logarithmic, as an SVG."""
    marks = [
        _line([(rows, one.cpu_s) for rows, one in found.items()], -1, 2.5, "#1A1B1E", "CPU seconds"),
        _line([(rows, one.peak_mb / 1000) for rows, one in found.items()], -1, 2.5, "#2146B8", "peak GB"),
    ]
    grid = "".join(
        f'<path d="M{_x(10**e):.0f} {_TOP}v{_HEIGHT - 2 * _TOP}" stroke="#E4E1D9"/>'
        f'<text x="{_x(10**e):.0f}" y="{_HEIGHT - 8}" text-anchor="middle">10^{e}</text>'
        for e in range(5, 9)
    ) + "".join(
        f'<path d="M{_LEFT} {_y(10.0**e, -1, 2.5):.0f}H{_WIDTH - 20}" stroke="#E4E1D9"/>'
        f'<text x="{_LEFT - 8}" y="{_y(10.0**e, -1, 2.5) + 4:.0f}" text-anchor="end">{10.0**e:g}</text>'
        for e in range(-1, 3)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="CPU seconds and memory against rows, logarithmic axes" font-family="sans-serif" font-size="12">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#FAF9F6"/>{grid}{"".join(marks)}'
        f'<text x="{_LEFT}" y="18">assay judge on Parquet, by number of rows (logarithmic axes)</text></svg>\n'
    )


def _x(rows: float) -> float:
    return _LEFT + (math.log10(rows) - 5) / 3 * (_WIDTH - _LEFT - 60)


def _y(value: float, low: float, high: float) -> float:
    return _HEIGHT - _TOP - (math.log10(max(value, 0.01)) - low) / (high - low) * (_HEIGHT - 2 * _TOP)


def _line(points: Sequence[tuple[int, float]], low: float, high: float, colour: str, name: str) -> str:
    placed = [(_x(rows), _y(value, low, high)) for rows, value in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in placed)
    x, y = placed[-1]
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>{dots}'
        f'<text x="{x + 6:.0f}" y="{y - 6:.0f}" text-anchor="end" fill="{colour}">{name}</text>'
    )
