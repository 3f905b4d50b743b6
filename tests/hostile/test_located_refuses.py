"""Hostile files of located labels through `inspect`, `convert` and `judge`: refused in words or read with findings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.annotation.strict_json import parse_json
from assay.cli import converting, inspecting, judging

from .located_inputs import CASES, CLIMBING, Case, coco, image, voc
from .test_judge_refuses import _SCRIPT, _write

Ran = Callable[..., tuple[int, str, str]]
TARGETS = ("coco", "voc", "yolo", "cvat", "doccano")
JUDGED = [
    case for case in CASES if not case.words and not case.name.startswith(("50,000", "rows of", "half"))
]


@pytest.fixture
def ran(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Runs a command in a folder with the files of a case: its exit code and its streams."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("COLUMNS", "200")
    commands = {"inspect": inspecting.run, "convert": converting.run, "judge": judging.run}

    def run(case: Case, command: str, *arguments: str) -> tuple[int, str, str]:
        for name, content in case.files.items():
            _write(tmp_path / "work" / name, content)
        try:
            code, said = commands[command]([case.source, *arguments]), ""
        except InputError as error:  # which the supervising process prints before it ends with 2
            code, said = 2, str(error)
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return code, told.out, told.err + said

    return run


def is_refusal(case: Case) -> bool:
    return bool(case.words) or case.name in ("rows of other widths", "half an offset")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_inspecting_refuses_in_words_or_says_what_is_odd(case: Case, ran: Ran) -> None:
    code, out, err = ran(case, "inspect", "--json")
    if is_refusal(case):
        assert (code, out) == (2, ""), err
        assert not [word for word in case.words if word not in err], err
        assert err.startswith(next(iter(case.files)).split("/")[0])
    else:
        assert code == 0, err
        document = parse_json(out.encode(), file="stdout")
        assert isinstance(document, dict)
        assert case.findings <= {one["kind"] for one in document["findings"]}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "case", [one for one in CASES if "0 classes" not in one.name], ids=lambda case: case.name
)
def test_converting_writes_all_or_nothing_and_nowhere_else(
    case: Case, target: str, ran: Ran, tmp_path: Path
) -> None:
    code, _, err = ran(case, "convert", "out", "--to", target)
    assert code in (0, 2), err
    written = {path.relative_to(tmp_path).as_posix().split("/")[1] for path in tmp_path.glob("work/*")}
    delivered = {name.split("/")[0] for name in case.files}
    assert written - delivered == ({"out"} if code == 0 else set()), err
    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    if is_refusal(case):
        assert code == 2
    if code == 2:
        assert "found:" in err or "expected:" in err, err


@pytest.mark.parametrize("case", JUDGED, ids=lambda case: case.name)
def test_what_can_be_read_is_judged(case: Case, ran: Ran, tmp_path: Path) -> None:
    code, _, err = ran(case, "judge", "--out", "report")
    assert code in (0, 1, 3), err
    page = (tmp_path / "work" / "report" / "report.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "<script>.jpg" not in page
    assert "<b>x" not in page


@pytest.mark.parametrize("case", [one for one in CASES if one.words][::9], ids=lambda case: case.name)
def test_what_cannot_be_read_leaves_no_report(case: Case, ran: Ran, tmp_path: Path) -> None:
    code, out, err = ran(case, "judge", "--out", "report")
    assert (code, out) == (2, ""), err
    assert not (tmp_path / "work" / "report").exists()


@pytest.mark.parametrize(
    "files",
    [coco({"bbox": [1, 2, 3, 4]}, images=[image(name=CLIMBING)]), voc(1, 2, 30, 40, name=f"{CLIMBING}.jpg")],
)
def test_the_command_writes_names_that_climb_out_into_its_folder(
    files: dict[str, str], tmp_path: Path
) -> None:
    work = tmp_path / "a" / "b" / "c"
    work.mkdir(parents=True)
    for name, content in files.items():
        _write(work / name, content)
    done = subprocess.run(
        [_SCRIPT, "convert", next(iter(files)), "out", "--to", "yolo"],
        cwd=work, env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != work]
    assert found
    assert all(path.is_relative_to(work / "out") for path in found)
