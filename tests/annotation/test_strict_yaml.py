"""YAML as text with places, and everything in YAML that a document here does not need."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import Limits
from assay.annotation.node import Node, node_of
from assay.annotation.strict_yaml import load_yaml, parse_yaml

CONTRACT = """\
assay: contract/1
in_force: {from: 2026-03-01, to: 2027-02-28}
sample: {share: 10%, by: buyer}
acceptance:
  - {id: gold, metric: gold_f1, floor: 0.90}
  - {id: classes, metric: gold_f1, floor: "0.95", redo: class}
clauses:
  no_reuse: yes
  empty:
  none at all: ""
"""


@pytest.fixture
def contract() -> Node:
    return parse_yaml(CONTRACT, file="contract.yaml")


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_yaml(text, file="f.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    "written", ["no", "007", "12:30", "1e3", "~", "null", "0x1f", "2026-03-01", ".5", "1_000", "NaN"]
)
def test_every_scalar_stays_the_text_that_was_written(written: str) -> None:
    assert parse_yaml(f"classes: [{written}]", file="f").plain() == {"classes": [written]}


def test_values_are_typed_by_the_one_who_reads_them(contract: Node) -> None:
    top = contract.mapping()
    assert top["in_force"].mapping()["from"].date() == datetime.date(2026, 3, 1)
    assert top["sample"].mapping()["share"].share() == Decimal("0.1")
    assert [term.mapping()["floor"].decimal(0, 1) for term in top["acceptance"].sequence()] == [
        Decimal("0.90"),
        Decimal("0.95"),
    ]
    assert top["clauses"].mapping()["no_reuse"].boolean() is True
    assert top["sample"].mapping()["by"].choice({"buyer", "vendor"}) == "buyer"


def test_a_refusal_names_file_line_and_key(contract: Node) -> None:
    floor = contract.mapping()["acceptance"].sequence()[1].mapping()["floor"]
    assert floor.place == "line 6, key acceptance[1].floor"
    with pytest.raises(InputError) as caught:
        floor.decimal(high=Decimal("0.5"))
    assert str(caught.value) == (
        "contract.yaml, line 6, key acceptance[1].floor: the number is out of range\n"
        "  found:    0.95\n"
        "  expected: a number of at most 0.5"
    )


def test_an_unknown_key_is_refused_with_the_nearest_known_one(contract: Node) -> None:
    with pytest.raises(InputError) as caught:
        contract.mapping()["sample"].mapping(allowed={"shares", "by"})
    assert caught.value.place == "line 3, key sample.share"
    assert "did you mean shares?" in str(caught.value)


def test_a_missing_key_is_named(contract: Node) -> None:
    with pytest.raises(InputError, match="the key 'drawn' is missing"):
        contract.mapping()["sample"].mapping(allowed={"share", "by"}, required={"drawn"})


def test_a_missing_value_is_not_an_empty_text(contract: Node) -> None:
    clauses = contract.mapping()["clauses"].mapping()
    assert clauses["none at all"].text() == ""
    assert clauses["none at all"].place == "line 10, key clauses.'none at all'"
    with pytest.raises(InputError, match="the value is missing"):
        clauses["empty"].text()
    with pytest.raises(InputError, match="the value is missing"):
        clauses["empty"].boolean()


@pytest.mark.parametrize("reading", ["mapping", "sequence", "integer", "decimal", "share", "boolean", "date"])
def test_a_value_of_another_type_is_refused(reading: str) -> None:
    with pytest.raises(InputError) as caught:
        getattr(parse_yaml("a: twelve", file="f.yaml").mapping()["a"], reading)()
    assert (caught.value.file, caught.value.place) == ("f.yaml", "line 1, key a")
    assert caught.value.found is not None
    assert "twelve" in caught.value.found
    assert caught.value.expected
    for text in ("a: [1]", "a: {b: c}"):
        node = parse_yaml(text, file="f.yaml").mapping()["a"]
        with pytest.raises(InputError):
            node.text()
        with pytest.raises(InputError):
            node.choice({"1"})


@pytest.mark.parametrize(
    "written", ["2026-02-30", "20260301", "2026-W10-7", "2026-3-1", "２０２６-03-01", "2026-03-01T00"]
)
def test_a_date_is_written_in_one_way(written: str) -> None:
    with pytest.raises(InputError, match="not a date"):
        parse_yaml(written, file="f").date()


@pytest.mark.parametrize("written", ["Yes", "on", "1", "TRUE", "y"])
def test_a_boolean_is_written_in_two_ways(written: str) -> None:
    with pytest.raises(InputError, match="neither yes nor no"):
        parse_yaml(written, file="f").boolean()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b\na: c", "f.yaml, line 2: the key 'a' is given twice, first on line 1"),
        ("a: {x: 1, y: 2, x: 3}", "line 1, in a: the key 'x' is given twice"),
        ('a: b\n"a": c', "the key 'a' is given twice"),
        ("a: &x b\nc: *x", "the anchor &x is not read"),
        ("a: *x", "the alias *x is not read"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "the tag tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("a: !!str b", "the tag"),
        ("<<: {a: b}", "merge keys are not read"),
        ("a: b\n---\nc: d", "line 2: a second document begins here"),
        ("%YAML 1.1\n---\na: b", "directives are not read"),
        ("%TAG ! tag:example.org:\n---\na: b", "directives are not read"),
        ("? [a]\n: b", "a key is a list or a mapping"),
        ("? {a: b}\n: b", "a key is a list or a mapping"),
        ("a: b: c", "quotes around a text that holds a colon"),
        ("\ta: b", "blanks for indentation"),
        ('a: "open', "a closing quote"),
        ("a: 'open\nb: c", "a closing quote"),
        ("a: [1, 2", "this is not YAML"),
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("a: \x00", "line 1: this character cannot stand in a text"),
        ('a: "\\0"', "the character '\\x00' cannot stand in a text"),
        ('"\\0": a', "the character '\\x00' cannot stand in a text"),
        ('a: "\\ud800"', "f.yaml"),
        ("a: \ud800", "this character cannot stand in a text"),
        ("a: \x07", "control characters"),
    ],
)
def test_what_a_document_does_not_need_is_refused(text: str, said: str) -> None:
    assert said in refusal(text)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[a, ", "[{a: "])
def test_depth_is_counted_while_reading(opening: str) -> None:
    with pytest.raises(InputError):
        parse_yaml(opening * 200_000, file="f")
    with pytest.raises(LimitError, match="too deep"):
        parse_yaml("[" * 33 + "]" * 33, file="f")
    assert parse_yaml("[" * 32 + "]" * 32, file="f").is_sequence


def test_size_is_counted_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_text("a: " + "b" * 100)
    with pytest.raises(LimitError, match=r"long\.yaml: this is too large for a YAML document"):
        load_yaml(path, limits=Limits(yaml_bytes=102))
    assert load_yaml(path, limits=Limits(yaml_bytes=103)).plain() == {"a": "b" * 100}
    with pytest.raises(LimitError):
        parse_yaml("a: " + "b" * 100, file="f", limits=Limits(yaml_bytes=102))


def test_a_file_in_another_encoding_is_refused_with_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: b\nname: caf\xe9\n".encode("latin-1"))
    with pytest.raises(InputError) as caught:
        load_yaml(path)
    assert caught.value.place == "line 2, byte 14"
    assert caught.value.found is not None
    assert caught.value.found.startswith("bytes e9")
    path.write_bytes("a: caf\xe9\n".encode("utf-8-sig"))
    assert load_yaml(path).plain() == {"a": "caf\xe9"}
    path.write_bytes("a: caf\xe9\n".encode("utf-16"))
    assert load_yaml(path).plain() == {"a": "caf\xe9"}


def test_the_pure_reader_and_the_fast_one_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = parse_yaml(CONTRACT, file="f").plain()
    monkeypatch.setattr("assay.annotation.strict_yaml._LOADER", yaml.SafeLoader)
    assert parse_yaml(CONTRACT, file="f").plain() == fast


def test_a_path_leads_to_its_node_or_as_far_as_it_exists(contract: Node) -> None:
    assert contract.descend(["acceptance", 1, "redo"]).place == "line 6, key acceptance[1].redo"
    assert contract.descend(["acceptance", 1, "scope"]).place == "line 6, key acceptance[1]"
    assert contract.descend([]) is contract


def test_values_from_python_become_nodes() -> None:
    node = node_of(
        {"floor": Decimal("0.90"), "rounds": 2, "yes": True, "day": datetime.date(2026, 3, 1)}, file="call"
    )
    assert node.plain() == {"floor": "0.90", "rounds": "2", "yes": "yes", "day": "2026-03-01"}
    assert node.mapping()["floor"].decimal() == Decimal("0.90")
    with pytest.raises(InputError, match=r"call, key a\.b: this value has no exact text"):
        node_of({"a": {"b": 0.85}}, file="call")
    with pytest.raises(InputError, match="a key is no text"):
        node_of({1: "a"}, file="call")
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(InputError, match="more than 64 levels"):
        node_of(endless, file="call")


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=12)
_DOCUMENTS = st.recursive(
    _TEXTS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(_TEXTS, below, max_size=4),
    max_leaves=12,
)


@given(_DOCUMENTS)
def test_what_a_common_writer_wrote_comes_back_as_text(document: object) -> None:
    written = yaml.dump(document, Dumper=_Unshared, allow_unicode=True, default_style='"')
    node = parse_yaml(written.replace('!!str "', '"'), file="f")
    assert node.plain() == document


class _Unshared(yaml.SafeDumper):
    """A writer that repeats a value instead of pointing back to it."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def refused(read: Callable[[], object]) -> InputError | None:
    try:
        read()
    except InputError as error:
        return error
    return None


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_arbitrary_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "arbitrary.yaml"
    path.write_bytes(data)
    error = refused(lambda: load_yaml(path).plain())
    assert error is None or error.file == str(path)


@given(st.text("ab:-[]{},&*!|>'\"#%@? \n\t<0", max_size=60))
def test_arbitrary_marks_of_yaml_are_read_or_refused(text: str) -> None:
    error = refused(lambda: parse_yaml(text, file="f").plain())
    assert error is None or error.file == "f"
