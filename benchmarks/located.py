"""Boxes, spans and conversions side by side: our commands and measures beside public packages, on the same data."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assay.annotation.strict_json import load_json

from . import located_data
from .results import RESULTS, Json, machine, read, write
from .running import Usage, middle, run
from .speed import OURS, OUTCOMES, PEERS

Runner = Callable[[Path, int], Usage]


@dataclass(frozen=True)
class Row:
    """One row of the table: what is done, at which size, within which limits, and who else does it.

    ``limits`` are CPU seconds and MB, None where only the other one counts. ``peers`` are those that run at the full
    size; ``make`` prepares the data in a folder, which both sides read.
    """

    name: str
    said: str
    size: int
    limits: tuple[float, float | None]
    ours: Runner
    peers: dict[str, Runner] = field(default_factory=dict)
    make: Callable[[Path, int, Path], None] | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m benchmarks located``."""
    parser.add_argument("--row", action="append", choices=[row.name for row in ROWS], help="only this row")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side, taken in turn (3)")
    parser.add_argument("--scale", type=float, default=1.0, help="a share of the sizes, to try it out (1)")
    parser.add_argument("--without-peers", action="store_true", help="only our side")
    parser.add_argument(
        "--peers", type=Path, default=PEERS, help="folder of peer_pipeline.py and gen_batch.py"
    )
    parser.add_argument("--work", type=Path, help="folder for the generated data (a temporary one)")
    parser.add_argument("--out", type=Path, default=RESULTS / "located.json")


def run_located(options: argparse.Namespace) -> int:
    """Time every row, keep what was measured before, and write the result file; 1 beyond the limits."""
    asked = [row for row in ROWS if options.row is None or row.name in options.row]
    if any(row.make is _judged for row in asked) and not (options.peers / "gen_batch.py").is_file():
        print(f"the pipeline to compare with is not in {options.peers}; name its folder with --peers")
        return 2
    document = read(options.out) or {}
    earlier = document.get("rows")
    found: dict[str, Json] = {str(one["row"]): one for one in earlier} if isinstance(earlier, list) else {}
    for row in asked:
        with tempfile.TemporaryDirectory(prefix="assay-bench-", dir=options.work) as folder:
            found[row.name] = _timed(row, options, Path(folder))
        print(_told(found[row.name]), flush=True)
        document = {
            "command": "python -m benchmarks located",
            "machine": machine(),
            "rows": [found[row.name] for row in ROWS if row.name in found],
        }
        write(options.out, document)
    return int(not all(found[row.name]["within"] for row in asked))


def _timed(row: Row, options: argparse.Namespace, home: Path) -> Json:
    size = max(int(row.size * options.scale), 1)
    if row.make is not None:
        row.make(home, size, options.peers)
    sides = {"ours": row.ours, **({} if options.without_peers else row.peers)}
    runs: dict[str, list[Usage]] = {name: [] for name in sides}
    load = os.getloadavg()[0]
    for _ in range(options.rounds):
        for name, runner in sides.items():
            runs[name].append(runner(home, size))
    middles = {name: middle(some) for name, some in runs.items()}
    mine = middles.pop("ours")
    seconds, megabytes = row.limits
    return {
        "row": row.name,
        "said": row.said.format(size=size),
        "size": size,
        "rounds": options.rounds,
        "ours": _rounded(mine),
        "peers": [
            {
                "peer": name,
                **_rounded(one),
                "cpu_ratio": round(one.cpu_s / mine.cpu_s, 1),
                "memory_ratio": round(one.peak_mb / mine.peak_mb, 1),
            }
            for name, one in middles.items()
        ],
        "limits": {"cpu_s": seconds, "peak_mb": megabytes},
        "within": mine.cpu_s <= seconds and (megabytes is None or mine.peak_mb <= megabytes),
        "each": {name: [_rounded(one) for one in some] for name, some in runs.items()},
        "load_before": round(load, 2),
    }


def _rounded(used: Usage) -> dict[str, float]:
    """Three digits: a frame takes less than a millisecond."""
    return {name: float(f"{value:.3g}") for name, value in vars(used).items()}


def _told(entry: Json) -> str:
    ours, peers = entry["ours"], entry["peers"]
    if not isinstance(ours, dict) or not isinstance(peers, list):
        raise TypeError("a row holds our usage and a list of peers")
    beside = "".join(
        f"; {one['peer']} {one['cpu_s']} CPU s, {one['peak_mb']} MB ({one['cpu_ratio']} times the time)"
        for one in peers
    )
    return f"{entry['said']}: ours {ours['cpu_s']} CPU s, {ours['peak_mb']} MB{beside}"


