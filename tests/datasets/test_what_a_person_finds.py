"""What a careful person finds first in each public data set, and that Assay says it, and nothing that is not so.

The hand-made side of each test is a count over the files (``by_hand``); docs/data-sets.md tells it in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.paths import needs_shared

from .public import EMOTIONS, SETS, by_hand, judge

pytestmark = needs_shared

Document = dict[str, Any]
ReportOf = Callable[[str], Document]


def pairs(document: Document) -> list[set[str]]:
    """The labels of the clusters, in order."""
    return [set(cluster["values"]) for cluster in document["clusters"]]


def suspected(document: Document, kind: str) -> list[str]:
    """Whom suspicions of a kind are about, in order."""
    return [s["subject"] for s in document["suspicions"] if s["kind"] == kind]


def kinds(document: Document) -> set[str]:
    """The kinds of all suspicions."""
    return {s["kind"] for s in document["suspicions"]}


def pseudonyms(labels: pd.DataFrame) -> dict[str, str]:
    """The names people have in a report without a mapping: in order of how many labels they gave."""
    counts = labels["annotator"].value_counts()
    ranked = sorted(counts.index, key=lambda raw: (-counts[raw], raw))
    return {raw: f"annotator-{n:02d}" for n, raw in enumerate(ranked, start=1)}


def confused(labels: pd.DataFrame, gold: dict[str, str]) -> list[set[str]]:
    """Pairs of classes by how often a vote gives one where gold says the other, most often first."""
    marked = labels.assign(gold=labels["item"].map(gold)).dropna()
    wrong = marked[marked["label"] != marked["gold"]]
    found = Counter(frozenset(pair) for pair in zip(wrong["gold"], wrong["label"], strict=True))
    return [set(pair) for pair, _ in found.most_common()]


def people(labels: pd.DataFrame, gold: dict[str, str], least: int = 20) -> pd.DataFrame:
    """Per person with enough labels: agreement with the others and accuracy on gold."""
    size = labels.groupby("item")["label"].transform("size")
    same = labels.groupby(["item", "label"])["annotator"].transform("size")
    marked = labels.assign(
        with_others=((same - 1) / (size - 1)).where(size > 1),
        right=(labels["label"] == labels["item"].map(gold)).where(labels["item"].isin(gold)),
        name=labels["annotator"].map(pseudonyms(labels)),
    )
    table = marked.groupby("name").agg(
        labels=("label", "size"),
        with_others=("with_others", "mean"),
        right=("right", "mean"),
        gold=("right", "count"),
    )
    return table[table["labels"] >= least]


@pytest.mark.parametrize(("floor", "evidence", "code"), [("0.60", 20, 0), ("0.85", 20, 1), ("0.60", 100, 3)])
def test_the_exit_code_is_the_verdict_of_the_contract(
    floor: str, evidence: int, code: int, tmp_path: Path
) -> None:
    (tmp_path / "contract.yaml").write_text(
        "assay: contract/1\nid: birds\nlabels: choice\n"
        f"measurement: {{evidence: {{minimum_positives: {evidence}}}}}\n"
        f'acceptance:\n  - {{id: classes, metric: gold_f1, scope: every class, floor: "{floor}", redo: class}}\n',
        encoding="utf-8",
    )
    arguments = [*SETS["bluebirds"].write(tmp_path), "--contract", "contract.yaml"]
    assert judge(arguments, tmp_path).returncode == code


@pytest.mark.parametrize("name", SETS)
def test_no_report_of_a_public_data_set_shows_an_id_of_a_person(name: str, report_of: ReportOf) -> None:
    if name in ("bluebirds", "fact_eval", "crowdspeech"):
        return  # their people are numbered, and numbers are everywhere
    raw = set(by_hand(name)[0]["annotator"])
    told = str([report_of(name)[part] for part in ("people", "suspicions", "clusters", "findings")])
    assert not [one for one in raw if f"'{one}'" in told or f"{one} " in told]


@pytest.mark.parametrize("rule", ["first", "last"])
def test_adult_content_is_confused_between_neighbours_on_the_scale(rule: str, report_of: ReportOf) -> None:
    document, (labels, gold) = report_of(f"adultcontent2 {rule}"), by_hand(f"adultcontent2 {rule}")
    by_gold = confused(labels, gold)[:3]
    assert {frozenset(p) for p in by_gold} == {frozenset(p) for p in ({"G", "P"}, {"P", "R"}, {"R", "X"})}
    assert {frozenset(p) for p in pairs(document)} == {frozenset(p) for p in by_gold}
    findings = {f["kind"]: f for f in document["findings"]}
    assert findings["duplicate_rows"]["evidence"]["rows"] == 2_772
    assert findings["duplicate_answers"]["evidence"]["pairs"] == 149
    assert findings["gold_outside_batch"]["evidence"]["items"] == 1_184


def test_adult_content_has_spammers_and_people_who_always_answer_g(report_of: ReportOf) -> None:
    document, (labels, gold) = report_of("adultcontent2 first"), by_hand("adultcontent2 first")
    table = people(labels, gold)
    worst = table.sort_values("with_others").index[:8]
    assert set(worst) <= set(suspected(document, "worse_than_others"))
    scored = table[table["gold"] >= 20].sort_values("right")
    assert suspected(document, "worse_on_gold") == list(scored.index[:2])
    share = labels.groupby("annotator")["label"].agg(lambda votes: votes.value_counts(normalize=True).iloc[0])
    names = pseudonyms(labels)
    busy = [
        names[raw]
        for raw, most in share.items()
        if most > 0.98 and (labels["annotator"] == raw).sum() > 1_000
    ]
    assert len(busy) == 5
    assert set(busy) <= set(suspected(document, "near_constant"))
    assert "copy_of_person" not in kinds(document)


def test_bluebirds_are_missed_and_nobody_is_called_a_copy(report_of: ReportOf) -> None:
    document, (labels, gold) = report_of("bluebirds"), by_hand("bluebirds")
    assert document["gold"]["confusion"] == {
        "classes": ["false", "true"],
        "matrix": [[55, 5], [21, 27]],
        "undecided": [0, 0],
    }
    assert kinds(document) == {"worse_than_others", "worse_on_gold"}
    table = people(labels, gold)
    assert list(table.sort_values("with_others").index[:4]) == suspected(document, "worse_than_others")[:4]
    assert set(table.sort_values("right").index[:3]) <= set(suspected(document, "worse_on_gold"))
    assert set(suspected(document, "worse_than_others")).isdisjoint(table.index[table["right"] > 0.6])
    assert document["clusters"] == []  # with two classes every disagreement is between the same two


def test_entailment_is_spoilt_by_its_busiest_annotators(report_of: ReportOf) -> None:
    document, (labels, gold) = report_of("snow_rte"), by_hand("snow_rte")
    table = people(labels, gold, least=100).sort_values("right")
    assert set(suspected(document, "worse_on_gold")) == set(table.index[:5])
    assert set(suspected(document, "worse_than_others")) == {
        "annotator-01",
        "annotator-02",
        "annotator-04",
    }
    assert document["gold"]["undecided"] == 65
    assert "copy_of_person" not in kinds(document)


def test_music_has_three_random_annotators_and_three_confusions(report_of: ReportOf) -> None:
    document, (labels, gold) = report_of("music_genre"), by_hand("music_genre")
    random = set(people(labels, gold, least=100).query("right < 0.3").index)
    assert len(random) == 3
    assert set(suspected(document, "worse_than_others")) == random
    assert set(suspected(document, "worse_on_gold")) == random
    good = labels[~labels["annotator"].map(pseudonyms(labels)).isin(random)]
    assert pairs(document)[:1] == confused(good, gold)[:1] == [{"6", "9"}]
    assert {frozenset(p) for p in pairs(document)[:3]} == {
        frozenset(p) for p in ({"6", "9"}, {"4", "6"}, {"1", "7"})
    }
    assert document["gold"]["undecided"] == 188


def test_facts_hide_a_class_that_nobody_recognises(report_of: ReportOf) -> None:
    document, (labels, gold) = report_of("fact_eval"), by_hand("fact_eval")
    assert pairs(document)[0] == {"0", "2"}
    marked = labels[labels["item"].map(gold) == "2"]
    assert marked["label"].value_counts(normalize=True)["0"] > 0.85
    assert document["gold"]["confusion"]["matrix"][2] == [26, 0, 0]
    alpha = {c: f["krippendorff_alpha"]["value"] for c, f in document["agreement"]["by_class"].items()}
    assert alpha["2"] < 0.03 < 0.7 < document["agreement"]["overall"]["krippendorff_alpha"]["value"]


def test_facts_have_easy_gold_and_nobody_is_said_to_know_it(report_of: ReportOf) -> None:
    document, (labels, gold) = report_of("fact_eval"), by_hand("fact_eval")
    size = labels.groupby("item")["label"].transform("size")
    same = labels.groupby(["item", "label"])["annotator"].transform("size")
    share = (same - 1) / (size - 1)
    on_gold = labels["item"].isin(gold)
    assert share[on_gold].mean() > share[~on_gold].mean() + 0.05
    assert kinds(document) == {"worse_than_others"}
    worst = people(labels, gold, least=500).sort_values("with_others").index[:5]
    assert set(worst) <= set(suspected(document, "worse_than_others"))


def distances(labels: pd.DataFrame) -> dict[str, float]:
    """Per person, how far the ratings lie from the others' of the same items, beyond what these lie apart."""
    names, found = pseudonyms(labels), {}
    by_item = {
        item: dict(zip(votes["annotator"], votes["label"].map(float), strict=True))
        for item, votes in labels.groupby("item")
    }
    for raw, votes in labels.groupby("annotator"):
        beyond = []
        for item in votes["item"]:
            others = [value for who, value in by_item[item].items() if who != raw]
            own = mean(abs(value - by_item[item][raw]) for value in others)
            rest = mean(abs(a - b) for n, a in enumerate(others) for b in others[n + 1 :])
            beyond.append(own - rest)
        found[names[raw]] = mean(beyond)
    return found


