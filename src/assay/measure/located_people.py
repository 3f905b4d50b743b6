"""What each person's located objects say beside the others': errors on the same items, the very same answers.

An answer is what one person marked on one item, taken as a whole. Errors are counted per answer, because objects of one
item are alike: items, not objects, are the observations of every test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .candidates import Floats, Objects
from .comparisons import Work
from .copies import at_least
from .people import PairState, pair_state
from .spread import wilson
from .suspicion import Suspect, Thresholds, held, worse_mean
from .units import Ints, Votes, runs_of, units_of

Hashes = NDArray[np.uint64]

_PRIOR = 5
_LEAST_ITEMS = 8
_LEAST_DEVIATION = 1e-3
_CODES = 64
_NEARLY_ALL = 0.9
_NEVER = 0.05
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)


@dataclass(frozen=True)
class Answers:
    """Answers (N): item, person, objects that were judged in it and how many of them are errors; ``usual`` is the share
    of errors that others make on the same items."""

    item: Ints
    person: Ints
    size: Ints
    errors: Ints
    usual: Floats


def answers_beside(item: Ints, person: Ints, size: Ints, errors: Ints) -> Answers:
    """Answers beside those of the others on the same items; where there is no other, beside all others' answers.

    >>> one = answers_beside(*map(np.array, ([0, 0, 1], [0, 1, 0], [4, 4, 2], [1, 2, 0])))
    >>> one.usual.tolist()
    [0.5, 0.25, 0.5]
    """
    _, place = np.unique(item, return_inverse=True)
    people = int(person.max(initial=-1)) + 1
    rest_size, rest_errors = (
        np.bincount(place, part)[place] - part if len(part) else part for part in (size, errors)
    )
    apart_size, apart_errors = (
        (part.sum() - np.bincount(person, part, people)) if len(part) else part for part in (size, errors)
    )
    elsewhere = (apart_errors / np.maximum(apart_size, 1))[person] if len(person) else np.zeros(0)
    usual = np.where(rest_size > 0, rest_errors / np.maximum(rest_size, 1), elsewhere)
    return Answers(item, person, size, errors, np.asarray(usual, np.float64))


def pairs_beside(item: Ints, first: Ints, second: Ints, differ: Ints, people: int) -> Answers:
    """Comparisons of two people (N objects each), seen from both sides (2 N), beside those of others.

    Where an item has a third person, the others' comparisons with each other on that item are what is usual; where it
    has not, those of the other of the two with everybody else, and without these all that the person has no part in.
    Comparisons beside which there is nothing (two people alone) are left out: neither can be told from the other.
    """
    item, first, second, number, differ = _pooled(item, first, second, differ, people)
    items, size, wrong = (np.concatenate([part, part]) for part in (item, number, differ))
    person, other = np.concatenate([first, second]), np.concatenate([second, first])
    width = int(item.max(initial=0)) + 1
    answer = np.unique(items * people + person, return_inverse=True)[1]
    pair = person * people + other

    def shares(weight: Ints, half: Ints) -> list[Floats]:
        """Sums beside each row: on its item without the person, of the other with others, and without the person."""
        own, of_pair = np.bincount(answer, weight)[answer], np.bincount(pair, weight)[pair]
        of_person = np.bincount(person, weight, people)
        of_item = np.bincount(item, half, width)[items]
        return [of_item - own, of_person[other] - of_pair, of_person.sum() / 2 - of_person[person]]

    usual = np.zeros(len(items))
    known = np.zeros(len(items), bool)
    for whole, bad in zip(shares(size, number), shares(wrong, differ), strict=True):
        here = ~known & (whole > 0)
        usual[here] = bad[here] / whole[here]
        known |= here
    return Answers(items[known], person[known], size[known], wrong[known], usual[known])


def _pooled(
    item: Ints, first: Ints, second: Ints, differ: Ints, people: int
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """One row for the comparisons of two people on one item: item, both people, comparisons, and those that differ."""
    code, place = np.unique((item * people + first) * people + second, return_inverse=True)
    number = np.bincount(place, minlength=len(code))
    wrong = np.bincount(place, differ, len(code)).astype(np.int64)
    both = code // people
    return both // people, both % people, code % people, number, wrong


def worse_answers(answers: Answers, thresholds: Thresholds) -> list[Suspect]:
    """People whose answers hold more errors than others make on the same items.

    The difference is a ratio of sums over items; its deviation comes from how it varies between items.
    """
    if not len(answers.person):
        return []
    people = int(answers.person.max()) + 1
    code, place = np.unique(answers.item * people + answers.person, return_inverse=True)
    beyond = np.bincount(place, answers.errors - answers.size * answers.usual)
    size, errors = np.bincount(place, answers.size), np.bincount(place, answers.errors)
    usual = np.bincount(place, answers.size * answers.usual)
    person = code % people
    pooled = float((beyond**2).mean())
    tests = []
    for subject in np.unique(person).tolist():
        mine = person == subject
        count, whole = int(mine.sum()), float(size[mine].sum())
        if count < _LEAST_ITEMS or whole < thresholds.least or mine.all():
            continue
        gap = float(beyond[mine].sum()) / whole
        spread = float(((beyond[mine] - gap * size[mine]) ** 2).sum())
        variance = (spread + _PRIOR * pooled) / (count + _PRIOR) * count
        deviation = max(math.sqrt(variance) / whole, _LEAST_DEVIATION)
        shown, expected = 1 - float(errors[mine].sum()) / whole, 1 - float(usual[mine].sum()) / whole
        tests.append(worse_mean((subject,), shown, expected, deviation, count, thresholds.effect))
    return held(tests, thresholds)


def worse_items(item: Ints, group: Ints, errors: Ints, groups: int, thresholds: Thresholds) -> list[Suspect]:
    """Groups of items (slices) on which more of the comparisons are errors than on all other items.

    ``item``, ``group`` and ``errors`` (0 or 1) are given per comparison; an item lies in one group.
    """
    _, first, place = np.unique(item, return_index=True, return_inverse=True)
    size, bad = np.bincount(place), np.bincount(place, errors)
    of_item = group[first] if len(first) else group
    tests = []
    for subject in range(groups):
        mine = of_item == subject
        parts = [_rate(size[part], bad[part]) for part in (mine, ~mine)]
        if min(int(mine.sum()), int((~mine).sum())) < _LEAST_ITEMS or size[mine].sum() < thresholds.least:
            continue
        (rate, deviation), (elsewhere, spread) = parts
        gap = math.hypot(deviation, spread)
        tests.append(worse_mean((subject,), 1 - rate, 1 - elsewhere, gap, int(mine.sum()), thresholds.effect))
    return held(tests, thresholds)


def _rate(size: Ints, bad: Floats) -> tuple[float, float]:
    """Errors over comparisons, and the deviation of that ratio from how it varies between items."""
    whole, items = float(size.sum()), len(size)
    if items < 2:
        return 0.0, 1.0
    rate = float(bad.sum()) / whole
    spread = float(((bad - rate * size) ** 2).sum()) * items / (items - 1)
    return rate, max(math.sqrt(spread) / whole, _LEAST_DEVIATION)


def same_answers(same: Ints, items: Ints, thresholds: Thresholds) -> list[Suspect]:
    """Which subjects have the very same answers on nearly all items, or on most where others hardly ever have them.

    ``same`` and ``items`` are counts per subject; the others' share, with a margin, is what chance allows. Where that
    share is at most 5 %, ``copied_share`` of the items is enough.
    """
    tests = []
    for subject in np.flatnonzero(items >= max(thresholds.least_copied, 1)).tolist():
        mine, count = int(same[subject]), int(items[subject])
        rest, rest_same = int(items.sum()) - count, int(same.sum()) - mine
        usual = rest_same / rest if rest else 0.5
        if mine < (thresholds.copied_share if usual <= _NEVER else _NEARLY_ALL) * count:
            continue
        margin = math.sqrt(usual * (1 - usual) / rest) + thresholds.effect if rest else 0.0
        p = at_least(mine, count, min(usual + margin, 1.0))
        low, high = wilson(mine, count, 0.95)
        tests.append(Suspect((subject,), mine / count, usual, low - usual, high - usual, count, p))
    return held(tests, thresholds, family=len(items))


def object_hashes(objects: Objects) -> Hashes:
    """A number for the class and place of each object, whatever item it lies on."""
    columns = np.column_stack([objects.label.astype(np.float64), np.round(objects.box, 6) + 0.0])
    return mixed(np.ascontiguousarray(columns).view(np.uint64))


def mixed(columns: Hashes) -> Hashes:
    """Rows of 64-bit numbers to one number each (multiply and shift, as SplitMix64 does)."""
    total = np.zeros(len(columns), np.uint64)
    for number in range(columns.shape[1]):
        total = (total ^ columns[:, number]) * np.uint64(_MIX[number % len(_MIX)])
        total ^= total >> np.uint64(29)
    return total


def answer_hashes(objects: Objects, annotator: Ints, work: Work) -> Hashes:
    """A number for the whole answer of each row of work, in any order of objects."""
    people = int(max(annotator.max(initial=-1), work.annotator.max(initial=-1))) + 1
    rows = work.item * people + work.annotator
    place = np.searchsorted(rows, objects.item * people + annotator)
    total = np.zeros(len(work), np.uint64)
    np.add.at(total, place, object_hashes(objects))
    return total


def answer_pairs(hashes: Hashes, work: Work, people: int) -> PairState:
    """Pairs of people as votes for whole answers, for :func:`assay.measure.copies.copies`."""
    label = (mixed(hashes[:, None]) >> np.uint64(58)).astype(np.int32)
    votes = Votes(work.item, work.annotator.astype(np.int32), label)
    units = units_of(votes)
    runs = runs_of(units.of_vote, label, len(units), _CODES)
    return pair_state(votes, units, runs, annotators=people, classes=_CODES)
