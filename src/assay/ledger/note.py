"""Signed notes as c2sp.org/signed-note specifies them: a text, a blank line, and a line for each signature.

A key is known by its name and its id, the first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key). Type 1 is
Ed25519 over the text, type 4 the timestamped Ed25519 cosignature of a witness (c2sp.org/tlog-cosignature).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .problem import LedgerError, shown
from .text import from_base64, text_of, to_base64

LOG, WITNESS = 0x01, 0x04
MOST_SIGNATURES = 32
_LINE = re.compile("— ([^\\s+]+) ([A-Za-z0-9+/=]+)")
_NAME = re.compile(r"[^\s+]+")


@dataclass(frozen=True)
class NoteKey:
    """A public key that may sign notes: its name, its type (:data:`LOG` or :data:`WITNESS`) and 32 bytes."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not self.name.isprintable():
            raise LedgerError(
                "a key cannot have this name", found=shown(self.name), expected="no blanks and no +"
            )
        if self.kind not in (LOG, WITNESS) or len(self.public) != 32:
            raise LedgerError("this is no Ed25519 key for notes", found=f"type {self.kind}")

    @property
    def id(self) -> bytes:
        """The four bytes that stand before a signature by this key."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """What two people compare to know that they hold the same key: 64 hexadecimal digits."""
        return hashlib.sha256(self.public).hexdigest()

    def __str__(self) -> str:
        """The key as a text (vkey): name, key id and key, parted by ``+``."""
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"


def parse_key(text: str) -> NoteKey:
    """A key from its text. Raises :class:`LedgerError` for another type of key and for an id that does not fit."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise LedgerError("this is no key", found=shown(text), expected="name+id+key")
    data = from_base64(parts[2], "key")
    key = NoteKey(parts[0], data[0] if data else 0, data[1:])
    if parts[1] != key.id.hex():
        raise LedgerError("the id of the key does not fit", found=shown(parts[1]), expected=key.id.hex())
    return key


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: the name and id of a key, and what it signed with."""

    name: str
    key_id: bytes
    signature: bytes

    def is_by(self, key: NoteKey) -> bool:
        """Whether name and id are those of this key."""
        return self.name == key.name and self.key_id == key.id

    def __str__(self) -> str:
        return f"— {self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True)
class Note:
    """A text that ends with a newline, and its signatures in their order; nothing is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __bytes__(self) -> bytes:
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()

    def with_signatures(self, added: Sequence[NoteSignature]) -> Note:
        """The same text with more signatures, without one that is there already."""
        return Note(self.text, (*self.signatures, *(one for one in added if one not in self.signatures)))


def parse_note(data: bytes) -> Note:
    """A note from its bytes. Raises :class:`LedgerError` with the place where the form is wrong."""
    text = text_of(data, "note")
    body, blank, signed = text.rpartition("\n\n")
    if not blank or not signed.endswith("\n") or not body:
        raise LedgerError("this is no signed note", expected="a text, a blank line, signature lines")
    lines = signed[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise LedgerError("too many signatures", found=str(len(lines)), expected=f"at most {MOST_SIGNATURES}")
    return Note(body + "\n", tuple(_signature(line, number) for number, line in enumerate(lines, 1)))


def _signature(line: str, number: int) -> NoteSignature:
    found = _LINE.fullmatch(line)
    try:
        data = from_base64(found[2], "signature") if found else b""
    except LedgerError:
        data = b""
    if found is None or len(data) < 5:
        raise LedgerError(
            "this is no signature line", place=f"signature {number}", found=shown(line),
            expected="— name base64",
        )  # fmt: skip
    return NoteSignature(found[1], data[:4], data[4:])


def sign_note(text: str, key: Ed25519PrivateKey, name: str) -> NoteSignature:
    """The signature of a log over a note's text."""
    public = NoteKey(name, LOG, key.public_key().public_bytes_raw())
    return NoteSignature(name, public.id, key.sign(text.encode()))


def cosign_note(text: str, key: Ed25519PrivateKey, name: str, at: int) -> NoteSignature:
    """The signature of a witness over a checkpoint's text, at a time in seconds since 1970."""
    public = NoteKey(name, WITNESS, key.public_key().public_bytes_raw())
    return NoteSignature(name, public.id, at.to_bytes(8, "big") + key.sign(_cosigned(text, at)))


def signed_at(signature: NoteSignature) -> int:
    """When a witness signed, in seconds since 1970."""
    return int.from_bytes(signature.signature[:8], "big")


def is_signed(text: str, signature: NoteSignature, key: NoteKey) -> bool:
    """Whether this key made this signature over this text; the signature has to be one by name and id of the key."""
    if not signature.is_by(key):
        return False
    made, message = signature.signature, text.encode()
    if key.kind == WITNESS:
        if len(made) != 72:
            return False
        message, made = _cosigned(text, signed_at(signature)), made[8:]
    return verifies(key.public, made, message)


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature fits."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
