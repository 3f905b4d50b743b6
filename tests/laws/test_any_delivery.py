"""Whatever is delivered, there is a whole report that fits its schema, or a refusal; nothing in between."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.judge.saving import audience_document, save
from assay.terms.contract import Contract
from assay.terms.templates import load_template
from tests.judge.judging import Home, by_hand, contract_of, table
from tests.paths import ROOT

SCHEMA = json.loads((ROOT / "docs" / "reference" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
LABELS = {
    "choice": ("a", "b", "c", "no"),
    "rating": ("1", "2", "4.5", "10", "n/a"),
    "multi": ("a", "b", "a|b", "c", ""),
    "text": ("one two", "one", "two  one", "One, two!", "three"),
}
LAYERS = ("first_pass", "first_pass", "first_pass", "self_check", "review", "final", "prelabel")
FEW = "interval: {unit: item, replicates: 200}"


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[str, dict[str, str | Contract | None]]:
    """The files of a small delivery, more or less consistent."""
    kind = draw(st.sampled_from(sorted(LABELS)))
    items = [f"{draw(st.sampled_from(['', 'i']))}{n}" for n in range(draw(st.integers(1, 12)))]
    labels = st.sampled_from(LABELS[kind])
    layers = st.sampled_from(LAYERS if draw(st.booleans()) else ("first_pass",))
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(items), st.sampled_from(["p", "q", "r", "model:m"]), labels, layers),
            min_size=1, max_size=40, unique_by=lambda row: (row[0], row[1], row[3]),
        )
    )  # fmt: skip
    skips = draw(st.sets(st.integers(0, 39), max_size=3))
    written = [
        (*row[:3], row[3], "skipped" if n in skips else "annotated_empty" if row[2] == "" else "annotated")
        for n, row in enumerate(rows)
    ]
    written = [
        (item, who, "" if state == "skipped" else label, layer, state)
        for item, who, label, layer, state in written
    ]
    files: dict[str, str | Contract | None] = {"labels": table("item,annotator,label,layer,state", written)}
    files["delivery"] = f"labels: {kind}\n"
    files["delivery"] += (
        "columns: {item: item, annotator: annotator, label: label, layer: layer, state: state}\n"
    )
    files["delivery"] += 'separator: "|"\n' if kind == "multi" else ""
    files["delivery"] += draw(st.sampled_from(["", "final: each vote\n", "final: {annotator: p}\n"]))
    answers = draw(st.dictionaries(st.sampled_from([*items, "elsewhere"]), labels, max_size=12))
    files["gold"] = table("item,label", answers.items()) if answers else None
    listed = draw(st.lists(st.sampled_from([*items, "other"]), unique=True, max_size=12))
    slices = [(item, draw(st.sampled_from("xy ")).strip(), draw(st.sampled_from("mn"))) for item in listed]
    columns = draw(st.sampled_from(["item,place,group", "item,place,stratum"]))
    files["items"] = table(columns, slices) if listed and draw(st.booleans()) else None
    files["contract"] = draw(contracts(kind))
    return kind, files


def contracts(kind: str) -> st.SearchStrategy[Contract | None]:
    """A template, or a contract that asks for everything that can be asked of the kind."""
    template = load_template(
        {"choice": "standard-choice", "rating": "standard-rating"}.get(kind, f"starter-{kind}")
    )
    level = "interval" if kind == "rating" else template.level
    few = replace(template.measurement, interval=replace(template.measurement.interval, replicates=200))
    options: list[Contract | None] = [None, replace(template, level=level, measurement=few)]
    if kind == "choice":
        options.append(
            contract_of(
                "id: a, metric: gold_kappa, scope: every class, floor: 0.5, redo: batch",
                "id: b, metric: gold_recall, scope: every slice, floor: 0.9",
                "id: c, metric: krippendorff_alpha, scope: overall, floor: 0.7, rule: shown",
                "id: d, metric: critical_error_rate, scope: overall, ceiling: 0.1, reject_above: 0.6",
                "id: e, metric: gold_accuracy, scope: every annotator, floor: 0.8",
                measurement=f"{FEW}\n  sample: {{share: 10%, by: buyer, annotators_per_item: 2}}\n"
                "  evidence: {minimum_positives: 3}",
                more="errors: {wrong_class: critical, undecided: minor}",
            )
        )
    return st.sampled_from(options)


def judge_all(home: Home, out: Path) -> None:
    """Judge and write for every audience; whatever is wrong must be an InputError."""
    out.mkdir()
    judgement = home.judge(stage=out)
    for audience in ("buyer", "vendor", "annotator"):
        people = judgement.document["people"]
        name = people[0]["id"] if audience == "annotator" and people else None  # type: ignore[index]  # a list
        if audience == "annotator" and name is None:
            continue
        document = json.loads(json.dumps(audience_document(judgement, audience, name)))  # type: ignore[arg-type]  # one of three
        faults = [
            f"{'/'.join(map(str, f.absolute_path))}: {f.message}" for f in VALIDATOR.iter_errors(document)
        ]
        assert faults == []
        save(judgement, out, audience=audience, annotator=name)  # type: ignore[arg-type]  # one of three
    rework = judgement.document["rework"]
    assert rework["items"] + rework["stand"] == rework["of"]  # type: ignore[index]  # a section
    if rework["items"]:  # type: ignore[index]  # a section
        rows = (out / "rework.csv").read_text().splitlines()[1:]
        assert len({row.split(",")[0] for row in rows}) == len(rows) == rework["items"]  # type: ignore[index]  # a section


def check(given_files: dict[str, str | Contract | None]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        labels = given_files.pop("labels")
        home = by_hand(folder / "in", str(labels), **given_files)  # type: ignore[arg-type]  # texts and a contract
        with suppress(InputError):
            judge_all(home, folder / "out")
    finally:
        shutil.rmtree(folder)


@settings(max_examples=40)
@given(deliveries())
def test_there_is_a_report_or_a_refusal(delivery: tuple[str, dict[str, str | Contract | None]]) -> None:
    check(dict(delivery[1]))


@pytest.mark.soak
@settings(max_examples=1_500)
@given(deliveries())
def test_there_is_a_report_or_a_refusal_over_many(
    delivery: tuple[str, dict[str, str | Contract | None]],
) -> None:
    check(dict(delivery[1]))
