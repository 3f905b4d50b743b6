"""Two verifiers agree on every published vector, and the vectors are those that the programme of the tests gives."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from assay.ledger.note import parse_key
from tests.ledger import other_verifier, vectors
from tests.ledger.programme import build, key, public, standard, write

PUBLISHED = json.loads((vectors.FOLDER / "bundles.json").read_text(encoding="utf-8"))
KEY = PUBLISHED["key"]
BASES = {path.stem: path.read_bytes() for path in vectors.FOLDER.glob("*.zip")}
OTHER = Path(other_verifier.__file__)


def test_the_other_verifier_imports_nothing_of_assay() -> None:
    nodes = ast.walk(ast.parse(OTHER.read_text(encoding="utf-8")))
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules = [
        node.module
        for node in ast.walk(ast.parse(OTHER.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    assert named
    assert not any(str(name).startswith(("assay", "tests")) for name in [*named, *modules])


def test_there_are_a_thousand_vectors_good_and_bad() -> None:
    expected = [vector["expected"] for vector in PUBLISHED["vectors"]]
    assert len(expected) >= 1_000
    assert {"proven", "wrong"} <= set(expected)


@pytest.mark.parametrize("base", BASES)
def test_both_prove_the_bundles_that_are_good(base: str, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(BASES[base])
    stranger = str(public(key("stranger")))
    for keys, expected in (([KEY], "proven"), ([], "not provable"), ([stranger], "wrong")):
        assert vectors.verdict(path, keys, None) == expected
        assert other_verifier.verify(BASES[base], keys) == expected


def test_both_agree_on_every_vector(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    for vector in PUBLISHED["vectors"]:
        data = vectors.changed(BASES[vector["base"]], vector)
        path.write_bytes(data)
        assert vectors.verdict(path, [KEY], None) == vector["expected"], vector
        assert other_verifier.verify(data, [KEY]) == vector["expected"], vector


def test_both_agree_on_checkpoints_that_somebody_holds(tmp_path: Path) -> None:
    fork = build(1, outcome="accept")
    programmes = [standard().bundle(), standard().bundle(indices=[0], earlier=False), fork.bundle()]
    seen = set()
    for number, bundle in enumerate(programmes):
        path = write(bundle, tmp_path / f"{number}.zip")
        for held in PUBLISHED["held"].values():
            ours = vectors.verdict(path, [KEY], held.encode())
            assert other_verifier.verify(path.read_bytes(), [KEY], held.encode()) == ours
            seen.add(ours)
    assert seen == {"proven", "wrong", "not provable"}


def test_the_published_files_are_up_to_date() -> None:
    for name, content in vectors.files().items():
        assert (vectors.FOLDER / name).read_bytes() == content, (
            f"write {name} anew: python -m tests.ledger.vectors"
        )
    assert str(parse_key(KEY)) == KEY
