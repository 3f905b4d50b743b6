"""Suspicions about located labels in plain words: who errs more than others, and whose objects are not their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from assay.annotation.finding import Finding
from assay.measure.copies import copies
from assay.measure.figure import rounded
from assay.measure.located_errors import ErrorKind
from assay.measure.located_people import (
    answer_hashes,
    answer_pairs,
    answers_beside,
    pairs_beside,
    same_answers,
    worse_answers,
    worse_items,
)
from assay.measure.located_sameness import constant_answers, repeated
from assay.measure.suspicion import Suspect, Thresholds, never_wrong, worse_share
from assay.measure.units import Ints

from .located_batch import LocatedBatch, Outcomes

_EXACT = 1 - 1e-12
_BY_PLACE = frozenset({"boxes", "shapes", "masks", "keypoints"})
_MOST_PEOPLE = 400


def located_suspicions(
    batch: LocatedBatch,
    against: Outcomes | None,
    between: Outcomes | None,
    thresholds: Thresholds | None = None,
) -> list[Finding]:
    """Every suspicion of a batch as a finding; they ask for a look and decide nothing."""
    limits = thresholds or Thresholds()
    out: list[Finding] = []
    leaked: frozenset[int] = frozenset()
    if between is not None:
        out += _worse_than_others(batch, between, against, limits)
    if against is not None:
        against = against.take(
            (against.second < len(batch.annotators)) & ~np.isin(against.item, batch.absent)
        )
        out += _worse_on_gold(batch, against, limits)
        found = list(_copies_of_gold(batch, against, limits))
        leaked = frozenset(person for person, _ in found)
        out += [finding for _, finding in found]
    if between is not None:
        out += _hard_slices(batch, between, limits)
        out += _copies_of_people(batch, between, leaked, limits)
    out += _constant(batch, limits)
    return [*out, *_duplicates(batch, limits)]


def _worse_on_gold(batch: LocatedBatch, against: Outcomes, limits: Thresholds) -> Iterator[Finding]:
    """People who err more often than the others on the same gold items: of gold's objects and those beside them."""
    rows = _errors_once(against)
    wrong = (rows.kind != ErrorKind.RIGHT).astype(np.int64)
    answers = answers_beside(rows.item, rows.second, np.ones(len(rows), np.int64), wrong)
    for s in worse_answers(answers, limits):
        person = s.subject[0]
        name, objects = batch.annotators[person], int((rows.second == person).sum())
        how = _how(rows, person, of_fields=batch.kind == "fields")
        text = (
            f"{name} is right on {s.shown:.1%} of {objects:,} objects of gold items, the others on the same items on "
            f"{s.expected:.1%}{how}."
        )
        yield Finding("worse_on_gold", "major", name, text, _evidence(s))


def _errors_once(outcomes: Outcomes) -> Outcomes:
    """Each object of gold once, and each extra object."""
    kept = np.flatnonzero((outcomes.left >= 0) | (outcomes.kind == ErrorKind.EXTRA))
    rows = outcomes.take(kept)
    people = int(rows.second.max(initial=0)) + 1
    key = np.where(rows.left >= 0, rows.left * people + rows.second, -1 - np.arange(len(rows)))
    return rows.take(np.sort(np.unique(key, return_index=True)[1]))


def _how(rows: Outcomes, person: int, *, of_fields: bool) -> str:
    """The kind of error in which a person exceeds the others most, with both shares."""
    mine = rows.second == person
    of_gold = rows.left >= 0
    shares = []
    for kind, words, whole in (
        (ErrorKind.MISSED, "misses {} of gold’s objects", of_gold),
        (ErrorKind.EXTRA, "{} of the objects are extra", rows.right >= 0),
        (ErrorKind.WRONG_CLASS, "{} have another class", of_gold),
        (ErrorKind.LOOSE, "{} have a wrong value" if of_fields else "{} are loose", of_gold),
    ):
        own, rest = (
            float((rows.kind[side & whole] == kind).mean()) if (side & whole).any() else 0.0
            for side in (mine, ~mine)
        )
        shares.append((own - rest, f"{words.format(f'{own:.1%}')} (others {rest:.1%})"))
    gap, text = max(shares, key=lambda one: one[0])
    return f": {text}" if gap > 0 else ""


