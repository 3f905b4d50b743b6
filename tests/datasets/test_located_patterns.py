"""What a careful person finds first in public data sets of boxes, spans and masks, and that Assay says it.

The hand-made side is a count over the files, read with the standard library.
"""

from __future__ import annotations

import ast
import csv
import gzip
import html
import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assay.annotation.strict_json import load_json
from tests.paths import needs_shared

from .public import FOLDER, judge

pytestmark = needs_shared

Document = dict[str, Any]  # report.json, whose parts the tests name
Judged = Callable[[str], Document]
Box = tuple[float, float, float, float]

CROWD, TWEETS, PICO = (FOLDER / name for name in ("crowd_boxes", "btc_section_e", "pico_participants"))
JOBS = {"LOC": "job_629602.loc", "PER": "job_630015.per", "ORG": "job_633475.org"}


def crowd_boxes(into: Path) -> str:
    """Boxes of many people with gold, as published."""
    del into
    return (
        "labels: boxes\nfiles:\n"
        f"  - {{path: {CROWD / 'boundingbox_data.csv'}, profile: corner-pairs, "
        "columns: {item: item, annotator: uid, label: annotation}}\n"
        f"  - {{path: {CROWD / 'boundingbox_gold.json'}, layer: gold}}\n"
    )


def bubil(into: Path) -> str:
    """Masks of five experts with two tools each."""
    shutil.copy(FOLDER / "bubil_masks_3" / "masks.zip", into)
    masks = "  - {path: masks.zip, format: masks, profile: black class=cell "
    return f"labels: masks\nfiles:\n{masks}ExpertsAnnotations/Person*}}\n{masks}GoldStandard, layer: gold}}\n"


def pico(into: Path) -> str:
    """Spans of the crowd, with one professional's as gold."""
    del into
    return (
        f"labels: spans\nfiles:\n  - {{path: {PICO / 'PICO-annos-crowdsourcing.jsonl'}}}\n"
        f"  - {{path: {PICO / 'PICO-annos-professional.jsonl'}, layer: gold}}\n"
    )


def tweets(label: str) -> Callable[[Path], str]:
    """One job, which asks for one class, beside gold's spans of that class laid over the texts of the job."""

    def write(into: Path) -> str:
        lines = [
            json.dumps({"id": item, "text": text, "label": spans}) for item, text, spans in gold_tweets(label)
        ]
        (into / "gold.jsonl").write_text("\n".join(lines), encoding="utf-8")
        return (
            f"labels: spans\nfiles:\n  - {{path: {TWEETS / JOBS[label]}.json.gz}}\n"
            "  - {path: gold.jsonl, layer: gold}\n"
        )

    return write


