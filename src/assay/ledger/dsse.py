"""Signed documents as DSSE specifies them (github.com/secure-systems-lab/dsse, protocol 1.0): what is signed is the
type and the exact bytes, so nothing is parsed or written again before the signature was checked.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .canonical import read_json
from .note import verifies
from .problem import LedgerError, shown
from .text import to_base64

_KEY = "ed25519:"


@dataclass(frozen=True)
class Signature:
    """One signature: ``key`` is the public key (32 bytes) that it says it is by."""

    key: bytes
    signature: bytes


@dataclass(frozen=True)
class Envelope:
    """A document that somebody signed, as exact bytes, and the type that says how to read it."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    def signers(self) -> list[bytes]:
        """The public keys whose signatures fit, in their order."""
        message = encoded(self.payload_type, self.payload)
        return [one.key for one in self.signatures if verifies(one.key, one.signature, message)]

    def __bytes__(self) -> bytes:
        document = {
            "payload": to_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": _KEY + one.key.hex(), "sig": to_base64(one.signature)} for one in self.signatures
            ],
        }
        return json.dumps(document, indent=2).encode() + b"\n"


def encoded(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the pre-authentication encoding.

    >>> encoded("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign_document(payload: bytes, payload_type: str, key: Ed25519PrivateKey) -> Envelope:
    """The document with one signature."""
    public = key.public_key().public_bytes_raw()
    return Envelope(payload, payload_type, (Signature(public, key.sign(encoded(payload_type, payload))),))


def read_envelope(data: bytes) -> Envelope:
    """An envelope from its bytes; nothing is verified. Raises :class:`LedgerError`."""
    document = read_json(data)
    payload, kind, signatures = (document.get(key) for key in ("payload", "payloadType", "signatures"))
    if type(payload) is not str or type(kind) is not str or type(signatures) is not list or not signatures:
        raise LedgerError("this is no signed document", expected="payload, payloadType and signatures")
    return Envelope(_bytes(payload, "payload"), kind, _signatures(signatures))


def _signatures(entries: Sequence[object]) -> tuple[Signature, ...]:
    found = []
    for number, entry in enumerate(entries, 1):
        if type(entry) is not dict or type(entry.get("sig")) is not str:
            raise LedgerError("a signature is missing", place=f"signature {number}", found=shown(str(entry)))
        name = entry.get("keyid")
        try:
            key = bytes.fromhex(str(name).removeprefix(_KEY)) if str(name).startswith(_KEY) else b""
        except ValueError:
            key = b""
        if len(key) != 32:
            raise LedgerError(
                "the signature does not name its key", place=f"signature {number}", found=shown(str(name)),
                expected=f"{_KEY} and 64 hexadecimal digits",
            )  # fmt: skip
        found.append(Signature(key, _bytes(entry["sig"], "signature")))
    return tuple(found)


def _bytes(text: str, what: str) -> bytes:
    """Bytes from base64 in either alphabet, as the specification asks of readers."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise LedgerError(f"the {what} is not base64", found=shown(text)) from None
