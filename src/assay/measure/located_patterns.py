"""Where cases of one kind gather: conditions under which they are more frequent than elsewhere.

A problem is a number of trials of which some failed: gold objects that somebody should have marked and did not, marked
objects that gold does not have. Each trial has traits (class, person, slice, size). A pattern is up to three conditions
on traits under which far more trials fail than outside them. How sure that is, is the log-likelihood ratio of two rates
against one (Dunning 1993), divided by the design effect of trials of one item or object being alike, less the price
of having looked at so many conditions: twice the same finding under a narrower condition is told once, in the form that
says most. Nothing depends on the order of trials or on the codes of people.

Large problems are searched on whole items with the smallest hashes; what is found is counted on all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .units import Ints

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_CASES = 5
LEAST_ITEMS = 3
LEAST_LIFT = 1.25
LEAST_EFFECT = 0.03
MOST_CONDITIONS = 3
_SEARCHED = 50_000
_SURE = -math.log(0.05)
_WIDTH = 4
_LOOKED = 8


@dataclass(frozen=True)
class Trait:
    """A property of trials. ``code`` gives 0…values-1 for rows of trials, -1 where it is not known.

    Of an ``ordered`` trait "up to" and "from … on" are conditions as well.
    """

    name: str
    values: int
    code: Callable[[Ints], Ints]
    ordered: bool = False


@dataclass(frozen=True)
class Condition:
    """A trait of which the code lies in low…high-1."""

    trait: int
    low: int
    high: int


@dataclass(frozen=True)
class Pattern:
    """Conditions, the rows that failed under them, all trials under them, and the failures that were expected."""

    conditions: tuple[Condition, ...]
    cases: Ints
    trials: int
    expected: float


@dataclass(frozen=True)
class Source:
    """What is known of all rows from which trials are taken: item, traits, and a hash of each item.

    ``alike`` numbers what rows may have in common beside their item, such as the object they are about.
    """

    item: Ints
    alike: tuple[Ints, ...]
    traits: Sequence[Trait]
    hash: NDArray[np.uint64]


@dataclass(frozen=True)
class Trials:
    """Trials of one problem: rows of a source, and which of them failed."""

    row: Ints
    failed: Bools
    source: Source
    _codes: dict[int, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def item(self) -> Ints:
        """The item of each trial."""
        return self.source.item[self.row]

    def codes(self, trait: int) -> Ints:
        """The codes of a trait, made once."""
        if trait not in self._codes:
            self._codes[trait] = np.asarray(self.source.traits[trait].code(self.row), np.int64)
        return self._codes[trait]

    def under(self, conditions: Sequence[Condition]) -> Bools:
        """Which trials fulfil all conditions."""
        inside = np.ones(len(self), bool)
        for one in conditions:
            code = self.codes(one.trait)
            inside &= (code >= one.low) & (code < one.high)
        return inside

    def take(self, kept: Bools) -> Trials:
        """Some of the trials."""
        if kept.all():
            return self
        codes = {trait: code[kept] for trait, code in self._codes.items()}
        return Trials(self.row[kept], self.failed[kept], self.source, codes)

    def sampled(self) -> Trials:
        """About ``_SEARCHED`` of the trials at most: those of the items with the smallest hashes."""
        if len(self) <= _SEARCHED:
            return self
        bound = np.uint64(int(_SEARCHED / len(self) * 2.0**64))
        return self.take((self.source.hash < bound)[self.item])

    @cached_property
    def groups(self) -> tuple[tuple[Ints, Ints], ...]:
        """For items and for each way of being alike: each trial's group, numbered from 0, and how many each holds."""
        columns = (self.item, *(one[self.row] for one in self.source.alike))
        every = (np.unique(one, return_inverse=True, return_counts=True) for one in columns)
        return tuple((code, size) for _, code, size in every)


@dataclass(frozen=True)
class _Found:
    """A candidate with its counts, its certainty after prices, and the log-likelihood ratio before."""

    conditions: tuple[Condition, ...]
    failed: int
    trials: int
    certainty: float

    @property
    def rank(self) -> tuple[float, int, tuple[tuple[int, int, int], ...]]:
        parts = tuple((one.trait, one.low, one.high) for one in self.conditions)
        return -round(self.certainty, 9), len(parts), parts


