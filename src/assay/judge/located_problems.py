"""Which questions are asked of located outcomes: one problem for each kind of error, confusion and way of being off.

Most telling first: confusions of two classes and ways in which ends or edges are off are asked before the kinds of
error they belong to, and what one of them tells is not told again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assay.measure.clusters import evidence
from assay.measure.located_errors import ErrorKind
from assay.measure.located_patterns import (
    LEAST_CASES,
    LEAST_EFFECT,
    LEAST_ITEMS,
    Bools,
    Source,
    Trials,
    find_patterns,
)
from assay.measure.units import Ints

from .located_batch import LocatedBatch, Outcomes
from .located_ends import Details, edge_details, end_details
from .located_slices import IMAGES, slices_of
from .located_views import View, gold_views, pair_views
from .slice_words import Slice

_SURE = -math.log(0.05)
_MOST_DETAILS = 20
_BOXED = IMAGES - {"fields", "keypoints"}


@dataclass(frozen=True)
class Scope:
    """A view with its slices, as trials are taken from it."""

    view: View
    slices: tuple[Slice, ...]
    source: Source
    of_people: bool

    @staticmethod
    def of(view: View, slices: Sequence[Slice], batch: LocatedBatch, *, of_people: bool) -> Scope:
        """What one person leaves out of an object fails with everybody who marked it, so that too is alike."""
        alike: tuple[Ints, ...] = (view.unit,)
        if of_people:
            alike = (view.unit, view.unit * (len(view.people) + 1) + view.other)
        source = Source(view.item, alike, [one.trait for one in slices], batch.facts.number)
        return Scope(view, tuple(slices), source, of_people)

    def without_class(self) -> Scope:
        """The same for problems that are about classes."""
        slices = tuple(one for one in self.slices if one.role != "class")
        return replace(self, slices=slices, source=replace(self.source, traits=[one.trait for one in slices]))


@dataclass(frozen=True)
class Problem:
    """Trials of one view of which some failed. ``classes`` are two classes that are confused, ``detail`` a way of being
    off (see ``located_ends``). ``expected`` failures are what an even spread or the frequencies explain."""

    scope: Scope
    kind: str
    rows: Ints
    failed: Bools
    expected: float
    classes: tuple[int, int] | None = None
    detail: str | None = None

    @property
    def view(self) -> View:
        """The view whose rows are tried."""
        return self.scope.view

    @property
    def of_people(self) -> bool:
        """Whether people are compared with each other, and not with gold."""
        return self.scope.of_people


@dataclass(frozen=True)
class Told:
    """One finding: a problem, conditions (slice, low, high), the rows of its cases, all trials, what was expected.

    ``beside`` says that part of the problem was told before, so that this is the rest.
    """

    problem: Problem
    conditions: tuple[tuple[Slice, int, int], ...]
    cases: Ints
    trials: int
    expected: float
    beside: bool = False

    @property
    def evidence(self) -> float:
        """How far the cases exceed expectation, as a log-likelihood ratio: of their share of the trials under the
        conditions, of their number where there are none."""
        count, expected = len(self.cases), max(self.expected, 0.5)
        if not self.conditions or expected >= count:
            return evidence(count, expected)
        good, usual = self.trials - count, max(self.trials - expected, 0.5)
        return count * math.log(count / expected) + (good * math.log(good / usual) if good else 0.0)

    @property
    def rank(self) -> tuple[float, str, str, tuple[int, int], tuple[tuple[str, int, int], ...]]:
        """Sorts findings: by how far they exceed expectation, then by what they say."""
        where = tuple((one.name, low, high) for one, low, high in self.conditions)
        problem = self.problem
        amount = -round(self.evidence, 6)
        return amount, problem.kind, problem.detail or "", problem.classes or (-1, -1), where


def findings(batch: LocatedBatch, outcomes: Outcomes, *, of_people: bool) -> tuple[list[Told], int]:
    """What is to be told, most telling first, and the number of all errors (or of all differences between people)."""
    views = (pair_views if of_people else gold_views)(batch, outcomes)
    asked = [_asked(batch, view, of_people, number) for number, view in enumerate(views)]
    total = sum(int(wrong.sum()) for wrong, _ in asked)
    kinds = {kind for _, problems in asked for kind, *_ in problems}
    told: list[Told] = []
    problems = [
        list(
            _problems(
                batch,
                Scope.of(view, slices_of(view, batch), batch, of_people=of_people),
                some,
                total / len(kinds),
            )
        )
        for view, (_, some) in zip(views, asked, strict=True)
    ]
    tests = sum(map(len, problems))
    for view, some in zip(views, problems, strict=True):
        open_ = np.ones(len(view), bool)
        for problem in some:
            for one in _solved(problem, open_, tests):
                told.append(one)
                open_[one.cases] = False
    return sorted(told, key=lambda one: one.rank), total


_Kind = tuple[str, Bools, Bools]


def _asked(batch: LocatedBatch, view: View, of_people: bool, number: int) -> tuple[Bools, list[_Kind]]:
    """All errors of a view, and its kinds of error: name, trials, failures."""
    kind = view.kind
    every = np.ones(len(view), bool)
    if number == 1 and not of_people:
        kinds = [
            ("extra", every, kind == ErrorKind.EXTRA),
            ("merged", kind != ErrorKind.EXTRA, kind == ErrorKind.MERGED),
        ]
    elif number == 0 and of_people:
        kinds = [("alone", every, kind == ErrorKind.MISSED)]
    else:
        kinds = [] if of_people else [("missed", every, kind == ErrorKind.MISSED)]
        found = kind != ErrorKind.MISSED
        same = (kind == ErrorKind.RIGHT) | (kind == ErrorKind.LOOSE)
        if len(batch.classes) > 1:
            kinds.append(("wrong_class", found, kind == ErrorKind.WRONG_CLASS))
        if batch.kind == "spans":
            kinds.append(("ends", same, same & (view.overlap < 1 - 1e-9)))
        else:
            kinds.append(("loose", same, kind == ErrorKind.LOOSE))
        parts = (kind == ErrorKind.SPLIT) | (of_people & (kind == ErrorKind.MERGED))
        kinds.append(("parts" if of_people else "split", found, parts))
    return np.any([failed for *_, failed in kinds], axis=0), kinds


def _problems(batch: LocatedBatch, scope: Scope, kinds: Sequence[_Kind], even: float) -> Iterator[Problem]:
    view = scope.view
    for name, trials, failed in kinds:
        if failed.sum() < LEAST_CASES:
            continue
        rows, wrong = np.flatnonzero(trials), np.flatnonzero(failed)
        if name == "wrong_class":
            yield from _confusions(scope.without_class(), rows, failed[rows])
        elif name == "ends":
            yield from _details(scope, name, rows, wrong, end_details(view, wrong, mirrored=scope.of_people))
        elif name == "loose" and batch.kind in _BOXED and not scope.of_people:
            yield from _details(scope, name, rows, wrong, [edge_details(view, wrong)])
    for name, trials, failed in kinds:
        rows = np.flatnonzero(trials)
        yield Problem(scope, name, rows, failed[rows], even)


def _confusions(scope: Scope, rows: Ints, wrong: Bools) -> Iterator[Problem]:
    """Two classes, one given for the other, those that are confused most often first. What is expected of two classes
    is their share of all confusions if these fell on classes as often as they are used."""
    one, other = (scope.view.labels(side)[rows].astype(np.int32) for side in (0, 1))
    if scope.of_people:
        one, other = np.minimum(one, other), np.maximum(one, other)
    width = int(max(one.max(), other.max())) + 1
    code = one[wrong].astype(np.int64) * width + other[wrong]
    pairs, count = np.unique(code, return_counts=True)
    used = [np.bincount(side[side >= 0], minlength=width) / max(len(side), 1) for side in (one, other)]
    if scope.of_people:
        used = [(used[0] + used[1]) / 2] * 2
    apart = max(1 - float((used[0] * used[1]).sum()), 1e-9)
    order = np.lexsort((pairs, -count))[:_MOST_DETAILS]
    for pair, number in zip(pairs[order].tolist(), count[order].tolist(), strict=True):
        if number < LEAST_CASES:
            break
        a, b = divmod(pair, width)
        chance = float(used[0][a] * used[1][b]) * (2 if scope.of_people else 1) / apart
        here = one == a
        if scope.of_people:
            here |= (other == a) | (one == b) | (other == b)
        mine = np.flatnonzero(here)
        hit = wrong[mine] & (one[mine] == a) & (other[mine] == b)
        yield Problem(scope, "wrong_class", rows[mine], hit, chance * len(code), (a, b))


def _details(scope: Scope, name: str, rows: Ints, wrong: Ints, told: Sequence[Details]) -> Iterator[Problem]:
    """The ways in which ends or edges of the ``wrong`` rows are off, most frequent first; each is expected as often as
    any other."""
    place = np.full(len(scope.view), -1)
    place[rows] = np.arange(len(rows))
    counts = Counter(detail for details in told for detail in details if detail is not None)
    often = sorted((one for one in counts if counts[one] >= LEAST_CASES), key=lambda one: (-counts[one], one))
    even = sum(counts.values()) / (len(often) + 1)
    number = {detail: at for at, detail in enumerate(often)}
    codes = [np.array([number.get(one or "", -1) for one in details], np.int64) for details in told]
    for detail in often[:_MOST_DETAILS]:
        hit = np.zeros(len(rows), bool)
        for code in codes:
            hit[place[wrong[code == number[detail]]]] = True
        yield Problem(scope, name, rows, hit, even, None, detail)


def _solved(problem: Problem, open_: Bools, tests: int) -> Iterator[Told]:
    """Where the failures of a problem gather, and what is left of it if that is telling by itself."""
    if problem.failed.sum() < LEAST_CASES:
        return
    kept = open_[problem.rows]
    beside = bool((problem.failed & ~kept).any())
    trials = Trials(problem.rows[kept], problem.failed[kept], problem.scope.source)
    if trials.failed.sum() < LEAST_CASES:
        return
    patterns, rest = find_patterns(trials, tests=tests)
    for one in patterns:
        where = tuple((problem.scope.slices[part.trait], part.low, part.high) for part in one.conditions)
        yield Told(problem, where, one.cases, one.trials, one.expected)
    cases = rest.row[rest.failed]
    expected = problem.expected * len(rest) / max(len(problem.rows), 1)
    sure = evidence(len(cases), expected) >= _SURE + math.log(tests)
    telling = len(cases) >= max(LEAST_CASES, LEAST_EFFECT * len(rest)) and sure
    if telling and len(np.unique(problem.view.item[cases])) >= LEAST_ITEMS:
        yield Told(problem, (), cases, len(rest), expected, beside or bool(patterns))
