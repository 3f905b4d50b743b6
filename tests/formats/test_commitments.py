"""Commitments to gold: an opened answer is checked against what was published before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.formats.commitments import (
    Opening,
    check_opening,
    commit_gold,
    commitment,
    read_commitments,
    read_openings,
)


def _commit(folder: Path) -> tuple[Path, Path]:
    salts, commitments = folder / "salts.csv", folder / "commitments.csv"
    assert commit_gold([("i1", "a"), ("i2", "b,c"), ("i3", None)], salts=salts, commitments=commitments) == 3
    return salts, commitments


def test_every_committed_answer_can_be_opened(tmp_path: Path) -> None:
    salts, commitments = _commit(tmp_path)
    published = read_commitments(commitments)
    openings = read_openings(salts)
    assert {item: one.value for item, one in openings.items()} == {"i1": "a", "i2": "b,c", "i3": ""}
    assert all(check_opening(one, published) for one in openings.values())


def test_another_answer_does_not_open_a_commitment(tmp_path: Path) -> None:
    salts, commitments = _commit(tmp_path)
    opening = read_openings(salts)["i1"]
    published = read_commitments(commitments)
    assert not check_opening(Opening("i1", "b", opening.salt), published)
    assert not check_opening(Opening("i2", "a", opening.salt), published)
    assert not check_opening(Opening("i1", "a", "0" * 64), published)
    assert not check_opening(Opening("i1", "a", "no salt"), published)


def test_the_public_file_names_no_item_and_the_private_one_is_private(tmp_path: Path) -> None:
    salts, commitments = _commit(tmp_path)
    assert "i1" not in commitments.read_text()
    assert commitments.read_text().splitlines()[1:] == sorted(commitments.read_text().splitlines()[1:])
    assert salts.stat().st_mode & 0o777 == 0o600


def test_a_commitment_is_never_replaced(tmp_path: Path) -> None:
    salts, commitments = _commit(tmp_path)
    before = commitments.read_bytes()
    with pytest.raises(InputError, match="never replaced"):
        commit_gold([("i1", "z")], salts=salts, commitments=commitments)
    with pytest.raises(InputError, match="never replaced"):
        commit_gold([("i1", "z")], salts=tmp_path / "other.csv", commitments=commitments)
    assert commitments.read_bytes() == before
    assert not (tmp_path / "other.csv").exists()


def test_a_changed_private_file_is_refused(tmp_path: Path) -> None:
    salts, _ = _commit(tmp_path)
    salts.write_text(salts.read_text().replace("i1,a,", "i1,b,"))
    with pytest.raises(InputError, match="does not open") as refusal:
        read_openings(salts)
    assert refusal.value.place == "line 2"


@given(
    st.tuples(st.text(max_size=4), st.text(max_size=4)), st.tuples(st.text(max_size=4), st.text(max_size=4))
)
def test_different_answers_have_different_commitments(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert (commitment(bytes(32), *one) == commitment(bytes(32), *two)) == (one == two)
