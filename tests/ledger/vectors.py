"""Writes the vectors for other verifiers: ``python -m tests.ledger.vectors``. The same every time."""

from __future__ import annotations

import base64
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from assay.ledger.check import check_bundle
from assay.ledger.checkpoint import parse_checkpoint
from assay.ledger.note import parse_key
from assay.ledger.outcome import FINE, NOT_PROVABLE
from assay.ledger.problem import LedgerError
from tests.ledger.other_verifier import packed, unzip
from tests.ledger.programme import LOG_KEY, build, public, standard, write
from tests.ledger.tampering import PARTIAL, TAMPERINGS, Opened, forged, keepers_entries
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "reference" / "ledger-vectors"
FLIPS = 1_000
Vector = dict[str, object]


def verdict(path: Path, keys: list[str], held: bytes | None) -> str:
    """What our own verifier says, in the words of the vectors."""
    try:
        outcome = check_bundle(
            path, keys=[parse_key(key) for key in keys], held=parse_checkpoint(held) if held else None
        )
    except LedgerError:
        return "wrong"
    return {FINE: "proven", NOT_PROVABLE: "not provable"}.get(outcome.code, "wrong")


def bases(folder: Path) -> dict[str, Path]:
    """The good bundles that everything else is a change of."""
    return {
        "whole": write(standard().bundle(), folder / "whole.zip"),
        "partial": write(standard().bundle(indices=PARTIAL), folder / "partial.zip"),
        "bare": write(
            build(5, labels=0, outcome="accept").bundle(witness=False, earlier=False), folder / "bare.zip"
        ),
    }


def stretch(old: bytes, new: bytes) -> list[object]:
    """A change as the one stretch of bytes that differs: begin, end (without), what stands there instead."""
    begin = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    most = min(len(old), len(new)) - begin
    tail = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
    return [begin, len(old) - tail, base64.b64encode(new[begin : len(new) - tail]).decode()]


def patch(name: str, base: str, old: Path, new: Path, expected: str) -> Vector:
    """A change of some files; the archive is then packed again."""
    before, after = Opened(old).files, Opened(new).files
    files = {
        one: stretch(before.get(one, b""), data) for one, data in after.items() if before.get(one) != data
    }
    removed = sorted(set(before) - set(after))
    return {"name": name, "base": base, "files": files, "removed": removed, "expected": expected}


def vectors(folder: Path) -> Iterator[Vector]:
    """Every change with its expected outcome, under the key of the ledger and no held checkpoint."""
    made = bases(folder)
    key = [str(public(LOG_KEY))]
    data = {name: path.read_bytes() for name, path in made.items()}
    for number, way in enumerate(TAMPERINGS):
        base = "partial" if way.partial else "whole"
        opened = Opened(made[base])
        way.do(opened)
        path = opened.pack(folder / f"t{number}.zip")
        yield patch(way.name, base, made[base], path, verdict(path, key, None))
    for number, (name, (entries, _)) in enumerate(keepers_entries(standard()).items()):
        path = forged(entries, folder / f"k{number}.zip")
        yield patch(name, "whole", made["whole"], path, verdict(path, key, None))
    for seed in range(8):
        other = build(100 + seed, labels=seed % 2, outcome="accept" if seed % 2 else "rework")
        some = sorted(random.Random(seed).sample(range(len(other.ledger)), 5)) if seed % 3 else None
        path = write(other.bundle(indices=some, witness=seed % 2 == 0), folder / f"g{seed}.zip")
        yield patch(f"good {seed}", "bare", made["bare"], path, verdict(path, key, None))
    dice = random.Random(2026)
    for number in range(FLIPS):
        base = ("whole", "partial", "bare")[number % 3]
        at, bit = dice.randrange(len(data[base])), 1 << dice.randrange(8)
        yield {"base": base, "at": at, "flip": bit, "expected": "wrong"}


def changed(base: bytes, vector: Vector) -> bytes:
    """The bundle of a vector."""
    if "flip" in vector:
        at = int(str(vector["at"]))
        return base[:at] + bytes([base[at] ^ int(str(vector["flip"]))]) + base[at + 1 :]
    files = unzip(base)
    for name in cast("list[str]", vector["removed"]):
        del files[name]
    for name, (begin, end, inserted) in cast("dict[str, tuple[int, int, str]]", vector["files"]).items():
        old = files.get(name, b"")
        files[name] = old[:begin] + base64.b64decode(inserted) + old[end:]
    return packed(files)


def files() -> dict[str, bytes]:
    """What the folder of vectors holds, but for the tree and the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        listed = list(vectors(folder))
        made = {f"{base}.zip": (folder / f"{base}.zip").read_bytes() for base in ("whole", "partial", "bare")}
    rows = ",\n".join(json.dumps(vector, ensure_ascii=True) for vector in listed)
    held = {str(at): bytes(one).decode() for at, one in enumerate(standard().checkpoints)}
    head = json.dumps({"key": str(public(LOG_KEY)), "held": held})[:-1]
    made["bundles.json"] = f'{head}, "vectors": [\n{rows}\n]}}\n'.encode()
    return made


if __name__ == "__main__":
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
