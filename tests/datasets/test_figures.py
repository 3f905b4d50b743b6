"""Figures of the public data sets beside a second reading, plain formulas and, where installed, independent packages."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import assay
from tests.paths import needs_shared

from .public import CHOICES, RATINGS, SETS, TEXTS, by_hand

pytestmark = needs_shared

Document = dict[str, Any]
ReportOf = Callable[[str], Document]
Floats = NDArray[np.float64]


def counts_of(labels: pd.DataFrame, values: list[str]) -> NDArray[np.int64]:
    """Votes per item (rows) and value (columns)."""
    table = np.zeros((labels["item"].nunique(), len(values)), np.int64)
    place = {value: n for n, value in enumerate(values)}
    item, _ = pd.factorize(labels["item"])
    np.add.at(table, (item, labels["label"].map(place).to_numpy()), 1)
    return table


def alpha(counts: NDArray[np.int64], values: Floats, level: str = "nominal") -> float:
    """Krippendorff's alpha from its definition: one less observed over expected disagreement."""
    counts = counts[counts.sum(axis=1) >= 2]
    size = counts.sum(axis=1, keepdims=True)
    met = counts.T @ (counts / (size - 1)) - np.diag((counts / (size - 1)).sum(axis=0))
    n = met.sum(axis=0)
    if level == "nominal":
        distance = 1.0 - np.eye(len(values))
    elif level == "ordinal":
        rank = np.cumsum(n) - n / 2
        distance = (rank[:, None] - rank[None, :]) ** 2
    else:
        distance = (values[:, None] - values[None, :]) ** 2
        if level == "ratio":
            total = values[:, None] + values[None, :]
            distance = distance / np.where(total == 0, 1, total) ** 2
    expected = (np.outer(n, n) * distance).sum() / (n.sum() - 1)
    return float(1 - (met * distance).sum() / expected)


def final_labels(labels: pd.DataFrame) -> dict[str, str | None]:
    """The majority of each item; None for a tie."""
    found: dict[str, str | None] = {}
    for item, votes in labels.groupby("item")["label"]:
        ranked = votes.value_counts()
        tied = len(ranked) > 1 and ranked.iloc[0] == ranked.iloc[1]
        found[str(item)] = None if tied else str(ranked.index[0])
    return found


def table_of(name: str) -> tuple[NDArray[np.int64], list[str], Floats]:
    """Votes per item and value, the values in order, and what they count as."""
    labels, _ = by_hand(name)
    if name in RATINGS:
        labels = labels.assign(label=labels["label"].map(lambda text: repr(float(text) + 0.0)))
        values = sorted(labels["label"].unique(), key=float)
        return counts_of(labels, values), values, np.array([float(v) for v in values])
    values = sorted(labels["label"].unique())
    return counts_of(labels, values), values, np.arange(len(values), dtype=np.float64)


@pytest.mark.parametrize("name", [*CHOICES, *RATINGS])
def test_alpha_is_what_its_definition_gives(name: str, report_of: ReportOf) -> None:
    counts, values, numbers = table_of(name)
    document = report_of(name)
    level, overall = document["batch"]["level"], document["agreement"]["overall"]
    assert overall["krippendorff_alpha"]["value"] == pytest.approx(alpha(counts, numbers, level), abs=1e-9)
    nominal = "nominal_alpha" if level != "nominal" else "krippendorff_alpha"
    assert overall[nominal]["value"] == pytest.approx(alpha(counts, numbers), abs=1e-9)
    for n, value in enumerate(values if name in CHOICES else []):
        two = np.stack([counts[:, n], counts.sum(axis=1) - counts[:, n]], axis=1)
        figure = document["agreement"]["by_class"][value]["krippendorff_alpha"]
        assert figure["value"] == pytest.approx(alpha(two, numbers[:2]), abs=1e-9)


