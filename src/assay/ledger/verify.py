"""``python -m assay.ledger.verify BUNDLE``: checks a bundle where nothing is installed but ``cryptography``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .check import check_bundle
from .checkpoint import parse_checkpoint
from .keys import load_public_key
from .outcome import UNREADABLE, Outcome
from .problem import LedgerError
from .telling import told

_MOST_BYTES = 1 << 20


def verify(bundle: Path, *, keys: Sequence[Path] = (), checkpoint: Path | None = None) -> Outcome:
    """Check a bundle with public keys and an earlier checkpoint from files. Raises :class:`LedgerError`."""
    known = [load_public_key(path) for path in keys]
    if checkpoint is None:
        return check_bundle(bundle, keys=known)
    try:
        with checkpoint.open("rb") as stream:
            held = parse_checkpoint(stream.read(_MOST_BYTES))
    except OSError as error:
        raise LedgerError(
            "the checkpoint cannot be read", file=str(checkpoint), found=error.strerror
        ) from None
    except LedgerError as error:
        error.file = str(checkpoint)
        raise
    return check_bundle(bundle, keys=known, held=held)


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns 0 proven, 1 wrong, 2 unreadable, 3 not provable."""
    parser = argparse.ArgumentParser(prog="python -m assay.ledger.verify", description=__doc__)
    parser.add_argument("bundle", type=Path, help="the bundle: one file, or its folder")
    parser.add_argument(
        "--key", type=Path, action="append", default=[], help="public key of the ledger or a witness"
    )
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint of this ledger that you kept")
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    given = parser.parse_args(arguments)
    try:
        outcome = verify(given.bundle, keys=given.key, checkpoint=given.checkpoint)
    except LedgerError as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    text = json.dumps(outcome.as_json(), indent=2) if given.json else told(outcome)
    sys.stdout.write(f"{text}\n")
    return outcome.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
