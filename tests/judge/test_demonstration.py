"""The demonstration: three deliveries whose truth is known end as they should."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.strict_json import load_json
from assay.judge.demo import Shown, demo_contract, show, write_index


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    return list(show(tmp_path_factory.mktemp("demo"), 2_000))


def test_one_is_accepted_one_is_redone_and_one_needs_evidence(shown: list[Shown]) -> None:
    outcomes = {one.delivery.name: one.judgement.document["verdict"]["outcome"] for one in shown}  # type: ignore[index]  # a section
    assert outcomes == {"accepted": "accept", "rework": "rework", "needs-evidence": "not provable"}


def test_what_was_planted_is_what_is_redone(shown: list[Shown]) -> None:
    rework = next(one for one in shown if one.delivery.name == "rework").judgement.document
    truth = load_json(next(one for one in shown if one.delivery.name == "rework").folder / "truth.json")
    assert truth
    failed = {reason["term"] for reason in rework["rework"]["by_reason"]}  # type: ignore[index]  # a section
    assert "people" in failed
    first = rework["clusters"][0]  # type: ignore[index]  # a list
    assert set(first["values"]) == {"refund", "billing"}
    assert first["slice"] == {"channel": "phone"}


def test_every_delivery_keeps_its_files_and_its_report(shown: list[Shown]) -> None:
    for one in shown:
        names = {path.name for path in (one.folder / "report").iterdir()}
        assert {"report.json", "report.html", "counts.json"} <= names
        assert ("rework.csv" in names) == (one.delivery.name == "rework")


def test_the_index_links_to_every_report(shown: list[Shown], tmp_path: Path) -> None:
    page = write_index(tmp_path, shown, "try your own").read_text(encoding="utf-8")
    for one in shown:
        assert f"{one.delivery.name}/report/report.html" in page
    assert "try your own" in page


def test_the_contract_of_the_demonstration_has_a_price() -> None:
    contract = demo_contract()
    assert contract.pricing is not None
    assert contract.parties.buyer != contract.parties.vendor
