"""A ledger in memory: entries, their tree, checkpoints. A server keeps the same in its database."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .checkpoint import Checkpoint, sign_checkpoint
from .entries import Entry, read_entry
from .history import History
from .problem import LedgerError
from .proofs import inclusion_proof
from .tlog_proof import TlogProof
from .tree import Tree, leaf_hash


class Ledger:
    """An append-only list of entries under one name, the origin."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.entries: list[bytes] = []
        self.tree = Tree()
        self._history = History(is_complete=True)
        self._by_id: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def append(self, data: bytes) -> int:
        """Add an entry; returns its index. The same bytes again change nothing and give the same index.

        Raises :class:`LedgerError` for bytes that do not keep to the vocabulary, other bytes under an id that is there,
        a parent that is not, and a second entry on what an earlier one settled.
        """
        entry = read_entry(data)
        known = self._by_id.get(entry.id)
        if known is not None and self.entries[known] == data:
            return known
        self._refuse(entry)
        index = self.tree.append(leaf_hash(data))
        self.entries.append(data)
        self._by_id[entry.id] = index
        self._history.add(index, entry)
        return index

    def checkpoint(self, key: Ed25519PrivateKey, size: int | None = None) -> Checkpoint:
        """A signed checkpoint over the first ``size`` entries (all of them)."""
        size = len(self) if size is None else size
        return sign_checkpoint(self.origin, size, self.tree.root(size), key)

    def proof(self, index: int, checkpoint: Checkpoint) -> TlogProof:
        """The proof that an entry stands in the ledger that the checkpoint is of."""
        return TlogProof(index, tuple(inclusion_proof(self.tree, index, checkpoint.size)), checkpoint)

    def _refuse(self, entry: Entry) -> None:
        wrong = self._history.check(entry)
        if wrong:
            first = wrong[0]
            raise LedgerError(
                f"the entry cannot be appended: {first.message}", place=first.place, found=first.found,
                expected=first.expected,
            )  # fmt: skip
