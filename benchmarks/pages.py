"""The page docs/benchmarks.md, written from the result files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from .attainable import nearest
from .coverage import POSITIVES, VALUES, standing
from .results import RESULTS, Json, read

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
TEMPLATE = Path(__file__).with_name("page.md")

Entries = list[Json]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m benchmarks pages``."""
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--out", type=Path, default=PAGE)


def run(options: argparse.Namespace) -> int:
    """Write the page."""
    options.out.write_text(page(options.results), encoding="utf-8")
    return 0


def page(results: Path) -> str:
    """The text of the page; what has not been measured says so."""
    text = TEMPLATE.read_text(encoding="utf-8")
    parts = {
        "speed": speed_table,
        "located": located_table,
        "growth": growth_table,
        "ledger": ledger_table,
        "coverage": coverage_tables,
        "outside": outside_list,
    }
    for name, made in parts.items():
        document = read(results / ("coverage.json" if name == "outside" else f"{name}.json"))
        told = "Not measured yet." if document is None else made(document)
        text = text.replace(f"<!-- {name} -->", told)
    return text


def table(head: list[str], rows: Iterator[list[str]] | list[list[str]]) -> str:
    """A table of Markdown whose first column is text and whose others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def speed_table(document: Mapping[str, object]) -> str:
    """Ours and the pipeline, CPU seconds and memory."""
    rows = []
    for entry in cast("Entries", document["matches"]):
        ours, peer = cast("dict[str, float]", entry["ours"]), cast("dict[str, float]", entry["peer"])
        limits = cast("dict[str, float]", entry["limits"])
        rows.append(
            [
                f"{entry['rows']:,}, pipeline {entry['pipeline']}",
                f"{ours['cpu_s']:.2f}", f"{peer['cpu_s']:.2f}", f"{entry['cpu_ratio']}",
                f"{ours['peak_mb']:,.0f}", f"{peer['peak_mb']:,.0f}", f"{entry['memory_ratio']}",
                f"{limits['cpu_s']:g} s, {limits['peak_mb']:,.0f} MB",
            ]
        )  # fmt: skip
    head = ["Rows", "Ours, CPU s", "Pipeline", "ratio", "Ours, MB", "Pipeline", "ratio", "our limit"]
    return f"{table(head, rows)}\n\nMedians of {document['rounds']} runs each. {_machine(document)}"


def located_table(document: Mapping[str, object]) -> str:
    """Ours and every peer of each row, CPU seconds and memory."""
    rows = []
    for entry in cast("Entries", document["rows"]):
        ours, limits = (
            cast("dict[str, float]", entry["ours"]),
            cast("dict[str, float | None]", entry["limits"]),
        )
        most = _seconds(cast("float", limits["cpu_s"]))
        most += "" if most.endswith("ms") else " s"
        most += f", {limits['peak_mb']:,.0f} MB" if limits["peak_mb"] is not None else ""
        mine = [_seconds(ours["cpu_s"]), f"{ours['peak_mb']:,.0f}"]
        for number, peer in enumerate(cast("list[dict[str, float]]", entry["peers"]) or [None]):
            first = [str(entry["said"]), *mine, most] if not number else [""] * 4
            beside = [""] * 5 if peer is None else [
                str(peer["peer"]), _seconds(peer["cpu_s"]), f"{peer['cpu_ratio']:,}", f"{peer['peak_mb']:,.0f}",
                f"{peer['memory_ratio']}",
            ]  # fmt: skip
            rows.append([*first, *beside])
    head = ["What", "Ours, CPU s", "Ours, MB", "our limit", "Beside it", "CPU s", "ratio", "MB", "ratio"]
    rounds = sorted({int(str(entry["rounds"])) for entry in cast("Entries", document["rows"])})
    told = f"Medians of {' or '.join(map(str, rounds))} runs each."
    return f"{table(head, rows)}\n\n{told} {_machine(document)}"


def ledger_table(document: Mapping[str, object]) -> str:
    """Verifying and appending by entries."""
    rows = []
    for point in cast("Entries", document["points"]):
        used = cast("dict[str, float]", point["verify"])
        rows.append(
            [
                f"{point['entries']:,}", f"{used['cpu_s']:.2f}", f"{used['wall_s']:.1f}", f"{used['peak_mb']:,.0f}",
                f"{point['file_mb']:,.0f}", f"{point['append_us']:.0f}",
            ]
        )  # fmt: skip
    limits = cast("dict[str, float]", document["limits"])
    head = ["Entries", "Verify, CPU s", "Wall s", "Peak MB", "Bundle MB", "Append, CPU µs"]
    most = (
        f"The limit at {limits['entries']:,} entries is {limits['wall_s']:g} s and {limits['peak_mb']:g} MB."
    )
    told = f"Medians of {document['rounds']} runs each. {most}"
    return f"{table(head, rows)}\n\n{told} {_machine(document)}"


def _seconds(value: float) -> str:
    """CPU seconds at three digits, small ones in milliseconds."""
    return f"{value:.3g}" if value >= 0.05 else f"{1000 * value:.3g} ms"


def growth_table(document: Mapping[str, object]) -> str:
    """CPU seconds, memory and file size by rows."""
    rows = [
        [
            f"{p['rows']:,}",
            f"{p['cpu_s']:.2f}",
            f"{p['wall_s']:.1f}",
            f"{p['peak_mb']:,.0f}",
            f"{p['file_mb']:,.0f}",
        ]
        for p in cast("Entries", document["points"])
    ]
    limits = cast("dict[str, float]", document["limits"])
    told = f"The limit at 10^8 rows is {limits['cpu_s']:g} CPU seconds and {limits['peak_mb']:,.0f} MB."
    head = ["Rows", "CPU s", "Wall s", "Peak MB", "Parquet MB"]
    return f"{table(head, rows)}\n\n{told} {_machine(document)}"


def coverage_tables(document: Mapping[str, object]) -> str:
    """One table for each kind of panel, and how many cells stand where."""
    cells, runs = cast("Entries", document["cells"]), _runs(document)
    out = []
    for clustered, weighted in ((False, False), (False, True), (True, False), (True, True)):
        mine = [e for e in cells if (e["clustered"], e["weighted"]) == (clustered, weighted)]
        kind = "In clusters of five" if clustered else "Single items"
        out.append(f"### {kind}, {'two strata of unequal weight' if weighted else 'all alike'}\n")
        out.append(table(["Figure, true value", *map(str, POSITIVES)], _rows(mine, runs)) + "\n")
    counts = [standing(entry, runs) for entry in cells]
    inside, edge = counts.count("inside"), counts.count("edge")
    method = cast("dict[str, int]", document["method"])
    out.append(
        f"Of {len(cells)} cells {inside} lie within 93-97 %, {edge} within two standard errors of the simulation "
        f"beside it (*), {len(cells) - inside - edge} outside (**). {runs:,} runs a cell, "
        f"{method['replicates']:,} replicates. {_machine(document)}"
    )
    return "\n".join(out)


def _rows(cells: Entries, runs: int) -> Iterator[list[str]]:
    for name in dict.fromkeys(str(e["measured"]) for e in cells):
        for value in VALUES:
            found = {e["positives"]: e for e in cells if (e["measured"], e["value"]) == (name, value)}
            yield [f"{name} {value:.2f}", *(_cell(found.get(p), runs) for p in POSITIVES)]


def _cell(entry: Json | None, runs: int) -> str:
    if entry is None or entry["coverage"] is None:
        return "–"
    mark = {"inside": "", "edge": "\\*", "outside": "\\*\\*"}[standing(entry, runs)]
    return f"{100 * cast('float', entry['coverage']):.1f}{mark}"


def outside_list(document: Mapping[str, object]) -> str:
    """The cells that miss, with what is possible where it can be computed."""
    runs, rows = _runs(document), []
    for entry in cast("Entries", document["cells"]):
        if standing(entry, runs) != "outside":
            continue
        kind = f"{'clustered' if entry['clustered'] else 'single'}, {'weighted' if entry['weighted'] else 'alike'}"
        rows.append(
            [
                f"{entry['measured']} {entry['value']:.2f}, {entry['positives']}, {kind}",
                _percent(entry["coverage"]), _percent(entry["too_low"]), _percent(entry["too_high"]),
                _possible(entry),
            ]
        )  # fmt: skip
    if not rows:
        return "None."
    return table(["Cell", "coverage", "too low", "too high", "possible"], rows)


def _possible(entry: Json) -> str:
    """The coverages next to 95 % that any interval of a count of right answers can have."""
    if entry["measured"] != "accuracy" or entry["clustered"] or entry["weighted"]:
        return ""
    found = nearest(cast("int", entry["positives"]), cast("float", entry["value"]))
    return " or ".join(_percent(share) for share in found)


def _percent(share: object) -> str:
    return f"{100 * cast('float', share):.1f}"


def _runs(document: Mapping[str, object]) -> int:
    return int(cast("dict[str, int]", document["method"])["runs"])


def _machine(document: Mapping[str, object]) -> str:
    found = cast("dict[str, object]", document["machine"])
    versions = f"Python {found['python']}, NumPy {found['numpy']}, DuckDB {found['duckdb']}"
    return f"`{document['command']}`, {versions}, {found['cores']} cores."
