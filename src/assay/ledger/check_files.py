"""Checking the documents of a bundle: each is the one whose hash its entry names, and says what the entry says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import cast

from .canonical import read_canonical, read_json
from .container import Container, read_all
from .entries import MOST_BYTES, SALT_BYTES, Entry
from .kinds import KINDS
from .leaves import Rebuilt, read_leaves, read_subtrees
from .outcome import Outcome
from .problem import LedgerError, Problem, shown
from .tree import leaf_hash

FILE = re.compile(r"files/(0|[1-9][0-9]*)/([a-z.-]+)")
ROWS = re.compile(r"rows/(0|[1-9][0-9]*)\.(leaves|tree)")
OPENING, COMMITMENTS = "opening.json", "commitments.csv"
_MOST_READ = 256 << 20
_CHUNK = 1 << 20
_SALT = re.compile(rb"[0-9a-f]{64}\n")


def check_files(outcome: Outcome, container: Container, entries: Mapping[int, Entry]) -> None:
    """Check every document; ``entries`` are those that documents and rows belong to."""
    fitting = []
    for name in container.names():
        found = FILE.fullmatch(name)
        if not found or name.endswith(".salt"):
            continue
        index, role = int(found[1]), found[2]
        try:
            entry = _owner(entries, index, role)
            _check_one(container, name, role, entry, entries)
            fitting.append(f"{role} (entry {index:,})")
        except LedgerError as error:
            outcome.wrong(error, name)
    if fitting:
        more = f" and {len(fitting) - 12} more" if len(fitting) > 12 else ""
        outcome.proven.append(
            f"The documents are the ones that the entries name: {', '.join(fitting[:12])}{more}."
        )


def _owner(entries: Mapping[int, Entry], index: int, role: str) -> Entry:
    entry = entries.get(index)
    if entry is None:
        raise LedgerError("its entry is not in the bundle", expected=f"entry {index}")
    kind = KINDS[entry.kind]
    if role not in kind.files and role not in kind.opened and (role, entry.kind) != (OPENING, "opened"):
        raise LedgerError(
            "no entry of this kind names such a document", found=f"{role} of a {entry.kind}",
            expected=", ".join([*kind.files, *kind.opened]) or "no document",
        )  # fmt: skip
    return entry


def _check_one(
    container: Container, name: str, role: str, entry: Entry, entries: Mapping[int, Entry]
) -> None:
    kind = KINDS[entry.kind]
    if role == OPENING:
        return _check_opening(container, name, entry, entries)
    if role in kind.opened:
        fact, salt = kind.opened[role], _salt(container, name)
    else:
        fact, salt = kind.files[role], b""
    found, expected = _hash(container, name, salt), entry.facts.get(fact)
    if found != expected:
        raise LedgerError(
            "this is not the document that the entry names", found=found,
            expected=str(expected or f"an entry with the fact {fact}"),
        )  # fmt: skip
    if role == "report.json":
        _check_report(read_json(read_all(container, name, _MOST_READ)), entry, entries)
    if role == COMMITMENTS:
        _check_commitments(container, name, entry)
    return None


def _salt(container: Container, name: str) -> bytes:
    beside = f"{name}.salt"
    if beside not in container.names():
        raise LedgerError("the salt beside it is missing", expected=beside)
    data = read_all(container, beside, 2 * SALT_BYTES + 1)
    if not _SALT.fullmatch(data):
        raise LedgerError(
            "the salt is no salt", place=beside, found=shown(data), expected="64 hexadecimal digits"
        )
    return bytes.fromhex(data.decode("ascii"))


def _hash(container: Container, name: str, salt: bytes) -> str:
    digest = hashlib.sha256(salt)
    with container.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _check_report(report: dict[str, object], entry: Entry, entries: Mapping[int, Entry]) -> None:
    """The report tells the outcome of its verdict, and the batch and round of the delivery where that is here."""
    verdict, batch = (
        cast("dict[str, object]", part) if type(part := report.get(key)) is dict else {}
        for key in ("verdict", "batch")
    )
    expected: dict[str, tuple[object, object]] = {
        "verdict.outcome": (verdict.get("outcome"), entry.facts["outcome"])
    }
    named = entry.parent("delivery")
    delivery = next((one for one in entries.values() if one.hash == named), None)
    if delivery is not None:
        for key in ("id", "round"):
            expected[f"batch.{key}"] = (batch.get(key), delivery.facts["batch" if key == "id" else key])
    for key, (found, told) in expected.items():
        if found != told:
            raise LedgerError(
                "the report does not say what its entry says", place=key, found=str(found), expected=str(told)
            )


def _check_commitments(container: Container, name: str, entry: Entry) -> None:
    lines = read_all(container, name, _MOST_READ).splitlines()[1:]
    if len(lines) != entry.facts["answers"]:
        raise LedgerError(
            "another number of commitments than the entry tells", found=str(len(lines)),
            expected=str(entry.facts["answers"]),
        )  # fmt: skip


def _check_opening(container: Container, name: str, entry: Entry, entries: Mapping[int, Entry]) -> None:
    """An opened answer gives the commitment of its entry, and that is listed by the gold release that it names."""
    data = read_all(container, name, MOST_BYTES)
    opening = read_canonical(data)
    parts = [opening.get(key) for key in ("item", "salt", "value")]
    if (
        len(opening) != 3
        or not all(type(part) is str for part in parts)
        or len(str(parts[1])) != 2 * SALT_BYTES
    ):
        raise LedgerError(
            "this is no opened answer", found=shown(data), expected="item, salt, value as texts"
        )
    found, expected = gold_commitment(*map(str, parts)), str(entry.facts["commitment"])
    if found != expected:
        raise LedgerError("this is not the answer that was committed to", found=found, expected=expected)
    for index, gold in entries.items():
        listed = f"files/{index}/{COMMITMENTS}"
        is_here = gold.hash == entry.parent("gold") and listed in container.names()
        if is_here and expected.encode() not in read_all(container, listed, _MOST_READ).splitlines():
            raise LedgerError(
                "the gold release did not commit to this answer", found=expected, expected=listed
            )


def gold_commitment(item: str, salt: str, value: str) -> str:
    """The commitment to a gold answer: SHA-256(salt ‖ len(item) ‖ item ‖ len(value) ‖ value), lengths as 8 bytes.

    >>> gold_commitment("item-1", "00" * 32, "fraud")[:16]
    '13de7c641ac00237'
    """
    try:
        digest = hashlib.sha256(bytes.fromhex(salt))
    except ValueError:
        raise LedgerError(
            "the salt is no salt", found=shown(salt), expected="64 hexadecimal digits"
        ) from None
    for text in (item.encode(), value.encode()):
        digest.update(len(text).to_bytes(8, "big") + text)
    return digest.hexdigest()


def check_rows(outcome: Outcome, container: Container, entries: Mapping[int, Entry]) -> None:
    """Check the rows shown of each delivery against the root that its entry names."""
    for name in container.names():
        found = ROWS.fullmatch(name)
        if not found or found[2] != "leaves":
            continue
        entry = entries.get(int(found[1]))
        try:
            if entry is None or entry.kind != "delivery":
                raise LedgerError("its delivery is not in the bundle", expected=f"entry {found[1]}")
            shown_rows = _check_tree(outcome, container, name, entry)
        except LedgerError as error:
            outcome.wrong(error, name)
        else:
            outcome.proven.append(
                f"{shown_rows:,} of {entry.facts['rows']:,} rows of batch {entry.facts['batch']} are as delivered."
            )


def _check_tree(outcome: Outcome, container: Container, name: str, entry: Entry) -> int:
    beside = name.removesuffix("leaves") + "tree"
    if beside not in container.names():
        raise LedgerError("the tree file beside it is missing", expected=beside)
    rows, count = cast(int, entry.facts["rows"]), 0
    with container.open(name) as leaves, container.open(beside) as tree:
        rebuilt = Rebuilt(read_subtrees(tree), rows)
        for index, data, stated in read_leaves(leaves, MOST_BYTES):
            if leaf_hash(data) != stated:
                changed = Problem(f"row {index}", "the row was changed", leaf_hash(data).hex(), stated.hex())
                outcome.wrong(changed, name)
            rebuilt.leaf(index, stated)
            count += 1
        root = rebuilt.root().hex()
    if root != entry.facts["rows_root"]:
        raise LedgerError(
            "these are not the rows that were delivered", found=f"root {root}",
            expected=f"root {entry.facts['rows_root']}",
        )  # fmt: skip
    return count