def find_patterns(trials: Trials, *, most: int = 6, tests: int = 1) -> tuple[list[Pattern], Trials]:
    """The patterns of a problem, surest first, and the trials outside all of them.

    What lies in a pattern is taken away before the next is sought. ``tests`` is how many problems are searched.

    Ten items with ten trials each, of which those with an even number always fail and others never:

    >>> number = np.arange(100)
    >>> parity = Trait("parity", 2, lambda row: row % 2)
    >>> hashes = np.arange(10, dtype=np.uint64)
    >>> source = Source(number // 10, (), [parity], hashes)
    >>> (one,), rest = find_patterns(Trials(number, number % 2 == 0, source))
    >>> one.conditions, len(one.cases), one.trials, round(one.expected, 2), len(rest)
    ((Condition(trait=0, low=0, high=1),), 50, 50, 0.49, 50)
    """
    found: list[Pattern] = []
    sample = trials.sampled()
    while len(found) < most:
        best = _best(sample, math.log(tests))
        if best is None:
            break
        inside = trials.under(best.conditions)
        failed, size = trials.failed & inside, int(inside.sum())
        rate = (int(trials.failed.sum()) - int(failed.sum()) + 0.5) / (len(trials) - size + 1)
        found.append(Pattern(best.conditions, trials.row[failed], size, rate * size))
        whole = sample is trials
        trials = trials.take(~inside)
        sample = trials if whole else sample.take(~sample.under(best.conditions))
    return found, trials


def _best(trials: Trials, price: float) -> _Found | None:
    """The surest pattern, if any is sure at all."""
    if int(trials.failed.sum()) < LEAST_CASES or trials.failed.all():
        return None
    options = _Options.of(trials, ())
    several = int((options.size >= LEAST_CASES).sum())
    search = _Search(trials, math.log(max(several, 1)), price)
    level = search.among(options, None)
    best = level[:1]
    for _ in range(1, MOST_CONDITIONS):
        deeper = [
            child
            for parent in level[:_WIDTH]
            for child in search.among(_Options.of(trials, parent.conditions), parent)
        ]
        level = sorted({one.rank: one for one in deeper}.values(), key=lambda one: one.rank)
        best += level[:1]
    return min((one for one in best if one.certainty >= _SURE), key=lambda one: one.rank, default=None)


@dataclass(frozen=True)
class _Search:
    """What the patterns of a problem are compared with: all its trials, the price of a condition and of the problem."""

    trials: Trials
    looked: float
    price: float

    def among(self, options: _Options, parent: _Found | None) -> list[_Found]:
        """The surest of some options that have one condition more than the parent, by rank."""
        whole = _ratio(options, len(self.trials), int(self.trials.failed.sum()))
        inner = whole if parent is None else _ratio(options, parent.trials, parent.failed)
        found = []
        for n in np.lexsort((*options.key[::-1], -np.round(whole, 9)))[:_LOOKED].tolist():
            if whole[n] <= 0 or inner[n] <= 0:
                continue
            conditions = options.conditions(n, parent)
            members = self.trials.under(conditions)
            excess = _design_effect(self.trials, members)
            items = np.unique(self.trials.item[members & self.trials.failed])
            if len(items) < LEAST_ITEMS or (parent is not None and inner[n] / excess < self.looked):
                continue
            certainty = float(whole[n]) / excess - len(conditions) * self.looked - self.price
            found.append(_Found(conditions, int(options.failed[n]), int(options.size[n]), certainty))
        return sorted(found, key=lambda one: one.rank)