def _worse_than_others(
    batch: LocatedBatch, between: Outcomes, against: Outcomes | None, limits: Thresholds
) -> Iterator[Finding]:
    """People who agree less with the others than these with each other on the same items."""
    differ = (between.kind != ErrorKind.RIGHT).astype(np.int64)
    answers = pairs_beside(between.item, between.first, between.second, differ, len(batch.annotators))
    for s in worse_answers(answers, limits):
        person = s.subject[0]
        name = batch.annotators[person]
        text = (
            f"{name} agrees with the others on {s.shown:.1%} of objects, where the others agree with each other on "
            f"{s.expected:.1%} (over {s.observations:,} items).{_on_gold(against, person, limits)}"
        )
        yield Finding("worse_than_others", "major", name, text, _evidence(s))


def _on_gold(against: Outcomes | None, person: int, limits: Thresholds) -> str:
    """What gold says of someone who differs from the others: it may be the others who err."""
    if against is None:
        return ""
    rows = _errors_once(against)
    right, mine = rows.kind == ErrorKind.RIGHT, rows.second == person
    if mine.sum() < limits.least or (~mine).sum() < limits.least:
        return ""
    return (
        f" On gold: right on {right[mine].mean():.1%} of {int(mine.sum()):,} objects, "
        f"all others on {right[~mine].mean():.1%}."
    )


def _hard_slices(batch: LocatedBatch, between: Outcomes, limits: Thresholds) -> Iterator[Finding]:
    """Values of the manifest's attributes on whose items people agree less than on all other items."""
    differ = (between.kind != ErrorKind.RIGHT).astype(np.int64)
    for attribute, codes in zip(batch.slices, batch.facts.slices, strict=True):
        known = codes[between.item] >= 0
        value = codes[between.item][known]
        for s in worse_items(between.item[known], value, differ[known], len(attribute.values), limits):
            name = attribute.values[s.subject[0]]
            text = (
                f"Where {attribute.name} is {name}, people agree on {s.shown:.1%} of objects; elsewhere on "
                f"{s.expected:.1%} (over {s.observations:,} items)."
            )
            yield Finding("hard_slice", "major", f"{attribute.name}: {name}", text, _evidence(s))


def _copies_of_gold(
    batch: LocatedBatch, against: Outcomes, limits: Thresholds
) -> Iterator[tuple[int, Finding]]:
    """People whose objects are gold's to the last digit on nearly all items on which gold has objects."""
    people = len(batch.annotators)
    same, items = _identical(batch, against, against.second, people, of_gold=True)
    texts = batch.kind not in _BY_PLACE
    found = never_wrong(same, items, limits) if texts else same_answers(same, items, limits)
    for s in found:
        name = batch.annotators[s.subject[0]]
        digit = "pixel" if batch.kind == "masks" else "last digit"
        how = "marks the very same as gold" if texts else f"marks exactly what gold holds, to the {digit},"
        text = (
            f"{name} {how} on {s.shown:.1%} of {s.observations:,} items; {s.expected:.1%} would fit the others’ work: "
            "the objects may be a copy of gold, or gold a copy of them."
        )
        yield s.subject[0], Finding("copy_of_gold", "major", name, text, _evidence(s))


def _identical(
    batch: LocatedBatch, outcomes: Outcomes, subject: Ints, subjects: int, *, of_gold: bool
) -> tuple[Ints, Ints]:
    """Per subject: items on which all compared objects are identical, and items with objects (of gold, or of both)."""
    key = outcomes.item * subjects + subject
    codes, place = np.unique(key, return_inverse=True)
    exact = (outcomes.kind == ErrorKind.RIGHT) & (outcomes.overlap >= _EXACT)
    all_same = np.bincount(place, ~exact, len(codes)) == 0
    marked = np.bincount(place, outcomes.left >= 0, len(codes)) > 0
    if not of_gold:
        marked &= np.bincount(place, outcomes.right >= 0, len(codes)) > 0
    who = codes % subjects
    return (
        np.bincount(who[marked & all_same], minlength=subjects),
        np.bincount(who[marked], minlength=subjects),
    )


