"""Signed notes, checkpoints, proofs of entries, signed documents and keys: published vectors and refusals."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from assay.ledger.checkpoint import parse_checkpoint, sign_checkpoint
from assay.ledger.dsse import Envelope, encoded, read_envelope, sign_document
from assay.ledger.keys import load_private_key, load_public_key
from assay.ledger.note import LOG, WITNESS, NoteKey, cosign_note, is_signed, parse_key, parse_note, sign_note
from assay.ledger.problem import LedgerError
from assay.ledger.tlog_proof import parse_tlog_proof
from tests.ledger.programme import LOG_KEY, ORIGIN, key, public, standard

# From the documentation of golang.org/x/mod/sumdb/note and of c2sp.org/signed-note.
NEUMANN = (
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
)
FOO = (
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
)
# The examples of c2sp.org/tlog-checkpoint and tlog-cosignature; their keys are not published.
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


@pytest.mark.parametrize(("verifier", "note"), [NEUMANN, FOO], ids=["go", "c2sp"])
def test_published_notes_verify_and_no_other_text_does(verifier: str, note: str) -> None:
    known, parsed = parse_key(verifier), parse_note(note.encode())
    assert str(known) == verifier
    assert bytes(parsed) == note.encode()
    assert is_signed(parsed.text, parsed.signatures[0], known)
    assert not is_signed(parsed.text + "more\n", parsed.signatures[0], known)


def test_the_published_checkpoint_is_read_and_written_back() -> None:
    head = parse_checkpoint(SOFA.encode())
    assert (head.origin, head.size, len(head.root)) == ("example.com/behind-the-sofa", 20852163, 32)
    assert bytes(head) == SOFA.encode()
    assert [len(one.signature) for one in head.note.signatures] == [64, 72]


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"a\n", b"a\n\n", "a\n\n— b\n".encode(), "a\n\n— b c\n".encode(), "a\n\n— b AAAA\n".encode(),
        b"a\n\n- b AAAAAAAA\n", "a\n\n— b AAAAAAAA".encode(), "a\r\n\n— b AAAAAAAA\n".encode(),
        "a\n\n— b+c AAAAAAAA\n".encode(), b"\xff\n\n", "a\n\n— b AAAAAAAB=\n".encode(),
        ("a\n\n" + "— b AAAAAAAA\n" * 33).encode(), "\n\n— b AAAAAAAA\n".encode(),
    ],
)  # fmt: skip
def test_what_is_no_signed_note_is_refused(bad: bytes) -> None:
    with pytest.raises(LedgerError):
        parse_note(bad)


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n", "a\n1\n\nAAAA\n", "a\nx\nAAAA\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LedgerError):
        parse_checkpoint(f"{text}\n— b AAAAAAAA\n".encode())


@given(
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1), st.integers(0, 2**63 - 1)
)
def test_signatures_fit_their_key_text_and_time_only(text: str, at: int) -> None:
    body = text + "\n"
    by_log, by_witness = sign_note(body, LOG_KEY, "a"), cosign_note(body, LOG_KEY, "a", at)
    log_key, witness_key = public(LOG_KEY, "a"), public(LOG_KEY, "a", WITNESS)
    assert is_signed(body, by_log, log_key)
    assert is_signed(body, by_witness, witness_key)
    assert not is_signed(body, by_log, witness_key)
    assert not is_signed(body, by_witness, log_key)
    assert not is_signed(body, by_log, public(key("other"), "a"))
    assert not is_signed("x" + body, by_witness, witness_key)
    assert [str(one) for one in parse_note(f"{body}\n{by_log}{by_witness}".encode()).signatures] == [
        str(by_log),
        str(by_witness),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a",
        "a+b",
        "a+00000000+AQ==",
        f"a+00000000+{base64.b64encode(bytes(33)).decode()}",
        " +00000000+AA==",
    ],
)
def test_what_is_no_key_is_refused(bad: str) -> None:
    with pytest.raises(LedgerError):
        parse_key(bad)


def test_an_entry_is_proven_offline_and_no_other_is() -> None:
    p = standard()
    head = p.ledger.checkpoint(LOG_KEY)
    for index, entry in enumerate(p.ledger.entries):
        data = bytes(p.ledger.proof(index, head))
        proof = parse_tlog_proof(data)
        assert bytes(proof) == data
        assert proof.holds_for(entry)
        assert not proof.holds_for(entry + b" ")
        assert parse_tlog_proof(data.replace(b"@v1\n", b"@v1\nextra AAAA\n")).holds_for(entry)
    for bad in (b"", data[:30], data.replace(b"@v1", b"@v2"), data.replace(b"index", b"indices")):
        with pytest.raises(LedgerError):
            parse_tlog_proof(bad)


def test_the_published_encoding_of_signed_documents() -> None:
    kind, body = "http://example.com/HelloWorld", b"hello world"
    assert encoded(kind, body) == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert encoded("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_a_signed_document_is_read_back_and_fits_its_own_type_and_bytes_only() -> None:
    made = sign_document(b"payload", "text/x", LOG_KEY)
    again = read_envelope(bytes(made))
    assert again == made
    assert again.signers() == [public(LOG_KEY).public]
    assert Envelope(b"Payload", "text/x", made.signatures).signers() == []
    assert Envelope(b"payload", "text/y", made.signatures).signers() == []
    urlsafe = bytes(made).replace(b"+", b"-").replace(b"/", b"_")
    assert read_envelope(urlsafe).payload == b"payload"
    for bad in (b"", b"[]", b"{}", b'{"payload":"","payloadType":"","signatures":[]}', bytes(made)[:-5]):
        with pytest.raises(LedgerError):
            read_envelope(bad)
    with pytest.raises(LedgerError, match="given twice"):
        read_envelope(bytes(made).replace(b"{", b'{"payload":"AA==",', 1))


def _pem(private: object, path: Path, mode: int = 0o600, password: bytes | None = None) -> Path:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    data = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)  # type: ignore[attr-defined]  # any key
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_keys_come_from_files_that_only_their_owner_can_read(tmp_path: Path) -> None:
    path = _pem(LOG_KEY, tmp_path / "key.pem")
    assert load_private_key(path).private_bytes_raw() == LOG_KEY.private_bytes_raw()
    for mode in (0o640, 0o604, 0o644):
        path.chmod(mode)
        with pytest.raises(LedgerError, match="others") as refused:
            load_private_key(path)
        assert refused.value.found == f"mode {mode:04o}"
    for number, bad in enumerate((generate_private_key(SECP256R1()), LOG_KEY)):
        password = b"secret" if bad is LOG_KEY else None
        with pytest.raises(LedgerError, match="no Ed25519 private key"):
            load_private_key(_pem(bad, tmp_path / f"{number}.pem", password=password))


def test_public_keys_are_pem_or_named(tmp_path: Path) -> None:
    raw = public(LOG_KEY).public
    pem, named = tmp_path / "key.pub", tmp_path / "key.vkey"
    pem.write_bytes(LOG_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    named.write_text(f"{public(LOG_KEY)}\n", encoding="utf-8")
    assert load_public_key(pem) == raw
    assert load_public_key(pem, name=ORIGIN) == load_public_key(named) == NoteKey(ORIGIN, LOG, raw)
    for content in (b"", b"x", b"-----BEGIN", b"\xff\xff", b"a" * 20_000):
        named.write_bytes(content)
        with pytest.raises(LedgerError):
            load_public_key(named)
    with pytest.raises(LedgerError, match="private"):
        load_public_key(_pem(LOG_KEY, tmp_path / "private.pem"))
    for missing in (tmp_path / "nothing", tmp_path):
        with pytest.raises(LedgerError):
            load_public_key(missing)


def test_a_checkpoint_of_an_empty_ledger_is_one() -> None:
    head = sign_checkpoint(ORIGIN, 0, bytes(32), LOG_KEY)
    assert parse_checkpoint(bytes(head)) == head
