"""The ledger: verifying a bundle of a million entries, and what appending one costs."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.ledger.bundle import bundle_of, write_bundle
from assay.ledger.entries import entry_bytes
from assay.ledger.log import Ledger
from assay.ledger.note import LOG, NoteKey
from assay.ledger.tree import leaf_hash

from .results import RESULTS, Json, machine, write
from .running import Usage, middle, run

ENTRIES = (10_000, 100_000, 1_000_000)
LIMIT_S, LIMIT_MB = 60.0, 500.0
LIMIT_AT = 1_000_000
_ORIGIN = "buyer.example/benchmark"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m benchmarks ledger``."""
    parser.add_argument("--entries", type=int, action="append", help="only so many entries")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, help="folder for the generated bundles (a temporary one)")
    parser.add_argument("--out", type=Path, default=RESULTS / "ledger.json")


def run_ledger(options: argparse.Namespace) -> int:
    """Measure each size; 1 when a million entries take longer or more memory than the limit."""
    points, within = [], True
    for count in options.entries or ENTRIES:
        with tempfile.TemporaryDirectory(prefix="assay-bench-", dir=options.work) as folder:
            point, used = _measured(count, options.rounds, Path(folder))
        points.append(point)
        within &= count != LIMIT_AT or (used.wall_s <= LIMIT_S and used.peak_mb <= LIMIT_MB)
        print(f"{count:>9,} entries: {point['verify']}, {point['append_us']} µs an append", flush=True)
        write(
            options.out,
            {
                "command": "python -m benchmarks ledger",
                "machine": machine(),
                "rounds": options.rounds,
                "limits": {"entries": LIMIT_AT, "wall_s": LIMIT_S, "peak_mb": LIMIT_MB},
                "points": points,
            },
        )
    return int(not within)


def _measured(count: int, rounds: int, folder: Path) -> tuple[Json, Usage]:
    ledger, append_us = grown(count)
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = NoteKey(_ORIGIN, LOG, key.public_key().public_bytes_raw())
    bundle, known = folder / "bundle.zip", folder / "ledger.key"
    write_bundle(bundle, bundle_of(ledger, ledger.checkpoint(key), [public]))
    known.write_text(f"{public}\n", encoding="utf-8")
    del ledger
    load = os.getloadavg()[0]
    command = [sys.executable, "-m", "assay.ledger.verify", bundle, "--key", known]
    used = middle([run(command, log=folder / "ours.log") for _ in range(rounds)])
    return {
        "entries": count, "verify": used.as_json(), "append_us": round(append_us, 1),
        "file_mb": round(bundle.stat().st_size / 1e6, 1), "load_before": round(load, 2),
    }, used  # fmt: skip


def grown(count: int) -> tuple[Ledger, float]:
    """A ledger of annotations under one guideline, and CPU µs for checking, hashing and appending an entry."""
    dice, ledger = random.Random(1), Ledger(_ORIGIN)
    schema = _entry(dice, "schema", {}, {"version": "1", "sha256": "0" * 64}, "service")
    guideline = _entry(
        dice,
        "guideline",
        {"schema": leaf_hash(schema).hex()},
        {"version": "1.0", "sha256": "0" * 64},
        "service",
    )
    parents = {"guideline": leaf_hash(guideline).hex()}
    people = [f"person-{dice.randbytes(16).hex()}" for _ in range(50)]
    ledger.append(schema)
    ledger.append(guideline)
    spent = 0.0
    for number in range(2, count):
        facts = {"item": dice.randbytes(32).hex(), "content": dice.randbytes(32).hex(), "layer": "first_pass"}
        entry = _entry(dice, "annotation", parents, facts, people[number % 50])
        begun = time.process_time()
        ledger.append(entry)
        spent += time.process_time() - begun
    return ledger, spent / max(count - 2, 1) * 1e6


def _entry(
    dice: random.Random, kind: str, parents: dict[str, str], facts: dict[str, object], by: str
) -> bytes:
    name = str(uuid.UUID(bytes=dice.randbytes(16)))
    return entry_bytes(kind, id=name, at="2026-03-01T09:00:00Z", by=by, parents=parents, facts=facts)
