"""Whatever stands where in a contract, the answer is a contract or a refusal, never another error."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.annotation.node import node_of
from assay.annotation.strict_yaml import parse_yaml
from assay.terms.contract import parse_contract, validate
from tests.terms.test_contract_reading import STREET_SCENES

PLAIN = parse_yaml(STREET_SCENES.replace("half away from zero", "half to even"), file="contract.yaml").plain()
NUMBERS = [
    "0",
    "1",
    "-1",
    "0.5",
    "1.0",
    "999999999999",
    "0" * 29 + "1",
    "1e9",
    "NaN",
    "１",
    "50%",
    "100%",
    "0%",
    "101%",
]
TEXTS = [
    "",
    " ",
    "a",
    "overall",
    "every class",
    "yes",
    "10 days",
    "0 days",
    "2026-02-30",
    "at most 200%",
    "x" * 5000,
    "\x07",
]
JUNK = st.recursive(
    st.sampled_from([*NUMBERS, *TEXTS]) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(tree: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every path of a tree."""
    below: list[tuple[object, object]] = []
    if isinstance(tree, dict):
        below = list(tree.items())
    elif isinstance(tree, list):
        below = list(enumerate(tree))
    return [path, *(found for key, value in below for found in places(value, (*path, key)))]


def replaced(tree: object, path: tuple[object, ...], value: object) -> object:
    """The tree with another value at a path."""
    if not path:
        return value
    if isinstance(tree, dict):
        return {
            key: replaced(item, path[1:], value) if key == path[0] else item for key, item in tree.items()
        }
    if isinstance(tree, list):
        return [replaced(item, path[1:], value) if at == path[0] else item for at, item in enumerate(tree)]
    return tree


@given(st.lists(st.tuples(st.sampled_from(places(PLAIN)), JUNK), min_size=1, max_size=3))
def test_junk_anywhere_in_a_contract_is_read_or_refused(
    changes: list[tuple[tuple[object, ...], object]],
) -> None:
    tree: object = PLAIN
    for path, value in changes:
        tree = replaced(tree, path, value)
    try:
        contract = parse_contract(node_of(tree, file="contract.yaml"))
    except InputError:
        return
    assert validate(contract) == []
    assert parse_contract(parse_yaml(contract.as_yaml(), file="again.yaml")) == contract


@given(JUNK)
def test_junk_alone_is_refused(value: object) -> None:
    try:
        parse_contract(node_of(value, file="contract.yaml"))
    except InputError:
        return
    raise AssertionError("junk was read as a contract")
