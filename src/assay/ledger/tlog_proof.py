"""Offline proofs of single entries as c2sp.org/tlog-proof specifies them: index, path and checkpoint in one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .checkpoint import Checkpoint, parse_checkpoint
from .problem import LedgerError, shown
from .proofs import is_included
from .text import hash_of, number, text_of, to_base64
from .tree import leaf_hash

_HEAD = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63


@dataclass(frozen=True)
class TlogProof:
    """What shows that an entry stands at ``index`` of the ledger that the checkpoint is of."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def __bytes__(self) -> bytes:
        lines = [_HEAD, f"index {self.index}", *map(to_base64, self.path), "", ""]
        return "\n".join(lines).encode() + bytes(self.checkpoint)

    def holds_for(self, entry: bytes) -> bool:
        """Whether the path leads from these bytes to the root; the signatures are another question."""
        head = self.checkpoint
        return is_included(leaf_hash(entry), self.index, head.size, self.path, head.root)


def parse_tlog_proof(data: bytes) -> TlogProof:
    """A proof from its bytes. Raises :class:`LedgerError`."""
    head, blank, rest = data.partition(b"\n\n")
    lines = text_of(head, "proof").split("\n")
    if not blank or lines[0] != _HEAD:
        raise LedgerError("this is no proof of an entry", found=shown(lines[0]), expected=_HEAD)
    if len(lines) > 1 and lines[1].startswith("extra "):
        del lines[1]
    if len(lines) < 2 or not lines[1].startswith("index "):
        raise LedgerError("the proof names no index", found=shown("".join(lines[1:2])), expected="index N")
    return TlogProof(number(lines[1][len("index ") :], "index"), _hashes(lines[2:]), parse_checkpoint(rest))


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > _MOST_HASHES:
        raise LedgerError("the path is too long", found=f"{len(lines)} hashes")
    return tuple(hash_of(line, "path") for line in lines)
