"""Entries have one byte form, keep to the vocabulary, and are appended once."""

from __future__ import annotations

import json
import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.ledger.canonical import LARGEST, canonical, read_canonical
from assay.ledger.entries import commitment_to, entry_bytes, read_entry
from assay.ledger.kinds import KINDS, vocabulary
from assay.ledger.log import Ledger
from assay.ledger.problem import LedgerError
from assay.ledger.tree import leaf_hash
from tests.ledger.programme import ORIGIN, build, standard
from tests.paths import ROOT

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
keys = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=6))
def test_a_document_has_one_byte_form(document: dict[str, object]) -> None:
    data = canonical(document)
    assert data.isascii()
    assert read_canonical(data) == document
    assert json.loads(data) == document
    assert canonical(dict(reversed(document.items()))) == data


@given(st.dictionaries(keys, values, min_size=1, max_size=4), st.randoms())
def test_no_other_bytes_of_the_same_meaning_are_read(
    document: dict[str, object], dice: random.Random
) -> None:
    data = canonical(document)
    forms = [
        json.dumps(document, ensure_ascii=False).encode(),
        json.dumps(document, indent=1).encode(),
        data + b"\n",
        b" " + data,
        b"{" + data[1:-1] + b"," + data[1:],
        data.replace(b"a", b"\\u0061", 1),
    ]
    for form in forms:
        if form != data:
            with pytest.raises(LedgerError):
                read_canonical(form)


@pytest.mark.parametrize(
    "bad", [{"a": 0.5}, {"a": float("nan")}, {"a": LARGEST + 1}, {"a": "\0"}, {"a": "\ud800"}, {"é": 1}, {"a": b"x"}, {1: 2}]
)  # fmt: skip
def test_what_has_no_exact_form_is_not_written(bad: dict[object, object]) -> None:
    with pytest.raises(LedgerError):
        canonical(bad)


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"{", b"1", b"[]", b'"a"', b'{"a":1.0}', b'{"a":1e3}', b'{"a":-0}', b'{"a":NaN}', b'{"a":Infinity}',
        b'{"a":"\\u0000"}', b'{"a":"\\ud800"}', b'{"a":01}', b'{"a":1,}', b'{"a":1}{"b":2}', b'\xef\xbb\xbf{"a":1}',
        b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a":"\xc3\xa9"}', b'{"a":"\\u00E9"}', b'{"a":"\\/"}',
    ],
)  # fmt: skip
def test_what_is_not_in_this_form_is_not_read(bad: bytes) -> None:
    with pytest.raises(LedgerError):
        read_canonical(bad)


def test_every_kind_is_published_for_other_verifiers() -> None:
    published = json.loads((ROOT / "docs" / "reference" / "ledger-kinds.json").read_text(encoding="utf-8"))
    assert published == vocabulary()


def test_every_kind_can_be_written_and_is_used_by_the_programme() -> None:
    used = {
        read_entry(entry).kind
        for outcome in ("accept", "rework")
        for entry in build(1, outcome=outcome).ledger.entries
    }
    assert used == set(KINDS)


def test_hashes_are_of_the_stored_bytes() -> None:
    for data in standard().ledger.entries:
        assert read_entry(data).hash == leaf_hash(data).hex()


def test_an_entry_is_at_most_64_kb() -> None:
    with pytest.raises(LedgerError, match="too large"):
        read_entry(b" " * 65_537)
    annotations = [f"{number:064x}" for number in range(1_000)]
    with pytest.raises(LedgerError, match="too large"):
        entry_bytes(
            "adjudication", id=str(uuid.UUID(int=1)), at="2026-03-01T00:00:00Z", by="service",
            parents={"annotations": annotations}, facts={"content": "0" * 64},
        )  # fmt: skip


def test_commitments_hide_with_a_salt_of_32_bytes() -> None:
    assert commitment_to(b"a", bytes(32)) != commitment_to(b"a", bytes(31) + b"\1")
    with pytest.raises(LedgerError, match="salt"):
        commitment_to(b"a", b"short")


@given(st.randoms())
def test_repeated_and_late_calls_append_nothing_twice(dice: random.Random) -> None:
    entries = standard().ledger.entries
    ledger = Ledger(ORIGIN)
    for at, entry in enumerate(entries):
        assert ledger.append(entry) == at
        for again in dice.sample(range(at + 1), min(2, at + 1)):
            assert ledger.append(entries[again]) == again
    assert ledger.entries == entries
    assert ledger.tree.root() == standard().ledger.tree.root()


def test_an_id_with_other_bytes_is_refused_and_changes_nothing() -> None:
    ledger = Ledger(ORIGIN)
    first = standard().ledger.entries[0]
    ledger.append(first)
    root = ledger.tree.root()
    for bad in (
        first.replace(b'"version":"1"', b'"version":"2"'),
        first + b" ",
        standard().ledger.entries[5],
    ):
        with pytest.raises(LedgerError):
            ledger.append(bad)
    assert (len(ledger), ledger.tree.root()) == (1, root)


def test_a_later_decision_names_the_one_it_replaces() -> None:
    p = build(2)
    decision = next(at for at, entry in enumerate(p.ledger.entries) if read_entry(entry).kind == "decision")
    verdict = next(at for at, entry in enumerate(p.ledger.entries) if read_entry(entry).kind == "verdict")
    reason = commitment_to(b"Agreed by telephone.", p.random_bytes())
    facts = {"decision": "override", "outcome": "accept", "reason": reason}
    with pytest.raises(LedgerError, match="settled"):
        p.add("decision", {"verdict": verdict}, **facts)
    index = p.add("decision", {"verdict": verdict, "before": decision}, **facts)
    with pytest.raises(LedgerError, match="settled"):
        p.add("decision", {"verdict": verdict, "before": decision}, **facts)
    assert p.add("decision", {"verdict": verdict, "before": index}, **facts) == index + 1
