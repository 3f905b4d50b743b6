"""Inclusion and consistency proofs of RFC 6962, sections 2.1.1 and 2.1.2: short lists of hashes.

An inclusion proof shows that a leaf stands at an index of a tree; a consistency proof that a larger tree begins with
all leaves of a smaller one. Checking follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from .tree import EMPTY_ROOT, Tree, node_hash


def inclusion_proof(tree: Tree, index: int, size: int | None = None) -> list[bytes]:
    """The hashes beside the path from a leaf to the root over the first ``size`` leaves, from the leaf up."""
    size = len(tree) if size is None else size
    if not 0 <= index < size <= len(tree):
        raise ValueError(f"leaf {index} is not among {size} of {len(tree)} leaves")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(tree.range_hash(middle, end))
            end = middle
        else:
            proof.append(tree.range_hash(begin, middle))
            begin = middle
    return proof[::-1]


def consistency_proof(tree: Tree, old: int, size: int | None = None) -> list[bytes]:
    """The hashes that show the first ``old`` leaves at the beginning of the first ``size``; empty for 0 or equal."""
    size = len(tree) if size is None else size
    if not 0 <= old <= size <= len(tree):
        raise ValueError(f"{old} leaves do not begin {size} of {len(tree)} leaves")
    if old in (0, size):
        return []
    proof: list[bytes] = []
    begin, end, whole = 0, size, True  # whole: the subtree at hand begins with leaf 0 and may be the old root
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            proof.append(tree.range_hash(middle, end))
            end = middle
        else:
            proof.append(tree.range_hash(begin, middle))
            begin, whole = middle, False
    if not whole:
        proof.append(tree.range_hash(begin, end))
    return proof[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from this leaf at this index to the root over ``size`` leaves."""
    if not 0 <= index < size:
        return False
    at, last, digest = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            digest = node_hash(other, digest)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            digest = node_hash(digest, other)
        at, last = at >> 1, last >> 1
    return last == 0 and digest == root


def is_consistent(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> bool:
    """Whether the proof shows that the tree of ``size`` leaves begins with the tree of ``old`` leaves."""
    if not 0 <= old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    smaller = larger = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            smaller, larger = node_hash(other, smaller), node_hash(other, larger)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            larger = node_hash(larger, other)
        at, last = at >> 1, last >> 1
    return last == 0 and smaller == old_root and larger == root


def _split(leaves: int) -> int:
    """The largest power of two below ``leaves``."""
    return 1 << ((leaves - 1).bit_length() - 1)