@dataclass(frozen=True)
class _Options:
    """Conditions on one trait each, beside others that are given: trials under all of them, and failures."""

    trait: Ints
    low: Ints
    high: Ints
    size: Ints
    failed: Ints

    @property
    def key(self) -> tuple[Ints, Ints, Ints]:
        """What tells equally good options apart."""
        return self.trait, self.low, self.high

    def conditions(self, n: int, parent: _Found | None) -> tuple[Condition, ...]:
        """The conditions of an option, in the order of traits."""
        one = Condition(int(self.trait[n]), int(self.low[n]), int(self.high[n]))
        return tuple(sorted((*(parent.conditions if parent else ()), one), key=lambda each: each.trait))

    @staticmethod
    def of(trials: Trials, given: tuple[Condition, ...]) -> _Options:
        """All conditions on further traits that hold of some of the trials; of given conditions, not of all."""
        inside = np.flatnonzero(trials.under(given))
        taken = {one.trait for one in given}
        every = [_of_trait(trials, n, inside) for n in range(len(trials.source.traits)) if n not in taken]
        columns = (
            [np.concatenate([one[at] for one in every]) for at in range(5)] if every else [inside[:0]] * 5
        )
        kept = columns[3] < len(inside) + (not given)
        return _Options(*(column[kept] for column in columns))


def _of_trait(trials: Trials, number: int, inside: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    trait = trials.source.traits[number]
    code, failed = trials.codes(number) + 1, trials.failed
    if len(inside) < len(trials):
        code, failed = code[inside], failed[inside]
    size, bad = (np.bincount(one, minlength=trait.values + 1)[1:] for one in (code, code[failed]))
    low = np.arange(trait.values)
    high = low + 1
    if trait.ordered:
        ends = np.arange(2, trait.values)
        low = np.concatenate([low, np.zeros(len(ends), np.int64), ends - 1])
        high = np.concatenate([high, ends, np.full(len(ends), trait.values)])
    total, total_bad = (np.concatenate([[0], np.cumsum(one)]) for one in (size, bad))
    some = total[high] > total[low]
    low, high = low[some], high[some]
    sizes, bads = total[high] - total[low], total_bad[high] - total_bad[low]
    return np.full(len(low), number), low, high, sizes, bads


def _ratio(options: _Options, trials: int, failed: int) -> Floats:
    """The log-likelihood ratio of two rates, under a condition and outside it, against one; 0 where the condition's
    rate stands out by too little."""
    rest, rest_failed = trials - options.size, failed - options.failed
    inside, outside = options.failed / np.maximum(options.size, 1), rest_failed / np.maximum(rest, 1)
    amount = (
        _fit(options.failed, options.size)
        + _fit(rest_failed, rest)
        - _fit(np.array(failed), np.array(trials))
    )
    clear = (inside >= outside + LEAST_EFFECT) & (inside >= LEAST_LIFT * outside) & (rest > 0)
    return np.asarray(np.where(clear & (options.failed >= LEAST_CASES), amount, 0.0), np.float64)


def _fit(failed: Ints, trials: Ints) -> Floats:
    """The log-likelihood of a share at its best fit."""
    parts = (failed, trials - failed)
    return np.asarray(sum(part * np.log(np.maximum(part, 1) / np.maximum(trials, 1)) for part in parts))


def _design_effect(trials: Trials, inside: Bools) -> float:
    """How much less trials under a condition say because those of one item, or of one object, are alike."""
    return max(_alike(code, size, trials.failed, inside) for code, size in trials.groups)


def _alike(code: Ints, size: Ints, failed: Bools, inside: Bools) -> float:
    """1 + (mean size - 1) times the correlation of failing within groups (Ridout et al. 1999, by moments) that is left
    beside the condition."""
    mine = np.bincount(code[inside], minlength=len(size)).astype(np.float64)
    bad = np.bincount(code[inside & failed], minlength=len(size)).astype(np.float64)
    every = np.bincount(code[failed], minlength=len(size)).astype(np.float64)
    beyond, spread = np.zeros(len(size)), np.zeros(len(size))
    for number, wrong in ((mine, bad), (size - mine, every - bad)):
        share = wrong.sum() / max(number.sum(), 1)
        beyond += wrong - number * share
        spread += number * share * (1 - share)
    pairs = float((spread * (size - 1)).sum())
    alike = float(np.clip((beyond**2 - spread).sum() / pairs, 0.0, 1.0)) if pairs > 0 else 0.0
    return 1 + alike * (float((mine**2).sum() / mine.sum()) - 1)
