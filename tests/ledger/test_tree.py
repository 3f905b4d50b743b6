"""The tree and its proofs: published vectors, and laws against the recursive definition of RFC 6962."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.ledger.proofs import consistency_proof, inclusion_proof, is_consistent, is_included
from assay.ledger.tree import EMPTY_ROOT, CompactRange, Tree, leaf_hash, node_hash, pieces, root_of
from tests.paths import ROOT

VECTORS = json.loads(
    (ROOT / "docs" / "reference" / "ledger-vectors" / "tree.json").read_text(encoding="utf-8")
)
ENTRIES = [bytes.fromhex(entry) for entry in VECTORS["entries"]]
sizes = st.integers(1, 70)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def reference_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    k = reference_split(len(hashes))
    return node_hash(reference_root(hashes[:k]), reference_root(hashes[k:]))


def reference_split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def reference_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(hashes) == 1:
        return []
    k = reference_split(len(hashes))
    if index < k:
        return [*reference_path(index, hashes[:k]), reference_root(hashes[k:])]
    return [*reference_path(index - k, hashes[k:]), reference_root(hashes[:k])]


def reference_subproof(m: int, hashes: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if m == len(hashes):
        return [] if whole else [reference_root(hashes)]
    k = reference_split(len(hashes))
    if m <= k:
        return [*reference_subproof(m, hashes[:k], whole), reference_root(hashes[k:])]
    return [*reference_subproof(m - k, hashes[k:], False), reference_root(hashes[:k])]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    expected = VECTORS["roots"][size]
    assert root_of(map(leaf_hash, ENTRIES[:size])).hex() == expected
    assert Tree(map(leaf_hash, ENTRIES)).root(size).hex() == expected


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=str)
def test_published_inclusion_proofs(vector: dict[str, object]) -> None:
    index, size = int(str(vector["index"])), int(str(vector["size"]))
    proof = inclusion_proof(Tree(map(leaf_hash, ENTRIES)), index, size)
    assert [digest.hex() for digest in proof] == vector["proof"]
    assert is_included(leaf_hash(ENTRIES[index]), index, size, proof, bytes.fromhex(VECTORS["roots"][size]))


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=str)
def test_published_consistency_proofs(vector: dict[str, object]) -> None:
    old, size = int(str(vector["old"])), int(str(vector["size"]))
    proof = consistency_proof(Tree(map(leaf_hash, ENTRIES)), old, size)
    assert [digest.hex() for digest in proof] == vector["proof"]
    roots = [bytes.fromhex(VECTORS["roots"][count]) for count in (old, size)]
    assert is_consistent(old, size, proof, *roots)


@given(sizes)
def test_a_growing_tree_has_the_root_of_the_definition(count: int) -> None:
    hashes, grown = leaves(count), CompactRange()
    tree = Tree()
    for at, leaf in enumerate(hashes):
        grown.append(leaf)
        assert tree.append(leaf) == at
        assert grown.root() == tree.root() == reference_root(hashes[: at + 1])
    assert len(grown.parts) == count.bit_count()


@given(sizes, st.data())
def test_a_tree_is_the_same_from_leaves_and_from_any_of_its_subtrees(count: int, data: st.DataObject) -> None:
    tree, grown, at = Tree(leaves(count)), CompactRange(), 0
    cuts = sorted(data.draw(st.sets(st.integers(0, count), max_size=5)) | {count})
    for cut in cuts:
        for begin, size in pieces(at, cut):
            grown.add(size, tree.subtree(begin, size))
        at = cut
    assert grown.root() == tree.root()
    assert CompactRange(grown.parts).root() == tree.root()


@given(sizes, st.data())
def test_proofs_are_those_of_the_definition_and_hold(count: int, data: st.DataObject) -> None:
    hashes = leaves(count)
    tree = Tree(leaves(count + data.draw(st.integers(0, 9))))
    root, index, old = (
        reference_root(hashes),
        data.draw(st.integers(0, count - 1)),
        data.draw(st.integers(1, count)),
    )
    path = inclusion_proof(tree, index, count)
    assert path == reference_path(index, hashes)
    assert is_included(hashes[index], index, count, path, root)
    proof = consistency_proof(tree, old, count)
    assert proof == reference_subproof(old, hashes, True)
    assert is_consistent(old, count, proof, reference_root(hashes[:old]), root)


@given(sizes, st.data())
def test_no_other_proof_holds(count: int, data: st.DataObject) -> None:
    hashes = leaves(count)
    tree, root = Tree(hashes), reference_root(hashes)
    index, old = data.draw(st.integers(0, count - 1)), data.draw(st.integers(1, count))
    path, proof = inclusion_proof(tree, index), consistency_proof(tree, old)
    old_root = reference_root(hashes[:old])
    for other in _others(path, data):
        assert not is_included(hashes[index], index, count, other, root)
    for other in _others(proof, data):
        assert not is_consistent(old, count, other, old_root, root)
    assert not is_included(bytes(32), index, count, path, root)
    assert not is_included(hashes[index], index + count, count, path, root)
    if count > 1:
        elsewhere = (index + 1) % count
        assert not is_included(hashes[index], elsewhere, count, path, root)
    if old < count:
        assert not is_consistent(old, count, proof, bytes(32), root)
        assert not is_consistent(old, count, proof, old_root, bytes(32))
    assert not is_consistent(count + 1, count, [], root, root)


def _others(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    made = [[*proof, bytes(32)], [bytes(32), *proof]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        made += [proof[:-1], proof[1:], [*proof[:at], bytes(32), *proof[at + 1 :]]]
    return made


def test_an_empty_tree_begins_every_tree() -> None:
    root = root_of(leaves(3))
    assert consistency_proof(Tree(leaves(3)), 0) == []
    assert is_consistent(0, 3, [], EMPTY_ROOT, root)
    assert not is_consistent(0, 3, [root], EMPTY_ROOT, root)
    assert not is_consistent(0, 3, [], bytes(32), root)
    assert root_of([]) == EMPTY_ROOT == Tree().root()


def test_a_subtree_that_cannot_begin_here_is_refused() -> None:
    grown = CompactRange([(1, bytes(32))])
    for wrong in (0, 2, 3):
        with pytest.raises(ValueError, match="no complete subtree"):
            grown.add(wrong, bytes(32))
    for call in (lambda: inclusion_proof(Tree(), 0), lambda: consistency_proof(Tree(), 1)):
        with pytest.raises(ValueError, match="leaves"):
            call()
