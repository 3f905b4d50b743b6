"""Schemas: stable ids, one meaning for each label, and what changed between two versions."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import Limits
from assay.annotation.node import node_of
from assay.annotation.schema import (
    AttributeDefinition,
    ClassDefinition,
    Schema,
    SchemaError,
    diff_schemas,
    load_schema,
    parse_schema,
)
from assay.annotation.strict_yaml import parse_yaml
from tests.paths import ROOT

MESSAGES = """\
assay: schema/1
version: 3
kind: choice
classes:
  - {id: harm, name: Harmful}
  - {id: fraud, name: Fraud, parent: harm, aliases: [scam, "419"]}
  - {id: spam, name: Spam, parent: harm}
  - no
attributes:
  - {id: certainty, values: [low, high], required: yes}
  - {id: amount, kind: number, classes: [fraud]}
"""
RATING = "assay: schema/1\nversion: 1\nkind: rating\nlevel: interval\nlow: -1\nhigh: 1\nstep: 0.5\n"
PUBLISHED = json.loads((ROOT / "docs/reference/schema.schema.json").read_text())


def schema(text: str) -> Schema:
    return parse_schema(parse_yaml(text, file="schema.yaml"))


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        schema(text)
    assert caught.value.file == "schema.yaml"
    return caught.value


def with_classes(*classes: str, kind: str = "choice", more: str = "") -> str:
    return f"assay: schema/1\nversion: 1\nkind: {kind}\nclasses: [{', '.join(classes)}]\n{more}\n"


def test_a_schema_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "schema.yaml"
    path.write_text(MESSAGES)
    read = load_schema(path)
    assert (read.version, read.kind, read.level) == ("3", "choice", "nominal")
    assert read.class_names == ("Harmful", "Fraud", "Spam", "no")
    assert read.classes[1] == ClassDefinition("fraud", "Fraud", "harm", ("scam", "419"))
    assert read.attributes[0] == AttributeDefinition(
        "certainty", "certainty", "choice", ("low", "high"), (), True
    )
    assert read.attributes[1].classes == ("fraud",)


@pytest.mark.parametrize(
    ("label", "found"),
    [("Fraud", "fraud"), ("fraud", "fraud"), ("scam", "fraud"), ("419", "fraud"), ("no", "no"), ("FRAUD", None), ("", None),
     ("Fraud ", None), ("false", None)],
)  # fmt: skip
def test_a_label_means_one_class_by_name_id_or_alias(label: str, found: str | None) -> None:
    assert schema(MESSAGES).resolve(label) == found


def test_labels_are_compared_in_the_unicode_form_that_the_schema_declares() -> None:
    text = with_classes('"nh\\u00e3n"', "b")
    assert schema(text).resolve("nha\u0303n") is None
    assert schema(text + "normal_form: NFC").resolve("nha\u0303n") == "nh\u00e3n"
    twice = with_classes('"nh\\u00e3n"', '"nha\\u0303n"')
    assert len(schema(twice).classes) == 2
    assert "means two classes" in str(refusal(twice + "normal_form: NFC"))


def test_a_rating_has_a_scale() -> None:
    rating = schema(RATING)
    assert (rating.low, rating.high) == (Decimal(-1), Decimal(1))
    assert rating.points == tuple(map(Decimal, ("-1", "-0.5", "0", "0.5", "1")))
    assert schema(RATING.replace("step: 0.5\n", "")).points == ()
    assert schema("assay: schema/1\nversion: 1\nkind: rating").level == "ordinal"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("version: 1\nkind: choice", "line 1", "the key 'assay' is missing"),
        ("assay: schema/2\nversion: 1\nkind: text", "line 1, key assay", "schema/1"),
        ("assay: schema/1\nversion: 1\nkind: scenes", "line 3, key kind", "choice, multi, rating, text"),
        ("assay: schema/1\nversion: 1\nkind: text\nclass: [a]", "line 4, key class", "did you mean classes?"),
        ("assay: schema/1\nversion:\nkind: text", "line 2, key version", "the value is missing"),
        (with_classes("a"), "line 4, key classes", "a choice needs classes"),
        ("assay: schema/1\nversion: 1\nkind: choice", "line 1", "a choice needs classes"),
        (with_classes("a", "a"), "line 4, key classes[1]", "'a' means two classes"),
        (with_classes("a", "{id: b, name: a}"), "line 4, key classes[1]", "'a' means two classes"),
        (with_classes("a", "{id: b, aliases: [c, a]}"), "line 4, key classes[1]", "'a' and 'b'"),
        (with_classes("a", "{id: b, parent: x}"), "line 4, key classes[1].parent", "the parent is no class"),
        (
            with_classes("{id: a, parent: b}", "{id: b, parent: a}"),
            "line 4, key classes[0].parent",
            "a > b > a",
        ),
        (with_classes("a", "{id: b, parent: b}"), "line 4, key classes[1].parent", "their own parents"),
        (with_classes("a", '" b"'), "line 4, key classes[1]", "this cannot be a name"),
        (with_classes("a", '"b\\nc"'), "line 4, key classes[1]", "this cannot be a name"),
        (with_classes("a", '"b\\x1fc"'), "line 4, key classes[1]", "this cannot be a name"),
        (with_classes("a", "b" * 501), "line 4, key classes[1]", "this cannot be a name"),
        (with_classes("a", "{name: b}"), "line 4, key classes[1]", "the key 'id' is missing"),
        (with_classes("a", "b", kind="rating"), "line 4, key classes", "a rating has no classes"),
        (with_classes("a", "b", kind="text"), "line 4, key classes", "a text has no classes"),
        (
            with_classes("a", "b", kind="multi", more="level: ordinal"),
            "line 5, key level",
            "not measured on this level",
        ),
        (with_classes("1", "b", more="level: interval"), "line 4, key classes[1]", "is a number"),
        (with_classes("a", "b", more="low: 1"), "line 5, key low", "a choice has no low"),
        (RATING.replace("interval", "nominal"), "line 4, key level", "ordinal, interval, ratio"),
        (RATING.replace("interval", "ratio"), "line 5, key low", "begins at zero"),
        (RATING.replace("high: 1", "high: -1"), "line 6, key high", "ends before it begins"),
        (RATING.replace("high: 1", "high: 1e3"), "line 6, key high", "without an exponent"),
        (RATING.replace("0.5", "0.3"), "line 7, key step", "does not lead from low to high"),
        (RATING.replace("0.5", "0"), "line 7, key step", "does not lead from low to high"),
        (RATING.replace("0.5", "0.0001"), "line 7, key step", "at most 1000 steps"),
        (RATING.replace("low: -1\n", ""), "line 6, key step", "both ends"),
        (
            MESSAGES.replace("[low, high]", "[low]"),
            "line 10, key attributes[0].values",
            "cannot be chosen from",
        ),
        (
            MESSAGES.replace("[low, high]", "[low, low]"),
            "line 10, key attributes[0].values",
            "cannot be chosen from",
        ),
        (
            MESSAGES.replace("id: amount", "id: certainty"),
            "line 11, key attributes[1].id",
            "two attributes have one id",
        ),
        (
            MESSAGES.replace("classes: [fraud]", "classes: [scam]"),
            "line 11, key attributes[1].classes[0]",
            "no class",
        ),
        (
            MESSAGES.replace("kind: number", "kind: number, values: [a]"),
            "line 11, key attributes[1].values",
            "no values",
        ),
    ],
)
def test_a_schema_that_contradicts_itself_is_refused_at_its_place(text: str, place: str, said: str) -> None:
    error = refusal(text)
    assert said in str(error)
    assert error.place == (place if place != "line 1" else error.place)


def test_the_number_of_classes_is_limited() -> None:
    text = with_classes(*(f"c{number}" for number in range(11)))
    with pytest.raises(LimitError, match="too many classes"):
        parse_schema(parse_yaml(text, file="f"), limits=Limits(classes=10))


def test_a_schema_built_in_python_checks_itself() -> None:
    with pytest.raises(SchemaError, match="key classes: a choice needs classes"):
        Schema("1", "choice", "nominal")
    with pytest.raises(SchemaError, match=r"key classes\[1\]: 'a' means two classes"):
        Schema("1", "choice", "nominal", (ClassDefinition("a", "a"), ClassDefinition("b", "a")))
    assert hash(schema(MESSAGES)) == hash(schema(MESSAGES))
    assert schema(MESSAGES) == schema(MESSAGES)


def test_two_equal_versions_differ_in_nothing() -> None:
    difference = diff_schemas(schema(MESSAGES), schema(MESSAGES))
    assert not difference
    assert difference.lines() == ["Version 3 says the same as version 3."]


def test_the_difference_is_told_in_sentences() -> None:
    new = (
        MESSAGES.replace("version: 3", "version: 4")
        .replace("name: Fraud,", "name: Scam and fraud,")
        .replace("{id: spam, name: Spam, parent: harm}", "{id: spam, name: Spam, aliases: [junk]}")
        .replace("  - no\n", "  - fine\n  - {id: phishing, parent: fraud}\n")
        .replace("[low, high]", "[low, middle, high]")
        .replace("  - {id: amount, kind: number, classes: [fraud]}", "  - {id: language, kind: text}")
    )
    difference = diff_schemas(schema(MESSAGES), schema(new))
    assert difference
    assert difference.breaks_labels
    assert [one.id for one in difference.added] == ["fine", "phishing"]
    assert [one.id for one in difference.removed] == ["no"]
    assert [(old.name, new.name) for old, new in difference.renamed] == [("Fraud", "Scam and fraud")]
    assert difference.lines() == [
        "Class 'fine' is new.",
        "Class 'phishing' is new below 'fraud'.",
        "Class 'no' is gone.",
        "Class 'Fraud' is called 'Scam and fraud' now (id fraud).",
        "Class 'Spam' (id spam) stands at the top now.",
        "Class 'Spam' (id spam) has other aliases: new 'junk'.",
        "Attribute 'language' is new.",
        "Attribute 'amount' is gone.",
        "Attribute 'certainty' changed: values low, middle, high instead of low, high.",
    ]


def test_a_rename_breaks_no_label_and_a_change_of_scale_does() -> None:
    renamed = diff_schemas(schema(MESSAGES), schema(MESSAGES.replace("name: Spam", "name: Junk")))
    assert renamed
    assert not renamed.breaks_labels
    wider = diff_schemas(schema(RATING), schema(RATING.replace("high: 1", "high: 2")))
    assert wider.breaks_labels
    assert wider.lines() == ["The upper end is 2; it was 1."]
    ordered = with_classes("low", "middle", "high", more="level: ordinal")
    turned = with_classes("high", "middle", "low", more="level: ordinal")
    assert diff_schemas(schema(ordered), schema(turned)).lines() == [
        "The order of the classes is high < middle < low; it was low < middle < high."
    ]
    plain, plain_turned = ordered.replace("level: ordinal", ""), turned.replace("level: ordinal", "")
    assert not diff_schemas(schema(plain), schema(plain_turned))


_NAMES = st.text("ab \u00e9", max_size=3)
_CLASSES = st.lists(
    _NAMES
    | st.fixed_dictionaries(
        {"id": _NAMES}, optional={"name": _NAMES, "parent": _NAMES, "aliases": st.lists(_NAMES)}
    ),
    max_size=4,
)
_DOCUMENTS = st.fixed_dictionaries(
    {
        "assay": st.just("schema/1"),
        "version": st.just("1"),
        "kind": st.sampled_from(["choice", "multi", "rating", "text"]),
    },
    optional={
        "classes": _CLASSES,
        "level": st.sampled_from(["nominal", "ordinal", "interval", "ratio"]),
        "low": st.sampled_from(["0", "1"]),
        "high": st.sampled_from(["1", "5"]),
        "step": st.sampled_from(["1", "0.5", "0"]),
        "normal_form": st.sampled_from(["NFC", "nfc"]),
    },
)


@given(_DOCUMENTS)
def test_a_document_is_a_schema_or_refused(document: dict[str, object]) -> None:
    try:
        read = parse_schema(node_of(document, file="f"))
    except InputError:
        return
    published = jsonschema.Draft202012Validator(PUBLISHED)
    assert list(published.iter_errors(document)) == []
    for one in read.classes:
        assert {read.resolve(text) for text in one.texts} == {one.id}


def test_the_published_json_schema_is_one_and_its_examples_are_read() -> None:
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    for example in PUBLISHED["examples"]:
        jsonschema.Draft202012Validator(PUBLISHED).validate(example)
        assert parse_schema(node_of(example, file="example"))
    for text in (MESSAGES, RATING):
        jsonschema.Draft202012Validator(PUBLISHED).validate(yaml.safe_load(text))  # as an editor reads it
        jsonschema.Draft202012Validator(PUBLISHED).validate(parse_yaml(text, file="f").plain())


@pytest.mark.parametrize(
    "text",
    [
        with_classes("a"),
        "assay: schema/1\nversion: 1\nkind: choice",
        "assay: schema/2\nversion: 1\nkind: text",
        "version: 1\nkind: text",
        with_classes("a", '" b"'),
        with_classes("a", "{name: b}"),
        with_classes("a", "b", more="low: 1"),
        with_classes("a", "b", more="colour: red"),
        RATING.replace("interval", "nominal"),
        RATING.replace("low: -1\n", ""),
        RATING.replace("high: 1", "high: 1e3x"),
        MESSAGES.replace("[low, high]", "[low]"),
        MESSAGES.replace("kind: number", "kind: number, values: [a]"),
    ],
)
def test_the_published_json_schema_refuses_what_the_reader_refuses(text: str) -> None:
    assert refusal(text)
    document = parse_yaml(text, file="f").plain()
    assert list(jsonschema.Draft202012Validator(PUBLISHED).iter_errors(document))
