from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from .commands import assay, files, refused, start

FILES = {
    "labels.csv", "gold.csv", "items.csv", "delivery.yaml", "schema.yaml", "contract.yaml", "truth.json", "pseudonyms.csv",
}  # fmt: skip
SMALL = ("--items", "120", "--gold", "60", "--no-messages")


@pytest.mark.parametrize("kind", ["choice", "multi", "rating", "text"])
def test_the_printed_commands_judge_what_was_written(tmp_path: Path, kind: str) -> None:
    done = assay("simulate", "my programme", "--kind", kind, *SMALL, folder=tmp_path, expected=0)
    assert set(files(tmp_path / "my programme")) == FILES
    printed = [line.strip() for line in done.out.splitlines() if line.strip().startswith("assay ")]
    assert [line.split()[1] for line in printed] == [
        "inspect",
        *(["agree"] if kind != "text" else []),
        "judge",
    ]
    for line in printed:
        words = line.replace("'my programme'", "my_programme").split()[1:]
        given = [word.replace("my_programme", "my programme") for word in words]
        assert assay(*given, folder=tmp_path).code in (0, 1, 3), line
    assert (tmp_path / "assay-report/report.html").is_file()


@pytest.mark.parametrize("kind", ["boxes", "spans", "fields"])
def test_the_printed_commands_judge_located_labels(tmp_path: Path, kind: str) -> None:
    plants = ("--plant", "guideline-gap", "--plant", "copier")
    done = assay(
        "simulate", "p", "--kind", kind, "--items", "40", "--gold", "20", *plants, folder=tmp_path, expected=0
    )
    assert "copies a person: annotator-08, copies annotator-01, copied 0.9" in done.out
    assert "40 items" in done.out
    printed = [line.strip() for line in done.out.splitlines() if line.strip().startswith("assay ")]
    assert [line.split()[1] for line in printed] == ["inspect", "agree", "judge"]
    for line in printed:
        assert assay(*line.split()[1:], folder=tmp_path).code in (0, 1, 3), line


def test_located_labels_have_as_many_classes_as_asked_for(tmp_path: Path) -> None:
    for classes in ("2", "8"):
        name = f"p{classes}"
        assay(
            "simulate",
            name,
            "--kind",
            "boxes",
            "--classes",
            classes,
            "--items",
            "200",
            folder=tmp_path,
            expected=0,
        )
        found = assay("inspect", name, "--json", folder=tmp_path).document
        assert len(found["classes"]) == int(classes)


def test_people_are_called_the_same_in_the_report_as_in_the_truth(tmp_path: Path) -> None:
    plants = ("--plant", "spammer", "--plant", "rubber-stamp")
    assay("simulate", "p", "--items", "200", *plants, folder=tmp_path, expected=0)
    truth = json.loads((tmp_path / "p/truth.json").read_text(encoding="utf-8"))
    (spammer,) = [fact["annotator"] for fact in truth["planted"] if fact["what"] == "spammer"]
    arguments = ("--pseudonyms", "p/pseudonyms.csv", "--json")
    report = assay("judge", "p", *arguments, folder=tmp_path).document
    assert [finding["subject"] for finding in report["suspicions"]] == [spammer]
    assert {person["id"] for person in report["people"]} == {*truth["annotators"], "reviewer-01"}


def test_what_was_planted_is_printed(tmp_path: Path) -> None:
    plants = ("weak-annotator", "guideline-gap", "rubber-stamp", "missing")
    asked = [part for name in plants for part in ("--plant", name)]
    text = assay("simulate", "p", *SMALL, *asked, folder=tmp_path, expected=0).out
    for line in (
        "weak annotator: annotator-08, accuracy 0.8",
        "guideline gap: classes refund / billing, slice channel = phone, share 0.7",
        "rubber stamp: reviewer-01, share 0.2, finds 0.0",
        "missing: share 0.05",
    ):
        assert f"\n  {line}\n" in text
    assert "\n  nothing: " in assay("simulate", "q", *SMALL, folder=tmp_path, expected=0).out


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assay("simulate", name, *SMALL, "--seed", seed, folder=tmp_path, expected=0)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a")["labels.csv"] != files(tmp_path / "c")["labels.csv"]


@pytest.mark.parametrize(("kind", "classes"), [("choice", 3), ("choice", 9), ("multi", 4), ("rating", 7)])
def test_there_are_as_many_classes_as_asked_for(tmp_path: Path, kind: str, classes: int) -> None:
    arguments = ("--kind", kind, "--classes", str(classes), "--votes", "1", "--annotators", "2")
    assay("simulate", "p", *arguments, "--items", "400", folder=tmp_path, expected=0)
    found = assay("inspect", "p", "--json", folder=tmp_path).document
    assert (found["kind"], len(found["classes"]), found["annotators"]) == (kind, classes, 2)


def test_without_gold_the_printed_command_is_a_pre_flight(tmp_path: Path) -> None:
    text = assay("simulate", "p", "--items", "20", "--gold", "0", folder=tmp_path, expected=0).out
    assert "--gold" not in text
    assert assay("judge", "p", "--pseudonyms", "p/pseudonyms.csv", folder=tmp_path).code == 0


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["mine"], ["mine", "not replaced", "a new folder"]),
        (["mine/letter.txt"], ["mine/letter.txt", "not replaced"]),
        (["mine/letter.txt/p"], ["mine/letter.txt/p", "cannot be written"]),
        (["p", "--plant", "gremlin"], ["gremlin", "spammer"]),
        (["p", "--kind", "cuboids"], ["--kind", "cuboids"]),
        (["p", "--kind", "boxes", "--plant", "mix-up"], ["mix-up", "boxes", "spammer"]),
        (["p", "--kind", "spans", "--votes", "9"], ["9 votes per item"]),
        (["p", "--items", "0"], ["--items"]),
        (["p", "--items", "many"], ["--items"]),
        (["p", "--votes", "9"], ["9 votes per item", "8"]),
        (["p", "--kind", "multi", "--classes", "90"], ["62 tags"]),
        (
            ["p", "--annotators", "1", "--votes", "1", "--plant", "spammer", "--plant", "drift"],
            ["every annotator"],
        ),
        ([], ["OUT"]),
    ],
)
def test_what_cannot_be_simulated_is_refused_and_nothing_written(
    tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear", encoding="utf-8")
    refused(assay("simulate", *arguments, folder=tmp_path), *parts)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["letter.txt", "mine"]


def test_a_killed_simulation_leaves_no_programme(tmp_path: Path) -> None:
    running, child = start("simulate", "p", *SMALL, folder=tmp_path)
    os.kill(child, signal.SIGKILL)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 4
    assert not (tmp_path / "p").exists()
    Path(err.rsplit(" is in ", 1)[1].strip().removesuffix(".")).unlink()
