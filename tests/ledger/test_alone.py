"""The ledger runs where nothing is installed but `cryptography`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.ledger.programme import LOG_KEY, standard, write
from tests.paths import ROOT

# What the standard library and cryptography need may be imported, everything else that is installed may not.
ALONE = """
import sys
allowed = {"assay", "cryptography", "cffi", "_cffi_backend", "pycparser"} | sys.stdlib_module_names
class Block:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in allowed or name.startswith("assay.") and not name.startswith("assay.ledger"):
            raise ImportError(f"{name} is not installed here")
sys.meta_path.insert(0, Block())
sys.path.insert(0, sys.argv[1])
from runpy import run_module
sys.argv = ["verify", *sys.argv[2:]]
run_module("assay.ledger.verify", run_name="__main__")
"""


def alone(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", ALONE, str(ROOT / "src"), *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_bundle_is_verified_with_cryptography_alone(tmp_path: Path) -> None:
    bundle = write(standard().bundle(), tmp_path / "b.zip")
    pem, held = tmp_path / "key.pub", tmp_path / "held"
    pem.write_bytes(LOG_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    held.write_bytes(bytes(standard().checkpoints[0]))
    done = alone(bundle, "--key", pem, "--checkpoint", held)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Proven.")
    told = alone(bundle, "--json")
    assert (told.returncode, json.loads(told.stdout)["outcome"]) == (3, "not provable")
    data = bytearray(bundle.read_bytes())
    at = data.index(b'"batch":"batch-1"')
    data[at + 10] ^= 1
    bundle.write_bytes(data)
    wrong = alone(bundle, "--key", pem)
    assert (wrong.returncode, wrong.stderr) == (1, "")
    assert "entry 12: the entry was changed" in wrong.stdout
    bundle.write_bytes(b"hello")
    refused = alone(bundle)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Traceback" not in refused.stderr


def test_nothing_of_what_is_blocked_could_be_imported() -> None:
    blocked = ALONE.replace('run_module("assay.ledger.verify", run_name="__main__")', "import numpy")
    done = subprocess.run(
        [sys.executable, "-I", "-c", blocked, str(ROOT / "src")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "numpy is not installed here" in done.stderr
