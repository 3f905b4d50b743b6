"""Pseudonyms: known people keep theirs, new ones are appended, names never leave the mapping."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.formats.pseudonyms import assign_pseudonyms
from tests.formats.deliveries import write


def test_numbers_follow_the_order_given() -> None:
    assert assign_pseudonyms(["w7", "w3"], None) == {"w7": "annotator-01", "w3": "annotator-02"}


def test_models_and_the_unnamed_keep_what_they_are() -> None:
    assert assign_pseudonyms(["model:v1", "(not named)"], None) == {
        "model:v1": "model:v1",
        "(not named)": "(not named)",
    }


def test_known_people_keep_their_pseudonym_and_new_ones_are_appended(tmp_path: Path) -> None:
    path = write(tmp_path, "p.csv", 'pseudonym,annotator\nannotator-05,"w, 3"\nnorth-1,w9\n')
    assert assign_pseudonyms(["w7", "w, 3", "w9"], path) == {
        "w7": "annotator-06",
        "w, 3": "annotator-05",
        "w9": "north-1",
    }
    assert path.read_text() == 'pseudonym,annotator\nnorth-1,w9\nannotator-05,"w, 3"\nannotator-06,w7\n'
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_mapping_that_knows_everyone_is_not_touched(tmp_path: Path) -> None:
    path = write(tmp_path, "p.csv", "pseudonym,annotator\nannotator-01,w1\n")
    before = path.stat()
    assign_pseudonyms(["w1"], path)
    assert path.stat() == before


@pytest.mark.parametrize(
    "text",
    [
        "annotator,pseudonym\nw1,a\n",
        "pseudonym,annotator\na,w1\na,w2\n",
        "pseudonym,annotator\na,w1\nb,w1\n",
        "pseudonym,annotator\n,w1\n",
        "pseudonym,annotator\na,w1,x\n",
        "",
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        assign_pseudonyms(["w1"], write(tmp_path, "p.csv", text))


@given(st.lists(st.lists(st.text('abc,"\n é', min_size=1, max_size=4), max_size=8), min_size=1, max_size=4))
def test_a_pseudonym_once_given_stays(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("pseudonyms") / "p.csv"
    given_before: dict[str, str] = {}
    for batch in batches:
        assigned = assign_pseudonyms(batch, path)
        given_before |= {name: assigned[name] for name in batch if name not in given_before}
        assert all(assigned[name] == given_before[name] for name in batch)
    assert len(set(given_before.values())) == len(given_before)
