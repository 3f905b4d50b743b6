"""The Merkle tree of RFC 6962, section 2.1: leaves, nodes, and a root that grows with every leaf in O(log n).

Leaf hashes are SHA-256 of 0x00 and the bytes of the entry, node hashes SHA-256 of 0x01 and the two hashes below.
A hash is 32 bytes. The tree of n leaves splits at the largest power of two below n.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry's exact bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The complete subtrees of the first ``size`` leaves: all that is needed to append and to know the root.

    ``parts`` lists them from the left as (leaves, hash); the leaves are powers of two that fall, so there is one part
    for each bit of ``size``.
    """

    __slots__ = ("parts", "size")

    def __init__(self, parts: Iterable[tuple[int, bytes]] = ()) -> None:
        self.parts: list[tuple[int, bytes]] = []
        self.size = 0
        for leaves, digest in parts:
            self.add(leaves, digest)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.add(1, leaf)

    def add(self, leaves: int, digest: bytes) -> None:
        """Add a complete subtree of ``leaves`` leaves on the right.

        Raises :class:`ValueError` when such a subtree cannot begin here: not a power of two, or not aligned.
        """
        if leaves < 1 or leaves & (leaves - 1) or self.size % leaves:
            raise ValueError(f"no complete subtree of {leaves} leaves begins at leaf {self.size}")
        self.size += leaves
        parts = self.parts
        while parts and parts[-1][0] == leaves:
            digest = node_hash(parts.pop()[1], digest)
            leaves *= 2
        parts.append((leaves, digest))

    def root(self) -> bytes:
        """The root over all leaves until now."""
        if not self.parts:
            return EMPTY_ROOT
        digest = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            digest = node_hash(left, digest)
        return digest


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes.

    >>> root_of([]).hex()[:16], root_of([leaf_hash(b"")]).hex()[:16]
    ('e3b0c44298fc1c14', '6e340b9cffb37a98')
    """
    grown = CompactRange()
    for leaf in leaves:
        grown.append(leaf)
    return grown.root()


class Tree:
    """All hashes of a growing tree, so that the hash of any complete subtree can be looked up: 64 bytes a leaf."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> int:
        """Add the hash of the next leaf; returns its index."""
        index = len(self)
        digest, at, level = leaf, index, 0
        self._levels[0].append(digest)
        while at % 2:
            digest = node_hash(self._levels[level][at - 1], digest)
            at, level = at // 2, level + 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(digest)
        return index

    def subtree(self, begin: int, leaves: int) -> bytes:
        """The hash of the complete subtree of ``leaves`` (a power of two) leaves from leaf ``begin``."""
        return self._levels[leaves.bit_length() - 1][begin // leaves]

    def range_hash(self, begin: int, end: int) -> bytes:
        """The hash over leaves ``begin`` to ``end`` (without), which have to be a part as RFC 6962 splits."""
        parts = [(leaves, self.subtree(at, leaves)) for at, leaves in pieces(begin, end)]
        digest = parts[-1][1]
        for _, left in reversed(parts[:-1]):
            digest = node_hash(left, digest)
        return digest

    def root(self, size: int | None = None) -> bytes:
        """The root over the first ``size`` leaves (all of them)."""
        size = len(self) if size is None else size
        return self.range_hash(0, size) if size else EMPTY_ROOT


def pieces(begin: int, end: int) -> Iterable[tuple[int, int]]:
    """The largest complete subtrees that tile the leaves from ``begin`` to ``end`` (without), from the left.

    >>> list(pieces(3, 11))
    [(3, 1), (4, 4), (8, 2), (10, 1)]
    """
    while begin < end:
        leaves = piece(begin, end)
        yield begin, leaves
        begin += leaves


def piece(begin: int, end: int) -> int:
    """The leaves of the largest complete subtree that begins at leaf ``begin`` and ends by ``end``."""
    most = 1 << ((end - begin).bit_length() - 1)
    return most if begin == 0 else min(most, begin & -begin)
