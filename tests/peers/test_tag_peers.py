"""Strict reading of tags beside seqeval in its strict mode."""

from __future__ import annotations

import random

import pytest

from assay.formats.tag_schemes import Scheme, TagSpan, spans_of, tags_of
from assay.measure.tag_spans import TagScheme, tagged_f1

seqeval = pytest.importorskip("seqeval.scheme", reason="seqeval is not installed")
metrics = pytest.importorskip("seqeval.metrics", reason="seqeval is not installed")

PREFIXES = {"iob2": "BI", "bioes": "BIES", "bilou": "BILU"}
NAMES = {"iob2": "IOB2", "bioes": "IOBES", "bilou": "BILOU"}


@pytest.mark.parametrize("scheme", ["iob2", "bioes", "bilou"])
def test_spans_are_those_of_strict_scoring(scheme: Scheme) -> None:
    rng = random.Random(scheme)
    prefixes = PREFIXES[scheme]
    for _ in range(2_000):
        tags = [
            rng.choice(["O", *(f"{one}-{label}" for one in prefixes for label in "XY")])
            for _ in range(rng.randint(1, 9))
        ]
        found = seqeval.Entities([tags], scheme=getattr(seqeval, NAMES[scheme])).entities[0]
        theirs = sorted((one.tag, one.start, one.end - 1) for one in found)
        assert sorted(map(tuple, spans_of(tags, scheme)[0])) == theirs, tags


def sound_tags(rng: random.Random, scheme: Scheme) -> list[str]:
    """Tags of spans that a person might have marked."""
    spans, at = [], rng.randint(0, 2)
    for _ in range(rng.randint(0, 4)):
        last = at + rng.randint(0, 2)
        spans.append(TagSpan(rng.choice("XY"), at, last))
        at = last + 1 + rng.choice((0, 0, 1, 2))
    return tags_of(spans, at + rng.randint(0, 2), scheme)


def test_spans_of_iob1_are_those_of_strict_scoring_where_the_tags_are_sound() -> None:
    rng = random.Random("iob1")
    neighbours = 0
    for _ in range(2_000):
        tags = sound_tags(rng, "iob1")
        neighbours += any(tag.startswith("B-") for tag in tags)
        found = seqeval.Entities([tags], scheme=seqeval.IOB1).entities[0]
        theirs = sorted((one.tag, one.start, one.end - 1) for one in found)
        assert sorted(map(tuple, spans_of(tags, "iob1")[0])) == theirs, tags
    assert neighbours > 200


def test_a_legal_neighbour_counts_in_iob1_where_another_tag_is_broken() -> None:
    tags = ["I-Y", "B-Y", "B-X"]
    found = seqeval.Entities([tags], scheme=seqeval.IOB1).entities[0]
    assert [(one.tag, one.start, one.end - 1) for one in found] == [("Y", 0, 0)]  # the second Y is lost
    assert spans_of(tags, "iob1") == ([TagSpan("Y", 0, 0), TagSpan("Y", 1, 1)], [2])


def test_what_default_scoring_takes_for_a_perfect_match_is_none() -> None:
    gold, given = [["B-PER", "I-PER", "O", "B-LOC"]], [["I-PER", "I-PER", "O", "B-LOC"]]
    assert metrics.f1_score(gold, given) == 1.0
    assert tagged_f1(gold, given, "iob2") == pytest.approx(2 / 3)
    assert metrics.f1_score(gold, given, mode="strict", scheme=seqeval.IOB2) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("scheme", "name"), [*NAMES.items(), ("iob1", "IOB1")])
def test_f1_of_exact_spans_is_that_of_strict_scoring(scheme: TagScheme, name: str) -> None:
    rng = random.Random(scheme)
    gold = [sound_tags(rng, scheme) for _ in range(300)]
    given = [sound_tags(rng, scheme) if rng.random() < 0.3 else list(tags) for tags in gold]
    given = [(one + ["O"] * len(tags))[: len(tags)] for one, tags in zip(given, gold, strict=True)]
    if scheme in (
        "bioes",
        "bilou",
        "iob1",
    ):  # cut sequences are broken; strict readings of those are compared above
        given = [one if sound(one, scheme) else list(tags) for one, tags in zip(given, gold, strict=True)]
    theirs = metrics.f1_score(gold, given, mode="strict", scheme=getattr(seqeval, name))
    assert 0.5 < theirs < 1
    assert tagged_f1(gold, given, scheme) == pytest.approx(theirs, abs=1e-12)


def sound(tags: list[str], scheme: Scheme) -> bool:
    return not spans_of(tags, scheme)[1]
