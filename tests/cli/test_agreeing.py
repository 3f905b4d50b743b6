from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .commands import assay, refused, table

#: Two people on ten items: 7 agree; marginals of "a" are 6 and 5.
TWO = [
    ("i0", "a", "a"), ("i1", "a", "a"), ("i2", "a", "a"), ("i3", "a", "a"), ("i4", "a", "b"), ("i5", "a", "b"),
    ("i6", "b", "a"), ("i7", "b", "b"), ("i8", "b", "b"), ("i9", "b", "b"),
]  # fmt: skip


def two_people(path: Path) -> Path:
    rows = [
        (item, who, label) for item, *both in TWO for who, label in zip(("ann", "bob"), both, strict=True)
    ]
    return table(path, rows)


def document(*arguments: str | Path, folder: Path) -> dict[str, Any]:
    return assay("agree", *arguments, "--json", folder=folder).document


def test_the_figures_are_those_of_the_report(programme: Path, tmp_path: Path) -> None:
    found = document(programme, folder=tmp_path)
    report = assay("judge", programme, "--json", folder=tmp_path).document["agreement"]
    assert found["schema"] == "assay-agreement/1"
    for part in ("overall", "by_class", "pairs"):
        assert found["agreement"][part] == report[part]


def test_two_people_by_hand(tmp_path: Path) -> None:
    two_people(tmp_path / "labels.csv")
    overall = document("labels.csv", folder=tmp_path)["agreement"]["overall"]
    assert overall["percent_agreement"]["value"] == pytest.approx(0.7)
    assert overall["cohen_kappa"]["value"] == pytest.approx((0.7 - 0.5) / (1 - 0.5))
    assert overall["krippendorff_alpha"]["value"] == pytest.approx(1 - 19 * 6 / (2 * 11 * 9))


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("scott_pi", (0.7 - 0.505) / (1 - 0.505)),
        ("pabak", 0.4),
        ("gwet_ac1", (0.7 - 0.495) / (1 - 0.495)),
        ("brennan_prediger", 0.4),
        ("randolph_kappa", 0.4),
        ("light_kappa", 0.4),
        ("conger_kappa", 0.4),
    ],
)
def test_a_metric_asked_for_stands_overall_per_class_and_per_pair(
    tmp_path: Path, metric: str, value: float
) -> None:
    two_people(tmp_path / "labels.csv")
    found = document("labels.csv", "--metric", metric, folder=tmp_path)["agreement"]
    assert found["overall"][metric]["value"] == pytest.approx(value)
    assert [list(figures) for figures in found["by_class"].values()] == [[metric], [metric]]
    (pair,) = found["pairs"]
    assert (pair["metric"], pair["value"], pair["units"]) == (metric, pytest.approx(value), 10)


def test_weighted_kappa_of_two_people_beside_a_reviewer(tmp_path: Path) -> None:
    rows = [("i1", "1", "1"), ("i2", "1", "2"), ("i3", "2", "2"), ("i4", "3", "3"), ("i5", "3", "1")]
    votes = [
        (item, who, label, "first_pass")
        for item, *both in rows
        for who, label in zip("ab", both, strict=True)
    ]
    votes += [("i1", "rita", "1", "review"), ("i5", "rita", "3", "review")]
    table(tmp_path / "labels.csv", votes, "item,annotator,label,layer")
    names = ("cohen_kappa", "cohen_kappa_linear", "cohen_kappa_quadratic")
    asked = [part for name in names for part in ("--metric", name)]
    overall = document("labels.csv", *asked, folder=tmp_path)["agreement"]["overall"]
    # p_o .6, .7 and .75; p_e from the marginals (2, 1, 2) and (2, 2, 1)
    expected = {
        "cohen_kappa": (0.6, 8 / 25),
        "cohen_kappa_linear": (0.7, 0.54),
        "cohen_kappa_quadratic": (0.75, 0.65),
    }
    for name, (observed, chance) in expected.items():
        assert overall[name]["value"] == pytest.approx((observed - chance) / (1 - chance)), name
        assert overall[name]["low"] < overall[name]["value"] < overall[name]["high"]


def test_columns_may_be_named_or_counted(tmp_path: Path) -> None:
    rows = [
        (who, "x", item, label)
        for item, *both in TWO
        for who, label in zip(("ann", "bob"), both, strict=True)
    ]
    table(tmp_path / "headed.csv", rows, "who,note,task,said")
    table(tmp_path / "bare.csv", rows[1:], ",".join(rows[0]))
    named = ("--item", "task", "--annotator", "who", "--label", "said")
    counted = ("--item", "3", "--annotator", "1", "--label", "4")
    first = document("headed.csv", *named, folder=tmp_path)
    assert first["agreement"]["overall"]["cohen_kappa"]["value"] == pytest.approx(0.4)
    assert document("bare.csv", *counted, folder=tmp_path)["agreement"] == first["agreement"]
    assert document("headed.csv", *counted, "--header", folder=tmp_path)["agreement"] == first["agreement"]


def test_a_number_is_a_position_even_where_a_value_reads_the_same(tmp_path: Path) -> None:
    table(tmp_path / "bare.csv", [("i2", "ann", "1"), ("i1", "bob", "1"), ("i2", "bob", "2")], "i1,ann,1")
    counted = ("--item", "1", "--annotator", "2", "--label", "3", "--no-header")
    found = document("bare.csv", *counted, folder=tmp_path)
    assert (found["batch"]["items"], found["batch"]["labels"]) == (2, 4)


