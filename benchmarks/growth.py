"""Growth: CPU seconds and peak memory of `assay judge` on Parquet files from 10^5 to 10^8 rows."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import duckdb

from .plot import growth_plot
from .results import RESULTS, Json, machine, read, write
from .running import run
from .speed import OURS, OUTCOMES

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "growth.svg"
ROWS = (100_000, 1_000_000, 10_000_000, 100_000_000)
LIMIT_CPU_S, LIMIT_MB = 80.0, 4096.0
GOLD = 1000
VOTES, CLASSES, PEOPLE = 3, 12, 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m benchmarks growth``."""
    parser.add_argument(
        "--rows", type=int, action="append", help="only so many rows (10^5, 10^6, 10^7, 10^8)"
    )
    parser.add_argument("--work", type=Path, help="folder for the generated data (a temporary one)")
    parser.add_argument("--out", type=Path, default=RESULTS / "growth.json")
    parser.add_argument("--picture", type=Path, default=PICTURE)


def run_growth(options: argparse.Namespace) -> int:
    """Measure each size, keep what was measured before, and draw the picture; 1 beyond the limits."""
    document = read(options.out) or {}
    earlier = document.get("points")
    points: dict[int, Json] = {int(p["rows"]): p for p in earlier} if isinstance(earlier, list) else {}
    for rows in options.rows or ROWS:
        with tempfile.TemporaryDirectory(prefix="assay-bench-", dir=options.work) as folder:
            points[rows] = _measured(rows, Path(folder))
        print(f"{rows:>12,} rows: {points[rows]['cpu_s']} CPU s, {points[rows]['peak_mb']} MB", flush=True)
        document = {
            "command": "python -m benchmarks growth",
            "machine": machine(),
            "limits": {"cpu_s": LIMIT_CPU_S, "peak_mb": LIMIT_MB},
            "points": [points[size] for size in sorted(points)],
        }
        write(options.out, document)
    picture = growth_plot(
        [(int(r), float(str(p["cpu_s"])), float(str(p["peak_mb"]))) for r, p in sorted(points.items())],
        limits=(LIMIT_CPU_S, LIMIT_MB),
    )
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    options.picture.write_text(picture, encoding="utf-8")
    within = (
        float(str(p["cpu_s"])) <= LIMIT_CPU_S and float(str(p["peak_mb"])) <= LIMIT_MB
        for p in points.values()
    )
    return int(not all(within))


def _measured(rows: int, folder: Path) -> Json:
    generate(rows, folder)
    load = os.getloadavg()[0]
    used = run(
        [
            OURS, "judge", folder / "labels.parquet", "--gold", folder / "gold.csv",
            "--items", folder / "items.parquet", "--out", folder / "report",
        ],
        log=folder / "ours.log",
        accepted=OUTCOMES,
    )  # fmt: skip
    size = sum((folder / name).stat().st_size for name in ("labels.parquet", "items.parquet"))
    return {"rows": rows, **used.as_json(), "file_mb": round(size / 1e6, 1), "load_before": round(load, 2)}


def generate(rows: int, folder: Path) -> None:
    """A batch as a stream: three votes an item, twelve classes, fifty people, two slices, a thousand gold items.

    Everything about a row is a hash of its number, so no memory grows with the rows and every run has the same data.
    """
    items = rows // VOTES
    with duckdb.connect(config={"memory_limit": "1GB", "preserve_insertion_order": False}) as connection:
        connection.execute("SET temp_directory = ?", [str(folder / "spill")])
        connection.execute(_MACROS)
        labels = (
            "SELECT item, (hash(item, 2) % 50 + vote * (1 + hash(item, 3) % 15)) % 50 AS annotator, "
            "printf('class_%02d', answer(item, vote)) AS label "
            f"FROM (SELECT i // {VOTES} AS item, i % {VOTES} AS vote FROM range({items * VOTES}) AS r(i))"
        )
        gold = (
            "SELECT item, printf('class_%02d', truth(item)) AS label "
            f"FROM (SELECT i * {max(items // GOLD, 1)} AS item FROM range({min(GOLD, items)}) AS r(i))"
        )
        manifest = (
            "SELECT i AS item, hash(i, 5) % 20 AS segment, hash(i, 5) % 2 AS side "
            f"FROM range({items}) AS r(i)"
        )
        for name, query in (("labels.parquet", labels), ("items.parquet", manifest)):
            connection.execute(
                f"COPY ({query}) TO '{folder / name}' (FORMAT parquet, ROW_GROUP_SIZE 1000000)"
            )
        connection.execute(f"COPY ({gold}) TO '{folder / 'gold.csv'}' (HEADER)")


_MACROS = f"""
CREATE MACRO part(a, b) AS (hash(a, b) % 1000003) / 1000003.0;
CREATE MACRO truth(item) AS floor({CLASSES} * pow(part(item, 1), 1.6))::INTEGER;
CREATE MACRO is_wrong(item, vote) AS
    part(item * 4 + vote, 7) < 0.07 * CASE WHEN hash(item, 5) % 20 = 3 THEN 3 ELSE 1 END;
CREATE MACRO answer(item, vote) AS CASE WHEN NOT is_wrong(item, vote) THEN truth(item)
    WHEN part(item * 4 + vote, 8) < 0.7 THEN xor(truth(item), 1)
    ELSE (hash(item * 4 + vote, 9) % {CLASSES})::INTEGER END;
"""
