"""What is simulated of located labels is what Assay's own readers find in the files, and the judge finds what is planted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.annotation.connection import open_connection
from assay.formats.delivery import load_delivery
from assay.formats.read import read_delivery
from assay.judge.flow import judge_request
from assay.judge.request import Request
from assay.simulate import Gold
from assay.simulate.located_files import gold_name, item_ids
from assay.simulate.located_plants import LOCATED_PLANTS, located_facts, plant_located, with_slices
from assay.simulate.located_programme import LocatedProgramme, simulate_located
from assay.simulate.located_spec import LOCATED, LocatedKind, LocatedPerson, LocatedSpec, crew


def spec_of(kind: LocatedKind, *plants: str, **more: Any) -> LocatedSpec:
    given: dict[str, Any] = {"items": 60, "votes_per_item": 2, "gold": Gold(items=30)} | more
    spec = LocatedSpec(kind=kind, threshold=1.0 if kind == "spans" else 0.5, **given)
    return plant_located(with_slices(spec), *plants)


def written(folder: Path, spec: LocatedSpec) -> LocatedProgramme:
    programme = simulate_located(spec)
    programme.write(folder)
    return programme


def document(folder: Path, kind: str) -> dict[str, Any]:
    request = Request(
        [folder], gold=folder / gold_name(kind), contract=folder / "contract.yaml",
        pseudonyms=folder / "pseudonyms.csv",
    )  # fmt: skip
    return dict(judge_request(request).document)


def with_names(folder: Path, spec: LocatedSpec) -> None:
    rows = [f"{person.id},{person.id}\n" for person in spec.people]
    (folder / "pseudonyms.csv").write_text("pseudonym,annotator\n" + "".join(rows), encoding="utf-8")


@pytest.mark.parametrize("kind", LOCATED)
def test_the_readers_find_who_worked_on_what_and_what_they_marked(kind: LocatedKind, tmp_path: Path) -> None:
    spec = spec_of(kind, "missing")
    draw = written(tmp_path, spec).draw
    names = item_ids(draw)
    connection = open_connection(readable=[tmp_path])
    declared = load_delivery(tmp_path / "delivery.yaml", inside=True)
    delivery = read_delivery([tmp_path], connection=connection, declared=declared)
    assert delivery.kind == kind
    assert {finding.kind for finding in delivery.findings if finding.severity != "note"} == set()
    worked = set(connection.execute("SELECT item, annotator FROM annotation").fetchall())
    people = [person.id for person in spec.people]
    assert worked == {
        (names[item], people[person]) for item, person in zip(draw.work_item, draw.work_person, strict=True)
    }
    found = connection.execute("SELECT item, annotator, class, x, w FROM object").fetchall()
    marks = draw.votes.objects
    expected = [
        (names[item], people[by], spec.classes[label])
        for item, by, label in zip(marks.item, draw.by, marks.label, strict=True)
    ]
    assert sorted(row[:3] for row in found) == sorted(expected)
    if kind != "fields":
        assert sum(row[3] for row in found) == pytest.approx(float(marks.box[:, 0].sum()), rel=1e-5)
        assert sum(row[4] for row in found) == pytest.approx(float(marks.box[:, 2].sum()), rel=1e-4)


@pytest.mark.parametrize("kind", LOCATED)
def test_the_files_have_the_figures_of_what_was_drawn(kind: LocatedKind, tmp_path: Path) -> None:
    spec = spec_of(kind, "weak-annotator", gold=Gold(items=60))
    truth = written(tmp_path, spec).truth
    with_names(tmp_path, spec)
    report = document(tmp_path, kind)
    people: Any = truth["annotators"]
    f1 = {name: figures["f1"]["value"] for name, figures in report["gold"]["by_annotator"].items()}
    assert f1 == pytest.approx({name: one["f1"] for name, one in people.items()}, abs=0.011)
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8")) == truth


def test_spans_of_gold_cover_whole_names_and_what_follows_is_no_part_of_them(tmp_path: Path) -> None:
    written(tmp_path, spec_of("spans", items=30, gold=Gold(items=30)))
    seen = 0
    for line in (tmp_path / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for start, end, _ in record["label"]:
            name, after = record["text"][start:end], record["text"][end]
            assert name[0].isupper()
            assert name[-1].isalpha()
            assert after in " ,"
            seen += 1
    assert seen > 50


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for kind in LOCATED:
        for folder in ("a", "b"):
            written(tmp_path / kind / folder, spec_of(kind, "copier", "guideline-gap"))
        first, again = (
            {path.name: path.read_bytes() for path in (tmp_path / kind / folder).rglob("*") if path.is_file()}
            for folder in ("a", "b")
        )
        assert first == again


@pytest.mark.parametrize(("kind", "words"), [("boxes", "smaller than"), ("spans", "after the comma")])
def test_a_guideline_gap_is_among_the_first_clusters(kind: LocatedKind, words: str, tmp_path: Path) -> None:
    spec = spec_of(kind, "guideline-gap", items=250, votes_per_item=3, gold=Gold(items=120))
    written(tmp_path, spec)
    with_names(tmp_path, spec)
    value = spec.gaps[0].value
    texts = [str(cluster["text"]) for cluster in document(tmp_path, kind)["clusters"][:3]]
    assert any(words in text and value in text for text in texts), texts


def test_a_copier_and_a_spammer_are_named(tmp_path: Path) -> None:
    copier = LocatedPerson("annotator-09", copies="annotator-01")
    spec = spec_of(
        "boxes", "spammer", people=(*crew(8), copier), items=250, votes_per_item=3, gold=Gold(items=120)
    )
    programme = written(tmp_path, spec)
    with_names(tmp_path, spec)
    facts = {str(fact["what"]): fact["annotator"] for fact in located_facts(programme.spec)}
    texts = " ".join(str(one["text"]) for one in document(tmp_path, "boxes")["suspicions"])
    assert str(facts["copies a person"]) in texts
    assert str(facts["spammer"]) in texts


def test_each_plant_takes_a_person_of_its_own_until_there_are_none() -> None:
    spec = spec_of("boxes", "weak-annotator", "spammer", "copier")
    planted = [fact["annotator"] for fact in located_facts(spec)]
    assert planted == ["annotator-06", "annotator-07", "annotator-08"]
    with pytest.raises(ValueError, match="more of them"):
        plant_located(LocatedSpec(people=crew(1)), "spammer", "weak-annotator")
    with pytest.raises(ValueError, match="known are"):
        plant_located(LocatedSpec(), "mix-up")


@pytest.mark.parametrize("name", LOCATED_PLANTS)
def test_every_plant_is_told(name: str) -> None:
    assert len(located_facts(spec_of("spans", name))) == 1


def test_the_truth_counts_what_was_drawn() -> None:
    programme = simulate_located(spec_of("boxes", "guideline-gap"))
    truth: Any = programme.truth
    assert truth["objects"] == sum(one["objects"] for one in truth["classes"].values())
    assert truth["votes"]["objects"] == sum(one["objects"] for one in truth["annotators"].values())
    assert truth["votes"]["all"] == sum(one["items"] for one in truth["annotators"].values())
    assert len(truth["camps"]) == 1
    assert len(truth["camps"][0]) == np.ceil(len(programme.spec.people) / 2)