def test_the_level_changes_what_a_difference_means(tmp_path: Path) -> None:
    rows = [(f"i{n}", who, str(value)) for n, both in enumerate([(1, 2), (2, 2), (4, 5), (5, 5), (1, 1), (3, 4)])
            for who, value in zip(("ann", "bob"), both, strict=True)]  # fmt: skip
    table(tmp_path / "labels.csv", rows)
    values = {}
    for level in ("nominal", "ordinal", "interval", "ratio"):
        found = document("labels.csv", "--level", level, folder=tmp_path)
        assert found["batch"]["level"] == level
        values[level] = found["agreement"]["overall"]["krippendorff_alpha"]["value"]
    assert values["nominal"] < values["ratio"] < values["interval"]
    assert len(set(values.values())) == 4


def test_a_figure_that_does_not_exist_comes_with_its_reason(tmp_path: Path) -> None:
    table(tmp_path / "labels.csv", [(f"i{n}", who, "x") for n in range(5) for who in ("ann", "bob")])
    figure = document("labels.csv", folder=tmp_path)["agreement"]["overall"]["krippendorff_alpha"]
    assert figure["value"] is None
    assert "only one class was used" in figure["reason"]
    text = assay("agree", "labels.csv", folder=tmp_path, expected=0).out
    assert "krippendorff_alpha      –" in text
    assert "only one class was used" in text


def test_without_a_second_vote_every_figure_says_why_it_is_missing(tmp_path: Path) -> None:
    table(tmp_path / "labels.csv", [(f"i{n}", "ann", "xy"[n % 2]) for n in range(6)])
    found = document("labels.csv", "--metric", "scott_pi", "--metric", "krippendorff_alpha", folder=tmp_path)
    overall = found["agreement"]["overall"]
    assert overall["scott_pi"]["reason"] == "it compares two people, and there are 1: see the pairs"
    assert "two blind first-pass votes" in overall["krippendorff_alpha"]["reason"]
    assert found["agreement"]["pairs"] == []


def test_sets_of_labels_are_compared_as_sets(sets: Path, tmp_path: Path) -> None:
    overall = document(sets, folder=tmp_path)["agreement"]["overall"]
    assert overall["krippendorff_alpha"]["value"] < overall["krippendorff_alpha_jaccard"]["value"] < 1
    asked = ("--metric", "krippendorff_alpha_jaccard")
    assert list(document(sets, *asked, folder=tmp_path)["agreement"]["overall"]) == [
        "krippendorff_alpha_jaccard"
    ]
    refused(
        assay("agree", sets, "--metric", "fleiss_kappa", folder=tmp_path),
        "fleiss_kappa",
        "krippendorff_alpha",
    )


def test_the_text_shows_the_worst_pairs_and_classes(programme: Path, tmp_path: Path) -> None:
    arguments = ("--pseudonyms", programme / "pseudonyms.csv")
    text = assay("agree", programme, *arguments, folder=tmp_path, expected=0).out
    worst = text[text.index("Worst pairs") :].splitlines()[2]
    assert "annotator-08" in worst  # the spammer
    assert "By class, the lowest first" in text


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["labels.csv", "--metric", "kapa"], ["kapa", "light_kappa"]),
        (["labels.csv", "--level", "cardinal"], ["--level", "cardinal"]),
        (["labels.csv", "--item", "task"], ["--annotator", "--label"]),
        (
            ["labels.csv", "--item", "task", "--annotator", "annotator", "--label", "label"],
            ["labels.csv", "line 1", "found:", "'item'", "expected:", "'task'"],
        ),
        (["labels.csv", "--metric", "cohen_kappa_linear"], ["order of the classes", "a, b", "--schema"]),
        (["labels.csv", "--level", "ordinal"], ["order of the classes", "a, b", "--schema"]),
        (["labels.csv", "--metric", "krippendorff_alpha_jaccard"], ["choice labels", "labels: multi"]),
        (["labels.csv", "--schema", "nothing.yaml"], ["nothing.yaml"]),
        (["nothing.csv"], ["nothing.csv", "no such file"]),
        ([], ["FILE"]),
    ],
)
def test_what_cannot_be_measured_is_refused(tmp_path: Path, arguments: list[str], parts: list[str]) -> None:
    two_people(tmp_path / "labels.csv")
    refused(assay("agree", *arguments, folder=tmp_path), *parts)


def test_texts_are_refused_with_the_command_that_measures_them(tmp_path: Path) -> None:
    rows = [(f"i{n}", who, f"{who} heard these words number {n}") for n in range(9) for who in ("ann", "bob")]
    table(tmp_path / "labels.csv", rows)
    refused(assay("agree", "labels.csv", folder=tmp_path), "labels.csv", "texts", "assay judge")


def test_people_are_named_by_pseudonym(tmp_path: Path) -> None:
    two_people(tmp_path / "labels.csv")
    done = assay("agree", "labels.csv", "--json", "--pseudonyms", "who.csv", folder=tmp_path, expected=0)
    (pair,) = json.loads(done.out)["agreement"]["pairs"]
    assert (pair["a"], pair["b"]) == ("annotator-01", "annotator-02")
    assert "bob" not in done.out
    assert "annotator-02,bob" in (tmp_path / "who.csv").read_text(encoding="utf-8")
