"""The gate opens for exactly the files that a signed verdict accepts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.ledger.dsse import sign_document
from assay.ledger.entries import commitment_to
from assay.ledger.gate import Gated, gate
from assay.ledger.note import NoteKey
from assay.ledger.problem import LedgerError
from assay.ledger.signed_report import FILE, TYPE, read_signed_report, sign_report, statement_of
from tests.ledger.programme import LOG_KEY, Programme, build, key, public, report_json, write
from tests.ledger.tampering import VERDICT

KEY = public(LOG_KEY).public
LABELS = {"a/one.txt": b"0 1 2\n", "a/two.txt": b"1 1 2\n", "b/one.txt": b"0 1 2\n"}


def inputs(files: dict[str, bytes] = LABELS) -> list[dict[str, object]]:
    """What a report says of its inputs."""
    listed = [("delivery", name, data) for name, data in files.items()] + [("gold", "gold.csv", b"gold\n")]
    return [
        {"role": role, "path": path, "sha256": hashlib.sha256(data).hexdigest()}
        for role, path, data in listed
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of labels."""
    for name, content in LABELS.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "data"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A folder with a signed report that accepts these labels."""
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.json").write_bytes(report_json("batch-1", "accept", inputs()))
    (folder / "counts.json").write_bytes(b"{}")
    sign_report(folder, LOG_KEY, {"contract": None})
    return folder


def closed(found: Gated, *parts: str) -> None:
    """The gate is closed, and its problems tell these parts."""
    assert found.code == 1
    told = "\n".join(map(str, found.problems))
    for part in parts:
        assert part in told, told


def test_the_gate_opens_for_the_files_that_were_accepted(data: Path, report: Path) -> None:
    for named in (report / FILE, report / "report.json"):
        for trusted in (KEY, public(LOG_KEY)):
            found = gate([data], named, key=trusted)
            assert (found.code, found.problems, found.needs) == (0, [], [])
    assert gate([data / "a", data / "b"], report / FILE, key=KEY).code == 0
    named = [data / name for name in LABELS]
    assert gate(named, report / FILE, key=KEY).code == 0
    assert gate([*named, named[0]], report / FILE, key=KEY).code == 1
    (data / "gold.csv").write_bytes(b"gold\n")
    assert gate([data], report / FILE, key=KEY).code == 0


def _exchange(data: Path) -> None:
    one, two = data / "a/one.txt", data / "a/two.txt"
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte": (lambda d: (d / "a/two.txt").write_bytes(b"1 1 3\n"), "changed since the verdict"),
    "a line end": (lambda d: (d / "a/two.txt").write_bytes(b"1 1 2\r\n"), "changed since the verdict"),
    "a file missing": (lambda d: (d / "a/two.txt").unlink(), "it is not here"),
    "a file more": (lambda d: (d / "a/three.txt").write_bytes(b"0 0 0\n"), "not over this file"),
    "a copy of a file": (lambda d: (d / "a/copy.txt").write_bytes(LABELS["a/one.txt"]), "not over this file"),
    "a file renamed": (lambda d: (d / "a/two.txt").rename(d / "a/2.txt"), "not over this file"),
    "two files exchanged": (_exchange, "changed since the verdict"),
    "an empty file": (lambda d: (d / "a/two.txt").write_bytes(b""), "changed since the verdict"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_gate_is_closed_for_any_other_files(name: str, data: Path, report: Path) -> None:
    change, told = CHANGES[name]
    change(data)
    closed(gate([data], report / FILE, key=KEY), told)


def test_links_and_missing_folders_are_refused(data: Path, report: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "nothing", tmp_path / "empty"):
        with pytest.raises(LedgerError):
            gate([path], report / FILE, key=KEY)
    (data / "link.txt").symlink_to(data / "a/one.txt")
    with pytest.raises(LedgerError, match="files only"):
        gate([data], report / FILE, key=KEY)


def test_who_signed_matters(data: Path, report: Path) -> None:
    unknown = gate([data], report / FILE)
    assert (unknown.code, unknown.problems) == (3, [])
    assert any("--key" in need for need in unknown.needs)
    closed(gate([data], report / FILE, key=public(key("other"))), "another key signed")
    (report / FILE).unlink()
    unsigned = gate([data], report / "report.json", key=KEY)
    assert (unsigned.code, unsigned.problems) == (3, [])


def test_a_changed_report_or_envelope_closes_the_gate(data: Path, report: Path) -> None:
    signed = (report / FILE).read_bytes()
    document = json.loads(signed)
    other = statement_of(report_json("batch-2", "accept", inputs()))
    forged = sign_document(bytes(other), TYPE, LOG_KEY)
    document["payload"] = json.loads(bytes(forged))["payload"]
    (report / FILE).write_text(json.dumps(document), encoding="utf-8")
    closed(gate([data], report / FILE, key=KEY), "signature does not fit")
    (report / FILE).write_bytes(signed)
    (report / "report.json").write_bytes(report_json("batch-1", "accept", []))
    closed(gate([data], report / "report.json", key=KEY), "not the report that was signed")
    (report / FILE).write_bytes(bytes(sign_document(b"{}", "text/plain", LOG_KEY)))
    with pytest.raises(LedgerError, match="signs something else"):
        gate([data], report / FILE, key=KEY)


@pytest.mark.parametrize(("outcome", "code"), [("rework", 1), ("reject", 1), ("not provable", 3), (None, 1)])
def test_only_an_accepting_verdict_opens(outcome: str | None, code: int, data: Path, report: Path) -> None:
    (report / "report.json").write_bytes(report_json("batch-1", outcome, inputs()))
    sign_report(report, LOG_KEY, {})
    assert gate([data], report / FILE, key=KEY).code == code


def test_a_verdict_without_a_contract_does_not_open(data: Path, report: Path) -> None:
    document = json.loads(report_json("batch-1", "accept", inputs()))
    document["verdict"]["provisional"] = True
    (report / "report.json").write_text(json.dumps(document), encoding="utf-8")
    sign_report(report, LOG_KEY, {})
    found = gate([data], report / FILE, key=KEY)
    assert (found.code, len(found.needs)) == (3, 1)


@pytest.mark.parametrize(
    "bad", [b"", b"{}", b"[]", b'{"verdict":null}', b'{"verdict":{},"batch":{},"inputs":[]}']
)
def test_what_is_no_report_is_refused(bad: bytes, data: Path, report: Path) -> None:
    (report / "report.json").write_bytes(bad)
    (report / FILE).unlink()
    with pytest.raises(LedgerError):
        gate([data], report / "report.json", key=KEY)
    with pytest.raises(LedgerError):
        sign_report(report, LOG_KEY, {})


def test_files_that_the_report_does_not_list_are_signed_by_role(report: Path, tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"
    contract.write_bytes(b"assay: contract/1\n")
    sign_report(report, LOG_KEY, {"contract": contract, "schema": None})
    listed = read_signed_report((report / FILE).read_bytes()).statement.inputs
    assert [(one.role, one.path) for one in listed if one.role == "contract"] == [
        ("contract", "contract.yaml")
    ]
    assert not any(one.role == "schema" for one in listed)


def decided(tmp_path: Path, *decisions: tuple[str, str], outcome: str = "rework") -> tuple[Programme, Path]:
    """A bundle whose verdict was decided on in these steps."""
    p = build(3, outcome=outcome)
    again = Programme(99)
    for entry in p.ledger.entries[:VERDICT]:
        again.ledger.append(entry)
    again.files = {at: data for at, data in p.files.items() if at[0] < VERDICT}
    report, counts = report_json("batch-1", outcome, inputs()), b"{}"
    delivery, contract = VERDICT - 1, 3
    verdict = again.add(
        "verdict", {"delivery": delivery, "contract": contract}, outcome=outcome,
        report=hashlib.sha256(report).hexdigest(), counts=hashlib.sha256(counts).hexdigest(),
    )  # fmt: skip
    again.files[verdict, "report.json"] = report
    before: dict[str, int | list[int]] = {}
    for decision, result in decisions:
        facts = {} if decision == "confirm" else {"reason": commitment_to(b"why", bytes(32))}
        index = again.add(
            "decision", {"verdict": verdict, **before}, decision=decision, outcome=result, **facts
        )
        before = {"before": index}
    return again, write(again.bundle(), tmp_path / "decided.zip")


@pytest.mark.parametrize(
    ("decisions", "outcome", "accept", "concession"),
    [
        ([], "accept", 0, 0),
        ([("confirm", "accept")], "accept", 0, 0),
        ([("override", "rework")], "accept", 1, 1),
        ([], "rework", 1, 1),
        ([("confirm", "rework")], "rework", 1, 1),
        ([("concession", "accept")], "rework", 1, 0),
        ([("override", "accept")], "rework", 1, 0),
        ([("confirm", "rework"), ("concession", "accept")], "rework", 1, 0),
        ([("concession", "accept"), ("override", "reject")], "rework", 1, 1),
    ],
)
def test_decisions_in_a_bundle_count(
    decisions: list[tuple[str, str]], outcome: str, accept: int, concession: int, data: Path, tmp_path: Path
) -> None:
    _, path = decided(tmp_path, *decisions, outcome=outcome)
    trusted: NoteKey = public(LOG_KEY)
    assert gate([data], path, key=trusted).code == accept
    assert gate([data], path, key=trusted, require="concession").code == concession
    (data / "a/two.txt").write_bytes(b"other\n")
    assert gate([data], path, key=trusted, require="concession").code == 1


def test_a_bundle_that_is_wrong_or_lacks_the_report_does_not_open(data: Path, tmp_path: Path) -> None:
    p, path = decided(tmp_path, ("confirm", "accept"), outcome="accept")
    assert gate([data], path).code == 3
    p.files = {}
    assert gate([data], write(p.bundle(), tmp_path / "bare.zip"), key=KEY).code == 3
    assert gate([data], path, key=key("other").public_key().public_bytes_raw()).code == 1
