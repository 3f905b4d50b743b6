"""Keys in files: an Ed25519 private key in PEM that only its owner can read, public keys in PEM or as note keys."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from .note import LOG, NoteKey, parse_key
from .problem import LedgerError

_MOST_BYTES = 16_384
_MAKE = "openssl genpkey -algorithm ed25519 -out key.pem"


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """The key of a PEM file. Raises :class:`LedgerError` when others can read the file, or it holds another key."""
    data, mode = _read(path)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LedgerError(
            "others than its owner may read this private key", file=str(path),
            found=f"mode {mode:04o}", expected=f"mode 0600 (chmod 600 {path})",
        )  # fmt: skip
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError(
            "this is no Ed25519 private key without a password", file=str(path),
            expected=f"a PEM file as made by `{_MAKE}`",
        )  # fmt: skip
    return key


def load_public_key(path: Path, *, name: str | None = None) -> NoteKey | bytes:
    """A public key: 32 bytes from a PEM file, which knows no name, or a named key from a text (``name+id+key``).

    With ``name``, a key from PEM becomes the key of the ledger of that name.
    """
    data, _ = _read(path)
    if b"PRIVATE KEY" in data:
        raise LedgerError(
            "this is a private key; keep it to yourself", file=str(path), expected="a public key"
        )
    if not data.startswith(b"-----"):
        try:
            return parse_key(data.decode("utf-8").removesuffix("\n"))
        except (LedgerError, UnicodeDecodeError):
            raise _no_public(path) from None
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise _no_public(path) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _no_public(path)
    public = key.public_bytes_raw()
    return NoteKey(name, LOG, public) if name is not None else public


def _no_public(path: Path) -> LedgerError:
    return LedgerError(
        "this is no Ed25519 public key", file=str(path),
        expected="PEM as made by `openssl pkey -in key.pem -pubout`, or a line name+id+key",
    )  # fmt: skip


def _read(path: Path) -> tuple[bytes, int]:
    """The bytes and the mode of a small regular file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise LedgerError("the key cannot be read", file=str(path), found=reason) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise LedgerError("this is no file", file=str(path), expected="a key in a file")
        data = os.read(descriptor, _MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > _MOST_BYTES:
        raise LedgerError("this is too large for a key", file=str(path))
    return data, stat.S_IMODE(status.st_mode)
