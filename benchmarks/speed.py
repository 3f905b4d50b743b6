"""`assay judge` beside the pipeline a careful data scientist writes from public packages, in one run.

The pipeline and the generator of its data lie beside the repository (`../shared/bench`); without them there is nothing
to compare with. Data go to a folder of their own; the manifest gets a second slice, so that two are measured.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from .commands import Summary, assay, in_turn, run

PEER = Path(__file__).resolve().parents[2] / "shared" / "bench"
LOOPS = "kappa,ds"  # the two stages of the pipeline that loop over a package function in Python
HEAVY = "boot,kappa,ds"  # left out at 10^7 rows, where they would take hours or all memory


def batch(work: Path, rows: int) -> Path:
    """The generated batch of so many rows, made once."""
    folder = work / f"cat-{rows}"
    if not (folder / "items.csv").is_file():
        made = run(
            [sys.executable, str(PEER / "gen_batch.py"), "cat", str(folder), "--rows", str(rows)], folder=work
        )
        if made.code:
            raise RuntimeError("the generator of the data failed")
        _with_two_slices(folder)
    return folder


def _with_two_slices(folder: Path) -> None:
    with (folder / "tasks.csv").open() as tasks, (folder / "items.csv").open("w") as items:
        next(tasks)
        items.write("item,segment,half\n")
        for line in tasks:
            task, segment = line.strip().split(",")
            items.write(f"{task},{segment},{int(segment) % 2}\n")


def ours(folder: Path, out: Path) -> list[str]:
    """The command that judges a batch with two slices and 2,000 replicates."""
    given = ["--gold", str(folder / "gold.csv"), "--items", str(folder / "items.csv"), "--out", str(out)]
    return [assay(), "judge", str(folder / "labels.csv"), *given]


def peer(folder: Path, skip: str = "") -> list[str]:
    """The pipeline on the same files."""
    command = [sys.executable, str(PEER / "peer_pipeline.py"), "cat", str(folder)]
    return [*command, "--skip", skip] if skip else command


def compare(work: Path, rows: int, *, runs: int, skip: str) -> dict[str, Summary]:
    """Both commands in turn on one batch."""
    folder, out = batch(work, rows), work / "report"
    shutil.rmtree(out, ignore_errors=True)
    return in_turn({"assay": ours(folder, out), "peer": peer(folder, skip)}, runs=runs, folder=work)


def table(found: dict[str, Summary], title: str) -> str:
    """Both commands with their ratios."""
    mine, other = found["assay"], found["peer"]
    lines = [title, f"{'':10} {'CPU s':>9} {'wall s':>9} {'peak MB':>9}"]
    lines += [f"{n:10} {s.cpu_s:>9.2f} {s.wall_s:>9.2f} {s.peak_mb:>9.0f}" for n, s in found.items()]
    ratios = (other.cpu_s / mine.cpu_s, other.wall_s / mine.wall_s, other.peak_mb / mine.peak_mb)
    return "\n".join([*lines, f"{'ratio':10} " + " ".join(f"{ratio:>8.1f}x" for ratio in ratios)])


def measure(work: Path, sizes: Sequence[int], runs: int) -> dict[str, object]:
    """All comparisons, printed as they are ready."""
    if not PEER.is_dir():
        print(f"Nothing to compare with: {PEER.name} does not lie beside the repository.")
        return {}
    out: dict[str, object] = {}
    for rows in sizes:
        cases = (
            {"whole": "", "without its two loops": LOOPS} if rows < 10**7 else {"without three stages": HEAVY}
        )
        for name, skip in cases.items():
            found = compare(work, rows, runs=runs if rows < 10**7 else min(runs, 2), skip=skip)
            print(table(found, f"\n{rows:,} rows; the pipeline {name}"), flush=True)
            out[f"{rows} rows, {name}"] = {key: one.as_json() for key, one in found.items()}
    return out
