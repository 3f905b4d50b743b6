"""The signed report: a short statement of the verdict and of the files it is over, in a DSSE envelope."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .canonical import canonical, read_canonical, read_json
from .dsse import read_envelope, sign_document
from .problem import LedgerError

TYPE = "application/vnd.assay.signed-report+json"
VERSION = "signed-report/1"
FILE = "report.sig.json"
REPORT, COUNTS = "report.json", "counts.json"
_KEYS = frozenset(
    {"assay", "batch", "contract", "counts", "inputs", "outcome", "provisional", "report", "round"}
)
_CHUNK = 1 << 20


@dataclass(frozen=True)
class InputHash:
    """A file that the verdict rests on: its role (``delivery``, ``gold``, …), its path as read, its SHA-256."""

    role: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Statement:
    """What is signed: the verdict, the hashes of report and counts, and every input."""

    outcome: str | None
    provisional: bool
    batch: str
    round: int
    contract: str
    report: str
    counts: str | None
    inputs: tuple[InputHash, ...]

    def __bytes__(self) -> bytes:
        return canonical(
            {
                "assay": VERSION, "outcome": self.outcome, "provisional": self.provisional, "batch": self.batch,
                "round": self.round, "contract": self.contract, "report": self.report, "counts": self.counts,
                "inputs": [{"role": one.role, "path": one.path, "sha256": one.sha256} for one in self.inputs],
            }
        )  # fmt: skip


def sign_report(folder: Path, key: Ed25519PrivateKey, also: Mapping[str, Path | None]) -> None:
    """Write ``report.sig.json`` into a folder with a report. ``also`` are files by role that the report does not list.

    Raises :class:`LedgerError` when the report cannot be signed.
    """
    report = (folder / REPORT).read_bytes()
    counts = folder / COUNTS
    more = [
        InputHash(role, path.name, hash_file(path)) for role, path in sorted(also.items()) if path is not None
    ]
    statement = statement_of(report, hash_file(counts) if counts.exists() else None, more)
    (folder / FILE).write_bytes(bytes(sign_document(bytes(statement), TYPE, key)))


def statement_of(report: bytes, counts: str | None = None, more: Sequence[InputHash] = ()) -> Statement:
    """The statement that a report gives rise to. Raises :class:`LedgerError` when this is no report with a verdict."""
    document = read_json(report)
    verdict, batch, inputs = (document.get(key) for key in ("verdict", "batch", "inputs"))
    if type(verdict) is not dict or type(batch) is not dict or type(inputs) is not list:
        raise LedgerError(
            "this report tells no verdict",
            expected="the report.json of a buyer or vendor, from `assay judge`",
        )
    try:
        listed = [InputHash(str(one["role"]), str(one["path"]), str(one["sha256"])) for one in inputs]
        return Statement(
            cast("str | None", verdict["outcome"]), bool(verdict["provisional"]), str(batch["id"]), int(batch["round"]),
            str(verdict["contract"]["id"]), hashlib.sha256(report).hexdigest(), counts, (*listed, *more),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise LedgerError("this is no report of this version", found=f"no {error}") from None


@dataclass(frozen=True)
class SignedReport:
    """A statement, and the public keys whose signatures fit."""

    statement: Statement
    signers: tuple[bytes, ...]


def read_signed_report(data: bytes) -> SignedReport:
    """A signed report from the bytes of its envelope. Raises :class:`LedgerError` when it cannot be read."""
    envelope = read_envelope(data)
    if envelope.payload_type != TYPE:
        raise LedgerError("this signs something else", found=envelope.payload_type[:80], expected=TYPE)
    return SignedReport(_read_statement(envelope.payload), tuple(envelope.signers()))


def _read_statement(payload: bytes) -> Statement:
    document = read_canonical(payload)
    if document.keys() != _KEYS or document["assay"] != VERSION or type(document["inputs"]) is not list:
        raise LedgerError("this is no signed report of this version", expected=VERSION)
    inputs = cast("list[dict[str, str]]", document["inputs"])
    if any(type(one) is not dict or one.keys() != {"role", "path", "sha256"} for one in inputs):
        raise LedgerError("an input of the signed report is incomplete", expected="role, path, sha256")
    return Statement(
        cast("str | None", document["outcome"]), document["provisional"] is not False, str(document["batch"]),
        cast(int, document["round"]), str(document["contract"]), str(document["report"]),
        cast("str | None", document["counts"]),
        tuple(InputHash(str(one["role"]), str(one["path"]), str(one["sha256"])) for one in inputs),
    )  # fmt: skip


def hash_file(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal. Raises :class:`LedgerError` when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise LedgerError("the file cannot be read", file=str(path), found=error.strerror) from None
    return digest.hexdigest()