@pytest.mark.parametrize("name", [*CHOICES, *RATINGS])
def test_alpha_agrees_with_the_krippendorff_package(name: str, report_of: ReportOf) -> None:
    package = pytest.importorskip("krippendorff", reason="installed by `make peers`")
    counts, values, numbers = table_of(name)
    document = report_of(name)
    level, agreement = document["batch"]["level"], document["agreement"]
    expected = package.alpha(value_counts=counts, value_domain=numbers, level_of_measurement=level)
    assert agreement["overall"]["krippendorff_alpha"]["value"] == pytest.approx(expected, abs=1e-9)
    for n, value in enumerate(values if name in CHOICES else []):
        two = np.stack([counts[:, n], counts.sum(axis=1) - counts[:, n]], axis=1)
        expected = package.alpha(value_counts=two, level_of_measurement="nominal")
        figure = agreement["by_class"][value]["krippendorff_alpha"]
        assert figure["value"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
@pytest.mark.parametrize("emotion", ["anger", "sadness"])
def test_each_level_agrees_with_the_krippendorff_package(level: str, emotion: str, tmp_path: Path) -> None:
    package = pytest.importorskip("krippendorff", reason="installed by `make peers`")
    name = f"snow_affect {emotion}"
    declared = replace(SETS[name], delivery=SETS[name].delivery.replace("interval", level))
    declared.write(tmp_path)
    figures = assay.judge(tmp_path / "delivery.yaml").figures["agreement"]["overall"]
    counts, _, numbers = table_of(name)
    expected = package.alpha(value_counts=counts, value_domain=numbers, level_of_measurement=level)
    assert figures["krippendorff_alpha"]["value"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", CHOICES)
def test_figures_against_gold_are_those_of_a_plain_count(name: str, report_of: ReportOf) -> None:
    labels, gold = by_hand(name)
    final = final_labels(labels)
    scored = [(gold[item], final[item]) for item in gold if item in final]
    section = report_of(name)["gold"]
    assert section["scored"] == len(scored)
    assert section["undecided"] == sum(given is None for _, given in scored)
    right = sum(wanted == given for wanted, given in scored)
    assert section["overall"]["accuracy"]["value"] == pytest.approx(right / len(scored), abs=1e-9)
    for value, figures in section["by_class"].items():
        both = sum(wanted == given == value for wanted, given in scored)
        either = sum((wanted == value) + (given == value) for wanted, given in scored)
        if either and both:
            assert figures["f1"]["value"] == pytest.approx(2 * both / either, abs=1e-9)
    by_person = labels.assign(gold=labels["item"].map(gold)).dropna()
    share = (by_person["label"] == by_person["gold"]).groupby(by_person["annotator"]).mean()
    found = sorted(f["accuracy"]["value"] for f in section["by_annotator"].values() if f["support"])
    assert found == pytest.approx(sorted(share), abs=1e-9)


@pytest.mark.parametrize("name", CHOICES)
def test_f1_and_kappa_agree_with_scikit_learn(name: str, report_of: ReportOf) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="installed by `make peers`")
    labels, gold = by_hand(name)
    final = final_labels(labels)
    wanted = [gold[item] for item in gold if item in final]
    given = [final[item] or "undecided" for item in gold if item in final]
    section = report_of(name)["gold"]
    assert section["overall"]["accuracy"]["value"] == pytest.approx(
        metrics.accuracy_score(wanted, given), abs=1e-9
    )
    classes = list(section["by_class"])
    values = metrics.f1_score(wanted, given, labels=classes, average=None, zero_division=0.0)
    for value, expected in zip(classes, values, strict=True):
        found = section["by_class"][value]["f1"]["value"]
        assert (found or 0.0) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", TEXTS)
def test_error_rates_agree_with_jiwer(name: str, report_of: ReportOf) -> None:
    package = pytest.importorskip("jiwer", reason="installed by `make peers`")
    labels, gold = by_hand(name)
    answers = labels[(labels["label"] != "") & labels["item"].isin(gold)]
    wanted = [_plain(gold[item]) for item in answers["item"]]
    given = [_plain(text) for text in answers["label"]]
    overall = report_of(name)["gold"]["overall"]
    assert overall["wer"]["value"] == pytest.approx(package.wer(wanted, given), abs=1e-9)
    assert overall["cer"]["value"] == pytest.approx(package.cer(wanted, given), abs=1e-9)


def _plain(text: str) -> str:
    """NFC, lower case, without punctuation, runs of white space as one space."""
    kept = (
        c for c in unicodedata.normalize("NFC", text).lower() if not unicodedata.category(c).startswith("P")
    )
    return " ".join("".join(kept).split())
