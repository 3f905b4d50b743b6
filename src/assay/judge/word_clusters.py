"""Which words of gold are replaced, dropped or added, and by what, more often than chance would have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import Levenshtein

from assay.measure.clusters import evidence
from assay.measure.figure import rounded
from assay.measure.spread import wilson
from assay.measure.text import NormalForm

from .document import Json

MOST_CLUSTERS = 12
LEAST_CONFUSED = 3
EXEMPLARS = 3

Given = tuple[str, str, str]
Pair = tuple[str, str]


def word_clusters(
    answers: Iterable[Given], gold: Mapping[str, str], form: NormalForm
) -> tuple[list[Json], Json]:
    """Words that stand for a word of gold, and what falls in no cluster; ``answers`` are (item, annotator, text).

    The expectation is that wrong words fall on each other at random, so that a spelling or a convention that gold and
    annotators do not share comes before the words that are merely frequent.
    """
    found: Counter[Pair] = Counter()
    where: dict[Pair, list[Given]] = {}
    for answer in answers:
        wanted, given = form.apply(gold[answer[0]]).split(), form.apply(answer[2]).split()
        for pair in sorted(set(_replaced(wanted, given))):
            found[pair] += 1
            shown = where.setdefault(pair, [])
            if len(shown) < EXEMPLARS:
                shown.append(answer)
    total = sum(found.values())
    ranked = _ranked(found)
    out = [
        _cluster(n, pair, found[pair], expected, total, [_item(one, gold) for one in where[pair]])
        for n, (pair, expected) in enumerate(ranked, start=1)
    ]
    left = total - sum(found[pair] for pair, _ in ranked)
    return out, {"count": left, "share": rounded(left / total) if total else 0.0, "of": total}


def _ranked(found: Counter[Pair]) -> list[tuple[Pair, float]]:
    """The pairs that exceed expectation most, with what was expected of each."""
    wanted, given = Counter[str](), Counter[str]()
    for (left, right), count in found.items():
        wanted[left] += count
        given[right] += count
    total = max(sum(found.values()), 1)
    expected = {pair: wanted[pair[0]] * given[pair[1]] / total for pair in found}
    strength = {
        pair: evidence(count, expected[pair]) for pair, count in found.items() if count >= LEAST_CONFUSED
    }
    best = sorted(strength, key=lambda pair: (-strength[pair], pair))
    return [(pair, expected[pair]) for pair in best[:MOST_CLUSTERS] if strength[pair] > 0]


def _replaced(reference: Sequence[str], given: Sequence[str]) -> Iterable[Pair]:
    for op in Levenshtein.editops(reference, given):
        if op.tag == "replace":
            yield reference[op.src_pos], given[op.dest_pos]
        elif op.tag == "delete":
            yield reference[op.src_pos], ""
        else:
            yield "", given[op.dest_pos]


def _cluster(number: int, pair: Pair, count: int, expected: float, total: int, items: Sequence[Json]) -> Json:
    wanted, given = (f"“{word}”" if word else "nothing" for word in pair)
    low, high = wilson(count, total, 0.95)
    lift = count / expected
    return {
        "id": f"c{number}",
        "values": [pair[0] or "(nothing)", pair[1] or "(nothing)"],
        "slice": None,
        "annotators": None,
        "count": count,
        "share": rounded(count / total),
        "low": rounded(low),
        "high": rounded(high),
        "lift": rounded(lift),
        "expected": rounded(expected),
        "excess": rounded(count - expected),
        "text": (
            f"{given} where gold has {wanted}: {count:,} of {total:,} differing words, "
            f"{lift:,.1f} times what chance explains."
        ),
        "items": list(items),
    }


def _item(answer: Given, gold: Mapping[str, str]) -> Json:
    item, annotator, text = answer
    return {
        "item": item,
        "text": None,
        "link": item if item.startswith("https://") else None,
        "answers": [{"annotator": annotator, "value": text}],
        "gold": gold[item],
    }
