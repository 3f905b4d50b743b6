"""Commitments to gold: before a batch is measured the buyer publishes a hash of each answer, and may open single ones.

A commitment is ``SHA-256(salt ‖ len(item) ‖ item ‖ len(value) ‖ value)`` with a random salt of 32 bytes, texts in
UTF-8 and lengths as 8 bytes, big end first. The empty set of labels is the empty value. The public file lists the
commitments in order of their hashes, so that it says nothing about the items; the private one holds the salts.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from assay.annotation.errors import InputError
from assay.annotation.place import shown

from .small_table import read_small_table, write_small_table

SALTS_HEADER = ("item", "value", "salt", "commitment")
COMMITMENTS_HEADER = ("commitment",)
_HEX = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Opening:
    """One answer with the salt that opens its commitment."""

    item: str
    value: str
    salt: str

    @property
    def commitment(self) -> str:
        """The hash that was published for this answer, if this is the answer that was committed."""
        return commitment(bytes.fromhex(self.salt), self.item, self.value)


def commitment(salt: bytes, item: str, value: str) -> str:
    """The commitment to one answer, in hexadecimal.

    >>> commitment(bytes(32), "item-1", "fraud")[:16]
    '13de7c641ac00237'
    """
    digest = hashlib.sha256(salt)
    for text in (item.encode(), value.encode()):
        digest.update(len(text).to_bytes(8, "big"))
        digest.update(text)
    return digest.hexdigest()


def commit_gold(answers: Iterable[tuple[str, str | None]], *, salts: Path, commitments: Path) -> int:
    """Write a private file of salts and a public file of commitments; returns how many answers were committed.

    Raises :class:`InputError` when one of the files is there already: a commitment is never replaced.
    """
    for path in (salts, commitments):
        if path.exists():
            raise InputError(
                "a commitment is never replaced",
                file=str(path),
                found="a file",
                expected="a name that is free",
            )
    openings = [Opening(item, value or "", secrets.token_hex(32)) for item, value in answers]
    rows = [(one.item, one.value, one.salt, one.commitment) for one in openings]
    write_small_table(salts, SALTS_HEADER, sorted(rows), private=True)
    write_small_table(commitments, COMMITMENTS_HEADER, sorted((row[3],) for row in rows))
    return len(rows)


def read_commitments(path: Path) -> frozenset[str]:
    """The published commitments."""
    found = set()
    for line, (text,) in read_small_table(path, COMMITMENTS_HEADER):
        if not _HEX.fullmatch(text):
            raise _no_hash(path, line, text)
        found.add(text)
    return frozenset(found)


def read_openings(path: Path) -> dict[str, Opening]:
    """The private file: item → opening. Raises :class:`InputError` when a row does not open its commitment."""
    found: dict[str, Opening] = {}
    for line, (item, value, salt, published) in read_small_table(path, SALTS_HEADER):
        if not _HEX.fullmatch(salt) or not _HEX.fullmatch(published):
            raise _no_hash(path, line, salt)
        opening = Opening(item, value, salt)
        if opening.commitment != published:
            raise InputError(
                "a salt does not open its commitment",
                file=str(path),
                place=f"line {line}",
                found=f"item {shown(item)}",
            )
        found[item] = opening
    return found


def check_opening(opening: Opening, commitments: Collection[str]) -> bool:
    """Whether this answer was committed."""
    return bool(_HEX.fullmatch(opening.salt)) and opening.commitment in commitments


def _no_hash(path: Path, line: int, text: str) -> InputError:
    return InputError(
        "this is no hash",
        file=str(path),
        place=f"line {line}",
        found=shown(text),
        expected="64 hexadecimal digits",
    )
