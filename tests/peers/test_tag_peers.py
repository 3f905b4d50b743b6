"""Strict reading of tags beside seqeval in its strict mode."""

from __future__ import annotations

import random

import pytest

from assay.formats.tag_schemes import Scheme, spans_of

seqeval = pytest.importorskip("seqeval.scheme", reason="seqeval is not installed")

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
