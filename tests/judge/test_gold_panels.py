"""Gold as the judge uses it: compartments, makers and their ceiling, other schema versions, other kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.terms.contract import ContractError
from tests.judge.judging import Home, by_hand, contract_of, kinds, table, term

SCHEMA = (
    'assay: schema/1\nversion: "{}"\nkind: choice\nclasses:\n- {{id: a, name: a}}\n- {{id: b, name: b}}\n'
)
VOTES = table("item,annotator,label", [(n, "p", "ab"[n % 2]) for n in range(100)])


def batch(folder: Path, gold: str, *terms: str, **more: str) -> Home:
    agreed = contract_of(*terms) if terms else None
    return by_hand(folder, VOTES, gold=gold, contract=agreed, **more)


def accuracy(home: Home) -> float:
    return float(home.document()["gold"]["overall"]["accuracy"]["value"])


def test_practice_gold_is_not_scored(tmp_path: Path) -> None:
    rows = [(n, "ab"[n % 2] if n < 60 else "a", "acceptance" if n < 60 else "practice") for n in range(100)]
    home = batch(tmp_path, table("item,label,compartment", rows))
    assert accuracy(home) == 1.0
    assert home.document()["gold"]["items"] == 60


def made(agree: int, *terms: str) -> str:
    """Gold of two makers who agree on so many of 100 items, settled by a third answer."""
    rows = [(n, "ab"[n % 2], "m1") for n in range(100)]
    rows += [(n, "ab"[(n + (n >= agree)) % 2], "m2") for n in range(100)]
    rows += [(n, "ab"[n % 2], "final") for n in range(100)]
    return table("item,label,maker", rows)


def test_makers_and_their_agreement_are_shown(tmp_path: Path) -> None:
    document = batch(tmp_path, made(90)).document()
    makers = document["gold"]["makers"]
    assert makers["count"] == 2
    assert makers["ceiling"]["overall"]["value"] == 0.9
    assert makers["agreement"]["low"] < makers["agreement"]["value"] < makers["agreement"]["high"]
    assert set(makers["ceiling"]["by_class"]) == {"a", "b"}
    assert not any("fewer than two makers" in said for said in document["not_proven"])


def test_gold_without_makers_says_that_its_ceiling_is_unknown(tmp_path: Path) -> None:
    document = batch(tmp_path, table("item,label", [(n, "ab"[n % 2]) for n in range(100)])).document()
    assert document["gold"]["makers"]["agreement"] is None
    assert any("fewer than two makers" in said for said in document["not_proven"])


def test_a_floor_above_what_gold_supports_is_refused_with_that_figure(tmp_path: Path) -> None:
    floor = "id: gold, metric: gold_f1, scope: overall, floor: 0.90"
    with pytest.raises(ContractError, match=r"above what gold can support.*0\.700"):
        batch(tmp_path / "high", made(70), floor).judge()
    lower = batch(tmp_path / "low", made(70), floor.replace("0.90", "0.70"))
    assert term(lower.document(), "gold")["outcome"] == "pass"


def test_gold_of_another_schema_version_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "answers.csv").write_text(table("item,label", [(n, "a") for n in range(50)]))
    written = "assay: gold/1\nversion: '7'\nschema: '2'\nfiles: [{path: answers.csv}]\n"
    (folder / "gold.yaml").write_text(written)
    home = by_hand(tmp_path / "in", VOTES, schema=SCHEMA.format(3))
    with pytest.raises(InputError, match="different schema versions"):
        home.judge(gold=folder / "gold.yaml")
    same = by_hand(tmp_path / "same", VOTES, schema=SCHEMA.format(2))
    assert same.document(gold=folder / "gold.yaml")["batch"]["versions"]["gold"] == "7"


def test_gold_with_labels_that_the_schema_does_not_have_is_refused(tmp_path: Path) -> None:
    home = batch(
        tmp_path, table("item,label", [(n, "a" if n else "z") for n in range(50)]), schema=SCHEMA.format(1)
    )
    with pytest.raises(InputError, match="labels that the schema does not have"):
        home.judge()


def test_a_class_that_only_gold_knows_is_a_class(tmp_path: Path) -> None:
    home = batch(tmp_path, table("item,label", [(n, "c" if n < 10 else "ab"[n % 2]) for n in range(100)]))
    document = home.document()
    assert document["batch"]["classes"] == ["a", "b", "c"]
    assert document["gold"]["by_class"]["c"]["recall"]["value"] == 0.0
    assert document["gold"]["confusion"]["matrix"][2] == [5, 5, 0]


def test_a_contract_for_another_kind_of_labels_is_refused(tmp_path: Path) -> None:
    agreed = contract_of(
        "id: gold, metric: gold_accuracy, scope: overall, within: 1, floor: 0.9", labels="rating"
    )
    home = by_hand(tmp_path, VOTES, contract=agreed)
    with pytest.raises(InputError, match="another kind of labels"):
        home.judge()


def test_a_contract_that_names_a_class_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    home = batch(
        tmp_path, table("item,label", [(n, "a") for n in range(50)]),
        "id: frauds, metric: gold_f1, scope: {class: fraud}, floor: 0.9",
    )  # fmt: skip
    with pytest.raises(ContractError, match="fraud"):
        home.judge()


def test_the_confusion_matrix_adds_up_to_the_gold(tmp_path: Path) -> None:
    rows = [(n, "p", "ab"[n % 2]) for n in range(90)] + [(n, "q", "ba"[n % 2]) for n in range(10)]
    home = by_hand(
        tmp_path, table("item,annotator,label", rows), gold=table("item,label", [(n, "ab"[n % 3 == 0]) for n in range(100)]),
        items=table("item", [(n,) for n in range(100)]),
    )  # fmt: skip
    gold = home.document()["gold"]
    confusion = gold["confusion"]
    cells = sum(map(sum, confusion["matrix"])) + sum(confusion["undecided"])
    assert cells == gold["overall"]["support"] == 100
    assert gold["undecided"] == 10
    assert gold["not_delivered"] == 10
    right = sum(confusion["matrix"][n][n] for n in range(2))
    assert gold["overall"]["accuracy"]["value"] == right / 100


def test_defects_are_counted_by_kind_and_severity(tmp_path: Path) -> None:
    agreed = contract_of(
        "id: gold, metric: critical_error_rate, scope: overall, ceiling: 0.5",
        more="errors: {wrong_class: critical, not_delivered: minor, undecided: minor}",
    )
    home = by_hand(
        tmp_path, VOTES, gold=table("item,label", [(n, "a") for n in range(120)]), contract=agreed,
        items=table("item", [(n,) for n in range(120)]),
    )  # fmt: skip
    document = home.document()
    assert document["defects"]["critical"]["kinds"] == {"wrong_class": 50}
    assert document["defects"]["minor"]["kinds"] == {"not_delivered": 20}
    assert document["defects"]["critical"]["per_100_items"]["value"] == pytest.approx(100 * 50 / 120)
    assert term(document, "gold")["value"] == pytest.approx(50 / 120)


def test_knowing_that_gold_lies_outside_is_said(tmp_path: Path) -> None:
    document = batch(tmp_path, table("item,label", [(n, "a") for n in range(50, 150)])).document()
    assert "gold_outside_batch" in kinds(document)
    assert document["gold"]["outside_batch"] == 50
