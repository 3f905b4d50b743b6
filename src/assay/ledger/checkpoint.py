"""Checkpoints as c2sp.org/tlog-checkpoint specifies them: which ledger, how many entries, which root, signed."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .note import Note, parse_note, sign_note
from .problem import LedgerError
from .text import hash_of, number, to_base64


@dataclass(frozen=True)
class Checkpoint:
    """The head of a ledger: ``origin`` names the ledger, ``root`` (32 bytes) is over its first ``size`` entries."""

    origin: str
    size: int
    root: bytes
    note: Note

    def __bytes__(self) -> bytes:
        return bytes(self.note)


def parse_checkpoint(data: bytes) -> Checkpoint:
    """A checkpoint from its bytes. Raises :class:`LedgerError`; no signature is verified."""
    note = parse_note(data)
    lines = note.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise LedgerError(
            "this is no checkpoint", found=f"{len(lines)} lines", expected="origin, size, root, each a line"
        )
    return Checkpoint(lines[0], number(lines[1], "size"), hash_of(lines[2], "root"), note)


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The text that is signed.

    >>> checkpoint_text("example.com/ledger", 0, bytes(32))
    'example.com/ledger\\n0\\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\\n'
    """
    return f"{origin}\n{size}\n{to_base64(root)}\n"


def sign_checkpoint(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> Checkpoint:
    """A checkpoint signed by the ledger's own key, whose name is the origin."""
    text = checkpoint_text(origin, size, root)
    return Checkpoint(origin, size, root, Note(text, (sign_note(text, key, origin),)))
