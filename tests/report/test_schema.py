"""The published schema of report.json holds for every kind of batch and every audience."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from assay.report import for_audience
from tests.paths import ROOT
from tests.report.figures import Document, figure
from tests.report.other_kinds import ALL, rework

SCHEMA = json.loads((ROOT / "docs" / "reference" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def _faults(document: Any) -> list[str]:
    return [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
        for fault in VALIDATOR.iter_errors(document)
    ]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("audience", ["buyer", "vendor", "annotator"])
@pytest.mark.parametrize("build", ALL.values(), ids=ALL.keys())
def test_every_document_fits_the_schema_for_every_audience(
    build: Callable[[], Document], audience: str
) -> None:
    assert _faults(for_audience(build(), audience, annotator="annotator-17")) == []


def test_a_figure_has_a_value_or_a_reason_and_never_both() -> None:
    for broken in ({"value": None, "reason": None}, {"value": 0.9, "reason": "no pairs"}):
        document = rework()
        document["agreement"]["overall"]["krippendorff_alpha"] = figure(0.9, 100) | broken
        assert _faults(document)


@pytest.mark.parametrize("key", ["outcome", "reason", "needs", "floor", "subject"])
def test_a_row_of_the_verdict_names_its_outcome_reason_and_need(key: str) -> None:
    document = rework()
    del document["verdict"]["terms"][0][key]
    assert _faults(document)


def test_every_key_of_the_schema_is_in_its_reference_page() -> None:
    page = (ROOT / "docs" / "reference" / "report.md").read_text(encoding="utf-8")
    missing = [key for key in SCHEMA["properties"] if f"`{key}`" not in page]
    assert missing == []
