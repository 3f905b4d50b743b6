"""Entries: the exact bytes that a ledger holds, at most 64 kB, and what they have to say.

An entry that Assay writes is one canonical JSON object: ``assay`` (the version), ``kind``, ``id`` (a UUID that its
writer made before the first try), ``at``, ``by``, ``parents`` (role → leaf hash of an earlier entry, or a list of them)
and ``facts``. Hashes are always of the stored bytes; nothing is written again to be hashed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from .canonical import canonical, read_canonical
from .kinds import HASH, ID, KINDS, PERSON, TIME, Field, Kind
from .problem import LedgerError, shown
from .tree import leaf_hash

VERSION = "entry/1"
MOST_BYTES = 65_536
SALT_BYTES = 32
_KEYS = frozenset({"assay", "kind", "id", "at", "by", "parents", "facts"})

Parents = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that was read and keeps to the vocabulary. ``hash`` is its leaf hash in hexadecimal."""

    kind: str
    id: str
    at: str
    by: str
    parents: dict[str, str | list[str]]
    facts: dict[str, object]
    hash: str

    @property
    def says(self) -> str:
        """The entry in a few words."""
        return KINDS[self.kind].says.format(**self.facts)

    def named(self) -> Iterator[tuple[str, str]]:
        """Every parent as (role, leaf hash)."""
        for role, hashes in self.parents.items():
            for one in [hashes] if isinstance(hashes, str) else hashes:
                yield role, one

    def parent(self, role: str) -> str | None:
        """The one parent in a role, if there is one."""
        found = self.parents.get(role)
        return found if isinstance(found, str) else None


def entry_bytes(
    kind: str, *, id: str, at: str, by: str, parents: Parents | None = None, facts: Mapping[str, object]
) -> bytes:
    """The bytes of a new entry. Raises :class:`LedgerError` when it does not keep to the vocabulary."""
    document = {
        "assay": VERSION, "kind": kind, "id": id, "at": at, "by": by, "facts": dict(facts),
        "parents": {
            role: one if isinstance(one, str) else list(one) for role, one in (parents or {}).items()
        },
    }  # fmt: skip
    data = canonical(document)
    read_entry(data)
    return data


def read_entry(data: bytes) -> Entry:
    """An entry from its bytes. Raises :class:`LedgerError` with the field that is wrong."""
    if len(data) > MOST_BYTES:
        raise LedgerError(
            "the entry is too large", found=f"{len(data):,} bytes", expected=f"at most {MOST_BYTES:,}"
        )
    document = read_canonical(data)
    if document.keys() != _KEYS or document["assay"] != VERSION:
        raise LedgerError(
            "this is no entry of this version", found=", ".join(map(shown, document))[:120],
            expected=f"{VERSION} with {', '.join(sorted(_KEYS))}",
        )  # fmt: skip
    name = document["kind"]
    kind = KINDS.get(name) if type(name) is str else None
    if kind is None:
        raise LedgerError("an unknown kind of entry", found=shown(str(name)), expected=", ".join(KINDS))
    for key, check in (("id", ID), ("at", TIME), ("by", PERSON)):
        _check(document[key], check, key)
    facts, parents = document["facts"], document["parents"]
    _check_facts(facts, kind)
    _check_parents(parents, kind)
    return Entry(
        str(name), str(document["id"]), str(document["at"]), str(document["by"]),
        cast("dict[str, str | list[str]]", parents), cast("dict[str, object]", facts), leaf_hash(data).hex(),
    )  # fmt: skip


def commitment_to(content: bytes, salt: bytes) -> str:
    """The salted commitment that stands in an entry for content that must stay deletable.

    >>> commitment_to(b"a reason", bytes(32))[:16]
    '534aa5d27af74c2a'
    """
    if len(salt) != SALT_BYTES:
        raise LedgerError("a salt of another length", found=f"{len(salt)} bytes", expected="32 random bytes")
    return hashlib.sha256(salt + content).hexdigest()


def _check(value: object, check: Field, key: str) -> None:
    if not check.holds(value):
        raise LedgerError(
            f"{key} is not what it has to be", place=key, found=shown(str(value)), expected=check.says
        )


def _check_facts(facts: object, kind: Kind) -> None:
    if type(facts) is not dict:
        raise LedgerError("the facts are no object", place="facts", found=shown(str(facts)))
    for key, check in kind.facts.items():
        if key not in facts:
            raise LedgerError("a fact is missing", place=f"facts.{key}", expected=check.says)
        _check(facts[key], check, f"facts.{key}")
    if len(facts) == len(kind.facts):
        return
    for key in facts.keys() - kind.facts.keys():
        if key not in kind.optional:
            raise LedgerError("this kind of entry has no such fact", place=f"facts.{key[:60]}")
        _check(facts[key], kind.optional[key], f"facts.{key}")


def _check_parents(parents: object, kind: Kind) -> None:
    if type(parents) is not dict:
        raise LedgerError("the parents are no object", place="parents", found=shown(str(parents)))
    for role in kind.parents:
        if role not in parents:
            raise LedgerError("the entry does not name its parent", place=f"parents.{role}")
    for role, named in parents.items():
        if role not in kind.parents and role not in kind.may:
            raise LedgerError("this kind of entry has no such parent", place=f"parents.{role[:60]}")
        several = type(named) is list
        if several and (role != "annotations" or not named or len(set(map(str, named))) != len(named)):
            raise LedgerError("these parents cannot be", place=f"parents.{role}", found=shown(str(named)))
        for one in named if several else [named]:
            _check(one, HASH, f"parents.{role}")
