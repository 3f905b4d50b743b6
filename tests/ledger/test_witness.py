"""A witness signs what continues its newest checkpoint, and nothing else."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from assay.ledger.checkpoint import Checkpoint, sign_checkpoint
from assay.ledger.note import WITNESS, is_signed, parse_note, signed_at
from assay.ledger.problem import LedgerError
from assay.ledger.proofs import consistency_proof
from assay.ledger.tree import Tree, leaf_hash
from assay.ledger.witness import Witness, main, request_bytes
from tests.ledger.programme import LOG_KEY, ORIGIN, WITNESS_KEY, WITNESS_NAME, key, public

TREE = Tree(leaf_hash(b"%d" % number) for number in range(20))
OTHER = Tree(leaf_hash(b"%d" % (number + (number == 3))) for number in range(20))


def head(size: int, tree: Tree = TREE) -> Checkpoint:
    return sign_checkpoint(ORIGIN, size, tree.root(size), LOG_KEY)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(WITNESS_NAME, WITNESS_KEY, public(LOG_KEY), tmp_path / "newest")


def test_a_ledger_that_grows_is_signed_each_time(witness: Witness) -> None:
    assert witness.newest() is None
    for old, size in ((0, 5), (5, 5), (5, 8), (8, 20)):
        signed = witness.cosign(head(size), consistency_proof(TREE, old, size), at=1_000 + size)
        assert is_signed(head(size).note.text, signed, public(WITNESS_KEY, WITNESS_NAME, WITNESS))
        assert signed_at(signed) == 1_000 + size
        assert witness.newest() == head(size)


def refused(witness: Witness, checkpoint: Checkpoint, proof: list[bytes], why: str) -> None:
    before = witness.newest()
    with pytest.raises(LedgerError, match=why):
        witness.cosign(checkpoint, proof, at=1)
    assert witness.newest() == before


def test_forks_rollbacks_and_strangers_are_refused_and_nothing_is_kept(witness: Witness) -> None:
    refused(witness, sign_checkpoint("other", 5, TREE.root(5), LOG_KEY), [], "another ledger")
    refused(witness, sign_checkpoint(ORIGIN, 5, TREE.root(5), key("other")), [], "did not sign")
    witness.cosign(head(8), [], at=1)
    refused(witness, head(7), consistency_proof(TREE, 7, 8), "rollback")
    refused(witness, head(8, OTHER), [], "fork")
    refused(witness, head(20, OTHER), consistency_proof(OTHER, 8, 20), "fork")
    refused(witness, head(20), [], "wrong proof")
    refused(witness, head(20), consistency_proof(TREE, 7, 20), "wrong proof")


def test_a_rollback_that_another_process_allowed_is_refused_too(witness: Witness, tmp_path: Path) -> None:
    """Two calls at once: whatever order they come in, one of two histories is signed and the other refused."""
    outcomes: list[str] = []

    def ask(tree: Tree) -> None:
        try:
            Witness(WITNESS_NAME, WITNESS_KEY, public(LOG_KEY), tmp_path / "newest").cosign(
                head(9, tree), [], at=1
            )
            outcomes.append("signed")
        except LedgerError:
            outcomes.append("refused")

    threads = [threading.Thread(target=ask, args=[tree]) for tree in (TREE, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "signed"]
    assert witness.newest() in (head(9), head(9, OTHER))


def test_requests_in_files_are_signed_and_refused_by_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = WITNESS_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "ledger.key").write_text(f"{public(LOG_KEY)}\n", encoding="utf-8")

    def ask(data: bytes) -> tuple[int, str, str]:
        (tmp_path / "request").write_bytes(data)
        paths = {"--sign": "key.pem", "--ledger": "ledger.key", "--state": "state"}
        options = [part for name, file in paths.items() for part in (name, str(tmp_path / file))]
        code = main([str(tmp_path / "request"), "--name", WITNESS_NAME, *options])
        told = capsys.readouterr()
        return code, told.out, told.err

    code, out, err = ask(request_bytes(0, [], head(8)))
    assert (code, err) == (0, "")
    note = parse_note(bytes(head(8)) + out.encode())
    assert is_signed(note.text, note.signatures[1], public(WITNESS_KEY, WITNESS_NAME, WITNESS))
    assert ask(request_bytes(8, consistency_proof(TREE, 8, 20), head(20)))[0] == 0
    for bad in (request_bytes(8, [], head(8)), request_bytes(20, [], head(20, OTHER))):
        code, out, err = ask(bad)
        assert (code, out) == (1, "")
        assert err
    for bad in (b"", b"old x\n\n", b"old 1\nAAAA\n\n" + bytes(head(20)), b"hello\n\n"):
        assert ask(bad)[:2] == (2, "")
