"""The gate: whether these very files carry a signed verdict that accepts them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .canonical import read_json
from .check import check_bundle
from .container import opened, read_all
from .dataset import DatasetFile, dataset_files, differences
from .entries import Entry
from .note import NoteKey
from .outcome import FINE, NOT_PROVABLE, WRONG, Outcome
from .problem import LedgerError, Problem
from .signed_report import FILE, REPORT, Statement, read_signed_report, statement_of

Require = Literal["accept", "concession"]
_MOST_REPORT = 256 << 20


@dataclass
class Gated:
    """What the gate found. It is open only when nothing is wrong and nothing is missing."""

    headline: str = ""
    facts: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        """0 open, 1 closed, 3 not provable."""
        if self.problems:
            return WRONG
        return NOT_PROVABLE if self.needs else FINE

    def as_json(self) -> dict[str, object]:
        """The finding as ``assay gate --json`` prints it."""
        return {
            "schema": "assay-gate/1",
            "outcome": {FINE: "open", WRONG: "closed", NOT_PROVABLE: "not provable"}[self.code],
            "headline": self.headline,
            "facts": self.facts,
            "problems": [one.as_json() for one in self.problems],
            "needs": self.needs,
        }


def gate(
    datasets: Sequence[Path], report: Path, *, key: NoteKey | bytes | None = None, require: Require = "accept"
) -> Gated:
    """Compare files with a signed report or a bundle. Raises :class:`LedgerError` for what cannot be read."""
    files = dataset_files(datasets)
    found = Gated()
    if (signed := report / FILE).is_file():
        report = signed
    if _is_bundle(report):
        _through_bundle(found, files, report, key, require)
    else:
        _through_report(found, files, report, key)
    found.headline = _headline(found)
    return found


def _headline(found: Gated) -> str:
    if found.problems:
        return f"Closed: {found.problems[0].message}."
    if found.needs:
        return "Not provable: nothing is wrong, and something is missing."
    return "Open: these files carry a signed verdict that accepts them."


def _is_bundle(path: Path) -> bool:
    if path.is_dir():
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(2) == b"PK"
    except OSError as error:
        raise LedgerError(
            "the report cannot be read", file=str(path), found=error.strerror,
            expected="report.json, report.sig.json or a bundle",
        ) from None  # fmt: skip


def _through_report(
    found: Gated, files: Sequence[DatasetFile], report: Path, key: NoteKey | bytes | None
) -> None:
    data = _read(report)
    try:
        if "payload" not in read_json(data):
            signed = report.with_name(FILE)
            if not signed.exists():
                found.needs.append(
                    f"a signature: {FILE} beside the report, from `assay judge … --sign KEYFILE`"
                )
                return _compare(found, files, statement_of(data))
            digest, data = hashlib.sha256(data).hexdigest(), _read(signed)
        else:
            digest = None
        envelope = read_signed_report(data)
    except LedgerError as error:
        error.file = error.file or str(report)
        raise
    statement = envelope.statement
    if digest is not None and digest != statement.report:
        found.problems.append(
            Problem(str(report), "this is not the report that was signed", digest, statement.report)
        )
    _check_signer(found, str(report), envelope.signers, key)
    return _compare(found, files, statement)


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(_MOST_REPORT + 1)
    if len(data) > _MOST_REPORT:
        raise LedgerError(
            "the report is too large", file=str(path), expected=f"at most {_MOST_REPORT:,} bytes"
        )
    return data


def _check_signer(found: Gated, place: str, signers: Sequence[bytes], key: NoteKey | bytes | None) -> None:
    if not signers:
        found.problems.append(Problem(place, "the signature does not fit the report"))
        return
    named = ", ".join(hashlib.sha256(one).hexdigest()[:16] for one in signers)
    public = key.public if isinstance(key, NoteKey) else key
    if public is None:
        found.needs.append(
            f"--key: the public key of who may accept; anyone can sign (signed with key {named})"
        )
    elif public not in signers:
        expected = f"key {hashlib.sha256(public).hexdigest()[:16]}"
        found.problems.append(Problem(place, "another key signed the report", f"key {named}", expected))
    else:
        found.facts.append(f"Signed with key {hashlib.sha256(public).hexdigest()[:16]}, which you gave.")


def _compare(
    found: Gated, files: Sequence[DatasetFile], statement: Statement, *, decided: str | None = None
) -> None:
    """The verdict accepts, and it is over exactly these files."""
    found.facts.append(
        f"Batch {statement.batch}, round {statement.round}, contract {statement.contract}: "
        f"verdict {statement.outcome or 'none'}{f', {decided}' if decided else ''}."
    )
    if statement.provisional:
        found.needs.append("a verdict under a contract: this report has none, or no gold")
    elif statement.outcome == "not provable" and decided is None:
        found.needs.append("a verdict that is provable: this one says what evidence is missing")
    elif statement.outcome != "accept" and decided is None:
        found.problems.append(
            Problem("verdict", "the verdict does not accept these labels", str(statement.outcome), "accept")
        )
    found.problems += differences(files, statement.inputs)
    count = sum(one.role == "delivery" for one in statement.inputs)
    if not found.problems:
        found.facts.append(
            f"The verdict is over exactly these files: {count:,} of {count:,} delivered files, unchanged."
        )


def _through_bundle(
    found: Gated, files: Sequence[DatasetFile], path: Path, key: NoteKey | bytes | None, require: Require
) -> None:
    outcome = check_bundle(path, keys=[key] if key is not None else [])
    found.problems += outcome.problems
    found.needs += outcome.needs
    found.facts += outcome.proven[:1]
    if outcome.problems:
        return
    statements = _statements(path, outcome)
    if not statements:
        found.needs.append("a verdict with its report.json in the bundle")
        return
    fitting = [one for one in statements if not differences(files, one[2].inputs)]
    index, verdict, statement = (fitting or statements)[-1]
    decision = _decision(outcome, verdict)
    said = (
        f": {decision.facts['decision']}, {decision.facts['outcome']}"
        if decision
        else "; nobody decided on it yet"
    )
    found.facts.append(f"Verdict of entry {index:,}{said}.")
    _compare(found, files, statement, decided=_decided(found, decision, require))


def _decided(found: Gated, decision: Entry | None, require: Require) -> str | None:
    """What people made of the verdict where they departed from it; a departure that is not enough is a problem."""
    if decision is None:
        return None
    kind, outcome = str(decision.facts["decision"]), str(decision.facts["outcome"])
    if outcome != "accept":
        found.problems.append(Problem("decision", "people did not accept these labels", outcome, "accept"))
        return "not accepted"
    if kind == "confirm":
        return None
    if require != "concession":
        expected = "an accepting verdict, or --require concession"
        found.problems.append(
            Problem("decision", f"these labels were accepted by {kind} only", kind, expected)
        )
    return f"accepted by {kind}"


def _statements(path: Path, outcome: Outcome) -> list[tuple[int, Entry, Statement]]:
    """The verdicts that no later one replaced and whose reports are here, in order."""
    replaced = {one.parent("before") for one in outcome.kept.values() if one.kind == "verdict"}
    found = []
    with opened(path) as container:
        for index, entry in sorted(outcome.kept.items()):
            name = f"files/{index}/{REPORT}"
            if entry.kind == "verdict" and entry.hash not in replaced and name in container.names():
                statement = statement_of(read_all(container, name, _MOST_REPORT))
                if statement.report != entry.facts["report"]:
                    raise LedgerError("the bundle changed while it was read", place=name)
                found.append((index, entry, statement))
    return found


def _decision(outcome: Outcome, verdict: Entry) -> Entry | None:
    """The last decision on a verdict: history allows a second one only where it names the one before."""
    on = [
        one
        for _, one in sorted(outcome.kept.items())
        if one.kind == "decision" and one.parent("verdict") == verdict.hash
    ]
    return on[-1] if on else None