def _copies_of_people(
    batch: LocatedBatch, between: Outcomes, leaked: frozenset[int], limits: Thresholds
) -> Iterator[Finding]:
    """Pairs with the very same objects; of texts, where people often mark the same, with the same where others differ.

    Two people whose objects are gold's are no pair: that has been said.
    """
    people = len(batch.annotators)
    found: list[Suspect]
    if batch.kind in _BY_PLACE:
        low, high = np.minimum(between.first, between.second), np.maximum(between.first, between.second)
        pairs, code = np.unique(low * people + high, return_inverse=True)
        same, items = _identical(batch, between, code, len(pairs), of_gold=False)
        found = [
            replace(s, subject=divmod(int(pairs[s.subject[0]]), people))
            for s in same_answers(same, items, limits)
        ]
        words = "mark the very same objects, to the last digit, on {:.1%} of {:,} items; {:.0%} would fit"
    else:
        if people > _MOST_PEOPLE:
            return
        hashes = answer_hashes(batch.marks.objects, batch.by, batch.work)
        found = copies(answer_pairs(hashes, batch.work, people), limits)
        words = "mark the same on {:.1%} of {:,} items where people differ; {:.0%} would fit"
    for s in found:
        if leaked.issuperset(s.subject):
            continue
        a, b = sorted(batch.annotators[code] for code in s.subject)
        text = f"{a} and {b} {words.format(s.shown, s.observations, s.expected)} their work with others"
        text += ": one may copy the other."
        yield Finding("copy_of_person", "major", f"{a}, {b}", text, _evidence(s))


def _constant(batch: LocatedBatch, limits: Thresholds) -> Iterator[Finding]:
    """People who mark one and the same thing, or nothing, on nearly every item."""
    objects = batch.marks.objects
    for one in constant_answers(objects, batch.by, batch.work, len(batch.annotators), limits):
        s = one.suspect
        name = batch.annotators[s.subject[0]]
        what = "marks nothing"
        if one.example >= 0:
            label = batch.classes[int(objects.label[one.example])]
            what = f"marks “{label}” at the very same place ({_place(batch, one.example)})"
        text = (
            f"{name} {what} on {s.shown:.1%} of {s.observations:,} items; others do so on the same items in "
            f"{s.expected:.1%}."
        )
        yield Finding("near_constant", "major", name, text, _evidence(s))


def _place(batch: LocatedBatch, row: int) -> str:
    x, y, w, h = batch.marks.objects.box[row].tolist()
    if batch.kind == "spans":
        return f"characters {x:g} to {x + w:g}"
    return f"x {x:g}, y {y:g}, {w:g} by {h:g} px"


def _duplicates(batch: LocatedBatch, limits: Thresholds) -> Iterator[Finding]:
    """People who mark one object twice, more often than the others do."""
    marks, people = batch.marks, len(batch.annotators)

    def shapes(rows: Ints) -> Ints:
        numbers: dict[object, int] = {}
        return np.array(
            [numbers.setdefault(one, len(numbers)) for one in marks.shape[rows].tolist()], np.int64
        )

    again = repeated(marks.objects, batch.by, ~marks.crowd, shapes)
    every = np.bincount(batch.by, minlength=people)
    single = every - np.bincount(batch.by[again], minlength=people)
    for s in worse_share(single, every, limits):
        name = batch.annotators[s.subject[0]]
        count = int(every[s.subject[0]] - single[s.subject[0]])
        text = (
            f"{name} marks {count:,} of {s.observations:,} objects twice, in the same class and place; of the others’ "
            f"objects {1 - s.expected:.1%} are repeated."
        )
        yield Finding("duplicate_objects", "major", name, text, _evidence(s))


def _evidence(s: Suspect) -> dict[str, object]:
    return {
        "shown": rounded(s.shown),
        "expected": rounded(s.expected),
        "low": rounded(s.low),
        "high": rounded(s.high),
        "observations": s.observations,
        "p": rounded(s.p),
    }