def mean(values: Iterable[float]) -> float:
    """The mean of some numbers."""
    listed = list(values)
    return sum(listed) / len(listed)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_a_person_suspected_of_far_ratings_is_among_the_farthest(emotion: str, report_of: ReportOf) -> None:
    labels, _ = by_hand(f"snow_affect {emotion}")
    far = distances(labels)
    for name in suspected(report_of(f"snow_affect {emotion}"), "worse_than_others"):
        assert far[name] in sorted(far.values())[-5:]
    assert "copy_of_person" not in kinds(report_of(f"snow_affect {emotion}"))


def test_the_person_who_finds_everything_surprising_is_named_with_the_direction(report_of: ReportOf) -> None:
    document, (labels, _) = report_of("snow_affect surprise"), by_hand("snow_affect surprise")
    far = distances(labels)
    worst = max(far, key=lambda name: far[name])
    assert suspected(document, "worse_than_others") == [worst]
    (said,) = (s for s in document["suspicions"] if s["kind"] == "worse_than_others")
    assert said["evidence"]["lean"] > 60
    assert "65.9 higher" in said["text"]


def test_people_who_rate_everything_zero_are_near_constant(report_of: ReportOf) -> None:
    document, (labels, _) = report_of("snow_affect valence"), by_hand("snow_affect valence")
    zero = labels.assign(zero=labels["label"].map(float) == 0).groupby("annotator")["zero"].mean()
    names = pseudonyms(labels)
    assert set(suspected(document, "near_constant")) == {names[raw] for raw in zero.index[zero >= 0.95]}


def test_transcripts_differ_in_a_spelling_first(report_of: ReportOf) -> None:
    document = report_of("crowdspeech")
    assert pairs(document)[:2] == [{"mister", "mr"}, {"missus", "mrs"}]
    assert document["clusters"][0]["count"] == 215


def test_translations_are_compared_with_a_reference_cut_into_tokens(report_of: ReportOf) -> None:
    document = report_of("crowdwsa2019")
    assert pairs(document)[0] == {"don", "dont"}
    assert document["gold"]["overall"]["accuracy"]["value"] < 0.05