SETS: Mapping[str, Callable[[Path], str]] = {
    "crowd_boxes": crowd_boxes,
    "bubil_masks_3": bubil,
    "pico_participants": pico,
    **{f"btc_section_e {label}": tweets(label) for label in JOBS},
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The report of a data set, judged once without a contract: exit code 0 and nothing on stderr."""

    @cache
    def report(name: str) -> Document:
        folder = tmp_path_factory.mktemp("located")
        text = "assay: delivery/1\n" + SETS[name](folder)
        (folder / "delivery.yaml").write_text(text, encoding="utf-8")
        done = judge(["delivery.yaml"], folder)
        assert (done.returncode, done.stderr) == (0, "")
        document = load_json(folder / "report" / "report.json")
        assert isinstance(document, dict)
        return document

    return report


def gold_tweets(label: str) -> Iterator[tuple[str, str, list[tuple[int, int, str]]]]:
    """Item, text and gold spans of the units of a job whose text gold holds too; both are compared without blanks."""
    gold = dict(_gold_by_text(label))
    for unit in units(label):
        text = " ".join(unit["tokens"])
        ends = [match.span() for match in re.finditer(r"&(?:#\d+|\w+);|\S", text)]
        flat = "".join(html.unescape(text[a:b]) for a, b in ends)
        if flat in gold and len(flat) == len(ends):
            yield unit["documentId"], text, [(ends[a][0], ends[b - 1][1], label) for a, b in gold[flat]]


def _gold_by_text(label: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    for block in (TWEETS / "e.conll").read_text(encoding="utf-8").split("\n\n"):
        flat, spans = "", list[tuple[int, int]]()
        for line in filter(None, block.split("\n")):
            word, _, tag = line.partition("\t")
            start, flat = len(flat), flat + re.sub(r"\s", "", html.unescape(word))
            if tag == f"B-{label}":
                spans.append((start, len(flat)))
            elif tag == f"I-{label}":
                spans[-1] = spans[-1][0], len(flat)
        yield flat, spans


def units(label: str) -> Iterator[Document]:
    """The units of a job: tokens, item, and the tokens that each person marked."""
    with gzip.open(f"{TWEETS / JOBS[label]}.json.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            unit = json.loads(line)
            answers = [str(one["data"].get("answer", "")) for one in unit["results"]["judgments"]]
            marked = [{int(number) for number in re.findall(r"\d+", answer)} for answer in answers]
            yield {**unit["data"], "marked": marked}


def overlap(one: Box, other: Box) -> float:
    """IoU of two boxes given by their corners."""
    w = min(one[2], other[2]) - max(one[0], other[0])
    h = min(one[3], other[3]) - max(one[1], other[1])
    common = max(w, 0) * max(h, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return common / (sum(areas) - common) if common else 0.0


def boxes_by_hand() -> Iterator[tuple[str, Box, float]]:
    """Every gold box with every person of its image: the person and the best overlap of one of their boxes."""

    def corners(pairs: list[Any]) -> list[Box]:
        return [(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])) for a, b in pairs]

    texts = json.loads((CROWD / "boundingbox_gold.json").read_text(encoding="utf-8"))
    gold = {item: corners([ast.literal_eval(one) for one in some]) for item, some in texts.items()}
    with (CROWD / "boundingbox_data.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            drawn = corners(ast.literal_eval(row["annotation"]))
            for box in gold[row["item"]]:
                yield row["uid"], box, max((overlap(box, one) for one in drawn), default=0.0)


def suspected(document: Document, kind: str) -> list[str]:
    """Whom suspicions of a kind are about, in order."""
    return [one["subject"] for one in document["suspicions"] if one["kind"] == kind]


def test_boxes_are_missed_before_they_are_loose(judged: Judged) -> None:
    best = [amount for *_, amount in boxes_by_hand()]
    missed, loose = sum(a < 0.1 for a in best), sum(0.1 <= a < 0.5 for a in best)
    assert missed > 2 * loose
    clusters = judged("crowd_boxes")["clusters"]
    kinds = [one["kind"] for one in clusters]
    assert kinds[:3] == ["missed"] * 3
    assert "loose" in kinds
    assert sum(c["count"] for c in clusters if c["kind"] == "missed") > 5 * sum(
        c["count"] for c in clusters if c["kind"] == "loose"
    )


def test_small_boxes_are_missed_more_often(judged: Judged) -> None:
    rows = [(max(box[2] - box[0], box[3] - box[1]) < 70, amount) for _, box, amount in boxes_by_hand()]
    small, large = ([amount < 0.1 for is_small, amount in rows if is_small is side] for side in (True, False))
    assert sum(small) / len(small) > 1.8 * sum(large) / len(large)
    sized = [
        one for one in judged("crowd_boxes")["clusters"] if one["slice"] == {"size": "smaller than 70 px"}
    ]
    found = sized[0]
    assert found["kind"] == "missed"
    assert found["count"] == pytest.approx(sum(small), rel=0.15)


def test_the_two_who_find_least_are_suspected(judged: Judged) -> None:
    found: dict[str, list[bool]] = {}
    for person, _, amount in boxes_by_hand():
        found.setdefault(person, []).append(amount >= 0.5)
    busy = {person: sum(hits) / len(hits) for person, hits in found.items() if len(hits) >= 100}
    assert sorted(busy.values())[:2] == pytest.approx([0.07, 0.14], abs=0.01)
    document = judged("crowd_boxes")
    shares = {row["id"]: row["gold"]["value"] for row in document["people"]}
    worst = sorted((name for name in suspected(document, "worse_on_gold")), key=lambda name: shares[name])
    assert suspected(document, "worse_than_others") == suspected(document, "worse_on_gold")[:2]
    assert set(worst[:2]) == set(suspected(document, "worse_than_others"))


def test_the_expert_who_is_gold_is_found_and_nobody_else(judged: Judged) -> None:
    document = judged("bubil_masks_3")
    experts = sorted(f"Person{number}_{tool}" for number in range(1, 6) for tool in ("Amira", "ImageJ"))
    named = f"annotator-{experts.index('Person2_ImageJ') + 1:02d}"
    assert [(one["kind"], one["subject"]) for one in document["suspicions"]] == [("copy_of_gold", named)]


def pico_by_hand() -> Iterator[tuple[int, int, int]]:
    """Length of a gold span, and how far start and end of the crowd's span that overlaps it most are off."""
    gold, crowd = (
        {
            row["docid"]: row["Participants"]
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        }
        for path in (PICO / "PICO-annos-professional.jsonl", PICO / "PICO-annos-crowdsourcing.jsonl")
    )
    for item, answers in crowd.items():
        for a, b in (span for spans in gold.get(item, {}).values() for span in spans):
            for spans in answers.values():
                common = [(min(b, d) - max(a, c), c - a, d - b) for c, d in spans]
                size, start, end = max(common, default=(0, 0, 0))
                if size > 0:
                    yield b - a, start, end


def test_people_differ_in_where_participants_end(judged: Judged) -> None:
    rows = list(pico_by_hand())
    assert sum(start == end == 0 for _, start, end in rows) < 0.65 * len(rows)
    long, short = ([end < -3 for size, _, end in rows if (size >= 100) is side] for side in (True, False))
    assert sum(long) / len(long) > 3 * sum(short) / len(short)
    clusters = judged("pico_participants")["clusters"]
    ends = [one for one in clusters if one["kind"] == "ends"]
    assert clusters.index(ends[0]) < 4
    assert ends[0]["text"].startswith(
        "For spans of 100 to 199 characters, the end is put more than 3 characters too early: "
    )


def test_places_are_marked_without_their_number_sign(judged: Judged) -> None:
    hashed = Counter[bool]()
    items = {item: (text, spans) for item, text, spans in gold_tweets("LOC")}
    for unit in units("LOC"):
        text, spans = items.get(unit["documentId"], ("", []))
        starts = [len(" ".join(unit["tokens"][:n])) + (n > 0) for n in range(len(unit["tokens"]))]
        for start, end, _ in spans:
            if text[start:end].startswith("# ") and start in starts:
                first = starts.index(start)
                hashed.update(first in marked for marked in unit["marked"] if first + 1 in marked)
    assert hashed[False] > 20 * hashed[True]
    first = judged("btc_section_e LOC")["clusters"][0]
    assert first["text"].startswith("For spans beginning with #, the start is put after the #: ")
    assert first["count"] == pytest.approx(hashed[False], rel=0.1)


def test_user_mentions_are_the_gap_of_people(judged: Judged) -> None:
    signs = sum(text[a:b] == "@" for _, text, spans in gold_tweets("PER") for a, b, _ in spans)
    assert signs == 10
    document = judged("btc_section_e PER")
    first = document["clusters"][0]
    assert (first["kind"], first["slice"]) == ("missed", {"text": "@"})
    assert first["text"].startswith("Misses spans with the text “@”: 48 of 50 (96%), ")


def test_one_person_takes_the_flight_for_an_organisation(judged: Judged) -> None:
    flight = Counter[bool]()
    for unit in units("ORG"):
        tokens = [token.casefold() for token in unit["tokens"]]
        for n, pair in enumerate(itertools.pairwise(tokens)):
            if pair == ("mh", "17"):
                flight.update(n in marked for marked in unit["marked"])
    assert flight[False] > 3 * flight[True] > 300
    document = judged("btc_section_e ORG")
    first = document["clusters"][0]
    assert first["kind"] == "extra"
    (person,) = first["annotators"]
    assert first["text"].endswith(" of them are “MH 17”.")
    assert suspected(document, "worse_on_gold")[0] == person
