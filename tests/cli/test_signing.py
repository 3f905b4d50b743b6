"""`assay judge --sign`, `assay gate` and `assay verify` as a user runs them."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.ledger.programme import standard, write

from .commands import assay, files, refused


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an accepted batch, a signed report and its keys."""
    folder = tmp_path_factory.mktemp("signed")
    assay("simulate", "batch", "--items", "200", "--gold", "100", "--seed", "1", folder=folder, expected=0)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    (folder / "key.pem").chmod(0o600)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "key.pub").write_bytes(public)
    judge(folder, "--sign", "key.pem", expected=0)
    return folder


def judge(folder: Path, *more: str, expected: int | None = None) -> int:
    done = assay(
        "judge", "batch", "--gold", "batch/gold.csv", "--contract", "batch/contract.yaml", "--out", "report", *more,
        folder=folder, expected=expected,
    )  # fmt: skip
    return done.code


def test_a_signed_report_opens_the_gate_for_the_files_that_were_judged(signed: Path) -> None:
    done = assay(
        "gate", "batch/labels.csv", "--report", "report/report.sig.json", "--key", "key.pub", folder=signed
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Open:")
    told = assay(
        "gate", "batch/labels.csv", "--report", "report/report.json", "--json", folder=signed, expected=3
    )
    assert told.document["outcome"] == "not provable"


def test_the_gate_is_closed_for_other_files_and_other_keys(signed: Path, tmp_path: Path) -> None:
    shutil.copytree(signed, tmp_path / "copy")
    folder = tmp_path / "copy"
    arguments = ("gate", "batch/labels.csv", "--report", "report/report.sig.json", "--key", "key.pub")
    labels = folder / "batch" / "labels.csv"
    labels.write_text(labels.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    done = assay(*arguments, folder=folder, expected=1)
    assert "changed since the verdict" in done.out
    refused(assay(*arguments[:-1], "key.pem", folder=folder), "key.pem", "private")
    refused(assay(*arguments[:3], "nothing.json", folder=folder), "nothing.json")
    refused(assay("gate", "nothing.csv", *arguments[2:], folder=folder), "nothing.csv")


def test_signing_replaces_an_earlier_report_and_a_bad_key_changes_nothing(
    signed: Path, tmp_path: Path
) -> None:
    shutil.copytree(signed, tmp_path / "copy")
    folder = tmp_path / "copy"
    before = files(folder / "report")
    judge(folder, "--sign", "key.pem", expected=0)
    assert files(folder / "report") == before
    (folder / "key.pem").chmod(0o644)
    done = assay("judge", "batch", "--out", "report", "--sign", "key.pem", folder=folder)
    refused(done, "key.pem", "0644", "0600")
    assert files(folder / "report") == before
    judge(folder, expected=0)
    assert "report.sig.json" not in files(folder / "report")


def test_a_signed_report_lists_the_contract_beside_the_inputs(signed: Path) -> None:
    envelope = json.loads((signed / "report" / "report.sig.json").read_text(encoding="utf-8"))
    statement = json.loads(base64.b64decode(envelope["payload"]))
    roles = {one["role"] for one in statement["inputs"]}
    assert {"delivery", "gold", "manifest", "contract", "delivery.yaml"} <= roles


def test_verify_tells_what_is_proven_and_its_codes(tmp_path: Path) -> None:
    write(standard().bundle(), tmp_path / "b.zip")
    done = assay("verify", "b.zip", folder=tmp_path, expected=3)
    assert "--key" in done.out
    assert assay("verify", "b.zip", "--json", folder=tmp_path, expected=3).document["problems"] == []
    refused(assay("verify", "nothing.zip", folder=tmp_path), "nothing.zip")
    refused(assay("verify", "b.zip", "--key", "b.zip", folder=tmp_path), "b.zip")
    refused(assay("verify", "b.zip", "--checkpoint", "b.zip", folder=tmp_path), "b.zip")


def test_openssl_makes_keys_that_fit(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    for command in ("genpkey -algorithm ed25519 -out key.pem", "pkey -in key.pem -pubout -out key.pub"):
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    assay("simulate", "batch", "--items", "200", "--gold", "100", "--seed", "1", folder=tmp_path, expected=0)
    assert judge(tmp_path, "--sign", "key.pem") == 0
    assay("gate", "batch/labels.csv", "--report", "report", "--key", "key.pub", folder=tmp_path, expected=0)
    assay(
        "gate",
        "batch/labels.csv",
        "--report",
        "report/report.json",
        "--key",
        "key.pub",
        folder=tmp_path,
        expected=0,
    )
