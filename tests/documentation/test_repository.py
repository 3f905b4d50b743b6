"""What the repository says about itself is true: links, targets, records, fragments, locks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "changelog.d").glob("*.md"),
]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-peers.lock"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def written_files() -> Iterator[Path]:
    """Everything people wrote, wherever it stands."""
    for pattern in ("*.md", "*.toml", "Makefile", ".importlinter", ".ci/run"):
        yield from ROOT.glob(pattern)
    for folder in ("src", "tests", "docs", "benchmarks", "changelog.d"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".md", ".yaml", ".json", ".css", ".html", ".sh"} and path.is_file():
                yield path


def anchor(heading: str) -> str:
    """The id that a heading has on a rendered page."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, part = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name} links to {target}"
        if part:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in {anchor(heading) for heading in headings}, f"{page.name} links to {target}"


def test_every_target_of_make_is_in_its_help_and_every_one_that_is_written_about_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    helped = set(re.findall(r"^#   make ([a-z]+) ", makefile, re.MULTILINE))
    assert helped <= targets
    assert targets - helped == {"help", "lint", "types", "layers"}
    for page in PAGES:
        named = set(re.findall(r"\bmake ([a-z]+)`", page.read_text(encoding="utf-8")))
        assert named <= targets, page.name


def test_decisions_are_numbered_without_gaps_listed_and_complete() -> None:
    folder = ROOT / "docs" / "adr"
    records = sorted(folder.glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    index = (folder / "README.md").read_text(encoding="utf-8")
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]}. "), path.name
        sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert sections == ["Context", "Options", "Outcome", "What it costs"], path.name
        assert f"({path.name})" in index, path.name


def test_fragments_of_the_changelog_have_a_kind_and_one_short_text() -> None:
    for path in (ROOT / "changelog.d").iterdir():
        if path.name == "README.md":
            continue
        assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md", path.name), path.name
        text = path.read_text(encoding="utf-8").strip()
        assert text.endswith(".")
        assert len(text) < 800, path.name
        assert "\n\n" not in text, path.name


def test_glossary_gives_each_word_once_and_a_word_of_every_tool() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    ours, theirs = text.split("## What other tools call it")
    words = [
        word
        for row in re.findall(r"^\| (\*\*.*?) \|", ours, re.MULTILINE)
        for word in re.findall(r"\*\*(.+?)\*\*", row)
    ]
    assert len(words) == len(set(words))
    rows = [row.strip("|").split("|") for row in re.findall(r"^\|.*\|$", theirs, re.MULTILINE)]
    assert [name.strip() for name in rows[0]] == [
        "Assay", "Label Studio", "CVAT", "Labelbox", "Encord", "V7 Darwin", "Scale"
    ]  # fmt: skip
    assert all(len(row) == 7 and all(entry.strip() for entry in row) for row in rows)


def locked(name: str) -> dict[str, set[str]]:
    """Versions of each package in a lock file."""
    versions: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE
    ):
        versions.setdefault(package.lower().replace("_", "-"), set()).add(version)
    return versions


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_a_hash_for_everything_and_the_name_of_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z])", text.strip())
    assert len(entries) > 10
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash)", text, re.MULTILINE)


def test_locks_agree_with_each_other_and_with_the_project() -> None:
    runtime, dev, peers = (locked(name) for name in LOCKS)
    assert all(dev[package] == versions for package, versions in runtime.items())
    assert all(peers[package] == versions for package, versions in dev.items())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for requirement in project["project"]["dependencies"]:
        name = re.match(r"[A-Za-z0-9_.-]+", requirement)
        assert name is not None
        assert name.group().lower() in runtime, requirement


def test_nothing_names_a_folder_of_somebodys_machine() -> None:
    machine = re.compile("/" + r"(?:work|tmp|root|home|Users)/\w")
    allowed = re.compile(r"https?://|example")
    for path in written_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            assert not machine.search(line) or allowed.search(line), f"{path.relative_to(ROOT)}:{number}"


def test_modules_are_named_after_what_they_know() -> None:
    empty = {"utils.py", "helpers.py", "common.py", "core.py", "misc.py"}
    assert [path for path in (ROOT / "src").rglob("*.py") if path.name in empty] == []


def test_nothing_is_left_to_be_done_later_in_the_sources() -> None:
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [path for path in (ROOT / "src").rglob("*.py") if marks.search(path.read_text(encoding="utf-8"))]
    assert found == []
