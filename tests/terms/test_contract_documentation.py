"""The reference of the contract says what the code does, and the published schema accepts what the parser accepts."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import yaml
from hypothesis import given

from assay.annotation.strict_yaml import parse_yaml
from assay.terms.contract import Contract, ContractError, parse_contract
from assay.terms.metrics import METRICS
from assay.terms.reading_terms import TERM_KEYS
from assay.terms.templates import TEMPLATES, template_text
from tests.paths import ROOT
from tests.terms.test_contract_reading import CONTRACTS, SMALLEST, STREET_SCENES

PAGE = (ROOT / "docs" / "reference" / "contract.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "docs" / "reference" / "contract.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def accepted_by_the_schema(text: str) -> bool:
    """Whether an ordinary YAML reader, dates as texts, gives what the schema accepts."""
    return VALIDATOR.is_valid(yaml.load(text, Loader=_EditorLoader))


class _EditorLoader(yaml.SafeLoader):
    """What an editor sees: numbers and booleans typed, dates left as they are."""


_EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(("timestamp", "value"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_the_published_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_example_of_the_reference_is_a_contract() -> None:
    example, plan = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    contract = parse_contract(parse_yaml(example, file="contract.yaml"))
    assert contract.term("classes").floors
    assert accepted_by_the_schema(example)
    parse_contract(
        parse_yaml(
            example.replace(
                "metric: gold_f1, scope: overall, floor: 0.90",
                f"metric: gold_accuracy, scope: overall, floor: 0.95, {plan.strip()}",
            ),
            file="contract.yaml",
        )
    )


@pytest.mark.parametrize("text", [STREET_SCENES, SMALLEST, *map(template_text, TEMPLATES)])
def test_the_schema_accepts_contracts_as_people_write_them(text: str) -> None:
    VALIDATOR.validate(yaml.load(text, Loader=_EditorLoader))


@given(CONTRACTS)
def test_the_schema_accepts_every_contract_that_assay_writes(contract: Contract) -> None:
    VALIDATOR.validate(contract.as_plain())


@pytest.mark.parametrize(
    "change",
    [
        ("id: smallest", "id: smallest\npenalty: 1"),
        ("labels: choice", "labels: guess"),
        (", floor: 0.9", ""),
        (", floor: 0.9", ", floor: 0.9, flor: 1"),
        ("floor: 0.9", "floor: 90%"),
        ("scope: overall", "scope: each class"),
        ("metric: gold_f1", "metric: accuracy"),
        ("acceptance:", "measurement: {sample: {by: vendor}}\nacceptance:"),
        ("acceptance:", "decision: {within: two weeks}\nacceptance:"),
        ("assay: contract/1", "assay: contract/2"),
    ],
)
def test_schema_and_parser_refuse_the_same(change: tuple[str, str]) -> None:
    text = SMALLEST.replace(*change)
    assert not accepted_by_the_schema(text)
    with pytest.raises(ContractError):
        parse_contract(parse_yaml(text, file="contract.yaml"))


def test_the_schema_knows_every_metric_and_every_key_of_a_term() -> None:
    term = SCHEMA["$defs"]["term"]["properties"]
    assert set(term) == set(TERM_KEYS)
    assert term["metric"]["enum"] == list(METRICS)


def test_the_reference_describes_every_metric_as_the_code_does() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \| (floor|ceiling) \| (buyer|vendor) \|$", PAGE, re.MULTILINE
    )
    order = SCHEMA["properties"]["labels"]["enum"]
    assert rows == [
        (
            metric.name,
            metric.title,
            ", ".join(kind for kind in order if kind in metric.kinds),
            "ceiling" if metric.at_most else "floor",
            "vendor" if metric.source == "agreement" else "buyer",
        )
        for metric in METRICS.values()
    ]


def test_the_reference_names_every_key_and_every_template() -> None:
    for name in (*SCHEMA["properties"], *TERM_KEYS, *TEMPLATES):
        assert re.search(rf"`{name}[`.,]|`{name}`|^{name}:", PAGE, re.MULTILINE), name
