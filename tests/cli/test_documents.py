"""What commands print as JSON fits the published schemas, for every kind of labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from tests.paths import ROOT

from .commands import assay

REFERENCE = ROOT / "docs" / "reference"
SCHEMAS = {
    name: json.loads((REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8"))
    for name in ("report", "agreement", "inspect", "losses")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)


def faults(name: str, document: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMAS[name], registry=REGISTRY)
    return [
        f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}"
        for one in validator.iter_errors(document)
    ]


@pytest.mark.parametrize("kind", ["choice", "multi", "rating", "text"])
def test_every_document_fits_its_schema(tmp_path: Path, kind: str) -> None:
    plants = ("--plant", "weak-annotator", "--plant", "rubber-stamp", "--plant", "hard-slice")
    assay(
        "simulate",
        "p",
        "--kind",
        kind,
        "--items",
        "150",
        "--gold",
        "80",
        *plants,
        folder=tmp_path,
        expected=0,
    )
    gold = ("--gold", "p/gold.csv", "--contract", "p/contract.yaml", "--json")
    for audience in (["buyer"], ["vendor"], ["annotator", "--annotator", "annotator-01"]):
        report = assay("judge", "p", *gold, "--audience", *audience, folder=tmp_path).document
        assert faults("report", report) == [], audience
    assert faults("report", assay("judge", "p", "--json", folder=tmp_path).document) == []
    assert faults("inspect", assay("inspect", "p", "--json", folder=tmp_path).document) == []
    for target in ("out.csv", "out.json"):
        assert faults("losses", assay("convert", "p", target, "--json", folder=tmp_path).document) == []
    if kind != "text":
        assert faults("agreement", assay("agree", "p", "--json", folder=tmp_path).document) == []


def test_chosen_metrics_fit_the_schema_too(programme: Path, tmp_path: Path) -> None:
    metrics = ("conger_kappa", "light_kappa", "cohen_kappa", "prevalence", "krippendorff_alpha")
    asked = [part for name in metrics for part in ("--metric", name)]
    assert faults("agreement", assay("agree", programme, *asked, "--json", folder=tmp_path).document) == []
