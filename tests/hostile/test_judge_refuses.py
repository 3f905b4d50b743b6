"""`assay judge` on hostile, broken and odd input: refused in words or judged with findings; nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from assay.annotation.strict_json import load_json

from .inputs import FOUND, LABELS, REFUSED, Content, Found, Refused

_SCRIPT = Path(sys.executable).with_name("assay")


@dataclass(frozen=True)
class Run:
    """What a command left: its exit code, its streams, its folder, and what lies in the folder for temporary files."""

    code: int
    out: str
    err: str
    folder: Path
    temporary: tuple[str, ...]

    @property
    def report(self) -> Path:
        return self.folder / "assay-report"


def run(case: Refused | Found, folder: Path) -> Run:
    """Write the files of a case and judge them with the real command."""
    (folder / "work").mkdir(parents=True)
    (folder / "tmp").mkdir()
    for name, content in case.files.items():
        _write(folder / "work" / name, content)
    done = subprocess.run(
        [_SCRIPT, "judge", *case.arguments],
        cwd=folder / "work",
        env={**os.environ, "TMPDIR": str(folder / "tmp"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    left = tuple(sorted(path.name for path in (folder / "tmp").iterdir()))
    return Run(done.returncode, done.stdout, done.stderr, folder / "work", left)


def _write(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8", newline="")
    else:
        content(path)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Runs all cases side by side and gives each when asked for."""
    root = tmp_path_factory.mktemp("hostile")
    pool = ThreadPoolExecutor(max_workers=2)
    found: dict[str, Future[Run]] = {
        case.name: pool.submit(run, case, root / str(number))
        for number, case in enumerate((*REFUSED, *FOUND))
    }
    return lambda name: found[name].result()


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_bad_input_is_refused_with_file_place_found_and_expected(
    case: Refused, runs: Callable[[str], Run]
) -> None:
    done = runs(case.name)
    assert (done.code, done.out) == (2, ""), done.err
    assert "Traceback" not in done.err
    assert not [word for word in case.words if word not in done.err], done.err
    written = {path.relative_to(done.folder).as_posix().split("/")[0] for path in done.folder.rglob("*")}
    assert written <= {name.split("/")[0] for name in case.files}
    assert done.temporary == ()


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case.name)
def test_odd_input_is_judged_with_findings(case: Found, runs: Callable[[str], Run]) -> None:
    done = runs(case.name)
    assert done.code in case.codes, done.err
    assert "Traceback" not in done.err + done.out
    document = load_json(done.report / "report.json")
    assert isinstance(document, dict)
    severities = {found["kind"]: found["severity"] for found in document["findings"]}
    assert {kind: severities.get(kind) for kind in case.findings} == dict(case.findings)
    page = (done.report / "report.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "<script>" not in page
    assert done.temporary == ()


def test_classes_keep_the_texts_they_were_delivered_with(runs: Callable[[str], Run]) -> None:
    done = runs("classes that YAML would read as something else")
    document = load_json(done.report / "report.json")
    assert isinstance(document, dict)
    assert set(document["agreement"]["by_class"]) == {"no", "007", "12:30"}


def test_a_row_that_starts_with_a_hash_is_an_item(runs: Callable[[str], Run]) -> None:
    document = load_json(runs("a row that starts with #").report / "report.json")
    assert isinstance(document, dict)
    assert document["batch"]["items"] == 2


def test_undefined_figures_say_why(runs: Callable[[str], Run]) -> None:
    for name in ("one annotator", "one item", "one row"):
        document = load_json(runs(name).report / "report.json")
        assert isinstance(document, dict)
        alpha = document["agreement"]["overall"]["krippendorff_alpha"]
        assert alpha["value"] is None
        assert alpha["reason"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    def secret(path: Path) -> None:
        path.write_text(LABELS, encoding="utf-8")
        path.chmod(0)

    done = run(Refused("unreadable", {"l.csv": secret}, ("l.csv",), ()), tmp_path)
    assert done.code == 2
    assert "l.csv" in done.err
    assert "Permission denied" in done.err


def test_an_earlier_report_survives_a_refusal(tmp_path: Path) -> None:
    kept = run(Found("first", {"l.csv": LABELS}, ("l.csv",)), tmp_path)
    before = {path.name: path.read_bytes() for path in kept.report.iterdir()}
    (kept.folder / "l.csv").write_text(LABELS[:-8], encoding="utf-8")
    done = subprocess.run(
        [_SCRIPT, "judge", "l.csv"], cwd=kept.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert {path.name: path.read_bytes() for path in kept.report.iterdir()} == before


@pytest.mark.soak
def test_one_item_with_a_hundred_thousand_votes_is_judged(tmp_path: Path) -> None:
    rows = "".join(f"i1,a{n},{'yes' if n % 3 else 'no'}\n" for n in range(100_000))
    done = run(Found("votes", {"l.csv": "item,annotator,label\n" + rows}, ("l.csv",)), tmp_path)
    assert done.code == 0
    assert (done.report / "report.html").stat().st_size < 20 << 20
