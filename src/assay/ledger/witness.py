"""A witness: it keeps the newest checkpoint of one ledger and signs only what continues it.

Whoever holds the ledger's key can write two histories; nobody can get both of them past the same witness. The state is
one file, replaced as a whole before the signature is handed out, under a lock, so that two calls cannot both go on from
the same checkpoint. ``python -m assay.ledger.witness REQUEST`` signs a request that came by mail or any other way, in
the form that c2sp.org/tlog-witness gives to ``add-checkpoint``.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .checkpoint import Checkpoint, parse_checkpoint
from .keys import load_private_key, load_public_key
from .note import NoteKey, NoteSignature, cosign_note, is_signed
from .outcome import FINE, UNREADABLE, WRONG
from .problem import LedgerError, shown
from .proofs import is_consistent
from .text import hash_of, text_of, to_base64
from .tree import EMPTY_ROOT

_MOST_BYTES = 1 << 20


class Witness:
    """Watches the ledger of one key. ``state`` is the file with the checkpoint that was signed last."""

    def __init__(self, name: str, key: Ed25519PrivateKey, ledger: NoteKey, state: Path) -> None:
        self._name, self._key, self._ledger, self._state = name, key, ledger, state

    def newest(self) -> Checkpoint | None:
        """The checkpoint that was signed last; None before the first."""
        return parse_checkpoint(self._state.read_bytes()) if self._state.exists() else None

    def cosign(self, checkpoint: Checkpoint, proof: Sequence[bytes], *, at: int) -> NoteSignature:
        """Sign a checkpoint that continues the newest one; ``at`` is the time in seconds since 1970.

        Raises :class:`LedgerError` for another ledger, a missing signature, a smaller tree (rollback), and a tree that
        does not begin with the one before (fork). Then the state stays.
        """
        self._check_signed(checkpoint)
        with self._locked():
            self._check_continues(checkpoint, proof)
            self._keep(checkpoint)
        return cosign_note(checkpoint.note.text, self._key, self._name, at)

    def _check_signed(self, checkpoint: Checkpoint) -> None:
        name = self._ledger.name
        if checkpoint.origin != name:
            raise LedgerError(
                "this is the checkpoint of another ledger", found=checkpoint.origin, expected=name
            )
        note = checkpoint.note
        if not any(is_signed(note.text, one, self._ledger) for one in note.signatures):
            raise LedgerError("the ledger did not sign this checkpoint", expected=f"a signature by {name}")

    def _check_continues(self, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
        held = self.newest()
        size, root = (held.size, held.root) if held else (0, EMPTY_ROOT)
        if checkpoint.size < size:
            raise LedgerError(
                "this checkpoint goes back behind one that was signed: a rollback",
                found=f"{checkpoint.size:,} entries", expected=f"at least {size:,}",
            )  # fmt: skip
        if not is_consistent(size, checkpoint.size, proof, root, checkpoint.root):
            raise LedgerError(
                "this checkpoint does not continue the one that was signed: a fork, or a wrong proof",
                found=f"{checkpoint.size:,} entries, root {checkpoint.root.hex()}",
                expected=f"a proof from {size:,} entries, root {root.hex()}",
            )  # fmt: skip

    def _keep(self, checkpoint: Checkpoint) -> None:
        partial = self._state.with_name(self._state.name + ".new")
        with partial.open("wb") as stream:
            stream.write(bytes(checkpoint))
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(self._state)
        folder = os.open(self._state.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._state.with_name(self._state.name + ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def request_bytes(old: int, proof: Sequence[bytes], checkpoint: Checkpoint) -> bytes:
    """What a ledger sends to a witness that saw ``old`` entries last."""
    lines = [f"old {old}", *map(to_base64, proof), "", ""]
    return "\n".join(lines).encode() + bytes(checkpoint)


def read_request(data: bytes) -> tuple[list[bytes], Checkpoint]:
    """The proof and the checkpoint of a request; the size it names is not relied on. Raises :class:`LedgerError`."""
    head, blank, rest = data.partition(b"\n\n")
    lines = text_of(head, "request").split("\n")
    if not blank or not lines[0].startswith("old ") or not lines[0][4:].isdecimal():
        raise LedgerError("this is no request to a witness", found=shown(lines[0]), expected="old SIZE")
    return [hash_of(line, "proof") for line in lines[1:]], parse_checkpoint(rest)


def main(arguments: Sequence[str]) -> int:
    """Print the signature line for a request; returns 0, 1 for one that is refused, 2 for what cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m assay.ledger.witness", description=__doc__)
    parser.add_argument("request", type=Path, help="file with the request")
    parser.add_argument("--name", required=True, help="name of the witness, such as vendor.example/witness")
    parser.add_argument("--sign", type=Path, required=True, help="Ed25519 private key of the witness (PEM)")
    parser.add_argument("--ledger", type=Path, required=True, help="note key of the ledger (name+id+key)")
    parser.add_argument("--state", type=Path, required=True, help="file that keeps the newest checkpoint")
    given = parser.parse_args(arguments)
    code = UNREADABLE
    try:
        ledger = load_public_key(given.ledger)
        if not isinstance(ledger, NoteKey):
            raise LedgerError(
                "the key does not name its ledger", file=str(given.ledger), expected="name+id+key"
            )
        witness = Witness(given.name, load_private_key(given.sign), ledger, given.state)
        with given.request.open("rb") as stream:
            proof, checkpoint = read_request(stream.read(_MOST_BYTES))
        witness.newest()
        code = WRONG
        sys.stdout.write(str(witness.cosign(checkpoint, proof, at=int(time.time()))))
    except (LedgerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return code
    return FINE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
