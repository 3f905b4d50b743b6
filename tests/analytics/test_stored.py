"""The tables of a delivery as stretches: keys, codes and hashes that belong to the ids alone."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.analytics import stored
from assay.analytics.batch import UNKNOWN, Batch, Stretch
from assay.annotation.errors import InputError
from assay.judge.flow import prepare_sources
from assay.judge.prepare import Prepared
from assay.judge.sources import read_sources
from tests.judge.judging import Home, by_hand, table


def prepared(home: Home, **changes: Any) -> Prepared:
    request = home.request(**changes)
    return prepare_sources(request, read_sources(request))


def stretch_of(batch: Batch) -> Stretch:
    (stretch,) = batch.stretches()
    return stretch


def votes_of(found: Prepared) -> set[tuple[str, str, str]]:
    """Item, pseudonym and label of every vote."""
    stretch = stretch_of(found.batch)
    keys = np.unique(stretch.votes.item)
    texts = stored.item_texts(found.connection, found.dictionaries.whole_keys, keys)
    named = dict(zip(keys.tolist(), texts, strict=True))
    return {
        (named[key], found.batch.annotators[who], found.coding.text(label))
        for key, who, label in zip(
            stretch.votes.item.tolist(),
            stretch.votes.annotator.tolist(),
            stretch.votes.label.tolist(),
            strict=True,
        )
    }


def delivered(folder: Path, items: list[str], *, gold: list[str] | None = None) -> Home:
    rows = [(item, who, "ab"[n % 2]) for n, item in enumerate(items) for who in "pq"]
    return by_hand(
        folder, table("item,annotator,label", rows),
        gold=None if gold is None else table("item,label", [(item, "a") for item in gold]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("items", "whole"),
    [
        (["0", "5", "17"], True),
        (["-3", "0", "9223372036854775807", "-9223372036854775808"], True),
        (["1", "007"], False),
        (["1", "1.0"], False),
        (["1", "-0"], False),
        (["1", "+2"], False),
        (["1", "99999999999999999999"], False),
        (["1", "1e3"], False),
        (["a", "b", "ä", "Ω"], False),
    ],
)
def test_every_id_stays_itself(tmp_path: Path, items: list[str], whole: bool) -> None:
    found = prepared(delivered(tmp_path, items))
    assert found.dictionaries.whole_keys is whole
    assert {item for item, *_ in votes_of(found)} == set(items)
    facts = stretch_of(found.batch).items
    assert (np.diff(facts.key.astype(object)) > 0).all()
    assert facts.expected.all()


def test_numbers_for_hashing_belong_to_the_id_alone(tmp_path: Path) -> None:
    alone = prepared(delivered(tmp_path / "alone", ["-3", "12", "40"]))
    beside = prepared(delivered(tmp_path / "beside", ["-3", "12", "40", "x"]))
    numbers = []
    for found in (alone, beside):
        facts = stretch_of(found.batch).items
        texts = stored.item_texts(found.connection, found.dictionaries.whole_keys, facts.key)
        numbers.append(dict(zip(texts, facts.number.tolist(), strict=True)))
    assert {item: numbers[1][item] for item in numbers[0]} == numbers[0]
    assert numbers[0]["-3"] == 2**64 - 3
    low = hashlib.md5(b"x", usedforsecurity=False).digest()[8:]
    assert numbers[1]["x"] in (int.from_bytes(low, "little"), int.from_bytes(low, "big"))


def test_gold_and_manifest_with_other_ids_make_all_keys_ranks(tmp_path: Path) -> None:
    found = prepared(delivered(tmp_path, ["1", "2"], gold=["1", "extra"]))
    assert not found.dictionaries.whole_keys
    assert len(found.batch.gold) == 1
    assert found.gold_outside == 1


names = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters=',"#'),
    min_size=1,
    max_size=8,
)
ids = names.filter(lambda text: text.strip() == text)


@settings(max_examples=25)
@given(items=st.lists(ids, min_size=1, max_size=6, unique=True), votes=st.integers(1, 5))
def test_any_ids_come_out_in_stretches_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, items: list[str], votes: int
) -> None:
    home = delivered(tmp_path_factory.mktemp("ids"), items)
    whole = prepared(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "STRETCH_VOTES", votes)
        parts = list(prepared(home).batch.stretches())
    assert {item for item, *_ in votes_of(whole)} == set(items)
    one = stretch_of(whole.batch)
    assert np.concatenate([part.votes.item for part in parts]).tolist() == one.votes.item.tolist()
    assert np.concatenate([part.items.number for part in parts]).tolist() == one.items.number.tolist()
    assert all((part.votes.item[:1] > before.votes.item[-1:]).all() for before, part in pairwise(parts))


def test_people_are_numbered_by_their_votes_and_models_are_none(tmp_path: Path) -> None:
    rows = (
        [(n, "few", "a") for n in range(2)]
        + [(n, "many", "a") for n in range(9)]
        + [(n, "model:x", "b") for n in range(9)]
    )
    home = by_hand(tmp_path, table("item,annotator,label", rows), delivery="copies: [few]")
    found = prepared(home)
    assert found.pseudonyms == {"many": "annotator-01"}
    assert votes_of(found) == {(str(n), "annotator-01", "a") for n in range(9)}


def test_labels_outside_the_schema_stand_only_among_what_decides(tmp_path: Path) -> None:
    schema = 'assay: schema/1\nversion: "1"\nkind: choice\nclasses:\n- {id: a, name: a}\n- {id: b, name: b}\n'
    rows = [(0, "p", "a"), (0, "q", "z"), (1, "p", "z")]
    stretch = stretch_of(
        prepared(by_hand(tmp_path, table("item,annotator,label", rows), schema=schema)).batch
    )
    assert stretch.votes.label.tolist() == [0]
    assert stretch.standing.label.tolist() == [0, UNKNOWN, UNKNOWN]
    assert stretch.standing.item.tolist() == [0, 0, 1]


def test_without_later_layers_and_strange_labels_nothing_is_kept_twice(tmp_path: Path) -> None:
    stretch = stretch_of(prepared(delivered(tmp_path, ["1", "2"])).batch)
    assert stretch.standing is stretch.votes
    assert len(stretch.settled_key) == 0


def test_labels_by_the_thousand_are_no_choices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST_LABELS", 20)
    home = by_hand(tmp_path, table("item,annotator,label", [(n, "p", f"text {n}") for n in range(30)]))
    with pytest.raises(InputError, match="too many different labels"):
        prepared(home)


@pytest.mark.parametrize(
    "label", ["no", "007", "12:30", "''", "NULL", "null", "a'b", "-1", "x;DROP TABLE vote", "ÄÖÜ", "🙂"]
)
def test_a_label_is_a_text_whatever_it_looks_like(tmp_path: Path, label: str) -> None:
    rows = [(n, who, label if n % 2 else "other") for n in range(20) for who in "pq"]
    home = by_hand(
        tmp_path,
        table("item,annotator,label", rows),
        gold=table("item,label", [(n, label) for n in range(20)]),
    )
    document = home.document()
    assert set(document["batch"]["classes"]) == {label, "other"}
    assert document["gold"]["overall"]["accuracy"]["value"] == 0.5
