"""What a vendor receives about located labels: no gold item, no text of gold, nothing over fewer than five gold items."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.judge.flow import judge_request
from assay.judge.request import Request
from assay.judge.saving import save
from assay.report.audience import for_audience

Json = Mapping[str, Any]
CONTRACT = """assay: contract/1
id: spans-2026
labels: spans
measurement: {match: {overlap: iou, threshold: 0.5}}
acceptance:
  - {id: gold, metric: gold_f1, scope: overall, floor: 0.99}
  - {id: classes, metric: gold_f1, scope: every class, floor: 0.95, redo: class}
  - {id: people, metric: gold_f1, scope: every annotator, floor: 0.95, redo: annotator}
"""
_LABELS = ("place", "person", "date")
_SECRET = "Zanzibar"
Span = tuple[int, int, str]


def texts(draw: random.Random, items: int) -> list[tuple[str, list[Span]]]:
    """Texts with their spans; a third of them hold a word that people never mark."""
    out = []
    for number in range(items):
        body, spans = f"text {number}:", []
        words = [draw.choice(["Hanoi", "Ada", "Monday"]) for _ in range(draw.randint(1, 4))]
        for word in [*words, *([_SECRET] if draw.random() < 0.35 else [])]:
            label = draw.choices(_LABELS, (60, 30, 2))[0]
            spans.append((len(body) + 1, len(body) + 1 + len(word), label))
            body += f" {word}"
        out.append((body, spans))
    return out


def written(path: Path, rows: Sequence[tuple[int, str, Sequence[Span]]]) -> Path:
    """Spans as JSON lines."""
    lines = [json.dumps({"id": f"i{n:03}", "text": body, "label": spans}) for n, body, spans in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def delivered(draw: random.Random, folder: Path) -> tuple[Request, set[str]]:
    """A delivery of three people who leave out the secret word, with gold on some of the texts."""
    every = texts(draw, 60)
    chosen = sorted(draw.sample(range(60), draw.randint(8, 40)))
    people = []
    home = folder / "delivery"
    home.mkdir()
    for name, careless in (("a", 0.05), ("b", 0.1), ("c", 0.4)):
        rows = []
        for n, (body, spans) in enumerate(every):
            if draw.random() < 0.15:
                continue
            seen = [s for s in spans if body[s[0] : s[1]] != _SECRET and draw.random() >= careless]
            rows.append((n, body, seen))
        written(home / f"{name}.jsonl", rows)
        people.append(f"{{path: {name}.jsonl, annotator: {name}}}")
    (home / "delivery.yaml").write_text(
        f"assay: delivery/1\nfiles: [{', '.join(people)}]\n", encoding="utf-8"
    )
    gold = written(folder / "gold.jsonl", [(n, every[n][0], every[n][1]) for n in chosen])
    contract = folder / "contract.yaml"
    contract.write_text(CONTRACT, encoding="utf-8")
    return Request([home], gold=gold, contract=contract, stage=folder), {f"i{n:03}" for n in chosen}


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6))
@example(0)
def test_a_vendor_receives_no_gold(seed: int) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        request, gold = delivered(random.Random(seed), folder)
        judgement = judge_request(request)
        out = folder / "vendor"
        out.mkdir()
        save(judgement, out, audience="vendor")
        files = {one.name: one.read_text(encoding="utf-8") for one in out.iterdir()}
        listed = {row.split(",")[0] for row in files.get("rework.csv", "").splitlines()[1:]}
    buyer: Any = judgement.document
    seen = json.loads(files["report.json"])
    if seed == 0:
        assert _quotes(buyer["clusters"])
    for name in ("report.json", "report.html", "counts.json"):
        named = {item for item in gold if f'"{item}"' in files[name] or f">{item}<" in files[name]}
        assert not named, name
    told = ("clusters", "suspicions", "findings", "rework", "verdict", "people", "gold")
    assert not [key for key in told if _quotes(seen[key])]
    assert all(not cluster["items"] for cluster in seen["clusters"] if _of_gold(buyer))
    assert all(cluster["on_items"] >= 5 for cluster in seen["clusters"])
    assert not listed or not listed <= gold
    for group in ("by_class", "by_annotator"):
        assert all(one["gold_items"] >= 5 for one in seen["gold"][group].values())
    counts = json.loads(files["counts.json"])["located"]["gold"]
    assert all(one is None or one["items"] >= 5 for one in counts["by_annotator"].values())
    holding = {name: one["gold_items"] for name, one in buyer["gold"]["by_class"].items()}
    assert all(one is None or holding[name] >= 5 for name, one in counts["by_class"].items())
    own: Any = for_audience(buyer, "annotator", annotator="annotator-03")
    assert not [key for key in told if _quotes(own.get(key))]
    assert not [item for item in own["drawn"] if item["item"] in gold]
    total = buyer["clusters_rest"]
    if total and seen["clusters_rest"]:
        told = sum(cluster["count"] for cluster in seen["clusters"])
        assert told + seen["clusters_rest"]["count"] == total["of"]


def _of_gold(document: Json) -> bool:
    return any(item["gold"] for cluster in document["clusters"] for item in cluster["items"])


def _quotes(part: object) -> bool:
    return _SECRET.casefold() in json.dumps(part).casefold()


def cluster(**given_: Any) -> dict[str, Any]:
    """A cluster against gold as a report holds it."""
    return {
        "id": "c1", "kind": "missed", "values": ["place", "(nothing)"], "slice": None, "annotators": None, "count": 30,
        "on_items": 20, "share": 0.3, "low": 0.2, "high": 0.4, "lift": 3.0, "expected": 10.0, "excess": 20.0,
        "items": [{"item": "i001", "text": "body", "link": None, "answers": [], "gold": "place"}],
        "text": "Misses “place”: 30 of 60 (50%), 3.0 times as often as elsewhere; 30.0% of all errors.", **given_,
    }  # fmt: skip


def document_of(*clusters: Json) -> dict[str, Any]:
    return {
        "schema": "assay-report/1", "batch": {"kind": "spans", "classes": ["place", "date"]}, "verdict": None,
        "gold": {
            "items": 50, "scored": 50, "overall": {"support": 90, "gold_items": 50},
            "by_class": {
                "place": {"support": 80, "gold_items": 45}, "date": {"support": 2, "gold_items": 2},
            },
            "by_annotator": {}, "by_slice": {},
        },
        "clusters": list(clusters), "clusters_rest": {"count": 10, "share": 0.1, "of": 100}, "located": {"kind": "spans"},
        "drawn": [], "findings": [], "suspicions": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    "closed",
    [
        {"on_items": 4},
        {"values": ["date", "(nothing)"]},
        {"slice": {"text": "zanzibar"}},
        {"slice": {"object text": "zanzibar"}},
        {
            "kind": "ends",
            "text": "For “place”, the end is put before the word “zanzibar”: 30 of 60 (50%), 3.0 times.",
        },
    ],
)
def test_a_cluster_that_would_tell_of_gold_counts_with_the_rest(closed: dict[str, object]) -> None:
    seen: Any = for_audience(document_of(cluster(**closed)), "vendor")
    assert seen["clusters"] == []
    assert seen["clusters_rest"] == {"count": 40, "share": 0.4, "of": 100}


def test_a_cluster_over_enough_gold_stays_without_its_items_and_texts() -> None:
    said = cluster()["text"]
    told = cluster(annotators=["p"], text=f"{said[:-1]}; 28 of them are “zanzibar”.")
    document = document_of(told)
    document["gold"]["by_class"].pop("date")
    seen: Any = for_audience(document, "vendor")
    assert seen["clusters"] == [{**told, "items": [], "text": said}]
