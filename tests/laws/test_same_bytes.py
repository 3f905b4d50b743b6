"""Same input, same bytes: whatever the order of rows, the threads, the size of stretches, the names of people."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.analytics import stored
from assay.annotation.strict_json import parse_json
from assay.judge.saving import document_bytes
from assay.simulate import Annotator, Gold, HardSlice, Reviewer, Slice, Spec
from assay.terms.contract import Contract
from assay.terms.templates import load_template
from tests.judge.judging import Home, Json, simulated

PLACES = Slice("place", ("x", "y", "z"))
PEOPLE = (*(Annotator(f"worker{n}") for n in range(5)), Annotator("weak", accuracy=0.6))
SPECS = {
    "choices": Spec(
        items=260, classes=("a", "b", "c"), annotators=PEOPLE, accuracy=0.9, slices=(PLACES,),
        hard_slices=(HardSlice("place", "y"),), gold=Gold(items=120, makers=2), duplicates=0.02, skipped=0.02,
        reviewer=Reviewer(share=0.1),
    ),
    "ratings": Spec(
        kind="rating", classes=("1", "2", "3", "5"), level="ordinal", items=260, annotators=PEOPLE, accuracy=0.8,
        slices=(PLACES,), gold=Gold(items=120),
    ),
    "tags": Spec(
        kind="multi", classes=("a", "b", "c"), items=260, annotators=PEOPLE, accuracy=0.85, slices=(PLACES,),
        gold=Gold(items=120),
    ),
}  # fmt: skip
FEW = 300  # replicates: what they are drawn for does not matter here


def agreed(spec: Spec) -> Contract:
    template = load_template(
        {"choice": "standard-choice", "rating": "standard-rating"}.get(spec.kind, "starter-multi")
    )
    measurement = template.measurement
    return replace(
        template, level="ordinal" if spec.kind == "rating" else template.level,
        measurement=replace(measurement, interval=replace(measurement.interval, replicates=FEW)),
    )  # fmt: skip


@pytest.fixture(scope="module", params=SPECS)
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Home:
    spec = SPECS[request.param]
    return simulated(tmp_path_factory.mktemp(request.param), spec, contract=agreed(spec))


def files_of(home: Home, **changes: Any) -> tuple[bytes, bytes]:
    """report.json and counts.json."""
    judgement = home.judge(**changes)
    return document_bytes(judgement.document), document_bytes(judgement.counts)


def copy(home: Home, folder: Path, changed: Mapping[str, str]) -> Home:
    """The same files in another folder, some with other content."""
    folder.mkdir()
    for path in home.folder.iterdir():
        (folder / path.name).write_text(
            changed.get(path.name, path.read_text(encoding="utf-8")), encoding="utf-8"
        )
    moved = {
        name: folder / path.name
        for name in ("delivery", "gold", "items", "schema", "contract")
        if (path := getattr(home, name)) is not None
    }
    return Home(folder, **moved)


def without_files(report: bytes) -> Json:
    """The document without what names the files themselves."""
    document: Any = parse_json(report, file="report.json")
    return {
        key: value
        if key != "inputs"
        else [{k: v for k, v in entry.items() if k not in ("path", "sha256", "bytes")} for entry in value]
        for key, value in document.items()
    }


def shuffled(text: str, seed: int) -> str:
    head, *rows = text.splitlines()
    random.Random(seed).shuffle(rows)
    return "\n".join([head, *rows]) + "\n"


def test_twice_is_the_same(home: Home) -> None:
    assert files_of(home) == files_of(home)


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_threads_is_the_same(home: Home, threads: int) -> None:
    assert files_of(home, threads=threads) == files_of(home)


@pytest.mark.parametrize("votes", [40, 333])
def test_stretches_of_any_size_are_the_same(home: Home, votes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = files_of(home)
    monkeypatch.setattr(stored, "STRETCH_VOTES", votes)
    assert files_of(home) == whole


def test_rows_in_any_order_are_the_same(home: Home, tmp_path: Path) -> None:
    names = ("labels.csv", "gold.csv", "items.csv")
    mixed = {
        name: shuffled((home.folder / name).read_text(encoding="utf-8"), n) for n, name in enumerate(names)
    }
    report, counts = files_of(home)
    other, other_counts = files_of(copy(home, tmp_path / "mixed", mixed))
    assert without_files(other) == without_files(report)
    assert other_counts == counts


def test_people_under_other_names_are_the_same_names_aside(home: Home, tmp_path: Path) -> None:
    # other names in another order, and a file of pseudonyms for both that gives each person the same one
    labels = (home.folder / "labels.csv").read_text(encoding="utf-8")
    raw = sorted({line.split(",")[1] for line in labels.splitlines()[1:]})
    renamed = {name: f"{hashlib.sha256(name.encode()).hexdigest()[:8]}" for name in raw}
    other = "\n".join(
        ",".join(renamed.get(cell, cell) if n == 1 else cell for n, cell in enumerate(line.split(",")))
        for line in labels.splitlines()
    )
    reports = []
    for folder, text, names in (("one", labels, {n: n for n in raw}), ("other", other + "\n", renamed)):
        given = copy(home, tmp_path / folder, {"labels.csv": text})
        mapping = tmp_path / f"{folder}.csv"
        rows = [f"annotator-{n:02d},{names[name]}" for n, name in enumerate(raw, start=1)]
        mapping.write_text("\n".join(["pseudonym,annotator", *rows]) + "\n")
        reports.append(files_of(given, pseudonyms=mapping))
    assert without_files(reports[0][0]) == without_files(reports[1][0])
    assert reports[0][1] == reports[1][1]


def test_an_item_that_is_no_number_changes_nothing_of_the_others(tmp_path: Path) -> None:
    # with whole numbers as ids keys are the ids; one other id in the gold makes them ranks of texts
    home = simulated(tmp_path / "named", SPECS["choices"], contract=agreed(SPECS["choices"]))
    numbered = {
        name: (home.folder / name).read_text(encoding="utf-8").replace("item-0", "").replace("item-", "")
        for name in ("labels.csv", "gold.csv", "items.csv")
    }
    numbered = {name: strip_zeros(text) for name, text in numbered.items()}
    plain = copy(home, tmp_path / "plain", numbered)
    gold = numbered["gold.csv"]
    line = gold.splitlines()[1].split(",")
    odd = copy(
        home, tmp_path / "odd", numbered | {"gold.csv": gold + ",".join(["odd one", *line[1:]]) + "\n"}
    )
    one, other = (without_files(files_of(h)[0]) for h in (plain, odd))
    for key in ("agreement", "clusters", "people", "slices", "suspicions", "rework", "pool"):
        assert one[key] == other[key], key
    for key in ("overall", "by_class", "by_annotator", "by_slice", "confusion"):
        assert one["gold"][key] == other["gold"][key], key
    assert other["gold"]["outside_batch"] == 1


def strip_zeros(text: str) -> str:
    head, *rows = text.splitlines()
    return "\n".join([head, *(row.lstrip("0") for row in rows)]) + "\n"


def test_texts_and_whole_numbers_as_ids_give_the_same_values(tmp_path: Path) -> None:
    home = simulated(tmp_path / "named", SPECS["choices"], contract=agreed(SPECS["choices"]))
    numbered = {
        name: strip_zeros((home.folder / name).read_text(encoding="utf-8").replace("item-", ""))
        for name in ("labels.csv", "gold.csv", "items.csv")
    }
    other = copy(home, tmp_path / "numbered", numbered)
    values = [values_of(without_files(files_of(h)[0])) for h in (home, other)]
    assert values[0] == values[1]


def values_of(document: Json) -> Json:
    """Values and counts without interval ends: those hang on the ids, which are hashed."""
    ends = {"low", "high", "by_reason", "summary", "terms", "items", "text", "changes", "reason"}

    def kept(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: kept(value) for key, value in node.items() if key not in ends}
        return [kept(part) for part in node] if isinstance(node, list) else node

    return {
        key: kept(document[key]) for key in ("batch", "agreement", "gold", "clusters", "people", "slices")
    }


_RUN = """
import sys
from pathlib import Path
from tests.judge.judging import Home
from tests.laws.test_same_bytes import files_of
folder = Path(sys.argv[1])
home = Home(folder, *(folder / name for name in ("delivery.yaml", "gold.csv", "items.csv", "schema.yaml", "contract.yaml")))
sys.stdout.buffer.write(files_of(home)[0])
"""


@pytest.mark.parametrize(
    "settings", [{"OPENBLAS_NUM_THREADS": "1"}, {"OPENBLAS_NUM_THREADS": "4", "PYTHONHASHSEED": "7"}]
)
def test_another_process_with_other_threads_and_hashes_is_the_same(
    home: Home, settings: dict[str, str]
) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(home.folder)], cwd=root, capture_output=True, check=True,
        env=os.environ | {"PYTHONPATH": str(root)} | settings,
    )  # fmt: skip
    assert done.stdout == files_of(home)[0]


def test_weighted_strata_are_the_same_on_any_number_of_threads(tmp_path: Path) -> None:
    spec = replace(SPECS["choices"], items=900, messages=False)
    home = simulated(tmp_path / "in", spec, contract=agreed(spec))
    lines = (home.folder / "items.csv").read_text().splitlines()
    strata = [f"{line},{'stratum' if n == 0 else 'abc'[n % 7 // 3]}" for n, line in enumerate(lines)]
    (home.folder / "items.csv").write_text("\n".join(strata) + "\n")
    whole = files_of(home)
    assert files_of(home, threads=1) == whole
    mixed = copy(
        home, tmp_path / "mixed", {"labels.csv": shuffled((home.folder / "labels.csv").read_text(), 3)}
    )
    assert without_files(files_of(mixed)[0]) == without_files(whole[0])