def _job(name: str) -> Runner:
    """A computation in a process of its own, which says what it used."""

    def runner(home: Path, size: int) -> Usage:
        log = home / f"{name}.log"
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.located_jobs", name, str(size)]
        used = run(command, log=log)
        told = load_json(log)
        if not isinstance(told, dict):
            raise TypeError("a job prints what it used")
        return replace(used, **{name: float(str(told[name])) for name in ("cpu_s", "wall_s", "peak_mb")})

    return runner


def _command(arguments: Callable[[Path], Sequence[str | Path]], accepted: Sequence[int] = (0,)) -> Runner:
    """A whole command, from start to its end; what an earlier run wrote is taken away before."""

    def runner(home: Path, size: int) -> Usage:
        del size
        shutil.rmtree(home / "out", ignore_errors=True)
        return run(arguments(home), log=home / "command.log", accepted=accepted)

    return runner


def _judged(home: Path, size: int, peers: Path) -> None:
    located_data.judged_batch(home / "batch", size, peers)
    shutil.copy(peers / "peer_pipeline.py", home)


def _judge(home: Path) -> Sequence[str | Path]:
    batch = home / "batch"
    return [OURS, "judge", batch, "--gold", batch / "gold.json", "--out", home / "out"]


def _pipeline(home: Path, size: int) -> Usage:
    """The pipeline resets the kernel's mark of its largest size between stages and notes the largest itself."""
    del size
    batch = home / "batch"
    used = run([sys.executable, home / "peer_pipeline.py", "coco", batch], log=home / "pipeline.log")
    told = load_json(batch / "peer_timing.json")
    if not isinstance(told, dict):
        raise TypeError("the pipeline wrote no timings")
    return replace(used, peak_mb=max(used.peak_mb, float(str(told["peak_mb"]))))


def _coco(home: Path, size: int, peers: Path) -> None:
    del peers
    located_data.write_coco(home / "coco" / "annotations" / "instances_train.json", size)
    (home / "coco" / "images").mkdir()


def _convert(to: str) -> Runner:
    source = Path("coco", "annotations", "instances_train.json")
    return _command(lambda home: [OURS, "convert", home / source, home / "out", "--to", to])


def _datumaro(to: str) -> Runner:
    program = (
        "import sys, datumaro\n"
        "found = datumaro.Dataset.import_from(sys.argv[1], 'coco')\n"
        "found.export(sys.argv[2], sys.argv[3], save_media=False)\n"
    )
    return _command(
        lambda home: [sys.executable, "-W", "ignore", "-c", program, home / "coco", home / "out", to]
    )


def _export(home: Path, size: int, peers: Path) -> None:
    del peers
    located_data.write_label_studio(home / "export.json", size)


def _json_load(home: Path, size: int) -> Usage:
    del size
    program = "import json, sys\nprint(len(json.load(open(sys.argv[1], 'rb'))))"
    return run([sys.executable, "-c", program, home / "export.json"], log=home / "json.log")


def _two_sides(name: str, *peers: str) -> tuple[Runner, dict[str, Runner]]:
    return _job(name), {peer: _job(f"{name}-{peer.lower()}") for peer in peers}


_MATCHING, _FRAME, _SPANS = (
    _two_sides("matching", "SciPy", "pycocotools"),
    _two_sides("frame", "datumaro"),
    _two_sides("spans", "seqeval"),
)

ROWS = (
    Row(
        "judge-10k", "COCO of 3 people, {size:,} images, with gold: `assay judge`", 10_000, (2.0, None),
        _command(_judge, OUTCOMES), {"pipeline": _pipeline}, _judged,
    ),
    Row(
        "judge-100k", "COCO of 3 people, {size:,} images, with gold: `assay judge`", 100_000, (9.0, 700),
        _command(_judge, OUTCOMES), {"pipeline": _pipeline}, _judged,
    ),
    Row("frame", "One image, {size:,} boxes of each of two people", 100, (0.005, None), *_FRAME),
    Row("matching", "{size:,} images, 10 boxes of each of two people, IoU .5:.95", 100_000, (3.0, None), *_MATCHING),
    Row("spans", "F1 of exact spans, {size:,} tokens", 1_000_000, (0.8, None), *_SPANS),
    Row(
        "coco-voc", "COCO to Pascal VOC, {size:,} images, ten boxes each", 20_000, (6.0, 300),
        _convert("voc"), {"datumaro": _datumaro("voc")}, _coco,
    ),
    Row(
        "coco-yolo", "COCO to YOLO, {size:,} images, ten boxes each", 20_000, (6.0, 300),
        _convert("yolo"), {"datumaro": _datumaro("yolo")}, _coco,
    ),
    Row(
        "label-studio", "Label Studio export of {size:,} MB: `assay inspect`", 1_000, (1000 / 60, 400),
        _command(lambda home: [OURS, "inspect", home / "export.json", "--json"]), {"json.load": _json_load}, _export,
    ),
)  # fmt: skip
