from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from .commands import ASSAY, PLAIN, assay, contract, files, refused, start, table

REPORT = {"report.json", "report.html", "counts.json"}
REDO = {"rework.csv", "rework.label-studio.json"}


def gold_of(programme: Path, folder: Path, items: int) -> Path:
    """The first answers of a gold panel."""
    lines = (programme / "gold.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    path = folder / "few.csv"
    path.write_text("".join(lines[: items + 1]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("floor", "more", "items", "code", "outcome"),
    [
        ("0.50", (), 120, 0, "accept"),
        ("0.999", (), 120, 1, "rework"),
        ("0.999", ('reject_below: "0.995"',), 120, 1, "reject"),
        ("0.50", (), 12, 3, "not provable"),
    ],
)
def test_the_exit_code_is_the_verdict(
    programme: Path, tmp_path: Path, floor: str, more: tuple[str, ...], items: int, code: int, outcome: str
) -> None:
    agreed, gold = contract(tmp_path / "c.yaml", floor, *more), gold_of(programme, tmp_path, items)
    done = assay("judge", programme, "--gold", gold, "--contract", agreed, folder=tmp_path, expected=code)
    report = json.loads((tmp_path / "assay-report/report.json").read_text(encoding="utf-8"))
    assert report["verdict"]["outcome"] == outcome
    assert done.out.startswith(report["verdict"]["headline"])
    assert done.out.rstrip().endswith("assay-report/report.html")
    assert set(files(tmp_path / "assay-report")) == REPORT | (REDO if report["rework"]["items"] else set())


def test_without_a_contract_the_exit_code_is_zero_and_the_verdict_provisional(
    programme: Path, tmp_path: Path
) -> None:
    done = assay("judge", programme, "--gold", programme / "gold.csv", "--json", folder=tmp_path, expected=0)
    assert done.document["verdict"]["provisional"] is True


def test_without_gold_it_is_a_pre_flight(programme: Path, tmp_path: Path) -> None:
    done = assay("judge", programme, "--json", folder=tmp_path, expected=0)
    assert done.document["verdict"]["outcome"] is None
    assert done.document["gold"] is None


def test_json_is_the_report_and_nothing_else(programme: Path, tmp_path: Path) -> None:
    done = assay(
        "judge", programme, "--gold", programme / "gold.csv", "--out", "r", "--json", folder=tmp_path
    )
    assert done.document["schema"] == "assay-report/1"
    assert done.out.encode() == (tmp_path / "r/report.json").read_bytes()


def test_the_same_inputs_give_the_same_bytes(programme: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assay("judge", programme, "--gold", programme / "gold.csv", "--out", "r", folder=tmp_path, expected=0)
        before = files(tmp_path / "r")
    assay("judge", programme, "--gold", programme / "gold.csv", "--out", "r", folder=tmp_path, expected=0)
    assert files(tmp_path / "r") == before


def test_a_refused_delivery_leaves_no_folder(tmp_path: Path) -> None:
    table(tmp_path / "labels.csv", [("i1", "ann", "x"), ("i1", "ann", "y")])
    before = files(tmp_path)
    done = assay("judge", "labels.csv", "--out", "r", folder=tmp_path)
    refused(
        done,
        "labels.csv",
        "line 2 and line 3",
        "found:",
        "'x' and then 'y'",
        "expected:",
        "duplicates: first",
    )
    assert files(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv"]


def test_a_refusal_leaves_the_earlier_report_as_it_was(programme: Path, tmp_path: Path) -> None:
    assay("judge", programme, "--out", "r", folder=tmp_path, expected=0)
    before = files(tmp_path / "r")
    table(tmp_path / "gold.csv", [("item-0001", "no such class")], "item,label")
    arguments = ("--gold", "gold.csv", "--schema", programme / "schema.yaml", "--out", "r")
    refused(assay("judge", programme, *arguments, folder=tmp_path), "gold.csv", "no such class", "delivery")
    assert files(tmp_path / "r") == before


def test_a_new_report_takes_the_place_of_the_earlier_one_whole(programme: Path, tmp_path: Path) -> None:
    agreed = contract(tmp_path / "c.yaml", "0.999")
    gold = ("--gold", programme / "gold.csv", "--out", "r")
    assay("judge", programme, *gold, "--contract", agreed, folder=tmp_path, expected=1)
    assert set(files(tmp_path / "r")) == REPORT | REDO
    contract(tmp_path / "c.yaml", "0.50")
    assay("judge", programme, *gold, "--contract", agreed, folder=tmp_path, expected=0)
    assert set(files(tmp_path / "r")) == REPORT


def test_a_folder_with_other_files_is_not_written_over(programme: Path, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r/thesis.txt").write_text("years of work", encoding="utf-8")
    refused(assay("judge", programme, "--out", "r", folder=tmp_path), "r:", "thesis.txt", "a new folder")
    assert set(files(tmp_path / "r")) == {"thesis.txt"}


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["nothing.csv"], ["nothing.csv", "no such file"]),
        (["{p}", "--gold", "nothing.csv"], ["nothing.csv", "no such file"]),
        (["{p}", "--contract", "nothing.yaml"], ["nothing.yaml", "no such file"]),
        (["{p}", "--contract", "{p}/schema.yaml"], ["schema.yaml", "line"]),
        (["{p}", "--audience", "annotator"], ["--annotator"]),
        (["{p}", "--annotator", "annotator-01"], ["--audience annotator"]),
        (["{p}", "--audience", "annotator", "--annotator", "bob"], ["bob", "annotator-01"]),
        (["{p}", "--audience", "everyone"], ["--audience", "everyone"]),
        (["{p}", "--judged-at", "tomorrow"], ["--judged-at", "tomorrow"]),
        (["{p}", "--judged-at", "2026-11-20T16:00:00"], ["--judged-at", "zone"]),
        (["{p}", "--write-contract", "{p}/contract.yaml"], ["contract.yaml", "a new name"]),
        (["{p}", "--earlier", "{p}/truth.json"], ["truth.json"]),
        ([], ["DELIVERY"]),
    ],
)
def test_bad_calls_and_files_are_refused_by_name(
    programme: Path, tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    given = [text.replace("{p}", str(programme)) for text in arguments]
    refused(assay("judge", *given, folder=tmp_path), *parts)
    assert list(tmp_path.iterdir()) == []


def test_the_vendor_sees_no_gold_answer(programme: Path, tmp_path: Path) -> None:
    arguments = ("--gold", programme / "gold.csv", "--audience", "vendor", "--json")
    document = assay("judge", programme, *arguments, folder=tmp_path).document
    assert document["audience"] == "vendor"
    shown = json.dumps(document["clusters"])
    assert '"gold": "' not in shown


def test_an_annotator_sees_own_scores_and_gets_no_redo_list(programme: Path, tmp_path: Path) -> None:
    agreed = contract(tmp_path / "c.yaml", "0.999")
    arguments = ("--gold", programme / "gold.csv", "--contract", agreed, "--audience", "annotator")
    assay(
        "judge",
        programme,
        *arguments,
        "--annotator",
        "annotator-02",
        "--out",
        "r",
        folder=tmp_path,
        expected=1,
    )
    document = json.loads((tmp_path / "r/report.json").read_text(encoding="utf-8"))
    assert [person["id"] for person in document["people"]] == ["annotator-02"]
    assert set(files(tmp_path / "r")) == {"report.json", "report.html"}


def test_a_proposed_contract_can_be_judged_by(programme: Path, tmp_path: Path) -> None:
    gold = ("--gold", programme / "gold.csv")
    assay("judge", programme, *gold, "--write-contract", "c.yaml", folder=tmp_path, expected=0)
    done = assay("judge", programme, *gold, "--contract", "c.yaml", folder=tmp_path)
    assert done.code in (0, 1, 3), done.err


def test_reports_name_people_by_pseudonym_and_a_file_says_who_they_are(tmp_path: Path) -> None:
    table(
        tmp_path / "labels.csv",
        [(f"i{n}", who, "xy"[n % 2]) for n in range(30) for who in ("ann@home", "bob@home")],
    )
    arguments = ("--pseudonyms", "who.csv", "--out", "r")
    assay("judge", "labels.csv", *arguments, folder=tmp_path, expected=0)
    for name, held in files(tmp_path / "r").items():
        assert b"@home" not in held, name
    assert "annotator-01,ann@home" in (tmp_path / "who.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("has_report", [False, True])
def test_a_killed_command_ends_with_four_and_leaves_what_was_there(
    programme: Path, tmp_path: Path, has_report: bool
) -> None:
    if has_report:
        assay("judge", programme, "--out", "r", folder=tmp_path, expected=0)
    before = files(tmp_path)
    running, child = start(
        "judge", programme, "--gold", programme / "gold.csv", "--out", "r", folder=tmp_path
    )
    os.kill(child, signal.SIGKILL)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 4
    assert out == ""
    assert "SIGKILL" in err
    report = Path(err.rsplit(" is in ", 1)[1].strip().removesuffix("."))
    assert report.is_file()
    report.unlink()
    assert files(tmp_path) == before


def test_an_interrupted_command_ends_with_130(tmp_path: Path) -> None:
    rows = (f"{item},w{vote},{'yes' if item % 3 else 'no'}\n" for item in range(300_000) for vote in range(2))
    large = tmp_path / "large.csv"
    large.write_text("item,annotator,label\n" + "".join(rows), encoding="utf-8")
    folder = tmp_path / "here"
    folder.mkdir()
    running, _ = start("judge", large, "--out", "r", folder=folder)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err == "Interrupted.\n"
    assert list(folder.iterdir()) == []


def test_a_full_disk_under_stdout_is_no_verdict(programme: Path, tmp_path: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [ASSAY, "agree", str(programme), "--json"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
            env=PLAIN, check=False,
        )  # fmt: skip
    assert done.returncode == 4
    assert "did not fit on the disk" in done.stderr
